/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <xpmatch/explain.h>

/* Copy one byte while there is room for it and the NUL; count it always. */
static void put(char c, char *buf, size_t size, size_t *len)
{
	if (*len + 1 < size)
		buf[*len] = c;
	(*len)++;
}

static int is_plain(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./,:@%";

	return *text && text[strspn(text, plain)] == '\0';
}

size_t xpm_shell_quote(const char *text, char *buf, size_t size)
{
	int quotes = !is_plain(text);
	size_t len = 0;

	if (quotes)
		put('\'', buf, size, &len);
	for (; *text; text++) {
		if (*text == '\'') {
			/* Out of the quotes, one quote, in again. */
			for (const char *c = "'\\''"; *c; c++)
				put(*c, buf, size, &len);
		} else {
			put((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, buf, size, &len);
		}
	}
	if (quotes)
		put('\'', buf, size, &len);
	if (size > 0)
		buf[len < size ? len : size - 1] = '\0';
	return len;
}
