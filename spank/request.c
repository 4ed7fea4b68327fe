/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* The name Slurm gives to an option of this plugin when it stores it in an environment. */
#define SLURM_NAME(option) "_SLURM_SPANK_OPTION_xpm_" option
/* How a variable of the job control environment is called in the environment of the job. */
#define IN_JOB "SLURM_SPANK_"

struct item {
	const char *variable;       /* in the job control environment */
	const char *in_job;         /* the same, in a job */
	const char *slurm_variable; /* Slurm's own copy of the option */
	const char *slurm_in_job;
	char *value;   /* NULL = not asked for */
	int forwarded; /* an earlier component asked for it */
};

/* A submit command is one process with one thread; nothing else ever sets these. */
static struct item items[XPM_REQUEST_ITEMS] = {
	[XPM_REQUEST_SPEC] = { "XPM_SPEC", IN_JOB "XPM_SPEC", SLURM_NAME("xpm_spec"),
	                       IN_JOB SLURM_NAME("xpm_spec"), NULL, 0 },
	[XPM_REQUEST_TAGS] = { "XPM_TAGS", IN_JOB "XPM_TAGS", SLURM_NAME("xpm_tags"),
	                       IN_JOB SLURM_NAME("xpm_tags"), NULL, 0 },
	[XPM_REQUEST_EXPLAIN] = { "XPM_EXPLAIN", IN_JOB "XPM_EXPLAIN", SLURM_NAME("xpm_explain"),
	                          IN_JOB SLURM_NAME("xpm_explain"), NULL, 0 },
};

void xpm_request_clear_inherited(void)
{
	size_t i;

	for (i = 0; i < XPM_REQUEST_ITEMS; i++) {
		unsetenv(items[i].in_job);
		unsetenv(items[i].slurm_variable);
		unsetenv(items[i].slurm_in_job);
	}
}

int xpm_request_set(enum xpm_request_item item, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -1;
	free(items[item].value);
	items[item].value = copy;
	return 0;
}

/*
 * Slurm stores the option itself as well, and reads it back: for the next component of a
 * heterogeneous job, and in every command inside of the job. Nobody needs that copy.
 */
static void drop_copy(spank_t spank, const struct item *item)
{
	unsetenv(item->slurm_variable);
	spank_job_control_unsetenv(spank, item->slurm_variable);
}

static int forward(spank_t spank, struct item *item)
{
	spank_err_t code;

	drop_copy(spank, item);
	if (!item->value && !item->forwarded)
		return 0;
	/*
	 * Some front ends start a component with the environment of the one before: empty takes its
	 * value away.
	 */
	code = spank_job_control_setenv(spank, item->variable, item->value ? item->value : "", 1);
	if (code) {
		slurm_error("xpm: cannot pass %s on to slurmctld: %s", item->variable,
		            spank_strerror(code));
		return -1;
	}
	item->forwarded = 1;
	free(item->value);
	item->value = NULL;
	return 0;
}

int xpm_request_forward(spank_t spank)
{
	int code = 0;
	size_t i;

	for (i = 0; i < XPM_REQUEST_ITEMS; i++)
		if (forward(spank, &items[i]))
			code = -1;
	return code;
}

void xpm_request_free(void)
{
	size_t i;

	for (i = 0; i < XPM_REQUEST_ITEMS; i++) {
		free(items[i].value);
		items[i].value = NULL;
	}
}
