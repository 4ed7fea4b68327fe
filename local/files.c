// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "say.h"

static char *below(const char *folder, const char *name)
{
	return *name == '/' ? xpm_strdup(name) : xpm_format("%s/%s", folder, name);
}

static int open_out(struct xpm_run *run, const char *pattern, char **path)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (run->options->append ? O_APPEND : O_TRUNC);
	char *name = xpm_names_expand(pattern, &run->slot->record);
	int fd;

	*path = below(run->work_dir, name);
	free(name);
	fd = open(*path, flags, 0666);
	if (fd < 0)
		xpm_say("cannot write the output %s: %s", *path, strerror(errno));
	return fd;
}

/* Ignored for /dev/null and the like, that nobody can follow. */
static void note_output(struct xpm_run *run, const char *path)
{
	struct xpm_record *record = &run->slot->record;
	struct stat st;

	if (strlen(path) < sizeof(record->output) && !fstat(run->out, &st) && S_ISREG(st.st_mode))
		snprintf(record->output, sizeof(record->output), "%s", path);
}

static int open_in(struct xpm_run *run)
{
	const char *input = run->options->input ? run->options->input : run->options->detach ? "/dev/null" : NULL;
	char *name, *path;

	if (!input)
		return 0;
	name = xpm_names_expand(input, &run->slot->record);
	path = below(run->work_dir, name);
	run->in = open(path, O_RDONLY | O_CLOEXEC);
	if (run->in < 0)
		xpm_say("cannot read the input %s: %s", path, strerror(errno));
	free(path);
	free(name);
	return run->in < 0 ? -1 : 0;
}

int xpm_files_open(struct xpm_run *run)
{
	const char *output = run->options->output ? run->options->output :
			     run->options->detach ? "slurm-%j.out" : NULL;
	struct stat st;
	char *path;

	if (stat(run->work_dir, &st) || !S_ISDIR(st.st_mode)) {
		xpm_say("cannot work in %s: %s", run->work_dir, strerror(errno ? errno : ENOTDIR));
		return -1;
	}
	if (open_in(run))
		return -1;
	if (output) {
		run->out = open_out(run, output, &path);
		if (run->out >= 0)
			note_output(run, path);
		free(path);
		if (run->out < 0)
			return -1;
		run->err = run->out;
	}
	if (run->options->error) {
		run->err = open_out(run, run->options->error, &path);
		free(path);
		if (run->err < 0)
			return -1;
	}
	return 0;
}

int xpm_files_copy_script(const struct xpm_script *script)
{
	int fd = memfd_create("slurm_script", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < script->len) {
		ssize_t n = write(fd, script->text + done, script->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			fd = -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0)
		xpm_say("cannot keep a copy of the script: %s", strerror(errno));
	else
		fchmod(fd, 0700);
	return fd;
}

static int find_command(const char *name)
{
	const char *path = getenv("PATH");
	char *copy, *rest, *folder;
	int error = ENOENT;

	if (strchr(name, '/'))
		return access(name, X_OK) ? errno : 0;
	rest = copy = xpm_strdup(path ? path : "/usr/local/bin:/usr/bin:/bin");
	while (error && (folder = strsep(&rest, ":"))) {
		char *full = xpm_format("%s/%s", *folder ? folder : ".", name);

		if (!access(full, X_OK))
			error = 0;
		else if (errno == EACCES)
			error = EACCES;
		free(full);
	}
	free(copy);
	return error;
}

int xpm_files_check_program(const struct xpm_options *options, const struct xpm_script *script)
{
	char *interpreter = NULL, *argument = NULL;
	int error, status = XPM_EXIT_DONE;

	if (options->is_command) {
		/* srun is there for every job, whatever PATH says now */
		error = strcmp(options->argv[0], "srun") ? find_command(options->argv[0]) : 0;
		if (error)
			xpm_say("cannot run %s: %s", options->argv[0], strerror(error));
		return error ? XPM_EXIT_SYSTEM : XPM_EXIT_DONE;
	}
	if (xpm_script_interpreter(script, &interpreter, &argument)) {
		xpm_say("the script's first line names no interpreter");
		status = XPM_EXIT_SYSTEM;
	} else if (access(interpreter, X_OK)) {
		xpm_say("the script's interpreter %s: %s", interpreter, strerror(errno));
		status = XPM_EXIT_SYSTEM;
	}
	free(interpreter);
	free(argument);
	return status;
}

char **xpm_files_argv(const struct xpm_options *options, const struct xpm_script *script, int copy)
{
	char **argv = xpm_alloc(((size_t)options->argc + 5) * sizeof(*argv)), *interpreter, *argument;
	size_t n = 0;

	if (options->is_command) {
		memcpy(argv, options->argv, (size_t)options->argc * sizeof(*argv));
		return argv;
	}
	xpm_script_interpreter(script, &interpreter, &argument);
	argv[n++] = interpreter;
	if (argument)
		argv[n++] = argument;
	/* the runner's descriptor, not the job's own: it is there for all of the job's processes */
	argv[n++] = xpm_format("/proc/%ld/fd/%d", (long)getpid(), copy);
	for (int i = options->wrap ? 0 : 1; i < options->argc; i++)
		argv[n++] = options->argv[i];
	return argv;
}
