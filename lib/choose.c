/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sound union: the best row, and every other that can join without letting in a node that does not satisfy.
 *
 * Members bring partitions and the clauses of a formula, and these multiply: a row of any listed partition whose features
 * contain those of any member is admitted. If it does not satisfy it leaks, and all its hosts must be excluded; if they
 * are not known, or a member needs them, the newcomer stays out. The formula thought of here is the strongest there is (all
 * features of each member); formula.c makes it plain afterwards.
 */
#include <string.h>

#include "host_atoms.h"
#include "match_private.h"

/* Beyond this many comparisons no more rows join: about 20 ms. Files of real sites stay a thousand times below. */
#define WORK_MAX 4000000

static const struct xpm_row *row_at(const struct xpm_choice *choice, uint32_t row)
{
	return &choice->match->table->rows[row];
}

static uint8_t *flags_of(const struct xpm_choice *choice, uint32_t row)
{
	return &choice->match->row_flags[row - choice->launcher->info.first];
}

static const struct xpm_lane *lane_of(const struct xpm_choice *choice, uint32_t row)
{
	return &choice->launcher->lanes[row_at(choice, row)->lane];
}

static int same_features_admit(const struct xpm_choice *choice, const struct xpm_row *member, const struct xpm_row *other)
{
	return !choice->launcher->use_features || xpm_feature_set_within(&member->klass->features, &other->klass->features);
}

/* Accelerators that Slurm could count for the request's GRES; without a type given they may be of any. */
static uint32_t countable(const struct xpm_candidate *candidate, const char *type)
{
	uint32_t count = 0;

	for (size_t i = 0; i < candidate->accels_len; i++) {
		const struct xpm_accel_group *group = &candidate->accels[i];

		if (!type || !group->gres_type || group->gres_type == type)
			count += group->count;
	}
	return count;
}

static int hosts_left(const struct xpm_choice *choice, const struct xpm_class *klass)
{
	if (!klass->hosts_known)
		return 1;
	for (size_t i = 0; i < klass->atoms_len; i++) {
		if (choice->match->atom_left[klass->atoms[i]] &&
		    !(choice->match->atom_flags[klass->atoms[i]] & XPM_ATOM_EXCLUDED))
			return 1;
	}
	return 0;
}

int xpm_choice_reaches(const struct xpm_choice *choice, uint32_t row)
{
	const struct xpm_row *r = row_at(choice, row);

	return choice->match->partition_flags[r->klass->partition] &&
	       countable(&r->candidate, choice->type) >= choice->predicate.alternative->accel_count &&
	       hosts_left(choice, r->klass) && !(*flags_of(choice, row) & XPM_ROW_UNREACHABLE);
}

/* Would row be admitted once the newcomer is a member? It is known to fail, and not to be excluded yet. */
static int would_leak(struct xpm_choice *choice, const struct xpm_row *newcomer, uint32_t row)
{
	struct xpm_match *match = choice->match;
	const struct xpm_row *r = row_at(choice, row);
	int listed = match->partition_flags[r->klass->partition];

	choice->work++;
	if (!listed && r->klass->partition != newcomer->klass->partition)
		return 0;
	if (choice->type && countable(&r->candidate, choice->type) < choice->predicate.alternative->accel_count)
		return 0;
	if (!hosts_left(choice, r->klass))
		return 0;
	if (same_features_admit(choice, newcomer, r))
		return 1;
	for (size_t i = 0; !listed && i < choice->members_len; i++, choice->work++) {
		if (same_features_admit(choice, row_at(choice, choice->members[i]), r))
			return 1;
	}
	return 0;
}

/* Hosts aside that the user excluded: nobody has those. */
static int shares_hosts(const struct xpm_choice *choice, const struct xpm_class *a, const struct xpm_class *b)
{
	size_t i = 0, j = 0;

	while (i < a->atoms_len && j < b->atoms_len) {
		if (a->atoms[i] == b->atoms[j] && choice->match->atom_left[a->atoms[i]])
			return 1;
		if (a->atoms[i] < b->atoms[j])
			i++;
		else
			j++;
	}
	return 0;
}

/* Can all hosts of this row be excluded without taking one from a member or the newcomer? */
static int can_close(const struct xpm_choice *choice, const struct xpm_row *newcomer, const struct xpm_row *leak)
{
	if (!choice->launcher->use_hosts || !leak->klass->hosts_known || shares_hosts(choice, leak->klass, newcomer->klass))
		return 0;
	for (size_t i = 0; i < leak->klass->atoms_len; i++) {
		if (choice->match->atom_used[leak->klass->atoms[i]] && choice->match->atom_left[leak->klass->atoms[i]])
			return 0;
	}
	return 1;
}

static void close_leak(struct xpm_choice *choice, uint32_t row)
{
	const struct xpm_class *klass = row_at(choice, row)->klass;

	*flags_of(choice, row) |= XPM_ROW_CLOSED;
	for (size_t i = 0; i < klass->atoms_len; i++)
		choice->match->atom_flags[klass->atoms[i]] |= XPM_ATOM_EXCLUDED;
}

static void enter(struct xpm_choice *choice, uint32_t row)
{
	const struct xpm_class *klass = row_at(choice, row)->klass;

	*flags_of(choice, row) |= XPM_ROW_MEMBER;
	choice->members[choice->members_len++] = row;
	choice->match->partition_flags[klass->partition] = 1;
	for (size_t i = 0; i < klass->atoms_len; i++)
		choice->match->atom_used[klass->atoms[i]]++;
}

/* Let a row join under the present GRES type, if the union stays sound; else nothing changes but blocker. */
static int join(struct xpm_choice *choice, uint32_t row)
{
	const struct xpm_row *newcomer = row_at(choice, row);
	size_t leaks = 0;

	for (size_t i = 0; i < newcomer->klass->atoms_len; i++) {
		uint32_t atom = newcomer->klass->atoms[i];

		if ((choice->match->atom_flags[atom] & XPM_ATOM_EXCLUDED) && choice->match->atom_left[atom]) {
			choice->blocker = XPM_LEAK_HOSTS;
			return 0;
		}
	}
	for (size_t i = 0; i < choice->failing_len; i++) {
		uint32_t other = choice->match->failing[i];

		if ((*flags_of(choice, other) & XPM_ROW_CLOSED) || !would_leak(choice, newcomer, other))
			continue;
		if (!can_close(choice, newcomer, row_at(choice, other))) {
			choice->blocker = other;
			return 0;
		}
		choice->match->leaks[leaks++] = other;
	}
	for (size_t i = 0; i < leaks; i++)
		close_leak(choice, choice->match->leaks[i]);
	enter(choice, row);
	return 1;
}

static void forget(struct xpm_choice *choice)
{
	struct xpm_match *match = choice->match;

	for (size_t i = 0; i < choice->launcher->info.count; i++)
		match->row_flags[i] &= (uint8_t)~(XPM_ROW_CLOSED | XPM_ROW_MEMBER);
	memset(match->partition_flags, 0, choice->launcher->partitions_len);
	memset(match->atom_used, 0, choice->launcher->atoms_len * sizeof(*match->atom_used));
	memset(match->atom_flags, 0, choice->launcher->atoms_len);
	choice->members_len = 0;
}

static int serves(const struct xpm_choice *choice, uint32_t row, const char *type)
{
	return xpm_predicate_assigns(choice->predicate.alternative, &row_at(choice, row)->candidate, type);
}

/* Start again with a GRES type in the request: all members so far, in their order, then row. 0: as before the call. */
static int join_typed(struct xpm_choice *choice, uint32_t row, const char *type)
{
	const char *before = choice->type;
	size_t len = choice->members_len;

	for (size_t i = 0; i < len; i++) {
		if (!serves(choice, choice->members[i], type))
			return 0;
	}
	if (!serves(choice, row, type)) {
		choice->blocker = XPM_LEAK_TYPE;
		return 0;
	}
	/* Members keep their place in the array: entering them again writes the same rows in the same order. */
	forget(choice);
	choice->type = type;
	for (size_t i = 0; i < len; i++) {
		if (!join(choice, choice->members[i]))
			break;
	}
	if (choice->members_len == len && join(choice, row))
		return 1;
	forget(choice);
	choice->type = before;
	for (size_t i = 0; i < len; i++)
		join(choice, choice->members[i]);
	return 0;
}

/* The i-th different GRES type of a row, or NULL. */
static const char *type_of(const struct xpm_candidate *candidate, size_t i)
{
	for (size_t g = 0; g < candidate->accels_len; g++) {
		const char *type = candidate->accels[g].gres_type;
		size_t first = 0;

		while (candidate->accels[first].gres_type != type)
			first++;
		if (type && first == g && i-- == 0)
			return type;
	}
	return NULL;
}

static int join_any_type(struct xpm_choice *choice, uint32_t best, uint32_t row)
{
	const struct xpm_candidate *candidate = &row_at(choice, best)->candidate;
	const char *type;

	for (size_t i = 0; (type = type_of(candidate, i)); i++) {
		if (join_typed(choice, row, type))
			return 1;
	}
	return 0;
}

/*
 * Let a row join, naming a GRES type when that is what makes it sound. best is the first member, or row itself. A row
 * of whose accelerators not every handful would do wants a type, too, if there is one that serves.
 */
static int admit(struct xpm_choice *choice, uint32_t best, uint32_t row)
{
	const struct xpm_candidate *candidate = &row_at(choice, row)->candidate;
	uint32_t blocker;

	/* a row that does not serve the type that was typed is not eligible */
	if (choice->match->typed.gpu_type)
		return join(choice, row);
	if (choice->type) {
		choice->blocker = XPM_LEAK_TYPE;
		return serves(choice, row, choice->type) && join(choice, row);
	}
	if (choice->predicate.alternative->accel_count == 0)
		return join(choice, row);
	if (!xpm_predicate_any_do(choice->predicate.alternative, candidate) && join_any_type(choice, best, row))
		return 1;
	if (join(choice, row))
		return 1;
	blocker = choice->blocker;
	if (join_any_type(choice, best, row))
		return 1;
	choice->blocker = blocker;
	return 0;
}

/*
 * A row that fails may leak; also one whose GPUs of the type that was typed would not do, should it have any. So may one that satisfies but has less memory per core than the plan counts on, where only
 * cores bring memory. Those of them that any request could admit at all are listed in match->failing.
 */
static void mark_leaks(struct xpm_choice *choice, uint32_t best)
{
	const struct xpm_lane *lane = lane_of(choice, best);
	uint64_t best_mem = row_at(choice, best)->candidate.mem_per_cpu;
	uint64_t mem = choice->predicate.alternative->mem;
	uint64_t cores = xpm_predicate_cores(&choice->predicate, best_mem);

	choice->failing_len = 0;
	for (size_t i = 0; i < lane->len; i++) {
		const struct xpm_candidate *candidate = &row_at(choice, lane->rows[i])->candidate;
		uint8_t *flags = flags_of(choice, lane->rows[i]);
		uint32_t predicate = choice->cells[lane->rows[i]].failed &
				     ((XPM_BIT(XPM_CLAUSE_DURATION + 1) - 1) | XPM_BIT(XPM_CLAUSE_GRES));

		*flags &= (uint8_t)~XPM_ROW_LEAKS;
		if (predicate)
			*flags |= XPM_ROW_LEAKS;
		if (!choice->launcher->use_memory_constraint && mem && candidate->mem_per_cpu && candidate->mem_per_cpu < best_mem &&
		    (unsigned __int128)cores * candidate->mem_per_cpu < mem)
			*flags |= XPM_ROW_LEAKS;
		if ((*flags & XPM_ROW_LEAKS) && !(*flags & XPM_ROW_UNREACHABLE) &&
		    candidate->accel_count >= choice->predicate.alternative->accel_count)
			choice->match->failing[choice->failing_len++] = lane->rows[i];
	}
}

static void keep_out(struct xpm_choice *choice, uint32_t row, uint32_t why)
{
	choice->cells[row].verdict = XPM_VERDICT_KEPT_OUT;
	choice->cells[row].failed |= XPM_BIT(XPM_CLAUSE_UNION);
	choice->cells[row].leak = why;
}

static void join_others(struct xpm_choice *choice, size_t from)
{
	const struct xpm_table_launcher *launcher = choice->launcher;
	uint32_t best = choice->members[0];
	const struct xpm_row *first = row_at(choice, best);

	for (size_t i = from; i < launcher->info.count; i++) {
		uint32_t row = launcher->order[i];
		const struct xpm_row *r = row_at(choice, row);

		if (!(*flags_of(choice, row) & XPM_ROW_ELIGIBLE))
			continue;
		if (r->lane != first->lane)
			keep_out(choice, row, XPM_LEAK_LANE);
		else if (r->candidate.mem_per_cpu != first->candidate.mem_per_cpu)
			keep_out(choice, row, XPM_LEAK_MEM_PER_CPU);
		else if (choice->work > WORK_MAX)
			keep_out(choice, row, XPM_LEAK_WORK);
		else if (admit(choice, best, row))
			choice->cells[row].verdict = XPM_VERDICT_JOINED;
		else
			keep_out(choice, row, choice->blocker);
	}
}

/* The union that begins with this row has not all hosts that are wanted: another may. Those behind it are as before. */
static void pass_over(struct xpm_choice *choice, size_t at)
{
	const struct xpm_table_launcher *launcher = choice->launcher;

	choice->cells[launcher->order[at]].verdict = XPM_VERDICT_REJECTED;
	choice->cells[launcher->order[at]].failed |= XPM_BIT(XPM_CLAUSE_HOSTS);
	for (size_t i = at + 1; i < launcher->info.count; i++) {
		struct xpm_cell *cell = &choice->cells[launcher->order[i]];

		cell->verdict = XPM_VERDICT_REJECTED;
		cell->failed &= ~XPM_BIT(XPM_CLAUSE_UNION);
		cell->leak = XPM_LEAK_NONE;
	}
}

/*
 * The GRES type that was typed, as the table has it, since types are compared by address. One that the launcher does not
 * name is as good as it is: then only accelerators without a type can count.
 */
static const char *typed_type(const struct xpm_choice *choice)
{
	const struct xpm_launcher_info *info = &choice->launcher->info;
	const char *type = choice->predicate.alternative->accel_count ? choice->match->typed.gpu_type : NULL;

	for (size_t i = 0; type && i < info->count; i++) {
		const struct xpm_candidate *candidate = &row_at(choice, (uint32_t)(info->first + i))->candidate;

		for (size_t g = 0; g < candidate->accels_len; g++) {
			if (candidate->accels[g].gres_type && strcmp(candidate->accels[g].gres_type, type) == 0)
				return candidate->accels[g].gres_type;
		}
	}
	return type;
}

int xpm_choose(struct xpm_choice *choice)
{
	const struct xpm_table_launcher *launcher = choice->launcher;
	const char *type = typed_type(choice);

	choice->members = choice->match->members;
	choice->type = type;
	choice->work = 0;
	forget(choice);
	for (size_t i = 0; i < launcher->info.count; i++) {
		uint32_t row = launcher->order[i];

		if (!(*flags_of(choice, row) & XPM_ROW_ELIGIBLE))
			continue;
		if (choice->work > WORK_MAX) {
			keep_out(choice, row, XPM_LEAK_WORK);
			continue;
		}
		choice->work += launcher->info.count + launcher->atoms_len; /* what a beginning costs */
		mark_leaks(choice, row);
		if (admit(choice, row, row)) {
			choice->cells[row].verdict = XPM_VERDICT_CHOSEN;
			join_others(choice, i + 1);
			if (xpm_typed_hosts_had(choice))
				return 1;
			pass_over(choice, i);
		} else {
			keep_out(choice, row, choice->blocker);
		}
		forget(choice);
		choice->type = type;
	}
	return 0;
}
