/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostlist.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 18

/* A name cut at its last number: n12-ib is "n", 12, "-ib". A name without a number is all prefix.
 */
struct name {
	const char *text;
	const char *digits, *suffix;
	size_t prefix_len, digits_len;
	uint64_t number;
};

/* The text as it grows. */
struct output {
	char *buf; /* NULL: only count */
	size_t len;
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct name split(const char *text)
{
	struct name name = { .text = text };
	size_t len = strlen(text), end = len, start, i;

	while (end > 0 && !is_digit(text[end - 1]))
		end--;
	for (start = end; start > 0 && is_digit(text[start - 1]); start--)
		;
	if (end == 0 || end - start > DIGITS_MAX)
		start = end = len;
	name.digits = text + start;
	name.suffix = text + end;
	name.prefix_len = start;
	name.digits_len = end - start;
	for (i = start; i < end; i++)
		name.number = name.number * 10 + (uint64_t)(text[i] - '0');
	return name;
}

/* Text order in which numbers count by their value: n2 before n10. */
static int natural(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0, j = 0;

	if (a_len == b_len && !memcmp(a, b, a_len))
		return 0;
	while (i < a_len && j < b_len) {
		size_t a_digits = 0, b_digits = 0;
		int order;

		if (!is_digit(a[i]) || !is_digit(b[j])) {
			if (a[i] != b[j])
				return (unsigned char)a[i] < (unsigned char)b[j] ? -1 : 1;
			i++;
			j++;
			continue;
		}
		while (i < a_len && a[i] == '0')
			i++;
		while (j < b_len && b[j] == '0')
			j++;
		while (i + a_digits < a_len && is_digit(a[i + a_digits]))
			a_digits++;
		while (j + b_digits < b_len && is_digit(b[j + b_digits]))
			b_digits++;
		if (a_digits != b_digits)
			return a_digits < b_digits ? -1 : 1;
		order = memcmp(a + i, b + j, a_digits);
		if (order)
			return order;
		i += a_digits;
		j += b_digits;
	}
	if (i < a_len || j < b_len)
		return i < a_len ? 1 : -1;
	/* They differ in leading zeros only: any fixed order will do. */
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

static int compare(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = natural(a->text, a->prefix_len, b->text, b->prefix_len);

	if (!order)
		order = strcmp(a->suffix, b->suffix);
	if (!order && a->number != b->number)
		order = a->number < b->number ? -1 : 1;
	if (!order && a->digits_len != b->digits_len)
		order = a->digits_len < b->digits_len ? -1 : 1;
	return order;
}

static int same_family(const struct name *a, const struct name *b)
{
	return a->digits_len && b->digits_len && a->prefix_len == b->prefix_len &&
	       !memcmp(a->text, b->text, a->prefix_len) && !strcmp(a->suffix, b->suffix);
}

/* b is what a range that goes on from a, its first number of width digits, would print next. */
static int follows(const struct name *a, const struct name *b, size_t width)
{
	char expected[32];

	if (b->number != a->number + 1)
		return 0;
	snprintf(expected, sizeof(expected), "%0*" PRIu64, (int)width, b->number);
	return strlen(expected) == b->digits_len;
}

static void put(struct output *out, const char *text, size_t len)
{
	if (out->buf)
		memcpy(out->buf + out->len, text, len);
	out->len += len;
}

static void put_range(struct output *out, const struct name *first, const struct name *last)
{
	put(out, first->digits, first->digits_len);
	if (first == last)
		return;
	put(out, "-", 1);
	put(out, last->digits, last->digits_len);
}

/* The names from first on that make one item; returns the one behind them. */
static const struct name *put_family(struct output *out, const struct name *first,
                                     const struct name *end)
{
	const struct name *stop = first + 1, *from, *last;

	while (stop < end && same_family(first, stop))
		stop++;
	if (stop - first == 1) {
		put(out, first->text, strlen(first->text));
		return stop;
	}
	put(out, first->text, first->prefix_len);
	put(out, "[", 1);
	for (from = first; from < stop; from = last + 1) {
		if (from > first)
			put(out, ",", 1);
		for (last = from; last + 1 < stop && follows(last, last + 1, from->digits_len);
		     last++)
			;
		put_range(out, from, last);
	}
	put(out, "]", 1);
	put(out, first->suffix, strlen(first->suffix));
	return stop;
}

static size_t put_all(struct output *out, const struct name *names, size_t n)
{
	const struct name *at = names, *end = names + n;

	while (at < end) {
		if (at > names)
			put(out, ",", 1);
		at = put_family(out, at, end);
	}
	return out->len;
}

/* Sorted, each once; the new count. */
static size_t put_in_order(struct name *names, size_t n)
{
	size_t i, kept = 0;

	qsort(names, n, sizeof(names[0]), compare);
	for (i = 0; i < n; i++)
		if (kept == 0 || strcmp(names[kept - 1].text, names[i].text))
			names[kept++] = names[i];
	return kept;
}

char *xpm_hostlist_compress(struct xpm_arena *arena, const char **texts, size_t n)
{
	struct output out = { NULL, 0 };
	struct name *names;
	size_t kept, i;

	if (n == 0)
		return xpm_arena_strdup(arena, "");
	names = n > SIZE_MAX / sizeof(names[0]) ? NULL : malloc(n * sizeof(names[0]));
	if (!names)
		return NULL;
	for (i = 0; i < n; i++)
		names[i] = split(texts[i]);
	kept = put_in_order(names, n);
	out.buf = xpm_arena_alloc(arena, put_all(&out, names, kept) + 1);
	out.len = 0;
	if (out.buf)
		put_all(&out, names, kept);
	free(names);
	return out.buf;
}
