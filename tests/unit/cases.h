/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CASES_H
#define XPM_CASES_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Folders of cases: tests/data/<name>/<case>/, one folder per case, so that a new case is a new folder. $srcdir says where
 * the source tree is, as automake sets it.
 */

/* A file of a case, NUL-terminated, to free(); the last newline is not part of it. NULL when there is none. */
static inline char *case_file(const char *name, const char *which, const char *file)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX], *text = NULL;
	size_t len = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/tests/data/%s/%s/%s", srcdir ? srcdir : ".", name, which, file);
	stream = fopen(path, "r");
	if (!stream)
		return NULL;
	text = malloc((1 << 20) + 1);
	if (text) {
		len = fread(text, 1, 1 << 20, stream);
		if (len && text[len - 1] == '\n')
			len--;
		text[len] = '\0';
	}
	fclose(stream);
	return text;
}

/* Call run(name, case) for each folder, sorted; returns how many there were. */
static inline int each_case(const char *name, void (*run)(const char *name, const char *which))
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];
	struct dirent **entries;
	int n, i, count = 0;

	snprintf(path, sizeof(path), "%s/tests/data/%s", srcdir ? srcdir : ".", name);
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			run(name, entries[i]->d_name);
			count++;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return count;
}

#endif
