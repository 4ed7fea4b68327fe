/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CHECK_PRIVATE_H
#define XPM_CHECK_PRIVATE_H

#include <xpmatch/check.h>

#include "arena.h"
#include "document.h"
#include "feature.h"
#include "model.h"

/* A text with the offsets of its lines: diagnostics find their line without reading it all again. */
struct xpm_check_text {
	struct xpm_document document;
	size_t *lines;
	size_t lines_len;
};

struct xpm_check {
	const struct xpm_launchers *launchers;
	const struct xpm_candidates *candidates;
	struct xpm_arena arena;
	struct xpm_check_text file, tokens;
	struct xpm_error *err;
};

/* Warn about, or note, what stands at this place of launchers.yaml. */
void xpm_check_say(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The place of the first word of a line: all that the table of candidates keeps. */
struct xpm_place xpm_check_line(const struct xpm_check *check, unsigned line);

/* Does the list hold this text? */
int xpm_check_has(const struct xpm_strings *strings, const char *text);

/* check_names.c: names that are defined or used, and not the other */
enum xpm_code xpm_check_names(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features);

/* check_nodes.c: node groups of one slurm launcher */
enum xpm_code xpm_check_nodes(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features);

/* check_rows.c: candidates that nothing reaches, or that others always come before */
enum xpm_code xpm_check_rows(struct xpm_check *check);

#endif
