// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The runner while its job runs. A second process, the keeper, is the job's parent; this one is what the user sees: it passes
 * signals on and the status back. Each of the two ends the job when the other dies, and the job's share in the ledger is
 * free when both are gone: so nothing is given away while a process of the job still lives.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "say.h"
#include "tree.h"

static void forward(pid_t keeper, int signo)
{
	sigqueue(keeper, XPM_SIGNAL_FORWARD, (union sigval){ .sival_int = signo });
}

/* A terminal's signals reach the job by themselves: it is in our process group. */
static int from_terminal(const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL;
}

static void handle(pid_t keeper, const struct signalfd_siginfo *info)
{
	int signo = (int)info->ssi_signo;

	if (signo == SIGCHLD || signo == SIGWINCH || signo == SIGPIPE)
		return;
	if (signo == XPM_SIGNAL_CANCEL) {
		kill(keeper, XPM_SIGNAL_CANCEL);
		return;
	}
	if (signo >= SIGRTMIN)
		return; /* hold and release are for waiting jobs */
	if (!from_terminal(info))
		forward(keeper, signo);
	if (signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU)
		raise(SIGSTOP);
}

/* The keeper has been killed: its children are ours now. */
static int take_over(struct xpm_run *run, int signo)
{
	int ignored = 0;

	xpm_say("job %u: its keeper was ended by signal %d; ending the job", run->slot->record.id, signo);
	xpm_tree_end(0, &ignored);
	if (!xpm_ledger_lock(run->ledger)) {
		struct xpm_record *record = &run->slot->record;

		record->state = XPM_STATE_DONE;
		record->end = XPM_END_FAILED;
		record->status = 128 + signo;
		record->ended = xpm_wall_s();
		if (!record->detached)
			xpm_slot_remove(run->ledger, run->slot);
		else
			xpm_slot_write(run->slot);
		xpm_ledger_unlock(run->ledger);
	}
	return 128 + signo;
}

int xpm_front_run(struct xpm_run *run)
{
	pid_t front = getpid(), keeper, pid;
	struct pollfd wait = { .fd = run->signals, .events = POLLIN };
	int status = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	keeper = fork();
	if (keeper < 0) {
		xpm_say("fork: %s", strerror(errno));
		xpm_slot_remove(run->ledger, run->slot);
		return XPM_EXIT_SYSTEM;
	}
	if (!keeper)
		_exit(xpm_keeper_run(run, front));
	for (;;) {
		struct signalfd_siginfo info;

		while ((pid = waitpid(-1, &status, WNOHANG)) > 0 && pid != keeper)
			;
		if (pid == keeper)
			break;
		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			break;
		while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
			handle(keeper, &info);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : take_over(run, WTERMSIG(status));
}
