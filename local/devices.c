// SPDX-License-Identifier: GPL-2.0-or-later
/* Cores and memory, by hwloc or from what it said before. */
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices.h"
#include "say.h"

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

static void ask_hwloc(struct xpm_machine *machine)
{
	hwloc_topology_t topology;
	hwloc_obj_t core = NULL;
	int type = HWLOC_OBJ_CORE;

	if (hwloc_topology_init(&topology))
		xpm_die(XPM_EXIT_SYSTEM, "hwloc: %s", strerror(errno));
	hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
	hwloc_topology_set_type_filter(topology, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
	if (hwloc_topology_load(topology))
		xpm_die(XPM_EXIT_SYSTEM, "hwloc cannot read the topology of this machine: %s", strerror(errno));
	machine->bindable = hwloc_topology_is_thissystem(topology);
	machine->memory = hwloc_get_root_obj(topology)->total_memory;
	if (machine->bindable && machine->memory < total_memory())
		machine->memory = total_memory();
	if (hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE) <= 0)
		type = HWLOC_OBJ_PU; /* some virtual machines tell of no cores */
	while ((core = hwloc_get_next_obj_by_type(topology, (hwloc_obj_type_t)type, core))) {
		struct xpm_cpus cpus = { { 0 } };
		unsigned cpu;

		hwloc_bitmap_foreach_begin(cpu, core->cpuset)
			xpm_cpus_add(&cpus, cpu);
		hwloc_bitmap_foreach_end();
		add_core(machine, &cpus);
	}
	hwloc_topology_destroy(topology);
}

static char *cache_key(void)
{
	char boot[64], online[512];

	read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	read_line("/sys/devices/system/cpu/online", online, sizeof(online));
	return *boot && *online ? xpm_format("xpm-topology 1 %s %s %llu\n", boot, online,
					     (unsigned long long)total_memory()) : NULL;
}

static char *cache_name(void)
{
	return xpm_format("topology-%u", (unsigned)geteuid());
}

static int read_cache(const struct xpm_ledger *ledger, const char *key, struct xpm_machine *machine)
{
	char *name = cache_name(), line[2048];
	int fd = openat(ledger->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	FILE *file = NULL;
	struct stat st;
	struct xpm_cpus cpus;
	int good = 0;

	free(name);
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
		file = fdopen(fd, "re");
	if (!file) {
		close(fd);
		return -1;
	}
	if (fgets(line, sizeof(line), file) && !strcmp(line, key) && fgets(line, sizeof(line), file)) {
		machine->memory = strtoull(line, NULL, 10);
		while (!good && fgets(line, sizeof(line), file)) {
			if (!strcmp(line, "end\n"))
				good = machine->memory && machine->cores_len;
			else if (xpm_cpus_parse(line, &cpus) || !xpm_cpus_count(&cpus))
				break;
			else
				add_core(machine, &cpus);
		}
	}
	fclose(file);
	machine->bindable = 1;
	if (!good)
		machine->cores_len = 0;
	return good ? 0 : -1;
}

/* By rename, so that nobody reads half of it. Without room for it everything works, only slower. */
static void write_cache(const struct xpm_ledger *ledger, const char *key, const struct xpm_machine *machine)
{
	char *name = cache_name(), *temporary = xpm_format("%s.%ld", name, (long)getpid());
	int fd = openat(ledger->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "we");

	if (file) {
		int bad;

		fprintf(file, "%s%llu\n", key, (unsigned long long)machine->memory);
		for (size_t i = 0; i < machine->cores_len; i++) {
			char cpus[1024];

			xpm_cpus_print(&machine->cores[i].cpus, cpus, sizeof(cpus));
			fprintf(file, "%s\n", cpus);
		}
		fputs("end\n", file);
		bad = ferror(file);
		if (fclose(file) || bad || renameat(ledger->dir, temporary, ledger->dir, name))
			unlinkat(ledger->dir, temporary, 0);
	}
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
		ask_hwloc(machine);
		if (key && machine->bindable)
			write_cache(ledger, key, machine);
	}
	free(key);
	keep_allowed(machine);
}
