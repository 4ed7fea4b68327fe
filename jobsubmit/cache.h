/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CACHE_H
#define XPM_CACHE_H

#include <xpmatch/error.h>
#include <xpmatch/match.h>

/*
 * The rules that are in force: the last good state of one launchers.yaml.
 *
 * The file is looked at (one stat) whenever it is asked for, read only when it has changed, and a state that is not good
 * leaves the one before in force. Knows nothing of Lua. One thread at a time.
 */
struct xpm_cache;

/* What a look at the file brought; everything but XPM_CACHE_SAME is answered once per change of the file. */
enum xpm_cache_news {
	XPM_CACHE_SAME,
	XPM_CACHE_LOADED, /* new rules are in force */
	XPM_CACHE_FAILED, /* the file cannot be used: xpm_cache_error() says why; what was in force still is */
};

/*
 * path    copied; the file need not exist
 * strict  refuse a file that its group or others may write: what slurmctld obeys, only root, SlurmUser or the file's owner
 *         may say
 *
 * Reads nothing yet. NULL when memory is short.
 */
struct xpm_cache *xpm_cache_create(const char *path, int strict);
void xpm_cache_destroy(struct xpm_cache *cache); /* NULL is fine */

enum xpm_cache_news xpm_cache_refresh(struct xpm_cache *cache);

const char *xpm_cache_path(const struct xpm_cache *cache);
int xpm_cache_strict(const struct xpm_cache *cache);

/* A workspace for the rules in force; NULL when there never was a good file. Valid until the next refresh. */
struct xpm_match *xpm_cache_match(const struct xpm_cache *cache);
const struct xpm_candidates *xpm_cache_candidates(const struct xpm_cache *cache);

/* Why the file as it is now is not in force; code is XPM_OK when it is. */
const struct xpm_error *xpm_cache_error(const struct xpm_cache *cache);

#endif
