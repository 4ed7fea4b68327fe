/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every allocation of the way from scontrol's output to a table fails once: an error, no leak, no crash. */
#include <string.h>
#include <xpmatch/candidates.h>
#include <xpmatch/snapshot.h>

#include "cases.h"
#include "unit.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static long left = -1; /* allocations until one fails; negative: never */

static int fails(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __real_realloc(ptr, size);
}

static char *nodes, *partitions;
static size_t nodes_len, partitions_len;

static const char config[] = "AccountingStorageEnforce = qos\nClusterName = x\nSLURM_VERSION = 22.05.8\n";
static const char yaml[] = "slurm: [{query_slurm: true, partitions: {gpu: {qos: long}, gone: {}}}]";

static enum xpm_code fill(struct xpm_cluster *cluster, struct xpm_error *err)
{
	enum xpm_code code = xpm_cluster_add_config(cluster, config, strlen(config), "c", err);

	if (!code)
		code = xpm_cluster_add_nodes(cluster, nodes, nodes_len, "n", NULL, err);
	if (!code)
		code = xpm_cluster_add_partitions(cluster, partitions, partitions_len, "p", err);
	if (!code)
		code = xpm_cluster_add_qos(cluster, "long|0|1-0|gres/gpu=1\n", 22, "q", err);
	if (!code)
		code = xpm_cluster_add_users(cluster, "ann|a\nbob|b\n", 12, "u", err);
	if (!code)
		code = xpm_cluster_add_associations(cluster, "x|a|ann||long|\nx|b|bob|gpu|long|long\n", 37, "a", err);
	return code;
}

static enum xpm_code use(const struct xpm_cluster *cluster, struct xpm_error *err)
{
	struct xpm_report *report = xpm_report_create(err);
	struct xpm_launchers *launchers = NULL;
	struct xpm_cluster *again = NULL;
	enum xpm_code code = XPM_ERR_MEMORY;
	size_t len;
	char *text = report ? xpm_cluster_convert(cluster, 1, &len, report, err) : NULL;

	free(text);
	text = text ? xpm_snapshot_print(cluster, 1, &len, err) : NULL;
	if (text)
		again = xpm_snapshot_parse(text, len, "s", err);
	if (again)
		launchers = xpm_launchers_parse(yaml, sizeof(yaml) - 1, "l", NULL, err);
	if (launchers)
		code = xpm_launchers_apply_cluster(launchers, again, report, err);
	if (launchers && !code)
		code = xpm_launchers_compare_cluster(launchers, again, report, err);
	free(text);
	xpm_launchers_destroy(launchers);
	xpm_cluster_destroy(again);
	xpm_report_destroy(report);
	return launchers ? code : err->code;
}

static enum xpm_code all(struct xpm_error *err)
{
	struct xpm_cluster *cluster = xpm_cluster_create(err);
	enum xpm_code code = cluster ? fill(cluster, err) : XPM_ERR_MEMORY;

	if (!code)
		code = use(cluster, err);
	xpm_cluster_destroy(cluster);
	return code;
}

START_TEST(test_every_allocation)
{
	enum xpm_code code;
	long n = 0;

	nodes = case_file("scontrol", "slurm-22.05-block", "input");
	partitions = case_file("scontrol", "slurm-22.05-block", "partitions");
	nodes_len = strlen(nodes);
	partitions_len = strlen(partitions);
	nodes[nodes_len++] = '\n'; /* case_file() took it, and room for it is there */
	partitions[partitions_len++] = '\n';
	do {
		struct xpm_error err = { 0 };

		left = n;
		code = all(&err);
		left = -1; /* the assertions allocate, too */
		/* libyaml takes some of its own failures for bad syntax */
		ck_assert_msg(code == XPM_OK || code == XPM_ERR_MEMORY || strstr(err.text, "not YAML"),
			      "allocation %ld: %d %s", n, code, err.text);
		ck_assert_msg(err.code == code, "allocation %ld: %d is said to be %d: %s", n, code, err.code, err.text);
		n++;
	} while (code);
	left = -1;
	ck_assert_int_gt(n, 60);
	free(nodes);
	free(partitions);
}
END_TEST

UNIT_MAIN("cluster memory", test_every_allocation)
