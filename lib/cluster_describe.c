/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A partition as found, in the words of launchers.yaml: for `xpm convert` and `query_slurm: true` alike. */
#include <string.h>

#include "cluster.h"
#include "error_private.h"
#include "launchers_private.h"

#define CHOICES_MAX 64 /* accounts times QoS of one partition */

static int fits(const struct xpm_text_rule *rule, const char *text)
{
	const char *at;

	for (at = text; *at; at++)
		if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
		      strchr(rule->marks, *at)))
			return 0;
	return at > text && at - text <= XPM_NAME_MAX;
}

int xpm_cluster_name_fits(const char *name)
{
	return fits(&xpm_name_rule, name);
}

static enum xpm_code copy_names(struct xpm_arena *arena, const struct xpm_names *names, struct xpm_strings *strings,
				struct xpm_error *err)
{
	size_t i;

	memset(strings, 0, sizeof(*strings));
	strings->items = xpm_arena_array(arena, names->len, sizeof(strings->items[0]));
	strings->places = xpm_arena_array(arena, names->len, sizeof(strings->places[0]));
	if (!strings->items || !strings->places)
		return xpm_fail_memory(err);
	for (i = 0; i < names->len && strings->len < XPM_LIST_MAX; i++) {
		if (!xpm_cluster_name_fits(names->items[i]))
			continue;
		strings->items[strings->len] = xpm_arena_strdup(arena, names->items[i]);
		if (!strings->items[strings->len++])
			return xpm_fail_memory(err);
	}
	return XPM_OK;
}

static enum xpm_code copy_text(struct xpm_arena *arena, const char *from, const char **to, struct xpm_error *err)
{
	*to = from ? xpm_arena_strdup(arena, from) : NULL;
	return from && !*to ? xpm_fail_memory(err) : XPM_OK;
}

static enum xpm_code describe_gpu(const struct xpm_found_gpu *found, struct xpm_arena *arena,
				  struct xpm_gpu_conf *gpu, struct xpm_error *err)
{
	int fit = found->type && fits(&xpm_gres_type_rule, found->type);
	enum xpm_code code;

	gpu->count = found->count;
	gpu->kind = found->kind;
	gpu->memory = found->memory;
	gpu->has = XPM_GPU_COUNT;
	if (found->kind != XPM_ACCEL_CUDA)
		gpu->has |= XPM_GPU_KIND;
	if (found->memory)
		gpu->has |= XPM_GPU_MEMORY;
	if (found->model && (fit || xpm_cluster_name_fits(found->model)))
		gpu->has |= XPM_GPU_MODEL;
	if (fit)
		gpu->has |= XPM_GPU_GRES_TYPE;
	code = copy_text(arena, found->model, &gpu->model, err);
	return code ? code : copy_text(arena, found->type, &gpu->gres_type, err);
}

/* The smaller of a value and a limit, where 0 is neither. */
static uint64_t least(uint64_t value, uint64_t limit)
{
	return limit && (!value || limit < value) ? limit : value;
}

static enum xpm_code describe_hardware(const struct xpm_hardware *hardware, const struct xpm_found_partition *found,
				       struct xpm_arena *arena, struct xpm_found_group *group, struct xpm_error *err)
{
	struct xpm_conf *conf = &group->group.conf;
	enum xpm_code code = copy_names(arena, &hardware->features, &group->group.features, err);
	size_t i;

	group->hardware = hardware;
	conf->cores = (uint32_t)least(hardware->cpus, found->max_cpus);
	conf->memory = least(hardware->memory, found->max_memory);
	conf->has = (conf->cores ? XPM_CONF_CORES : 0) | (conf->memory ? XPM_CONF_MEMORY : 0);
	if (code || !hardware->gpus_len)
		return code;
	conf->has |= XPM_CONF_GPU;
	conf->gpu_is_list = hardware->gpus_len > 1;
	conf->gpus = xpm_arena_array(arena, hardware->gpus_len, sizeof(conf->gpus[0]));
	if (!conf->gpus)
		return xpm_fail_memory(err);
	conf->gpus_len = hardware->gpus_len;
	for (i = 0; !code && i < conf->gpus_len; i++)
		code = describe_gpu(&hardware->gpus[i], arena, &conf->gpus[i], err);
	return code;
}

/* The group of this hardware; its place in the order of first appearance. */
static struct xpm_found_group *group_of(const struct xpm_cluster *cluster, uint32_t hardware,
					struct xpm_description *description)
{
	size_t i;

	for (i = 0; i < description->groups_len; i++)
		if (description->groups[i].hardware == &cluster->hardware[hardware])
			return &description->groups[i];
	return NULL;
}

static int in_partition(const struct xpm_node_set *set, const char *name)
{
	return xpm_names_have(&set->partitions, name);
}

/* Hosts are kept as they were compressed: one expression for each set of nodes. */
static enum xpm_code add_hosts(const struct xpm_node_set *set, struct xpm_arena *arena, size_t most,
			       struct xpm_node_group *group, struct xpm_error *err)
{
	if (!group->hosts.items) {
		group->hosts.items = xpm_arena_array(arena, most, sizeof(group->hosts.items[0]));
		group->hosts.places = xpm_arena_array(arena, most, sizeof(group->hosts.places[0]));
		if (!group->hosts.items || !group->hosts.places)
			return xpm_fail_memory(err);
	}
	group->count += set->count;
	return copy_text(arena, set->hosts, &group->hosts.items[group->hosts.len++], err);
}

static size_t sets_of_hardware(const struct xpm_cluster *cluster, uint32_t hardware)
{
	size_t n = 0, i;

	for (i = 0; i < cluster->sets_len; i++)
		n += cluster->sets[i].hardware == hardware;
	return n;
}

static enum xpm_code describe_nodes(const struct xpm_cluster *cluster, const struct xpm_found_partition *found,
				    struct xpm_arena *arena, struct xpm_description *description,
				    struct xpm_error *err)
{
	enum xpm_code code = XPM_OK;
	size_t n = 0, i;

	for (i = 0; i < cluster->sets_len; i++)
		n += (size_t)in_partition(&cluster->sets[i], found->name);
	description->groups = xpm_arena_array(arena, n, sizeof(description->groups[0]));
	if (!description->groups)
		return xpm_fail_memory(err);
	for (i = 0; !code && i < cluster->sets_len; i++) {
		const struct xpm_node_set *set = &cluster->sets[i];
		struct xpm_found_group *group;

		if (!in_partition(set, found->name))
			continue;
		group = group_of(cluster, set->hardware, description);
		if (!group) {
			group = &description->groups[description->groups_len++];
			code = describe_hardware(&cluster->hardware[set->hardware], found, arena, group, err);
		}
		if (!code)
			code = add_hosts(set, arena, sets_of_hardware(cluster, set->hardware), &group->group, err);
	}
	return code;
}

static const char *disabled_because(const struct xpm_found_partition *found, struct xpm_arena *arena)
{
	if (found->root_only)
		return "RootOnly=YES";
	if (found->req_resv)
		return "ReqResv=YES: jobs need a reservation";
	if (found->state && strcmp(found->state, "UP"))
		return xpm_arena_printf(arena, "State=%s", found->state);
	return NULL;
}

/* The partition's own QoS limits every job in it. */
static uint64_t time_limit(const struct xpm_cluster *cluster, const struct xpm_found_partition *found)
{
	uint64_t limit = found->max_time;
	size_t i;

	for (i = 0; found->qos && i < cluster->qos_len; i++)
		if (!strcmp(cluster->qos[i].name, found->qos))
			limit = least(limit, cluster->qos[i].max_wall);
	return limit;
}

enum xpm_code xpm_cluster_describe(const struct xpm_cluster *cluster, const struct xpm_found_partition *found,
				   struct xpm_arena *arena, struct xpm_description *description,
				   struct xpm_error *err)
{
	struct xpm_partition *partition = &description->partition;
	size_t qos = found->allow_qos.len ? found->allow_qos.len : 1;
	enum xpm_code code;

	memset(description, 0, sizeof(*description));
	code = copy_text(arena, found->name, &partition->name, err);
	description->why_disabled = disabled_because(found, arena);
	partition->disabled = description->why_disabled != NULL;
	partition->has_nodes = 1;
	partition->conf.max_duration = time_limit(cluster, found);
	partition->conf.mem_per_cpu = found->mem_per_cpu;
	partition->conf.cpu_per_gpu = found->cpu_per_gpu;
	partition->conf.has = (partition->conf.max_duration ? XPM_CONF_MAX_DURATION : 0) |
			      (partition->conf.mem_per_cpu ? XPM_CONF_MEM_PER_CPU : 0) |
			      (partition->conf.cpu_per_gpu ? XPM_CONF_CPU_PER_GPU : 0);
	description->lists_left_out = qos > CHOICES_MAX || found->allow_accounts.len > CHOICES_MAX / qos;
	if (!code && !description->lists_left_out)
		code = copy_names(arena, &found->allow_qos, &partition->qos, err);
	if (!code && !description->lists_left_out)
		code = copy_names(arena, &found->allow_accounts, &partition->accounts, err);
	return code ? code : describe_nodes(cluster, found, arena, description, err);
}
