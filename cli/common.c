/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("xpm: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

int cli_usage(const char *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "xpm %s: ", command);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\nSee 'xpm help %s'.\n", command);
	va_end(args);
	return CLI_USAGE;
}

int cli_bad_option(const char *command, int option, char **argv)
{
	const char *word = argv[optind - 1];
	char letter[3] = { '-', (char)optopt, '\0' };

	/* Of letters that stand together, as in -fx, getopt() tells which one it is. */
	if (word[0] != '-' || (word[1] != '-' && optopt > 0 && optopt < 128))
		word = letter;
	return cli_usage(command, option == ':' ? "%s wants a value" : "unknown option %s", word);
}

int cli_fail(const struct xpm_error *err, enum cli_exit status)
{
	char text[XPM_ERROR_SOURCE_MAX + XPM_ERROR_TEXT_MAX + 2 * XPM_ERROR_EXCERPT_MAX + 64];

	xpm_error_print(err, text, sizeof(text));
	/* A message without a place has nobody's name on it yet. */
	fprintf(stderr, "%s%s\n", err->line || err->source[0] ? "" : "xpm: ", text);
	return err->code == XPM_ERR_MEMORY ? CLI_SYSTEM : status;
}

void cli_print_report(const struct xpm_report *report, enum xpm_severity least)
{
	char text[XPM_ERROR_SOURCE_MAX + XPM_ERROR_TEXT_MAX + 2 * XPM_ERROR_EXCERPT_MAX + 64];
	const struct xpm_diagnostic *entry;
	size_t i;

	for (i = 0; (entry = xpm_report_get(report, i)); i++) {
		if (entry->severity < least)
			continue;
		xpm_diagnostic_print(entry, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	if (xpm_report_dropped(report))
		cli_complain("and %zu more", xpm_report_dropped(report));
}

char *cli_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

/* The folders of the search path; those whose variable is not set are NULL. */
static void search_path(char *places[3])
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	places[0] = places[1] = NULL;
	if (config && *config)
		places[0] = cli_format("%s/xpm/launchers.yaml", config);
	if (home && *home)
		places[1] = cli_format("%s/.config/experimaestro/launchers.yaml", home);
	places[2] = cli_format("%s/xpm/launchers.yaml", SYSCONFDIR);
}

char *cli_launchers_path(const char *given)
{
	char *places[3], *found = NULL;
	size_t i;

	if (!given)
		given = getenv("XPM_LAUNCHERS");
	if (given && *given) {
		found = strdup(given);
		if (!found)
			cli_complain("%s", strerror(errno));
		return found;
	}
	search_path(places);
	/* One that exists and cannot be read is an error to be told, not a reason to take the next. */
	for (i = 0; i < 3 && !found; i++)
		if (places[i] && access(places[i], F_OK) == 0)
			found = strdup(places[i]);
	if (!found) {
		cli_complain("no launchers.yaml; looked for:");
		for (i = 0; i < 3; i++)
			if (places[i])
				fprintf(stderr, "  %s\n", places[i]);
		fputs("Name one with -f FILE or $XPM_LAUNCHERS.\n", stderr);
	}
	for (i = 0; i < 3; i++)
		free(places[i]);
	return found;
}

struct xpm_launchers *cli_launchers_load(const char *path, enum cli_exit *status)
{
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(&err);
	struct xpm_launchers *launchers = NULL;

	if (report)
		launchers = xpm_launchers_load(path, report, &err);
	if (!launchers && report && xpm_report_count_of(report, XPM_ERROR) > 0) {
		cli_print_report(report, XPM_ERROR);
		*status = CLI_LAUNCHERS;
	} else if (!launchers) {
		*status = cli_fail(&err, CLI_LAUNCHERS);
	}
	xpm_report_destroy(report);
	return launchers;
}

int cli_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_DONE;
	cli_complain("standard output: %s", strerror(errno));
	return CLI_SYSTEM;
}
