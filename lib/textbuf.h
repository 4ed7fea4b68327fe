/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_TEXTBUF_H
#define XPM_TEXTBUF_H

#include <stddef.h>

/*
 * A text that is being written. {0} is an empty one; bytes is NUL-terminated once something was added, and is freed with
 * xpm_textbuf_free(). When memory runs out, failed is set and stays, and nothing more is added: look at it at the end.
 */
struct xpm_textbuf {
	char *bytes;
	size_t len, room;
	int failed;
};

void xpm_textbuf_add(struct xpm_textbuf *buf, const char *text, size_t len);
void xpm_textbuf_puts(struct xpm_textbuf *buf, const char *text);
void xpm_textbuf_printf(struct xpm_textbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A string as YAML (and JSON) take it: plain when it looks like a word, else in double quotes. */
void xpm_textbuf_yaml(struct xpm_textbuf *buf, const char *text);
void xpm_textbuf_quoted(struct xpm_textbuf *buf, const char *text);
void xpm_textbuf_free(struct xpm_textbuf *buf);

/* Room for one more item in an array of len items: the array, moved or not, or NULL with everything as it was. */
void *xpm_grow(void *items, size_t len, size_t *room, size_t size);

#endif
