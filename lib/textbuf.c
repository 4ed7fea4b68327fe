/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "textbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int reserve(struct xpm_textbuf *buf, size_t len)
{
	size_t room = buf->room ? buf->room : 1024;
	char *bytes;

	if (buf->failed || len >= SIZE_MAX / 4 - buf->len) {
		buf->failed = 1;
		return 0;
	}
	if (buf->len + len < buf->room)
		return 1;
	while (room <= buf->len + len)
		room *= 2;
	bytes = realloc(buf->bytes, room);
	if (!bytes) {
		buf->failed = 1;
		return 0;
	}
	buf->bytes = bytes;
	buf->room = room;
	return 1;
}

void xpm_textbuf_add(struct xpm_textbuf *buf, const char *text, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->bytes + buf->len, text, len);
	buf->len += len;
	buf->bytes[buf->len] = '\0';
}

void xpm_textbuf_puts(struct xpm_textbuf *buf, const char *text)
{
	xpm_textbuf_add(buf, text, strlen(text));
}

void xpm_textbuf_printf(struct xpm_textbuf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !reserve(buf, (size_t)len + 1))
		return;
	va_start(args, format);
	vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void xpm_textbuf_quoted(struct xpm_textbuf *buf, const char *text)
{
	const char *from = text;

	xpm_textbuf_add(buf, "\"", 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
			continue;
		xpm_textbuf_add(buf, from, (size_t)(text - from));
		if (c == '"' || c == '\\')
			xpm_textbuf_printf(buf, "\\%c", c);
		else
			xpm_textbuf_printf(buf, "\\u%04x", c);
		from = text + 1;
	}
	xpm_textbuf_add(buf, from, (size_t)(text - from));
	xpm_textbuf_add(buf, "\"", 1);
}

/* Words that a reader of YAML, or of an older YAML, takes for something else. */
static int is_reserved(const char *text)
{
	static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(text, words[i]))
			return 1;
	return 0;
}

static int is_word(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@+/";

	return *text && strchr(letters, *text) && text[strspn(text, more)] == '\0' && !is_reserved(text);
}

void xpm_textbuf_yaml(struct xpm_textbuf *buf, const char *text)
{
	if (is_word(text))
		xpm_textbuf_puts(buf, text);
	else
		xpm_textbuf_quoted(buf, text);
}

void xpm_textbuf_free(struct xpm_textbuf *buf)
{
	free(buf->bytes);
	memset(buf, 0, sizeof(*buf));
}

void *xpm_grow(void *items, size_t len, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 16;
	void *moved;

	if (len < *room)
		return items;
	if (more > SIZE_MAX / 2 / size)
		return NULL;
	moved = realloc(items, more * size);
	if (moved)
		*room = more;
	return moved;
}
