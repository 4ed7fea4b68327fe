/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "common.h"

#define INPUT_MAX ((size_t)256 << 20)

static const struct option long_options[] = {
	{ "partitions", required_argument, NULL, 'p' },
	{ "no-hosts", no_argument, NULL, 'n' },
	{ "gpu-models", required_argument, NULL, 'g' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	const char *nodes, *partitions, *gpu_models;
	int hosts;
};

/* A stream to its end; NULL after having said why not. */
static char *read_stream(FILE *stream, const char *name, size_t *len)
{
	size_t room = 1 << 20;
	char *text = NULL, *larger;

	*len = 0;
	for (;;) {
		if (!text || room - *len < 2) {
			room *= 2;
			larger = room <= 2 * INPUT_MAX ? realloc(text, room) : NULL;
			if (!larger) {
				cli_complain("%s: too large", name);
				break;
			}
			text = larger;
		}
		*len += fread(text + *len, 1, room - *len - 1, stream);
		text[*len] = '\0';
		if (ferror(stream)) {
			cli_complain("%s: %s", name, strerror(errno));
			break;
		}
		if (feof(stream))
			return text;
	}
	free(text);
	return NULL;
}

static char *read_input(const char *path, size_t *len)
{
	FILE *stream;
	char *text;

	if (!path || !strcmp(path, "-"))
		return read_stream(stdin, "standard input", len);
	stream = fopen(path, "re");
	if (!stream) {
		cli_complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_stream(stream, path, len);
	fclose(stream);
	return text;
}

/* Partitions first: the nodes need not name them then. */
static int fill(struct xpm_cluster *cluster, const struct arguments *args, const struct xpm_gpu_models *models)
{
	struct xpm_error err = { 0 };
	enum xpm_code code;
	size_t len;
	char *text;

	if (args->partitions) {
		text = read_input(args->partitions, &len);
		if (!text)
			return CLI_SYSTEM;
		code = xpm_cluster_add_partitions(cluster, text, len, args->partitions, &err);
		free(text);
		if (code)
			return cli_fail(&err, CLI_USAGE);
	}
	text = read_input(args->nodes, &len);
	if (!text)
		return CLI_SYSTEM;
	code = xpm_cluster_add_nodes(cluster, text, len, args->nodes ? args->nodes : "standard input", models, &err);
	free(text);
	return code ? cli_fail(&err, CLI_USAGE) : CLI_DONE;
}

static int write_text(const char *text, size_t len)
{
	fwrite(text, 1, len, stdout);
	return cli_flush();
}

/* Nothing is written before all of it is known. */
static int convert(const struct xpm_cluster *cluster, int hosts)
{
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(&err);
	char *text = NULL;
	size_t len;
	int status;

	if (report)
		text = xpm_cluster_convert(cluster, hosts, &len, report, &err);
	if (text) {
		cli_print_report(report, XPM_NOTE);
		status = write_text(text, len);
	} else {
		status = cli_fail(&err, CLI_USAGE);
	}
	free(text);
	xpm_report_destroy(report);
	return status;
}

static int read_arguments(struct arguments *args, int argc, char **argv)
{
	int option;

	args->hosts = 1;
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) != -1) {
		if (option == 'p')
			args->partitions = optarg;
		else if (option == 'n')
			args->hosts = 0;
		else if (option == 'g')
			args->gpu_models = optarg;
		else
			return cli_usage("convert", option == ':' ? "%s needs a value" : "unknown option %s",
					 argv[optind - 1]);
	}
	if (optind < argc)
		args->nodes = argv[optind++];
	if (optind < argc)
		return cli_usage("convert", "one file of nodes at most, not also '%s'", argv[optind]);
	if (args->partitions && !strcmp(args->partitions, "-") && (!args->nodes || !strcmp(args->nodes, "-")))
		return cli_usage("convert", "standard input cannot be both the nodes and the partitions");
	if (!args->nodes && isatty(STDIN_FILENO))
		return cli_usage("convert", "reads what `scontrol show nodes` prints: pipe it here, or name a file");
	return CLI_DONE;
}

static int run(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct xpm_gpu_models *models = NULL;
	struct xpm_cluster *cluster;
	struct xpm_error err = { 0 };
	int status = read_arguments(&args, argc, argv);

	if (status == CLI_DONE)
		status = cli_gpu_models(args.gpu_models, 0, &models);
	if (status != CLI_DONE)
		return status;
	cluster = xpm_cluster_create(&err);
	status = cluster ? fill(cluster, &args, models) : cli_fail(&err, CLI_SYSTEM);
	if (status == CLI_DONE)
		status = convert(cluster, args.hosts);
	xpm_cluster_destroy(cluster);
	xpm_gpu_models_destroy(models);
	return status;
}

const struct xpm_command xpm_command_convert = {
	.name = "convert",
	.brief = "make a launchers.yaml from `scontrol show nodes`",
	.run = run,
	.help = "Usage: scontrol show nodes | xpm convert [OPTIONS] [FILE]\n"
		"\n"
		"Write a launchers.yaml that describes the cluster. Reads both forms of scontrol's\n"
		"output, from standard input or FILE.\n"
		"\n"
		"      --partitions FILE  what `scontrol show partitions` printed: time limits, QoS,\n"
		"                         accounts and defaults come from there\n"
		"      --no-hosts         only how many nodes there are, not their names\n"
		"      --gpu-models FILE  memory of GPU models, instead of the installed table\n"
		"\n"
		"Notes on what the output does not tell go to standard error.\n"
		"Exit status: 0 done, 2 usage error or not scontrol's output, 4 system error.\n",
};
