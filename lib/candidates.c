/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/candidates.h>

#include "effective.h"
#include "error_private.h"
#include "feature.h"
#include "host_atoms.h"
#include "model.h"
#include "table.h"

/* A class while a launcher is being flattened. */
struct draft {
	struct xpm_candidate candidate; /* without QoS and account */
	const struct xpm_partition *partition;
	int unknown_hosts;
};

struct builder {
	struct xpm_candidates *table;
	struct xpm_arena *arena;        /* the table's */
	const struct xpm_launcher *from;
	struct xpm_table_launcher *to;
	struct xpm_features *features;
	struct draft *drafts;           /* parallel to classes */
	struct xpm_class *classes;
	size_t classes_len, classes_room;
	struct xpm_host_claim *claims;
	size_t claims_len, claims_room;
	const struct xpm_qos **qos;     /* scratch */
	struct xpm_error *err;
};

static const char *copy(struct builder *b, const char *text)
{
	return text ? xpm_arena_strdup(b->arena, text) : NULL;
}

static const char **copy_strings(struct builder *b, const struct xpm_strings *strings)
{
	const char **items = xpm_arena_array(b->arena, strings->len + 1, sizeof(*items));

	for (size_t i = 0; items && i < strings->len; i++) {
		items[i] = copy(b, strings->items[i]);
		if (!items[i])
			return NULL;
	}
	return items;
}

/* The same text is the same pointer from here on: groups compare their GRES types by address. */
static const char *intern_type(struct builder *b, const char *type)
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

static enum xpm_code copy_accels(struct builder *b, struct xpm_candidate *c, const struct xpm_accel_group *groups, size_t len)
{
	struct xpm_accel_group *accels = xpm_arena_array(b->arena, len + 1, sizeof(*accels));

	if (!accels)
		return xpm_fail_memory(b->err);
	for (size_t i = 0; i < len; i++) {
		accels[i] = groups[i];
		accels[i].model = copy(b, groups[i].model);
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

/* What the effective configuration says, as a candidate without partition, QoS and account. */
static void fill_candidate(struct xpm_candidate *c, const struct xpm_effective *effective)
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
static size_t find_class(const struct builder *b, size_t first, const struct xpm_candidate *c,
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

static enum xpm_code grow(struct builder *b)
{
	size_t room = b->classes_room ? b->classes_room * 2 : 64;
	struct draft *drafts;
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

static enum xpm_code claim_hosts(struct builder *b, size_t klass, const struct xpm_strings *hosts)
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

static enum xpm_code new_class(struct builder *b, const struct xpm_partition *partition, uint32_t partition_index,
			       const struct xpm_candidate *c, const struct xpm_accel_group *groups, size_t groups_len,
			       const struct xpm_strings *features, const struct xpm_feature_set *set)
{
	struct xpm_class *klass;
	struct draft *draft;
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
	code = copy_accels(b, &draft->candidate, groups, groups_len);
	if (code == XPM_OK)
		b->classes_len++;
	return code;
}

static enum xpm_code add_group(struct builder *b, const struct xpm_partition *partition, uint32_t partition_index,
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
	fill_candidate(&c, &effective);
	c.line = group ? group->place.line : partition->place.line;

	klass = find_class(b, first_class, &c, groups, len, &set);
	if (klass == b->classes_len) {
		enum xpm_code code = new_class(b, partition, partition_index, &c, groups, len, features, &set);

		if (code)
			return code;
	}
	return claim_hosts(b, klass, group ? &group->hosts : &nothing);
}

static enum xpm_code add_classes(struct builder *b)
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
		names[index] = copy(b, partition->name);
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

static enum xpm_code finish_hosts(struct builder *b)
{
	struct xpm_class *classes = xpm_arena_array(b->arena, b->classes_len + 1, sizeof(*classes));
	const char **texts = calloc(b->classes_len + 1, sizeof(*texts));
	enum xpm_code code = classes && texts ? XPM_OK : xpm_fail_memory(b->err);

	if (code == XPM_OK) {
		memcpy(classes, b->classes, b->classes_len * sizeof(*classes));
		free(b->classes);
		b->classes = classes;
		b->classes_room = 0; /* the arena's now */
		code = xpm_host_atoms_build(b->claims, b->claims_len, classes, texts, b->classes_len, b->to, b->arena, b->err);
	}
	for (size_t k = 0; k < b->classes_len && code == XPM_OK; k++) {
		/* One group without hosts makes the whole class one of which not all hosts are known. */
		classes[k].hosts_known = !b->drafts[k].unknown_hosts;
		b->drafts[k].candidate.hosts = texts[k];
	}
	free(texts);
	return code;
}

static const struct xpm_qos *find_qos(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t i = 0; i < launcher->qos_len; i++) {
		if (strcmp(launcher->qos[i].name, name) == 0)
			return &launcher->qos[i];
	}
	return NULL;
}

static uint64_t smaller_limit(uint64_t a, uint64_t b)
{
	return a == 0 ? b : b == 0 || a < b ? a : b;
}

static enum xpm_code add_row(struct builder *b, const struct xpm_candidate *candidate, const struct xpm_class *klass)
{
	struct xpm_candidates *table = b->table;
	struct xpm_row *row;

	if (table->rows_len == XPM_CANDIDATES_MAX)
		return xpm_fail(b->err, XPM_ERR_LIMIT, "more than %d candidates: fewer QoS, accounts or node groups, please",
				XPM_CANDIDATES_MAX);
	if ((table->rows_len & (table->rows_len - 1)) == 0) {
		size_t room = table->rows_len ? table->rows_len * 2 : 1;
		struct xpm_row *larger = realloc(table->rows, room * sizeof(*larger));

		if (!larger)
			return xpm_fail_memory(b->err);
		table->rows = larger;
	}
	row = &table->rows[table->rows_len++];
	memset(row, 0, sizeof(*row));
	row->candidate = *candidate;
	row->klass = klass;
	return XPM_OK;
}

/* The rows of a class: one for each QoS and account of its partition. */
static enum xpm_code add_rows(struct builder *b, size_t k)
{
	const struct draft *draft = &b->drafts[k];
	const struct xpm_partition *partition = draft->partition;
	enum xpm_code code = XPM_OK;

	for (size_t q = 0; q < (partition->qos.len ? partition->qos.len : 1) && code == XPM_OK; q++) {
		struct xpm_candidate c = draft->candidate;
		const char *name = partition->qos.len ? partition->qos.items[q] : NULL;
		const struct xpm_qos *qos = name ? find_qos(b->from, name) : NULL;

		c.klass = (uint32_t)k;
		c.launcher = (uint32_t)(b->to - b->table->launchers);
		c.partition = b->to->partitions[b->classes[k].partition];
		c.priority = partition->priority + (qos ? qos->priority : 0);
		c.qos = copy(b, name);
		if (name && !c.qos)
			return xpm_fail_memory(b->err);
		if (qos) {
			c.max_duration = smaller_limit(c.max_duration, qos->max_duration);
			c.min_gpu = c.min_gpu > qos->min_gpu ? c.min_gpu : qos->min_gpu;
		}
		for (size_t a = 0; a < (partition->accounts.len ? partition->accounts.len : 1) && code == XPM_OK; a++) {
			c.account = partition->accounts.len ? copy(b, partition->accounts.items[a]) : NULL;
			if (partition->accounts.len && !c.account)
				return xpm_fail_memory(b->err);
			code = add_row(b, &c, &b->classes[k]);
		}
	}
	return code;
}

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static int compare_order(const void *left, const void *right, void *context)
{
	const struct xpm_row *rows = context;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	int64_t pa = rows[a].candidate.priority, pb = rows[b].candidate.priority;

	if (pa != pb)
		return pa > pb ? -1 : 1;
	return (a > b) - (a < b);
}

/* Number the (QoS, account) pairs of the rows and list each pair's rows. */
static enum xpm_code make_lanes(struct builder *b)
{
	struct xpm_row *rows = b->table->rows + b->to->info.first;
	size_t len = b->to->info.count, lanes_len = 0;
	uint32_t *firsts = calloc(len + 1, sizeof(*firsts));
	struct xpm_lane *lanes;
	uint32_t *members = xpm_arena_array(b->arena, len + 1, sizeof(*members));

	if (!firsts || !members) {
		free(firsts);
		return xpm_fail_memory(b->err);
	}
	for (size_t i = 0; i < len; i++) {
		uint32_t lane = 0;

		while (lane < lanes_len && !(same_text(rows[firsts[lane]].candidate.qos, rows[i].candidate.qos) &&
					     same_text(rows[firsts[lane]].candidate.account, rows[i].candidate.account)))
			lane++;
		if (lane == lanes_len)
			firsts[lanes_len++] = (uint32_t)i;
		rows[i].lane = lane;
	}
	free(firsts);
	lanes = xpm_arena_array(b->arena, lanes_len + 1, sizeof(*lanes));
	if (!lanes)
		return xpm_fail_memory(b->err);
	for (uint32_t lane = 0; lane < lanes_len; lane++) {
		lanes[lane].rows = members;
		for (size_t i = 0; i < len; i++) {
			if (rows[i].lane == lane) {
				*members++ = (uint32_t)(b->to->info.first + i);
				lanes[lane].len++;
			}
		}
	}
	b->to->lanes = lanes;
	b->to->lanes_len = lanes_len;
	return XPM_OK;
}

static enum xpm_code make_order(struct builder *b)
{
	size_t len = b->to->info.count;
	uint32_t *order = xpm_arena_array(b->arena, len + 1, sizeof(*order));

	if (!order)
		return xpm_fail_memory(b->err);
	for (size_t i = 0; i < len; i++)
		order[i] = (uint32_t)(b->to->info.first + i);
	if (len > 1)
		qsort_r(order, len, sizeof(*order), compare_order, b->table->rows);
	b->to->order = order;
	return XPM_OK;
}

static enum xpm_code flatten_slurm(struct builder *b)
{
	enum xpm_code code;

	b->features = xpm_features_create(b->from, b->arena, b->err);
	if (!b->features)
		return b->err ? b->err->code : XPM_ERR_REGEX;
	b->to->features = xpm_features_names(b->features);
	b->to->features_len = xpm_features_count(b->features);
	code = add_classes(b);
	if (code == XPM_OK)
		code = finish_hosts(b);
	for (size_t k = 0; k < b->classes_len && code == XPM_OK; k++)
		code = add_rows(b, k);
	return code;
}

static enum xpm_code flatten_local(struct builder *b)
{
	struct xpm_effective effective = { 0 };
	struct xpm_accel_group groups[XPM_ACCEL_GROUPS_MAX];
	struct xpm_class *klass = xpm_arena_alloc(b->arena, sizeof(*klass));
	struct xpm_candidate c = { 0 };
	enum xpm_code code;

	if (!klass)
		return xpm_fail_memory(b->err);
	xpm_effective_apply(&effective, &b->from->conf, 1);
	fill_candidate(&c, &effective);
	code = copy_accels(b, &c, groups, xpm_effective_accels(&effective, groups));
	c.launcher = (uint32_t)(b->to - b->table->launchers);
	c.line = b->from->place.line;
	return code ? code : add_row(b, &c, klass);
}

static enum xpm_code copy_options(struct builder *b, struct xpm_slurm_options *options)
{
	const char **texts[] = { &options->partition, &options->qos,      &options->account, &options->constraint,
				 &options->exclude,   &options->nodelist, &options->gres,    &options->reservation,
				 &options->licenses,  &options->comment };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (*texts[i] && !(*texts[i] = copy(b, *texts[i])))
			return xpm_fail_memory(b->err);
	}
	return XPM_OK;
}

static enum xpm_code copy_info(struct builder *b)
{
	struct xpm_launcher_info *info = &b->to->info;
	struct xpm_slurm_options *options = xpm_arena_alloc(b->arena, sizeof(*options));
	struct xpm_token_need *tokens = xpm_arena_array(b->arena, b->from->tokens_len + 1, sizeof(*tokens));

	info->kind = b->from->kind == XPM_LAUNCHER_LOCAL ? XPM_KIND_LOCAL : XPM_KIND_SLURM;
	info->id = copy(b, b->from->id);
	info->path = copy(b, b->from->path);
	info->weight = b->from->weight;
	info->tags = copy_strings(b, &b->from->tags);
	info->tags_len = b->from->tags.len;
	info->query_slurm = b->from->query_slurm;
	info->first = b->table->rows_len;
	b->to->use_features = b->from->use_features;
	b->to->use_hosts = b->from->use_hosts;
	b->to->use_memory_constraint = b->from->use_memory_constraint;
	if (!options || !tokens || !info->id || !info->tags || (b->from->path && !info->path))
		return xpm_fail_memory(b->err);
	*options = b->from->options;
	info->options = options;
	for (size_t i = 0; i < b->from->tokens_len; i++) {
		tokens[i].name = copy(b, b->from->tokens[i].name);
		tokens[i].count = b->from->tokens[i].count;
		if (!tokens[i].name)
			return xpm_fail_memory(b->err);
	}
	info->tokens = tokens;
	info->tokens_len = b->from->tokens_len;
	return copy_options(b, options);
}

static enum xpm_code flatten(struct xpm_candidates *table, const struct xpm_launcher *from, struct xpm_error *err)
{
	struct builder b = { .table = table, .arena = &table->arena, .from = from, .err = err };
	enum xpm_code code;

	b.to = &table->launchers[table->launchers_len++];
	code = copy_info(&b);
	if (code == XPM_OK)
		code = from->kind == XPM_LAUNCHER_LOCAL ? flatten_local(&b) : flatten_slurm(&b);
	b.to->info.count = table->rows_len - b.to->info.first;
	if (code == XPM_OK)
		code = make_lanes(&b);
	if (code == XPM_OK)
		code = make_order(&b);
	if (b.classes_room)
		free(b.classes);
	free(b.drafts);
	free(b.claims);
	return code;
}

static enum xpm_code copy_tokens(struct xpm_candidates *table, const struct xpm_launchers *launchers, struct xpm_error *err)
{
	table->tokens = xpm_arena_array(&table->arena, launchers->tokens_len + 1, sizeof(*table->tokens));
	if (!table->tokens)
		return xpm_fail_memory(err);
	for (size_t i = 0; i < launchers->tokens_len; i++, table->tokens_len++) {
		table->tokens[i].name = xpm_arena_strdup(&table->arena, launchers->tokens[i].name);
		table->tokens[i].count = launchers->tokens[i].count;
		if (!table->tokens[i].name)
			return xpm_fail_memory(err);
	}
	return XPM_OK;
}

/* Enabled launchers by decreasing weight; the file's order (local before slurm) among equals. */
static enum xpm_code flatten_all(struct xpm_candidates *table, const struct xpm_launchers *launchers, struct xpm_error *err)
{
	const struct xpm_launcher **sorted = calloc(launchers->len + 1, sizeof(const struct xpm_launcher *));
	enum xpm_code code = sorted ? XPM_OK : xpm_fail_memory(err);
	size_t len = 0;

	for (size_t i = 0; i < launchers->len && code == XPM_OK; i++) {
		const struct xpm_launcher *launcher = &launchers->items[i];
		size_t at = len;

		if (launcher->disabled)
			continue;
		for (; at > 0 && sorted[at - 1]->weight < launcher->weight; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = launcher;
		len++;
	}
	table->launchers = xpm_arena_array(&table->arena, len + 1, sizeof(*table->launchers));
	if (!table->launchers)
		code = xpm_fail_memory(err);
	for (size_t i = 0; i < len && code == XPM_OK; i++)
		code = flatten(table, sorted[i], err);
	free(sorted);
	return code;
}

struct xpm_candidates *xpm_candidates_create(const struct xpm_launchers *launchers, struct xpm_error *err)
{
	struct xpm_candidates *table = calloc(1, sizeof(*table));
	enum xpm_code code = table ? flatten_all(table, launchers, err) : xpm_fail_memory(err);

	if (code == XPM_OK)
		code = copy_tokens(table, launchers, err);
	if (code == XPM_OK)
		return table;
	xpm_candidates_destroy(table);
	return NULL;
}

void xpm_candidates_destroy(struct xpm_candidates *candidates)
{
	if (!candidates)
		return;
	free(candidates->rows);
	xpm_arena_free(&candidates->arena);
	free(candidates);
}

size_t xpm_candidates_count(const struct xpm_candidates *candidates)
{
	return candidates->rows_len;
}

const struct xpm_candidate *xpm_candidates_get(const struct xpm_candidates *candidates, size_t row)
{
	return row < candidates->rows_len ? &candidates->rows[row].candidate : NULL;
}

size_t xpm_candidates_launchers(const struct xpm_candidates *candidates)
{
	return candidates->launchers_len;
}

const struct xpm_launcher_info *xpm_candidates_launcher(const struct xpm_candidates *candidates, size_t i)
{
	return i < candidates->launchers_len ? &candidates->launchers[i].info : NULL;
}

uint32_t xpm_candidates_token(const struct xpm_candidates *candidates, const char *name)
{
	for (size_t i = 0; i < candidates->tokens_len; i++) {
		if (strcmp(candidates->tokens[i].name, name) == 0)
			return candidates->tokens[i].count;
	}
	return 1;
}
