/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_OPTION_H
#define XPM_OPTION_H

#include <slurm/spank.h>

/*
 * The options that sbatch, srun and salloc get from us: --xpm-spec, --xpm-tags, --xpm-explain. A value is checked as
 * soon as Slurm has read it, so that a typo is answered on the terminal and not by a controller; good ones go to
 * request.h.
 *
 * From slurm_spank_init() only. 0, or -1 when Slurm did not take one; it is logged.
 */
int xpm_option_register(spank_t spank);

#endif
