/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_SBATCH_H
#define XPM_CLI_SBATCH_H

#include <xpmatch/xpmatch.h>

/*
 * Print a plan as options for `sbatch $(xpm find --format sbatch SPEC) job.sh`: words that stay what they are when the
 * shell splits them at blanks and expands file names. Host lists are written out, because [1-3] is a file name pattern.
 *
 * typed  what the user would also type: what of it the plan does not carry is added
 *
 * What no unquoted word can carry is an error: nothing is printed, and stderr shows the option to be typed with quotes.
 * Returns an exit status.
 */
int cli_sbatch_print(const struct xpm_plan *plan, const struct xpm_slurm_options *typed);

#endif
