/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "yaml_syntax.h"

#include <string.h>

#define error(document, spot, ...) xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, spot, __VA_ARGS__)

/* Is spot where a value may begin: first in its line, or behind what announces one? */
static int begins_value(const struct xpm_document *document, const struct xpm_spot *spot)
{
	size_t left = spot->place.column - 1;

	while (left && document->text[spot->offset - (spot->place.column - left)] == ' ')
		left--;
	return !left || strchr(":,[{-?", document->text[spot->offset - (spot->place.column - left)]);
}

/* For what a wrong indentation looks like to libyaml, which speaks of the line after it; else "". */
static const char *indentation_hint(const char *problem)
{
	static const char *const problems[] = { "mapping values are not allowed in this context",
		                                "did not find expected key",
		                                "did not find expected '-' indicator" };
	size_t i;

	for (i = 0; problem && i < sizeof(problems) / sizeof(problems[0]); i++)
		if (!strcmp(problem, problems[i]))
			return "; is this line, or the one above it, indented as it should be?";
	return "";
}

void xpm_yaml_syntax_error(struct xpm_document *document, const yaml_parser_t *parser, const struct xpm_spot *spot)
{
	char c = spot->offset < document->len ? document->text[spot->offset] : '\0';

	if (c == '\t')
		error(document, spot,
		      "not YAML: a tab may not stand here, use blanks");
	else if (c && strchr("@`%", c) && !strcmp(parser->problem, "found character that cannot start any token"))
		error(document, spot,
		      begins_value(document, spot) ? "not YAML: a value may not begin with '%c', put it in quotes"
		                                    : "not YAML: '%c' may not stand behind the end of a value",
		      c);
	else if (parser->context && parser->context_mark.line + 1 != spot->place.line)
		error(document, spot, "not YAML: %s %s that begins on line %zu%s",
		      parser->problem, parser->context, parser->context_mark.line + 1,
		      indentation_hint(parser->problem));
	else
		error(document, spot, "not YAML: %s%s%s%s",
		      parser->problem ? parser->problem : "cannot be read",
		      parser->context ? " " : "", parser->context ? parser->context : "",
		      indentation_hint(parser->problem));
}
