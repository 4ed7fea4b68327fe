/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum xpm_code xpm_launch_fail(struct xpm_error *err, enum xpm_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	memset(err, 0, sizeof(*err));
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	for (char *c = err->text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	}
	return code;
}

enum xpm_code xpm_launch_memory(struct xpm_error *err)
{
	return xpm_launch_fail(err, XPM_ERR_MEMORY, "out of memory");
}
