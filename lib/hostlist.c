/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostlist.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "error_private.h"

#define DIGITS_MAX 18 /* fit in 64 bits, whatever they are */
#define COUNT_MOST                                                                                 \
	(UINT64_MAX / 16) /* one more range of DIGITS_MAX digits can be added without a wrap */

/* Where the reading of an expression stands, and what it may complain to. */
struct scan {
	const char *expr;
	size_t len, at;
	struct xpm_error *err;
};

/* A bracket: its text between the brackets, and the number it stands at. */
struct set {
	size_t start, at; /* offsets in the expression: of the first range, of the range after the
	                     current one */
	size_t text_at;   /* offset in the name's literal text where the number belongs */
	uint64_t count;
	uint64_t low, high, now;
	int width;
};

/* One item of the list: literal text with numbers put in between. */
struct item {
	char text[XPM_HOST_NAME_MAX + 1];
	size_t len;     /* of text */
	size_t longest; /* bytes of the longest name */
	struct set sets[XPM_HOSTLIST_SETS_MAX];
	size_t sets_len;
	uint64_t count; /* names; saturates */
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_name_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
	       c == '_' || c == '-';
}

static char peek(const struct scan *scan)
{
	return scan->at < scan->len ? scan->expr[scan->at] : '\0';
}

#define fail(scan, code, offset, ...)                                                              \
	xpm_fail_at((scan)->err, code, "hosts", (scan)->expr, (scan)->len, offset, __VA_ARGS__)

static enum xpm_code unexpected(struct scan *scan, const char *expected)
{
	char c = peek(scan);

	if (scan->at >= scan->len)
		return fail(scan, XPM_ERR_VALUE, scan->at, "expected %s, but the text ends here",
		            expected);
	if (c > ' ' && c < 0x7f)
		return fail(scan, XPM_ERR_VALUE, scan->at, "expected %s, not '%c'", expected, c);
	return fail(scan, XPM_ERR_VALUE, scan->at, "expected %s, not a %s", expected,
	            c == ' ' || c == '\t' ? "blank" : "byte that no host name has");
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static int decimal_width(uint64_t value)
{
	int width = 1;

	while (value /= 10)
		width++;
	return width;
}

static enum xpm_code scan_number(struct scan *scan, uint64_t *value)
{
	size_t start = scan->at;

	*value = 0;
	while (is_digit(peek(scan))) {
		if (scan->at - start == DIGITS_MAX)
			return fail(scan, XPM_ERR_LIMIT, start, "a number has more than %d digits",
			            DIGITS_MAX);
		*value = *value * 10 + (uint64_t)(scan->expr[scan->at++] - '0');
	}
	return scan->at == start ? unexpected(scan, "a number") : XPM_OK;
}

/* LOW or LOW-HIGH, and the comma behind it. */
static enum xpm_code scan_range(struct scan *scan, struct set *set)
{
	size_t start = scan->at;
	enum xpm_code code = scan_number(scan, &set->low);

	if (code)
		return code;
	set->width = (int)(scan->at - start);
	set->high = set->low;
	if (peek(scan) == '-') {
		scan->at++;
		code = scan_number(scan, &set->high);
		if (code)
			return code;
	}
	if (set->high < set->low)
		return fail(scan, XPM_ERR_VALUE, start,
		            "the range %" PRIu64 "-%" PRIu64 " runs backwards", set->low,
		            set->high);
	if (peek(scan) == ',')
		scan->at++;
	else if (peek(scan) != ']')
		return unexpected(scan, "',' or ']'");
	set->at = scan->at;
	set->now = set->low;
	return XPM_OK;
}

static enum xpm_code scan_set(struct scan *scan, struct item *item)
{
	struct set *set = &item->sets[item->sets_len];
	size_t longest = 0;

	if (item->sets_len == XPM_HOSTLIST_SETS_MAX)
		return fail(scan, XPM_ERR_LIMIT, scan->at, "a host name has more than %d brackets",
		            XPM_HOSTLIST_SETS_MAX);
	item->sets_len++;
	scan->at++;
	set->start = scan->at;
	set->text_at = item->len;
	set->count = 0;
	do {
		enum xpm_code code = scan_range(scan, set);
		int width;

		if (code)
			return code;
		width = decimal_width(set->high);
		if (width < set->width)
			width = set->width;
		if ((size_t)width > longest)
			longest = (size_t)width;
		set->count += set->high - set->low + 1;
		if (set->count > COUNT_MOST)
			set->count = COUNT_MOST;
	} while (scan->expr[scan->at - 1] == ',');
	scan->at++;
	item->longest += longest;
	item->count = saturating_product(item->count, set->count);
	return XPM_OK;
}

/* One item up to its comma or the end. */
static enum xpm_code scan_item(struct scan *scan, struct item *item)
{
	size_t start = scan->at;
	enum xpm_code code;

	item->len = item->longest = item->sets_len = 0;
	item->count = 1;
	while (scan->at < scan->len && peek(scan) != ',') {
		if (peek(scan) == '[') {
			code = scan_set(scan, item);
			if (code)
				return code;
		} else if (is_name_char(peek(scan))) {
			if (item->len < XPM_HOST_NAME_MAX)
				item->text[item->len++] = peek(scan);
			item->longest++;
			scan->at++;
		} else {
			return unexpected(scan, "a host name of letters, digits and . _ - [ ]");
		}
		if (item->longest > XPM_HOST_NAME_MAX)
			return fail(scan, XPM_ERR_LIMIT, start,
			            "a host name is longer than %d bytes", XPM_HOST_NAME_MAX);
	}
	if (scan->at == start)
		return unexpected(scan, "a host name");
	item->text[item->len] = '\0';
	return XPM_OK;
}

static void write_name(const struct item *item, char *name)
{
	size_t from = 0, to = 0, i;

	for (i = 0; i < item->sets_len; i++) {
		const struct set *set = &item->sets[i];

		memcpy(name + to, item->text + from, set->text_at - from);
		to += set->text_at - from;
		from = set->text_at;
		to += (size_t)snprintf(name + to, XPM_HOST_NAME_MAX + 1 - to, "%0*" PRIu64,
		                       set->width, set->now);
	}
	memcpy(name + to, item->text + from, item->len - from + 1);
}

static void enter_range(const struct scan *scan, struct set *set, size_t at)
{
	struct scan inner = { scan->expr, scan->len, at, NULL };

	scan_range(&inner, set); /* was read before: cannot fail */
}

/* The next combination of numbers, the last bracket first. 0 when all were seen. */
static int advance(const struct scan *scan, struct item *item)
{
	size_t i;

	for (i = item->sets_len; i-- > 0;) {
		struct set *set = &item->sets[i];

		if (set->now < set->high) {
			set->now++;
			return 1;
		}
		if (scan->expr[set->at] != ']') {
			enter_range(scan, set, set->at);
			return 1;
		}
		enter_range(scan, set, set->start);
	}
	return 0;
}

static int emit_item(const struct scan *scan, struct item *item, int (*fn)(const char *, void *),
                     void *ctx)
{
	char name[XPM_HOST_NAME_MAX + 1];
	size_t i;
	int stop;

	for (i = 0; i < item->sets_len; i++)
		enter_range(scan, &item->sets[i], item->sets[i].start);
	do {
		write_name(item, name);
		stop = fn(name, ctx);
		if (stop)
			return stop;
	} while (advance(scan, item));
	return 0;
}

/* Every item of the expression, with its names when fn is not NULL. */
static enum xpm_code walk(struct scan *scan, int (*fn)(const char *, void *), void *ctx, size_t max)
{
	struct item item;
	uint64_t total = 0;

	scan->at = 0;
	for (;;) {
		size_t start = scan->at;
		enum xpm_code code = scan_item(scan, &item);

		if (code)
			return code;
		if (item.count > max || total > max - item.count)
			return fail(scan, XPM_ERR_LIMIT, start, "more than %zu hosts", max);
		total += item.count;
		if (fn) {
			int stop = emit_item(scan, &item, fn, ctx);

			if (stop)
				return (enum xpm_code)stop;
		}
		if (scan->at == scan->len)
			return XPM_OK;
		scan->at++; /* the comma */
	}
}

enum xpm_code xpm_hostlist_each(const char *expr, int (*fn)(const char *host, void *ctx), void *ctx,
                                size_t max, struct xpm_error *err)
{
	struct scan scan = { expr, strlen(expr), 0, err };
	enum xpm_code code = walk(&scan, NULL, NULL, max);

	return code || !fn ? code : walk(&scan, fn, ctx, max);
}
