/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation fails once: the call ends with XPM_ERR_MEMORY and leaks nothing (the sanitizers
 * and valgrind look). Linked with --wrap=malloc --wrap=calloc.
 */
#include <xpmatch/builders.h>
#include <xpmatch/spec.h>

#include "unit.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static long left = -1; /* allocations until the one that fails; below 0 none does */

static int fails_now(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

static struct xpm_requirement *one, *two;

static struct xpm_requirement *parse(struct xpm_error *err)
{
	return xpm_spec_parse(
	        "cuda(model='RTX 3090', mem=24G)*2 & cpu() | duration=4h & gpu(model=A100)", err);
}

static struct xpm_requirement *accel(struct xpm_error *err)
{
	return xpm_req_accel(XPM_ACCEL_CUDA, 5, "A100", 1, err);
}

static struct xpm_requirement *cpu(struct xpm_error *err)
{
	return xpm_req_cpu(5, 5, err);
}

static struct xpm_requirement *duration(struct xpm_error *err)
{
	return xpm_req_duration(5, err);
}

static struct xpm_requirement * and (struct xpm_error * err)
{
	return xpm_req_and(one, two, err);
}

static struct xpm_requirement * or (struct xpm_error * err)
{
	return xpm_req_or(one, two, err);
}

static struct xpm_requirement *times(struct xpm_error *err)
{
	return xpm_req_times(one, 3, err);
}

static struct xpm_requirement *longer(struct xpm_error *err)
{
	return xpm_req_multiply_duration(one, 3, 2, err);
}

START_TEST(every_allocation)
{
	static struct xpm_requirement *(*const calls[])(
	        struct xpm_error *) = { parse, accel, cpu, duration, and, or, times, longer };
	char model[3000];
	size_t i, failures = 0;
	long n;

	/* Long enough that the arena needs more than one block. */
	for (i = 0; i < sizeof(model) - 1; i++)
		model[i] = 'a';
	model[i] = '\0';
	one = parse(NULL);
	two = xpm_req_accel(XPM_ACCEL_ROCM, 0, model, 1, NULL);
	ck_assert(one && two);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (n = 0;; n++) {
			struct xpm_error err = { 0 };
			struct xpm_requirement *made;

			left = n;
			made = calls[i](&err);
			if (left >= 0) {
				/* fewer allocations than that: done */
				left = -1;
				ck_assert(made || err.code == XPM_ERR_LIMIT);
				xpm_requirement_destroy(made);
				break;
			}
			failures++;
			ck_assert_ptr_null(made);
			ck_assert_int_eq(err.code, XPM_ERR_MEMORY);
			ck_assert_str_eq(err.text, "out of memory");
		}
	}
	ck_assert_uint_gt(failures, 16);
	xpm_requirement_destroy(one);
	xpm_requirement_destroy(two);
}
END_TEST

UNIT_MAIN("memory", every_allocation)
