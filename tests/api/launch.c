/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxpmlaunch from the command line, for the tests with a real sbatch and xpm-local:
 *
 *     launch submit|run FILE TAGS SPEC [OPTION=VALUE]... -- [-c] WORD...
 *
 * FILE and TAGS ("a,b") may be "-", none. SPEC "" is the direct launcher of this machine. -c: the words are a command.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/xpmatch.h>
#include <xpmlaunch/launch.h>

static struct xpm_launcher *found(const char *file, char *tags, const char *spec, struct xpm_error *err)
{
	const char *list[9] = { NULL };
	struct xpm_launchers *launchers;
	struct xpm_launcher *launcher;
	size_t len = 0;

	if (!*spec)
		return xpm_launcher_local(err);
	if (strcmp(tags, "-") == 0)
		tags = NULL;
	while (len < 8 && tags)
		list[len++] = strsep(&tags, ",");
	launchers = xpm_launchers_load(file, NULL, err);
	launcher = launchers ? xpm_find_launcher_spec(launchers, spec, list, err) : NULL;
	xpm_launchers_destroy(launchers);
	return launcher;
}

static void option(struct xpm_slurm_options *options, char *text)
{
	const char *name = strsep(&text, "=");

	if (strcmp(name, "comment") == 0)
		options->comment = text;
	else if (strcmp(name, "reservation") == 0)
		options->reservation = text;
	else if (strcmp(name, "time") == 0)
		options->time = strtoull(text, NULL, 10);
	else if (strcmp(name, "gpus_per_node") == 0)
		options->gpus_per_node = (uint32_t)strtoul(text, NULL, 10);
	else
		abort();
}

static int fail(const struct xpm_error *err)
{
	char text[1000];

	xpm_error_print(err, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return 100 + (int)err->code;
}

static int start(const char *verb, const struct xpm_launcher *launcher, const struct xpm_job_command *command)
{
	struct xpm_error err = { 0 };
	struct xpm_job_id job;
	int status = 0;

	if (strcmp(verb, "run") == 0)
		return xpm_launcher_run(launcher, command, &status, &err) == XPM_OK ? status : fail(&err);
	if (xpm_launcher_submit(launcher, command, &job, &err) != XPM_OK)
		return fail(&err);
	printf("%" PRIu64 "\n", job.id);
	return 0;
}

int main(int argc, char **argv)
{
	struct xpm_slurm_options over = { 0 };
	struct xpm_job_command command = { 0 };
	struct xpm_launcher *launcher, *derived;
	struct xpm_error err = { 0 };
	int i = 5, status;

	if (argc < 7)
		return 99;
	command.launchers = strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	launcher = found(argv[2], argv[3], argv[4], &err);
	if (!launcher)
		return fail(&err);
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		option(&over, argv[i]);
	command.is_command = i + 1 < argc && strcmp(argv[i + 1], "-c") == 0;
	command.argv = (const char *const *)argv + i + 1 + command.is_command;
	derived = xpm_launcher_config(launcher, &over, &err);
	xpm_launcher_destroy(launcher);
	status = derived ? start(argv[1], derived, &command) : fail(&err);
	xpm_launcher_destroy(derived);
	return status;
}
