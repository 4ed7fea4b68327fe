/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_REQUEST_H
#define XPM_REQUEST_H

#include <slurm/spank.h>

/*
 * What one job, or one component of a heterogeneous job, asks for, on its way to slurmctld: there the job's
 * spank_job_env has XPM_SPEC=SPEC, XPM_TAGS=T[,T] and XPM_EXPLAIN=1. What was not asked for is absent or, in a later
 * component, empty.
 */
enum xpm_request_item { XPM_REQUEST_SPEC, XPM_REQUEST_TAGS, XPM_REQUEST_EXPLAIN, XPM_REQUEST_ITEMS };

/*
 * Forget what a job around this command asked for: Slurm passes a job's SPANK options on to every submission from inside
 * of it, and there they would beat even the inner script's own #SBATCH lines. Before options are read.
 */
void xpm_request_clear_inherited(void);

/* Remember a value, in place of an earlier one; it is copied. 0, or -1 when memory is short. */
int xpm_request_set(enum xpm_request_item item, const char *value);

/* Hand all values over to Slurm and forget them. 0, or -1 when Slurm did not take one; it is logged. */
int xpm_request_forward(spank_t spank);

/* Free what is still remembered. */
void xpm_request_free(void);

#endif
