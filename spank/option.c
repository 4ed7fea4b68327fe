/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option.h"

#include <stdlib.h>
#include <string.h>
#include <xpmatch/spec.h>

#include "request.h"

#define TAGS_MAX XPM_SPEC_MAX

/*
 * Log text line by line: Slurm puts the command's name before each, so carets stay below what they
 * point to.
 */
static void log_lines(char *text)
{
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		slurm_error("%s", line);
}

static void log_spec_error(const struct xpm_error *err)
{
	char text[XPM_ERROR_SOURCE_MAX + XPM_ERROR_TEXT_MAX + 3 * XPM_ERROR_EXCERPT_MAX];
	char *excerpt;

	/* Slurm says "error:" itself. */
	if (err->line > 1)
		slurm_error("--xpm-spec: line %u, column %u: %s", err->line, err->column,
		            err->text);
	else if (err->line)
		slurm_error("--xpm-spec: column %u: %s", err->column, err->text);
	else
		slurm_error("--xpm-spec: %s", err->text);
	xpm_error_print(err, text, sizeof(text));
	excerpt = strchr(text, '\n');
	if (excerpt)
		log_lines(excerpt);
}

static int take(enum xpm_request_item item, const char *value)
{
	if (!xpm_request_set(item, value))
		return 0;
	slurm_error("xpm: out of memory");
	return -1;
}

static int take_spec(const char *text)
{
	struct xpm_requirement *requirement;
	struct xpm_error err;

	requirement = xpm_spec_parse(text, &err);
	if (!requirement) {
		log_spec_error(&err);
		return -1;
	}
	xpm_requirement_destroy(requirement);
	/* As it was written: slurmctld's messages can then show it as the user knows it. */
	return take(XPM_REQUEST_SPEC, text);
}

/*
 * T[,T]: no name is empty; blanks around names are dropped. out has room for text. 1 when that is
 * so.
 */
static int clean_tags(const char *text, char *out)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	for (;;) {
		text += strspn(text, blanks);
		len = strcspn(text, ",");
		if (memchr(text, '\n', len))
			return 0;
		while (len && strchr(blanks, text[len - 1]))
			len--;
		if (len == 0)
			return 0;
		memcpy(out, text, len);
		out += len;
		text += strcspn(text, ",");
		*out++ = *text;
		if (!*text++)
			return 1;
	}
}

static int take_tags(const char *text)
{
	char tags[TAGS_MAX + 1];

	if (strlen(text) > TAGS_MAX) {
		slurm_error("--xpm-tags: longer than %d bytes", TAGS_MAX);
		return -1;
	}
	if (!clean_tags(text, tags)) {
		slurm_error("--xpm-tags: expected TAG or TAG,TAG,... without empty names");
		return -1;
	}
	return take(XPM_REQUEST_TAGS, tags);
}

/* Called by Slurm with the option's val; a non-zero return ends the command. */
static int on_option(int val, const char *arg, int remote)
{
	/* On a node the job has long been decided: whatever came along is none of its business. */
	if (remote)
		return 0;
	switch (val) {
	case XPM_REQUEST_SPEC:
		return take_spec(arg ? arg : "");
	case XPM_REQUEST_TAGS:
		return take_tags(arg ? arg : "");
	default:
		return take(XPM_REQUEST_EXPLAIN, "1");
	}
}

int xpm_option_register(spank_t spank)
{
	/* Slurm copies these, but declares every string writable. */
	static char spec[] = "xpm-spec", spec_arg[] = "SPEC",
	            spec_usage[] = "what the job needs, as \"cuda(mem=24G)*2 & duration=20h\"; "
	                           "partition, QoS and the "
	                           "rest follow from it (see xpm-spec(7))";
	static char tags[] = "xpm-tags", tags_arg[] = "TAG[,TAG...]",
	            tags_usage[] = "with --xpm-spec: only launchers that carry one of these tags";
	static char explain[] = "xpm-explain",
	            explain_usage[] =
	                    "with --xpm-spec: show which places fit and why, and submit nothing";
	struct spank_option options[] = {
		{ spec, spec_arg, spec_usage, 1, XPM_REQUEST_SPEC, on_option },
		{ tags, tags_arg, tags_usage, 1, XPM_REQUEST_TAGS, on_option },
		{ explain, NULL, explain_usage, 0, XPM_REQUEST_EXPLAIN, on_option },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		spank_err_t code = spank_option_register(spank, &options[i]);

		if (code) {
			slurm_error("xpm: cannot add --%s: %s", options[i].name,
			            spank_strerror(code));
			return -1;
		}
	}
	return 0;
}
