/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_HOSTLIST_H
#define XPMATCH_HOSTLIST_H

#include <stddef.h>
#include <xpmatch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

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

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
