// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "say.h"
#include "tree.h"

static int write_file(const char *folder, const char *name, const char *text)
{
	char *path = xpm_format("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	free(path);
	return n < 0 ? -1 : 0;
}

static char *read_file(const char *folder, const char *name)
{
	char *path = xpm_format("%s/%s", folder, name), *text = xpm_alloc(4096);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, 4095) < 0)
		*text = '\0';
	if (fd >= 0)
		close(fd);
	free(path);
	return text;
}

static int has_word(const char *folder, const char *name, const char *word)
{
	char *text = read_file(folder, name), *rest = text, *item;
	int found = 0;

	while ((item = strsep(&rest, " \n")))
		found |= !strcmp(item, word);
	free(text);
	return found;
}

/*
 * Groups that hold processes cannot give controllers to children, so our own is rarely the one; a parent that systemd gave
 * to the user (app.slice of a user session) is.
 */
char *xpm_limits_find(const char *root, const char *own)
{
	char *folder = xpm_format("%s%s", root, own);

	for (;;) {
		size_t len = strlen(folder);

		while (len > strlen(root) && folder[len - 1] == '/')
			folder[--len] = '\0';
		if (!access(folder, W_OK) && has_word(folder, "cgroup.subtree_control", "memory"))
			return folder;
		if (len <= strlen(root))
			break;
		*strrchr(folder, '/') = '\0';
	}
	free(folder);
	return NULL;
}

/* Where cgroup v2 is mounted; on machines with both versions not at /sys/fs/cgroup itself. */
static char *find_mount(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], point[2048], type[64];
	char *found = NULL;

	while (mounts && !found && fgets(line, sizeof(line), mounts)) {
		const char *dash = strstr(line, " - ");

		if (dash && sscanf(line, "%*d %*d %*s %*s %2047s", point) == 1 &&
		    sscanf(dash, " - %63s", type) == 1 && !strcmp(type, "cgroup2"))
			found = xpm_strdup(point);
	}
	if (mounts)
		fclose(mounts);
	return found;
}

static char *find_own(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];
	char *own = NULL;

	while (file && !own && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "0::", 3))
			own = xpm_strdup(line + 3);
	}
	if (file)
		fclose(file);
	return own;
}

static int make_group(struct xpm_limits *limits, const char *parent, uint32_t id)
{
	char text[32];

	limits->cgroup = xpm_format("%s/xpm-local-%u-%u-%ld", parent, (unsigned)geteuid(), id, (long)getpid());
	if (mkdir(limits->cgroup, 0755)) {
		free(limits->cgroup);
		limits->cgroup = NULL;
		return -1;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)limits->memory);
	if (write_file(limits->cgroup, "memory.max", text)) {
		xpm_limits_give_up(limits);
		return -1;
	}
	/* no way out by swapping, and no half of a job that lives on; both may be missing */
	write_file(limits->cgroup, "memory.swap.max", "0");
	write_file(limits->cgroup, "memory.oom.group", "1");
	return 0;
}

void xpm_limits_open(struct xpm_limits *limits, uint64_t memory, uint32_t id)
{
	char *root, *own, *parent;

	memset(limits, 0, sizeof(*limits));
	limits->memory = memory;
	if (!memory)
		return;
	root = find_mount();
	own = find_own();
	parent = root && own ? xpm_limits_find(root, own) : NULL;
	if (parent)
		make_group(limits, parent, id);
	free(parent);
	free(own);
	free(root);
}

int xpm_limits_join(const struct xpm_limits *limits)
{
	return limits->cgroup ? write_file(limits->cgroup, "cgroup.procs", "0") : 0;
}

void xpm_limits_give_up(struct xpm_limits *limits)
{
	if (limits->cgroup)
		rmdir(limits->cgroup);
	free(limits->cgroup);
	limits->cgroup = NULL;
}

const char *xpm_limits_name(const struct xpm_limits *limits)
{
	return !limits->memory ? "" : limits->cgroup ? "cgroup" : "watching";
}

int xpm_limits_exceeded(const struct xpm_limits *limits)
{
	char *events;
	const char *line;
	int kills;

	if (!limits->memory)
		return 0;
	if (!limits->cgroup)
		return xpm_tree_memory(limits->memory) > limits->memory;
	events = read_file(limits->cgroup, "memory.events");
	line = strstr(events, "oom_kill ");
	kills = line ? atoi(line + 9) : 0;
	free(events);
	return kills > 0;
}

void xpm_limits_close(struct xpm_limits *limits)
{
	if (!limits->cgroup)
		return;
	write_file(limits->cgroup, "cgroup.kill", "1");
	/* the last process may still be on its way out */
	for (int i = 0; i < 100 && rmdir(limits->cgroup) && errno == EBUSY; i++)
		usleep(10000);
	free(limits->cgroup);
	limits->cgroup = NULL;
}
