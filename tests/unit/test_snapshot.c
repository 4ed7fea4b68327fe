/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot: written, read, cut, asked; and query_slurm on top of it. */
#include <string.h>
#include <time.h>
#include <xpmatch/match.h>
#include <xpmatch/snapshot.h>

#include "cases.h"
#include "cluster.h"
#include "unit.h"

static const char config[] =
	"AccountingStorageEnforce = associations,limits,qos\nClusterName = xpm\nSLURM_VERSION = 22.05.8\n";
static const char qos[] = "normal|0||\nshort|100|01:00:00|\nlong|0|7-00:00:00|\ngpuq|0|1-00:00:00|gres/gpu=2\n";
static const char users[] = "ann|proja\nbob|projb\ncarl|\nDOM\\eve|proja\n";
static const char associations[] =
	"xpm|root||||\nxpm|proja|||long,normal,short|normal\n"
	"xpm|proja|ann||long,normal,short|normal\nxpm|projb|ann||gpuq,normal|\nxpm|projb|bob||normal|normal\n"
	"xpm|projb|bob|gpu|gpuq,normal|gpuq\nother|projc|bob||normal|normal\nXPM|proja|DOM\\eve||normal|\n";

static char *file_of(const char *which, const char *file)
{
	char *text = case_file("scontrol", which, file), *whole;

	ck_assert_ptr_nonnull(text);
	whole = malloc(strlen(text) + 2);
	sprintf(whole, "%s\n", text);
	free(text);
	return whole;
}

static void must(enum xpm_code code, const struct xpm_error *err)
{
	ck_assert_msg(code == XPM_OK, "%s", err->text);
}

static struct xpm_cluster *make(int access)
{
	char *nodes = file_of("slurm-22.05-oneliner", "input"), *partitions = file_of("slurm-22.05-oneliner", "partitions");
	const char *srcdir = getenv("srcdir");
	struct xpm_error err = { 0 };
	struct xpm_cluster *cluster = xpm_cluster_create(&err);
	struct xpm_gpu_models *models;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/etc/gpu-models.yaml", srcdir ? srcdir : ".");
	models = xpm_gpu_models_load(path, &err);
	ck_assert_ptr_nonnull(models);
	must(xpm_cluster_add_config(cluster, config, strlen(config), "config", &err), &err);
	must(xpm_cluster_add_partitions(cluster, partitions, strlen(partitions), "partitions", &err), &err);
	must(xpm_cluster_add_nodes(cluster, nodes, strlen(nodes), "nodes", models, &err), &err);
	if (access) {
		must(xpm_cluster_add_qos(cluster, qos, strlen(qos), "qos", &err), &err);
		must(xpm_cluster_add_users(cluster, users, strlen(users), "users", &err), &err);
		must(xpm_cluster_add_associations(cluster, associations, strlen(associations), "assoc", &err), &err);
		for (size_t i = 0; xpm_cluster_user(cluster, i); i++)
			if (strcmp(xpm_cluster_user(cluster, i), "carl"))
				xpm_cluster_set_uid(cluster, i, (uint32_t)(5000 - i));
	}
	xpm_gpu_models_destroy(models);
	free(nodes);
	free(partitions);
	return cluster;
}

static char *print(const struct xpm_cluster *cluster, int64_t when, size_t *len)
{
	char *text = xpm_snapshot_print(cluster, when, len, NULL);

	ck_assert_ptr_nonnull(text);
	return text;
}

static struct xpm_cluster *parse(const char *text, size_t len)
{
	struct xpm_error err = { 0 };
	struct xpm_cluster *cluster = xpm_snapshot_parse(text, len, "snapshot.yaml", &err);

	ck_assert_msg(cluster != NULL, "%u:%u: %s\n%s", err.line, err.column, err.text, text);
	return cluster;
}

/* Read what was written and write it again: the same. */
START_TEST(test_round_trip)
{
	struct xpm_cluster *cluster = make(1), *again;
	size_t len, again_len, i;
	char *text = print(cluster, 1234567, &len), *text_again;

	again = parse(text, len);
	text_again = print(again, xpm_snapshot_time(again), &again_len);
	ck_assert_str_eq(text, text_again);
	ck_assert_int_eq((int)xpm_snapshot_time(again), 1234567);
	ck_assert_uint_eq(xpm_cluster_nodes(again), 4);
	ck_assert_str_eq(xpm_cluster_name(again), "xpm");
	for (i = 0; xpm_cluster_user(cluster, i); i++)
		ck_assert_str_eq(xpm_cluster_user(cluster, i), xpm_cluster_user(again, i));
	ck_assert_uint_eq(i, 4);
	ck_assert_ptr_null(xpm_snapshot_user(again, 1));
	ck_assert_ptr_null(xpm_snapshot_user(again, XPM_NO_UID));
	ck_assert_str_eq(xpm_snapshot_user(again, 5000), "DOM\\eve");
	free(text);
	free(text_again);
	xpm_cluster_destroy(cluster);
	xpm_cluster_destroy(again);
}
END_TEST

START_TEST(test_may)
{
	static const struct {
		const char *user, *account, *qos, *partition, *reason; /* NULL = may */
	} rows[] = {
		{ "ann", NULL, NULL, "cpu", NULL },
		{ "ann", "proja", "long", "cpu", NULL },
		{ "ann", "proja", "gpuq", "cpu", "user ann may not use QoS gpuq with account proja" },
		{ "ann", "projb", "gpuq", "cpu", NULL },
		{ "ann", "projc", NULL, "cpu", "user ann may not use account projc" },
		{ "bob", NULL, "gpuq", "cpu", "user bob may not use QoS gpuq with account projb" },
		{ "bob", NULL, "gpuq", "gpu", NULL },
		{ "bob", "projb", "gpuq", NULL, "user bob may not use QoS gpuq with account projb" },
		{ "carl", NULL, NULL, "cpu", "user carl has no default account" },
		{ "dora", "proja", NULL, "cpu", "user dora may not use account proja" },
		{ "DOM\\eve", NULL, "normal", "cpu", NULL },
		{ NULL, "proja", NULL, "cpu", "the user is not known to the snapshot" },
	};
	struct xpm_cluster *first = make(1), *cluster, *open = make(0);
	size_t len;
	char *text = print(first, 1, &len), reason[160];

	cluster = parse(text, len);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int may = xpm_snapshot_may(cluster, rows[i].user, rows[i].account, rows[i].qos, rows[i].partition,
					   reason, sizeof(reason));

		ck_assert_msg(may == !rows[i].reason, "row %zu", i);
		if (!may)
			ck_assert_str_eq(reason, rows[i].reason);
	}
	open->enforce = 0;
	ck_assert_int_eq(xpm_snapshot_may(open, "nobody", "any", "any", "cpu", NULL, 0), 1);
	free(text);
	xpm_cluster_destroy(first);
	xpm_cluster_destroy(cluster);
	xpm_cluster_destroy(open);
}
END_TEST

/* Half a snapshot is none, wherever it ends. */
START_TEST(test_truncated)
{
	struct xpm_cluster *cluster = make(1);
	size_t len;
	char *text = print(cluster, 1, &len);

	for (size_t at = 0; at < len - 1; at++) { /* the last line end is not missed */
		struct xpm_error err = { 0 };
		char *cut = malloc(at ? at : 1);
		struct xpm_cluster *part;

		memcpy(cut, text, at);
		part = xpm_snapshot_parse(cut, at, "snapshot.yaml", &err);
		ck_assert_msg(part == NULL, "cut at %zu was taken", at);
		ck_assert_int_ne(err.code, XPM_OK);
		free(cut);
	}
	free(text);
	xpm_cluster_destroy(cluster);
}
END_TEST

START_TEST(test_mutated)
{
	struct xpm_cluster *cluster = make(1);
	size_t len;
	char *text = print(cluster, 1, &len), *copy = malloc(len);

	srand(2);
	for (int i = 0; i < 3000; i++) {
		struct xpm_error err = { 0 };
		struct xpm_cluster *part;
		char reason[64];

		memcpy(copy, text, len);
		for (int j = rand() % 4; j >= 0; j--)
			copy[(size_t)rand() % len] = "\n :,{}[]\"0-a9&*\\"[rand() % 16];
		part = xpm_snapshot_parse(copy, len, "snapshot.yaml", &err);
		if (part) {
			xpm_snapshot_may(part, "ann", NULL, "long", "cpu", reason, sizeof(reason));
			xpm_snapshot_user(part, 5000);
		} else {
			ck_assert_int_ne(err.code, XPM_OK);
		}
		xpm_cluster_destroy(part);
	}
	free(copy);
	free(text);
	xpm_cluster_destroy(cluster);
}
END_TEST

/* Rows of the table as text: partition, hosts, GPUs, memory of one, model, cores, longest duration. */
static void describe(const struct xpm_candidates *candidates, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < xpm_candidates_count(candidates); i++) {
		const struct xpm_candidate *row = xpm_candidates_get(candidates, i);

		at += (size_t)snprintf(buf + at, size - at, "%s %s %s %s %u*%s:%llu %u %llu\n", row->partition,
				       row->qos ? row->qos : "-", row->account ? row->account : "-",
				       row->hosts ? row->hosts : "-", row->accel_count,
				       row->accels_len && row->accels[0].model ? row->accels[0].model : "-",
				       row->accels_len ? (unsigned long long)row->accels[0].memory / 1000000000 : 0ull,
				       row->has_cores ? row->cores : 0, (unsigned long long)row->max_duration);
		ck_assert_uint_lt(at, size);
	}
}

static void apply(const char *yaml, const struct xpm_cluster *cluster, struct xpm_report *report, char *buf, size_t size)
{
	struct xpm_error err = { 0 };
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, strlen(yaml), "launchers.yaml", NULL, &err);
	struct xpm_candidates *candidates;

	ck_assert_msg(launchers != NULL, "%s", err.text);
	must(xpm_launchers_apply_cluster(launchers, cluster, report, &err), &err);
	candidates = xpm_candidates_create(launchers, &err);
	ck_assert_msg(candidates != NULL, "%s", err.text);
	xpm_launchers_destroy(launchers);
	describe(candidates, buf, size);
	xpm_candidates_destroy(candidates);
}

#define CPU_ROWS "cpu - - n1 0*-:0 8 86400\ncpu - - n2 0*-:0 8 86400\n"
#define GPU_ROWS "gpu - - n3 4*v100:16 8 86400\ngpu - - n4 4*a100:40 8 86400\n"
#define ALL_ROWS \
	"all - - n1 0*-:0 8 7200\nall - - n2 0*-:0 8 7200\nall - - n3 4*v100:16 8 7200\nall - - n4 4*a100:40 8 7200\n"

START_TEST(test_query)
{
	static const struct {
		const char *yaml, *rows;
	} cases[] = {
		{ "slurm: [{query_slurm: true}]", CPU_ROWS GPU_ROWS ALL_ROWS },
		{ "slurm: [{query_slurm: false}]", "" },
		/* the file's partitions come first, and say more */
		{ "slurm: [{query_slurm: true, partitions: {all: {disabled: true}, gpu: {qos: [gpuq, short], "
		  "accounts: a, configuration: {gpu: {memory: 20G}}}}}]",
		  "gpu gpuq a n3 4*v100:20 8 86400\ngpu short a n3 4*v100:20 8 3600\n"
		  "gpu gpuq a n4 4*a100:20 8 86400\ngpu short a n4 4*a100:20 8 3600\n" CPU_ROWS },
		/* a file's own QoS is not replaced; its nodes are not either; the launcher's values lie beneath */
		{ "slurm: [{query_slurm: true, qos: {short: {max_duration: 2h}}, configuration: {gpu: {count: 9, memory: 1G}, "
		  "max_duration: 1m}, partitions: {all: {disabled: true}, cpu: {qos: short}, gpu: {nodes: [{hosts: x}]}}}]",
		  "cpu short - n1 0*-:0 8 7200\ncpu short - n2 0*-:0 8 7200\ngpu - - x 9*-:1 0 86400\n" },
		/* what the cluster does not have */
		{ "slurm: [{query_slurm: true, partitions: {gone: {nodes: [{hosts: x}]}, all: {disabled: true}, "
		  "gpu: {disabled: true}}}]", CPU_ROWS },
		{ "slurm: [{query_slurm: true, disabled: true}, {query_slurm: true, partitions: {cpu: {disabled: true}, "
		  "all: {disabled: true}, gpu: {configuration: {max_duration: 3h, gpu: [{count: 1, memory: 9G}]}}}}]",
		  "gpu - - n3 1*-:9 8 10800\ngpu - - n4 1*-:9 8 10800\n" },
	};
	struct xpm_cluster *first = make(1), *cluster;
	size_t len;
	char *text = print(first, 1, &len), buf[4096];

	cluster = parse(text, len);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		apply(cases[i].yaml, first, NULL, buf, sizeof(buf));
		ck_assert_str_eq(buf, cases[i].rows);
		apply(cases[i].yaml, cluster, NULL, buf, sizeof(buf));
		ck_assert_str_eq(buf, cases[i].rows);
	}
	free(text);
	xpm_cluster_destroy(first);
	xpm_cluster_destroy(cluster);
}
END_TEST

/* The generated file, and query_slurm: true on the same cluster, decide alike; also both at once. */
START_TEST(test_generated_equals_queried)
{
	struct xpm_cluster *cluster = make(1);
	size_t len;
	char *file = xpm_cluster_convert(cluster, 1, &len, NULL, NULL), *both, generated[4096], queried[4096];
	struct xpm_report *report = xpm_report_create(NULL);

	apply(file, cluster, report, generated, sizeof(generated));
	apply("slurm: [{query_slurm: true}]", cluster, report, queried, sizeof(queried));
	ck_assert_str_eq(generated, queried);
	both = malloc(len + 64);
	sprintf(both, "%s    query_slurm: true\n", file);
	apply(both, cluster, report, queried, sizeof(queried));
	ck_assert_str_eq(generated, queried);
	ck_assert_uint_eq(xpm_report_count(report), 0);
	xpm_report_destroy(report);
	free(both);
	free(file);
	xpm_cluster_destroy(cluster);
}
END_TEST

START_TEST(test_live)
{
	static const char yaml[] = "slurm: [{options: {account: projb}, partitions: {cpu: {}}}, {id: b, partitions: {cpu: {}}}]\n";
	struct xpm_cluster *cluster = make(1);
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, strlen(yaml), "yaml", NULL, NULL);
	struct xpm_candidates *table = xpm_candidates_create(launchers, NULL);
	struct xpm_slurm_options typed = { .account = "projb" };
	struct xpm_snapshot_view view = { .cluster = cluster, .table = table, .user = "ann" };
	struct xpm_candidate candidate = { .partition = "all", .launcher = 1 };
	char reason[160] = "";

	ck_assert_int_eq(xpm_snapshot_live_partition(&view, &candidate, 7200, reason, sizeof(reason)), 0);
	ck_assert_int_eq(xpm_snapshot_live_partition(&view, &candidate, 7201, reason, sizeof(reason)), 1);
	ck_assert_str_eq(reason, "MaxTime of partition all is 2h");
	cluster->partitions[2].state = "DRAIN";
	ck_assert_int_eq(xpm_snapshot_live_partition(&view, &candidate, 0, reason, sizeof(reason)), 1);
	ck_assert_str_eq(reason, "partition all is DRAIN");
	candidate.partition = "none";
	ck_assert_int_eq(xpm_snapshot_live_partition(&view, &candidate, 0, reason, sizeof(reason)), 1);
	candidate.partition = "cpu";
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 0);
	candidate.qos = "gpuq";
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 1);
	candidate.qos = NULL;
	cluster->partitions[0].allow_accounts = (struct xpm_names){ (const char *[]){ "projb" }, 1 };
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 1);
	ck_assert_str_eq(reason, "partition cpu does not take account proja");
	candidate.account = "projb";
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 0);
	/* without one of its own: what was typed, then the launcher's default, then the user's */
	candidate.account = NULL;
	view.typed = &typed;
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 0);
	typed.account = "nosuch";
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 1);
	ck_assert_str_eq(reason, "user ann may not use account nosuch");
	typed = (struct xpm_slurm_options){ .qos = "long" };
	candidate.launcher = 0;
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 1);
	ck_assert_str_eq(reason, "user ann may not use QoS long with account projb");
	typed.qos = NULL;
	ck_assert_int_eq(xpm_snapshot_live_access(&view, &candidate, reason, sizeof(reason)), 0);
	xpm_candidates_destroy(table);
	xpm_launchers_destroy(launchers);
	xpm_cluster_destroy(cluster);
}
END_TEST

START_TEST(test_refused)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "empty" },
		{ "[]", "not a snapshot" },
		{ "slurm: []", "no 'xpm_snapshot:'" },
		{ "xpm_snapshot: 2\ncluster: {}\ncomplete: true", "version 2" },
		{ "xpm_snapshot: 1\ncluster: {}", "cut off" },
		{ "xpm_snapshot: 1\ncluster: {}\nnodes: 3\ncomplete: true", "expected a list" },
		{ "xpm_snapshot: 1\ncluster: {}\nnodes: [3]\ncomplete: true", "expected a mapping" },
		{ "xpm_snapshot: 1\ncluster: {}\nnodes: [{hosts: a}, {hosts: b, like: 1}]\ncomplete: true", "at most 0" },
		{ "xpm_snapshot: 1\ncluster: {}\nqos: [{}]\ncomplete: true", "no name" },
		{ "xpm_snapshot: 1\ncluster: {}\naccess: [{users: x}]\ncomplete: true", "without an account" },
		{ "xpm_snapshot: 1\ntime: -5\ncluster: {}\ncomplete: true", "expected a number" },
		{ "xpm_snapshot: 1\ncluster: {name: [a]}\ncomplete: true", "expected a text" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xpm_error err = { 0 };

		ck_assert_msg(!xpm_snapshot_parse(rows[i].text, strlen(rows[i].text), "s", &err), "%s", rows[i].text);
		ck_assert_msg(strstr(err.text, rows[i].error) != NULL, "%s: %s", rows[i].text, err.text);
	}
	ck_assert_ptr_null(xpm_snapshot_load("/nonexistent/snapshot.yaml", NULL));
	ck_assert_ptr_null(xpm_snapshot_load("/dev/zero", NULL));
}
END_TEST

UNIT_MAIN("snapshot", test_round_trip, test_may, test_truncated, test_mutated, test_query,
	  test_generated_equals_queried, test_live, test_refused)
