/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_SCRIPT_H
#define XPM_LOCAL_SCRIPT_H

#include <stddef.h>

#define XPM_SCRIPT_MAX (4u << 20) /* Slurm's own default, max_script_size */

/* A batch script in memory, and the words of its #SBATCH lines. */
struct xpm_script {
	char *text;
	size_t len;
	char **words;     /* NULL-terminated */
	size_t words_len;
	int old_name;     /* a line begins with #SLURM */
};

/*
 * Read as sbatch 22.05 does (src/sbatch/opt.c, _opt_batch_script and _get_argument): lines that begin with #SBATCH up to the
 * first line that is neither blank nor a comment; blanks separate words, quotes of both kinds protect, a backslash protects
 * all but a blank outside quotes, and an unprotected # ends the line.
 *
 * Returns 0; -1 when it cannot be read (*readable is 0 then) or is no batch script, with one sentence in why.
 */
int xpm_script_read(const char *path, struct xpm_script *script, int *readable, char *why, size_t size);

/* The same from memory; takes text, which was allocated by malloc(). name stands for the file in why. */
int xpm_script_parse(const char *name, char *text, size_t len, struct xpm_script *script, char *why, size_t size);

void xpm_script_free(struct xpm_script *script);

/* The interpreter line: "#!/bin/sh -e" is "/bin/sh" and "-e" (NULL when there is none), as the kernel splits it. */
int xpm_script_interpreter(const struct xpm_script *script, char **path, char **argument);

#endif
