/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/builders.h>

#include <inttypes.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "requirement.h"

/*
 * The last step of every builder: what cannot be written as a spec is refused, so that any
 * requirement can be submitted. Takes the requirement over: it is returned, or destroyed.
 */
static struct xpm_requirement *finish(struct xpm_requirement *requirement, struct xpm_error *err)
{
	char text[XPM_SPEC_MAX + 1];
	size_t len = xpm_requirement_print(requirement, text, sizeof(text));

	if (len > XPM_SPEC_MAX) {
		xpm_fail(err, XPM_ERR_LIMIT,
		         "the requirement is %zu bytes as text, the limit is %d", len,
		         XPM_SPEC_MAX);
	} else {
		requirement->source = xpm_arena_strdup(&requirement->arena, text);
		if (requirement->source)
			return requirement;
		xpm_fail_memory(err);
	}
	xpm_requirement_destroy(requirement);
	return NULL;
}

/* Add n times the needs of an alternative to the last one of `to`, models copied. */
static enum xpm_code add_needs(struct xpm_requirement *to, const struct xpm_alternative *from,
                               uint32_t n, struct xpm_error *err)
{
	size_t i;

	for (i = 0; i < from->accels_len; i++) {
		struct xpm_accel_need need = from->accels[i];

		if (need.model) {
			need.model = xpm_arena_strdup(&to->arena, need.model);
			if (!need.model)
				return xpm_fail_memory(err);
		}
		need.count = n > XPM_ACCELERATORS_MAX / need.count ? XPM_ACCELERATORS_MAX + 1
		                                                   : need.count * n;
		if (!xpm_requirement_add(to, &need))
			return xpm_fail(err, XPM_ERR_LIMIT,
			                "more than %d accelerators in one alternative",
			                XPM_ACCELERATORS_MAX);
	}
	return XPM_OK;
}

/* A further alternative of `to`: all that a asks for, n times its accelerators. */
static enum xpm_code add_alternative(struct xpm_requirement *to, const struct xpm_alternative *a,
                                     uint32_t n, struct xpm_error *err)
{
	struct xpm_alternative *alternative = xpm_requirement_begin(to);

	alternative->duration = a->duration;
	alternative->mem = a->mem;
	alternative->cores = a->cores;
	return add_needs(to, a, n, err);
}

static int missing(const struct xpm_requirement *a, const struct xpm_requirement *b,
                   struct xpm_error *err)
{
	if (a && b)
		return 0;
	xpm_fail(err, XPM_ERR_VALUE, "an operand is missing");
	return 1;
}

static int too_large(uint64_t mem, struct xpm_error *err)
{
	if (mem <= XPM_SIZE_MAX)
		return 0;
	xpm_fail(err, XPM_ERR_LIMIT, "mem is above the limit of 2^62 bytes");
	return 1;
}

/* What xpm_spec_parse() could read: printable, and quotable. */
static int good_model(const char *model, struct xpm_error *err)
{
	size_t len = strlen(model), at, n;
	int printable;

	if (len == 0) {
		xpm_fail(err, XPM_ERR_VALUE, "the model name is empty");
		return 0;
	}
	for (at = 0; at < len; at += n) {
		n = xpm_char_len(model + at, len - at, &printable);
		if (!printable) {
			xpm_fail(err, XPM_ERR_VALUE,
			         "unprintable character 0x%02x in the model name",
			         (unsigned char)model[at]);
			return 0;
		}
	}
	if (strchr(model, '"') && strchr(model, '\'')) {
		xpm_fail(err, XPM_ERR_VALUE, "a model name cannot have both kinds of quotes");
		return 0;
	}
	return 1;
}

struct xpm_requirement *xpm_req_accel(enum xpm_accel_kind kind, uint64_t mem, const char *model,
                                      uint32_t count, struct xpm_error *err)
{
	struct xpm_accel_need need = { .kind = kind, .count = count, .mem = mem, .model = model };
	struct xpm_alternative one = { .accels = &need, .accels_len = 1 };
	struct xpm_requirement *requirement;

	if (kind != XPM_ACCEL_CUDA && kind != XPM_ACCEL_ROCM && kind != XPM_ACCEL_MPS &&
	    kind != XPM_ACCEL_ANY) {
		xpm_fail(err, XPM_ERR_VALUE, "there is no accelerator kind %d", (int)kind);
		return NULL;
	}
	if (count == 0) {
		xpm_fail(err, XPM_ERR_VALUE, "the number of accelerators must be at least 1");
		return NULL;
	}
	if (too_large(mem, err) || (model && !good_model(model, err)))
		return NULL;
	requirement = xpm_requirement_create(1, 1, err);
	if (!requirement)
		return NULL;
	if (add_alternative(requirement, &one, 1, err)) {
		xpm_requirement_destroy(requirement);
		return NULL;
	}
	return finish(requirement, err);
}

struct xpm_requirement *xpm_req_cuda(uint64_t mem, struct xpm_error *err)
{
	return xpm_req_accel(XPM_ACCEL_CUDA, mem, NULL, 1, err);
}

struct xpm_requirement *xpm_req_cpu(uint64_t mem, uint32_t cores, struct xpm_error *err)
{
	struct xpm_requirement *requirement;
	struct xpm_alternative *alternative;

	if (too_large(mem, err))
		return NULL;
	if (cores > XPM_CORES_MAX) {
		xpm_fail(err, XPM_ERR_LIMIT, "cores is above the limit of %" PRIu32, XPM_CORES_MAX);
		return NULL;
	}
	requirement = xpm_requirement_create(1, 0, err);
	if (!requirement)
		return NULL;
	alternative = xpm_requirement_begin(requirement);
	alternative->mem = mem;
	alternative->cores = mem || cores ? cores : 1;
	return finish(requirement, err);
}

struct xpm_requirement *xpm_req_duration(uint64_t seconds, struct xpm_error *err)
{
	struct xpm_requirement *requirement;

	if (seconds == 0) {
		xpm_fail(err, XPM_ERR_VALUE, "duration must be at least 1 second");
		return NULL;
	}
	if (seconds > XPM_DURATION_MAX) {
		xpm_fail(err, XPM_ERR_LIMIT, "duration is above the limit of 2^40 seconds");
		return NULL;
	}
	requirement = xpm_requirement_create(1, 0, err);
	if (!requirement)
		return NULL;
	xpm_requirement_begin(requirement)->duration = seconds;
	return finish(requirement, err);
}

/* Room for alternatives, which are counted here, and needs. */
static struct xpm_requirement *create(size_t alternatives, size_t needs, struct xpm_error *err)
{
	if (alternatives <= XPM_ALTERNATIVES_MAX)
		return xpm_requirement_create(alternatives, needs, err);
	xpm_fail(err, XPM_ERR_LIMIT, "more than %d alternatives", XPM_ALTERNATIVES_MAX);
	return NULL;
}

struct xpm_requirement *xpm_req_and(const struct xpm_requirement *a,
                                    const struct xpm_requirement *b, struct xpm_error *err)
{
	struct xpm_requirement *both;
	size_t i, j;

	if (missing(a, b, err))
		return NULL;
	both = create(a->len * b->len, a->needs_len * b->len + b->needs_len * a->len, err);
	for (i = 0; both && i < a->len; i++) {
		for (j = 0; both && j < b->len; j++) {
			const struct xpm_alternative *right = &b->items[j];
			enum xpm_code code = add_alternative(both, &a->items[i], 1, err);
			struct xpm_alternative *made = &both->items[both->len - 1];

			xpm_raise(&made->duration, right->duration);
			xpm_raise(&made->mem, right->mem);
			xpm_raise_cores(&made->cores, right->cores);
			if (!code)
				code = add_needs(both, right, 1, err);
			if (code) {
				xpm_requirement_destroy(both);
				both = NULL;
			}
		}
	}
	return both ? finish(both, err) : NULL;
}

/*
 * The alternatives of from, n times their accelerators, at the end of to; `to` is destroyed on
 * failure.
 */
static struct xpm_requirement *append(struct xpm_requirement *to,
                                      const struct xpm_requirement *from, uint32_t n,
                                      struct xpm_error *err)
{
	size_t i;

	for (i = 0; to && i < from->len; i++) {
		if (add_alternative(to, &from->items[i], n, err)) {
			xpm_requirement_destroy(to);
			to = NULL;
		}
	}
	return to;
}

struct xpm_requirement *xpm_req_or(const struct xpm_requirement *a, const struct xpm_requirement *b,
                                   struct xpm_error *err)
{
	struct xpm_requirement *either;

	if (missing(a, b, err))
		return NULL;
	either = create(a->len + b->len, a->needs_len + b->needs_len, err);
	either = append(either, a, 1, err);
	either = append(either, b, 1, err);
	return either ? finish(either, err) : NULL;
}

struct xpm_requirement *xpm_req_times(const struct xpm_requirement *requirement, uint32_t n,
                                      struct xpm_error *err)
{
	struct xpm_requirement *result;

	if (missing(requirement, requirement, err))
		return NULL;
	if (n == 0 || requirement->needs_len == 0) {
		xpm_fail(err, XPM_ERR_VALUE,
		         n ? "only accelerators can be multiplied, and there is none"
		           : "the number of accelerators must be at least 1");
		return NULL;
	}
	result = append(create(requirement->len, requirement->needs_len, err), requirement, n, err);
	return result ? finish(result, err) : NULL;
}

/*
 * 0 when the product is above XPM_DURATION_MAX. Dividing first keeps every step within 64 bits and
 * exact.
 */
static uint64_t scale_duration(uint64_t seconds, uint32_t numerator, uint32_t denominator)
{
	uint64_t whole = seconds / denominator;
	uint64_t rest = seconds % denominator * numerator;

	if (whole > XPM_DURATION_MAX / numerator)
		return 0;
	whole = whole * numerator + rest / denominator + (rest % denominator != 0);
	return whole <= XPM_DURATION_MAX ? whole : 0;
}

struct xpm_requirement *xpm_req_multiply_duration(const struct xpm_requirement *requirement,
                                                  uint32_t numerator, uint32_t denominator,
                                                  struct xpm_error *err)
{
	struct xpm_requirement *result;
	size_t i;

	if (missing(requirement, requirement, err))
		return NULL;
	if (numerator == 0 || denominator == 0) {
		xpm_fail(err, XPM_ERR_VALUE,
		         "a duration cannot be multiplied by %" PRIu32 "/%" PRIu32, numerator,
		         denominator);
		return NULL;
	}
	result = append(create(requirement->len, requirement->needs_len, err), requirement, 1, err);
	for (i = 0; result && i < result->len; i++) {
		uint64_t *duration = &result->items[i].duration;

		if (*duration == 0)
			continue;
		*duration = scale_duration(*duration, numerator, denominator);
		if (*duration == 0) {
			xpm_fail(err, XPM_ERR_LIMIT, "duration is above the limit of 2^40 seconds");
			xpm_requirement_destroy(result);
			result = NULL;
		}
	}
	return result ? finish(result, err) : NULL;
}
