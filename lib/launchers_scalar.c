/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xpmatch/units.h>

/* Quotes make no difference to a number or a flag: "8" is meant as 8. */

/* A whole number without leading zeros (YAML 1.1 takes 010 for eight). 0 when text is none, or does
 * not fit. */
static int parse_whole(const char *text, size_t len, uint64_t *value)
{
	size_t i;

	*value = 0;
	if (len == 0 || len > 18 || (len > 1 && text[0] == '0'))
		return 0;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		*value = *value * 10 + (uint64_t)(text[i] - '0');
	}
	return 1;
}

/* Digits alone: what is wrong with it is its size. */
static int is_all_digits(const struct xpm_node *node)
{
	return node->len > 0 && node->text[0] != '0' &&
	       strspn(node->text, "0123456789") == node->len;
}

int xpm_read_count(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key, void *at)
{
	uint64_t value;

	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key, "a whole number");
	if (!parse_whole(node->text, node->len, &value)) {
		if (!is_all_digits(node))
			return xpm_wrong_kind(document, node, key, "a whole number such as 8");
		value = UINT64_MAX;
	}
	if (value < key->least || value > key->most)
		return xpm_wrong(document, node, key, "%s is not within %" PRIu64 " to %" PRIu64,
		                 xpm_quote(node->text, node->len).text, key->least, key->most);
	*(uint32_t *)at = (uint32_t)value;
	return 1;
}

int xpm_read_integer(struct xpm_document *document, const struct xpm_node *node,
                     const struct xpm_key *key, void *at)
{
	uint64_t value;
	size_t sign;

	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key, "a whole number");
	sign = node->len > 0 && (node->text[0] == '-' || node->text[0] == '+');
	if (!parse_whole(node->text + sign, node->len - sign, &value)) {
		if (node->len == sign ||
		    strspn(node->text + sign, "0123456789") != node->len - sign ||
		    node->text[sign] == '0')
			return xpm_wrong_kind(document, node, key,
			                      "a whole number such as 5 or -1");
		value = UINT64_MAX;
	}
	if (value > XPM_INTEGER_MAX)
		return xpm_wrong(document, node, key, "%s is not within -%d to %d",
		                 xpm_quote(node->text, node->len).text, XPM_INTEGER_MAX,
		                 XPM_INTEGER_MAX);
	*(int64_t *)at = node->text[0] == '-' ? -(int64_t)value : (int64_t)value;
	return 1;
}

int xpm_read_flag(struct xpm_document *document, const struct xpm_node *node,
                  const struct xpm_key *key, void *at)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
	size_t i, j;

	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key, "true or false");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *word = words[i];
		int upper = 1, capital = 1, lower = 1;

		if (node->len != strlen(word))
			continue;
		/* yes, Yes and YES, but not yEs: as YAML 1.1 has it. */
		for (j = 0; word[j]; j++) {
			lower &= node->text[j] == word[j];
			upper &= node->text[j] == word[j] - 'a' + 'A';
			capital &= node->text[j] == (j ? word[j] : word[j] - 'a' + 'A');
		}
		if (!lower && !upper && !capital)
			continue;
		*(int *)at = (int)(i % 2);
		return 1;
	}
	return xpm_wrong_kind(document, node, key, "true or false");
}

int xpm_read_size(struct xpm_document *document, const struct xpm_node *node,
                  const struct xpm_key *key, void *at)
{
	struct xpm_error err;
	uint64_t bytes;

	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key, "a size such as 24G or 512MiB");
	if (xpm_size_parse(node->text, node->len, &bytes, &err))
		return xpm_wrong(document, node, key, "%s", err.text);
	if (bytes < key->least)
		return xpm_wrong(document, node, key, "0 has no meaning here: leave the key out");
	*(uint64_t *)at = bytes;
	return 1;
}

int xpm_read_duration(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key, void *at)
{
	struct xpm_error err;
	uint64_t seconds;

	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key,
		                      "a duration such as 90m, 20h or 1-12:00:00");
	if (xpm_duration_parse(node->text, node->len, 1, &seconds, &err))
		return xpm_wrong(document, node, key, "%s", err.text);
	if (seconds < key->least)
		return xpm_wrong(document, node, key, "0 has no meaning here: leave the key out");
	*(uint64_t *)at = seconds;
	return 1;
}

/* Millionths of a decimal from 0 to 1, exact; 0 when text is none. */
static int parse_ratio(const char *text, size_t len, uint32_t *value, int *too_fine)
{
	uint32_t unit = XPM_RATIO_ONE;
	size_t i = 0;

	*value = 0;
	*too_fine = 0;
	if (len == 0 || (text[0] == '.' && len == 1))
		return 0;
	if (text[0] != '.') {
		if (text[0] != '0' && text[0] != '1')
			return 0;
		*value = text[0] == '1' ? XPM_RATIO_ONE : 0;
		i = 1;
	}
	if (i < len && text[i++] != '.')
		return 0;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		unit /= 10;
		*too_fine |= unit == 0;
		*value += unit * (uint32_t)(text[i] - '0');
	}
	return *value <= XPM_RATIO_ONE;
}

int xpm_read_ratio(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key, void *at)
{
	uint32_t value;
	int too_fine;

	if (node->kind != XPM_NODE_SCALAR || !parse_ratio(node->text, node->len, &value, &too_fine))
		return xpm_wrong_kind(document, node, key, "a number from 0 to 1 such as 0.7");
	if (too_fine)
		return xpm_wrong(document, node, key, "%s has more than 6 decimals",
		                 xpm_quote(node->text, node->len).text);
	*(uint32_t *)at = value;
	return 1;
}

int xpm_read_connector(struct xpm_document *document, const struct xpm_node *node,
                       const struct xpm_key *key, void *at)
{
	(void)at;
	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong_kind(document, node, key, "local");
	if (node->len == 5 && !memcmp(node->text, "local", 5))
		return 1;
	return xpm_wrong(document, node, key, "there is no connector %s here, only 'local'",
	                 xpm_quote(node->text, node->len).text);
}
