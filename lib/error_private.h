/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_ERROR_PRIVATE_H
#define XPM_ERROR_PRIVATE_H

#include <xpmatch/error.h>

/* Fill *err (which may be NULL) without a position, and return code: `return xpm_fail(err, XPM_ERR_VALUE, "...", ...);` */
enum xpm_code xpm_fail(struct xpm_error *err, enum xpm_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

enum xpm_code xpm_fail_memory(struct xpm_error *err);

/*
 * The same with a place: source names the document, text[0..len) is all of it, offset the byte that is meant. Line, column
 * and the excerpt with its caret follow from them; bytes that are not printable stand as '?' in the excerpt.
 */
enum xpm_code xpm_fail_at(struct xpm_error *err, enum xpm_code code, const char *source, const char *text, size_t len,
			  size_t offset, const char *format, ...) __attribute__((format(printf, 7, 8)));

/*
 * The length of the UTF-8 character at text[0..len), len >= 1, and whether a terminal may be shown it: no control
 * character and nothing that reorders a line. A byte that is no part of valid UTF-8 is an unprintable character alone.
 */
size_t xpm_char_len(const char *text, size_t len, int *printable);

/* For "%.*s": as much of text[0..len) as one needs to recognise it, whole characters. */
int xpm_shown(const char *text, size_t len);

/* xpm_error_print() with another word than "error". */
size_t xpm_error_print_as(const struct xpm_error *err, const char *word, char *buf, size_t size);

#endif
