// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of options in the forms that sbatch takes. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xpmatch/units.h>

#include "options.h"
#include "say.h"

/* Up to three numbers with colons between. Returns how many, 0 for anything else. */
static int split(const char *text, uint64_t part[3])
{
	char *copy = xpm_strdup(text), *rest = copy, *item;
	int n = 0;

	while ((item = strsep(&rest, ":"))) {
		if (n == 3 || xpm_number(item, UINT32_MAX, &part[n])) {
			n = 0;
			break;
		}
		n++;
	}
	free(copy);
	return n;
}

int xpm_options_time(const char *text, uint64_t *seconds)
{
	const char *dash = strchr(text, '-');
	uint64_t part[3] = { 0, 0, 0 }, days = 0;
	int n;

	if (!strcasecmp(text, "UNLIMITED") || !strcasecmp(text, "INFINITE") || !strcmp(text, "-1")) {
		*seconds = 0;
		return 0;
	}
	if (dash && dash != text) {
		char *head = strndup(text, (size_t)(dash - text));
		int bad = !head || xpm_number(head, 100000, &days);

		free(head);
		n = bad ? 0 : split(dash + 1, part);
		*seconds = ((days * 24 + part[0]) * 60 + part[1]) * 60 + part[2];
	} else {
		n = split(text, part);
		*seconds = n == 1 ? part[0] * 60 : n == 2 ? part[0] * 60 + part[1] :
			   (part[0] * 60 + part[1]) * 60 + part[2];
	}
	if (n)
		return 0;
	return xpm_duration_parse(text, strlen(text), 0, seconds, NULL) == XPM_OK ? 0 : -1;
}

int xpm_options_memory(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t len = strcspn(text, "kKmMgGtT");
	const char *unit = text[len] ? strcasestr(units, (char[]){ text[len], 0 }) : units + 1;
	char *head = strndup(text, len);
	int bad = !head || xpm_number(head, UINT32_MAX, bytes) || !unit || (text[len] && text[len + 1] &&
		  strcasecmp(text + len + 1, "B"));

	free(head);
	if (bad)
		return -1;
	*bytes <<= 10 * (unit - units + 1);
	return 0;
}

int xpm_options_gpus(const char *text, uint32_t *count, const char **model)
{
	const char *colon = strrchr(text, ':');
	uint64_t n;

	*model = NULL;
	if (xpm_number(colon ? colon + 1 : text, 1024, &n))
		return -1;
	if (colon && colon != text) {
		char *name = xpm_strdup(text);

		name[colon - text] = '\0';
		*model = name;
	}
	*count = (uint32_t)n;
	return 0;
}

int xpm_options_gres(const char *text, uint32_t *count, const char **model)
{
	char *copy = xpm_strdup(text), *rest = copy, *item;
	int found = 0;

	*model = NULL;
	while ((item = strsep(&rest, ","))) {
		item += !strncmp(item, "gres:", 5) ? 5 : 0;
		if (strncmp(item, "gpu", 3) || (item[3] && item[3] != ':'))
			continue;
		*count = 1;
		if (item[3] && xpm_options_gpus(item + 4, count, model)) {
			/* gpu:a100 is one of a type */
			*model = xpm_strdup(item + 4);
			*count = 1;
		}
		found = 1;
	}
	free(copy);
	return found ? 0 : -1;
}
