/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_FILES_H
#define XPM_LOCAL_FILES_H

#include "run.h"

/* The job's folder and its files 0, 1 and 2, opened before it waits. -1 after telling why one cannot be. */
int xpm_files_open(struct xpm_run *run);

/* A copy of the script that the job is run from: later changes to the file do not reach it. Its descriptor, or -1. */
int xpm_files_copy_script(const struct xpm_script *script);

/* Is there something to execute? Status 0, or after telling why not XPM_EXIT_SYSTEM. */
int xpm_files_check_program(const struct xpm_options *options, const struct xpm_script *script);

/* What to execute: the command, or interpreter, its argument, the copy, and the script's arguments. */
char **xpm_files_argv(const struct xpm_options *options, const struct xpm_script *script, int copy);

#endif
