/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a decision: the table's layout, the refusal, the nearest relaxation, quoting; and all of it, and the lints,
 * with every allocation failing once. Linked with --wrap=malloc --wrap=calloc --wrap=realloc.
 */
#include <string.h>
#include <xpmatch/xpmatch.h>

#include "unit.h"

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

/* A decision and what explains it. */
struct fixture {
	struct xpm_launchers *launchers;
	struct xpm_candidates *table;
	struct xpm_requirement *requirement;
	struct xpm_match *match;
	struct xpm_request request;
	struct xpm_error why;
	struct xpm_explain explain;
};

static void decide(struct fixture *f, const char *yaml, const char *spec)
{
	struct xpm_error err = { 0 };

	memset(f, 0, sizeof(*f));
	f->launchers = xpm_launchers_parse(yaml, strlen(yaml), "test.yaml", NULL, &err);
	ck_assert_msg(f->launchers != NULL, "%u:%u: %s", err.line, err.column, err.text);
	f->table = xpm_candidates_create(f->launchers, &err);
	f->match = xpm_match_create(f->table, &err);
	f->requirement = xpm_spec_parse(spec, &err);
	ck_assert_msg(f->requirement != NULL, "%s", err.text);
	f->request.requirement = f->requirement;
	f->request.kinds = XPM_KIND_BOTH;
	xpm_match_run(f->match, &f->request, &f->why);
	f->explain = (struct xpm_explain){ f->match, f->table, &f->request, &f->why };
}

static void drop(struct fixture *f)
{
	xpm_match_destroy(f->match);
	xpm_candidates_destroy(f->table);
	xpm_requirement_destroy(f->requirement);
	xpm_launchers_destroy(f->launchers);
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

static const char site[] = "slurm:\n"
			   "  - id: s\n"
			   "    qos: {short: {max_duration: 2h, priority: 1}, long: {max_duration: 1d}, big: {min_gpu: 4}}\n"
			   "    partitions:\n"
			   "      a:\n"
			   "        qos: [short, long]\n"
			   "        nodes:\n"
			   "          - hosts: n[1-4]\n"
			   "            features: [x]\n"
			   "            configuration: {cpu: {cores: 8, memory: 64G}, gpu: {count: 2, memory: 24G, model: T4,\n"
			   "              min_mem_ratio: 0.5}}\n"
			   "      b:\n"
			   "        qos: big\n"
			   "        nodes:\n"
			   "          - hosts: m1\n"
			   "            features: [y]\n"
			   "            configuration: {cpu: {cores: 64, memory: 1T}, gpu: {count: 8, memory: 80G, model: H100}}\n";

/* The nearest spec of the last run, "" when there is none. */
static const char *relax(struct fixture *f, size_t max_runs, struct xpm_relaxed *relaxed)
{
	ck_assert_int_eq(xpm_relax(&f->explain, max_runs, XPM_RELAXED_MAX, relaxed, NULL), XPM_OK);
	return relaxed->len ? relaxed->specs[0] : "";
}

static void assert_relaxed(const char *yaml, const char *spec, const char *expected)
{
	struct xpm_relaxed relaxed;
	const char *got;
	struct fixture f;

	decide(&f, yaml, spec);
	ck_assert_msg(f.why.code == XPM_ERR_NO_MATCH, "%s: %d %s", spec, f.why.code, f.why.text);
	got = relax(&f, 0, &relaxed);
	ck_assert_msg(!strcmp(got, expected), "%s: '%s', not '%s'", spec, got, expected);
	/* The trace is still that of the refused spec. */
	ck_assert_ptr_null(xpm_match_plan(f.match));
	drop(&f);
}

START_TEST(relaxations)
{
	static const char mixed[] = "slurm: [{partitions: {a: {configuration: {gpu: [{count: 1, memory: 80G}, "
				    "{count: 4, memory: 16G}]}}}}]\n";
	static const char four[] = "slurm: [{partitions: {a: {configuration: {min_gpu: 4, gpu: [{count: 3, memory: 80G, min_memory: 40G}, "
				   "{count: 1, memory: 16G}]}}}}]\n";

	/* one number, down to what is there */
	assert_relaxed(site, "cuda(mem=100G)*4", "cuda(mem=80G)*4");
	assert_relaxed(site, "cuda(model=T4)*3", "cuda(model=T4)*2");
	assert_relaxed(site, "cuda(mem=80G)*9", "cuda(mem=80G)*8");
	assert_relaxed(site, "cpu(cores=10)", "cpu(cores=8)");
	assert_relaxed(site, "cuda(mem=24G) & cpu(mem=65G)", "cuda(mem=24G) & cpu(mem=64G)");
	assert_relaxed(site, "cuda(mem=24G) & duration=25h", "cuda(mem=24G) & duration=1d");
	/* or up */
	assert_relaxed(site, "cuda(mem=11G)", "cuda(mem=12G)");
	assert_relaxed(site, "cuda(mem=80G)*3", "cuda(mem=80G)*4");
	assert_relaxed(site, "cuda(mem=24G)*3", "cuda(mem=24G)*4");
	/* what is no number */
	assert_relaxed(site, "cuda(model=V100)", "cuda()");
	assert_relaxed(site, "rocm(mem=20G)", "gpu(mem=20G)");
	assert_relaxed(site, "rocm(model=MI250)", "gpu()");
	/* two at once, and no more than needed */
	assert_relaxed(site, "cuda(mem=81G)*16", "cuda(mem=80G)*8");
	assert_relaxed(site, "cuda(model=T4)*2 & cpu(cores=9, mem=70G)", "cuda(model=T4)*2 & cpu(cores=8, mem=64G)");
	/* the alternative that is nearest; the others stay */
	assert_relaxed(site, "cuda(mem=200G)*4 | cuda(mem=24G)*3", "cuda(mem=200G)*4 | cuda(mem=24G)*4");
	assert_relaxed(site, "rocm() | cuda(mem=81G)*4", "rocm() | cuda(mem=80G)*4");
	/* several terms: fewer of the one with which that is enough, more of the one that has them, and none of what is not there */
	assert_relaxed(mixed, "cuda(mem=80G)*3 & cuda(mem=16G)*4", "cuda(mem=80G) & cuda(mem=16G)*4");
	assert_relaxed(mixed, "cuda(mem=80G)*2 & cuda(mem=16G)*3", "cuda(mem=80G) & cuda(mem=16G)*3");
	assert_relaxed(four, "cuda(mem=80G) & cuda(mem=16G)", "cuda(mem=80G)*3 & cuda(mem=16G)");
	assert_relaxed(four, "cuda(mem=16G) & cuda(mem=80G)", "cuda(mem=16G) & cuda(mem=80G)*3");
	assert_relaxed("slurm: [{partitions: {a: {configuration: {gpu: {count: 1, memory: 80G}}}}}]\n",
		       "cuda(mem=24G) & cuda(mem=40G)", "cuda(mem=24G)");
	assert_relaxed(site, "cuda(mem=80G)*6 & cuda(mem=40G)*4", "cuda(mem=80G)*4 & cuda(mem=40G)*4");
}
END_TEST

START_TEST(no_relaxation)
{
	assert_relaxed("local:\n  - cpu: {cores: 1}\n", "cuda()", "");
	assert_relaxed("slurm:\n  - partitions: {}\n", "cpu()", "");
	/* GPUs that need not be counted on cannot be asked for, but a job that takes none can be made to take one */
	assert_relaxed("slurm:\n  - configuration: {min_gpu: 1, gpu: {count: 1}}\n    partitions: {a: {}}\n", "cpu(cores=2)",
		       "gpu() & cpu(cores=2)");
	assert_relaxed("slurm:\n  - configuration: {min_gpu: 2, gpu: {count: 1}}\n    partitions: {a: {}}\n", "cpu(cores=2)", "");
}
END_TEST

/* Memory that comes with cores: less of it, not fewer cores. */
START_TEST(relaxation_through_cores)
{
	static const char yaml[] = "slurm:\n"
				   "  - use_memory_constraint: false\n"
				   "    configuration: {cpu: {cores: 10, memory: 1T, mem_per_cpu: 2G}}\n"
				   "    partitions: {a: {}}\n";

	assert_relaxed(yaml, "cpu(mem=30G)", "cpu(mem=20G)");
	assert_relaxed(yaml, "cpu(cores=12, mem=30G)", "cpu(cores=10, mem=20G)");
}
END_TEST

/* Tags, kinds and typed options stay as they were. */
START_TEST(relaxation_keeps_the_rest)
{
	static const struct xpm_slurm_options typed = { .partition = "b" };
	struct xpm_relaxed got;
	struct fixture f;

	decide(&f, site, "cuda(mem=100G)");
	f.request.typed = &typed;
	ck_assert_int_eq(xpm_match_run(f.match, &f.request, &f.why), XPM_ERR_NO_MATCH);
	ck_assert_str_eq(relax(&f, 0, &got), "cuda(mem=80G)*4");
	ck_assert_ptr_null(got.without);
	f.request.kinds = XPM_KIND_LOCAL;
	ck_assert_int_eq(xpm_match_run(f.match, &f.request, &f.why), XPM_ERR_NO_MATCH);
	ck_assert_str_eq(relax(&f, 0, &got), "");
	drop(&f);
}
END_TEST

/* The next ways out change something else than those before them. */
START_TEST(several_ways_out)
{
	struct xpm_relaxed got;
	struct fixture f;

	decide(&f, site, "cuda(mem=80G)");
	relax(&f, 0, &got);
	ck_assert_uint_eq(got.len, 2);
	ck_assert_str_eq(got.specs[0], "cuda(mem=24G)");
	ck_assert_str_eq(got.specs[1], "cuda(mem=80G)*4");
	drop(&f);
	/* mem and count is no news behind mem alone */
	decide(&f, site, "cuda(mem=100G)*4");
	relax(&f, 0, &got);
	ck_assert_uint_eq(got.len, 1);
	ck_assert_int_eq(xpm_relax(&f.explain, 0, 0, &got, NULL), XPM_OK);
	ck_assert_uint_eq(got.len, 0);
	drop(&f);
	decide(&f, site, "rocm(mem=24G) | cuda(mem=24G)*2 & duration=2d");
	relax(&f, 0, &got);
	ck_assert_uint_eq(got.len, 3);
	ck_assert_str_eq(got.specs[0], "rocm(mem=24G) | cuda(mem=24G)*2 & duration=1d");
	ck_assert_str_eq(got.specs[1], "rocm(mem=24G) | cuda(mem=24G)*4 & duration=2d");
	ck_assert_str_eq(got.specs[2], "gpu(mem=24G) | cuda(mem=24G)*2 & duration=2d");
	drop(&f);
}
END_TEST

static void run_typed(struct fixture *f, const struct xpm_slurm_options *typed, struct xpm_relaxed *relaxed)
{
	f->request.typed = typed;
	ck_assert_int_eq(xpm_match_run(f->match, &f->request, &f->why), XPM_ERR_NO_MATCH);
	ck_assert_int_eq(xpm_relax(&f->explain, 0, XPM_RELAXED_MAX, relaxed, NULL), XPM_OK);
}

/* What was typed stands in the way: that is said, and neither GPUs nor another kind of them are proposed instead. */
START_TEST(without_an_option)
{
	static const char yaml[] = "slurm:\n"
				   "  - partitions:\n"
				   "      c: {configuration: {max_duration: 4h}}\n"
				   "      g: {configuration: {min_gpu: 1, max_duration: 1d, gpu: {count: 1, memory: 8G}},\n"
				   "          accounts: [x]}\n"
				   "      r: {configuration: {gpu: {count: 1, memory: 8G, kind: rocm}}}\n";
	static const struct xpm_slurm_options time = { .time = 7200 * 3 }, partition = { .partition = "g" },
					      two = { .partition = "c", .account = "y" }, account = { .account = "y" };
	struct xpm_relaxed got;
	struct fixture f;

	decide(&f, "slurm: [{partitions: {c: {configuration: {max_duration: 4h}}, "
		   "g: {configuration: {min_gpu: 1, gpu: {count: 1}}}}}]\n", "cpu(cores=2)");
	run_typed(&f, &time, &got);
	ck_assert_str_eq(got.without, "--time");
	ck_assert_uint_eq(got.len, 0);
	run_typed(&f, &partition, &got);
	ck_assert_str_eq(got.without, "--partition");
	ck_assert_uint_eq(got.len, 0);
	drop(&f);
	decide(&f, yaml, "cuda(mem=8G)");
	run_typed(&f, &account, &got);
	ck_assert_str_eq(got.without, "--account");
	ck_assert_uint_eq(got.len, 0);
	/* it takes both, so neither is named */
	run_typed(&f, &two, &got);
	ck_assert_ptr_null(got.without);
	drop(&f);
}
END_TEST

START_TEST(max_runs)
{
	struct xpm_relaxed got;
	struct fixture f;

	decide(&f, site, "cuda(mem=81G)*16");
	ck_assert_str_eq(relax(&f, 1, &got), "cuda(mem=80G)*8");
	drop(&f);
}
END_TEST

/* A thousand terms, sixty-four alternatives: a search that ends, and soon. */
START_TEST(large_specs)
{
	struct xpm_relaxed got;
	char spec[XPM_SPEC_MAX + 1];
	size_t at = 0;
	struct fixture f;

	for (int i = 0; i < 64; i++)
		at += (size_t)snprintf(spec + at, sizeof(spec) - at, "%scuda(mem=%dG)&rocm(mem=%dG)&cuda(mem=%dM)*9",
				       i ? "|" : "", 100 + i, i + 1, i + 1);
	decide(&f, site, spec);
	relax(&f, 0, &got);
	drop(&f);
	for (at = 0; at + 20 < sizeof(spec);)
		at += (size_t)snprintf(spec + at, sizeof(spec) - at, "%scuda(mem=%zuG)", at ? "&" : "", at + 1);
	decide(&f, site, spec);
	relax(&f, 0, &got);
	drop(&f);
}
END_TEST

START_TEST(short_form)
{
	static const struct {
		const char *yaml, *spec, *first, *last;
	} cases[] = {
		{ site, "cuda(mem=100G)*9", "no launcher satisfies cuda(mem=100G)*9\n",
		  "\nsee all: xpm explain --tag=x 'cuda(mem=100G)*9'\n" },
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

UNIT_MAIN("explain", relaxations, no_relaxation, relaxation_through_cores, relaxation_keeps_the_rest, several_ways_out,
	  without_an_option, max_runs, large_specs, short_form, max_lines, screen_widths, odd_names,
	  shell_quotes, every_allocation)
