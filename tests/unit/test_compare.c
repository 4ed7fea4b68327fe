/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A launchers.yaml beside the cluster: what xpm check --slurm says. */
#include <string.h>
#include <xpmatch/cluster.h>

#include "cases.h"
#include "unit.h"

#define SLURM(partitions) "slurm: [{partitions: {" partitions "}}]"

static const struct {
	const char *yaml, *report; /* one line each: severity, text */
} cases[] = {
	{ SLURM("cpu: {configuration: {max_duration: 1d}, nodes: [{hosts: 'n[1-2]', features: avx2}]}, "
		"gpu: {configuration: {max_duration: 1d}, nodes: [{hosts: n4, features: a100, "
		"configuration: {gpu: {count: 4, memory: 40G, gres_type: a100}}}]}, all: {disabled: true}"),
	  "" },
	{ SLURM("cpu: {disabled: true}, gpu: {disabled: true}"), "0 partition all of the cluster is not in the file\n" },
	{ "slurm: [{query_slurm: true}]", "" },
	{ SLURM("gone: {nodes: [{hosts: n1}]}, cpu: {disabled: true}, gpu: {disabled: true}, all: {disabled: true}"),
	  "1 the cluster has no partition gone\n" },
	{ SLURM("cpu: {nodes: [{hosts: 'n[1-3,9-10]', features: [avx2, huge], configuration: {max_duration: 2d, "
		"cpu: {cores: 9, memory: 17T}, gpu: {count: 1}}}]}, gpu: {disabled: true}, all: {disabled: true}"),
	  "1 MaxTime of partition cpu is 1d, the file says 2d\n1 host n9 is not in the cluster; so with 1 more\n"
	  "1 host n3 is not in partition cpu\n1 host n1 does not have the feature huge; so with 2 more\n"
	  "1 host n1 has 0 GPUs, the file says 1; so with 1 more\n"
	  "1 host n1 has 8 CPUs for jobs, the file says 9; so with 2 more\n"
	  "1 host n1 has 16000MiB for jobs, the file says 17T; so with 2 more\n" },
	{ SLURM("gpu: {nodes: [{hosts: n3, configuration: {gpu: {count: 4, gres_type: a100}}}, "
		"{features: v100, configuration: {gpu: {count: 5}}}, {features: v100}]}, cpu: {disabled: true}, "
		"all: {disabled: true}"),
	  "0 MaxTime of partition gpu is 1d, the file has no limit\n"
	  "1 host n3 has 0 GPUs of type a100, the file says 4\n"
	  "1 partition gpu has no node with these features and 5 GPUs\n" },
};

static char *read_all(const char *file)
{
	char *text = case_file("scontrol", "slurm-22.05-oneliner", file), *whole = malloc(1 << 20);

	snprintf(whole, 1 << 20, "%s\n", text);
	free(text);
	return whole;
}

START_TEST(test_compare)
{
	struct xpm_error err = { 0 };
	struct xpm_cluster *cluster = xpm_cluster_create(&err);
	char *nodes = read_all("input"), *partitions = read_all("partitions"), text[4096];

	ck_assert_int_eq(xpm_cluster_add_partitions(cluster, partitions, strlen(partitions), "p", &err), XPM_OK);
	ck_assert_int_eq(xpm_cluster_add_nodes(cluster, nodes, strlen(nodes), "n", NULL, &err), XPM_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xpm_report *report = xpm_report_create(&err);
		struct xpm_launchers *launchers =
			xpm_launchers_parse(cases[i].yaml, strlen(cases[i].yaml), "l", NULL, &err);
		const struct xpm_diagnostic *entry;
		size_t at = 0;

		ck_assert_msg(launchers != NULL, "%s", err.text);
		ck_assert_int_eq(xpm_launchers_compare_cluster(launchers, cluster, report, &err), XPM_OK);
		text[0] = '\0';
		for (size_t j = 0; (entry = xpm_report_get(report, j)); j++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%d %s\n", entry->severity, entry->what.text);
		ck_assert_str_eq(text, cases[i].report);
		/* With its place, but for what is nowhere in the file. */
		for (size_t j = 0; (entry = xpm_report_get(report, j)); j++)
			ck_assert(entry->what.line ? entry->what.column > 1 && entry->what.excerpt[0]
						   : strstr(entry->what.text, "is not in the file") != NULL);
		xpm_launchers_destroy(launchers);
		xpm_report_destroy(report);
	}
	xpm_cluster_destroy(cluster);
	free(nodes);
	free(partitions);
}
END_TEST

UNIT_MAIN("compare", test_compare)
