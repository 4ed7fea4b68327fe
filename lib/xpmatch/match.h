/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_MATCH_H
#define XPMATCH_MATCH_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/candidates.h>
#include <xpmatch/slurm_options.h>
#include <xpmatch/spec.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The decision: which launcher, which nodes, and for every other candidate why not.
 *
 * A struct xpm_match is a workspace for one table. It is made once and run many times; after the first runs a decision
 * allocates nothing. It keeps the last decision: plan and trace are read from it until the next run. One thread at a time.
 */

/* What is held against a candidate. The first group is the predicate; each is evaluated for every candidate. */
enum xpm_clause {
	XPM_CLAUSE_GPU_KIND,       /* no accelerator of the kind asked for */
	XPM_CLAUSE_GPU_MODEL,      /* none of the model */
	XPM_CLAUSE_GPU_COUNT,      /* fewer accelerators than asked for in all */
	XPM_CLAUSE_GPU_MEMORY,     /* none with that much memory */
	XPM_CLAUSE_GPU_MIN_MEMORY, /* asks for too little of a large one (min_memory, min_mem_ratio) */
	XPM_CLAUSE_GPU_ASSIGNMENT, /* each term fits some, but not all terms at once */
	XPM_CLAUSE_MIN_GPU,
	XPM_CLAUSE_CORES,
	XPM_CLAUSE_MEMORY,
	XPM_CLAUSE_DURATION,
	/* what the user also typed */
	XPM_CLAUSE_PARTITION,
	XPM_CLAUSE_QOS,
	XPM_CLAUSE_ACCOUNT,
	XPM_CLAUSE_CONSTRAINT,
	XPM_CLAUSE_HOSTS,          /* --exclude, --nodelist */
	XPM_CLAUSE_GRES,
	/* facts of the live cluster */
	XPM_CLAUSE_LIVE,
	/* the choice */
	XPM_CLAUSE_UNION,          /* satisfies, but could not join the chosen one */
	XPM_CLAUSES
};

/* "gpu_kind", "cores", ...: the names of the JSON trace. */
const char *xpm_clause_name(enum xpm_clause clause);

enum xpm_verdict { XPM_VERDICT_REJECTED, XPM_VERDICT_KEPT_OUT, XPM_VERDICT_JOINED, XPM_VERDICT_CHOSEN };

/*
 * Live facts, asked for at most once per partition (partition()) or per candidate that satisfies (access()) of a run. Each
 * answers 0 when nothing speaks against it, or writes a short reason ("is down", "MaxTime 2h") into reason and returns 1. A NULL
 * function asks nothing. They must not call back into the library.
 */
struct xpm_live {
	void *context;
	int (*partition)(void *context, const struct xpm_candidate *candidate, uint64_t duration, char *reason,
			 size_t size);
	int (*access)(void *context, const struct xpm_candidate *candidate, char *reason, size_t size);
};

struct xpm_request {
	const struct xpm_requirement *requirement;
	enum xpm_kinds kinds;
	const char *const *tags;               /* a launcher must carry one of them; none = all */
	size_t tags_len;
	const char *launcher;                  /* only the one with this id; NULL = any */
	const struct xpm_slurm_options *typed; /* what the user also typed; may be NULL */
	const struct xpm_live *live;           /* may be NULL */
};

/* What to do, strings owned by the match. A value that is not set is 0 or NULL. */
struct xpm_plan {
	const struct xpm_launcher_info *launcher;
	size_t alternative;                /* 0-based */
	size_t candidate;                  /* row of the chosen one */
	const char *partition;             /* "a,b": best first */
	const char *const *partitions;     /* the same, one by one */
	size_t partitions_len;
	const char *qos;
	const char *account;
	const char *gres;                  /* "gpu:2", "gpu:a100:2" */
	const char *constraint;            /* with what the user typed */
	const char *exclude;               /* hostlist expression, with what the user typed */
	uint32_t gpus;                     /* accelerators of one node */
	uint32_t cpus_per_task;
	uint64_t mem_mib;                  /* 0 also where memory is had through cores, or was typed as --mem-per-cpu */
	uint64_t mem;                      /* bytes, as the spec asks for them */
	uint64_t time;                     /* seconds, whole minutes */
};

struct xpm_match;

struct xpm_match *xpm_match_create(const struct xpm_candidates *candidates, struct xpm_error *err);
void xpm_match_destroy(struct xpm_match *match); /* NULL is fine; the table is not touched */

/*
 * Decide. The request is borrowed until the next run: its requirement stands behind the trace.
 *
 * XPM_OK when there is a plan; XPM_ERR_NO_MATCH when no launcher satisfies (err says so in one sentence and names the
 * closest candidate); XPM_ERR_CONFLICT, XPM_ERR_VALUE when what the user also typed makes it impossible or cannot be
 * understood; XPM_ERR_MEMORY.
 */
enum xpm_code xpm_match_run(struct xpm_match *match, const struct xpm_request *request, struct xpm_error *err);

/* The plan of the last run; NULL when it did not end with XPM_OK. */
const struct xpm_plan *xpm_match_plan(const struct xpm_match *match);

/* As options for sbatch: the plan, beneath it the launcher's `options:`, above both nothing (what the user typed is his). */
void xpm_plan_options(const struct xpm_plan *plan, struct xpm_slurm_options *options);

/*
 * The same for a submission of somebody who also typed options (the request's; NULL = none): plan, beneath it what was
 * typed and the plan left open, beneath both the launcher's `options:`. Of options that say the same in two ways (memory,
 * GPUs) a default goes when one of them was said. Strings are those of plan and typed.
 */
void xpm_plan_submission(const struct xpm_plan *plan, const struct xpm_slurm_options *typed,
			 struct xpm_slurm_options *options);

/*
 * The trace: alternatives 0 .. xpm_match_alternatives()-1 were tried, and in each the launchers 0 ..
 * xpm_match_launchers(alternative)-1 in the order of xpm_candidates_launcher(), of which those of another kind or without
 * a tag that was asked for were skipped.
 */
size_t xpm_match_alternatives(const struct xpm_match *match);
size_t xpm_match_launchers(const struct xpm_match *match, size_t alternative);
int xpm_match_skipped(const struct xpm_match *match, size_t launcher);

enum xpm_verdict xpm_match_verdict(const struct xpm_match *match, size_t alternative, size_t row);

/* Bit set of 1 << enum xpm_clause: what is held against the row. */
uint32_t xpm_match_failed(const struct xpm_match *match, size_t alternative, size_t row);

/* Need and have of one failed clause, in words: "80G" / "48GiB". Both are cut to their sizes. */
#define XPM_REASON_MAX 160
struct xpm_reason {
	enum xpm_clause clause;
	char need[XPM_REASON_MAX];
	char have[XPM_REASON_MAX];
};
void xpm_match_reason(const struct xpm_match *match, size_t alternative, size_t row, enum xpm_clause clause,
		      struct xpm_reason *reason);

/*
 * Of all rows rejected by the predicate, the one nearest to satisfying (fewest failed clauses, then smallest distance,
 * then file order), over all alternatives tried. Returns 0 when there is none.
 */
int xpm_match_closest(const struct xpm_match *match, size_t *alternative, size_t *row);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
