/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_EXPLAIN_H
#define XPMATCH_EXPLAIN_H

#include <stddef.h>
#include <xpmatch/match.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A decision in words, from the trace of a match: the table of `xpm explain`, the refusal of the filter, and the nearest
 * specs that would have matched. Nothing is written but through the caller's function.
 */

/* Takes one line without its newline, valid during the call. text is never a format. */
typedef void xpm_explain_put(void *context, const char *line, size_t len);

/* What is explained: the last run of a match. All of it borrowed. */
struct xpm_explain {
	const struct xpm_match *match;
	const struct xpm_candidates *candidates; /* the table of the match */
	const struct xpm_request *request;       /* that was run */
	const struct xpm_error *why;             /* the run's error; not looked at when there is a plan */
};

struct xpm_explain_style {
	unsigned width;   /* columns of the screen; 0 = 80. Below 60 it is taken as 60 */
	int colour;       /* ANSI colours */
	int all;          /* a line per candidate: nothing is folded or cut */
	size_t max_lines; /* the last line says how many are missing; 0 = no limit */
};

/* What would help, nearest first; each of the specs was run, and changes something that those before it leave alone. */
#define XPM_RELAXED_MAX 3
struct xpm_relaxed {
	const char *without;  /* "--time": what was typed, and without which the spec itself would match; static; NULL = none */
	size_t len;
	char specs[XPM_RELAXED_MAX][XPM_SPEC_MAX + 1];
};

/*
 * A table per alternative that was tried: each candidate with its verdict, and every failed clause as need versus have.
 * Below it the plan, or what would help.
 *
 * relaxed  as xpm_relax() found it; NULL = nothing
 *
 * Returns XPM_OK, or XPM_ERR_MEMORY: then what was put so far is not all.
 */
enum xpm_code xpm_explain_print(const struct xpm_explain *explain, const struct xpm_explain_style *style,
				const struct xpm_relaxed *relaxed, xpm_explain_put *put, void *context);

/*
 * Why a job is refused, in at most XPM_EXPLAIN_SHORT_LINES lines of which the last is the `xpm explain` command to see it
 * all, quoted for a shell. Lines can be as long as the spec. options stands in the command before the spec ("--tag=a");
 * NULL = nothing.
 */
#define XPM_EXPLAIN_SHORT_LINES 5
void xpm_explain_short(const struct xpm_explain *explain, const struct xpm_relaxed *relaxed, const char *options,
		       xpm_explain_put *put, void *context);

/*
 * The nearest relaxations: the least changes of the request's spec that the matcher accepts, tags, kinds and typed options
 * staying what they are; and the one typed option that alone stands in the way. Each was run before it is returned. A job
 * that asks for no accelerators is told to ask for some only when nothing else helps.
 *
 * explain   a run that ended with XPM_ERR_NO_MATCH
 * max_runs  of the matcher; the search gives up after so many. 0 = a default that takes well below a second
 * most      specs that are wanted: the search ends with so many; at most XPM_RELAXED_MAX
 * relaxed   receives what was found
 *
 * A workspace of its own is used: the trace in explain->match stays. Live facts (request->live) are asked again.
 * Returns XPM_OK, also when nothing was found, or XPM_ERR_MEMORY.
 */
enum xpm_code xpm_relax(const struct xpm_explain *explain, size_t max_runs, size_t most, struct xpm_relaxed *relaxed,
			struct xpm_error *err);

/*
 * text as one word for a POSIX shell: itself when nothing in it needs quotes, else in single quotes. Control characters
 * become '?'. Returns the length of the whole word (as snprintf), which is cut when size is too small.
 */
size_t xpm_shell_quote(const char *text, char *buf, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
