/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_TABLE_H
#define XPM_TABLE_H

#include <xpmatch/candidates.h>

#include "arena.h"
#include "feature_set.h"

/*
 * What stands behind a struct xpm_candidates. Everything the choice compares is worked out here, once per file, as numbers:
 * features are bits, hosts are atoms (sets of hosts that always go together), QoS and account pairs are lanes.
 */

struct xpm_atom {
	const char *hosts;   /* as a hostlist expression */
	uint32_t count;
	uint32_t index;
};

/* One host and the atom it belongs to; sorted by name for look-up. */
struct xpm_host {
	const char *name;
	uint32_t atom;
};

/* Equal nodes of one partition. */
struct xpm_class {
	uint32_t partition;                /* index into the launcher's partitions */
	struct xpm_feature_set features;
	const uint16_t *feature_ids;       /* in the order of the file */
	size_t features_len;
	int hosts_known;
	const uint32_t *atoms;
	size_t atoms_len;
};

struct xpm_row {
	struct xpm_candidate candidate;    /* what the public sees */
	const struct xpm_class *klass;
	uint32_t lane;                     /* same number = same QoS and account */
};

struct xpm_lane {
	const uint32_t *rows;
	size_t len;
};

struct xpm_table_launcher {
	struct xpm_launcher_info info;
	int use_features, use_hosts, use_memory_constraint;
	const char *const *features;       /* by feature id */
	size_t features_len;
	const char *const *partitions;     /* by partition index, enabled ones in file order */
	size_t partitions_len;
	const struct xpm_atom *atoms;
	size_t atoms_len;
	const struct xpm_host *hosts;      /* sorted by name */
	size_t hosts_len;
	const uint32_t *order;             /* its rows, best priority first, then file order */
	const struct xpm_lane *lanes;
	size_t lanes_len;
};

struct xpm_token_pool {
	const char *name;
	uint32_t count;
};

struct xpm_candidates {
	struct xpm_arena arena;
	struct xpm_row *rows;
	size_t rows_len;
	struct xpm_table_launcher *launchers; /* in the order of the choice */
	size_t launchers_len;
	struct xpm_token_pool *tokens;
	size_t tokens_len;
};

#endif
