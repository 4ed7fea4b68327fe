/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scontrol.h"

#include <string.h>

#include "error_private.h"

struct input {
	const struct xpm_scontrol_kind *kind;
	const char *text, *name;
	size_t len;
	struct xpm_error *err;
};

int xpm_slice_is(const struct xpm_slice *slice, const char *text)
{
	return slice->text && strlen(text) == slice->len && !memcmp(slice->text, text, slice->len);
}

int xpm_slice_none(const struct xpm_slice *slice)
{
	static const char *const nothing[] = { "(null)", "N/A", "n/a", "NONE", "UNLIMITED", "INFINITE" };
	size_t i;

	if (!slice->text || slice->len == 0)
		return 1;
	for (i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		if (xpm_slice_is(slice, nothing[i]))
			return 1;
	return 0;
}

int xpm_slice_number(const struct xpm_slice *slice, uint64_t most, uint64_t *value)
{
	uint64_t number = 0;
	size_t i;

	if (!slice->text || slice->len == 0)
		return 0;
	for (i = 0; i < slice->len; i++) {
		unsigned digit = (unsigned)((unsigned char)slice->text[i] - '0');

		if (digit > 9 || digit > most || number > (most - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	*value = number;
	return 1;
}

int xpm_slice_next(struct xpm_slice *rest, char separator, struct xpm_slice *item)
{
	while (rest->text && rest->len) {
		const char *end = memchr(rest->text, separator, rest->len);
		size_t len = end ? (size_t)(end - rest->text) : rest->len;

		item->text = rest->text;
		item->len = len;
		rest->text += end ? len + 1 : len;
		rest->len -= end ? len + 1 : len;
		if (len)
			return 1;
	}
	return 0;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t line_end(const char *text, size_t len, size_t at)
{
	const char *end = memchr(text + at, '\n', len - at);

	return end ? (size_t)(end - text) : len;
}

/* Does a record begin at this offset? */
static int begins(const struct input *in, size_t at)
{
	const char *key = in->kind->keys[0];
	size_t n = strlen(key);

	return in->len - at > n && !memcmp(in->text + at, key, n) && in->text[at + n] == '=';
}

static int is_key(const char *key, const char *word, size_t len)
{
	return key && strlen(key) == len && !memcmp(key, word, len);
}

static int is_last(const struct xpm_scontrol_kind *kind, const char *key, size_t len)
{
	const char *const *last;

	for (last = kind->last; last && *last; last++)
		if (is_key(*last, key, len))
			return 1;
	return 0;
}

/* The values of the record text[at..end); bits of the keys that were found. */
static uint32_t read_record(const struct input *in, size_t at, size_t end, struct xpm_slice *values)
{
	const struct xpm_scontrol_kind *kind = in->kind;
	uint32_t found = 0;
	int loose = 0;
	size_t i;

	memset(values, 0, kind->keys_len * sizeof(values[0]));
	while (at < end) {
		const char *word = in->text + at, *equals;
		size_t len = 0, key_len;

		if (is_blank(*word)) {
			at++;
			continue;
		}
		while (at + len < end && !is_blank(word[len]))
			len++;
		at += len;
		equals = memchr(word, '=', len);
		if (!equals)
			continue;
		key_len = (size_t)(equals - word);
		if (is_last(kind, word, key_len))
			break;
		loose |= is_key(kind->loose, word, key_len);
		if (loose && !is_key(kind->resume, word, key_len))
			continue;
		loose = 0;
		for (i = 0; i < kind->keys_len; i++) {
			if (found & 1u << i || !is_key(kind->keys[i], word, key_len))
				continue;
			found |= 1u << i;
			values[i].text = equals + 1;
			values[i].len = len - key_len - 1;
		}
	}
	return found;
}

/* Text of a bearable length. */
static enum xpm_code check_text(const char *text, size_t len, const char *name, struct xpm_error *err)
{
	const char *nul = len ? memchr(text, '\0', len) : NULL;

	if (len > XPM_OUTPUT_MAX)
		return xpm_fail(err, XPM_ERR_LIMIT, "%s: more than %u MiB", name, XPM_OUTPUT_MAX >> 20);
	if (nul)
		return xpm_fail_at(err, XPM_ERR_VALUE, name, text, len, (size_t)(nul - text), "a NUL byte: not text");
	return XPM_OK;
}

/* What `scontrol -v` says in front. */
static size_t skip_header(const struct input *in)
{
	static const char *const headers[] = { "last_update_time=", "Node data as of", "Partition data as of" };
	size_t at = 0, i, n;
	int again = 1;

	while (again) {
		while (at < in->len && is_blank(in->text[at]))
			at++;
		for (i = 0, again = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
			n = strlen(headers[i]);
			if (in->len - at > n && !memcmp(in->text + at, headers[i], n)) {
				at = line_end(in->text, in->len, at);
				again = 1;
			}
		}
	}
	return at;
}

static enum xpm_code not_ours(const struct input *in, size_t at)
{
	if (at == in->len)
		return xpm_fail(in->err, XPM_ERR_VALUE, "%s: there is no %s in it", in->name, in->kind->noun);
	return xpm_fail_at(in->err, XPM_ERR_VALUE, in->name, in->text, in->len, at,
			   "expected '%s=', as `scontrol show %ss` prints it", in->kind->keys[0], in->kind->noun);
}

static enum xpm_code cut_off(const struct input *in, size_t at, const struct xpm_slice *name, const char *what)
{
	return xpm_fail_at(in->err, XPM_ERR_VALUE, in->name, in->text, in->len, at,
			   "the input is cut off: %s '%.*s' %s", in->kind->noun,
			   (int)(name->len < 64 ? name->len : 64), name->text ? name->text : "", what);
}

static const char *missing_key(const struct xpm_scontrol_kind *kind, uint32_t found)
{
	size_t i;

	for (i = 0; i < kind->keys_len; i++)
		if (kind->required & ~found & 1u << i)
			return kind->keys[i];
	return "a field";
}

/* Where the record at this offset ends: before the next one, whatever stands in between. */
static size_t record_end(const struct input *in, size_t at)
{
	for (;;) {
		at = line_end(in->text, in->len, at);
		if (at == in->len)
			return at;
		at++;
		if (at == in->len || begins(in, at))
			return at;
	}
}

enum xpm_code xpm_scontrol_each(const struct xpm_scontrol_kind *kind, const char *text, size_t len, const char *name,
				enum xpm_code (*fn)(const struct xpm_slice *values, void *ctx), void *ctx,
				struct xpm_error *err)
{
	struct input in = { kind, text, name, len, err };
	struct xpm_slice values[XPM_SCONTROL_KEYS_MAX];
	uint32_t found, required = kind->required;
	enum xpm_code code = check_text(text, len, name, err);
	size_t at, end;
	int oneliner;

	if (code)
		return code;
	at = skip_header(&in);
	if (at == len || !begins(&in, at))
		return not_ours(&in, at);
	found = read_record(&in, at, line_end(text, len, at), values);
	oneliner = (found & required) == required;
	for (; at < len; at = end) {
		end = record_end(&in, at);
		found = read_record(&in, at, end, values);
		if ((found & required) != required) {
			char what[64] = "has no ";

			strncat(what, missing_key(kind, found), sizeof(what) - strlen(what) - 1);
			return cut_off(&in, at, &values[0], what);
		}
		/* The last value may be a part of one, unless what ends a record stands behind it. */
		if (text[end - 1] != '\n' || (!oneliner && end == len && text[end - 2] != '\n'))
			return cut_off(&in, at, &values[0],
				       oneliner ? "has no line end" : "has no empty line behind it");
		code = fn(values, ctx);
		if (code)
			return code;
	}
	return XPM_OK;
}

static enum xpm_code row_error(const char *text, size_t len, const char *name, size_t at, const char *what,
			       struct xpm_error *err)
{
	return xpm_fail_at(err, XPM_ERR_VALUE, name, text, len, at, "%s", what);
}

enum xpm_code xpm_sacctmgr_each(size_t columns, const char *text, size_t len, const char *name,
				enum xpm_code (*fn)(const struct xpm_slice *values, void *ctx), void *ctx,
				struct xpm_error *err)
{
	struct xpm_slice values[XPM_SCONTROL_KEYS_MAX];
	enum xpm_code code = check_text(text, len, name, err);
	size_t at = 0, end, n;

	if (code)
		return code;
	for (; at < len; at = end + 1) {
		size_t from = at;

		end = line_end(text, len, at);
		if (end == len)
			return row_error(text, len, name, at, "the input is cut off: the line has no end", err);
		if (end == at)
			continue;
		for (n = 0; n < columns && from <= end; n++) {
			const char *bar = memchr(text + from, '|', end - from);

			values[n].text = text + from;
			values[n].len = bar ? (size_t)(bar - text) - from : end - from;
			from += values[n].len + 1;
		}
		if (n < columns || from <= end)
			return row_error(text, len, name, at, "not the columns that were asked for", err);
		code = fn(values, ctx);
		if (code)
			return code;
	}
	return XPM_OK;
}
