/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The product's side of the property test: reads questions, prints decisions. The protocol is in RULES.md.
 * With --explain each answer also has the words of `xpm explain` and of the refusal.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common.h"
#include "cli/json.h"

/* The table of the file that was asked for last: questions about one file follow each other. */
struct table {
	char *file;
	struct xpm_launchers *launchers;
	struct xpm_candidates *candidates;
	struct xpm_match *match;
};

struct question {
	char *file, *kind, *tags, *spec;
};

static void table_release(struct table *table)
{
	xpm_match_destroy(table->match);
	xpm_candidates_destroy(table->candidates);
	xpm_launchers_destroy(table->launchers);
	free(table->file);
	memset(table, 0, sizeof(*table));
}

static int table_load(struct table *table, const char *file, struct xpm_error *err)
{
	if (table->file && !strcmp(table->file, file))
		return 0;
	table_release(table);
	table->launchers = xpm_launchers_load(file, NULL, err);
	if (table->launchers)
		table->candidates = xpm_candidates_create(table->launchers, err);
	if (table->candidates)
		table->match = xpm_match_create(table->candidates, err);
	if (!table->match)
		return -1;
	table->file = strdup(file);
	return table->file ? 0 : -1;
}

static void print_error(const struct xpm_error *err)
{
	json_t *object = json_object();

	json_object_set_new(object, "error", cli_json_text(err->text));
	cli_json_print(object, 0);
	json_decref(object);
}

static enum xpm_kinds kind_of(const char *name)
{
	if (!strcmp(name, "local"))
		return XPM_KIND_LOCAL;
	return !strcmp(name, "slurm") ? XPM_KIND_SLURM : XPM_KIND_BOTH;
}

static size_t split_tags(char *text, const char **tags, size_t room)
{
	char *save = NULL, *tag;
	size_t len = 0;

	for (tag = strtok_r(text, ",", &save); tag && len < room; tag = strtok_r(NULL, ",", &save))
		tags[len++] = tag;
	return len;
}

static void append_line(void *array, const char *line, size_t len)
{
	char *copy = strndup(line, len);

	json_array_append_new(array, cli_json_text(copy));
	free(copy);
}

/* What people get to see of the same decision: "table", "short" and "relaxations". */
static void add_words(json_t *object, const struct xpm_explain *explain)
{
	const struct xpm_explain_style style = { .width = 200, .all = 1 };
	json_t *table = json_array(), *lines = json_array();
	struct xpm_relaxed relaxed = { .len = 0 };
	json_t *specs = json_array();

	if (explain->why->code == XPM_ERR_NO_MATCH) {
		xpm_relax(explain, 0, XPM_RELAXED_MAX, &relaxed, NULL);
		xpm_explain_short(explain, &relaxed, NULL, append_line, lines);
	}
	xpm_explain_print(explain, &style, &relaxed, append_line, table);
	for (size_t i = 0; i < relaxed.len; i++)
		json_array_append_new(specs, cli_json_text(relaxed.specs[i]));
	json_object_set_new(object, "relaxations", specs);
	json_object_set_new(object, "table", table);
	json_object_set_new(object, "short", lines);
}

static void decide(struct table *table, const struct question *question, int words)
{
	struct xpm_error err = { 0 };
	struct xpm_request request = { 0 };
	struct xpm_requirement *requirement;
	const char *tags[64];
	enum xpm_code code;
	json_t *object;

	requirement = xpm_spec_parse(question->spec, &err);
	if (!requirement || table_load(table, question->file, &err) != 0) {
		print_error(&err);
		xpm_requirement_destroy(requirement);
		return;
	}
	request.requirement = requirement;
	request.kinds = kind_of(question->kind);
	request.tags = tags;
	request.tags_len = split_tags(question->tags, tags, 64);
	code = xpm_match_run(table->match, &request, &err);
	if (code != XPM_OK && code != XPM_ERR_NO_MATCH) {
		print_error(&err);
	} else {
		const struct xpm_explain explain = { table->match, table->candidates, &request, &err };

		object = cli_decision_json(table->match, table->candidates, &request, &err);
		if (words)
			add_words(object, &explain);
		cli_json_print(object, 0);
		json_decref(object);
	}
	xpm_requirement_destroy(requirement);
}

/* FILE <tab> KIND <tab> TAGS <tab> SPEC, cut in place. */
static int question_read(struct question *question, char *line)
{
	question->file = strsep(&line, "\t");
	question->kind = strsep(&line, "\t");
	question->tags = strsep(&line, "\t");
	question->spec = line;
	return question->spec ? 0 : -1;
}

int main(int argc, char **argv)
{
	int words = argc > 1 && !strcmp(argv[1], "--explain");
	struct question question;
	struct table table = { 0 };
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int status = 0;

	cli_json_begin();
	while ((len = getline(&line, &room, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (question_read(&question, line) != 0) {
			fprintf(stderr, "driver: not FILE <tab> KIND <tab> TAGS <tab> SPEC: %s\n", line);
			status = 2;
			break;
		}
		decide(&table, &question, words);
	}
	free(line);
	table_release(&table);
	return status;
}
