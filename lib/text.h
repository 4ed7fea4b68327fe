/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_TEXT_H
#define XPM_TEXT_H

#include <stddef.h>

#include "arena.h"
#include "textbuf.h"

/* Text for a screen: what stands in columns, what fits, and what may be shown. */

void xpm_text_clear(struct xpm_textbuf *text);

/* piece without what a terminal must not be shown: control characters and broken UTF-8 become '?'. */
void xpm_text_add_clean(struct xpm_textbuf *text, const char *piece, size_t len);

/* Cleaned, and filled up with blanks or cut (ending in "..") to exactly columns. */
void xpm_text_add_cell(struct xpm_textbuf *text, const char *piece, size_t columns);

/* How many columns a terminal takes for it, a character being one. */
size_t xpm_text_columns(const char *piece, size_t len);

/*
 * How much of piece goes into so many columns: whole words, the rest of piece beginning with the next. At least one
 * character, so that a loop over it ends.
 */
size_t xpm_text_fit(const char *piece, size_t columns);

/* A copy in the arena; NULL when memory was short for the text or is for the copy. */
char *xpm_text_keep(const struct xpm_textbuf *text, struct xpm_arena *arena);

#endif
