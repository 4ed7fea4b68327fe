/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every file of tests/data/launchers with each of its lines twice, without it, and with an alias of nothing in its place:
 * whatever comes of that, it is said, and nobody falls over it. Worth the most under sanitizers and valgrind.
 */
#include <xpmatch/check.h>
#include <xpmatch/xpmatch.h>

#include "cases.h"
#include "unit.h"

#define FILE_MOST 20000 /* larger ones say the same thing many times */

/* Read it as slurmctld and xpm check would, with a report and without. */
static size_t read_damaged(const char *text)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err = { 0 };
	struct xpm_launchers *launchers = xpm_launchers_parse(text, strlen(text), "damaged.yaml", report, &err);
	struct xpm_candidates *table = launchers ? xpm_candidates_create(launchers, &err) : NULL;
	size_t loaded = table != NULL;

	if (table)
		ck_assert_int_eq(xpm_launchers_check(launchers, table, NULL, report, NULL), XPM_OK);
	else
		ck_assert_msg(err.code != XPM_OK && *err.text, "no reason for\n%s", text);
	xpm_candidates_destroy(table);
	xpm_launchers_destroy(launchers);
	xpm_launchers_destroy(xpm_launchers_parse(text, strlen(text), "damaged.yaml", NULL, NULL));
	xpm_report_destroy(report);
	return loaded;
}

static size_t tried, loaded;

static void damage(const char *name, const char *which)
{
	char *text = case_file(name, which, "launchers.yaml"), *damaged;
	size_t len = text ? strlen(text) : FILE_MOST;

	damaged = malloc(2 * FILE_MOST + 64);
	ck_assert_ptr_nonnull(damaged);
	for (const char *line = text, *end; len < FILE_MOST && *line; line = end) {
		int before, own, blank = (int)strspn(line, " -");

		end = strchr(line, '\n');
		end = end ? end + 1 : line + strlen(line);
		before = (int)(line - text);
		own = (int)(end - line);
		snprintf(damaged, 2 * FILE_MOST + 64, "%.*s%.*s%s%s", before, text, own, line, end[-1] == '\n' ? "" : "\n", line);
		loaded += read_damaged(damaged);
		snprintf(damaged, 2 * FILE_MOST + 64, "%.*s%s", before, text, end);
		loaded += read_damaged(damaged);
		snprintf(damaged, 2 * FILE_MOST + 64, "%.*s%.*s*nothing\n%s", before, text, blank < own ? blank : own, line, end);
		loaded += read_damaged(damaged);
		tried += 3;
	}
	free(damaged);
	free(text);
}

START_TEST(each_line_twice_missing_or_an_alias)
{
	ck_assert_int_gt(each_case("launchers/valid", damage), 30);
	ck_assert_int_gt(each_case("launchers/invalid", damage), 150);
	/* some of both */
	ck_assert_uint_gt(tried, 3000);
	ck_assert_uint_gt(loaded, 300);
	ck_assert_uint_gt(tried - loaded, 300);
}
END_TEST

UNIT_MAIN("launchers_damaged", each_line_twice_missing_or_an_alias)
