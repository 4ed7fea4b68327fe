/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_HOSTLIST_H
#define XPM_HOSTLIST_H

#include <stddef.h>
#include <xpmatch/error.h>

#include "arena.h"

/*
 * Slurm's notation for many host names: "n[001-128,130],gpu-[1-2]x[1-3],login".
 *
 * The width of a range's first number counts: [08-10] is 08, 09, 10. A name is made of letters, digits and . _ -
 */

#define XPM_HOST_NAME_MAX     255 /* bytes of one name */
#define XPM_HOSTLIST_SETS_MAX 8   /* brackets in one name */

/*
 * Call fn for every host of expr, in the order written (of several brackets the last runs fastest), without keeping the
 * names: host is valid during the call only. Nothing is called before the whole expression was found sound and of at
 * most max names. fn may be NULL: then it is only checked.
 *
 * fn returns 0 to go on. Anything else ends the walk and is returned as it is; err stays untouched then.
 *
 * Otherwise returns XPM_OK, or XPM_ERR_VALUE or XPM_ERR_LIMIT; err->column - 1 is then the offset in expr.
 */
enum xpm_code xpm_hostlist_each(const char *expr, int (*fn)(const char *host, void *ctx), void *ctx, size_t max,
				struct xpm_error *err);

/*
 * The expression of n names, short and in natural order (n2 before n10), each name once: n1,n2,n3,login is
 * "login,n[1-3]". The names are borrowed. No names: "". NULL when memory is short.
 */
char *xpm_hostlist_compress(struct xpm_arena *arena, const char **names, size_t n);

#endif
