/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intern.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

/* Room is a power of two, and at most half full: there is always an empty slot. */
static struct xpm_interned *slot_of(struct xpm_interned *slots, size_t room, uint32_t hash, const char *text,
				    size_t len)
{
	size_t at = hash & (room - 1);

	while (slots[at].text &&
	       (slots[at].hash != hash || slots[at].len != len || memcmp(slots[at].text, text, len)))
		at = (at + 1) & (room - 1);
	return &slots[at];
}

static int grow(struct xpm_intern *table)
{
	size_t room = table->room ? 2 * table->room : 256, i;
	struct xpm_interned *slots;

	if (2 * (table->len + 1) <= table->room)
		return 1;
	slots = calloc(room, sizeof(*slots));
	if (!slots)
		return 0;
	for (i = 0; i < table->room; i++) {
		const struct xpm_interned *old = &table->slots[i];

		if (old->text)
			*slot_of(slots, room, old->hash, old->text, old->len) = *old;
	}
	free(table->slots);
	table->slots = slots;
	table->room = room;
	return 1;
}

struct xpm_interned *xpm_intern(struct xpm_intern *table, const struct xpm_slice *slice)
{
	uint32_t hash = hash_of(slice->text, slice->len);
	struct xpm_interned *entry;
	char *copy;

	if (!grow(table))
		return NULL;
	entry = slot_of(table->slots, table->room, hash, slice->text, slice->len);
	if (entry->text)
		return entry;
	copy = xpm_arena_alloc(table->arena, slice->len + 1); /* not strndup(): all of it counts, a NUL too */
	if (!copy)
		return NULL;
	memcpy(copy, slice->text, slice->len);
	entry->text = copy;
	entry->len = slice->len;
	entry->hash = hash;
	table->len++;
	return entry;
}

const char *xpm_intern_text(struct xpm_intern *table, const struct xpm_slice *slice)
{
	const struct xpm_interned *entry = xpm_intern(table, slice);

	return entry ? entry->text : NULL;
}

void xpm_intern_free(struct xpm_intern *table)
{
	free(table->slots);
	table->slots = NULL;
	table->room = table->len = 0;
}
