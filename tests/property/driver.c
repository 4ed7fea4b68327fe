/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The product's side of the property test: reads questions, prints decisions. The protocol is in RULES.md.
 * With --explain each answer also has the words of `xpm explain` and of the refusal, and what sbatch would get.
 */
#include "config.h"

#include <stddef.h>
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
	char *file, *kind, *tags, *spec, *typed;
};

/* Options that can be typed, by their names in launchers.yaml. Sizes are bytes, times seconds. */
static const struct typed_key {
	const char *name;
	enum { TYPED_TEXT, TYPED_COUNT, TYPED_LARGE } form;
	size_t offset;
} typed_keys[] = {
#define TYPED(field, form) { #field, form, offsetof(struct xpm_slurm_options, field) }
	TYPED(partition, TYPED_TEXT), TYPED(qos, TYPED_TEXT), TYPED(account, TYPED_TEXT), TYPED(constraint, TYPED_TEXT),
	TYPED(exclude, TYPED_TEXT), TYPED(nodelist, TYPED_TEXT), TYPED(gres, TYPED_TEXT), TYPED(nodes, TYPED_COUNT),
	TYPED(cpus_per_task, TYPED_COUNT), TYPED(gpus, TYPED_COUNT), TYPED(gpus_per_node, TYPED_COUNT),
	TYPED(time, TYPED_LARGE), TYPED(mem, TYPED_LARGE), TYPED(mem_per_cpu, TYPED_LARGE),
#undef TYPED
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
	if (err->code == XPM_ERR_CONFLICT)
		json_object_set_new(object, "conflict", json_true());
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

/* NAME=VALUE separated by the byte 0x1f, cut in place. Returns -1 when a name or a number is none. */
static int typed_read(char *text, struct xpm_slurm_options *typed)
{
	char *save = NULL, *option;

	for (option = strtok_r(text, "\x1f", &save); option; option = strtok_r(NULL, "\x1f", &save)) {
		const char *name = strsep(&option, "=");
		char *end = option;
		size_t i = 0;
		void *field;

		while (i < sizeof(typed_keys) / sizeof(*typed_keys) && strcmp(name, typed_keys[i].name))
			i++;
		if (i == sizeof(typed_keys) / sizeof(*typed_keys) || !option)
			return -1;
		field = (char *)typed + typed_keys[i].offset;
		if (typed_keys[i].form == TYPED_TEXT)
			*(const char **)field = option;
		else if (typed_keys[i].form == TYPED_COUNT)
			*(uint32_t *)field = (uint32_t)strtoul(option, &end, 10);
		else
			*(uint64_t *)field = strtoull(option, &end, 10);
		if (typed_keys[i].form != TYPED_TEXT && (end == option || *end))
			return -1;
	}
	return 0;
}

/* The words of a submission with what was typed: "sbatch". */
static void add_submission(json_t *object, const struct xpm_plan *plan, const struct xpm_slurm_options *typed)
{
	struct xpm_slurm_options options;
	json_t *words = json_array();
	char **argv;

	xpm_plan_submission(plan, typed, &options);
	argv = xpm_slurm_options_argv(&options, NULL, NULL);
	for (size_t i = 0; argv && argv[i]; i++)
		json_array_append_new(words, cli_json_text(argv[i]));
	free(argv);
	json_object_set_new(object, "sbatch", words);
}

/* What people get to see of the same decision: "table", "short", "relaxations" and "without". */
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
	json_object_set_new(object, "without", cli_json_text(relaxed.without));
	json_object_set_new(object, "table", table);
	json_object_set_new(object, "short", lines);
}

static void decide(struct table *table, const struct question *question, int words)
{
	struct xpm_error err = { 0 };
	struct xpm_slurm_options typed = { 0 };
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
	if (question->typed) {
		if (typed_read(question->typed, &typed) != 0) {
			fprintf(stderr, "driver: not NAME=VALUE of a known option\n");
			exit(2);
		}
		request.typed = &typed;
	}
	code = xpm_match_run(table->match, &request, &err);
	if (code != XPM_OK && code != XPM_ERR_NO_MATCH) {
		print_error(&err);
	} else {
		const struct xpm_explain explain = { table->match, table->candidates, &request, &err };

		object = cli_decision_json(table->match, table->candidates, &request, &err);
		if (words)
			add_words(object, &explain);
		if (words && code == XPM_OK)
			add_submission(object, xpm_match_plan(table->match), request.typed);
		cli_json_print(object, 0);
		json_decref(object);
	}
	xpm_requirement_destroy(requirement);
}

/* FILE <tab> KIND <tab> TAGS <tab> SPEC [<tab> TYPED], cut in place. */
static int question_read(struct question *question, char *line)
{
	question->file = strsep(&line, "\t");
	question->kind = strsep(&line, "\t");
	question->tags = strsep(&line, "\t");
	question->spec = strsep(&line, "\t");
	question->typed = line;
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
			fprintf(stderr, "driver: not FILE <tab> KIND <tab> TAGS <tab> SPEC [<tab> TYPED]: %s\n", line);
			status = 2;
			break;
		}
		decide(&table, &question, words);
	}
	free(line);
	table_release(&table);
	return status;
}
