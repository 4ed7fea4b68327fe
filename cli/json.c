/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/hostlist.h>

#include "common.h"
#include "json.h"

/* A decision is told whole or not at all: without memory for a part of it the command ends. */
static void *alloc_or_end(size_t size)
{
	void *piece = malloc(size ? size : 1);

	if (piece)
		return piece;
	cli_complain("out of memory");
	exit(CLI_SYSTEM);
}

void cli_json_begin(void)
{
	json_set_alloc_funcs(alloc_or_end, free);
}

json_t *cli_json_text(const char *text)
{
	json_t *value;
	char *clean;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	clean = strdup(text);
	if (!clean)
		return json_null();
	for (char *c = clean; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = json_string(clean);
	free(clean);
	return value;
}

static json_t *number_or_null(uint64_t value)
{
	return value ? json_integer((json_int_t)value) : json_null();
}

static json_t *strings(const char *const *items, size_t len)
{
	json_t *array = json_array();

	for (size_t i = 0; i < len; i++)
		json_array_append_new(array, cli_json_text(items[i]));
	return array;
}

static int append_host(const char *host, void *array)
{
	return json_array_append_new(array, cli_json_text(host));
}

/* A hostlist expression as an array of names; null when there is none. */
static json_t *host_names(const char *expression)
{
	json_t *array;

	if (!expression)
		return json_null();
	array = json_array();
	xpm_hostlist_each(expression, append_host, array, XPM_HOSTS_MAX, NULL);
	return array;
}

static const char *kind_name(enum xpm_kinds kind)
{
	return kind == XPM_KIND_LOCAL ? "local" : "slurm";
}

static json_t *launcher_json(const struct xpm_launcher_info *launcher)
{
	json_t *object = json_object();

	json_object_set_new(object, "kind", cli_json_text(kind_name(launcher->kind)));
	json_object_set_new(object, "id", cli_json_text(launcher->id));
	json_object_set_new(object, "weight", json_integer(launcher->weight));
	return object;
}

static json_t *plan_json(const struct xpm_plan *plan)
{
	json_t *object = json_object(), *partitions = json_null();

	if (plan->partitions_len > 0)
		partitions = strings(plan->partitions, plan->partitions_len);
	json_object_set_new(object, "partition", partitions);
	json_object_set_new(object, "qos", cli_json_text(plan->qos));
	json_object_set_new(object, "account", cli_json_text(plan->account));
	json_object_set_new(object, "gres", cli_json_text(plan->gres));
	json_object_set_new(object, "constraint", cli_json_text(plan->constraint));
	json_object_set_new(object, "exclude", host_names(plan->exclude));
	json_object_set_new(object, "cpus_per_task", number_or_null(plan->cpus_per_task));
	json_object_set_new(object, "mem_mib", number_or_null(plan->mem_mib));
	json_object_set_new(object, "time_s", number_or_null(plan->time));
	return object;
}

/* What a local job takes of the machine's tokens; a Slurm job takes none. */
static json_t *tokens_json(const struct xpm_launcher_info *launcher)
{
	json_t *object = json_object();

	for (size_t i = 0; i < launcher->tokens_len; i++)
		json_object_set_new(object, launcher->tokens[i].name, json_integer(launcher->tokens[i].count));
	return object;
}

static json_t *reasons_json(const struct xpm_match *match, size_t alternative, size_t row)
{
	uint32_t failed = xpm_match_failed(match, alternative, row);
	json_t *array = json_array();
	struct xpm_reason reason;

	for (int clause = 0; clause < XPM_CLAUSES; clause++) {
		json_t *object;

		if (!(failed & (UINT32_C(1) << clause)))
			continue;
		xpm_match_reason(match, alternative, row, (enum xpm_clause)clause, &reason);
		object = json_object();
		json_object_set_new(object, "clause", cli_json_text(xpm_clause_name((enum xpm_clause)clause)));
		json_object_set_new(object, "need", cli_json_text(reason.need));
		json_object_set_new(object, "have", cli_json_text(reason.have));
		json_array_append_new(array, object);
	}
	return array;
}

static const char *verdict_name(enum xpm_verdict verdict)
{
	switch (verdict) {
	case XPM_VERDICT_CHOSEN:
		return "chosen";
	case XPM_VERDICT_JOINED:
		return "joined";
	case XPM_VERDICT_KEPT_OUT: /* the reason "union" tells it from the others */
	case XPM_VERDICT_REJECTED:
		break;
	}
	return "rejected";
}

static json_t *candidate_json(const struct xpm_match *match, const struct xpm_candidate *candidate,
			      const struct xpm_launcher_info *launcher, size_t alternative, size_t row)
{
	enum xpm_verdict verdict = xpm_match_verdict(match, alternative, row);
	json_t *object = json_object();

	json_object_set_new(object, "alternative", json_integer((json_int_t)alternative + 1));
	json_object_set_new(object, "launcher", cli_json_text(launcher->id));
	json_object_set_new(object, "partition", cli_json_text(candidate->partition));
	json_object_set_new(object, "qos", cli_json_text(candidate->qos));
	json_object_set_new(object, "account", cli_json_text(candidate->account));
	json_object_set_new(object, "hosts", cli_json_text(candidate->hosts));
	json_object_set_new(object, "features", strings(candidate->features, candidate->features_len));
	json_object_set_new(object, "verdict", cli_json_text(verdict_name(verdict)));
	json_object_set_new(object, "reasons", reasons_json(match, alternative, row));
	return object;
}

/* Every row that was looked at, alternative by alternative, launchers in the order of the choice. */
static json_t *candidates_json(const struct xpm_match *match, const struct xpm_candidates *candidates)
{
	json_t *array = json_array();

	for (size_t a = 0; a < xpm_match_alternatives(match); a++) {
		for (size_t l = 0; l < xpm_match_launchers(match, a); l++) {
			const struct xpm_launcher_info *launcher = xpm_candidates_launcher(candidates, l);

			if (xpm_match_skipped(match, l))
				continue;
			for (size_t r = launcher->first; r < launcher->first + launcher->count; r++)
				json_array_append_new(
					array, candidate_json(match, xpm_candidates_get(candidates, r),
							      launcher, a, r));
		}
	}
	return array;
}

json_t *cli_decision_json(const struct xpm_match *match, const struct xpm_candidates *candidates,
			  const struct xpm_request *request, const struct xpm_error *why)
{
	const struct xpm_plan *plan = xpm_match_plan(match);
	json_t *object = json_object();

	json_object_set_new(object, "spec", cli_json_text(xpm_requirement_source(request->requirement)));
	json_object_set_new(object, "matched", json_boolean(plan != NULL));
	json_object_set_new(object, "message", cli_json_text(plan ? NULL : why->text));
	json_object_set_new(object, "alternative",
			    plan ? json_integer((json_int_t)plan->alternative + 1) : json_null());
	json_object_set_new(object, "launcher", plan ? launcher_json(plan->launcher) : json_null());
	json_object_set_new(object, "plan", plan ? plan_json(plan) : json_null());
	json_object_set_new(object, "tokens", plan ? tokens_json(plan->launcher) : json_null());
	json_object_set_new(object, "candidates", candidates_json(match, candidates));
	return object;
}

int cli_json_print(json_t *object, int indent)
{
	size_t flags = indent ? JSON_INDENT(2) : JSON_COMPACT;
	int rc;

	rc = json_dumpf(object, stdout, flags);
	if (rc == 0)
		putchar('\n');
	return cli_flush();
}
