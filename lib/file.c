/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error_private.h"

/* As many bytes as the file had when it was opened, or fewer. */
static ssize_t read_bytes(int fd, char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static char *read_opened(int fd, const char *path, size_t most, size_t *len, struct xpm_error *err)
{
	struct stat status;
	ssize_t done;
	char *bytes;

	if (fstat(fd, &status)) {
		xpm_fail(err, XPM_ERR_FILE, "%s: cannot be read: %m", path);
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		xpm_fail(err, XPM_ERR_FILE, "%s: cannot be read: not a regular file", path);
		return NULL;
	}
	if ((uintmax_t)status.st_size > most) {
		xpm_fail(err, XPM_ERR_LIMIT, "%s: the file is larger than %zu MiB", path, most >> 20);
		return NULL;
	}
	bytes = malloc((size_t)status.st_size + 1);
	if (!bytes) {
		xpm_fail_memory(err);
		return NULL;
	}
	done = read_bytes(fd, bytes, (size_t)status.st_size);
	if (done < 0) {
		xpm_fail(err, XPM_ERR_FILE, "%s: cannot be read: %m", path);
		free(bytes);
		return NULL;
	}
	bytes[done] = '\0';
	*len = (size_t)done;
	return bytes;
}

char *xpm_file_read(const char *path, size_t most, size_t *len, struct xpm_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *bytes;

	if (fd < 0) {
		xpm_fail(err, XPM_ERR_FILE, "%s: cannot be opened: %m", path);
		return NULL;
	}
	bytes = read_opened(fd, path, most, len, err);
	close(fd);
	return bytes;
}
