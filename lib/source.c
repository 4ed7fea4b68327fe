/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "report_private.h"

int xpm_source_read(struct xpm_source *source, struct xpm_arena *arena, const char *name, const char *text, size_t len,
		    struct xpm_report *report)
{
	size_t lines = 1;

	*source = (struct xpm_source){ .document = xpm_document_of(name, text, len, arena, report) };
	text = source->document.text;
	len = source->document.len;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	source->lines = xpm_arena_array(arena, lines, sizeof(*source->lines));
	if (!source->lines)
		return 0;
	source->lines[source->lines_len++] = 0;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			source->lines[source->lines_len++] = i + 1;
	return 1;
}

static void say_nowhere(struct xpm_document *document, enum xpm_severity severity, enum xpm_code code, const char *text)
{
	struct xpm_error what;

	xpm_fail(&what, code, "%s", text);
	snprintf(what.source, sizeof(what.source), "%s", document->name);
	if (severity == XPM_ERROR && document->errors++ == 0)
		document->first = what;
	if (document->report && xpm_report_add(document->report, severity, &what))
		document->out_of_memory = 1;
}

void xpm_source_vsay(struct xpm_source *source, enum xpm_severity severity, enum xpm_code code,
		     const struct xpm_place *place, const char *format, va_list args)
{
	char text[XPM_ERROR_TEXT_MAX];
	struct xpm_spot spot = { .place = *place };

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	if (place->line == 0 || place->line > source->lines_len) {
		say_nowhere(&source->document, severity, code, text);
		return;
	}
	spot.offset = source->lines[place->line - 1] + place->column - 1;
	if (spot.offset > source->document.len)
		spot.offset = source->document.len;
	xpm_document_say(&source->document, severity, code, &spot, "%s", text);
}

void xpm_source_say(struct xpm_source *source, enum xpm_severity severity, enum xpm_code code,
		    const struct xpm_place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xpm_source_vsay(source, severity, code, place, format, args);
	va_end(args);
}
