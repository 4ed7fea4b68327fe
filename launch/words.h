/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_WORDS_H
#define XPM_WORDS_H

#include <stddef.h>

/* A list of words in the making: argv of a command. A zeroed struct is an empty one. */
struct xpm_words {
	size_t *offsets; /* into text */
	size_t len, room;
	char *text;
	size_t used, size;
	int failed;      /* memory was short: words are missing */
};

/* Add one word, made as printf() does. Failures are kept in words->failed. */
void xpm_words_add(struct xpm_words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As a NULL-terminated vector in one block to free with free(); NULL when memory was short. Empties words. */
char **xpm_words_take(struct xpm_words *words);

#endif
