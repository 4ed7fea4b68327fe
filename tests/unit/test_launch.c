/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxpmlaunch with stand-ins for sbatch and xpm-local: what they are given, and what becomes of their answers. And every
 * allocation from the file to the words fails once. Linked with --wrap for the allocators.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xpmatch/xpmatch.h>
#include <xpmlaunch/launch.h>

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

static char folder[64];
static const char *const job[] = { "job.sh", "it's", "a b", NULL };
static const struct xpm_job_command script = { .argv = job }, command = { .argv = job, .is_command = 1 };

static void stand_in(const char *name, const char *body)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "#!/bin/sh\n%s\n", body);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

static struct xpm_launcher *found(const char *spec)
{
	char yaml[400];
	struct xpm_launchers *launchers;
	struct xpm_launcher *launcher;
	int len = snprintf(yaml, sizeof(yaml),
			   "slurm: [{id: s, tags: [s], weight: 1, path: %s, partitions: {p: {nodes: [{hosts: n1, "
			   "configuration: {gpu: {count: 4, memory: 40G}}}]}}}]\n"
			   "local: [{id: l, tags: [l, m], cpu: {cores: 4}}]\n", folder);

	launchers = xpm_launchers_parse(yaml, (size_t)len, "y", NULL, NULL);
	launcher = xpm_find_launcher_spec(launchers, spec, (const char *const[]){ "l", "s", NULL }, NULL);
	xpm_launchers_destroy(launchers);
	ck_assert_ptr_nonnull(launcher);
	return launcher;
}

static void setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/xpm-launch.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
	char text[200];

	snprintf(text, sizeof(text), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(text), 0);
}

/* What sbatch answers: its script, the result, a part of the message. */
static const struct {
	const char *body;
	enum xpm_code code;
	uint64_t id;
	const char *text; /* the cluster, or words of the message */
} answers[] = {
	{ "echo 12", XPM_OK, 12, "" },
	{ "printf 12", XPM_OK, 12, "" },
	{ "echo '4294967295;alpha'", XPM_OK, 4294967295, "alpha" },
	{ "echo warning >&2; echo 7", XPM_OK, 7, "" },
	{ "yes words | head -c 300000 >&2; echo 7", XPM_OK, 7, "" },
	{ "cat; echo 7", XPM_OK, 7, "" }, /* our own input is not read */
	{ "true", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "echo Submitted batch job 12", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "echo 12 13", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "echo 0", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "echo 99999999999999999999", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "printf '12\\000'", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "yes 1 | head -c 300000", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "printf '12;'; yes x | tr -d '\\n' | head -c 100", XPM_ERR_LAUNCH, 0, "did not answer" },
	{ "echo 12; echo 'no such %s\npartition' >&2; exit 3", XPM_ERR_LAUNCH, 0, "status 3: no such %s; partition" },
	{ "yes words | head -c 300000 >&2; exit 1", XPM_ERR_LAUNCH, 0, "words; words" },
	{ "exit 127", XPM_ERR_LAUNCH, 0, "cannot be run (status 127)" },
	{ "exit 1", XPM_ERR_LAUNCH, 0, "ended with status 1" },
	{ "kill -9 $$", XPM_ERR_LAUNCH, 0, "signal 9" },
};

START_TEST(answer)
{
	struct xpm_launcher *launcher = found("cuda()*2");
	struct xpm_job_id id = { 99, "before" };
	struct xpm_error err = { 0 };

	stand_in("sbatch", answers[_i].body);
	ck_assert_int_eq(xpm_launcher_submit(launcher, &script, &id, &err), answers[_i].code);
	if (answers[_i].code == XPM_OK) {
		ck_assert_uint_eq(id.id, answers[_i].id);
		ck_assert_str_eq(id.cluster, answers[_i].text);
		ck_assert_int_eq(err.code, XPM_OK);
	} else {
		ck_assert_uint_eq(id.id, 99);
		ck_assert_str_eq(id.cluster, "before");
		ck_assert_msg(strstr(err.text, answers[_i].text), "%s", err.text);
		ck_assert_int_eq(xpm_launcher_submit(launcher, &script, &id, NULL), answers[_i].code);
	}
	xpm_launcher_destroy(launcher);
}
END_TEST

START_TEST(cannot_be_run)
{
	struct xpm_launcher *launcher = found("cuda()");
	struct xpm_error err = { 0 };
	struct xpm_job_id id;

	ck_assert_int_eq(xpm_launcher_submit(launcher, &script, &id, &err), XPM_ERR_LAUNCH);
	ck_assert_msg(strstr(err.text, "/sbatch cannot be run"), "%s", err.text);
	xpm_launcher_destroy(launcher);
}
END_TEST

static void check_words(char **argv, const char *wanted)
{
	char line[1000] = "";

	ck_assert_ptr_nonnull(argv);
	for (size_t i = 0; argv[i]; i++) {
		strcat(line, i ? "|" : "");
		strcat(line, strncmp(argv[i], folder, strlen(folder)) == 0 ? argv[i] + strlen(folder) : argv[i]);
	}
	free(argv);
	ck_assert_str_eq(line, wanted);
}

START_TEST(words)
{
	static const char *const more[] = { "--output=x y", NULL };
	struct xpm_job_command local = { .argv = job, .is_command = 1, .options = more, .launchers = "/f.yaml" };
	struct xpm_launcher *launcher = found("cuda()*2 & duration=1h"), *derived;

	check_words(xpm_launcher_command(launcher, &script, 0, NULL),
		    "/sbatch|--parsable|--partition=p|--gres=gpu:2|--time=60|job.sh|it's|a b");
	check_words(xpm_launcher_command(launcher, &command, 0, NULL),
		    "/sbatch|--parsable|--partition=p|--gres=gpu:2|--time=60|--wrap='job.sh' 'it'\\''s' 'a b'");
	xpm_launcher_destroy(launcher);
	launcher = found("cpu(cores=2)");
	derived = xpm_launcher_config(launcher, &(struct xpm_slurm_options){ .time = 61, .mem = 1, .nodes = 3 }, NULL);
	xpm_launcher_destroy(launcher);
	/* weight: the slurm launcher comes first, and has no cores to hold against it */
	check_words(xpm_launcher_command(derived, &script, 0, NULL),
		    "/sbatch|--parsable|--partition=p|--nodes=3|--cpus-per-task=2|--mem=1M|--time=2|job.sh|it's|a b");
	xpm_launcher_destroy(derived);
	launcher = xpm_launcher_local(NULL);
	derived = xpm_launcher_config(launcher, &(struct xpm_slurm_options){ .time = 61, .mem = 1, .nodes = 3 }, NULL);
	check_words(xpm_launcher_command(launcher, &script, 1, NULL), "xpm-local|job.sh|it's|a b");
	check_words(xpm_launcher_command(derived, &local, 0, NULL),
		    "xpm-local|--detach|--parsable|--file=/f.yaml|--time=2|--mem=1M|--output=x y|--|job.sh|it's|a b");
	xpm_launcher_destroy(launcher);
	xpm_launcher_destroy(derived);
}
END_TEST

START_TEST(local_runs)
{
	struct xpm_launcher *local = xpm_launcher_local(NULL), *slurm = found("cuda()");
	struct xpm_error err = { 0 };
	struct xpm_job_id id;
	char path[400];
	int status = 99;

	stand_in("xpm-local", "[ \"$1 $2\" = '--detach --parsable' ] && exec echo 31; [ \"$*\" = \"job.sh it's a b\" ] && exit 7");
	snprintf(path, sizeof(path), "%s:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	ck_assert_int_eq(xpm_launcher_run(local, &script, &status, &err), XPM_OK);
	ck_assert_int_eq(status, 7);
	ck_assert_int_eq(xpm_launcher_submit(local, &command, &id, &err), XPM_OK);
	ck_assert_uint_eq(id.id, 31);
	stand_in("xpm-local", "kill -15 $$");
	ck_assert_int_eq(xpm_launcher_run(local, &script, &status, &err), XPM_OK);
	ck_assert_int_eq(status, 128 + 15);
	ck_assert_int_eq(xpm_launcher_run(slurm, &script, &status, &err), XPM_ERR_VALUE);
	xpm_launcher_destroy(local);
	xpm_launcher_destroy(slurm);
}
END_TEST

START_TEST(wrong_calls)
{
	static const char *const none[] = { NULL }, *const option[] = { "--wrap=x", NULL };
	const struct xpm_job_command empty = { .argv = none }, sly = { .argv = option };
	struct xpm_launcher *local = xpm_launcher_local(NULL);
	struct xpm_job_id id;

	ck_assert_int_eq(xpm_launcher_submit(NULL, &script, &id, NULL), XPM_ERR_VALUE);
	ck_assert_int_eq(xpm_launcher_submit(local, NULL, &id, NULL), XPM_ERR_VALUE);
	ck_assert_int_eq(xpm_launcher_submit(local, &empty, &id, NULL), XPM_ERR_VALUE);
	ck_assert_int_eq(xpm_launcher_submit(local, &sly, &id, NULL), XPM_ERR_VALUE);
	xpm_launcher_destroy(local);
}
END_TEST

/* Builders, find, config and words: what the first failing call said. */
static enum xpm_code whole_way(struct xpm_error *err)
{
	static const char yaml[] = "slurm: [{id: s, tags: [s], options: {gres: 'tmp:1', comment: c}, partitions: {p: {nodes: "
				   "[{hosts: n1, configuration: {gpu: {count: 4, memory: 40G}}}]}}}]\n";
	const struct xpm_slurm_options over = { .gres = "tmp:2", .gpus_per_node = 2 };
	struct xpm_requirement *one = xpm_req_cuda(24000000000, err), *two = one ? xpm_req_times(one, 2, err) : NULL;
	struct xpm_launchers *launchers = two ? xpm_launchers_parse(yaml, sizeof(yaml) - 1, "y", NULL, err) : NULL;
	struct xpm_launcher *launcher = launchers ? xpm_find_launcher(launchers, two, job + 3, err) : NULL;
	struct xpm_launcher *derived = launcher ? xpm_launcher_config(launcher, &over, err) : NULL;
	char **argv = derived ? xpm_launcher_command(derived, &command, 0, err) : NULL;
	enum xpm_code code = argv ? XPM_OK : err->code;

	free(argv);
	xpm_launcher_destroy(derived);
	xpm_launcher_destroy(launcher);
	xpm_launchers_destroy(launchers);
	xpm_requirement_destroy(two);
	xpm_requirement_destroy(one);
	return code;
}

START_TEST(every_allocation_may_fail)
{
	enum xpm_code code;
	long n = 0;

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

int main(void)
{
	Suite *suite = suite_create("launch");
	TCase *tests = tcase_create("launch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, answer, 0, (int)(sizeof(answers) / sizeof(*answers)));
	tcase_add_test(tests, cannot_be_run);
	tcase_add_test(tests, words);
	tcase_add_test(tests, local_runs);
	tcase_add_test(tests, wrong_calls);
	tcase_add_test(tests, every_allocation_may_fail);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
