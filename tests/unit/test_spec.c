/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/spec.h>
#include <xpmatch/units.h>

#include <string.h>
#include <time.h>

#include "cases.h"
#include "unit.h"

static char printed[16384];

static struct xpm_requirement *parse(const char *text)
{
	struct xpm_error err = { 0 };
	struct xpm_requirement *requirement = xpm_spec_parse(text, &err);

	ck_assert_msg(requirement != NULL, "%s: %s", text, err.text);
	ck_assert_int_eq(err.code, XPM_OK);
	return requirement;
}

static void assert_fails(const char *text, enum xpm_code code, unsigned column,
                         const char *expected)
{
	struct xpm_error err;

	memset(&err, 0xaa, sizeof(err));
	ck_assert_ptr_null(xpm_spec_parse(text, &err));
	ck_assert_str_eq(err.text, expected);
	ck_assert_int_eq(err.code, code);
	ck_assert_str_eq(err.source, "spec");
	ck_assert_uint_eq(err.column, column);
	ck_assert_ptr_null(xpm_spec_parse(text, NULL));
}

static void run_case(const char *name, const char *which)
{
	char *input = case_file(name, which, "input"),
	     *expected = case_file(name, which, "expected");
	struct xpm_requirement *requirement, *again;
	struct xpm_error err;

	ck_assert_msg(input && expected, "%s: no input or no expected", which);
	requirement = xpm_spec_parse(input, &err);
	if (requirement) {
		xpm_requirement_print(requirement, printed, sizeof(printed));
		again = parse(printed);
		ck_assert_msg(xpm_requirement_equal(requirement, again), "%s: no round trip",
		              which);
		ck_assert_str_eq(xpm_requirement_source(requirement), input);
		xpm_requirement_destroy(again);
		xpm_requirement_destroy(requirement);
	} else {
		xpm_error_print(&err, printed, sizeof(printed));
	}
	ck_assert_msg(!strcmp(printed, expected), "%s:\n%s\nexpected:\n%s", which, printed,
	              expected);
	free(input);
	free(expected);
}

START_TEST(corpus)
{
	ck_assert_int_ge(each_case("spec", run_case), 80);
}
END_TEST

START_TEST(fields)
{
	struct xpm_requirement *requirement =
	        parse("duration=4 days & cuda(mem=24G)*2 & cpu(mem=4GiB, cores=8) & gpu(model='RTX "
	              "3090') | "
	              "cpu()");
	size_t len;
	const struct xpm_alternative *a = xpm_requirement_alternatives(requirement, &len);

	ck_assert_uint_eq(len, 2);
	ck_assert_uint_eq(a[0].duration, 345600);
	ck_assert_uint_eq(a[0].mem, UINT64_C(4) << 30);
	ck_assert_uint_eq(a[0].cores, 8);
	ck_assert_uint_eq(a[0].accel_count, 3);
	ck_assert_uint_eq(a[0].accels_len, 2);
	ck_assert_int_eq(a[0].accels[0].kind, XPM_ACCEL_CUDA);
	ck_assert_uint_eq(a[0].accels[0].count, 2);
	ck_assert_uint_eq(a[0].accels[0].mem, UINT64_C(24000000000));
	ck_assert_ptr_null(a[0].accels[0].model);
	ck_assert_int_eq(a[0].accels[1].kind, XPM_ACCEL_ANY);
	ck_assert_uint_eq(a[0].accels[1].count, 1);
	ck_assert_uint_eq(a[0].accels[1].mem, 0);
	ck_assert_str_eq(a[0].accels[1].model, "RTX 3090");
	ck_assert_uint_eq(a[1].cores, 1);
	ck_assert_uint_eq(a[1].mem, 0);
	ck_assert_uint_eq(a[1].duration, 0);
	ck_assert_uint_eq(a[1].accels_len, 0);
	xpm_alternative_print(&a[1], printed, sizeof(printed));
	ck_assert_str_eq(printed, "cpu(cores=1)");
	xpm_requirement_destroy(requirement);
	xpm_requirement_destroy(NULL);
	ck_assert_str_eq(xpm_accel_kind_name(XPM_ACCEL_ROCM), "rocm");
	ck_assert_str_eq(xpm_accel_kind_name(XPM_ACCEL_MPS), "mps");
	ck_assert_str_eq(xpm_accel_kind_name(XPM_ACCEL_CUDA), "cuda");
	ck_assert_str_eq(xpm_accel_kind_name(XPM_ACCEL_ANY), "gpu");
}
END_TEST

START_TEST(equality)
{
	static const struct {
		const char *a, *b;
		int equal;
	} cases[] = {
		{ "cuda(mem=24G)*2", "cuda_gpu(mem=24GB) & cuda(mem='24 G')", 1 },
		{ "cuda() & rocm()*2", "rocm() & cuda() & rocm()", 1 },
		{ "cuda()|rocm()", "rocm()|cuda()", 0 },
		{ "cuda()", "cuda()|cuda()", 0 },
		{ "cuda()", "gpu()", 0 },
		{ "cuda()", "cuda()*2", 0 },
		{ "cuda()*2 & rocm()", "cuda() & rocm()*2", 0 },
		{ "cuda(model=A100)", "cuda(model=a100)", 1 },
		{ "cuda(model=A100)", "cuda(model=A10)", 0 },
		{ "cuda(model=A100)", "cuda()", 0 },
		{ "cuda(mem=24G)", "cuda(mem=24GiB)", 0 },
		{ "duration=1d", "duration=24h & duration=2h", 1 },
		{ "cpu()", "cpu(cores=1)", 1 },
		{ "cpu(mem=4G)", "cpu(cores=1, mem=4G)", 0 },
		{ "cpu(mem=4G) & cpu(cores=2)", "cpu(cores=2,mem=4G) & cpu() & cpu(mem=1M)", 1 },
		{ "cpu()", "cpu() & duration=1h", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xpm_requirement *a = parse(cases[i].a), *b = parse(cases[i].b);

		ck_assert_msg(xpm_requirement_equal(a, b) == cases[i].equal, "%s == %s", cases[i].a,
		              cases[i].b);
		ck_assert_int_eq(xpm_requirement_equal(b, a), cases[i].equal);
		ck_assert_int_eq(xpm_requirement_equal(a, a), 1);
		xpm_requirement_destroy(a);
		xpm_requirement_destroy(b);
	}
}
END_TEST

/* text n times, with joint between */
static char *repeat(const char *text, const char *joint, int n)
{
	char *all = malloc((strlen(text) + strlen(joint)) * (size_t)n + 1), *end = all;
	int i;

	for (i = 0; i < n; i++)
		end += sprintf(end, "%s%s", i ? joint : "", text);
	return all;
}

START_TEST(bounds)
{
	char *text;

	text = repeat(" ", "", XPM_SPEC_MAX - 6);
	text = realloc(text, XPM_SPEC_MAX + 2);
	strcat(text, "cuda()");
	xpm_requirement_destroy(parse(text));
	strcat(text, " ");
	assert_fails(text, XPM_ERR_LIMIT, XPM_SPEC_MAX + 1, "the spec is longer than 4096 bytes");
	free(text);

	text = repeat("cuda()", "|", 64);
	xpm_requirement_destroy(parse(text));
	free(text);
	text = repeat("cuda()", "|", 65);
	assert_fails(text, XPM_ERR_LIMIT, 64 * 7, "more than 64 alternatives");
	free(text);

	xpm_requirement_destroy(parse("cuda()*1024"));
	xpm_requirement_destroy(parse("cuda()*1023 & gpu()"));
	xpm_requirement_destroy(parse("cuda()*1024 | cuda()*1024"));
	assert_fails("cuda()*1025", XPM_ERR_LIMIT, 8,
	             "more than 1024 accelerators in one alternative");
	assert_fails("cuda()*4294967297", XPM_ERR_LIMIT, 8,
	             "more than 1024 accelerators in one alternative");
	assert_fails("cuda()*18446744073709551617", XPM_ERR_LIMIT, 8,
	             "more than 1024 accelerators in one alternative");
	assert_fails("cuda()*1024 & gpu()", XPM_ERR_LIMIT, 15,
	             "more than 1024 accelerators in one alternative");
	assert_fails("cuda()*1000 & cuda()*25", XPM_ERR_LIMIT, 22,
	             "more than 1024 accelerators in one alternative");

	xpm_requirement_destroy(parse("cpu(cores=1048576)"));
	assert_fails("cpu(cores=1048577)", XPM_ERR_LIMIT, 11,
	             "cores is above the limit of 1048576");
	assert_fails("cpu(cores=4294967297)", XPM_ERR_LIMIT, 11,
	             "cores is above the limit of 1048576");

	xpm_requirement_destroy(parse("cuda(mem=4194304TiB) & cpu(mem=4194304TiB)"));
	assert_fails("cuda(mem=4194305TiB)", XPM_ERR_LIMIT, 10,
	             "size '4194305TiB' is above the limit of 4194304TiB");
	assert_fails("cpu(mem=18446744073709551617G)", XPM_ERR_LIMIT, 9,
	             "size '18446744073709551617G' is above the limit of 4194304TiB");
	xpm_requirement_destroy(parse("duration=1099511627776s"));
	assert_fails("duration=1099511627777s", XPM_ERR_LIMIT, 10,
	             "duration '1099511627777s' is above the limit of 2^40 seconds");
}
END_TEST

START_TEST(printing_into_too_little)
{
	struct xpm_requirement *requirement =
	        parse("cuda(model='a \"b\" c', mem=1G)*2 | duration=1h & cpu()");
	size_t whole = xpm_requirement_print(requirement, printed, sizeof(printed)), size;

	ck_assert_str_eq(printed, "cuda(mem=1G, model='a \"b\" c')*2 | cpu(cores=1) & duration=1h");
	ck_assert_uint_eq(xpm_requirement_print(requirement, NULL, 0), whole);
	for (size = 1; size < whole + 2; size++) {
		char *buf = malloc(size);

		ck_assert_uint_eq(xpm_requirement_print(requirement, buf, size), whole);
		ck_assert_uint_eq(strlen(buf), size - 1 < whole ? size - 1 : whole);
		ck_assert_int_eq(strncmp(buf, printed, strlen(buf)), 0);
		free(buf);
	}
	xpm_requirement_destroy(requirement);
}
END_TEST

/* Texts of the grammar by chance, in every way of writing them. */
static unsigned seed;

static int chance(int n)
{
	return rand() % n;
}

static const char *pick(const char *const *texts, int n)
{
	return texts[chance(n)];
}
#define PICK(array) pick(array, (int)(sizeof(array) / sizeof(array[0])))

static const char *const blanks[] = { "", "", "", " ", "  ", "\t", "\n" };
static const char *const size_units[] = { "K",  "M",  "G",   "T",   "KB",  "MB",
	                                  "GB", "TB", "KiB", "MiB", "GiB", "TiB" };
static const char *const time_units[] = { "s",   "m",       "h",    "d",    "w",
	                                  "sec", "minutes", "hour", "days", "weeks" };
static const char *const kinds[] = { "cuda", "cuda_gpu", "rocm", "mps", "gpu" };
static const char *const models[] = { "A100",      "a100",     "'RTX 3090'",
	                              "\"GH200\"", "\"it's\"", "v100-sxm2.32" };

static char *number(char *to)
{
	to += sprintf(to, "%d", chance(3) ? chance(100) + 1 : chance(100000) + 1);
	if (!chance(3))
		to += sprintf(to, ".%d", chance(100000));
	return to;
}

static char *value(char *to, const char *unit)
{
	const char *quote = chance(4) ? "" : chance(2) ? "\"" : "'";
	/* no newline within quotes */
	const char *blank = chance(4) ? "" : " ";

	to += sprintf(to, "%s%s%s", PICK(blanks), "=", PICK(blanks));
	to += sprintf(to, "%s", quote);
	to = number(to);
	return to + sprintf(to, "%s%s%s", blank, unit, quote);
}

static char *term(char *to)
{
	int first = chance(2), mem = chance(2), other = chance(2), i;

	if (!chance(4))
		return value(to + sprintf(to, "duration"), PICK(time_units));
	if (!chance(3)) {
		to += sprintf(to, "cpu%s(", PICK(blanks));
		if (mem)
			to = value(to + sprintf(to, "mem"), PICK(size_units));
		if (other)
			to += sprintf(to, "%scores=%d", mem ? "," : "", chance(64) + 1);
		return to + sprintf(to, "%s)", PICK(blanks));
	}
	to += sprintf(to, "%s(%s", PICK(kinds), PICK(blanks));
	for (i = 0; i < 2; i++) {
		if (i == first && mem)
			to = value(to + sprintf(to, "mem"), PICK(size_units));
		else if (i != first && other)
			to += sprintf(to, "model%s=%s", PICK(blanks), PICK(models));
		else
			continue;
		if (i == 0 && mem && other)
			to += sprintf(to, "%s,%s", PICK(blanks), PICK(blanks));
	}
	to += sprintf(to, "%s)", PICK(blanks));
	if (!chance(3))
		to += sprintf(to, "%s*%s%d", PICK(blanks), PICK(blanks), chance(20) + 1);
	return to;
}

START_TEST(random_texts_round_trip)
{
	char text[XPM_SPEC_MAX * 4];
	int round;

	seed = getenv("XPM_SEED") ? (unsigned)atoi(getenv("XPM_SEED")) : (unsigned)time(NULL);
	printf("spec: seed %u (repeat with XPM_SEED)\n", seed);
	srand(seed);
	for (round = 0; round < 10000; round++) {
		struct xpm_requirement *a, *b;
		int alternatives = chance(4) + 1, terms, i, j;
		char *to = text;

		for (i = 0; i < alternatives; i++) {
			terms = chance(5) + 1;
			to += sprintf(to, "%s%s", i ? "|" : "", PICK(blanks));
			for (j = 0; j < terms; j++) {
				to += sprintf(to, "%s%s", j ? "&" : "", PICK(blanks));
				to = term(to);
				to += sprintf(to, "%s", PICK(blanks));
			}
		}
		a = parse(text);
		xpm_requirement_print(a, printed, sizeof(printed));
		b = parse(printed);
		ck_assert_msg(xpm_requirement_equal(a, b), "%s\n%s", text, printed);
		/* The canonical text is a fixed point. */
		xpm_requirement_print(b, text, sizeof(text));
		ck_assert_str_eq(text, printed);
		xpm_requirement_destroy(a);
		xpm_requirement_destroy(b);
	}
}
END_TEST

/* What is no spec is refused with a place inside of the text, whatever it is. */
START_TEST(random_damage_is_survived)
{
	static const char base[] =
	        "duration=20h & cuda(mem=24G, model=\"RTX 3090\")*2 | cpu(cores=8, mem=4GiB)";
	static const char alphabet[] = "()=,&|*\"' \n0123456789GhdmciBuacx_.+-\xc3\xa9\x01\xff";
	int round;

	srand(seed);
	for (round = 0; round < 20000; round++) {
		char *text = strdup(base);
		struct xpm_requirement *requirement;
		struct xpm_error err;
		int edits = chance(4) + 1;

		while (edits--)
			text[chance((int)sizeof(base) - 1)] =
			        alphabet[chance((int)sizeof(alphabet) - 1)];
		requirement = xpm_spec_parse(text, &err);
		if (!requirement) {
			ck_assert_int_ne(err.code, XPM_OK);
			ck_assert_uint_ge(err.line, 1);
			ck_assert_uint_le(err.column, strlen(text) + 1);
			ck_assert_int_ne(err.text[0], '\0');
		}
		xpm_requirement_destroy(requirement);
		free(text);
	}
}
END_TEST

UNIT_MAIN("spec", corpus, fields, equality, bounds, printing_into_too_little,
          random_texts_round_trip, random_damage_is_survived)
