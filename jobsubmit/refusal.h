/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REFUSAL_H
#define XPM_REFUSAL_H

#include <xpmatch/error.h>
#include <xpmatch/explain.h>
#include <xpmatch/match.h>

#include "arena.h"
#include "compat.h"

/* What the user is told: why a job is refused, in at most five lines, or in one what it became. */

/* An error of the spec, of what was typed, or of the rules. */
void xpm_refusal_error(lua_State *L, const struct xpm_error *err);

/* No launcher satisfies: the closest candidate, what it lacks, and the nearest spec that would do. */
void xpm_refusal_no_match(lua_State *L, const struct xpm_explain *explain, struct xpm_arena *arena);

/* XPM_EXPLAIN: the table of all candidates. */
void xpm_refusal_explain(lua_State *L, const struct xpm_explain *explain, struct xpm_arena *arena);

/* "xpm: cuda(mem=24G)*2 -> partition gpu,big, gres gpu:2, qos short" */
void xpm_plan_say(lua_State *L, const struct xpm_requirement *requirement, const struct xpm_plan *plan);

#endif
