/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error_private.h"

static int make_room(struct xpm_text *text, size_t more)
{
	size_t room = text->room ? text->room : 128;
	char *buf;

	if (text->failed)
		return 0;
	if (text->len + more < text->room)
		return 1;
	while (room <= text->len + more)
		room *= 2;
	buf = realloc(text->buf, room);
	if (!buf) {
		text->failed = 1;
		return 0;
	}
	text->buf = buf;
	text->room = room;
	return 1;
}

void xpm_text_add_len(struct xpm_text *text, const char *piece, size_t len)
{
	if (!make_room(text, len))
		return;
	memcpy(text->buf + text->len, piece, len);
	text->len += len;
	text->buf[text->len] = '\0';
}

void xpm_text_add(struct xpm_text *text, const char *piece)
{
	xpm_text_add_len(text, piece, strlen(piece));
}

void xpm_text_printf(struct xpm_text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !make_room(text, (size_t)len))
		return;
	va_start(args, format);
	vsnprintf(text->buf + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

void xpm_text_clear(struct xpm_text *text)
{
	text->len = 0;
	if (text->buf)
		text->buf[0] = '\0';
}

void xpm_text_add_clean(struct xpm_text *text, const char *piece, size_t len)
{
	size_t step;
	int printable;

	for (size_t i = 0; i < len; i += step) {
		step = xpm_char_len(piece + i, len - i, &printable);
		if (printable)
			xpm_text_add_len(text, piece + i, step);
		else
			xpm_text_add_len(text, "?", 1);
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

void xpm_text_add_cell(struct xpm_text *text, const char *piece, size_t columns)
{
	size_t len = strlen(piece), wide = xpm_text_columns(piece, len);

	if (wide <= columns) {
		xpm_text_add_clean(text, piece, len);
	} else {
		xpm_text_add_clean(text, piece, bytes_of(piece, len, columns < 2 ? 0 : columns - 2));
		xpm_text_add_len(text, "..", columns < 2 ? columns : 2);
		wide = columns;
	}
	for (; wide < columns; wide++)
		xpm_text_add_len(text, " ", 1);
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

char *xpm_text_keep(const struct xpm_text *text, struct xpm_arena *arena)
{
	return text->failed ? NULL : xpm_arena_strndup(arena, text->buf ? text->buf : "", text->len);
}
