/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the trace to the lines of a table: what each says, in which order, and which of them fare alike. */
#include <stdlib.h>
#include <string.h>

#include "explain_private.h"

/* Partitions that a folded line names. */
#define NAMED_MAX 8

/* What the candidate says in each column, into text, one after the other; kept in the arena. */
static void fill_cell(const struct xpm_candidate *candidate, enum xpm_explain_cell cell, struct xpm_textbuf *text)
{
	switch (cell) {
	case XPM_CELL_PARTITION:
		xpm_textbuf_puts(text, candidate->partition ? candidate->partition : "-");
		break;
	case XPM_CELL_NODES:
		if (candidate->hosts)
			xpm_textbuf_puts(text, candidate->hosts);
		for (size_t i = 0; !candidate->hosts && i < candidate->features_len; i++)
			xpm_textbuf_printf(text, "%s%s", i ? "&" : "", candidate->features[i]);
		if (text->len == 0)
			xpm_textbuf_puts(text, candidate->partition ? "all" : "this machine");
		break;
	case XPM_CELL_LANE:
		xpm_textbuf_puts(text, candidate->qos ? candidate->qos : "-");
		if (candidate->account)
			xpm_textbuf_printf(text, "/%s", candidate->account);
		break;
	case XPM_CELL_GPUS:
		xpm_explain_gpus(candidate, text);
		break;
	case XPM_CELLS:
		break;
	}
}

static const char *make_cell(const struct xpm_candidate *candidate, enum xpm_explain_cell cell,
			     struct xpm_textbuf *text, struct xpm_arena *arena)
{
	xpm_text_clear(text);
	fill_cell(candidate, cell, text);
	return xpm_text_keep(text, arena);
}

static int compare_sizes(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

/* Launcher, verdict from good to bad, number of reasons: what both orders begin with. */
static int compare_standing(const struct xpm_explain_row *a, const struct xpm_explain_row *b)
{
	if (a->launcher != b->launcher)
		return compare_sizes(a->launcher, b->launcher);
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	return compare_sizes((size_t)a->failed, (size_t)b->failed);
}

static int compare_shown(const void *left, const void *right)
{
	const struct xpm_explain_row *a = left, *b = right;
	int order = compare_standing(a, b);

	return order ? order : compare_sizes(a->row, b->row);
}

/* Those that fare alike stand together. */
static int compare_alike(const void *left, const void *right)
{
	const struct xpm_explain_row *a = left, *b = right;
	int order = compare_standing(a, b);

	if (!order)
		order = strcmp(a->reason, b->reason);
	return order ? order : compare_sizes(a->row, b->row);
}

static int alike(const struct xpm_explain_row *a, const struct xpm_explain_row *b)
{
	return !compare_standing(a, b) && !strcmp(a->reason, b->reason) && a->verdict != XPM_VERDICT_CHOSEN;
}

/* "big,small", each partition once; node groups of one partition follow each other. */
static void name_partitions(const struct xpm_explain *explain, const struct xpm_explain_row *rows, size_t len,
			    struct xpm_textbuf *text)
{
	const char *last = NULL;
	size_t named = 0;

	for (size_t i = 0; i < len; i++) {
		const char *name = xpm_candidates_get(explain->candidates, rows[i].row)->partition;

		if (!name || (last && !strcmp(last, name)))
			continue;
		last = name;
		if (named++ == NAMED_MAX)
			xpm_textbuf_puts(text, ",..");
		if (named <= NAMED_MAX)
			xpm_textbuf_printf(text, "%s%s", text->len ? "," : "", name);
	}
	if (text->len == 0)
		xpm_textbuf_puts(text, "-");
}

/* How many different node groups there are; rows that differ in QoS and account only follow each other. */
static void count_groups(const struct xpm_explain *explain, const struct xpm_explain_row *rows, size_t len,
			 struct xpm_textbuf *text)
{
	size_t groups = 0;
	uint32_t last = 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t klass = xpm_candidates_get(explain->candidates, rows[i].row)->klass;

		if (i == 0 || klass != last)
			groups++;
		last = klass;
	}
	if (groups > 1)
		xpm_textbuf_printf(text, "%zu node groups", groups);
	else
		fill_cell(xpm_candidates_get(explain->candidates, rows[0].row), XPM_CELL_NODES, text);
}

/* What they have in common, or a star. */
static void common_cell(const struct xpm_explain *explain, const struct xpm_explain_row *rows, size_t len,
			enum xpm_explain_cell cell, struct xpm_textbuf *text)
{
	struct xpm_textbuf other = { 0 };
	size_t i;

	fill_cell(xpm_candidates_get(explain->candidates, rows[0].row), cell, text);
	for (i = 1; i < len && !other.failed && !text->failed; i++) {
		xpm_text_clear(&other);
		fill_cell(xpm_candidates_get(explain->candidates, rows[i].row), cell, &other);
		if (!other.failed && strcmp(other.bytes, text->bytes))
			break;
	}
	text->failed |= other.failed;
	xpm_textbuf_free(&other);
	if (i == len)
		return;
	xpm_text_clear(text);
	xpm_textbuf_puts(text, "*");
}

static int fill_folded(const struct xpm_explain *explain, const struct xpm_explain_row *rows, size_t len,
		       struct xpm_explain_row *line, struct xpm_arena *arena)
{
	struct xpm_textbuf text = { 0 };
	int complete = 1;

	for (int cell = 0; cell < XPM_CELLS; cell++) {
		xpm_text_clear(&text);
		if (cell == XPM_CELL_PARTITION)
			name_partitions(explain, rows, len, &text);
		else if (cell == XPM_CELL_NODES)
			count_groups(explain, rows, len, &text);
		else
			common_cell(explain, rows, len, (enum xpm_explain_cell)cell, &text);
		line->cells[cell] = xpm_text_keep(&text, arena);
		complete &= line->cells[cell] != NULL;
	}
	xpm_textbuf_free(&text);
	return complete;
}

/* Rows that fare alike become the first of them. Returns how many lines are left, 0 when memory is short. */
static size_t fold(const struct xpm_explain *explain, struct xpm_explain_row *rows, size_t len, struct xpm_arena *arena)
{
	size_t lines = 0, end;

	qsort(rows, len, sizeof(*rows), compare_alike);
	for (size_t i = 0; i < len; i = end) {
		struct xpm_explain_row line = rows[i];

		for (end = i + 1; end < len && alike(&rows[i], &rows[end]);)
			end++;
		if (!fill_folded(explain, rows + i, end - i, &line, arena))
			return 0;
		rows[lines++] = line;
	}
	qsort(rows, lines, sizeof(*rows), compare_shown);
	return lines;
}

static size_t count_rows(const struct xpm_explain *explain, size_t alternative)
{
	size_t count = 0;

	for (size_t l = 0; l < xpm_match_launchers(explain->match, alternative); l++)
		if (!xpm_match_skipped(explain->match, l))
			count += xpm_candidates_launcher(explain->candidates, l)->count;
	return count;
}

static int fill_row(const struct xpm_explain *explain, size_t alternative, struct xpm_explain_row *line, int cells,
		    struct xpm_textbuf *text, struct xpm_arena *arena)
{
	const struct xpm_candidate *candidate = xpm_candidates_get(explain->candidates, line->row);
	int complete;

	line->verdict = xpm_match_verdict(explain->match, alternative, line->row);
	line->failed = __builtin_popcount(xpm_match_failed(explain->match, alternative, line->row));
	xpm_text_clear(text);
	xpm_explain_reason(explain, alternative, line->row, text);
	line->reason = xpm_text_keep(text, arena);
	complete = line->reason != NULL;
	for (int cell = 0; cells && cell < XPM_CELLS; cell++) {
		line->cells[cell] = make_cell(candidate, (enum xpm_explain_cell)cell, text, arena);
		complete &= line->cells[cell] != NULL;
	}
	return complete;
}

enum xpm_code xpm_explain_rows(const struct xpm_explain *explain, size_t alternative, int all, struct xpm_arena *arena,
			       struct xpm_explain_row **rows, size_t *len)
{
	size_t count = count_rows(explain, alternative), at = 0;
	int folds = !all && count > XPM_EXPLAIN_FOLD_FROM, complete = 1;
	struct xpm_textbuf text = { 0 };

	*rows = xpm_arena_array(arena, count + 1, sizeof(**rows));
	*len = 0;
	if (!*rows)
		return XPM_ERR_MEMORY;
	for (size_t l = 0; l < xpm_match_launchers(explain->match, alternative); l++) {
		const struct xpm_launcher_info *launcher = xpm_candidates_launcher(explain->candidates, l);

		if (xpm_match_skipped(explain->match, l))
			continue;
		for (size_t i = 0; i < launcher->count && complete; i++) {
			struct xpm_explain_row *line = &(*rows)[at++];

			line->launcher = l;
			line->row = launcher->first + i;
			complete = fill_row(explain, alternative, line, !folds, &text, arena);
		}
	}
	xpm_textbuf_free(&text);
	if (!complete)
		return XPM_ERR_MEMORY;
	if (folds)
		at = fold(explain, *rows, at, arena);
	else
		qsort(*rows, at, sizeof(**rows), compare_shown);
	*len = at;
	return folds && at == 0 ? XPM_ERR_MEMORY : XPM_OK;
}
