/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_TEXT_H
#define XPM_TEXT_H

#include <stddef.h>

#include "arena.h"

/*
 * Text in the making: one line of output, or a piece of it. A zeroed struct is empty; free text.buf with free().
 * When memory is short nothing more is added and `failed` is set, to be looked at once at the end.
 */
struct xpm_text {
	char *buf;    /* NUL-terminated once something was added */
	size_t len;   /* bytes */
	size_t room;
	int failed;
};

void xpm_text_add(struct xpm_text *text, const char *piece);
void xpm_text_add_len(struct xpm_text *text, const char *piece, size_t len);
void xpm_text_printf(struct xpm_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void xpm_text_clear(struct xpm_text *text);

/* piece without what a terminal must not be shown: control characters and broken UTF-8 become '?'. */
void xpm_text_add_clean(struct xpm_text *text, const char *piece, size_t len);

/* Cleaned, and filled up with blanks or cut (ending in "..") to exactly columns. */
void xpm_text_add_cell(struct xpm_text *text, const char *piece, size_t columns);

/* How many columns a terminal takes for it, a character being one. */
size_t xpm_text_columns(const char *piece, size_t len);

/*
 * How much of piece goes into so many columns: whole words, the rest of piece beginning with the next. At least one
 * character, so that a loop over it ends.
 */
size_t xpm_text_fit(const char *piece, size_t columns);

/* A copy in the arena; NULL when memory was short for the text or is for the copy. */
char *xpm_text_keep(const struct xpm_text *text, struct xpm_arena *arena);

#endif
