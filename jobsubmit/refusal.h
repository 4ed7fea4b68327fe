/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REFUSAL_H
#define XPM_REFUSAL_H

#include <xpmatch/error.h>
#include <xpmatch/match.h>

#include "compat.h"

/* What the user is told: why a job is refused (XPM_REFUSAL_LINES at most), or in one line what it became. */
#define XPM_REFUSAL_LINES 5

/* An error of the spec, of what was typed, or of the rules. */
void xpm_refusal_error(lua_State *L, const struct xpm_error *err);

/* No launcher satisfies: the closest candidate and what it lacks. */
void xpm_refusal_no_match(lua_State *L, const struct xpm_match *match, const struct xpm_candidates *table,
			  const char *spec, const struct xpm_error *err);

/* "xpm: cuda(mem=24G)*2 -> partition gpu,big, gres gpu:2, qos short" */
void xpm_plan_say(lua_State *L, const struct xpm_requirement *requirement, const struct xpm_plan *plan);

#endif
