/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_TYPED_H
#define XPM_TYPED_H

#include <xpmatch/match.h>

#include "arena.h"
#include "table.h"

/*
 * What the user typed besides the spec, understood. It restricts the candidates (partition, QoS, account, constraint,
 * hosts, GRES type) and is held against the plan (GRES, memory, cores, time); nothing of it is ever replaced.
 */

#define XPM_TYPED_CLAUSES_MAX 16
#define XPM_TYPED_NAMES_MAX   64 /* bits of a clause */

/* A constraint as an OR of ANDs of names: clause i holds the names whose bits it has. */
struct xpm_typed_formula {
	const char *text;                /* as typed; NULL = none */
	int opaque;                      /* brackets, counts: cannot be combined with anything */
	const char *names[XPM_TYPED_NAMES_MAX];
	size_t names_len;
	uint64_t clauses[XPM_TYPED_CLAUSES_MAX];
	size_t len;
};

struct xpm_typed {
	struct xpm_slurm_options options;
	struct xpm_typed_formula constraint;
	int has_gpus;                    /* a number of GPUs per node was typed */
	uint32_t gpus;
	const char *gpu_type;            /* NULL = none */
	const char *other_gres;          /* what else --gres names; NULL = nothing */
};

/* options may be NULL. Texts are borrowed or in arena. XPM_ERR_VALUE when something cannot be understood. */
enum xpm_code xpm_typed_read(struct xpm_typed *typed, const struct xpm_slurm_options *options, struct xpm_arena *arena,
			     struct xpm_error *err);

/* 1 when name is an item of a comma list. */
int xpm_typed_lists(const char *list, const char *name);

/* The clauses (bit set) that what was typed holds against a row; hosts are the choice's matter. */
uint32_t xpm_typed_failed(const struct xpm_typed *typed, const struct xpm_table_launcher *launcher, const struct xpm_row *row,
			  const struct xpm_alternative *alternative);

/* 0 when the typed constraint surely keeps out nodes of this class. A feature the launcher never names is unknown. */
int xpm_typed_may_admit(const struct xpm_typed *typed, const struct xpm_table_launcher *launcher,
			const struct xpm_class *klass);

/* Hold the plan against the rest: XPM_ERR_CONFLICT with both values. May drop from the plan what was typed equally. */
enum xpm_code xpm_typed_check(const struct xpm_typed *typed, struct xpm_plan *plan, struct xpm_arena *arena,
			      struct xpm_error *err);

#endif
