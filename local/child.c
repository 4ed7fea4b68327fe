// SPDX-License-Identifier: GPL-2.0-or-later
/* From a fork of the keeper to the job itself. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

extern char **environ;

static int put_file(int fd, int as)
{
	return fd < 0 || dup2(fd, as) == as ? 0 : -1;
}

void xpm_child_become(const struct xpm_run *run, char *const *env, char *why, size_t size)
{
	const struct xpm_record *record = &run->slot->record;

	/* the last resort, if runner and keeper are killed in the same moment */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* several threads of a core may not be ours to use, none is a mistake */
	if (run->machine->bindable && xpm_cpus_bind(&record->cpus)) {
		snprintf(why, size, "the cores cannot be bound: %s", strerror(errno));
		return;
	}
	if (chdir(run->work_dir)) {
		snprintf(why, size, "%s: %s", run->work_dir, strerror(errno));
		return;
	}
	if (put_file(run->in, STDIN_FILENO) || put_file(run->out, STDOUT_FILENO) || put_file(run->err, STDERR_FILENO)) {
		snprintf(why, size, "standard files: %s", strerror(errno));
		return;
	}
	xpm_signals_default();
	environ = (char **)(uintptr_t)env;
	execvp(run->argv[0], run->argv);
	snprintf(why, size, "%s: %s", run->argv[0], strerror(errno));
}
