// SPDX-License-Identifier: GPL-2.0-or-later
/* The job's parent: starts it, holds it to its limits, and ends all of it. See front.c for why there are two processes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xpmatch/units.h>

#include "limits.h"
#include "run.h"
#include "say.h"
#include "tree.h"

#define KILL_WAIT_S 30

struct keeper {
	struct xpm_run *run;
	struct xpm_limits limits;
	pid_t front;
	int front_fd;          /* pidfd */
	int watch;             /* inotify of our own record */
	pid_t job;
	int status;            /* of waitpid() */
	int ended, orphaned;
	enum xpm_end end;
	int64_t time_out, kill_at, look_at; /* ms; 0 = not set */
	int64_t direct[32];    /* when a signal came straight to us: the whole group got it */
};

/* Slurm's KillWait, for those whose jobs need longer to save themselves */
static int64_t kill_wait_ms(void)
{
	const char *text = getenv("XPM_KILL_WAIT");
	uint64_t s = KILL_WAIT_S;

	if (text && xpm_number(text, 3600, &s))
		s = KILL_WAIT_S;
	return (int64_t)s * 1000;
}

static void end_gently(struct keeper *k, enum xpm_end end)
{
	if (k->end)
		return;
	k->end = end;
	xpm_tree_signal(SIGTERM);
	xpm_tree_signal(SIGCONT);
	k->kill_at = xpm_now_ms() + kill_wait_ms();
}

/* Start the job; -1 after telling why it could not be. */
static int start(struct keeper *k)
{
	char **env = xpm_environ_build(k->run), why[512];

	k->job = xpm_child_start(k->run, &k->limits, env, why, sizeof(why));
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	free(env);
	if (!*why)
		return 0;
	xpm_say("cannot start the job: %s", why);
	while (k->job > 0 && waitpid(k->job, &k->status, 0) < 0 && errno == EINTR)
		;
	return -1;
}

static void reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == k->job) {
			k->status = status;
			k->ended = 1;
		}
}

static void pass_on(struct keeper *k, int signo)
{
	/* a signal to the whole process group has reached the job already */
	if (signo > 0 && signo < 32 && k->direct[signo] && xpm_now_ms() - k->direct[signo] < 200)
		return;
	xpm_tree_signal(signo == SIGTTIN || signo == SIGTTOU ? SIGTSTP : signo);
}

static void handle(struct keeper *k, const struct signalfd_siginfo *info)
{
	int signo = (int)info->ssi_signo;

	if (signo == SIGCHLD)
		return;
	if (signo == XPM_SIGNAL_FORWARD && (pid_t)info->ssi_pid == k->front) {
		pass_on(k, info->ssi_int);
	} else if (signo == XPM_SIGNAL_CANCEL) {
		xpm_say("job %u: cancelled", k->run->slot->record.id);
		end_gently(k, XPM_END_CANCEL);
	} else if (signo < 32 && info->ssi_code == SI_USER) {
		k->direct[signo] = xpm_now_ms();
	}
}

static void check_limits(struct keeper *k, int64_t now)
{
	const struct xpm_record *record = &k->run->slot->record;
	char text[XPM_SIZE_TEXT];

	if (k->time_out && now >= k->time_out && !k->end) {
		k->time_out = 0;
		xpm_say("job %u: time limit of %s reached", record->id, xpm_duration_print(record->time, text));
		end_gently(k, XPM_END_TIME);
	}
	if (k->kill_at && now >= k->kill_at) {
		k->kill_at = now + 1000;
		xpm_tree_signal(SIGKILL);
	}
	if (k->look_at && now >= k->look_at) {
		k->look_at = now + XPM_LIMITS_WATCH_MS;
		if (!k->end && xpm_limits_exceeded(&k->limits)) {
			k->end = XPM_END_MEMORY;
			xpm_tree_signal(SIGKILL);
		}
	}
}

static int next_ms(const struct keeper *k, int64_t now)
{
	const int64_t times[] = { k->end ? 0 : k->time_out, k->kill_at, k->look_at };
	int64_t next = -1;

	for (size_t i = 0; i < 3; i++)
		if (times[i] && (next < 0 || times[i] - now < next))
			next = times[i] > now ? times[i] - now : 0;
	return next > 3600000 ? 3600000 : (int)next;
}

/* Somebody touched our record: put it right. */
static void heal(struct keeper *k)
{
	char events[4096];

	while (read(k->watch, events, sizeof(events)) > 0)
		;
	if (xpm_ledger_lock(k->run->ledger))
		return;
	if (xpm_slot_heal(k->run->ledger, k->run->slot)) {
		char *path = xpm_format("/proc/self/fd/%d/%s", k->run->ledger->dir, k->run->slot->file);

		inotify_add_watch(k->watch, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
		free(path);
		while (read(k->watch, events, sizeof(events)) > 0)
			; /* our own writing */
	}
	xpm_ledger_unlock(k->run->ledger);
}

static void watch_record(struct keeper *k)
{
	char *path = xpm_format("/proc/self/fd/%d/%s", k->run->ledger->dir, k->run->slot->file);

	k->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (k->watch >= 0)
		inotify_add_watch(k->watch, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
	free(path);
}

static void supervise(struct keeper *k)
{
	struct pollfd wait[3] = {
		{ .fd = k->run->signals, .events = POLLIN },
		{ .fd = k->front_fd, .events = POLLIN },
		{ .fd = k->watch, .events = POLLIN },
	};

	for (;;) {
		struct signalfd_siginfo info;

		reap(k);
		if (k->ended)
			return;
		if (poll(wait, 3, next_ms(k, xpm_now_ms())) < 0 && errno != EINTR)
			return;
		while (read(k->run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
			handle(k, &info);
		if ((wait[1].revents & POLLIN) || (k->front_fd < 0 && getppid() != k->front)) {
			k->orphaned = 1;
			k->end = XPM_END_FAILED;
			return;
		}
		if (wait[2].revents & POLLIN)
			heal(k);
		check_limits(k, xpm_now_ms());
	}
}

static int exit_status(const struct keeper *k)
{
	if (k->end == XPM_END_TIME)
		return XPM_EXIT_TIME;
	if (k->end == XPM_END_MEMORY)
		return XPM_EXIT_MEMORY;
	if (k->end == XPM_END_CANCEL)
		return 128 + SIGTERM;
	return WIFSIGNALED(k->status) ? 128 + WTERMSIG(k->status) : WEXITSTATUS(k->status);
}

/* On record for detached jobs; the others just go. In both cases what the job held is free from here on. */
static void sign_off(struct keeper *k, int status)
{
	struct xpm_record *record = &k->run->slot->record;
	int locked = !xpm_ledger_lock(k->run->ledger);

	record->state = XPM_STATE_DONE;
	record->end = k->end ? k->end : XPM_END_EXIT;
	record->status = status;
	record->ended = xpm_wall_s();
	if (!record->detached)
		xpm_slot_remove(k->run->ledger, k->run->slot);
	else if (xpm_slot_write(k->run->slot))
		xpm_say("job %u: its end with status %d cannot be recorded: %s", record->id, status, strerror(errno));
	if (locked)
		xpm_ledger_unlock(k->run->ledger);
}

static void say_limit(const struct keeper *k)
{
	char text[XPM_SIZE_TEXT];

	if (k->limits.memory && !k->run->options->quiet)
		xpm_say("job %u: memory limit %s, %s", k->run->slot->record.id,
			xpm_size_print(k->limits.memory, text),
			k->limits.cgroup ? "held by a cgroup" : "by watching (no memory cgroup was delegated)");
}

int xpm_keeper_run(struct xpm_run *run, pid_t front)
{
	struct keeper k = { .run = run, .front = front, .front_fd = -1, .watch = -1 };
	struct xpm_record *record = &run->slot->record;
	int status = XPM_EXIT_SYSTEM;
	char text[XPM_SIZE_TEXT];

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	k.front_fd = (int)syscall(SYS_pidfd_open, front, 0);
	if (xpm_ledger_reopen(run->ledger))
		xpm_say("the ledger %s: %s", run->ledger->path, strerror(errno));
	xpm_limits_open(&k.limits, record->memory, record->id);
	if (record->memory) {
		snprintf(record->limit, sizeof(record->limit), "%s", xpm_limits_name(&k.limits));
		xpm_slot_write(run->slot);
		say_limit(&k);
	}
	watch_record(&k);
	if (start(&k)) {
		k.end = XPM_END_FAILED;
	} else {
		k.time_out = record->time ? xpm_now_ms() + (int64_t)record->time * 1000 : 0;
		k.look_at = k.limits.memory ? xpm_now_ms() + XPM_LIMITS_WATCH_MS : 0;
		supervise(&k);
		xpm_tree_end(k.job, &k.status);
		if (k.end != XPM_END_TIME && k.end != XPM_END_CANCEL && k.limits.cgroup &&
		    xpm_limits_exceeded(&k.limits))
			k.end = XPM_END_MEMORY;
		if (k.end == XPM_END_MEMORY)
			xpm_say("job %u: ended for using more than its memory limit of %s", record->id,
				xpm_size_print(record->memory, text));
		status = exit_status(&k);
	}
	xpm_limits_close(&k.limits);
	sign_off(&k, status);
	return status;
}
