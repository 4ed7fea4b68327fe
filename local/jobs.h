/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_JOBS_H
#define XPM_LOCAL_JOBS_H

#include "options.h"

struct xpm_entry;

/* --list, --cancel, --hold, --release, --attach, --wait-for. Returns the exit status. */
int xpm_jobs_run(const struct xpm_options *options);

/* The list on stdout, sorted by place in the queue. */
void xpm_list_print(struct xpm_entry *entries, size_t len, int json);

#endif
