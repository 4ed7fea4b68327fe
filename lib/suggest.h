/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SUGGEST_H
#define XPM_SUGGEST_H

#include <stddef.h>

/*
 * What word[0..len) was probably meant to be: the nearest of choices[0..n); or, when none is near, the only one that it
 * begins or that begins it, from three letters on; or NULL.
 *
 * Near is an edit distance of at most 2 (a swap of neighbours is one edit, upper and lower case are the same) and of at
 * most half of the longer word. Of equally near choices the first one. Of several that begin alike one counts that goes
 * on within the word: mem is memory rather than mem_per_cpu. Returns one of the pointers in choices.
 */
const char *xpm_suggest(const char *word, size_t len, const char *const *choices, size_t n);

#endif
