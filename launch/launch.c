/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmlaunch/launch.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fail.h"
#include "process.h"

#define WORDS_SHOWN 300 /* bytes of what a command said, in a message of ours */

/* What the command said last, as one line: the lines joined by "; ", from the end as far as there is room. */
static void last_words(const struct xpm_output *output, char text[WORDS_SHOWN])
{
	size_t len = output->words_len, from, to = 0;

	while (len > 0 && output->words[len - 1] == '\n')
		len--;
	from = len;
	while (from > 0 && len - from < WORDS_SHOWN / 2)
		from--;
	for (; from < len && to + 3 < WORDS_SHOWN; from++) {
		if (output->words[from] == '\n') {
			text[to++] = ';';
			text[to++] = ' ';
		} else {
			text[to++] = output->words[from];
		}
	}
	text[to] = '\0';
}

static enum xpm_code refused(const char *name, const struct xpm_output *output, int status, struct xpm_error *err)
{
	char text[WORDS_SHOWN];

	last_words(output, text);
	if (WIFSIGNALED(status))
		return xpm_launch_fail(err, XPM_ERR_LAUNCH, "%s was ended by signal %d%s%s", name, WTERMSIG(status),
				       *text ? ": " : "", text);
	/* what posix_spawn() may leave to the child, and says nothing of */
	if (WEXITSTATUS(status) == 127 && output->words_len == 0 && output->out_len == 0)
		return xpm_launch_fail(err, XPM_ERR_LAUNCH, "%s cannot be run (status 127)", name);
	return xpm_launch_fail(err, XPM_ERR_LAUNCH, "%s ended with status %d%s%s", name, WEXITSTATUS(status),
			       *text ? ": " : "", text);
}

/* "123" or "123;cluster", the only line. Returns 0 when it is neither. */
static int read_id(const struct xpm_output *output, struct xpm_job_id *job)
{
	struct xpm_job_id found = { 0 };
	size_t at = 0, len = 0;

	if (output->out_lost)
		return 0;
	for (; at < output->out_len && output->out[at] >= '0' && output->out[at] <= '9'; at++) {
		if (at == 18)
			return 0;
		found.id = found.id * 10 + (uint64_t)(output->out[at] - '0');
	}
	if (at == 0 || found.id == 0)
		return 0;
	if (at < output->out_len && output->out[at] == ';') {
		for (at++; at < output->out_len && output->out[at] != '\n'; at++) {
			if (len + 1 == sizeof(found.cluster) || !output->out[at])
				return 0;
			found.cluster[len++] = output->out[at];
		}
	}
	if (at < output->out_len && output->out[at] == '\n')
		at++;
	if (at != output->out_len)
		return 0;
	*job = found;
	return 1;
}

static enum xpm_code start(char **argv, struct xpm_output *output, int *status, struct xpm_error *err)
{
	int rc = xpm_process_run(argv, output, status);
	char why[128];

	if (rc == 0)
		return XPM_OK;
	return xpm_launch_fail(err, XPM_ERR_LAUNCH, "%s cannot be run: %s", argv[0], strerror_r(rc, why, sizeof(why)));
}

enum xpm_code xpm_launcher_submit(const struct xpm_launcher *launcher, const struct xpm_job_command *command,
				  struct xpm_job_id *job, struct xpm_error *err)
{
	struct xpm_error own = { 0 };
	struct xpm_output output;
	enum xpm_code code;
	char **argv;
	int status;

	err = err ? err : &own;
	argv = xpm_launcher_command(launcher, command, 0, err);
	if (!argv)
		return err->code;
	code = start(argv, &output, &status, err);
	if (code == XPM_OK && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		code = refused(argv[0], &output, status, err);
	else if (code == XPM_OK && !read_id(&output, job))
		code = xpm_launch_fail(err, XPM_ERR_LAUNCH, "%s did not answer with the id of a job", argv[0]);
	free(argv);
	return code;
}

enum xpm_code xpm_launcher_run(const struct xpm_launcher *launcher, const struct xpm_job_command *command, int *status,
			       struct xpm_error *err)
{
	struct xpm_error own = { 0 };
	enum xpm_code code;
	char **argv;
	int ended;

	err = err ? err : &own;
	argv = xpm_launcher_command(launcher, command, 1, err);
	if (!argv)
		return err->code;
	code = start(argv, NULL, &ended, err);
	free(argv);
	if (code == XPM_OK)
		*status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
	return code;
}
