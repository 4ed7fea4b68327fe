/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "yaml_node.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/launchers.h>
#include <yaml.h>

#include "yaml_merge.h"
#include "yaml_syntax.h"

#define ANCHOR_BUCKETS 1024
#define ANCHORS_MAX    16384

struct anchor {
	struct anchor *next;
	const char *name;
	const struct xpm_node *node; /* NULL while it is being read */
};

/* libyaml counts characters and wants to be asked in file order; we want bytes. */
struct cursor {
	size_t chars, line_start;
	struct xpm_spot spot;
};

struct reader {
	struct xpm_document *document;
	struct xpm_arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /* the one to be read now; owned */
	struct cursor cursor;
	const struct xpm_node **stack; /* children of the lists and mappings that are open */
	size_t stack_len, stack_room;
	size_t work; /* nodes made and entries merged */
	struct anchor *anchors[ANCHOR_BUCKETS];
	size_t anchors_len;
};

#define error(reader, code, spot, ...)                                                             \
	xpm_document_say((reader)->document, XPM_ERROR, code, spot, __VA_ARGS__)

static const struct xpm_node *read_node(struct reader *reader, unsigned level);

static struct xpm_spot spot_of(struct reader *reader, const yaml_mark_t *mark)
{
	const struct xpm_document *document = reader->document;
	struct cursor *cursor = &reader->cursor;
	struct xpm_spot *spot = &cursor->spot;

	while (cursor->chars < mark->index && spot->offset < document->len) {
		unsigned char c = (unsigned char)document->text[spot->offset];

		spot->offset += c < 0x80   ? 1
		                : c < 0xe0 ? 2
		                : c < 0xf0 ? 3
		                           : 4; /* known to be UTF-8 */
		cursor->chars++;
		if (c == '\n') {
			spot->place.line++;
			cursor->line_start = spot->offset;
		}
	}
	spot->place.column = (unsigned)(spot->offset - cursor->line_start + 1);
	return *spot;
}

static void step(const struct xpm_document *document, struct xpm_spot *spot)
{
	spot->place.column++;
	if (document->text[spot->offset++] == '\n')
		spot->place = (struct xpm_place){ spot->place.line + 1, 1 };
}

/* The same behind "&anchor " and "!!tag ", which libyaml counts as a part of the node (that is not empty). */
static struct xpm_spot value_spot(struct reader *reader, const yaml_mark_t *mark)
{
	const struct xpm_document *document = reader->document;
	struct xpm_spot spot = spot_of(reader, mark);
	struct xpm_spot at = spot;

	while (at.offset < document->len && strchr("&!", document->text[at.offset])) {
		while (at.offset < document->len && !strchr(" \t\r\n", document->text[at.offset]))
			step(document, &at);
		while (at.offset < document->len && strchr(" \t\r\n#", document->text[at.offset])) {
			if (document->text[at.offset] == '#')
				while (at.offset < document->len && document->text[at.offset] != '\n')
					step(document, &at);
			else
				step(document, &at);
		}
	}
	return at.offset < document->len ? at : spot;
}

static void no_memory(struct reader *reader)
{
	reader->document->out_of_memory = 1;
}

static void syntax_error(struct reader *reader)
{
	struct xpm_spot spot;

	if (reader->parser.error == YAML_MEMORY_ERROR) {
		no_memory(reader);
		return;
	}
	spot = spot_of(reader, &reader->parser.problem_mark);
	xpm_yaml_syntax_error(reader->document, &reader->parser, &spot);
}

/* Fetch the next event in place of the current one. 0 after having said why there is none. */
static int next_event(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	if (yaml_parser_parse(&reader->parser, &reader->event))
		return 1;
	memset(&reader->event, 0, sizeof(reader->event));
	syntax_error(reader);
	return 0;
}

/* Count work of one node and the entries that a mapping merged; 0 when the document is too large.
 */
static int spend(struct reader *reader, size_t work, const struct xpm_spot *spot)
{
	if (work <= XPM_NODES_MAX - reader->work) {
		reader->work += work;
		return 1;
	}
	error(reader, XPM_ERR_LIMIT, spot,
	      "the file has more than %u values, those that aliases repeat counted", XPM_NODES_MAX);
	return 0;
}

static struct xpm_node *make_node(struct reader *reader, enum xpm_node_kind kind,
                                  const struct xpm_spot *spot)
{
	struct xpm_node *node;

	if (!spend(reader, 1, spot))
		return NULL;
	node = xpm_arena_alloc(reader->arena, sizeof(*node));
	if (!node) {
		no_memory(reader);
		return NULL;
	}
	node->kind = kind;
	node->spot = *spot;
	node->weight = 1;
	return node;
}

static struct anchor **bucket_of(struct reader *reader, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return &reader->anchors[hash % ANCHOR_BUCKETS];
}

/* Remember an anchor; NULL in *anchor when there is no name. 0 on failure. A later anchor of the
 * same name counts. */
static int open_anchor(struct reader *reader, const yaml_char_t *name, const struct xpm_spot *spot,
                       struct anchor **anchor)
{
	struct anchor **bucket;

	*anchor = NULL;
	if (!name)
		return 1;
	if (reader->anchors_len == ANCHORS_MAX) {
		error(reader, XPM_ERR_LIMIT, spot, "the file has more than %d anchors",
		      ANCHORS_MAX);
		return 0;
	}
	reader->anchors_len++;
	*anchor = xpm_arena_alloc(reader->arena, sizeof(**anchor));
	if (*anchor)
		(*anchor)->name = xpm_arena_strdup(reader->arena, (const char *)name);
	if (!*anchor || !(*anchor)->name) {
		no_memory(reader);
		return 0;
	}
	bucket = bucket_of(reader, (const char *)name);
	(*anchor)->next = *bucket;
	*bucket = *anchor;
	return 1;
}

/* In place of a node that is not there, which has been said: the rest of the file is to be read. */
static const struct xpm_node *missing_node(struct reader *reader, const struct xpm_spot *spot)
{
	struct xpm_node *node = make_node(reader, XPM_NODE_SCALAR, spot);

	if (!node)
		return NULL;
	node->text = "";
	node->null = node->plain = 1;
	node->spot.told = 1;
	return node;
}

static const struct xpm_node *read_alias(struct reader *reader, unsigned level)
{
	const char *name = (const char *)reader->event.data.alias.anchor;
	struct xpm_spot spot = spot_of(reader, &reader->event.start_mark);
	const struct anchor *anchor = *bucket_of(reader, name);

	while (anchor && strcmp(anchor->name, name))
		anchor = anchor->next;
	if (!anchor || !anchor->node) {
		error(reader, XPM_ERR_LAUNCHERS, &spot, "the alias '*%.60s' %s", name,
		      anchor ? "stands inside what it names" : "names no anchor above it");
		return missing_node(reader, &spot);
	}
	if (!spend(reader, 1, &spot))
		return NULL;
	if (level + anchor->node->height <= XPM_DEPTH_MAX)
		return xpm_node_repeat(reader->document, reader->arena, anchor->node, &spot);
	error(reader, XPM_ERR_LIMIT, &spot, "lists and mappings are nested deeper than %d levels", XPM_DEPTH_MAX);
	return NULL;
}

/* The core tags say what we know already; of the others we know nothing. */
static int check_tag(struct reader *reader, const yaml_char_t *tag, const struct xpm_spot *spot)
{
	static const char core[] = "tag:yaml.org,2002:";
	static const char *const known[] = { "str",  "int", "float", "bool",
		                             "null", "map", "seq",   "merge" };
	const char *name = (const char *)tag;
	size_t i;

	if (!name || !strcmp(name, "!"))
		return 1;
	if (!strncmp(name, core, sizeof(core) - 1))
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (!strcmp(name + sizeof(core) - 1, known[i]))
				return 1;
	error(reader, XPM_ERR_LAUNCHERS, spot, "the tag '%.60s' has no meaning here", name);
	return 0;
}

static int is_null(const char *text, size_t len)
{
	return len == 0 || (len == 1 && *text == '~') ||
	       (len == 4 &&
	        (!memcmp(text, "null", 4) || !memcmp(text, "Null", 4) || !memcmp(text, "NULL", 4)));
}

static const struct xpm_node *read_scalar(struct reader *reader)
{
	struct xpm_spot start = spot_of(reader, &reader->event.start_mark);
	int plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct xpm_spot spot = plain && !reader->event.data.scalar.length
	                               ? start
	                               : value_spot(reader, &reader->event.start_mark);
	const char *text = (const char *)reader->event.data.scalar.value;
	const char *tag = (const char *)reader->event.data.scalar.tag;
	struct xpm_node *node = make_node(reader, XPM_NODE_SCALAR, &spot);
	struct anchor *anchor;
	char *copy;

	if (!node || !open_anchor(reader, reader->event.data.scalar.anchor, &start, &anchor))
		return NULL;
	check_tag(reader, reader->event.data.scalar.tag, &start);
	node->len = reader->event.data.scalar.length;
	copy = xpm_arena_alloc(reader->arena,
	                       node->len + 1); /* not strndup(): "\0" in quotes is a NUL */
	if (!copy) {
		no_memory(reader);
		return NULL;
	}
	memcpy(copy, text, node->len);
	node->text = copy;
	node->plain = plain && reader->event.data.scalar.plain_implicit;
	node->null = plain && is_null(text, node->len) && (node->plain || (tag && !strcmp(tag, YAML_NULL_TAG)));
	if (anchor)
		anchor->node = node;
	return node;
}

static int push(struct reader *reader, const struct xpm_node *node)
{
	const struct xpm_node **stack;
	size_t room;

	if (reader->stack_len == reader->stack_room) {
		room = reader->stack_room ? 2 * reader->stack_room : 64;
		stack = realloc(reader->stack, room * sizeof(stack[0]));
		if (!stack) {
			no_memory(reader);
			return 0;
		}
		reader->stack = stack;
		reader->stack_room = room;
	}
	reader->stack[reader->stack_len++] = node;
	return 1;
}

/* The nodes up to the end of the list or mapping, pushed on the stack. */
static int read_children(struct reader *reader, yaml_event_type_t end, unsigned level)
{
	for (;;) {
		const struct xpm_node *child;

		if (!next_event(reader))
			return 0;
		if (reader->event.type == end)
			return 1;
		child = read_node(reader, level);
		if (!child || !push(reader, child))
			return 0;
	}
}

static int fill_list(struct reader *reader, struct xpm_node *node, size_t base)
{
	size_t len = reader->stack_len - base;

	node->items = xpm_arena_array(reader->arena, len, sizeof(node->items[0]));
	if (!node->items) {
		no_memory(reader);
		return 0;
	}
	if (len)
		memcpy(node->items, reader->stack + base, len * sizeof(node->items[0]));
	node->len = len;
	return 1;
}

static int fill_map(struct reader *reader, struct xpm_node *node, size_t base)
{
	size_t len = (reader->stack_len - base) / 2, merged;
	const struct xpm_node *const *pairs;

	if (len == 0)
		return 1; /* there may be no stack yet */
	pairs = reader->stack + base;
	merged = xpm_yaml_merged(pairs, len);
	return spend(reader, merged, &node->spot) &&
	       xpm_yaml_fill_map(reader->document, reader->arena, node, pairs, len, merged);
}

/* Height and weight from the children; 0 when aliases made it too heavy. */
static int weigh(struct reader *reader, struct xpm_node *node)
{
	size_t i;

	for (i = 0; i < node->len; i++) {
		const struct xpm_node *child =
		        node->kind == XPM_NODE_LIST ? node->items[i] : node->entries[i].value;

		if (child->height > node->height)
			node->height = child->height;
		/* Each is at most XPM_NODES_MAX, so is their number: no wrap. */
		node->weight += child->weight + (node->kind == XPM_NODE_MAP);
	}
	node->height++;
	if (node->weight <= XPM_NODES_MAX)
		return 1;
	error(reader, XPM_ERR_LIMIT, &node->spot,
	      "the file has more than %u values, those that aliases repeat counted", XPM_NODES_MAX);
	return 0;
}

static const struct xpm_node *read_collection(struct reader *reader, unsigned level)
{
	int is_list = reader->event.type == YAML_SEQUENCE_START_EVENT;
	struct xpm_spot start = spot_of(reader, &reader->event.start_mark);
	struct xpm_spot spot = value_spot(reader, &reader->event.start_mark);
	struct xpm_node *node = make_node(reader, is_list ? XPM_NODE_LIST : XPM_NODE_MAP, &spot);
	size_t base = reader->stack_len;
	struct anchor *anchor;
	int done;

	if (!node || !open_anchor(reader,
	                          is_list ? reader->event.data.sequence_start.anchor
	                                  : reader->event.data.mapping_start.anchor,
	                          &start, &anchor))
		return NULL;
	check_tag(reader,
	          is_list ? reader->event.data.sequence_start.tag
	                  : reader->event.data.mapping_start.tag,
	          &start);
	if (level == XPM_DEPTH_MAX) {
		error(reader, XPM_ERR_LIMIT, &spot,
		      "lists and mappings are nested deeper than %d levels", XPM_DEPTH_MAX);
		return NULL;
	}
	if (!read_children(reader, is_list ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT,
	                   level + 1))
		return NULL;
	done = is_list ? fill_list(reader, node, base) : fill_map(reader, node, base);
	reader->stack_len = base;
	if (!done || !weigh(reader, node))
		return NULL;
	if (anchor)
		anchor->node = node;
	return node;
}

/* The node that the current event begins. level: how many lists and mappings are open around it. */
static const struct xpm_node *read_node(struct reader *reader, unsigned level)
{
	switch (reader->event.type) {
	case YAML_ALIAS_EVENT:
		return read_alias(reader, level);
	case YAML_SCALAR_EVENT:
		return read_scalar(reader);
	default:
		return read_collection(reader, level);
	}
}

/* From the stream's first event to its last. */
static const struct xpm_node *read_stream(struct reader *reader)
{
	const struct xpm_node *root;
	struct xpm_spot spot;

	if (!next_event(reader) || !next_event(reader))
		return NULL;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return NULL;
	if (!next_event(reader))
		return NULL;
	root = read_node(reader, 0);
	if (!root || !next_event(reader) || !next_event(reader))
		return NULL;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return root->null ? NULL : root;
	spot = spot_of(reader, &reader->event.start_mark);
	error(reader, XPM_ERR_LAUNCHERS, &spot,
	      "a second document begins here: the file is to be one");
	return NULL;
}

const struct xpm_node *xpm_yaml_read(struct xpm_document *document, struct xpm_arena *arena)
{
	struct reader *reader;
	const struct xpm_node *root = NULL;

	if (!xpm_document_is_text(document))
		return NULL;
	reader = calloc(1, sizeof(*reader));
	if (!reader || !yaml_parser_initialize(&reader->parser)) {
		document->out_of_memory = 1;
		free(reader);
		return NULL;
	}
	reader->document = document;
	reader->arena = arena;
	reader->cursor.spot.place.line = 1;
	yaml_parser_set_input_string(&reader->parser, (const unsigned char *)document->text,
	                             document->len);
	yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
	root = read_stream(reader);
	yaml_event_delete(&reader->event);
	yaml_parser_delete(&reader->parser);
	free(reader->stack);
	free(reader);
	return root;
}
