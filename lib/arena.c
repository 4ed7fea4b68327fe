/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer what is not handed out is out of bounds, as it would be with malloc(). */
#if defined(__SANITIZE_ADDRESS__)
#define XPM_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XPM_ARENA_ASAN 1
#endif
#endif
#ifdef XPM_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define poison(start, len)   ASAN_POISON_MEMORY_REGION(start, len)
#define unpoison(start, len) ASAN_UNPOISON_MEMORY_REGION(start, len)
#else
#define poison(start, len)   ((void)(start), (void)(len))
#define unpoison(start, len) ((void)(start), (void)(len))
#endif

#define ALIGNMENT   alignof(max_align_t)
#define BLOCK_FIRST ((size_t)4096)
#define BLOCK_MOST  ((size_t)1 << 20)

/* The block in front is the one that was last found to have room. */
struct xpm_arena_block {
	struct xpm_arena_block *next;
	size_t size; /* of bytes */
	size_t used;
	alignas(max_align_t) char bytes[];
};

static struct xpm_arena_block *block_with_room(struct xpm_arena *arena, size_t size)
{
	struct xpm_arena_block **link, *block;

	for (link = &arena->blocks; *link; link = &(*link)->next) {
		block = *link;
		if (block->size - block->used < size)
			continue;
		*link = block->next;
		block->next = arena->blocks;
		arena->blocks = block;
		return block;
	}
	return NULL;
}

static struct xpm_arena_block *block_add(struct xpm_arena *arena, size_t size)
{
	struct xpm_arena_block *block;
	size_t room = BLOCK_FIRST - sizeof(*block);

	/* Growing blocks keep their number small; the cap keeps the waste of the last one small. */
	if (arena->blocks) {
		size_t last = arena->blocks->size + sizeof(*block);

		room = (last < BLOCK_MOST / 2 ? 2 * last : BLOCK_MOST) - sizeof(*block);
	}
	if (room < size)
		room = size;
	if (room > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + room);
	if (!block)
		return NULL;
	block->size = room;
	block->used = 0;
	block->next = arena->blocks;
	arena->blocks = block;
	poison(block->bytes, room);
	return block;
}

void *xpm_arena_alloc(struct xpm_arena *arena, size_t size)
{
	struct xpm_arena_block *block;
	size_t whole;
	void *piece;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (size == 0)
		size = 1; /* two pieces never share an address */
	whole = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (arena->limit && (whole > arena->limit || arena->used > arena->limit - whole))
		return NULL;

	block = block_with_room(arena, whole);
	if (!block)
		block = block_add(arena, whole);
	if (!block)
		return NULL;
	piece = block->bytes + block->used;
	block->used += whole;
	arena->used += whole;
	unpoison(piece, size);
	return memset(piece, 0, size);
}

void *xpm_arena_array(struct xpm_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return xpm_arena_alloc(arena, count * size);
}

char *xpm_arena_strndup(struct xpm_arena *arena, const char *text, size_t len)
{
	char *copy;

	len = strnlen(text, len);
	copy = xpm_arena_alloc(arena, len + 1);
	if (copy)
		memcpy(copy, text, len);
	return copy;
}

char *xpm_arena_strdup(struct xpm_arena *arena, const char *text)
{
	return xpm_arena_strndup(arena, text, strlen(text));
}

char *xpm_arena_printf(struct xpm_arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return NULL;
	text = xpm_arena_alloc(arena, (size_t)len + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

/* One block as large as all: however the next pieces are cut, they fit where these did. */
static void merge_blocks(struct xpm_arena *arena)
{
	struct xpm_arena_block *block, *next, *whole;
	size_t size = 0;

	for (block = arena->blocks; block; block = block->next)
		size += block->size;
	whole = malloc(sizeof(*whole) + size);
	if (!whole)
		return; /* the pieces they are will do */
	for (block = arena->blocks; block; block = next) {
		next = block->next;
		unpoison(block->bytes, block->size);
		free(block);
	}
	whole->size = size;
	whole->next = NULL;
	arena->blocks = whole;
}

void xpm_arena_reset(struct xpm_arena *arena)
{
	struct xpm_arena_block *block;

	if (arena->blocks && arena->blocks->next)
		merge_blocks(arena);
	for (block = arena->blocks; block; block = block->next) {
		block->used = 0;
		poison(block->bytes, block->size);
	}
	arena->used = 0;
}

void xpm_arena_free(struct xpm_arena *arena)
{
	struct xpm_arena_block *block;

	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		unpoison(block->bytes, block->size);
		free(block);
	}
	arena->used = 0;
}
