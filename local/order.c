// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything becomes vectors over a few dimensions: cores, memory, each token, each class of devices. A class is a set of
 * devices that no waiting job tells apart. What a job takes is then one vector, or several to choose from when devices of
 * more than one class would do.
 */
#include <stdlib.h>
#include <string.h>

#include "order.h"

#define DIM_CORES   0
#define DIM_MEMORY  1
#define DIM_TOKENS  2
#define DIM_CLASSES (DIM_TOKENS + XPM_ORDER_TOKENS)
#define DIMS        (DIM_CLASSES + XPM_ORDER_GPUS)
#define CHOICES_MAX 16
#define WORK_MAX    200000 /* steps of the search, some ms */

struct vector {
	uint64_t dim[DIMS];
};

struct item {
	const struct xpm_order_job *job;
	size_t index;
	struct vector *choices;
	size_t choices_len;
};

struct board {
	struct item *items;
	size_t len;
	struct vector capacity;
	uint64_t classes[XPM_ORDER_GPUS]; /* devices of each class */
	size_t classes_len;
	size_t dims;
	unsigned long work;
	const struct item **found; /* scratch of the search, len of each */
	uint64_t *suffix;
};

/* Devices that every term of every waiting job treats alike are one class. */
static void find_classes(struct board *board, const struct xpm_order_job *jobs, size_t len,
			 const struct xpm_order_capacity *capacity)
{
	uint64_t left = capacity->gpus;

	for (size_t i = 0; i < len; i++) {
		left |= jobs[i].running ? jobs[i].gpus : 0;
		for (size_t t = 0; !jobs[i].running && t < jobs[i].terms_len; t++)
			left |= jobs[i].terms[t].mask;
	}
	while (left) {
		uint64_t klass = left;

		/* what is in the capacity is never alike to what is not */
		klass &= (capacity->gpus & left & -left) ? capacity->gpus : ~capacity->gpus;
		for (size_t i = 0; i < len; i++)
			for (size_t t = 0; !jobs[i].running && t < jobs[i].terms_len; t++) {
				uint64_t mask = jobs[i].terms[t].mask;

				klass &= (mask & left & -left) ? mask : ~mask;
			}
		board->classes[board->classes_len++] = klass;
		left &= ~klass;
	}
	board->dims = DIM_CLASSES + board->classes_len;
}

static void set_scalars(struct vector *v, const struct xpm_order_job *job)
{
	memset(v, 0, sizeof(*v));
	v->dim[DIM_CORES] = job->cores;
	v->dim[DIM_MEMORY] = job->memory;
	for (size_t i = 0; i < XPM_ORDER_TOKENS; i++)
		v->dim[DIM_TOKENS + i] = job->tokens[i];
}

static uint64_t bits(uint64_t mask)
{
	return (uint64_t)__builtin_popcountll(mask);
}

static int same(const struct board *board, const struct vector *a, const struct vector *b)
{
	return !memcmp(a->dim, b->dim, board->dims * sizeof(a->dim[0]));
}

/* All ways to spread the terms over the classes, those that use the first classes first. */
static void spread(struct board *board, struct item *item, size_t term, size_t klass, uint32_t left,
		   struct vector *v)
{
	if (item->choices_len >= CHOICES_MAX)
		return;
	if (term == item->job->terms_len) {
		for (size_t i = 0; i < item->choices_len; i++)
			if (same(board, &item->choices[i], v))
				return;
		item->choices[item->choices_len++] = *v;
		return;
	}
	if (klass == board->classes_len) {
		if (!left)
			spread(board, item, term + 1, 0,
			       term + 1 < item->job->terms_len ? item->job->terms[term + 1].count : 0, v);
		return;
	}
	if (item->job->terms[term].mask & board->classes[klass]) {
		uint64_t *used = &v->dim[DIM_CLASSES + klass];
		uint64_t room = bits(board->classes[klass]) - *used;

		for (uint32_t n = room < left ? (uint32_t)room : left; n > 0; n--) {
			*used += n;
			spread(board, item, term, klass + 1, left - n, v);
			*used -= n;
		}
	}
	spread(board, item, term, klass + 1, left, v);
}

static size_t choices_max(const struct xpm_order_job *job)
{
	return !job->running && job->terms_len ? CHOICES_MAX : 1;
}

static void set_choices(struct board *board, struct item *item)
{
	struct vector v;

	set_scalars(&v, item->job);
	item->choices_len = 0;
	if (item->job->running) {
		for (size_t k = 0; k < board->classes_len; k++)
			v.dim[DIM_CLASSES + k] = bits(item->job->gpus & board->classes[k]);
		item->choices[item->choices_len++] = v;
		return;
	}
	spread(board, item, 0, 0, item->job->terms_len ? item->job->terms[0].count : 0, &v);
}

static int fits(const struct board *board, const struct vector *v, const struct vector *free)
{
	for (size_t d = 0; d < board->dims; d++)
		if (v->dim[d] > free->dim[d])
			return 0;
	return 1;
}

static void take(const struct board *board, struct vector *from, const struct vector *v)
{
	for (size_t d = 0; d < board->dims; d++)
		from->dim[d] -= v->dim[d];
}

static int by_place(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->job->running != y->job->running)
		return x->job->running ? -1 : 1;
	if (x->job->ticket != y->job->ticket)
		return x->job->ticket < y->job->ticket ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The most a choice of the item takes of a dimension, of those that fit at all. */
static uint64_t most(const struct board *board, const struct item *item, size_t dim, const struct vector *room)
{
	uint64_t max = 0;

	for (size_t c = 0; c < item->choices_len; c++)
		if (item->choices[c].dim[dim] > max && fits(board, &item->choices[c], room))
			max = item->choices[c].dim[dim];
	return max;
}

struct search {
	struct board *board;
	const struct item **items;  /* those that take of the dimension, most first */
	uint64_t *suffix;           /* what items i.. could take together */
	size_t len, dim;
};

static int alike(const struct item *a, const struct item *b)
{
	return a->choices_len == b->choices_len &&
	       !memcmp(a->choices, b->choices, a->choices_len * sizeof(a->choices[0]));
}

/* Is there a set of items from i on that fits into room and takes more than `beyond` of the dimension? */
static int reach(struct search *s, size_t i, struct vector *room, uint64_t taken, uint64_t beyond, int skipped)
{
	if (taken > beyond)
		return 1;
	if (i == s->len || taken + s->suffix[i] <= beyond)
		return 0;
	if (++s->board->work > WORK_MAX)
		return 1; /* not known: do as if */
	/* of equal items, leaving out the first and taking the second gives nothing new */
	if (!(skipped && i && alike(s->items[i - 1], s->items[i])))
		for (size_t c = 0; c < s->items[i]->choices_len; c++) {
			const struct vector *v = &s->items[i]->choices[c];
			struct vector less;

			if (!v->dim[s->dim] || !fits(s->board, v, room))
				continue;
			less = *room;
			take(s->board, &less, v);
			if (reach(s, i + 1, &less, taken + v->dim[s->dim], beyond, 0))
				return 1;
		}
	return reach(s, i + 1, room, taken, beyond, 1);
}

/* Could a job that takes v keep the front job from starting with u, where without v it could? */
static int delays(struct board *board, size_t front, const struct vector *u, const struct vector *v)
{
	const struct item **items = board->found;
	uint64_t *suffix = board->suffix;
	struct vector room = board->capacity;
	int found = 0;

	take(board, &room, u);
	for (size_t d = 0; d < board->dims && !found; d++) {
		struct search s = { .board = board, .items = items, .suffix = suffix, .dim = d };
		uint64_t sum = 0;

		if (!v->dim[d])
			continue;
		if (v->dim[d] > room.dim[d])
			return 1; /* beside it alone it does not fit */
		for (size_t i = 0; i < front; i++) {
			size_t at = s.len;
			uint64_t m = most(board, &board->items[i], d, &room);

			if (!m)
				continue;
			for (; at && most(board, items[at - 1], d, &room) < m; at--)
				items[at] = items[at - 1];
			items[at] = &board->items[i];
			s.len++;
		}
		for (size_t i = s.len; i-- > 0;)
			suffix[i] = sum += most(board, items[i], d, &room);
		found = sum > room.dim[d] - v->dim[d] &&
			reach(&s, 0, &room, 0, room.dim[d] - v->dim[d], 0);
	}
	return found;
}

/* The first job in front that v could delay; board->len when there is none. Running ones come first, so it is not 0. */
static size_t first_delayed(struct board *board, size_t me, const struct vector *v)
{
	for (size_t i = 0; i < me; i++) {
		if (board->items[i].job->running)
			continue;
		for (size_t c = 0; c < board->items[i].choices_len; c++)
			if (fits(board, &board->items[i].choices[c], &board->capacity) &&
			    delays(board, i, &board->items[i].choices[c], v))
				return i;
	}
	return board->len;
}

static void name_missing(const struct board *board, const struct item *me, const struct vector *free,
			 struct xpm_order_answer *answer)
{
	const struct vector *v = &me->choices[0];

	answer->what = XPM_ORDER_GPU; /* also when there is no way to spread the terms */
	if (!me->choices_len)
		return;
	for (size_t d = 0; d < DIM_CLASSES && d < board->dims; d++)
		if (v->dim[d] > free->dim[d]) {
			answer->what = d == DIM_CORES ? XPM_ORDER_CORES :
				       d == DIM_MEMORY ? XPM_ORDER_MEMORY : XPM_ORDER_TOKEN;
			answer->token = d >= DIM_TOKENS ? d - DIM_TOKENS : 0;
			return;
		}
}

/* Devices of each class that nobody holds, the first ones first. */
static uint64_t pick(const struct board *board, const struct vector *v, uint64_t free)
{
	uint64_t picked = 0;

	for (size_t k = 0; k < board->classes_len; k++) {
		uint64_t left = board->classes[k] & free;

		for (uint64_t n = v->dim[DIM_CLASSES + k]; n && left; n--) {
			picked |= left & -left;
			left &= left - 1;
		}
	}
	return picked;
}

static void decide(struct board *board, size_t me, const struct xpm_order_capacity *capacity,
		   struct xpm_order_answer *answer)
{
	const struct item *item = &board->items[me];
	struct vector free = board->capacity;
	uint64_t devices = capacity->gpus;
	int possible = 0, room = 0;

	for (size_t i = 0; i < board->len; i++) {
		if (!board->items[i].job->running)
			continue;
		devices &= ~board->items[i].job->gpus;
		for (size_t d = 0; d < board->dims; d++) {
			uint64_t v = board->items[i].choices[0].dim[d];

			free.dim[d] -= v < free.dim[d] ? v : free.dim[d];
		}
	}
	for (size_t c = 0; c < item->choices_len; c++) {
		size_t delayed;

		possible |= fits(board, &item->choices[c], &board->capacity);
		if (!fits(board, &item->choices[c], &free))
			continue;
		room = 1;
		delayed = first_delayed(board, me, &item->choices[c]);
		if (delayed == board->len) {
			answer->verdict = XPM_ORDER_START;
			answer->gpus = pick(board, &item->choices[c], devices);
			return;
		}
		answer->behind = board->items[delayed].index;
	}
	answer->verdict = room ? XPM_ORDER_BEHIND : possible ? XPM_ORDER_BUSY : XPM_ORDER_NEVER;
	name_missing(board, item, possible ? &free : &board->capacity, answer);
}

void xpm_order_decide(const struct xpm_order_job *jobs, size_t len, size_t me,
		      const struct xpm_order_capacity *capacity, struct xpm_order_answer *answer)
{
	struct board board = { .len = len };
	struct vector *choices;
	size_t room = 0;
	struct xpm_order_job whole = { .cores = capacity->cores, .memory = capacity->memory };

	memset(answer, 0, sizeof(*answer));
	answer->verdict = XPM_ORDER_BUSY;
	for (size_t i = 0; i < len; i++)
		room += choices_max(&jobs[i]);
	choices = calloc(room, sizeof(*choices));
	board.items = calloc(len, sizeof(*board.items));
	board.found = calloc(len, sizeof(*board.found));
	board.suffix = calloc(len, sizeof(*board.suffix));
	if (!choices || !board.items || !board.found || !board.suffix)
		goto out;
	find_classes(&board, jobs, len, capacity);
	memcpy(whole.tokens, capacity->tokens, sizeof(whole.tokens));
	set_scalars(&board.capacity, &whole);
	for (size_t k = 0; k < board.classes_len; k++)
		board.capacity.dim[DIM_CLASSES + k] = bits(board.classes[k] & capacity->gpus);
	for (size_t i = 0; i < len; i++) {
		board.items[i].job = &jobs[i];
		board.items[i].index = i;
		board.items[i].choices = choices + room - choices_max(&jobs[i]);
		room -= choices_max(&jobs[i]);
		set_choices(&board, &board.items[i]);
	}
	qsort(board.items, len, sizeof(*board.items), by_place);
	for (size_t i = 0; i < len; i++)
		if (board.items[i].index == me) {
			decide(&board, i, capacity, answer);
			break;
		}
out:
	free(board.suffix);
	free(board.found);
	free(board.items);
	free(choices);
}
