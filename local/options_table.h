/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_OPTIONS_TABLE_H
#define XPM_LOCAL_OPTIONS_TABLE_H

#include <getopt.h>
#include <stddef.h>

#define XPM_CORES_LIMIT 1048576
#define XPM_LETTERS     35

enum {
	OPT_IGNORED = 1000, /* known to sbatch, without a meaning here */
	OPT_NOTHING,        /* known to sbatch, and nothing to say about */
	OPT_ONE,
	OPT_SPEC, OPT_TAGS, OPT_FILE, OPT_TIME, OPT_JOB_NAME, OPT_CHDIR, OPT_OUTPUT, OPT_ERROR, OPT_INPUT,
	OPT_EXPORT, OPT_OPEN_MODE, OPT_WRAP, OPT_CORES, OPT_MEM, OPT_MEM_PER_CPU, OPT_GPUS, OPT_GRES, OPT_QUIET,
	OPT_PARSABLE, OPT_DRY_RUN, OPT_NO_WAIT, OPT_WAIT, OPT_DETACH, OPT_OR_SUBMIT, OPT_NO_SLURM_ENV, OPT_FORMAT,
	OPT_LIST, OPT_CANCEL, OPT_HOLD, OPT_RELEASE, OPT_ATTACH, OPT_WAIT_FOR, OPT_HELP, OPT_VERSION,
};

/*
 * Two tables, since two names differ: --wait and --hold of a script are sbatch's. What only xpm-local has does not stand
 * in a script, which must remain one for sbatch.
 */
extern const struct option xpm_command_table[], xpm_script_table[];
extern const char xpm_command_letters[], xpm_script_letters[];

/* sbatch's short letters and what they are short for */
extern const struct xpm_letter {
	char letter;
	const char *name;
} xpm_letters[XPM_LETTERS];

#endif
