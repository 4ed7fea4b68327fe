/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_COMMON_H
#define XPM_CLI_COMMON_H

#include <xpmatch/xpmatch.h>

/*
 * What the subcommands of xpm share: their table, exit statuses, messages, and where launchers.yaml is looked for.
 */

enum cli_exit {
	CLI_DONE = 0,
	CLI_NO_MATCH = 1,   /* no launcher satisfies, or what was typed contradicts the plan */
	CLI_USAGE = 2,      /* usage or spec error */
	CLI_LAUNCHERS = 3,  /* launchers.yaml error */
	CLI_SYSTEM = 4,     /* memory, files, Slurm's commands */
};

/*
 * A subcommand. run() gets its own name as argv[0] and returns an exit status; --help and -h are taken care of by
 * main.c, which prints `help`. A command without `brief` is hidden: it works and is not listed.
 */
struct xpm_command {
	const char *name;
	const char *brief;
	const char *help;
	int (*run)(int argc, char **argv);
};

extern const struct xpm_command xpm_command_find;
extern const struct xpm_command xpm_command_explain;
extern const struct xpm_command xpm_command_check;
extern const struct xpm_command xpm_command_complete;
extern const struct xpm_command xpm_command_convert;
extern const struct xpm_command xpm_command_snapshot;
extern const struct xpm_command xpm_command_doctor;

/* "xpm: TEXT" on stderr. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, with a pointer to `xpm help COMMAND` below it. Returns CLI_USAGE. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * What getopt_long() found wrong: option is '?' (unknown) or ':' (its value is missing), and its string of short
 * options begins with ':' to leave the words to us. Returns CLI_USAGE.
 */
int cli_bad_option(const char *command, int option, char **argv);

/* An error of the library on stderr, as compilers write them. Returns status, or CLI_SYSTEM when memory was short. */
int cli_fail(const struct xpm_error *err, enum cli_exit status);

/* Every entry of a report of at least this severity. */
void cli_print_report(const struct xpm_report *report, enum xpm_severity least);

/*
 * Where launchers.yaml is: given if not NULL, else $XPM_LAUNCHERS, else the first that exists of
 * $XDG_CONFIG_HOME/xpm/launchers.yaml, ~/.config/experimaestro/launchers.yaml and SYSCONFDIR/xpm/launchers.yaml.
 *
 * Returns a path to free, or NULL after it said on stderr where it looked (CLI_LAUNCHERS).
 */
char *cli_launchers_path(const char *given);

/* Load path, print all its errors if there are any. NULL with *status set. */
struct xpm_launchers *cli_launchers_load(const char *path, enum cli_exit *status);

/* 0 when everything written to stdout has arrived; else it says so and returns CLI_SYSTEM. */
int cli_flush(void);

/* Formatted text to free with free(); NULL when memory is short. */
char *cli_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
