/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scontrol show nodes: one line of the table per kind of node, found by a hash of what makes the kind. */
#include <stdlib.h>
#include <string.h>

#include <xpmatch/units.h>

#include "cluster.h"
#include "error_private.h"
#include "gres.h"
#include "hostlist.h"
#include "intern.h"
#include "textbuf.h"

enum { NAME, CPUTOT, CPUEFCTV, FEATURES, GRES, MEMORY, MEMSPEC, STATE, PARTITIONS, VERSION, KEYS };

static const char *const keys[KEYS] = {
	"NodeName", "CPUTot", "CPUEfctv", "AvailableFeatures", "Gres", "RealMemory", "MemSpecLimit", "State",
	"Partitions", "Version",
};
static const char *const last[] = { "Reason", "Comment", "Extra", NULL };
static const struct xpm_scontrol_kind kind = {
	"node", keys, KEYS,
	1u << NAME | 1u << CPUTOT | 1u << FEATURES | 1u << GRES | 1u << MEMORY | 1u << STATE,
	"OS", "RealMemory", last,
};

/* A set of nodes while it grows. */
struct growing {
	uint32_t hash;
	uint32_t next, next_hardware; /* in their buckets, + 1 */
	uint32_t hardware;      /* index */
	const char *key;        /* what the nodes have in common, and how long that is */
	size_t key_len;
	size_t hardware_key_len;
	struct xpm_slice values[KEYS];
	const char **names;
	size_t names_len, names_room;
};

#define BUCKETS 4096u

struct builder {
	struct xpm_cluster *cluster;
	const struct xpm_gpu_models *models;
	const char *source;
	struct xpm_error *err;
	struct growing *sets;
	size_t len, room;
	uint32_t buckets[BUCKETS], hardware_buckets[BUCKETS]; /* index + 1 */
	struct xpm_arena names;    /* of this call */
	struct xpm_textbuf key;
	size_t nodes;
};

static uint32_t hash_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

/* What decides whether two nodes are equal, the partitions last. Returns the length without them. */
static size_t write_key(struct xpm_textbuf *key, const struct xpm_slice *values)
{
	static const int parts[] = { CPUTOT, CPUEFCTV, FEATURES, GRES, MEMORY, MEMSPEC };
	size_t i, len;

	key->len = 0;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		xpm_textbuf_add(key, values[parts[i]].text, values[parts[i]].len);
		xpm_textbuf_add(key, "\n", 1);
	}
	len = key->len;
	xpm_textbuf_add(key, values[PARTITIONS].text, values[PARTITIONS].len);
	return len;
}

static struct growing *find_set(struct builder *builder, const struct xpm_slice *values)
{
	size_t hardware_len = write_key(&builder->key, values);
	struct growing *set, *sets;
	uint32_t hash, at;

	if (builder->key.failed)
		return NULL;
	hash = hash_of(builder->key.bytes, builder->key.len);
	for (at = builder->buckets[hash % BUCKETS]; at; at = set->next) {
		set = &builder->sets[at - 1];
		if (set->hash == hash && set->key_len == builder->key.len &&
		    !memcmp(set->key, builder->key.bytes, set->key_len))
			return set;
	}
	sets = xpm_grow(builder->sets, builder->len, &builder->room, sizeof(*sets));
	if (!sets)
		return NULL;
	builder->sets = sets;
	set = &sets[builder->len];
	memset(set, 0, sizeof(*set));
	set->hash = hash;
	set->key = xpm_arena_strndup(&builder->names, builder->key.bytes, builder->key.len);
	set->key_len = builder->key.len;
	set->hardware_key_len = hardware_len;
	memcpy(set->values, values, sizeof(set->values));
	if (!set->key)
		return NULL;
	set->next = builder->buckets[hash % BUCKETS];
	builder->buckets[hash % BUCKETS] = (uint32_t)++builder->len;
	return set;
}

static int is_host_name(const struct xpm_slice *name)
{
	size_t i;

	for (i = 0; i < name->len; i++) {
		char c = name->text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		      c == '_' || c == '-'))
			return 0;
	}
	return name->len > 0 && name->len <= XPM_HOST_NAME_MAX;
}

static enum xpm_code add_node(const struct xpm_slice *values, void *ctx)
{
	struct builder *builder = ctx;
	const struct xpm_slice *name = &values[NAME];
	struct growing *set;
	const char **names;
	char *copy;

	if (!is_host_name(name))
		return xpm_fail(builder->err, XPM_ERR_VALUE, "%s: '%.*s' is not the name of a node",
				builder->source, (int)(name->len < 64 ? name->len : 64), name->text);
	if (++builder->nodes > XPM_CLUSTER_NODES_MAX)
		return xpm_fail(builder->err, XPM_ERR_LIMIT, "%s: more than %u nodes", builder->source,
				XPM_CLUSTER_NODES_MAX);
	if (!builder->cluster->version && !xpm_slice_none(&values[VERSION])) {
		builder->cluster->version =
			xpm_arena_strndup(&builder->cluster->arena, values[VERSION].text, values[VERSION].len);
		if (!builder->cluster->version)
			return xpm_fail_memory(builder->err);
	}
	/* A node that is planned for a future day runs nothing. */
	if (values[STATE].len >= 6 && !memcmp(values[STATE].text, "FUTURE", 6))
		return XPM_OK;
	set = find_set(builder, values);
	if (!set)
		return xpm_fail_memory(builder->err);
	names = xpm_grow(set->names, set->names_len, &set->names_room, sizeof(*names));
	if (!names)
		return xpm_fail_memory(builder->err);
	set->names = names;
	copy = xpm_arena_strndup(&builder->names, name->text, name->len);
	if (!copy)
		return xpm_fail_memory(builder->err);
	names[set->names_len++] = copy;
	return XPM_OK;
}

static int is_gpu(const struct xpm_gres *gres)
{
	return xpm_slice_is(&gres->name, "gpu");
}

/* GPUs of one type in one entry, everything else by name. */
static enum xpm_code read_gres(struct builder *builder, const struct xpm_slice *text, struct xpm_hardware *hardware)
{
	struct xpm_arena *arena = &builder->cluster->arena;
	struct xpm_slice rest = *text;
	struct xpm_textbuf other = { .bytes = NULL };
	struct xpm_gres gres;
	size_t n = 0, i;

	while (xpm_gres_next(&rest, &gres))
		n++;
	hardware->gpus = xpm_arena_array(arena, n, sizeof(hardware->gpus[0]));
	if (!hardware->gpus)
		return xpm_fail_memory(builder->err);
	rest = *text;
	while (xpm_gres_next(&rest, &gres)) {
		struct xpm_found_gpu *gpu = NULL;

		if (!is_gpu(&gres)) {
			xpm_textbuf_printf(&other, "%s%.*s%s%.*s:%llu", other.len ? ", " : "",
					   (int)gres.name.len, gres.name.text, gres.type.text ? ":" : "",
					   (int)gres.type.len, gres.type.text ? gres.type.text : "",
					   (unsigned long long)gres.count);
			continue;
		}
		if (gres.count == 0)
			continue;
		for (i = 0; i < hardware->gpus_len && !gpu; i++)
			if (gres.type.text ? hardware->gpus[i].type && xpm_slice_is(&gres.type, hardware->gpus[i].type)
					   : !hardware->gpus[i].type)
				gpu = &hardware->gpus[i];
		if (!gpu) {
			gpu = &hardware->gpus[hardware->gpus_len++];
			if (gres.type.text)
				gpu->type = xpm_arena_strndup(arena, gres.type.text, gres.type.len);
			if (gres.type.text && !gpu->type)
				return xpm_fail_memory(builder->err);
		}
		gpu->count = gres.count > XPM_COUNT_MAX - gpu->count ? XPM_COUNT_MAX
								     : gpu->count + (uint32_t)gres.count;
	}
	if (other.len)
		hardware->other_gres = xpm_arena_strdup(arena, other.bytes);
	n = other.failed || (other.len && !hardware->other_gres);
	xpm_textbuf_free(&other);
	return n ? xpm_fail_memory(builder->err) : XPM_OK;
}

/* Slurm keeps specialised cores and memory for itself: what is left is what a job can have. */
static void read_sizes(const struct xpm_slice *values, struct xpm_hardware *hardware)
{
	uint64_t cpus = 0, usable, memory = 0, kept = 0;

	xpm_slice_number(&values[CPUTOT], UINT32_MAX, &cpus);
	if (xpm_slice_number(&values[CPUEFCTV], UINT32_MAX, &usable) && usable && usable < cpus)
		cpus = usable;
	xpm_slice_number(&values[MEMORY], XPM_SIZE_MAX >> 20, &memory);
	if (xpm_slice_number(&values[MEMSPEC], UINT32_MAX, &kept) && kept < memory)
		memory -= kept;
	hardware->cpus = (uint32_t)cpus;
	hardware->memory = memory << 20;
}

static enum xpm_code read_hardware(struct builder *builder, const struct growing *set, struct xpm_hardware *hardware)
{
	struct xpm_cluster *cluster = builder->cluster;
	enum xpm_code code;
	size_t i;

	read_sizes(set->values, hardware);
	code = xpm_cluster_names(cluster, set->values[FEATURES], ',', &hardware->features, builder->err);
	if (!code && !xpm_slice_none(&set->values[GRES]))
		code = read_gres(builder, &set->values[GRES], hardware);
	for (i = 0; !code && i < hardware->gpus_len; i++)
		code = xpm_gpu_resolve(&hardware->gpus[i], builder->models, hardware->features.items,
				       hardware->features.len, hardware->gpus_len == 1, &cluster->arena,
				       builder->err);
	return code;
}

/* The hardware of set i: that of an earlier set, or a new one. */
static enum xpm_code find_hardware(struct builder *builder, size_t i)
{
	struct xpm_cluster *cluster = builder->cluster;
	struct growing *set = &builder->sets[i], *other;
	uint32_t *bucket = &builder->hardware_buckets[hash_of(set->key, set->hardware_key_len) % BUCKETS], at;

	for (at = *bucket; at; at = other->next_hardware) {
		other = &builder->sets[at - 1];
		if (other->hardware_key_len == set->hardware_key_len &&
		    !memcmp(other->key, set->key, set->hardware_key_len)) {
			set->hardware = other->hardware;
			return XPM_OK;
		}
	}
	set->next_hardware = *bucket;
	*bucket = (uint32_t)i + 1;
	set->hardware = (uint32_t)cluster->hardware_len;
	return read_hardware(builder, set, &cluster->hardware[cluster->hardware_len++]);
}

static void *name_partition(struct xpm_found_partition *item, const char *name)
{
	item->name = name;
	return item;
}

/* Until scontrol show partitions is read: what the nodes call their partitions, in that order. */
static enum xpm_code name_partitions(struct xpm_cluster *cluster, struct xpm_error *err)
{
	struct xpm_intern seen = { .arena = &cluster->arena };
	struct xpm_found_partition *items;
	enum xpm_code code = XPM_OK;
	size_t most = 0, i, j;

	for (i = 0; i < cluster->sets_len; i++)
		most += cluster->sets[i].partitions.len;
	items = xpm_arena_array(&cluster->arena, most < XPM_CLUSTER_PARTITIONS_MAX ? most : XPM_CLUSTER_PARTITIONS_MAX,
				sizeof(*items));
	if (!items)
		return xpm_fail_memory(err);
	cluster->partitions = items;
	cluster->partitions_len = 0;
	for (i = 0; i < cluster->sets_len && !code; i++)
		for (j = 0; j < cluster->sets[i].partitions.len && !code; j++) {
			const char *name = cluster->sets[i].partitions.items[j];
			struct xpm_interned *entry =
				xpm_intern(&seen, &(struct xpm_slice){ name, strlen(name) });

			if (!entry)
				code = xpm_fail_memory(err);
			else if (!entry->data && cluster->partitions_len == XPM_CLUSTER_PARTITIONS_MAX)
				code = xpm_fail(err, XPM_ERR_LIMIT, "more than %u partitions",
						XPM_CLUSTER_PARTITIONS_MAX);
			else if (!entry->data)
				entry->data = name_partition(&items[cluster->partitions_len++], name);
		}
	xpm_intern_free(&seen);
	return code;
}

static enum xpm_code finish(struct builder *builder)
{
	struct xpm_cluster *cluster = builder->cluster;
	enum xpm_code code;
	size_t i;

	cluster->sets = xpm_arena_array(&cluster->arena, builder->len, sizeof(cluster->sets[0]));
	cluster->hardware = xpm_arena_array(&cluster->arena, builder->len, sizeof(cluster->hardware[0]));
	if (!cluster->sets || !cluster->hardware)
		return xpm_fail_memory(builder->err);
	for (i = 0; i < builder->len; i++) {
		struct growing *from = &builder->sets[i];
		struct xpm_node_set *set = &cluster->sets[i];

		code = find_hardware(builder, i);
		if (!code)
			code = xpm_cluster_names(cluster, from->values[PARTITIONS], ',', &set->partitions,
						 builder->err);
		if (code)
			return code;
		set->hardware = from->hardware;
		set->count = (uint32_t)from->names_len;
		set->hosts = xpm_hostlist_compress(&cluster->arena, from->names, from->names_len);
		if (!set->hosts)
			return xpm_fail_memory(builder->err);
		cluster->nodes += set->count;
	}
	cluster->sets_len = builder->len;
	return cluster->has_partitions ? XPM_OK : name_partitions(cluster, builder->err);
}

enum xpm_code xpm_cluster_add_nodes(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				    const struct xpm_gpu_models *models, struct xpm_error *err)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	enum xpm_code code;
	size_t i;

	if (!builder)
		return xpm_fail_memory(err);
	builder->cluster = cluster;
	builder->models = models;
	builder->source = name;
	builder->err = err;
	code = xpm_scontrol_each(&kind, text, len, name, add_node, builder, err);
	if (!code)
		code = finish(builder);
	for (i = 0; i < builder->len; i++)
		free(builder->sets[i].names);
	free(builder->sets);
	xpm_arena_free(&builder->names);
	xpm_textbuf_free(&builder->key);
	free(builder);
	return code;
}
