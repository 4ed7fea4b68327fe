/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xpmatch/candidates.h>
#include <xpmatch/launchers.h>

#include "error_private.h"

/*
 * A file that was written less than this many seconds ago may be written again without a visible change: time stamps are
 * as coarse as the kernel's tick, or a second on some file systems. Such a file is read once more when it has come to rest.
 */
#define SETTLE_SECONDS 2

/* All of the file that is looked at per call. ctime covers owner and mode, and writers that put mtime back. */
struct stamp {
	int failure; /* errno of stat; 0 = the rest counts */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec mtime, ctime;
};

struct xpm_cache {
	char *path;
	int strict;
	int looked;          /* seen counts */
	int retry;           /* the failure may pass without the file changing */
	time_t settle;       /* when to read once more; 0 = never */
	struct stamp seen;
	uint64_t hash;       /* of the bytes last read */
	struct xpm_error error;
	struct xpm_candidates *candidates;
	struct xpm_match *match;
};

struct xpm_cache *xpm_cache_create(const char *path, int strict)
{
	struct xpm_cache *cache = calloc(1, sizeof *cache);

	if (!cache)
		return NULL;
	cache->path = strdup(path);
	if (!cache->path) {
		free(cache);
		return NULL;
	}
	cache->strict = strict;
	return cache;
}

void xpm_cache_destroy(struct xpm_cache *cache)
{
	if (!cache)
		return;
	xpm_match_destroy(cache->match);
	xpm_candidates_destroy(cache->candidates);
	free(cache->path);
	free(cache);
}

const char *xpm_cache_path(const struct xpm_cache *cache)
{
	return cache->path;
}

int xpm_cache_strict(const struct xpm_cache *cache)
{
	return cache->strict;
}

struct xpm_match *xpm_cache_match(const struct xpm_cache *cache)
{
	return cache->match;
}

const struct xpm_candidates *xpm_cache_candidates(const struct xpm_cache *cache)
{
	return cache->candidates;
}

const struct xpm_error *xpm_cache_error(const struct xpm_cache *cache)
{
	return &cache->error;
}

static void stamp_set(struct stamp *stamp, const struct stat *st)
{
	*stamp = (struct stamp){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = st->st_size,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

static int stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->failure == b->failure && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec && a->ctime.tv_sec == b->ctime.tv_sec &&
	       a->ctime.tv_nsec == b->ctime.tv_nsec;
}

/* FNV-1a: to tell whether a file that was read again says the same, not against anybody. */
static uint64_t bytes_hash(const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

static enum xpm_code fail_errno(const struct xpm_cache *cache, struct xpm_error *err)
{
	return xpm_fail(err, XPM_ERR_FILE, "%s: %s", cache->path, strerror(errno));
}

static enum xpm_code file_check(const struct xpm_cache *cache, const struct stat *st,
				struct xpm_error *err)
{
	if (!S_ISREG(st->st_mode))
		return xpm_fail(err, XPM_ERR_FILE, "%s: is not a regular file", cache->path);
	if (cache->strict && (st->st_mode & (S_IWGRP | S_IWOTH)))
		return xpm_fail(err, XPM_ERR_FILE,
				"%s: others than its owner may write it (mode %04o): chmod go-w it",
				cache->path, (unsigned)(st->st_mode & 07777));
	if (st->st_size > (off_t)XPM_FILE_MAX)
		return xpm_fail(err, XPM_ERR_LIMIT, "%s: is larger than %u MiB", cache->path,
				XPM_FILE_MAX >> 20);
	/* what an editor that truncates leaves for a moment: no rules at all are not meant */
	if (st->st_size == 0)
		return xpm_fail(err, XPM_ERR_FILE, "%s: is empty", cache->path);
	return XPM_OK;
}

/* Read size bytes, or as many as there are; -1 with errno. */
static ssize_t read_whole(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* The checks and the reading go by the descriptor: the path may point elsewhere meanwhile. */
static enum xpm_code file_read(struct xpm_cache *cache, char **text, size_t *len, struct xpm_error *err)
{
	enum xpm_code code;
	struct stat st;
	ssize_t got = -1;
	int fd = open(cache->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*text = NULL;
	if (fd < 0)
		return fail_errno(cache, err);
	if (fstat(fd, &st) != 0) {
		code = fail_errno(cache, err);
		goto out;
	}
	stamp_set(&cache->seen, &st);
	code = file_check(cache, &st, err);
	if (code != XPM_OK)
		goto out;
	*text = malloc((size_t)st.st_size);
	if (!*text) {
		code = xpm_fail_memory(err);
		goto out;
	}
	got = read_whole(fd, *text, (size_t)st.st_size);
	if (got < 0) {
		code = fail_errno(cache, err);
		free(*text);
		*text = NULL;
	}
	*len = got < 0 ? 0 : (size_t)got;
out:
	close(fd);
	return code;
}

static enum xpm_code table_replace(struct xpm_cache *cache, const char *text, size_t len,
				   struct xpm_error *err)
{
	struct xpm_launchers *launchers;
	struct xpm_candidates *candidates = NULL;
	struct xpm_match *match = NULL;

	launchers = xpm_launchers_parse(text, len, cache->path, NULL, err);
	if (launchers)
		candidates = xpm_candidates_create(launchers, err);
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
	return XPM_OK;
}

static time_t settle_at(const struct stamp *stamp)
{
	time_t last = stamp->mtime.tv_sec > stamp->ctime.tv_sec ? stamp->mtime.tv_sec :
								  stamp->ctime.tv_sec;
	time_t now = time(NULL);

	/* a stamp from the future says nothing about when the file was written */
	return last + SETTLE_SECONDS > now && last <= now ? last + SETTLE_SECONDS : 0;
}

/* Returns 1 when what was found is not what was known. */
static int file_load(struct xpm_cache *cache, int again)
{
	struct xpm_error err = { 0 };
	enum xpm_code code;
	uint64_t hash = 0;
	char *text;
	size_t len = 0;

	code = file_read(cache, &text, &len, &err);
	cache->settle = settle_at(&cache->seen);
	if (code == XPM_OK) {
		hash = bytes_hash(text, len);
		if (again && hash == cache->hash && cache->error.code != XPM_ERR_FILE &&
		    cache->error.code != XPM_ERR_MEMORY) {
			free(text);
			return 0;
		}
		code = table_replace(cache, text, len, &err);
	}
	free(text);
	cache->hash = hash;
	cache->retry = code == XPM_ERR_FILE || code == XPM_ERR_MEMORY;
	if (again && code == cache->error.code && strcmp(err.text, cache->error.text) == 0 &&
	    code != XPM_OK)
		return 0;
	cache->error = err;
	return 1;
}

enum xpm_cache_news xpm_cache_refresh(struct xpm_cache *cache)
{
	struct stamp now = { 0 };
	struct stat st;
	int known, news;

	if (stat(cache->path, &st) == 0)
		stamp_set(&now, &st);
	else
		now.failure = errno;
	known = cache->looked && stamp_equal(&now, &cache->seen);
	if (known && !cache->retry && (cache->settle == 0 || time(NULL) < cache->settle))
		return XPM_CACHE_SAME;
	if (known && now.failure)
		return XPM_CACHE_SAME;

	cache->looked = 1;
	cache->seen = now;
	if (now.failure) {
		cache->hash = 0;
		cache->settle = 0;
		cache->error = (struct xpm_error){ 0 };
		errno = now.failure;
		fail_errno(cache, &cache->error);
		return XPM_CACHE_FAILED;
	}
	news = file_load(cache, known);
	if (!news)
		return XPM_CACHE_SAME;
	return cache->error.code == XPM_OK ? XPM_CACHE_LOADED : XPM_CACHE_FAILED;
}
