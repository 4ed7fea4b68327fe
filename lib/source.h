/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SOURCE_H
#define XPM_SOURCE_H

#include <stdarg.h>

#include "document.h"

/*
 * A text that was read before, with the offsets of its lines: whoever has something to say about a place that the model
 * kept finds it without reading the text again.
 */
struct xpm_source {
	struct xpm_document document;
	size_t *lines;
	size_t lines_len;
};

/* The text is borrowed, report may be NULL. Returns 0 when memory is short. */
int xpm_source_read(struct xpm_source *source, struct xpm_arena *arena, const char *name, const char *text, size_t len,
		    struct xpm_report *report);

/* Say it to the document, with the line and its caret. What stands nowhere (line 0) is said of the file. */
void xpm_source_say(struct xpm_source *source, enum xpm_severity severity, enum xpm_code code,
		    const struct xpm_place *place, const char *format, ...) __attribute__((format(printf, 5, 6)));
void xpm_source_vsay(struct xpm_source *source, enum xpm_severity severity, enum xpm_code code,
		     const struct xpm_place *place, const char *format, va_list args)
	__attribute__((format(printf, 5, 0)));

#endif
