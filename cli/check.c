/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xpmatch/check.h>

#include "cluster.h"
#include "common.h"
#include "json.h"

enum { OPT_FORMAT = 256, OPT_WERROR, OPT_SLURM };

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "werror", no_argument, NULL, OPT_WERROR },
	{ "slurm", no_argument, NULL, OPT_SLURM },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *file;
	int json, werror, slurm;
};

static int read_options(struct options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, ":f:", long_options, NULL)) != -1) {
		if (option == 'f')
			options->file = optarg;
		else if (option == OPT_WERROR)
			options->werror = 1;
		else if (option == OPT_SLURM)
			options->slurm = 1;
		else if (option == OPT_FORMAT && !strcmp(optarg, "json"))
			options->json = 1;
		else if (option == OPT_FORMAT && !strcmp(optarg, "text"))
			options->json = 0;
		else if (option == OPT_FORMAT)
			return cli_usage("check", "--format=%s: expected text or json", optarg);
		else
			return cli_bad_option("check", option, argv);
	}
	if (optind + 1 < argc || (optind < argc && options->file))
		return cli_usage("check", "one FILE is expected");
	if (optind < argc)
		options->file = argv[optind];
	if (options->file && !*options->file)
		return cli_usage("check", "the name of FILE is empty");
	return CLI_DONE;
}

/* A file that cannot be read has nothing in the report: it gets the error as its one entry. */
struct findings {
	const char *path;
	struct xpm_report *report;
	struct xpm_error failure; /* of a step that reports nothing; code XPM_OK = none */
	int complete;             /* the file was looked at, even if Slurm was silent */
};

static const char *severity_name(enum xpm_severity severity)
{
	switch (severity) {
	case XPM_ERROR:
		return "error";
	case XPM_WARNING:
		return "warning";
	case XPM_NOTE:
		break;
	}
	return "note";
}

static json_t *entry_json(enum xpm_severity severity, const struct xpm_error *what)
{
	json_t *entry = json_object();

	json_object_set_new(entry, "severity", cli_json_text(severity_name(severity)));
	json_object_set_new(entry, "file", cli_json_text(what->source[0] ? what->source : NULL));
	json_object_set_new(entry, "line", what->line ? json_integer(what->line) : json_null());
	json_object_set_new(entry, "column", what->line ? json_integer(what->column) : json_null());
	json_object_set_new(entry, "message", cli_json_text(what->text));
	json_object_set_new(entry, "excerpt", cli_json_text(what->excerpt[0] ? what->excerpt : NULL));
	return entry;
}

static size_t count_errors(const struct findings *findings)
{
	return xpm_report_count_of(findings->report, XPM_ERROR) + (findings->failure.code != XPM_OK);
}

static int print_json(const struct findings *findings)
{
	json_t *object = json_object(), *entries = json_array();
	const struct xpm_diagnostic *entry;
	int status;

	if (findings->failure.code != XPM_OK)
		json_array_append_new(entries, entry_json(XPM_ERROR, &findings->failure));
	for (size_t i = 0; (entry = xpm_report_get(findings->report, i)); i++)
		json_array_append_new(entries, entry_json(entry->severity, &entry->what));
	json_object_set_new(object, "file", cli_json_text(findings->path));
	json_object_set_new(object, "errors", json_integer((json_int_t)count_errors(findings)));
	json_object_set_new(object, "warnings",
			    json_integer((json_int_t)xpm_report_count_of(findings->report, XPM_WARNING)));
	json_object_set_new(object, "notes", json_integer((json_int_t)xpm_report_count_of(findings->report, XPM_NOTE)));
	json_object_set_new(object, "dropped", json_integer((json_int_t)xpm_report_dropped(findings->report)));
	json_object_set_new(object, "diagnostics", entries);
	status = cli_json_print(object, isatty(STDOUT_FILENO));
	json_decref(object);
	return status;
}

/* "1 error", "2 errors" */
static void print_count(const char *before, size_t count, const char *what)
{
	printf("%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

static int print_text(const struct findings *findings)
{
	char text[XPM_ERROR_SOURCE_MAX + XPM_ERROR_TEXT_MAX + 2 * XPM_ERROR_EXCERPT_MAX + 64];
	const struct xpm_diagnostic *entry;

	if (findings->failure.code != XPM_OK) {
		xpm_error_print(&findings->failure, text, sizeof(text));
		puts(text);
	}
	for (size_t i = 0; (entry = xpm_report_get(findings->report, i)); i++) {
		xpm_diagnostic_print(entry, text, sizeof(text));
		puts(text);
	}
	if (xpm_report_dropped(findings->report))
		printf("and %zu more\n", xpm_report_dropped(findings->report));
	print_count("", count_errors(findings), "error");
	print_count(", ", xpm_report_count_of(findings->report, XPM_WARNING), "warning");
	print_count(", ", xpm_report_count_of(findings->report, XPM_NOTE), "note");
	printf(" in %s\n", findings->path);
	return cli_flush();
}

/* The file beside the live cluster. */
static int compare(struct findings *findings, const struct xpm_launchers *launchers)
{
	struct cli_asking asking = { .what = CLI_ASK_NODES, .seconds = 60 };
	struct xpm_error err = { 0 };
	struct xpm_cluster *cluster;
	enum xpm_code code;

	asking.path = xpm_launchers_slurm_path(launchers);
	cluster = cli_cluster_ask(&asking, &err);
	if (!cluster)
		return cli_fail(&err, CLI_SYSTEM);
	code = xpm_launchers_compare_cluster(launchers, cluster, findings->report, &err);
	xpm_cluster_destroy(cluster);
	return code ? cli_fail(&err, CLI_SYSTEM) : CLI_DONE;
}

/* Load, flatten, look over. What goes wrong is in the findings; CLI_SYSTEM when memory is short or Slurm is silent. */
static int look(struct findings *findings, const struct xpm_gpu_models *models, int slurm)
{
	struct xpm_launchers *launchers;
	struct xpm_candidates *candidates = NULL;
	struct xpm_error err = { 0 };
	int status = CLI_DONE;

	launchers = xpm_launchers_load(findings->path, findings->report, &err);
	if (launchers)
		candidates = xpm_candidates_create(launchers, &err);
	if (candidates)
		xpm_launchers_check(launchers, candidates, models, findings->report, &err);
	/* The loader has reported its own errors, the others are nowhere yet. */
	if (err.code != XPM_OK && xpm_report_count_of(findings->report, XPM_ERROR) == 0) {
		findings->failure = err;
		if (!err.source[0])
			snprintf(findings->failure.source, sizeof(findings->failure.source), "%s", findings->path);
	}
	findings->complete = err.code != XPM_ERR_MEMORY;
	if (candidates && slurm)
		status = compare(findings, launchers);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
	return err.code == XPM_ERR_MEMORY ? cli_fail(&err, CLI_SYSTEM) : status;
}

static int check(const struct options *options, const char *path)
{
	struct findings findings = { .path = path };
	struct xpm_gpu_models *models = NULL;
	struct xpm_error err = { 0 };
	int status, printed;

	findings.report = xpm_report_create(&err);
	if (!findings.report)
		return cli_fail(&err, CLI_SYSTEM);
	status = cli_gpu_models(NULL, 1, &models);
	if (status == CLI_DONE)
		status = look(&findings, models, options->slurm);
	if (findings.complete) {
		printed = options->json ? print_json(&findings) : print_text(&findings);
		status = status == CLI_DONE ? printed : status;
	}
	if (status == CLI_DONE &&
	    (count_errors(&findings) || (options->werror && xpm_report_count_of(findings.report, XPM_WARNING))))
		status = CLI_LAUNCHERS;
	xpm_gpu_models_destroy(models);
	xpm_report_destroy(findings.report);
	return status;
}

static int run(int argc, char **argv)
{
	struct options options = { 0 };
	int status = read_options(&options, argc, argv);
	char *path;

	if (status != CLI_DONE)
		return status;
	path = cli_launchers_path(options.file);
	if (!path)
		return CLI_LAUNCHERS;
	status = check(&options, path);
	free(path);
	return status;
}

const struct xpm_command xpm_command_check = {
	.name = "check",
	.brief = "look a launchers.yaml over before it is live",
	.run = run,
	.help = "Usage: xpm check [OPTIONS] [FILE]\n"
		"\n"
		"Show all errors of a launchers.yaml, and what is in it that cannot have been meant:\n"
		"candidates that nothing reaches, patterns that match nothing, names that nobody uses,\n"
		"hosts that stand twice in a partition, and more.\n"
		"\n"
		"  -f, --file FILE        the same as FILE\n"
		"      --format FORMAT    text (default) or json\n"
		"      --werror           fail on warnings, too\n"
		"      --slurm            compare with the live cluster: what is not there, or otherwise\n"
		"\n"
		"Exit status: 0 no errors, 2 usage error, 3 errors in the file, 4 system error.\n",
};
