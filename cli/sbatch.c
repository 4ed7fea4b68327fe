/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/hostlist.h>

#include "common.h"
#include "sbatch.h"

/* Names joined by commas, growing. */
struct names {
	char *text;
	size_t len, room;
};

static int append_name(const char *host, void *context)
{
	struct names *names = context;
	size_t len = strlen(host);

	if (names->len + len + 2 > names->room) {
		size_t room = 2 * names->room + len + 256;
		char *text = realloc(names->text, room);

		if (!text)
			return -1;
		names->text = text;
		names->room = room;
	}
	if (names->len > 0)
		names->text[names->len++] = ',';
	memcpy(names->text + names->len, host, len + 1);
	names->len += len;
	return 0;
}

/*
 * A hostlist expression as a plain comma list in *text, to free; NULL stays NULL. One that the library does not
 * understand (a file name for --nodelist, say) stays as it is, and is looked at like every other value.
 */
static int expand_hosts(const char **value, char **text)
{
	struct names names = { 0 };
	int rc;

	*text = NULL;
	if (!*value || !strchr(*value, '['))
		return 0;
	rc = (int)xpm_hostlist_each(*value, append_name, &names, XPM_HOSTS_MAX, NULL);
	if (rc == 0)
		*value = *text = names.text;
	else
		free(names.text);
	return rc < 0 ? -1 : 0;
}

/*
 * Does the word survive? Blanks split it; * ? [ match file names, and so do +( @( !( where a shell has extended
 * patterns on; a backslash or a quote stays in the word as it is, but not when the line is pasted.
 */
static int survives(const char *word)
{
	for (const char *c = word; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("*?[\\'\"`$", *c))
			return 0;
		if (strchr("+@!", *c) && c[1] == '(')
			return 0;
	}
	return 1;
}

/* As it has to be typed: in single quotes where a shell would change it. */
static void print_quoted(FILE *out, const char *word)
{
	size_t size = xpm_shell_quote(word, NULL, 0) + 1;
	char *text = malloc(size);

	if (!text)
		return;
	xpm_shell_quote(word, text, size);
	fputs(text, out);
	free(text);
}

static int complain_quoted(char **argv)
{
	cli_complain("not every option can be written without quotes; type instead");
	fputs("  sbatch", stderr);
	for (; *argv; argv++) {
		fputc(' ', stderr);
		print_quoted(stderr, *argv);
	}
	fputs(" job.sh\n", stderr);
	return CLI_USAGE;
}

static int print_words(const struct xpm_slurm_options *options)
{
	struct xpm_error err = { 0 };
	char **argv = xpm_slurm_options_argv(options, NULL, &err);
	int status = CLI_DONE;
	size_t i;

	if (!argv)
		return cli_fail(&err, CLI_SYSTEM);
	for (i = 0; argv[i] && status == CLI_DONE; i++)
		if (!survives(argv[i]))
			status = complain_quoted(argv);
	if (status == CLI_DONE) {
		for (i = 0; argv[i]; i++)
			printf("%s%s", i ? " " : "", argv[i]);
		putchar('\n');
		status = cli_flush();
	}
	free(argv);
	return status;
}

int cli_sbatch_print(const struct xpm_plan *plan, const struct xpm_slurm_options *typed)
{
	struct xpm_slurm_options options;
	char *exclude = NULL, *nodelist = NULL;
	int status = CLI_SYSTEM;

	xpm_plan_submission(plan, typed, &options);
	if (expand_hosts(&options.exclude, &exclude) == 0 &&
	    expand_hosts(&options.nodelist, &nodelist) == 0)
		status = print_words(&options);
	else
		cli_complain("out of memory");
	free(exclude);
	free(nodelist);
	return status;
}
