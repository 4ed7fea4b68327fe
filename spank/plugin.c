/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SPANK plugin: what Slurm calls, and in which of its programs something is to be done at all.
 *
 *     sbatch, salloc (ALLOCATOR), srun (LOCAL)   read the options, pass the request on to slurmctld
 *     slurmstepd (REMOTE)                        know the options' names, do nothing
 *     slurmd, prolog and epilog                  nothing
 *
 * On nodes nothing may ever fail: since Slurm 25.05 a failing plugin drains the node.
 */

/*
 * Slurm looks these symbols up; every other one of this plugin is hidden, as sbatch has names of
 * its own.
 */
#pragma GCC visibility push(default)
#include <slurm/spank.h>
SPANK_PLUGIN(xpm, 1)
#pragma GCC visibility pop

#include <stdlib.h>

#include "option.h"
#include "request.h"

static int submits(void)
{
	spank_context_t context = spank_context();

	return context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR;
}

int slurm_spank_init(spank_t spank, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (submits()) {
		xpm_request_clear_inherited();
		return xpm_option_register(spank);
	}
	/*
	 * srun sends its options to slurmstepd, which complains about those that nobody there has
	 * registered.
	 */
	if (spank_context() == S_CTX_REMOTE)
		xpm_option_register(spank);
	return 0;
}

int slurm_spank_init_post_opt(spank_t spank, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!submits() || !xpm_request_forward(spank))
		return 0;
	/*
	 * Slurm before 25.05 goes on when an optional plugin fails, and the job would be submitted
	 * as if nothing had been asked for. This is the user's own command, so ending it is the
	 * lesser evil.
	 */
	exit(EXIT_FAILURE);
}

int slurm_spank_exit(spank_t spank, int argc, char **argv)
{
	(void)spank;
	(void)argc;
	(void)argv;
	xpm_request_free();
	return 0;
}
