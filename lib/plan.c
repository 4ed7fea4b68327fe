/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "formula.h"
#include "match_private.h"

#define MIB (UINT64_C(1) << 20)

static const struct xpm_candidate *candidate_at(const struct xpm_choice *choice, size_t i)
{
	return &choice->match->table->rows[choice->members[i]].candidate;
}

/* Partitions in the order of the members: best first. */
static enum xpm_code list_partitions(struct xpm_choice *choice, struct xpm_plan *plan, struct xpm_error *err)
{
	struct xpm_arena *arena = &choice->match->arena;
	const char **list = xpm_arena_array(arena, choice->members_len + 1, sizeof(*list));
	uint8_t *seen = xpm_arena_alloc(arena, choice->launcher->partitions_len + 1);
	size_t size = 1;
	char *text, *at;

	if (!list || !seen)
		return xpm_fail_memory(err);
	for (size_t i = 0; i < choice->members_len; i++) {
		const struct xpm_class *klass = choice->match->table->rows[choice->members[i]].klass;

		if (seen[klass->partition])
			continue;
		seen[klass->partition] = 1;
		list[plan->partitions_len] = choice->launcher->partitions[klass->partition];
		size += strlen(list[plan->partitions_len++]) + 1;
	}
	at = text = xpm_arena_alloc(arena, size);
	if (!text)
		return xpm_fail_memory(err);
	for (size_t i = 0; i < plan->partitions_len; i++)
		at += sprintf(at, "%s%s", i ? "," : "", list[i]);
	plan->partitions = list;
	plan->partition = text;
	return XPM_OK;
}

/* The user's hosts first, then every atom that a leak had to be closed with. */
static enum xpm_code list_excluded(struct xpm_choice *choice, struct xpm_plan *plan, struct xpm_error *err)
{
	const struct xpm_match *match = choice->match;
	const char *typed = match->typed.options.exclude;
	size_t size = typed ? strlen(typed) + 2 : 1;
	char *text, *at;

	for (size_t i = 0; i < choice->launcher->atoms_len; i++)
		size += match->atom_flags[i] & XPM_ATOM_EXCLUDED ? strlen(choice->launcher->atoms[i].hosts) + 1 : 0;
	at = text = xpm_arena_alloc(&choice->match->arena, size);
	if (!text)
		return xpm_fail_memory(err);
	if (typed)
		at += sprintf(at, "%s", typed);
	for (size_t i = 0; i < choice->launcher->atoms_len; i++) {
		if ((match->atom_flags[i] & XPM_ATOM_EXCLUDED) && match->atom_left[i])
			at += sprintf(at, "%s%s", at > text ? "," : "", choice->launcher->atoms[i].hosts);
	}
	plan->exclude = at > text ? text : NULL;
	return XPM_OK;
}

static enum xpm_code name_gres(struct xpm_choice *choice, struct xpm_plan *plan, struct xpm_error *err)
{
	plan->gpus = choice->predicate.alternative->accel_count;
	if (plan->gpus == 0)
		return XPM_OK;
	plan->gres = choice->type ? xpm_arena_printf(&choice->match->arena, "gpu:%s:%u", choice->type, plan->gpus)
				  : xpm_arena_printf(&choice->match->arena, "gpu:%u", plan->gpus);
	return plan->gres ? XPM_OK : xpm_fail_memory(err);
}

enum xpm_code xpm_plan_make(struct xpm_choice *choice, size_t alternative, struct xpm_plan *plan, struct xpm_error *err)
{
	const struct xpm_alternative *asked = choice->predicate.alternative;
	const struct xpm_candidate *best = candidate_at(choice, 0);
	enum xpm_code code = XPM_OK;

	memset(plan, 0, sizeof(*plan));
	plan->launcher = &choice->launcher->info;
	plan->alternative = alternative;
	plan->candidate = choice->members[0];
	plan->cpus_per_task = xpm_predicate_cores(&choice->predicate, best->mem_per_cpu);
	if (choice->launcher->use_memory_constraint)
		plan->mem_mib = asked->mem / MIB + (asked->mem % MIB != 0);
	plan->mem = asked->mem;
	plan->time = (asked->duration + 59) / 60 * 60;
	code = name_gres(choice, plan, err);
	if (code || choice->launcher->info.kind == XPM_KIND_LOCAL)
		return code;

	plan->qos = best->qos;
	plan->account = best->account;
	code = list_partitions(choice, plan, err);
	if (code == XPM_OK)
		code = list_excluded(choice, plan, err);
	if (code == XPM_OK)
		code = xpm_formula_make(choice, &plan->constraint, err);
	return code;
}

void xpm_plan_options(const struct xpm_plan *plan, struct xpm_slurm_options *options)
{
	xpm_plan_submission(plan, NULL, options);
}

void xpm_plan_submission(const struct xpm_plan *plan, const struct xpm_slurm_options *typed,
			 struct xpm_slurm_options *options)
{
	struct xpm_slurm_options beneath = { 0 };

	*options = (struct xpm_slurm_options){
		.cpus_per_task = plan->cpus_per_task,
		.time = plan->time,
		.mem = plan->mem_mib * MIB,
		.partition = plan->partition,
		.qos = plan->qos,
		.account = plan->account,
		.constraint = plan->constraint,
		.exclude = plan->exclude,
		.gres = plan->gres,
	};
	/* The plan has merged, or found equal, what was typed. */
	if (typed)
		xpm_slurm_options_fill(options, typed);
	if (plan->launcher->options)
		beneath = *plan->launcher->options;
	if (plan->mem || options->mem || options->mem_per_cpu)
		beneath.mem = beneath.mem_per_cpu = 0;
	if (options->gres || options->gpus || options->gpus_per_node)
		beneath.gpus = beneath.gpus_per_node = 0;
	if (options->gpus || options->gpus_per_node)
		beneath.gres = NULL;
	xpm_slurm_options_fill(options, &beneath);
}
