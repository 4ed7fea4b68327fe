/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"

#define KEYS_MAX  40 /* of one mapping */
#define HINT_MAX  160
#define HINT_DEEP 2

int xpm_wrong(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key,
              const char *format, ...)
{
	char text[XPM_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &node->spot, "%s: %s", key->name,
	                 text);
	return 0;
}

int xpm_wrong_kind(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key, const char *expected)
{
	if (node->kind != XPM_NODE_SCALAR)
		return xpm_wrong(document, node, key, "expected %s, got a %s", expected,
		                 node->kind == XPM_NODE_LIST ? "list" : "mapping");
	if (node->null)
		return xpm_wrong(document, node, key, "expected %s, got nothing", expected);
	return xpm_wrong(document, node, key, "expected %s, got %s", expected,
	                 xpm_quote(node->text, node->len).text);
}

static int is_name(const struct xpm_node *node, const char *name)
{
	return node->len == strlen(name) && !memcmp(node->text, name, node->len);
}

static const struct xpm_key *find_key(const struct xpm_mapping *mapping,
                                      const struct xpm_node *name)
{
	size_t i;

	for (i = 0; i < mapping->len; i++)
		if (is_name(name, mapping->keys[i].name))
			return &mapping->keys[i];
	return NULL;
}

/* Of two spellings of a key the table has the usual one first. */
static int is_second_spelling(const struct xpm_mapping *mapping, size_t i)
{
	size_t j;

	for (j = 0; j < i && mapping->keys[i].other; j++)
		if (!strcmp(mapping->keys[j].name, mapping->keys[i].other))
			return 1;
	return 0;
}

/* Append to hint where so deep below mapping the key would be right: "'configuration: cpu:'". path is how
 * one got there. */
static void find_below(const struct xpm_mapping *mapping, const struct xpm_node *name,
                       const char *path, unsigned deep, char *hint)
{
	size_t i;

	for (i = 0; i < mapping->len; i++) {
		const struct xpm_key *key = &mapping->keys[i];
		char below[HINT_MAX];
		size_t used = strlen(hint);

		if (!key->inner || is_second_spelling(mapping, i))
			continue;
		snprintf(below, sizeof(below), "%s%s%s:%s", path, *path ? " " : "", key->name,
		         key->inner->size ? " NAME:" : "");
		if (deep > 1)
			find_below(key->inner, name, below, deep - 1, hint);
		else if (find_key(key->inner, name))
			snprintf(hint + used, HINT_MAX - used, "%s'%s'", used ? " or " : "", below);
	}
}

/*
 * Append to hint the mappings that have the key, from `around` inwards to inner, where it is not known; of those inside
 * each other the innermost, and the one right around inner also when a neighbour of inner has the key. 1 when inner is
 * in `around` and the key was not found on the way to it.
 */
static int find_above(const struct xpm_mapping *around, const struct xpm_mapping *inner, const struct xpm_node *name,
                      char *hint)
{
	const struct xpm_key *beside = NULL;
	int missing = 0, direct = 0;
	size_t used, i;

	for (i = 0; i < around->len; i++) {
		const struct xpm_mapping *next = around->keys[i].inner;

		if (!next || is_second_spelling(around, i))
			continue;
		direct |= next == inner;
		missing |= next == inner || find_above(next, inner, name, hint);
		if (!next->size && find_key(next, name))
			beside = &around->keys[i];
	}
	if (find_key(around, name))
		beside = NULL;
	else if (!direct || !beside)
		return missing;
	used = strlen(hint);
	if (missing && !strstr(hint, around->what))
		snprintf(hint + used, HINT_MAX - used, "%s%s%s%s%s", used ? " or " : "", beside ? "'" : "",
		         beside ? beside->name : "", beside ? ":' of " : "", around->what);
	return 0;
}

/* Where the key would be right: below the mapping, then 1, or else above it. "" = nowhere. */
static int find_elsewhere(const struct xpm_mapping *mapping, const struct xpm_node *name, char *hint)
{
	unsigned deep;

	for (deep = 1; deep <= HINT_DEEP && !*hint; deep++)
		find_below(mapping, name, "", deep, hint);
	if (*hint)
		return 1;
	find_above(&xpm_slurm_mapping, mapping, name, hint);
	find_above(&xpm_local_mapping, mapping, name, hint);
	return 0;
}

static void list_keys(const struct xpm_mapping *mapping, char *text, size_t size)
{
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < mapping->len && used < size; i++)
		if (!is_second_spelling(mapping, i))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
			                         mapping->keys[i].name);
}

static void unknown_key(struct xpm_document *document, const struct xpm_node *name,
                        const struct xpm_mapping *mapping)
{
	const char *names[KEYS_MAX], *near;
	char hint[HINT_MAX] = "", known[400];
	struct xpm_quote quote = xpm_quote(name->text, name->len);
	size_t i, n = 0;
	int below;

	below = find_elsewhere(mapping, name, hint);
	for (i = 0; i < mapping->len && n < KEYS_MAX; i++)
		if (!is_second_spelling(mapping, i))
			names[n++] = mapping->keys[i].name;
	near = xpm_suggest(name->text, name->len, names, n);
	if (near && *hint && below) {
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &name->spot,
		                 "unknown key %s in %s (did you mean '%s', or the one under %s?)",
		                 quote.text, mapping->what, near, hint);
	} else if (near) {
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &name->spot,
		                 "unknown key %s in %s (did you mean '%s'?)", quote.text,
		                 mapping->what, near);
	} else if (*hint) {
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &name->spot,
		                 "unknown key %s in %s: it belongs %s %s", quote.text,
		                 mapping->what, below ? "under" : "to", hint);
	} else {
		list_keys(mapping, known, sizeof(known));
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &name->spot,
		                 "unknown key %s in %s, which may have: %s", quote.text,
		                 mapping->what, known);
	}
}

/* Does the key's other spelling stand before entry i? Then one of them is too much. */
static int said_before(struct xpm_document *document, const struct xpm_node *node, size_t i,
                       const struct xpm_key *key)
{
	size_t j;

	for (j = 0; key->other && j < i; j++) {
		const struct xpm_entry *entry = &node->entries[j];

		if (!is_name(entry->key, key->other))
			continue;
		/* As with one spelling: the mapping's own wins over what is merged. */
		if (node->entries[i].merged)
			return 1;
		if (entry->value->null)
			continue;
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS,
		                 &node->entries[i].key->spot,
		                 "'%s' is another spelling of '%s' on line %u: keep one of them",
		                 key->name, key->other, entry->key->spot.place.line);
		return 1;
	}
	return 0;
}

static void read_entry(struct xpm_document *document, const struct xpm_node *node, size_t i,
                       const struct xpm_mapping *mapping, void *target)
{
	const struct xpm_entry *entry = &node->entries[i];
	const struct xpm_key *key = find_key(mapping, entry->key);
	const struct xpm_spot *outer;
	char *base = target;

	if (!key) {
		unknown_key(document, entry->key, mapping);
		return;
	}
	if (entry->value->null || said_before(document, node, i, key))
		return;
	outer = xpm_document_use(document, &entry->value->spot);
	if (key->read(document, entry->value, key, base + key->at) && key->bit)
		*(unsigned *)(void *)(base + key->has_at) |= key->bit;
	document->use = outer;
}

void xpm_read_mapping(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_mapping *mapping, void *target)
{
	const struct xpm_spot *outer = xpm_document_use(document, &node->spot);
	size_t i;

	for (i = 0; i < node->len && !document->out_of_memory; i++)
		read_entry(document, node, i, mapping, target);
	document->use = outer;
}

int xpm_read_inner(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key, void *at)
{
	if (node->kind != XPM_NODE_MAP)
		return xpm_wrong_kind(document, node, key,
		                      key->example ? key->example : "a mapping");
	xpm_read_mapping(document, node, key->inner, at);
	return 1;
}

int xpm_read_node(struct xpm_document *document, const struct xpm_node *node,
                  const struct xpm_key *key, void *at)
{
	(void)document;
	(void)key;
	*(const struct xpm_node **)at = node;
	return 1;
}

static void read_named_item(struct xpm_document *document, const struct xpm_entry *entry,
                            const struct xpm_key *key, char *item)
{
	char name[80];
	struct xpm_key named = { .name = name };

	*(const char **)(void *)(item + key->inner->name_at) =
	        xpm_copy_text(document, entry->key, key);
	*(struct xpm_place *)(void *)(item + key->inner->place_at) = entry->key->spot.place;
	if (entry->value->kind == XPM_NODE_MAP)
		xpm_read_mapping(document, entry->value, key->inner, item);
	if (entry->value->kind == XPM_NODE_MAP ||
	    entry->value->null) /* a name with nothing to it is fine */
		return;
	snprintf(name, sizeof(name), "%s %s", key->name,
	         xpm_quote(entry->key->text, entry->key->len).text);
	xpm_wrong_kind(document, entry->value, &named, key->inner->example);
}

void *xpm_read_named(struct xpm_document *document, const struct xpm_node *node,
                     const struct xpm_key *key, size_t *len)
{
	char *items;
	size_t i;

	if (node->kind != XPM_NODE_MAP) {
		xpm_wrong_kind(document, node, key, key->example ? key->example : "a mapping");
		return NULL;
	}
	items = xpm_document_array(document, node->len, key->inner->size);
	for (i = 0; items && i < node->len && !document->out_of_memory; i++)
		read_named_item(document, &node->entries[i], key, items + i * key->inner->size);
	*len = items ? node->len : 0;
	return items;
}
