/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cluster.h"

#include <stdlib.h>
#include <string.h>

#include "error_private.h"

#define CLUSTER_MEMORY_MAX ((size_t)512 << 20)

struct xpm_cluster *xpm_cluster_create(struct xpm_error *err)
{
	struct xpm_cluster *cluster = calloc(1, sizeof(*cluster));

	if (!cluster) {
		xpm_fail_memory(err);
		return NULL;
	}
	cluster->arena.limit = CLUSTER_MEMORY_MAX;
	return cluster;
}

void xpm_cluster_destroy(struct xpm_cluster *cluster)
{
	if (!cluster)
		return;
	xpm_arena_free(&cluster->arena);
	free(cluster);
}

const char *xpm_cluster_name(const struct xpm_cluster *cluster)
{
	return cluster->name;
}

const char *xpm_cluster_version(const struct xpm_cluster *cluster)
{
	return cluster->version;
}

size_t xpm_cluster_nodes(const struct xpm_cluster *cluster)
{
	return cluster->nodes;
}

int xpm_cluster_accounting(const struct xpm_cluster *cluster)
{
	return cluster->enforce & XPM_ENFORCE_ASSOCIATIONS;
}

const struct xpm_found_partition *xpm_cluster_partition(const struct xpm_cluster *cluster, const char *name)
{
	size_t i;

	for (i = 0; i < cluster->partitions_len; i++)
		if (!strcmp(cluster->partitions[i].name, name))
			return &cluster->partitions[i];
	return NULL;
}

int xpm_names_have(const struct xpm_names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->len; i++)
		if (!strcmp(names->items[i], name))
			return 1;
	return 0;
}

int xpm_cluster_time(const struct xpm_slice *slice, uint64_t *seconds)
{
	struct xpm_slice rest = *slice, field;
	uint64_t days = 0, value, sum = 0;
	const char *dash;
	unsigned fields = 0;

	*seconds = 0;
	if (xpm_slice_none(slice))
		return 1;
	dash = memchr(rest.text, '-', rest.len);
	if (dash) {
		field.text = rest.text;
		field.len = (size_t)(dash - rest.text);
		if (!xpm_slice_number(&field, UINT32_MAX, &days))
			return 0;
		rest.text += field.len + 1;
		rest.len -= field.len + 1;
	}
	while (xpm_slice_next(&rest, ':', &field)) {
		if (!xpm_slice_number(&field, UINT32_MAX, &value) || ++fields > 3)
			return 0;
		sum = sum * 60 + value;
	}
	/* D-HH and D-HH:MM lack what stands behind; MM lacks seconds. */
	for (; dash && fields < 3; fields++)
		sum *= 60;
	if (fields == 1)
		sum *= 60;
	*seconds = days * 86400 + sum;
	return fields > 0;
}

enum xpm_code xpm_cluster_names(struct xpm_cluster *cluster, struct xpm_slice list, char separator,
				struct xpm_names *names, struct xpm_error *err)
{
	struct xpm_slice rest = list, item;
	size_t n = 0;

	memset(names, 0, sizeof(*names));
	if (xpm_slice_none(&list))
		return XPM_OK;
	while (xpm_slice_next(&rest, separator, &item))
		n++;
	names->items = xpm_arena_array(&cluster->arena, n, sizeof(names->items[0]));
	if (!names->items)
		return xpm_fail_memory(err);
	rest = list;
	while (xpm_slice_next(&rest, separator, &item)) {
		names->items[names->len] = xpm_arena_strndup(&cluster->arena, item.text, item.len);
		if (!names->items[names->len])
			return xpm_fail_memory(err);
		names->len++;
	}
	return XPM_OK;
}

/* The value of a line "Key     = value", without blanks around it. */
static struct xpm_slice config_value(const char *text, size_t len, const char *key)
{
	struct xpm_slice rest = { text, len }, line, none = { NULL, 0 };
	size_t n = strlen(key);

	while (xpm_slice_next(&rest, '\n', &line)) {
		if (line.len <= n || memcmp(line.text, key, n) || !strchr(" \t=", line.text[n]))
			continue;
		line.text += n;
		line.len -= n;
		while (line.len && strchr(" \t=", *line.text)) {
			line.text++;
			line.len--;
		}
		while (line.len && strchr(" \t\r", line.text[line.len - 1]))
			line.len--;
		return line;
	}
	return none;
}

enum xpm_code xpm_cluster_add_config(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				     struct xpm_error *err)
{
	struct xpm_slice version = config_value(text, len, "SLURM_VERSION");
	struct xpm_slice cluster_name = config_value(text, len, "ClusterName");
	struct xpm_slice enforce = config_value(text, len, "AccountingStorageEnforce"), item;

	/* SLURM_VERSION stands near the end, so that a configuration that has all three was not cut off before them. */
	if (!version.text || !cluster_name.text || !enforce.text)
		return xpm_fail(err, XPM_ERR_VALUE,
				"%s: not what `scontrol show config` prints, or cut off: no %s", name,
				!enforce.text ? "AccountingStorageEnforce"
				: !cluster_name.text ? "ClusterName"
						     : "SLURM_VERSION");
	cluster->name = xpm_arena_strndup(&cluster->arena, cluster_name.text, cluster_name.len);
	cluster->version = xpm_arena_strndup(&cluster->arena, version.text, version.len);
	if (!cluster->name || !cluster->version)
		return xpm_fail_memory(err);
	cluster->enforce = 0;
	while (xpm_slice_next(&enforce, ',', &item)) {
		if (xpm_slice_is(&item, "associations") || xpm_slice_is(&item, "limits") ||
		    xpm_slice_is(&item, "safe") || xpm_slice_is(&item, "wckeys"))
			cluster->enforce |= XPM_ENFORCE_ASSOCIATIONS;
		else if (xpm_slice_is(&item, "qos"))
			cluster->enforce |= XPM_ENFORCE_ASSOCIATIONS | XPM_ENFORCE_QOS;
	}
	return XPM_OK;
}
