// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * srun inside a job of xpm-local: the grant is one task on this machine, and this process is in it already. So: run the
 * command. Options that ask for something else are named, not obeyed.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SILENT = 1000, NAMED, ONE, CHDIR, OUTPUT, ERROR, INPUT, EXPORT, OPEN_MODE, QUIET };

#define NO  no_argument
#define YES required_argument
#define MAY optional_argument

/* SILENT: what the grant is anyhow, or a matter of speed. NAMED: every other one that srun knows and scripts use. */
static const struct option OPTIONS[] = {
	{ "chdir", YES, NULL, CHDIR }, { "output", YES, NULL, OUTPUT }, { "error", YES, NULL, ERROR },
	{ "input", YES, NULL, INPUT }, { "export", YES, NULL, EXPORT }, { "open-mode", YES, NULL, OPEN_MODE },
	{ "quiet", NO, NULL, QUIET }, { "ntasks", YES, NULL, ONE }, { "nodes", YES, NULL, ONE },
	{ "ntasks-per-node", YES, NULL, ONE }, { "cpus-per-task", YES, NULL, SILENT },
	{ "job-name", YES, NULL, SILENT }, { "exact", NO, NULL, SILENT }, { "overlap", NO, NULL, SILENT },
	{ "exclusive", MAY, NULL, SILENT }, { "unbuffered", NO, NULL, SILENT }, { "verbose", NO, NULL, SILENT },
	{ "cpu-bind", YES, NULL, SILENT }, { "mem-bind", YES, NULL, SILENT }, { "gpu-bind", YES, NULL, SILENT },
	{ "mem", YES, NULL, SILENT }, { "mem-per-cpu", YES, NULL, SILENT }, { "gres", YES, NULL, SILENT },
	{ "gpus", YES, NULL, SILENT }, { "gpus-per-task", YES, NULL, SILENT }, { "gpus-per-node", YES, NULL, SILENT },
	{ "mpi", YES, NULL, SILENT }, { "kill-on-bad-exit", MAY, NULL, SILENT }, { "pty", MAY, NULL, SILENT },
	{ "distribution", YES, NULL, SILENT }, { "hint", YES, NULL, SILENT }, { "jobid", YES, NULL, SILENT },
	{ "immediate", MAY, NULL, SILENT }, { "propagate", MAY, NULL, SILENT }, { "wait", YES, NULL, SILENT },
	{ "label", NO, NULL, NAMED }, { "multi-prog", NO, NULL, NAMED }, { "time", YES, NULL, NAMED },
	{ "partition", YES, NULL, NAMED }, { "account", YES, NULL, NAMED }, { "qos", YES, NULL, NAMED },
	{ "constraint", YES, NULL, NAMED }, { "nodelist", YES, NULL, NAMED }, { "exclude", YES, NULL, NAMED },
	{ "dependency", YES, NULL, NAMED }, { "het-group", YES, NULL, NAMED }, { "relative", YES, NULL, NAMED },
	{ "signal", YES, NULL, NAMED }, { "bcast", MAY, NULL, NAMED }, { "container", YES, NULL, NAMED },
	{ "prolog", YES, NULL, NAMED }, { "epilog", YES, NULL, NAMED }, { "task-prolog", YES, NULL, NAMED },
	{ "task-epilog", YES, NULL, NAMED }, { "x11", MAY, NULL, NAMED }, { "uid", YES, NULL, NAMED },
	{ "ntasks-per-core", YES, NULL, NAMED }, { "ntasks-per-socket", YES, NULL, NAMED },
	{ "threads-per-core", YES, NULL, NAMED }, { "reservation", YES, NULL, NAMED },
	{ "xpm-spec", YES, NULL, NAMED }, { "xpm-tags", YES, NULL, NAMED },
	{ NULL, 0, NULL, 0 },
};

static const char LETTERS[] = "+A:c:C:d:D:e:i:I::J:K::lm:n:N:o:p:q:Qr:t:uvw:W:x:";

static const struct {
	char letter;
	const char *name;
} SHORT[] = {
	{ 'A', "account" }, { 'c', "cpus-per-task" }, { 'C', "constraint" }, { 'd', "dependency" }, { 'D', "chdir" },
	{ 'e', "error" }, { 'i', "input" }, { 'I', "immediate" }, { 'J', "job-name" }, { 'K', "kill-on-bad-exit" },
	{ 'l', "label" }, { 'm', "distribution" }, { 'n', "ntasks" }, { 'N', "nodes" }, { 'o', "output" },
	{ 'p', "partition" }, { 'q', "qos" }, { 'Q', "quiet" }, { 'r', "relative" }, { 't', "time" },
	{ 'u', "unbuffered" }, { 'v', "verbose" }, { 'w', "nodelist" }, { 'W', "wait" }, { 'x', "exclude" },
};

struct wishes {
	const char *chdir, *output, *error, *input, *export;
	int append, quiet;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "srun: error: %s%s%s\n", what, *why ? ": " : "", why);
	exit(1);
}

static const struct option *find(int c, int index)
{
	if (index >= 0)
		return &OPTIONS[index];
	for (size_t i = 0; i < sizeof(SHORT) / sizeof(SHORT[0]); i++)
		if (SHORT[i].letter == c)
			for (const struct option *o = OPTIONS; o->name; o++)
				if (!strcmp(o->name, SHORT[i].name))
					return o;
	return NULL;
}

static void name_once(const char *name, const char *value, unsigned char *named)
{
	if (!*named)
		fprintf(stderr, "srun: xpm-local runs one task on this machine; not honoured: --%s%s%s\n", name,
			value ? "=" : "", value ? value : "");
	*named = 1;
}

static void set(struct wishes *w, const struct option *o, const char *value, unsigned char *named)
{
	switch (o->val) {
	case CHDIR: w->chdir = value; break;
	case OUTPUT: w->output = value; break;
	case ERROR: w->error = value; break;
	case INPUT: w->input = value; break;
	case EXPORT: w->export = value; break;
	case OPEN_MODE: w->append = *value == 'a'; break;
	case QUIET: w->quiet = 1; break;
	case SILENT: break;
	case ONE:
		if (strcmp(value, "1") && strcmp(value, "1-1"))
			name_once(o->name, value, named);
		break;
	default: name_once(o->name, value, named);
	}
}

/* %j %J %t %n %N %u %x of the one task */
static void expand(const char *pattern, char *buf, size_t size)
{
	size_t n = 0;

	for (; *pattern && n + 1 < size; pattern++) {
		const char *value = NULL;

		if (*pattern == '%' && pattern[1]) {
			switch (*++pattern) {
			case 'j': case 'A': case 'J': value = getenv("SLURM_JOB_ID"); break;
			case 't': case 'n': case 's': value = "0"; break;
			case 'N': value = getenv("SLURMD_NODENAME"); break;
			case 'u': value = getenv("SLURM_JOB_USER"); break;
			case 'x': value = getenv("SLURM_JOB_NAME"); break;
			default: value = (char[]){ *pattern, 0 };
			}
			n += (size_t)snprintf(buf + n, size - n, "%s", value ? value : "");
		} else {
			buf[n++] = *pattern;
		}
	}
	if (n >= size)
		die(pattern, "the name is too long");
	buf[n] = '\0';
}

static void open_as(const char *pattern, int flags, int as)
{
	char name[4096];
	int fd;

	if (!pattern || !strcmp(pattern, "all") || !strcmp(pattern, "0"))
		return;
	expand(strcmp(pattern, "none") ? pattern : "/dev/null", name, sizeof(name));
	fd = open(name, flags, 0666);
	if (fd < 0)
		die(name, strerror(errno));
	if (fd != as) {
		dup2(fd, as);
		close(fd);
	}
}

static void set_environment(const struct wishes *w)
{
	char *list = w->export ? strdup(w->export) : NULL, *rest = list, *item;

	/* names alone are there already: a step sees the job's environment */
	while (list && (item = strsep(&rest, ",")))
		if (strchr(item, '='))
			putenv(item);
	setenv("SLURM_STEP_ID", "0", 1);
	setenv("SLURM_STEPID", "0", 1);
	setenv("SLURM_STEP_NUM_TASKS", "1", 1);
	setenv("SLURM_STEP_NUM_NODES", "1", 1);
	setenv("SLURM_PROCID", "0", 1);
	setenv("SLURM_LOCALID", "0", 1);
}

int main(int argc, char **argv)
{
	static unsigned char named[sizeof(OPTIONS) / sizeof(OPTIONS[0])];
	struct wishes w = { 0 };
	int c, index = -1, flags;

	while ((c = getopt_long(argc, argv, LETTERS, OPTIONS, &index)) != -1) {
		const struct option *o = c == '?' ? NULL : find(c, index);

		if (!o)
			return 1;
		set(&w, o, optarg, &named[o - OPTIONS]);
		index = -1;
	}
	if (optind == argc)
		die("no command to run", "");
	set_environment(&w);
	flags = O_WRONLY | O_CREAT | (w.append ? O_APPEND : O_TRUNC);
	if (w.chdir && chdir(w.chdir))
		die(w.chdir, strerror(errno));
	open_as(w.input, O_RDONLY, STDIN_FILENO);
	open_as(w.output, flags, STDOUT_FILENO);
	if (w.output && !w.error && dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		die("stderr", strerror(errno));
	open_as(w.error, flags, STDERR_FILENO);
	execvp(argv[optind], argv + optind);
	fprintf(stderr, "srun: error: %s: %s\n", argv[optind], strerror(errno));
	return errno == ENOENT ? 2 : 13; /* as slurmstepd: the error number of its exec */
}
