/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_INTERN_H
#define XPM_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "scontrol.h"

/*
 * Each text once: a hash table from a text to its copy in an arena, and to what the caller hangs on it. {.arena = a} is
 * an empty one; xpm_intern_free() frees the table, the copies stay.
 */
struct xpm_interned {
	const char *text;
	size_t len;
	uint32_t hash;
	void *data;
};

struct xpm_intern {
	struct xpm_arena *arena;
	struct xpm_interned *slots;
	size_t room, len;
};

/* The entry of this text, made if need be; valid until the next call. NULL when memory is short. */
struct xpm_interned *xpm_intern(struct xpm_intern *table, const struct xpm_slice *slice);

/* Its text only. */
const char *xpm_intern_text(struct xpm_intern *table, const struct xpm_slice *slice);
void xpm_intern_free(struct xpm_intern *table);

#endif
