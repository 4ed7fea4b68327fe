/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_HOSTLIST_H
#define XPM_HOSTLIST_H

#include <stddef.h>
#include <xpmatch/hostlist.h>

#include "arena.h"

/*
 * The expression of n names, short and in natural order (n2 before n10), each name once: n1,n2,n3,login is
 * "login,n[1-3]". The names are borrowed. No names: "". NULL when memory is short.
 */
char *xpm_hostlist_compress(struct xpm_arena *arena, const char **names, size_t n);

#endif
