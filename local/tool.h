/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_TOOL_H
#define XPM_LOCAL_TOOL_H

/*
 * What a program prints on its standard output, to free; it is looked for on PATH unless its name has a slash. NULL, with errno,
 * when there is no such program. *status is its exit status, -1 when it did not end by itself; it is killed after 30 s or 1 MiB.
 */
char *xpm_tool_run(char *const argv[], int *status);

#endif
