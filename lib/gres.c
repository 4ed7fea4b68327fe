/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gres.h"

#include <string.h>

/* Up to the next comma outside of parentheses: "(S:0,2)" has one inside. */
static int next_entry(struct xpm_slice *rest, struct xpm_slice *entry)
{
	size_t n = 0, depth = 0;

	if (!rest->text || rest->len == 0)
		return 0;
	for (; n < rest->len; n++) {
		char c = rest->text[n];

		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == ',' && !depth)
			break;
	}
	entry->text = rest->text;
	entry->len = n;
	if (n < rest->len)
		n++;
	rest->text += n;
	rest->len -= n;
	return 1;
}

static int count_of(struct xpm_slice field, uint64_t *count)
{
	static const char units[] = "KMGT";
	const char *unit;
	uint64_t value;
	unsigned shift = 0;

	unit = field.len ? memchr(units, field.text[field.len - 1], sizeof(units) - 1) : NULL;
	if (unit) {
		field.len--;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (!xpm_slice_number(&field, UINT64_MAX >> shift, &value))
		return 0;
	*count = value << shift;
	return 1;
}

int xpm_gres_next(struct xpm_slice *rest, struct xpm_gres *gres)
{
	struct xpm_slice entry, field;
	const char *open;

	while (next_entry(rest, &entry)) {
		open = memchr(entry.text, '(', entry.len);
		if (open)
			entry.len = (size_t)(open - entry.text);
		memset(gres, 0, sizeof(*gres));
		gres->count = 1;
		if (!xpm_slice_next(&entry, ':', &gres->name))
			continue;
		while (xpm_slice_next(&entry, ':', &field)) {
			if (xpm_slice_is(&field, "no_consume"))
				continue;
			/* The last field is the count, also where the type is a number too ("gpu:3090:2"). */
			if (entry.len == 0 && count_of(field, &gres->count))
				break;
			gres->type = field;
		}
		return 1;
	}
	return 0;
}
