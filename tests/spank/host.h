/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SPANK_HOST_H
#define XPM_SPANK_HOST_H

#include <slurm/spank.h>

/*
 * A stand-in for the programs of Slurm that load SPANK plugins: it offers the functions of spank.h to one plugin and
 * does around it what sbatch and srun do (Slurm 22.05, src/common/plugstack.c), so far as a plugin can tell.
 *
 * One command at a time: host_start(), then for each component host_component() with its options, then host_end().
 */

/* Load the plugin that $XPM_SPANK_SO names and call its slurm_spank_init() in a context. What that returned. */
int host_start(spank_context_t context);

/*
 * One component: options from the environment as sbatch reads them, then those of argv ("--xpm-spec=...", NULL at the
 * end), then slurm_spank_init_post_opt(). What the first of these that failed returned, else 0.
 */
int host_component(const char *const *argv);

/* slurm_spank_exit(), unload. Environment and job control environment stay. */
int host_end(void);

/* Forget all: the environment variables that Slurm and we set, the job control environment, the log. */
void host_reset(void);

/* An entry of the job control environment that slurmctld would get; NULL when there is none. */
const char *host_job_env(const char *name);
int host_job_env_count(void);

/* What the plugin logged, every line ended by a newline. */
const char *host_log(void);

/* The option that a callback in slurmstepd would be about: call it as Slurm does there. */
int host_remote_option(const char *name, const char *value);

int host_options(void); /* how many are registered */
const struct spank_option *host_option(int i);

/* Failures on demand: of the n-th call from now, 1 = the next. 0 = none. */
extern int host_fail_register, host_fail_setenv, host_fail_strdup;

#endif
