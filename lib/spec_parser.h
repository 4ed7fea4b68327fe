/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SPEC_PARSER_H
#define XPM_SPEC_PARSER_H

#include <stdint.h>

#include "error_private.h"
#include "lexer.h"
#include "requirement.h"

/*
 * A spec that is being read, for spec.c (the grammar) and spec_value.c (what stands between its words).
 *
 * Each function that returns a code returns XPM_OK and leaves the parser at the lexeme after what it took, or fills the
 * parser's error. `now` is the lexeme that is looked at.
 */
struct xpm_parser {
	struct xpm_lexer lexer;
	struct xpm_lexeme now;
	struct xpm_requirement *into;
	struct xpm_error *err;
};

/* Fill the error with a place in the spec: xpm_parser_fail(parser, code, offset, format, ...) */
#define xpm_parser_fail(parser, code, at, ...)                                                         \
	xpm_fail_at((parser)->err, code, "spec", (parser)->lexer.text, (parser)->lexer.len, at, __VA_ARGS__)

void xpm_parser_advance(struct xpm_parser *parser);

/* The lexeme's text, and for "%.*s" as much of it as one needs to recognise it. */
const char *xpm_parser_text(const struct xpm_parser *parser);
int xpm_parser_shown(const struct xpm_parser *parser);

/* 1 when the lexeme is this word. */
int xpm_parser_is(const struct xpm_parser *parser, const char *word);

/* The lexeme is not what the grammar wants here. */
enum xpm_code xpm_parser_unexpected(struct xpm_parser *parser, const char *expected);

enum xpm_code xpm_parser_sign(struct xpm_parser *parser, char sign, const char *expected);

/* Values, quoted or not. Sizes and durations of 0 are errors. */
enum xpm_code xpm_parser_size(struct xpm_parser *parser, uint64_t *bytes);
enum xpm_code xpm_parser_duration(struct xpm_parser *parser, uint64_t *seconds);
enum xpm_code xpm_parser_model(struct xpm_parser *parser, const char **model);

/* A whole number of at least 1; max + 1 stands for anything larger than max. noun is for messages. */
enum xpm_code xpm_parser_count(struct xpm_parser *parser, const char *noun, uint32_t max, uint32_t *count);

/* 1 when text[0..len) has only characters of set. */
int xpm_parser_all_in(const char *text, size_t len, const char *set);

#endif
