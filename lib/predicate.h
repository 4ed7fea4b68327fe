/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_PREDICATE_H
#define XPM_PREDICATE_H

#include <xpmatch/match.h>

/* When a candidate satisfies an alternative. Pure functions: no allocation, no state. */

#define XPM_BIT(clause) (UINT32_C(1) << (clause))

/* What the clauses compare with beside the alternative itself. */
struct xpm_predicate {
	const struct xpm_alternative *alternative;
	uint64_t duration;             /* the alternative's, or what --time says where it has none; 0 = none */
	int use_memory_constraint;     /* 0: memory is had through cores */
};

/* Bit set of the clauses (XPM_CLAUSE_GPU_KIND to XPM_CLAUSE_DURATION) that do not hold; each one is evaluated. 0: satisfies. */
uint32_t xpm_predicate_failed(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate);

/* Cores that are reserved: what was asked for, and what mem needs where only cores bring memory. 0 = none asked for. */
uint32_t xpm_predicate_cores(const struct xpm_predicate *predicate, uint64_t mem_per_cpu);

/* The accelerator clauses (kind, model, memory, least memory) that one need fails, each on the groups of its kind. */
uint32_t xpm_predicate_need_failed(const struct xpm_accel_need *need, const struct xpm_candidate *candidate);

/* Does this group satisfy this need, count aside? */
int xpm_predicate_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group);
int xpm_predicate_kind_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group);
int xpm_predicate_model_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group);

/*
 * Is there an assignment of every accelerator asked for to a different one of the host? Only groups of gres_type when it
 * is not NULL (compared by address), only those that have none when it is XPM_UNTYPED.
 */
extern const char xpm_untyped[];
#define XPM_UNTYPED xpm_untyped
int xpm_predicate_assigns(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate,
			  const char *gres_type);

/*
 * The same when the request names a GRES type (by its text): accelerators of exactly this type must do; where there are
 * none, those of which the file does not give the type.
 */
int xpm_predicate_assigns_type(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate,
			       const char *type);

/* Whichever accelerators of the host Slurm hands out, they satisfy the alternative. */
int xpm_predicate_any_do(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate);

#endif
