/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nearest relaxation: for every candidate the least change that it would satisfy, the least of these first, until
 * the matcher itself accepts one.
 */
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

static enum xpm_code try_spec(const struct search *search, struct xpm_match *match, const char *spec)
{
	struct xpm_request request = *search->explain->request;
	struct xpm_requirement *requirement = xpm_spec_parse(spec, NULL);
	enum xpm_code code;

	if (!requirement)
		return XPM_ERR_NO_MATCH;
	request.requirement = requirement;
	code = xpm_match_run(match, &request, NULL);
	xpm_requirement_destroy(requirement);
	return code;
}

/* The first of those kept that the matcher accepts, in spec; else "". */
static void try_kept(struct search *search, struct xpm_match *match, char spec[XPM_SPEC_MAX + 1])
{
	for (size_t i = 0; i < search->kept_len && i < search->runs; i++)
		if (write_spec(search, &search->kept[i], spec) && try_spec(search, match, spec) == XPM_OK)
			return;
	spec[0] = '\0';
}

enum xpm_code xpm_relax(const struct xpm_explain *explain, size_t max_runs, char spec[XPM_SPEC_MAX + 1],
			struct xpm_error *err)
{
	struct search search = { .explain = explain };
	size_t rows = xpm_candidates_count(explain->candidates) + 1;
	struct xpm_match *match = xpm_match_create(explain->candidates, err);

	spec[0] = '\0';
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
	try_kept(&search, match, spec);
	xpm_match_destroy(match);
	free(search.kept);
	return XPM_OK;
}
