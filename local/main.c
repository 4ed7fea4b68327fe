// SPDX-License-Identifier: GPL-2.0-or-later
/* xpm-local: a job script on this machine, when its turn has come. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xpmatch/units.h>

#include "board.h"
#include "choice.h"
#include "files.h"
#include "jobs.h"
#include "run.h"
#include "say.h"

struct program {
	struct xpm_options options;
	struct xpm_script script;
	int has_script;
	struct xpm_ledger ledger;
	struct xpm_machine machine;
	struct xpm_choice choice;
	struct xpm_slot slot;
	struct xpm_run run;
	int copy;
};

static void read_script(struct program *p, int argc, char **argv)
{
	const char *path = p->options.argc ? p->options.argv[0] : "-";
	int again = 1;
	char why[512];

	if (p->options.wrap) {
		char *text = xpm_format("#!/bin/sh\n# This script was created by xpm-local --wrap.\n\n%s\n",
					p->options.wrap);

		if (p->options.argc)
			xpm_die(XPM_EXIT_USAGE, "a script and --wrap exclude each other");
		if (xpm_script_parse("--wrap", text, strlen(text), &p->script, why, sizeof(why)))
			xpm_die(XPM_EXIT_USAGE, "%s", why);
	} else {
		if (!p->options.argc && isatty(STDIN_FILENO))
			xpm_die(XPM_EXIT_USAGE, "nothing to run: try 'xpm-local --help'");
		if (xpm_script_read(path, &p->script, &again, why, sizeof(why)))
			xpm_die(again ? XPM_EXIT_USAGE : XPM_EXIT_SYSTEM, "%s", why);
	}
	p->has_script = 1;
	if (p->script.old_name)
		xpm_say("warning: %s: lines begin with #SLURM; write #SBATCH", path);
	xpm_options_layer(argc, argv, path, &p->script, &p->options);
}

/* "no meaning here: --partition, --qos" */
static void tell_ignored(const struct xpm_options *options)
{
	char list[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < options->ignored_len && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s--%s", i ? ", " : "", options->ignored[i]);
	if (len && !options->quiet)
		xpm_say("without a meaning on this machine, ignored: %s", list);
}

static void name_job(struct program *p)
{
	struct xpm_record *record = &p->slot.record;
	const struct xpm_options *o = &p->options;
	char *first = o->argc ? xpm_strdup(o->argv[0]) : NULL, line[sizeof(record->command) * 2] = "";
	size_t len = 0;

	xpm_text_copy(record->name, sizeof(record->name),
		      o->job_name ? o->job_name : o->wrap ? "wrap" : first ? basename(first) : "sbatch");
	for (int i = 0; i < o->argc && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? " " : "", o->argv[i]);
	xpm_text_copy(record->command, sizeof(record->command), o->wrap ? o->wrap : line);
	free(first);
	record->since = xpm_wall_s();
	record->pid = getpid();
	record->detached = o->detach;
	record->state = XPM_STATE_WAITING;
}

static int dry_run(const struct program *p)
{
	const struct xpm_record *r = &p->slot.record;
	char needs[512], time[XPM_SIZE_TEXT];

	xpm_board_describe(r, needs, sizeof(needs));
	printf("launcher: %s\nneeds: %s\ntime limit: %s\nspec: %s\nledger: %s\nlaunchers.yaml: %s\n", r->launcher, needs,
	       r->time ? xpm_duration_print(r->time, time) : "none", r->spec, p->ledger.path,
	       p->choice.path ? p->choice.path : "none, the machine as it is");
	return XPM_EXIT_DONE;
}

static void set_folders(struct program *p)
{
	struct xpm_run *run = &p->run;

	run->submit_dir = getcwd(NULL, 0);
	if (!run->submit_dir)
		xpm_die(XPM_EXIT_SYSTEM, "the working directory: %s", strerror(errno));
	run->work_dir = !p->options.chdir ? run->submit_dir :
			*p->options.chdir == '/' ? xpm_strdup(p->options.chdir) :
			xpm_format("%s/%s", run->submit_dir, p->options.chdir);
	run->in = run->out = run->err = -1;
}

/* Into the ledger, with its files open; or end. */
static void enter(struct program *p)
{
	int bad;

	if (xpm_ledger_lock(&p->ledger))
		exit(XPM_EXIT_SYSTEM);
	bad = xpm_slot_create(&p->ledger, &p->slot);
	if (!bad && xpm_files_open(&p->run)) {
		xpm_slot_remove(&p->ledger, &p->slot);
		bad = 1;
	}
	if (!bad && *p->slot.record.output)
		xpm_slot_write(&p->slot);
	xpm_ledger_unlock(&p->ledger);
	if (bad)
		exit(XPM_EXIT_SYSTEM);
}

/* The child goes on with the job, in a session of its own; the parent says the id and is done. */
static void detach(struct program *p)
{
	int ready[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte = 0;
	pid_t pid;

	if (null < 0 || pipe2(ready, O_CLOEXEC) || (pid = fork()) < 0) {
		xpm_say("cannot detach: %s", strerror(errno));
		xpm_slot_remove(&p->ledger, &p->slot);
		exit(XPM_EXIT_SYSTEM);
	}
	if (pid) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			xpm_die(XPM_EXIT_SYSTEM, "job %u did not start", p->slot.record.id);
		printf(p->options.parsable ? "%u\n" : "Submitted local job %u\n", p->slot.record.id);
		exit(fflush(stdout) ? XPM_EXIT_SYSTEM : XPM_EXIT_DONE);
	}
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(p->run.out, STDOUT_FILENO);
	dup2(p->run.err, STDERR_FILENO);
	xpm_ledger_reopen(&p->ledger);
	if (!xpm_ledger_lock(&p->ledger)) {
		p->slot.record.pid = getpid();
		xpm_slot_write(&p->slot);
		xpm_ledger_unlock(&p->ledger);
	}
	if (write(ready[1], &byte, 1) < 0)
		xpm_say("job %u: nobody waits for its id", p->slot.record.id);
	close(ready[1]);
	close(ready[0]);
}

static int run(struct program *p)
{
	int status = XPM_EXIT_SYSTEM;

	p->run.options = &p->options;
	p->run.script = p->has_script ? &p->script : NULL;
	p->run.ledger = &p->ledger;
	p->run.slot = &p->slot;
	p->run.machine = &p->machine;
	p->run.capacity = &p->choice.capacity;
	set_folders(p);
	p->copy = p->has_script ? xpm_files_copy_script(&p->script) : -1;
	if (p->has_script && p->copy < 0)
		return XPM_EXIT_SYSTEM;
	enter(p);
	if (p->options.detach)
		detach(p);
	p->run.signals = xpm_signals_open();
	p->run.argv = xpm_files_argv(&p->options, &p->script, p->copy);
	if (xpm_turn_wait(&p->run, &status))
		return status;
	return xpm_front_run(&p->run);
}

int main(int argc, char **argv)
{
	static struct program program;
	struct program *p = &program;
	int status;

	p->slot.fd = -1;
	xpm_options_parse(argc, argv, &p->options);
	if (p->options.mode != XPM_MODE_RUN)
		return xpm_jobs_run(&p->options);
	if (p->options.is_command && !p->options.argc)
		xpm_die(XPM_EXIT_USAGE, "no command after --");
	if (!p->options.is_command)
		read_script(p, argc, argv);
	tell_ignored(&p->options);
	status = xpm_files_check_program(&p->options, &p->script);
	if (status)
		return status;
	if (xpm_ledger_open(&p->ledger, 1))
		return XPM_EXIT_SYSTEM;
	xpm_machine_load(&p->ledger, &p->machine);
	name_job(p);
	xpm_choice_make(&p->options, &p->machine, &p->choice, &p->slot.record);
	return p->options.dry_run ? dry_run(p) : run(p);
}
