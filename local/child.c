// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the keeper to the job itself. The new process borrows the keeper's memory until its exec, and the keeper stands still
 * meanwhile: a fork would copy page by page what is thrown away at once, which was half the cost of a short job.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

#define STACK_SIZE (256 << 10) /* execvp() puts PATH and the name on it */

extern char **environ;

static int put_file(int fd, int as)
{
	return fd < 0 || dup2(fd, as) == as ? 0 : -1;
}

struct child {
	const struct xpm_run *run;
	const struct xpm_limits *limits;
	char *why;
	size_t size;
	int group_failed;
};

static int fail(struct child *child, const char *what)
{
	snprintf(child->why, child->size, "%s: %s", what, strerror(errno));
	return XPM_EXIT_SYSTEM;
}

/* In the new process. Descriptors, signals, folder are its own; memory is the keeper's. */
static int become(void *arg)
{
	struct child *child = arg;
	const struct xpm_run *run = child->run;
	const struct xpm_record *record = &run->slot->record;

	child->group_failed = xpm_limits_join(child->limits) != 0;
	/* the last resort, if runner and keeper are killed in the same moment */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* several threads of a core may not be ours to use, none is a mistake */
	if (run->machine->bindable && xpm_cpus_bind(&record->cpus))
		return fail(child, "the cores cannot be bound");
	if (chdir(run->work_dir))
		return fail(child, run->work_dir);
	if (put_file(run->in, STDIN_FILENO) || put_file(run->out, STDOUT_FILENO) || put_file(run->err, STDERR_FILENO))
		return fail(child, "standard files");
	xpm_signals_default();
	execvp(run->argv[0], run->argv);
	return fail(child, run->argv[0]);
}

pid_t xpm_child_start(const struct xpm_run *run, struct xpm_limits *limits, char **env, char *why, size_t size)
{
	struct child child = { .run = run, .limits = limits, .why = why, .size = size };
	char **ours = environ;
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid = -1;

	*why = '\0';
	if (stack != MAP_FAILED) {
		environ = env; /* execvp() looks for the command on the job's PATH */
		pid = clone(become, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
		environ = ours;
	}
	if (pid < 0)
		fail(&child, "no process");
	if (stack != MAP_FAILED)
		munmap(stack, STACK_SIZE);
	if (child.group_failed)
		xpm_limits_give_up(limits);
	return pid;
}
