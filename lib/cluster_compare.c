/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A launchers.yaml beside the cluster as it is. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/candidates.h>
#include <xpmatch/units.h>

#include "cluster.h"
#include "error_private.h"
#include "hostlist.h"
#include "intern.h"
#include "source.h"

struct compare {
	const struct xpm_launchers *launchers;
	const struct xpm_cluster *cluster;
	struct xpm_error *err;
	struct xpm_arena arena;
	struct xpm_source source;
	struct xpm_intern hosts;   /* of the cluster; data: the set it is in */
	int failed;
	/* the row that is looked at */
	const struct xpm_candidate *row;
	const struct xpm_found_partition *partition;
	struct xpm_place place;        /* of the row's nodes */
	struct xpm_place named;        /* of its partition */
};

/* What is said of a row once, with how many hosts it holds for. */
enum { GONE, ELSEWHERE, FEATURE, GPUS, CORES, MEMORY, TROUBLES };

struct troubles {
	struct compare *compare;
	size_t hosts[TROUBLES];
	const char *last[TROUBLES]; /* counted already; valid while that host is looked at */
	char first[TROUBLES][64];
	char detail[TROUBLES][128];
};

static void say(struct compare *compare, enum xpm_severity severity, const struct xpm_place *place,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct compare *compare, enum xpm_severity severity, const struct xpm_place *place,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xpm_source_vsay(&compare->source, severity, XPM_ERR_LAUNCHERS, place, format, args);
	va_end(args);
	compare->failed |= compare->source.document.out_of_memory;
}

struct indexing {
	struct compare *compare;
	const struct xpm_node_set *set;
};

static int index_host(const char *host, void *ctx)
{
	struct indexing *indexing = ctx;
	struct xpm_slice slice = { host, strlen(host) };
	struct xpm_interned *entry = xpm_intern(&indexing->compare->hosts, &slice);

	if (!entry)
		return 1;
	/* The sets are const, and nobody writes to one through here. */
	entry->data = (void *)(uintptr_t)indexing->set;
	return 0;
}

static enum xpm_code index_hosts(struct compare *compare)
{
	size_t i;

	compare->hosts.arena = &compare->arena;
	for (i = 0; i < compare->cluster->sets_len; i++) {
		struct indexing indexing = { compare, &compare->cluster->sets[i] };

		if (xpm_hostlist_each(indexing.set->hosts, index_host, &indexing, XPM_CLUSTER_NODES_MAX, NULL))
			return xpm_fail_memory(compare->err);
	}
	return XPM_OK;
}

static void note_trouble(struct troubles *troubles, int which, const char *host, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void note_trouble(struct troubles *troubles, int which, const char *host, const char *format, ...)
{
	va_list args;

	if (troubles->last[which] == host)
		return;
	troubles->last[which] = host;
	if (troubles->hosts[which]++)
		return;
	snprintf(troubles->first[which], sizeof(troubles->first[which]), "%s", host);
	va_start(args, format);
	vsnprintf(troubles->detail[which], sizeof(troubles->detail[which]), format, args);
	va_end(args);
}

static uint64_t count_gpus(const struct xpm_hardware *hardware, const char *type)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < hardware->gpus_len; i++)
		if (!type || (hardware->gpus[i].type && !strcmp(hardware->gpus[i].type, type)))
			n += hardware->gpus[i].count;
	return n;
}

static void compare_gpus(struct troubles *troubles, const char *host, const struct xpm_hardware *hardware)
{
	const struct xpm_candidate *row = troubles->compare->row;
	size_t i;

	if (row->accel_count > count_gpus(hardware, NULL))
		note_trouble(troubles, GPUS, host, "has %" PRIu64 " GPUs, the file says %u", count_gpus(hardware, NULL),
			     row->accel_count);
	for (i = 0; i < row->accels_len; i++)
		if (row->accels[i].gres_type &&
		    row->accels[i].count > count_gpus(hardware, row->accels[i].gres_type))
			note_trouble(troubles, GPUS, host, "has %" PRIu64 " GPUs of type %s, the file says %u",
				     count_gpus(hardware, row->accels[i].gres_type), row->accels[i].gres_type,
				     row->accels[i].count);
}

static void compare_hardware(struct troubles *troubles, const char *host, const struct xpm_hardware *hardware)
{
	const struct xpm_candidate *row = troubles->compare->row;
	char have[XPM_SIZE_TEXT], said[XPM_SIZE_TEXT];
	size_t i;

	for (i = 0; i < row->features_len; i++)
		if (!xpm_names_have(&hardware->features, row->features[i]))
			note_trouble(troubles, FEATURE, host, "does not have the feature %s", row->features[i]);
	compare_gpus(troubles, host, hardware);
	if (row->has_cores && hardware->cpus && row->cores > hardware->cpus)
		note_trouble(troubles, CORES, host, "has %u CPUs for jobs, the file says %u", hardware->cpus,
			     row->cores);
	if (row->has_memory && hardware->memory && row->memory > hardware->memory)
		note_trouble(troubles, MEMORY, host, "has %s for jobs, the file says %s",
			     xpm_size_print(hardware->memory, have), xpm_size_print(row->memory, said));
}

static int compare_host(const char *host, void *ctx)
{
	struct troubles *troubles = ctx;
	struct compare *compare = troubles->compare;
	struct xpm_slice slice = { host, strlen(host) };
	const struct xpm_interned *entry = xpm_intern(&compare->hosts, &slice);
	const struct xpm_node_set *set;

	if (!entry)
		return 1;
	memset(troubles->last, 0, sizeof(troubles->last));
	set = entry->data;
	if (!set) {
		note_trouble(troubles, GONE, host, "is not in the cluster");
		return 0;
	}
	if (!xpm_names_have(&set->partitions, compare->partition->name))
		note_trouble(troubles, ELSEWHERE, host, "is not in partition %s", compare->partition->name);
	compare_hardware(troubles, host, &compare->cluster->hardware[set->hardware]);
	return 0;
}

/* A group without names: does anything in the partition look like it? */
static void compare_nameless(struct compare *compare)
{
	const struct xpm_candidate *row = compare->row;
	size_t i, j;

	for (i = 0; i < compare->cluster->sets_len; i++) {
		const struct xpm_node_set *set = &compare->cluster->sets[i];
		const struct xpm_hardware *hardware = &compare->cluster->hardware[set->hardware];

		if (!xpm_names_have(&set->partitions, compare->partition->name))
			continue;
		for (j = 0; j < row->features_len && xpm_names_have(&hardware->features, row->features[j]); j++)
			;
		if (j == row->features_len && row->accel_count <= count_gpus(hardware, NULL))
			return;
	}
	say(compare, XPM_WARNING, &compare->place, "partition %s has no node with these features and %u GPUs",
	    row->partition, row->accel_count);
}

static void compare_nodes(struct compare *compare)
{
	struct troubles troubles = { .compare = compare };
	const struct xpm_candidate *row = compare->row;
	int i;

	if (!row->hosts) {
		compare_nameless(compare);
		return;
	}
	if (xpm_hostlist_each(row->hosts, compare_host, &troubles, XPM_HOSTS_MAX, NULL)) {
		compare->failed = 1;
		return;
	}
	for (i = 0; i < TROUBLES; i++) {
		if (troubles.hosts[i] == 1)
			say(compare, XPM_WARNING, &compare->place, "host %s %s", troubles.first[i], troubles.detail[i]);
		else if (troubles.hosts[i])
			say(compare, XPM_WARNING, &compare->place, "host %s %s; so with %zu more", troubles.first[i],
			    troubles.detail[i], troubles.hosts[i] - 1);
	}
}

static int lets_in(const struct xpm_names *allow, const struct xpm_names *deny, const char *name)
{
	return (!allow->len || xpm_names_have(allow, name)) && !xpm_names_have(deny, name);
}

static void compare_limits(struct compare *compare)
{
	const struct xpm_candidate *row = compare->row;
	const struct xpm_found_partition *partition = compare->partition;
	char have[XPM_SIZE_TEXT], said[XPM_SIZE_TEXT];

	if (partition->max_time && row->max_duration > partition->max_time)
		say(compare, XPM_WARNING, &compare->named, "MaxTime of partition %s is %s, the file says %s",
		    partition->name, xpm_duration_print(partition->max_time, have),
		    xpm_duration_print(row->max_duration, said));
	if (partition->max_time && !row->max_duration)
		say(compare, XPM_NOTE, &compare->named, "MaxTime of partition %s is %s, the file has no limit",
		    partition->name, xpm_duration_print(partition->max_time, have));
	if (row->qos && !lets_in(&partition->allow_qos, &partition->deny_qos, row->qos))
		say(compare, XPM_WARNING, &compare->named, "partition %s does not take QoS %s", partition->name,
		    row->qos);
	if (row->account && !lets_in(&partition->allow_accounts, &partition->deny_accounts, row->account))
		say(compare, XPM_WARNING, &compare->named, "partition %s does not take account %s", partition->name,
		    row->account);
}

/* Where the file names the row's partition: what is said of that is said once, whatever nodes it has. */
static struct xpm_place find_named(const struct compare *compare, const char *launcher)
{
	for (size_t l = 0; l < compare->launchers->len; l++) {
		const struct xpm_launcher *from = &compare->launchers->items[l];

		for (size_t p = 0; !strcmp(from->id, launcher) && p < from->partitions_len; p++)
			if (!strcmp(from->partitions[p].name, compare->row->partition))
				return from->partitions[p].place;
	}
	return (struct xpm_place){ 0, 0 };
}

/* Rows of a class differ in QoS and account only: what is said of nodes is said of the first. */
static void compare_rows(struct compare *compare, const struct xpm_candidates *candidates)
{
	const struct xpm_candidate *before = NULL;
	size_t i;

	for (i = 0; i < xpm_candidates_count(candidates) && !compare->failed; i++) {
		compare->row = xpm_candidates_get(candidates, i);
		if (!compare->row->partition)
			continue;
		compare->place = (struct xpm_place){ compare->row->line, compare->row->column };
		if (!before || before->partition != compare->row->partition)
			compare->named =
				find_named(compare, xpm_candidates_launcher(candidates, compare->row->launcher)->id);
		compare->partition = xpm_cluster_partition(compare->cluster, compare->row->partition);
		if (!compare->partition) {
			say(compare, XPM_WARNING, &compare->named, "the cluster has no partition %s",
			    compare->row->partition);
			continue;
		}
		compare_limits(compare);
		if (!before || before->klass != compare->row->klass || before->launcher != compare->row->launcher)
			compare_nodes(compare);
		before = compare->row;
	}
}

static int is_named(const struct xpm_launchers *launchers, const char *partition, int *queried)
{
	size_t i, j;

	for (i = 0; i < launchers->len; i++) {
		*queried |= launchers->items[i].query_slurm && !launchers->items[i].disabled;
		for (j = 0; j < launchers->items[i].partitions_len; j++)
			if (!strcmp(launchers->items[i].partitions[j].name, partition))
				return 1;
	}
	return 0;
}

/* What the cluster has and the file leaves alone. */
static void compare_unused(struct compare *compare)
{
	static const struct xpm_place nowhere;
	size_t i;

	for (i = 0; i < compare->cluster->partitions_len; i++) {
		const struct xpm_found_partition *partition = &compare->cluster->partitions[i];
		int queried = 0;

		if (!is_named(compare->launchers, partition->name, &queried) && !queried)
			say(compare, XPM_NOTE, &nowhere, "partition %s of the cluster is not in the file",
			    partition->name);
	}
}

enum xpm_code xpm_launchers_compare_cluster(const struct xpm_launchers *launchers, const struct xpm_cluster *cluster,
					    struct xpm_report *report, struct xpm_error *err)
{
	struct compare compare = { .launchers = launchers, .cluster = cluster, .err = err };
	struct xpm_candidates *candidates = xpm_candidates_create(launchers, err);
	enum xpm_code code;

	if (!candidates)
		return err ? err->code : XPM_ERR_LAUNCHERS;
	code = xpm_source_read(&compare.source, &compare.arena, launchers->name, launchers->text, launchers->text_len,
			       report)
		       ? index_hosts(&compare)
		       : xpm_fail_memory(err);
	if (!code) {
		compare_rows(&compare, candidates);
		compare_unused(&compare);
	}
	xpm_candidates_destroy(candidates);
	xpm_intern_free(&compare.hosts);
	xpm_arena_free(&compare.arena);
	return code ? code : compare.failed ? xpm_fail_memory(err) : XPM_OK;
}
