/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "unit.h"

START_TEST(pieces_are_zeroed_aligned_and_apart)
{
	struct xpm_arena arena = { 0 };
	unsigned char *pieces[200];
	size_t i, j;

	for (i = 0; i < 200; i++) {
		pieces[i] = xpm_arena_alloc(&arena, i * 7);
		ck_assert_ptr_nonnull(pieces[i]);
		ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (j = 0; j < i * 7; j++)
			ck_assert_uint_eq(pieces[i][j], 0);
		memset(pieces[i], (int)i, i * 7);
	}
	for (i = 0; i < 200; i++)
		for (j = 0; j < i * 7; j++)
			ck_assert_uint_eq(pieces[i][j], i);
	ck_assert_ptr_ne(xpm_arena_alloc(&arena, 0), xpm_arena_alloc(&arena, 0));
	xpm_arena_free(&arena);
	ck_assert_uint_eq(arena.used, 0);
	ck_assert_ptr_null(arena.blocks);
	xpm_arena_free(&arena);
}
END_TEST

START_TEST(big_pieces)
{
	struct xpm_arena arena = { 0 };
	size_t size;

	for (size = 1; size <= (size_t)8 << 20; size *= 2)
		ck_assert_ptr_nonnull(xpm_arena_alloc(&arena, size));
	ck_assert_ptr_null(xpm_arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(xpm_arena_alloc(&arena, SIZE_MAX / 2 + 1));
	ck_assert_ptr_null(xpm_arena_array(&arena, SIZE_MAX / 4, 8));
	ck_assert_ptr_nonnull(xpm_arena_array(&arena, 0, 8));
	ck_assert_ptr_nonnull(xpm_arena_array(&arena, 8, 0));
	xpm_arena_free(&arena);
}
END_TEST

START_TEST(limit_is_kept)
{
	struct xpm_arena arena = { .limit = 1024 };

	ck_assert_ptr_null(xpm_arena_alloc(&arena, 1025));
	ck_assert_ptr_nonnull(xpm_arena_alloc(&arena, 1000));
	ck_assert_ptr_nonnull(xpm_arena_alloc(&arena, 16));
	ck_assert_ptr_null(xpm_arena_alloc(&arena, 1));
	ck_assert_uint_le(arena.used, arena.limit);
	xpm_arena_reset(&arena);
	ck_assert_ptr_nonnull(xpm_arena_alloc(&arena, 1024));
	xpm_arena_free(&arena);
}
END_TEST

/*
 * Pieces of sizes in another order each time, as much as before in all: never a block more, so no
 * address is new.
 */
START_TEST(reset_keeps_the_memory)
{
	struct xpm_arena arena = { 0 };
	const char *low = NULL, *high = NULL;
	int round, i;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 97; i++) {
			size_t size = (size_t)(i * (round + 1) % 97 * 100);
			char *piece = xpm_arena_alloc(&arena, size);

			ck_assert_ptr_nonnull(piece);
			if (size)
				ck_assert_int_eq(piece[0], 0);
			memset(piece, 1, size);
			if (round == 1 && i == 0)
				low = piece;
			if (round == 1)
				high = piece + size;
			if (round > 1) {
				ck_assert(piece >= low);
				ck_assert(piece + size <= high + alignof(max_align_t));
			}
		}
		xpm_arena_reset(&arena);
		ck_assert_uint_eq(arena.used, 0);
	}
	xpm_arena_free(&arena);
}
END_TEST

START_TEST(strings)
{
	struct xpm_arena arena = { 0 };

	ck_assert_str_eq(xpm_arena_strdup(&arena, "cuda"), "cuda");
	ck_assert_str_eq(xpm_arena_strdup(&arena, ""), "");
	ck_assert_str_eq(xpm_arena_strndup(&arena, "cuda(mem", 4), "cuda");
	ck_assert_str_eq(xpm_arena_strndup(&arena, "cuda", 99), "cuda");
	ck_assert_str_eq(xpm_arena_printf(&arena, "%s[%d]", "local", 3), "local[3]");
	ck_assert_str_eq(xpm_arena_printf(&arena, "%s", ""), "");
	xpm_arena_free(&arena);

	arena.limit = 64;
	ck_assert_ptr_null(xpm_arena_printf(&arena, "%100s", "x"));
	ck_assert_ptr_null(xpm_arena_strndup(&arena,
	                                     "0123456789012345678901234567890123456789"
	                                     "0123456789012345678901234567890123456789",
	                                     80));
	xpm_arena_free(&arena);
}
END_TEST

UNIT_MAIN("arena", pieces_are_zeroed_aligned_and_apart, big_pieces, limit_is_kept,
          reset_keeps_the_memory, strings)
