/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_JSON_H
#define XPM_CLI_JSON_H

#include <jansson.h>
#include <xpmatch/xpmatch.h>

/* Once, before anything else of JSON: from then on the program ends with CLI_SYSTEM when there is no memory for it. */
void cli_json_begin(void);

/*
 * The decision as `xpm find --format json` and `xpm explain --format json` show it: all of it read from the trace of
 * the last run of match, so that text, JSON and decision cannot disagree.
 *
 * candidates  the table of match
 * request     the one that was run
 * why         the error of the run; its text stands as "message" when there is no plan
 *
 * Returns a new reference. What is not set is null.
 */
json_t *cli_decision_json(const struct xpm_match *match, const struct xpm_candidates *candidates,
			  const struct xpm_request *request, const struct xpm_error *why);

/* A string, or null for NULL. Bytes that are not UTF-8 stand as '?'. */
json_t *cli_json_text(const char *text);

/* One object on one line, or indented for people, to stdout. Returns an exit status. */
int cli_json_print(json_t *object, int indent);

#endif
