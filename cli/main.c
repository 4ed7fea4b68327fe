/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "json.h"

/* A new subcommand: its file, its line in common.h, its line here. */
static const struct xpm_command *const commands[] = {
	&xpm_command_find,
	&xpm_command_explain,
	&xpm_command_check,
	&xpm_command_convert,
	&xpm_command_snapshot,
	&xpm_command_doctor,
	&xpm_command_complete,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct xpm_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	cli_complain("'%s' is not a command", name);
	fputs("See 'xpm help'.\n", stderr);
	return CLI_USAGE;
}

static void print_overview(FILE *out)
{
	fputs("Usage: xpm COMMAND [OPTIONS]\n"
	      "\n"
	      "Where a job goes, and why: specs like cuda(mem=24G)*2 matched against launchers.yaml.\n"
	      "\n"
	      "Commands:\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i]->brief)
			fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->brief);
	fputs("\n"
	      "'xpm help COMMAND' tells about one of them.\n"
	      "\n"
	      "Exit status: 0 done, 1 no launcher satisfies, 2 usage or spec error, 3 launchers.yaml\n"
	      "error, 4 system error.\n",
	      out);
}

static int print_help(const char *name)
{
	const struct xpm_command *command;

	if (!name) {
		print_overview(stdout);
		return cli_flush();
	}
	command = find_command(name);
	if (!command)
		return unknown_command(name);
	fputs(command->help, stdout);
	return cli_flush();
}

/* --help counts wherever it stands before "--": who asks for help gets it. */
static int wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const struct xpm_command *command;

	setlocale(LC_CTYPE, "");
	cli_json_begin();
	if (argc < 2) {
		print_overview(stderr);
		return CLI_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("xpm (" PACKAGE_NAME ") " PACKAGE_VERSION);
		return cli_flush();
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_help(NULL);
	if (!strcmp(argv[1], "help"))
		return print_help(argc > 2 ? argv[2] : NULL);
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	if (wants_help(argc - 1, argv + 1))
		return print_help(command->name);
	return command->run(argc - 1, argv + 1);
}
