/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_YAML_NODE_H
#define XPM_YAML_NODE_H

#include "document.h"

/*
 * A YAML document as a tree whose nodes know where they stand.
 *
 * An alias is a copy of the node that its anchor names, with the place of the alias and the same children, so the tree
 * is one without loops whose branches may meet. Merge keys are worked out: what they brought has their place. Walking it as if it were a tree is safe: what that costs is bounded, whatever aliases multiply.
 */

#define XPM_NODES_MAX (1u << 19) /* nodes, with every alias counted as a copy */

enum xpm_node_kind { XPM_NODE_SCALAR, XPM_NODE_LIST, XPM_NODE_MAP };

struct xpm_node {
	enum xpm_node_kind kind;
	int null;                       /* a scalar that is nothing, ~ or null, without quotes */
	int plain;                      /* a scalar without quotes */
	unsigned height;                /* levels of lists and mappings in it, itself counted; 0 for a scalar */
	size_t weight;                  /* nodes in it, itself counted */
	struct xpm_spot spot;
	size_t len;                     /* of whichever follows */
	union {
		const char *text;               /* NUL-terminated; may hold NUL too */
		const struct xpm_node **items;
		struct xpm_entry *entries;      /* in file order, then what merge keys brought */
	};
};

struct xpm_entry {
	const struct xpm_node *key;     /* a scalar */
	const struct xpm_node *value;
	int merged;                     /* a merge key brought it */
};

/*
 * Read the whole document. What is wrong is said to it, and then the tree is what could be read: NULL after a syntax
 * error, a limit or want of memory. Otherwise an alias that names nothing is null, and no two keys of a mapping have the
 * same text unless that was said: both stay, for their values are to be looked at. NULL without an error: it is empty.
 *
 * The tree lives in arena.
 */
const struct xpm_node *xpm_yaml_read(struct xpm_document *document, struct xpm_arena *arena);

/* A node at another place, with the children of the first. NULL when memory is short. */
const struct xpm_node *xpm_node_repeat(struct xpm_document *document, struct xpm_arena *arena,
				       const struct xpm_node *node, const struct xpm_spot *spot);

/* Where what an alias or a merge key brought is written, once for all of its uses. */
struct xpm_place xpm_node_written(const struct xpm_node *node);

/* The value of a key; NULL when the mapping has no such key, or nothing for it. */
const struct xpm_node *xpm_node_get(const struct xpm_node *map, const char *key);

/* Where byte i of a scalar's value stands: exact when it is written in the file as it is, else the scalar's start. */
struct xpm_spot xpm_node_spot_of(const struct xpm_document *document, const struct xpm_node *scalar, size_t i);

#endif
