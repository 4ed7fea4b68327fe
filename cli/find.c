/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"
#include "json.h"
#include "query.h"
#include "sbatch.h"

static void print_text(const char *label, const char *value)
{
	if (value)
		printf("  %-14s %s\n", label, value);
}

static void print_number(const char *label, uint64_t value, const char *unit)
{
	if (value)
		printf("  %-14s %llu%s\n", label, (unsigned long long)value, unit);
}

/* "slurm launcher manual, for alternative 2: cuda(mem=24G)*2" and the fields that are set. */
static void print_plan(const struct cli_decision *decision, const struct xpm_plan *plan)
{
	const struct xpm_launcher_info *launcher = plan->launcher;
	const struct xpm_alternative *alternatives;
	char text[XPM_SPEC_MAX + 1], time[XPM_SIZE_TEXT];
	size_t len;

	alternatives = xpm_requirement_alternatives(decision->requirement, &len);
	printf("%s launcher %s", launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm", launcher->id);
	if (len > 1) {
		xpm_alternative_print(&alternatives[plan->alternative], text, sizeof(text));
		printf(", for alternative %zu: %s", plan->alternative + 1, text);
	}
	putchar('\n');
	print_text("partition", plan->partition);
	print_text("qos", plan->qos);
	print_text("account", plan->account);
	if (launcher->kind == XPM_KIND_LOCAL)
		print_number("gpus", plan->gpus, "");
	else
		print_text("gres", plan->gres);
	print_text("constraint", plan->constraint);
	print_text("exclude", plan->exclude);
	print_number("cpus per task", plan->cpus_per_task, "");
	print_number("memory", plan->mem_mib, " MiB");
	print_text("time", plan->time ? xpm_duration_print(plan->time, time) : NULL);
	for (size_t i = 0; i < launcher->tokens_len; i++)
		printf("  %-14s %s: %u\n", "token", launcher->tokens[i].name, launcher->tokens[i].count);
}

static void complain_line(void *context, const char *line, size_t len)
{
	(void)context;
	fputs("xpm: ", stderr);
	fwrite(line, 1, len, stderr);
	fputc('\n', stderr);
}

/* The same few lines that sbatch shows when a job is refused. */
static void print_refusal(const struct cli_decision *decision, const struct cli_query *query)
{
	struct xpm_explain explain = { decision->match, decision->candidates, &decision->request,
				       &decision->why };
	struct xpm_relaxed relaxed = { .len = 0 };

	if (decision->why.code == XPM_ERR_NO_MATCH)
		xpm_relax(&explain, 0, 1, &relaxed, NULL);
	xpm_explain_short(&explain, &relaxed, query->given, complain_line, NULL);
}

static int print_decision(const struct cli_decision *decision, const struct cli_query *query, int status)
{
	const struct xpm_plan *plan = xpm_match_plan(decision->match);
	json_t *object;
	int rc;

	if (query->format == CLI_JSON) {
		object = cli_decision_json(decision->match, decision->candidates, &decision->request,
					   &decision->why);
		rc = cli_json_print(object, isatty(STDOUT_FILENO));
		json_decref(object);
		return rc ? rc : status;
	}
	if (!plan) {
		print_refusal(decision, query);
		return status;
	}
	if (query->format == CLI_SBATCH)
		return cli_sbatch_print(plan, &query->typed);
	print_plan(decision, plan);
	rc = cli_flush();
	return rc ? rc : status;
}

/*
 * `sbatch $(xpm find ...) job.sh` does not see the exit status of xpm: with nothing printed the job would go
 * anywhere at all. So what goes into a pipe then is a word that sbatch refuses.
 */
static void spoil_sbatch(void)
{
	if (isatty(STDOUT_FILENO))
		return;
	puts("--xpm-find-failed");
	cli_flush();
}

static int run(int argc, char **argv)
{
	struct cli_decision decision = { 0 };
	struct cli_query query;
	int status;

	status = cli_query_read(&query, argc, argv);
	if (status == CLI_DONE) {
		status = cli_decision_make(&decision, &query);
		if (status == CLI_DONE || status == CLI_NO_MATCH)
			status = print_decision(&decision, &query, status);
	}
	if (status != CLI_DONE && query.for_sbatch)
		spoil_sbatch();
	cli_decision_release(&decision);
	cli_query_release(&query);
	return status;
}

const struct xpm_command xpm_command_find = {
	.name = "find",
	.brief = "decide where a job goes",
	.run = run,
	.help = "Usage: xpm find [OPTIONS] SPEC\n"
		"\n"
		"Decide where a job with this spec goes.\n"
		"\n" CLI_QUERY_HELP "\n"
		"      --format FORMAT    text (default), json, or sbatch: options for sbatch, as in\n"
		"                         sbatch $(xpm find --format sbatch SPEC) job.sh\n"
		"                         which needs no plugin. On failure it writes a word that\n"
		"                         sbatch refuses, so that no job goes out without a place.\n"
		"\n"
		"Exit status: 0 found, 1 no launcher satisfies, 2 usage or spec error,\n"
		"3 launchers.yaml error, 4 system error.\n",
};
