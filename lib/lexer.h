/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LEXER_H
#define XPM_LEXER_H

#include <stddef.h>

/*
 * A spec cut into words, quoted values and signs. Nothing is allocated or copied: a lexeme is a place in the text.
 */

enum xpm_lexeme_type {
	XPM_LEX_END,
	XPM_LEX_WORD,       /* [A-Za-z0-9][A-Za-z0-9_.+-]*: names, numbers, units */
	XPM_LEX_STRING,     /* "..." or '...'; at and len are those of what stands between the quotes */
	XPM_LEX_SIGN,       /* one of ( ) , = & | * */
	XPM_LEX_STRAY,      /* a character that no spec has; len is its length */
	XPM_LEX_UNPRINTABLE, /* the same, and it cannot be shown; also inside of a quoted value */
	XPM_LEX_UNCLOSED,   /* a quote without its partner, at is where it opened */
};

struct xpm_lexeme {
	enum xpm_lexeme_type type;
	size_t at, len;
	char sign; /* of XPM_LEX_SIGN, else NUL */
};

struct xpm_lexer {
	const char *text;
	size_t len, at;
};

/* The next lexeme; XPM_LEX_END for ever at the end. Blanks, tabs and line ends between lexemes are skipped. */
struct xpm_lexeme xpm_lexer_next(struct xpm_lexer *lexer);

/* 1 when text[0..len) is one word: what needs no quotes. */
int xpm_lexer_is_word(const char *text, size_t len);

#endif
