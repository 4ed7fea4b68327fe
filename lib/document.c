/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "document.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "report_private.h"

struct xpm_document xpm_document_of(const char *name, const char *text, size_t len, struct xpm_arena *arena,
                                    struct xpm_report *report)
{
	size_t mark = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

	return (struct xpm_document){
		.name = name, .text = text + mark, .len = len - mark, .arena = arena, .report = report,
	};
}

const struct xpm_spot *xpm_document_use(struct xpm_document *document, const struct xpm_spot *spot)
{
	const struct xpm_spot *outer = document->use;

	if (!outer && spot->written)
		document->use = spot;
	return outer;
}

static int stands_before(const struct xpm_place *place, const struct xpm_error *what)
{
	return place->line < what->line ||
	       (place->line == what->line && place->column < what->column);
}

/* From the start of the line: whoever has many errors does not read the file as many times. */
static void fail_at(const struct xpm_document *document, struct xpm_error *what, enum xpm_code code,
                    const struct xpm_spot *spot, const char *text)
{
	size_t line_start = spot->offset - (spot->place.column - 1);

	xpm_fail_at(what, code, document->name, document->text + line_start, document->len - line_start,
	            spot->offset - line_start, "%s", text);
	what->line = spot->place.line;
}

/* Was it said at spot, which is not where it would be said now? */
static int said_at(const struct xpm_document *document, enum xpm_severity severity, const struct xpm_spot *spot,
                   const char *text)
{
	struct xpm_error what;

	if (!document->report)
		return 0;
	fail_at(document, &what, XPM_OK, spot, text);
	return xpm_report_has(document->report, severity, &what);
}

void xpm_document_say(struct xpm_document *document, enum xpm_severity severity, enum xpm_code code,
                      const struct xpm_spot *spot, const char *format, ...)
{
	const struct xpm_spot *at = document->use ? document->use : spot;
	const struct xpm_spot *written = spot->written ? spot->written : spot;
	const struct xpm_place *place = &at->place;
	char words[XPM_ERROR_TEXT_MAX + 4], text[XPM_ERROR_TEXT_MAX + 48];
	struct xpm_error what;
	int first, listed;
	va_list args;

	if (spot->told)
		return;
	first = severity == XPM_ERROR &&
	        (!document->errors || stands_before(place, &document->first));
	document->errors += severity == XPM_ERROR;
	listed = document->report && !xpm_report_refuses(document->report, severity, document->name,
	                                                 place->line, place->column);
	if (!first && !listed)
		return;

	va_start(args, format);
	if (vsnprintf(words, sizeof(words), format, args) < 0)
		words[0] = '\0';
	va_end(args);
	snprintf(text, sizeof(text), "%s", words);
	if (at != written)
		snprintf(text, sizeof(text), "%s (it comes from line %u)", words, written->place.line);
	if ((at != written && said_at(document, severity, written, words)) ||
	    (at != spot && said_at(document, severity, spot, text)))
		return;
	fail_at(document, &what, code, at, text);
	if (first)
		document->first = what;
	if (listed && xpm_report_add(document->report, severity, &what))
		document->out_of_memory = 1;
}

void *xpm_document_array(struct xpm_document *document, size_t count, size_t size)
{
	void *array = xpm_arena_array(document->arena, count, size);

	if (!array)
		document->out_of_memory = 1;
	return array;
}

char *xpm_document_strndup(struct xpm_document *document, const char *text, size_t len)
{
	char *copy = xpm_arena_strndup(document->arena, text, len);

	if (!copy)
		document->out_of_memory = 1;
	return copy;
}

/* The length of the UTF-8 character at text (len bytes are there, at least one) and its value; 0
 * when it is none. */
static size_t decode(const unsigned char *text, size_t len, uint32_t *value)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;

	*value = text[0];
	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	n = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	*value = text[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*value = *value << 6 | (text[i] & 0x3f);
	}
	if (*value < smallest[n] || *value > 0x10ffff || (*value >= 0xd800 && *value < 0xe000))
		return 0;
	return n;
}

static int is_yaml_character(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) || c == 0x85 ||
	       (c >= 0xa0 && c != 0xfffe && c != 0xffff);
}

int xpm_document_is_text(struct xpm_document *document)
{
	const unsigned char *text = (const unsigned char *)document->text;
	struct xpm_spot spot = { .place = { 1, 1 } };
	size_t line_start = 0, n = 1;
	uint32_t c;

	while (spot.offset < document->len) {
		n = decode(text + spot.offset, document->len - spot.offset, &c);
		if (n == 0 || !is_yaml_character(c))
			break;
		spot.offset += n;
		if (c == '\n') {
			spot.place.line++;
			line_start = spot.offset;
		}
	}
	if (spot.offset == document->len)
		return 1;
	spot.place.column = (unsigned)(spot.offset - line_start + 1);
	if (n == 0)
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot,
		                 "the byte 0x%02x is not UTF-8: save the file in that encoding",
		                 text[spot.offset]);
	else
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot,
		                 "the control character 0x%02x may not stand here", c);
	return 0;
}

struct xpm_quote xpm_quote(const char *text, size_t len)
{
	struct xpm_quote quote;
	size_t room = sizeof(quote.text) - sizeof("'...'"), n = len < room ? len : room, i;

	/* Whole characters only. */
	while (n < len && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	quote.text[0] = '\'';
	for (i = 0; i < n; i++)
		quote.text[1 + i] =
		        (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
	snprintf(quote.text + 1 + n, sizeof(quote.text) - 1 - n, "%s'", n < len ? "..." : "");
	return quote;
}
