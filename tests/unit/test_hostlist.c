/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostlist.h"

#include <string.h>

#include "unit.h"

struct collected {
	char text[4096];
	size_t n, stop_at;
};

static int collect(const char *host, void *ctx)
{
	struct collected *to = ctx;

	if (to->n)
		strcat(to->text, " ");
	strcat(to->text, host);
	return ++to->n == to->stop_at ? 42 : 0;
}

START_TEST(expansion)
{
	static const struct {
		const char *expr, *hosts;
	} cases[] = {
		{ "login", "login" },
		{ "a,b,c", "a b c" },
		{ "n[1-3]", "n1 n2 n3" },
		{ "n[5]", "n5" },
		{ "n[5-5]", "n5" },
		{ "n[008-011]", "n008 n009 n010 n011" },
		{ "n[08-10,3,1-2]", "n08 n09 n10 n3 n1 n2" },
		{ "n[99-101]", "n99 n100 n101" },
		{ "n[098-100],x", "n098 n099 n100 x" },
		{ "n[1-2]-ib", "n1-ib n2-ib" },
		{ "[1-2]", "1 2" },
		{ "[1-2]a", "1a 2a" },
		{ "r[1-2]n[01-02]", "r1n01 r1n02 r2n01 r2n02" },
		{ "a[1-2][3,5]b", "a13b a15b a23b a25b" },
		{ "gpu-[1-2]x[1-3],login", "gpu-1x1 gpu-1x2 gpu-1x3 gpu-2x1 gpu-2x2 gpu-2x3 login" },
		{ "a.b_c-1", "a.b_c-1" },
		{ "n[999999999999999998-999999999999999999]", "n999999999999999998 n999999999999999999" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct collected got = { "", 0, 0 };

		ck_assert_int_eq(xpm_hostlist_each(cases[i].expr, collect, &got, 1000, NULL), XPM_OK);
		ck_assert_str_eq(got.text, cases[i].hosts);
		ck_assert_int_eq(xpm_hostlist_each(cases[i].expr, NULL, NULL, got.n, NULL), XPM_OK);
		ck_assert_int_eq(xpm_hostlist_each(cases[i].expr, NULL, NULL, got.n - 1, NULL), XPM_ERR_LIMIT);
	}
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *expr;
		unsigned column;
		enum xpm_code code;
		const char *text;
	} cases[] = {
		{ "", 1, XPM_ERR_VALUE, "expected a host name, but the text ends here" },
		{ ",a", 1, XPM_ERR_VALUE, "expected a host name, not ','" },
		{ "a,", 3, XPM_ERR_VALUE, "expected a host name, but the text ends here" },
		{ "a,,b", 3, XPM_ERR_VALUE, "expected a host name, not ','" },
		{ "a b", 2, XPM_ERR_VALUE, "expected a host name of letters, digits and . _ - [ ], not a blank" },
		{ "a]", 2, XPM_ERR_VALUE, "expected a host name of letters, digits and . _ - [ ], not ']'" },
		{ "n[", 3, XPM_ERR_VALUE, "expected a number, but the text ends here" },
		{ "n[]", 3, XPM_ERR_VALUE, "expected a number, not ']'" },
		{ "n[a]", 3, XPM_ERR_VALUE, "expected a number, not 'a'" },
		{ "n[1", 4, XPM_ERR_VALUE, "expected ',' or ']', but the text ends here" },
		{ "n[1,]", 5, XPM_ERR_VALUE, "expected a number, not ']'" },
		{ "n[1-]", 5, XPM_ERR_VALUE, "expected a number, not ']'" },
		{ "n[1--2]", 5, XPM_ERR_VALUE, "expected a number, not '-'" },
		{ "n[1[2]]", 4, XPM_ERR_VALUE, "expected ',' or ']', not '['" },
		{ "n[1 ,2]", 4, XPM_ERR_VALUE, "expected ',' or ']', not a blank" },
		{ "x,n[1,3-2]", 7, XPM_ERR_VALUE, "the range 3-2 runs backwards" },
		{ "n\xc3\xa9", 2, XPM_ERR_VALUE,
		  "expected a host name of letters, digits and . _ - [ ], not a byte that no host name has" },
		{ "n[1000000000000000000]", 3, XPM_ERR_LIMIT, "a number has more than 18 digits" },
		{ "a[1][1][1][1][1][1][1][1][1]", 26, XPM_ERR_LIMIT, "a host name has more than 8 brackets" },
		{ "x,n[1-101]", 3, XPM_ERR_LIMIT, "more than 100 hosts" },
		{ "n[1-60],m[1-41]", 9, XPM_ERR_LIMIT, "more than 100 hosts" },
		{ "n[0-999999999999999999][0-999999999999999999]", 1, XPM_ERR_LIMIT, "more than 100 hosts" },
		{ "n[0-999999999999999999,0-999999999999999999,0-999999999999999999,0-999999999999999999,"
		  "0-999999999999999999,0-999999999999999999,0-999999999999999999,0-999999999999999999,"
		  "0-999999999999999999,0-999999999999999999,0-999999999999999999,0-999999999999999999,"
		  "0-999999999999999999,0-999999999999999999,0-999999999999999999,0-999999999999999999,"
		  "0-999999999999999999,0-999999999999999999,0-999999999999999999,0-999999999999999999]",
		  1, XPM_ERR_LIMIT, "more than 100 hosts" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct collected got = { "", 0, 0 };
		struct xpm_error err;

		ck_assert_int_eq(xpm_hostlist_each(cases[i].expr, collect, &got, 100, &err), cases[i].code);
		ck_assert_uint_eq(got.n, 0);
		ck_assert_str_eq(err.text, cases[i].text);
		ck_assert_uint_eq(err.column, cases[i].column);
		ck_assert_int_eq(xpm_hostlist_each(cases[i].expr, NULL, NULL, 100, NULL), cases[i].code);
	}
}
END_TEST

START_TEST(name_length)
{
	char name[300];

	memset(name, 'x', sizeof(name));
	name[255] = '\0';
	ck_assert_int_eq(xpm_hostlist_each(name, NULL, NULL, 1, NULL), XPM_OK);
	name[255] = 'x';
	name[256] = '\0';
	ck_assert_int_eq(xpm_hostlist_each(name, NULL, NULL, 1, NULL), XPM_ERR_LIMIT);
	memcpy(name + 250, "[9-10000]", 10);
	ck_assert_int_eq(xpm_hostlist_each(name, NULL, NULL, 10000, NULL), XPM_OK);
	memcpy(name + 250, "[9-100000]", 11);
	ck_assert_int_eq(xpm_hostlist_each(name, NULL, NULL, 100000, NULL), XPM_ERR_LIMIT);
}
END_TEST

START_TEST(stops)
{
	struct collected got = { "", 0, 3 };
	struct xpm_error err = { .code = XPM_ERR_FILE };

	ck_assert_int_eq(xpm_hostlist_each("n[1-9],x", collect, &got, 100, &err), 42);
	ck_assert_str_eq(got.text, "n1 n2 n3");
	ck_assert_int_eq(err.code, XPM_ERR_FILE);
}
END_TEST

/* Names apart by blanks, to their array. */
static size_t split(char *text, const char **names)
{
	size_t n = 0;
	char *name;

	for (name = strtok(text, " "); name; name = strtok(NULL, " "))
		names[n++] = name;
	return n;
}

START_TEST(compression)
{
	static const struct {
		const char *names, *expr;
	} cases[] = {
		{ "", "" },
		{ "login", "login" },
		{ "n7", "n7" },
		{ "n1 n2 n3 login", "login,n[1-3]" },
		{ "n10 n9 n2 n1", "n[1-2,9-10]" },
		{ "n10 n2 n2 n10", "n[2,10]" },
		{ "n08 n09 n10 n11", "n[08-11]" },
		{ "n8 n9 n10 n11", "n[8-11]" },
		{ "n098 n099 n100", "n[098-100]" },
		{ "n099 n0100", "n[099,0100]" },
		{ "n99 n0100", "n[99,0100]" },
		{ "n1 n01 n2 n02", "n[1,01,2,02]" },
		{ "n0 n00 n000", "n[0,00,000]" },
		{ "n1-ib n2-ib n1 n2", "n[1-2],n[1-2]-ib" },
		{ "r1n1 r1n2 r10n1 r2n1", "r1n[1-2],r2n1,r10n1" },
		{ "a b c", "a,b,c" },
		{ "1 2 3", "[1-3]" },
		{ "n1 n3 n5", "n[1,3,5]" },
		{ "n999999999999999999 n1000000000000000000", "n999999999999999999,n1000000000000000000" },
		{ "a2 a10 b1 a1", "a[1-2,10],b1" },
		{ "x01y1 x1y1 x1y2", "x1y[1-2],x01y1" },
	};
	struct xpm_arena arena = { NULL, 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *names[32];
		char text[200];
		size_t n;

		strcpy(text, cases[i].names);
		n = split(text, names);
		ck_assert_str_eq(xpm_hostlist_compress(&arena, names, n), cases[i].expr);
	}
	xpm_arena_free(&arena);
}
END_TEST

/* A small generator: the same names each time. */
static unsigned next(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

struct names {
	char (*text)[40];
	size_t n;
};

static int check_one(const char *host, void *ctx)
{
	struct names *names = ctx;
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (strcmp(names->text[i], host))
			continue;
		names->text[i][0] = '\0';
		return 0;
	}
	return 1;
}

/* Whatever is compressed expands to the same names. */
START_TEST(round_trip)
{
	static const char *const suffixes[] = { "", "", "-ib", ".x", "a1" };
	struct xpm_arena arena = { NULL, 0, 0 };
	char text[60][40];
	const char *pointers[60];
	unsigned state = 1, round;
	size_t i, j;

	for (round = 0; round < 2000; round++) {
		struct names names = { text, 0 };
		size_t n = next(&state) % 60;
		const char *expr;

		for (i = 0; i < n; i++) {
			snprintf(text[names.n], sizeof(text[0]), "%c%0*u%s", 'a' + (int)(next(&state) % 2),
				 (int)(next(&state) % 4), next(&state) % 30, suffixes[next(&state) % 5]);
			for (j = 0; j < names.n && strcmp(text[j], text[names.n]); j++)
				;
			pointers[i] = text[j];
			names.n += j == names.n;
		}
		expr = xpm_hostlist_compress(&arena, pointers, n);
		ck_assert_ptr_nonnull(expr);
		if (n)
			ck_assert_int_eq(xpm_hostlist_each(expr, check_one, &names, names.n, NULL), XPM_OK);
		for (i = 0; i < names.n; i++)
			ck_assert_str_eq(text[i], "");
		xpm_arena_reset(&arena);
	}
	xpm_arena_free(&arena);
}
END_TEST

START_TEST(many)
{
	static const char *pointers[131072];
	static char text[131072][12];
	struct xpm_arena arena = { NULL, 0, 0 };
	size_t i;

	for (i = 0; i < 131072; i++) {
		snprintf(text[i], sizeof(text[i]), "node%06zu", (i * 7919) % 131072);
		pointers[i] = text[i];
	}
	ck_assert_str_eq(xpm_hostlist_compress(&arena, pointers, 131072), "node[000000-131071]");
	arena.limit = 1;
	ck_assert_ptr_null(xpm_hostlist_compress(&arena, pointers, 131072));
	xpm_arena_free(&arena);
}
END_TEST

UNIT_MAIN("hostlist", expansion, mistakes, name_length, stops, compression, round_trip, many)
