/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_LAUNCHERS_H
#define XPMATCH_LAUNCHERS_H

#include <stddef.h>
#include <xpmatch/error.h>
#include <xpmatch/report.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What is there: a launchers.yaml (see launchers.yaml(5)), read and validated. Immutable; threads may share it.
 */

#define XPM_FILE_MAX  (16u << 20) /* bytes of launchers.yaml */
#define XPM_DEPTH_MAX 64          /* nested levels of YAML */

struct xpm_launchers;

/*
 * Read a file, and the tokens.yaml beside it when there is one.
 *
 * report  may be NULL; else every error, warning and note of the file is added to it. All errors of a file are found
 *         in one go, not just the first.
 * err     the first error, in the order of the text
 *
 * Bounded, whatever the file holds: its size, its levels, its values with those that aliases repeat, and with them the
 * time this takes. What is no regular file is refused, without waiting for it. An empty file is one without launchers,
 * which the report warns of.
 *
 * On failure returns NULL with XPM_ERR_FILE, XPM_ERR_LAUNCHERS, XPM_ERR_LIMIT or XPM_ERR_MEMORY.
 */
struct xpm_launchers *xpm_launchers_load(const char *path, struct xpm_report *report, struct xpm_error *err);

/* The same from memory. name stands for the file in messages. No tokens.yaml is looked for. */
struct xpm_launchers *xpm_launchers_parse(const char *text, size_t len, const char *name, struct xpm_report *report,
					  struct xpm_error *err);

void xpm_launchers_destroy(struct xpm_launchers *launchers); /* NULL is fine */

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
