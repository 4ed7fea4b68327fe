/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot file as a cluster. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/snapshot.h>
#include <xpmatch/units.h>

#include "cluster.h"
#include "error_private.h"
#include "file.h"
#include "intern.h"
#include "yaml_node.h"

#define SNAPSHOT_MAX ((size_t)64 << 20) /* bytes of the file, and four times that of what is made of it */

struct loader {
	struct xpm_cluster *cluster;
	struct xpm_document document;
	struct xpm_intern names;       /* of users, accounts, partitions, QoS */
};

#define wrong(loader, node, ...) \
	xpm_document_say(&(loader)->document, XPM_ERROR, XPM_ERR_LAUNCHERS, &(node)->spot, __VA_ARGS__)

static int sound(const struct loader *loader)
{
	return !loader->document.errors && !loader->document.out_of_memory;
}

/* The text of a key; NULL when it is not there. Texts that come often are kept once. */
static const char *text_of(struct loader *loader, const struct xpm_node *map, const char *key)
{
	const struct xpm_node *node = xpm_node_get(map, key);
	struct xpm_slice slice;
	const char *text;

	if (!node)
		return NULL;
	if (node->kind != XPM_NODE_SCALAR || memchr(node->text, '\0', node->len)) {
		wrong(loader, node, "expected a text");
		return NULL;
	}
	if (node->len == 0)
		return NULL;
	slice.text = node->text;
	slice.len = node->len;
	text = xpm_intern_text(&loader->names, &slice);
	if (!text)
		loader->document.out_of_memory = 1;
	return text;
}

static uint64_t number_of(struct loader *loader, const struct xpm_node *map, const char *key, uint64_t most)
{
	const struct xpm_node *node = xpm_node_get(map, key);
	struct xpm_slice slice;
	uint64_t value = 0;

	if (!node)
		return 0;
	slice.text = node->kind == XPM_NODE_SCALAR ? node->text : NULL;
	slice.len = node->len;
	if (!xpm_slice_number(&slice, most, &value))
		wrong(loader, node, "expected a number of at most %" PRIu64, most);
	return value;
}

/* Names between blanks, each kept once. */
static void names_of(struct loader *loader, const struct xpm_node *map, const char *key, struct xpm_names *names)
{
	const char *text = text_of(loader, map, key);
	struct xpm_slice rest = { text, text ? strlen(text) : 0 }, item;
	size_t n = 0;

	memset(names, 0, sizeof(*names));
	while (xpm_slice_next(&rest, ' ', &item))
		n++;
	names->items = xpm_document_array(&loader->document, n, sizeof(names->items[0]));
	if (!names->items || !text)
		return;
	rest.text = text;
	rest.len = strlen(text);
	while (xpm_slice_next(&rest, ' ', &item)) {
		names->items[names->len] = xpm_intern_text(&loader->names, &item);
		if (!names->items[names->len++])
			loader->document.out_of_memory = 1;
	}
}

/* The mappings of a list; the array for them, or NULL when there are none. */
static void *list_of(struct loader *loader, const struct xpm_node *map, const char *key, size_t most, size_t size,
		     const struct xpm_node **list)
{
	const struct xpm_node *node = xpm_node_get(map, key);
	size_t i;

	*list = node;
	if (!node)
		return NULL;
	if (node->kind != XPM_NODE_LIST || node->len > most) {
		wrong(loader, node, "expected a list of at most %zu", most);
		return NULL;
	}
	for (i = 0; i < node->len; i++)
		if (node->items[i]->kind != XPM_NODE_MAP) {
			wrong(loader, node->items[i], "expected a mapping");
			return NULL;
		}
	return xpm_document_array(&loader->document, node->len, size);
}

static void read_gpus(struct loader *loader, const struct xpm_node *map, struct xpm_hardware *hardware)
{
	const struct xpm_node *list;
	size_t i;

	hardware->gpus = list_of(loader, map, "gpus", 64, sizeof(hardware->gpus[0]), &list);
	for (i = 0; hardware->gpus && i < list->len; i++) {
		struct xpm_found_gpu *gpu = &hardware->gpus[hardware->gpus_len++];
		const char *kind = text_of(loader, list->items[i], "kind");

		gpu->count = (uint32_t)number_of(loader, list->items[i], "count", XPM_COUNT_MAX);
		gpu->type = text_of(loader, list->items[i], "type");
		gpu->model = text_of(loader, list->items[i], "model");
		gpu->memory = number_of(loader, list->items[i], "memory", XPM_SIZE_MAX);
		gpu->kind = XPM_ACCEL_CUDA;
		if (kind && !strcmp(kind, "rocm"))
			gpu->kind = XPM_ACCEL_ROCM;
		else if (kind && strcmp(kind, "cuda"))
			wrong(loader, list->items[i], "kind is cuda or rocm");
	}
}

static void read_hardware(struct loader *loader, const struct xpm_node *map, struct xpm_hardware *hardware)
{
	hardware->cpus = (uint32_t)number_of(loader, map, "cpus", UINT32_MAX);
	hardware->memory = number_of(loader, map, "memory", XPM_SIZE_MAX);
	hardware->other_gres = text_of(loader, map, "other");
	names_of(loader, map, "features", &hardware->features);
	read_gpus(loader, map, hardware);
}

static void read_nodes(struct loader *loader, const struct xpm_node *root)
{
	struct xpm_cluster *cluster = loader->cluster;
	const struct xpm_node *list;
	size_t i;

	cluster->sets = list_of(loader, root, "nodes", XPM_CLUSTER_NODES_MAX, sizeof(cluster->sets[0]), &list);
	if (!cluster->sets)
		return;
	cluster->hardware = xpm_document_array(&loader->document, list->len, sizeof(cluster->hardware[0]));
	for (i = 0; cluster->hardware && i < list->len; i++) {
		const struct xpm_node *map = list->items[i];
		struct xpm_node_set *set = &cluster->sets[i];
		struct xpm_hardware *hardware = &cluster->hardware[i];

		set->hosts = text_of(loader, map, "hosts");
		if (!set->hosts)
			wrong(loader, map, "these nodes have no hosts");
		set->count = (uint32_t)number_of(loader, map, "count", XPM_CLUSTER_NODES_MAX);
		names_of(loader, map, "partitions", &set->partitions);
		set->hardware = (uint32_t)i;
		if (i && xpm_node_get(map, "like"))
			set->hardware = cluster->sets[number_of(loader, map, "like", i - 1)].hardware;
		else
			read_hardware(loader, map, hardware);
		cluster->nodes += set->count;
		cluster->sets_len = cluster->hardware_len = i + 1;
	}
}

static void read_partitions(struct loader *loader, const struct xpm_node *root)
{
	struct xpm_cluster *cluster = loader->cluster;
	const struct xpm_node *list;
	size_t i;

	cluster->partitions = list_of(loader, root, "partitions", XPM_CLUSTER_PARTITIONS_MAX,
				      sizeof(cluster->partitions[0]), &list);
	for (i = 0; cluster->partitions && i < list->len; i++) {
		const struct xpm_node *map = list->items[i];
		struct xpm_found_partition *partition = &cluster->partitions[cluster->partitions_len++];

		partition->name = text_of(loader, map, "name");
		if (!partition->name)
			wrong(loader, map, "a partition has no name");
		partition->state = text_of(loader, map, "state");
		partition->nodes = text_of(loader, map, "nodes");
		partition->qos = text_of(loader, map, "qos");
		partition->max_time = number_of(loader, map, "max_time", XPM_DURATION_MAX);
		partition->mem_per_cpu = number_of(loader, map, "mem_per_cpu", XPM_SIZE_MAX);
		partition->max_memory = number_of(loader, map, "max_memory", XPM_SIZE_MAX);
		partition->max_cpus = (uint32_t)number_of(loader, map, "max_cpus", UINT32_MAX);
		partition->cpu_per_gpu = (uint32_t)number_of(loader, map, "cpu_per_gpu", UINT32_MAX);
		names_of(loader, map, "allow_accounts", &partition->allow_accounts);
		names_of(loader, map, "deny_accounts", &partition->deny_accounts);
		names_of(loader, map, "allow_qos", &partition->allow_qos);
		names_of(loader, map, "deny_qos", &partition->deny_qos);
		names_of(loader, map, "allow_groups", &partition->allow_groups);
		partition->root_only = (int)number_of(loader, map, "root_only", 1);
		partition->req_resv = (int)number_of(loader, map, "req_resv", 1);
	}
}

static void read_qos(struct loader *loader, const struct xpm_node *root)
{
	struct xpm_cluster *cluster = loader->cluster;
	const struct xpm_node *list;
	size_t i;

	cluster->qos = list_of(loader, root, "qos", XPM_CLUSTER_QOS_MAX, sizeof(cluster->qos[0]), &list);
	for (i = 0; cluster->qos && i < list->len; i++) {
		struct xpm_found_qos *qos = &cluster->qos[cluster->qos_len++];

		qos->name = text_of(loader, list->items[i], "name");
		if (!qos->name)
			wrong(loader, list->items[i], "a QoS has no name");
		qos->priority = (int64_t)number_of(loader, list->items[i], "priority", UINT32_MAX);
		qos->max_wall = number_of(loader, list->items[i], "max_wall", XPM_DURATION_MAX);
		qos->min_gpu = (uint32_t)number_of(loader, list->items[i], "min_gpu", UINT32_MAX);
	}
}

static size_t count_words(const struct xpm_node *map)
{
	const struct xpm_node *users = xpm_node_get(map, "users");
	size_t n = 0, i;

	for (i = 0; users && users->kind == XPM_NODE_SCALAR && i < users->len; i++)
		n += users->text[i] != ' ' && (i == 0 || users->text[i - 1] == ' ');
	return n;
}

static size_t count_users(const struct xpm_node *list)
{
	size_t n = 0, i;

	for (i = 0; list && list->kind == XPM_NODE_LIST && i < list->len; i++)
		n += count_words(list->items[i]);
	return n;
}

/* The users of a line, one after the other; 0 behind the last. */
static struct xpm_slice users_of(struct loader *loader, const struct xpm_node *map)
{
	const struct xpm_node *users = xpm_node_get(map, "users");
	struct xpm_slice slice = { NULL, 0 };

	if (users && (users->kind != XPM_NODE_SCALAR || memchr(users->text, '\0', users->len))) {
		wrong(loader, users, "expected names of users");
	} else if (users) {
		slice.text = users->text;
		slice.len = users->len;
	}
	return slice;
}

/* "ann:1000": the name, and the number when there is one. */
static void read_user(struct loader *loader, struct xpm_slice word, const char *account)
{
	struct xpm_found_user *user = &loader->cluster->users[loader->cluster->users_len++];
	const char *colon = memrchr(word.text, ':', word.len);
	uint64_t uid = XPM_NO_UID;

	if (colon) {
		struct xpm_slice number = { colon + 1, (size_t)(word.text + word.len - colon - 1) };

		if (xpm_slice_number(&number, UINT32_MAX, &uid))
			word.len = (size_t)(colon - word.text);
	}
	user->uid = (uint32_t)uid;
	user->account = account;
	user->name = xpm_intern_text(&loader->names, &word);
	if (!user->name)
		loader->document.out_of_memory = 1;
}

static void read_users(struct loader *loader, const struct xpm_node *root)
{
	struct xpm_cluster *cluster = loader->cluster;
	const struct xpm_node *list = xpm_node_get(root, "users");
	size_t n = count_users(list), i;
	struct xpm_slice rest, word;

	if (n > XPM_CLUSTER_USERS_MAX) {
		wrong(loader, list, "more than %u users", XPM_CLUSTER_USERS_MAX);
		return;
	}
	cluster->users = xpm_document_array(&loader->document, n, sizeof(cluster->users[0]));
	for (i = 0; n && cluster->users && i < list->len && sound(loader); i++) {
		const char *account = text_of(loader, list->items[i], "account");

		rest = users_of(loader, list->items[i]);
		while (xpm_slice_next(&rest, ' ', &word) && sound(loader))
			read_user(loader, word, account);
	}
}

static void read_right(struct loader *loader, const struct xpm_node *map)
{
	struct xpm_cluster *cluster = loader->cluster;
	struct xpm_names *qos = xpm_document_array(&loader->document, 1, sizeof(*qos));
	struct xpm_slice rest = users_of(loader, map), word;
	struct xpm_right right = { .account = text_of(loader, map, "account"), .qos = qos };

	if (!qos)
		return;
	right.partition = text_of(loader, map, "partition");
	right.default_qos = text_of(loader, map, "default_qos");
	names_of(loader, map, "qos", qos);
	if (!right.account)
		wrong(loader, map, "access without an account");
	while (xpm_slice_next(&rest, ' ', &word) && sound(loader)) {
		right.user = xpm_intern_text(&loader->names, &word);
		if (!right.user)
			loader->document.out_of_memory = 1;
		cluster->rights[cluster->rights_len++] = right;
	}
}

static void read_access(struct loader *loader, const struct xpm_node *root)
{
	struct xpm_cluster *cluster = loader->cluster;
	const struct xpm_node *list = xpm_node_get(root, "access");
	size_t n = count_users(list), i;

	if (n > XPM_CLUSTER_RIGHTS_MAX) {
		wrong(loader, list, "more than %u rights", XPM_CLUSTER_RIGHTS_MAX);
		return;
	}
	cluster->rights = xpm_document_array(&loader->document, n, sizeof(cluster->rights[0]));
	for (i = 0; n && cluster->rights && i < list->len && sound(loader); i++)
		read_right(loader, list->items[i]);
}

/* The first and the last lines: is it ours, and is it whole? */
static int read_frame(struct loader *loader, const struct xpm_node *root)
{
	const struct xpm_node *complete = xpm_node_get(root, "complete"), *about = xpm_node_get(root, "cluster");
	uint64_t version = number_of(loader, root, "xpm_snapshot", UINT32_MAX);
	struct xpm_cluster *cluster = loader->cluster;

	if (!version)
		wrong(loader, root, "not a snapshot: no 'xpm_snapshot:'");
	else if (version != XPM_SNAPSHOT_VERSION)
		wrong(loader, root, "a snapshot of version %" PRIu64 "; this program reads version %d", version,
		      XPM_SNAPSHOT_VERSION);
	else if (!complete || complete->kind != XPM_NODE_SCALAR || strcmp(complete->text, "true") || !about)
		wrong(loader, root, "the snapshot is cut off: its last line 'complete: true' is not there");
	if (!sound(loader))
		return 0;
	cluster->time = (int64_t)number_of(loader, root, "time", INT64_MAX);
	cluster->name = text_of(loader, about, "name");
	cluster->version = text_of(loader, about, "slurm");
	cluster->enforce = (unsigned)number_of(loader, about, "enforce", 255);
	cluster->has_partitions = (int)number_of(loader, about, "all_partitions", 1);
	return sound(loader);
}

static void read_root(struct loader *loader, const struct xpm_node *root)
{
	if (root->kind != XPM_NODE_MAP)
		wrong(loader, root, "not a snapshot");
	else if (read_frame(loader, root)) {
		read_nodes(loader, root);
		read_partitions(loader, root);
		read_qos(loader, root);
		read_users(loader, root);
		read_access(loader, root);
	}
}

struct xpm_cluster *xpm_snapshot_parse(const char *text, size_t len, const char *name, struct xpm_error *err)
{
	struct xpm_arena tree = { .limit = 4 * SNAPSHOT_MAX };
	struct loader loader = { .cluster = xpm_cluster_create(err) };
	const struct xpm_node *root;
	enum xpm_code code;

	if (!loader.cluster)
		return NULL;
	loader.names.arena = &loader.cluster->arena;
	loader.document.name = name;
	loader.document.text = text;
	loader.document.len = len;
	loader.document.arena = &loader.cluster->arena;
	root = xpm_yaml_read(&loader.document, &tree);
	if (root && sound(&loader))
		read_root(&loader, root);
	else if (sound(&loader))
		xpm_document_say(&loader.document, XPM_ERROR, XPM_ERR_LAUNCHERS, &(struct xpm_spot){ .place = { 1, 1 } },
				 "the snapshot is empty");
	xpm_intern_free(&loader.names);
	xpm_arena_free(&tree);
	/* Short of memory much seems to be missing. */
	code = loader.document.errors ? loader.document.first.code : XPM_OK;
	if (loader.document.out_of_memory)
		code = xpm_fail_memory(err);
	else if (code && err)
		*err = loader.document.first;
	if (!code)
		code = xpm_cluster_sort_access(loader.cluster, err);
	if (!code)
		return loader.cluster;
	xpm_cluster_destroy(loader.cluster);
	return NULL;
}

struct xpm_cluster *xpm_snapshot_load(const char *path, struct xpm_error *err)
{
	struct xpm_cluster *cluster;
	size_t len;
	char *text = xpm_file_read(path, SNAPSHOT_MAX, &len, err);

	if (!text)
		return NULL;
	cluster = xpm_snapshot_parse(text, len, path, err);
	free(text);
	return cluster;
}

int64_t xpm_snapshot_time(const struct xpm_cluster *snapshot)
{
	return snapshot->time;
}
