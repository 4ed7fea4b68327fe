// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts as sbatch reads them: tests/data/scripts/CASE/script, with the words of its #SBATCH lines in `words`, one a line, or
 * part of the message in `error`. And the values of options, names of output files, records.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../local/options.h"
#include "../../local/record.h"
#include "../../local/run.h"
#include "../../local/script.h"

static char *slurp(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	char *text = malloc(65536);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file) {
		free(text);
		return NULL;
	}
	*len = fread(text, 1, 65535, file);
	text[*len] = '\0';
	fclose(file);
	return text;
}

static void check_case(const char *folder)
{
	size_t len, words_len, error_len;
	char *text = slurp(folder, "script", &len), *words = slurp(folder, "words", &words_len);
	char *error = slurp(folder, "error", &error_len), why[512], joined[65536] = "";
	struct xpm_script script;
	int bad = xpm_script_parse("script", text, len, &script, why, sizeof(why));

	ck_assert_msg(!words != !error, "%s: needs words or error", folder);
	if (error) {
		ck_assert_msg(bad, "%s: taken", folder);
		error[strcspn(error, "\n")] = '\0';
		ck_assert_msg(strstr(why, error) != NULL, "%s: %s", folder, why);
	} else {
		ck_assert_msg(!bad, "%s: %s", folder, why);
		for (size_t i = 0; i < script.words_len; i++) {
			strcat(joined, script.words[i]);
			strcat(joined, "\n");
		}
		ck_assert_msg(!strcmp(joined, words), "%s: read as\n%s", folder, joined);
		xpm_script_free(&script);
	}
	free(words);
	free(error);
}

START_TEST(test_corpus)
{
	const char *data = getenv("XPM_TEST_DATA");
	char folder[2048], item[4096];
	struct dirent *entry;
	DIR *dir;
	int n = 0;

	snprintf(folder, sizeof(folder), "%s/scripts", data ? data : "tests/data");
	dir = opendir(folder);
	ck_assert_msg(dir != NULL, "%s cannot be read", folder);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(item, sizeof(item), "%s/%s", folder, entry->d_name);
		check_case(item);
		n++;
	}
	closedir(dir);
	ck_assert_int_ge(n, 18);
}
END_TEST

START_TEST(test_interpreter)
{
	static const struct {
		const char *line, *path, *argument;
	} cases[] = {
		{ "#!/bin/sh\n", "/bin/sh", NULL },
		{ "#! /bin/sh -e  \n", "/bin/sh", "-e" },
		{ "#!/usr/bin/env python3 -u\nx", "/usr/bin/env", "python3 -u" },
		{ "#!/bin/sh", "/bin/sh", NULL },
		{ "#!\n", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path, *argument, *copy = strdup(cases[i].line);
		struct xpm_script script = { .text = copy, .len = strlen(copy) };

		ck_assert_int_eq(xpm_script_interpreter(&script, &path, &argument), cases[i].path ? 0 : -1);
		ck_assert_pstr_eq(path, cases[i].path);
		ck_assert_pstr_eq(argument, cases[i].argument);
		free(path);
		free(argument);
		free(copy);
	}
}
END_TEST

START_TEST(test_time)
{
	static const struct {
		const char *text;
		long seconds; /* -1: refused */
	} cases[] = {
		{ "10", 600 }, { "1:30", 90 }, { "2:00:00", 7200 }, { "1-12", 129600 }, { "1-12:30", 131400 },
		{ "1-00:00:05", 86405 }, { "UNLIMITED", 0 }, { "-1", 0 }, { "2h", 7200 }, { "90s", 90 },
		{ "", -1 }, { "x", -1 }, { "1:2:3:4", -1 }, { "1-", -1 }, { "1::2", -1 }, { "99999999999", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t seconds = 0;
		int bad = xpm_options_time(cases[i].text, &seconds);

		ck_assert_msg(bad == (cases[i].seconds < 0 ? -1 : 0), "'%s': %d", cases[i].text, bad);
		if (!bad)
			ck_assert_uint_eq(seconds, (uint64_t)cases[i].seconds);
	}
}
END_TEST

START_TEST(test_values)
{
	const char *model;
	uint32_t count;
	uint64_t bytes;

	ck_assert_int_eq(xpm_options_memory("500", &bytes), 0);
	ck_assert_uint_eq(bytes, UINT64_C(500) << 20);
	ck_assert_int_eq(xpm_options_memory("2G", &bytes), 0);
	ck_assert_uint_eq(bytes, UINT64_C(2) << 30);
	ck_assert_int_eq(xpm_options_memory("4kb", &bytes), 0);
	ck_assert_uint_eq(bytes, 4096);
	ck_assert_int_eq(xpm_options_memory("2X", &bytes), -1);
	ck_assert_int_eq(xpm_options_memory("G", &bytes), -1);
	ck_assert_int_eq(xpm_options_memory("2GiBx", &bytes), -1);
	ck_assert_int_eq(xpm_options_gres("gpu:a100:2,shard:1", &count, &model), 0);
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(model, "a100");
	free((char *)(uintptr_t)model);
	ck_assert_int_eq(xpm_options_gres("gpu:a100", &count, &model), 0);
	ck_assert_str_eq(model, "a100");
	free((char *)(uintptr_t)model);
	ck_assert_int_eq(xpm_options_gres("gpu", &count, &model), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_ptr_null(model);
	ck_assert_int_eq(xpm_options_gpus("x", &count, &model), -1);
}
END_TEST

START_TEST(test_names)
{
	static const struct xpm_record record = { .id = 42, .name = "job" };
	static const char *const cases[][2] = {
		{ "plain", "plain" },   { "%j.out", "42.out" },     { "%x-%4j", "job-0042" }, { "100%%", "100%" },
		{ "%q%", "%q%" },       { "%99j", "0000000042" },   { "\\%j", "%j" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = xpm_names_expand(cases[i][0], &record);

		ck_assert_str_eq(name, cases[i][1]);
		free(name);
	}
}
END_TEST

static void fill(struct xpm_record *r)
{
	memset(r, 0, sizeof(*r));
	r->id = 7;
	r->ticket = 99;
	r->state = XPM_STATE_RUNNING;
	r->pid = 1234;
	r->cores = 3;
	r->memory = UINT64_C(1) << 40;
	strcpy(r->name, "a \"name\" \xff");
	strcpy(r->output, "/some/where");
	r->tokens_len = 1;
	strcpy(r->tokens[0].name, "licence");
	r->tokens[0].count = 2;
	r->keys_len = 2;
	strcpy(r->keys[0], "cuda:0");
	strcpy(r->keys[1], "GPU-1234");
	r->terms_len = 1;
	r->terms[0] = (struct xpm_order_term){ .count = 1, .mask = 3 };
	r->gpus = 2;
	xpm_cpus_add(&r->cpus, 0);
	xpm_cpus_add(&r->cpus, 4095);
}

START_TEST(test_record)
{
	static struct xpm_record r, back;
	char bytes[XPM_RECORD_SIZE];

	fill(&r);
	ck_assert_int_eq(xpm_record_encode(&r, bytes), 0);
	ck_assert_int_eq(xpm_record_decode(bytes, sizeof(bytes), &back), 0);
	ck_assert_uint_eq(back.id, 7);
	ck_assert_uint_eq(back.memory, r.memory);
	ck_assert_str_eq(back.name, "a \"name\" ?");
	ck_assert_str_eq(back.tokens[0].name, "licence");
	ck_assert_str_eq(back.keys[1], "GPU-1234");
	ck_assert_uint_eq(back.terms[0].mask, 3);
	ck_assert_uint_eq(back.gpus, 2);
	ck_assert_mem_eq(&back.cpus, &r.cpus, sizeof(r.cpus));
	/* what does not fit loses its words first, and then is refused */
	memset(r.command, 'c', sizeof(r.command) - 1);
	memset(r.output, '\\', 4090);
	ck_assert_int_eq(xpm_record_encode(&r, bytes), -1);
	memset(r.output, 'o', 4000);
	r.output[4000] = '\0';
	ck_assert_int_eq(xpm_record_encode(&r, bytes), 0);
}
END_TEST

/* Any damage is either found or gives a record within its bounds. */
START_TEST(test_record_damage)
{
	static struct xpm_record r, back;
	char bytes[XPM_RECORD_SIZE], broken[XPM_RECORD_SIZE];
	int rounds = getenv("XPM_TEST_SLOW") ? 2000 : 50000;

	fill(&r);
	srandom(7);
	ck_assert_int_eq(xpm_record_encode(&r, bytes), 0);
	for (int i = 0; i < rounds; i++) {
		memcpy(broken, bytes, sizeof(broken));
		for (long n = random() % 4; n >= 0; n--)
			broken[random() % 700] = (char)random();
		if (xpm_record_decode(broken, (size_t)(random() % XPM_RECORD_SIZE), &back) &&
		    xpm_record_decode(broken, sizeof(broken), &back))
			continue;
		ck_assert_uint_le(back.keys_len, XPM_ORDER_GPUS);
		ck_assert_uint_le(back.tokens_len, XPM_ORDER_TOKENS);
		ck_assert_uint_le(back.terms_len, XPM_ORDER_TERMS);
		ck_assert_uint_le(back.cores, XPM_CPUS_MAX);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("local_script");
	TCase *tcase = tcase_create("script");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_corpus);
	tcase_add_test(tcase, test_interpreter);
	tcase_add_test(tcase, test_time);
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_record);
	tcase_add_test(tcase, test_record_damage);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
