/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace in words: what a clause needs, and what the row has. Everything shown to people comes from here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "match_private.h"

const char *xpm_clause_name(enum xpm_clause clause)
{
	static const char *const names[XPM_CLAUSES] = {
		[XPM_CLAUSE_GPU_KIND] = "gpu_kind",
		[XPM_CLAUSE_GPU_MODEL] = "gpu_model",
		[XPM_CLAUSE_GPU_COUNT] = "gpu_count",
		[XPM_CLAUSE_GPU_MEMORY] = "gpu_memory",
		[XPM_CLAUSE_GPU_MIN_MEMORY] = "gpu_min_memory",
		[XPM_CLAUSE_GPU_ASSIGNMENT] = "gpu_assignment",
		[XPM_CLAUSE_MIN_GPU] = "min_gpu",
		[XPM_CLAUSE_CORES] = "cores",
		[XPM_CLAUSE_MEMORY] = "memory",
		[XPM_CLAUSE_DURATION] = "duration",
		[XPM_CLAUSE_PARTITION] = "partition",
		[XPM_CLAUSE_QOS] = "qos",
		[XPM_CLAUSE_ACCOUNT] = "account",
		[XPM_CLAUSE_CONSTRAINT] = "constraint",
		[XPM_CLAUSE_HOSTS] = "hosts",
		[XPM_CLAUSE_GRES] = "gres",
		[XPM_CLAUSE_LIVE] = "live",
		[XPM_CLAUSE_UNION] = "union",
	};

	return clause < XPM_CLAUSES ? names[clause] : "unknown";
}

struct subject {
	const struct xpm_match *match;
	const struct xpm_alternative *alternative;
	const struct xpm_row *row;
	const struct xpm_cell *cell;
	struct xpm_predicate predicate;
};

static struct subject subject_of(const struct xpm_match *match, size_t alternative, size_t row)
{
	struct subject s = { .match = match };
	const struct xpm_table_launcher *launcher;
	size_t len;

	s.alternative = &xpm_requirement_alternatives(match->request.requirement, &len)[alternative];
	s.row = &match->table->rows[row];
	s.cell = &match->cells[alternative * match->table->rows_len + row];
	launcher = &match->table->launchers[s.row->candidate.launcher];
	s.predicate.alternative = s.alternative;
	s.predicate.use_memory_constraint = launcher->info.kind == XPM_KIND_LOCAL || launcher->use_memory_constraint;
	s.predicate.duration = s.alternative->duration ? s.alternative->duration : match->typed.options.time;
	return s;
}

static const char *text_or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* The first need that fails the clause. */
static const struct xpm_accel_need *failing_need(const struct subject *s, enum xpm_clause clause)
{
	for (size_t n = 0; n < s->alternative->accels_len; n++) {
		if (xpm_predicate_need_failed(&s->alternative->accels[n], &s->row->candidate) & XPM_BIT(clause))
			return &s->alternative->accels[n];
	}
	return &s->alternative->accels[0];
}

static void list_kinds(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;
	unsigned seen = 0;

	for (size_t g = 0; g < c->accels_len && at < size; g++) {
		if (seen >> c->accels[g].kind & 1)
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%s", seen ? "," : "", xpm_accel_kind_name(c->accels[g].kind));
		seen |= 1u << c->accels[g].kind;
	}
}

static void list_models(const struct xpm_accel_need *need, const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t g = 0; g < c->accels_len && at < size; g++) {
		if (!xpm_predicate_kind_fits(need, &c->accels[g]))
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "",
				       text_or(c->accels[g].model, XPM_NOT_GIVEN));
	}
}

static void gpu_memory(const struct xpm_accel_need *need, const struct xpm_candidate *c, struct xpm_reason *r)
{
	uint64_t most = 0;

	for (size_t g = 0; g < c->accels_len; g++) {
		if (xpm_predicate_kind_fits(need, &c->accels[g]) && c->accels[g].memory > most)
			most = c->accels[g].memory;
	}
	xpm_size_print(need->mem, r->need);
	if (most)
		xpm_size_print(most, r->have);
	else
		snprintf(r->have, sizeof(r->have), XPM_NOT_GIVEN);
}

/* The smallest request that would do on an accelerator that is large enough. */
static void gpu_min_memory(const struct xpm_accel_need *need, const struct xpm_candidate *c, struct xpm_reason *r)
{
	uint64_t least = UINT64_MAX;

	for (size_t g = 0; g < c->accels_len; g++) {
		if (xpm_predicate_kind_fits(need, &c->accels[g]) && need->mem <= c->accels[g].memory &&
		    c->accels[g].least < least)
			least = c->accels[g].least;
	}
	xpm_size_print(need->mem, r->need);
	xpm_size_print(least, r->have);
}

static void gpu_assignment(const struct subject *s, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate;
	uint32_t fit = 0;

	for (size_t g = 0; g < c->accels_len; g++) {
		int any = 0;

		for (size_t n = 0; n < s->alternative->accels_len && !any; n++)
			any = xpm_predicate_fits(&s->alternative->accels[n], &c->accels[g]);
		fit += any ? c->accels[g].count : 0;
	}
	snprintf(r->need, sizeof(r->need), "%" PRIu32 " that fit, each once", s->alternative->accel_count);
	if (fit < s->alternative->accel_count)
		snprintf(r->have, sizeof(r->have), "%" PRIu32, fit);
	else
		snprintf(r->have, sizeof(r->have), "%" PRIu32 ", but not for all at once", fit);
}

static void list_features(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;

	snprintf(buf, size, "no features");
	for (size_t i = 0; i < c->features_len && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? "," : "", c->features[i]);
}

/* Its hosts, or what is known of them: "n[1-4]", "nodes with Y,Z", "nodes without features". */
static void where(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at;

	if (c->hosts || !c->partition) {
		snprintf(buf, size, "%s", text_or(c->hosts, "this machine"));
		return;
	}
	at = (size_t)snprintf(buf, size, "nodes %s", c->features_len ? "with " : "without features");
	if (c->features_len)
		list_features(c, buf + at, size - at);
}

/* The chosen one among those that s could have joined; NULL when none was. */
static const struct xpm_candidate *chosen_beside(const struct subject *s)
{
	const struct xpm_candidates *table = s->match->table;
	const struct xpm_launcher_info *launcher = &table->launchers[s->row->candidate.launcher].info;
	const struct xpm_cell *cells = s->cell - (s->row - table->rows);

	for (size_t i = launcher->first; i < launcher->first + launcher->count; i++) {
		if (cells[i].verdict == XPM_VERDICT_CHOSEN)
			return &table->rows[i].candidate;
	}
	return NULL;
}

static const char *size_or_none(uint64_t bytes, char buf[XPM_SIZE_TEXT])
{
	return bytes ? xpm_size_print(bytes, buf) : "none";
}

static void list_types(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; i < c->accels_len && at < size; i++) {
		if (c->accels[i].gres_type)
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "", c->accels[i].gres_type);
	}
}

static void union_reason(const struct subject *s, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate, *leak, *chosen = chosen_beside(s);
	char place[64], size[XPM_SIZE_TEXT];

	switch (s->cell->leak) {
	case XPM_LEAK_LANE:
		snprintf(r->need, sizeof(r->need), "the QoS and account of the chosen one");
		snprintf(r->have, sizeof(r->have), "qos %s, account %s", text_or(c->qos, "none"), text_or(c->account, "none"));
		return;
	case XPM_LEAK_MEM_PER_CPU:
		snprintf(r->need, sizeof(r->need), "the mem_per_cpu of the chosen one, %s",
			 size_or_none(chosen ? chosen->mem_per_cpu : 0, size));
		snprintf(r->have, sizeof(r->have), "%s", size_or_none(c->mem_per_cpu, size));
		return;
	case XPM_LEAK_HOSTS:
		snprintf(r->need, sizeof(r->need), "hosts that need not be excluded");
		where(c, place, sizeof(place));
		snprintf(r->have, sizeof(r->have), "%s, excluded where it would not do", place);
		return;
	case XPM_LEAK_TYPE:
		snprintf(r->need, sizeof(r->need), "the GRES type that the others need");
		list_types(c, r->have, sizeof(r->have));
		return;
	case XPM_LEAK_WORK:
		snprintf(r->need, sizeof(r->need), "a smaller choice");
		snprintf(r->have, sizeof(r->have), "too many node groups to compare");
		return;
	default:
		break;
	}
	if (s->cell->leak >= s->match->table->rows_len) {
		snprintf(r->need, sizeof(r->need), "a sound union");
		return;
	}
	leak = &s->match->table->rows[s->cell->leak].candidate;
	where(leak, place, sizeof(place));
	snprintf(r->need, sizeof(r->need), "a request that keeps out %s of %.64s", place, text_or(leak->partition, "this machine"));
	snprintf(r->have, sizeof(r->have), "none");
}

static void typed_reason(const struct subject *s, enum xpm_clause clause, struct xpm_reason *r)
{
	const struct xpm_slurm_options *o = &s->match->typed.options;
	const struct xpm_candidate *c = &s->row->candidate;
	const char *need = NULL, *have = NULL;
	char types[XPM_REASON_MAX];

	if (clause == XPM_CLAUSE_PARTITION) {
		need = o->partition;
		have = c->partition;
	} else if (clause == XPM_CLAUSE_QOS) {
		need = o->qos;
		have = c->qos;
	} else if (clause == XPM_CLAUSE_ACCOUNT) {
		need = o->account;
		have = c->account;
	} else if (clause == XPM_CLAUSE_GRES) {
		need = s->match->typed.gpu_type;
		list_types(c, types, sizeof(types));
		have = types;
	} else if (clause == XPM_CLAUSE_HOSTS) {
		need = text_or(o->nodelist, o->exclude);
		have = c->hosts;
	}
	snprintf(r->need, sizeof(r->need), "%s%s", clause == XPM_CLAUSE_HOSTS && !o->nodelist ? "other than " : "",
		 text_or(need, "none"));
	snprintf(r->have, sizeof(r->have), "%s", text_or(have, "none"));
	if (clause == XPM_CLAUSE_CONSTRAINT) {
		snprintf(r->need, sizeof(r->need), "%s", text_or(o->constraint, "none"));
		list_features(c, r->have, sizeof(r->have));
	}
}

static void gpu_reason(const struct subject *s, enum xpm_clause clause, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate;
	const struct xpm_accel_need *need = failing_need(s, clause);

	if (clause == XPM_CLAUSE_GPU_KIND) {
		snprintf(r->need, sizeof(r->need), "%s", xpm_accel_kind_name(need->kind));
		list_kinds(c, r->have, sizeof(r->have));
	} else if (clause == XPM_CLAUSE_GPU_MODEL) {
		snprintf(r->need, sizeof(r->need), "%s", text_or(need->model, "any"));
		list_models(need, c, r->have, sizeof(r->have));
	} else if (clause == XPM_CLAUSE_GPU_MEMORY) {
		gpu_memory(need, c, r);
	} else if (clause == XPM_CLAUSE_GPU_MIN_MEMORY) {
		gpu_min_memory(need, c, r);
	} else {
		gpu_assignment(s, r);
	}
}

void xpm_match_reason(const struct xpm_match *match, size_t alternative, size_t row, enum xpm_clause clause,
		      struct xpm_reason *reason)
{
	struct subject s = subject_of(match, alternative, row);
	const struct xpm_candidate *c = &s.row->candidate;

	memset(reason, 0, sizeof(*reason));
	reason->clause = clause;
	switch (clause) {
	case XPM_CLAUSE_GPU_COUNT:
	case XPM_CLAUSE_MIN_GPU:
		snprintf(reason->need, sizeof(reason->need), "%" PRIu32, s.alternative->accel_count);
		snprintf(reason->have, sizeof(reason->have), "%" PRIu32,
			 clause == XPM_CLAUSE_MIN_GPU ? c->min_gpu : c->accel_count);
		break;
	case XPM_CLAUSE_CORES:
		snprintf(reason->need, sizeof(reason->need), "%" PRIu32, xpm_predicate_cores(&s.predicate, c->mem_per_cpu));
		snprintf(reason->have, sizeof(reason->have), "%" PRIu32, c->cores);
		break;
	case XPM_CLAUSE_MEMORY:
		xpm_size_print(s.alternative->mem, reason->need);
		xpm_size_print(c->memory, reason->have);
		break;
	case XPM_CLAUSE_DURATION:
		xpm_duration_print(s.predicate.duration, reason->need);
		xpm_duration_print(c->max_duration, reason->have);
		break;
	case XPM_CLAUSE_LIVE:
		snprintf(reason->need, sizeof(reason->need), "open to this job");
		snprintf(reason->have, sizeof(reason->have), "%s", text_or(s.cell->live, "not available"));
		break;
	case XPM_CLAUSE_UNION:
		union_reason(&s, reason);
		break;
	case XPM_CLAUSE_PARTITION:
	case XPM_CLAUSE_QOS:
	case XPM_CLAUSE_ACCOUNT:
	case XPM_CLAUSE_CONSTRAINT:
	case XPM_CLAUSE_HOSTS:
	case XPM_CLAUSE_GRES:
		typed_reason(&s, clause, reason);
		break;
	case XPM_CLAUSE_GPU_KIND:
	case XPM_CLAUSE_GPU_MODEL:
	case XPM_CLAUSE_GPU_MEMORY:
	case XPM_CLAUSE_GPU_MIN_MEMORY:
	case XPM_CLAUSE_GPU_ASSIGNMENT:
		gpu_reason(&s, clause, reason);
		break;
	case XPM_CLAUSES:
		break;
	}
}

/* How far, in thousandths of what is asked for; 1000 where there is no measure. */
static unsigned distance(uint64_t need, uint64_t have)
{
	uint64_t more = need > have ? need : have, less = need > have ? have : need;

	return more ? 1000 - (unsigned)((unsigned __int128)less * 1000 / more) : 0;
}

static unsigned row_distance(const struct subject *s)
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
			sum += distance(failing_need(s, XPM_CLAUSE_GPU_MEMORY)->mem, most);
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
			struct subject s = subject_of(match, a, i);
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
		return xpm_fail(err, XPM_ERR_NO_MATCH, "no launcher satisfies the spec: none of %s has a candidate to offer",
				match->request.tags_len ? "this kind and tag" : "this kind");
	c = &match->table->rows[row].candidate;
	list_reasons(match, alternative, row, reasons, sizeof(reasons));
	return xpm_fail(err, XPM_ERR_NO_MATCH, "no launcher satisfies the spec; closest is %s%s%s%s%s (%s)",
			match->table->launchers[c->launcher].info.id, c->partition ? ", partition " : "",
			text_or(c->partition, ""), c->hosts ? ", nodes " : "", text_or(c->hosts, ""), reasons);
}
