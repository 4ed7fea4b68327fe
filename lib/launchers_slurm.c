/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

/*
 * An item of `slurm:`, a cluster.
 */

static xpm_read_fn read_qos, read_features, read_partitions, read_nodes;

/* clang-format off */
#define QOS(member) offsetof(struct xpm_qos, member)

static const struct xpm_key qos_keys[] = {
	{ .name = "max_duration", .read = xpm_read_duration, .at = QOS(max_duration) },
	{ .name = "min_gpu", .read = xpm_read_count, .at = QOS(min_gpu), .most = XPM_COUNT_MAX },
	{ .name = "priority", .read = xpm_read_integer, .at = QOS(priority) },
};

static const struct xpm_key feature_keys[] = {
	{ .name = "configuration", .read = xpm_read_conf,
	  .at = offsetof(struct xpm_feature_conf, conf),
	  .inner = &xpm_conf_mapping },
};

#define GROUP(member) offsetof(struct xpm_node_group, member)

static const struct xpm_key group_keys[] = {
	{ .name = "hosts", .read = xpm_read_texts, .at = GROUP(hosts), .text = &xpm_host_rule },
	{ .name = "features", .read = xpm_read_texts, .at = GROUP(features),
	  .text = &xpm_feature_rule },
	{ .name = "count", .read = xpm_read_count, .at = GROUP(count), .most = XPM_INTEGER_MAX },
	{ .name = "configuration", .read = xpm_read_conf, .at = GROUP(conf),
	  .inner = &xpm_conf_mapping },
};

static const struct xpm_mapping group_mapping = XPM_MAPPING("a node group", group_keys);

#define PARTITION(member) offsetof(struct xpm_partition, member)

static const struct xpm_key partition_keys[] = {
	{ .name = "accounts", .read = xpm_read_texts, .at = PARTITION(accounts),
	  .text = &xpm_account_rule },
	{ .name = "qos", .read = xpm_read_texts, .at = PARTITION(qos), .text = &xpm_name_rule },
	{ .name = "nodes", .read = read_nodes, .inner = &group_mapping },
	{ .name = "configuration", .read = xpm_read_conf, .at = PARTITION(conf),
	  .inner = &xpm_conf_mapping },
	{ .name = "priority", .read = xpm_read_integer, .at = PARTITION(priority) },
	{ .name = "disabled", .read = xpm_read_flag, .at = PARTITION(disabled) },
};

static const struct xpm_mapping qos_mapping =
	XPM_NAMED_MAPPING("a QoS", qos_keys, struct xpm_qos,
			  "a mapping such as {max_duration: 20h}");
static const struct xpm_mapping feature_mapping =
	XPM_NAMED_MAPPING("a feature", feature_keys, struct xpm_feature_conf,
			  "a mapping such as {configuration: {...}}");
static const struct xpm_mapping partition_mapping =
	XPM_NAMED_MAPPING("a partition", partition_keys, struct xpm_partition,
			  "a mapping such as {nodes: [...]}");

#define AT(member) XPM_LAUNCHER_AT(member)

static const struct xpm_key keys[] = {
	XPM_LAUNCHER_KEYS,
	{ .name = "path", .read = xpm_read_text, .at = AT(path), .text = &xpm_path_rule },
	{ .name = "use_features", .read = xpm_read_flag, .at = AT(use_features) },
	{ .name = "use_hosts", .read = xpm_read_flag, .at = AT(use_hosts) },
	{ .name = "use_memory_constraint", .read = xpm_read_flag, .at = AT(use_memory_constraint),
	  .other = "use_memory_contraint" },
	{ .name = "use_memory_contraint", .read = xpm_read_flag, .at = AT(use_memory_constraint),
	  .other = "use_memory_constraint" },
	{ .name = "query_slurm", .read = xpm_read_flag, .at = AT(query_slurm) },
	{ .name = "snapshot_max_age", .read = xpm_read_duration, .at = AT(snapshot_max_age),
	  .least = 1 },
	{ .name = "options", .read = xpm_read_inner, .at = AT(options),
	  .inner = &xpm_options_mapping,
	  .example = "a mapping such as {time: 20h, account: abc}" },
	{ .name = "qos", .read = read_qos, .inner = &qos_mapping, .text = &xpm_name_rule,
	  .example = "a mapping such as {NAME: {max_duration: 20h}}" },
	{ .name = "features_regex", .read = xpm_read_texts, .at = AT(features_regex),
	  .text = &xpm_pattern_rule },
	{ .name = "features", .read = read_features, .inner = &feature_mapping,
	  .text = &xpm_feature_rule,
	  .example = "a mapping such as {NAME: {configuration: {gpu: {count: 4}}}}" },
	{ .name = "configuration", .read = xpm_read_conf, .at = AT(conf),
	  .inner = &xpm_conf_mapping },
	{ .name = "partitions", .read = read_partitions, .inner = &partition_mapping,
	  .text = &xpm_name_rule,
	  .example = "a mapping such as {NAME: {nodes: [...]}}" },
};

const struct xpm_mapping xpm_slurm_mapping = XPM_MAPPING("a slurm launcher", keys);
/* clang-format on */

static int read_qos(struct xpm_document *document, const struct xpm_node *node,
                    const struct xpm_key *key, void *at)
{
	struct xpm_launcher *launcher = at;

	launcher->qos = xpm_read_named(document, node, key, &launcher->qos_len);
	return 1;
}

static int read_features(struct xpm_document *document, const struct xpm_node *node,
                         const struct xpm_key *key, void *at)
{
	struct xpm_launcher *launcher = at;

	launcher->features = xpm_read_named(document, node, key, &launcher->features_len);
	return 1;
}

static int read_partitions(struct xpm_document *document, const struct xpm_node *node,
                           const struct xpm_key *key, void *at)
{
	struct xpm_launcher *launcher = at;

	launcher->partitions = xpm_read_named(document, node, key, &launcher->partitions_len);
	return 1;
}

static int read_nodes(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key, void *at)
{
	struct xpm_partition *partition = at;
	size_t i;

	if (node->kind != XPM_NODE_LIST)
		return xpm_wrong_kind(document, node, key,
		                      "a list of mappings such as - {hosts: n[1-4]}");
	partition->has_nodes = 1;
	partition->nodes = xpm_document_array(document, node->len, sizeof(partition->nodes[0]));
	for (i = 0; partition->nodes && i < node->len; i++) {
		struct xpm_node_group *group = &partition->nodes[partition->nodes_len++];

		group->place = node->items[i]->spot.place;
		if (node->items[i]->kind == XPM_NODE_MAP)
			xpm_read_mapping(document, node->items[i], key->inner, group);
		else
			xpm_wrong_kind(document, node->items[i], key,
			               "a mapping such as {hosts: n[1-4]}");
	}
	return 1;
}
