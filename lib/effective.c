/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "effective.h"

#include <string.h>

static void apply_gpu(struct xpm_gpu_conf *to, const struct xpm_gpu_conf *from)
{
	if (from->has & XPM_GPU_MODEL)
		to->model = from->model;
	if (from->has & XPM_GPU_COUNT)
		to->count = from->count;
	if (from->has & XPM_GPU_MEMORY)
		to->memory = from->memory;
	if (from->has & XPM_GPU_MIN_MEMORY)
		to->min_memory = from->min_memory;
	if (from->has & XPM_GPU_MIN_MEM_RATIO)
		to->min_mem_ratio = from->min_mem_ratio;
	if (from->has & XPM_GPU_KIND)
		to->kind = from->kind;
	if (from->has & XPM_GPU_GRES_TYPE)
		to->gres_type = from->gres_type;
	to->has |= from->has;
}

static void apply_gpu_list(struct xpm_effective *effective, const struct xpm_conf *conf)
{
	effective->listed = 1;
	effective->gpus_len = 0;
	for (size_t i = 0; i < conf->gpus_len && i < XPM_ACCEL_GROUPS_MAX; i++) {
		struct xpm_gpu_conf *gpu = &effective->gpus[effective->gpus_len++];

		*gpu = effective->base;
		apply_gpu(gpu, &conf->gpus[i]);
	}
}

static void apply_gpu_mapping(struct xpm_effective *effective, const struct xpm_gpu_conf *gpu)
{
	apply_gpu(&effective->base, gpu);
	for (size_t i = 0; i < effective->gpus_len; i++)
		apply_gpu(&effective->gpus[i], gpu);
}

void xpm_effective_apply(struct xpm_effective *effective, const struct xpm_conf *conf, int as_list)
{
	struct xpm_conf *to = &effective->conf;

	if (conf->has & XPM_CONF_MAX_DURATION)
		to->max_duration = conf->max_duration;
	if (conf->has & XPM_CONF_MIN_GPU)
		to->min_gpu = conf->min_gpu;
	if (conf->has & XPM_CONF_CORES)
		to->cores = conf->cores;
	if (conf->has & XPM_CONF_MEMORY)
		to->memory = conf->memory;
	if (conf->has & XPM_CONF_MEM_PER_CPU)
		to->mem_per_cpu = conf->mem_per_cpu;
	if (conf->has & XPM_CONF_CPU_PER_GPU)
		to->cpu_per_gpu = conf->cpu_per_gpu;
	to->has |= conf->has;

	if (!(conf->has & XPM_CONF_GPU))
		return;
	if (conf->gpu_is_list || as_list)
		apply_gpu_list(effective, conf);
	else if (conf->gpus_len == 1)
		apply_gpu_mapping(effective, &conf->gpus[0]);
}

/* The least a request may ask of this accelerator: max(min_memory, ratio * memory), a fraction rounded up. */
static uint64_t least_memory(const struct xpm_gpu_conf *gpu)
{
	unsigned __int128 share = (unsigned __int128)gpu->memory * gpu->min_mem_ratio;
	uint64_t least = (uint64_t)((share + XPM_RATIO_ONE - 1) / XPM_RATIO_ONE);

	return least > gpu->min_memory ? least : gpu->min_memory;
}

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static int same_group(const struct xpm_accel_group *a, const struct xpm_accel_group *b)
{
	return a->kind == b->kind && a->memory == b->memory && a->least == b->least && same_text(a->model, b->model) &&
	       same_text(a->gres_type, b->gres_type);
}

static void add_group(struct xpm_accel_group *out, size_t *len, const struct xpm_gpu_conf *gpu, uint32_t count)
{
	struct xpm_accel_group group = {
		.kind = gpu->has & XPM_GPU_KIND ? gpu->kind : XPM_ACCEL_CUDA,
		.count = count,
		.memory = gpu->memory,
		.least = least_memory(gpu),
		.model = gpu->model,
		.gres_type = gpu->gres_type,
	};

	if (count == 0)
		return;
	for (size_t i = 0; i < *len; i++) {
		if (same_group(&out[i], &group)) {
			out[i].count += count;
			return;
		}
	}
	out[(*len)++] = group;
}

size_t xpm_effective_accels(const struct xpm_effective *effective, struct xpm_accel_group *out)
{
	size_t len = 0;

	if (!effective->listed)
		add_group(out, &len, &effective->base, effective->base.has & XPM_GPU_COUNT ? effective->base.count : 0);
	for (size_t i = 0; i < effective->gpus_len; i++) {
		const struct xpm_gpu_conf *gpu = &effective->gpus[i];

		add_group(out, &len, gpu, gpu->has & XPM_GPU_COUNT ? gpu->count : 1);
	}
	return len;
}
