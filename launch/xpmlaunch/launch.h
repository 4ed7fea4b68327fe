/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMLAUNCH_LAUNCH_H
#define XPMLAUNCH_LAUNCH_H

#include <stdint.h>
#include <xpmatch/error.h>
#include <xpmatch/launcher.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Start jobs: launchers of <xpmatch/launcher.h> put to work. libxpmlaunch is a library of its own, since libxpmatch lives
 * in slurmctld and starts nothing.
 *
 * These calls start a process (posix_spawn) with the caller's environment, folder, and open files that are not
 * close-on-exec, and wait for it. No global state: threads may call them at the same time, also with the same launcher.
 * The caller's SIGCHLD must not be ignored, nor may a handler of its own reap all children: else the end of the process
 * cannot be seen, which is XPM_ERR_LAUNCH. Signals are not blocked or passed on.
 */

/* What to run. All of it borrowed for the call. */
struct xpm_job_command {
	const char *const *argv;     /* NULL-terminated: a script and its arguments, or a command's words */
	int is_command;              /* 0: argv[0] is a script file, with its #SBATCH lines; 1: a command, as behind --wrap */
	const char *const *options;  /* NULL-terminated further words for sbatch or xpm-local ("--output=x"); NULL = none */
	const char *launchers;       /* for xpm-local: the launchers.yaml the launcher came from; NULL = where it looks itself */
};

#define XPM_JOB_CLUSTER_MAX 64

struct xpm_job_id {
	uint64_t id;
	char cluster[XPM_JOB_CLUSTER_MAX]; /* where Slurm names one; else empty */
};

/*
 * Hand the job over, and return as soon as it has an id: sbatch --parsable for a slurm launcher (from the launcher's
 * `path`, else by PATH), xpm-local --detach for a local one (by PATH).
 *
 * Returns XPM_OK with *job filled. XPM_ERR_VALUE when an argument makes no sense; XPM_ERR_LAUNCH when the command cannot
 * be started, refuses, or answers without an id: its own last words are in the text; XPM_ERR_MEMORY. *job is left alone on
 * failure. When the command was killed in between, a job may be there all the same.
 */
enum xpm_code xpm_launcher_submit(const struct xpm_launcher *launcher, const struct xpm_job_command *command,
				  struct xpm_job_id *job, struct xpm_error *err);

/*
 * Run the job through xpm-local with the caller's own input and output, and wait for its end. Local launchers only;
 * XPM_ERR_VALUE for others.
 *
 * *status  the exit status of xpm-local, which is the job's own, or 128+n when signal n ended it; see xpm-local(1)
 */
enum xpm_code xpm_launcher_run(const struct xpm_launcher *launcher, const struct xpm_job_command *command, int *status,
			       struct xpm_error *err);

/*
 * The words that the two calls execute, the command's name first; wait says which of them: 0 submit, 1 run. To free with
 * free(), one block. NULL with XPM_ERR_VALUE or XPM_ERR_MEMORY.
 */
char **xpm_launcher_command(const struct xpm_launcher *launcher, const struct xpm_job_command *command, int wait,
			    struct xpm_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
