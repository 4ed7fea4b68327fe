/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/units.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "unit.h"

struct unit_case {
	const char *text;
	uint64_t value; /* when error is NULL */
	enum xpm_code code;
	const char *error;
};

#define VALUE(text, value)                                                                         \
	{                                                                                          \
		text, value, XPM_OK, NULL                                                          \
	}
#define WRONG(text, error)                                                                         \
	{                                                                                          \
		text, 0, XPM_ERR_VALUE, error                                                      \
	}
#define LIMIT(text, error)                                                                         \
	{                                                                                          \
		text, 0, XPM_ERR_LIMIT, error                                                      \
	}

static const struct unit_case sizes[] = {
	VALUE("24G", UINT64_C(24000000000)),
	VALUE("24GB", UINT64_C(24000000000)),
	VALUE("24GiB", UINT64_C(25769803776)),
	VALUE(" 24 \tGB\n", UINT64_C(24000000000)),
	VALUE("1K", 1000),
	VALUE("1KB", 1000),
	VALUE("1KiB", 1024),
	VALUE("1M", 1000000),
	VALUE("1MiB", 1048576),
	VALUE("1.5T", UINT64_C(1500000000000)),
	VALUE("1TiB", UINT64_C(1) << 40),
	VALUE("0007K", 7000),
	VALUE("0", 0),
	VALUE("0.0", 0),
	VALUE("0G", 0),
	VALUE("0.001K", 1),
	VALUE("0.0001K", 1),
	VALUE("1.0001K", 1001),
	VALUE("0.00000000000000000000000000000000000000000000000001T", 1),
	VALUE("0.33333333333333333333333333333333333333333333333333GiB", 357913942),
	VALUE("1.0000000000000000000000000000000000000000000000000GiB", 1073741824),
	/* where doubles would be one off */
	VALUE("9007199254740.993K", UINT64_C(9007199254740993)),
	VALUE("4611686018427387.904K", UINT64_C(1) << 62),
	VALUE("4194304TiB", UINT64_C(1) << 62),
	LIMIT("4611686018427387.905K",
	      "size '4611686018427387.905K' is above the limit of 4194304TiB"),
	LIMIT("4611686018427387.9041K",
	      "size '4611686018427387.9041K' is above the limit of 4194304TiB"),
	LIMIT("4194305TiB", "size '4194305TiB' is above the limit of 4194304TiB"),
	LIMIT("18446744073709551616K",
	      "size '18446744073709551616K' is above the limit of 4194304TiB"),
	LIMIT("18446744073709551.616K",
	      "size '18446744073709551.616K' is above the limit of 4194304TiB"),
	LIMIT("99999999999999999999999999999999999999999999999999G",
	      "size '9999999999999999999999999999999999999999' is above the limit of 4194304TiB"),
	WRONG("24", "size '24' has no unit (did you mean '24G' or '24GiB'?)"),
	WRONG("24000", "size '24000' has no unit (did you mean '24000M' or '24000MiB'?)"),
	WRONG("24g", "unknown unit 'g' (did you mean '24G'?)"),
	WRONG("24gb", "unknown unit 'gb' (did you mean '24GB'?)"),
	WRONG("24Gb", "unknown unit 'Gb' (did you mean '24GB'?)"),
	WRONG("24gib", "unknown unit 'gib' (did you mean '24GiB'?)"),
	WRONG("24GIB", "unknown unit 'GIB' (did you mean '24GiB'?)"),
	WRONG("24 Gi", "unknown unit 'Gi' (did you mean '24 GiB'?)"),
	WRONG("24B", "unknown unit 'B': expected K, M, G, T, KB to TB or KiB to TiB"),
	WRONG("1P", "unknown unit 'P': expected K, M, G, T, KB to TB or KiB to TiB"),
	WRONG("", "expected a size, got nothing"),
	WRONG(" \t", "expected a size, got nothing"),
	WRONG("G", "expected a size that starts with a digit, got 'G'"),
	WRONG("-1G", "expected a size that starts with a digit, got '-1G'"),
	WRONG("+1G", "expected a size that starts with a digit, got '+1G'"),
	WRONG(".5G", "expected a size that starts with a digit, got '.5G'"),
	WRONG("1.G", "expected a digit after the point of '1.G'"),
	WRONG("1.2.3G", "unknown unit '.3G': expected K, M, G, T, KB to TB or KiB to TiB"),
	WRONG("1e3K", "unknown unit 'e3K': expected K, M, G, T, KB to TB or KiB to TiB"),
	WRONG("0x10K", "unknown unit 'x10K': expected K, M, G, T, KB to TB or KiB to TiB"),
};

static const struct unit_case durations[] = {
	VALUE("90s", 90),
	VALUE("90 sec", 90),
	VALUE("90secs", 90),
	VALUE("1 second", 1),
	VALUE("2 seconds", 2),
	VALUE("2m", 120),
	VALUE("2 min", 120),
	VALUE("2mins", 120),
	VALUE("1 minute", 60),
	VALUE("2 minutes", 120),
	VALUE("1.5h", 5400),
	VALUE("1 hour", 3600),
	VALUE("20 hours", 72000),
	VALUE("4d", 345600),
	VALUE("1 day", 86400),
	VALUE("4 days", 345600),
	VALUE("1w", 604800),
	VALUE("1 week", 604800),
	VALUE("2 weeks", 1209600),
	VALUE("0", 0),
	VALUE("0s", 0),
	VALUE("0.1s", 1),
	VALUE("1.00000000000000000001s", 2),
	VALUE("1099511627776s", UINT64_C(1) << 40),
	LIMIT("1099511627777s", "duration '1099511627777s' is above the limit of 2^40 seconds"),
	LIMIT("1818000w", "duration '1818000w' is above the limit of 2^40 seconds"),
	WRONG("4H", "unknown unit 'H' (did you mean '4h'?)"),
	WRONG("4 hrs", "unknown unit 'hrs' (did you mean '4 hours'?)"),
	WRONG("4 Days", "unknown unit 'Days' (did you mean '4 days'?)"),
	WRONG("4y", "unknown unit 'y': expected s, m, h, d or w"),
	WRONG("", "expected a duration, got nothing"),
	WRONG("h", "expected a duration that starts with a digit, got 'h'"),
};

static const struct unit_case spec_durations[] = {
	WRONG("90", "duration '90' has no unit (did you mean '90m', '90h' or '90d'?)"),
	WRONG("20:00:00", "expected a duration such as 90m, 20h or 4d, got '20:00:00'"),
	WRONG("1-12", "expected a duration such as 90m, 20h or 4d, got '1-12'"),
};

static const struct unit_case slurm_durations[] = {
	VALUE("20:00:00", 72000),
	VALUE("00:00:01", 1),
	VALUE("100:00:00", 360000),
	VALUE("1-12", 129600),
	VALUE("1-12:30", 131400),
	VALUE("1-1:1:1", 90061),
	VALUE("0-0", 0),
	VALUE(" 4-00:00:00 ", 345600),
	VALUE("12725829-00:36:16", UINT64_C(1) << 40),
	LIMIT("12725829-00:36:17",
	      "duration '12725829-00:36:17' is above the limit of 2^40 seconds"),
	LIMIT("12725829-00:36:99",
	      "duration '12725829-00:36:99' is above the limit of 2^40 seconds"),
	LIMIT("99999999999999999999:0:0",
	      "duration '99999999999999999999:0:0' is above the limit of 2^40 seconds"),
	WRONG("90",
	      "duration '90' has no unit (did you mean '90m', '90h' or '90d', or '1-12:00:00'?)"),
	WRONG("10:30",
	      "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '10:30'"),
	WRONG("1:", "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '1:'"),
	WRONG("1-", "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '1-'"),
	WRONG("1-2-3",
	      "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '1-2-3'"),
	WRONG("1:2:3:4",
	      "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '1:2:3:4'"),
	WRONG("1-2:3:4:5",
	      "expected a duration such as 90m, 20h, 4d, 1-12:00:00 or 20:00:00, got '1-2:3:4:5'"),
};

#define SLURM 1
#define SPEC  2
#define SIZE  4

static void check_all(const struct unit_case *cases, size_t len, int how)
{
	size_t i;

	for (i = 0; i < len; i++) {
		const struct unit_case *c = &cases[i];
		size_t text_len = strlen(c->text);
		char *text =
		        malloc(text_len + 1); /* exactly as long: reading beyond is seen by ASan */
		uint64_t value = 12345;
		struct xpm_error err = { 0 };
		enum xpm_code code;

		memcpy(text, c->text, text_len);
		if (how == SIZE)
			code = xpm_size_parse(text, text_len, &value, &err);
		else
			code = xpm_duration_parse(text, text_len, how == SLURM, &value, &err);
		free(text);
		if (c->error) {
			ck_assert_str_eq(err.text, c->error);
			ck_assert_int_eq(err.code, c->code);
			ck_assert_uint_eq(value, 12345);
			ck_assert_uint_eq(err.line, 0);
		} else {
			ck_assert_msg(code == XPM_OK, "%s: %s", c->text, err.text);
			ck_assert_msg(value == c->value, "%s is %" PRIu64 ", not %" PRIu64, c->text,
			              value, c->value);
			ck_assert_int_eq(err.code, XPM_OK);
		}
		ck_assert_int_eq(code, c->code);
	}
}
#define CHECK(cases, how) check_all(cases, sizeof(cases) / sizeof(cases[0]), how)

START_TEST(size_texts)
{
	CHECK(sizes, SIZE);
}
END_TEST

START_TEST(duration_texts)
{
	CHECK(durations, SPEC);
	CHECK(durations, SLURM);
	CHECK(spec_durations, SPEC);
	CHECK(slurm_durations, SLURM);
}
END_TEST

START_TEST(a_part_of_a_text)
{
	uint64_t bytes;

	ck_assert_int_eq(xpm_size_parse("24GiB", 3, &bytes, NULL), XPM_OK);
	ck_assert_uint_eq(bytes, UINT64_C(24000000000));
	ck_assert_int_eq(xpm_size_parse("24GiB", 2, &bytes, NULL), XPM_ERR_VALUE);
	ck_assert_int_eq(xpm_size_parse("24\0G", 4, &bytes, NULL), XPM_ERR_VALUE);
}
END_TEST

START_TEST(printed_forms)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} forms[] = {
		{ 0, "0" },
		{ 1, "0.001K" },
		{ 1000, "1K" },
		{ 1024, "1KiB" },
		{ UINT64_C(24000000000), "24G" },
		{ UINT64_C(25769803776), "24GiB" },
		{ 536870912, "512MiB" },
		{ UINT64_C(500000000000), "500G" },
		{ UINT64_C(1500000000000), "1.5T" },
		{ UINT64_C(1) << 62, "4194304TiB" },
		{ (UINT64_C(1) << 62) - 1, "4611686018427387.903K" },
	};
	static const struct {
		uint64_t seconds;
		const char *text;
	} times[] = {
		{ 0, "0" },       { 1, "1s" },         { 60, "1m" },
		{ 5400, "90m" },  { 345600, "4d" },    { 129600, "36h" },
		{ 604800, "7d" }, { 90061, "90061s" }, { UINT64_C(1) << 40, "1099511627776s" },
	};
	char buf[XPM_SIZE_TEXT];
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		ck_assert_str_eq(xpm_size_print(forms[i].bytes, buf), forms[i].text);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		ck_assert_str_eq(xpm_duration_print(times[i].seconds, buf), times[i].text);
	ck_assert_ptr_eq(xpm_size_print(1, buf), buf);
}
END_TEST

START_TEST(printed_forms_read_back)
{
	unsigned seed = (unsigned)time(NULL);
	char buf[XPM_SIZE_TEXT];
	int i;

	printf("units: seed %u\n", seed);
	srand(seed);
	for (i = 0; i < 100000; i++) {
		uint64_t wide =
		        ((uint64_t)rand() << 32 ^ (uint64_t)rand() << 16 ^ (uint64_t)rand()) >>
		        (rand() % 63 + 1);
		uint64_t bytes = wide % (XPM_SIZE_MAX + 1), seconds = wide % (XPM_DURATION_MAX + 1),
		         back;

		xpm_size_print(bytes, buf);
		ck_assert_int_eq(xpm_size_parse(buf, strlen(buf), &back, NULL), 0);
		ck_assert_uint_eq(back, bytes);
		xpm_duration_print(seconds, buf);
		ck_assert_int_eq(xpm_duration_parse(buf, strlen(buf), i % 2, &back, NULL), 0);
		ck_assert_uint_eq(back, seconds);
	}
}
END_TEST

UNIT_MAIN("units", size_texts, duration_texts, a_part_of_a_text, printed_forms,
          printed_forms_read_back)
