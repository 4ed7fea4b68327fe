// SPDX-License-Identifier: GPL-2.0-or-later
/* GPUs as their tools describe them, what a launcher may give of them, and where a cgroup can be made. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xpmatch/xpmatch.h>

#include "../../local/capacity.h"
#include "../../local/limits.h"

START_TEST(test_nvidia)
{
	struct xpm_machine machine = { 0 };

	ck_assert_int_eq(xpm_gpus_parse_nvidia("0, GPU-aaaa, NVIDIA A100-SXM4-80GB, 81920, 00000000:07:00.0\n"
					       "1, GPU-bbbb, Tesla T4, [N/A], 00000000:0F:00.0\n\n", &machine), 0);
	ck_assert_uint_eq(machine.gpus_len, 2);
	ck_assert_str_eq(machine.gpus[0].uuid, "GPU-aaaa");
	ck_assert_uint_eq(machine.gpus[0].memory, UINT64_C(81920) << 20);
	ck_assert_uint_eq(machine.gpus[1].index, 1);
	ck_assert_uint_eq(machine.gpus[1].memory, 0);
	free(machine.gpus);
	machine = (struct xpm_machine){ 0 };
	ck_assert_int_eq(xpm_gpus_parse_nvidia("", &machine), 0);
	ck_assert_int_ne(xpm_gpus_parse_nvidia("NVIDIA-SMI has failed", &machine), 0);
	free(machine.gpus);
}
END_TEST

START_TEST(test_rocm)
{
	struct xpm_machine machine = { 0 };

	ck_assert_int_eq(xpm_gpus_parse_rocm("{\"card0\": {\"Unique ID\": \"0x1\", \"VRAM Total Memory (B)\": \"17163091968\","
					     "\"Card Series\": \"MI100\", \"PCI Bus\": \"0000:03:00.0\"}, \"system\": {}}",
					     &machine), 0);
	ck_assert_uint_eq(machine.gpus_len, 1);
	ck_assert_int_eq(machine.gpus[0].kind, XPM_ACCEL_ROCM);
	ck_assert_str_eq(machine.gpus[0].name, "MI100");
	ck_assert_uint_eq(machine.gpus[0].memory, UINT64_C(17163091968));
	ck_assert_int_ne(xpm_gpus_parse_rocm("no", &machine), 0);
	free(machine.gpus);
}
END_TEST

static const char FILE_TEXT[] = "local:\n- id: here\n  cpu: {cores: 64, memory: 900GiB}\n  gpu:\n"
				"  - {count: 1, memory: 80GiB, model: A100}\n"
				"  - {count: 2, memory: 15GiB, model: T4}\n";

/* launchers.yaml claims more than there is: what is there counts, the small devices come first. */
START_TEST(test_capacity)
{
	struct xpm_error err = { 0 };
	struct xpm_launchers *launchers = xpm_launchers_parse(FILE_TEXT, strlen(FILE_TEXT), "test", NULL, &err);
	struct xpm_candidates *candidates = xpm_candidates_create(launchers, &err);
	struct xpm_core cores[4] = { 0 };
	struct xpm_machine machine = { .cores = cores, .cores_len = 4, .memory = UINT64_C(8) << 30, .looked = 1 };
	static struct xpm_capacity capacity;
	static struct xpm_record record;
	struct xpm_requirement *spec;
	char reason[160];
	size_t len;

	ck_assert_ptr_nonnull(candidates);
	machine.known[XPM_ACCEL_CUDA] = 1;
	ck_assert_int_eq(xpm_gpus_parse_nvidia("0, GPU-big, NVIDIA A100 80GB, 81920, x\n1, GPU-small, Tesla T4, 15360, x\n",
					       &machine), 0);
	xpm_capacity_build(&machine, candidates, xpm_candidates_get(candidates, 0), 1, &capacity);
	ck_assert_uint_eq(capacity.cores, 4);
	ck_assert_uint_eq(capacity.memory, machine.memory);
	ck_assert_uint_eq(capacity.devices_len, 2);
	ck_assert_str_eq(capacity.devices[0].key, "GPU-small");
	ck_assert_str_eq(capacity.devices[1].key, "GPU-big");
	spec = xpm_spec_parse("cuda(model=t4)*2 | cuda(mem=20G) | cpu(cores=5)", &err);
	const struct xpm_alternative *a = xpm_requirement_alternatives(spec, &len);

	ck_assert_int_ne(xpm_capacity_need(&capacity, candidates, xpm_candidates_get(candidates, 0), &a[0], &record, reason,
					   sizeof(reason)), 0);
	ck_assert_int_eq(xpm_capacity_need(&capacity, candidates, xpm_candidates_get(candidates, 0), &a[1], &record, reason,
					   sizeof(reason)), 0);
	ck_assert_uint_eq(record.terms[0].mask, 2);
	ck_assert_int_ne(xpm_capacity_need(&capacity, candidates, xpm_candidates_get(candidates, 0), &a[2], &record, reason,
					   sizeof(reason)), 0);
	ck_assert_ptr_nonnull(strstr(reason, "4 cores"));
	xpm_requirement_destroy(spec);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
	free(machine.gpus);
}
END_TEST

static void put(const char *folder, const char *text)
{
	char path[512];
	FILE *file;

	mkdir(folder, 0755);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", folder);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

/* A tree as systemd makes it: the scope we are in gives nothing, the slice above it was given to the user. */
START_TEST(test_cgroup)
{
	char root[] = "/tmp/xpm-test-XXXXXX", path[256];
	static const char *const folders[] = { "", "/user.slice", "/user.slice/app.slice", "/user.slice/app.slice/x.scope" };
	static const char *const texts[] = { "", "cpu\n", "cpu memory pids\n", "\n" };
	char *found;

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		put(path, texts[i]);
	}
	found = xpm_limits_find(root, "/user.slice/app.slice/x.scope");
	snprintf(path, sizeof(path), "%s/user.slice/app.slice", root);
	ck_assert_pstr_eq(found, path);
	free(found);
	ck_assert_ptr_null(xpm_limits_find(root, "/user.slice"));
	ck_assert_ptr_null(xpm_limits_find(root, "/"));
	snprintf(path, sizeof(path), "rm -rf %s", root);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("local_devices");
	TCase *tcase = tcase_create("devices");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, test_nvidia);
	tcase_add_test(tcase, test_rocm);
	tcase_add_test(tcase, test_capacity);
	tcase_add_test(tcase, test_cgroup);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
