/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/units.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "suggest.h"

struct unit {
	const char *name;
	uint64_t factor;
};

#define K UINT64_C(1000)
#define M UINT64_C(1000000)
#define G UINT64_C(1000000000)
#define T UINT64_C(1000000000000)

/* Decimal units of a kind in a row, largest first: the order in which printing tries them. */
static const struct unit size_units[] = {
	{ "T", T },
	{ "G", G },
	{ "M", M },
	{ "K", K },
	{ "TiB", UINT64_C(1) << 40 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "TB", T },
	{ "GB", G },
	{ "MB", M },
	{ "KB", K },
};
#define SIZE_UNITS         (sizeof(size_units) / sizeof(size_units[0]))
#define SIZE_UNITS_PRINTED 8
#define SIZE_UNITS_TEXT    "K, M, G, T, KB to TB or KiB to TiB"

static const struct unit duration_units[] = {
	{ "d", 86400 },    { "h", 3600 },      { "m", 60 },         { "s", 1 },
	{ "w", 604800 },   { "sec", 1 },       { "secs", 1 },       { "second", 1 },
	{ "seconds", 1 },  { "min", 60 },      { "mins", 60 },      { "minute", 60 },
	{ "minutes", 60 }, { "hour", 3600 },   { "hours", 3600 },   { "day", 86400 },
	{ "days", 86400 }, { "week", 604800 }, { "weeks", 604800 },
};
#define DURATION_UNITS         (sizeof(duration_units) / sizeof(duration_units[0]))
#define DURATION_UNITS_PRINTED 4 /* no weeks: Slurm says 7 days */
#define DURATION_UNITS_TEXT    "s, m, h, d or w"

#define UNITS_MOST DURATION_UNITS

/* What the two kinds of quantity differ in. */
struct quantity {
	const char *noun;
	const struct unit *units;
	size_t units_len;
	const char *units_text;
	uint64_t most;
	const char *most_text;
};

static const struct quantity size_quantity = {
	"size", size_units, SIZE_UNITS, SIZE_UNITS_TEXT, XPM_SIZE_MAX, "4194304TiB",
};
static const struct quantity duration_quantity = {
	"duration",          duration_units,   DURATION_UNITS,
	DURATION_UNITS_TEXT, XPM_DURATION_MAX, "2^40 seconds",
};

/* The text between its blanks, and its parts; all borrowed. */
struct number {
	const char *text, *fraction, *unit;
	size_t len, integer_len, fraction_len, unit_len;
};

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(text[n]))
		n++;
	return n;
}

static void trim(const char **text, size_t *len)
{
	while (*len && is_blank(**text)) {
		++*text;
		--*len;
	}
	while (*len && is_blank((*text)[*len - 1]))
		--*len;
}

static enum xpm_code split(struct number *number, const struct quantity *quantity,
                           struct xpm_error *err)
{
	const char *text = number->text;
	size_t len = number->len, at;

	at = number->integer_len = digits(text, len);
	number->fraction = text + at;
	number->fraction_len = 0;
	if (at == 0 && len == 0)
		return xpm_fail(err, XPM_ERR_VALUE, "expected a %s, got nothing", quantity->noun);
	if (at == 0)
		return xpm_fail(err, XPM_ERR_VALUE,
		                "expected a %s that starts with a digit, got '%.*s'",
		                quantity->noun, xpm_shown(text, len), text);
	if (at < len && text[at] == '.') {
		at++;
		number->fraction = text + at;
		number->fraction_len = digits(text + at, len - at);
		if (number->fraction_len == 0)
			return xpm_fail(err, XPM_ERR_VALUE,
			                "expected a digit after the point of '%.*s'",
			                xpm_shown(text, len), text);
		at += number->fraction_len;
	}
	number->unit = text + at;
	number->unit_len = len - at;
	trim(&number->unit, &number->unit_len);
	return XPM_OK;
}

static int is_zero(const struct number *number)
{
	size_t i;

	for (i = 0; i < number->integer_len; i++)
		if (number->text[i] != '0')
			return 0;
	for (i = 0; i < number->fraction_len; i++)
		if (number->fraction[i] != '0')
			return 0;
	return 1;
}

/* number times factor in *value, a fraction rounded up; 0 when that is above most. */
static int scale(const struct number *number, uint64_t factor, uint64_t most, uint64_t *value)
{
	uint64_t whole = 0, part = 0;
	int inexact = 0;
	size_t i;

	for (i = 0; i < number->integer_len; i++) {
		unsigned digit = (unsigned)(number->text[i] - '0');

		if (digit > most || whole > (most - digit) / 10)
			return 0;
		whole = whole * 10 + digit;
	}
	if (whole > most / factor)
		return 0;
	whole *= factor;

	/*
	 * From the last digit to the first: 0.d1d2 * f = (d1*f + d2*f/10) / 10. Nothing but the
	 * dropped rest is lost.
	 */
	for (i = number->fraction_len; i-- > 0;) {
		part += (unsigned)(number->fraction[i] - '0') * factor;
		inexact |= part % 10 != 0;
		part /= 10;
	}
	part += (unsigned)inexact;
	if (part > most - whole)
		return 0;
	*value = whole + part;
	return 1;
}

static int same_folded(const char *a, size_t len, const char *b)
{
	size_t i;

	for (i = 0; i < len && b[i]; i++)
		if ((a[i] | 0x20) != (b[i] | 0x20))
			return 0;
	return i == len && !b[i];
}

static enum xpm_code unknown_unit(const struct number *number, const struct quantity *quantity,
                                  struct xpm_error *err)
{
	const char *names[UNITS_MOST], *near = NULL;
	int value_len = xpm_shown(number->text, (size_t)(number->unit - number->text));
	size_t i;

	for (i = 0; i < quantity->units_len; i++) {
		names[i] = quantity->units[i].name;
		if (!near && same_folded(number->unit, number->unit_len, names[i]))
			near = names[i];
	}
	/* Something like "Gi": the distance to GB is the same, the meaning is not. */
	if (!near && number->unit_len == 2 && (number->unit[1] | 0x20) == 'i')
		for (i = 0; i < quantity->units_len; i++)
			if (names[i][1] == 'i' && (names[i][0] | 0x20) == (number->unit[0] | 0x20))
				near = names[i];
	if (!near && number->unit_len > 1)
		near = xpm_suggest(number->unit, number->unit_len, names, quantity->units_len);
	if (near)
		return xpm_fail(err, XPM_ERR_VALUE, "unknown unit '%.*s' (did you mean '%.*s%s'?)",
		                xpm_shown(number->unit, number->unit_len), number->unit, value_len,
		                number->text, near);
	return xpm_fail(err, XPM_ERR_VALUE, "unknown unit '%.*s': expected %s",
	                xpm_shown(number->unit, number->unit_len), number->unit,
	                quantity->units_text);
}

static enum xpm_code parse(const struct quantity *quantity, const struct number *number,
                           uint64_t *value, struct xpm_error *err)
{
	const struct unit *unit;
	size_t i;

	for (i = 0; i < quantity->units_len; i++) {
		unit = &quantity->units[i];
		if (strlen(unit->name) == number->unit_len &&
		    !memcmp(unit->name, number->unit, number->unit_len))
			break;
	}
	if (i == quantity->units_len)
		return unknown_unit(number, quantity, err);
	if (!scale(number, unit->factor, quantity->most, value))
		return xpm_fail(err, XPM_ERR_LIMIT, "%s '%.*s' is above the limit of %s",
		                quantity->noun, xpm_shown(number->text, number->len), number->text,
		                quantity->most_text);
	return XPM_OK;
}

enum xpm_code xpm_size_parse(const char *text, size_t len, uint64_t *bytes, struct xpm_error *err)
{
	struct number number;
	enum xpm_code code;
	const char *unit;
	int shown;

	trim(&text, &len);
	number.text = text;
	number.len = len;
	code = split(&number, &size_quantity, err);
	if (code)
		return code;
	if (number.unit_len)
		return parse(&size_quantity, &number, bytes, err);
	if (is_zero(&number)) {
		*bytes = 0;
		return XPM_OK;
	}
	/* Whoever writes 24000 means megabytes. */
	shown = xpm_shown(text, len);
	unit = number.integer_len > 3 ? "M" : "G";
	return xpm_fail(err, XPM_ERR_VALUE,
	                "size '%.*s' has no unit (did you mean '%.*s%s' or '%.*s%siB'?)", shown,
	                text, shown, text, unit, shown, text, unit);
}

/*
 * HH:MM:SS, D-HH, D-HH:MM and D-HH:MM:SS. 1 when the text has one of these shapes, then *code is
 * what came of it.
 */
static int parse_slurm(const char *text, size_t len, uint64_t *seconds, enum xpm_code *code,
                       struct xpm_error *err)
{
	static const uint64_t factors[] = { 86400, 3600, 60, 1 };
	const char *rest = text;
	size_t left = len, field = 1, fields = 0;
	uint64_t sum = 0, value;
	int over = 0;

	if (digits(text, len) < len && text[digits(text, len)] == '-')
		field = 0;
	for (;;) {
		struct number number = { .text = rest, .integer_len = digits(rest, left) };

		if (number.integer_len == 0 || field > 3)
			return 0;
		if (!scale(&number, factors[field], XPM_DURATION_MAX - sum, &value))
			over = 1;
		else
			sum += value;
		rest += number.integer_len;
		left -= number.integer_len;
		fields++;
		if (left == 0)
			break;
		if (*rest != (field == 0 ? '-' : ':'))
			return 0;
		rest++;
		left--;
		field++;
	}
	/* "10" and "10:30" mean minutes to Slurm and hours to many: not taken. */
	if (field == 0 || (fields == field && field < 3))
		return 0;
	*code = XPM_OK;
	if (over)
		*code = xpm_fail(err, XPM_ERR_LIMIT, "duration '%.*s' is above the limit of %s",
		                 xpm_shown(text, len), text, duration_quantity.most_text);
	else
		*seconds = sum;
	return 1;
}

enum xpm_code xpm_duration_parse(const char *text, size_t len, int slurm_forms, uint64_t *seconds,
                                 struct xpm_error *err)
{
	struct number number;
	enum xpm_code code;
	int shown;

	trim(&text, &len);
	if (slurm_forms && parse_slurm(text, len, seconds, &code, err))
		return code;
	number.text = text;
	number.len = len;
	code = split(&number, &duration_quantity, err);
	if (code)
		return code;
	if (number.unit_len && (number.unit[0] == ':' || number.unit[0] == '-'))
		return xpm_fail(err, XPM_ERR_VALUE, "expected a duration such as %s, got '%.*s'",
		                slurm_forms ? "90m, 20h, 4d, 1-12:00:00 or 20:00:00"
		                            : "90m, 20h or 4d",
		                xpm_shown(text, len), text);
	if (number.unit_len)
		return parse(&duration_quantity, &number, seconds, err);
	if (is_zero(&number)) {
		*seconds = 0;
		return XPM_OK;
	}
	shown = xpm_shown(text, len);
	return xpm_fail(err, XPM_ERR_VALUE,
	                "duration '%.*s' has no unit (did you mean '%.*sm', '%.*sh' or '%.*sd'%s?)",
	                shown, text, shown, text, shown, text, shown, text,
	                slurm_forms ? ", or '1-12:00:00'" : "");
}

char *xpm_size_print(uint64_t bytes, char *buf)
{
	size_t best = XPM_SIZE_TEXT, i;
	int whole = 0;

	buf[0] = '0';
	buf[1] = '\0';
	for (i = 0; bytes && i < SIZE_UNITS_PRINTED; i++) {
		const struct unit *unit = &size_units[i];
		uint64_t thousandths = bytes % unit->factor;
		char text[XPM_SIZE_TEXT];
		int len = 3, used;

		/*
		 * Exact with three decimals or not at all; of the largest unit the remainder times
		 * 1000 still fits.
		 */
		if (thousandths * 1000 % unit->factor)
			continue;
		thousandths = thousandths * 1000 / unit->factor;
		while (len && thousandths % 10 == 0) {
			thousandths /= 10;
			len--;
		}
		if (len)
			used = snprintf(text, sizeof(text), "%" PRIu64 ".%0*" PRIu64 "%s",
			                bytes / unit->factor, len, thousandths, unit->name);
		else
			used = snprintf(text, sizeof(text), "%" PRIu64 "%s", bytes / unit->factor,
			                unit->name);
		/* Of equally long ones a whole number: 512MiB rather than 0.5GiB. */
		if (used < 0 || (size_t)used > best || ((size_t)used == best && (len || whole)))
			continue;
		best = (size_t)used;
		whole = len == 0;
		memcpy(buf, text, best + 1);
	}
	return buf;
}

char *xpm_duration_print(uint64_t seconds, char *buf)
{
	size_t best = XPM_SIZE_TEXT, i;

	buf[0] = '0';
	buf[1] = '\0';
	for (i = 0; seconds && i < DURATION_UNITS_PRINTED; i++) {
		const struct unit *unit = &duration_units[i];
		char text[XPM_SIZE_TEXT];
		int used;

		if (seconds % unit->factor)
			continue;
		used = snprintf(text, sizeof(text), "%" PRIu64 "%s", seconds / unit->factor,
		                unit->name);
		if (used < 0 || (size_t)used >= best)
			continue;
		best = (size_t)used;
		memcpy(buf, text, best + 1);
	}
	return buf;
}
