/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace in words: what a clause needs, and what the row has. Everything shown to people comes from here. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xpmatch/units.h>

#include "reason_private.h"

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

struct xpm_subject xpm_reason_subject(const struct xpm_match *match, size_t alternative, size_t row)
{
	struct xpm_subject s = { .match = match };
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

/* What did not fit into its buffer says so: a list cut in silence would be another list. */
static void mark_cut(char *buf, size_t size, size_t len)
{
	size_t at = size - 3;

	if (len < size)
		return;
	while (at > 0 && (buf[at] & 0xc0) == 0x80)
		at--;
	memcpy(buf + at, "..", 3);
}

static void say(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf, size, format, args);
	va_end(args);
	mark_cut(buf, size, len > 0 ? (size_t)len : 0);
}

static int need_fails(const struct xpm_subject *s, const struct xpm_accel_need *need, enum xpm_clause clause)
{
	return (xpm_predicate_need_failed(need, &s->row->candidate) & XPM_BIT(clause)) != 0;
}

/* Of the needs that fail the clause the one that asks for the most, or for the least where that is too little. */
const struct xpm_accel_need *xpm_reason_need(const struct xpm_subject *s, enum xpm_clause clause)
{
	const struct xpm_accel_need *found = NULL;

	for (size_t n = 0; n < s->alternative->accels_len; n++) {
		const struct xpm_accel_need *need = &s->alternative->accels[n];

		if (!need_fails(s, need, clause))
			continue;
		if (!found || (clause == XPM_CLAUSE_GPU_MIN_MEMORY ? need->mem < found->mem : need->mem > found->mem))
			found = need;
	}
	return found ? found : &s->alternative->accels[0];
}

/* "rocm", "rocm,mps": what is asked for and not there. */
static void list_missing(const struct xpm_subject *s, enum xpm_clause clause, char *buf, size_t size)
{
	const char *seen[8], *joint = "";
	size_t at = 0, seen_len = 0;

	for (size_t n = 0; n < s->alternative->accels_len && at < size && seen_len < 8; n++) {
		const struct xpm_accel_need *need = &s->alternative->accels[n];
		const char *name = clause == XPM_CLAUSE_GPU_KIND ? xpm_accel_kind_name(need->kind) : need->model;
		size_t known = 0;

		while (known < seen_len && strcmp(seen[known], name ? name : "") != 0)
			known++;
		if (!name || known < seen_len || !need_fails(s, need, clause))
			continue;
		seen[seen_len++] = name;
		at += (size_t)snprintf(buf + at, size - at, "%s%s", joint, name);
		joint = ",";
	}
	mark_cut(buf, size, at);
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
	mark_cut(buf, size, at);
}

static void list_models(const struct xpm_accel_need *need, const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t g = 0; g < c->accels_len && at < size; g++) {
		if (!xpm_predicate_kind_fits(need, &c->accels[g]))
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "," : "",
				       xpm_text_or(c->accels[g].model, XPM_NOT_GIVEN));
	}
	mark_cut(buf, size, at);
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
		say(r->have, sizeof(r->have), XPM_NOT_GIVEN);
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

static void gpu_assignment(const struct xpm_subject *s, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate;
	uint32_t fit = 0;

	for (size_t g = 0; g < c->accels_len; g++) {
		int any = 0;

		for (size_t n = 0; n < s->alternative->accels_len && !any; n++)
			any = xpm_predicate_fits(&s->alternative->accels[n], &c->accels[g]);
		fit += any ? c->accels[g].count : 0;
	}
	say(r->need, sizeof(r->need), "%" PRIu32 " that fit, each once", s->alternative->accel_count);
	if (fit < s->alternative->accel_count)
		say(r->have, sizeof(r->have), "%" PRIu32, fit);
	else
		say(r->have, sizeof(r->have), "%" PRIu32 ", but not for all at once", fit);
}

static void list_features(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at = 0;

	snprintf(buf, size, "no features");
	for (size_t i = 0; i < c->features_len && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? "," : "", c->features[i]);
	mark_cut(buf, size, at);
}

/* Its hosts, or what is known of them: "n[1-4]", "nodes with Y,Z", "nodes without features". */
static void where(const struct xpm_candidate *c, char *buf, size_t size)
{
	size_t at;

	if (c->hosts || !c->partition) {
		say(buf, size, "%s", xpm_text_or(c->hosts, "this machine"));
		return;
	}
	at = (size_t)snprintf(buf, size, "nodes %s", c->features_len ? "with " : "without features");
	if (c->features_len)
		list_features(c, buf + at, size - at);
}

/* The chosen one among those that s could have joined; NULL when none was. */
static const struct xpm_candidate *chosen_beside(const struct xpm_subject *s)
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
	mark_cut(buf, size, at);
}

static void union_reason(const struct xpm_subject *s, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate, *leak, *chosen = chosen_beside(s);
	char place[96], size[XPM_SIZE_TEXT];

	switch (s->cell->leak) {
	case XPM_LEAK_LANE:
		say(r->need, sizeof(r->need), "the QoS and account of the chosen one");
		say(r->have, sizeof(r->have), "qos %s, account %s", xpm_text_or(c->qos, "none"), xpm_text_or(c->account, "none"));
		return;
	case XPM_LEAK_MEM_PER_CPU:
		say(r->need, sizeof(r->need), "the mem_per_cpu of the chosen one, %s",
			 size_or_none(chosen ? chosen->mem_per_cpu : 0, size));
		say(r->have, sizeof(r->have), "%s", size_or_none(c->mem_per_cpu, size));
		return;
	case XPM_LEAK_HOSTS:
		say(r->need, sizeof(r->need), "hosts that need not be excluded");
		where(c, place, sizeof(place));
		say(r->have, sizeof(r->have), "%s, excluded where it would not do", place);
		return;
	case XPM_LEAK_TYPE:
		say(r->need, sizeof(r->need), "the GRES type that the others need");
		list_types(c, r->have, sizeof(r->have));
		return;
	case XPM_LEAK_WORK:
		say(r->need, sizeof(r->need), "a smaller choice");
		say(r->have, sizeof(r->have), "too many node groups to compare");
		return;
	default:
		break;
	}
	if (s->cell->leak >= s->match->table->rows_len) {
		say(r->need, sizeof(r->need), "a sound union");
		return;
	}
	leak = &s->match->table->rows[s->cell->leak].candidate;
	where(leak, place, sizeof(place));
	say(r->need, sizeof(r->need), "a request that keeps out %s of %s", place, xpm_text_or(leak->partition, "this machine"));
	say(r->have, sizeof(r->have), "none");
}

static void typed_reason(const struct xpm_subject *s, enum xpm_clause clause, struct xpm_reason *r)
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
		need = xpm_text_or(o->nodelist, o->exclude);
		have = c->hosts;
	}
	say(r->need, sizeof(r->need), "%s%s", clause == XPM_CLAUSE_HOSTS && !o->nodelist ? "other than " : "",
		 xpm_text_or(need, "none"));
	say(r->have, sizeof(r->have), "%s", xpm_text_or(have, "none"));
	if (clause == XPM_CLAUSE_CONSTRAINT) {
		say(r->need, sizeof(r->need), "%s", xpm_text_or(o->constraint, "none"));
		list_features(c, r->have, sizeof(r->have));
	}
}

static void gpu_reason(const struct xpm_subject *s, enum xpm_clause clause, struct xpm_reason *r)
{
	const struct xpm_candidate *c = &s->row->candidate;
	const struct xpm_accel_need *need = xpm_reason_need(s, clause);

	if (clause == XPM_CLAUSE_GPU_KIND) {
		list_missing(s, clause, r->need, sizeof(r->need));
		list_kinds(c, r->have, sizeof(r->have));
	} else if (clause == XPM_CLAUSE_GPU_MODEL) {
		list_missing(s, clause, r->need, sizeof(r->need));
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
	struct xpm_subject s = xpm_reason_subject(match, alternative, row);
	const struct xpm_candidate *c = &s.row->candidate;

	memset(reason, 0, sizeof(*reason));
	reason->clause = clause;
	switch (clause) {
	case XPM_CLAUSE_GPU_COUNT:
	case XPM_CLAUSE_MIN_GPU:
		say(reason->need, sizeof(reason->need), "%" PRIu32, s.alternative->accel_count);
		say(reason->have, sizeof(reason->have), "%" PRIu32,
			 clause == XPM_CLAUSE_MIN_GPU ? c->min_gpu : c->accel_count);
		break;
	case XPM_CLAUSE_CORES:
		say(reason->need, sizeof(reason->need), "%" PRIu32, xpm_predicate_cores(&s.predicate, c->mem_per_cpu));
		say(reason->have, sizeof(reason->have), "%" PRIu32, c->cores);
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
		say(reason->need, sizeof(reason->need), "open to this job");
		say(reason->have, sizeof(reason->have), "%s", xpm_text_or(s.cell->live, "not available"));
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
