/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of `xpm explain`, laid out for a screen. */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "explain_private.h"

#define WIDTH_MIN      60
#define VERDICT_WIDTH  8
#define INDENT         2
#define CELL_MIN       6  /* no column is squeezed below this */
#define REASON_MIN     24 /* words get at least so much of a line */
#define REASON_MOST    40 /* reasons that are longer than this are broken rather than put on lines of their own */
#define FOOTER_LINES   6  /* kept free by max_lines for what stands below the tables */

/* A page in the making: the style, the line that is being written, and how many were put. */
struct page {
	const struct xpm_explain *explain;
	struct xpm_explain_style style;
	xpm_explain_put *put;
	void *context;
	struct xpm_textbuf line;
	size_t lines;
	size_t table_lines; /* that tables may have; 0 = no limit */
	size_t missing;
};

enum colour { BOLD, GREEN, YELLOW, RED, PLAIN };

static void colour(struct page *page, enum colour which)
{
	static const char *const codes[] = { "\033[1m", "\033[32m", "\033[33m", "\033[31m", "\033[0m" };

	if (page->style.colour)
		xpm_textbuf_puts(&page->line, codes[which]);
}

static void trim(struct page *page)
{
	while (page->line.len > 0 && page->line.bytes[page->line.len - 1] == ' ')
		page->line.bytes[--page->line.len] = '\0';
}

static void end_line(struct page *page)
{
	trim(page);
	if (!page->line.failed)
		page->put(page->context, page->line.bytes ? page->line.bytes : "", page->line.len);
	page->lines++;
	xpm_text_clear(&page->line);
}

/* A line of a table: counted instead of put when there are too many. */
static void end_table_line(struct page *page)
{
	if (page->table_lines == 0 || page->lines < page->table_lines) {
		end_line(page);
		return;
	}
	page->missing++;
	xpm_text_clear(&page->line);
}

static void blanks(struct page *page, size_t n)
{
	while (n-- > 0)
		xpm_textbuf_add(&page->line, " ", 1);
}

/* How much of words goes into a line: reasons, which end in ";", are not broken where the next line has room for them. */
static size_t fit(const char *words, size_t columns)
{
	size_t len = xpm_text_fit(words, columns);

	for (size_t cut = len; words[len] && cut > 1; cut--)
		if (words[cut - 1] == ';' && words[cut] == ' ')
			return cut;
	return len;
}

/* Words over as many lines as they need, all indented; the first line is begun already, and so long. */
static void wrap(struct page *page, const char *words, size_t indent, int table)
{
	size_t columns = page->style.width > indent + REASON_MIN ? page->style.width - indent : REASON_MIN;

	for (size_t len; *words; words += len) {
		len = fit(words, columns);
		xpm_text_add_clean(&page->line, words, len);
		while (words[len] == ' ')
			len++;
		if (table)
			end_table_line(page);
		else
			end_line(page);
		if (words[len])
			blanks(page, indent);
	}
}

/* --- a table --- */

struct layout {
	size_t widths[XPM_CELLS]; /* 0 = nobody has anything to say there */
	size_t indent;            /* of the reasons */
	int reason_apart;         /* they stand on lines of their own */
};

static const char *const titles[XPM_CELLS] = { "PARTITION", "NODES", "QOS/ACCOUNT", "GPUS" };

static size_t sum_widths(const struct layout *layout)
{
	size_t sum = INDENT + VERDICT_WIDTH + 2;

	for (int cell = 0; cell < XPM_CELLS; cell++)
		sum += layout->widths[cell] ? layout->widths[cell] + 2 : 0;
	return sum;
}

static void natural_widths(struct layout *layout, const struct xpm_explain_row *rows, size_t len)
{
	memset(layout, 0, sizeof(*layout));
	for (int cell = 0; cell < XPM_CELLS; cell++) {
		for (size_t i = 0; i < len; i++) {
			const char *text = rows[i].cells[cell];
			size_t columns = strcmp(text, "-") ? xpm_text_columns(text, strlen(text)) : 0;

			if (columns > layout->widths[cell])
				layout->widths[cell] = columns;
		}
		if (layout->widths[cell] && layout->widths[cell] < strlen(titles[cell]))
			layout->widths[cell] = strlen(titles[cell]);
	}
}

/* Take a column from the widest until all fits; 0 when none can give more. */
static int squeeze(struct layout *layout, size_t most)
{
	while (sum_widths(layout) > most) {
		int widest = 0;

		for (int cell = 1; cell < XPM_CELLS; cell++)
			if (layout->widths[cell] > layout->widths[widest])
				widest = cell;
		if (layout->widths[widest] <= CELL_MIN)
			return 0;
		layout->widths[widest]--;
	}
	return 1;
}

/* The longest of the reasons of all rows, each taken for itself. */
static size_t longest_reason(const struct xpm_explain_row *rows, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < len; i++) {
		const char *at = rows[i].reason;

		while (*at) {
			const char *end = strstr(at, "; ");
			size_t bytes = end ? (size_t)(end + 1 - at) : strlen(at), columns = xpm_text_columns(at, bytes);

			longest = columns > longest ? columns : longest;
			at += bytes + (end != NULL);
		}
	}
	return longest;
}

/*
 * Columns as wide as what they hold if the reasons then have room enough; else reasons on lines of their own, and
 * columns cut only if even that is too wide.
 */
static void lay_out(struct layout *layout, const struct page *page, const struct xpm_explain_row *rows, size_t len)
{
	size_t reason = longest_reason(rows, len), wanted = reason < REASON_MOST ? reason : REASON_MOST;
	size_t width = page->style.width;

	natural_widths(layout, rows, len);
	layout->indent = sum_widths(layout);
	if (page->style.all) {
		layout->reason_apart = layout->indent + wanted > width;
	} else if (layout->indent + wanted > width) {
		layout->reason_apart = 1;
		squeeze(layout, width + 2);
	}
	if (layout->reason_apart)
		layout->indent = INDENT + VERDICT_WIDTH + 2;
}

static void put_titles(struct page *page, const struct layout *layout, int reasons)
{
	colour(page, BOLD);
	blanks(page, INDENT);
	xpm_text_add_cell(&page->line, "VERDICT", VERDICT_WIDTH);
	for (int cell = 0; cell < XPM_CELLS; cell++) {
		if (!layout->widths[cell])
			continue;
		blanks(page, 2);
		xpm_text_add_cell(&page->line, titles[cell], layout->widths[cell]);
	}
	if (reasons && !layout->reason_apart)
		xpm_textbuf_puts(&page->line, "  REASON");
	trim(page);
	colour(page, PLAIN);
	end_table_line(page);
}

static void put_launcher(struct page *page, size_t alternative, size_t index)
{
	const struct xpm_launcher_info *launcher = xpm_candidates_launcher(page->explain->candidates, index);

	colour(page, BOLD);
	xpm_textbuf_puts(&page->line, launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm");
	xpm_textbuf_puts(&page->line, " launcher ");
	xpm_text_add_clean(&page->line, launcher->id, strlen(launcher->id));
	colour(page, PLAIN);
	xpm_textbuf_printf(&page->line, ", weight %lld", (long long)launcher->weight);
	if (xpm_match_skipped(page->explain->match, index))
		xpm_textbuf_puts(&page->line, ": has none of the tags");
	else if (index >= xpm_match_launchers(page->explain->match, alternative))
		xpm_textbuf_puts(&page->line, ": not needed");
	else if (launcher->count == 0)
		xpm_textbuf_puts(&page->line, ": no nodes, or all of its partitions are disabled");
	end_table_line(page);
}

static void put_verdict(struct page *page, enum xpm_verdict verdict)
{
	static const char *const words[] = { "rejected", "kept out", "joined", "chosen" };
	static const enum colour colours[] = { RED, YELLOW, GREEN, GREEN };

	colour(page, colours[verdict]);
	xpm_text_add_cell(&page->line, words[verdict], VERDICT_WIDTH);
	colour(page, PLAIN);
}

static void put_row(struct page *page, const struct layout *layout, const struct xpm_explain_row *row)
{
	blanks(page, INDENT);
	put_verdict(page, row->verdict);
	for (int cell = 0; cell < XPM_CELLS; cell++) {
		if (!layout->widths[cell])
			continue;
		blanks(page, 2);
		xpm_text_add_cell(&page->line, row->cells[cell], layout->widths[cell]);
	}
	if (!*row->reason || layout->reason_apart)
		end_table_line(page);
	if (!*row->reason)
		return;
	blanks(page, layout->reason_apart ? layout->indent : 2);
	wrap(page, row->reason, layout->indent, 1);
}

/* Left out because of its tags: worth a line. One of another kind was not asked for. */
static int lacks_tag(const struct page *page, size_t index)
{
	const struct xpm_launcher_info *launcher = xpm_candidates_launcher(page->explain->candidates, index);

	return xpm_match_skipped(page->explain->match, index) && (launcher->kind & page->explain->request->kinds) &&
	       (!page->explain->request->launcher || strcmp(launcher->id, page->explain->request->launcher) == 0);
}

static enum xpm_code put_rows(struct page *page, size_t alternative)
{
	struct xpm_arena arena = { 0 };
	struct xpm_explain_row *rows;
	struct layout layout;
	enum xpm_code code;
	size_t len, next = 0;

	code = xpm_explain_rows(page->explain, alternative, page->style.all, &arena, &rows, &len);
	if (code == XPM_OK) {
		lay_out(&layout, page, rows, len);
		if (len > 0)
			put_titles(page, &layout, longest_reason(rows, len) > 0);
		/* also those behind the one that satisfied, which were not asked any more */
		for (size_t l = 0; l < xpm_candidates_launchers(page->explain->candidates); l++) {
			if (xpm_match_skipped(page->explain->match, l) && !lacks_tag(page, l))
				continue;
			put_launcher(page, alternative, l);
			for (; next < len && rows[next].launcher == l; next++)
				put_row(page, &layout, &rows[next]);
		}
	}
	xpm_arena_free(&arena);
	return code;
}

static const struct xpm_alternative *alternatives_of(const struct page *page, size_t *len)
{
	return xpm_requirement_alternatives(page->explain->request->requirement, len);
}

static enum xpm_code put_table(struct page *page, size_t alternative)
{
	char text[XPM_SPEC_MAX + 1];
	const struct xpm_alternative *all;
	size_t len;

	all = alternatives_of(page, &len);
	if (alternative > 0)
		end_table_line(page);
	xpm_alternative_print(&all[alternative], text, sizeof(text));
	colour(page, BOLD);
	if (len > 1)
		xpm_textbuf_printf(&page->line, "Alternative %zu of %zu: ", alternative + 1, len);
	xpm_text_add_clean(&page->line, text, strlen(text));
	colour(page, PLAIN);
	end_table_line(page);
	return put_rows(page, alternative);
}

/* --- below the tables --- */

/* The shortest limit of those that the plan may run on; 0 = none. */
static uint64_t shortest_limit(const struct page *page, const struct xpm_plan *plan)
{
	uint64_t shortest = 0;

	for (size_t i = 0; i < plan->launcher->count; i++) {
		size_t row = plan->launcher->first + i;
		uint64_t limit = xpm_candidates_get(page->explain->candidates, row)->max_duration;

		if (xpm_match_verdict(page->explain->match, plan->alternative, row) >= XPM_VERDICT_JOINED && limit &&
		    (!shortest || limit < shortest))
			shortest = limit;
	}
	return shortest;
}

/* Who asks for no duration is not asked about limits, and should know of them. */
static void put_limit(struct page *page, const struct xpm_plan *plan)
{
	const struct xpm_slurm_options *typed = page->explain->request->typed;
	uint64_t limit = shortest_limit(page, plan);
	char text[XPM_SIZE_TEXT];
	size_t len;

	if (!limit || alternatives_of(page, &len)[plan->alternative].duration || (typed && typed->time))
		return;
	blanks(page, INDENT);
	xpm_textbuf_printf(&page->line, "No duration is asked for; jobs may run for %s there.", xpm_duration_print(limit, text));
	end_line(page);
}

/* The plan as options of sbatch; a local job has none, and its tokens instead. */
static void put_plan(struct page *page, const struct xpm_plan *plan)
{
	struct xpm_slurm_options options;
	struct xpm_textbuf words = { 0 };
	char **argv = NULL;
	size_t len;

	alternatives_of(page, &len);
	xpm_textbuf_printf(&page->line, "Chosen: %s launcher %s",
			plan->launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm", plan->launcher->id);
	if (len > 1)
		xpm_textbuf_printf(&page->line, ", alternative %zu", plan->alternative + 1);
	end_line(page);
	if (plan->launcher->kind != XPM_KIND_LOCAL) {
		xpm_plan_submission(plan, page->explain->request->typed, &options);
		argv = xpm_slurm_options_argv(&options, NULL, NULL);
		page->line.failed |= argv == NULL;
	}
	for (size_t i = 0; argv && argv[i]; i++)
		xpm_textbuf_printf(&words, "%s%s", i ? " " : "", argv[i]);
	for (size_t i = 0; i < plan->launcher->tokens_len; i++)
		xpm_textbuf_printf(&words, "%s%s: %u", i ? ", " : "tokens ", plan->launcher->tokens[i].name,
				plan->launcher->tokens[i].count);
	page->line.failed |= words.failed;
	if (words.len > 0) {
		blanks(page, INDENT);
		wrap(page, words.bytes, INDENT, 0);
	}
	xpm_textbuf_free(&words);
	free(argv);
	put_limit(page, plan);
}

static void put_relaxed(struct page *page, const struct xpm_relaxed *relaxed)
{
	struct xpm_textbuf words = { 0 };

	xpm_textbuf_puts(&words, "No launcher satisfies this");
	if (relaxed && relaxed->without)
		xpm_textbuf_printf(&words, ", but without %s one would", relaxed->without);
	xpm_textbuf_puts(&words, ".");
	if (relaxed && relaxed->len > 1)
		xpm_textbuf_puts(&words, " These would be satisfied, the nearest first:");
	else if (relaxed && relaxed->len == 1)
		xpm_textbuf_puts(&words, " The nearest that would be satisfied:");
	page->line.failed |= words.failed;
	wrap(page, words.len ? words.bytes : "", 0, 0);
	xpm_textbuf_free(&words);
	for (size_t i = 0; relaxed && i < relaxed->len; i++) {
		blanks(page, INDENT);
		colour(page, BOLD);
		xpm_text_add_clean(&page->line, relaxed->specs[i], strlen(relaxed->specs[i]));
		colour(page, PLAIN);
		end_line(page);
	}
}

static void put_failure(struct page *page, const struct xpm_relaxed *relaxed)
{
	size_t alternative, row;

	/* Nothing to be near to: the message says what was looked for. */
	if (page->explain->why->code != XPM_ERR_NO_MATCH ||
	    !xpm_match_closest(page->explain->match, &alternative, &row))
		wrap(page, page->explain->why->text, 0, 0);
	else
		put_relaxed(page, relaxed);
}

enum xpm_code xpm_explain_print(const struct xpm_explain *explain, const struct xpm_explain_style *style,
				const struct xpm_relaxed *relaxed, xpm_explain_put *put, void *context)
{
	struct page page = { .explain = explain, .style = *style, .put = put, .context = context };
	const struct xpm_plan *plan = xpm_match_plan(explain->match);
	enum xpm_code code = XPM_OK;

	if (page.style.width == 0)
		page.style.width = 80;
	if (page.style.width < WIDTH_MIN)
		page.style.width = WIDTH_MIN;
	if (style->max_lines)
		page.table_lines = style->max_lines > FOOTER_LINES ? style->max_lines - FOOTER_LINES : 1;

	for (size_t a = 0; a < xpm_match_alternatives(explain->match) && code == XPM_OK; a++)
		code = put_table(&page, a);
	if (page.missing) {
		xpm_textbuf_printf(&page.line, "  and %zu more lines", page.missing);
		end_line(&page);
	}
	if (page.lines > 0)
		end_line(&page);
	if (plan)
		put_plan(&page, plan);
	else
		put_failure(&page, relaxed);
	if (page.line.failed)
		code = XPM_ERR_MEMORY;
	xpm_textbuf_free(&page.line);
	return code;
}
