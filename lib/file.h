/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_FILE_H
#define XPM_FILE_H

#include <stddef.h>
#include <xpmatch/error.h>

/*
 * A regular file of at most `most` bytes, read whole: never waits on a pipe or device, never follows its growth.
 *
 * Returns a NUL-terminated copy to free with free(), or NULL with XPM_ERR_FILE, XPM_ERR_LIMIT or XPM_ERR_MEMORY.
 */
char *xpm_file_read(const char *path, size_t most, size_t *len, struct xpm_error *err);

#endif
