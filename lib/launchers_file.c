/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error_private.h"
#include "report_private.h"

#define TOKENS_FILE "tokens.yaml"

/* A failure of a file as a whole: it has a name and no line. */
static enum xpm_code fail_file(struct xpm_report *report, struct xpm_error *err,
                               const struct xpm_error *failure, const char *name)
{
	struct xpm_error what = *failure;

	snprintf(what.source, sizeof(what.source), "%s", name);
	if (report && what.code != XPM_ERR_MEMORY && xpm_report_add(report, XPM_ERROR, &what))
		return xpm_fail_memory(err);
	if (err)
		*err = what;
	return what.code;
}

enum xpm_code xpm_launchers_too_large(const char *name, struct xpm_report *report,
                                      struct xpm_error *err)
{
	struct xpm_error what;

	xpm_fail(&what, XPM_ERR_LIMIT, "the file is larger than %u MiB", XPM_FILE_MAX >> 20);
	return fail_file(report, err, &what, name);
}

/* All that the file held when it was opened. */
static enum xpm_code read_bytes(int fd, char *bytes, size_t len, struct xpm_error *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return xpm_fail(err, XPM_ERR_FILE, "cannot be read: %m");
		if (n == 0)
			return xpm_fail(err, XPM_ERR_FILE, "became shorter while it was read");
		done += (size_t)n;
	}
	return XPM_OK;
}

static enum xpm_code read_opened(int fd, struct xpm_arena *arena, const char **text, size_t *len,
                                 struct xpm_error *err)
{
	struct stat status;
	char *bytes;

	if (fstat(fd, &status))
		return xpm_fail(err, XPM_ERR_FILE, "cannot be read: %m");
	if (!S_ISREG(status.st_mode))
		return xpm_fail(err, XPM_ERR_FILE, "cannot be read: not a regular file");
	if ((uintmax_t)status.st_size > XPM_FILE_MAX)
		return xpm_fail(err, XPM_ERR_LIMIT, "the file is larger than %u MiB",
		                XPM_FILE_MAX >> 20);
	bytes = xpm_arena_alloc(arena, (size_t)status.st_size + 1);
	if (!bytes)
		return xpm_fail_memory(err);
	*text = bytes;
	*len = (size_t)status.st_size;
	return read_bytes(fd, bytes, *len, err);
}

/* *text stays NULL, without an error, when there is no such file and it is optional. */
static enum xpm_code read_file(const char *path, int optional, struct xpm_arena *arena,
                               const char **text, size_t *len, struct xpm_error *err)
{
	/* Not to wait for the other end of whatever someone put there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum xpm_code code;

	if (fd < 0 && optional && (errno == ENOENT || errno == ENOTDIR))
		return XPM_OK;
	if (fd < 0)
		return xpm_fail(err, XPM_ERR_FILE, "cannot be opened: %m");
	code = read_opened(fd, arena, text, len, err);
	close(fd);
	return code;
}

/* tokens.yaml beside the file. */
static enum xpm_code load_tokens(struct xpm_launchers *launchers, const char *path,
                                 struct xpm_report *report, struct xpm_error *err)
{
	const char *slash = strrchr(path, '/');
	int folder_len = slash ? (int)(slash - path + 1) : 0;
	struct xpm_error what;

	if (!strcmp(path + folder_len, TOKENS_FILE))
		return XPM_OK;
	launchers->tokens_name =
	        xpm_arena_printf(&launchers->arena, "%.*s" TOKENS_FILE, folder_len, path);
	if (!launchers->tokens_name)
		return xpm_fail_memory(err);
	if (read_file(launchers->tokens_name, 1, &launchers->arena, &launchers->tokens_text,
	              &launchers->tokens_text_len, &what))
		return fail_file(report, err, &what, launchers->tokens_name);
	return launchers->tokens_text ? xpm_launchers_read_tokens(launchers, report, err) : XPM_OK;
}

static enum xpm_code load(struct xpm_launchers *launchers, const char *path,
                          struct xpm_report *report, struct xpm_error *err)
{
	enum xpm_code code, tokens_code;
	struct xpm_error what;

	if (read_file(path, 0, &launchers->arena, &launchers->text, &launchers->text_len, &what))
		return fail_file(report, err, &what, path);
	code = xpm_launchers_read(launchers, report, err);
	if (code == XPM_ERR_MEMORY)
		return code;
	/* The errors of the other file are wanted as well; what was read of this one may not be
	 * sound. */
	if (code)
		launchers->tokens_len = 0;
	tokens_code = load_tokens(launchers, path, report, code ? &what : err);
	return code ? code : tokens_code;
}

struct xpm_launchers *xpm_launchers_load(const char *path, struct xpm_report *report,
                                         struct xpm_error *err)
{
	struct xpm_launchers *launchers = xpm_launchers_create(path, err);

	if (launchers && !load(launchers, path, report, err))
		return launchers;
	xpm_launchers_destroy(launchers);
	return NULL;
}
