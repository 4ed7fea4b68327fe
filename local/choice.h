/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_CHOICE_H
#define XPM_LOCAL_CHOICE_H

#include "capacity.h"
#include "options.h"

/* Which local launcher takes the job, and what it needs there. */
struct xpm_choice {
	char *path;               /* of launchers.yaml; NULL = there is none, the machine itself is the launcher */
	struct xpm_launchers *launchers;
	struct xpm_candidates *candidates;
	struct xpm_capacity capacity;
	size_t alternative;       /* 1-based, of the spec */
};

/*
 * Choose, and fill the record's needs, launcher and spec. When no local launcher satisfies: says why, says what sbatch would
 * do, and ends the program with XPM_EXIT_NO_MATCH; or becomes sbatch with --or-submit. Mistakes of the spec and of
 * launchers.yaml end the program, too.
 */
void xpm_choice_make(const struct xpm_options *options, struct xpm_machine *machine, struct xpm_choice *choice,
		     struct xpm_record *record);
void xpm_choice_free(struct xpm_choice *choice);

/* What Slurm would be asked for, on stderr; becomes sbatch when options->or_submit. Returns when there is nothing to say. */
void xpm_submit_propose(const struct xpm_options *options, const struct xpm_candidates *candidates,
			const struct xpm_requirement *requirement);

#endif
