/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/candidates.h>

#include "builder.h"
#include "error_private.h"
#include "source.h"

static const char **copy_strings(struct xpm_builder *b, const struct xpm_strings *strings)
{
	const char **items = xpm_arena_array(b->arena, strings->len + 1, sizeof(*items));

	for (size_t i = 0; items && i < strings->len; i++) {
		items[i] = xpm_builder_copy(b, strings->items[i]);
		if (!items[i])
			return NULL;
	}
	return items;
}

/* The same name is the same pointer, in all rows of the launcher. NULL for NULL, and when memory is short. */
static const char *intern_name(struct xpm_builder *b, const char *name)
{
	struct xpm_slice slice = { name, name ? strlen(name) : 0 };

	return name ? xpm_intern_text(&b->names, &slice) : NULL;
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

static enum xpm_code add_row(struct xpm_builder *b, const struct xpm_candidate *candidate, const struct xpm_class *klass)
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
static enum xpm_code add_rows(struct xpm_builder *b, size_t k)
{
	const struct xpm_draft *draft = &b->drafts[k];
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
		c.qos = intern_name(b, name);
		if (name && !c.qos)
			return xpm_fail_memory(b->err);
		if (qos) {
			c.max_duration = smaller_limit(c.max_duration, qos->max_duration);
			c.min_gpu = c.min_gpu > qos->min_gpu ? c.min_gpu : qos->min_gpu;
		}
		for (size_t a = 0; a < (partition->accounts.len ? partition->accounts.len : 1) && code == XPM_OK; a++) {
			c.account = partition->accounts.len ? intern_name(b, partition->accounts.items[a]) : NULL;
			if (partition->accounts.len && !c.account)
				return xpm_fail_memory(b->err);
			code = add_row(b, &c, &b->classes[k]);
		}
	}
	return code;
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

/* Number the (QoS, account) pairs of the rows as they come. Equal names are equal pointers: the pair is its own key. */
static enum xpm_code number_lanes(struct xpm_builder *b, struct xpm_row *rows, size_t len)
{
	struct xpm_arena keys = { 0 };
	struct xpm_intern pairs = { .arena = &keys };
	enum xpm_code code = XPM_OK;

	for (size_t i = 0; i < len && code == XPM_OK; i++) {
		const char *pair[] = { rows[i].candidate.qos, rows[i].candidate.account };
		struct xpm_slice key = { (const char *)pair, sizeof(pair) };
		struct xpm_interned *entry = xpm_intern(&pairs, &key);

		if (!entry) {
			code = xpm_fail_memory(b->err);
		} else {
			if (!entry->data) { /* new: its first row tells the number */
				entry->data = &rows[i];
				rows[i].lane = (uint32_t)b->to->lanes_len++;
			}
			rows[i].lane = ((const struct xpm_row *)entry->data)->lane;
		}
	}
	xpm_intern_free(&pairs);
	xpm_arena_free(&keys);
	return code;
}

/* The lanes of the rows, and each lane's rows. */
static enum xpm_code make_lanes(struct xpm_builder *b)
{
	struct xpm_row *rows = b->table->rows ? b->table->rows + b->to->info.first : NULL;
	size_t len = b->to->info.count;
	uint32_t *members = xpm_arena_array(b->arena, len + 1, sizeof(*members));
	enum xpm_code code = members ? number_lanes(b, rows, len) : xpm_fail_memory(b->err);
	struct xpm_lane *lanes;

	if (code)
		return code;
	lanes = xpm_arena_array(b->arena, b->to->lanes_len + 1, sizeof(*lanes));
	if (!lanes)
		return xpm_fail_memory(b->err);
	b->to->lanes = lanes;
	for (size_t i = 0; i < len; i++)
		lanes[rows[i].lane].len++;
	for (size_t l = 0, at = 0; l < b->to->lanes_len; l++) {
		lanes[l].rows = members + at;
		at += lanes[l].len;
		lanes[l].len = 0;
	}
	for (size_t i = 0; i < len; i++) {
		struct xpm_lane *lane = &lanes[rows[i].lane];

		members[(size_t)(lane->rows - members) + lane->len++] = (uint32_t)(b->to->info.first + i);
	}
	return XPM_OK;
}

static enum xpm_code make_order(struct xpm_builder *b)
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

static enum xpm_code flatten_slurm(struct xpm_builder *b)
{
	enum xpm_code code;

	b->features = xpm_features_create(b->from, b->arena, b->err);
	if (!b->features)
		return b->err ? b->err->code : XPM_ERR_REGEX;
	b->to->features = xpm_features_names(b->features);
	b->to->features_len = xpm_features_count(b->features);
	code = xpm_builder_classes(b);
	for (size_t k = 0; k < b->classes_len && code == XPM_OK; k++)
		code = add_rows(b, k);
	return code;
}

static enum xpm_code flatten_local(struct xpm_builder *b)
{
	struct xpm_effective effective = { 0 };
	struct xpm_accel_group groups[XPM_ACCEL_GROUPS_MAX];
	struct xpm_class *klass = xpm_arena_alloc(b->arena, sizeof(*klass));
	struct xpm_candidate c = { 0 };
	enum xpm_code code;

	if (!klass)
		return xpm_fail_memory(b->err);
	xpm_effective_apply(&effective, &b->from->conf, 1);
	xpm_builder_numbers(&c, &effective);
	code = xpm_builder_accels(b, &c, groups, xpm_effective_accels(&effective, groups));
	c.launcher = (uint32_t)(b->to - b->table->launchers);
	c.line = b->from->place.line;
	c.column = b->from->place.column;
	return code ? code : add_row(b, &c, klass);
}

static enum xpm_code copy_options(struct xpm_builder *b, struct xpm_slurm_options *options)
{
	const char **texts[] = { &options->partition, &options->qos,      &options->account, &options->constraint,
				 &options->exclude,   &options->nodelist, &options->gres,    &options->reservation,
				 &options->licenses,  &options->comment };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (*texts[i] && !(*texts[i] = xpm_builder_copy(b, *texts[i])))
			return xpm_fail_memory(b->err);
	}
	return XPM_OK;
}

static enum xpm_code copy_info(struct xpm_builder *b)
{
	struct xpm_launcher_info *info = &b->to->info;
	struct xpm_slurm_options *options = xpm_arena_alloc(b->arena, sizeof(*options));
	struct xpm_token_need *tokens = xpm_arena_array(b->arena, b->from->tokens_len + 1, sizeof(*tokens));

	info->kind = b->from->kind == XPM_LAUNCHER_LOCAL ? XPM_KIND_LOCAL : XPM_KIND_SLURM;
	info->id = xpm_builder_copy(b, b->from->id);
	info->path = xpm_builder_copy(b, b->from->path);
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
		tokens[i].name = xpm_builder_copy(b, b->from->tokens[i].name);
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
	struct xpm_builder b = { .table = table, .arena = &table->arena, .from = from, .names = { .arena = &table->arena },
				 .err = err };
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
	xpm_intern_free(&b.names);
	free(b.drafts);
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

/* What went wrong in a launcher is said where it stands. */
static void place_error(const struct xpm_launchers *launchers, const struct xpm_launcher *launcher,
			struct xpm_error *err)
{
	struct xpm_arena arena = { 0 };
	struct xpm_source source;

	if (!err || err->code == XPM_ERR_MEMORY)
		return;
	if (xpm_source_read(&source, &arena, launchers->name, launchers->text, launchers->text_len, NULL)) {
		xpm_source_say(&source, XPM_ERROR, err->code, &launcher->place, "launcher '%s': %s", launcher->id,
			       err->text);
		*err = source.document.first;
	}
	xpm_arena_free(&arena);
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
	for (size_t i = 0; i < len && code == XPM_OK; i++) {
		code = flatten(table, sorted[i], err);
		if (code)
			place_error(launchers, sorted[i], err);
	}
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
