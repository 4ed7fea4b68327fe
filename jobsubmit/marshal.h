/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_MARSHAL_H
#define XPM_MARSHAL_H

#include <stdint.h>
#include <xpmatch/error.h>
#include <xpmatch/match.h>
#include <xpmatch/slurm_options.h>

#include "arena.h"
#include "compat.h"

/*
 * Between Slurm's job_desc and the library: what the user typed is read from it once, what was decided is written to it
 * once.
 */

/* What the user typed. Strings stand in the arena. */
struct xpm_job {
	struct xpm_slurm_options typed;
	uint64_t max_nodes;
	uint64_t ntasks_per_node;
	uint64_t min_cpus;
	uint64_t time_min;         /* --time-min, seconds */
	int whole_memory;          /* --mem=0: all that a node has */
	const char *admin_comment;
};

/*
 * Read a job_desc (an absolute stack index). Raises what the table raises. XPM_ERR_CONFLICT when an option was typed that
 * cannot stand beside a spec: err names it and what to write instead.
 */
enum xpm_code xpm_job_read(lua_State *L, int table, struct xpm_job *job, const struct xpm_requirement *requirement,
			   struct xpm_arena *arena, struct xpm_error *err);

/* One field to be written: text, or number when text is NULL. */
struct xpm_write {
	const char *field;
	const char *text;
	uint64_t number;
};

#define XPM_WRITES_MAX 24

struct xpm_writes {
	struct xpm_write items[XPM_WRITES_MAX];
	size_t len;
};

/*
 * Work out every field that has to change, all conversions done, before the first is written. What equals the user's own
 * value is not touched. XPM_ERR_CONFLICT or XPM_ERR_LIMIT when a value does not go into its field.
 */
enum xpm_code xpm_job_plan(const struct xpm_job *job, const struct xpm_plan *plan,
			   const struct xpm_candidate *candidate, struct xpm_arena *arena,
			   struct xpm_writes *writes, struct xpm_error *err);

/* Write them. Raises when one fails or does not read back: the caller refuses the job then, as some may be written. */
void xpm_job_write(lua_State *L, int table, const struct xpm_writes *writes);

/* The value that the job will have of a field; NULL when it is not written. */
const struct xpm_write *xpm_writes_find(const struct xpm_writes *writes, const char *field);

#endif
