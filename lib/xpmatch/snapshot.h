/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_SNAPSHOT_H
#define XPMATCH_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/candidates.h>
#include <xpmatch/cluster.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A cluster as a file: for slurmctld, which may not ask itself. `xpm snapshot` writes it from outside, by timer.
 */

#define XPM_SNAPSHOT_VERSION 1

/*
 * Read a snapshot. Bounded in memory and recursion, whatever the file holds; a half-written one is an error.
 * On failure returns NULL with XPM_ERR_FILE, XPM_ERR_LAUNCHERS (line, column, caret), XPM_ERR_LIMIT or XPM_ERR_MEMORY.
 */
struct xpm_cluster *xpm_snapshot_load(const char *path, struct xpm_error *err);
struct xpm_cluster *xpm_snapshot_parse(const char *text, size_t len, const char *name, struct xpm_error *err);

/* Seconds since the epoch at which it was taken; 0 for a cluster that is not a snapshot. */
int64_t xpm_snapshot_time(const struct xpm_cluster *snapshot);

/*
 * The text of a snapshot taken at this time, to free with free(); its length in *len. NULL with XPM_ERR_MEMORY.
 */
char *xpm_snapshot_print(const struct xpm_cluster *cluster, int64_t time, size_t *len, struct xpm_error *err);

/* The name of a user by uid; NULL when the snapshot does not know it. */
const char *xpm_snapshot_user(const struct xpm_cluster *snapshot, uint32_t uid);

/*
 * May this user run a job with this account and QoS in this partition? NULL account or QoS: the user's default.
 *
 * 1: yes, or accounting does not enforce it here. 0: no, with a short reason in reason (cut to size; NULL is fine), as
 * "user ann may not use account b" or "account b has no QoS long".
 */
int xpm_snapshot_may(const struct xpm_cluster *snapshot, const char *user, const char *account, const char *qos,
		     const char *partition, char *reason, size_t size);

/*
 * The two functions of a struct xpm_live (match.h), answered from a snapshot; context is a struct xpm_snapshot_view *.
 * The first one knows state and time limit of partitions, the second one AllowAccounts, AllowQos and xpm_snapshot_may().
 */
struct xpm_snapshot_view {
	const struct xpm_cluster *cluster;
	const struct xpm_candidates *table;    /* of the match: launchers have default accounts and QoS */
	const struct xpm_slurm_options *typed; /* the request's; may be NULL */
	const char *user;                      /* NULL: who may use what is not looked at */
};
int xpm_snapshot_live_partition(void *context, const struct xpm_candidate *candidate, uint64_t duration,
				char *reason, size_t size);
int xpm_snapshot_live_access(void *context, const struct xpm_candidate *candidate, char *reason, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
