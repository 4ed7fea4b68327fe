/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "yaml_merge.h"

#include <stdlib.h>
#include <string.h>

/* An entry on its way into the mapping, in the order of precedence. */
struct draft {
	struct xpm_entry entry;
	const struct xpm_spot *merge; /* of the merge key that brought it; NULL = an own one */
	int keep;
};

static int is_merge_key(const struct xpm_node *key)
{
	return key->kind == XPM_NODE_SCALAR && key->plain && key->len == 2 &&
	       !memcmp(key->text, "<<", 2);
}

static size_t entries_of(const struct xpm_node *value)
{
	size_t i, n = 0;

	if (value->kind == XPM_NODE_MAP)
		return value->len;
	for (i = 0; value->kind == XPM_NODE_LIST && i < value->len; i++)
		if (value->items[i]->kind == XPM_NODE_MAP)
			n += value->items[i]->len;
	return n;
}

size_t xpm_yaml_merged(const struct xpm_node *const *pairs, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		if (is_merge_key(pairs[2 * i]))
			n += entries_of(pairs[2 * i + 1]);
	return n;
}

static struct draft *add(struct draft *to, const struct xpm_node *key, const struct xpm_node *value,
                         const struct xpm_spot *merge)
{
	to->entry.key = key;
	to->entry.value = value;
	to->entry.merged = merge != NULL;
	to->merge = merge;
	to->keep = 1;
	return to + 1;
}

static struct draft *add_merged(struct xpm_document *document, struct draft *to,
                                const struct xpm_node *value, const struct xpm_spot *merge)
{
	size_t i;

	if (value->null)
		return to;
	if (value->kind != XPM_NODE_MAP) {
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &value->spot,
		                 "'<<' takes a mapping or a list of mappings");
		return to;
	}
	for (i = 0; i < value->len; i++)
		to = add(to, value->entries[i].key, value->entries[i].value, merge);
	return to;
}

static void say_duplicate(struct xpm_document *document, const struct xpm_node *key,
                          const struct xpm_node *first)
{
	xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &key->spot,
	                 "duplicate key %s (it is on line %u already)",
	                 xpm_quote(key->text, key->len).text, first->spot.place.line);
}

/* All entries in order of precedence: the mapping's own, then those of its merge keys. */
static struct draft *draft_all(struct xpm_document *document, struct draft *to,
                               const struct xpm_node *const *pairs, size_t len)
{
	const struct xpm_node *merge = NULL;
	size_t i, j;

	for (i = 0; i < len; i++) {
		const struct xpm_node *key = pairs[2 * i];

		if (key->kind != XPM_NODE_SCALAR)
			xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &key->spot,
			                 "a key must be a word, not a %s",
			                 key->kind == XPM_NODE_LIST ? "list" : "mapping");
		else if (!is_merge_key(key))
			to = add(to, key, pairs[2 * i + 1], NULL);
	}
	for (i = 0; i < len; i++) {
		const struct xpm_node *value = pairs[2 * i + 1];

		if (!is_merge_key(pairs[2 * i]))
			continue;
		if (merge)
			say_duplicate(document, pairs[2 * i], merge);
		merge = pairs[2 * i];
		if (value->kind != XPM_NODE_LIST)
			to = add_merged(document, to, value, &merge->spot);
		for (j = 0; value->kind == XPM_NODE_LIST && j < value->len; j++)
			to = add_merged(document, to, value->items[j], &merge->spot);
	}
	return to;
}

static int by_key(const void *left, const void *right)
{
	const struct draft *a = *(struct draft *const *)left, *b = *(struct draft *const *)right;
	const struct xpm_node *x = a->entry.key, *y = b->entry.key;
	int order =
	        x->len != y->len ? (x->len < y->len ? -1 : 1) : memcmp(x->text, y->text, x->len);

	return order ? order : (a > b) - (a < b);
}

/*
 * Of equal keys only the first stays; that is an error where both are the mapping's own. Who reads a mapping may count on it:
 * no member of a structure is read into twice.
 */
static void drop_repeated(struct xpm_document *document, struct draft **sorted, size_t len)
{
	const struct draft *first = sorted[0];
	size_t i;

	for (i = 1; i < len; i++) {
		struct draft *draft = sorted[i];
		const struct xpm_node *key = draft->entry.key;

		if (key->len != first->entry.key->len ||
		    memcmp(key->text, first->entry.key->text, key->len)) {
			first = draft;
			continue;
		}
		draft->keep = 0;
		if (!draft->merge)
			say_duplicate(document, key, first->entry.key);
	}
}

/* What a merge key brought gets its place. 0 when memory is short. */
static int keep(struct xpm_document *document, struct xpm_arena *arena, struct xpm_node *node,
                const struct draft *draft)
{
	struct xpm_entry *entry = &node->entries[node->len];

	*entry = draft->entry;
	if (draft->merge) {
		entry->key = xpm_node_repeat(document, arena, entry->key, draft->merge);
		entry->value = xpm_node_repeat(document, arena, entry->value, draft->merge);
	}
	if (!entry->key || !entry->value)
		return 0;
	node->len++;
	return 1;
}

int xpm_yaml_fill_map(struct xpm_document *document, struct xpm_arena *arena, struct xpm_node *node,
                      const struct xpm_node *const *pairs, size_t len, size_t merged)
{
	struct draft *drafts = calloc(len + merged + 1, sizeof(*drafts)), *end, *draft;
	struct draft **sorted = calloc(len + merged + 1, sizeof(*sorted));

	node->entries = xpm_arena_array(arena, len + merged, sizeof(node->entries[0]));
	if (!drafts || !sorted || !node->entries) {
		document->out_of_memory = 1;
		free(sorted);
		free(drafts);
		return 0;
	}
	end = draft_all(document, drafts, pairs, len);
	for (draft = drafts; draft < end; draft++)
		sorted[draft - drafts] = draft;
	if (end > drafts) {
		qsort(sorted, (size_t)(end - drafts), sizeof(sorted[0]), by_key);
		drop_repeated(document, sorted, (size_t)(end - drafts));
	}
	for (draft = drafts; draft < end; draft++)
		if (draft->keep && !keep(document, arena, node, draft))
			break;
	free(sorted);
	free(drafts);
	return draft == end;
}
