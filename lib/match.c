/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "match_private.h"

#include <stdlib.h>
#include <string.h>

#include "error_private.h"

/* Plan texts and live reasons of one run: a bound that no real file comes near. */
#define RUN_MEMORY_MAX (64u << 20)

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct xpm_match *xpm_match_create(const struct xpm_candidates *candidates, struct xpm_error *err)
{
	size_t rows = 1, partitions = 1, atoms = 1, hosts = 1;
	struct xpm_match *match = calloc(1, sizeof(*match));

	for (size_t i = 0; i < candidates->launchers_len; i++) {
		const struct xpm_table_launcher *launcher = &candidates->launchers[i];

		rows = larger(rows, launcher->info.count);
		partitions = larger(partitions, launcher->partitions_len);
		atoms = larger(atoms, launcher->atoms_len);
		hosts = larger(hosts, launcher->hosts_len);
	}
	if (match) {
		match->table = candidates;
		match->arena.limit = RUN_MEMORY_MAX;
		match->cells_room = 1;
		match->cells = calloc(candidates->rows_len + 1, sizeof(*match->cells));
		match->skipped = calloc(candidates->launchers_len + 1, sizeof(*match->skipped));
		match->members = calloc(rows, sizeof(*match->members));
		match->failing = calloc(rows, sizeof(*match->failing));
		match->leaks = calloc(rows, sizeof(*match->leaks));
		match->row_flags = calloc(rows, sizeof(*match->row_flags));
		match->partition_flags = calloc(partitions, sizeof(*match->partition_flags));
		match->atom_used = calloc(atoms, sizeof(*match->atom_used));
		match->atom_left = calloc(atoms, sizeof(*match->atom_left));
		match->atom_wanted = calloc(atoms, sizeof(*match->atom_wanted));
		match->atom_flags = calloc(atoms, sizeof(*match->atom_flags));
		match->host_flags = calloc(hosts, sizeof(*match->host_flags));
	}
	if (match && match->cells && match->skipped && match->members && match->failing && match->leaks && match->row_flags &&
	    match->partition_flags && match->atom_used && match->atom_left && match->atom_wanted && match->atom_flags && match->host_flags)
		return match;
	xpm_match_destroy(match);
	xpm_fail_memory(err);
	return NULL;
}

void xpm_match_destroy(struct xpm_match *match)
{
	if (!match)
		return;
	free(match->cells);
	free(match->skipped);
	free(match->members);
	free(match->failing);
	free(match->leaks);
	free(match->row_flags);
	free(match->partition_flags);
	free(match->atom_used);
	free(match->atom_left);
	free(match->atom_wanted);
	free(match->atom_flags);
	free(match->host_flags);
	xpm_arena_free(&match->arena);
	free(match);
}

/* --- one launcher --- */

static const char *ask_live(struct xpm_match *match, const struct xpm_candidate *candidate, uint64_t duration, int access)
{
	const struct xpm_live *live = match->request.live;
	char reason[XPM_REASON_MAX] = "";
	const char *kept;
	int against = access ? live->access(live->context, candidate, reason, sizeof(reason))
			     : live->partition(live->context, candidate, duration, reason, sizeof(reason));

	if (!against)
		return NULL;
	kept = xpm_arena_strdup(&match->arena, reason);
	return kept ? kept : "is not available";
}

/* The live cluster's word on one row that satisfies; the partition is asked once. */
static void apply_live(struct xpm_choice *choice, uint32_t row, const char **partitions, uint8_t *asked)
{
	const struct xpm_live *live = choice->match->request.live;
	const struct xpm_row *r = &choice->match->table->rows[row];
	uint32_t p = r->klass->partition;
	const char *against = NULL;

	if (!live)
		return;
	/* a local launcher has no partition, but the machine may have less than its file says */
	if (live->partition && choice->launcher->info.kind == XPM_KIND_SLURM) {
		if (!asked[p])
			partitions[p] = ask_live(choice->match, &r->candidate, choice->predicate.duration, 0);
		asked[p] = 1;
		against = partitions[p];
	}
	if (!against && live->access)
		against = ask_live(choice->match, &r->candidate, choice->predicate.duration, 1);
	if (against) {
		choice->cells[row].failed |= XPM_BIT(XPM_CLAUSE_LIVE);
		choice->cells[row].live = against;
	}
}

/* Every clause of every row of the launcher; flags for the choice. */
static enum xpm_code evaluate(struct xpm_choice *choice, struct xpm_error *err)
{
	struct xpm_match *match = choice->match;
	const struct xpm_table_launcher *launcher = choice->launcher;
	const char **reasons = NULL;
	uint8_t *asked = NULL;

	if (match->request.live) {
		reasons = xpm_arena_array(&match->arena, launcher->partitions_len + 1, sizeof(*reasons));
		asked = xpm_arena_alloc(&match->arena, launcher->partitions_len + 1);
		if (!reasons || !asked)
			return xpm_fail_memory(err);
	}
	for (size_t i = 0; i < launcher->info.count; i++) {
		uint32_t row = (uint32_t)(launcher->info.first + i);
		const struct xpm_row *r = &match->table->rows[row];
		struct xpm_cell *cell = &choice->cells[row];

		match->row_flags[i] = 0;
		*cell = (struct xpm_cell){ .leak = XPM_LEAK_NONE };
		cell->failed = xpm_predicate_failed(&choice->predicate, &r->candidate);
		if (launcher->info.kind == XPM_KIND_SLURM && match->request.typed) {
			cell->failed |= xpm_typed_failed(&match->typed, launcher, r, choice->predicate.alternative);
			if (xpm_typed_hosts_failed(match, r->klass))
				cell->failed |= XPM_BIT(XPM_CLAUSE_HOSTS);
			if (cell->failed & XPM_BIT(XPM_CLAUSE_CONSTRAINT))
				match->row_flags[i] |= XPM_ROW_UNREACHABLE;
		}
		if (!cell->failed)
			apply_live(choice, row, reasons, asked);
		if (!cell->failed)
			match->row_flags[i] |= XPM_ROW_ELIGIBLE;
	}
	xpm_typed_hosts_cover(choice);
	return XPM_OK;
}

/* A local launcher is one candidate: it satisfies or not. */
static int choose_local(struct xpm_choice *choice)
{
	uint32_t row = (uint32_t)choice->launcher->info.first;

	choice->members = choice->match->members;
	choice->members[0] = row;
	choice->members_len = 1;
	if (choice->cells[row].failed)
		return 0;
	choice->cells[row].verdict = XPM_VERDICT_CHOSEN;
	return 1;
}

/* XPM_ERR_NO_MATCH leaves err alone: another launcher may do. */
static enum xpm_code try_launcher(struct xpm_match *match, size_t alternative, size_t index, struct xpm_error *err)
{
	const struct xpm_requirement *requirement = match->request.requirement;
	const struct xpm_table_launcher *launcher = &match->table->launchers[index];
	struct xpm_choice choice = { .match = match, .launcher = launcher };
	enum xpm_code code;
	size_t len;

	choice.cells = match->cells + alternative * match->table->rows_len;
	choice.predicate.alternative = &xpm_requirement_alternatives(requirement, &len)[alternative];
	choice.predicate.use_memory_constraint = launcher->info.kind == XPM_KIND_LOCAL || launcher->use_memory_constraint;
	choice.predicate.duration = choice.predicate.alternative->duration;
	if (!choice.predicate.duration)
		choice.predicate.duration = match->typed.options.time;

	code = xpm_typed_hosts_mark(match, launcher, err);
	if (code) {
		match->alternatives = alternative; /* nothing of this one was looked at */
		return code;
	}
	code = evaluate(&choice, err);
	if (code)
		return code;
	if (!(launcher->info.kind == XPM_KIND_LOCAL ? choose_local(&choice) : xpm_choose(&choice)))
		return XPM_ERR_NO_MATCH;
	code = xpm_plan_make(&choice, alternative, &match->plan, err);
	if (code == XPM_OK && launcher->info.kind == XPM_KIND_SLURM && match->request.typed)
		code = xpm_typed_check(&match->typed, &match->plan, &match->arena, err);
	match->has_plan = code == XPM_OK;
	return code;
}

/* --- all launchers, all alternatives --- */

static int is_meant(const struct xpm_launcher_info *launcher, const struct xpm_request *request)
{
	return !request->launcher || strcmp(launcher->id, request->launcher) == 0;
}

static int carries_tag(const struct xpm_launcher_info *launcher, const struct xpm_request *request)
{
	if (request->tags_len == 0)
		return 1;
	for (size_t i = 0; i < launcher->tags_len; i++) {
		for (size_t t = 0; t < request->tags_len; t++) {
			if (strcmp(launcher->tags[i], request->tags[t]) == 0)
				return 1;
		}
	}
	return 0;
}

static enum xpm_code make_room(struct xpm_match *match, size_t alternatives, struct xpm_error *err)
{
	struct xpm_cell *cells;

	if (alternatives <= match->cells_room)
		return XPM_OK;
	cells = realloc(match->cells, (match->table->rows_len * alternatives + 1) * sizeof(*cells));
	if (!cells)
		return xpm_fail_memory(err);
	match->cells = cells;
	match->cells_room = alternatives;
	return XPM_OK;
}

static enum xpm_code try_alternative(struct xpm_match *match, size_t alternative, struct xpm_error *err)
{
	enum xpm_code code = make_room(match, alternative + 1, err);

	if (code)
		return code;
	memset(match->cells + alternative * match->table->rows_len, 0, match->table->rows_len * sizeof(*match->cells));
	match->alternatives = alternative + 1;
	match->launchers[alternative] = 0;
	code = XPM_ERR_NO_MATCH;
	for (size_t i = 0; i < match->table->launchers_len && code == XPM_ERR_NO_MATCH; i++) {
		match->launchers[alternative] = i + 1;
		if (!match->skipped[i])
			code = try_launcher(match, alternative, i, err);
	}
	return code;
}

enum xpm_code xpm_match_run(struct xpm_match *match, const struct xpm_request *request, struct xpm_error *err)
{
	enum xpm_code code;
	size_t alternatives;

	match->request = *request;
	match->has_plan = 0;
	match->alternatives = 0;
	xpm_arena_reset(&match->arena);
	code = xpm_typed_read(&match->typed, request->typed, &match->arena, err);
	if (code)
		return code;
	for (size_t i = 0; i < match->table->launchers_len; i++) {
		const struct xpm_launcher_info *launcher = &match->table->launchers[i].info;

		match->skipped[i] = !(launcher->kind & request->kinds) || !is_meant(launcher, request) ||
				    !carries_tag(launcher, request);
	}
	xpm_requirement_alternatives(request->requirement, &alternatives);
	code = XPM_ERR_NO_MATCH;
	for (size_t i = 0; i < alternatives && code == XPM_ERR_NO_MATCH; i++)
		code = try_alternative(match, i, err);
	return code == XPM_ERR_NO_MATCH ? xpm_match_explain_failure(match, err) : code;
}

const struct xpm_plan *xpm_match_plan(const struct xpm_match *match)
{
	return match->has_plan ? &match->plan : NULL;
}

size_t xpm_match_alternatives(const struct xpm_match *match)
{
	return match->alternatives;
}

size_t xpm_match_launchers(const struct xpm_match *match, size_t alternative)
{
	return alternative < match->alternatives ? match->launchers[alternative] : 0;
}

int xpm_match_skipped(const struct xpm_match *match, size_t launcher)
{
	return launcher >= match->table->launchers_len || match->skipped[launcher];
}

enum xpm_verdict xpm_match_verdict(const struct xpm_match *match, size_t alternative, size_t row)
{
	return (enum xpm_verdict)match->cells[alternative * match->table->rows_len + row].verdict;
}

uint32_t xpm_match_failed(const struct xpm_match *match, size_t alternative, size_t row)
{
	return match->cells[alternative * match->table->rows_len + row].failed;
}
