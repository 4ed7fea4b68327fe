/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_BOARD_H
#define XPM_LOCAL_BOARD_H

#include "capacity.h"
#include "ledger.h"

/* What the ledger says, put to the question whether one of its jobs may start. */
struct xpm_board_answer {
	int start;
	int retry_ms;           /* a record cannot be read at the moment: ask again soon; 0 = no */
	struct xpm_cpus cpus;   /* what to take */
	uint64_t gpus;
	int never;
	char reason[128];       /* "cores", "behind job 12": changes only when the cause does */
	char text[400];         /* for people: with who holds what */
};

/* Records that were found damaged, and since when; zeroed at first. */
struct xpm_board_memory {
	struct {
		char file[32];
		int64_t since;
	} damaged[16];
};

/* me: index of the own entry. */
void xpm_board_ask(const struct xpm_entry *entries, size_t len, size_t me, const struct xpm_machine *machine,
		   const struct xpm_capacity *capacity, struct xpm_board_memory *memory,
		   struct xpm_board_answer *answer);

/* "2 cores, 4G, 1 GPU, licence" */
void xpm_board_describe(const struct xpm_record *record, char *buf, size_t size);

#endif
