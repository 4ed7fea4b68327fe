/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REQUIREMENT_H
#define XPM_REQUIREMENT_H

#include <xpmatch/spec.h>

#include "arena.h"

/*
 * A requirement in the making, for the parser and the builders. Room for all alternatives and needs is taken at once;
 * the needs of an alternative follow each other in `needs`, so only the last alternative can grow.
 */
struct xpm_requirement {
	struct xpm_arena arena;
	const char *source;
	struct xpm_alternative *items;
	size_t len;
	struct xpm_accel_need *needs;
	size_t needs_len;
};

/* Room for so many alternatives and accelerator terms, none used yet. NULL with XPM_ERR_MEMORY. */
struct xpm_requirement *xpm_requirement_create(size_t alternatives, size_t needs, struct xpm_error *err);

/* A new, empty last alternative. There must be room. */
struct xpm_alternative *xpm_requirement_begin(struct xpm_requirement *requirement);

/*
 * Add accelerators to the last alternative, to an equal need if it has one. need->model must live as long as the
 * requirement. 0, and nothing added, when that would be more than XPM_ACCELERATORS_MAX.
 */
int xpm_requirement_add(struct xpm_requirement *requirement, const struct xpm_accel_need *need);

/* Raise the value to at least this one: what repeated durations and cpu terms do. */
void xpm_raise(uint64_t *value, uint64_t least);
void xpm_raise_cores(uint32_t *cores, uint32_t least);

#endif
