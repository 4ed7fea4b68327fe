/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts: named twice, or written as a range without brackets; partitions without nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/hostlist.h>

#include "check_private.h"
#include "error_private.h"

/* --- hosts --- */

struct host {
	const char *name;
	const struct xpm_place *place;
	const struct xpm_place *earlier; /* where the same host stands before; NULL = nowhere */
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
	host->earlier = NULL;
	host->order = hosts->len++;
	return host->name ? 0 : XPM_ERR_MEMORY;
}

static int compare_order(const void *left, const void *right)
{
	const struct host *a = left, *b = right;

	return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_hosts(const void *left, const void *right)
{
	const struct host *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : compare_order(left, right);
}

/* Each expression is told once, of the first of its hosts that stands before. */
static void say_duplicates(struct xpm_check *check, const struct xpm_partition *partition, const struct host *hosts,
			   size_t len)
{
	for (size_t i = 0, end; i < len; i = end) {
		const struct host *first = NULL;
		size_t more = 0;
		char rest[64] = "";

		for (end = i; end < len && hosts[end].place == hosts[i].place; end++) {
			more += first && hosts[end].earlier;
			if (!first && hosts[end].earlier)
				first = &hosts[end];
		}
		if (!first)
			continue;
		if (more)
			snprintf(rest, sizeof(rest), ", and so %s %zu more", more == 1 ? "is" : "are", more);
		xpm_check_say(check, XPM_WARNING, first->place, "host '%s' is in partition '%s' already (line %u)%s",
			      first->name, partition->name, first->earlier->line, rest);
	}
}

static enum xpm_code check_hosts(struct xpm_check *check, const struct xpm_partition *partition)
{
	struct hosts hosts = { .arena = &check->arena };
	enum xpm_code code = XPM_OK;

	for (size_t g = 0; g < partition->nodes_len && code == XPM_OK; g++) {
		const struct xpm_strings *names = &partition->nodes[g].hosts;
		const struct xpm_place *group = &partition->nodes[g].place;

		for (size_t i = 0; i < names->len && code == XPM_OK; i++) {
			hosts.place = &names->places[i];
			if (hosts.place->line < group->line) /* an alias: its anchor is not what is wrong */
				hosts.place = group;
			code = xpm_hostlist_each(names->items[i], add_host, &hosts, XPM_HOSTS_MAX, check->err);
		}
	}
	if (code == XPM_OK && hosts.len > 0) {
		qsort(hosts.items, hosts.len, sizeof(*hosts.items), compare_hosts);
		for (size_t i = 1; i < hosts.len; i++)
			if (!strcmp(hosts.items[i - 1].name, hosts.items[i].name))
				hosts.items[i].earlier = hosts.items[i - 1].place;
		qsort(hosts.items, hosts.len, sizeof(*hosts.items), compare_order);
		say_duplicates(check, partition, hosts.items, hosts.len);
	}
	free(hosts.items);
	return code == XPM_ERR_MEMORY ? xpm_fail_memory(check->err) : code;
}

/* --- ranges without brackets --- */

/* Where the digits at the end of text[0..len) begin. */
static size_t last_number(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] >= '0' && text[len - 1] <= '9')
		len--;
	return len;
}

/* The numbers text[0..a_len) and text[0..b_len) as such, however long: is b larger? */
static int is_larger(const char *b, size_t b_len, const char *a, size_t a_len)
{
	for (; a_len > 0 && *a == '0'; a++)
		a_len--;
	for (; b_len > 0 && *b == '0'; b++)
		b_len--;
	return b_len != a_len ? b_len > a_len : memcmp(b, a, a_len) > 0;
}

/* "c1-3" beside "c1-12": such are the names here. */
static int has_sibling(const struct xpm_launcher *launcher, const char *name, size_t stem)
{
	for (size_t p = 0; p < launcher->partitions_len; p++)
		for (size_t g = 0; g < launcher->partitions[p].nodes_len; g++) {
			const struct xpm_strings *hosts = &launcher->partitions[p].nodes[g].hosts;

			for (size_t i = 0; i < hosts->len; i++)
				if (!strncmp(hosts->items[i], name, stem) && strcmp(hosts->items[i], name))
					return 1;
		}
	return 0;
}

/* "g11-18" is one host, and "g[11-18]" was meant. "node-7", "r1-n2" and "ip-10-0-0-12" are names like others. */
static void check_range(struct xpm_check *check, const struct xpm_launcher *launcher, const char *name,
			const struct xpm_place *place)
{
	size_t len = strlen(name), to = last_number(name, len), from;

	if (to == len || to == 0 || name[to - 1] != '-' || strpbrk(name, "[],"))
		return;
	from = last_number(name, to - 1);
	if (from == to - 1 || from == 0 || name[from - 1] == '-' ||
	    !is_larger(name + to, len - to, name + from, to - 1 - from) || has_sibling(launcher, name, to))
		return;
	xpm_check_say(check, XPM_WARNING, place, "'%s' is the name of one host (did you mean '%.*s[%s]'?)", name,
		      (int)from, name, name + from);
}

static void check_ranges(struct xpm_check *check, const struct xpm_launcher *launcher,
			 const struct xpm_partition *partition)
{
	for (size_t g = 0; g < partition->nodes_len; g++)
		for (size_t i = 0; i < partition->nodes[g].hosts.len; i++)
			check_range(check, launcher, partition->nodes[g].hosts.items[i],
				    &partition->nodes[g].hosts.places[i]);
}

enum xpm_code xpm_check_nodes(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	enum xpm_code code = XPM_OK;

	for (size_t p = 0; p < launcher->partitions_len && code == XPM_OK; p++) {
		const struct xpm_partition *partition = &launcher->partitions[p];

		if (partition->disabled)
			continue;
		code = check_hosts(check, partition);
		check_ranges(check, launcher, partition);
		if (partition->has_nodes && partition->nodes_len == 0 && !launcher->query_slurm)
			xpm_check_say(check, XPM_WARNING, &partition->place,
				      "partition '%s' has no nodes: no job goes there", partition->name);
	}
	return code;
}
