/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_MODEL_PRINT_H
#define XPM_MODEL_PRINT_H

#include <inttypes.h>
#include <stdio.h>

#include "model.h"

/*
 * A model as text, one thing to a line, only what is set: what the `model` files of tests/data/launchers/valid hold.
 * Each thing begins with the line it stands on.
 */

static inline void print_strings(FILE *out, const char *name, const struct xpm_strings *strings)
{
	size_t i;

	if (!strings->items)
		return;
	fprintf(out, " %s=[", name);
	for (i = 0; i < strings->len; i++)
		fprintf(out, "%s'%s'@%u:%u", i ? " " : "", strings->items[i], strings->places[i].line,
			strings->places[i].column);
	fprintf(out, "]");
}

static inline void print_gpu(FILE *out, int indent, const struct xpm_gpu_conf *gpu)
{
	fprintf(out, "%*s%u: gpu", indent, "", gpu->place.line);
	if (gpu->has & XPM_GPU_MODEL)
		fprintf(out, " model='%s'", gpu->model);
	if (gpu->has & XPM_GPU_COUNT)
		fprintf(out, " count=%u", gpu->count);
	if (gpu->has & XPM_GPU_MEMORY)
		fprintf(out, " memory=%" PRIu64, gpu->memory);
	if (gpu->has & XPM_GPU_MIN_MEMORY)
		fprintf(out, " min_memory=%" PRIu64, gpu->min_memory);
	if (gpu->has & XPM_GPU_MIN_MEM_RATIO)
		fprintf(out, " min_mem_ratio=%u", gpu->min_mem_ratio);
	fprintf(out, " %s=%d", gpu->has & XPM_GPU_KIND ? "kind" : "default kind", gpu->kind);
	if (gpu->has & XPM_GPU_GRES_TYPE)
		fprintf(out, " gres_type='%s'", gpu->gres_type);
	fprintf(out, "\n");
}

static inline void print_conf(FILE *out, int indent, const struct xpm_conf *conf)
{
	size_t i;

	if (conf->has & ~(unsigned)XPM_CONF_GPU) {
		fprintf(out, "%*s%u: conf", indent, "", conf->place.line);
		if (conf->has & XPM_CONF_MAX_DURATION)
			fprintf(out, " max_duration=%" PRIu64, conf->max_duration);
		if (conf->has & XPM_CONF_MIN_GPU)
			fprintf(out, " min_gpu=%u", conf->min_gpu);
		if (conf->has & XPM_CONF_CORES)
			fprintf(out, " cores=%u", conf->cores);
		if (conf->has & XPM_CONF_MEMORY)
			fprintf(out, " memory=%" PRIu64, conf->memory);
		if (conf->has & XPM_CONF_MEM_PER_CPU)
			fprintf(out, " mem_per_cpu=%" PRIu64, conf->mem_per_cpu);
		if (conf->has & XPM_CONF_CPU_PER_GPU)
			fprintf(out, " cpu_per_gpu=%u", conf->cpu_per_gpu);
		fprintf(out, "\n");
	}
	if (!(conf->has & XPM_CONF_GPU))
		return;
	fprintf(out, "%*s%s of %zu\n", indent, "", conf->gpu_is_list ? "gpu list" : "gpu mapping",
		conf->gpus_len);
	for (i = 0; i < conf->gpus_len; i++)
		print_gpu(out, indent + 2, &conf->gpus[i]);
}

static inline void print_options(FILE *out, const struct xpm_slurm_options *o)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "nodes", o->nodes }, { "ntasks", o->ntasks }, { "cpus_per_task", o->cpus_per_task },
		{ "gpus", o->gpus }, { "gpus_per_node", o->gpus_per_node }, { "time", o->time },
		{ "mem", o->mem }, { "mem_per_cpu", o->mem_per_cpu },
	};
	const struct {
		const char *name, *value;
	} texts[] = {
		{ "partition", o->partition }, { "qos", o->qos }, { "account", o->account },
		{ "constraint", o->constraint }, { "exclude", o->exclude }, { "nodelist", o->nodelist },
		{ "gres", o->gres }, { "reservation", o->reservation }, { "licenses", o->licenses },
		{ "comment", o->comment },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value)
			fprintf(out, "  option %s=%" PRIu64 "\n", numbers[i].name, numbers[i].value);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value)
			fprintf(out, "  option %s='%s'\n", texts[i].name, texts[i].value);
}

static inline void print_partition(FILE *out, const struct xpm_partition *partition)
{
	size_t i;

	fprintf(out, "  %u: partition '%s' priority=%" PRId64 "%s", partition->place.line, partition->name,
		partition->priority, partition->disabled ? " disabled" : "");
	print_strings(out, "accounts", &partition->accounts);
	print_strings(out, "qos", &partition->qos);
	fprintf(out, "%s\n", partition->has_nodes ? "" : " no nodes given");
	print_conf(out, 4, &partition->conf);
	for (i = 0; i < partition->nodes_len; i++) {
		const struct xpm_node_group *group = &partition->nodes[i];

		fprintf(out, "    %u: nodes count=%u", group->place.line, group->count);
		print_strings(out, "hosts", &group->hosts);
		print_strings(out, "features", &group->features);
		fprintf(out, "\n");
		print_conf(out, 6, &group->conf);
	}
}

static inline void print_launcher(FILE *out, const struct xpm_launcher *launcher)
{
	size_t i;

	fprintf(out, "%u: %s %zu id='%s'%s weight=%" PRId64 "%s%s", launcher->place.line,
		launcher->kind == XPM_LAUNCHER_LOCAL ? "local" : "slurm", launcher->index, launcher->id,
		launcher->id_given ? "" : " (default)", launcher->weight,
		launcher->has_weight ? "" : " (default)", launcher->disabled ? " disabled" : "");
	print_strings(out, "tags", &launcher->tags);
	fprintf(out, "\n");
	for (i = 0; i < launcher->tokens_len; i++)
		fprintf(out, "  %u: takes %u of '%s'\n", launcher->tokens[i].place.line, launcher->tokens[i].count,
			launcher->tokens[i].name);
	if (launcher->kind == XPM_LAUNCHER_SLURM)
		fprintf(out, "  features=%d hosts=%d memory=%d query=%d age=%" PRIu64 " path=%s\n",
			launcher->use_features, launcher->use_hosts, launcher->use_memory_constraint,
			launcher->query_slurm, launcher->snapshot_max_age,
			launcher->path ? launcher->path : "none");
	print_options(out, &launcher->options);
	print_conf(out, 2, &launcher->conf);
	for (i = 0; i < launcher->qos_len; i++)
		fprintf(out, "  %u: qos '%s' max_duration=%" PRIu64 " min_gpu=%u priority=%" PRId64 "\n",
			launcher->qos[i].place.line, launcher->qos[i].name, launcher->qos[i].max_duration,
			launcher->qos[i].min_gpu, launcher->qos[i].priority);
	for (i = 0; i < launcher->features_regex.len; i++)
		fprintf(out, "  %u: pattern '%s'\n", launcher->features_regex.places[i].line,
			launcher->features_regex.items[i]);
	for (i = 0; i < launcher->features_len; i++) {
		fprintf(out, "  %u: feature '%s'\n", launcher->features[i].place.line, launcher->features[i].name);
		print_conf(out, 4, &launcher->features[i].conf);
	}
	for (i = 0; i < launcher->partitions_len; i++)
		print_partition(out, &launcher->partitions[i]);
}

static inline void print_model(FILE *out, const struct xpm_launchers *launchers)
{
	size_t i;

	for (i = 0; i < launchers->len; i++)
		print_launcher(out, &launchers->items[i]);
	for (i = 0; i < launchers->tokens_len; i++)
		fprintf(out, "%s:%u: token '%s' count=%u\n",
			launchers->tokens[i].beside ? launchers->tokens_name : launchers->name,
			launchers->tokens[i].place.line, launchers->tokens[i].name, launchers->tokens[i].count);
}

#endif
