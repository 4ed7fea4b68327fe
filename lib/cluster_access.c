/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sacctmgr: QoS, users and associations. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cluster.h"
#include "error_private.h"
#include "intern.h"
#include "textbuf.h"

/* What grows while a table is read. */
struct reading {
	struct xpm_cluster *cluster;
	struct xpm_intern texts, qos_lists;
	void *items;
	size_t len, room;
	const char *source;
	enum xpm_code code; /* why add_item() returned NULL */
	struct xpm_error *err;
};

static void *add_item(struct reading *reading, size_t size, size_t most)
{
	void *items;

	if (reading->len == most) {
		reading->code = xpm_fail(reading->err, XPM_ERR_LIMIT, "%s: more than %zu lines",
					 reading->source, most);
		return NULL;
	}
	items = xpm_grow(reading->items, reading->len, &reading->room, size);
	if (!items) {
		reading->code = xpm_fail_memory(reading->err);
		return NULL;
	}
	reading->items = items;
	return memset((char *)items + reading->len++ * size, 0, size);
}

/* A copy, each text once; NULL for nothing. *failed is set when memory is short. */
static const char *text_of(struct reading *reading, const struct xpm_slice *slice, int *failed)
{
	const char *text;

	if (slice->len == 0)
		return NULL;
	text = xpm_intern_text(&reading->texts, slice);
	if (!text)
		*failed = 1;
	return text;
}

/* Run one reader over the output, and move what it made into the arena. */
static void *read_table(struct xpm_cluster *cluster, size_t columns, const char *text, size_t len, const char *name,
			enum xpm_code (*fn)(const struct xpm_slice *values, void *ctx), size_t size, size_t *count,
			enum xpm_code *code, struct xpm_error *err)
{
	struct reading reading = { .cluster = cluster, .source = name, .err = err };
	void *items = NULL;

	reading.texts.arena = reading.qos_lists.arena = &cluster->arena;
	*code = xpm_sacctmgr_each(columns, text, len, name, fn, &reading, err);
	if (!*code) {
		items = xpm_arena_array(&cluster->arena, reading.len, size);
		if (!items)
			*code = xpm_fail_memory(err);
		else if (reading.len)
			memcpy(items, reading.items, reading.len * size);
	}
	*count = *code ? 0 : reading.len;
	free(reading.items);
	xpm_intern_free(&reading.texts);
	xpm_intern_free(&reading.qos_lists);
	return items;
}

/* Name,Priority,MaxWall,MinTRES */
static enum xpm_code add_qos(const struct xpm_slice *values, void *ctx)
{
	static const char gpu[] = "gres/gpu=";
	struct reading *reading = ctx;
	struct xpm_found_qos *qos;
	struct xpm_slice tres = values[3], item;
	uint64_t number = 0;
	int failed = 0;

	if (values[0].len == 0)
		return XPM_OK;
	qos = add_item(reading, sizeof(*qos), XPM_CLUSTER_QOS_MAX);
	if (!qos)
		return reading->code;
	qos->name = text_of(reading, &values[0], &failed);
	if (failed)
		return xpm_fail_memory(reading->err);
	if (xpm_slice_number(&values[1], UINT32_MAX, &number))
		qos->priority = (int64_t)number;
	if (!xpm_cluster_time(&values[2], &qos->max_wall))
		return xpm_fail(reading->err, XPM_ERR_VALUE, "%s: QoS %.60s: '%.*s' is not a time limit",
				reading->source, qos->name, (int)(values[2].len < 60 ? values[2].len : 60),
				values[2].text);
	while (xpm_slice_next(&tres, ',', &item)) {
		if (item.len <= sizeof(gpu) - 1 || memcmp(item.text, gpu, sizeof(gpu) - 1))
			continue;
		item.text += sizeof(gpu) - 1;
		item.len -= sizeof(gpu) - 1;
		if (xpm_slice_number(&item, UINT32_MAX, &number))
			qos->min_gpu = (uint32_t)number;
	}
	return XPM_OK;
}

/* User,DefaultAccount */
static enum xpm_code add_user(const struct xpm_slice *values, void *ctx)
{
	struct reading *reading = ctx;
	struct xpm_found_user *user;
	int failed = 0;

	if (values[0].len == 0)
		return XPM_OK;
	user = add_item(reading, sizeof(*user), XPM_CLUSTER_USERS_MAX);
	if (!user)
		return reading->code;
	user->name = text_of(reading, &values[0], &failed);
	user->account = text_of(reading, &values[1], &failed);
	user->uid = XPM_NO_UID;
	return failed ? xpm_fail_memory(reading->err) : XPM_OK;
}

static const struct xpm_names *qos_list(struct reading *reading, const struct xpm_slice *slice)
{
	struct xpm_interned *entry = xpm_intern(&reading->qos_lists, slice);
	struct xpm_names *names;

	if (!entry || entry->data)
		return entry ? entry->data : NULL;
	names = xpm_arena_alloc(&reading->cluster->arena, sizeof(*names));
	if (!names || xpm_cluster_names(reading->cluster, *slice, ',', names, NULL))
		return NULL;
	return entry->data = names;
}

/* Cluster,Account,User,Partition,QOS,DefaultQOS */
static enum xpm_code add_association(const struct xpm_slice *values, void *ctx)
{
	struct reading *reading = ctx;
	const char *cluster = reading->cluster->name;
	struct xpm_right *right;
	int failed = 0;

	/* Lines without a user are accounts; what they allow stands in the lines of their users as well. */
	if (values[1].len == 0 || values[2].len == 0)
		return XPM_OK;
	if (cluster && (strlen(cluster) != values[0].len || strncasecmp(cluster, values[0].text, values[0].len)))
		return XPM_OK;
	right = add_item(reading, sizeof(*right), XPM_CLUSTER_RIGHTS_MAX);
	if (!right)
		return reading->code;
	right->account = text_of(reading, &values[1], &failed);
	right->user = text_of(reading, &values[2], &failed);
	right->partition = text_of(reading, &values[3], &failed);
	right->default_qos = text_of(reading, &values[5], &failed);
	right->qos = qos_list(reading, &values[4]);
	return failed || !right->qos ? xpm_fail_memory(reading->err) : XPM_OK;
}

enum xpm_code xpm_cluster_add_qos(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				  struct xpm_error *err)
{
	enum xpm_code code;

	cluster->qos = read_table(cluster, 4, text, len, name, add_qos, sizeof(cluster->qos[0]), &cluster->qos_len,
				  &code, err);
	return code;
}

enum xpm_code xpm_cluster_add_users(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				    struct xpm_error *err)
{
	enum xpm_code code;

	cluster->users = read_table(cluster, 2, text, len, name, add_user, sizeof(cluster->users[0]),
				    &cluster->users_len, &code, err);
	return code ? code : xpm_cluster_sort_access(cluster, err);
}

enum xpm_code xpm_cluster_add_associations(struct xpm_cluster *cluster, const char *text, size_t len,
					   const char *name, struct xpm_error *err)
{
	enum xpm_code code;

	cluster->rights = read_table(cluster, 6, text, len, name, add_association, sizeof(cluster->rights[0]),
				     &cluster->rights_len, &code, err);
	return code ? code : xpm_cluster_sort_access(cluster, err);
}

static int user_by_name(const void *a, const void *b)
{
	return strcmp(((const struct xpm_found_user *)a)->name, ((const struct xpm_found_user *)b)->name);
}

static int user_by_uid(const void *a, const void *b)
{
	const struct xpm_found_user *one = *(struct xpm_found_user *const *)a;
	const struct xpm_found_user *other = *(struct xpm_found_user *const *)b;

	if (one->uid != other->uid)
		return one->uid < other->uid ? -1 : 1;
	return strcmp(one->name, other->name);
}

static int by_right(const void *a, const void *b)
{
	const struct xpm_right *one = a, *other = b;
	int order = strcmp(one->user, other->user);

	if (!order)
		order = strcmp(one->account, other->account);
	if (!order)
		order = strcmp(one->partition ? one->partition : "", other->partition ? other->partition : "");
	return order;
}

enum xpm_code xpm_cluster_sort_access(struct xpm_cluster *cluster, struct xpm_error *err)
{
	size_t i;

	if (cluster->users_len)
		qsort(cluster->users, cluster->users_len, sizeof(cluster->users[0]), user_by_name);
	if (cluster->rights_len)
		qsort(cluster->rights, cluster->rights_len, sizeof(cluster->rights[0]), by_right);
	cluster->by_uid = xpm_arena_array(&cluster->arena, cluster->users_len, sizeof(cluster->by_uid[0]));
	if (!cluster->by_uid)
		return xpm_fail_memory(err);
	for (i = 0; i < cluster->users_len; i++)
		cluster->by_uid[i] = &cluster->users[i];
	if (cluster->users_len)
		qsort(cluster->by_uid, cluster->users_len, sizeof(cluster->by_uid[0]), user_by_uid);
	return XPM_OK;
}

const char *xpm_cluster_user(const struct xpm_cluster *cluster, size_t i)
{
	return i < cluster->users_len ? cluster->users[i].name : NULL;
}

void xpm_cluster_set_uid(struct xpm_cluster *cluster, size_t i, uint32_t uid)
{
	if (i < cluster->users_len)
		cluster->users[i].uid = uid;
}
