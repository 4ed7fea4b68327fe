// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xpmatch/units.h>

#include "options.h"
#include "options_table.h"
#include "say.h"

static const char USAGE[] =
	"Usage: xpm-local [options] script [args...]\n"
	"       xpm-local [options] -- command [args...]\n"
	"       xpm-local --list [--format=json] | --cancel ID | --hold ID | --release ID\n"
	"       xpm-local --attach ID | --wait-for ID\n"
	"\n"
	"Run a job script on this machine, when what it needs is free.\n"
	"\n"
	"      --xpm-spec=SPEC     what the job needs, see xpm-spec(7); without it one core\n"
	"      --xpm-tags=TAGS     only launchers with one of these tags (a,b)\n"
	"  -f, --file=FILE         the launchers.yaml to use\n"
	"  -t, --time=TIME         time limit, where the spec has no duration\n"
	"  -J, --job-name=NAME     -D, --chdir=DIR     -i, --input=FILE\n"
	"  -o, --output=FILE       -e, --error=FILE    with %j %x %u %N; --open-mode=append|truncate\n"
	"      --export=ALL|NONE|NAMES\n"
	"  -c, --cpus-per-task=N   --mem=SIZE --gpus=N --gres=gpu:N, as sbatch has them\n"
	"      --wrap=COMMAND      a shell command as script\n"
	"      --dry-run           say what would run where, and stop\n"
	"      --no-wait           status 1 when it cannot start now\n"
	"      --wait=DURATION     the same after this time (90s, 5min)\n"
	"      --detach            return with an id; the output goes to slurm-%j.out\n"
	"      --or-submit         give it to sbatch when no local launcher satisfies\n"
	"      --no-slurm-env      no SLURM_* variables and no srun in PATH\n"
	"      --parsable          with --detach: the bare id\n"
	"  -Q, --quiet             errors only\n"
	"\n"
	"Status: the job's own, 128+n for signal n, 124 time limit, 125 memory limit; before it starts 1 no launcher\n"
	"satisfies, 2 usage or spec error, 3 launchers.yaml error, 4 system error.\n";

static _Noreturn void usage_error(const char *where, const char *name, const char *value)
{
	xpm_die(XPM_EXIT_USAGE, "%s%sinvalid value '%s' for --%s", where, *where ? ": " : "", value, name);
}

static void ignore(struct xpm_options *options, const char *name)
{
	for (size_t i = 0; i < options->ignored_len; i++)
		if (!strcmp(options->ignored[i], name))
			return;
	options->ignored = xpm_realloc(options->ignored, options->ignored_len + 1, sizeof(*options->ignored));
	options->ignored[options->ignored_len++] = name;
}

static void set_gpus(struct xpm_options *options, const char *value, int gres, int *bad)
{
	uint32_t count = 0;
	const char *model = NULL;

	if (gres && (!strstr(value, "gpu") || !strcmp(value, "none"))) {
		ignore(options, "gres");
		return;
	}
	*bad = gres ? xpm_options_gres(value, &count, &model) : xpm_options_gpus(value, &count, &model);
	options->gpus = count;
	options->gpu_model = model;
	options->has_gpus = 1;
}

static void set_mode(struct xpm_options *options, enum xpm_mode mode, const char *value, int *bad)
{
	uint64_t id = 0;

	if (options->mode != XPM_MODE_RUN && options->mode != mode)
		xpm_die(XPM_EXIT_USAGE, "only one of --list, --cancel, --hold, --release, --attach and --wait-for");
	options->mode = mode;
	if (value)
		*bad = xpm_number(value, INT32_MAX, &id) || !id;
	options->id = (uint32_t)id;
}

static void set_wait(struct xpm_options *options, const char *value, int *bad)
{
	options->wait = XPM_WAIT_FOREVER;
	if (value)
		*bad = xpm_duration_parse(value, strlen(value), 1, &options->wait, NULL) != XPM_OK;
}

/* One option; where names the script it stands in, "" for the command line. */
static void set(struct xpm_options *options, const struct option *entry, const char *value, const char *where)
{
	uint64_t n = 0;
	int bad = 0;

	switch (entry->val) {
	case OPT_SPEC: options->spec = value; break;
	case OPT_TAGS: options->tags = value; break;
	case OPT_FILE: options->file = value; break;
	case OPT_JOB_NAME: options->job_name = value; break;
	case OPT_CHDIR: options->chdir = value; break;
	case OPT_OUTPUT: options->output = value; break;
	case OPT_ERROR: options->error = value; break;
	case OPT_INPUT: options->input = value; break;
	case OPT_EXPORT: options->export = value; break;
	case OPT_WRAP: options->wrap = value; break;
	case OPT_QUIET: options->quiet = 1; break;
	case OPT_PARSABLE: options->parsable = 1; break;
	case OPT_DRY_RUN: options->dry_run = 1; break;
	case OPT_DETACH: options->detach = 1; break;
	case OPT_OR_SUBMIT: options->or_submit = 1; break;
	case OPT_NO_SLURM_ENV: options->no_slurm_env = 1; break;
	case OPT_NO_WAIT: options->wait = 0; break;
	case OPT_WAIT: set_wait(options, value, &bad); break;
	case OPT_TIME:
		bad = xpm_options_time(value, &options->time);
		options->has_time = 1;
		break;
	case OPT_CORES:
		bad = xpm_number(value, XPM_CORES_LIMIT, &n) || !n;
		options->cores = (uint32_t)n;
		break;
	case OPT_MEM: bad = xpm_options_memory(value, &options->memory); break;
	case OPT_MEM_PER_CPU: bad = xpm_options_memory(value, &options->memory_per_cpu); break;
	case OPT_GPUS: set_gpus(options, value, 0, &bad); break;
	case OPT_GRES: set_gpus(options, value, 1, &bad); break;
	case OPT_OPEN_MODE:
		bad = strcmp(value, "append") && strcmp(value, "truncate");
		options->append = *value == 'a';
		break;
	case OPT_ONE: /* what xpm-local does anyhow, when it is 1 */
		if (strcmp(value, "1") && strcmp(value, "1-1"))
			ignore(options, entry->name);
		break;
	case OPT_FORMAT:
		bad = strcmp(value, "json") && strcmp(value, "text");
		options->json = *value == 'j';
		break;
	case OPT_LIST: set_mode(options, XPM_MODE_LIST, NULL, &bad); break;
	case OPT_CANCEL: set_mode(options, XPM_MODE_CANCEL, value, &bad); break;
	case OPT_HOLD: set_mode(options, XPM_MODE_HOLD, value, &bad); break;
	case OPT_RELEASE: set_mode(options, XPM_MODE_RELEASE, value, &bad); break;
	case OPT_ATTACH: set_mode(options, XPM_MODE_ATTACH, value, &bad); break;
	case OPT_WAIT_FOR: set_mode(options, XPM_MODE_WAIT_FOR, value, &bad); break;
	case OPT_NOTHING: break;
	default: ignore(options, entry->name);
	}
	if (bad)
		usage_error(where, entry->name, value);
}

static const struct option *find(const struct option *table, int index, int c)
{
	if (index >= 0)
		return &table[index];
	/* a short letter: its long name is beside it */
	for (size_t i = 0; i < XPM_LETTERS; i++)
		if (xpm_letters[i].letter == c)
			for (const struct option *o = table; o->name; o++)
				if (!strcmp(o->name, xpm_letters[i].name))
					return o;
	return NULL;
}

/* Words of one source. Returns the index of the first that is no option. */
static int read_words(int argc, char **argv, const struct option *table, const char *letters, const char *where,
		      struct xpm_options *options)
{
	int c, index = -1;

	optind = 0;
	while ((c = getopt_long(argc, argv, letters, table, &index)) != -1) {
		const struct option *entry = c == '?' ? NULL : find(table, index, c);

		if (!entry)
			xpm_die(XPM_EXIT_USAGE, "%s", *where ? "the script's options cannot be understood" :
					       "try 'xpm-local --help'");
		if (entry->val == OPT_HELP || entry->val == OPT_VERSION) {
			fputs(entry->val == OPT_HELP ? USAGE : "xpm-local (" PACKAGE_NAME ") " PACKAGE_VERSION "\n",
			      stdout);
			exit(0);
		}
		set(options, entry, optarg, where);
		index = -1;
	}
	return optind;
}

void xpm_options_parse(int argc, char **argv, struct xpm_options *options)
{
	int first;

	memset(options, 0, sizeof(*options));
	options->wait = XPM_WAIT_FOREVER;
	first = read_words(argc, argv, xpm_command_table, xpm_command_letters, "", options);
	options->is_command = first > 0 && first <= argc && !strcmp(argv[first - 1], "--") && first > 1;
	options->argv = argv + first;
	options->argc = argc - first;
	if (options->mode != XPM_MODE_RUN && options->argc)
		xpm_die(XPM_EXIT_USAGE, "nothing to run may be given with --list, --cancel and the like");
}

/* sbatch takes these between the script and the command line. */
static void read_environment(struct xpm_options *options)
{
	static const struct {
		const char *name, *option;
	} variables[] = {
		{ "SBATCH_TIMELIMIT", "time" },     { "SBATCH_JOB_NAME", "job-name" },
		{ "SBATCH_EXPORT", "export" },      { "SBATCH_OPEN_MODE", "open-mode" },
		{ "SBATCH_MEM_PER_NODE", "mem" },   { "SBATCH_GPUS", "gpus" },
		{ "SBATCH_GPUS_PER_NODE", "gpus-per-node" },
	};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i].name);

		for (const struct option *o = xpm_script_table; value && o->name; o++)
			if (!strcmp(o->name, variables[i].option))
				set(options, o, value, variables[i].name);
	}
}

void xpm_options_layer(int argc, char **argv, const char *name, const struct xpm_script *script,
		       struct xpm_options *options)
{
	char **words = xpm_alloc((script->words_len + 2) * sizeof(*words));
	struct xpm_options fresh = { .wait = XPM_WAIT_FOREVER };
	int end;

	words[0] = xpm_format("xpm-local: %s", name);
	memcpy(words + 1, script->words, script->words_len * sizeof(*words));
	end = read_words((int)script->words_len + 1, words, xpm_script_table, xpm_script_letters, name, &fresh);
	if (end < (int)script->words_len + 1)
		xpm_die(XPM_EXIT_USAGE, "%s: invalid directive '%s'", name, words[end]);
	read_environment(&fresh);
	end = read_words(argc, argv, xpm_command_table, xpm_command_letters, "", &fresh);
	fresh.argv = argv + end;
	fresh.argc = argc - end;
	free(options->ignored);
	*options = fresh;
	free(words[0]);
	free(words);
}
