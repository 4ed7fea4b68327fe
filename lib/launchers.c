/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <stdlib.h>
#include <string.h>

#include "error_private.h"

#define SNAPSHOT_MAX_AGE 86400 /* seconds */

/* The top level; each is read in its turn. */
struct top {
	const struct xpm_node *local, *slurm, *tokens;
};

static const struct xpm_key top_keys[] = {
	{ .name = "local",
	  .read = xpm_read_node,
	  .at = offsetof(struct top, local),
	  .inner = &xpm_local_mapping },
	{ .name = "slurm",
	  .read = xpm_read_node,
	  .at = offsetof(struct top, slurm),
	  .inner = &xpm_slurm_mapping },
	{ .name = "tokens", .read = xpm_read_node, .at = offsetof(struct top, tokens) },
};

static const struct xpm_mapping top_mapping = XPM_MAPPING("launchers.yaml", top_keys);
static const struct xpm_spot file_start = { .place = { 1, 1 } };

/* A list of launchers is there, and how long it is; 0 and why not otherwise. */
static size_t list_len(struct xpm_document *document, const struct xpm_node *node,
                       const struct xpm_key *key)
{
	if (!node)
		return 0;
	if (node->kind != XPM_NODE_LIST)
		xpm_wrong_kind(document, node, key, "a list of launchers (each begins with '- ')");
	else if (node->len > XPM_LAUNCHERS_MAX)
		xpm_wrong(document, node->items[XPM_LAUNCHERS_MAX], key, "more than %d launchers",
		          XPM_LAUNCHERS_MAX);
	else
		return node->len;
	return 0;
}

static void read_launcher(struct xpm_document *document, const struct xpm_node *node,
                          const struct xpm_key *key, struct xpm_launcher *launcher)
{
	launcher->place = launcher->conf.place = node->spot.place;
	launcher->use_features = launcher->use_hosts = launcher->use_memory_constraint = 1;
	launcher->snapshot_max_age = SNAPSHOT_MAX_AGE;
	if (node->kind == XPM_NODE_MAP)
		xpm_read_mapping(document, node, key->inner, launcher);
	else
		xpm_wrong_kind(document, node, key, "a launcher, which is a mapping");
	if (launcher->id)
		return;
	launcher->id = xpm_arena_printf(document->arena, "%s[%zu]", key->name, launcher->index);
	if (!launcher->id)
		document->out_of_memory = 1;
}

/* The launchers are few enough for looking at each pair. */
static void check_id(struct xpm_document *document, const struct xpm_node *node,
                     const struct xpm_launcher *launchers, size_t i)
{
	const struct xpm_node *id = xpm_node_get(node, "id");
	size_t j;

	for (j = 0; j < i; j++) {
		if (!launchers[j].id || !launchers[i].id ||
		    strcmp(launchers[j].id, launchers[i].id))
			continue;
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS,
		                 id && !node->spot.written ? &id->spot : &node->spot,
		                 "the id %s is the one of the launcher on line %u already",
		                 xpm_quote(launchers[i].id, strlen(launchers[i].id)).text,
		                 launchers[j].place.line);
		return;
	}
}

static void read_list(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key, enum xpm_launcher_kind kind, size_t len,
                      struct xpm_launchers *launchers)
{
	size_t i;

	for (i = 0; i < len && !document->out_of_memory; i++) {
		struct xpm_launcher *launcher = &launchers->items[launchers->len];

		launcher->kind = kind;
		launcher->index = i;
		read_launcher(document, node->items[i], key, launcher);
		check_id(document, node->items[i], launchers->items, launchers->len);
		launchers->len++;
	}
}

static void read_top(struct xpm_document *document, const struct xpm_node *root,
                     struct xpm_launchers *launchers)
{
	static const struct xpm_key file_key = { .name = "launchers.yaml" };
	struct top top = { NULL, NULL, NULL };
	size_t local_len, slurm_len;

	if (root->kind != XPM_NODE_MAP) {
		xpm_wrong_kind(document, root, &file_key, "a mapping with 'local:' or 'slurm:'");
		return;
	}
	xpm_read_mapping(document, root, &top_mapping, &top);
	local_len = list_len(document, top.local, &top_keys[0]);
	slurm_len = list_len(document, top.slurm, &top_keys[1]);
	launchers->items =
	        xpm_document_array(document, local_len + slurm_len, sizeof(launchers->items[0]));
	if (!launchers->items)
		return;
	read_list(document, top.local, &top_keys[0], XPM_LAUNCHER_LOCAL, local_len, launchers);
	read_list(document, top.slurm, &top_keys[1], XPM_LAUNCHER_SLURM, slurm_len, launchers);
	if (top.tokens)
		xpm_read_tokens(document, top.tokens, launchers);
	if (!launchers->len && !document->errors)
		xpm_document_say(
		        document, XPM_WARNING, XPM_ERR_LAUNCHERS, &root->spot,
		        "no launcher is described here: there is nothing in 'local:' and 'slurm:'");
}

/* What one document came to, after the last word about it was said. */
static enum xpm_code outcome(const struct xpm_document *document, struct xpm_error *err)
{
	if (document->out_of_memory)
		return xpm_fail_memory(err);
	if (!document->errors)
		return XPM_OK;
	if (err)
		*err = document->first;
	return document->first.code;
}

enum xpm_code xpm_launchers_read(struct xpm_launchers *launchers, struct xpm_report *report,
                                 struct xpm_error *err)
{
	struct xpm_document document = xpm_document_of(launchers->name, launchers->text, launchers->text_len,
	                                               &launchers->arena, report);
	struct xpm_arena tree = { NULL, 0, 0 };
	const struct xpm_node *root;

	root = xpm_yaml_read(&document, &tree);
	if (root)
		read_top(&document, root, launchers);
	else if (!document.errors && !document.out_of_memory)
		xpm_document_say(&document, XPM_WARNING, XPM_ERR_LAUNCHERS, &file_start,
		                 "the file is empty: 'local:' or 'slurm:' was expected");
	xpm_arena_free(&tree);
	return outcome(&document, err);
}

enum xpm_code xpm_launchers_read_tokens(struct xpm_launchers *launchers, struct xpm_report *report,
                                        struct xpm_error *err)
{
	struct xpm_document document = xpm_document_of(launchers->tokens_name, launchers->tokens_text,
	                                               launchers->tokens_text_len, &launchers->arena, report);
	struct xpm_arena tree = { NULL, 0, 0 };
	const struct xpm_node *root;

	root = xpm_yaml_read(&document, &tree);
	if (root)
		xpm_read_more_tokens(&document, root, launchers);
	xpm_arena_free(&tree);
	return outcome(&document, err);
}

struct xpm_launchers *xpm_launchers_create(const char *name, struct xpm_error *err)
{
	struct xpm_launchers *launchers = calloc(1, sizeof(*launchers));

	if (launchers)
		launchers->name = xpm_arena_strdup(&launchers->arena, name);
	if (launchers && launchers->name)
		return launchers;
	xpm_launchers_destroy(launchers);
	xpm_fail_memory(err);
	return NULL;
}

void xpm_launchers_destroy(struct xpm_launchers *launchers)
{
	if (!launchers)
		return;
	xpm_arena_free(&launchers->arena);
	free(launchers);
}

struct xpm_launchers *xpm_launchers_parse(const char *text, size_t len, const char *name,
                                          struct xpm_report *report, struct xpm_error *err)
{
	struct xpm_launchers *launchers;
	char *copy;

	if (len > XPM_FILE_MAX) {
		xpm_launchers_too_large(name, report, err);
		return NULL;
	}
	launchers = xpm_launchers_create(name, err);
	if (!launchers)
		return NULL;
	copy = xpm_arena_alloc(&launchers->arena,
	                       len + 1); /* not strndup(): there may be NUL in it */
	if (!copy) {
		xpm_fail_memory(err);
		xpm_launchers_destroy(launchers);
		return NULL;
	}
	if (len)
		memcpy(copy, text, len);
	launchers->text = copy;
	launchers->text_len = len;
	if (!xpm_launchers_read(launchers, report, err))
		return launchers;
	xpm_launchers_destroy(launchers);
	return NULL;
}
