/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_CANDIDATES_H
#define XPMATCH_CANDIDATES_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/launchers.h>
#include <xpmatch/slurm_options.h>
#include <xpmatch/spec.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A launchers file flattened into a table that is ready for matching: inheritance, features and patterns worked out.
 * Immutable; threads may share it.
 */

#define XPM_CANDIDATES_MAX 65536 /* rows of a table */
#define XPM_HOSTS_MAX      131072 /* host names of a launcher */
#define XPM_FEATURES_MAX   256   /* different features of a launcher */

enum xpm_kinds { XPM_KIND_LOCAL = 1, XPM_KIND_SLURM = 2, XPM_KIND_BOTH = 3 };

/* Equal accelerators of one host. */
struct xpm_accel_group {
	enum xpm_accel_kind kind;
	uint32_t count;
	uint64_t memory;        /* bytes; 0 = not given */
	uint64_t least;         /* a request for memory must be at least this: max(min_memory, ratio * memory), rounded up */
	const char *model;      /* NULL = not given */
	const char *gres_type;  /* NULL = not given */
};

/* One place a job could go to: a class of equal nodes of a partition, with one QoS and account; or a local launcher. */
struct xpm_candidate {
	uint32_t launcher;        /* index for xpm_candidates_launcher() */
	uint32_t klass;           /* same number = same nodes (only QoS and account differ) */
	const char *partition;    /* NULL for a local launcher */
	const char *qos;          /* NULL = none */
	const char *account;      /* NULL = none */
	const char *hosts;        /* hostlist expression; NULL = not given */
	const char *const *features;
	size_t features_len;
	const struct xpm_accel_group *accels;
	size_t accels_len;
	uint32_t accel_count;     /* sum of the groups' counts */
	uint32_t min_gpu;
	uint32_t cores;           /* meaningful when has_cores */
	uint32_t cpu_per_gpu;     /* 0 = not given; not used to decide */
	uint64_t memory;          /* bytes; meaningful when has_memory */
	uint64_t mem_per_cpu;     /* bytes; 0 = not given */
	uint64_t max_duration;    /* seconds; 0 = no limit */
	int64_t priority;
	int has_cores, has_memory;
	unsigned line, column;    /* of the node group, partition or local launcher in the file */
};

/* How many of a token every job of a local launcher holds while it runs. */
struct xpm_token_need {
	const char *name;
	uint32_t count;
};

struct xpm_launcher_info {
	enum xpm_kinds kind;
	const char *id;
	int64_t weight;
	const char *const *tags;
	size_t tags_len;
	const char *path;         /* Slurm's commands; NULL = not given */
	int query_slurm;
	const struct xpm_slurm_options *options;
	const struct xpm_token_need *tokens; /* what a local job takes */
	size_t tokens_len;
	size_t first, count;      /* its rows */
};

struct xpm_candidates;

/*
 * launchers  borrowed for this call; the table copies what it needs
 *
 * Row order is file order, the tie-break of the choice. Disabled launchers and partitions have no rows.
 * Returns NULL with XPM_ERR_REGEX (a pattern does not compile or exceeds its limits) or XPM_ERR_LIMIT, placed at the
 * launcher, or with XPM_ERR_MEMORY.
 */
struct xpm_candidates *xpm_candidates_create(const struct xpm_launchers *launchers, struct xpm_error *err);
void xpm_candidates_destroy(struct xpm_candidates *candidates); /* NULL is fine */

size_t xpm_candidates_count(const struct xpm_candidates *candidates);
const struct xpm_candidate *xpm_candidates_get(const struct xpm_candidates *candidates, size_t row);

/* Launchers in the order of the choice: weight decreasing, then file order, local before slurm. */
size_t xpm_candidates_launchers(const struct xpm_candidates *candidates);
const struct xpm_launcher_info *xpm_candidates_launcher(const struct xpm_candidates *candidates, size_t i);

/* How many of a token the machine has; 1 when the file does not describe it. */
uint32_t xpm_candidates_token(const struct xpm_candidates *candidates, const char *name);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
