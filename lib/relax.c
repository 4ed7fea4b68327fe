/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nearest relaxations: for every candidate the least change that it would satisfy, the least of these first, until
 * the matcher itself accepts as many as are wanted.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/explain.h>

#include "error_private.h"
#include "match_private.h"
#include "relax_private.h"

#define RUNS_DEFAULT 500
#define RUNS_MIN     16
#define ROWS_MAX     4000000 /* rows that all runs may look at: well below a second */
#define WORK_PER_RUN 4000    /* comparisons of the search, for each run allowed */
#define KEPT_MAX     100     /* changes that are kept for trying */

/* What no change of the spec can help: options that were typed, and the cluster's present state. */
#define BEYOND_SPEC                                                                                \
	(XPM_BIT(XPM_CLAUSE_PARTITION) | XPM_BIT(XPM_CLAUSE_QOS) | XPM_BIT(XPM_CLAUSE_ACCOUNT) |   \
	 XPM_BIT(XPM_CLAUSE_CONSTRAINT) | XPM_BIT(XPM_CLAUSE_HOSTS) | XPM_BIT(XPM_CLAUSE_GRES) |   \
	 XPM_BIT(XPM_CLAUSE_LIVE))

struct proposal {
	size_t alternative;
	struct xpm_change change;
};

struct search {
	const struct xpm_explain *explain;
	const struct xpm_alternative *alternatives;
	size_t alternatives_len;
	struct proposal *kept; /* cheapest first; of equal cost the one found first */
	size_t kept_len;
	size_t runs, work;
};

static void keep(struct search *search, size_t alternative, const struct xpm_change *change)
{
	size_t at = search->kept_len;

	while (at > 0 && search->kept[at - 1].change.cost > change->cost)
		at--;
	if (at == KEPT_MAX)
		return;
	for (size_t i = at; i-- > 0 && search->kept[i].change.cost == change->cost;)
		if (search->kept[i].alternative == alternative && xpm_change_equal(&search->kept[i].change, change))
			return;
	if (search->kept_len < KEPT_MAX)
		search->kept_len++;
	memmove(&search->kept[at + 1], &search->kept[at], (search->kept_len - at - 1) * sizeof(*search->kept));
	search->kept[at].alternative = alternative;
	search->kept[at].change = *change;
}

/* Rows that differ in QoS and account only, and not in a limit that matters, want the same change. */
static int as_before(const struct search *search, size_t alternative, size_t row, size_t before)
{
	const struct xpm_candidate *a = xpm_candidates_get(search->explain->candidates, before);
	const struct xpm_candidate *b = xpm_candidates_get(search->explain->candidates, row);
	uint32_t failed = xpm_match_failed(search->explain->match, alternative, row);

	return a->klass == b->klass && a->min_gpu == b->min_gpu &&
	       failed == xpm_match_failed(search->explain->match, alternative, before) &&
	       (!(failed & XPM_BIT(XPM_CLAUSE_DURATION)) || a->max_duration == b->max_duration);
}

static void search_launcher(struct search *search, size_t alternative, size_t index)
{
	const struct xpm_explain *explain = search->explain;
	const struct xpm_table_launcher *launcher = &explain->candidates->launchers[index];
	struct xpm_predicate predicate = { .alternative = &search->alternatives[alternative] };
	size_t before = SIZE_MAX;
	struct xpm_change change;

	predicate.use_memory_constraint = launcher->info.kind == XPM_KIND_LOCAL || launcher->use_memory_constraint;
	predicate.duration = predicate.alternative->duration;
	if (!predicate.duration && explain->request->typed)
		predicate.duration = explain->request->typed->time;
	for (size_t i = 0; i < launcher->info.count && search->work > 0; i++) {
		size_t row = launcher->info.first + i;

		if (xpm_match_failed(explain->match, alternative, row) & BEYOND_SPEC)
			continue;
		if (before != SIZE_MAX && as_before(search, alternative, row, before))
			continue;
		before = row;
		search->work--;
		if (xpm_change_find(&predicate, xpm_candidates_get(explain->candidates, row), &change,
				    &search->work))
			keep(search, alternative, &change);
	}
}

/* The whole spec with one alternative changed. 0 when it does not fit. */
static int write_spec(struct search *search, struct proposal *proposal, char spec[XPM_SPEC_MAX + 1])
{
	size_t at = 0;

	for (size_t a = 0; a < search->alternatives_len; a++) {
		const struct xpm_alternative *alternative = &search->alternatives[a];

		if (a == proposal->alternative)
			alternative = xpm_change_alternative(&proposal->change);
		if (a > 0 && at + 3 <= XPM_SPEC_MAX) {
			memcpy(spec + at, " | ", 4);
			at += 3;
		}
		at += xpm_alternative_print(alternative, spec + at, XPM_SPEC_MAX + 1 - at);
		if (at > XPM_SPEC_MAX)
			return 0;
	}
	return 1;
}

/* Does the request match, with another requirement or with other options typed? */
static int matches(const struct search *search, struct xpm_match *match, const struct xpm_requirement *requirement,
		   const struct xpm_slurm_options *typed)
{
	struct xpm_request request = *search->explain->request;

	request.requirement = requirement;
	request.typed = typed;
	return xpm_match_run(match, &request, NULL) == XPM_OK;
}

static int spec_matches(const struct search *search, struct xpm_match *match, const char *spec)
{
	struct xpm_requirement *requirement = xpm_spec_parse(spec, NULL);
	int found = requirement && matches(search, match, requirement, search->explain->request->typed);

	xpm_requirement_destroy(requirement);
	return found;
}

/* --- what was typed --- */

#define TYPED(option, member, live)                                                                         \
	{ option, offsetof(struct xpm_slurm_options, member), sizeof(((struct xpm_slurm_options *)0)->member), live }

/*
 * Those that restrict the candidates. All of them are unset when they are zero. Live facts about accounts and QoS are told
 * for what was typed, and would be other ones without it: nothing is said of these two then.
 */
static const struct typed_option {
	const char *name;
	size_t at, size;
	int told_live;
} typed_options[] = {
	TYPED("--time", time, 0),
	TYPED("--partition", partition, 0),
	TYPED("--qos", qos, 1),
	TYPED("--account", account, 1),
	TYPED("--gres", gres, 0),
	TYPED("--constraint", constraint, 0),
	TYPED("--nodelist", nodelist, 0),
	TYPED("--exclude", exclude, 0),
};

/* The one option without which the spec as it is would be satisfied; NULL = it takes more than that. */
static const char *find_without(struct search *search, struct xpm_match *match)
{
	const struct xpm_request *request = search->explain->request;

	for (size_t i = 0; request->typed && i < sizeof(typed_options) / sizeof(typed_options[0]); i++) {
		const struct typed_option *option = &typed_options[i];
		struct xpm_slurm_options less = *request->typed, none = { 0 };
		char *at = (char *)&less + option->at;

		if (!memcmp(at, (char *)&none + option->at, option->size) || search->runs == 0 ||
		    (request->live && option->told_live))
			continue;
		memset(at, 0, option->size);
		search->runs--;
		if (matches(search, match, request->requirement, &less))
			return option->name;
	}
	return NULL;
}

/* --- the spec --- */

/* Bad advice as long as there is other. Where an option stands in the way, the spec is not wrong about its kind of GPU. */
static int is_last_resort(unsigned fields, const struct xpm_relaxed *relaxed)
{
	if (fields & XPM_CHANGED_ADDED)
		return relaxed->len > 0 || relaxed->without;
	return (fields & XPM_CHANGED_KIND) && relaxed->without;
}

/* The first of those kept that the matcher accepts, and the next that change something else. */
static void try_kept(struct search *search, struct xpm_match *match, size_t most, struct xpm_relaxed *relaxed)
{
	unsigned changed[XPM_RELAXED_MAX];

	for (size_t i = 0; i < search->kept_len && search->runs > 0 && relaxed->len < most; i++) {
		struct proposal *proposal = &search->kept[i];
		unsigned fields = xpm_change_fields(&search->alternatives[proposal->alternative], &proposal->change);
		char *spec = relaxed->specs[relaxed->len];
		int known = is_last_resort(fields, relaxed);

		for (size_t j = 0; j < relaxed->len; j++)
			known |= !(changed[j] & ~fields);
		if (known)
			continue;
		search->runs--;
		if (!write_spec(search, proposal, spec) || !spec_matches(search, match, spec))
			continue;
		changed[relaxed->len++] = fields;
	}
}

enum xpm_code xpm_relax(const struct xpm_explain *explain, size_t max_runs, size_t most, struct xpm_relaxed *relaxed,
			struct xpm_error *err)
{
	struct search search = { .explain = explain };
	size_t rows = xpm_candidates_count(explain->candidates) + 1;
	struct xpm_match *match = xpm_match_create(explain->candidates, err);

	relaxed->without = NULL;
	relaxed->len = 0;
	search.alternatives = xpm_requirement_alternatives(explain->request->requirement, &search.alternatives_len);
	search.runs = ROWS_MAX / (rows * search.alternatives_len);
	if (search.runs > RUNS_DEFAULT)
		search.runs = RUNS_DEFAULT;
	if (search.runs < RUNS_MIN)
		search.runs = RUNS_MIN;
	if (max_runs && search.runs > max_runs)
		search.runs = max_runs;
	search.work = search.runs * WORK_PER_RUN;
	search.kept = calloc(KEPT_MAX, sizeof(*search.kept));
	if (!match || !search.kept) {
		xpm_match_destroy(match);
		free(search.kept);
		return xpm_fail_memory(err);
	}
	for (size_t a = 0; a < xpm_match_alternatives(explain->match); a++)
		for (size_t l = 0; l < xpm_match_launchers(explain->match, a); l++)
			if (!xpm_match_skipped(explain->match, l))
				search_launcher(&search, a, l);
	relaxed->without = find_without(&search, match);
	try_kept(&search, match, most < XPM_RELAXED_MAX ? most : XPM_RELAXED_MAX, relaxed);
	xpm_match_destroy(match);
	free(search.kept);
	return XPM_OK;
}
