/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When nothing satisfies: which of the rows came nearest, and the one sentence that names it. */
#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "reason_private.h"

/* How far, in thousandths of what is asked for; 1000 where there is no measure. */
static unsigned distance(uint64_t need, uint64_t have)
{
	uint64_t more = need > have ? need : have, less = need > have ? have : need;

	return more ? 1000 - (unsigned)((unsigned __int128)less * 1000 / more) : 0;
}

static unsigned row_distance(const struct xpm_subject *s)
{
	const struct xpm_candidate *c = &s->row->candidate;
	uint32_t failed = s->cell->failed;
	unsigned sum = 0;

	for (unsigned clause = 0; clause < XPM_CLAUSES; clause++) {
		uint64_t most = 0;

		if (!(failed >> clause & 1))
			continue;
		for (size_t g = 0; g < c->accels_len; g++)
			most = c->accels[g].memory > most ? c->accels[g].memory : most;
		if (clause == XPM_CLAUSE_GPU_COUNT)
			sum += distance(s->alternative->accel_count, c->accel_count);
		else if (clause == XPM_CLAUSE_GPU_MEMORY)
			sum += distance(xpm_reason_need(s, XPM_CLAUSE_GPU_MEMORY)->mem, most);
		else if (clause == XPM_CLAUSE_CORES)
			sum += distance(xpm_predicate_cores(&s->predicate, c->mem_per_cpu), c->cores);
		else if (clause == XPM_CLAUSE_MEMORY)
			sum += distance(s->alternative->mem, c->memory);
		else if (clause == XPM_CLAUSE_DURATION)
			sum += distance(s->predicate.duration, c->max_duration);
		else if (clause != XPM_CLAUSE_LIVE) /* what would do, but for the moment, is nearest */
			sum += 1000;
	}
	return sum;
}

/* What the user ruled out by name is far: who types -p big asks what is wrong with big. */
#define TYPED_PLACES (XPM_BIT(XPM_CLAUSE_PARTITION) | XPM_BIT(XPM_CLAUSE_QOS) | XPM_BIT(XPM_CLAUSE_ACCOUNT))

static unsigned count_failed(uint32_t failed)
{
	return (unsigned)__builtin_popcount(failed) + (unsigned)__builtin_popcount(failed & TYPED_PLACES) * XPM_CLAUSES;
}

int xpm_match_closest(const struct xpm_match *match, size_t *alternative, size_t *row)
{
	unsigned best_clauses = UINT32_MAX, best_distance = UINT32_MAX;

	for (size_t a = 0; a < match->alternatives; a++) {
		for (size_t i = 0; i < match->table->rows_len; i++) {
			struct xpm_subject s = xpm_reason_subject(match, a, i);
			unsigned clauses = count_failed(s.cell->failed), far;

			if (match->skipped[s.row->candidate.launcher] || s.cell->failed == 0 || clauses > best_clauses)
				continue;
			far = row_distance(&s);
			if (clauses == best_clauses && far >= best_distance)
				continue;
			best_clauses = clauses;
			best_distance = far;
			*alternative = a;
			*row = i;
		}
	}
	return best_clauses != UINT32_MAX;
}

/* "gpu_memory 80G, has 48GiB; gpu_count 8, has 4" */
static void list_reasons(const struct xpm_match *match, size_t alternative, size_t row, char *buf, size_t size)
{
	uint32_t failed = xpm_match_failed(match, alternative, row);
	size_t at = 0;

	for (unsigned clause = 0; clause < XPM_CLAUSES && at < size; clause++) {
		struct xpm_reason reason;

		if (!(failed >> clause & 1))
			continue;
		xpm_match_reason(match, alternative, row, (enum xpm_clause)clause, &reason);
		at += (size_t)snprintf(buf + at, size - at, "%s%s: needs %s, has %s", at ? "; " : "",
				       xpm_clause_name((enum xpm_clause)clause), reason.need, reason.have);
	}
}

enum xpm_code xpm_match_explain_failure(const struct xpm_match *match, struct xpm_error *err)
{
	char reasons[XPM_ERROR_TEXT_MAX] = "";
	const struct xpm_candidate *c;
	size_t alternative, row;

	if (!xpm_match_closest(match, &alternative, &row))
		return xpm_fail(err, XPM_ERR_NO_MATCH, "no launcher satisfies the spec: none of this kind%s%s has a candidate to offer",
				match->request.tags_len ? " and tag" : "", match->request.launcher ? " and id" : "");
	c = &match->table->rows[row].candidate;
	list_reasons(match, alternative, row, reasons, sizeof(reasons));
	return xpm_fail(err, XPM_ERR_NO_MATCH, "no launcher satisfies the spec; closest is %s%s%s%s%s (%s)",
			match->table->launchers[c->launcher].info.id, c->partition ? ", partition " : "",
			xpm_text_or(c->partition, ""), c->hosts ? ", nodes " : "", xpm_text_or(c->hosts, ""), reasons);
}
