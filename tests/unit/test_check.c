/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xpm_launchers_check() with a table of GPU models, which golden tests do not have. The rest is in tests/data/check. */
#include <string.h>
#include <xpmatch/check.h>

#include "unit.h"

static const char table[] = "mi300x: {memory: 192G, kind: rocm}\na100: 40G\n";

#define AMD " is an AMD model, but kind is cuda: say kind: rocm\n"

static const struct {
	const char *yaml, *report; /* a line each: line, column, severity, text */
} cases[] = {
	{ "local: [{gpu: {model: MI300X, memory: 192G}}]", "1:15 1 MI300X" AMD },
	{ "local: [{gpu: {model: mi300x, memory: 192G, kind: rocm}}]", "" },
	{ "local: [{gpu: {model: mi300, memory: 192G}}]", "" },
	{ "slurm: [{partitions: {p: {nodes: [{hosts: n1, configuration: {gpu: {model: A100, count: 1, memory: "
	  "40G}}}]}}}]",
	  "" },
	{ "slurm: [{configuration: {gpu: {model: amd_instinct_mi300x, count: 1, memory: 192G}}, partitions: {p: "
	  "{nodes: [\n"
	  "{hosts: n1}, {hosts: n2, features: f}, {hosts: n3, configuration: {gpu: {kind: rocm}}}]}}}]",
	  "1:31 1 amd_instinct_mi300x" AMD },
	{ "slurm: [{features_regex: '(?P<gpu_model>mi.*)', partitions: {p: {nodes: [\n"
	  "{hosts: n1, features: mi300x, configuration: {gpu: {count: 8, memory: 192G}}}]}}}]",
	  "2:52 1 mi300x" AMD },
	{ "slurm: [{partitions: {p: {disabled: true, configuration: {gpu: {model: mi300x, count: 1, memory: 1G}}}}}]",
	  "" },
};

static void check_one(size_t which, const struct xpm_gpu_models *models, const char *expected)
{
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(&err);
	struct xpm_launchers *launchers =
		xpm_launchers_parse(cases[which].yaml, strlen(cases[which].yaml), "l", report, &err);
	struct xpm_candidates *candidates = launchers ? xpm_candidates_create(launchers, &err) : NULL;
	const struct xpm_diagnostic *entry;
	char text[2048] = "";
	size_t at = 0;

	ck_assert_msg(candidates != NULL, "%s", err.text);
	ck_assert_int_eq(xpm_launchers_check(launchers, candidates, models, report, &err), XPM_OK);
	for (size_t i = 0; (entry = xpm_report_get(report, i)); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%u:%u %d %s\n", entry->what.line,
				       entry->what.column, entry->severity, entry->what.text);
	ck_assert_str_eq(text, expected);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
	xpm_report_destroy(report);
}

START_TEST(test_models)
{
	struct xpm_error err = { 0 };
	struct xpm_gpu_models *models = xpm_gpu_models_parse(table, strlen(table), "m", &err);

	ck_assert_msg(models != NULL, "%s", err.text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_one(i, models, cases[i].report);
		check_one(i, NULL, "");
	}
	xpm_gpu_models_destroy(models);
}
END_TEST

UNIT_MAIN("check", test_models)
