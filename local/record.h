/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_RECORD_H
#define XPM_LOCAL_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cpus.h"
#include "order.h"

/*
 * What the ledger says about one job: who, what it waits for, what it holds. A record is one JSON object in one small file of
 * fixed size, so that rewriting it needs no further room on a full disk.
 */
#define XPM_RECORD_SIZE 8192

enum xpm_state {
	XPM_STATE_WAITING,
	XPM_STATE_HELD,     /* by --hold: not in the queue */
	XPM_STATE_RUNNING,
	XPM_STATE_DONE,     /* of a detached job: its end is on record */
};

/* How a job came to its end. */
enum xpm_end { XPM_END_NONE, XPM_END_EXIT, XPM_END_TIME, XPM_END_MEMORY, XPM_END_CANCEL, XPM_END_FAILED };

#define XPM_KEY_MAX 80

struct xpm_record_token {
	char name[64];
	uint32_t count;
};

struct xpm_record {
	uint32_t id;
	uint64_t ticket;         /* the order of arrival */
	enum xpm_state state;
	enum xpm_end end;
	int detached;
	pid_t pid;               /* of the runner */
	int64_t since, began, ended; /* seconds since 1970; 0 = not yet */
	int status;              /* exit status of xpm-local, when done */
	char name[128];
	char command[256];
	char launcher[128];
	char spec[512];
	char limit[32];          /* what enforces the memory limit: "cgroup", "watching" or "" */
	char reason[128];        /* why it waits */
	char output[4096];       /* its log; "" = the runner's own terminal */
	uint64_t time;           /* limit in seconds; 0 = none */

	/* what it needs */
	uint32_t cores;
	uint64_t memory;
	struct xpm_record_token tokens[XPM_ORDER_TOKENS];
	size_t tokens_len;
	char keys[XPM_ORDER_GPUS][XPM_KEY_MAX]; /* devices that the terms and the grant speak of: a UUID, or "cuda:0" */
	size_t keys_len;
	struct xpm_order_term terms[XPM_ORDER_TERMS]; /* masks over keys */
	size_t terms_len;

	/* what it holds, besides cores, memory and tokens, while it runs */
	struct xpm_cpus cpus;
	uint64_t gpus;           /* over keys */
};

const char *xpm_state_name(enum xpm_state state);
const char *xpm_end_name(enum xpm_end end);

/* Into exactly XPM_RECORD_SIZE bytes. -1 when it does not fit (an output path of thousands of bytes). */
int xpm_record_encode(const struct xpm_record *record, char buf[XPM_RECORD_SIZE]);

/* From what a file holds, believing nothing. -1 when it is not a record. */
int xpm_record_decode(const char *buf, size_t len, struct xpm_record *record);

#endif
