/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/spec.h>

#include <inttypes.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "lexer.h"
#include "requirement.h"
#include "suggest.h"

/*
 * The grammar of xpm-spec(7), one function per rule; no rule nests, so nothing recurses. Each function returns XPM_OK
 * and leaves the parser at the lexeme after its rule, or fills the error. `now` is the lexeme that is looked at.
 */
struct parser {
	struct xpm_lexer lexer;
	struct xpm_lexeme now;
	struct xpm_requirement *into;
	struct xpm_error *err;
};

/* A term as it is read; `given` has the keys that were written. */
enum { KEY_MEM = 1 << 0, KEY_CORES = 1 << 1, KEY_MODEL = 1 << 2 };

struct term {
	unsigned given;
	uint64_t mem;
	uint32_t cores;
	const char *model;
};

static const struct keyword {
	const char *name;
	unsigned keys; /* that its parentheses take; 0 for duration */
	int is_accel;
	enum xpm_accel_kind kind;
} keywords[] = {
	{ "cuda", KEY_MEM | KEY_MODEL, 1, XPM_ACCEL_CUDA },
	{ "rocm", KEY_MEM | KEY_MODEL, 1, XPM_ACCEL_ROCM },
	{ "mps", KEY_MEM | KEY_MODEL, 1, XPM_ACCEL_MPS },
	{ "gpu", KEY_MEM | KEY_MODEL, 1, XPM_ACCEL_ANY },
	{ "cpu", KEY_MEM | KEY_CORES, 0, XPM_ACCEL_ANY },
	{ "duration", 0, 0, XPM_ACCEL_ANY },
	{ "cuda_gpu", KEY_MEM | KEY_MODEL, 1, XPM_ACCEL_CUDA },
};
#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

static const struct key {
	const char *name;
	unsigned bit;
} keys[] = { { "mem", KEY_MEM }, { "cores", KEY_CORES }, { "model", KEY_MODEL } };
#define KEYS (sizeof(keys) / sizeof(keys[0]))

#define fail(parser, code, at, ...)                                                                  \
	xpm_fail_at((parser)->err, code, "spec", (parser)->lexer.text, (parser)->lexer.len, at,      \
		    __VA_ARGS__)

static void advance(struct parser *parser)
{
	parser->now = xpm_lexer_next(&parser->lexer);
}

static const char *now_text(const struct parser *parser)
{
	return parser->lexer.text + parser->now.at;
}

/* For "%.*s": enough of the lexeme to recognise it. */
static int now_shown(const struct parser *parser)
{
	return xpm_shown(now_text(parser), parser->now.len);
}

static int now_is(const struct parser *parser, const char *word)
{
	return parser->now.type == XPM_LEX_WORD && strlen(word) == parser->now.len &&
	       !memcmp(now_text(parser), word, parser->now.len);
}

/* The lexeme is not what the grammar wants here. */
static enum xpm_code unexpected(struct parser *parser, const char *expected)
{
	const struct xpm_lexeme *now = &parser->now;

	switch (now->type) {
	case XPM_LEX_END:
		return fail(parser, XPM_ERR_SPEC, now->at, "expected %s, got the end of the spec",
			    expected);
	case XPM_LEX_UNCLOSED:
		return fail(parser, XPM_ERR_SPEC, now->at, "this quote is never closed");
	case XPM_LEX_UNPRINTABLE:
		return fail(parser, XPM_ERR_SPEC, now->at, "unprintable character 0x%02x in the spec",
			    (unsigned char)*now_text(parser));
	case XPM_LEX_STRING:
		return fail(parser, XPM_ERR_SPEC, now->at - 1, "expected %s, got the quoted '%.*s'",
			    expected, now_shown(parser), now_text(parser));
	case XPM_LEX_WORD:
	case XPM_LEX_SIGN:
	case XPM_LEX_STRAY:
		break;
	}
	return fail(parser, XPM_ERR_SPEC, now->at, "expected %s, got '%.*s'", expected,
		    now_shown(parser), now_text(parser));
}

static enum xpm_code take_sign(struct parser *parser, char sign, const char *expected)
{
	if (parser->now.sign != sign)
		return unexpected(parser, expected);
	advance(parser);
	return XPM_OK;
}

static int all_in(const char *text, size_t len, const char *set)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!text[i] || !strchr(set, text[i]))
			return 0;
	return 1;
}

/* A value as one piece of text, without its quotes; a number and the unit after a blank are one value. */
static enum xpm_code take_value(struct parser *parser, const char *expected, struct xpm_lexeme *value)
{
	*value = parser->now;
	if (value->type != XPM_LEX_WORD && value->type != XPM_LEX_STRING)
		return unexpected(parser, expected);
	advance(parser);
	if (value->type != XPM_LEX_WORD ||
	    !all_in(parser->lexer.text + value->at, value->len, "0123456789."))
		return XPM_OK;
	if (parser->now.type == XPM_LEX_STRAY || parser->now.type == XPM_LEX_UNPRINTABLE)
		return unexpected(parser, "a unit");
	if (parser->now.type == XPM_LEX_WORD) {
		value->len = parser->now.at + parser->now.len - value->at;
		advance(parser);
	}
	return XPM_OK;
}

/* Give an error of the units its place. */
static enum xpm_code unit_error(struct parser *parser, const struct xpm_error *inner, size_t at)
{
	enum xpm_code code = inner->code == XPM_ERR_LIMIT ? XPM_ERR_LIMIT : XPM_ERR_SPEC;

	return fail(parser, code, at, "%s", inner->text);
}

static enum xpm_code parse_size(struct parser *parser, uint64_t *bytes)
{
	struct xpm_lexeme value;
	struct xpm_error inner;
	enum xpm_code code = take_value(parser, "a size such as 24G", &value);

	if (code)
		return code;
	if (xpm_size_parse(parser->lexer.text + value.at, value.len, bytes, &inner))
		return unit_error(parser, &inner, value.at);
	if (*bytes == 0)
		return fail(parser, XPM_ERR_SPEC, value.at, "mem must be at least 1 byte");
	return XPM_OK;
}

static enum xpm_code parse_duration(struct parser *parser, uint64_t *seconds)
{
	struct xpm_lexeme value;
	struct xpm_error inner;
	enum xpm_code code = take_value(parser, "a duration such as 20h", &value);

	if (code)
		return code;
	if (xpm_duration_parse(parser->lexer.text + value.at, value.len, 0, seconds, &inner))
		return unit_error(parser, &inner, value.at);
	if (*seconds == 0)
		return fail(parser, XPM_ERR_SPEC, value.at, "duration must be at least 1 second");
	return XPM_OK;
}

/* A whole number of at least 1; max + 1 stands for anything larger than max. */
static enum xpm_code parse_count(struct parser *parser, const char *noun, uint32_t max, uint32_t *count)
{
	const struct xpm_lexeme now = parser->now;
	const char *text = now_text(parser);
	size_t i;

	*count = 0;
	if ((now.type != XPM_LEX_WORD && now.type != XPM_LEX_STRING) || now.len == 0 ||
	    !all_in(text, now.len, "0123456789"))
		return unexpected(parser, "a whole number");
	for (i = 0; i < now.len && *count <= max; i++)
		*count = *count * 10 + (uint32_t)(text[i] - '0');
	if (*count > max)
		*count = max + 1;
	if (*count == 0)
		return fail(parser, XPM_ERR_SPEC, now.at, "%s must be at least 1", noun);
	advance(parser);
	return XPM_OK;
}

static enum xpm_code parse_cores(struct parser *parser, uint32_t *cores)
{
	size_t at = parser->now.at;
	enum xpm_code code = parse_count(parser, "cores", XPM_CORES_MAX, cores);

	if (!code && *cores > XPM_CORES_MAX)
		return fail(parser, XPM_ERR_LIMIT, at, "cores is above the limit of %" PRIu32,
			    XPM_CORES_MAX);
	return code;
}

static enum xpm_code parse_model(struct parser *parser, const char **model)
{
	const struct xpm_lexeme now = parser->now;
	const char *text = now_text(parser);

	if (now.type != XPM_LEX_WORD && now.type != XPM_LEX_STRING)
		return unexpected(parser, "a model name");
	if (now.len == 0)
		return fail(parser, XPM_ERR_SPEC, now.at, "the model name is empty");
	advance(parser);
	if (now.type == XPM_LEX_WORD && parser->now.type == XPM_LEX_WORD)
		return fail(parser, XPM_ERR_SPEC, now.at,
			    "a model with a blank needs quotes: model=\"%.*s %.*s\"",
			    xpm_shown(text, now.len), text, now_shown(parser), now_text(parser));
	*model = xpm_arena_strndup(&parser->into->arena, text, now.len);
	return *model ? XPM_OK : xpm_fail_memory(parser->err);
}

static const char *keys_text(const struct keyword *keyword)
{
	return keyword->is_accel ? "mem or model" : "mem or cores";
}

static enum xpm_code unknown_key(struct parser *parser, const struct keyword *keyword)
{
	const char *names[KEYS], *near;
	size_t n = 0, i;

	/* cuda(24G): what else could it be */
	if (parser->now.type == XPM_LEX_WORD && *now_text(parser) >= '0' && *now_text(parser) <= '9')
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "expected %s, got '%.*s' (did you mean '%s=%.*s'?)", keys_text(keyword),
			    now_shown(parser), now_text(parser),
			    keyword->is_accel || !all_in(now_text(parser), parser->now.len, "0123456789")
				    ? "mem"
				    : "cores",
			    now_shown(parser), now_text(parser));
	for (i = 0; i < KEYS; i++)
		if (keyword->keys & keys[i].bit)
			names[n++] = keys[i].name;
	near = parser->now.type == XPM_LEX_WORD ?
		       xpm_suggest(now_text(parser), parser->now.len, names, n) :
		       NULL;
	if (near)
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "unknown key '%.*s' in %s() (did you mean '%s'?)", now_shown(parser),
			    now_text(parser), keyword->name, near);
	if (parser->now.type == XPM_LEX_WORD)
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "unknown key '%.*s' in %s(): expected %s", now_shown(parser),
			    now_text(parser), keyword->name, keys_text(keyword));
	return unexpected(parser, keys_text(keyword));
}

/* KEY = value */
static enum xpm_code parse_key(struct parser *parser, const struct keyword *keyword, struct term *term)
{
	const struct key *key = NULL;
	enum xpm_code code;
	size_t i;

	for (i = 0; i < KEYS; i++)
		if ((keyword->keys & keys[i].bit) && now_is(parser, keys[i].name))
			key = &keys[i];
	if (!key)
		return unknown_key(parser, keyword);
	if (term->given & key->bit)
		return fail(parser, XPM_ERR_SPEC, parser->now.at, "%s is given twice in %s()", key->name,
			    keyword->name);
	term->given |= key->bit;
	advance(parser);
	code = take_sign(parser, '=', "'='");
	if (code)
		return code;
	switch (key->bit) {
	case KEY_MEM:
		return parse_size(parser, &term->mem);
	case KEY_CORES:
		return parse_cores(parser, &term->cores);
	default:
		return parse_model(parser, &term->model);
	}
}

/* "(" [ key { "," key } ] ")" */
static enum xpm_code parse_keys(struct parser *parser, const struct keyword *keyword, struct term *term)
{
	enum xpm_code code = XPM_OK;

	if (parser->now.sign != '(')
		return fail(parser, XPM_ERR_SPEC, parser->now.at, "expected '(' after %s: write %s()",
			    keyword->name, keyword->name);
	advance(parser);
	if (parser->now.sign == ')') {
		advance(parser);
		return XPM_OK;
	}
	while (!(code = parse_key(parser, keyword, term)) && parser->now.sign == ',')
		advance(parser);
	return code ? code : take_sign(parser, ')', "',' or ')'");
}

static enum xpm_code parse_accel(struct parser *parser, const struct keyword *keyword)
{
	struct term term = { 0 };
	struct xpm_accel_need need = { .kind = keyword->kind, .count = 1 };
	size_t at = parser->now.at;
	enum xpm_code code;

	advance(parser);
	code = parse_keys(parser, keyword, &term);
	if (code)
		return code;
	if (parser->now.sign == '*') {
		advance(parser);
		at = parser->now.at;
		if (parser->now.type == XPM_LEX_STRING)
			return unexpected(parser, "a whole number");
		code = parse_count(parser, "the number of accelerators", XPM_ACCELERATORS_MAX,
				   &need.count);
		if (code)
			return code;
	}
	need.mem = term.mem;
	need.model = term.model;
	if (!xpm_requirement_add(parser->into, &need))
		return fail(parser, XPM_ERR_LIMIT, at, "more than %d accelerators in one alternative",
			    XPM_ACCELERATORS_MAX);
	return XPM_OK;
}

static enum xpm_code parse_cpu(struct parser *parser, const struct keyword *keyword,
			       struct xpm_alternative *alternative)
{
	struct term term = { 0 };
	enum xpm_code code;

	advance(parser);
	code = parse_keys(parser, keyword, &term);
	if (code)
		return code;
	xpm_raise(&alternative->mem, term.mem);
	xpm_raise_cores(&alternative->cores, term.given ? term.cores : 1);
	return XPM_OK;
}

static enum xpm_code unknown_term(struct parser *parser)
{
	const char *names[KEYWORDS], *near;
	size_t i;

	if (parser->now.type != XPM_LEX_WORD)
		return unexpected(parser, "a term such as cuda(mem=24G)");
	if (now_is(parser, "cores"))
		return fail(parser, XPM_ERR_SPEC, parser->now.at, "cores belongs in cpu(...)");
	if (now_is(parser, "mem") || now_is(parser, "model"))
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "%.*s belongs in the parentheses of a term, as in cuda(%.*s=...)",
			    now_shown(parser), now_text(parser), now_shown(parser), now_text(parser));
	for (i = 0; i < KEYWORDS; i++)
		names[i] = keywords[i].name;
	near = xpm_suggest(now_text(parser), parser->now.len, names, KEYWORDS);
	if (near)
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "unknown term '%.*s' (did you mean '%s'?)", now_shown(parser),
			    now_text(parser), near);
	return fail(parser, XPM_ERR_SPEC, parser->now.at,
		    "unknown term '%.*s': expected cuda, rocm, mps, gpu, cpu or duration",
		    now_shown(parser), now_text(parser));
}

static enum xpm_code parse_term(struct parser *parser, struct xpm_alternative *alternative)
{
	const struct keyword *keyword = NULL;
	uint64_t seconds = 0;
	enum xpm_code code;
	size_t i;

	for (i = 0; i < KEYWORDS; i++)
		if (now_is(parser, keywords[i].name))
			keyword = &keywords[i];
	if (!keyword)
		return unknown_term(parser);
	if (keyword->is_accel)
		return parse_accel(parser, keyword);
	if (keyword->keys) {
		code = parse_cpu(parser, keyword, alternative);
	} else {
		advance(parser);
		code = take_sign(parser, '=', "'=' after duration, as in duration=20h");
		if (!code)
			code = parse_duration(parser, &seconds);
		if (!code)
			xpm_raise(&alternative->duration, seconds);
	}
	if (!code && parser->now.sign == '*')
		return fail(parser, XPM_ERR_SPEC, parser->now.at, "only accelerators can be multiplied");
	return code;
}

/* After a term: a sign goes on, the end ends, everything else is a mistake. */
static enum xpm_code parse_joint(struct parser *parser, char *joint)
{
	size_t at = parser->now.at;

	*joint = parser->now.sign;
	if (parser->now.type == XPM_LEX_END)
		return XPM_OK;
	if (now_is(parser, "and") || now_is(parser, "or"))
		return fail(parser, XPM_ERR_SPEC, at, "expected '&' or '|', got '%.*s' (write '%s')",
			    now_shown(parser), now_text(parser), now_is(parser, "or") ? "|" : "&");
	if (*joint != '&' && *joint != '|')
		return unexpected(parser, "'&', '|' or the end");
	advance(parser);
	if (parser->now.sign == *joint && parser->now.at == at + 1)
		return fail(parser, XPM_ERR_SPEC, at, "one '%c' is enough", *joint);
	return XPM_OK;
}

static enum xpm_code parse_spec(struct parser *parser)
{
	struct xpm_alternative *alternative = NULL;
	enum xpm_code code;
	char joint = '|';
	size_t at = 0;

	advance(parser);
	if (parser->now.type == XPM_LEX_END)
		return fail(parser, XPM_ERR_SPEC, parser->now.at,
			    "the spec is empty: expected a term such as cuda(mem=24G)");
	do {
		if (joint == '|') {
			if (parser->into->len == XPM_ALTERNATIVES_MAX)
				return fail(parser, XPM_ERR_LIMIT, at, "more than %d alternatives",
					    XPM_ALTERNATIVES_MAX);
			alternative = xpm_requirement_begin(parser->into);
		}
		code = parse_term(parser, alternative);
		if (code)
			return code;
		at = parser->now.at;
		code = parse_joint(parser, &joint);
		if (code)
			return code;
	} while (joint);
	return XPM_OK;
}

static size_t count_char(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

struct xpm_requirement *xpm_spec_parse(const char *text, struct xpm_error *err)
{
	struct parser parser = { .err = err };
	size_t len = strnlen(text, XPM_SPEC_MAX + 1), alternatives;

	if (len > XPM_SPEC_MAX) {
		xpm_fail_at(err, XPM_ERR_LIMIT, "spec", text, len, XPM_SPEC_MAX,
			    "the spec is longer than %d bytes", XPM_SPEC_MAX);
		return NULL;
	}
	/* Quoted ones count too: an upper bound is enough. */
	alternatives = count_char(text, '|') + 1;
	if (alternatives > XPM_ALTERNATIVES_MAX)
		alternatives = XPM_ALTERNATIVES_MAX;
	parser.into = xpm_requirement_create(alternatives, count_char(text, '('), err);
	if (!parser.into)
		return NULL;
	parser.into->source = xpm_arena_strndup(&parser.into->arena, text, len);
	if (!parser.into->source) {
		xpm_fail_memory(err);
		xpm_requirement_destroy(parser.into);
		return NULL;
	}
	parser.lexer.text = parser.into->source;
	parser.lexer.len = len;
	if (parse_spec(&parser)) {
		xpm_requirement_destroy(parser.into);
		return NULL;
	}
	return parser.into;
}
