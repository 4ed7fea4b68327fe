/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node groups to classes: inheritance worked out, equal groups of a partition merged, hosts made atoms. */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "builder.h"
#include "error_private.h"

/* The same text is the same pointer from here on: groups compare their GRES types by address. */
static const char *intern_type(struct xpm_builder *b, const char *type)
{
	for (size_t k = 0; k < b->classes_len; k++) {
		const struct xpm_candidate *c = &b->drafts[k].candidate;

		for (size_t i = 0; i < c->accels_len; i++) {
			if (c->accels[i].gres_type && strcmp(c->accels[i].gres_type, type) == 0)
				return c->accels[i].gres_type;
		}
	}
	return xpm_arena_strdup(b->arena, type);
}

enum xpm_code xpm_builder_accels(struct xpm_builder *b, struct xpm_candidate *c, const struct xpm_accel_group *groups,
				 size_t len)
{
	struct xpm_accel_group *accels = xpm_arena_array(b->arena, len + 1, sizeof(*accels));

	if (!accels)
		return xpm_fail_memory(b->err);
	for (size_t i = 0; i < len; i++) {
		accels[i] = groups[i];
		accels[i].model = xpm_builder_copy(b, groups[i].model);
		accels[i].gres_type = NULL;
		for (size_t j = 0; j < i && groups[i].gres_type; j++) {
			if (groups[j].gres_type && strcmp(groups[i].gres_type, groups[j].gres_type) == 0)
				accels[i].gres_type = accels[j].gres_type;
		}
		if (groups[i].gres_type && !accels[i].gres_type)
			accels[i].gres_type = intern_type(b, groups[i].gres_type);
		if ((groups[i].model && !accels[i].model) || (groups[i].gres_type && !accels[i].gres_type))
			return xpm_fail_memory(b->err);
		c->accel_count += accels[i].count;
	}
	c->accels = accels;
	c->accels_len = len;
	return XPM_OK;
}

void xpm_builder_numbers(struct xpm_candidate *c, const struct xpm_effective *effective)
{
	const struct xpm_conf *conf = &effective->conf;

	c->min_gpu = conf->min_gpu;
	c->cores = conf->cores;
	c->has_cores = (conf->has & XPM_CONF_CORES) != 0;
	c->memory = conf->memory;
	c->has_memory = (conf->has & XPM_CONF_MEMORY) != 0;
	c->mem_per_cpu = conf->mem_per_cpu;
	c->cpu_per_gpu = conf->cpu_per_gpu;
	c->max_duration = conf->max_duration;
	if (!c->has_memory && c->mem_per_cpu && c->has_cores) {
		unsigned __int128 product = (unsigned __int128)c->mem_per_cpu * c->cores;

		c->memory = product > XPM_SIZE_MAX ? XPM_SIZE_MAX : (uint64_t)product;
		c->has_memory = 1;
	}
}

static int same_accels(const struct xpm_candidate *a, const struct xpm_accel_group *groups, size_t len)
{
	if (a->accels_len != len)
		return 0;
	for (size_t i = 0; i < len; i++) {
		const struct xpm_accel_group *x = &a->accels[i], *y = &groups[i];

		if (x->kind != y->kind || x->count != y->count || x->memory != y->memory || x->least != y->least ||
		    !x->model != !y->model || (x->model && strcmp(x->model, y->model) != 0) ||
		    !x->gres_type != !y->gres_type || (x->gres_type && strcmp(x->gres_type, y->gres_type) != 0))
			return 0;
	}
	return 1;
}

static int same_numbers(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	return a->min_gpu == b->min_gpu && a->has_cores == b->has_cores && a->cores == b->cores &&
	       a->has_memory == b->has_memory && a->memory == b->memory && a->mem_per_cpu == b->mem_per_cpu &&
	       a->cpu_per_gpu == b->cpu_per_gpu && a->max_duration == b->max_duration;
}

/* An equal class of the same partition, or classes_len. */
static size_t find_class(const struct xpm_builder *b, size_t first, const struct xpm_candidate *c,
			 const struct xpm_accel_group *groups, size_t len, const struct xpm_feature_set *set)
{
	size_t k = first;

	for (; k < b->classes_len; k++) {
		const struct xpm_candidate *other = &b->drafts[k].candidate;

		if (same_numbers(other, c) && same_accels(other, groups, len) &&
		    xpm_feature_set_equal(&b->classes[k].features, set))
			break;
	}
	return k;
}

static enum xpm_code grow(struct xpm_builder *b)
{
	size_t room = b->classes_room ? b->classes_room * 2 : 64;
	struct xpm_draft *drafts;
	struct xpm_class *classes;

	if (b->classes_len < b->classes_room)
		return XPM_OK;
	drafts = realloc(b->drafts, room * sizeof(*drafts));
	if (!drafts)
		return xpm_fail_memory(b->err);
	b->drafts = drafts;
	classes = realloc(b->classes, room * sizeof(*classes));
	if (!classes)
		return xpm_fail_memory(b->err);
	b->classes = classes;
	b->classes_room = room;
	return XPM_OK;
}

static enum xpm_code claim_hosts(struct xpm_builder *b, size_t klass, const struct xpm_strings *hosts)
{
	if (hosts->len == 0)
		b->drafts[klass].unknown_hosts = 1;
	for (size_t i = 0; i < hosts->len; i++) {
		if (b->claims_len == b->claims_room) {
			size_t room = b->claims_room ? b->claims_room * 2 : 64;
			struct xpm_host_claim *larger = realloc(b->claims, room * sizeof(*larger));

			if (!larger)
				return xpm_fail_memory(b->err);
			b->claims = larger;
			b->claims_room = room;
		}
		b->claims[b->claims_len].expression = hosts->items[i];
		b->claims[b->claims_len++].klass = (uint32_t)klass;
	}
	return XPM_OK;
}

static enum xpm_code new_class(struct xpm_builder *b, const struct xpm_partition *partition, uint32_t partition_index,
			       const struct xpm_candidate *c, const struct xpm_accel_group *groups, size_t groups_len,
			       const struct xpm_strings *features, const struct xpm_feature_set *set)
{
	struct xpm_class *klass;
	struct xpm_draft *draft;
	const char **names = xpm_arena_array(b->arena, features->len + 1, sizeof(*names));
	uint16_t *ids = xpm_arena_array(b->arena, features->len + 1, sizeof(*ids));
	enum xpm_code code = names && ids ? grow(b) : xpm_fail_memory(b->err);

	if (code)
		return code;
	draft = &b->drafts[b->classes_len];
	klass = &b->classes[b->classes_len];
	memset(draft, 0, sizeof(*draft));
	memset(klass, 0, sizeof(*klass));
	draft->candidate = *c;
	draft->partition = partition;
	klass->partition = partition_index;
	klass->features = *set;
	for (size_t i = 0; i < features->len; i++) {
		unsigned id = xpm_features_id(b->features, features->items[i]);
		size_t seen = 0;

		while (seen < klass->features_len && ids[seen] != id)
			seen++;
		if (seen < klass->features_len)
			continue;
		ids[klass->features_len] = (uint16_t)id;
		names[klass->features_len++] = xpm_features_names(b->features)[id];
	}
	klass->feature_ids = ids;
	draft->candidate.features = names;
	draft->candidate.features_len = klass->features_len;
	code = xpm_builder_accels(b, &draft->candidate, groups, groups_len);
	if (code == XPM_OK)
		b->classes_len++;
	return code;
}

static enum xpm_code add_group(struct xpm_builder *b, const struct xpm_partition *partition, uint32_t partition_index,
			       const struct xpm_node_group *group, size_t first_class)
{
	static const struct xpm_strings nothing = { 0 };
	const struct xpm_strings *features = group ? &group->features : &nothing;
	struct xpm_effective effective = { 0 };
	struct xpm_feature_set set = { { 0 } };
	struct xpm_accel_group groups[XPM_ACCEL_GROUPS_MAX];
	struct xpm_candidate c = { 0 };
	size_t len, klass;

	xpm_effective_apply(&effective, &b->from->conf, 0);
	xpm_effective_apply(&effective, &partition->conf, 0);
	if (group)
		xpm_effective_apply(&effective, &group->conf, 0);
	for (size_t i = 0; i < features->len; i++) {
		unsigned id = xpm_features_id(b->features, features->items[i]);

		xpm_feature_set_add(&set, id);
		xpm_features_apply(b->features, id, &effective);
	}
	len = xpm_effective_accels(&effective, groups);
	xpm_builder_numbers(&c, &effective);
	c.line = group ? group->place.line : partition->place.line;
	c.column = group ? group->place.column : partition->place.column;

	klass = find_class(b, first_class, &c, groups, len, &set);
	if (klass == b->classes_len) {
		enum xpm_code code = new_class(b, partition, partition_index, &c, groups, len, features, &set);

		if (code)
			return code;
	}
	return claim_hosts(b, klass, group ? &group->hosts : &nothing);
}

static enum xpm_code add_classes(struct xpm_builder *b)
{
	const char **names = xpm_arena_array(b->arena, b->from->partitions_len + 1, sizeof(*names));
	enum xpm_code code = names ? XPM_OK : xpm_fail_memory(b->err);

	b->to->partitions = names;
	for (size_t p = 0; p < b->from->partitions_len && code == XPM_OK; p++) {
		const struct xpm_partition *partition = &b->from->partitions[p];
		uint32_t index = (uint32_t)b->to->partitions_len;
		size_t first = b->classes_len;

		if (partition->disabled)
			continue;
		names[index] = xpm_builder_copy(b, partition->name);
		if (!names[index])
			return xpm_fail_memory(b->err);
		b->to->partitions_len++;
		/* Nothing said about its nodes: they are all alike, as the configuration says. */
		if (!partition->has_nodes && !b->from->query_slurm)
			code = add_group(b, partition, index, NULL, first);
		for (size_t g = 0; g < partition->nodes_len && code == XPM_OK; g++)
			code = add_group(b, partition, index, &partition->nodes[g], first);
	}
	return code;
}

static enum xpm_code finish_hosts(struct xpm_builder *b)
{
	struct xpm_class *classes = xpm_arena_array(b->arena, b->classes_len + 1, sizeof(*classes));
	const char **texts = calloc(b->classes_len + 1, sizeof(*texts));
	enum xpm_code code = classes && texts ? XPM_OK : xpm_fail_memory(b->err);

	if (code == XPM_OK) {
		if (b->classes_len > 0)
			memcpy(classes, b->classes, b->classes_len * sizeof(*classes));
		free(b->classes);
		b->classes = classes;
		b->classes_room = 0; /* the arena's now */
		code = xpm_host_atoms_build(b->claims, b->claims_len, classes, texts, b->classes_len, b->to, b->arena, b->err);
	}
	for (size_t k = 0; k < b->classes_len && code == XPM_OK; k++) {
		/* One group without hosts makes the whole class one of which not all hosts are known. */
		classes[k].hosts_known = !b->drafts[k].unknown_hosts;
		if (classes[k].hosts_known)
			b->drafts[k].candidate.hosts = texts[k];
		else
			classes[k].atoms_len = 0;
	}
	free(texts);
	return code;
}

enum xpm_code xpm_builder_classes(struct xpm_builder *b)
{
	enum xpm_code code = add_classes(b);

	code = code ? code : finish_hosts(b);
	/* What finish_hosts() did not hand to the arena. */
	if (b->classes_room)
		free(b->classes);
	free(b->claims);
	return code;
}
