/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_BUILDER_H
#define XPM_BUILDER_H

#include "effective.h"
#include "feature.h"
#include "host_atoms.h"
#include "intern.h"
#include "model.h"
#include "table.h"

/* A launcher on its way into the table. candidates.c drives, classes.c makes the classes. */

/* A class while a launcher is being flattened. */
struct xpm_draft {
	struct xpm_candidate candidate; /* without QoS and account */
	const struct xpm_partition *partition;
	int unknown_hosts;
};

struct xpm_builder {
	struct xpm_candidates *table;
	struct xpm_arena *arena;        /* the table's */
	const struct xpm_launcher *from;
	struct xpm_table_launcher *to;
	struct xpm_features *features;
	struct xpm_draft *drafts;           /* parallel to classes */
	struct xpm_class *classes;
	size_t classes_len, classes_room;
	struct xpm_host_claim *claims;
	size_t claims_len, claims_room;
	struct xpm_intern names;            /* of QoS and accounts */
	struct xpm_error *err;
};


/* text in the table's arena; NULL for NULL, and when memory is short. */
static inline const char *xpm_builder_copy(struct xpm_builder *b, const char *text)
{
	return text ? xpm_arena_strdup(b->arena, text) : NULL;
}

/* The accelerators of an effective configuration, into c; equal GRES types get equal addresses. */
enum xpm_code xpm_builder_accels(struct xpm_builder *b, struct xpm_candidate *c, const struct xpm_accel_group *groups,
				 size_t len);

/* Cores, memory and limits of an effective configuration, into c. */
void xpm_builder_numbers(struct xpm_candidate *c, const struct xpm_effective *effective);

/*
 * Every class of the launcher with its features and hosts: classes, drafts and to->partitions, atoms, hosts. The drafts are
 * the caller's to free.
 */
enum xpm_code xpm_builder_classes(struct xpm_builder *b);

#endif
