/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

/*
 * An item of `local:`, the machine itself.
 */

static xpm_read_fn read_token_uses;

#define AT(member) XPM_LAUNCHER_AT(member)

static const struct xpm_key token_key = { .name = "tokens", .text = &xpm_token_rule };
static const struct xpm_key use_key = { .name = "tokens", .least = 1, .most = XPM_INTEGER_MAX };

/* clang-format off */
static const struct xpm_key keys[] = {
	XPM_LAUNCHER_KEYS,
	{ .name = "cpu", .read = xpm_read_inner, .at = AT(conf), .inner = &xpm_local_cpu_mapping,
	  .example = "a mapping such as {cores: 40, memory: 8G}" },
	{ .name = "gpu", .read = xpm_read_gpu, .at = AT(conf), .inner = &xpm_local_gpu_mapping,
	  .other = "gpus" },
	{ .name = "gpus", .read = xpm_read_gpu, .at = AT(conf), .inner = &xpm_local_gpu_mapping,
	  .other = "gpu" },
	{ .name = "max_duration", .read = xpm_read_duration, .at = AT(conf.max_duration),
	  .has_at = AT(conf.has), .bit = XPM_CONF_MAX_DURATION },
	{ .name = "tokens", .read = read_token_uses },
};
/* clang-format on */

const struct xpm_mapping xpm_local_mapping = XPM_MAPPING("a local launcher", keys);

static int read_token_uses(struct xpm_document *document, const struct xpm_node *node,
                           const struct xpm_key *key, void *at)
{
	struct xpm_launcher *launcher = at;
	size_t i;

	if (node->kind != XPM_NODE_MAP)
		return xpm_wrong_kind(document, node, key, "a mapping such as {name: 1}");
	if (node->len > XPM_TOKENS_MAX)
		return xpm_wrong(document, node, key, "more than %d tokens", XPM_TOKENS_MAX);
	launcher->tokens = xpm_document_array(document, node->len, sizeof(launcher->tokens[0]));
	if (!launcher->tokens)
		return 0;
	for (i = 0; i < node->len; i++) {
		const struct xpm_entry *entry = &node->entries[i];
		struct xpm_token_use *use = &launcher->tokens[launcher->tokens_len];

		if (entry->value->null)
			continue;
		use->name = xpm_copy_text(document, entry->key, &token_key);
		use->place = entry->key->spot.place;
		if (xpm_read_count(document, entry->value, &use_key, &use->count) && use->name)
			launcher->tokens_len++;
	}
	return 1;
}
