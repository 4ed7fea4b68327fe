/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_RUN_H
#define XPM_CLI_RUN_H

#include <stddef.h>
#include <xpmatch/error.h>

/* What a command wrote, NUL-terminated; free both. */
struct cli_output {
	char *out, *err;
	size_t out_len, err_len;
	int status;          /* exit status; 128 + number when a signal ended it */
};

/*
 * Run a program without a shell and collect what it writes. It reads from /dev/null, and LC_ALL is C.
 *
 * path     the folder of the program; NULL: $PATH
 * seconds  after this long it is killed, and that is a failure
 * most     bytes of its output; more is a failure
 *
 * 0, or -1 with err: it could not be started, ran too long, wrote too much. What it thinks of its own success stands in
 * output->status.
 */
int cli_run(const char *path, const char *const *argv, unsigned seconds, size_t most, struct cli_output *output,
	    struct xpm_error *err);

/* The same, where anything but status 0 is a failure too, with the first line of what it said on stderr. */
int cli_run_ok(const char *path, const char *const *argv, unsigned seconds, size_t most, struct cli_output *output,
	       struct xpm_error *err);
void cli_output_free(struct cli_output *output);

#endif
