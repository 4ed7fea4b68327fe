/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a decision: the table's layout, the refusal, quoting; and all of it, the relaxations and the lints, with every
 * allocation failing once. Linked with --wrap=malloc --wrap=calloc --wrap=realloc.
 */
#include "decide.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long left = -1; /* allocations until the one that fails; below 0 none does */

static int fails_now(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __real_realloc(old, size);
}

struct lines {
	char text[16384];
	size_t len, lines, longest;
};

static void put(void *context, const char *line, size_t len)
{
	struct lines *lines = context;

	ck_assert_uint_eq(strlen(line), len);
	ck_assert_uint_lt(lines->len + len + 1, sizeof(lines->text));
	memcpy(lines->text + lines->len, line, len);
	lines->len += len;
	lines->text[lines->len++] = '\n';
	lines->text[lines->len] = '\0';
	lines->lines++;
	if (len > lines->longest)
		lines->longest = len;
}

START_TEST(short_form)
{
	static const struct {
		const char *yaml, *spec, *first, *last;
	} cases[] = {
		{ site, "cuda(mem=100G)*9", "no launcher satisfies cuda(mem=100G)*9\n",
		  "\nsee all: xpm explain --tag=x 'cuda(mem=100G)*9'\n" },
		{ site, "cuda(mem=100G)\n\t& cpu(cores=2)", "no launcher satisfies cuda(mem=100G)??& cpu(cores=2)\n",
		  "\nsee all: xpm explain --tag=x 'cuda(mem=100G)  & cpu(cores=2)'\n" },
		{ site, "cuda(model='a b')", "no launcher satisfies cuda(model='a b')\n",
		  "\nsee all: xpm explain --tag=x 'cuda(model='\\''a b'\\'')'\n" },
		{ site, "cuda(model=\"%s%n\")", "no launcher satisfies cuda(model=\"%s%n\")\n",
		  "\nsee all: xpm explain --tag=x 'cuda(model=\"%s%n\")'\n" },
		{ "slurm:\n  - partitions: {}\n", "cpu()", "no launcher satisfies the spec: ",
		  "\nsee all: xpm explain --tag=x 'cpu()'\n" },
	};

	static const struct xpm_relaxed relaxed = { .without = "--time", .len = 1, .specs = { "cuda()" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lines lines = { .len = 0 };
		struct fixture f;

		decide(&f, cases[i].yaml, cases[i].spec);
		xpm_explain_short(&f.explain, &relaxed, "--tag=x", put, &lines);
		ck_assert_uint_le(lines.lines, XPM_EXPLAIN_SHORT_LINES);
		ck_assert_msg(!strncmp(lines.text, cases[i].first, strlen(cases[i].first)), "%s", lines.text);
		ck_assert_msg(lines.len > strlen(cases[i].last) &&
				      !strcmp(lines.text + lines.len - strlen(cases[i].last), cases[i].last),
			      "%s", lines.text);
		drop(&f);
	}
}
END_TEST

/* A table for a log: short, and it says that there is more. What stands below it is never cut off. */
START_TEST(max_lines)
{
	static const struct xpm_relaxed relaxed = { .len = 1, .specs = { "cpu(cores=99)" } };
	struct xpm_explain_style style = { .max_lines = 12 };
	struct lines lines = { .len = 0 };
	char yaml[16384];
	size_t at;
	struct fixture f;

	at = (size_t)snprintf(yaml, sizeof(yaml), "slurm:\n  - partitions:\n");
	for (int i = 0; i < 100; i++)
		at += (size_t)snprintf(yaml + at, sizeof(yaml) - at, "      p%d: {configuration: {cpu: {cores: %d}}}\n", i, i);
	decide(&f, yaml, "cpu(cores=500)");
	ck_assert_int_eq(xpm_explain_print(&f.explain, &style, &relaxed, put, &lines), XPM_OK);
	ck_assert_uint_le(lines.lines, 12);
	ck_assert_ptr_nonnull(strstr(lines.text, " more lines\n"));
	ck_assert_ptr_nonnull(strstr(lines.text, "\n  cpu(cores=99)\n"));
	drop(&f);
}
END_TEST

START_TEST(screen_widths)
{
	static const unsigned widths[] = { 0, 1, 60, 61, 79, 80, 81, 100, 200, 1000 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct xpm_explain_style style = { .width = widths[i] };
		size_t most = widths[i] == 0 ? 80 : widths[i] < 60 ? 60 : widths[i];
		struct lines lines = { .len = 0 };
		struct fixture f;

		decide(&f, site, "cuda(mem=100G, model=A100)*9 & cpu(cores=99, mem=9T) & duration=9d");
		ck_assert_int_eq(xpm_explain_print(&f.explain, &style, NULL, put, &lines), XPM_OK);
		/* The spec is one piece, to be copied. */
		ck_assert_uint_le(lines.longest, most > 76 ? most : 76);
		drop(&f);
	}
}
END_TEST

/* Names of people and places: cut between characters, and what a terminal must not see is not shown. */
START_TEST(odd_names)
{
	static const char yaml[] = "local:\n  - {id: \"caf\\u00e9-\\u202e\", cpu: {cores: 1}}\n"
				   "  - {id: b, cpu: {cores: 1}, gpu: {count: 1, model: \"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9"
				   "\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9"
				   "\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9"
				   "\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\"}}\n";
	struct xpm_explain_style style = { .width = 60 };
	struct lines lines = { .len = 0 };
	struct fixture f;

	decide(&f, yaml, "cpu(cores=2)");
	ck_assert_int_eq(xpm_explain_print(&f.explain, &style, NULL, put, &lines), XPM_OK);
	ck_assert_ptr_nonnull(strstr(lines.text, "caf\303\251-"));
	ck_assert_ptr_null(strstr(lines.text, "\342\200\256"));
	for (const char *c = lines.text; (c = strchr(c, '\303')); c++)
		ck_assert_int_eq((unsigned char)c[1], 0xa9);
	drop(&f);
}
END_TEST

START_TEST(shell_quotes)
{
	static const char *const cases[][2] = {
		{ "plain-1.2", "plain-1.2" },
		{ "", "''" },
		{ "cuda(mem=24G)*2", "'cuda(mem=24G)*2'" },
		{ "it's", "'it'\\''s'" },
		{ "a b", "'a b'" },
		{ "a\nb\033", "'a?b?'" },
		{ "$x`y`\\", "'$x`y`\\'" },
		{ "~", "'~'" },
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_uint_eq(xpm_shell_quote(cases[i][0], buf, sizeof(buf)), strlen(cases[i][1]));
		ck_assert_str_eq(buf, cases[i][1]);
	}
	ck_assert_uint_eq(xpm_shell_quote("a b", NULL, 0), 5);
	ck_assert_uint_eq(xpm_shell_quote("a b", buf, 3), 5);
	ck_assert_str_eq(buf, "'a");
}
END_TEST

/* --- every allocation fails once --- */

static void ignore(void *context, const char *line, size_t len)
{
	(void)context;
	(void)line;
	(void)len;
}

static const struct xpm_relaxed some = { .without = "--time", .len = 2, .specs = { "cpu()", "cuda()" } };

static enum xpm_code call_print(struct fixture *f)
{
	struct xpm_explain_style style = { .width = 80, .colour = 1 };

	return xpm_explain_print(&f->explain, &style, &some, ignore, NULL);
}

static enum xpm_code call_relax(struct fixture *f)
{
	struct xpm_relaxed got;

	return xpm_relax(&f->explain, 0, XPM_RELAXED_MAX, &got, NULL);
}

static enum xpm_code call_short(struct fixture *f)
{
	xpm_explain_short(&f->explain, &some, "", ignore, NULL);
	return XPM_OK;
}

static enum xpm_code call_check(struct fixture *f)
{
	struct xpm_report *report = xpm_report_create(NULL);
	enum xpm_code code = XPM_ERR_MEMORY;

	if (report)
		code = xpm_launchers_check(f->launchers, f->table, NULL, report, NULL);
	xpm_report_destroy(report);
	return code;
}

START_TEST(every_allocation)
{
	static enum xpm_code (*const calls[])(struct fixture *) = { call_print, call_relax, call_short, call_check };
	static const char *const specs[] = { "cuda(mem=100G)*9 | cpu(cores=100)", "cuda(mem=24G)" };
	struct fixture f;

	for (size_t s = 0; s < 2; s++) {
		decide(&f, site, specs[s]);
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			enum xpm_code code = XPM_ERR_MEMORY;
			long n;

			for (n = 0;; n++) {
				left = n;
				code = calls[i](&f);
				if (left >= 0)
					break; /* it needed fewer */
				ck_assert(code == XPM_OK || code == XPM_ERR_MEMORY);
			}
			left = -1;
			ck_assert_int_eq(code, XPM_OK);
		}
		drop(&f);
	}
}
END_TEST

UNIT_MAIN("explain", short_form, max_lines, screen_widths, odd_names, shell_quotes, every_allocation)
