/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nearest specs that would be satisfied, and the option that stands in the way. */
#include "decide.h"

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

UNIT_MAIN("relax", relaxations, no_relaxation, relaxation_through_cores, relaxation_keeps_the_rest, several_ways_out,
	  without_an_option, max_runs, large_specs)
