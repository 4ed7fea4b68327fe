/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int grow(void **at, size_t *room, size_t needed, size_t item)
{
	size_t more = *room ? *room : 16;
	void *larger;

	while (more < needed)
		more *= 2;
	if (more == *room)
		return 1;
	larger = realloc(*at, more * item);
	if (!larger)
		return 0;
	*at = larger;
	*room = more;
	return 1;
}

void xpm_words_add(struct xpm_words *words, const char *format, ...)
{
	void *offsets = words->offsets, *text = words->text;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !grow(&offsets, &words->room, words->len + 1, sizeof(*words->offsets))) {
		words->failed = 1;
		return;
	}
	words->offsets = offsets;
	if (!grow(&text, &words->size, words->used + (size_t)len + 1, 1)) {
		words->failed = 1;
		return;
	}
	words->text = text;
	words->offsets[words->len++] = words->used;
	va_start(args, format);
	vsnprintf(words->text + words->used, (size_t)len + 1, format, args);
	va_end(args);
	words->used += (size_t)len + 1;
}

char **xpm_words_take(struct xpm_words *words)
{
	char **argv = NULL;

	if (!words->failed)
		argv = malloc((words->len + 1) * sizeof(*argv) + words->used);
	if (argv) {
		char *text = (char *)(argv + words->len + 1);

		if (words->used)
			memcpy(text, words->text, words->used);
		for (size_t i = 0; i < words->len; i++)
			argv[i] = text + words->offsets[i];
		argv[words->len] = NULL;
	}
	free(words->offsets);
	free(words->text);
	memset(words, 0, sizeof(*words));
	return argv;
}
