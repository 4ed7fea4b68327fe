/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lexer.h"

#include <string.h>

#include "error_private.h"

/* Not isalnum(): the locale must not change what a spec means. */
static int is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t word_len(const char *text, size_t len)
{
	size_t n = 0;

	if (len == 0 || !is_alnum(text[0]))
		return 0;
	while (n < len && text[n] && (is_alnum(text[n]) || strchr("_.+-", text[n])))
		n++;
	return n;
}

int xpm_lexer_is_word(const char *text, size_t len)
{
	return len > 0 && word_len(text, len) == len;
}

static struct xpm_lexeme quoted(struct xpm_lexer *lexer)
{
	size_t open = lexer->at, at = open + 1, n;
	char quote = lexer->text[open];
	int printable;

	for (; at < lexer->len && lexer->text[at] != quote; at += n) {
		n = xpm_char_len(lexer->text + at, lexer->len - at, &printable);
		if (printable)
			continue;
		lexer->at = at + n;
		return (struct xpm_lexeme){ XPM_LEX_UNPRINTABLE, at, n, '\0' };
	}
	if (at >= lexer->len) {
		lexer->at = lexer->len;
		return (struct xpm_lexeme){ XPM_LEX_UNCLOSED, open, 1, '\0' };
	}
	lexer->at = at + 1;
	return (struct xpm_lexeme){ XPM_LEX_STRING, open + 1, at - open - 1, '\0' };
}

struct xpm_lexeme xpm_lexer_next(struct xpm_lexer *lexer)
{
	struct xpm_lexeme lexeme = { XPM_LEX_END, 0, 0, '\0' };
	const char *here;
	size_t left;
	int printable;

	while (lexer->at < lexer->len && lexer->text[lexer->at] &&
	       strchr(" \t\r\n", lexer->text[lexer->at]))
		lexer->at++;
	lexeme.at = lexer->at;
	here = lexer->text + lexer->at;
	left = lexer->len - lexer->at;
	if (left == 0)
		return lexeme;

	lexeme.len = word_len(here, left);
	if (lexeme.len) {
		lexeme.type = XPM_LEX_WORD;
	} else if (*here == '"' || *here == '\'') {
		return quoted(lexer);
	} else if (*here && strchr("(),=&|*", *here)) {
		lexeme.type = XPM_LEX_SIGN;
		lexeme.len = 1;
		lexeme.sign = *here;
	} else {
		lexeme.len = xpm_char_len(here, left, &printable);
		lexeme.type = printable ? XPM_LEX_STRAY : XPM_LEX_UNPRINTABLE;
	}
	lexer->at += lexeme.len;
	return lexeme;
}
