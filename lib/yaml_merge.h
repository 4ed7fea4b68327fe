/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_YAML_MERGE_H
#define XPM_YAML_MERGE_H

#include "yaml_node.h"

/*
 * From keys and values in a row to the entries of a mapping, with merge keys (`<<: *defaults`, `<<: [*a, *b]`)
 * worked out. A key of the mapping itself wins over a merged one, and of several merged mappings the first that has
 * it, as YAML 1.1 says.
 */

/* How many entries the merge keys of pairs[0..2 * len) bring, equal ones counted. */
size_t xpm_yaml_merged(const struct xpm_node *const *pairs, size_t len);

/* Fill node->entries; merged as counted above. 0 when memory is short. */
int xpm_yaml_fill_map(struct xpm_document *document, struct xpm_arena *arena, struct xpm_node *node,
		      const struct xpm_node *const *pairs, size_t len, size_t merged);

#endif
