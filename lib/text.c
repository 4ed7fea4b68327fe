/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <string.h>

#include "error_private.h"

void xpm_text_clear(struct xpm_textbuf *text)
{
	text->len = 0;
	if (text->bytes)
		text->bytes[0] = '\0';
}

void xpm_text_add_clean(struct xpm_textbuf *text, const char *piece, size_t len)
{
	size_t step;
	int printable;

	for (size_t i = 0; i < len; i += step) {
		step = xpm_char_len(piece + i, len - i, &printable);
		if (printable)
			xpm_textbuf_add(text, piece + i, step);
		else
			xpm_textbuf_add(text, "?", 1);
	}
}

size_t xpm_text_columns(const char *piece, size_t len)
{
	size_t columns = 0;
	int printable;

	for (size_t i = 0; i < len; columns++)
		i += xpm_char_len(piece + i, len - i, &printable);
	return columns;
}

/* Bytes of the first so many characters. */
static size_t bytes_of(const char *piece, size_t len, size_t columns)
{
	size_t at = 0;
	int printable;

	while (at < len && columns-- > 0)
		at += xpm_char_len(piece + at, len - at, &printable);
	return at;
}

void xpm_text_add_cell(struct xpm_textbuf *text, const char *piece, size_t columns)
{
	size_t len = strlen(piece), wide = xpm_text_columns(piece, len);

	if (wide <= columns) {
		xpm_text_add_clean(text, piece, len);
	} else {
		xpm_text_add_clean(text, piece, bytes_of(piece, len, columns < 2 ? 0 : columns - 2));
		xpm_textbuf_add(text, "..", columns < 2 ? columns : 2);
		wide = columns;
	}
	for (; wide < columns; wide++)
		xpm_textbuf_add(text, " ", 1);
}

size_t xpm_text_fit(const char *piece, size_t columns)
{
	size_t len = strlen(piece), most = bytes_of(piece, len, columns ? columns : 1), at = most;

	if (most == len)
		return len;
	while (at > 0 && piece[at] != ' ')
		at--;
	return at ? at : most;
}

char *xpm_text_keep(const struct xpm_textbuf *text, struct xpm_arena *arena)
{
	return text->failed ? NULL : xpm_arena_strndup(arena, text->bytes ? text->bytes : "", text->len);
}
