// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "run.h"
#include "say.h"

static const int HANDLED[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU,
			       SIGCONT, SIGWINCH, SIGXCPU, SIGPIPE };
static sigset_t before;

int xpm_signals_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(HANDLED) / sizeof(HANDLED[0]); i++) {
		struct sigaction action;

		if (!sigaction(HANDLED[i], NULL, &action) && action.sa_handler == SIG_IGN)
			continue;
		sigaddset(&set, HANDLED[i]);
	}
	sigaddset(&set, SIGCHLD);
	for (int i = 0; i < 4; i++)
		sigaddset(&set, SIGRTMIN + i);
	sigprocmask(SIG_BLOCK, &set, &before);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		xpm_die(XPM_EXIT_SYSTEM, "signalfd: %s", strerror(errno));
	return fd;
}

void xpm_signals_default(void)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}
