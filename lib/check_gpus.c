/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GPUs that are described and not counted, without memory or of the wrong kind, and sizes that look like a slip. */
#include <string.h>
#include <xpmatch/units.h>

#include "check_private.h"
#include "effective.h"
#include "error_private.h"
#include "gpu_models.h"

#define GIGA UINT64_C(1000000000)

/* --- sizes --- */

/* No GPU and no node has less than 1G: M stands where G was meant. 0 takes back what was said above. */
static void check_size(struct xpm_check *check, uint64_t size, const char *whose, const struct xpm_place *place)
{
	char said[XPM_SIZE_TEXT], meant[XPM_SIZE_TEXT];
	uint64_t larger = size;

	if (size == 0 || size >= GIGA)
		return;
	xpm_size_print(size, said);
	while (larger < GIGA)
		larger *= strstr(said, "iB") ? 1024 : 1000;
	xpm_check_say(check, XPM_WARNING, place, "the memory of a %s is %s: is %s meant?", whose, said,
		      xpm_size_print(larger, meant));
}

static void check_sizes(struct xpm_check *check, const struct xpm_conf *conf, const struct xpm_place *owner)
{
	if (conf->has & XPM_CONF_MEMORY)
		check_size(check, conf->memory, "node", conf->place.line ? &conf->place : owner);
	for (size_t i = 0; i < conf->gpus_len; i++)
		if (conf->gpus[i].has & XPM_GPU_MEMORY)
			check_size(check, conf->gpus[i].memory, "GPU", &conf->gpus[i].place);
}

static void check_all_sizes(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	check_sizes(check, &launcher->conf, &launcher->place);
	for (size_t i = 0; i < launcher->features_len; i++)
		check_sizes(check, &launcher->features[i].conf, &launcher->features[i].place);
	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_partition *partition = &launcher->partitions[p];

		if (partition->disabled)
			continue;
		check_sizes(check, &partition->conf, &partition->place);
		for (size_t g = 0; g < partition->nodes_len; g++)
			check_sizes(check, &partition->nodes[g].conf, &partition->nodes[g].place);
	}
}

/* --- GPUs --- */

static int is_counted(const struct xpm_effective *effective)
{
	return effective->listed || (effective->base.has & XPM_GPU_COUNT);
}

/* Several kinds of GPU on one host, and not each with a type that a request can name. */
static int is_mixed(const struct xpm_effective *effective)
{
	struct xpm_accel_group groups[XPM_ACCEL_GROUPS_MAX];
	size_t len = xpm_effective_accels(effective, groups);

	for (size_t i = 0; i < len && len > 1; i++)
		if (!groups[i].gres_type)
			return 1;
	return 0;
}

/* Whose mistake it is: the most specific level that says something about GPUs. */
static const struct xpm_place *gpu_place(const struct xpm_launcher *launcher, const struct xpm_partition *partition,
					 const struct xpm_node_group *group)
{
	if (!partition)
		return launcher->conf.gpus_len > 0 ? &launcher->conf.gpus[0].place : &launcher->place;
	if (group && group->conf.has & XPM_CONF_GPU)
		return &group->conf.gpus[0].place;
	if (partition->conf.has & XPM_CONF_GPU)
		return &partition->conf.gpus[0].place;
	if (launcher->conf.has & XPM_CONF_GPU && launcher->conf.gpus_len > 0)
		return &launcher->conf.gpus[0].place;
	return group ? &group->place : &partition->place;
}

static enum xpm_code say_uncounted(struct xpm_check *check, const struct xpm_effective *effective,
				   const struct xpm_place *place, const struct xpm_partition *partition,
				   const struct xpm_node_group *group)
{
	struct xpm_uncounted *uncounted = xpm_arena_alloc(&check->arena, sizeof(*uncounted));

	if (!uncounted)
		return xpm_fail_memory(check->err);
	uncounted->place = group ? group->place : partition->place;
	uncounted->next = check->uncounted;
	check->uncounted = uncounted;
	xpm_check_say(
		check, XPM_WARNING, place,
		"a GPU's %s is given, but nothing says how many there are: these nodes of partition '%s' count as "
		"having none",
		effective->base.has & XPM_GPU_MODEL ? "model" : "memory", partition->name);
	return XPM_OK;
}

/* Of some of them nobody said how much memory they have, nor that they have none. */
static int lacks_memory(const struct xpm_effective *effective)
{
	const struct xpm_gpu_conf *gpus = effective->listed ? effective->gpus : &effective->base;
	size_t len = effective->listed ? effective->gpus_len : 1;

	for (size_t i = 0; i < len; i++) {
		uint32_t count = gpus[i].has & XPM_GPU_COUNT ? gpus[i].count : (uint32_t)effective->listed;

		if (count > 0 && !(gpus[i].has & XPM_GPU_MEMORY))
			return 1;
	}
	return 0;
}

static void check_kinds(struct xpm_check *check, const struct xpm_effective *effective, const struct xpm_place *place)
{
	struct xpm_accel_group groups[XPM_ACCEL_GROUPS_MAX];
	size_t len = xpm_effective_accels(effective, groups);

	for (size_t i = 0; i < len; i++)
		if (groups[i].kind == XPM_ACCEL_CUDA && groups[i].model &&
		    xpm_gpu_models_kind(check->models, groups[i].model) == XPM_ACCEL_ROCM)
			xpm_check_say(check, XPM_WARNING, place, "%s is an AMD model, but kind is cuda: say kind: rocm",
				      groups[i].model);
}

static enum xpm_code check_group(struct xpm_check *check, const struct xpm_launcher *launcher,
				 const struct xpm_features *features, const struct xpm_partition *partition,
				 const struct xpm_node_group *group)
{
	struct xpm_effective effective = { 0 };
	const struct xpm_place *place = gpu_place(launcher, partition, group);
	enum xpm_code code = XPM_OK;

	xpm_effective_apply(&effective, &launcher->conf, !partition);
	if (partition)
		xpm_effective_apply(&effective, &partition->conf, 0);
	if (group)
		xpm_effective_apply(&effective, &group->conf, 0);
	for (size_t i = 0; group && i < group->features.len; i++)
		xpm_features_apply(features, xpm_features_id(features, group->features.items[i]), &effective);
	if (partition && !is_counted(&effective) && (effective.base.has & (XPM_GPU_MODEL | XPM_GPU_MEMORY)))
		code = say_uncounted(check, &effective, place, partition, group);
	if (partition && is_mixed(&effective))
		xpm_check_say(check, XPM_NOTE, place,
			      "different GPUs in one node of partition '%s' without gres_type: Slurm cannot be asked "
			      "for the right ones",
			      partition->name);
	if (!launcher->query_slurm && lacks_memory(&effective))
		xpm_check_say(check, XPM_NOTE, place,
			      "nothing says how much memory these GPUs have: a spec with mem= never gets them");
	check_kinds(check, &effective, place);
	return code;
}

enum xpm_code xpm_check_gpus(struct xpm_check *check, const struct xpm_launcher *launcher,
			     const struct xpm_features *features)
{
	enum xpm_code code = XPM_OK;

	check_all_sizes(check, launcher);
	if (launcher->kind == XPM_LAUNCHER_LOCAL)
		return check_group(check, launcher, features, NULL, NULL);
	for (size_t p = 0; p < launcher->partitions_len && code == XPM_OK; p++) {
		const struct xpm_partition *partition = &launcher->partitions[p];

		if (partition->disabled)
			continue;
		if (!partition->has_nodes && !launcher->query_slurm)
			code = check_group(check, launcher, features, partition, NULL);
		for (size_t g = 0; g < partition->nodes_len && code == XPM_OK; g++)
			code = check_group(check, launcher, features, partition, &partition->nodes[g]);
	}
	return code;
}
