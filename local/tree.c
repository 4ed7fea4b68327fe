// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"
#include "tree.h"

/* Field 4 of /proc/PID/stat; the name before it may hold anything, blanks and parentheses too. */
static pid_t parent_of(pid_t pid)
{
	char path[64], text[512], *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && strlen(end) > 4 ? (pid_t)atol(end + 4) : -1;
}

static void add(struct xpm_process **list, size_t *len, pid_t pid, pid_t parent)
{
	if ((*len & (*len - 1)) == 0)
		*list = xpm_realloc(*list, *len ? 2 * *len : 1, sizeof(**list));
	(*list)[(*len)++] = (struct xpm_process){ pid, parent };
}

/* Children of all threads of a process, as the kernel lists them (CONFIG_PROC_CHILDREN). */
static int add_children(pid_t pid, struct xpm_process **list, size_t *len)
{
	char path[64];
	DIR *tasks;
	struct dirent *task;
	int seen = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return 0;
	while ((task = readdir(tasks))) {
		char name[300];
		FILE *file;
		int child;

		if (task->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/children", task->d_name);
		int fd = openat(dirfd(tasks), name, O_RDONLY | O_CLOEXEC);

		file = fd < 0 ? NULL : fdopen(fd, "r");
		if (!file)
			continue;
		seen = 1;
		while (fscanf(file, "%d", &child) == 1)
			add(list, len, (pid_t)child, pid);
		fclose(file);
	}
	closedir(tasks);
	return seen;
}

/* Without such lists: everybody's parent, again and again until nobody new belongs to us. */
static void scan_all(pid_t root, struct xpm_process **list, size_t *len)
{
	struct xpm_process *all = NULL;
	size_t count = 0, before;
	DIR *proc = opendir("/proc");
	struct dirent *item;

	while (proc && (item = readdir(proc)))
		if (item->d_name[0] >= '1' && item->d_name[0] <= '9') {
			pid_t pid = (pid_t)atol(item->d_name);

			add(&all, &count, pid, parent_of(pid));
		}
	if (proc)
		closedir(proc);
	do {
		before = *len;
		for (size_t i = 0; i < count; i++) {
			int ours = all[i].parent == root;

			for (size_t k = 0; k < *len && !ours; k++)
				ours = (*list)[k].pid == all[i].parent;
			if (!ours || all[i].pid == 0)
				continue;
			add(list, len, all[i].pid, all[i].parent);
			all[i].pid = all[i].parent = 0;
		}
	} while (*len != before);
	free(all);
}

struct xpm_process *xpm_tree_list(pid_t root, size_t *len)
{
	struct xpm_process *list = NULL;

	*len = 0;
	if (!add_children(root, &list, len)) {
		scan_all(root, &list, len);
	} else {
		for (size_t i = 0; i < *len; i++)
			add_children(list[i].pid, &list, len);
	}
	return list;
}

static int signal_one(const struct xpm_process *process, int signo)
{
	int fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	pid_t parent;
	int done = -1;

	if (fd < 0)
		return errno == ENOSYS ? kill(process->pid, signo) : -1;
	/* the descriptor stands for whoever has the number now: is that still one of ours? */
	parent = parent_of(process->pid);
	if (parent == process->parent || parent == getpid())
		done = (int)syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
	close(fd);
	return done;
}

void xpm_tree_signal(int signo)
{
	size_t len;
	struct xpm_process *list = xpm_tree_list(getpid(), &len);

	for (size_t i = 0; i < len; i++)
		signal_one(&list[i], signo);
	free(list);
}

void xpm_tree_end(pid_t main_child, int *status)
{
	struct timespec pause = { .tv_nsec = 500000 };
	int64_t begin = xpm_now_ms();
	int told = 0;

	for (;;) {
		int fate;
		pid_t pid;

		while ((pid = waitpid(-1, &fate, WNOHANG)) > 0)
			if (pid == main_child)
				*status = fate;
		if (pid < 0 && errno == ECHILD)
			return;
		xpm_tree_signal(SIGKILL);
		if (!told && xpm_now_ms() - begin > 10000) {
			size_t len;
			struct xpm_process *list = xpm_tree_list(getpid(), &len);

			if (len)
				xpm_say("process %d of the job does not end; its resources stay taken until it does",
					(int)list[0].pid);
			free(list);
			told = 1;
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < (told ? 500000000 : 20000000))
			pause.tv_nsec *= 2;
	}
}

/* A line "Name:   123 kB" of a file in /proc/PID, in bytes. */
static uint64_t field_kb(pid_t pid, const char *name, const char *field)
{
	char path[64], line[256];
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, strlen(field))) {
			value = strtoull(line + strlen(field), NULL, 10) << 10;
			break;
		}
	fclose(file);
	return value;
}

uint64_t xpm_tree_memory(uint64_t limit)
{
	size_t len;
	struct xpm_process *list = xpm_tree_list(getpid(), &len);
	uint64_t resident = 0, exact = 0;

	for (size_t i = 0; i < len; i++)
		resident += field_kb(list[i].pid, "status", "VmRSS:");
	/* pages that several processes share are in each one's VmRSS: forked children look larger than they are */
	for (size_t i = 0; i < len && resident > limit; i++) {
		uint64_t share = field_kb(list[i].pid, "smaps_rollup", "Pss:");

		exact += share ? share : field_kb(list[i].pid, "status", "VmRSS:");
	}
	free(list);
	return resident > limit ? exact : resident;
}
