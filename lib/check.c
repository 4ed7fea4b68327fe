/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launchers.yaml says without meaning it: the whole file; the lints of one launcher are in check_*.c. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check_private.h"
#include "error_private.h"

int xpm_check_has(const struct xpm_strings *strings, const char *text)
{
	for (size_t i = 0; i < strings->len; i++)
		if (!strcmp(strings->items[i], text))
			return 1;
	return 0;
}

/* --- places --- */

static int read_lines(struct xpm_check *check, struct xpm_check_text *text, const char *name, const char *bytes,
		      size_t len, struct xpm_report *report)
{
	size_t lines = 1;

	text->document = (struct xpm_document){
		.name = name, .text = bytes, .len = len, .arena = &check->arena, .report = report,
	};
	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n';
	text->lines = xpm_arena_array(&check->arena, lines, sizeof(*text->lines));
	if (!text->lines)
		return 0;
	text->lines[text->lines_len++] = 0;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '\n')
			text->lines[text->lines_len++] = i + 1;
	return 1;
}

static void say(struct xpm_check_text *text, enum xpm_severity severity, const struct xpm_place *place,
		const char *format, va_list args)
{
	char words[XPM_ERROR_TEXT_MAX];
	struct xpm_spot spot = { .place = *place };

	if (spot.place.line == 0 || spot.place.line > text->lines_len)
		spot.place = (struct xpm_place){ 1, 1 };
	spot.offset = text->lines[spot.place.line - 1] + spot.place.column - 1;
	if (spot.offset > text->document.len)
		spot.offset = text->document.len;
	vsnprintf(words, sizeof(words), format, args);
	xpm_document_say(&text->document, severity, XPM_ERR_LAUNCHERS, &spot, "%s", words);
}

void xpm_check_say(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(&check->file, severity, place, format, args);
	va_end(args);
}

static void say_tokens(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));
static void say_tokens(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(&check->tokens, severity, place, format, args);
	va_end(args);
}

struct xpm_place xpm_check_line(const struct xpm_check *check, unsigned line)
{
	const struct xpm_check_text *file = &check->file;
	struct xpm_place place = { line, 1 };

	if (line == 0 || line > file->lines_len)
		return (struct xpm_place){ 1, 1 };
	for (size_t i = file->lines[line - 1]; i < file->document.len && strchr(" -", file->document.text[i]); i++)
		place.column++;
	return place;
}

/* --- lints of the whole file --- */

static int takes_token(const struct xpm_launchers *launchers, const char *name)
{
	for (size_t l = 0; l < launchers->len; l++)
		for (size_t t = 0; t < launchers->items[l].tokens_len; t++)
			if (!strcmp(launchers->items[l].tokens[t].name, name))
				return 1;
	return 0;
}

static const struct xpm_token *find_token(const struct xpm_launchers *launchers, const char *name)
{
	for (size_t t = 0; t < launchers->tokens_len; t++)
		if (!strcmp(launchers->tokens[t].name, name))
			return &launchers->tokens[t];
	return NULL;
}

static void check_use(struct xpm_check *check, const struct xpm_launcher *launcher, const struct xpm_token_use *use)
{
	const struct xpm_token *token = find_token(check->launchers, use->name);
	uint32_t there = token ? token->count : 1;

	if (!token)
		xpm_check_say(check, XPM_NOTE, &use->place, "token '%s' is not described: there is one of it",
			      use->name);
	if (use->count > there)
		xpm_check_say(check, XPM_WARNING, &use->place,
			      "launcher '%s' can never be used: it takes %u of token '%s', and there %s %u",
			      launcher->id, use->count, use->name, there == 1 ? "is" : "are", there);
}

static void check_tokens(struct xpm_check *check)
{
	const struct xpm_launchers *launchers = check->launchers;

	for (size_t t = 0; t < launchers->tokens_len; t++) {
		const struct xpm_token *token = &launchers->tokens[t];

		if (takes_token(launchers, token->name))
			continue;
		if (token->beside)
			say_tokens(check, XPM_WARNING, &token->place, "no launcher takes token '%s'", token->name);
		else
			xpm_check_say(check, XPM_WARNING, &token->place, "no launcher takes token '%s'", token->name);
	}
	for (size_t l = 0; l < launchers->len; l++)
		for (size_t t = 0; t < launchers->items[l].tokens_len; t++)
			check_use(check, &launchers->items[l], &launchers->items[l].tokens[t]);
}

/* Launchers of one kind with the same weight: each is told of the first of them. */
static void check_ties(struct xpm_check *check)
{
	const struct xpm_launchers *launchers = check->launchers;

	for (size_t i = 1; i < launchers->len; i++) {
		const struct xpm_launcher *later = &launchers->items[i];

		for (size_t j = 0; j < i && !later->disabled; j++) {
			const struct xpm_launcher *earlier = &launchers->items[j];

			if (earlier->disabled || earlier->kind != later->kind || earlier->weight != later->weight)
				continue;
			xpm_check_say(check, XPM_NOTE, &later->place,
				      "launchers '%s' and '%s' both have weight %lld: the one that stands first is "
				      "tried first",
				      earlier->id, later->id, (long long)later->weight);
			break;
		}
	}
}

/* In the text itself: the model does not tell the spellings apart. Comments do not count. */
static void check_spelling(struct xpm_check *check)
{
	static const char old[] = "use_memory_contraint";
	const struct xpm_check_text *file = &check->file;

	for (size_t i = 0; i < file->lines_len; i++) {
		const char *line = file->document.text + file->lines[i];
		size_t len = (i + 1 < file->lines_len ? file->lines[i + 1] : file->document.len) - file->lines[i];
		const char *comment = memchr(line, '#', len);
		const char *found = memmem(line, comment ? (size_t)(comment - line) : len, old, sizeof(old) - 1);

		struct xpm_place place = { (unsigned)i + 1, found ? (unsigned)(found - line) + 1 : 0 };

		if (found)
			xpm_check_say(check, XPM_NOTE, &place, "'%s' is the old spelling of use_memory_constraint",
				      old);
	}
}

static enum xpm_code check_launcher(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	struct xpm_launcher enabled = *launcher;
	struct xpm_features *features;
	enum xpm_code code;

	if (launcher->kind == XPM_LAUNCHER_LOCAL)
		return XPM_OK;
	if (launcher->partitions_len == 0 && !launcher->query_slurm)
		xpm_check_say(check, XPM_WARNING, &launcher->place,
			      "launcher '%s' has no partitions: no job goes there", launcher->id);
	/* What is switched off for a while is not unused: names are looked for there, too. */
	enabled.partitions = xpm_arena_array(&check->arena, launcher->partitions_len + 1, sizeof(*enabled.partitions));
	if (!enabled.partitions)
		return xpm_fail_memory(check->err);
	for (size_t i = 0; i < launcher->partitions_len; i++) {
		enabled.partitions[i] = launcher->partitions[i];
		enabled.partitions[i].disabled = 0;
	}
	features = xpm_features_create(&enabled, &check->arena, check->err);
	if (!features)
		return check->err->code;
	code = xpm_check_names(check, &enabled, features);
	return code ? code : xpm_check_nodes(check, &enabled, features);
}

static enum xpm_code check_all(struct xpm_check *check, struct xpm_report *report)
{
	const struct xpm_launchers *launchers = check->launchers;
	enum xpm_code code = XPM_OK;

	if (!read_lines(check, &check->file, launchers->name, launchers->text, launchers->text_len, report))
		return xpm_fail_memory(check->err);
	if (launchers->tokens_text && !read_lines(check, &check->tokens, launchers->tokens_name, launchers->tokens_text,
						  launchers->tokens_text_len, report))
		return xpm_fail_memory(check->err);
	/* An empty file has had its warning. */
	if (launchers->len == 0 && xpm_report_count(report) == 0)
		xpm_check_say(check, XPM_WARNING, &(struct xpm_place){ 1, 1 }, "there are no launchers");
	check_tokens(check);
	check_ties(check);
	check_spelling(check);
	for (size_t i = 0; i < launchers->len && code == XPM_OK; i++)
		code = check_launcher(check, &launchers->items[i]);
	if (code == XPM_OK)
		code = xpm_check_rows(check);
	if (code == XPM_OK && (check->file.document.out_of_memory || check->tokens.document.out_of_memory))
		code = xpm_fail_memory(check->err);
	return code;
}

enum xpm_code xpm_launchers_check(const struct xpm_launchers *launchers, const struct xpm_candidates *candidates,
				  struct xpm_report *report, struct xpm_error *err)
{
	struct xpm_error own = { 0 };
	struct xpm_check check = { .launchers = launchers, .candidates = candidates, .err = &own };
	enum xpm_code code = check_all(&check, report);

	xpm_arena_free(&check.arena);
	if (code != XPM_OK && err)
		*err = own;
	return code;
}
