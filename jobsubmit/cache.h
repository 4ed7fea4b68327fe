/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CACHE_H
#define XPM_CACHE_H

#include <xpmatch/error.h>
#include <xpmatch/cluster.h>
#include <xpmatch/match.h>

/*
 * The rules that are in force: the last good state of one launchers.yaml, and of the snapshot of the cluster that answers
 * query_slurm and tells who may use what.
 *
 * Both files are looked at (one stat each) whenever they are asked for and read only when they have changed; a state that is
 * not good leaves the one before in force. Knows nothing of Lua. One thread at a time.
 */
struct xpm_cache;

/*
 * path      copied; the file need not exist
 * snapshot  copied; NULL = none is wanted
 * named     the snapshot is meant to be there: its absence is worth a word even where no launcher has query_slurm
 * strict    refuse files that their group or others may write
 *
 * Reads nothing yet. NULL when memory is short.
 */
struct xpm_cache *xpm_cache_create(const char *path, const char *snapshot, int named, int strict);
void xpm_cache_destroy(struct xpm_cache *cache); /* NULL is fine */

/* Look at both. What is new, once per change: the error of each says whether it is good news. */
enum { XPM_CACHE_RULES = 1, XPM_CACHE_SNAPSHOT = 2 };
unsigned xpm_cache_refresh(struct xpm_cache *cache);

const char *xpm_cache_path(const struct xpm_cache *cache);
const char *xpm_cache_snapshot_path(const struct xpm_cache *cache); /* NULL = none is wanted */
int xpm_cache_strict(const struct xpm_cache *cache);

/* A workspace for the rules in force; NULL when there never was a good file. Valid until the next refresh. */
struct xpm_match *xpm_cache_match(const struct xpm_cache *cache);
const struct xpm_candidates *xpm_cache_candidates(const struct xpm_cache *cache);

/* The last good snapshot, NULL = none. Valid until the next refresh. */
const struct xpm_cluster *xpm_cache_cluster(const struct xpm_cache *cache);

/* Why the file as it is now is not in force; code is XPM_OK when it is. */
const struct xpm_error *xpm_cache_error(const struct xpm_cache *cache);
const struct xpm_error *xpm_cache_snapshot_error(const struct xpm_cache *cache);

/* What is known of the cluster at this time (seconds since the epoch); a sentence in why unless XPM_CACHE_WHOLE. */
enum xpm_cache_lack { XPM_CACHE_WHOLE, XPM_CACHE_NO_SNAPSHOT, XPM_CACHE_OLD_SNAPSHOT };
enum xpm_cache_lack xpm_cache_lack(const struct xpm_cache *cache, int64_t now, char *why, size_t size);

#endif
