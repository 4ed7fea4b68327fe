/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_WATCH_H
#define XPM_WATCH_H

#include <stddef.h>
#include <xpmatch/error.h>

/*
 * One file: looked at (one stat) whenever it is asked for, read only when it has changed. Never waits: what is no regular
 * file is not read, and the size is bounded. One thread at a time.
 */
struct xpm_watch;

/* What a look brought; everything but XPM_WATCH_SAME is answered once per change. */
enum xpm_watch_news {
	XPM_WATCH_SAME,
	XPM_WATCH_TEXT,   /* it says something new */
	XPM_WATCH_FAILED, /* it cannot be read now */
};

/*
 * path    copied; the file need not exist
 * limit   bytes that are read at most; a larger file is refused
 * strict  refuse a file that its group or others may write: what slurmctld obeys, only root, SlurmUser or the file's owner
 *         may say
 *
 * Reads nothing yet. NULL when memory is short.
 */
struct xpm_watch *xpm_watch_create(const char *path, size_t limit, int strict);
void xpm_watch_destroy(struct xpm_watch *watch); /* NULL is fine */

/* *text is the caller's to free when XPM_WATCH_TEXT is returned, else NULL; err is set when XPM_WATCH_FAILED is. */
enum xpm_watch_news xpm_watch_look(struct xpm_watch *watch, char **text, size_t *len, struct xpm_error *err);

/* What was read could not be used for a reason that may pass: the next look reads it again. */
void xpm_watch_again(struct xpm_watch *watch);

const char *xpm_watch_path(const struct xpm_watch *watch);
int xpm_watch_strict(const struct xpm_watch *watch);

#endif
