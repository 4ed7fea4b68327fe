/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <string.h>

/*
 * `configuration:` of any level: what nodes have.
 */

static xpm_read_fn read_kind;

/* clang-format off */
#define GPU(key, reader, member, flag)                                                            \
	.name = key, .read = reader, .at = offsetof(struct xpm_gpu_conf, member),                 \
	.has_at = offsetof(struct xpm_gpu_conf, has), .bit = flag

#define GPU_KEYS                                                                                  \
	{ GPU("model", xpm_read_text, model, XPM_GPU_MODEL), .text = &xpm_label_rule },           \
	{ GPU("count", xpm_read_count, count, XPM_GPU_COUNT), .most = XPM_COUNT_MAX },            \
	{ GPU("memory", xpm_read_size, memory, XPM_GPU_MEMORY) },                                 \
	{ GPU("min_memory", xpm_read_size, min_memory, XPM_GPU_MIN_MEMORY) },                     \
	{ GPU("min_mem_ratio", xpm_read_ratio, min_mem_ratio, XPM_GPU_MIN_MEM_RATIO) },           \
	{ GPU("kind", read_kind, kind, XPM_GPU_KIND) }

static const struct xpm_key local_gpu_keys[] = { GPU_KEYS };
static const struct xpm_key gpu_keys[] = {
	GPU_KEYS,
	{ GPU("gres_type", xpm_read_text, gres_type, XPM_GPU_GRES_TYPE),
	  .text = &xpm_gres_type_rule },
};

const struct xpm_mapping xpm_local_gpu_mapping =
	XPM_MAPPING("a gpu of a local launcher", local_gpu_keys);
static const struct xpm_mapping gpu_mapping = XPM_MAPPING("a gpu", gpu_keys);

#define CONF(key, reader, member, flag)                                                           \
	.name = key, .read = reader, .at = offsetof(struct xpm_conf, member),                     \
	.has_at = offsetof(struct xpm_conf, has), .bit = flag

#define CPU_KEYS                                                                                  \
	{ CONF("cores", xpm_read_count, cores, XPM_CONF_CORES), .most = XPM_CORES_MAX },          \
	{ CONF("memory", xpm_read_size, memory, XPM_CONF_MEMORY) }

static const struct xpm_key local_cpu_keys[] = { CPU_KEYS };
static const struct xpm_key cpu_keys[] = {
	CPU_KEYS,
	{ CONF("mem_per_cpu", xpm_read_size, mem_per_cpu, XPM_CONF_MEM_PER_CPU) },
	{ CONF("cpu_per_gpu", xpm_read_count, cpu_per_gpu, XPM_CONF_CPU_PER_GPU),
	  .most = XPM_CORES_MAX },
};

const struct xpm_mapping xpm_local_cpu_mapping =
	XPM_MAPPING("cpu of a local launcher", local_cpu_keys);
static const struct xpm_mapping cpu_mapping = XPM_MAPPING("cpu", cpu_keys);

static const struct xpm_key conf_keys[] = {
	{ CONF("max_duration", xpm_read_duration, max_duration, XPM_CONF_MAX_DURATION) },
	{ CONF("min_gpu", xpm_read_count, min_gpu, XPM_CONF_MIN_GPU), .most = XPM_COUNT_MAX },
	{ .name = "cpu", .read = xpm_read_inner, .inner = &cpu_mapping,
	  .example = "a mapping such as {cores: 40, memory: 8G}" },
	{ .name = "gpu", .read = xpm_read_gpu, .inner = &gpu_mapping, .other = "gpus" },
	{ .name = "gpus", .read = xpm_read_gpu, .inner = &gpu_mapping, .other = "gpu" },
};

const struct xpm_mapping xpm_conf_mapping = XPM_MAPPING("a configuration", conf_keys);
/* clang-format on */

static int read_kind(struct xpm_document *document, const struct xpm_node *node,
                     const struct xpm_key *key, void *at)
{
	static const enum xpm_accel_kind kinds[] = { XPM_ACCEL_CUDA, XPM_ACCEL_ROCM,
		                                     XPM_ACCEL_MPS };
	static const char *const names[] = { "cuda", "rocm", "mps" };
	size_t i;

	for (i = 0; node->kind == XPM_NODE_SCALAR && i < sizeof(names) / sizeof(names[0]); i++) {
		if (node->len == strlen(names[i]) && !memcmp(node->text, names[i], node->len)) {
			*(enum xpm_accel_kind *)at = kinds[i];
			return 1;
		}
	}
	return xpm_wrong_kind(document, node, key, "cuda, rocm or mps");
}

int xpm_read_gpu(struct xpm_document *document, const struct xpm_node *node,
                 const struct xpm_key *key, void *at)
{
	const struct xpm_node *const *items = node->kind == XPM_NODE_LIST ? node->items : &node;
	size_t len = node->kind == XPM_NODE_LIST ? node->len : 1, i;
	struct xpm_conf *conf = at;

	if (node->kind == XPM_NODE_SCALAR)
		return xpm_wrong_kind(
		        document, node, key,
		        "a mapping such as {count: 8, memory: 80G}, or a list of them");
	if (len > XPM_ACCEL_GROUPS_MAX)
		return xpm_wrong(
		        document, items[XPM_ACCEL_GROUPS_MAX], key,
		        "the list has more than %d items (equal ones are one item with a count)",
		        XPM_ACCEL_GROUPS_MAX);
	conf->gpus = xpm_document_array(document, len, sizeof(conf->gpus[0]));
	if (!conf->gpus)
		return 0;
	for (i = 0; i < len; i++) {
		struct xpm_gpu_conf *gpu = &conf->gpus[conf->gpus_len++];

		gpu->kind = XPM_ACCEL_CUDA;
		gpu->place = xpm_node_written(items[i]);
		if (items[i]->kind == XPM_NODE_MAP)
			xpm_read_mapping(document, items[i], key->inner, gpu);
		else
			xpm_wrong_kind(document, items[i], key,
			               "a mapping such as {count: 8, memory: 80G}");
	}
	conf->gpu_is_list = node->kind == XPM_NODE_LIST;
	conf->has |= XPM_CONF_GPU;
	return 1;
}

int xpm_read_conf(struct xpm_document *document, const struct xpm_node *node,
                  const struct xpm_key *key, void *at)
{
	struct xpm_conf *conf = at;

	if (node->kind != XPM_NODE_MAP)
		return xpm_wrong_kind(document, node, key,
		                      "a mapping such as {cpu: {cores: 64}, gpu: {count: 8}}");
	conf->place = xpm_node_written(node);
	xpm_read_mapping(document, node, key->inner, conf);
	return 1;
}
