// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for one's turn. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "board.h"
#include "run.h"
#include "say.h"

#define SAFETY_MS 5000 /* should an event be missed: folders on some file systems have none */
#define CLOSED_MS 20   /* a dead runner's file is closed a moment before its lock goes */
#define REASON_MS 5000

struct turn {
	struct xpm_run *run;
	int watch;
	int terminal;
	int shown;
	int64_t reason_at;
	struct xpm_board_memory memory;
};

static void show(struct turn *turn, const char *text)
{
	struct winsize size = { .ws_col = 80 };
	char line[512];
	int n;

	if (!turn->terminal || (!*text && !turn->shown))
		return;
	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	n = snprintf(line, sizeof(line), "\r\033[K%s", text);
	if (n > (int)size.ws_col + 3 && size.ws_col > 10)
		n = (int)size.ws_col + 3; /* \r and ESC [ K take no room, and the last column stays free */
	turn->shown = *text != 0;
	if (write(STDERR_FILENO, line, (size_t)(n < (int)sizeof(line) ? n : (int)sizeof(line) - 1)) < 0)
		turn->terminal = 0;
}

static void leave(struct turn *turn)
{
	show(turn, "");
	xpm_slot_remove(turn->run->ledger, turn->run->slot);
	if (turn->watch >= 0)
		close(turn->watch);
}

/* The end of a job that never ran: on record when it is detached. */
static void leave_cancelled(struct turn *turn, enum xpm_end end, int status)
{
	struct xpm_record *record = &turn->run->slot->record;

	if (record->detached) {
		record->state = XPM_STATE_DONE;
		record->end = end;
		record->status = status;
		record->ended = xpm_wall_s();
		xpm_slot_write(turn->run->slot);
		return;
	}
	leave(turn);
}

/* Under the lock: start if possible. 1 = it has its share. */
static int try(struct turn *turn, struct xpm_board_answer *answer)
{
	struct xpm_slot *slot = turn->run->slot;
	struct xpm_record *record = &slot->record;
	struct xpm_entry *entries;
	size_t len, me = 0;

	memset(answer, 0, sizeof(*answer));
	xpm_slot_heal(turn->run->ledger, slot);
	entries = xpm_ledger_scan(turn->run->ledger, &len);
	while (entries && me < len && strcmp(entries[me].file, slot->file))
		me++;
	if (!entries || me == len || entries[me].damaged) {
		/* it could not be put back just now: a full disk, perhaps */
		snprintf(answer->text, sizeof(answer->text), "waits for its record in the ledger");
		answer->retry_ms = 1000;
		free(entries);
		return 0;
	}
	xpm_board_ask(entries, len, me, turn->run->machine, turn->run->capacity, &turn->memory, answer);
	free(entries);
	if (answer->start) {
		record->state = XPM_STATE_RUNNING;
		record->began = xpm_wall_s();
		record->cpus = answer->cpus;
		record->gpus = answer->gpus;
		*record->reason = '\0';
		if (!xpm_slot_write(slot))
			return 1;
		record->state = XPM_STATE_WAITING;
		answer->start = 0;
		answer->retry_ms = 1000;
	}
	/* for --list; not more often, since every write wakes the others */
	if (strcmp(record->reason, answer->reason) && xpm_now_ms() >= turn->reason_at) {
		xpm_text_copy(record->reason, sizeof(record->reason), answer->reason);
		xpm_slot_write(slot);
		turn->reason_at = xpm_now_ms() + REASON_MS;
	}
	return 0;
}

static void set_held(struct turn *turn, int held)
{
	struct xpm_record *record = &turn->run->slot->record;

	if (xpm_ledger_lock(turn->run->ledger))
		return;
	record->state = held ? XPM_STATE_HELD : XPM_STATE_WAITING;
	snprintf(record->reason, sizeof(record->reason), "%s", held ? "held by --hold" : "");
	xpm_slot_write(turn->run->slot);
	xpm_ledger_unlock(turn->run->ledger);
}

/* 0, or the status to end with. */
static int handle_signals(struct turn *turn)
{
	struct signalfd_siginfo info;

	while (read(turn->run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int signo = (int)info.ssi_signo;

		if (signo == XPM_SIGNAL_CANCEL) {
			show(turn, "");
			xpm_say("job %u: cancelled before it started", turn->run->slot->record.id);
			leave_cancelled(turn, XPM_END_CANCEL, 128 + SIGTERM);
			return 128 + SIGTERM;
		}
		if (signo == XPM_SIGNAL_HOLD || signo == XPM_SIGNAL_RELEASE)
			set_held(turn, signo == XPM_SIGNAL_HOLD);
		if (signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU)
			raise(SIGSTOP);
		if (signo == SIGTERM || signo == SIGINT || signo == SIGHUP || signo == SIGQUIT) {
			leave_cancelled(turn, XPM_END_CANCEL, 128 + signo);
			return 128 + signo;
		}
	}
	return 0;
}

/* Events of jobs' files. Returns whether one of them was only closed. */
static int drain(int watch)
{
	char events[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
	int closed = 0;
	ssize_t n;

	while ((n = read(watch, events, sizeof(events))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(events + at);

			closed |= (event->mask & IN_CLOSE_WRITE) != 0;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	return closed;
}

static int give_up(struct turn *turn, const struct xpm_board_answer *answer)
{
	show(turn, "");
	xpm_say("job %u cannot start%s: %s", turn->run->slot->record.id,
		answer->never ? " at all" : turn->run->options->wait ? " in the time given by --wait" : " now",
		answer->text);
	leave_cancelled(turn, XPM_END_CANCEL, XPM_EXIT_NO_MATCH);
	return XPM_EXIT_NO_MATCH;
}

/* Until something happens. 0, or the status to end with. */
static int pause_turn(struct turn *turn, const struct xpm_board_answer *answer, int64_t end, int *recheck)
{
	struct pollfd wait[2] = {
		{ .fd = turn->run->signals, .events = POLLIN },
		{ .fd = turn->watch, .events = POLLIN },
	};
	int64_t left = end < 0 ? SAFETY_MS : end - xpm_now_ms();
	int timeout = left < SAFETY_MS ? (int)(left > 0 ? left : 0) : SAFETY_MS;

	if (*recheck && timeout > CLOSED_MS)
		timeout = CLOSED_MS;
	if (answer->retry_ms && timeout > answer->retry_ms)
		timeout = answer->retry_ms;
	*recheck = 0;
	if (poll(wait, 2, timeout) < 0 && errno != EINTR)
		return XPM_EXIT_SYSTEM;
	if (wait[1].revents & POLLIN)
		*recheck = drain(turn->watch);
	return handle_signals(turn);
}

static void watch_folder(struct turn *turn)
{
	char *path = xpm_format("/proc/self/fd/%d", turn->run->ledger->dir);

	turn->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (turn->watch >= 0)
		inotify_add_watch(turn->watch, path, IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM);
	free(path);
}

int xpm_turn_wait(struct xpm_run *run, int *status)
{
	struct turn turn = { .run = run, .watch = -1,
			     .terminal = isatty(STDERR_FILENO) && !run->options->quiet };
	int64_t end = run->options->wait == XPM_WAIT_FOREVER ? -1 : xpm_now_ms() + (int64_t)run->options->wait * 1000;
	struct xpm_board_answer answer = { 0 };
	int recheck = 0;

	for (;;) {
		int started = 0;

		if (run->slot->record.state == XPM_STATE_HELD) {
			snprintf(answer.text, sizeof(answer.text), "held by --hold");
		} else if (!xpm_ledger_lock(run->ledger)) {
			started = try(&turn, &answer);
			xpm_ledger_unlock(run->ledger);
		}
		if (started)
			break;
		if (answer.never || (end >= 0 && xpm_now_ms() >= end)) {
			*status = give_up(&turn, &answer);
			return -1;
		}
		if (turn.terminal && *answer.text) {
			char line[512];

			snprintf(line, sizeof(line), "xpm-local: job %u %s", run->slot->record.id, answer.text);
			show(&turn, line);
		}
		if (turn.watch < 0) {
			/* only those who wait need it; what happened before is seen by asking once more */
			watch_folder(&turn);
			if (turn.watch >= 0 && end != 0)
				continue;
		}
		*status = pause_turn(&turn, &answer, end, &recheck);
		if (*status)
			return -1;
	}
	show(&turn, "");
	if (turn.watch >= 0)
		close(turn.watch);
	return 0;
}
