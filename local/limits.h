/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_LIMITS_H
#define XPM_LOCAL_LIMITS_H

#include <stdint.h>

/*
 * The memory limit of one job: a cgroup v2 of its own where somebody delegated us one with the memory controller, else
 * looking at the job's processes ten times a second.
 */
struct xpm_limits {
	uint64_t memory;  /* bytes; 0 = no limit */
	char *cgroup;     /* the job's folder; NULL = watching */
};

#define XPM_LIMITS_WATCH_MS 100

void xpm_limits_open(struct xpm_limits *limits, uint64_t memory, uint32_t id);

/* In the job's process, before it becomes the job. 0, or -1 when it could not join (then watch). */
int xpm_limits_join(const struct xpm_limits *limits);
void xpm_limits_give_up(struct xpm_limits *limits);

/* "cgroup", "watching", or "" when there is no limit. */
const char *xpm_limits_name(const struct xpm_limits *limits);

/* Has the job been, or is it, above its limit? */
int xpm_limits_exceeded(const struct xpm_limits *limits);
void xpm_limits_close(struct xpm_limits *limits);

/* The folder where a group for a job may be made, found by going up from `own` below `root`; NULL when there is none. */
char *xpm_limits_find(const char *root, const char *own);

#endif
