/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_ERROR_H
#define XPMATCH_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What went wrong, and where, in the caller's own memory.
 *
 * Every call of this library that can fail takes a `struct xpm_error *err` as its last argument. It may be NULL.
 * It is left untouched on success; on failure it is filled whole. A call never overwrites the failure of another
 * call: the caller starts each one with a fresh or an already reported error.
 */

enum xpm_code {
	XPM_OK = 0,
	XPM_ERR_MEMORY,     /* an allocation failed; nothing was changed */
	XPM_ERR_LIMIT,      /* an input is larger, deeper or longer than a documented bound */
	XPM_ERR_SPEC,       /* the spec text is wrong: line, column and caret say where */
	XPM_ERR_VALUE,      /* an argument of the call makes no sense */
	XPM_ERR_FILE,       /* a file could not be read; errno's text is in the message */
	XPM_ERR_LAUNCHERS,  /* launchers.yaml is wrong: line, column and caret say where */
	XPM_ERR_REGEX,      /* a features_regex pattern does not compile or ran out of its match limit */
	XPM_ERR_NO_MATCH,   /* everything is well formed, and no launcher satisfies the request */
	XPM_ERR_CONFLICT,   /* what the user also typed contradicts the plan; both values are in the text */
	XPM_ERR_LAUNCH,     /* a command (sbatch, xpm-local) could not be run or refused; what it said is in the text */
};

#define XPM_ERROR_TEXT_MAX    512
#define XPM_ERROR_SOURCE_MAX  256
#define XPM_ERROR_EXCERPT_MAX 128

struct xpm_error {
	enum xpm_code code;
	unsigned line;                        /* 1-based; 0 = no position */
	unsigned column;                      /* 1-based, in bytes */
	unsigned caret;                       /* 0-based offset of the column in excerpt */
	char source[XPM_ERROR_SOURCE_MAX];    /* file name, or "spec"; may be empty */
	char text[XPM_ERROR_TEXT_MAX];        /* one sentence, no newline; cut on a character when longer */
	char excerpt[XPM_ERROR_EXCERPT_MAX];  /* the part of the line around the column, printable; empty if none */
};

/*
 * Write an error the way a compiler does, into buf (always NUL-terminated, cut when too small):
 *
 *     launchers.yaml:12:9: error: unknown key 'partition' (did you mean 'partitions'?)
 *             partition:
 *             ^
 *
 * Returns the length the whole text has (as snprintf). No trailing newline.
 */
size_t xpm_error_print(const struct xpm_error *err, char *buf, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
