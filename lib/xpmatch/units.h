/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_UNITS_H
#define XPMATCH_UNITS_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define XPM_SIZE_MAX     (UINT64_C(1) << 62)      /* bytes */
#define XPM_DURATION_MAX (UINT64_C(1) << 40)      /* seconds */
#define XPM_SIZE_TEXT    32                       /* a buffer that holds any printed size or duration */

/*
 * "24G", "24 GB" (10^9), "24GiB" (2^30), "1.5T", "512MiB": bytes. A fraction of a byte is rounded up.
 * The whole text must be the size; blanks around and before the unit are fine. The unit is upper case but for the
 * i of KiB. Without one: an error that proposes a unit (0 needs none).
 *
 * text[0..len) borrowed. On failure returns XPM_ERR_VALUE or XPM_ERR_LIMIT (also in err, text without a position)
 * and leaves *bytes alone.
 */
enum xpm_code xpm_size_parse(const char *text, size_t len, uint64_t *bytes, struct xpm_error *err);

/*
 * "90s", "2 min", "1.5h", "4 days", "1w"; also Slurm's D-HH, D-HH:MM, D-HH:MM:SS and HH:MM:SS when slurm_forms is not 0.
 * A fraction of a second is rounded up. A bare number is an error that proposes forms (0 needs no unit).
 */
enum xpm_code xpm_duration_parse(const char *text, size_t len, int slurm_forms, uint64_t *seconds,
				 struct xpm_error *err);

/*
 * The shortest text of at most three decimals that xpm_size_parse() reads back as the same number: 24000000000 is "24G",
 * 25769803776 "24GiB", 1500000000000 "1.5T"; of equally short ones a whole number.
 *
 * buf has at least XPM_SIZE_TEXT bytes and is returned.
 */
char *xpm_size_print(uint64_t bytes, char *buf);

/* The same for seconds, in whole numbers of the spec's own units: 345600 is "4d", 5400 "90m". */
char *xpm_duration_print(uint64_t seconds, char *buf);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
