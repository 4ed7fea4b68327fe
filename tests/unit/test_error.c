/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error_private.h"
#include "suggest.h"

#include <string.h>

#include "unit.h"

static char printed[2048];

static const char *print(const struct xpm_error *err)
{
	size_t len = xpm_error_print(err, printed, sizeof(printed));

	ck_assert_uint_eq(len, strlen(printed));
	return printed;
}

/* An error at the first '@' of text, which is taken out. */
static struct xpm_error at(const char *marked)
{
	struct xpm_error err;
	const char *mark = strchr(marked, '@');
	size_t len = strlen(marked) - 1, offset = (size_t)(mark - marked);
	char *text = malloc(len + 1);

	memset(&err, 0xaa, sizeof(err));
	memcpy(text, marked, offset);
	memcpy(text + offset, mark + 1, len - offset + 1);
	ck_assert_int_eq(xpm_fail_at(&err, XPM_ERR_SPEC, "spec", text, len, offset, "oops"),
	                 XPM_ERR_SPEC);
	free(text);
	return err;
}

START_TEST(without_a_place)
{
	struct xpm_error err;

	ck_assert_int_eq(xpm_fail(&err, XPM_ERR_FILE, "%s: %s", "x.yaml", "No such file"),
	                 XPM_ERR_FILE);
	ck_assert_int_eq(err.code, XPM_ERR_FILE);
	ck_assert_uint_eq(err.line, 0);
	ck_assert_str_eq(print(&err), "error: x.yaml: No such file");
	ck_assert_int_eq(xpm_fail_memory(&err), XPM_ERR_MEMORY);
	ck_assert_str_eq(print(&err), "error: out of memory");
	strcpy(err.source, "launchers.yaml");
	ck_assert_str_eq(print(&err), "launchers.yaml: error: out of memory");
	ck_assert_int_eq(xpm_fail(NULL, XPM_ERR_VALUE, "x"), XPM_ERR_VALUE);
	ck_assert_int_eq(xpm_fail_memory(NULL), XPM_ERR_MEMORY);
	ck_assert_int_eq(xpm_fail_at(NULL, XPM_ERR_SPEC, "spec", "x", 1, 0, "x"), XPM_ERR_SPEC);
}
END_TEST

START_TEST(places)
{
	static const struct {
		const char *marked, *expected;
	} cases[] = {
		{ "@", "spec:1:1: error: oops" },
		{ "cud@a", "spec:1:4: error: oops\ncuda\n   ^" },
		{ "cuda@", "spec:1:5: error: oops\ncuda\n    ^" },
		{ "a\nb@c\nd", "spec:2:2: error: oops\nbc\n ^" },
		{ "a\n@\nb", "spec:2:1: error: oops" },
		{ "ab@\nc", "spec:1:3: error: oops\nab\n  ^" },
		{ "a@b\r\nc", "spec:1:2: error: oops\nab\n ^" },
		{ "\tkey: @x", "spec:1:7: error: oops\n key: x\n      ^" },
		{ "\x01\x1b[31m@x\x7f", "spec:1:7: error: oops\n??[31mx?\n      ^" },
		/* the caret counts characters, the column bytes */
		{ "é=@x", "spec:1:4: error: oops\né=x\n  ^" },
		/* broken, overlong, surrogate; an override of the writing direction */
		{ "\xff\xc3(@x", "spec:1:4: error: oops\n?"
		                 "?(x\n   ^" },
		{ "\xc0\xaf@x", "spec:1:3: error: oops\n??x\n  ^" },
		{ "\xed\xa0\x80@x", "spec:1:4: error: oops\n???x\n   ^" },
		{ "\xe2\x80\xae@x", "spec:1:4: error: oops\n?x\n ^" },
		{ "\xf0\x9f\x98\x80@x", "spec:1:5: error: oops\n\xf0\x9f\x98\x80x\n ^" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xpm_error err = at(cases[i].marked);

		ck_assert_str_eq(print(&err), cases[i].expected);
	}
}
END_TEST

static int all_printable(const char *text)
{
	int printable = 1;

	while (*text && printable)
		text += xpm_char_len(text, strlen(text), &printable);
	return printable;
}

/*
 * Every position in lines of every sort: the excerpt fits, is valid, and the caret is below the
 * same character. One check per line: Check reports each, and there are many.
 */
START_TEST(long_lines_are_windowed)
{
	static const char *const fills[] = { "a", "é", "\xf0\x9f\x98\x80", "\x01", "aé\xff" };
	char text[600];
	size_t f, len, offset, i;

	for (f = 0; f < sizeof(fills) / sizeof(fills[0]); f++) {
		size_t n = strlen(fills[f]);

		for (len = 100; len < 500; len += 57) {
			size_t bad = 0;

			for (offset = 0; offset <= len; offset++) {
				struct xpm_error err;

				for (i = 0; i < len; i++)
					text[i] = fills[f][i % n];
				text[offset] = '@';
				xpm_fail_at(&err, XPM_ERR_SPEC, "spec", text, len, offset, "oops");
				bad += err.column != offset + 1;
				bad += strlen(err.excerpt) >= sizeof(err.excerpt);
				bad += err.caret > strlen(err.excerpt);
				bad += offset < len && err.excerpt[err.caret] != '@';
				bad += len > 2 * sizeof(err.excerpt) && n == 1 && offset > 100 &&
				       strncmp(err.excerpt, "...", 3);
				bad += !all_printable(err.excerpt);
			}
			ck_assert_msg(bad == 0, "%zu of %zu, fill %zu", bad, len, f);
		}
	}
}
END_TEST

START_TEST(texts_are_cut_on_a_character)
{
	char text[XPM_ERROR_TEXT_MAX + 40];
	struct xpm_error err;
	size_t shift, i;

	for (shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "€", 3);
		text[i] = '\0';
		xpm_fail(&err, XPM_ERR_VALUE, "%s", text);
		ck_assert_uint_ge(strlen(err.text), XPM_ERROR_TEXT_MAX - 4);
		ck_assert_uint_eq((strlen(err.text) - shift) % 3, 0);
		ck_assert_ptr_null(strchr(err.text, '?'));
	}
	xpm_fail(&err, XPM_ERR_VALUE, "%s", "a\nb\033c\td");
	ck_assert_str_eq(err.text, "a?b?c d");
}
END_TEST

START_TEST(printing_into_too_little)
{
	struct xpm_error err = at("cuda(mem=@24)");
	size_t whole = xpm_error_print(&err, NULL, 0), size;

	print(&err);
	ck_assert_uint_eq(whole, strlen(printed));
	for (size = 1; size < whole + 3; size++) {
		char *buf = malloc(size);

		ck_assert_uint_eq(xpm_error_print(&err, buf, size), whole);
		ck_assert_uint_eq(strlen(buf), size - 1 < whole ? size - 1 : whole);
		ck_assert_int_eq(strncmp(buf, printed, strlen(buf)), 0);
		free(buf);
	}
	xpm_error_print_as(&err, "warning", printed, sizeof(printed));
	ck_assert_str_eq(printed, "spec:1:10: warning: oops\ncuda(mem=24)\n         ^");
}
END_TEST

START_TEST(suggestions)
{
	static const char *const terms[] = { "cuda", "rocm", "mps", "gpu", "cpu", "duration" };
	static const struct {
		const char *word, *expected;
	} cases[] = {
		{ "cdua", "cuda" },
		{ "CUDA", "cuda" },
		{ "cudaa", "cuda" },
		{ "cud", "cuda" },
		{ "rcom", "rocm" },
		{ "gup", "gpu" },
		{ "cup", "cpu" },
		{ "durations", "duration" },
		{ "duartoin", "duration" },
		{ "xpu", "gpu" },
		{ "xyz", NULL },
		{ "ab", NULL },
		{ "", NULL },
		{ "c", NULL },
		{ "cu", "cpu" },
		{ "memory", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = xpm_suggest(cases[i].word, strlen(cases[i].word), terms, 6);

		if (cases[i].expected)
			ck_assert_pstr_eq(got, cases[i].expected);
		else
			ck_assert_ptr_null(got);
	}
	ck_assert_ptr_null(xpm_suggest("cuda", 4, terms, 0));
}
END_TEST

UNIT_MAIN("error", without_a_place, places, long_lines_are_windowed, texts_are_cut_on_a_character,
          printing_into_too_little, suggestions)
