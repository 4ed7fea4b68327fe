/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster as launchers.yaml. */
#include <stdarg.h>
#include <stdio.h>
#include <xpmatch/units.h>

#include "cluster.h"
#include "error_private.h"
#include "hostlist.h"
#include "report_private.h"
#include "textbuf.h"

struct writer {
	struct xpm_textbuf out;
	struct xpm_report *report;
	struct xpm_arena arena;  /* of one partition */
	int hosts;
	int failed;              /* out of memory outside of `out` */
};

static void note(struct writer *writer, enum xpm_severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void note(struct writer *writer, enum xpm_severity severity, const char *format, ...)
{
	char line[XPM_ERROR_TEXT_MAX];
	struct xpm_error what;
	va_list args;

	if (!writer->report)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	xpm_fail(&what, XPM_ERR_VALUE, "%s", line);
	if (xpm_report_add(writer->report, severity, &what))
		writer->failed = 1;
}

static void write_list(struct xpm_textbuf *out, const char *const *items, size_t len)
{
	size_t i;

	xpm_textbuf_puts(out, "[");
	for (i = 0; i < len; i++) {
		if (i)
			xpm_textbuf_puts(out, ", ");
		xpm_textbuf_yaml(out, items[i]);
	}
	xpm_textbuf_puts(out, "]");
}

static void write_size(struct xpm_textbuf *out, uint64_t bytes)
{
	char text[XPM_SIZE_TEXT];

	xpm_textbuf_puts(out, xpm_size_print(bytes, text));
}

/* A partition's `configuration:`, with what it has of the values of partitions. */
static void write_conf(struct xpm_textbuf *out, const struct xpm_conf *conf)
{
	char text[XPM_SIZE_TEXT];
	const char *separator = "";

	if (!conf->has)
		return;
	xpm_textbuf_puts(out, "        configuration:\n");
	if (conf->has & XPM_CONF_MAX_DURATION)
		xpm_textbuf_printf(out, "          max_duration: %s\n",
				   xpm_duration_print(conf->max_duration, text));
	if (!(conf->has & (XPM_CONF_MEM_PER_CPU | XPM_CONF_CPU_PER_GPU)))
		return;
	xpm_textbuf_puts(out, "          cpu: {");
	if (conf->has & XPM_CONF_MEM_PER_CPU) {
		xpm_textbuf_puts(out, "mem_per_cpu: ");
		write_size(out, conf->mem_per_cpu);
		separator = ", ";
	}
	if (conf->has & XPM_CONF_CPU_PER_GPU)
		xpm_textbuf_printf(out, "%scpu_per_gpu: %u", separator, conf->cpu_per_gpu);
	xpm_textbuf_puts(out, "}\n");
}

static void write_gpu(struct xpm_textbuf *out, const struct xpm_gpu_conf *gpu)
{
	xpm_textbuf_puts(out, "{");
	if (gpu->has & XPM_GPU_MODEL) {
		xpm_textbuf_puts(out, "model: ");
		xpm_textbuf_yaml(out, gpu->model);
		xpm_textbuf_puts(out, ", ");
	}
	xpm_textbuf_printf(out, "count: %u", gpu->count);
	if (gpu->has & XPM_GPU_MEMORY) {
		xpm_textbuf_puts(out, ", memory: ");
		write_size(out, gpu->memory);
	}
	if (gpu->has & XPM_GPU_KIND)
		xpm_textbuf_printf(out, ", kind: %s", xpm_accel_kind_name(gpu->kind));
	if (gpu->has & XPM_GPU_GRES_TYPE) {
		xpm_textbuf_puts(out, ", gres_type: ");
		xpm_textbuf_yaml(out, gpu->gres_type);
	}
	xpm_textbuf_puts(out, "}");
}

/* Where the memory is from, behind the line of the GPUs. */
static void write_origin(struct writer *writer, const struct xpm_found_gpu *gpu)
{
	struct xpm_textbuf *out = &writer->out;

	switch (gpu->origin) {
	case XPM_MEMORY_UNKNOWN:
		xpm_textbuf_puts(out, "  # TODO: how much memory has one GPU? Add it, as memory: 24G");
		note(writer, XPM_NOTE, "the memory of GPU %s is not known: see the TODO in the file, or add it to "
		     "gpu-models.yaml", gpu->type ? gpu->type : "without a type");
		break;
	case XPM_MEMORY_MIG:
		xpm_textbuf_puts(out, "  # MIG slices");
		break;
	case XPM_MEMORY_FEATURE:
		xpm_textbuf_printf(out, "  # memory: by feature %s", gpu->said_by);
		break;
	case XPM_MEMORY_TABLE:
	case XPM_MEMORY_TABLE_FEATURE:
		xpm_textbuf_puts(out, "  # memory: the least of this model, by gpu-models.yaml");
		break;
	case XPM_MEMORY_TYPE:
		break;
	}
	xpm_textbuf_puts(out, "\n");
}

static void write_node_conf(struct writer *writer, const struct xpm_found_group *group)
{
	struct xpm_textbuf *out = &writer->out;
	const struct xpm_conf *conf = &group->group.conf;
	const char *separator = "";
	size_t i;

	if (!conf->has)
		return;
	xpm_textbuf_puts(out, "            configuration:\n");
	if (conf->has & (XPM_CONF_CORES | XPM_CONF_MEMORY)) {
		xpm_textbuf_puts(out, "              cpu: {");
		if (conf->has & XPM_CONF_CORES) {
			xpm_textbuf_printf(out, "cores: %u", conf->cores);
			separator = ", ";
		}
		if (conf->has & XPM_CONF_MEMORY) {
			xpm_textbuf_printf(out, "%smemory: ", separator);
			write_size(out, conf->memory);
		}
		xpm_textbuf_puts(out, "}\n");
	}
	if (!(conf->has & XPM_CONF_GPU))
		return;
	xpm_textbuf_puts(out, conf->gpu_is_list ? "              gpu:\n" : "              gpu: ");
	for (i = 0; i < conf->gpus_len; i++) {
		if (conf->gpu_is_list)
			xpm_textbuf_puts(out, "                - ");
		write_gpu(out, &conf->gpus[i]);
		write_origin(writer, &group->hardware->gpus[i]);
	}
}

struct names {
	const char **items;
	size_t len, room;
	struct xpm_arena *arena;
};

static int keep_host(const char *host, void *ctx)
{
	struct names *names = ctx;

	if (names->len == names->room)
		return 1;
	names->items[names->len] = xpm_arena_strdup(names->arena, host);
	return names->items[names->len] ? (names->len++, 0) : 1;
}

/* The expressions of a group as one, with ranges across them. */
static const char *join_hosts(struct writer *writer, const struct xpm_node_group *group)
{
	struct names names = { .room = group->count, .arena = &writer->arena };
	size_t i;

	if (group->hosts.len == 1)
		return group->hosts.items[0];
	names.items = xpm_arena_array(&writer->arena, names.room, sizeof(names.items[0]));
	for (i = 0; names.items && i < group->hosts.len; i++)
		if (xpm_hostlist_each(group->hosts.items[i], keep_host, &names, XPM_CLUSTER_NODES_MAX, NULL))
			return NULL;
	return names.items ? xpm_hostlist_compress(&writer->arena, names.items, names.len) : NULL;
}

static void write_group(struct writer *writer, const struct xpm_found_group *group)
{
	struct xpm_textbuf *out = &writer->out;
	const char *hosts;
	size_t i;

	if (writer->hosts) {
		hosts = join_hosts(writer, &group->group);
		if (!hosts) {
			writer->failed = 1;
			return;
		}
		xpm_textbuf_puts(out, "          - hosts: ");
		xpm_textbuf_yaml(out, hosts);
		xpm_textbuf_printf(out, group->group.count > 1 ? "  # %u nodes\n" : "\n", group->group.count);
	} else {
		xpm_textbuf_printf(out, "          - count: %u\n", group->group.count);
	}
	for (i = 0; i < group->hardware->features.len; i++)
		if (!xpm_cluster_name_fits(group->hardware->features.items[i]))
			note(writer, XPM_NOTE, "feature %s is left out: launchers.yaml does not take the name",
			     group->hardware->features.items[i]);
	if (group->group.features.len) {
		xpm_textbuf_puts(out, "            features: ");
		write_list(out, group->group.features.items, group->group.features.len);
		xpm_textbuf_puts(out, "\n");
	}
	if (group->hardware->other_gres)
		xpm_textbuf_printf(out, "            # not used here: %s\n", group->hardware->other_gres);
	write_node_conf(writer, group);
}

/* What the language of the file has no word for. */
static void write_remarks(struct writer *writer, const struct xpm_found_partition *found)
{
	struct xpm_textbuf *out = &writer->out;
	const struct {
		const char *key;
		const struct xpm_names *names;
	} lists[] = {
		{ "DenyAccounts", &found->deny_accounts },
		{ "DenyQos", &found->deny_qos },
		{ "AllowGroups", &found->allow_groups },
	};
	size_t i, j;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!lists[i].names->len)
			continue;
		xpm_textbuf_printf(out, "        # %s=", lists[i].key);
		for (j = 0; j < lists[i].names->len; j++)
			xpm_textbuf_printf(out, "%s%s", j ? "," : "", lists[i].names->items[j]);
		xpm_textbuf_puts(out, ": Slurm itself sees to it\n");
	}
}

static int count_host(const char *host, void *ctx)
{
	(void)host;
	return ++*(size_t *)ctx, 0;
}

/* An input that ends exactly behind a node cannot be told from a whole one, but the partitions know better. */
static void check_nodes(struct writer *writer, const struct xpm_found_partition *found,
			const struct xpm_description *description)
{
	size_t listed = 0, there = 0, i;

	for (i = 0; i < description->groups_len; i++)
		there += description->groups[i].group.count;
	if (found->nodes && !xpm_hostlist_each(found->nodes, count_host, &listed, XPM_CLUSTER_NODES_MAX, NULL) &&
	    listed > there)
		note(writer, XPM_WARNING, "partition %s lists %zu nodes, of which only %zu are in the input: is it "
		     "whole?", found->name, listed, there);
	else if (!there)
		note(writer, XPM_NOTE, "partition %s has no nodes", found->name);
}

static void write_partition(struct writer *writer, const struct xpm_found_partition *found,
			    const struct xpm_description *description)
{
	const struct xpm_partition *partition = &description->partition;
	struct xpm_textbuf *out = &writer->out;
	size_t i;

	xpm_textbuf_puts(out, "      ");
	xpm_textbuf_yaml(out, partition->name);
	xpm_textbuf_puts(out, ":\n");
	if (partition->disabled)
		xpm_textbuf_printf(out, "        disabled: true  # %s\n", description->why_disabled);
	write_remarks(writer, found);
	if (description->lists_left_out) {
		xpm_textbuf_puts(out, "        # TODO: accounts: and qos: are too many for a choice\n");
		note(writer, XPM_NOTE, "partition %s allows %zu accounts and %zu QoS: too many for a choice, name some",
		     found->name, found->allow_accounts.len, found->allow_qos.len);
	}
	if (partition->accounts.len) {
		xpm_textbuf_puts(out, "        accounts: ");
		write_list(out, partition->accounts.items, partition->accounts.len);
		xpm_textbuf_puts(out, "\n");
	}
	if (partition->qos.len) {
		xpm_textbuf_puts(out, "        qos: ");
		write_list(out, partition->qos.items, partition->qos.len);
		xpm_textbuf_puts(out, "\n");
	}
	write_conf(out, &partition->conf);
	check_nodes(writer, found, description);
	if (!description->groups_len) {
		xpm_textbuf_puts(out, "        nodes: []\n");
		return;
	}
	xpm_textbuf_puts(out, "        nodes:\n");
	for (i = 0; i < description->groups_len; i++)
		write_group(writer, &description->groups[i]);
}

static void write_head(struct writer *writer, const struct xpm_cluster *cluster)
{
	xpm_textbuf_puts(&writer->out, "# Made by `xpm convert`");
	if (cluster->version)
		xpm_textbuf_printf(&writer->out, " from a Slurm %s", cluster->version);
	xpm_textbuf_printf(&writer->out,
			   ": %zu nodes, %zu partitions. Yours to edit; `xpm check` tells whether it is right.\n"
			   "slurm:\n  - id: slurm\n    connector: local\n    partitions:\n",
			   cluster->nodes, cluster->partitions_len);
}

char *xpm_cluster_convert(const struct xpm_cluster *cluster, int hosts, size_t *len, struct xpm_report *report,
			  struct xpm_error *err)
{
	struct writer writer = { .report = report, .hosts = hosts };
	struct xpm_description description;
	size_t i;

	if (!cluster->nodes || !cluster->partitions_len) {
		xpm_fail(err, XPM_ERR_VALUE, "there is no %s", cluster->nodes ? "partition" : "node");
		return NULL;
	}
	write_head(&writer, cluster);
	for (i = 0; i < cluster->partitions_len && !writer.failed; i++) {
		if (!xpm_cluster_name_fits(cluster->partitions[i].name))
			note(&writer, XPM_NOTE, "partition %s is left out: launchers.yaml does not take the name",
			     cluster->partitions[i].name);
		else if (xpm_cluster_describe(cluster, &cluster->partitions[i], &writer.arena, &description, err))
			writer.failed = 1;
		else
			write_partition(&writer, &cluster->partitions[i], &description);
		xpm_arena_reset(&writer.arena);
	}
	for (i = 0; i < cluster->sets_len; i++)
		if (!cluster->sets[i].partitions.len)
			note(&writer, XPM_NOTE, "in no partition and left out: %.300s",
			     cluster->sets[i].hosts);
	xpm_arena_free(&writer.arena);
	if (!writer.failed && !writer.out.failed) {
		*len = writer.out.len;
		return writer.out.bytes;
	}
	xpm_textbuf_free(&writer.out);
	xpm_fail_memory(err);
	return NULL;
}
