/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest.h"

#include <string.h>

#define WORD_MAX 48 /* longer words are nobody's typing mistake */
#define FAR      (WORD_MAX + 1)
#define SHORTEST 3 /* letters of a word that stands for a longer one */

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance; three rows of the table are enough. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t i, j;

	for (j = 0; j <= blen; j++)
		last[j] = j;
	for (i = 1; i <= alen; i++) {
		row[0] = i;
		for (j = 1; j <= blen; j++) {
			unsigned char ac = fold(a[i - 1]), bc = fold(b[j - 1]);

			row[j] = least(last[j - 1] + (ac != bc), least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && ac == fold(b[j - 2]) && bc == fold(a[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[blen];
}

/* How well the shorter of two words stands for the longer, which it begins: 2 when that goes on within the word, 1 when
 * the next word of several begins there, 0 = not at all. */
static int shortens(const char *a, size_t alen, const char *b, size_t blen)
{
	const char *longer = alen < blen ? b : a;
	size_t shared = least(alen, blen), rest, i;

	for (i = 0; i < shared; i++)
		if (fold(a[i]) != fold(b[i]))
			return 0;
	if (shared < SHORTEST)
		return 0;
	rest = alen + blen - 2 * shared;
	return memchr(longer + shared, '_', rest) || memchr(longer + shared, '-', rest) ? 1 : 2;
}

/* The only choice that is shortened so well, or NULL. */
static const char *shortened(const char *word, size_t len, const char *const *choices, size_t n)
{
	const char *best = NULL;
	int best_rank = 0, alike = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		int rank = shortens(word, len, choices[i], strlen(choices[i]));

		if (rank < best_rank)
			continue;
		alike = rank == best_rank;
		best = choices[i];
		best_rank = rank;
	}
	return best_rank && !alike ? best : NULL;
}

const char *xpm_suggest(const char *word, size_t len, const char *const *choices, size_t n)
{
	const char *best = NULL;
	size_t best_distance = FAR, i;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t choice_len = strlen(choices[i]), d;

		if (choice_len > WORD_MAX)
			continue;
		d = distance(word, len, choices[i], choice_len);
		if (d > 2 || 2 * d > (len > choice_len ? len : choice_len) || d >= best_distance)
			continue;
		best = choices[i];
		best_distance = d;
	}
	return best ? best : shortened(word, len, choices, n);
}
