/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/launchers.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "model_print.h"
#include "unit.h"
#include "yaml_node.h"

/*
 * The folders of tests/data/launchers: `valid` holds files that are read, with the model they come to in `model`;
 * `invalid` files that are refused. `expected` is the whole report, and missing where there is nothing to say.
 */

static int home_fd = -1;

/* Into the folder of a case, so that the file is named launchers.yaml and no more. */
static void enter_case(const char *name, const char *which)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];

	home_fd = open(".", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(home_fd, 0);
	snprintf(path, sizeof(path), "%s/tests/data/%s/%s", srcdir ? srcdir : ".", name, which);
	ck_assert_msg(chdir(path) == 0, "%s: %s", path, strerror(errno));
}

static void leave_case(void)
{
	ck_assert_int_eq(fchdir(home_fd), 0);
	close(home_fd);
}

/* The report as text, to free(); without the last newline, as case_file() gives it. */
static char *print_report(const struct xpm_report *report)
{
	char *text, entry[2048];
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	for (i = 0; i < xpm_report_count(report); i++) {
		ck_assert_uint_lt(xpm_diagnostic_print(xpm_report_get(report, i), entry, sizeof(entry)),
				  sizeof(entry));
		fprintf(out, "%s%s", i ? "\n" : "", entry);
	}
	fclose(out);
	return text;
}

static void check_report(const char *name, const char *which, const struct xpm_report *report)
{
	char *expected = case_file(name, which, "expected"), *got = print_report(report);

	ck_assert_msg(!strcmp(got, expected ? expected : ""), "%s/%s: got\n%s\n--- instead of\n%s", name, which, got,
		      expected ? expected : "");
	free(expected);
	free(got);
}

static void check_model(const char *name, const char *which, const struct xpm_launchers *launchers)
{
	char *expected = case_file(name, which, "model"), *got;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	ck_assert_msg(out && expected, "%s/%s: no model", name, which);
	print_model(out, launchers);
	fclose(out);
	if (size && got[size - 1] == '\n')
		got[size - 1] = '\0';
	ck_assert_msg(!strcmp(got, expected), "%s/%s: got\n%s\n--- instead of\n%s", name, which, got, expected);
	free(expected);
	free(got);
}

static void run_valid(const char *name, const char *which)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_launchers *launchers;
	struct xpm_error err = { .code = XPM_OK };

	enter_case(name, which);
	launchers = xpm_launchers_load("launchers.yaml", report, &err);
	leave_case();
	check_report(name, which, report);
	ck_assert_msg(launchers != NULL, "%s/%s: %s", name, which, err.text);
	ck_assert_int_eq(err.code, XPM_OK);
	check_model(name, which, launchers);
	xpm_launchers_destroy(launchers);
	xpm_report_destroy(report);
}

/* The error that is returned is the first one of the report. */
static void check_first(const struct xpm_report *report, const struct xpm_error *err)
{
	const struct xpm_diagnostic *first;
	size_t i = 0;

	while ((first = xpm_report_get(report, i)) && first->severity != XPM_ERROR)
		i++;
	ck_assert_ptr_nonnull(first);
	ck_assert_str_eq(first->what.text, err->text);
	ck_assert_uint_eq(first->what.line, err->line);
	ck_assert_uint_eq(first->what.column, err->column);
}

static void run_invalid(const char *name, const char *which)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err = { .code = XPM_OK }, alone;

	enter_case(name, which);
	ck_assert_msg(!xpm_launchers_load("launchers.yaml", report, &err), "%s is read", which);
	ck_assert_ptr_null(xpm_launchers_load("launchers.yaml", NULL, &alone));
	ck_assert_ptr_null(xpm_launchers_load("launchers.yaml", NULL, NULL));
	leave_case();
	check_report(name, which, report);
	ck_assert_int_eq(err.code, XPM_ERR_LAUNCHERS);
	check_first(report, &err);
	ck_assert_str_eq(alone.text, err.text);
	xpm_report_destroy(report);
}

START_TEST(valid)
{
	ck_assert_int_ge(each_case("launchers/valid", run_valid), 30);
}
END_TEST

START_TEST(invalid)
{
	ck_assert_int_ge(each_case("launchers/invalid", run_invalid), 150);
}
END_TEST

/* A text that is made by the test. */
struct made {
	char *text;
	size_t len;
	FILE *out;
};

static FILE *begin(struct made *made)
{
	made->out = open_memstream(&made->text, &made->len);
	ck_assert_ptr_nonnull(made->out);
	return made->out;
}

/* Read it; NULL expected means that it is fine, otherwise the printed error begins so. */
static void end(struct made *made, enum xpm_code code, const char *expected)
{
	struct xpm_error err = { .code = XPM_OK };
	struct xpm_launchers *launchers;
	char printed[2048];
	time_t start = time(NULL);

	fclose(made->out);
	launchers = xpm_launchers_parse(made->text, made->len, "x.yaml", NULL, &err);
	ck_assert_int_le(time(NULL) - start, 30); /* with sanitizers and valgrind; a second without */
	free(made->text);
	xpm_error_print(&err, printed, sizeof(printed));
	ck_assert_msg(!launchers == !!code && err.code == code, "code %d: %s", err.code, printed);
	if (expected)
		ck_assert_msg(!strncmp(printed, expected, strlen(expected)), "%s\n--- instead of\n%s", printed, expected);
	xpm_launchers_destroy(launchers);
}

START_TEST(size_limit)
{
	struct made made;
	int i;

	for (i = 0; i < 2; i++) {
		begin(&made);
		fprintf(made.out, "local: []\n#");
		fflush(made.out);
		for (size_t len = made.len; len < XPM_FILE_MAX - 1; len++)
			fputc(len % 100 ? 'x' : '#', made.out);
		fputc('\n', made.out);
		if (i == 0)
			end(&made, XPM_OK, NULL);
	}
	fputc('\n', made.out);
	end(&made, XPM_ERR_LIMIT, "x.yaml: error: the file is larger than 16 MiB");
}
END_TEST

static void nested(int levels, enum xpm_code code, const char *expected)
{
	struct made made;
	int i;

	begin(&made);
	for (i = 0; i < levels; i++)
		fputc('[', made.out);
	for (i = 0; i < levels; i++)
		fputc(']', made.out);
	end(&made, code, expected);
}

START_TEST(depth_limit)
{
	struct made made;
	int i;

	/* What it is is another matter. */
	nested(64, XPM_ERR_LAUNCHERS, "x.yaml:1:1: error: launchers.yaml: expected a mapping with 'local:' or 'slurm:', got a list");
	nested(65, XPM_ERR_LIMIT, "x.yaml:1:65: error: lists and mappings are nested deeper than 64 levels\n");
	nested(200000, XPM_ERR_LIMIT, "x.yaml:1:65: error: lists and mappings are nested deeper than 64 levels\n");

	/* By way of aliases: each is one level deeper than the one before. */
	begin(&made);
	fprintf(made.out, "- &a0 [x]\n");
	for (i = 1; i < 63; i++)
		fprintf(made.out, "- &a%d [*a%d]\n", i, i - 1);
	fprintf(made.out, "- &a63 [*a62]\n");
	end(&made, XPM_ERR_LIMIT, "x.yaml:64:9: error: lists and mappings are nested deeper than 64 levels\n- &a63 [*a62]\n");

	begin(&made);
	for (i = 0; i < 100; i++)
		fprintf(made.out, "%*sa:\n", i, "");
	end(&made, XPM_ERR_LIMIT, "x.yaml:65:65: error: lists and mappings are nested deeper than 64 levels\n");
}
END_TEST

START_TEST(alias_bombs)
{
	struct made made;
	int i, j;

	/* A billion laughs. */
	begin(&made);
	fprintf(made.out, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
	for (i = 1; i < 10; i++) {
		fprintf(made.out, "a%d: &a%d [", i, i);
		for (j = 0; j < 10; j++)
			fprintf(made.out, "%s*a%d", j ? ", " : "", i - 1);
		fprintf(made.out, "]\n");
	}
	end(&made, XPM_ERR_LIMIT, "x.yaml:6:9: error: the file has more than 524288 values, those that aliases repeat counted\n");

	/* The same with mappings, and with merge keys. */
	begin(&made);
	fprintf(made.out, "a0: &a0 {x: 1}\n");
	for (i = 1; i < 40; i++)
		fprintf(made.out, "a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i - 1, i - 1);
	end(&made, XPM_ERR_LIMIT, "x.yaml:18:11: error: the file has more than 524288 values");

	begin(&made);
	fprintf(made.out, "a: &a {");
	for (i = 0; i < 1000; i++)
		fprintf(made.out, "k%d: 1, ", i);
	fprintf(made.out, "}\nb:\n");
	for (i = 0; i < 1000; i++)
		fprintf(made.out, "  b%d: {<<: [*a, *a, *a, *a]}\n", i);
	end(&made, XPM_ERR_LIMIT, "x.yaml:133:9: error: the file has more than 524288 values");

	/* Many aliases of much. */
	begin(&made);
	fprintf(made.out, "- &a [");
	for (i = 0; i < 10000; i++)
		fprintf(made.out, "x, ");
	fprintf(made.out, "]\n- [");
	for (i = 0; i < 100000; i++)
		fprintf(made.out, "*a, ");
	fprintf(made.out, "]\n");
	end(&made, XPM_ERR_LIMIT, "x.yaml:2:3: error: the file has more than 524288 values");
}
END_TEST

static void many_hosts(int n, enum xpm_code code, const char *expected)
{
	struct made made;
	int i;

	begin(&made);
	fprintf(made.out, "slurm:\n- partitions:\n    big:\n      nodes:\n      - hosts:\n");
	for (i = 0; i < n; i++)
		fprintf(made.out, "        - n%06d\n", i);
	end(&made, code, expected);
}

START_TEST(node_limit)
{
	struct made made;
	int i;

	many_hosts(100000, XPM_OK, NULL);
	/* 13 nodes stand around the hosts. */
	many_hosts((int)XPM_NODES_MAX - 13, XPM_OK, NULL);
	many_hosts((int)XPM_NODES_MAX - 12, XPM_ERR_LIMIT,
		   "x.yaml:524281:11: error: the file has more than 524288 values, those that aliases repeat counted\n");

	begin(&made);
	fprintf(made.out, "local:\n");
	for (i = 0; i < 16385; i++)
		fprintf(made.out, "- &a%d\n", i);
	end(&made, XPM_ERR_LIMIT, "x.yaml:16386:3: error: the file has more than 16384 anchors\n");

	begin(&made);
	fprintf(made.out, "local:\n");
	for (i = 0; i < 1025; i++)
		fprintf(made.out, "- {}\n");
	end(&made, XPM_ERR_LAUNCHERS, "x.yaml:1026:3: error: local: more than 1024 launchers\n");

	begin(&made);
	fprintf(made.out, "tokens:\n");
	for (i = 0; i < 1025; i++)
		fprintf(made.out, "  t%d:\n", i);
	end(&made, XPM_ERR_LAUNCHERS, "x.yaml:1026:3: error: tokens: there are more than 1024 tokens\n");
}
END_TEST

/* Slow for a scanner that is not careful: quotes, comments and a line without an end. */
START_TEST(long_texts)
{
	struct made made;
	int i;

	begin(&made);
	fprintf(made.out, "local:\n- id: \"");
	for (i = 0; i < 8 << 20; i++)
		fputc('x', made.out);
	fprintf(made.out, "\"\n");
	end(&made, XPM_ERR_LAUNCHERS, "x.yaml:2:7: error: id: a text is 8388608 bytes long, more than 256\n- id: \"xxx");

	begin(&made);
	fprintf(made.out, "local: [");
	for (i = 0; i < 100000; i++)
		fprintf(made.out, "{}, ");
	fprintf(made.out, "]\n");
	end(&made, XPM_ERR_LAUNCHERS, "x.yaml:1:4105: error: local: more than 1024 launchers\n");
}
END_TEST

START_TEST(more_errors_than_a_report_holds)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err;
	struct made made;
	unsigned i;

	begin(&made);
	fprintf(made.out, "local:\n- id: a\n");
	for (i = 0; i < 100000; i++)
		fprintf(made.out, "  k%u: 1\n", i);
	fclose(made.out);
	ck_assert_ptr_null(xpm_launchers_parse(made.text, made.len, "x.yaml", report, &err));
	ck_assert_uint_eq(xpm_report_count(report), XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_dropped(report), 100000 - XPM_REPORT_MAX);
	for (i = 0; i < XPM_REPORT_MAX; i++)
		ck_assert_uint_eq(xpm_report_get(report, i)->what.line, 3 + i);
	check_first(report, &err);
	free(made.text);
	xpm_report_destroy(report);
}
END_TEST

/* Load path and hold the printed error against expected; it is the report's only entry. */
static void refused(const char *path, enum xpm_code code, const char *expected)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err;
	char *got;

	ck_assert_ptr_null(xpm_launchers_load(path, report, &err));
	ck_assert_int_eq(err.code, code);
	got = print_report(report);
	ck_assert_str_eq(got, expected);
	free(got);
	xpm_report_destroy(report);
	ck_assert_ptr_null(xpm_launchers_load(path, NULL, NULL));
}

static void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

START_TEST(files)
{
	char folder[] = "/tmp/xpm-launchers-XXXXXX";
	struct xpm_launchers *launchers;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	refused("none.yaml", XPM_ERR_FILE, "none.yaml: error: cannot be opened: No such file or directory");
	refused("none/launchers.yaml", XPM_ERR_FILE,
		"none/launchers.yaml: error: cannot be opened: No such file or directory");
	refused(".", XPM_ERR_FILE, ".: error: cannot be read: not a regular file");
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	refused("fifo", XPM_ERR_FILE, "fifo: error: cannot be read: not a regular file");
	put_file("large", "");
	ck_assert_int_eq(truncate("large", XPM_FILE_MAX + 1), 0);
	refused("large", XPM_ERR_LIMIT, "large: error: the file is larger than 16 MiB");

	/* tokens.yaml is looked for beside the file, and its mistakes are its own. */
	ck_assert_int_eq(mkdir("etc", 0700), 0);
	put_file("etc/launchers.yaml", "local: [{id: a}]\n");
	put_file("etc/tokens.yaml", "a: {count: 2}\n");
	launchers = xpm_launchers_load("etc/launchers.yaml", NULL, NULL);
	ck_assert_ptr_nonnull(launchers);
	ck_assert_uint_eq(launchers->tokens_len, 1);
	ck_assert_str_eq(launchers->tokens_name, "etc/tokens.yaml");
	xpm_launchers_destroy(launchers);
	put_file("etc/tokens.yaml", "a: {count: two}\n");
	refused("etc/launchers.yaml", XPM_ERR_LAUNCHERS,
		"etc/tokens.yaml:1:12: error: count: expected a whole number such as 8, got 'two'\na: {count: two}\n           ^");
	ck_assert_int_eq(truncate("etc/tokens.yaml", XPM_FILE_MAX + 1), 0);
	refused("etc/launchers.yaml", XPM_ERR_LIMIT, "etc/tokens.yaml: error: the file is larger than 16 MiB");
	ck_assert_int_eq(unlink("etc/tokens.yaml"), 0);
	ck_assert_int_eq(mkdir("etc/tokens.yaml", 0700), 0);
	refused("etc/launchers.yaml", XPM_ERR_FILE, "etc/tokens.yaml: error: cannot be read: not a regular file");

	ck_assert_int_eq(rmdir("etc/tokens.yaml"), 0);
	unlink("etc/launchers.yaml");
	rmdir("etc");
	unlink("fifo");
	unlink("large");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Errors of both files are in the report, launchers.yaml's first. */
START_TEST(two_wrong_files)
{
	char folder[] = "/tmp/xpm-launchers-XXXXXX", *got;
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	put_file("launchers.yaml", "tokens: {a: {count: 0}}\nlocals: []\n");
	put_file("tokens.yaml", "a: {count: 1}\nb: 3\n");
	ck_assert_ptr_null(xpm_launchers_load("launchers.yaml", report, &err));
	got = print_report(report);
	ck_assert_str_eq(got, "launchers.yaml:1:21: error: count: '0' is not within 1 to 1000000000\n"
			      "tokens: {a: {count: 0}}\n"
			      "                    ^\n"
			      "launchers.yaml:2:1: error: unknown key 'locals' in launchers.yaml (did you mean 'local'?)\n"
			      "locals: []\n"
			      "^\n"
			      "tokens.yaml:2:4: error: tokens 'b': expected a mapping such as {count: 4}, got '3'\n"
			      "b: 3\n"
			      "   ^");
	ck_assert_uint_eq(err.line, 1);
	free(got);
	xpm_report_destroy(report);
	unlink("launchers.yaml");
	unlink("tokens.yaml");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

UNIT_MAIN("launchers", valid, invalid, size_limit, depth_limit, alias_bombs, node_limit, long_texts,
	  more_errors_than_a_report_holds, files, two_wrong_files)
