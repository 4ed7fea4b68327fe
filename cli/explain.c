/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common.h"
#include "json.h"
#include "query.h"

static void put_line(void *context, const char *line, size_t len)
{
	FILE *out = context;

	fwrite(line, 1, len, out);
	putc('\n', out);
}

/* The screen's, or $COLUMNS, or 80. */
static unsigned screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long given = columns ? strtol(columns, NULL, 10) : 0;

	if (given >= 20 && given <= 10000)
		return (unsigned)given;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static int wants_colour(const char *when)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && !(term && !strcmp(term, "dumb"));
}

static int print_json(const struct cli_decision *decision, const struct xpm_relaxed *relaxed)
{
	json_t *specs = json_array();
	json_t *object = cli_decision_json(decision->match, decision->candidates, &decision->request,
					   &decision->why);
	int status;

	for (size_t i = 0; i < relaxed->len; i++)
		json_array_append_new(specs, cli_json_text(relaxed->specs[i]));
	json_object_set_new(object, "relaxation", cli_json_text(relaxed->len ? relaxed->specs[0] : NULL));
	json_object_set_new(object, "relaxations", specs);
	json_object_set_new(object, "without", cli_json_text(relaxed->without));
	status = cli_json_print(object, isatty(STDOUT_FILENO));
	json_decref(object);
	return status;
}

static int print_decision(const struct cli_decision *decision, const struct cli_query *query)
{
	struct xpm_explain explain = { decision->match, decision->candidates, &decision->request,
				       &decision->why };
	struct xpm_explain_style style = { .all = query->all };
	struct xpm_relaxed relaxed = { .len = 0 };
	struct xpm_error err = { 0 };

	if (decision->why.code == XPM_ERR_NO_MATCH &&
	    xpm_relax(&explain, 0, XPM_RELAXED_MAX, &relaxed, &err) != XPM_OK)
		return cli_fail(&err, CLI_SYSTEM);
	if (query->format == CLI_JSON)
		return print_json(decision, &relaxed);
	style.width = screen_width();
	style.colour = wants_colour(query->colour);
	if (xpm_explain_print(&explain, &style, &relaxed, put_line, stdout) != XPM_OK) {
		cli_complain("out of memory");
		return CLI_SYSTEM;
	}
	return cli_flush();
}

static int run(int argc, char **argv)
{
	struct cli_decision decision = { 0 };
	struct cli_query query;
	int status, printed;

	status = cli_query_read(&query, argc, argv);
	if (status == CLI_DONE) {
		status = cli_decision_make(&decision, &query);
		if (status == CLI_DONE || status == CLI_NO_MATCH) {
			printed = print_decision(&decision, &query);
			status = printed ? printed : status;
		}
	}
	cli_decision_release(&decision);
	cli_query_release(&query);
	return status;
}

const struct xpm_command xpm_command_explain = {
	.name = "explain",
	.brief = "show why a job goes where it goes, or nowhere",
	.run = run,
	.help = "Usage: xpm explain [OPTIONS] SPEC\n"
		"\n"
		"Show for every candidate of launchers.yaml whether it was chosen, joined the chosen\n"
		"one, was kept out (the request could not admit it without admitting nodes that do not\n"
		"satisfy) or was rejected, with every failed clause as need versus have. When nothing\n"
		"satisfies, the least change of the spec that would.\n"
		"\n" CLI_QUERY_HELP "\n"
		"      --all              a line per candidate: do not fold those that fare alike\n"
		"      --format FORMAT    text (default) or json\n"
		"      --color WHEN       auto (default; see also NO_COLOR), always or never\n"
		"\n"
		"Exit status: 0 found, 1 no launcher satisfies, 2 usage or spec error,\n"
		"3 launchers.yaml error, 4 system error.\n",
};
