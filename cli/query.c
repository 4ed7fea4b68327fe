/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "query.h"

enum { OPT_TAG = 256, OPT_LAUNCHER, OPT_KIND, OPT_FORMAT, OPT_AS, OPT_ALL, OPT_COLOUR };

/* cli/typed.c has the values of these */
#define SHORT_OPTIONS ":f:p:q:A:t:C:x:w:N:c:G:"

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "tag", required_argument, NULL, OPT_TAG },
	{ "tags", required_argument, NULL, OPT_TAG },
	{ "launcher", required_argument, NULL, OPT_LAUNCHER },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "as", required_argument, NULL, OPT_AS },
	{ "partition", required_argument, NULL, 'p' },
	{ "qos", required_argument, NULL, 'q' },
	{ "account", required_argument, NULL, 'A' },
	{ "time", required_argument, NULL, 't' },
	{ "constraint", required_argument, NULL, 'C' },
	{ "exclude", required_argument, NULL, 'x' },
	{ "nodelist", required_argument, NULL, 'w' },
	{ "nodes", required_argument, NULL, 'N' },
	{ "cpus-per-task", required_argument, NULL, 'c' },
	{ "gpus", required_argument, NULL, 'G' },
	{ "gres", required_argument, NULL, CLI_TYPED_GRES },
	{ "gpus-per-node", required_argument, NULL, CLI_TYPED_GPUS_PER_NODE },
	{ "mem", required_argument, NULL, CLI_TYPED_MEM },
	{ "mem-per-cpu", required_argument, NULL, CLI_TYPED_MEM_PER_CPU },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "color", required_argument, NULL, OPT_COLOUR },
	{ NULL, 0, NULL, 0 },
};

static int add_tags(struct cli_query *query, const char *list)
{
	char *text = query->tag_text;

	text = text ? cli_format("%s,%s", text, list) : strdup(list);
	if (!text)
		return CLI_SYSTEM;
	free(query->tag_text);
	query->tag_text = text;
	return CLI_DONE;
}

/* The tags of all --tag options, one by one. */
static int split_tags(struct cli_query *query)
{
	char *save = NULL, *tag;
	size_t room = 1;

	if (!query->tag_text)
		return CLI_DONE;
	for (const char *c = query->tag_text; *c; c++)
		room += *c == ',';
	query->tags = calloc(room, sizeof(*query->tags));
	if (!query->tags)
		return CLI_SYSTEM;
	for (tag = strtok_r(query->tag_text, ", ", &save); tag; tag = strtok_r(NULL, ", ", &save))
		query->tags[query->tags_len++] = tag;
	if (query->tags_len == 0)
		return cli_usage(query->command, "--tag is empty");
	return CLI_DONE;
}

static int read_kind(struct cli_query *query, const char *name)
{
	if (!strcmp(name, "local"))
		query->kinds = XPM_KIND_LOCAL;
	else if (!strcmp(name, "slurm"))
		query->kinds = XPM_KIND_SLURM;
	else if (!strcmp(name, "both"))
		query->kinds = XPM_KIND_BOTH;
	else
		return cli_usage(query->command, "--kind=%s: expected local, slurm or both", name);
	return CLI_DONE;
}

static int read_format(struct cli_query *query, const char *name)
{
	int find = !strcmp(query->command, "find");

	if (!strcmp(name, "text"))
		query->format = CLI_TEXT;
	else if (!strcmp(name, "json"))
		query->format = CLI_JSON;
	else if (find && !strcmp(name, "sbatch"))
		query->format = CLI_SBATCH;
	else
		return cli_usage(query->command, "--format=%s: expected %s", name,
				 find ? "text, json or sbatch" : "text or json");
	return CLI_DONE;
}

static int read_colour(struct cli_query *query, const char *when)
{
	if (strcmp(when, "auto") && strcmp(when, "always") && strcmp(when, "never"))
		return cli_usage(query->command, "--color=%s: expected auto, always or never", when);
	query->colour = when;
	return CLI_DONE;
}

static int read_option(struct cli_query *query, int option, const char *value)
{
	switch (option) {
	case 'f':
		if (!*value)
			return cli_usage(query->command, "the name of FILE is empty");
		query->file = value;
		return CLI_DONE;
	case OPT_TAG:
		return add_tags(query, value);
	case OPT_LAUNCHER:
		query->launcher = value;
		return CLI_DONE;
	case OPT_KIND:
		return read_kind(query, value);
	case OPT_FORMAT:
		return read_format(query, value);
	case OPT_AS:
		query->user = value;
		return CLI_DONE;
	case OPT_ALL:
		query->all = 1;
		return CLI_DONE;
	case OPT_COLOUR:
		return read_colour(query, value);
	default:
		return cli_typed_read(query, option, value);
	}
}

static int read_spec(struct cli_query *query, int argc, char **argv)
{
	if (optind == argc)
		return cli_usage(query->command, "a SPEC is missing");
	if (optind + 1 < argc)
		return cli_usage(query->command, "one SPEC is expected, and '%s' follows it: quote the spec",
				 argv[optind + 1]);
	query->spec = argv[optind];
	return CLI_DONE;
}

/* An option as words for a shell: the decision can be asked for again. */
static int add_given(struct cli_query *query, const char *name, char letter, const char *value)
{
	char *option = letter ? cli_format("-%c", letter) : cli_format("--%s%s%s", name, value ? "=" : "", value ? value : "");
	const char *words[2] = { option, letter ? value : NULL };
	int status = option ? CLI_DONE : CLI_SYSTEM;

	for (size_t i = 0; i < 2 && words[i] && status == CLI_DONE; i++) {
		size_t size = xpm_shell_quote(words[i], NULL, 0) + 1;
		char *word = malloc(size), *longer = NULL;

		if (word) {
			xpm_shell_quote(words[i], word, size);
			longer = cli_format("%s%s%s", query->given ? query->given : "", query->given ? " " : "", word);
		}
		free(word);
		if (!longer) {
			status = CLI_SYSTEM;
			break;
		}
		free(query->given);
		query->given = longer;
	}
	free(option);
	return status;
}

/* Whether --format sbatch was meant: asked before anything else can go wrong, since an empty output would be no options. */
static int means_sbatch(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = strchr(argv[i], '=');

		if (strncmp(argv[i], "--fo", 4))
			continue;
		value = value ? value + 1 : i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(value, "text") && strcmp(value, "json"))
			return 1;
	}
	return 0;
}

static int read_options(struct cli_query *query, int argc, char **argv, int *kind_given)
{
	int find = !strcmp(query->command, "find"), status = CLI_DONE, option, index = -1;

	while (status == CLI_DONE &&
	       (option = getopt_long(argc, argv, SHORT_OPTIONS, long_options, &index)) != -1) {
		if (option == '?' || option == ':')
			return cli_bad_option(query->command, option, argv);
		if (find && (option == OPT_ALL || option == OPT_COLOUR))
			return cli_usage(query->command, "--all and --color belong to xpm explain");
		*kind_given |= option == OPT_KIND;
		status = read_option(query, option, optarg);
		if (status == CLI_DONE && option != OPT_FORMAT)
			status = add_given(query, index < 0 ? NULL : long_options[index].name,
					   index < 0 ? (char)option : '\0', optarg);
		index = -1;
	}
	return status;
}

int cli_query_read(struct cli_query *query, int argc, char **argv)
{
	int kind_given = 0, status;

	memset(query, 0, sizeof(*query));
	query->command = argv[0];
	query->kinds = XPM_KIND_BOTH;
	query->colour = "auto";
	query->for_sbatch = !strcmp(argv[0], "find") && means_sbatch(argc, argv);
	status = read_options(query, argc, argv, &kind_given);
	if (status == CLI_DONE)
		status = read_spec(query, argc, argv);
	if (status == CLI_DONE)
		status = split_tags(query);
	if (status != CLI_DONE)
		return status;
	if (query->format == CLI_SBATCH && kind_given && query->kinds != XPM_KIND_SLURM)
		return cli_usage(query->command, "sbatch takes jobs to slurm launchers only: drop --kind");
	if (query->format == CLI_SBATCH && !kind_given)
		status = add_given(query, "kind", '\0', "slurm");
	/* whoever types options of sbatch asks about sbatch */
	if (query->format == CLI_SBATCH || (query->has_typed && !kind_given))
		query->kinds = XPM_KIND_SLURM;
	return status;
}

void cli_query_release(struct cli_query *query)
{
	free(query->given);
	free(query->tag_text);
	free(query->tags);
}
