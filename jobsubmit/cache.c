/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/candidates.h>
#include <xpmatch/launchers.h>
#include <xpmatch/snapshot.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "watch.h"

#define SNAPSHOT_MAX ((size_t)64 << 20) /* as the library */
#define DEFAULT_AGE  (24 * 3600)        /* seconds; where nobody says snapshot_max_age */

struct xpm_cache {
	struct xpm_watch *rules, *snapshot; /* snapshot NULL: none is wanted */
	int named;                          /* the snapshot is meant to be there */
	struct xpm_error error, snapshot_error;
	char *text;                         /* of the rules in force: a new snapshot makes new candidates of them */
	size_t text_len;
	struct xpm_cluster *cluster;
	size_t asking;                      /* launchers with query_slurm */
	uint64_t max_age;
	struct xpm_candidates *candidates;
	struct xpm_match *match;
};

struct xpm_cache *xpm_cache_create(const char *path, const char *snapshot, int named, int strict)
{
	struct xpm_cache *cache = calloc(1, sizeof *cache);

	if (!cache)
		return NULL;
	cache->rules = xpm_watch_create(path, XPM_FILE_MAX, strict);
	if (snapshot)
		cache->snapshot = xpm_watch_create(snapshot, SNAPSHOT_MAX, strict);
	if (!cache->rules || (snapshot && !cache->snapshot)) {
		xpm_cache_destroy(cache);
		return NULL;
	}
	cache->named = named;
	cache->max_age = DEFAULT_AGE;
	return cache;
}

void xpm_cache_destroy(struct xpm_cache *cache)
{
	if (!cache)
		return;
	xpm_match_destroy(cache->match);
	xpm_candidates_destroy(cache->candidates);
	xpm_cluster_destroy(cache->cluster);
	xpm_watch_destroy(cache->rules);
	xpm_watch_destroy(cache->snapshot);
	free(cache->text);
	free(cache);
}

const char *xpm_cache_path(const struct xpm_cache *cache)
{
	return xpm_watch_path(cache->rules);
}

const char *xpm_cache_snapshot_path(const struct xpm_cache *cache)
{
	return cache->snapshot ? xpm_watch_path(cache->snapshot) : NULL;
}

int xpm_cache_strict(const struct xpm_cache *cache)
{
	return xpm_watch_strict(cache->rules);
}

struct xpm_match *xpm_cache_match(const struct xpm_cache *cache)
{
	return cache->match;
}

const struct xpm_candidates *xpm_cache_candidates(const struct xpm_cache *cache)
{
	return cache->candidates;
}

const struct xpm_cluster *xpm_cache_cluster(const struct xpm_cache *cache)
{
	return cache->cluster;
}

const struct xpm_error *xpm_cache_error(const struct xpm_cache *cache)
{
	return &cache->error;
}

const struct xpm_error *xpm_cache_snapshot_error(const struct xpm_cache *cache)
{
	return &cache->snapshot_error;
}

/* Candidates of these rules and this snapshot (NULL = none) in the place of those in force. */
static enum xpm_code table_replace(struct xpm_cache *cache, const char *text, size_t len, const struct xpm_cluster *cluster,
				   struct xpm_error *err)
{
	struct xpm_candidates *candidates = NULL;
	struct xpm_match *match = NULL;
	uint64_t max_age = DEFAULT_AGE;
	size_t asking = 0;
	struct xpm_launchers *launchers = xpm_launchers_parse(text, len, xpm_cache_path(cache), NULL, err);

	if (launchers) {
		asking = xpm_launchers_query_slurm(launchers, &max_age);
		if (!asking || !cluster || xpm_launchers_apply_cluster(launchers, cluster, NULL, err) == XPM_OK)
			candidates = xpm_candidates_create(launchers, err);
	}
	xpm_launchers_destroy(launchers);
	if (candidates)
		match = xpm_match_create(candidates, err);
	if (!match) {
		xpm_candidates_destroy(candidates);
		return err->code;
	}
	xpm_match_destroy(cache->match);
	xpm_candidates_destroy(cache->candidates);
	cache->match = match;
	cache->candidates = candidates;
	cache->asking = asking;
	cache->max_age = max_age;
	return XPM_OK;
}

/* A new snapshot that is good, or NULL. */
static struct xpm_cluster *snapshot_look(struct xpm_cache *cache, unsigned *news)
{
	struct xpm_cluster *cluster = NULL;
	struct xpm_error err = { 0 };
	char *text;
	size_t len;

	if (!cache->snapshot)
		return NULL;
	switch (xpm_watch_look(cache->snapshot, &text, &len, &err)) {
	case XPM_WATCH_SAME:
		return NULL;
	case XPM_WATCH_FAILED:
		break;
	case XPM_WATCH_TEXT:
		cluster = xpm_snapshot_parse(text, len, xpm_watch_path(cache->snapshot), &err);
		if (!cluster && err.code == XPM_ERR_MEMORY)
			xpm_watch_again(cache->snapshot);
		free(text);
		break;
	}
	cache->snapshot_error = err;
	*news |= XPM_CACHE_SNAPSHOT;
	return cluster;
}

/* The rules anew: of their new text, or of the old one with a new snapshot. */
static void rules_make(struct xpm_cache *cache, char *text, size_t len, const struct xpm_cluster *cluster, unsigned *news)
{
	struct xpm_error err = { 0 };
	enum xpm_code code = table_replace(cache, text ? text : cache->text, text ? len : cache->text_len, cluster, &err);

	if (text)
		cache->error = err;
	else if (code != XPM_OK)
		cache->snapshot_error = err;
	if (text)
		*news |= XPM_CACHE_RULES;
	if (text && code == XPM_ERR_MEMORY)
		xpm_watch_again(cache->rules);
	if (text && code == XPM_OK) {
		free(cache->text);
		cache->text = text;
		cache->text_len = len;
	} else {
		free(text);
	}
}

unsigned xpm_cache_refresh(struct xpm_cache *cache)
{
	struct xpm_cluster *cluster;
	struct xpm_error err = { 0 };
	unsigned news = 0;
	char *text;
	size_t len;

	cluster = snapshot_look(cache, &news);
	if (xpm_watch_look(cache->rules, &text, &len, &err) == XPM_WATCH_FAILED) {
		cache->error = err;
		news |= XPM_CACHE_RULES;
	}
	if (text || (cluster && cache->asking))
		rules_make(cache, text, len, cluster ? cluster : cache->cluster, &news);
	if (cluster) {
		xpm_cluster_destroy(cache->cluster);
		cache->cluster = cluster;
	}
	return news;
}

enum xpm_cache_lack xpm_cache_lack(const struct xpm_cache *cache, int64_t now, char *why, size_t size)
{
	int64_t age = cache->cluster ? now - xpm_snapshot_time(cache->cluster) : 0;
	char old[XPM_SIZE_TEXT], most[XPM_SIZE_TEXT];

	if (!cache->cluster) {
		if (!cache->asking && !cache->named)
			return XPM_CACHE_WHOLE;
		snprintf(why, size, "no snapshot of the cluster (%s)%s",
			 cache->snapshot ? cache->snapshot_error.text : "none is wanted",
			 cache->asking ? ": only what launchers.yaml itself says counts" : "");
		return XPM_CACHE_NO_SNAPSHOT;
	}
	if (age < 0 || (uint64_t)age <= cache->max_age)
		return XPM_CACHE_WHOLE;
	snprintf(why, size, "the snapshot of the cluster is %s old, more than %s",
		 xpm_duration_print((uint64_t)age / 60 * 60, old), xpm_duration_print(cache->max_age, most));
	return XPM_CACHE_OLD_SNAPSHOT;
}
