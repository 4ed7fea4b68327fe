/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_ARENA_H
#define XPM_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Memory of one loaded document or table: many small pieces, freed together.
 *
 * A zeroed struct is an empty arena. Pieces are zeroed and aligned for any type. NULL when memory is short, or when
 * the arena's limit (bytes; 0 = none) would be passed.
 */
struct xpm_arena {
	struct xpm_arena_block *blocks;
	size_t used;  /* bytes handed out */
	size_t limit;
};

void *xpm_arena_alloc(struct xpm_arena *arena, size_t size);
void *xpm_arena_array(struct xpm_arena *arena, size_t count, size_t size); /* overflow is NULL too */
char *xpm_arena_strndup(struct xpm_arena *arena, const char *text, size_t len);
char *xpm_arena_strdup(struct xpm_arena *arena, const char *text);
char *xpm_arena_printf(struct xpm_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Forget every piece but keep the memory for the next use: xpm_arena_alloc() takes none from the system until more is
 * needed than before. (The reset itself may, to join what had grown in several parts.)
 */
void xpm_arena_reset(struct xpm_arena *arena);
void xpm_arena_free(struct xpm_arena *arena);

#endif
