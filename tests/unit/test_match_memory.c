/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A decision inside slurmctld: after the first runs it allocates nothing, and when memory is short everything up to it
 * ends with XPM_ERR_MEMORY and no leak (the sanitizers and valgrind look). Linked with --wrap for the allocators.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/xpmatch.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long left = -1; /* allocations until the one that fails; below 0 none does */
static unsigned long allocations;

static int fails_now(void)
{
	allocations++;
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

static const char yaml[] =
	"slurm:\n"
	"- id: a\n"
	"  tags: [x, y]\n"
	"  options: {nodes: 1, reservation: r}\n"
	"  features_regex: ['GPU(?P<cuda_count>\\d+)', 'M(?P<cuda_memory>\\d+G)', '(?P<gpu_model>[av]100)']\n"
	"  qos: {short: {max_duration: 1h}, long: {}}\n"
	"  partitions:\n"
	"    p: {qos: [short, long], accounts: [one, two], nodes: [{hosts: 'n[1-4]', features: [GPU4, M40G, a100]},\n"
	"        {hosts: 'n[5-9]', features: [GPU4, M16G, v100]}]}\n"
	"    q: {qos: [short, long], accounts: [one, two], nodes: [{hosts: 'n[3-8]', features: [GPU2, M40G]},\n"
	"        {features: [other]}]}\n"
	"local: [{cpu: {cores: 4}, gpu: [{count: 1, memory: 8G, model: T4}], tokens: {t: 1}}]\n"
	"tokens: {t: {count: 2}}\n";

static const char spec[] = "cuda(mem=400G) | cuda(mem=40G)*2 & duration=30m";

static struct xpm_slurm_options typed = { .constraint = "M40G|ib", .exclude = "n1", .qos = "short", .gres = "gpu:2,tmp:1" };

/* From text to plan; returns what the first failing call said. */
static enum xpm_code whole_way(struct xpm_error *err)
{
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, sizeof(yaml) - 1, "y", NULL, err);
	struct xpm_candidates *table = launchers ? xpm_candidates_create(launchers, err) : NULL;
	struct xpm_match *match = table ? xpm_match_create(table, err) : NULL;
	struct xpm_requirement *requirement = match ? xpm_spec_parse(spec, err) : NULL;
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_SLURM, .typed = &typed };
	enum xpm_code code = requirement ? xpm_match_run(match, &request, err) : err->code;

	if (code == XPM_OK) {
		struct xpm_slurm_options options;
		char **argv;

		xpm_plan_options(xpm_match_plan(match), &options);
		argv = xpm_slurm_options_argv(&options, NULL, err);
		code = argv ? XPM_OK : XPM_ERR_MEMORY;
		free(argv);
	}
	xpm_requirement_destroy(requirement);
	xpm_match_destroy(match);
	xpm_candidates_destroy(table);
	xpm_launchers_destroy(launchers);
	return code;
}

START_TEST(every_allocation_may_fail)
{
	long n = 0;
	enum xpm_code code;

	do {
		struct xpm_error err = { .code = XPM_OK };

		left = n++;
		code = whole_way(&err);
		left = -1;
		ck_assert_msg(code == XPM_OK || code == XPM_ERR_MEMORY, "allocation %ld: code %d (%s)", n, code, err.text);
		ck_assert_int_lt(n, 100000);
	} while (code != XPM_OK);
	ck_assert_int_gt(n, 20);
}
END_TEST

START_TEST(a_decision_allocates_nothing)
{
	struct xpm_error err;
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, sizeof(yaml) - 1, "y", NULL, &err);
	struct xpm_candidates *table = xpm_candidates_create(launchers, &err);
	struct xpm_match *match = xpm_match_create(table, &err);
	struct xpm_requirement *requirement = xpm_spec_parse(spec, &err);
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_BOTH, .typed = &typed };
	unsigned long before, after;
	int failed = 0;

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(xpm_match_run(match, &request, &err), XPM_OK);
	before = allocations; /* Check's own assertions allocate: none in here */
	for (int i = 0; i < 100; i++)
		failed += xpm_match_run(match, &request, &err) != XPM_OK;
	after = allocations;
	ck_assert_int_eq(failed, 0);
	ck_assert_uint_eq(after, before);
	xpm_requirement_destroy(requirement);
	xpm_match_destroy(match);
	xpm_candidates_destroy(table);
	xpm_launchers_destroy(launchers);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("match memory");
	TCase *tests = tcase_create("match memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, every_allocation_may_fail);
	tcase_add_test(tests, a_decision_allocates_nothing);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
