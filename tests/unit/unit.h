/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_UNIT_H
#define XPM_UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The main() of a unit test: one suite of one case, the tests in order. Ends with 1 when one fails.
 *
 *     UNIT_MAIN("units", test_sizes, test_durations)
 */
#define UNIT_MAIN(name, ...)                                                                         \
	int main(void)                                                                               \
	{                                                                                            \
		const TTest *tests[] = { __VA_ARGS__ };                                              \
		Suite *suite = suite_create(name);                                                   \
		TCase *tcase = tcase_create(name);                                                   \
		SRunner *runner;                                                                     \
		int failed;                                                                          \
		size_t i;                                                                            \
                                                                                                     \
		tcase_set_timeout(tcase, 120);                                                       \
		for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)                               \
			tcase_add_test(tcase, tests[i]);                                             \
		suite_add_tcase(suite, tcase);                                                       \
		runner = srunner_create(suite);                                                      \
		srunner_run_all(runner, CK_ENV);                                                     \
		failed = srunner_ntests_failed(runner);                                              \
		srunner_free(runner);                                                                \
		return failed != 0;                                                                  \
	}

#endif
