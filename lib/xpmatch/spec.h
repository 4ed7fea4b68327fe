/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_SPEC_H
#define XPMATCH_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a job needs: the spec language of xpm-spec(7), parsed.
 *
 *     cuda(mem=24G)*2 & cpu(cores=8) & duration=20h | cuda(mem=80G)
 *
 * A requirement is immutable once made; threads may share it.
 */

#define XPM_SPEC_MAX         4096 /* bytes of text */
#define XPM_ALTERNATIVES_MAX 64
#define XPM_ACCELERATORS_MAX 1024 /* of one alternative, counts added up */
#define XPM_CORES_MAX        (UINT32_C(1) << 20)

enum xpm_accel_kind { XPM_ACCEL_CUDA, XPM_ACCEL_ROCM, XPM_ACCEL_MPS, XPM_ACCEL_ANY };

/* "cuda", "rocm", "mps", and "gpu" for XPM_ACCEL_ANY. */
const char *xpm_accel_kind_name(enum xpm_accel_kind kind);

/* One accelerator term; equal terms of an alternative are one need with their counts added. */
struct xpm_accel_need {
	enum xpm_accel_kind kind;
	uint32_t count;     /* 1 or more */
	uint64_t mem;       /* bytes of one accelerator; 0 = not asked for */
	const char *model;  /* NULL = any */
};

struct xpm_alternative {
	uint64_t duration;  /* seconds; 0 = not given */
	uint64_t mem;       /* bytes of host memory; 0 = not asked for */
	uint32_t cores;     /* 0 = not asked for */
	uint32_t accel_count;                 /* sum of the needs' counts */
	const struct xpm_accel_need *accels;  /* in order of first mention */
	size_t accels_len;
};

struct xpm_requirement;

/*
 * Parse a spec. text is borrowed for the call; the requirement keeps a copy.
 *
 * On failure returns NULL with XPM_ERR_SPEC (line, column, caret, and what was expected), XPM_ERR_LIMIT or
 * XPM_ERR_MEMORY. Destroy the result with xpm_requirement_destroy().
 */
struct xpm_requirement *xpm_spec_parse(const char *text, struct xpm_error *err);
void xpm_requirement_destroy(struct xpm_requirement *requirement); /* NULL is fine */

/* The alternatives in order of preference, owned by the requirement. There is at least one. */
const struct xpm_alternative *xpm_requirement_alternatives(const struct xpm_requirement *requirement, size_t *len);

/* The text it was parsed from, owned by the requirement. */
const char *xpm_requirement_source(const struct xpm_requirement *requirement);

/*
 * Canonical text: parsing it gives an equal requirement. Returns the length of the whole text (as snprintf), which is
 * cut when size is too small.
 */
size_t xpm_requirement_print(const struct xpm_requirement *requirement, char *buf, size_t size);
size_t xpm_alternative_print(const struct xpm_alternative *alternative, char *buf, size_t size);

/* 1 when both ask for the same, whatever their text. */
int xpm_requirement_equal(const struct xpm_requirement *a, const struct xpm_requirement *b);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
