/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of find and explain that stand for one of sbatch, in the forms that sbatch takes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "query.h"

static int is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* sbatch's own MM and MM:SS, which a spec does not have, and everything that a spec or launchers.yaml has. */
static int read_time(struct cli_query *query, const char *text)
{
	struct xpm_error err = { 0 };
	const char *colon = strchr(text, ':');
	char *form = NULL;
	uint64_t seconds;
	enum xpm_code code;

	if (is_number(text))
		form = cli_format("%s min", text);
	else if (colon && !strchr(colon + 1, ':') && !strchr(text, '-'))
		form = cli_format("0:%s", text);
	else
		form = strdup(text);
	if (!form)
		return CLI_SYSTEM;
	code = xpm_duration_parse(form, strlen(form), 1, &seconds, &err);
	free(form);
	if (code != XPM_OK)
		return cli_usage(query->command, "--time=%s: %s", text, err.text);
	if (seconds == 0)
		return cli_usage(query->command, "--time=%s: a job needs more than no time", text);
	query->typed.time = seconds;
	query->has_typed = 1;
	return CLI_DONE;
}

/* --nodes and the like. The matcher thinks of one number, so a range is no number here. */
static int read_number(struct cli_query *query, const char *option, const char *text, uint32_t *to)
{
	unsigned long value = is_number(text) && strlen(text) < 10 ? strtoul(text, NULL, 10) : 0;

	if (!value)
		return cli_usage(query->command, "%s=%s: expected a number above 0", option, text);
	*to = (uint32_t)value;
	return CLI_DONE;
}

/* MiB unless K, M, G or T follows: Slurm counts by 1024. */
static int read_mem(struct cli_query *query, const char *option, const char *text, uint64_t *to)
{
	size_t digits = strspn(text, "0123456789"), unit;
	const char *units = "KMGT", *found = "M";
	uint64_t value = digits && digits < 10 ? strtoull(text, NULL, 10) : 0;

	if (text[digits])
		found = strchr("KMGTkmgt", text[digits]);
	if (!value || !found || (text[digits] && text[digits + 1]))
		return cli_usage(query->command, "%s=%s: expected a number above 0, with K, M (if none), G or T", option, text);
	unit = (size_t)(strchr(units, *found & ~0x20) - units);
	*to = value << (10 * (unit + 1));
	return CLI_DONE;
}

static int read_numbers(struct cli_query *query, int option, const char *value)
{
	struct xpm_slurm_options *typed = &query->typed;

	switch (option) {
	case 'N':
		return read_number(query, "--nodes", value, &typed->nodes);
	case 'c':
		return read_number(query, "--cpus-per-task", value, &typed->cpus_per_task);
	case 'G':
		return read_number(query, "--gpus", value, &typed->gpus);
	case CLI_TYPED_GPUS_PER_NODE:
		return read_number(query, "--gpus-per-node", value, &typed->gpus_per_node);
	case CLI_TYPED_MEM:
		return read_mem(query, "--mem", value, &typed->mem);
	default:
		return read_mem(query, "--mem-per-cpu", value, &typed->mem_per_cpu);
	}
}

/* An empty one is a slip, most often of an unset variable. */
int cli_typed_read(struct cli_query *query, int option, const char *value)
{
	struct xpm_slurm_options *typed = &query->typed;

	if (!*value)
		return cli_usage(query->command, "an option for sbatch has an empty value");
	query->has_typed = 1;
	switch (option) {
	case 'p':
		typed->partition = value;
		break;
	case 'q':
		typed->qos = value;
		break;
	case 'A':
		typed->account = value;
		break;
	case 'C':
		typed->constraint = value;
		break;
	case 'x':
		typed->exclude = value;
		break;
	case 'w':
		typed->nodelist = value;
		break;
	case 't':
		return read_time(query, value);
	case CLI_TYPED_GRES:
		typed->gres = value;
		break;
	default:
		return read_numbers(query, option, value);
	}
	return CLI_DONE;
}
