/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least change for one candidate. Cores, memory and duration have one value each that will do, the candidate's own.
 * For accelerators each term has a few ways to go (less memory, more memory, any model, any kind), and the combinations
 * are tried with the cheapest first; the number is lowered to what is there.
 */
#include <string.h>

#include "relax_private.h"

/* On top of XPM_CHANGE_FIELD: what weighs more than a number that was lowered to nothing. */
enum { COST_SPAN = 1000, COST_MODEL = 1500, COST_KIND = 2000, COST_UNLIMITED = 3000, COST_LEFT_OUT = 4000, COST_ADDED = 6000 };

#define WAYS_MAX   24  /* of one term */
#define COMBOS_MAX 400 /* of all terms */

/* A term as it could be asked for instead, count aside. */
struct way {
	struct xpm_accel_need need;
	uint32_t cost;
};

static uint32_t cost_between(uint64_t from, uint64_t to)
{
	uint64_t more = from > to ? from : to, less = from > to ? to : from;

	if (from == to)
		return 0;
	if (to == 0)
		return XPM_CHANGE_FIELD + COST_UNLIMITED;
	return XPM_CHANGE_FIELD + COST_SPAN - (uint32_t)((unsigned __int128)less * COST_SPAN / more);
}

/* --- cores, memory, duration --- */

/* Where only cores bring memory, memory is lowered to what the candidate's cores bring. */
static void change_cores(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate,
			 struct xpm_change *change)
{
	struct xpm_predicate changed = *predicate;
	struct xpm_alternative *a = &change->alternative;

	if (a->cores > candidate->cores) {
		change->cost += cost_between(a->cores, candidate->cores);
		a->cores = candidate->cores;
	}
	changed.alternative = a;
	if (xpm_predicate_cores(&changed, candidate->mem_per_cpu) > candidate->cores) {
		uint64_t mem = candidate->cores * candidate->mem_per_cpu;

		change->cost += cost_between(a->mem, mem);
		a->mem = mem;
	}
}

static int change_host(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate,
		       uint32_t failed, struct xpm_change *change)
{
	struct xpm_alternative *a = &change->alternative;

	if (failed & XPM_BIT(XPM_CLAUSE_MEMORY)) {
		change->cost += cost_between(a->mem, candidate->memory);
		a->mem = candidate->memory;
	}
	if (failed & XPM_BIT(XPM_CLAUSE_CORES))
		change_cores(predicate, candidate, change);
	if (failed & XPM_BIT(XPM_CLAUSE_DURATION)) {
		if (!a->duration)
			return 0; /* --time, which is not the spec's */
		change->cost += cost_between(a->duration, candidate->max_duration);
		a->duration = candidate->max_duration;
	}
	return 1;
}

/* --- the ways of one term --- */

static int fits_any(const struct xpm_accel_need *need, const struct xpm_candidate *candidate)
{
	for (size_t g = 0; g < candidate->accels_len; g++)
		if (candidate->accels[g].count > 0 && xpm_predicate_fits(need, &candidate->accels[g]))
			return 1;
	return 0;
}

/* Keep the ways sorted by cost; of too many the dearest is dropped. */
static void add_way(const struct xpm_candidate *candidate, const struct way *way, struct way *ways, size_t *len)
{
	size_t at = *len;

	if (!fits_any(&way->need, candidate))
		return;
	for (size_t i = 0; i < *len; i++)
		if (ways[i].cost == way->cost && ways[i].need.mem == way->need.mem)
			return;
	while (at > 0 && ways[at - 1].cost > way->cost)
		at--;
	if (at == WAYS_MAX)
		return;
	if (*len < WAYS_MAX)
		(*len)++;
	memmove(&ways[at + 1], &ways[at], (*len - at - 1) * sizeof(*ways));
	ways[at] = *way;
}

/* The memory asked for as it is, as every group would take it, and not asked for. */
static void add_memory_ways(const struct xpm_accel_need *asked, const struct xpm_candidate *candidate,
			    const struct way *base, struct way *ways, size_t *len)
{
	struct way way = *base;

	add_way(candidate, &way, ways, len);
	if (asked->mem == 0)
		return;
	way.need.mem = 0;
	way.cost = base->cost + cost_between(asked->mem, 0);
	add_way(candidate, &way, ways, len);
	for (size_t g = 0; g < candidate->accels_len; g++) {
		const struct xpm_accel_group *group = &candidate->accels[g];
		uint64_t mem = asked->mem > group->memory ? group->memory : group->least;

		if (mem == 0 || (asked->mem <= group->memory && asked->mem >= group->least))
			continue;
		way.need.mem = mem;
		way.cost = base->cost + cost_between(asked->mem, mem);
		add_way(candidate, &way, ways, len);
	}
}

static size_t find_ways(const struct xpm_accel_need *asked, const struct xpm_candidate *candidate, struct way *ways)
{
	size_t len = 0;

	for (int any_model = 0; any_model <= (asked->model ? 1 : 0); any_model++) {
		for (int any_kind = 0; any_kind <= (asked->kind == XPM_ACCEL_ANY ? 0 : 1); any_kind++) {
			struct way base = { .need = *asked };

			if (any_model) {
				base.need.model = NULL;
				base.cost += XPM_CHANGE_FIELD + COST_MODEL;
			}
			if (any_kind) {
				base.need.kind = XPM_ACCEL_ANY;
				base.cost += XPM_CHANGE_FIELD + COST_KIND;
			}
			add_memory_ways(asked, candidate, &base, ways, &len);
		}
	}
	return len;
}

/* --- counts --- */

static void count_accels(struct xpm_change *change)
{
	change->alternative.accel_count = 0;
	for (size_t i = 0; i < change->needs_len; i++)
		change->alternative.accel_count += change->needs[i].count;
}

static int assigns(struct xpm_change *change, const struct xpm_candidate *candidate, size_t *work)
{
	if (*work == 0)
		return 0;
	(*work)--;
	return xpm_predicate_assigns(xpm_change_alternative(change), candidate, NULL);
}

/* The most that one term can have while the others stay as they are; 0 when not even one. */
static uint32_t most_of(struct xpm_change *change, size_t term, const struct xpm_candidate *candidate, size_t *work)
{
	uint32_t was = change->needs[term].count, others = change->alternative.accel_count - was, found = 0;
	uint32_t most = candidate->accel_count > others ? candidate->accel_count - others : 0;

	for (uint32_t count = most < was ? most : was; count > 0 && !found; count--) {
		change->needs[term].count = count;
		if (assigns(change, candidate, work))
			found = count;
	}
	change->needs[term].count = was;
	return found;
}

static size_t largest_term(const struct xpm_change *change)
{
	size_t largest = 0;

	for (size_t i = 1; i < change->needs_len; i++)
		if (change->needs[i].count > change->needs[largest].count)
			largest = i;
	return largest;
}

/* One less of the term with the most, until there is an assignment; 0 when each is down to one and there is none. */
static int lower_all(struct xpm_change *change, const struct xpm_candidate *candidate, size_t *work)
{
	for (;;) {
		struct xpm_accel_need *need = &change->needs[largest_term(change)];

		if (change->alternative.accel_count <= candidate->accel_count && assigns(change, candidate, work))
			return 1;
		if (need->count <= 1 || *work == 0)
			return 0;
		need->count--;
		change->alternative.accel_count--;
	}
}

static void remove_term(struct xpm_change *change, size_t term)
{
	change->needs_len--;
	memmove(&change->needs[term], &change->needs[term + 1], (change->needs_len - term) * sizeof(change->needs[0]));
	count_accels(change);
}

/* Without one of several terms, the first that will do. */
static int leave_out(struct xpm_change *change, const struct xpm_candidate *candidate, size_t *work)
{
	for (size_t i = change->needs_len; i-- > 0 && change->needs_len > 1;) {
		struct xpm_change less = *change;

		remove_term(&less, i);
		if (!assigns(&less, candidate, work))
			continue;
		*change = less;
		change->cost += XPM_CHANGE_FIELD + COST_LEFT_OUT;
		return 1;
	}
	return 0;
}

/* Fewer of one term where that is enough, the term with which it costs the least; else of all; else one term less. */
static int lower_counts(const struct xpm_alternative *asked, struct xpm_change *change,
			const struct xpm_candidate *candidate, size_t *work)
{
	uint32_t best_cost = UINT32_MAX, best_count = 0;
	size_t best = 0;
	struct xpm_change all;

	if (change->alternative.accel_count <= candidate->accel_count && assigns(change, candidate, work))
		return 1;
	for (size_t i = 0; i < change->needs_len; i++) {
		uint32_t count = most_of(change, i, candidate, work);

		if (count == 0 || cost_between(asked->accels[i].count, count) >= best_cost)
			continue;
		best = i;
		best_count = count;
		best_cost = cost_between(asked->accels[i].count, count);
	}
	if (best_count > 0) {
		change->needs[best].count = best_count;
		count_accels(change);
		return 1;
	}
	all = *change;
	if (lower_all(&all, candidate, work)) {
		*change = all;
		return 1;
	}
	return leave_out(change, candidate, work);
}

/* More of one term up to min_gpu, the last that will do. */
static int raise_counts(struct xpm_change *change, const struct xpm_candidate *candidate, size_t *work)
{
	uint32_t missing;

	if (change->alternative.accel_count >= candidate->min_gpu)
		return 1;
	missing = candidate->min_gpu - change->alternative.accel_count;
	for (size_t i = change->needs_len; i-- > 0;) {
		change->needs[i].count += missing;
		change->alternative.accel_count += missing;
		if (assigns(change, candidate, work))
			return 1;
		change->needs[i].count -= missing;
		change->alternative.accel_count -= missing;
	}
	return 0;
}

static int settle_counts(const struct xpm_alternative *asked, struct xpm_change *change,
			 const struct xpm_candidate *candidate, size_t *work)
{
	count_accels(change);
	if (!lower_counts(asked, change, candidate, work) || !raise_counts(change, candidate, work))
		return 0;
	for (size_t i = 0; i < change->needs_len && change->needs_len == asked->accels_len; i++)
		change->cost += cost_between(asked->accels[i].count, change->needs[i].count);
	return 1;
}

/* --- all terms together --- */

/* A job without accelerators, where some must be asked for. */
static int add_accels(struct xpm_change *change, const struct xpm_candidate *candidate)
{
	if (candidate->min_gpu == 0)
		return 1;
	if (candidate->min_gpu > candidate->accel_count)
		return 0;
	change->needs_len = 1;
	change->needs[0] = (struct xpm_accel_need){ .kind = XPM_ACCEL_ANY, .count = candidate->min_gpu };
	change->cost += XPM_CHANGE_FIELD + COST_ADDED;
	count_accels(change);
	return xpm_predicate_assigns(xpm_change_alternative(change), candidate, NULL);
}

/* So many ways of each term that the combinations stay below COMBOS_MAX; at least the cheapest of each. */
static void limit_ways(size_t *lens, size_t len)
{
	size_t combos = 1;

	for (size_t i = 0; i < len; i++)
		combos *= lens[i] < 4 ? 4 : lens[i];
	while (combos > COMBOS_MAX) {
		size_t most = 0;

		for (size_t i = 1; i < len; i++)
			if (lens[i] > lens[most])
				most = i;
		if (lens[most] <= 1)
			return;
		lens[most]--;
		combos = 1;
		for (size_t i = 0; i < len; i++)
			combos *= lens[i];
	}
}

/* The next combination; 0 after the last. */
static int next_combo(size_t *at, const size_t *lens, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (++at[i] < lens[i])
			return 1;
		at[i] = 0;
	}
	return 0;
}

static int change_accels(const struct xpm_alternative *asked, const struct xpm_candidate *candidate,
			 struct xpm_change *change, size_t *work)
{
	struct way ways[XPM_CHANGE_NEEDS_MAX][WAYS_MAX];
	size_t lens[XPM_CHANGE_NEEDS_MAX] = { 0 }, at[XPM_CHANGE_NEEDS_MAX] = { 0 };
	const struct xpm_change before = *change;
	int found = 0;

	if (asked->accels_len == 0)
		return add_accels(change, candidate);
	for (size_t i = 0; i < asked->accels_len; i++) {
		lens[i] = find_ways(&asked->accels[i], candidate, ways[i]);
		if (lens[i] == 0)
			return 0;
	}
	limit_ways(lens, asked->accels_len);
	do {
		struct xpm_change attempt = before;

		if (*work == 0)
			break;
		(*work)--;
		attempt.needs_len = asked->accels_len;
		for (size_t i = 0; i < asked->accels_len; i++) {
			attempt.needs[i] = ways[i][at[i]].need;
			attempt.cost += ways[i][at[i]].cost;
		}
		if (found && attempt.cost >= change->cost)
			continue;
		if (!settle_counts(asked, &attempt, candidate, work) || (found && attempt.cost >= change->cost))
			continue;
		*change = attempt;
		found = 1;
	} while (next_combo(at, lens, asked->accels_len));
	return found;
}

const struct xpm_alternative *xpm_change_alternative(struct xpm_change *change)
{
	change->alternative.accels = change->needs;
	change->alternative.accels_len = change->needs_len;
	return &change->alternative;
}

unsigned xpm_change_fields(const struct xpm_alternative *asked, const struct xpm_change *change)
{
	const struct xpm_alternative *a = &change->alternative;
	unsigned fields = 0;

	fields |= a->duration != asked->duration ? XPM_CHANGED_DURATION : 0;
	fields |= a->cores != asked->cores ? XPM_CHANGED_CORES : 0;
	fields |= a->mem != asked->mem ? XPM_CHANGED_MEM : 0;
	if (change->needs_len != asked->accels_len)
		return fields | (asked->accels_len ? XPM_CHANGED_COUNT : XPM_CHANGED_ADDED);
	for (size_t i = 0; i < change->needs_len; i++) {
		const struct xpm_accel_need *need = &change->needs[i], *was = &asked->accels[i];

		fields |= need->kind != was->kind ? XPM_CHANGED_KIND : 0;
		fields |= need->model != was->model ? XPM_CHANGED_MODEL : 0;
		fields |= need->mem != was->mem ? XPM_CHANGED_GPU_MEM : 0;
		fields |= need->count != was->count ? XPM_CHANGED_COUNT : 0;
	}
	return fields;
}

int xpm_change_equal(const struct xpm_change *a, const struct xpm_change *b)
{
	if (a->cost != b->cost || a->alternative.mem != b->alternative.mem ||
	    a->alternative.cores != b->alternative.cores || a->alternative.duration != b->alternative.duration ||
	    a->needs_len != b->needs_len)
		return 0;
	for (size_t i = 0; i < a->needs_len; i++)
		if (a->needs[i].kind != b->needs[i].kind || a->needs[i].count != b->needs[i].count ||
		    a->needs[i].mem != b->needs[i].mem || a->needs[i].model != b->needs[i].model)
			return 0;
	return 1;
}

int xpm_change_find(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate,
		    struct xpm_change *change, size_t *work)
{
	const struct xpm_alternative *asked = predicate->alternative;
	uint32_t failed = xpm_predicate_failed(predicate, candidate);
	struct xpm_predicate changed = *predicate;

	memset(change, 0, sizeof(*change));
	if (asked->accels_len > XPM_CHANGE_NEEDS_MAX)
		return 0;
	change->alternative = *asked;
	if (!change_host(predicate, candidate, failed, change) ||
	    !change_accels(asked, candidate, change, work))
		return 0;
	changed.alternative = xpm_change_alternative(change);
	if (predicate->duration == asked->duration)
		changed.duration = change->alternative.duration;
	return change->cost > 0 && xpm_predicate_failed(&changed, candidate) == 0;
}
