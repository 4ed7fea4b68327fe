/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_RUN_H
#define XPM_LOCAL_RUN_H

#include "capacity.h"
#include "ledger.h"
#include "limits.h"
#include "options.h"

/* Signals that --cancel, --hold and --release send to a runner, and a runner to its keeper. */
#define XPM_SIGNAL_CANCEL  (SIGRTMIN + 0)
#define XPM_SIGNAL_HOLD    (SIGRTMIN + 1)
#define XPM_SIGNAL_RELEASE (SIGRTMIN + 2)
#define XPM_SIGNAL_FORWARD (SIGRTMIN + 3) /* the value is the signal to give to the job */

/* All that is known about the job this process runs. */
struct xpm_run {
	const struct xpm_options *options;
	const struct xpm_script *script; /* NULL for a command */
	struct xpm_ledger *ledger;
	struct xpm_slot *slot;
	struct xpm_machine *machine;
	const struct xpm_capacity *capacity;
	char **argv;        /* what to execute */
	char *submit_dir;
	char *work_dir;
	int in, out, err;   /* files to be the job's 0, 1, 2; -1 = the runner's own */
	int signals;        /* signalfd of the runner; its signals are blocked */
};

/* Block what a runner handles and make the signalfd. What was ignored (nohup, a shell's background) stays ignored. */
int xpm_signals_open(void);
void xpm_signals_default(void); /* in the job's process: as they were */

/* Wait for the job's turn and take what it needs. 0, or the status to exit with (the record is gone then). */
int xpm_turn_wait(struct xpm_run *run, int *status);

/* In the runner: fork the keeper, pass signals on, and return the exit status. */
int xpm_front_run(struct xpm_run *run);

/* In the keeper: run the job to its end. Returns the exit status. */
int xpm_keeper_run(struct xpm_run *run, pid_t front);

/*
 * Start the job with this environment and return when it executes. Its process id, or -1. After a failure why is not empty, and
 * a process there is has ended. A group that would not take it is given up.
 */
pid_t xpm_child_start(const struct xpm_run *run, struct xpm_limits *limits, char **env, char *why, size_t size);

/* The job's environment, to free as one. */
char **xpm_environ_build(const struct xpm_run *run);

/* Names of output files: %j %x %u %N and the rest of sbatch's. */
char *xpm_names_expand(const char *pattern, const struct xpm_record *record);
const char *xpm_host_name(void);  /* up to the first dot, as Slurm's %N */
const char *xpm_user_name(uid_t uid);

#endif
