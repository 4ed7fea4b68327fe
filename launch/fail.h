/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LAUNCH_FAIL_H
#define XPM_LAUNCH_FAIL_H

#include <xpmatch/error.h>

/* Fill err, which may be NULL, and return code. The text is cut when too long; what does not print becomes '?'. */
enum xpm_code xpm_launch_fail(struct xpm_error *err, enum xpm_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum xpm_code xpm_launch_memory(struct xpm_error *err);

#endif
