/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision on small files written here: each test says what it is about and shows file, spec and plan together. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xpmatch/xpmatch.h>

/* A file, loaded and decided upon; everything is freed by drop(). */
struct fixture {
	struct xpm_candidates *table;
	struct xpm_match *match;
	struct xpm_requirement *requirement;
	enum xpm_code code;
	struct xpm_error err;
	const struct xpm_plan *plan;
};

static struct fixture decide_typed(const char *yaml, const char *spec, const struct xpm_slurm_options *typed)
{
	struct fixture f = { .code = XPM_OK };
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, strlen(yaml), "test.yaml", NULL, &f.err);

	ck_assert_msg(launchers != NULL, "%u:%u: %s", f.err.line, f.err.column, f.err.text);
	f.table = xpm_candidates_create(launchers, &f.err);
	ck_assert_msg(f.table != NULL, "%s", f.err.text);
	xpm_launchers_destroy(launchers); /* the table stands on its own */
	f.match = xpm_match_create(f.table, &f.err);
	ck_assert_ptr_nonnull(f.match);
	f.requirement = xpm_spec_parse(spec, &f.err);
	ck_assert_msg(f.requirement != NULL, "%s", f.err.text);

	struct xpm_request request = { .requirement = f.requirement, .kinds = XPM_KIND_BOTH, .typed = typed };

	/* Twice: a workspace must decide the same when it is used again. */
	f.code = xpm_match_run(f.match, &request, &f.err);
	memset(&f.err, 0, sizeof(f.err));
	ck_assert_int_eq(f.code, xpm_match_run(f.match, &request, &f.err));
	f.plan = xpm_match_plan(f.match);
	return f;
}

static struct fixture decide(const char *yaml, const char *spec)
{
	return decide_typed(yaml, spec, NULL);
}

static void drop(struct fixture *f)
{
	xpm_match_destroy(f->match);
	xpm_candidates_destroy(f->table);
	xpm_requirement_destroy(f->requirement);
}

static void assert_plan(const char *yaml, const char *spec, const char *expected)
{
	struct fixture f = decide(yaml, spec);
	char got[1024];

	if (f.plan) {
		snprintf(got, sizeof(got), "%s %s %s %s %s %s", f.plan->partition ? f.plan->partition : "-",
			 f.plan->qos ? f.plan->qos : "-", f.plan->account ? f.plan->account : "-",
			 f.plan->gres ? f.plan->gres : "-", f.plan->constraint ? f.plan->constraint : "-",
			 f.plan->exclude ? f.plan->exclude : "-");
	} else {
		snprintf(got, sizeof(got), "%s", f.err.text);
	}
	ck_assert_str_eq(got, expected);
	drop(&f);
}

#define GPU(n, mem) "configuration: {gpu: {count: " #n ", memory: " mem "}}"

START_TEST(formula_only_as_much_as_needed)
{
	/* every node of the partition will do: nothing to say */
	assert_plan("slurm: [{partitions: {a: {nodes: [{hosts: n1, features: [x, y], " GPU(2, "40G") "}]}}}]", "cuda(mem=40G)",
		    "a - - gpu:1 - -");
	/* the shortest clause that keeps out the other group */
	assert_plan("slurm: [{partitions: {a: {nodes: ["
		    "{hosts: n1, features: [x, y], " GPU(2, "40G") "}, {hosts: n2, features: [x], " GPU(2, "10G") "}]}}}]",
		    "cuda(mem=40G)", "a - - gpu:1 y -");
	/* two clauses; only the longer one needs parentheses */
	assert_plan("slurm: [{partitions: {a: {nodes: ["
		    "{hosts: n1, features: [x, y], " GPU(2, "40G") "}, {hosts: n2, features: [x], " GPU(2, "10G") "},"
		    "{hosts: n3, features: [y], " GPU(2, "10G") "}, {hosts: n4, features: [z], " GPU(2, "80G") "}]}}}]",
		    "cuda(mem=40G)", "a - - gpu:1 (x&y)|z -");
}
END_TEST

START_TEST(product_of_partitions_and_features_is_closed)
{
	/* a's x is good, b's y is good, b's x is not: `-p a,b -C x|y` would admit b's x; excluding its host closes that */
	const char *closed = "slurm: [{partitions: {"
			     "a: {nodes: [{hosts: a1, features: x, " GPU(1, "40G") "}]},"
			     "b: {nodes: [{hosts: b1, features: x, " GPU(1, "10G") "}, {hosts: b2, features: y, " GPU(1, "40G") "}]}}}]";
	/* without hosts it cannot be closed: b stays out */
	const char *open = "slurm: [{partitions: {"
			   "a: {nodes: [{hosts: a1, features: x, " GPU(1, "40G") "}]},"
			   "b: {nodes: [{features: x, " GPU(1, "10G") "}, {hosts: b2, features: y, " GPU(1, "40G") "}]}}}]";

	assert_plan(closed, "cuda(mem=40G)", "a,b - - gpu:1 - b1");
	assert_plan(open, "cuda(mem=40G)", "a - - gpu:1 - -");
}
END_TEST

START_TEST(nodes_without_features_admit_everything)
{
	assert_plan("slurm: [{partitions: {a: {nodes: [{hosts: n1, " GPU(1, "40G") "}, {hosts: n2, features: x, " GPU(1, "10G")
		    "}]}}}]", "cuda(mem=40G)", "a - - gpu:1 - n2");
	/* nobody can be kept out, so nobody is sent there */
	assert_plan("slurm: [{id: s, partitions: {a: {nodes: [{" GPU(1, "40G") "}, {" GPU(1, "10G") "}]}}}]", "cuda(mem=40G)",
		    "no launcher satisfies the spec; closest is s, partition a (gpu_memory: needs 40G, has 10G)");
}
END_TEST

START_TEST(a_launcher_without_nodes_has_no_rows)
{
	/* alone the table is empty: no pointer may be counted on (UBSan) */
	assert_plan("slurm: [{id: s}]", "cpu()",
		    "no launcher satisfies the spec: none of this kind has a candidate to offer");
	assert_plan("slurm: [{id: s, partitions: {}}, {id: t, partitions: {a: {nodes: [{hosts: n1}]}}}]", "cpu()", "a - - - - -");
}
END_TEST

START_TEST(gres_count_and_type_keep_out)
{
	/* a node with one accelerator is not admitted by gpu:2 */
	assert_plan("slurm: [{partitions: {a: {nodes: [{" GPU(2, "40G") "}, {" GPU(1, "40G") "}]}}}]", "cuda(mem=40G)*2",
		    "a - - gpu:2 - -");
	assert_plan("slurm: [{partitions: {a: {nodes: ["
		    "{configuration: {gpu: {count: 2, memory: 40G, gres_type: a100}}},"
		    "{configuration: {gpu: {count: 2, memory: 16G, gres_type: v100}}}]}}}]",
		    "cuda(mem=40G)*2", "a - - gpu:a100:2 - -");
	/* on a mixed node the type says which ones */
	assert_plan("slurm: [{partitions: {a: {nodes: [{hosts: n1, configuration: {gpu: ["
		    "{count: 2, memory: 40G, gres_type: a100}, {count: 2, memory: 16G, gres_type: v100}]}}]}}}]",
		    "cuda(mem=40G)*2", "a - - gpu:a100:2 - -");
}
END_TEST

START_TEST(switches_off)
{
	const char *nodes = "partitions: {a: {nodes: [{hosts: n1, features: x, " GPU(1, "40G") "},"
			    "{hosts: 'n[2-3]', features: y, " GPU(1, "10G") "}]}}}]";
	char yaml[512];

	snprintf(yaml, sizeof(yaml), "slurm: [{use_features: false, %s", nodes);
	assert_plan(yaml, "cuda(mem=40G)", "a - - gpu:1 - n[2-3]");
	snprintf(yaml, sizeof(yaml), "slurm: [{use_hosts: false, %s", nodes);
	assert_plan(yaml, "cuda(mem=40G)", "a - - gpu:1 x -");
}
END_TEST

START_TEST(memory_through_cores)
{
	struct fixture f = decide("slurm: [{use_memory_constraint: false, partitions: {a: {nodes: ["
				  "{hosts: n1, configuration: {cpu: {cores: 16, mem_per_cpu: 2GiB}}}]}}}]",
				  "cpu(mem=5GiB, cores=2)");

	ck_assert_int_eq(f.code, XPM_OK);
	ck_assert_uint_eq(f.plan->cpus_per_task, 3);
	ck_assert_uint_eq(f.plan->mem_mib, 0);
	drop(&f);
	f = decide("slurm: [{use_memory_constraint: false, partitions: {a: {nodes: ["
		   "{hosts: n1, configuration: {cpu: {cores: 16, memory: 100GiB, mem_per_cpu: 2GiB}}}]}}}]",
		   "cpu(mem=33GiB)");
	ck_assert_int_eq(f.code, XPM_ERR_NO_MATCH);
	drop(&f);
}
END_TEST

START_TEST(assignment_is_found_whenever_there_is_one)
{
	const char *yaml = "slurm: [{partitions: {a: {nodes: [{hosts: n1, configuration: {gpu: ["
			   "{count: 2, memory: 24G, model: RTX 3090}, {count: 2, memory: 80G, model: A100-SXM4-80GB}]}}]}}}]";

	assert_plan(yaml, "cuda(mem=20G)*2 & cuda(mem=40G)*2", "a - - gpu:4 - -");
	assert_plan(yaml, "cuda(model=a100)*2 & cuda()*2", "a - - gpu:4 - -");
	assert_plan(yaml, "cuda(model=A10)", "no launcher satisfies the spec; closest is slurm[0], partition a, nodes n1 (gpu_model: "
		    "needs A10, has RTX 3090,A100-SXM4-80GB)");
	assert_plan(yaml, "cuda(mem=40G)*3", "no launcher satisfies the spec; closest is slurm[0], partition a, nodes n1 "
		    "(gpu_assignment: needs 3 that fit, each once, has 2)");
}
END_TEST

START_TEST(typed_options_restrict_and_never_vanish)
{
	const char *yaml = "slurm: [{partitions: {"
			   "a: {qos: [short, long], nodes: [{hosts: 'a[1-2]', features: [x, fast], " GPU(2, "40G") "},"
			   "{hosts: a3, features: [y], " GPU(2, "10G") "}]},"
			   "b: {qos: [short, long], nodes: [{hosts: b1, features: [x], " GPU(2, "40G") "}]}}}]";
	struct xpm_slurm_options typed = { .partition = "b" };
	struct fixture f = decide_typed(yaml, "cuda(mem=40G)", &typed);

	ck_assert_str_eq(f.plan->partition, "b");
	drop(&f);
	typed = (struct xpm_slurm_options){ .qos = "long", .constraint = "fast|other", .exclude = "a1" };
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->partition, "a,b");
	ck_assert_str_eq(f.plan->qos, "long");
	ck_assert_str_eq(f.plan->constraint, "(x&fast)|(x&other)");
	ck_assert_str_eq(f.plan->exclude, "a1");
	drop(&f);
	/* nothing is asked for twice, neither within a clause nor by two of them */
	typed = (struct xpm_slurm_options){ .partition = "a", .constraint = "y|x" };
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->constraint, "x");
	drop(&f);
	typed.constraint = "x&fast|(y&other)|(fast&x)";
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->constraint, "(x&fast)|(x&y&other)");
	drop(&f);
	typed = (struct xpm_slurm_options){ .gres = "gpu:4" };
	f = decide_typed(yaml, "cuda(mem=40G)*2", &typed);
	ck_assert_int_eq(f.code, XPM_ERR_CONFLICT);
	ck_assert_str_eq(f.err.text, "the spec makes --gres=gpu:2, but 4 GPUs per node were typed");
	drop(&f);
}
END_TEST

/* What the words for sbatch are, or the reason why there are none. */
static void assert_words(const char *yaml, const char *spec, const struct xpm_slurm_options *typed, const char *expected)
{
	struct fixture f = decide_typed(yaml, spec, typed);
	struct xpm_slurm_options options;
	char line[1024] = "";
	char **argv;

	if (f.plan) {
		xpm_plan_submission(f.plan, typed, &options);
		argv = xpm_slurm_options_argv(&options, NULL, NULL);
		for (size_t i = 0; argv[i]; i++)
			snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s", i ? " " : "", argv[i]);
		free(argv);
	}
	ck_assert_str_eq(f.plan ? line : f.err.text, expected);
	drop(&f);
}

START_TEST(a_typed_gres_type_is_the_request)
{
	static const char mixed[] = "slurm: [{partitions: {a: {nodes: [{hosts: m1, configuration: {gpu: ["
				    "{model: A100, count: 2, memory: 80G, gres_type: a100},"
				    "{model: T4, count: 2, memory: 16G, gres_type: t4}]}}]}}}]";
	static const char half[] = "slurm: [{partitions: {a: {nodes: [{hosts: m1, configuration: {gpu: ["
				   "{model: A100, count: 2, memory: 80G}, {model: T4, count: 2, memory: 16G, gres_type: t4}]}}]}}}]";
	static const char two[] = "slurm: [{partitions: {a: {nodes: [{configuration: {gpu: {count: 4, memory: 80G, gres_type: y}}},"
				  "{configuration: {gpu: {count: 4, memory: 16G, gres_type: x}}}]}}}]";
	static const struct xpm_slurm_options t4 = { .gres = "gpu:t4:2" }, a100 = { .gres = "gpu:a100:2,shard:1" },
					      y = { .gres = "gpu:y:1" }, none = { .gres = "none" }, plain = { .gres = "gpu:2" },
					      shard = { .gres = "shard:1" };

	/* two of that type exist, but they do not do: not by themselves, nor mixed */
	assert_words(mixed, "cuda(mem=80G)*2", &t4, "no launcher satisfies the spec; closest is slurm[0], partition a, nodes m1 "
		     "(gres: needs t4, has a100,t4)");
	assert_words(mixed, "cuda(mem=80G) & cuda(mem=10G)", &t4, "no launcher satisfies the spec; closest is slurm[0], partition "
		     "a, nodes m1 (gres: needs t4, has a100,t4)");
	assert_words(mixed, "cuda(mem=80G)*2", &a100, "--partition=a --gres=gpu:a100:2,shard:1");
	/* what the file gives no type to may be of any, but not beside some that have this one */
	assert_words(half, "cuda(mem=80G)*2", &t4, "no launcher satisfies the spec; closest is slurm[0], partition a, nodes m1 "
		     "(gres: needs t4, has t4)");
	assert_words(half, "cuda(mem=80G)*2", &a100, "--partition=a --gres=gpu:a100:2,shard:1");
	/* the type keeps the others out */
	assert_words(two, "cuda(mem=80G)", &y, "--partition=a --gres=gpu:y:1");
	/* what the plan needs is not lost behind what was typed */
	assert_words(mixed, "cuda(mem=80G)*2", &plain, "--partition=a --gres=gpu:a100:2");
	assert_words(mixed, "cuda(mem=80G)*2", &shard, "--partition=a --gres=gpu:a100:2,shard:1");
	assert_words(mixed, "cuda(mem=80G)*2", &none, "the spec makes --gres=gpu:a100:2, but 0 GPUs per node were typed");
	assert_words(mixed, "cpu()", &none, "--partition=a --cpus-per-task=1 --gres=none");
}
END_TEST

START_TEST(typed_memory_and_memory_through_cores)
{
	static const char cores[] = "slurm: [{use_memory_constraint: false, options: {mem: 1GiB}, partitions: {c: {nodes: "
				    "[{hosts: n1, configuration: {cpu: {cores: 32, mem_per_cpu: 4G}}}]}}}]";
	static const char plain[] = "slurm: [{options: {mem_per_cpu: 2GiB}, partitions: {c: {nodes: [{hosts: n1}]}}}]";
	static const struct xpm_slurm_options little = { .mem = UINT64_C(1) << 30 }, same = { .mem = UINT64_C(30518) << 20 },
					      few = { .mem_per_cpu = UINT64_C(100) << 20 },
					      enough = { .mem_per_cpu = UINT64_C(4) << 30 };

	assert_words(cores, "cpu(mem=32G)", NULL, "--partition=c --cpus-per-task=8");
	assert_words(cores, "cpu(mem=32G)", &little, "the spec makes --mem=30518M, but --mem=1024M was typed");
	assert_words(cores, "cpu(mem=32G)", &same, "--partition=c --cpus-per-task=8 --mem=30518M");
	assert_words(cores, "cpu(mem=32G)", &few, "the spec makes --mem=30518M, but --mem-per-cpu=100M was typed, for 8 cores");
	assert_words(cores, "cpu(mem=32G)", &enough, "--partition=c --cpus-per-task=8 --mem-per-cpu=4096M");
	/* sbatch takes one of the two: a default of one kind goes when the other was typed */
	assert_words(plain, "cpu()", &little, "--partition=c --cpus-per-task=1 --mem=1024M");
	assert_words(plain, "cpu()", NULL, "--partition=c --cpus-per-task=1 --mem-per-cpu=2048M");
}
END_TEST

START_TEST(nodelist_is_had_in_one_partition)
{
	static const char yaml[] = "slurm: [{id: s, partitions: {p: {accounts: a, nodes: [{hosts: g1, " GPU(2, "80G") "}]},"
				   "r: {accounts: b, nodes: [{hosts: 'g[1-2]', " GPU(2, "80G") "}, {hosts: g3, " GPU(2, "8G") "}]}}}]";
	static const struct xpm_slurm_options both = { .nodelist = "g[1-2]" }, one = { .nodelist = "g1" },
					      small = { .nodelist = "g1,g3" }, unknown = { .nodelist = "g1,zz" },
					      against = { .nodelist = "g1", .exclude = "g1" };

	assert_words(yaml, "cuda(mem=80G)", &one, "--partition=p --account=a --gres=gpu:1 --nodelist=g1");
	assert_words(yaml, "cuda(mem=80G)", &both, "--partition=r --account=b --gres=gpu:1 --exclude=g3 --nodelist=g[1-2]");
	assert_words(yaml, "cuda(mem=80G)", &small, "no launcher satisfies the spec; closest is s, partition r, nodes g3 "
		     "(gpu_memory: needs 80G, has 8G)");
	assert_words(yaml, "cuda(mem=80G)", &unknown, "no launcher satisfies the spec; closest is s, partition p, nodes g1 (hosts: "
		     "needs g1,zz, has g1)");
	/* the best row has one of them and cannot join the one that has all: then it is that one */
	assert_words("slurm: [{partitions: {p: {nodes: [{hosts: g2, " GPU(2, "16G") "}, {hosts: 'g[1-2]', configuration: "
		     "{cpu: {mem_per_cpu: 4G}, gpu: {count: 2, memory: 16G}}}]}}}]", "cuda(mem=16G)*2", &both,
		     "--partition=p --gres=gpu:2 --nodelist=g[1-2]");
	assert_words(yaml, "cuda(mem=80G)", &against, "host g1 stands both in --nodelist=g1 and in --exclude=g1");
}
END_TEST

START_TEST(a_constraint_with_brackets_restricts)
{
	/* its counts are Slurm's matter, but a node with none of its names is never taken: such a job would wait for good */
	const char *yaml = "slurm: [{id: s, partitions: {"
			   "a: {nodes: [{hosts: 'a[1-2]', features: [x], " GPU(2, "40G") "}]},"
			   "b: {nodes: [{hosts: b1, features: [y], " GPU(2, "40G") "}]}}}]";
	struct xpm_slurm_options typed = { .constraint = "[y*1]" };
	struct fixture f = decide_typed(yaml, "cuda(mem=40G)", &typed);

	ck_assert_str_eq(f.plan->partition, "b");
	ck_assert_str_eq(f.plan->constraint, "[y*1]");
	drop(&f);
	typed.constraint = "[x*1&(y|z)*1]";
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->partition, "a,b");
	drop(&f);
	typed.constraint = "[x*1]";
	f = decide_typed(yaml, "cuda(mem=80G)", &typed);
	ck_assert_int_eq(f.code, XPM_ERR_NO_MATCH);
	drop(&f);
	/* names that the file does not know may be anywhere, and a negation is not understood */
	typed.constraint = "[other*1]";
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->partition, "a,b");
	drop(&f);
	typed.constraint = "!y";
	f = decide_typed(yaml, "cuda(mem=40G)", &typed);
	ck_assert_str_eq(f.plan->partition, "a,b");
	drop(&f);
}
END_TEST

/* The least processor time of three tables, in seconds: so many partitions, a hundred accounts of its own each. */
static double table_time(unsigned partitions)
{
	struct xpm_launchers *launchers;
	struct xpm_error err = { 0 };
	double least = 0;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	fprintf(out, "slurm:\n- id: s\n  partitions:\n");
	for (unsigned i = 0; i < 100 * partitions; i++) {
		if (i % 100 == 0)
			fprintf(out, "    p%u:\n      nodes: [{hosts: n1}]\n      accounts:\n", i / 100);
		fprintf(out, "      - a%u\n", i);
	}
	ck_assert_int_eq(fclose(out), 0);
	launchers = xpm_launchers_parse(text, len, "test.yaml", NULL, &err);
	ck_assert_msg(launchers != NULL, "%s", err.text);
	for (int i = 0; i < 3; i++) {
		clock_t start = clock();
		struct xpm_candidates *table = xpm_candidates_create(launchers, &err);
		double took = (double)(clock() - start) / CLOCKS_PER_SEC;

		ck_assert_uint_eq(xpm_candidates_count(table), 100 * partitions);
		xpm_candidates_destroy(table);
		least = i == 0 || took < least ? took : least;
	}
	xpm_launchers_destroy(launchers);
	free(text);
	return least;
}

START_TEST(the_table_grows_with_its_accounts)
{
	/* it is made under slurmctld's locks: eight times the accounts, about eight times as long, not sixty-four */
	double few = table_time(15), many = table_time(120);

	ck_assert_msg(many < 24 * few, "1500 accounts: %g s, 12000: %g s", few, many);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("match");
	TCase *tests = tcase_create("match");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, formula_only_as_much_as_needed);
	tcase_add_test(tests, product_of_partitions_and_features_is_closed);
	tcase_add_test(tests, nodes_without_features_admit_everything);
	tcase_add_test(tests, a_launcher_without_nodes_has_no_rows);
	tcase_add_test(tests, gres_count_and_type_keep_out);
	tcase_add_test(tests, switches_off);
	tcase_add_test(tests, memory_through_cores);
	tcase_add_test(tests, assignment_is_found_whenever_there_is_one);
	tcase_add_test(tests, typed_options_restrict_and_never_vanish);
	tcase_add_test(tests, a_typed_gres_type_is_the_request);
	tcase_add_test(tests, typed_memory_and_memory_through_cores);
	tcase_add_test(tests, nodelist_is_had_in_one_partition);
	tcase_add_test(tests, a_constraint_with_brackets_restricts);
	tcase_add_test(tests, the_table_grows_with_its_accounts);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
