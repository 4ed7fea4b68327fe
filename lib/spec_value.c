/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spec_parser.h"

#include <inttypes.h>
#include <string.h>
#include <xpmatch/units.h>

void xpm_parser_advance(struct xpm_parser *parser)
{
	parser->now = xpm_lexer_next(&parser->lexer);
}

const char *xpm_parser_text(const struct xpm_parser *parser)
{
	return parser->lexer.text + parser->now.at;
}

int xpm_parser_shown(const struct xpm_parser *parser)
{
	return xpm_shown(xpm_parser_text(parser), parser->now.len);
}

int xpm_parser_is(const struct xpm_parser *parser, const char *word)
{
	return parser->now.type == XPM_LEX_WORD && strlen(word) == parser->now.len &&
	       !memcmp(xpm_parser_text(parser), word, parser->now.len);
}

enum xpm_code xpm_parser_unexpected(struct xpm_parser *parser, const char *expected)
{
	const struct xpm_lexeme *now = &parser->now;

	switch (now->type) {
	case XPM_LEX_END:
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now->at,
		                       "expected %s, got the end of the spec", expected);
	case XPM_LEX_UNCLOSED:
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now->at, "this quote is never closed");
	case XPM_LEX_UNPRINTABLE:
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now->at,
		                       "unprintable character 0x%02x in the spec",
		                       (unsigned char)*xpm_parser_text(parser));
	case XPM_LEX_STRING:
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now->at - 1,
		                       "expected %s, got the quoted '%.*s'", expected,
		                       xpm_parser_shown(parser), xpm_parser_text(parser));
	case XPM_LEX_WORD:
	case XPM_LEX_SIGN:
	case XPM_LEX_STRAY:
		break;
	}
	return xpm_parser_fail(parser, XPM_ERR_SPEC, now->at, "expected %s, got '%.*s'", expected,
	                       xpm_parser_shown(parser), xpm_parser_text(parser));
}

enum xpm_code xpm_parser_sign(struct xpm_parser *parser, char sign, const char *expected)
{
	if (parser->now.sign != sign)
		return xpm_parser_unexpected(parser, expected);
	xpm_parser_advance(parser);
	return XPM_OK;
}

int xpm_parser_all_in(const char *text, size_t len, const char *set)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!text[i] || !strchr(set, text[i]))
			return 0;
	return 1;
}

/*
 * A value as one piece of text, without its quotes; a number and the unit after a blank are one
 * value.
 */
static enum xpm_code take_value(struct xpm_parser *parser, const char *expected,
                                struct xpm_lexeme *value)
{
	*value = parser->now;
	if (value->type != XPM_LEX_WORD && value->type != XPM_LEX_STRING)
		return xpm_parser_unexpected(parser, expected);
	xpm_parser_advance(parser);
	if (value->type != XPM_LEX_WORD ||
	    !xpm_parser_all_in(parser->lexer.text + value->at, value->len, "0123456789."))
		return XPM_OK;
	if (parser->now.type == XPM_LEX_STRAY || parser->now.type == XPM_LEX_UNPRINTABLE)
		return xpm_parser_unexpected(parser, "a unit");
	if (parser->now.type == XPM_LEX_WORD) {
		value->len = parser->now.at + parser->now.len - value->at;
		xpm_parser_advance(parser);
	}
	return XPM_OK;
}

/* Give an error of the units its place. */
static enum xpm_code unit_error(struct xpm_parser *parser, const struct xpm_error *inner, size_t at)
{
	enum xpm_code code = inner->code == XPM_ERR_LIMIT ? XPM_ERR_LIMIT : XPM_ERR_SPEC;

	return xpm_parser_fail(parser, code, at, "%s", inner->text);
}

enum xpm_code xpm_parser_size(struct xpm_parser *parser, uint64_t *bytes)
{
	struct xpm_lexeme value;
	struct xpm_error inner;
	enum xpm_code code = take_value(parser, "a size such as 24G", &value);

	if (code)
		return code;
	if (xpm_size_parse(parser->lexer.text + value.at, value.len, bytes, &inner))
		return unit_error(parser, &inner, value.at);
	if (*bytes == 0)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, value.at,
		                       "mem must be at least 1 byte");
	return XPM_OK;
}

/* Seconds of a duration that is none here: 36:00:00, as Slurm has them, or 6h1m. 0 = it is not one of these. */
static uint64_t parse_several(const char *text, size_t len)
{
	uint64_t sum = 0, seconds;
	struct xpm_error err;
	size_t n;

	if (!xpm_duration_parse(text, len, 1, &seconds, &err))
		return seconds;
	for (; len; text += n, len -= n) {
		n = strspn(text, "0123456789.");
		while (n < len && !strchr("0123456789.", text[n]))
			n++;
		if (n > len || xpm_duration_parse(text, n, 0, &seconds, &err))
			return 0;
		sum += seconds;
	}
	return sum;
}

/* Several numbers where one is to stand: XPM_OK when it is something else, to be read as usual. */
static enum xpm_code check_several(struct xpm_parser *parser)
{
	static const struct {
		char name;
		uint64_t seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	const char *text = xpm_parser_text(parser);
	size_t len = parser->now.len, i = 0;
	struct xpm_error err;
	uint64_t seconds;

	if (parser->now.type != XPM_LEX_WORD && parser->now.type != XPM_LEX_STRING)
		return XPM_OK;
	if (parser->now.type == XPM_LEX_WORD)
		len = strspn(text, "0123456789.:- smhdw");
	if (!xpm_duration_parse(text, len, 0, &seconds, &err))
		return XPM_OK;
	seconds = parse_several(text, len);
	if (!seconds)
		return XPM_OK;
	while (seconds % units[i].seconds)
		i++;
	return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
	                       "a duration is one number with one unit (did you mean '%" PRIu64 "%c'?)",
	                       seconds / units[i].seconds, units[i].name);
}

enum xpm_code xpm_parser_duration(struct xpm_parser *parser, uint64_t *seconds)
{
	struct xpm_lexeme value;
	struct xpm_error inner;
	enum xpm_code code = check_several(parser);

	if (!code)
		code = take_value(parser, "a duration such as 20h", &value);
	if (code)
		return code;
	if (xpm_duration_parse(parser->lexer.text + value.at, value.len, 0, seconds, &inner))
		return unit_error(parser, &inner, value.at);
	if (*seconds == 0)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, value.at,
		                       "duration must be at least 1 second");
	return XPM_OK;
}

enum xpm_code xpm_parser_count(struct xpm_parser *parser, const char *noun, uint32_t max,
                               uint32_t *count)
{
	const struct xpm_lexeme now = parser->now;
	const char *text = xpm_parser_text(parser);
	size_t i;

	*count = 0;
	if ((now.type != XPM_LEX_WORD && now.type != XPM_LEX_STRING) || now.len == 0 ||
	    !xpm_parser_all_in(text, now.len, "0123456789"))
		return xpm_parser_unexpected(parser, "a whole number");
	for (i = 0; i < now.len && *count <= max; i++)
		*count = *count * 10 + (uint32_t)(text[i] - '0');
	if (*count > max)
		*count = max + 1;
	if (*count == 0)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now.at, "%s must be at least 1", noun);
	xpm_parser_advance(parser);
	return XPM_OK;
}

enum xpm_code xpm_parser_model(struct xpm_parser *parser, const char **model)
{
	const struct xpm_lexeme now = parser->now;
	const char *text = xpm_parser_text(parser);

	if (now.type != XPM_LEX_WORD && now.type != XPM_LEX_STRING)
		return xpm_parser_unexpected(parser, "a model name");
	if (now.len == 0)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now.at, "the model name is empty");
	xpm_parser_advance(parser);
	if (now.type == XPM_LEX_WORD && parser->now.type == XPM_LEX_WORD)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, now.at,
		                       "a model with a blank needs quotes: model=\"%.*s %.*s\"",
		                       xpm_shown(text, now.len), text, xpm_parser_shown(parser),
		                       xpm_parser_text(parser));
	*model = xpm_arena_strndup(&parser->into->arena, text, now.len);
	return *model ? XPM_OK : xpm_fail_memory(parser->err);
}
