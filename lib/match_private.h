/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_MATCH_PRIVATE_H
#define XPM_MATCH_PRIVATE_H

#include <xpmatch/match.h>

#include "arena.h"
#include "predicate.h"
#include "table.h"
#include "typed.h"

/* What a reason says of a value that the file leaves out. */
#define XPM_NOT_GIVEN "not given"

/* What the trace keeps of one row in one alternative. */
struct xpm_cell {
	uint32_t failed;     /* bit set of clauses */
	uint32_t leak;       /* why it was kept out: the row that would leak, or one of the XPM_LEAK values */
	const char *live;    /* the live cluster's objection; NULL = none */
	uint8_t verdict;
};

#define XPM_LEAK_NONE        UINT32_MAX
#define XPM_LEAK_LANE        (UINT32_MAX - 1) /* another QoS or account than the chosen one's */
#define XPM_LEAK_MEM_PER_CPU (UINT32_MAX - 2) /* another mem_per_cpu */
#define XPM_LEAK_HOSTS       (UINT32_MAX - 3) /* its hosts must be excluded for the sake of others */
#define XPM_LEAK_TYPE        (UINT32_MAX - 4) /* it cannot serve the GRES type that is needed */
#define XPM_LEAK_WORK        (UINT32_MAX - 5) /* the choice had grown too large to go on */

struct xpm_match {
	const struct xpm_candidates *table;
	struct xpm_arena arena;          /* what one run makes: plan texts, live reasons */
	struct xpm_request request;
	struct xpm_typed typed;
	struct xpm_cell *cells;          /* rows of the table, once per alternative tried */
	size_t cells_room;               /* alternatives that cells has room for */
	size_t alternatives;             /* tried in this run */
	size_t launchers[XPM_ALTERNATIVES_MAX];
	uint8_t *skipped;                /* by launcher */
	struct xpm_plan plan;
	int has_plan;

	/* scratch of the choice, large enough for the largest launcher */
	uint32_t *members;
	uint32_t *failing;               /* rows that may leak */
	uint32_t *leaks;                 /* those that the newcomer would let in */
	uint8_t *row_flags;
	uint8_t *partition_flags;
	uint32_t *atom_used;             /* by how many members */
	uint32_t *atom_left;             /* hosts that the user did not exclude */
	uint32_t *atom_wanted;           /* hosts that the user wants to have */
	size_t wanted;                   /* of all of them, whether the launcher knows them or not */
	uint8_t *atom_flags;
	uint8_t *host_flags;
};

/* A choice within one launcher. Sets verdicts in cells; returns 1 with the members in place, 0 when no row will do. */
struct xpm_choice {
	struct xpm_match *match;
	const struct xpm_table_launcher *launcher;
	struct xpm_predicate predicate;
	struct xpm_cell *cells;          /* of this alternative, by row of the table */
	const char *type;                /* GRES type that the request names; NULL = none */
	uint32_t *members;               /* rows, the best first */
	size_t members_len;
	size_t failing_len;
	uint32_t blocker;                /* why the last one could not join */
	size_t work;                     /* comparisons so far */
};

/* By row, from the launcher's first. */
enum { XPM_ROW_ELIGIBLE = 1, XPM_ROW_LEAKS = 2, XPM_ROW_CLOSED = 4, XPM_ROW_MEMBER = 8, XPM_ROW_UNREACHABLE = 16 };
enum { XPM_ATOM_EXCLUDED = 1, XPM_ATOM_COUNTED = 2 };
enum { XPM_HOST_EXCLUDED = 1, XPM_HOST_WANTED = 2 };

/*
 * typed_hosts.c: --exclude and --nodelist against one launcher. First the marks; then a class by itself (1: it cannot be used);
 * when all rows were looked at, those that satisfy but stand in a partition that has not all of the hosts that are wanted.
 */
enum xpm_code xpm_typed_hosts_mark(struct xpm_match *match, const struct xpm_table_launcher *launcher,
				   struct xpm_error *err);
int xpm_typed_hosts_failed(const struct xpm_match *match, const struct xpm_class *klass);
void xpm_typed_hosts_cover(struct xpm_choice *choice);

/* Whether the members have all hosts that are wanted, in one partition. */
int xpm_typed_hosts_had(struct xpm_choice *choice);

int xpm_choose(struct xpm_choice *choice);

/* 1 when the request (partitions, GRES, hosts; any formula) admits nodes of the row, formula aside. */
int xpm_choice_reaches(const struct xpm_choice *choice, uint32_t row);

/* Why nothing was found, in one sentence that names the closest candidate. Returns XPM_ERR_NO_MATCH. */
enum xpm_code xpm_match_explain_failure(const struct xpm_match *match, struct xpm_error *err);

/* From the members to the plan; constraint and the rest in match->arena. */
enum xpm_code xpm_plan_make(struct xpm_choice *choice, size_t alternative, struct xpm_plan *plan, struct xpm_error *err);

#endif
