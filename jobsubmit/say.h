/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SAY_H
#define XPM_SAY_H

#include "compat.h"

/*
 * Words for the user and for slurmctld's log, through the functions of the global `slurm` table. Without one (a stock
 * Lua) nothing is said.
 *
 * text may have several lines; it is data, not a format. What does not print is shown as '?', and a line is cut at
 * XPM_SAY_LINE bytes. Nothing is raised: a word that does not get through is lost.
 */
#define XPM_SAY_LINE 1000

enum xpm_ear { XPM_EAR_USER, XPM_EAR_LOG_ERROR, XPM_EAR_LOG_INFO, XPM_EAR_LOG_DEBUG };

void xpm_say(lua_State *L, enum xpm_ear ear, const char *text);
void xpm_say_format(lua_State *L, enum xpm_ear ear, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 1 when there is a `slurm` table. */
int xpm_say_heard(lua_State *L);

#endif
