/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_LEDGER_H
#define XPM_LOCAL_LEDGER_H

#include <sys/stat.h>

#include "record.h"

/*
 * The ledger: a folder with one file per job. The runner of a job holds a kernel lock (OFD, for writing) on its file from
 * before it has content until its end; a record counts while that lock is there, and not a moment longer, whatever killed
 * the runner. The lock is inherited by the runner's keeper, so it lasts until both are gone.
 *
 * Only a file's owner can lock it for writing: others may read, and so see who holds what, but cannot pretend to be alive
 * for somebody else. All changes happen under an flock of the folder itself, which nobody can replace.
 *
 * The folder is $XPM_LEDGER; else the machine's, when the administrator made one; else the user's own.
 */
struct xpm_ledger {
	int dir;
	char *path;
};

struct xpm_entry {
	struct xpm_record record;
	char file[32];
	uid_t uid;       /* the file's owner: who it is, whatever it says */
	int alive;
	int damaged;     /* cannot be read; only file, uid and alive say something */
	int empty;       /* its runner was killed before it wrote anything */
	struct timespec changed;
};

/* The own record of a runner. */
struct xpm_slot {
	struct xpm_record record;
	char file[32];
	int fd;
	char bytes[XPM_RECORD_SIZE]; /* as last written */
};

/* 0, or -1 after telling why. With create 0 a folder that is not there is -1 without a word. */
int xpm_ledger_open(struct xpm_ledger *ledger, int create);

/* The folder's lock, waited for; tells who keeps it when that takes long. -1 when a signal to end came meanwhile. */
int xpm_ledger_lock(const struct xpm_ledger *ledger);
void xpm_ledger_unlock(const struct xpm_ledger *ledger);

/* A second descriptor of its own for a forked process: locks belong to descriptions, not processes. */
int xpm_ledger_reopen(struct xpm_ledger *ledger);

/* Everything there, to free with free(). Removes what dead runners of ours left behind. Under the lock. */
struct xpm_entry *xpm_ledger_scan(const struct xpm_ledger *ledger, size_t *len);

/* Under the lock: give the slot's record an id and a ticket behind all others, and write it. -1 after telling why. */
int xpm_slot_create(const struct xpm_ledger *ledger, struct xpm_slot *slot);
int xpm_slot_write(struct xpm_slot *slot);

/* Put the record back when somebody changed or removed it. 1 when there was something to do. Under the lock. */
int xpm_slot_heal(const struct xpm_ledger *ledger, struct xpm_slot *slot);
void xpm_slot_remove(const struct xpm_ledger *ledger, struct xpm_slot *slot);

#endif
