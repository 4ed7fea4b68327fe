/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "requirement.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "lexer.h"

const char *xpm_accel_kind_name(enum xpm_accel_kind kind)
{
	switch (kind) {
	case XPM_ACCEL_CUDA:
		return "cuda";
	case XPM_ACCEL_ROCM:
		return "rocm";
	case XPM_ACCEL_MPS:
		return "mps";
	case XPM_ACCEL_ANY:
		break;
	}
	return "gpu";
}

struct xpm_requirement *xpm_requirement_create(size_t alternatives, size_t needs,
                                               struct xpm_error *err)
{
	struct xpm_requirement *requirement = calloc(1, sizeof(*requirement));

	if (!requirement) {
		xpm_fail_memory(err);
		return NULL;
	}
	requirement->items =
	        xpm_arena_array(&requirement->arena, alternatives, sizeof(*requirement->items));
	requirement->needs =
	        xpm_arena_array(&requirement->arena, needs, sizeof(*requirement->needs));
	if (!requirement->items || !requirement->needs) {
		xpm_requirement_destroy(requirement);
		xpm_fail_memory(err);
		return NULL;
	}
	return requirement;
}

void xpm_requirement_destroy(struct xpm_requirement *requirement)
{
	if (!requirement)
		return;
	xpm_arena_free(&requirement->arena);
	free(requirement);
}

const struct xpm_alternative *
xpm_requirement_alternatives(const struct xpm_requirement *requirement, size_t *len)
{
	if (len)
		*len = requirement->len;
	return requirement->items;
}

const char *xpm_requirement_source(const struct xpm_requirement *requirement)
{
	return requirement->source;
}

struct xpm_alternative *xpm_requirement_begin(struct xpm_requirement *requirement)
{
	struct xpm_alternative *alternative = &requirement->items[requirement->len++];

	alternative->accels = requirement->needs + requirement->needs_len;
	return alternative;
}

/* Models are compared as the matcher does: without regard to case. */
static int same_model(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++) {
		char lower_a = (char)(*a >= 'A' && *a <= 'Z' ? *a | 0x20 : *a);
		char lower_b = (char)(*b >= 'A' && *b <= 'Z' ? *b | 0x20 : *b);

		if (lower_a != lower_b)
			return 0;
	}
	return *a == *b;
}

static int same_need(const struct xpm_accel_need *a, const struct xpm_accel_need *b)
{
	return a->kind == b->kind && a->mem == b->mem && same_model(a->model, b->model);
}

int xpm_requirement_add(struct xpm_requirement *requirement, const struct xpm_accel_need *need)
{
	struct xpm_alternative *alternative = &requirement->items[requirement->len - 1];
	struct xpm_accel_need *own =
	        requirement->needs + (requirement->needs_len - alternative->accels_len);
	size_t i;

	if (need->count > XPM_ACCELERATORS_MAX - alternative->accel_count)
		return 0;
	alternative->accel_count += need->count;
	for (i = 0; i < alternative->accels_len; i++) {
		if (same_need(&own[i], need)) {
			own[i].count += need->count;
			return 1;
		}
	}
	own[i] = *need;
	alternative->accels_len++;
	requirement->needs_len++;
	return 1;
}

void xpm_raise(uint64_t *value, uint64_t least)
{
	if (*value < least)
		*value = least;
}

void xpm_raise_cores(uint32_t *cores, uint32_t least)
{
	if (*cores < least)
		*cores = least;
}

static const struct xpm_accel_need *find_need(const struct xpm_alternative *in,
                                              const struct xpm_accel_need *need)
{
	size_t i;

	for (i = 0; i < in->accels_len; i++)
		if (same_need(&in->accels[i], need))
			return &in->accels[i];
	return NULL;
}

static int same_alternative(const struct xpm_alternative *a, const struct xpm_alternative *b)
{
	size_t i;

	if (a->duration != b->duration || a->mem != b->mem || a->cores != b->cores ||
	    a->accel_count != b->accel_count || a->accels_len != b->accels_len)
		return 0;
	/* The needs of one alternative all differ: finding each of a's in b is enough. */
	for (i = 0; i < a->accels_len; i++) {
		const struct xpm_accel_need *other = find_need(b, &a->accels[i]);

		if (!other || other->count != a->accels[i].count)
			return 0;
	}
	return 1;
}

int xpm_requirement_equal(const struct xpm_requirement *a, const struct xpm_requirement *b)
{
	size_t i;

	if (a->len != b->len)
		return 0;
	for (i = 0; i < a->len; i++)
		if (!same_alternative(&a->items[i], &b->items[i]))
			return 0;
	return 1;
}

/* What snprintf() does, over several calls. */
struct output {
	char *buf;
	size_t size, len;
};

static void put(struct output *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct output *out, const char *format, ...)
{
	size_t room = out->len < out->size ? out->size - out->len : 0;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(room ? out->buf + out->len : NULL, room, format, args);
	va_end(args);
	if (len > 0)
		out->len += (size_t)len;
}

static void put_need(struct output *out, const struct xpm_accel_need *need)
{
	char size[XPM_SIZE_TEXT];

	put(out, "%s(", xpm_accel_kind_name(need->kind));
	if (need->mem)
		put(out, "mem=%s%s", xpm_size_print(need->mem, size), need->model ? ", " : "");
	if (need->model) {
		const char *quote = strchr(need->model, '"') ? "'" : "\"";

		if (xpm_lexer_is_word(need->model, strlen(need->model)))
			quote = "";
		put(out, "model=%s%s%s", quote, need->model, quote);
	}
	put(out, ")");
	if (need->count > 1)
		put(out, "*%" PRIu32, need->count);
}

/* In the order people write them: what is scarce first. */
static void put_alternative(struct output *out, const struct xpm_alternative *alternative)
{
	const char *separator = "";
	char text[XPM_SIZE_TEXT];
	size_t i;

	for (i = 0; i < alternative->accels_len; i++) {
		put(out, "%s", separator);
		put_need(out, &alternative->accels[i]);
		separator = " & ";
	}
	if (alternative->mem || alternative->cores) {
		put(out, "%scpu(", separator);
		if (alternative->cores)
			put(out, "cores=%" PRIu32 "%s", alternative->cores, alternative->mem ? ", " : "");
		if (alternative->mem)
			put(out, "mem=%s", xpm_size_print(alternative->mem, text));
		put(out, ")");
		separator = " & ";
	}
	if (alternative->duration)
		put(out, "%sduration=%s", separator, xpm_duration_print(alternative->duration, text));
}

size_t xpm_alternative_print(const struct xpm_alternative *alternative, char *buf, size_t size)
{
	struct output out = { buf, size, 0 };

	put(&out, "%s", "");
	put_alternative(&out, alternative);
	return out.len;
}

size_t xpm_requirement_print(const struct xpm_requirement *requirement, char *buf, size_t size)
{
	struct output out = { buf, size, 0 };
	size_t i;

	put(&out, "%s", "");
	for (i = 0; i < requirement->len; i++) {
		put(&out, "%s", i ? " | " : "");
		put_alternative(&out, &requirement->items[i]);
	}
	return out.len;
}
