/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_REPORT_H
#define XPMATCH_REPORT_H

#include <stddef.h>
#include <xpmatch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * All that is to be said about one launchers.yaml, in file order: errors, warnings and notes.
 *
 * A report is filled by xpm_launchers_load() and xpm_launchers_check(). At most XPM_REPORT_MAX entries are kept: errors
 * rather than warnings, warnings rather than notes, early ones rather than late ones. xpm_report_dropped() says how many
 * more there were; xpm_report_count_of() counts those too, xpm_report_count() does not. The same words at the same place are one entry. Not shared between threads while it is being filled.
 */

#define XPM_REPORT_MAX 200

enum xpm_severity { XPM_NOTE, XPM_WARNING, XPM_ERROR };

struct xpm_diagnostic {
	enum xpm_severity severity;
	struct xpm_error what;
};

struct xpm_report;

struct xpm_report *xpm_report_create(struct xpm_error *err); /* NULL with XPM_ERR_MEMORY */
void xpm_report_destroy(struct xpm_report *report);          /* NULL is fine */

size_t xpm_report_count(const struct xpm_report *report);
size_t xpm_report_count_of(const struct xpm_report *report, enum xpm_severity severity);
size_t xpm_report_dropped(const struct xpm_report *report);

/* The i-th entry, owned by the report; NULL beyond the end. Sorted by file (in order of first mention), line, column. */
const struct xpm_diagnostic *xpm_report_get(const struct xpm_report *report, size_t i);

/* As xpm_error_print(), with the severity's own word: error, warning or note. */
size_t xpm_diagnostic_print(const struct xpm_diagnostic *diagnostic, char *buf, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
