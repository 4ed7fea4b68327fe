/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_private.h"

#include <string.h>

#include "error_private.h"
#include "unit.h"

static struct xpm_error made(const char *source, unsigned line, unsigned column, const char *text)
{
	struct xpm_error err;

	xpm_fail(&err, XPM_ERR_LAUNCHERS, "%s", text);
	strcpy(err.source, source);
	err.line = line;
	err.column = column;
	return err;
}

static void add(struct xpm_report *report, enum xpm_severity severity, const char *source, unsigned line,
		unsigned column, const char *text)
{
	struct xpm_error err = made(source, line, column, text);

	ck_assert_int_eq(xpm_report_add(report, severity, &err), XPM_OK);
}

/* All of it as one text. */
static const char *all(const struct xpm_report *report)
{
	static char text[4096];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < xpm_report_count(report); i++) {
		xpm_diagnostic_print(xpm_report_get(report, i), text + strlen(text), 200);
		strcat(text, "\n");
	}
	ck_assert_ptr_null(xpm_report_get(report, i));
	return text;
}

START_TEST(order)
{
	struct xpm_report *report = xpm_report_create(NULL);

	add(report, XPM_ERROR, "a", 3, 1, "third");
	add(report, XPM_WARNING, "a", 1, 9, "second");
	add(report, XPM_NOTE, "a", 1, 2, "first");
	add(report, XPM_ERROR, "b", 1, 1, "other file");
	add(report, XPM_ERROR, "a", 3, 1, "third, said later");
	add(report, XPM_ERROR, "a", 9, 9, "last");
	add(report, XPM_ERROR, "a", 0, 0, "the file itself");
	ck_assert_str_eq(all(report), "a: error: the file itself\na:1:2: note: first\na:1:9: warning: second\n"
				      "a:3:1: error: third\na:3:1: error: third, said later\na:9:9: error: last\n"
				      "b:1:1: error: other file\n");
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_ERROR), 5);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_WARNING), 1);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_NOTE), 1);
	xpm_report_destroy(report);
	xpm_report_destroy(NULL);
}
END_TEST

START_TEST(said_once)
{
	struct xpm_report *report = xpm_report_create(NULL);

	add(report, XPM_ERROR, "a", 1, 1, "x");
	add(report, XPM_ERROR, "a", 1, 1, "y");
	add(report, XPM_ERROR, "a", 1, 1, "x");
	add(report, XPM_NOTE, "a", 1, 1, "x");
	add(report, XPM_ERROR, "a", 1, 2, "x");
	add(report, XPM_ERROR, "b", 1, 1, "x");
	add(report, XPM_ERROR, "a", 1, 1, "y");
	ck_assert_uint_eq(xpm_report_count(report), 5);
	ck_assert_uint_eq(xpm_report_dropped(report), 0);
	xpm_report_destroy(report);
}
END_TEST

START_TEST(full)
{
	struct xpm_report *report = xpm_report_create(NULL);
	unsigned i;

	for (i = 0; i < XPM_REPORT_MAX + 50; i++)
		add(report, XPM_ERROR, "a", 1000 + i, 1, "x");
	ck_assert_uint_eq(xpm_report_count(report), XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_dropped(report), 50);
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 1)->what.line, 1000 + XPM_REPORT_MAX - 1);

	/* An earlier one pushes the last one out; a later one and a note do not come in. */
	ck_assert_int_eq(xpm_report_refuses(report, XPM_ERROR, "a", 1, 1), 0);
	add(report, XPM_ERROR, "a", 1, 1, "x");
	ck_assert_uint_eq(xpm_report_get(report, 0)->what.line, 1);
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 1)->what.line, 1000 + XPM_REPORT_MAX - 2);
	ck_assert_int_eq(xpm_report_refuses(report, XPM_ERROR, "a", 5000, 1), 1);
	ck_assert_int_eq(xpm_report_refuses(report, XPM_NOTE, "a", 1, 1), 1);
	add(report, XPM_NOTE, "a", 1, 1, "n");
	ck_assert_uint_eq(xpm_report_count(report), XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_ERROR), XPM_REPORT_MAX + 52);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_NOTE), 2);
	ck_assert_uint_eq(xpm_report_dropped(report), 54);
	xpm_report_destroy(report);
}
END_TEST

/* Each severity displaces the last of the least severe, and all that was said is counted. */
START_TEST(warnings_before_notes)
{
	struct xpm_report *report = xpm_report_create(NULL);
	unsigned i;

	for (i = 0; i < XPM_REPORT_MAX; i++)
		add(report, i == XPM_REPORT_MAX - 1 ? XPM_WARNING : XPM_NOTE, "a", 1 + i, 1, "x");
	ck_assert_int_eq(xpm_report_refuses(report, XPM_WARNING, "a", 5000, 1), 0);
	add(report, XPM_WARNING, "a", 5000, 1, "x");
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 1)->what.line, 5000);
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 2)->what.line, XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 3)->what.line, XPM_REPORT_MAX - 2);
	/* A note before the last note comes in, one between the warnings does not. */
	add(report, XPM_NOTE, "a", 1, 2, "x");
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 3)->what.line, XPM_REPORT_MAX - 3);
	add(report, XPM_NOTE, "a", 4000, 1, "x");
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 2)->what.line, XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_WARNING), 2);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_NOTE), XPM_REPORT_MAX + 1);
	ck_assert_uint_eq(xpm_report_dropped(report), 3);
	xpm_report_destroy(report);
}
END_TEST

START_TEST(errors_before_notes)
{
	struct xpm_report *report = xpm_report_create(NULL);
	unsigned i;

	for (i = 0; i < XPM_REPORT_MAX; i++)
		add(report, i % 2 ? XPM_NOTE : XPM_WARNING, "a", 1 + i, 1, "x");
	for (i = 0; i < XPM_REPORT_MAX + 1; i++)
		add(report, XPM_ERROR, "a", 1000 + i, 1, "x");
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_ERROR), XPM_REPORT_MAX + 1);
	ck_assert_uint_eq(xpm_report_count_of(report, XPM_WARNING), XPM_REPORT_MAX / 2);
	ck_assert_uint_eq(xpm_report_dropped(report), XPM_REPORT_MAX + 1);
	for (i = 0; i < XPM_REPORT_MAX; i++)
		ck_assert_uint_eq(xpm_report_get(report, i)->what.line, 1000 + i);
	xpm_report_destroy(report);
}
END_TEST

START_TEST(printing)
{
	struct xpm_diagnostic what = { XPM_WARNING, { .code = XPM_OK } };
	char buf[8];

	xpm_fail_at(&what.what, XPM_ERR_LAUNCHERS, "a.yaml", "ab\ncd", 5, 4, "odd");
	ck_assert_uint_eq(xpm_diagnostic_print(&what, buf, sizeof(buf)), strlen("a.yaml:2:2: warning: odd\ncd\n ^"));
	ck_assert_str_eq(buf, "a.yaml:");
}
END_TEST

UNIT_MAIN("report", order, said_once, full, warnings_before_notes, errors_before_notes, printing)
