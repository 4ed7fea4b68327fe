// SPDX-License-Identifier: GPL-2.0-or-later
/* Cores and memory, by hwloc or from what it said before. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices.h"
#include "say.h"
#include "tool.h"

static void add_core(struct xpm_machine *machine, const struct xpm_cpus *cpus)
{
	machine->cores = xpm_realloc(machine->cores, machine->cores_len + 1, sizeof(*machine->cores));
	machine->cores[machine->cores_len++].cpus = *cpus;
}

static void read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

/* hwloc may be told to describe another machine (tests do): then nothing is remembered and nothing bound. */
static int is_told(void)
{
	return getenv("HWLOC_SYNTHETIC") || getenv("HWLOC_XMLFILE") || getenv("HWLOC_FSROOT") ||
	       getenv("HWLOC_COMPONENTS");
}

/* MemTotal: what hwloc adds up from the NUMA nodes misses memory that was plugged in later. */
static uint64_t total_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}

/* The answer of topology.c. -1 when it is cut off or makes no sense. */
static int parse(const char *text, struct xpm_machine *machine)
{
	char *end;

	machine->cores_len = 0;
	machine->memory = strtoull(text, &end, 10);
	machine->bindable = (int)strtol(end, &end, 10);
	while (*end == '\n') {
		const char *line = end + 1;
		struct xpm_cpus cpus = { { 0 } };

		if (!strcmp(line, "end\n"))
			return machine->memory && machine->cores_len ? 0 : -1;
		if (xpm_cpus_parse(line, &cpus) || !xpm_cpus_count(&cpus))
			return -1;
		add_core(machine, &cpus);
		end = strchr(line, '\n');
		if (!end)
			return -1;
	}
	return -1;
}

/* Beside the folder of the srun for jobs. */
static char *ask_hwloc(void)
{
	const char *shim = getenv("XPM_SHIM_DIR");
	char *path = xpm_format("%s/../topology", shim && *shim ? shim : XPM_SHIM_DIR), *argv[] = { path, NULL };
	int status = 0;
	char *text = xpm_tool_run(argv, &status);

	if (!text)
		xpm_die(XPM_EXIT_SYSTEM, "%s: %s", path, strerror(errno));
	if (status)
		xpm_die(XPM_EXIT_SYSTEM, "%s: ended with status %d", path, status);
	free(path);
	return text;
}

static char *cache_key(void)
{
	char boot[64], online[512];

	read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	read_line("/sys/devices/system/cpu/online", online, sizeof(online));
	return *boot && *online ? xpm_format("xpm-topology 2 %s %s %llu\n", boot, online,
					     (unsigned long long)total_memory()) : NULL;
}

static char *cache_name(void)
{
	return xpm_format("topology-%u", (unsigned)geteuid());
}

static int read_cache(const struct xpm_ledger *ledger, const char *key, struct xpm_machine *machine)
{
	char *name = cache_name(), text[32768];
	int fd = openat(ledger->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t len = -1;

	free(name);
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
		len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len < 0)
		return -1;
	text[len] = '\0';
	return strncmp(text, key, strlen(key)) ? -1 : parse(text + strlen(key), machine);
}

/* By rename, so that nobody reads half of it. Without room for it everything works, only slower. */
static void write_cache(const struct xpm_ledger *ledger, const char *key, const char *answer)
{
	char *name = cache_name(), *temporary = xpm_format("%s.%ld", name, (long)getpid());
	char *text = xpm_format("%s%s", key, answer);
	int fd = openat(ledger->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd >= 0) {
		int bad = write(fd, text, strlen(text)) != (ssize_t)strlen(text);

		if (close(fd) || bad || renameat(ledger->dir, temporary, ledger->dir, name))
			unlinkat(ledger->dir, temporary, 0);
	}
	free(text);
	free(temporary);
	free(name);
}

/* Only what this process may run on: a container or taskset may leave less than the machine has. */
static void keep_allowed(struct xpm_machine *machine)
{
	struct xpm_cpus mine;
	size_t kept = 0;

	if (!machine->bindable || xpm_cpus_affinity(&mine) < 0)
		return;
	for (size_t i = 0; i < machine->cores_len; i++) {
		struct xpm_cpus *cpus = &machine->cores[i].cpus;

		if (!xpm_cpus_overlap(cpus, &mine))
			continue;
		for (size_t w = 0; w < XPM_CPUS_MAX / 64; w++)
			cpus->word[w] &= mine.word[w];
		machine->cores[kept++] = machine->cores[i];
	}
	if (kept)
		machine->cores_len = kept;
}

void xpm_machine_load(const struct xpm_ledger *ledger, struct xpm_machine *machine)
{
	char *key = is_told() ? NULL : cache_key();

	memset(machine, 0, sizeof(*machine));
	if (!key || read_cache(ledger, key, machine)) {
		char *answer = ask_hwloc();

		if (parse(answer, machine))
			xpm_die(XPM_EXIT_SYSTEM, "hwloc knows no cores of this machine");
		if (key && machine->bindable)
			write_cache(ledger, key, answer);
		free(answer);
	}
	free(key);
	if (machine->bindable && machine->memory < total_memory())
		machine->memory = total_memory();
	keep_allowed(machine);
}
