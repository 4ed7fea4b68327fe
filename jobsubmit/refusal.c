/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xpmatch/units.h>

#include "say.h"

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
	char printed[XPM_ERROR_TEXT_MAX + XPM_ERROR_SOURCE_MAX + 3 * XPM_ERROR_EXCERPT_MAX];
	char said[sizeof printed + 8];

	xpm_error_print(err, printed, sizeof printed);
	snprintf(said, sizeof said, "xpm: %s", printed);
	xpm_say(L, XPM_EAR_USER, said);
}

/* The reader's shell gets the spec as it was: in quotes, and each quote of its own as '\''. */
static void add_quoted(struct text *text, const char *spec)
{
	add(text, "'");
	for (; *spec; spec++)
		add(text, *spec == '\'' ? "'\\''" : "%c", *spec);
	add(text, "'");
}

static void say_hint(lua_State *L, const char *spec)
{
	char line[XPM_SAY_LINE];
	struct text text = { line, line + sizeof line };

	add(&text, "xpm: for all of them: xpm explain ");
	if (strlen(spec) < 400)
		add_quoted(&text, spec);
	else
		add(&text, "SPEC");
	xpm_say(L, XPM_EAR_USER, line);
}

static void add_candidate(struct text *text, const struct xpm_candidate *candidate, const char *launcher)
{
	add(text, "launcher %s", launcher);
	if (candidate->partition)
		add(text, ", partition %s", candidate->partition);
	if (candidate->qos)
		add(text, ", qos %s", candidate->qos);
	if (candidate->account)
		add(text, ", account %s", candidate->account);
	if (candidate->hosts)
		add(text, ", hosts %.100s", candidate->hosts);
}

void xpm_refusal_no_match(lua_State *L, const struct xpm_match *match, const struct xpm_candidates *table,
			  const char *spec, const struct xpm_error *err)
{
	char line[XPM_SAY_LINE];
	struct text text = { line, line + sizeof line };
	const struct xpm_candidate *candidate;
	struct xpm_reason reason;
	size_t alternative, row;
	int lines = 3;
	uint32_t failed;

	xpm_say_format(L, XPM_EAR_USER, "xpm: %s", err->text);
	if (xpm_match_closest(match, &alternative, &row)) {
		candidate = xpm_candidates_get(table, row);
		add(&text, "xpm: closest: ");
		add_candidate(&text, candidate, xpm_candidates_launcher(table, candidate->launcher)->id);
		xpm_say(L, XPM_EAR_USER, line);
		failed = xpm_match_failed(match, alternative, row);
		for (int clause = 0; clause < XPM_CLAUSES && lines < XPM_REFUSAL_LINES; clause++) {
			if (!(failed & (UINT32_C(1) << clause)))
				continue;
			xpm_match_reason(match, alternative, row, (enum xpm_clause)clause, &reason);
			xpm_say_format(L, XPM_EAR_USER, "xpm:   %s: needed %s, there %s",
				       xpm_clause_name((enum xpm_clause)clause), reason.need, reason.have);
			lines++;
		}
	}
	say_hint(L, spec);
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
