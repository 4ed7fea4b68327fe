/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The refusal: why a job goes nowhere, in the few lines that a submission prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain_private.h"

/* Hosts of a refusal's line: a list of thousands helps nobody. */
#define HOSTS_COLUMNS 40

static void add_clean(struct xpm_textbuf *line, const char *before, const char *text)
{
	xpm_textbuf_puts(line, before);
	xpm_text_add_clean(line, text, strlen(text));
}

static void put_line(struct xpm_textbuf *line, xpm_explain_put *put, void *context)
{
	if (!line->failed && line->len > 0)
		put(context, line->bytes, line->len);
	xpm_text_clear(line);
}

/* "closest: launcher manual, partition big, nodes n[1-4]: gpu memory 80G > 48GiB" */
static void add_closest(const struct xpm_explain *explain, struct xpm_textbuf *line)
{
	const struct xpm_candidate *candidate;
	struct xpm_textbuf reason = { 0 };
	size_t alternative, row, len;

	if (!xpm_match_closest(explain->match, &alternative, &row))
		return;
	candidate = xpm_candidates_get(explain->candidates, row);
	add_clean(line, "closest: launcher ", xpm_candidates_launcher(explain->candidates, candidate->launcher)->id);
	if (candidate->partition)
		add_clean(line, ", partition ", candidate->partition);
	if (candidate->hosts) {
		len = xpm_text_fit(candidate->hosts, HOSTS_COLUMNS);
		xpm_textbuf_puts(line, ", nodes ");
		xpm_text_add_clean(line, candidate->hosts, len);
		if (candidate->hosts[len])
			xpm_textbuf_puts(line, "..");
	}
	xpm_requirement_alternatives(explain->request->requirement, &len);
	if (len > 1)
		xpm_textbuf_printf(line, ", alternative %zu", alternative + 1);
	xpm_explain_reason(explain, alternative, row, &reason);
	if (reason.len > 0)
		add_clean(line, ": ", reason.bytes);
	line->failed |= reason.failed;
	xpm_textbuf_free(&reason);
}

static void add_command(const struct xpm_explain *explain, const char *options, struct xpm_textbuf *line)
{
	const char *source = xpm_requirement_source(explain->request->requirement);
	size_t size = xpm_shell_quote(source, NULL, 0) + 1;
	char *quoted = malloc(size), spec[XPM_SPEC_MAX + 1];

	if (!quoted)
		return;
	/* Newlines between its parts mean nothing, and would not come through as they are. */
	snprintf(spec, sizeof(spec), "%s", source);
	for (char *c = spec; *c; c++)
		*c = *c == '\n' || *c == '\t' || *c == '\r' ? ' ' : *c;
	xpm_shell_quote(spec, quoted, size);
	xpm_textbuf_puts(line, "see all: xpm explain ");
	if (options && *options)
		xpm_textbuf_printf(line, "%s ", options);
	xpm_textbuf_puts(line, quoted);
	free(quoted);
}

void xpm_explain_short(const struct xpm_explain *explain, const struct xpm_relaxed *relaxed, const char *options,
		       xpm_explain_put *put, void *context)
{
	struct xpm_textbuf line = { 0 };
	size_t alternative, row;

	if (explain->why->code != XPM_ERR_NO_MATCH || !xpm_match_closest(explain->match, &alternative, &row)) {
		add_clean(&line, "", explain->why->text);
		put_line(&line, put, context);
	} else {
		add_clean(&line, "no launcher satisfies ", xpm_requirement_source(explain->request->requirement));
		put_line(&line, put, context);
		add_closest(explain, &line);
		put_line(&line, put, context);
		if (relaxed && relaxed->without)
			xpm_textbuf_printf(&line, "without %s it would be satisfied", relaxed->without);
		put_line(&line, put, context);
		if (relaxed && relaxed->len > 0)
			add_clean(&line, "nearest that would be satisfied: ", relaxed->specs[0]);
		put_line(&line, put, context);
	}
	add_command(explain, options, &line);
	put_line(&line, put, context);
	xpm_textbuf_free(&line);
}
