/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_PROCESS_H
#define XPM_PROCESS_H

#include <stddef.h>

#define XPM_OUTPUT_MAX 4096 /* bytes that are kept of each stream; the rest is read and dropped */

struct xpm_output {
	char out[XPM_OUTPUT_MAX];   /* the first bytes */
	char words[XPM_OUTPUT_MAX]; /* the last bytes of the standard error */
	size_t out_len, words_len;
	int out_lost;               /* there was more */
};

/*
 * Run argv (argv[0] by PATH when it has no slash) and wait for its end.
 *
 * output  NULL: the command has our input and output; else it reads nothing, and what it writes is kept here
 * status  as waitpid() tells it
 *
 * Returns 0, or an errno.
 */
int xpm_process_run(char *const *argv, struct xpm_output *output, int *status);

#endif
