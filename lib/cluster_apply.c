/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query_slurm: true. What the file says of a partition lies above what was found. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "error_private.h"
#include "report_private.h"

struct merge {
	struct xpm_launchers *launchers;
	const struct xpm_cluster *cluster;
	struct xpm_report *report;
	struct xpm_error *err;
};

/* What one launcher gets, before it gets it. */
struct merged {
	struct xpm_partition *partitions;
	size_t partitions_len;
	struct xpm_qos *qos;
	size_t qos_len;
};

static int asks(const struct xpm_launcher *launcher)
{
	return launcher->kind == XPM_LAUNCHER_SLURM && launcher->query_slurm && !launcher->disabled;
}

size_t xpm_launchers_query_slurm(const struct xpm_launchers *launchers, uint64_t *max_age)
{
	size_t n = 0, i;

	for (i = 0; i < launchers->len; i++) {
		if (!asks(&launchers->items[i]))
			continue;
		if (max_age && (n == 0 || launchers->items[i].snapshot_max_age < *max_age))
			*max_age = launchers->items[i].snapshot_max_age;
		n++;
	}
	return n;
}

const char *xpm_launchers_slurm_path(const struct xpm_launchers *launchers)
{
	const char *path = NULL;
	size_t i;

	for (i = 0; i < launchers->len; i++)
		if (launchers->items[i].path && asks(&launchers->items[i]))
			return launchers->items[i].path;
	for (i = launchers->len; i-- > 0;)
		if (launchers->items[i].path && launchers->items[i].kind == XPM_LAUNCHER_SLURM)
			path = launchers->items[i].path;
	return path;
}

static enum xpm_code note(struct merge *merge, const struct xpm_place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum xpm_code note(struct merge *merge, const struct xpm_place *place, const char *format, ...)
{
	char text[XPM_ERROR_TEXT_MAX];
	struct xpm_error what;
	va_list args;

	if (!merge->report)
		return XPM_OK;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	xpm_fail(&what, XPM_ERR_LAUNCHERS, "%s", text);
	snprintf(what.source, sizeof(what.source), "%s", merge->launchers->name);
	what.line = place->line;
	what.column = place->column;
	return xpm_report_add(merge->report, XPM_WARNING, &what) ? xpm_fail_memory(merge->err) : XPM_OK;
}

/* What the partition's own `configuration:` says of the nodes is not said again below it, where it would win. */
static enum xpm_code lay_beneath(struct merge *merge, const struct xpm_conf *file, struct xpm_conf *found)
{
	size_t i;

	if (!(found->has & XPM_CONF_GPU)) {
		/* There are none: what the launcher says of GPUs in general does not hold here. */
		found->gpus = xpm_arena_alloc(&merge->launchers->arena, sizeof(found->gpus[0]));
		if (!found->gpus)
			return xpm_fail_memory(merge->err);
		found->gpus->has = XPM_GPU_COUNT;
		found->gpus_len = 1;
		found->has |= XPM_CONF_GPU;
	}
	found->has &= ~(file->has & ~(unsigned)XPM_CONF_GPU);
	if (!(file->has & XPM_CONF_GPU))
		return XPM_OK;
	if (file->gpu_is_list || file->gpus_len != 1) {
		found->has &= ~(unsigned)XPM_CONF_GPU;
		return XPM_OK;
	}
	for (i = 0; i < found->gpus_len; i++)
		found->gpus[i].has &= ~file->gpus[0].has;
	return XPM_OK;
}

/* The found values of a partition beneath those of the file; GPUs are no business of found partitions. */
static void fill_conf(struct xpm_conf *file, const struct xpm_conf *found)
{
	unsigned missing = found->has & ~file->has;

	if (missing & XPM_CONF_MAX_DURATION)
		file->max_duration = found->max_duration;
	if (missing & XPM_CONF_MEM_PER_CPU)
		file->mem_per_cpu = found->mem_per_cpu;
	if (missing & XPM_CONF_CPU_PER_GPU)
		file->cpu_per_gpu = found->cpu_per_gpu;
	file->has |= missing;
}

static enum xpm_code fill_nodes(struct merge *merge, const struct xpm_description *description,
				struct xpm_partition *partition)
{
	enum xpm_code code = XPM_OK;
	size_t i;

	partition->has_nodes = 1;
	partition->nodes = xpm_arena_array(&merge->launchers->arena, description->groups_len,
					   sizeof(partition->nodes[0]));
	if (!partition->nodes)
		return xpm_fail_memory(merge->err);
	for (i = 0; !code && i < description->groups_len; i++) {
		partition->nodes[i] = description->groups[i].group;
		partition->nodes[i].place = partition->place;
		code = lay_beneath(merge, &partition->conf, &partition->nodes[i].conf);
	}
	partition->nodes_len = i;
	return code;
}

/* partition: what the file says of it, all zero but the place when it says nothing. */
static enum xpm_code merge_partition(struct merge *merge, const struct xpm_found_partition *found,
				     struct xpm_partition *partition)
{
	struct xpm_description description;
	enum xpm_code code;

	code = xpm_cluster_describe(merge->cluster, found, &merge->launchers->arena, &description, merge->err);
	if (code)
		return code;
	partition->name = description.partition.name;
	/* Whether it is up is asked when a job comes: a snapshot may be of another day. */
	partition->disabled |= found->root_only || found->req_resv;
	if (description.lists_left_out && !partition->accounts.len && !partition->qos.len && !partition->disabled)
		code = note(merge, &partition->place,
			    "partition %s allows too many accounts and QoS for a choice: jobs get the user's default "
			    "ones; name some in the file", partition->name);
	if (!partition->accounts.len)
		partition->accounts = description.partition.accounts;
	if (!partition->qos.len)
		partition->qos = description.partition.qos;
	if (!code && !partition->has_nodes)
		code = fill_nodes(merge, &description, partition);
	fill_conf(&partition->conf, &description.partition.conf);
	return code;
}

static int names(const struct xpm_launcher *launcher, const char *name)
{
	size_t i;

	for (i = 0; i < launcher->partitions_len; i++)
		if (!strcmp(launcher->partitions[i].name, name))
			return 1;
	return 0;
}

static enum xpm_code merge_partitions(struct merge *merge, const struct xpm_launcher *launcher, struct merged *merged)
{
	const struct xpm_cluster *cluster = merge->cluster;
	enum xpm_code code = XPM_OK;
	size_t i;

	merged->partitions = xpm_arena_array(&merge->launchers->arena,
					     launcher->partitions_len + cluster->partitions_len,
					     sizeof(merged->partitions[0]));
	if (!merged->partitions)
		return xpm_fail_memory(merge->err);
	for (i = 0; !code && i < launcher->partitions_len; i++) {
		struct xpm_partition *partition = &merged->partitions[merged->partitions_len++];
		const struct xpm_found_partition *found;

		*partition = launcher->partitions[i];
		found = xpm_cluster_partition(cluster, partition->name);
		if (found) {
			code = merge_partition(merge, found, partition);
			continue;
		}
		if (!partition->disabled)
			code = note(merge, &partition->place, "the cluster has no partition %s", partition->name);
		partition->disabled = 1;
	}
	for (i = 0; !code && i < cluster->partitions_len; i++) {
		struct xpm_partition *partition = &merged->partitions[merged->partitions_len];

		if (names(launcher, cluster->partitions[i].name) ||
		    !xpm_cluster_name_fits(cluster->partitions[i].name))
			continue;
		merged->partitions_len++;
		partition->place = launcher->place;
		code = merge_partition(merge, &cluster->partitions[i], partition);
	}
	return code;
}

static int describes(const struct merged *merged, const char *name)
{
	size_t i;

	for (i = 0; i < merged->qos_len; i++)
		if (!strcmp(merged->qos[i].name, name))
			return 1;
	return 0;
}

static enum xpm_code merge_qos(struct merge *merge, const struct xpm_launcher *launcher, struct merged *merged)
{
	const struct xpm_cluster *cluster = merge->cluster;
	size_t i;

	merged->qos = xpm_arena_array(&merge->launchers->arena, launcher->qos_len + cluster->qos_len,
				      sizeof(merged->qos[0]));
	if (!merged->qos)
		return xpm_fail_memory(merge->err);
	if (launcher->qos_len)
		memcpy(merged->qos, launcher->qos, launcher->qos_len * sizeof(merged->qos[0]));
	merged->qos_len = launcher->qos_len;
	for (i = 0; i < cluster->qos_len; i++) {
		struct xpm_qos *qos = &merged->qos[merged->qos_len];

		if (describes(merged, cluster->qos[i].name))
			continue;
		qos->name = xpm_arena_strdup(&merge->launchers->arena, cluster->qos[i].name);
		if (!qos->name)
			return xpm_fail_memory(merge->err);
		qos->max_duration = cluster->qos[i].max_wall;
		qos->min_gpu = cluster->qos[i].min_gpu;
		qos->place = launcher->place;
		merged->qos_len++;
	}
	return XPM_OK;
}

enum xpm_code xpm_launchers_apply_cluster(struct xpm_launchers *launchers, const struct xpm_cluster *cluster,
					  struct xpm_report *report, struct xpm_error *err)
{
	struct merge merge = { launchers, cluster, report, err };
	struct merged *merged = xpm_arena_array(&launchers->arena, launchers->len, sizeof(*merged));
	enum xpm_code code = XPM_OK;
	size_t i;

	if (!merged)
		return xpm_fail_memory(err);
	for (i = 0; !code && i < launchers->len; i++) {
		if (!asks(&launchers->items[i]))
			continue;
		code = merge_partitions(&merge, &launchers->items[i], &merged[i]);
		if (!code)
			code = merge_qos(&merge, &launchers->items[i], &merged[i]);
	}
	for (i = 0; !code && i < launchers->len; i++) {
		if (!merged[i].partitions)
			continue;
		launchers->items[i].partitions = merged[i].partitions;
		launchers->items[i].partitions_len = merged[i].partitions_len;
		launchers->items[i].qos = merged[i].qos;
		launchers->items[i].qos_len = merged[i].qos_len;
	}
	return code;
}
