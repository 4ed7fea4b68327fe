/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formula.h"

#include <stdio.h>
#include <string.h>

#include "error_private.h"

#define FORMULA_MAX 65536 /* bytes of text */
#define ABSORB_MAX  256   /* terms of ours and the user's that are compared with each other */

/* An AND of some features of one class. */
struct clause {
	struct xpm_feature_set set;
	const struct xpm_class *klass; /* gives the order they are written in */
	size_t len;
};

struct formula {
	struct xpm_choice *choice;
	const struct xpm_row **forbidden; /* rows that the request reaches and that must not be admitted */
	size_t forbidden_len;
	struct clause *clauses;
	size_t len;
};

static const struct xpm_row *row_at(const struct xpm_choice *choice, uint32_t row)
{
	return &choice->match->table->rows[row];
}

static enum xpm_code collect_forbidden(struct formula *f, struct xpm_error *err)
{
	struct xpm_choice *choice = f->choice;
	const struct xpm_lane *lane = &choice->launcher->lanes[row_at(choice, choice->members[0])->lane];

	f->forbidden = xpm_arena_array(&choice->match->arena, lane->len, sizeof(const struct xpm_row *));
	f->clauses = xpm_arena_array(&choice->match->arena, choice->members_len, sizeof(*f->clauses));
	if (!f->forbidden || !f->clauses)
		return xpm_fail_memory(err);
	for (size_t i = 0; i < lane->len; i++) {
		uint8_t flags = choice->match->row_flags[lane->rows[i] - choice->launcher->info.first];

		if ((flags & (XPM_ROW_LEAKS | XPM_ROW_CLOSED)) == XPM_ROW_LEAKS && xpm_choice_reaches(choice, lane->rows[i]))
			f->forbidden[f->forbidden_len++] = row_at(choice, lane->rows[i]);
	}
	return XPM_OK;
}

static int admits_forbidden(const struct formula *f, const struct xpm_feature_set *set)
{
	for (size_t i = 0; i < f->forbidden_len; i++) {
		if (xpm_feature_set_within(set, &f->forbidden[i]->klass->features))
			return 1;
	}
	return 0;
}

static int covered(const struct formula *f, const struct xpm_class *klass, const struct clause *without)
{
	for (size_t i = 0; i < f->len; i++) {
		if (&f->clauses[i] != without && xpm_feature_set_within(&f->clauses[i].set, &klass->features))
			return 1;
	}
	return 0;
}

static size_t members_within(const struct formula *f, const struct xpm_feature_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < f->choice->members_len; i++)
		count += (size_t)xpm_feature_set_within(set, &row_at(f->choice, f->choice->members[i])->klass->features);
	return count;
}

/* The single feature, or the pair, that keeps out what it must and covers the most members; the first in file order of equals. */
static int shortest(const struct formula *f, const struct xpm_class *klass, size_t len, struct xpm_feature_set *best)
{
	size_t most = 0;

	for (size_t i = 0; i < klass->features_len; i++) {
		for (size_t j = i + (len == 2); j < (len == 2 ? klass->features_len : i + 1); j++) {
			struct xpm_feature_set set = { { 0 } };
			size_t count;

			xpm_feature_set_add(&set, klass->feature_ids[i]);
			xpm_feature_set_add(&set, klass->feature_ids[j]);
			if (admits_forbidden(f, &set))
				continue;
			count = members_within(f, &set);
			if (count > most) {
				most = count;
				*best = set;
			}
		}
	}
	return most > 0;
}

/* All features of the class, less each one that is not needed, the last first. */
static void drop_needless(const struct formula *f, const struct xpm_class *klass, struct xpm_feature_set *set)
{
	*set = klass->features;
	for (size_t i = klass->features_len; i-- > 0;) {
		struct xpm_feature_set less = *set;

		xpm_feature_set_remove(&less, klass->feature_ids[i]);
		if (!admits_forbidden(f, &less))
			*set = less;
	}
}

static void add_clause(struct formula *f, const struct xpm_class *klass)
{
	struct clause *clause = &f->clauses[f->len++];

	if (!shortest(f, klass, 1, &clause->set) && !shortest(f, klass, 2, &clause->set))
		drop_needless(f, klass, &clause->set);
	clause->klass = klass;
	clause->len = 0;
	for (size_t i = 0; i < klass->features_len; i++)
		clause->len += (size_t)xpm_feature_set_has(&clause->set, klass->feature_ids[i]);
}

/* Clauses without which every member is still admitted; the last first. */
static void drop_superfluous(struct formula *f)
{
	for (size_t c = f->len; c-- > 0;) {
		int needed = 0;

		for (size_t i = 0; i < f->choice->members_len && !needed; i++)
			needed = !covered(f, row_at(f->choice, f->choice->members[i])->klass, &f->clauses[c]);
		if (needed)
			continue;
		memmove(&f->clauses[c], &f->clauses[c + 1], (f->len - c - 1) * sizeof(*f->clauses));
		f->len--;
	}
}

static void simplify(struct formula *f)
{
	if (f->forbidden_len == 0)
		return;
	for (size_t i = 0; i < f->choice->members_len; i++) {
		const struct xpm_class *klass = row_at(f->choice, f->choice->members[i])->klass;

		if (!covered(f, klass, NULL))
			add_clause(f, klass);
	}
	drop_superfluous(f);
}

/* Rows that satisfy and are admitted although they did not join by themselves: the plan uses them, so say so. */
static void mark_admitted(const struct formula *f)
{
	const struct xpm_choice *choice = f->choice;
	const struct xpm_lane *lane = &choice->launcher->lanes[row_at(choice, choice->members[0])->lane];

	for (size_t i = 0; i < lane->len; i++) {
		struct xpm_cell *cell = &choice->cells[lane->rows[i]];

		if (cell->verdict != XPM_VERDICT_KEPT_OUT || !xpm_choice_reaches(choice, lane->rows[i]))
			continue;
		if (f->len > 0 && !covered(f, row_at(choice, lane->rows[i])->klass, NULL))
			continue;
		cell->verdict = XPM_VERDICT_JOINED;
		cell->failed &= ~XPM_BIT(XPM_CLAUSE_UNION);
		cell->leak = XPM_LEAK_NONE;
	}
}

/* Measured with at NULL, then written. */
struct text {
	char *at;
	size_t len;
};

static void put(struct text *text, const char *piece)
{
	size_t len = strlen(piece);

	if (text->at)
		memcpy(text->at + text->len, piece, len + 1);
	text->len += len;
}

/* One clause of ours and one of the user's, if he typed any: what the two ask for together. */
struct term {
	const struct clause *ours;
	struct xpm_feature_set set; /* of both, as far as the launcher knows the names */
	uint64_t others;            /* of the user's names, those that ours does not have, by their bits */
	uint64_t unknown;           /* of these, those that the launcher does not know */
	size_t len;
	int absorbed;
};

static void make_term(struct term *term, const struct formula *f, const struct clause *ours,
		      const struct xpm_typed_formula *typed, size_t t)
{
	const struct xpm_table_launcher *launcher = f->choice->launcher;

	*term = (struct term){ .ours = ours, .set = ours->set, .len = ours->len };
	for (size_t i = 0; typed->len && i < typed->names_len; i++) {
		size_t id = 0;

		if (!(typed->clauses[t] >> i & 1))
			continue;
		while (id < launcher->features_len && strcmp(launcher->features[id], typed->names[i]) != 0)
			id++;
		if (id < launcher->features_len && xpm_feature_set_has(&ours->set, (unsigned)id))
			continue;
		if (id < launcher->features_len)
			xpm_feature_set_add(&term->set, (unsigned)id);
		else
			term->unknown |= UINT64_C(1) << i;
		term->others |= UINT64_C(1) << i;
		term->len++;
	}
}

/* Terms that ask for all that another one asks for, too, say nothing new; of equals the first stays. */
static size_t drop_absorbed(struct term *terms, size_t len)
{
	size_t kept = 0;

	if (len > ABSORB_MAX)
		return len;
	for (size_t i = 0; i < len; i++) {
		int absorbed = 0;

		for (size_t j = 0; j < len && !absorbed; j++)
			absorbed = j != i && !(terms[j].unknown & ~terms[i].unknown) &&
				   xpm_feature_set_within(&terms[j].set, &terms[i].set) &&
				   (terms[j].len < terms[i].len || j < i);
		terms[i].absorbed = absorbed;
	}
	for (size_t i = 0; i < len; i++)
		if (!terms[i].absorbed)
			terms[kept++] = terms[i];
	return kept;
}

static void put_term(struct text *text, const struct formula *f, const struct term *term,
		     const struct xpm_typed_formula *typed, int parentheses)
{
	const struct clause *ours = term->ours;
	const char *joint = "";

	put(text, parentheses ? "(" : "");
	for (size_t i = 0; i < ours->klass->features_len; i++) {
		if (!xpm_feature_set_has(&ours->set, ours->klass->feature_ids[i]))
			continue;
		put(text, joint);
		put(text, f->choice->launcher->features[ours->klass->feature_ids[i]]);
		joint = "&";
	}
	for (size_t i = 0; term->others && i < typed->names_len; i++) {
		if (!(term->others >> i & 1))
			continue;
		put(text, joint);
		put(text, typed->names[i]);
		joint = "&";
	}
	put(text, parentheses ? ")" : "");
}

static void put_terms(struct text *text, const struct formula *f, const struct term *terms, size_t len,
		      const struct xpm_typed_formula *typed)
{
	for (size_t i = 0; i < len; i++) {
		put(text, i ? "|" : "");
		put_term(text, f, &terms[i], typed, len > 1 && terms[i].len > 1);
	}
}

static enum xpm_code print(const struct formula *f, const struct xpm_typed_formula *typed, const char **out,
			   struct xpm_error *err)
{
	struct xpm_arena *arena = &f->choice->match->arena;
	size_t theirs = typed->len ? typed->len : 1, len = 0;
	struct term *terms = xpm_arena_array(arena, f->len * theirs, sizeof(*terms));
	struct text text = { .at = NULL };

	if (!terms)
		return xpm_fail_memory(err);
	for (size_t c = 0; c < f->len; c++)
		for (size_t t = 0; t < theirs; t++)
			make_term(&terms[len++], f, &f->clauses[c], typed, t);
	if (typed->len)
		len = drop_absorbed(terms, len);
	put_terms(&text, f, terms, len, typed);
	if (text.len > FORMULA_MAX)
		return xpm_fail(err, XPM_ERR_LIMIT, "the constraint would have more than %d bytes", FORMULA_MAX);
	text.at = xpm_arena_alloc(arena, text.len + 1);
	if (!text.at)
		return xpm_fail_memory(err);
	text.len = 0;
	put_terms(&text, f, terms, len, typed);
	*out = text.at;
	return XPM_OK;
}

enum xpm_code xpm_formula_make(struct xpm_choice *choice, const char **text, struct xpm_error *err)
{
	const struct xpm_typed_formula *typed = &choice->match->typed.constraint;
	struct formula f = { .choice = choice };
	enum xpm_code code = collect_forbidden(&f, err);

	if (code)
		return code;
	if (choice->launcher->use_features)
		simplify(&f);
	mark_admitted(&f);
	*text = typed->text;
	if (f.len == 0)
		return XPM_OK;
	if (typed->opaque) {
		const char *ours;

		code = print(&f, &(struct xpm_typed_formula){ 0 }, &ours, err);
		return code ? code : xpm_fail(err, XPM_ERR_CONFLICT,
					      "the spec needs --constraint='%s', which cannot be combined with the "
					      "--constraint='%s' that was typed: only names with & and | can",
					      ours, typed->text);
	}
	return print(&f, typed, text, err);
}
