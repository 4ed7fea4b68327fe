/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The product's side of run_trees.py in C. Lines in: TEXT <tab> STEP <tab> STEP ..., a requirement as text and as the
 * steps that build it (see trees.lua, which takes the same). Lines out: canonical text of both and whether they are
 * equal, by tabs.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/xpmatch.h>

#define DEPTH 64

struct stack {
	struct xpm_requirement *items[DEPTH];
	size_t len;
	struct xpm_error err;
};

static enum xpm_accel_kind kind_of(const char *name)
{
	for (int kind = XPM_ACCEL_CUDA; kind < XPM_ACCEL_ANY; kind++) {
		if (!strcmp(name, xpm_accel_kind_name((enum xpm_accel_kind)kind)))
			return (enum xpm_accel_kind)kind;
	}
	return XPM_ACCEL_ANY;
}

static uint64_t size_of(const char *text)
{
	uint64_t bytes = 0;

	if (*text && xpm_size_parse(text, strlen(text), &bytes, NULL) != XPM_OK)
		abort();
	return bytes;
}

static struct xpm_requirement *leaf(const char *name, const char *first, const char *second, struct xpm_error *err)
{
	uint64_t seconds;

	if (!strcmp(name, "duration")) {
		if (xpm_duration_parse(first, strlen(first), 0, &seconds, err) != XPM_OK)
			return NULL;
		return xpm_req_duration(seconds, err);
	}
	if (!strcmp(name, "cpu"))
		return xpm_req_cpu(size_of(first), (uint32_t)strtoul(second, NULL, 10), err);
	return xpm_req_accel(kind_of(name), size_of(first), *second ? second : NULL, 1, err);
}

static struct xpm_requirement *pop(struct stack *stack)
{
	return stack->len ? stack->items[--stack->len] : NULL;
}

/* NAME:FIRST:SECOND, or a sign with its number. After a failure the rest is of no matter. */
static void step(struct stack *stack, char *text)
{
	const char *name = strsep(&text, ":"), *first = text ? strsep(&text, ":") : "", *second = text ? text : "";
	struct xpm_requirement *a = NULL, *b = NULL, *made;

	if (stack->err.code != XPM_OK)
		return;
	if (!strcmp(name, "and") || !strcmp(name, "or")) {
		b = pop(stack);
		a = pop(stack);
		made = name[0] == 'a' ? xpm_req_and(a, b, &stack->err) : xpm_req_or(a, b, &stack->err);
	} else if (!strcmp(name, "times")) {
		a = pop(stack);
		made = xpm_req_times(a, (uint32_t)strtoul(first, NULL, 10), &stack->err);
	} else if (!strcmp(name, "longer")) {
		a = pop(stack);
		made = xpm_req_multiply_duration(a, (uint32_t)strtoul(first, NULL, 10), (uint32_t)strtoul(second, NULL, 10),
						 &stack->err);
	} else {
		made = leaf(name, first, second, &stack->err);
	}
	xpm_requirement_destroy(a);
	xpm_requirement_destroy(b);
	if (made && stack->len < DEPTH)
		stack->items[stack->len++] = made;
	else
		xpm_requirement_destroy(made);
}

static void print(const struct xpm_requirement *requirement, const struct xpm_error *err)
{
	char text[XPM_SPEC_MAX + 1];

	if (requirement)
		xpm_requirement_print(requirement, text, sizeof(text));
	printf("%s\t", requirement ? text : err->code == XPM_ERR_LIMIT ? "limit" : err->text);
}

int main(void)
{
	char *line = NULL, *at, *text;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		struct stack stack = { .len = 0 };
		struct xpm_error err = { 0 };
		struct xpm_requirement *parsed;

		line[len - 1] = '\0';
		at = line;
		text = strsep(&at, "\t");
		parsed = xpm_spec_parse(text, &err);
		while (at)
			step(&stack, strsep(&at, "\t"));
		print(parsed, &err);
		print(stack.err.code == XPM_OK && stack.len == 1 ? stack.items[0] : NULL, &stack.err);
		printf("%d\n", parsed && stack.len == 1 && xpm_requirement_equal(parsed, stack.items[0]));
		fflush(stdout);
		while (stack.len)
			xpm_requirement_destroy(stack.items[--stack.len]);
		xpm_requirement_destroy(parsed);
	}
	free(line);
	return 0;
}
