/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_EXPLAIN_PRIVATE_H
#define XPM_EXPLAIN_PRIVATE_H

#include <xpmatch/explain.h>

#include "arena.h"
#include "text.h"

enum xpm_explain_cell {
	XPM_CELL_PARTITION,
	XPM_CELL_NODES,
	XPM_CELL_LANE, /* QoS and account */
	XPM_CELL_GPUS,
	XPM_CELLS
};

/* One line of the table: a candidate, or several that fare alike. */
struct xpm_explain_row {
	size_t launcher;               /* for xpm_candidates_launcher() */
	size_t row;                    /* of the table; the first of those that are folded */
	enum xpm_verdict verdict;
	int failed;                    /* how many clauses */
	const char *reason;            /* "" when nothing is held against it */
	const char *cells[XPM_CELLS];  /* "-" where there is nothing to say */
};

/* More lines than this in one table are folded by equal reasons. */
#define XPM_EXPLAIN_FOLD_FROM 12

/*
 * The lines of one alternative: launchers in the order they were tried; within each the chosen one, those that joined,
 * those that were kept out, the rejected with few reasons before those with many; else the order of the file.
 *
 * all  0: fold when there are many
 *
 * rows and all they point to live in arena. XPM_OK or XPM_ERR_MEMORY.
 */
enum xpm_code xpm_explain_rows(const struct xpm_explain *explain, size_t alternative, int all, struct xpm_arena *arena,
			       struct xpm_explain_row **rows, size_t *len);

/* "gpu memory 80G > 48GiB; gpu count 8 > 4": every clause that is held against a row. */
void xpm_explain_reason(const struct xpm_explain *explain, size_t alternative, size_t row, struct xpm_textbuf *text);

/* "2x A100 40GiB+1x V100 32G", "-". */
void xpm_explain_gpus(const struct xpm_candidate *candidate, struct xpm_textbuf *text);

#endif
