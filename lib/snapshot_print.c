/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster as a snapshot file: YAML, one line per class. Lists of names are one scalar of words: thousands of users are
 * one event for the parser, not thousands.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/snapshot.h>
#include <xpmatch/units.h>

#include "cluster.h"
#include "error_private.h"
#include "textbuf.h"

static void text(struct xpm_textbuf *out, const char *key, const char *value)
{
	if (!value)
		return;
	xpm_textbuf_printf(out, ", %s: ", key);
	xpm_textbuf_quoted(out, value);
}

static void number(struct xpm_textbuf *out, const char *key, uint64_t value)
{
	if (value)
		xpm_textbuf_printf(out, ", %s: %" PRIu64, key, value);
}

/* Names in one text, with blanks between them. No name of Slurm has a blank in it. */
static void words(struct xpm_textbuf *out, const char *key, const struct xpm_names *names)
{
	struct xpm_textbuf joined = { .bytes = NULL };
	size_t i;

	if (!names->len)
		return;
	for (i = 0; i < names->len; i++) {
		if (i)
			xpm_textbuf_add(&joined, " ", 1);
		xpm_textbuf_puts(&joined, names->items[i]);
	}
	if (joined.failed)
		out->failed = 1;
	else
		text(out, key, joined.bytes);
	xpm_textbuf_free(&joined);
}

static void print_gpus(struct xpm_textbuf *out, const struct xpm_hardware *hardware)
{
	size_t i;

	if (!hardware->gpus_len)
		return;
	xpm_textbuf_puts(out, ", gpus: [");
	for (i = 0; i < hardware->gpus_len; i++) {
		const struct xpm_found_gpu *gpu = &hardware->gpus[i];

		xpm_textbuf_printf(out, "%s{count: %u", i ? ", " : "", gpu->count);
		text(out, "type", gpu->type);
		text(out, "model", gpu->model);
		number(out, "memory", gpu->memory);
		if (gpu->kind != XPM_ACCEL_CUDA)
			text(out, "kind", xpm_accel_kind_name(gpu->kind));
		xpm_textbuf_puts(out, "}");
	}
	xpm_textbuf_puts(out, "]");
}

static void print_hardware(struct xpm_textbuf *out, const struct xpm_hardware *hardware)
{
	number(out, "cpus", hardware->cpus);
	number(out, "memory", hardware->memory);
	words(out, "features", &hardware->features);
	print_gpus(out, hardware);
	text(out, "other", hardware->other_gres);
}

/* Nodes of other partitions but equal otherwise say so: like: the number of the line. */
static void print_nodes(struct xpm_textbuf *out, const struct xpm_cluster *cluster)
{
	size_t *line_of = calloc(cluster->hardware_len + 1, sizeof(line_of[0])); /* + 1; 0 = none yet */
	size_t i;

	if (!line_of) {
		out->failed = 1;
		return;
	}
	xpm_textbuf_puts(out, "nodes:\n");
	for (i = 0; i < cluster->sets_len; i++) {
		const struct xpm_node_set *set = &cluster->sets[i];
		size_t *line = &line_of[set->hardware];

		xpm_textbuf_printf(out, "- {count: %u", set->count);
		text(out, "hosts", set->hosts);
		words(out, "partitions", &set->partitions);
		if (*line)
			xpm_textbuf_printf(out, ", like: %zu", *line - 1);
		else
			print_hardware(out, &cluster->hardware[set->hardware]);
		if (!*line)
			*line = i + 1;
		xpm_textbuf_puts(out, "}\n");
	}
	free(line_of);
}

static void print_partitions(struct xpm_textbuf *out, const struct xpm_cluster *cluster)
{
	size_t i;

	xpm_textbuf_puts(out, "partitions:\n");
	for (i = 0; i < cluster->partitions_len; i++) {
		const struct xpm_found_partition *partition = &cluster->partitions[i];

		xpm_textbuf_puts(out, "- {name: ");
		xpm_textbuf_quoted(out, partition->name);
		text(out, "state", partition->state);
		text(out, "nodes", partition->nodes);
		number(out, "max_time", partition->max_time);
		number(out, "mem_per_cpu", partition->mem_per_cpu);
		number(out, "max_memory", partition->max_memory);
		number(out, "max_cpus", partition->max_cpus);
		number(out, "cpu_per_gpu", partition->cpu_per_gpu);
		text(out, "qos", partition->qos);
		words(out, "allow_accounts", &partition->allow_accounts);
		words(out, "deny_accounts", &partition->deny_accounts);
		words(out, "allow_qos", &partition->allow_qos);
		words(out, "deny_qos", &partition->deny_qos);
		words(out, "allow_groups", &partition->allow_groups);
		number(out, "root_only", (uint64_t)partition->root_only);
		number(out, "req_resv", (uint64_t)partition->req_resv);
		xpm_textbuf_puts(out, "}\n");
	}
}

static void print_qos(struct xpm_textbuf *out, const struct xpm_cluster *cluster)
{
	size_t i;

	xpm_textbuf_puts(out, "qos:\n");
	for (i = 0; i < cluster->qos_len; i++) {
		const struct xpm_found_qos *qos = &cluster->qos[i];

		xpm_textbuf_puts(out, "- {name: ");
		xpm_textbuf_quoted(out, qos->name);
		number(out, "priority", (uint64_t)qos->priority);
		number(out, "max_wall", qos->max_wall);
		number(out, "min_gpu", qos->min_gpu);
		xpm_textbuf_puts(out, "}\n");
	}
}

/* The end of a line: the users that were gathered for it. */
static void end_line(struct xpm_textbuf *out, struct xpm_textbuf *users)
{
	if (!users->len)
		return;
	text(out, "users", users->bytes);
	xpm_textbuf_puts(out, "}\n");
	users->len = 0;
	out->failed |= users->failed;
}

static void add_user(struct xpm_textbuf *users, const char *name, uint32_t uid)
{
	if (users->len)
		xpm_textbuf_add(users, " ", 1);
	xpm_textbuf_puts(users, name);
	if (uid != XPM_NO_UID)
		xpm_textbuf_printf(users, ":%u", uid);
}

static int compare(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_account(const void *a, const void *b)
{
	const struct xpm_found_user *one = *(const struct xpm_found_user *const *)a;
	const struct xpm_found_user *other = *(const struct xpm_found_user *const *)b;
	int order = compare(one->account, other->account);

	return order ? order : strcmp(one->name, other->name);
}

/* Users with the same default account in one line, as name or name:uid. */
static void print_users(struct xpm_textbuf *out, const struct xpm_cluster *cluster)
{
	const struct xpm_found_user **users = malloc((cluster->users_len + 1) * sizeof(users[0]));
	struct xpm_textbuf names = { .bytes = NULL };
	size_t i;

	if (!users) {
		out->failed = 1;
		return;
	}
	for (i = 0; i < cluster->users_len; i++)
		users[i] = &cluster->users[i];
	qsort(users, cluster->users_len, sizeof(users[0]), by_account);
	xpm_textbuf_puts(out, "users:\n");
	for (i = 0; i < cluster->users_len; i++) {
		if (i == 0 || compare(users[i]->account, users[i - 1]->account)) {
			end_line(out, &names);
			xpm_textbuf_puts(out, "- {account: ");
			xpm_textbuf_quoted(out, users[i]->account ? users[i]->account : "");
		}
		add_user(&names, users[i]->name, users[i]->uid);
	}
	end_line(out, &names);
	xpm_textbuf_free(&names);
	free(users);
}

static int order_names(const struct xpm_names *a, const struct xpm_names *b)
{
	size_t i;
	int order;

	for (i = 0; a != b && i < a->len && i < b->len; i++) {
		order = strcmp(a->items[i], b->items[i]);
		if (order)
			return order;
	}
	return a->len < b->len ? -1 : a->len > b->len;
}

static int by_class(const void *a, const void *b)
{
	const struct xpm_right *one = *(const struct xpm_right *const *)a;
	const struct xpm_right *other = *(const struct xpm_right *const *)b;
	int order = strcmp(one->account, other->account);

	if (!order)
		order = compare(one->partition, other->partition);
	if (!order)
		order = compare(one->default_qos, other->default_qos);
	if (!order)
		order = order_names(one->qos, other->qos);
	return order ? order : strcmp(one->user, other->user);
}

static int same_class(const struct xpm_right *a, const struct xpm_right *b)
{
	return !strcmp(a->account, b->account) && !compare(a->partition, b->partition) &&
	       !compare(a->default_qos, b->default_qos) && !order_names(a->qos, b->qos);
}

/* Users with the same rights in one line. */
static void print_rights(struct xpm_textbuf *out, const struct xpm_cluster *cluster)
{
	const struct xpm_right **rights = malloc((cluster->rights_len + 1) * sizeof(rights[0]));
	struct xpm_textbuf names = { .bytes = NULL };
	size_t i;

	if (!rights) {
		out->failed = 1;
		return;
	}
	for (i = 0; i < cluster->rights_len; i++)
		rights[i] = &cluster->rights[i];
	qsort(rights, cluster->rights_len, sizeof(rights[0]), by_class);
	xpm_textbuf_puts(out, "access:\n");
	for (i = 0; i < cluster->rights_len; i++) {
		if (i == 0 || !same_class(rights[i], rights[i - 1])) {
			end_line(out, &names);
			xpm_textbuf_puts(out, "- {account: ");
			xpm_textbuf_quoted(out, rights[i]->account);
			text(out, "partition", rights[i]->partition);
			words(out, "qos", rights[i]->qos);
			text(out, "default_qos", rights[i]->default_qos);
		}
		add_user(&names, rights[i]->user, XPM_NO_UID);
	}
	end_line(out, &names);
	xpm_textbuf_free(&names);
	free(rights);
}

char *xpm_snapshot_print(const struct xpm_cluster *cluster, int64_t time, size_t *len, struct xpm_error *err)
{
	struct xpm_textbuf out = { .bytes = NULL };

	xpm_textbuf_printf(&out, "# Written by `xpm snapshot`; edits are lost.\nxpm_snapshot: %d\ntime: %" PRId64 "\n",
			   XPM_SNAPSHOT_VERSION, time);
	xpm_textbuf_puts(&out, "cluster: {name: ");
	xpm_textbuf_quoted(&out, cluster->name ? cluster->name : "");
	text(&out, "slurm", cluster->version);
	number(&out, "enforce", cluster->enforce);
	number(&out, "all_partitions", (uint64_t)cluster->has_partitions);
	xpm_textbuf_puts(&out, "}\n");
	print_nodes(&out, cluster);
	print_partitions(&out, cluster);
	print_qos(&out, cluster);
	print_users(&out, cluster);
	print_rights(&out, cluster);
	/* Half a file is no snapshot: this line is its end. */
	xpm_textbuf_puts(&out, "complete: true\n");
	if (out.failed) {
		xpm_textbuf_free(&out);
		xpm_fail_memory(err);
		return NULL;
	}
	*len = out.len;
	return out.bytes;
}
