/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/builders.h>
#include <xpmatch/units.h>

#include <string.h>

#include "unit.h"

#define G UINT64_C(1000000000)

static struct xpm_error err;

/* The requirement is what the text says. Takes it over. */
static void same(struct xpm_requirement *made, const char *text)
{
	struct xpm_requirement *parsed = xpm_spec_parse(text, NULL);
	char printed[XPM_SPEC_MAX + 1];

	ck_assert_msg(made != NULL, "%s: %s", text, err.text);
	ck_assert_ptr_nonnull(parsed);
	xpm_requirement_print(made, printed, sizeof(printed));
	ck_assert_msg(xpm_requirement_equal(made, parsed), "%s is not %s", printed, text);
	xpm_requirement_destroy(made);
	xpm_requirement_destroy(parsed);
}

/* The same of one that was built: its source is its canonical text. */
static void is(struct xpm_requirement *made, const char *text)
{
	char printed[XPM_SPEC_MAX + 1];

	ck_assert_msg(made != NULL, "%s: %s", text, err.text);
	xpm_requirement_print(made, printed, sizeof(printed));
	ck_assert_str_eq(xpm_requirement_source(made), printed);
	same(made, text);
}

static void fails(const struct xpm_requirement *made, enum xpm_code code, const char *text)
{
	ck_assert_ptr_null(made);
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err.code, code);
	memset(&err, 0, sizeof(err));
}

static struct xpm_requirement *spec(const char *text)
{
	struct xpm_requirement *requirement = xpm_spec_parse(text, &err);

	ck_assert_msg(requirement != NULL, "%s: %s", text, err.text);
	return requirement;
}

typedef struct xpm_requirement *joiner(const struct xpm_requirement *,
                                       const struct xpm_requirement *, struct xpm_error *);

/* Operands as text. They are still what they were afterwards. */
static struct xpm_requirement *join(joiner *joins, const char *left, const char *right)
{
	struct xpm_requirement *a = spec(left), *b = spec(right), *result = joins(a, b, &err);

	same(a, left);
	same(b, right);
	return result;
}

static struct xpm_requirement *times(const char *text, uint32_t n)
{
	struct xpm_requirement *a = spec(text), *result = xpm_req_times(a, n, &err);

	same(a, text);
	return result;
}

static struct xpm_requirement *longer(const char *text, uint32_t numerator, uint32_t denominator)
{
	struct xpm_requirement *a = spec(text),
	                       *result = xpm_req_multiply_duration(a, numerator, denominator, &err);

	same(a, text);
	return result;
}

START_TEST(single_terms)
{
	is(xpm_req_cuda(0, &err), "cuda()");
	is(xpm_req_cuda(24 * G, &err), "cuda(mem=24G)");
	is(xpm_req_accel(XPM_ACCEL_ANY, 0, "RTX 3090", 3, &err), "gpu(model='RTX 3090')*3");
	is(xpm_req_accel(XPM_ACCEL_ROCM, G, "say \"hi\"", 1, &err),
	   "rocm(mem=1G, model='say \"hi\"')");
	is(xpm_req_accel(XPM_ACCEL_MPS, XPM_SIZE_MAX, "it's é", XPM_ACCELERATORS_MAX, &err),
	   "mps(mem=4194304TiB, model=\"it's é\")*1024");
	is(xpm_req_cpu(0, 0, &err), "cpu()");
	is(xpm_req_cpu(4 * G, 0, &err), "cpu(mem=4G)");
	is(xpm_req_cpu(0, 8, &err), "cpu(cores=8)");
	is(xpm_req_cpu(4 * G, XPM_CORES_MAX, &err), "cpu(cores=1048576, mem=4G)");
	is(xpm_req_duration(1, &err), "duration=1s");
	is(xpm_req_duration(XPM_DURATION_MAX, &err), "duration=1099511627776s");
}
END_TEST

START_TEST(wrong_arguments)
{
	fails(xpm_req_cuda(XPM_SIZE_MAX + 1, &err), XPM_ERR_LIMIT,
	      "mem is above the limit of 2^62 bytes");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, NULL, 0, &err), XPM_ERR_VALUE,
	      "the number of accelerators must be at least 1");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, NULL, 1025, &err), XPM_ERR_LIMIT,
	      "more than 1024 accelerators in one alternative");
	fails(xpm_req_accel((enum xpm_accel_kind)7, 0, NULL, 1, &err), XPM_ERR_VALUE,
	      "there is no accelerator kind 7");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, "", 1, &err), XPM_ERR_VALUE,
	      "the model name is empty");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, "a\nb", 1, &err), XPM_ERR_VALUE,
	      "unprintable character 0x0a in the model name");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, "a\xff", 1, &err), XPM_ERR_VALUE,
	      "unprintable character 0xff in the model name");
	fails(xpm_req_accel(XPM_ACCEL_CUDA, 0, "'\"", 1, &err), XPM_ERR_VALUE,
	      "a model name cannot have both kinds of quotes");
	fails(xpm_req_cpu(XPM_SIZE_MAX + 1, 1, &err), XPM_ERR_LIMIT,
	      "mem is above the limit of 2^62 bytes");
	fails(xpm_req_cpu(0, XPM_CORES_MAX + 1, &err), XPM_ERR_LIMIT,
	      "cores is above the limit of 1048576");
	fails(xpm_req_duration(0, &err), XPM_ERR_VALUE, "duration must be at least 1 second");
	fails(xpm_req_duration(XPM_DURATION_MAX + 1, &err), XPM_ERR_LIMIT,
	      "duration is above the limit of 2^40 seconds");
	fails(xpm_req_and(NULL, NULL, &err), XPM_ERR_VALUE, "an operand is missing");
	fails(xpm_req_or(NULL, NULL, &err), XPM_ERR_VALUE, "an operand is missing");
	fails(xpm_req_times(NULL, 1, &err), XPM_ERR_VALUE, "an operand is missing");
	fails(xpm_req_multiply_duration(NULL, 1, 1, &err), XPM_ERR_VALUE, "an operand is missing");
	ck_assert_ptr_null(xpm_req_duration(0, NULL));
}
END_TEST

START_TEST(joined)
{
	is(join(xpm_req_and, "cuda(mem=24G)*2", "duration=20h"), "cuda(mem=24G)*2 & duration=20h");
	is(join(xpm_req_and, "cuda()", "cuda()*2 & rocm()"), "cuda()*3 & rocm()");
	is(join(xpm_req_and, "cpu(mem=4G)", "cpu(cores=3, mem=2G)"), "cpu(cores=3, mem=4G)");
	is(join(xpm_req_and, "duration=2h", "duration=1h"), "duration=2h");
	is(join(xpm_req_and, "cuda(model=A100) | rocm()", "duration=1h | cpu()"),
	   "cuda(model=A100) & duration=1h | cuda(model=A100) & cpu() | rocm() & duration=1h | "
	   "rocm() & cpu()");
	is(join(xpm_req_or, "cuda() | rocm()", "mps()"), "cuda() | rocm() | mps()");
	is(join(xpm_req_or, "cuda()", "cuda()"), "cuda() | cuda()");
	fails(join(xpm_req_and, "cuda()*1000", "rocm()*25"), XPM_ERR_LIMIT,
	      "more than 1024 accelerators in one alternative");
}
END_TEST

START_TEST(multiplied)
{
	is(times("cuda(mem=14G)", 2), "cuda_gpu(mem=\"14G\") * 2");
	is(times("cuda()*2 & rocm() & cpu(cores=3) & duration=1h | cpu()", 3),
	   "cuda()*6 & rocm()*3 & cpu(cores=3) & duration=1h | cpu()");
	is(times("cuda()", 1024), "cuda()*1024");
	fails(times("cuda()", 1025), XPM_ERR_LIMIT,
	      "more than 1024 accelerators in one alternative");
	fails(times("cuda()*1024", UINT32_MAX), XPM_ERR_LIMIT,
	      "more than 1024 accelerators in one alternative");
	fails(times("cuda()*2", UINT32_C(1) << 31), XPM_ERR_LIMIT,
	      "more than 1024 accelerators in one alternative");
	fails(times("cuda()", 0), XPM_ERR_VALUE, "the number of accelerators must be at least 1");
	fails(times("cpu() & duration=1h", 2), XPM_ERR_VALUE,
	      "only accelerators can be multiplied, and there is none");

	is(longer("cuda() & duration=1h | cpu()", 3, 2), "cuda() & duration=90m | cpu()");
	is(longer("duration=10s", 1, 3), "duration=4s");
	is(longer("duration=1s", 1, UINT32_MAX), "duration=1s");
	is(longer("duration=1099511627775s", UINT32_MAX, UINT32_MAX), "duration=1099511627775s");
	is(longer("duration=1099511627776s", UINT32_MAX - 1, UINT32_MAX),
	   "duration=1099511627520s");
	fails(longer("duration=1099511627776s", UINT32_MAX, UINT32_MAX - 1), XPM_ERR_LIMIT,
	      "duration is above the limit of 2^40 seconds");
	fails(longer("duration=1w", UINT32_MAX, 1), XPM_ERR_LIMIT,
	      "duration is above the limit of 2^40 seconds");
	fails(longer("duration=1w", 0, 1), XPM_ERR_VALUE, "a duration cannot be multiplied by 0/1");
	fails(longer("duration=1w", 1, 0), XPM_ERR_VALUE, "a duration cannot be multiplied by 1/0");
}
END_TEST

START_TEST(bounds)
{
	struct xpm_requirement *all = spec("cuda()"), *next;
	char model[XPM_SPEC_MAX + 2];
	int i;

	for (i = 0; i < 3; i++) {
		next = xpm_req_or(all, all, &err);
		xpm_requirement_destroy(all);
		all = next;
	}
	next = xpm_req_and(all, all, &err); /* 8 * 8 */
	ck_assert_ptr_nonnull(next);
	fails(xpm_req_or(next, all, &err), XPM_ERR_LIMIT, "more than 64 alternatives");
	fails(xpm_req_and(next, all, &err), XPM_ERR_LIMIT, "more than 64 alternatives");
	xpm_requirement_destroy(next);
	xpm_requirement_destroy(all);

	memset(model, 'a', sizeof(model));
	model[XPM_SPEC_MAX - 12] = '\0'; /* the rest is cuda(model=) */
	next = xpm_req_accel(XPM_ACCEL_CUDA, 0, model, 1, &err);
	ck_assert_ptr_nonnull(next);
	ck_assert_uint_eq(xpm_requirement_print(next, NULL, 0), XPM_SPEC_MAX);
	fails(xpm_req_times(next, 2, &err), XPM_ERR_LIMIT,
	      "the requirement is 4098 bytes as text, the limit is 4096");
	xpm_requirement_destroy(next);
}
END_TEST

UNIT_MAIN("builders", single_terms, wrong_arguments, joined, multiplied, bounds)
