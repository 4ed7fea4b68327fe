/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

struct xpm_watch {
	char *path;
	size_t limit;        /* bytes */
	int strict;
	int looked;          /* seen counts */
	int retry;           /* the failure may pass without the file changing */
	time_t settle;       /* when to read once more; 0 = never */
	struct stamp seen;
	uint64_t hash;       /* of the bytes last read; 0 = none, or forgotten */
	enum xpm_code code;  /* of the last reading */
	char said[XPM_ERROR_TEXT_MAX];
};

struct xpm_watch *xpm_watch_create(const char *path, size_t limit, int strict)
{
	struct xpm_watch *watch = calloc(1, sizeof *watch);

	if (!watch)
		return NULL;
	watch->path = strdup(path);
	if (!watch->path) {
		free(watch);
		return NULL;
	}
	watch->limit = limit;
	watch->strict = strict;
	return watch;
}

void xpm_watch_destroy(struct xpm_watch *watch)
{
	if (!watch)
		return;
	free(watch->path);
	free(watch);
}

const char *xpm_watch_path(const struct xpm_watch *watch)
{
	return watch->path;
}

int xpm_watch_strict(const struct xpm_watch *watch)
{
	return watch->strict;
}

void xpm_watch_again(struct xpm_watch *watch)
{
	watch->retry = 1;
	watch->hash = 0;
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

static enum xpm_code fail_errno(const struct xpm_watch *watch, struct xpm_error *err)
{
	return xpm_fail(err, XPM_ERR_FILE, "%s: %s", watch->path, strerror(errno));
}

static enum xpm_code file_check(const struct xpm_watch *watch, const struct stat *st,
				struct xpm_error *err)
{
	if (!S_ISREG(st->st_mode))
		return xpm_fail(err, XPM_ERR_FILE, "%s: is not a regular file", watch->path);
	if (watch->strict && (st->st_mode & (S_IWGRP | S_IWOTH)))
		return xpm_fail(err, XPM_ERR_FILE,
				"%s: others than its owner may write it (mode %04o): chmod go-w it",
				watch->path, (unsigned)(st->st_mode & 07777));
	if (st->st_size > (off_t)watch->limit)
		return xpm_fail(err, XPM_ERR_LIMIT, "%s: is larger than %zu MiB", watch->path,
				watch->limit >> 20);
	/* what an editor that truncates leaves for a moment: nothing at all is not meant */
	if (st->st_size == 0)
		return xpm_fail(err, XPM_ERR_FILE, "%s: is empty", watch->path);
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
static enum xpm_code file_read(struct xpm_watch *watch, char **text, size_t *len, struct xpm_error *err)
{
	enum xpm_code code;
	struct stat st;
	ssize_t got = -1;
	int fd = open(watch->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*text = NULL;
	if (fd < 0)
		return fail_errno(watch, err);
	if (fstat(fd, &st) != 0) {
		code = fail_errno(watch, err);
		goto out;
	}
	stamp_set(&watch->seen, &st);
	code = file_check(watch, &st, err);
	if (code != XPM_OK)
		goto out;
	*text = malloc((size_t)st.st_size);
	if (!*text) {
		code = xpm_fail_memory(err);
		goto out;
	}
	got = read_whole(fd, *text, (size_t)st.st_size);
	if (got < 0) {
		code = fail_errno(watch, err);
		free(*text);
		*text = NULL;
	}
	*len = got < 0 ? 0 : (size_t)got;
out:
	close(fd);
	return code;
}

static time_t settle_at(const struct stamp *stamp)
{
	time_t last = stamp->mtime.tv_sec > stamp->ctime.tv_sec ? stamp->mtime.tv_sec :
								  stamp->ctime.tv_sec;
	time_t now = time(NULL);

	/* a stamp from the future says nothing about when the file was written */
	return last + SETTLE_SECONDS > now && last <= now ? last + SETTLE_SECONDS : 0;
}

/* The same failure as at the last look is no news. */
static enum xpm_watch_news news_of_failure(struct xpm_watch *watch, int known, const struct xpm_error *err)
{
	int same = known && watch->code == err->code && strcmp(watch->said, err->text) == 0;

	watch->code = err->code;
	watch->hash = 0;
	snprintf(watch->said, sizeof watch->said, "%s", err->text);
	return same ? XPM_WATCH_SAME : XPM_WATCH_FAILED;
}

static enum xpm_watch_news read_now(struct xpm_watch *watch, int known, char **text, size_t *len, struct xpm_error *err)
{
	enum xpm_code code = file_read(watch, text, len, err);
	uint64_t hash;

	watch->settle = settle_at(&watch->seen);
	watch->retry = code == XPM_ERR_FILE || code == XPM_ERR_MEMORY;
	if (code != XPM_OK)
		return news_of_failure(watch, known, err);
	hash = bytes_hash(*text, *len);
	if (known && watch->code == XPM_OK && hash == watch->hash) {
		free(*text);
		*text = NULL;
		return XPM_WATCH_SAME;
	}
	watch->code = XPM_OK;
	watch->hash = hash;
	return XPM_WATCH_TEXT;
}

enum xpm_watch_news xpm_watch_look(struct xpm_watch *watch, char **text, size_t *len, struct xpm_error *err)
{
	struct stamp now = { 0 };
	struct stat st;
	int known;

	*text = NULL;
	*len = 0;
	if (stat(watch->path, &st) == 0)
		stamp_set(&now, &st);
	else
		now.failure = errno;
	known = watch->looked && stamp_equal(&now, &watch->seen);
	if (known && (now.failure || (!watch->retry && (watch->settle == 0 || time(NULL) < watch->settle))))
		return XPM_WATCH_SAME;
	watch->looked = 1;
	watch->seen = now;
	if (!now.failure)
		return read_now(watch, known, text, len, err);
	watch->settle = 0;
	errno = now.failure;
	fail_errno(watch, err);
	return news_of_failure(watch, known, err);
}
