/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "module.h"
#include "say.h"

#define RELAX_RUNS    100 /* of the matcher, to find the nearest spec that would do: slurmctld waits */
#define EXPLAIN_WIDTH 120
#define EXPLAIN_LINES 300

/* Text that grows to the end of its buffer and is cut there. */
struct text {
	char *at, *end;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	size_t room = (size_t)(text->end - text->at);
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at, room, format, args);
	va_end(args);
	if (len > 0)
		text->at += (size_t)len < room ? (size_t)len : room - 1;
}

void xpm_refusal_error(lua_State *L, const struct xpm_error *err)
{
	char said[8 + XPM_MODULE_WORDS_MAX] = "xpm: ";

	xpm_module_words(err, said + strlen(said));
	xpm_say(L, XPM_EAR_USER, said);
}

/* Lines that the library makes, kept until they can be said: no Lua error may jump through its frames. */
struct lines {
	struct xpm_arena *arena;
	struct line *first, **last;
};

struct line {
	struct line *next;
	const char *text;
};

static void line_keep(void *context, const char *text, size_t len)
{
	struct lines *lines = context;
	struct line *line = xpm_arena_alloc(lines->arena, sizeof *line);

	if (!line)
		return;
	line->text = xpm_arena_strndup(lines->arena, text, len);
	if (!line->text)
		return;
	*lines->last = line;
	lines->last = &line->next;
}

static void lines_say(lua_State *L, const struct lines *lines, const char *before)
{
	for (const struct line *line = lines->first; line; line = line->next)
		xpm_say_format(L, XPM_EAR_USER, "%s%s", before, line->text);
}

/* A word for a shell behind those in text, or nothing of it. */
static void add_word(struct text *text, const char *first, const char *word)
{
	size_t room = (size_t)(text->end - text->at), before = strlen(first);

	if (before >= room || before + xpm_shell_quote(word, NULL, 0) >= room)
		return;
	memcpy(text->at, first, before);
	text->at += before;
	text->at += xpm_shell_quote(word, text->at, room - before);
}

/*
 * "--tag=a --partition=b": what was asked for besides the spec, as the command that the user is shown has to have it. What the
 * choice does not look at is left out, and what would make the line too long.
 */
static const char *request_as_options(const struct xpm_request *request, char *buf, size_t size)
{
	struct xpm_slurm_options typed = *request->typed;
	struct text text = { buf, buf + size };
	char tag[128], **argv;

	buf[0] = '\0';
	for (size_t i = 0; i < request->tags_len; i++) {
		if ((size_t)snprintf(tag, sizeof tag, "--tag=%s", request->tags[i]) < sizeof tag)
			add_word(&text, text.at == buf ? "" : " ", tag);
	}
	typed.ntasks = 0;
	typed.reservation = typed.licenses = typed.comment = NULL;
	argv = xpm_slurm_options_argv(&typed, NULL, NULL);
	for (size_t i = 0; argv && argv[i]; i++)
		add_word(&text, text.at == buf ? "" : " ", argv[i]);
	free(argv);
	return buf;
}

static void relax(const struct xpm_explain *explain, size_t most, struct xpm_relaxed *relaxed)
{
	relaxed->without = NULL;
	relaxed->len = 0;
	if (explain->why->code == XPM_ERR_NO_MATCH)
		(void)xpm_relax(explain, RELAX_RUNS, most, relaxed, NULL);
}

void xpm_refusal_no_match(lua_State *L, const struct xpm_explain *explain, struct xpm_arena *arena)
{
	struct lines lines = { arena, NULL, &lines.first };
	struct xpm_relaxed relaxed;
	char options[400];

	relax(explain, 1, &relaxed);
	xpm_explain_short(explain, &relaxed, request_as_options(explain->request, options, sizeof options), line_keep, &lines);
	lines_say(L, &lines, "xpm: ");
}

void xpm_refusal_explain(lua_State *L, const struct xpm_explain *explain, struct xpm_arena *arena)
{
	static const struct xpm_explain_style style = { .width = EXPLAIN_WIDTH, .max_lines = EXPLAIN_LINES };
	struct lines lines = { arena, NULL, &lines.first };
	struct xpm_relaxed relaxed;

	relax(explain, XPM_RELAXED_MAX, &relaxed);
	(void)xpm_explain_print(explain, &style, &relaxed, line_keep, &lines);
	lines_say(L, &lines, "");
	xpm_say(L, XPM_EAR_USER, "xpm: explained, not submitted (XPM_EXPLAIN is set)");
}

static void add_field(struct text *text, const char *name, const char *value, const char **separator)
{
	if (!value)
		return;
	add(text, "%s%s %.200s", *separator, name, value);
	*separator = ", ";
}

void xpm_plan_say(lua_State *L, const struct xpm_requirement *requirement, const struct xpm_plan *plan)
{
	const struct xpm_alternative *alternatives;
	const char *separator = " -> ";
	char line[XPM_SAY_LINE], spec[200], number[XPM_SIZE_TEXT];
	struct text text = { line, line + sizeof line };
	size_t len;

	alternatives = xpm_requirement_alternatives(requirement, &len);
	len = xpm_alternative_print(&alternatives[plan->alternative], spec, sizeof spec);
	add(&text, "xpm: %s%s", spec, len >= sizeof spec ? "..." : "");
	add_field(&text, "partition", plan->partition, &separator);
	add_field(&text, "gres", plan->gres, &separator);
	add_field(&text, "qos", plan->qos, &separator);
	add_field(&text, "account", plan->account, &separator);
	add_field(&text, "constraint", plan->constraint, &separator);
	add_field(&text, "exclude", plan->exclude, &separator);
	if (plan->cpus_per_task) {
		snprintf(number, sizeof number, "%u", plan->cpus_per_task);
		add_field(&text, "cpus-per-task", number, &separator);
	}
	if (plan->mem_mib) {
		snprintf(number, sizeof number, "%lluM", (unsigned long long)plan->mem_mib);
		add_field(&text, "mem", number, &separator);
	}
	if (plan->time)
		add_field(&text, "time", xpm_duration_print(plan->time, number), &separator);
	xpm_say(L, XPM_EAR_USER, line);
}
