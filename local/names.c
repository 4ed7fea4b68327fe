// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

const char *xpm_host_name(void)
{
	static char name[256];

	if (!*name && gethostname(name, sizeof(name) - 1))
		strcpy(name, "localhost");
	name[strcspn(name, ".")] = '\0';
	return name;
}

const char *xpm_user_name(uid_t uid)
{
	static uid_t last;
	static char name[64];
	struct passwd *user;

	if (*name && uid == last)
		return name;
	user = getpwuid(uid);
	last = uid;
	if (user)
		xpm_text_copy(name, sizeof(name), user->pw_name);
	else
		snprintf(name, sizeof(name), "%u", (unsigned)uid);
	return name;
}

/* A number, with %4j padded by zeros to at most ten digits as in sbatch. */
static void put_number(FILE *out, unsigned long number, unsigned width)
{
	fprintf(out, "%0*lu", (int)(width > 10 ? 10 : width), number);
}

static int put(FILE *out, char what, unsigned width, const struct xpm_record *record)
{
	switch (what) {
	case '%': fputc('%', out); break;
	case 'A': case 'j': put_number(out, record->id, width); break;
	case 'J': put_number(out, record->id, width); break;
	case 'n': case 't': put_number(out, 0, width); break;
	case 'N': fputs(xpm_host_name(), out); break;
	case 's': fputs("batch", out); break;
	case 'u': fputs(xpm_user_name(getuid()), out); break;
	case 'x': fputs(record->name, out); break;
	case 'a': fputs("4294967294", out); break; /* no array: what Slurm writes then */
	default: return -1;
	}
	return 0;
}

char *xpm_names_expand(const char *pattern, const struct xpm_record *record)
{
	size_t len;
	char *name = NULL;
	FILE *out = open_memstream(&name, &len);

	if (!out)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	/* a backslash means: no patterns */
	if (strchr(pattern, '\\')) {
		for (; *pattern; pattern++)
			if (*pattern != '\\')
				fputc(*pattern, out);
	}
	while (*pattern) {
		const char *p = pattern;
		unsigned width = 0;

		if (*p != '%') {
			fputc(*pattern++, out);
			continue;
		}
		for (p++; isdigit((unsigned char)*p) && width < 100; p++)
			width = 10 * width + (unsigned)(*p - '0');
		if (*p && !put(out, *p, width, record)) {
			pattern = p + 1;
		} else {
			fputc('%', out);
			pattern++;
		}
	}
	fclose(out);
	return name;
}
