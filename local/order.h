/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_ORDER_H
#define XPM_LOCAL_ORDER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Who may start: the decision of the ledger as a pure function of what everyone holds and waits for. No files, no time.
 *
 * First come, first served. A later job is let through only when it cannot delay any job in front of it, whatever the
 * others do: for every waiting job W in front, and every set of the running jobs and of those in front of W beside which W
 * could start, W could still start with the later job running, too. Time limits play no part, since jobs may end before
 * them. On a machine with equal GPUs this gives: no job starts later than it would if nobody ever overtook.
 */

#define XPM_ORDER_GPUS   64 /* devices of a machine: bits of a mask, the ones to use first at the low end */
#define XPM_ORDER_TOKENS 16 /* different tokens */
#define XPM_ORDER_TERMS  16 /* different needs for accelerators of one job */

struct xpm_order_term {
	uint32_t count;
	uint64_t mask;  /* any of these devices */
};

struct xpm_order_job {
	uint64_t ticket;  /* the smaller one came first */
	int running;      /* else waiting */
	uint32_t cores;
	uint64_t memory;
	uint32_t tokens[XPM_ORDER_TOKENS];
	struct xpm_order_term terms[XPM_ORDER_TERMS]; /* of a waiting job */
	size_t terms_len;
	uint64_t gpus;    /* of a running job: the devices it holds */
};

struct xpm_order_capacity {
	uint32_t cores;
	uint64_t memory;
	uint32_t tokens[XPM_ORDER_TOKENS];
	uint64_t gpus;
};

enum xpm_order_verdict {
	XPM_ORDER_START,
	XPM_ORDER_NEVER,   /* more than the machine has, even when it is empty */
	XPM_ORDER_BUSY,    /* what it needs is not free */
	XPM_ORDER_BEHIND,  /* free, but to take it could delay a job in front */
};

enum xpm_order_what { XPM_ORDER_CORES, XPM_ORDER_MEMORY, XPM_ORDER_GPU, XPM_ORDER_TOKEN };

struct xpm_order_answer {
	enum xpm_order_verdict verdict;
	uint64_t gpus;             /* START: the devices to take */
	enum xpm_order_what what;  /* NEVER, BUSY: the first thing that is missing */
	size_t token;              /* which one, when it is a token */
	size_t behind;             /* BEHIND: index of the job that could be delayed */
};

/*
 * May jobs[me] start now? jobs in any order; me is waiting. Of held jobs none are given.
 * Deciding is exact up to a bound on the work; beyond it, and for jobs that several kinds of devices would do, it errs
 * towards waiting.
 */
void xpm_order_decide(const struct xpm_order_job *jobs, size_t len, size_t me,
		      const struct xpm_order_capacity *capacity, struct xpm_order_answer *answer);

#endif
