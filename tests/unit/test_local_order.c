// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of xpm-local's ledger, by simulation: nobody waits who could run, nobody is delayed by one who came later.
 * The second is measured against the same trace without any overtaking; the judge of single decisions is brute force.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../local/order.h"

#define JOBS 1000

struct job {
	struct xpm_order_job need;
	unsigned arrival, duration;
	int state; /* 0 not there yet, 1 waiting, 2 running, 3 over */
	unsigned start, end;
};

static const struct xpm_order_capacity CAPACITY = {
	.cores = 8, .memory = 64, .tokens = { 3, 1 }, .gpus = 3,
};

static uint32_t seed;

static uint32_t any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static void make_trace(struct job *jobs, uint32_t number, unsigned gap)
{
	unsigned now = 0;

	seed = number;
	memset(jobs, 0, JOBS * sizeof(*jobs));
	for (size_t i = 0; i < JOBS; i++) {
		struct xpm_order_job *need = &jobs[i].need;

		now += any(gap);
		jobs[i].arrival = now;
		jobs[i].duration = 1 + any(any(4) ? 20 : 200);
		need->ticket = i + 1;
		need->cores = 1 + (any(3) ? any(3) : any(8));
		need->memory = any(2) ? 0 : any(any(3) ? 16 : 65);
		need->tokens[0] = any(4) ? 0 : 1 + any(3);
		need->tokens[1] = !any(8);
		if (!any(3)) {
			need->terms_len = 1;
			need->terms[0].count = 1 + !any(3);
			need->terms[0].mask = CAPACITY.gpus;
		}
	}
}

static uint64_t gpus_of(const struct xpm_order_job *job)
{
	return job->running ? (uint64_t)__builtin_popcountll(job->gpus) : job->terms_len ? job->terms[0].count : 0;
}

/* Do these run together? All devices are alike in this trace. */
static int together(const struct xpm_order_job **set, size_t len)
{
	uint64_t cores = 0, memory = 0, gpus = 0, tokens[2] = { 0, 0 };

	for (size_t i = 0; i < len; i++) {
		cores += set[i]->cores;
		memory += set[i]->memory;
		gpus += gpus_of(set[i]);
		tokens[0] += set[i]->tokens[0];
		tokens[1] += set[i]->tokens[1];
	}
	return cores <= 8 && memory <= 64 && gpus <= 2 && tokens[0] <= 3 && tokens[1] <= 1;
}

/* Brute force: 1 when `me` could delay `front`, 0 when not, -1 when there are too many to try. */
static int could_delay(const struct xpm_order_job *all, size_t len, size_t front, size_t me)
{
	const struct xpm_order_job *others[64], *set[64];
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (i != front && i != me && (all[i].running || all[i].ticket < all[front].ticket)) {
			if (n == 10)
				return -1;
			others[n++] = &all[i];
		}
	for (uint32_t choice = 0; choice < UINT32_C(1) << n; choice++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (choice >> i & 1)
				set[k++] = others[i];
		set[k++] = &all[front];
		if (!together(set, k))
			continue;
		set[k++] = &all[me];
		if (!together(set, k))
			return 1;
	}
	return 0;
}

static int fits_now(const struct xpm_order_job *all, size_t len, size_t me)
{
	const struct xpm_order_job *set[JOBS];
	size_t k = 0;

	for (size_t i = 0; i < len; i++)
		if (all[i].running || i == me)
			set[k++] = &all[i];
	return together(set, k);
}

/* Waiting and running jobs side by side; which says whose row is whose. */
static size_t collect(const struct job *jobs, struct xpm_order_job *rows, size_t *which)
{
	size_t len = 0;

	for (size_t i = 0; i < JOBS; i++)
		if (jobs[i].state == 1 || jobs[i].state == 2) {
			which[len] = i;
			rows[len++] = jobs[i].need;
		}
	return len;
}

static void judge(const struct xpm_order_job *rows, size_t len, size_t me, const struct xpm_order_answer *answer,
		  unsigned *checked)
{
	switch (answer->verdict) {
	case XPM_ORDER_START:
		ck_assert(fits_now(rows, len, me));
		for (size_t i = 0; i < len; i++)
			if (!rows[i].running && rows[i].ticket < rows[me].ticket)
				ck_assert_int_ne(could_delay(rows, len, i, me), 1);
		break;
	case XPM_ORDER_BUSY:
		ck_assert(!fits_now(rows, len, me));
		break;
	case XPM_ORDER_BEHIND:
		ck_assert(fits_now(rows, len, me));
		ck_assert(rows[answer->behind].ticket < rows[me].ticket);
		ck_assert_int_ne(could_delay(rows, len, answer->behind, me), 0);
		break;
	case XPM_ORDER_NEVER:
		ck_abort_msg("a job of this trace always fits into the empty machine");
	}
	(*checked)++;
}

static void start_all(struct job *jobs, unsigned now, unsigned *checked, unsigned *overtook)
{
	static struct xpm_order_job rows[JOBS];
	static size_t which[JOBS];
	size_t len = collect(jobs, rows, which);

	/* in order: a later start gives nothing to those in front, so one pass is enough */
	for (size_t i = 0; i < len; i++) {
		struct xpm_order_answer answer;
		struct job *job = &jobs[which[i]];
		uint64_t held = 0;

		if (rows[i].running)
			continue;
		xpm_order_decide(rows, len, i, &CAPACITY, &answer);
		judge(rows, len, i, &answer, checked);
		if (answer.verdict != XPM_ORDER_START)
			continue;
		for (size_t k = 0; k < len; k++) {
			held |= rows[k].running ? rows[k].gpus : 0;
			*overtook += k < i && !rows[k].running;
		}
		ck_assert(!(held & answer.gpus));
		ck_assert(!(answer.gpus & ~CAPACITY.gpus));
		ck_assert_uint_eq((uint64_t)__builtin_popcountll(answer.gpus), gpus_of(&rows[i]));
		job->state = 2;
		job->start = now;
		job->end = now + job->duration;
		job->need.running = 1;
		job->need.gpus = answer.gpus;
		rows[i] = job->need;
	}
	/* nobody who waits now could have run */
	for (size_t i = 0; i < len && now % 16 == 0; i++) {
		struct xpm_order_answer answer;

		if (rows[i].running)
			continue;
		xpm_order_decide(rows, len, i, &CAPACITY, &answer);
		ck_assert_int_ne(answer.verdict, XPM_ORDER_START);
	}
}

/* The same trace when nobody overtakes. */
static void run_in_order(struct job *jobs)
{
	const struct xpm_order_job *set[JOBS];
	unsigned now = 0;

	for (size_t i = 0; i < JOBS; i++) {
		now = now > jobs[i].arrival ? now : jobs[i].arrival;
		for (;;) {
			unsigned next = 0;
			size_t k = 0;

			for (size_t j = 0; j < i; j++)
				if (jobs[j].end > now) {
					set[k++] = &jobs[j].need;
					next = !next || jobs[j].end < next ? jobs[j].end : next;
				}
			set[k++] = &jobs[i].need;
			if (together(set, k))
				break;
			now = next;
		}
		jobs[i].start = now;
		jobs[i].end = now + jobs[i].duration;
	}
}

static void simulate(uint32_t number, unsigned gap)
{
	static struct job jobs[JOBS], plain[JOBS];
	unsigned over = 0, checked = 0, overtook = 0, earlier = 0;

	make_trace(jobs, number, gap);
	memcpy(plain, jobs, sizeof(plain));
	run_in_order(plain);
	for (unsigned now = 0; over < JOBS; now++) {
		int changed = 0;

		for (size_t i = 0; i < JOBS; i++) {
			if (jobs[i].state == 2 && jobs[i].end == now) {
				jobs[i].state = 3;
				over++;
				changed = 1;
			}
			if (!jobs[i].state && jobs[i].arrival == now)
				jobs[i].state = changed = 1;
		}
		if (changed)
			start_all(jobs, now, &checked, &overtook);
	}
	for (size_t i = 0; i < JOBS; i++) {
		ck_assert_msg(jobs[i].start <= plain[i].start, "trace %u: job %zu starts at %u, in order at %u", number,
			      i, jobs[i].start, plain[i].start);
		earlier += jobs[i].start < plain[i].start;
	}
	ck_assert_uint_gt(overtook, 0);
	ck_assert_uint_gt(earlier, 0);
	ck_assert_uint_ge(checked, JOBS);
}

START_TEST(test_trace)
{
	/* gaps from an overfull machine to one that keeps up */
	static const unsigned gaps[] = { 40, 50, 60, 80 };

	simulate(UINT32_C(2463534242) + (uint32_t)_i * 77, gaps[_i]);
}
END_TEST

START_TEST(test_never)
{
	struct xpm_order_job job = { .ticket = 1, .cores = 9 };
	struct xpm_order_answer answer;

	xpm_order_decide(&job, 1, 0, &CAPACITY, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_NEVER);
	ck_assert_int_eq(answer.what, XPM_ORDER_CORES);
	job.cores = 1;
	job.terms_len = 1;
	job.terms[0] = (struct xpm_order_term){ .count = 3, .mask = 3 };
	xpm_order_decide(&job, 1, 0, &CAPACITY, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_NEVER);
	ck_assert_int_eq(answer.what, XPM_ORDER_GPU);
}
END_TEST

/* A job that can never start does not stand in anybody's way. */
START_TEST(test_impossible_in_front)
{
	struct xpm_order_job jobs[2] = { { .ticket = 1, .cores = 9 }, { .ticket = 2, .cores = 8 } };
	struct xpm_order_answer answer;

	xpm_order_decide(jobs, 2, 1, &CAPACITY, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_START);
}
END_TEST

/* Two kinds of devices: the smaller one is taken where both would do, the larger one when only it is free. */
START_TEST(test_two_kinds)
{
	static const struct xpm_order_capacity two = { .cores = 8, .gpus = 7 }; /* 1, 2 small, 4 large */
	struct xpm_order_job jobs[3] = {
		{ .ticket = 1, .cores = 1, .terms = { { 1, 7 } }, .terms_len = 1 },
		{ .ticket = 2, .cores = 1, .terms = { { 1, 4 } }, .terms_len = 1 },
		{ .ticket = 3, .cores = 1, .running = 1, .gpus = 3 },
	};
	struct xpm_order_answer answer;

	xpm_order_decide(jobs, 2, 0, &two, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_START);
	ck_assert_uint_eq(answer.gpus, 1);
	xpm_order_decide(jobs, 3, 0, &two, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_START);
	ck_assert_uint_eq(answer.gpus, 4);
	/* one behind that has only the large one to take must not take it from the one in front */
	jobs[0].ticket = 1;
	xpm_order_decide(jobs, 3, 1, &two, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_BEHIND);
	ck_assert_uint_eq(answer.behind, 0);
}
END_TEST

/* A job that takes two different devices at once. */
START_TEST(test_mixed_terms)
{
	static const struct xpm_order_capacity two = { .cores = 8, .gpus = 7 };
	struct xpm_order_job job = { .ticket = 1, .terms = { { 1, 7 }, { 1, 4 } }, .terms_len = 2 };
	struct xpm_order_answer answer;

	xpm_order_decide(&job, 1, 0, &two, &answer);
	ck_assert_int_eq(answer.verdict, XPM_ORDER_START);
	ck_assert_uint_eq(answer.gpus, 5);
}
END_TEST

/* Sixty different jobs in front: the search stays within its bound and errs towards waiting. */
START_TEST(test_work)
{
	static struct xpm_order_job jobs[60];
	struct xpm_order_capacity large = { .cores = 1000000, .memory = 1000000 };
	struct xpm_order_answer answer;

	seed = 99;
	for (size_t i = 0; i < 60; i++) {
		jobs[i].ticket = i + 1;
		jobs[i].cores = 200000 + any(500000);
		jobs[i].memory = 200000 + any(500000);
	}
	jobs[59].cores = jobs[59].memory = 1;
	xpm_order_decide(jobs, 60, 59, &large, &answer);
	ck_assert_int_ne(answer.verdict, XPM_ORDER_NEVER);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("local_order");
	TCase *tcase = tcase_create("order");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_trace, 0, 4);
	tcase_add_test(tcase, test_never);
	tcase_add_test(tcase, test_impossible_in_front);
	tcase_add_test(tcase, test_two_kinds);
	tcase_add_test(tcase, test_mixed_terms);
	tcase_add_test(tcase, test_work);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
