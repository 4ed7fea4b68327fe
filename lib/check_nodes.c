/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node groups: hosts named twice, nodes that nothing tells apart, GPUs that are described and not counted. */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/hostlist.h>

#include "check_private.h"
#include "effective.h"
#include "error_private.h"

/* --- hosts --- */

struct host {
	const char *name;
	const struct xpm_place *place;
	size_t order;
};

struct hosts {
	struct xpm_arena *arena;
	struct host *items;
	size_t len, room;
	const struct xpm_place *place; /* of the expression that is being read */
};

static int add_host(const char *name, void *context)
{
	struct hosts *hosts = context;
	struct host *host;

	if (hosts->len == hosts->room) {
		size_t room = hosts->room ? 2 * hosts->room : 256;
		struct host *items = realloc(hosts->items, room * sizeof(*items));

		if (!items)
			return XPM_ERR_MEMORY;
		hosts->items = items;
		hosts->room = room;
	}
	host = &hosts->items[hosts->len];
	host->name = xpm_arena_strdup(hosts->arena, name);
	host->place = hosts->place;
	host->order = hosts->len++;
	return host->name ? 0 : XPM_ERR_MEMORY;
}

static int compare_hosts(const void *left, const void *right)
{
	const struct host *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Each later expression is told once about each line that has one of its hosts already. */
static void say_duplicates(struct xpm_check *check, const struct xpm_partition *partition, const struct hosts *hosts)
{
	const struct xpm_place *told = NULL;
	unsigned told_line = 0;

	for (size_t i = 1; i < hosts->len; i++) {
		const struct host *earlier = &hosts->items[i - 1], *later = &hosts->items[i];

		if (strcmp(earlier->name, later->name))
			continue;
		if (later->place == told && earlier->place->line == told_line)
			continue;
		told = later->place;
		told_line = earlier->place->line;
		xpm_check_say(check, XPM_WARNING, later->place, "host '%s' is in partition '%s' already (line %u)",
			      later->name, partition->name, earlier->place->line);
	}
}

static enum xpm_code check_hosts(struct xpm_check *check, const struct xpm_partition *partition)
{
	struct hosts hosts = { .arena = &check->arena };
	enum xpm_code code = XPM_OK;

	for (size_t g = 0; g < partition->nodes_len && code == XPM_OK; g++) {
		const struct xpm_strings *names = &partition->nodes[g].hosts;

		for (size_t i = 0; i < names->len && code == XPM_OK; i++) {
			hosts.place = &names->places[i];
			code = xpm_hostlist_each(names->items[i], add_host, &hosts, XPM_HOSTS_MAX, check->err);
		}
	}
	if (code == XPM_OK && hosts.len > 0) {
		qsort(hosts.items, hosts.len, sizeof(*hosts.items), compare_hosts);
		say_duplicates(check, partition, &hosts);
	}
	free(hosts.items);
	return code == XPM_ERR_MEMORY ? xpm_fail_memory(check->err) : code;
}

/* --- what tells them apart --- */

static int same_features(const struct xpm_strings *a, const struct xpm_strings *b)
{
	for (size_t i = 0; i < a->len; i++)
		if (!xpm_check_has(b, a->items[i]))
			return 0;
	for (size_t i = 0; i < b->len; i++)
		if (!xpm_check_has(a, b->items[i]))
			return 0;
	return 1;
}

/* Without hosts a group can be told from another only by its features. */
static void check_identity(struct xpm_check *check, const struct xpm_partition *partition)
{
	for (size_t g = 0; g < partition->nodes_len; g++) {
		const struct xpm_node_group *group = &partition->nodes[g];

		for (size_t other = 0; other < partition->nodes_len && group->hosts.len == 0; other++) {
			if (other == g || !same_features(&group->features, &partition->nodes[other].features))
				continue;
			if (partition->nodes[other].hosts.len == 0 && other > g)
				continue; /* told there */
			xpm_check_say(check, XPM_WARNING, &group->place,
				      "without hosts nothing tells these nodes from those of line %u, which have %s",
				      partition->nodes[other].place.line,
				      group->features.len ? "the same features" : "no features either");
			break;
		}
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
	if (group && group->conf.has & XPM_CONF_GPU)
		return &group->conf.gpus[0].place;
	if (partition->conf.has & XPM_CONF_GPU)
		return &partition->conf.gpus[0].place;
	if (launcher->conf.has & XPM_CONF_GPU && launcher->conf.gpus_len > 0)
		return &launcher->conf.gpus[0].place;
	return group ? &group->place : &partition->place;
}

static void check_gpus(struct xpm_check *check, const struct xpm_launcher *launcher,
		       const struct xpm_features *features, const struct xpm_partition *partition,
		       const struct xpm_node_group *group)
{
	struct xpm_effective effective = { 0 };
	const struct xpm_place *place = gpu_place(launcher, partition, group);

	xpm_effective_apply(&effective, &launcher->conf, 0);
	xpm_effective_apply(&effective, &partition->conf, 0);
	if (group)
		xpm_effective_apply(&effective, &group->conf, 0);
	for (size_t i = 0; group && i < group->features.len; i++)
		xpm_features_apply(features, xpm_features_id(features, group->features.items[i]), &effective);
	if (!is_counted(&effective) && (effective.base.has & (XPM_GPU_MODEL | XPM_GPU_MEMORY)))
		xpm_check_say(check, XPM_WARNING, place,
			      "a GPU's %s is given, but nothing says how many there are: these nodes of partition '%s' "
			      "count as having none",
			      effective.base.has & XPM_GPU_MODEL ? "model" : "memory", partition->name);
	if (is_mixed(&effective))
		xpm_check_say(check, XPM_NOTE, place,
			      "different GPUs in one node of partition '%s' without gres_type: Slurm cannot be asked "
			      "for the right ones",
			      partition->name);
}

enum xpm_code xpm_check_nodes(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features)
{
	enum xpm_code code = XPM_OK;

	for (size_t p = 0; p < launcher->partitions_len && code == XPM_OK; p++) {
		const struct xpm_partition *partition = &launcher->partitions[p];

		code = check_hosts(check, partition);
		check_identity(check, partition);
		if (!partition->has_nodes && !launcher->query_slurm)
			check_gpus(check, launcher, features, partition, NULL);
		for (size_t g = 0; g < partition->nodes_len; g++)
			check_gpus(check, launcher, features, partition, &partition->nodes[g]);
		if (partition->has_nodes && partition->nodes_len == 0 && !launcher->query_slurm)
			xpm_check_say(check, XPM_WARNING, &partition->place,
				      "partition '%s' has no nodes: no job goes there", partition->name);
	}
	return code;
}
