/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From scontrol's output to launchers.yaml: tests/data/scontrol/<case>/{input,partitions,expected,notes,error}. */
#include <string.h>
#include <time.h>
#include <xpmatch/candidates.h>
#include <xpmatch/cluster.h>

#include "cases.h"
#include "gres.h"
#include "unit.h"

#define DATA "scontrol"

static struct xpm_gpu_models *load_models(void)
{
	const char *srcdir = getenv("srcdir");
	struct xpm_gpu_models *models;
	struct xpm_error err = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/etc/gpu-models.yaml", srcdir ? srcdir : ".");
	models = xpm_gpu_models_load(path, &err);
	ck_assert_msg(models != NULL, "%s", err.text);
	return models;
}

/* case_file() takes the last line end off, which counts here. */
static char *input_file(const char *which, const char *file, size_t *len)
{
	char *text = case_file(DATA, which, file), path[PATH_MAX];
	const char *srcdir = getenv("srcdir");
	FILE *stream;

	if (!text)
		return NULL;
	snprintf(path, sizeof(path), "%s/tests/data/" DATA "/%s/%s", srcdir ? srcdir : ".", which, file);
	stream = fopen(path, "r");
	*len = fread(text, 1, 1 << 20, stream);
	text[*len] = '\0';
	fclose(stream);
	return text;
}

/* The file, or NULL with err. */
static char *convert(const char *nodes, size_t nodes_len, const char *partitions, size_t partitions_len,
		     const struct xpm_gpu_models *models, struct xpm_report *report, size_t *len,
		     struct xpm_error *err)
{
	struct xpm_cluster *cluster = xpm_cluster_create(err);
	enum xpm_code code = XPM_OK;
	char *text = NULL;

	if (partitions)
		code = xpm_cluster_add_partitions(cluster, partitions, partitions_len, "partitions", err);
	if (!code)
		code = xpm_cluster_add_nodes(cluster, nodes, nodes_len, "input", models, err);
	if (!code)
		text = xpm_cluster_convert(cluster, 1, len, report, err);
	xpm_cluster_destroy(cluster);
	return text;
}

/* What comes out can be loaded, and makes a table. */
static void check_loads(const char *which, const char *text, size_t len)
{
	struct xpm_error err = { 0 };
	struct xpm_launchers *launchers = xpm_launchers_parse(text, len, "launchers.yaml", NULL, &err);
	struct xpm_candidates *candidates;

	ck_assert_msg(launchers != NULL, "%s: line %u: %s\n%s", which, err.line, err.text, text);
	candidates = xpm_candidates_create(launchers, &err);
	ck_assert_msg(candidates != NULL, "%s: %s", which, err.text);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
}

static void check_notes(const char *which, const struct xpm_report *report)
{
	char *expected = case_file(DATA, which, "notes"), all[8192] = "";
	const struct xpm_diagnostic *entry;

	for (size_t i = 0; (entry = xpm_report_get(report, i)); i++) {
		size_t at = strlen(all);

		snprintf(all + at, sizeof(all) - at, "%s%s", at ? "\n" : "", entry->what.text);
	}
	ck_assert_str_eq(all, expected ? expected : "");
	free(expected);
}

static void run_case(const char *name, const char *which)
{
	size_t nodes_len, partitions_len = 0, len = 0;
	char *nodes = input_file(which, "input", &nodes_len);
	char *partitions = input_file(which, "partitions", &partitions_len);
	char *expected = case_file(name, which, "expected"), *error = case_file(name, which, "error");
	struct xpm_gpu_models *models = load_models();
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(NULL);
	char *text = convert(nodes, nodes_len, partitions, partitions_len, models, report, &len, &err), where[1024];

	ck_assert_msg(expected || error, "%s has neither expected nor error", which);
	if (error) {
		snprintf(where, sizeof(where), "%u:%u: %s", err.line, err.column, err.text);
		ck_assert_msg(text == NULL, "%s was converted", which);
		ck_assert_str_eq(where, error);
	} else {
		ck_assert_msg(text != NULL, "%s: %s", which, err.text);
		check_loads(which, text, len);
		text[len - 1] = '\0';
		ck_assert_msg(!strcmp(text, expected), "%s:\n%s\n--- expected:\n%s", which, text, expected);
		check_notes(which, report);
	}
	xpm_report_destroy(report);
	xpm_gpu_models_destroy(models);
	free(text);
	free(nodes);
	free(partitions);
	free(expected);
	free(error);
}

START_TEST(test_cases)
{
	ck_assert_int_ge(each_case(DATA, run_case), 10);
}
END_TEST

/* How many records end exactly at this byte. */
static int is_boundary(const char *text, size_t at, int oneliner)
{
	return at > 1 && text[at - 1] == '\n' && (oneliner || text[at - 2] == '\n');
}

static void truncate_everywhere(const char *which, int oneliner)
{
	size_t len, out, taken = 0;
	char *nodes = input_file(which, "input", &len);

	for (size_t at = 0; at <= len; at++) {
		struct xpm_error err = { 0 };
		char *cut = malloc(at ? at : 1), *text; /* exact, so that a byte too far is seen */

		memcpy(cut, nodes, at);
		text = convert(cut, at, NULL, 0, NULL, NULL, &out, &err);
		if (is_boundary(nodes, at, oneliner)) {
			ck_assert_msg(text != NULL, "%s cut at %zu: %s", which, at, err.text);
			check_loads(which, text, out);
			taken++;
		} else {
			ck_assert_msg(text == NULL, "%s cut at %zu was taken", which, at);
			ck_assert_int_eq(err.code, XPM_ERR_VALUE);
		}
		free(text);
		free(cut);
	}
	ck_assert_uint_ge(taken, 3);
	free(nodes);
}

START_TEST(test_truncated)
{
	truncate_everywhere("slurm-22.05-block", 0);
	truncate_everywhere("slurm-22.05-oneliner", 1);
	truncate_everywhere("slurm-26.11-block", 0);
}
END_TEST

/* A cut between two nodes cannot be seen, but the partitions tell. */
START_TEST(test_missing_nodes)
{
	size_t len, partitions_len, out;
	char *nodes = input_file("slurm-22.05-block", "input", &len);
	char *partitions = input_file("slurm-22.05-block", "partitions", &partitions_len), *text;
	struct xpm_report *report = xpm_report_create(NULL);

	text = convert(nodes, (size_t)(strstr(nodes, "NodeName=n4") - nodes), partitions, partitions_len, NULL, report,
		       &out, NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_WARNING), 2);
	ck_assert_ptr_nonnull(strstr(xpm_report_get(report, 0)->what.text, "of which only"));
	xpm_report_destroy(report);
	free(text);
	free(nodes);
	free(partitions);
}
END_TEST

/* Any bytes at all: an answer, never a crash. What is taken can be loaded, or the loader says why not. */
START_TEST(test_mutated)
{
	static const char bytes[] = "\n =,:()[]0aG\"\\\t\0#";
	struct xpm_gpu_models *models = load_models();
	size_t len, out;
	char *nodes = input_file("gres", "input", &len), *copy = malloc(len);

	srand(1);
	for (int i = 0; i < 3000; i++) {
		struct xpm_error err = { 0 };
		struct xpm_launchers *launchers;
		char *text;

		memcpy(copy, nodes, len);
		for (int j = rand() % 8; j >= 0; j--)
			copy[(size_t)rand() % len] = bytes[(size_t)rand() % (sizeof(bytes) - 1)];
		text = convert(copy, len, NULL, 0, models, NULL, &out, &err);
		if (text) {
			launchers = xpm_launchers_parse(text, out, "x", NULL, &err);
			xpm_launchers_destroy(launchers);
		} else {
			ck_assert_int_ne(err.code, XPM_OK);
		}
		free(text);
	}
	xpm_gpu_models_destroy(models);
	free(copy);
	free(nodes);
}
END_TEST

START_TEST(test_gres)
{
	static const struct {
		const char *text, *name, *type;
		unsigned long long count;
	} rows[] = {
		{ "gpu", "gpu", "", 1 },
		{ "gpu:4", "gpu", "", 4 },
		{ "gpu:a100", "gpu", "a100", 1 },
		{ "gpu:a100:4(S:0-1)", "gpu", "a100", 4 },
		{ "gpu:3090:2", "gpu", "3090", 2 },
		{ "gpu:a100:no_consume:2(S:0,2-3)", "gpu", "a100", 2 },
		{ "bandwidth:lustre:no_consume:4G", "bandwidth", "lustre", 4ull << 30 },
		{ "gpu:x:99999999999999999999", "gpu", "99999999999999999999", 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xpm_slice rest = { rows[i].text, strlen(rows[i].text) };
		struct xpm_gres gres;

		ck_assert_int_eq(xpm_gres_next(&rest, &gres), 1);
		ck_assert(xpm_slice_is(&gres.name, rows[i].name));
		ck_assert(*rows[i].type ? xpm_slice_is(&gres.type, rows[i].type) : !gres.type.text);
		ck_assert(gres.count == rows[i].count);
		ck_assert_int_eq(xpm_gres_next(&rest, &gres), 0);
	}
}
END_TEST

/* Ten thousand nodes: a second is promised; a busy machine under a sanitizer gets ten. */
START_TEST(test_large)
{
	size_t len, out, room, at = 0;
	char *one = input_file("slurm-22.05-block", "input", &len), *nodes, *text;
	char *end = strstr(one, "NodeName=n2"), *rest = one + strlen("NodeName=n1");
	struct xpm_error err = { 0 };
	struct timespec start, stop;
	double seconds;

	*end = '\0';
	room = (strlen(rest) + 32) * 10000 + 1;
	nodes = malloc(room);
	for (int i = 0; i < 10000; i++)
		at += (size_t)snprintf(nodes + at, room - at, "NodeName=node%05d%s", i, rest);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	text = convert(nodes, at, NULL, 0, NULL, NULL, &out, &err);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &stop);
	ck_assert_msg(text != NULL, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text, "\"node[00000-09999]\"  # 10000 nodes"));
	check_loads("large", text, out);
	seconds = (double)(stop.tv_sec - start.tv_sec) + (double)(stop.tv_nsec - start.tv_nsec) / 1e9;
	printf("10,000 nodes: %.3f s\n", seconds);
	ck_assert_msg(seconds < 10, "%f s", seconds);
	free(text);
	free(nodes);
	free(one);
}
END_TEST

UNIT_MAIN("convert", test_gres, test_cases, test_truncated, test_missing_nodes, test_mutated, test_large)
