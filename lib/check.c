/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launchers.yaml says without meaning it: the whole file; the lints of one launcher are in check_*.c. */
#include <stdarg.h>
#include <string.h>

#include "check_private.h"
#include "error_private.h"
#include "yaml_node.h"

int xpm_check_has(const struct xpm_strings *strings, const char *text)
{
	for (size_t i = 0; i < strings->len; i++)
		if (!strcmp(strings->items[i], text))
			return 1;
	return 0;
}

int xpm_check_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

const struct xpm_launcher *xpm_check_launcher(const struct xpm_check *check, const struct xpm_launcher_info *info)
{
	const struct xpm_launcher *launcher = check->launchers->items;

	while (strcmp(launcher->id, info->id))
		launcher++;
	return launcher;
}

void xpm_check_say(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xpm_source_vsay(&check->file, severity, XPM_ERR_LAUNCHERS, place, format, args);
	va_end(args);
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
		xpm_source_say(token->beside ? &check->tokens : &check->file, XPM_WARNING, XPM_ERR_LAUNCHERS,
			       &token->place, "no launcher takes token '%s'", token->name);
	}
	for (size_t l = 0; l < launchers->len; l++)
		for (size_t t = 0; !launchers->items[l].disabled && t < launchers->items[l].tokens_len; t++)
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

/* In the tree of the file: the model does not tell the spellings apart. It has been read before, without an error. */
static void check_spelling(struct xpm_check *check)
{
	static const char old[] = "use_memory_contraint";
	struct xpm_document document = check->file.document;
	const struct xpm_node *root, *list;

	document.report = NULL;
	root = xpm_yaml_read(&document, &check->arena);
	check->file.document.out_of_memory |= document.out_of_memory;
	list = root ? xpm_node_get(root, "slurm") : NULL;
	for (size_t l = 0; list && l < check->launchers->len; l++) {
		const struct xpm_launcher *launcher = &check->launchers->items[l];
		const struct xpm_node *node;

		if (launcher->kind != XPM_LAUNCHER_SLURM || launcher->disabled)
			continue;
		node = list->items[launcher->index];
		for (size_t i = 0; i < node->len; i++)
			if (!strcmp(node->entries[i].key->text, old))
				xpm_check_say(check, XPM_NOTE, &node->entries[i].key->spot.place,
					      "'%s' is the old spelling of use_memory_constraint", old);
	}
}

static enum xpm_code check_launcher(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	struct xpm_features *features;
	enum xpm_code code;

	if (launcher->disabled)
		return XPM_OK;
	if (launcher->kind == XPM_LAUNCHER_LOCAL)
		return xpm_check_gpus(check, launcher, NULL);
	if (launcher->partitions_len == 0 && !launcher->query_slurm)
		xpm_check_say(check, XPM_WARNING, &launcher->place,
			      "launcher '%s' has no partitions: no job goes there", launcher->id);
	features = xpm_features_create(launcher, &check->arena, check->err);
	if (!features)
		return check->err->code;
	code = xpm_check_names(check, launcher, features);
	if (code == XPM_OK)
		code = xpm_check_nodes(check, launcher);
	return code ? code : xpm_check_gpus(check, launcher, features);
}

static enum xpm_code check_all(struct xpm_check *check, struct xpm_report *report)
{
	const struct xpm_launchers *launchers = check->launchers;
	enum xpm_code code = XPM_OK;

	if (!xpm_source_read(&check->file, &check->arena, launchers->name, launchers->text, launchers->text_len,
			     report))
		return xpm_fail_memory(check->err);
	if (launchers->tokens_text && !xpm_source_read(&check->tokens, &check->arena, launchers->tokens_name,
						       launchers->tokens_text, launchers->tokens_text_len, report))
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
	if (code == XPM_OK)
		xpm_check_order(check);
	if (code == XPM_OK && (check->file.document.out_of_memory || check->tokens.document.out_of_memory))
		code = xpm_fail_memory(check->err);
	return code;
}

enum xpm_code xpm_launchers_check(const struct xpm_launchers *launchers, const struct xpm_candidates *candidates,
				  const struct xpm_gpu_models *models, struct xpm_report *report, struct xpm_error *err)
{
	struct xpm_error own = { 0 };
	struct xpm_check check = {
		.launchers = launchers, .candidates = candidates, .models = models, .err = &own,
	};
	enum xpm_code code = check_all(&check, report);

	xpm_arena_free(&check.arena);
	if (code != XPM_OK && err)
		*err = own;
	return code;
}
