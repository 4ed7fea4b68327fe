/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_GPU_MODELS_H
#define XPM_GPU_MODELS_H

#include <stdint.h>
#include <xpmatch/cluster.h>
#include <xpmatch/spec.h>

#include "arena.h"

/*
 * How much memory has a GPU? Slurm does not know. A GRES type or a feature may say it ("a100-sxm4-80gb", "1g.10gb",
 * "GPUM48G"), else the table of models does, with the smallest card of that name: to promise too much would be wrong.
 */

enum xpm_memory_origin {
	XPM_MEMORY_UNKNOWN,
	XPM_MEMORY_TYPE,     /* the GRES type says it */
	XPM_MEMORY_MIG,      /* the type is a MIG profile, which says it */
	XPM_MEMORY_FEATURE,  /* a feature says it */
	XPM_MEMORY_TABLE,    /* the table, by the GRES type */
	XPM_MEMORY_TABLE_FEATURE,
};

/* The GPUs of one type of a node, as found. */
struct xpm_found_gpu {
	const char *type;    /* of the GRES; NULL = none */
	const char *model;   /* the type without the maker's name, or the feature that names one; NULL = not known */
	uint32_t count;
	enum xpm_accel_kind kind;
	uint64_t memory;     /* bytes; 0 = not known */
	enum xpm_memory_origin origin;
	const char *said_by; /* the feature of XPM_MEMORY_FEATURE and XPM_MEMORY_TABLE_FEATURE */
};

/*
 * Fill in model, kind, memory and origin from gpu->type and the features; alone: there is no other type on this node,
 * so what a feature says of GPUs is said of these. models may be NULL. Strings are put into the arena.
 */
enum xpm_code xpm_gpu_resolve(struct xpm_found_gpu *gpu, const struct xpm_gpu_models *models,
			      const char *const *features, size_t features_len, int alone, struct xpm_arena *arena,
			      struct xpm_error *err);

/* The kind that the table has for a model, written in whatever way; XPM_ACCEL_ANY when it has none. models may be NULL.
 */
enum xpm_accel_kind xpm_gpu_models_kind(const struct xpm_gpu_models *models, const char *name);

#endif
