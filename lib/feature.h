/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_FEATURE_H
#define XPM_FEATURE_H

#include "effective.h"
#include "model.h"

/*
 * The features of one slurm launcher: each name once, with what its `features:` entry and the patterns of
 * `features_regex` say about a node that has it.
 */
struct xpm_features;

/*
 *
 * NULL with XPM_ERR_REGEX, XPM_ERR_LIMIT (more than XPM_FEATURES_MAX names) or XPM_ERR_MEMORY.
 */
struct xpm_features *xpm_features_create(const struct xpm_launcher *launcher, struct xpm_arena *arena,
					 struct xpm_error *err);

size_t xpm_features_count(const struct xpm_features *features);
const char *const *xpm_features_names(const struct xpm_features *features); /* by id, order of first mention */

/* The id of a name that stands in some node group. */
unsigned xpm_features_id(const struct xpm_features *features, const char *name);

/* Does the launcher's i-th pattern match some feature? */
int xpm_features_matched(const struct xpm_features *features, size_t pattern);

/* Lay what the feature says over effective: its `features:` entry first, then each pattern's captures. */
void xpm_features_apply(const struct xpm_features *features, unsigned id, struct xpm_effective *effective);

#endif
