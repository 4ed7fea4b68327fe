/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "doctor.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cluster.h"
#include "common.h"
#include "run.h"

#define SECONDS   20
#define MOST      ((size_t)16 << 20)

static void say(const char *word, const char *cure, const char *format, va_list args)
{
	printf("%-5s ", word);
	vprintf(format, args);
	putchar('\n');
	if (cure)
		printf("      %s\n", cure);
}

void doctor_ok(struct doctor *doctor, const char *format, ...)
{
	va_list args;

	(void)doctor;
	va_start(args, format);
	say("ok", NULL, format, args);
	va_end(args);
}

void doctor_warn(struct doctor *doctor, const char *cure, const char *format, ...)
{
	va_list args;

	doctor->warned++;
	va_start(args, format);
	say("warn", cure, format, args);
	va_end(args);
}

void doctor_fail(struct doctor *doctor, const char *cure, const char *format, ...)
{
	va_list args;

	doctor->failed++;
	va_start(args, format);
	say("FAIL", cure, format, args);
	va_end(args);
}

char *doctor_config(const struct doctor *doctor, const char *key)
{
	const char *line = doctor->config;
	size_t len = strlen(key), end;

	for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, key, len) || !strchr(" \t=", line[len]))
			continue;
		line += len;
		line += strspn(line, " \t=");
		end = strcspn(line, "\n");
		while (end && strchr(" \t\r", line[end - 1]))
			end--;
		return end && strncmp(line, "(null)", 6) ? strndup(line, end) : NULL;
	}
	return NULL;
}

static void check_launchers(struct doctor *doctor, const char *file)
{
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(&err);
	struct xpm_launchers *launchers = NULL;
	struct xpm_candidates *candidates = NULL;
	struct stat status;

	doctor->launchers = cli_launchers_path(file);
	if (!doctor->launchers || !report) {
		doctor_fail(doctor, "scontrol show nodes | xpm convert makes one", "there is no launchers.yaml");
		xpm_report_destroy(report);
		return;
	}
	launchers = xpm_launchers_load(doctor->launchers, report, &err);
	if (launchers) {
		candidates = xpm_candidates_create(launchers, &err);
		if (xpm_launchers_slurm_path(launchers))
			doctor->slurm_path = strdup(xpm_launchers_slurm_path(launchers));
	}
	if (!candidates)
		doctor_fail(doctor, "xpm check shows the places", "%s: %s", doctor->launchers, err.text);
	else if (stat(doctor->launchers, &status) == 0 && status.st_mode & (S_IWGRP | S_IWOTH))
		doctor_fail(doctor, "chmod go-w it: slurmctld does not obey a file that others may write",
			    "%s: mode %04o", doctor->launchers, (unsigned)status.st_mode & 07777u);
	else if (xpm_report_count_of(report, XPM_WARNING))
		doctor_warn(doctor, "xpm check shows them", "%s has %zu warnings", doctor->launchers,
			    xpm_report_count_of(report, XPM_WARNING));
	else
		doctor_ok(doctor, "%s is in order", doctor->launchers);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
	xpm_report_destroy(report);
}

static void check_snapshot(struct doctor *doctor)
{
	struct xpm_error err = { 0 };
	struct xpm_launchers *launchers = NULL;
	struct xpm_cluster *snapshot = NULL;
	uint64_t max_age = 86400;
	size_t asked = 0;
	long long age;
	char *path, text[XPM_SIZE_TEXT], limit[XPM_SIZE_TEXT];

	if (!doctor->launchers)
		return;
	launchers = xpm_launchers_load(doctor->launchers, NULL, NULL);
	if (launchers)
		asked = xpm_launchers_query_slurm(launchers, &max_age);
	xpm_launchers_destroy(launchers);
	path = cli_snapshot_path(doctor->launchers);
	if (!path)
		return;
	if (access(path, F_OK) && !asked) {
		doctor_ok(doctor, "no snapshot, and launchers.yaml does not ask for one (query_slurm)");
		free(path);
		return;
	}
	snapshot = xpm_snapshot_load(path, &err);
	age = snapshot ? (long long)time(NULL) - (long long)xpm_snapshot_time(snapshot) : 0;
	if (age > 7200)
		age -= age % 60; /* seconds are no matter then */
	xpm_duration_print(age > 0 ? (uint64_t)age : 0, text);
	if (!snapshot)
		doctor_fail(doctor, "xpm snapshot writes one; systemctl enable --now xpm-snapshot.timer keeps it fresh",
			    "%s", err.text);
	else if (age < 0 || (uint64_t)age > max_age)
		doctor_fail(doctor, "systemctl enable --now xpm-snapshot.timer", "%s is %s old; snapshot_max_age is %s",
			    path, age < 0 ? "less than nothing" : text, xpm_duration_print(max_age, limit));
	else
		doctor_ok(doctor, "%s is %s old: %zu nodes, cluster %s", path, text, xpm_cluster_nodes(snapshot),
			  xpm_cluster_name(snapshot));
	xpm_cluster_destroy(snapshot);
	free(path);
}

static void check_slurm(struct doctor *doctor)
{
	static const char *const argv[] = { "scontrol", "show", "config", NULL };
	struct cli_output output;
	struct xpm_error err = { 0 };
	char *version;

	if (cli_run_ok(doctor->slurm_path, argv, SECONDS, MOST, &output, &err)) {
		doctor_fail(doctor, "is slurmctld running, and does this host have its slurm.conf? `path` in "
			    "launchers.yaml names the folder of the commands", "the cluster does not answer: %s", err.text);
		return;
	}
	doctor->live = 1;
	doctor->config = output.out;
	output.out = NULL;
	cli_output_free(&output);
	version = doctor_config(doctor, "SLURM_VERSION");
	doctor_ok(doctor, "slurmctld answers: Slurm %s", version ? version : "of unknown version");
	free(version);
}

/* sbatch --test-only with a spec; 0 when it ran at all. */
static int test_submit(struct doctor *doctor, const char *spec, struct cli_output *output)
{
	char option[128];
	const char *const argv[] = { "sbatch", "--test-only", option, "--wrap=true", NULL };
	struct xpm_error err = { 0 };

	snprintf(option, sizeof(option), "--xpm-spec=%s", spec);
	if (cli_run(doctor->slurm_path, argv, SECONDS, MOST, output, &err) == 0)
		return 0;
	doctor_fail(doctor, NULL, "a dry submission: %s", err.text);
	return -1;
}

/* A spec that nothing satisfies must be refused by us: that shows the whole way from sbatch to the rules. */
static void check_submission(struct doctor *doctor)
{
	struct cli_output output;
	int len;

	if (!doctor->live || test_submit(doctor, "cpu(cores=1048576)", &output))
		return;
	len = (int)strcspn(output.err, "\n");
	if (strstr(output.err, "unrecognized option"))
		doctor_fail(doctor, "the SPANK plugin is not active on this host: see the lines above",
			    "a dry submission: sbatch does not know --xpm-spec");
	else if (output.status == 0)
		doctor_fail(doctor, "job_submit.lua must call xpm.job_submit(): see the lines above",
			    "a dry submission: a spec that nothing satisfies was accepted");
	else if (!strstr(output.err, "xpm"))
		doctor_warn(doctor, "the cluster may refuse every job of this user; try as another one",
			    "a dry submission was refused by somebody else: %.*s", len, output.err);
	else
		doctor_ok(doctor, "a dry submission carried a spec through to the rules");
	cli_output_free(&output);
	if (test_submit(doctor, "cpu()", &output))
		return;
	len = (int)strcspn(output.err, "\n");
	if (output.status == 0)
		doctor_ok(doctor, "a dry submission of cpu() is accepted");
	else
		doctor_warn(doctor, "xpm explain 'cpu()' tells more", "a dry submission of cpu() is refused: %.*s", len,
			    output.err);
	cli_output_free(&output);
}

static void check_models(struct doctor *doctor)
{
	static const char *const places[] = { SYSCONFDIR "/xpm/gpu-models.yaml", PKGDATADIR "/gpu-models.yaml" };
	struct xpm_gpu_models *models;
	struct xpm_error err = { 0 };

	for (size_t i = 0; i < 2; i++) {
		if (access(places[i], F_OK))
			continue;
		models = xpm_gpu_models_load(places[i], &err);
		if (models)
			doctor_ok(doctor, "%s can be read", places[i]);
		else
			doctor_fail(doctor, "correct it, or remove it", "%s: line %u: %s", places[i], err.line,
				    err.text);
		xpm_gpu_models_destroy(models);
		return;
	}
	doctor_warn(doctor, "it comes with slurm-xpm: install it", "%s is missing", places[1]);
}

static int run(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "file", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct doctor doctor = { NULL };
	const char *file = NULL;
	int option, status;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:f:", long_options, NULL)) != -1) {
		if (option != 'f')
			return cli_usage("doctor", option == ':' ? "%s needs a value" : "unknown option %s",
					 argv[optind - 1]);
		file = optarg;
	}
	if (optind < argc)
		return cli_usage("doctor", "unexpected '%s'", argv[optind]);
	check_launchers(&doctor, file);
	check_models(&doctor);
	check_slurm(&doctor);
	doctor_check_plugin(&doctor);
	doctor_check_lua(&doctor);
	check_snapshot(&doctor);
	check_submission(&doctor);
	status = doctor.failed ? CLI_SYSTEM : CLI_DONE;
	free(doctor.launchers);
	free(doctor.slurm_path);
	free(doctor.config);
	free(doctor.plugin);
	return cli_flush() ? CLI_SYSTEM : status;
}

const struct xpm_command xpm_command_doctor = {
	.name = "doctor",
	.brief = "is everything in place on this host?",
	.run = run,
	.help = "Usage: xpm doctor [-f FILE]\n"
		"\n"
		"Look at everything that a job with a spec needs: launchers.yaml, Slurm, the SPANK\n"
		"plugin, the Lua module and job_submit.lua, the snapshot, and a dry submission\n"
		"(sbatch --test-only). One line each, ok, warn or FAIL, with the cure below it.\n"
		"job_submit.lua is loaded once, with the interpreter of slurmctld's Lua version, to see\n"
		"whether it loads.\n"
		"\n"
		"  -f, --file FILE        launchers.yaml to look at\n"
		"\n"
		"Exit status: 0 nothing failed, 2 usage error, 4 something failed.\n",
};
