// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program needs everywhere: words to the user, memory that is there, the time. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

/* One write, so that lines of several runners on one terminal do not mix. */
static void say(const char *format, va_list args)
{
	char line[2048];
	int head = snprintf(line, sizeof(line), "xpm-local: ");
	int len = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	size_t all;

	if (len < 0)
		return;
	all = strlen(line);
	line[all++] = '\n';
	if (write(STDERR_FILENO, line, all) < 0)
		return; /* nowhere left to complain */
}

void xpm_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void xpm_die(enum xpm_exit status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(status);
}

void *xpm_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	return p;
}

void *xpm_realloc(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	return p;
}

char *xpm_strdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	return copy;
}

char *xpm_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	va_end(args);
	return text;
}

void xpm_text_copy(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from && n + 1 < size; from++)
		to[n++] = (unsigned char)*from < 0x20 || *from == 0x7f ? '?' : *from;
	/* cut in the middle of a character: drop what there is of it */
	if (*from && ((unsigned char)*from & 0xc0) == 0x80) {
		while (n && ((unsigned char)to[n - 1] & 0xc0) == 0x80)
			n--;
		if (n)
			n--;
	}
	to[n] = '\0';
}

int xpm_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;
	unsigned long long n;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n > max)
		return -1;
	*value = n;
	return 0;
}

int64_t xpm_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t xpm_wall_s(void)
{
	return (int64_t)time(NULL);
}
