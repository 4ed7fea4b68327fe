/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of a tree once it is read. */
#include <string.h>

#include "yaml_node.h"

const struct xpm_node *xpm_node_repeat(struct xpm_document *document, struct xpm_arena *arena,
                                       const struct xpm_node *node, const struct xpm_spot *spot)
{
	struct xpm_node *copy = xpm_arena_alloc(arena, sizeof(*copy));

	if (!copy) {
		document->out_of_memory = 1;
		return NULL;
	}
	*copy = *node;
	copy->spot = *spot;
	copy->spot.told |= node->spot.told;
	copy->spot.written = node->spot.written ? node->spot.written : &node->spot;
	return copy;
}

struct xpm_place xpm_node_written(const struct xpm_node *node)
{
	return node->spot.written ? node->spot.written->place : node->spot.place;
}

const struct xpm_node *xpm_node_get(const struct xpm_node *map, const char *key)
{
	size_t i, len = strlen(key);

	for (i = 0; map->kind == XPM_NODE_MAP && i < map->len; i++) {
		const struct xpm_entry *entry = &map->entries[i];

		if (entry->key->len == len && !memcmp(entry->key->text, key, len))
			return entry->value->null ? NULL : entry->value;
	}
	return NULL;
}

struct xpm_spot xpm_node_spot_of(const struct xpm_document *document, const struct xpm_node *scalar,
                                 size_t i)
{
	struct xpm_spot spot = scalar->spot;
	size_t start = spot.offset;

	if (start < document->len &&
	    (document->text[start] == '"' || document->text[start] == '\''))
		start++;
	if (i <= scalar->len && scalar->len <= document->len - start &&
	    !memcmp(document->text + start, scalar->text, scalar->len) &&
	    !memchr(scalar->text, '\n', scalar->len)) {
		spot.place.column += (unsigned)(start + i - spot.offset);
		spot.offset = start + i;
	}
	return spot;
}
