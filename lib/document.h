/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_DOCUMENT_H
#define XPM_DOCUMENT_H

#include <stddef.h>
#include <xpmatch/error.h>
#include <xpmatch/report.h>

#include "arena.h"
#include "model.h"

/* A place in a document: what a reader sees, and the byte that is meant. */
struct xpm_spot {
	struct xpm_place place;
	size_t offset;
	const struct xpm_spot *written;  /* of what an alias or a merge key brought: where it is written */
	int told;                        /* nothing more is to be said here: it is the place of a mistake */
};

/*
 * A text that is being read, and what was found wrong with it so far. Reading goes on after an error, so that all of
 * them are found; memory is the exception: whoever runs out of it sets out_of_memory, and the others stop.
 */
struct xpm_document {
	const char *name, *text;     /* borrowed */
	size_t len;
	struct xpm_arena *arena;     /* of the model that is being made */
	struct xpm_report *report;   /* may be NULL */
	size_t errors;
	struct xpm_error first;      /* of the errors the one that stands first in the text */
	const struct xpm_spot *use;  /* of the alias whose value is being read, the outermost one; or NULL */
	int out_of_memory;
};

/* A byte order mark is no part of the text: lines, columns and offsets count from behind it. */
struct xpm_document xpm_document_of(const char *name, const char *text, size_t len, struct xpm_arena *arena,
				    struct xpm_report *report);

/*
 * What is wrong with the value of an alias is said where the alias stands, with the line that it comes from; unless it
 * is wrong there as well and was said there.
 */

void xpm_document_say(struct xpm_document *document, enum xpm_severity severity, enum xpm_code code,
		      const struct xpm_spot *spot, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* From here on, what is read is the value at spot. Returns what document->use has to be afterwards. */
const struct xpm_spot *xpm_document_use(struct xpm_document *document, const struct xpm_spot *spot);

/* Memory of the model; sets out_of_memory when it returns NULL. */
void *xpm_document_array(struct xpm_document *document, size_t count, size_t size);
char *xpm_document_strndup(struct xpm_document *document, const char *text, size_t len);

/*
 * Is the text UTF-8 of printable characters, tabs and line ends, as YAML wants it? 0 after having said where it is not.
 * libyaml would say so too, but not where.
 */
int xpm_document_is_text(struct xpm_document *document);

/* A piece of the document for a message: quoted, one line, cut when long. */
struct xpm_quote {
	char text[64];
};
struct xpm_quote xpm_quote(const char *text, size_t len);

#endif
