// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about jobs that other runners run. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "ledger.h"
#include "run.h"
#include "say.h"

/* 0 and the entry, or -1 when there is no such job. */
static int find(const struct xpm_ledger *ledger, uint32_t id, struct xpm_entry *entry)
{
	struct xpm_entry *entries;
	int found = -1;
	size_t len;

	if (xpm_ledger_lock(ledger))
		exit(XPM_EXIT_SYSTEM);
	entries = xpm_ledger_scan(ledger, &len);
	xpm_ledger_unlock(ledger);
	/* a file that only took the name of a living one does not speak for it */
	for (size_t i = 0; entries && i < len; i++)
		if (entries[i].record.id == id && (found || (entries[i].alive && !entries[i].damaged))) {
			*entry = entries[i];
			found = 0;
		}
	free(entries);
	return found;
}

static void find_or_die(const struct xpm_ledger *ledger, uint32_t id, struct xpm_entry *entry)
{
	if (find(ledger, id, entry))
		xpm_die(XPM_EXIT_SYSTEM, "there is no job %u in %s", id, ledger->path);
	if (entry->damaged && entry->alive) {
		usleep(200000); /* its runner puts it right */
		if (find(ledger, id, entry) || entry->damaged)
			xpm_die(XPM_EXIT_SYSTEM, "the record of job %u is damaged", id);
	}
}

/*
 * Signal a runner. The record says its number; the lock says that it lives; and the process must be of the user whose file it
 * is, so that a forged record cannot make root signal a stranger's process.
 */
static int signal_runner(const struct xpm_ledger *ledger, const struct xpm_entry *entry, int signo)
{
	char path[64];
	struct stat st;
	struct xpm_entry again;
	int fd = (int)syscall(SYS_pidfd_open, entry->record.pid, 0), done = -1;

	if (fd < 0) {
		xpm_say("job %u: process %d: %s", entry->record.id, (int)entry->record.pid, strerror(errno));
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/%d", (int)entry->record.pid);
	if (stat(path, &st) || st.st_uid != entry->uid || find(ledger, entry->record.id, &again) || !again.alive ||
	    again.record.pid != entry->record.pid)
		xpm_say("job %u has just ended", entry->record.id);
	else if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0))
		xpm_say("job %u of %s: %s", entry->record.id, xpm_user_name(entry->uid), strerror(errno));
	else
		done = 0;
	close(fd);
	return done;
}

/* For the change to be seen: these are commands of people and scripts, who look right after. */
static void await_state(const struct xpm_ledger *ledger, uint32_t id, enum xpm_state state, int wanted)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	struct xpm_entry entry;

	for (int i = 0; i < 400 && !find(ledger, id, &entry) && entry.alive; i++) {
		if ((entry.record.state == state) == wanted && !entry.damaged)
			return;
		nanosleep(&pause, NULL);
	}
}

static int change(const struct xpm_ledger *ledger, const struct xpm_options *options)
{
	struct xpm_entry entry;
	enum xpm_mode mode = options->mode;

	find_or_die(ledger, options->id, &entry);
	if (!entry.alive || entry.record.state == XPM_STATE_DONE) {
		xpm_say("job %u has ended", options->id);
		return XPM_EXIT_SYSTEM;
	}
	if (mode != XPM_MODE_CANCEL && entry.record.state == XPM_STATE_RUNNING) {
		xpm_say("job %u runs already: only a waiting job can be held or released", options->id);
		return XPM_EXIT_SYSTEM;
	}
	if (signal_runner(ledger, &entry, mode == XPM_MODE_CANCEL ? XPM_SIGNAL_CANCEL :
					  mode == XPM_MODE_HOLD ? XPM_SIGNAL_HOLD : XPM_SIGNAL_RELEASE))
		return XPM_EXIT_SYSTEM;
	if (mode != XPM_MODE_CANCEL)
		await_state(ledger, options->id, XPM_STATE_HELD, mode == XPM_MODE_HOLD);
	return XPM_EXIT_DONE;
}

/* Copy what is new in the output. */
static void copy_output(int fd)
{
	char bytes[65536];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t w = write(STDOUT_FILENO, bytes + at, (size_t)(n - at));

			if (w < 0 && errno != EINTR)
				exit(XPM_EXIT_SYSTEM);
			at += w > 0 ? w : 0;
		}
}

static int open_output(const struct xpm_entry *entry)
{
	struct stat st;
	int fd;

	if (!*entry->record.output)
		xpm_die(XPM_EXIT_SYSTEM, "job %u writes to the terminal it was started from", entry->record.id);
	fd = open(entry->record.output, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		xpm_die(XPM_EXIT_SYSTEM, "%s: %s", entry->record.output, strerror(errno));
	/* a record can name any file: show root nothing but the job owner's own */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (st.st_uid != entry->uid && geteuid() != entry->uid))
		xpm_die(XPM_EXIT_SYSTEM, "%s is not a file of the job's owner", entry->record.output);
	return fd;
}

static int end_status(const struct xpm_entry *entry)
{
	if (entry->record.state == XPM_STATE_DONE)
		return entry->record.status;
	xpm_die(XPM_EXIT_SYSTEM, "job %u was lost: its runner was killed", entry->record.id);
}

/* Until the job has ended; with output also show what it writes. */
static int follow(const struct xpm_ledger *ledger, const struct xpm_options *options)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), output = -1;
	char *path = xpm_format("/proc/self/fd/%d", ledger->dir), events[4096];
	struct pollfd wait = { .fd = watch, .events = POLLIN };
	struct xpm_entry entry;
	int closed = 0;

	find_or_die(ledger, options->id, &entry);
	if (options->mode == XPM_MODE_ATTACH) {
		output = open_output(&entry);
		inotify_add_watch(watch, entry.record.output, IN_MODIFY);
	}
	inotify_add_watch(watch, path, IN_MODIFY | IN_DELETE | IN_CLOSE_WRITE);
	free(path);
	for (;;) {
		int detached = entry.record.detached;

		if (find(ledger, options->id, &entry)) {
			copy_output(output);
			xpm_die(XPM_EXIT_SYSTEM, "job %u ended; %s", options->id,
				detached ? "its record was removed" : "only its own runner knows how");
		}
		if (entry.record.state == XPM_STATE_DONE || !entry.alive)
			break;
		copy_output(output);
		poll(&wait, 1, closed ? 20 : 5000);
		closed = 0;
		while (read(watch, events, sizeof(events)) > 0)
			closed = 1; /* a lock goes just after the file is closed */
	}
	copy_output(output);
	return end_status(&entry);
}

int xpm_jobs_run(const struct xpm_options *options)
{
	struct xpm_ledger ledger;
	struct xpm_entry *entries;
	size_t len;

	if (xpm_ledger_open(&ledger, 0)) {
		if (errno != ENOENT)
			return XPM_EXIT_SYSTEM;
		if (options->mode == XPM_MODE_LIST) {
			xpm_list_print(NULL, 0, options->json);
			return XPM_EXIT_DONE;
		}
		xpm_die(XPM_EXIT_SYSTEM, "there is no job %u: no ledger yet", options->id);
	}
	switch (options->mode) {
	case XPM_MODE_LIST:
		if (xpm_ledger_lock(&ledger))
			return XPM_EXIT_SYSTEM;
		entries = xpm_ledger_scan(&ledger, &len);
		xpm_ledger_unlock(&ledger);
		if (!entries)
			return XPM_EXIT_SYSTEM;
		xpm_list_print(entries, len, options->json);
		free(entries);
		return XPM_EXIT_DONE;
	case XPM_MODE_ATTACH:
	case XPM_MODE_WAIT_FOR:
		return follow(&ledger, options);
	default:
		return change(&ledger, options);
	}
}
