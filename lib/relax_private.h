/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_RELAX_PRIVATE_H
#define XPM_RELAX_PRIVATE_H

#include <xpmatch/candidates.h>
#include <xpmatch/spec.h>

#include "predicate.h"

/*
 * Changes of an alternative, each with its cost: what is the least that one candidate would have to be asked for
 * differently. Pure functions on values.
 */

#define XPM_CHANGE_NEEDS_MAX 8 /* different accelerator terms; alternatives with more are left alone */

struct xpm_change {
	struct xpm_alternative alternative; /* its accels are `needs` (set by xpm_change_alternative()) */
	struct xpm_accel_need needs[XPM_CHANGE_NEEDS_MAX + 1];
	size_t needs_len;
	uint32_t cost;                      /* a changed field is XPM_CHANGE_FIELD and more */
};

#define XPM_CHANGE_FIELD 10000u

/*
 * The least change of `predicate->alternative` with which the candidate satisfies. work is lowered with every
 * comparison and ends the search at 0.
 *
 * Returns 1 with *change filled, 0 when there is none: the candidate has no accelerators at all, say, or a duration
 * that the spec does not name is too long.
 */
int xpm_change_find(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate,
		    struct xpm_change *change, size_t *work);

/* The changed alternative; it points into change. */
const struct xpm_alternative *xpm_change_alternative(struct xpm_change *change);

/* What differs from the alternative that was asked for. */
enum {
	XPM_CHANGED_DURATION = 1 << 0,
	XPM_CHANGED_CORES = 1 << 1,
	XPM_CHANGED_MEM = 1 << 2,
	XPM_CHANGED_KIND = 1 << 3,
	XPM_CHANGED_MODEL = 1 << 4,
	XPM_CHANGED_GPU_MEM = 1 << 5,
	XPM_CHANGED_COUNT = 1 << 6,
	XPM_CHANGED_ADDED = 1 << 7, /* accelerators where none were asked for */
};
unsigned xpm_change_fields(const struct xpm_alternative *asked, const struct xpm_change *change);

/* Same alternative in the end? */
int xpm_change_equal(const struct xpm_change *a, const struct xpm_change *b);

#endif
