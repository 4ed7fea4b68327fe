/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a launcher and a job to the words of sbatch and xpm-local. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmlaunch/launch.h>

#include "fail.h"
#include "words.h"

#define MIB (UINT64_C(1) << 20)

/* The words as one line for a shell: each in single quotes, a quote in it as '\''. NULL when memory is short. */
static char *shell_line(const char *const *argv)
{
	size_t size = 1;
	char *line, *to;

	for (size_t i = 0; argv[i]; i++)
		size += 4 * strlen(argv[i]) + 3;
	line = malloc(size);
	to = line;
	for (size_t i = 0; line && argv[i]; i++) {
		if (i)
			*to++ = ' ';
		*to++ = '\'';
		for (const char *c = argv[i]; *c; c++) {
			if (*c == '\'') {
				memcpy(to, "'\\''", 4);
				to += 4;
			} else {
				*to++ = *c;
			}
		}
		*to++ = '\'';
	}
	if (line)
		*to = '\0';
	return line;
}

static void add_all(struct xpm_words *words, const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		xpm_words_add(words, "%s", list[i]);
}

static enum xpm_code sbatch_words(struct xpm_words *words, const struct xpm_launcher *launcher,
				  const struct xpm_job_command *command, struct xpm_error *err)
{
	const char *path = xpm_launcher_path(launcher);
	char **options = xpm_slurm_options_argv(xpm_launcher_options(launcher), NULL, err);

	if (!options)
		return XPM_ERR_MEMORY;
	xpm_words_add(words, "%s%ssbatch", path ? path : "", path ? "/" : "");
	xpm_words_add(words, "--parsable");
	add_all(words, (const char *const *)options);
	free(options);
	add_all(words, command->options);
	if (command->is_command) {
		char *line = shell_line(command->argv);

		if (!line)
			return xpm_launch_memory(err);
		xpm_words_add(words, "--wrap=%s", line);
		free(line);
	} else {
		add_all(words, command->argv);
	}
	return XPM_OK;
}

/* Returns 0 when memory is short. */
static int add_tags(struct xpm_words *words, const struct xpm_launcher *launcher)
{
	size_t len, size = 1;
	const char *const *tags = xpm_launcher_asked_tags(launcher, &len);
	char *list, *to;

	if (len == 0)
		return 1;
	for (size_t i = 0; i < len; i++)
		size += strlen(tags[i]) + 1;
	list = malloc(size);
	if (!list)
		return 0;
	to = list;
	for (size_t i = 0; i < len; i++)
		to += sprintf(to, "%s%s", i ? "," : "", tags[i]);
	xpm_words_add(words, "--xpm-tags=%s", list);
	free(list);
	return 1;
}

/*
 * xpm-local decides again, by what the machine has: it gets the question, and of the options those that it knows and the
 * question does not say already.
 */
static void local_words(struct xpm_words *words, const struct xpm_launcher *launcher,
			const struct xpm_job_command *command, int wait)
{
	const struct xpm_slurm_options *all = xpm_launcher_options(launcher);
	struct xpm_slurm_options decided;

	xpm_launcher_decided(launcher, &decided);
	xpm_words_add(words, "xpm-local");
	if (!wait) {
		xpm_words_add(words, "--detach");
		xpm_words_add(words, "--parsable");
	}
	if (command->launchers)
		xpm_words_add(words, "--file=%s", command->launchers);
	if (xpm_launcher_spec(launcher))
		xpm_words_add(words, "--xpm-spec=%s", xpm_launcher_spec(launcher));
	words->failed |= !add_tags(words, launcher);
	if (all->time && !decided.time)
		xpm_words_add(words, "--time=%" PRIu64, all->time / 60 + (all->time % 60 != 0));
	if (all->cpus_per_task && !decided.cpus_per_task)
		xpm_words_add(words, "--cpus-per-task=%" PRIu32, all->cpus_per_task);
	if (all->mem && !decided.mem)
		xpm_words_add(words, "--mem=%" PRIu64 "M", all->mem / MIB + (all->mem % MIB != 0));
	if (all->gres && !decided.gres)
		xpm_words_add(words, "--gres=%s", all->gres);
	if ((all->gpus || all->gpus_per_node) && !decided.gres)
		xpm_words_add(words, "--gpus=%" PRIu32, all->gpus ? all->gpus : all->gpus_per_node);
	add_all(words, command->options);
	if (command->is_command)
		xpm_words_add(words, "--");
	add_all(words, command->argv);
}

static enum xpm_code check(const struct xpm_launcher *launcher, const struct xpm_job_command *command, int wait,
			   struct xpm_error *err)
{
	if (!launcher || !command || !command->argv || !command->argv[0] || !command->argv[0][0])
		return xpm_launch_fail(err, XPM_ERR_VALUE, "%s is missing", launcher ? "what to run" : "the launcher");
	if (!command->is_command && command->argv[0][0] == '-')
		return xpm_launch_fail(err, XPM_ERR_VALUE,
				       "the script '%s' would be taken for an option: write ./%s",
				       command->argv[0], command->argv[0]);
	if (wait && xpm_launcher_kind(launcher) != XPM_KIND_LOCAL)
		return xpm_launch_fail(err, XPM_ERR_VALUE, "a slurm launcher does not run jobs here: submit it");
	return XPM_OK;
}

char **xpm_launcher_command(const struct xpm_launcher *launcher, const struct xpm_job_command *command, int wait,
			    struct xpm_error *err)
{
	struct xpm_words words = { 0 };
	enum xpm_code code = check(launcher, command, wait, err);
	char **argv;

	if (code != XPM_OK)
		return NULL;
	if (xpm_launcher_kind(launcher) == XPM_KIND_LOCAL)
		local_words(&words, launcher, command, wait);
	else
		code = sbatch_words(&words, launcher, command, err);
	words.failed |= code != XPM_OK;
	argv = xpm_words_take(&words);
	if (!argv && code == XPM_OK)
		xpm_launch_memory(err);
	return argv;
}
