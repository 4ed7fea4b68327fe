/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The finder's own words in C: each form of the Python original, beside the same as text. */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>
#include <xpmatch/xpmatch.h>

#include "unit.h"

static const char yaml[] =
	"local:\n"
	"- {id: desk, tags: [desk], cpu: {cores: 8}, gpu: [{count: 1, memory: 8G}], tokens: {licence: 2}}\n"
	"slurm:\n"
	"- id: main\n"
	"  weight: 2\n"
	"  tags: [slurm, main]\n"
	"  path: /opt/slurm/bin\n"
	"  options: {nodes: 1, gpus: 1, mem_per_cpu: 1G, time: 1h, comment: default, reservation: r}\n"
	"  partitions:\n"
	"    cpu: {configuration: {cpu: {cores: 8, memory: 64G}}, nodes: [{hosts: c1}]}\n"
	"    gpu: {qos: [q], accounts: [a], configuration: {cpu: {cores: 16, memory: 64G}},\n"
	"          nodes: [{hosts: g1, configuration: {gpu: {count: 4, memory: 40G}}}]}\n";

static struct xpm_launchers *launchers;

static void setup(void)
{
	launchers = xpm_launchers_parse(yaml, sizeof(yaml) - 1, "y", NULL, NULL);
	ck_assert_ptr_nonnull(launchers);
}

static void teardown(void)
{
	xpm_launchers_destroy(launchers);
}

static void check_print(const struct xpm_launcher *launcher, const char *wanted)
{
	char text[1000];

	ck_assert_ptr_nonnull(launcher);
	ck_assert_uint_eq(xpm_launcher_print(launcher, text, sizeof(text)), strlen(text));
	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(xpm_launcher_print(launcher, NULL, 0), strlen(wanted));
	for (size_t size = 1; size < strlen(wanted); size++) {
		ck_assert_uint_eq(xpm_launcher_print(launcher, text, size), strlen(wanted));
		ck_assert_uint_eq(strlen(text), size - 1);
	}
}

/* The same result, be it a launcher or a refusal. */
static void check_same(struct xpm_launchers *file, struct xpm_requirement *built, const char *text, const char *const *tags)
{
	struct xpm_error ours = { 0 }, theirs = { 0 };
	struct xpm_requirement *parsed = xpm_spec_parse(text, NULL);
	struct xpm_launcher *a = xpm_find_launcher(file, built, tags, &ours);
	struct xpm_launcher *b = xpm_find_launcher_spec(file, text, tags, &theirs);
	char one[1000] = "", two[1000] = "";

	ck_assert_msg(built && parsed && xpm_requirement_equal(built, parsed), "%s", text);
	ck_assert_int_eq(ours.code, theirs.code);
	ck_assert_str_eq(ours.text, theirs.text);
	ck_assert((a == NULL) == (b == NULL) && (a != NULL) == (ours.code == XPM_OK));
	if (a) {
		xpm_launcher_print(a, one, sizeof(one));
		xpm_launcher_print(b, two, sizeof(two));
	}
	ck_assert_str_eq(one, two);
	xpm_launcher_destroy(a);
	xpm_launcher_destroy(b);
	xpm_requirement_destroy(parsed);
	xpm_requirement_destroy(built);
}

static struct xpm_requirement *both(struct xpm_requirement *a, struct xpm_requirement *b)
{
	struct xpm_requirement *made = xpm_req_and(a, b, NULL);

	xpm_requirement_destroy(a);
	xpm_requirement_destroy(b);
	return made;
}

static struct xpm_requirement *gpus(uint64_t mem, uint32_t n)
{
	struct xpm_requirement *one = xpm_req_cuda(mem, NULL), *made = xpm_req_times(one, n, NULL);

	xpm_requirement_destroy(one);
	return made;
}

static const char *const slurm[] = { "slurm", NULL };

static struct xpm_requirement *long_example(void)
{
	return both(both(xpm_req_duration(4 * 86400, NULL), gpus(4000000000, 2)), xpm_req_cpu(400000000, 4, NULL));
}

/* find_launcher(cuda_gpu(mem="14G") * 2), and the two with text, in both files */
START_TEST(documented_finds)
{
	static const char text[] = "duration=4 days & cuda(mem=4G) * 2 & cpu(mem=400M, cores=4)";
	char path[1000];
	struct xpm_launchers *example, *files[2];

	snprintf(path, sizeof(path), "%s/launchers/valid/example/launchers.yaml", getenv("XPM_TEST_DATA"));
	example = xpm_launchers_load(path, NULL, NULL);
	ck_assert_ptr_nonnull(example);
	files[0] = example;
	files[1] = launchers;
	for (int i = 0; i < 2; i++) {
		check_same(files[i], gpus(14000000000, 2), "cuda_gpu(mem=\"14G\") * 2", NULL);
		check_same(files[i], gpus(17000000000, 2), "cuda(mem=17G)*2", NULL);
		check_same(files[i], long_example(), text, NULL);
		check_same(files[i], long_example(), text, slurm);
	}
	xpm_launchers_destroy(example);
}
END_TEST

/* SlurmLauncher(nodes=1), .config(gpus_per_node=1), and every option the document lists */
START_TEST(documented_config)
{
	struct xpm_slurm_options all = { .nodes = 2, .time = 90, .gpus = 4, .gpus_per_node = 2, .account = "a", .qos = "q" };
	struct xpm_launcher *launcher = xpm_launcher_slurm(&(struct xpm_slurm_options){ .nodes = 1 }, NULL);
	struct xpm_launcher *gpu = xpm_launcher_config(launcher, &(struct xpm_slurm_options){ .gpus_per_node = 1 }, NULL);
	struct xpm_launcher *whole = xpm_launcher_config(gpu, &all, NULL);
	size_t len = 99;

	check_print(launcher, "slurm launcher: --nodes=1");
	check_print(gpu, "slurm launcher: --nodes=1 --gpus-per-node=1");
	check_print(whole, "slurm launcher: --qos=q --account=a --nodes=2 --gpus=4 --gpus-per-node=2 --time=2");
	ck_assert_int_eq(xpm_launcher_kind(gpu), XPM_KIND_SLURM);
	ck_assert_ptr_null(xpm_launcher_id(gpu));
	ck_assert_ptr_null(xpm_launcher_spec(gpu));
	ck_assert_uint_eq(xpm_launcher_alternative(gpu), 0);
	(void)xpm_launcher_tags(gpu, &len);
	ck_assert_uint_eq(len, 0);
	xpm_launcher_destroy(launcher);
	xpm_launcher_destroy(gpu);
	xpm_launcher_destroy(whole);
	xpm_launcher_destroy(NULL);
	launcher = xpm_launcher_local(NULL);
	check_print(launcher, "local launcher");
	xpm_launcher_destroy(launcher);
}
END_TEST

/* A value owns all it shows. */
START_TEST(outlives)
{
	struct xpm_launcher *launcher, *derived;
	struct xpm_slurm_options decided;
	char *comment = strdup("nightly run");
	const char *const *tags;
	size_t len;

	launcher = xpm_find_launcher_spec(launchers, "rocm() | cuda(mem=24G)*2 & duration=2h", slurm, NULL);
	ck_assert_ptr_nonnull(launcher);
	derived = xpm_launcher_config(launcher, &(struct xpm_slurm_options){ .comment = comment }, NULL);
	xpm_launcher_destroy(launcher);
	xpm_launchers_destroy(launchers);
	launchers = NULL;
	memset(comment, 'x', strlen(comment));
	free(comment);
	check_print(derived, "slurm launcher main: --partition=gpu --qos=q --account=a --nodes=1 --gres=gpu:2 "
			     "--mem-per-cpu=954M --time=120 --reservation=r --comment='nightly run'");
	ck_assert_str_eq(xpm_launcher_id(derived), "main");
	ck_assert_str_eq(xpm_launcher_path(derived), "/opt/slurm/bin");
	ck_assert_str_eq(xpm_launcher_spec(derived), "rocm() | cuda(mem=24G)*2 & duration=2h");
	ck_assert_int_eq(xpm_launcher_weight(derived), 2);
	ck_assert_uint_eq(xpm_launcher_alternative(derived), 2);
	ck_assert_uint_eq(xpm_launcher_gpus(derived), 2);
	tags = xpm_launcher_tags(derived, &len);
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(tags[1], "main");
	tags = xpm_launcher_asked_tags(derived, &len);
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(tags[0], "slurm");
	xpm_launcher_decided(derived, &decided);
	ck_assert_uint_eq(decided.time, 7200);
	ck_assert_uint_eq(decided.nodes, 0);
	ck_assert_str_eq(decided.gres, "gpu:2");
	ck_assert_ptr_null(decided.reservation);
	xpm_launcher_destroy(derived);
}
END_TEST

START_TEST(tokens)
{
	struct xpm_launcher *launcher =
		xpm_find_launcher_spec(launchers, "cuda()", (const char *const[]){ "desk", NULL }, NULL);
	const struct xpm_token_need *needs;
	size_t len;

	ck_assert_ptr_nonnull(launcher);
	ck_assert_int_eq(xpm_launcher_kind(launcher), XPM_KIND_LOCAL);
	needs = xpm_launcher_tokens(launcher, &len);
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(needs[0].name, "licence");
	ck_assert_uint_eq(needs[0].count, 2);
	xpm_launcher_destroy(launcher);
}
END_TEST

/* What is set above what was found for "cuda(mem=24G)*2 & duration=2h & cpu(mem=2GiB)": the line, or what the refusal names. */
static const struct {
	struct xpm_slurm_options over;
	const char *line, *had, *wanted;
} derivations[] = {
	{ { .gpus_per_node = 2 }, "--nodes=1 --gres=gpu:2 --mem=2048M --time=120", NULL, NULL },
	{ { .gpus = 2 }, "--nodes=1 --gres=gpu:2 --mem=2048M --time=120", NULL, NULL },
	{ { .nodes = 3, .gpus = 6 }, "--nodes=3 --gres=gpu:2 --mem=2048M --time=120", NULL, NULL },
	{ { .gres = "tmp:1" }, "--nodes=1 --gres=gpu:2,tmp:1 --mem=2048M --time=120", NULL, NULL },
	{ { .gres = "gpu:2,tmp:1" }, "--nodes=1 --gres=gpu:2,tmp:1 --mem=2048M --time=120", NULL, NULL },
	{ { .time = 7200, .partition = "gpu", .qos = "q", .account = "a" }, "--nodes=1 --gres=gpu:2 --mem=2048M --time=120",
	  NULL, NULL },
	{ { .gpus_per_node = 3 }, NULL, "--gres=gpu:2", "--gpus-per-node=3" },
	{ { .gpus = 1 }, NULL, "--gres=gpu:2", "--gpus=1" },
	{ { .gpus = 2, .nodes = 2 }, NULL, "--gres=gpu:2", "--gpus=2" },
	{ { .gres = "gpu:20" }, NULL, "--gres=gpu:2", "--gres=gpu:20" },
	{ { .gres = "tmp:1,gpu" }, NULL, "--gres=gpu:2", "--gres=tmp:1,gpu" },
	{ { .time = 3600 }, NULL, "--time=120", "--time=60" },
	{ { .mem = 1 << 30 }, NULL, "--mem=2048M", "--mem=1024M" },
	{ { .mem_per_cpu = 1 << 30 }, NULL, "--mem=2048M", "--mem-per-cpu=1024M" },
	{ { .partition = "cpu" }, NULL, "--partition=gpu", "--partition=cpu" },
	{ { .qos = "Q" }, NULL, "--qos=q", "--qos=Q" },
	{ { .account = "b" }, NULL, "--account=a", "--account=b" },
};

START_TEST(derive)
{
	struct xpm_launcher *launcher =
		xpm_find_launcher_spec(launchers, "cuda(mem=24G)*2 & duration=2h & cpu(mem=2GiB)", NULL, NULL);
	struct xpm_error err = { 0 };
	struct xpm_launcher *derived = xpm_launcher_config(launcher, &derivations[_i].over, &err);
	char line[1000];

	if (derivations[_i].line) {
		snprintf(line, sizeof(line), "slurm launcher main: --partition=gpu --qos=q --account=a %s --reservation=r "
					     "--comment=default", derivations[_i].line);
		check_print(derived, line);
	} else {
		ck_assert_ptr_null(derived);
		ck_assert_int_eq(err.code, XPM_ERR_CONFLICT);
		ck_assert_msg(strstr(err.text, derivations[_i].had) && strstr(err.text, derivations[_i].wanted), "%s",
			      err.text);
	}
	xpm_launcher_destroy(derived);
	xpm_launcher_destroy(launcher);
}
END_TEST

/* Without a decision the later one always wins, and stands alone where it says the same in another way. */
static const struct {
	struct xpm_slurm_options below, over;
	const char *line;
} layers[] = {
	{ { .gres = "gpu:2" }, { .gpus_per_node = 1 }, "slurm launcher: --gpus-per-node=1" },
	{ { .gres = "tmp:1,gpu:a100:2,fast:3" }, { .gpus = 1 }, "slurm launcher: --gres=tmp:1,fast:3 --gpus=1" },
	{ { .gpus = 2, .gpus_per_node = 1 }, { .gres = "gpu:1" }, "slurm launcher: --gres=gpu:1" },
	{ { .gpus = 2 }, { .gres = "gpus:1" }, "slurm launcher: --gres=gpus:1 --gpus=2" },
	{ { .mem = 1 << 20 }, { .mem_per_cpu = 2 << 20 }, "slurm launcher: --mem-per-cpu=2M" },
	{ { .mem_per_cpu = 1 << 20 }, { .mem = 2 << 20 }, "slurm launcher: --mem=2M" },
	{ { .time = 60, .qos = "a", .nodes = 2 }, { .time = 61, .qos = "b" }, "slurm launcher: --qos=b --nodes=2 --time=2" },
};

START_TEST(layer)
{
	struct xpm_launcher *launcher = xpm_launcher_slurm(&layers[_i].below, NULL);
	struct xpm_launcher *derived = xpm_launcher_config(launcher, &layers[_i].over, NULL);

	check_print(derived, layers[_i].line);
	xpm_launcher_destroy(derived);
	xpm_launcher_destroy(launcher);
}
END_TEST

/* What was typed restricts the choice, lies above the defaults, and does not silently replace the plan. */
START_TEST(typed)
{
	struct xpm_slurm_options options = { .partition = "cpu", .time = 1800, .comment = "mine" };
	struct xpm_candidates *candidates = xpm_candidates_create(launchers, NULL);
	struct xpm_match *match = xpm_match_create(candidates, NULL);
	struct xpm_requirement *requirement = xpm_spec_parse("cpu(cores=2)", NULL);
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_SLURM, .typed = &options };
	struct xpm_error err = { 0 };
	struct xpm_launcher *launcher = xpm_launcher_choose(match, &request, &err);

	check_print(launcher, "slurm launcher main: --partition=cpu --nodes=1 --cpus-per-task=2 --gpus=1 "
			      "--mem-per-cpu=954M --time=30 --reservation=r --comment=mine");
	xpm_launcher_destroy(launcher);
	options.cpus_per_task = 3;
	ck_assert_ptr_null(xpm_launcher_choose(match, &request, &err));
	ck_assert_int_eq(err.code, XPM_ERR_CONFLICT);
	xpm_requirement_destroy(requirement);
	xpm_match_destroy(match);
	xpm_candidates_destroy(candidates);
}
END_TEST

START_TEST(wrong_calls)
{
	struct xpm_launcher *launcher = xpm_launcher_local(NULL);
	const struct xpm_slurm_options none = { 0 };
	struct xpm_error err = { 0 };

	ck_assert_ptr_null(xpm_find_launcher(launchers, NULL, NULL, &err));
	ck_assert_int_eq(err.code, XPM_ERR_VALUE);
	ck_assert_ptr_null(xpm_find_launcher_spec(launchers, NULL, NULL, &err));
	ck_assert_int_eq(err.code, XPM_ERR_SPEC);
	ck_assert_ptr_null(xpm_find_launcher_spec(NULL, "cpu()", NULL, &err));
	ck_assert_int_eq(err.code, XPM_ERR_VALUE);
	ck_assert_ptr_null(xpm_find_launcher_spec(launchers, "cuda(mem=1T)", NULL, &err));
	ck_assert_int_eq(err.code, XPM_ERR_NO_MATCH);
	ck_assert_ptr_null(xpm_launcher_config(NULL, &none, &err));
	ck_assert_int_eq(err.code, XPM_ERR_VALUE);
	ck_assert_ptr_null(xpm_launcher_config(launcher, NULL, NULL));
	xpm_launcher_destroy(launcher);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("launcher");
	TCase *tests = tcase_create("launcher");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, documented_finds);
	tcase_add_test(tests, documented_config);
	tcase_add_test(tests, outlives);
	tcase_add_test(tests, tokens);
	tcase_add_loop_test(tests, derive, 0, (int)(sizeof(derivations) / sizeof(*derivations)));
	tcase_add_loop_test(tests, layer, 0, (int)(sizeof(layers) / sizeof(*layers)));
	tcase_add_test(tests, typed);
	tcase_add_test(tests, wrong_calls);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
