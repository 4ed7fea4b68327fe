/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_OPTIONS_H
#define XPM_LOCAL_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "script.h"

enum xpm_mode {
	XPM_MODE_RUN,
	XPM_MODE_LIST,
	XPM_MODE_CANCEL,
	XPM_MODE_HOLD,
	XPM_MODE_RELEASE,
	XPM_MODE_ATTACH,
	XPM_MODE_WAIT_FOR,
};

#define XPM_WAIT_FOREVER UINT64_MAX

/* What the script, the environment and the command line say, later ones winning. Strings borrowed. */
struct xpm_options {
	enum xpm_mode mode;
	uint32_t id;              /* of the job that a mode speaks of */
	int json;

	const char *file;         /* launchers.yaml; NULL = searched for */
	const char *spec;
	const char *tags;
	const char *job_name;
	const char *chdir;
	const char *output, *error, *input;
	const char *export;
	int append;               /* --open-mode=append */
	const char *wrap;

	/* needs in Slurm's words */
	uint64_t time;            /* seconds; meaningful when has_time; 0 = no limit */
	int has_time;
	uint32_t cores;           /* --cpus-per-task; 0 = not given */
	uint64_t memory;          /* bytes; 0 = not given */
	uint64_t memory_per_cpu;
	uint32_t gpus;
	int has_gpus;
	const char *gpu_model;

	uint64_t wait;            /* seconds to wait for its turn */
	int dry_run, detach, or_submit, no_slurm_env, quiet, parsable;

	const char **ignored;     /* names of options without a local meaning, each once */
	size_t ignored_len;

	int is_command;           /* -- command args: no script */
	char **argv;              /* the script or command with its arguments; NULL-terminated */
	int argc;
};

/*
 * The command line. On a mistake tells it and ends the program with XPM_EXIT_USAGE, as it does with 0 for --help and
 * --version. What the script says is put beneath by xpm_options_script().
 */
void xpm_options_parse(int argc, char **argv, struct xpm_options *options);

/* The same command line again, above the words of the script and Slurm's input variables (SBATCH_*). */
void xpm_options_layer(int argc, char **argv, const char *name, const struct xpm_script *script,
		       struct xpm_options *options);

/* Slurm's own forms: "90" (minutes), "1:30", "2:00:00", "1-12", "UNLIMITED"; also "2h". */
int xpm_options_time(const char *text, uint64_t *seconds);
int xpm_options_memory(const char *text, uint64_t *bytes); /* "500" (MiB), "2G" */
/* *model is NULL, or to be freed. */
int xpm_options_gpus(const char *text, uint32_t *count, const char **model); /* "2", "a100:2" */
int xpm_options_gres(const char *text, uint32_t *count, const char **model); /* "gpu:2,other:1" */

#endif
