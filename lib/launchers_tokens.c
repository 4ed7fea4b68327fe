/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <string.h>

/*
 * What the machine has of each token: `tokens:` of launchers.yaml, and tokens.yaml beside it.
 */

/* clang-format off */
static const struct xpm_key token_keys[] = {
	{ .name = "count", .read = xpm_read_count, .at = offsetof(struct xpm_token, count),
	  .least = 1, .most = XPM_INTEGER_MAX },
};

static const struct xpm_mapping token_mapping =
	XPM_NAMED_MAPPING("a token", token_keys, struct xpm_token, "a mapping such as {count: 4}");
static const struct xpm_key tokens_key = {
	.name = "tokens", .inner = &token_mapping, .text = &xpm_token_rule,
	.example = "a mapping such as {NAME: {count: 4}}",
};

/* The original keeps its tokens by kind, of which there is one: `counter: {NAME: {tokens: 4}}`. */
static const struct xpm_key counter_keys[] = {
	{ .name = "tokens", .read = xpm_read_count, .at = offsetof(struct xpm_token, count),
	  .least = 1, .most = XPM_INTEGER_MAX,
	  .other = "count" },
	{ .name = "count", .read = xpm_read_count, .at = offsetof(struct xpm_token, count),
	  .least = 1, .most = XPM_INTEGER_MAX,
	  .other = "tokens" },
};

static const struct xpm_mapping counter_mapping =
	XPM_NAMED_MAPPING("a counter", counter_keys, struct xpm_token,
			  "a mapping such as {tokens: 4}");
static const struct xpm_key counter_key = {
	.name = "counter", .inner = &counter_mapping, .text = &xpm_token_rule,
	.example = "a mapping such as {NAME: {tokens: 4}}",
};

/* clang-format on */

static struct xpm_token *read_checked(struct xpm_document *document, const struct xpm_node *node,
                                      const struct xpm_key *key, size_t *len)
{
	struct xpm_token *tokens;
	size_t i;

	*len = 0;
	if (node->kind == XPM_NODE_MAP && node->len > XPM_TOKENS_MAX) {
		xpm_wrong(document, node->entries[XPM_TOKENS_MAX].key, key,
		          "there are more than %d tokens", XPM_TOKENS_MAX);
		return NULL;
	}
	tokens = xpm_read_named(document, node, key, len);
	/* A token without a count is one that is described elsewhere, or a pool of 1 like any that
	 * is not. */
	for (i = 0; i < *len; i++)
		if (!tokens[i].count)
			tokens[i].count = 1;
	return tokens;
}

void xpm_read_tokens(struct xpm_document *document, const struct xpm_node *node,
                     struct xpm_launchers *launchers)
{
	launchers->tokens = read_checked(document, node, &tokens_key, &launchers->tokens_len);
}

/* `counter:` whose values are mappings; a token of that name would have a count. */
static const struct xpm_node *original_form(const struct xpm_node *node)
{
	const struct xpm_node *counter;

	if (node->kind != XPM_NODE_MAP || node->len != 1)
		return NULL;
	counter = xpm_node_get(node, "counter");
	if (!counter || counter->kind != XPM_NODE_MAP || xpm_node_get(counter, "count"))
		return NULL;
	return counter;
}

void xpm_read_more_tokens(struct xpm_document *document, const struct xpm_node *node,
                          struct xpm_launchers *launchers)
{
	const struct xpm_node *counter = original_form(node);
	const struct xpm_node *names = counter ? counter : node;
	size_t len, had = launchers->tokens_len, i, j;
	struct xpm_token *more, *all;

	more = read_checked(document, names, counter ? &counter_key : &tokens_key, &len);
	if (!more || document->errors || document->out_of_memory)
		return;
	all = xpm_document_array(document, had + len, sizeof(all[0]));
	if (!all)
		return;
	if (had)
		memcpy(all, launchers->tokens, had * sizeof(all[0]));
	launchers->tokens = all;
	for (i = 0; i < len; i++) {
		for (j = 0; j < had && strcmp(all[j].name, more[i].name); j++)
			;
		more[i].beside = 1;
		if (j == had)
			all[launchers->tokens_len++] = more[i];
		else
			xpm_document_say(
			        document, XPM_NOTE, XPM_OK, &names->entries[i].key->spot,
			        "the token %s is described in launchers.yaml too: its count there, "
			        "%u, is used",
			        xpm_quote(more[i].name, strlen(more[i].name)).text, all[j].count);
	}
}
