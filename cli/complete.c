/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `xpm complete`: the words of a launchers.yaml, for the shell's completion. Silent when there is nothing to say. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

/* Names, each printed once; they are the table's. */
struct words {
	const char **items;
	size_t len, room;
};

static void add(struct words *words, const char *word)
{
	if (!word)
		return;
	for (size_t i = 0; i < words->len; i++)
		if (!strcmp(words->items[i], word))
			return;
	if (words->len == words->room) {
		size_t room = words->room ? 2 * words->room : 64;
		const char **items = realloc(words->items, room * sizeof(*items));

		if (!items)
			return;
		words->items = items;
		words->room = room;
	}
	words->items[words->len++] = word;
}

static void add_rows(struct words *words, const struct xpm_candidates *candidates,
		     const struct xpm_launcher_info *launcher, const char *what)
{
	for (size_t r = launcher->first; r < launcher->first + launcher->count; r++) {
		const struct xpm_candidate *candidate = xpm_candidates_get(candidates, r);

		if (!strcmp(what, "partitions"))
			add(words, candidate->partition);
		else if (!strcmp(what, "qos"))
			add(words, candidate->qos);
		else if (!strcmp(what, "accounts"))
			add(words, candidate->account);
		for (size_t g = 0; g < candidate->accels_len && !strcmp(what, "models"); g++)
			add(words, candidate->accels[g].model);
	}
}

static void add_launchers(struct words *words, const struct xpm_candidates *candidates, unsigned kinds, const char *what)
{
	for (size_t l = 0; l < xpm_candidates_launchers(candidates); l++) {
		const struct xpm_launcher_info *launcher = xpm_candidates_launcher(candidates, l);

		if (!(launcher->kind & kinds))
			continue;
		if (!strcmp(what, "launchers"))
			add(words, launcher->id);
		for (size_t t = 0; t < launcher->tags_len && !strcmp(what, "tags"); t++)
			add(words, launcher->tags[t]);
		add_rows(words, candidates, launcher, what);
	}
}

static int run(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct xpm_launchers *launchers = NULL;
	struct xpm_candidates *candidates = NULL;
	struct words words = { 0 };
	const char *file = NULL;
	unsigned kinds = XPM_KIND_BOTH;
	char *path;

	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "-l"))
			kinds = XPM_KIND_LOCAL;
		else if (!strcmp(argv[i], "-f") && i + 1 < argc)
			file = argv[++i];
	}
	/* Someone is in the middle of a line: whatever is wrong, this is no place to say so. */
	if (!freopen("/dev/null", "w", stderr))
		return CLI_SYSTEM;
	path = cli_launchers_path(file);
	if (path)
		launchers = xpm_launchers_load(path, NULL, NULL);
	if (launchers)
		candidates = xpm_candidates_create(launchers, NULL);
	if (candidates)
		add_launchers(&words, candidates, kinds, what);
	for (size_t i = 0; i < words.len; i++)
		puts(words.items[i]);
	free(words.items);
	xpm_candidates_destroy(candidates);
	xpm_launchers_destroy(launchers);
	free(path);
	return cli_flush();
}

const struct xpm_command xpm_command_complete = {
	.name = "complete",
	.run = run,
	.help = "Usage: xpm complete models|tags|launchers|partitions|qos|accounts [-l] [-f FILE]\n"
		"\n"
		"The words of a launchers.yaml, one a line, for the completion of shells. -l: of local launchers only.\n",
};
