/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REPORT_PRIVATE_H
#define XPM_REPORT_PRIVATE_H

#include <xpmatch/report.h>

/*
 * Add a copy of *what at its place. What stands there already, word for word, is not added again: an anchor that is
 * used ten times is wrong once. A full report keeps errors before warnings, warnings before notes, and early
 * places before late ones.
 *
 * Returns XPM_OK, also when the entry was dropped, or XPM_ERR_MEMORY.
 */
enum xpm_code xpm_report_add(struct xpm_report *report, enum xpm_severity severity, const struct xpm_error *what);

/* 1 when these words stand at this place already, as severe. */
int xpm_report_has(const struct xpm_report *report, enum xpm_severity severity, const struct xpm_error *what);

/*
 * 1 when xpm_report_add() would drop an entry of this place; it is then counted as said and dropped. Spares the making of a
 * hundred thousand messages that nobody gets to see.
 */
int xpm_report_refuses(struct xpm_report *report, enum xpm_severity severity, const char *source, unsigned line,
		       unsigned column);

#endif
