/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error_private.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * Code points that move the cursor, reorder the line on a terminal or pass for a blank, besides
 * control characters.
 */
static int is_invisible(uint32_t c)
{
	return (c >= 0x80 && c <= 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

size_t xpm_char_len(const char *text, size_t len, int *printable)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text[0];
	uint32_t c;
	size_t n, i;

	*printable = first >= 0x20 && first < 0x7f;
	if (first < 0xc2 || first > 0xf4)
		return 1;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (n > len)
		return 1;
	c = first & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (next & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 1;
	*printable = !is_invisible(c);
	return n;
}

int xpm_shown(const char *text, size_t len)
{
	size_t at = 0, n;
	int printable;

	while (at < len) {
		n = xpm_char_len(text + at, len - at, &printable);
		if (at + n > 40)
			break;
		at += n;
	}
	return (int)at;
}

/*
 * Copy text[0..len) to out (size bytes, NUL-terminated) as a terminal may see it: tabs as blanks,
 * the unprintable as
 * '?', whole characters only. Nothing gets longer. *mark, when not NULL, is an offset in text and
 * becomes the offset in out. Returns the number of bytes of text that found room.
 */
static size_t copy_printable(char *out, size_t size, const char *text, size_t len, size_t *mark)
{
	size_t in = 0, to = 0, marked = SIZE_MAX;

	while (in < len) {
		int printable;
		size_t n = xpm_char_len(text + in, len - in, &printable);
		size_t need = printable ? n : 1;

		if (to + need >= size)
			break;
		if (mark && marked == SIZE_MAX && *mark < in + n)
			marked = to;
		if (printable)
			memcpy(out + to, text + in, n);
		else
			out[to] = text[in] == '\t' ? ' ' : '?';
		in += n;
		to += need;
	}
	out[to] = '\0';
	if (mark)
		*mark = marked == SIZE_MAX ? to : marked;
	return in;
}

static void fill(struct xpm_error *err, enum xpm_code code, const char *format, va_list args)
{
	char text[XPM_ERROR_TEXT_MAX +
	          4]; /* a character that is cut here does not fit in the copy */

	memset(err, 0, sizeof(*err));
	err->code = code;
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	copy_printable(err->text, sizeof(err->text), text, strlen(text), NULL);
}

enum xpm_code xpm_fail(struct xpm_error *err, enum xpm_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	fill(err, code, format, args);
	va_end(args);
	return code;
}

enum xpm_code xpm_fail_memory(struct xpm_error *err)
{
	return xpm_fail(err, XPM_ERR_MEMORY, "out of memory");
}

/* Show the part of line[0..len) around offset at, with "..." where it was cut. */
static void fill_excerpt(struct xpm_error *err, const char *line, size_t len, size_t at)
{
	static const char dots[] = "...";
	const size_t room = sizeof(err->excerpt) - 1, edge = sizeof(dots) - 1;
	size_t start = 0, before = 0, end;

	if (at > len)
		at = len;
	if (len > room && at > room / 2) {
		start = at - room / 2;
		if (start > len - room + edge)
			start = len - room + edge; /* the whole tail fits */
		while (start < at && ((unsigned char)line[start] & 0xc0) == 0x80)
			start++;
		memcpy(err->excerpt, dots, edge);
		before = edge;
	}
	at -= start;
	end = len - start;
	if (end > room - before) {
		/* Whole characters of text, then the dots. */
		end = copy_printable(err->excerpt + before, room - before - edge + 1, line + start,
		                     end, &at);
		memcpy(err->excerpt + strlen(err->excerpt), dots, edge + 1);
	} else {
		copy_printable(err->excerpt + before, room - before + 1, line + start, end, &at);
	}
	err->caret = (unsigned)(before + at);
}

enum xpm_code xpm_fail_at(struct xpm_error *err, enum xpm_code code, const char *source,
                          const char *text, size_t len, size_t offset, const char *format, ...)
{
	size_t start = 0, end, i;
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	fill(err, code, format, args);
	va_end(args);

	copy_printable(err->source, sizeof(err->source), source, strlen(source), NULL);
	if (offset > len)
		offset = len;
	err->line = 1;
	for (i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			err->line++;
			start = i + 1;
		}
	}
	err->column = (unsigned)(offset - start + 1);
	for (end = start; end < len && text[end] != '\n'; end++)
		;
	if (end > start && end > offset && text[end - 1] == '\r')
		end--;
	fill_excerpt(err, text + start, end - start, offset - start);
	return code;
}

/* A text of limited size that keeps counting: what snprintf() does, over several calls. */
struct output {
	char *buf;
	size_t size, len;
};

static void put(struct output *out, const char *text, size_t len)
{
	if (out->len < out->size) {
		size_t room = out->size - out->len - 1;

		memcpy(out->buf + out->len, text, len < room ? len : room);
		out->buf[out->len + (len < room ? len : room)] = '\0';
	}
	out->len += len;
}

static void put_string(struct output *out, const char *text)
{
	put(out, text, strlen(text));
}

size_t xpm_error_print_as(const struct xpm_error *err, const char *word, char *buf, size_t size)
{
	struct output out = { buf, size, 0 };
	char place[32];
	size_t i;

	put(&out, "", 0);
	if (err->source[0]) {
		put_string(&out, err->source);
		put(&out, ":", 1);
	}
	if (err->line) {
		put(&out, place,
		    (size_t)snprintf(place, sizeof(place), "%u:%u:", err->line, err->column));
	}
	if (out.len)
		put(&out, " ", 1);
	put_string(&out, word);
	put(&out, ": ", 2);
	put_string(&out, err->text);
	if (!err->line || !err->excerpt[0])
		return out.len;

	put(&out, "\n", 1);
	put_string(&out, err->excerpt);
	put(&out, "\n", 1);
	/* One blank per character, not per byte. */
	for (i = 0; i < err->caret && err->excerpt[i]; i++)
		if (((unsigned char)err->excerpt[i] & 0xc0) != 0x80)
			put(&out, " ", 1);
	put(&out, "^", 1);
	return out.len;
}

size_t xpm_error_print(const struct xpm_error *err, char *buf, size_t size)
{
	return xpm_error_print_as(err, "error", buf, size);
}
