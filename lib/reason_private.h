/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REASON_PRIVATE_H
#define XPM_REASON_PRIVATE_H

#include "match_private.h"

/* A row of the trace in one alternative, with what it was compared with. All of it is the match's. */
struct xpm_subject {
	const struct xpm_match *match;
	const struct xpm_alternative *alternative;
	const struct xpm_row *row;
	const struct xpm_cell *cell;
	struct xpm_predicate predicate;
};

static inline const char *xpm_text_or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

struct xpm_subject xpm_reason_subject(const struct xpm_match *match, size_t alternative, size_t row);

/* Of the needs that fail the clause the one that asks for the most, or for the least where that is too little. */
const struct xpm_accel_need *xpm_reason_need(const struct xpm_subject *subject, enum xpm_clause clause);

#endif
