/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_BUILDERS_H
#define XPMATCH_BUILDERS_H

#include <stdint.h>
#include <xpmatch/error.h>
#include <xpmatch/spec.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Requirements made by a program instead of from text:
 *
 *     gpus = xpm_req_cuda(24000000000, err);      cuda(mem=24G)
 *     two  = xpm_req_times(gpus, 2, err);         cuda(mem=24G)*2
 *     time = xpm_req_duration(20 * 3600, err);    duration=20h
 *     all  = xpm_req_and(time, two, err);         duration=20h & cuda(mem=24G)*2
 *
 * Every call makes a new requirement, to destroy with xpm_requirement_destroy(); operands are borrowed for the call and
 * not changed. The result is what xpm_spec_parse() makes of the same text; its source is its canonical text.
 *
 * On failure NULL, with XPM_ERR_VALUE (an argument makes no sense, or an operand is NULL), XPM_ERR_LIMIT (a bound of
 * spec.h, XPM_SIZE_MAX or XPM_DURATION_MAX is passed, or the text would be longer than XPM_SPEC_MAX) or XPM_ERR_MEMORY.
 * err may be NULL.
 */

/*
 * kind   XPM_ACCEL_ANY is gpu(...)
 * mem    bytes of one accelerator; 0 = not asked for
 * model  borrowed; NULL = any. Printable UTF-8, not empty, and without one of the two kinds of quotes
 * count  1 or more
 */
struct xpm_requirement *xpm_req_accel(enum xpm_accel_kind kind, uint64_t mem, const char *model, uint32_t count,
				      struct xpm_error *err);

/* One CUDA accelerator; mem in bytes, 0 = not asked for. */
struct xpm_requirement *xpm_req_cuda(uint64_t mem, struct xpm_error *err);

/* mem in bytes of host memory; 0 = not asked for, for both. With neither it is cpu(): one core. */
struct xpm_requirement *xpm_req_cpu(uint64_t mem, uint32_t cores, struct xpm_error *err);

struct xpm_requirement *xpm_req_duration(uint64_t seconds, struct xpm_error *err);

/*
 * Both must hold, on one host. With alternatives, each of a is combined with each of b: (1|2) and (3|4) is
 * 1&3 | 1&4 | 2&3 | 2&4.
 */
struct xpm_requirement *xpm_req_and(const struct xpm_requirement *a, const struct xpm_requirement *b,
				    struct xpm_error *err);

/* Either must hold; those of a are preferred. */
struct xpm_requirement *xpm_req_or(const struct xpm_requirement *a, const struct xpm_requirement *b,
				   struct xpm_error *err);

/*
 * n times the accelerators, in every alternative; cores, memory and duration stay. XPM_ERR_VALUE when there is no
 * accelerator to multiply, or n is 0.
 */
struct xpm_requirement *xpm_req_times(const struct xpm_requirement *requirement, uint32_t n, struct xpm_error *err);

/* Every duration times numerator / denominator, a fraction of a second rounded up. What has none still has none. */
struct xpm_requirement *xpm_req_multiply_duration(const struct xpm_requirement *requirement, uint32_t numerator,
						  uint32_t denominator, struct xpm_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
