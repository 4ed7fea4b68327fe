// SPDX-License-Identifier: GPL-2.0-or-later
/* Nothing local satisfies: what sbatch would be asked, or asking it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xpmatch/xpmatch.h>

#include "choice.h"
#include "say.h"

struct words {
	char **items;
	size_t len;
};

static void add(struct words *words, char *word)
{
	words->items = xpm_realloc(words->items, words->len + 2, sizeof(*words->items));
	words->items[words->len++] = word;
	words->items[words->len] = NULL;
}

static void add_option(struct words *words, const char *name, const char *value)
{
	if (value)
		add(words, xpm_format("--%s=%s", name, value));
}

/* For a shell: 'it'\''s' */
static char *quote(const char *word)
{
	char *text = xpm_alloc(4 * strlen(word) + 3), *p = text;

	*p++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *word;
	}
	*p++ = '\'';
	return text;
}

static void add_typed(const struct xpm_options *o, struct words *words)
{
	add_option(words, "job-name", o->job_name);
	add_option(words, "chdir", o->chdir);
	add_option(words, "output", o->output);
	add_option(words, "error", o->error);
	add_option(words, "input", o->input);
	add_option(words, "export", o->export);
	if (o->append)
		add_option(words, "open-mode", "append");
}

static void add_job(const struct xpm_options *o, struct words *words)
{
	size_t len;
	char *line = NULL;
	FILE *out;

	if (o->wrap) {
		add_option(words, "wrap", o->wrap);
		return;
	}
	if (!o->is_command) {
		for (int i = 0; i < o->argc; i++)
			add(words, o->argv[i]);
		return;
	}
	out = open_memstream(&line, &len);
	if (!out)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	for (int i = 0; i < o->argc; i++) {
		char *word = quote(o->argv[i]);

		fprintf(out, "%s%s", i ? " " : "", word);
		free(word);
	}
	fclose(out);
	add_option(words, "wrap", line);
	free(line);
}

static void tell(const struct words *words, const char *launcher)
{
	size_t len;
	char *line = NULL;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		return;
	for (size_t i = 0; i < words->len; i++) {
		int plain = !words->items[i][strcspn(words->items[i], " \t\n'\"\\$&|;()<>*?[]#~!`{}")];
		char *word = plain ? xpm_strdup(words->items[i]) : quote(words->items[i]);

		fprintf(out, " %s", word);
		free(word);
	}
	fclose(out);
	xpm_say("sbatch would run it (launcher %s):%s", launcher, line);
	free(line);
}

void xpm_submit_propose(const struct xpm_options *options, const struct xpm_candidates *candidates,
			const struct xpm_requirement *requirement)
{
	struct xpm_error err = { 0 };
	struct xpm_match *match = xpm_match_create(candidates, &err);
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_SLURM };
	struct xpm_slurm_options wanted = { 0 };
	const struct xpm_plan *plan;
	struct words words = { 0 };
	char **argv;

	if (!match || xpm_match_run(match, &request, &err) != XPM_OK) {
		xpm_say("no Slurm launcher satisfies it either");
		xpm_match_destroy(match);
		return;
	}
	plan = xpm_match_plan(match);
	xpm_plan_options(plan, &wanted);
	argv = xpm_slurm_options_argv(&wanted, NULL, &err);
	add(&words, plan->launcher->path ? xpm_format("%s/sbatch", plan->launcher->path) : xpm_strdup("sbatch"));
	for (size_t i = 0; argv && argv[i]; i++)
		add(&words, argv[i]);
	add_typed(options, &words);
	add_job(options, &words);
	if (!options->or_submit) {
		tell(&words, plan->launcher->id);
	} else {
		execvp(words.items[0], words.items);
		xpm_die(XPM_EXIT_SYSTEM, "%s: %s", words.items[0], strerror(errno));
	}
	xpm_match_destroy(match);
	free(argv);
	free(words.items);
}
