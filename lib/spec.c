/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <xpmatch/spec.h>

#include <inttypes.h>
#include <string.h>

#include "spec_parser.h"
#include "suggest.h"

/* The grammar of xpm-spec(7), one function per rule; no rule nests, so nothing recurses. */

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

static enum xpm_code parse_cores(struct xpm_parser *parser, uint32_t *cores)
{
	size_t at = parser->now.at;
	enum xpm_code code = xpm_parser_count(parser, "cores", XPM_CORES_MAX, cores);

	if (!code && *cores > XPM_CORES_MAX)
		return xpm_parser_fail(parser, XPM_ERR_LIMIT, at,
		                       "cores is above the limit of %" PRIu32, XPM_CORES_MAX);
	return code;
}

static const char *keys_text(const struct keyword *keyword)
{
	return keyword->is_accel ? "mem or model" : "mem or cores";
}

static const struct keyword *find_keyword(const struct xpm_parser *parser)
{
	size_t i;

	for (i = 0; i < KEYWORDS; i++)
		if (xpm_parser_is(parser, keywords[i].name))
			return &keywords[i];
	return NULL;
}

/* 2*cuda(), cuda(count=2), cuda()x2 */
static enum xpm_code misplaced_number(struct xpm_parser *parser, const struct keyword *keyword)
{
	return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
	                       "the number of accelerators stands behind the parentheses, after '*': %s(...)*2",
	                       keyword->name);
}

/* The accelerator of "2*cuda()" when the parser is at its number, else NULL. */
static const struct keyword *multiplied_keyword(const struct xpm_parser *parser)
{
	struct xpm_parser ahead = *parser;
	const struct keyword *keyword;

	if (!xpm_parser_all_in(xpm_parser_text(parser), parser->now.len, "0123456789"))
		return NULL;
	xpm_parser_advance(&ahead);
	if (ahead.now.sign == '*')
		xpm_parser_advance(&ahead);
	keyword = find_keyword(&ahead);
	return keyword && keyword->is_accel ? keyword : NULL;
}

/* x2, or X2 */
static int is_times(const struct xpm_parser *parser)
{
	const char *text = xpm_parser_text(parser);
	size_t len = parser->now.len;

	return parser->now.type == XPM_LEX_WORD && len > 1 && (text[0] == 'x' || text[0] == 'X') &&
	       xpm_parser_all_in(text + 1, len - 1, "0123456789");
}

static enum xpm_code unknown_key(struct xpm_parser *parser, const struct keyword *keyword)
{
	const char *names[KEYS], *near;
	size_t n = 0, i;

	if (keyword->is_accel && xpm_parser_is(parser, "count"))
		return misplaced_number(parser, keyword);
	/* cuda(24G): what else could it be */
	if (parser->now.type == XPM_LEX_WORD && *xpm_parser_text(parser) >= '0' &&
	    *xpm_parser_text(parser) <= '9')
		return xpm_parser_fail(
		        parser, XPM_ERR_SPEC, parser->now.at,
		        "expected %s, got '%.*s' (did you mean '%s=%.*s'?)", keys_text(keyword),
		        xpm_parser_shown(parser), xpm_parser_text(parser),
		        keyword->is_accel || !xpm_parser_all_in(xpm_parser_text(parser),
		                                                parser->now.len, "0123456789")
		                ? "mem"
		                : "cores",
		        xpm_parser_shown(parser), xpm_parser_text(parser));
	for (i = 0; i < KEYS; i++)
		if (keyword->keys & keys[i].bit)
			names[n++] = keys[i].name;
	near = parser->now.type == XPM_LEX_WORD
	               ? xpm_suggest(xpm_parser_text(parser), parser->now.len, names, n)
	               : NULL;
	if (near)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "unknown key '%.*s' in %s() (did you mean '%s'?)",
		                       xpm_parser_shown(parser), xpm_parser_text(parser),
		                       keyword->name, near);
	if (parser->now.type == XPM_LEX_WORD)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "unknown key '%.*s' in %s(): expected %s",
		                       xpm_parser_shown(parser), xpm_parser_text(parser),
		                       keyword->name, keys_text(keyword));
	return xpm_parser_unexpected(parser, keys_text(keyword));
}

/* KEY = value */
static enum xpm_code parse_key(struct xpm_parser *parser, const struct keyword *keyword,
                               struct term *term)
{
	const struct key *key = NULL;
	enum xpm_code code;
	size_t i;

	for (i = 0; i < KEYS; i++)
		if ((keyword->keys & keys[i].bit) && xpm_parser_is(parser, keys[i].name))
			key = &keys[i];
	if (!key)
		return unknown_key(parser, keyword);
	if (term->given & key->bit)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "%s is given twice in %s()", key->name, keyword->name);
	term->given |= key->bit;
	xpm_parser_advance(parser);
	code = xpm_parser_sign(parser, '=', "'='");
	if (code)
		return code;
	switch (key->bit) {
	case KEY_MEM:
		return xpm_parser_size(parser, &term->mem);
	case KEY_CORES:
		return parse_cores(parser, &term->cores);
	default:
		return xpm_parser_model(parser, &term->model);
	}
}

/* "(" [ key { "," key } ] ")" */
static enum xpm_code parse_keys(struct xpm_parser *parser, const struct keyword *keyword,
                                struct term *term)
{
	enum xpm_code code = XPM_OK;

	if (parser->now.sign != '(')
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "expected '(' after %s: write %s()", keyword->name,
		                       keyword->name);
	xpm_parser_advance(parser);
	if (parser->now.sign == ')') {
		xpm_parser_advance(parser);
		return XPM_OK;
	}
	while (!(code = parse_key(parser, keyword, term)) && parser->now.sign == ',')
		xpm_parser_advance(parser);
	return code ? code : xpm_parser_sign(parser, ')', "',' or ')'");
}

static enum xpm_code parse_accel(struct xpm_parser *parser, const struct keyword *keyword)
{
	struct term term = { 0 };
	struct xpm_accel_need need = { .kind = keyword->kind, .count = 1 };
	size_t at = parser->now.at;
	enum xpm_code code;

	xpm_parser_advance(parser);
	code = parse_keys(parser, keyword, &term);
	if (code)
		return code;
	if (is_times(parser))
		return misplaced_number(parser, keyword);
	if (parser->now.sign == '*') {
		xpm_parser_advance(parser);
		at = parser->now.at;
		if (parser->now.type == XPM_LEX_STRING)
			return xpm_parser_unexpected(parser, "a whole number");
		code = xpm_parser_count(parser, "the number of accelerators", XPM_ACCELERATORS_MAX,
		                        &need.count);
		if (code)
			return code;
	}
	need.mem = term.mem;
	need.model = term.model;
	if (!xpm_requirement_add(parser->into, &need))
		return xpm_parser_fail(parser, XPM_ERR_LIMIT, at,
		                       "more than %d accelerators in one alternative",
		                       XPM_ACCELERATORS_MAX);
	return XPM_OK;
}

static enum xpm_code parse_cpu(struct xpm_parser *parser, const struct keyword *keyword,
                               struct xpm_alternative *alternative)
{
	struct term term = { 0 };
	enum xpm_code code;

	xpm_parser_advance(parser);
	code = parse_keys(parser, keyword, &term);
	if (code)
		return code;
	xpm_raise(&alternative->mem, term.mem);
	xpm_raise_cores(&alternative->cores, term.given ? term.cores : 1);
	return XPM_OK;
}

static enum xpm_code unknown_term(struct xpm_parser *parser)
{
	const struct keyword *multiplied;
	const char *names[KEYWORDS], *near;
	size_t i;

	if (parser->now.type != XPM_LEX_WORD)
		return xpm_parser_unexpected(parser, "a term such as cuda(mem=24G)");
	multiplied = multiplied_keyword(parser);
	if (multiplied)
		return misplaced_number(parser, multiplied);
	if (xpm_parser_is(parser, "cores"))
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "cores belongs in cpu(...)");
	if (xpm_parser_is(parser, "mem") || xpm_parser_is(parser, "model"))
		return xpm_parser_fail(
		        parser, XPM_ERR_SPEC, parser->now.at,
		        "%.*s belongs in the parentheses of a term, as in cuda(%.*s=...)",
		        xpm_parser_shown(parser), xpm_parser_text(parser), xpm_parser_shown(parser),
		        xpm_parser_text(parser));
	for (i = 0; i < KEYWORDS; i++)
		names[i] = keywords[i].name;
	near = xpm_suggest(xpm_parser_text(parser), parser->now.len, names, KEYWORDS);
	if (near)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "unknown term '%.*s' (did you mean '%s'?)",
		                       xpm_parser_shown(parser), xpm_parser_text(parser), near);
	return xpm_parser_fail(
	        parser, XPM_ERR_SPEC, parser->now.at,
	        "unknown term '%.*s': expected cuda, rocm, mps, gpu, cpu or duration",
	        xpm_parser_shown(parser), xpm_parser_text(parser));
}

static enum xpm_code parse_term(struct xpm_parser *parser, struct xpm_alternative *alternative)
{
	const struct keyword *keyword = find_keyword(parser);
	uint64_t seconds = 0;
	enum xpm_code code;

	if (!keyword)
		return unknown_term(parser);
	if (keyword->is_accel)
		return parse_accel(parser, keyword);
	if (keyword->keys) {
		code = parse_cpu(parser, keyword, alternative);
	} else {
		xpm_parser_advance(parser);
		code = xpm_parser_sign(parser, '=', "'=' after duration, as in duration=20h");
		if (!code)
			code = xpm_parser_duration(parser, &seconds);
		if (!code)
			xpm_raise(&alternative->duration, seconds);
	}
	if (!code && parser->now.sign == '*')
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "only accelerators can be multiplied");
	return code;
}

/* After a term: a sign goes on, the end ends, everything else is a mistake. */
static enum xpm_code parse_joint(struct xpm_parser *parser, char *joint)
{
	size_t at = parser->now.at;

	*joint = parser->now.sign;
	if (parser->now.type == XPM_LEX_END)
		return XPM_OK;
	if (xpm_parser_is(parser, "and") || xpm_parser_is(parser, "or"))
		return xpm_parser_fail(parser, XPM_ERR_SPEC, at,
		                       "expected '&' or '|', got '%.*s' (write '%s')",
		                       xpm_parser_shown(parser), xpm_parser_text(parser),
		                       xpm_parser_is(parser, "or") ? "|" : "&");
	if (*joint != '&' && *joint != '|')
		return xpm_parser_unexpected(parser, "'&', '|' or the end");
	xpm_parser_advance(parser);
	if (parser->now.sign == *joint && parser->now.at == at + 1)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, at, "one '%c' is enough", *joint);
	return XPM_OK;
}

static enum xpm_code parse_spec(struct xpm_parser *parser)
{
	struct xpm_alternative *alternative = NULL;
	enum xpm_code code;
	char joint = '|';
	size_t at = 0;

	xpm_parser_advance(parser);
	if (parser->now.type == XPM_LEX_END)
		return xpm_parser_fail(parser, XPM_ERR_SPEC, parser->now.at,
		                       "the spec is empty: expected a term such as cuda(mem=24G)");
	do {
		if (joint == '|') {
			if (parser->into->len == XPM_ALTERNATIVES_MAX)
				return xpm_parser_fail(parser, XPM_ERR_LIMIT, at,
				                       "more than %d alternatives",
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
	struct xpm_parser parser = { .err = err };
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
