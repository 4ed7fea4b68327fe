/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scontrol show partitions */
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "error_private.h"
#include "textbuf.h"

enum {
	NAME, ALLOW_GROUPS, ALLOW_ACCOUNTS, DENY_ACCOUNTS, ALLOW_QOS, DENY_QOS, QOS, MAX_TIME, MAX_CPUS, NODES,
	ROOT_ONLY, REQ_RESV, STATE, JOB_DEFAULTS, DEF_MEM_PER_CPU, MAX_MEM_PER_NODE, KEYS
};

static const char *const keys[KEYS] = {
	"PartitionName", "AllowGroups", "AllowAccounts", "DenyAccounts", "AllowQos", "DenyQos", "QoS", "MaxTime",
	"MaxCPUsPerNode", "Nodes", "RootOnly", "ReqResv", "State", "JobDefaults", "DefMemPerCPU", "MaxMemPerNode",
};
static const struct xpm_scontrol_kind kind = {
	"partition", keys, KEYS, 1u << NAME | 1u << MAX_TIME | 1u << STATE | 1u << JOB_DEFAULTS, NULL, NULL, NULL,
};

struct builder {
	struct xpm_cluster *cluster;
	struct xpm_found_partition *items;
	size_t len, room;
	const char *source;
	struct xpm_error *err;
};

static const char *copy(struct builder *builder, const struct xpm_slice *slice, enum xpm_code *code)
{
	char *text;

	if (*code || xpm_slice_none(slice))
		return NULL;
	text = xpm_arena_strndup(&builder->cluster->arena, slice->text, slice->len);
	if (!text)
		*code = xpm_fail_memory(builder->err);
	return text;
}

static void list(struct builder *builder, const struct xpm_slice *slice, struct xpm_names *names, enum xpm_code *code)
{
	if (!*code && !xpm_slice_is(slice, "ALL"))
		*code = xpm_cluster_names(builder->cluster, *slice, ',', names, builder->err);
}

/* A number, or UNLIMITED: 0. */
static uint64_t number(const struct xpm_slice *slice)
{
	uint64_t value = 0;

	xpm_slice_number(slice, UINT32_MAX, &value);
	return value;
}

static uint32_t cpu_per_gpu(struct xpm_slice defaults)
{
	static const char key[] = "DefCpuPerGPU=";
	struct xpm_slice item;

	while (xpm_slice_next(&defaults, ',', &item))
		if (item.len > sizeof(key) - 1 && !memcmp(item.text, key, sizeof(key) - 1)) {
			item.text += sizeof(key) - 1;
			item.len -= sizeof(key) - 1;
			return (uint32_t)number(&item);
		}
	return 0;
}

static enum xpm_code add_partition(const struct xpm_slice *values, void *ctx)
{
	struct builder *builder = ctx;
	struct xpm_found_partition *items, *partition;
	enum xpm_code code = XPM_OK;

	if (values[NAME].len == 0 || builder->len == XPM_CLUSTER_PARTITIONS_MAX)
		return xpm_fail(builder->err, XPM_ERR_LIMIT, "%s: a partition without a name, or more than %u",
				builder->source, XPM_CLUSTER_PARTITIONS_MAX);
	items = xpm_grow(builder->items, builder->len, &builder->room, sizeof(*items));
	if (!items)
		return xpm_fail_memory(builder->err);
	builder->items = items;
	partition = &items[builder->len];
	memset(partition, 0, sizeof(*partition));
	if (!xpm_cluster_time(&values[MAX_TIME], &partition->max_time))
		return xpm_fail(builder->err, XPM_ERR_VALUE, "%s: MaxTime=%.*s is not a time limit", builder->source,
				(int)(values[MAX_TIME].len < 64 ? values[MAX_TIME].len : 64), values[MAX_TIME].text);
	partition->name = copy(builder, &values[NAME], &code);
	if (!code && !partition->name)
		code = xpm_fail(builder->err, XPM_ERR_VALUE, "%s: a partition has no name", builder->source);
	partition->state = copy(builder, &values[STATE], &code);
	partition->nodes = copy(builder, &values[NODES], &code);
	partition->qos = copy(builder, &values[QOS], &code);
	list(builder, &values[ALLOW_GROUPS], &partition->allow_groups, &code);
	list(builder, &values[ALLOW_ACCOUNTS], &partition->allow_accounts, &code);
	list(builder, &values[DENY_ACCOUNTS], &partition->deny_accounts, &code);
	list(builder, &values[ALLOW_QOS], &partition->allow_qos, &code);
	list(builder, &values[DENY_QOS], &partition->deny_qos, &code);
	partition->mem_per_cpu = number(&values[DEF_MEM_PER_CPU]) << 20;
	partition->max_memory = number(&values[MAX_MEM_PER_NODE]) << 20;
	partition->max_cpus = (uint32_t)number(&values[MAX_CPUS]);
	partition->cpu_per_gpu = cpu_per_gpu(values[JOB_DEFAULTS]);
	partition->root_only = xpm_slice_is(&values[ROOT_ONLY], "YES");
	partition->req_resv = xpm_slice_is(&values[REQ_RESV], "YES");
	builder->len += !code;
	return code;
}

enum xpm_code xpm_cluster_add_partitions(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
					 struct xpm_error *err)
{
	struct builder builder = { .cluster = cluster, .source = name, .err = err };
	enum xpm_code code = xpm_scontrol_each(&kind, text, len, name, add_partition, &builder, err);

	if (!code) {
		cluster->partitions = xpm_arena_array(&cluster->arena, builder.len, sizeof(builder.items[0]));
		if (!cluster->partitions)
			code = xpm_fail_memory(err);
	}
	if (!code) {
		memcpy(cluster->partitions, builder.items, builder.len * sizeof(builder.items[0]));
		cluster->partitions_len = builder.len;
		cluster->has_partitions = 1;
	}
	free(builder.items);
	return code;
}
