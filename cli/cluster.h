/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_CLUSTER_H
#define XPM_CLI_CLUSTER_H

#include <stdint.h>
#include <xpmatch/xpmatch.h>
#include <xpmatch/cluster.h>
#include <xpmatch/snapshot.h>

/*
 * The cluster as the commands of xpm see it.
 */

/*
 * The table of GPU models: given if not NULL, else SYSCONFDIR/xpm/gpu-models.yaml, else PKGDATADIR/gpu-models.yaml.
 * Without any *models is NULL, which is said (unless quiet) and no failure; one that cannot be used is.
 */
int cli_gpu_models(const char *given, int quiet, struct xpm_gpu_models **models);

/*
 * Ask the live cluster. NULL with err, which tells the command and why.
 */
enum cli_ask {
	CLI_ASK_NODES,  /* what there is */
	CLI_ASK_ACCESS, /* also who may use what (sacctmgr) */
	CLI_ASK_UIDS,   /* also the users' uids */
};

struct cli_asking {
	const char *path;                    /* the folder of Slurm's commands; NULL: $PATH */
	const struct xpm_gpu_models *models; /* may be NULL */
	enum cli_ask what;
	unsigned seconds;                    /* for each command */
};

struct xpm_cluster *cli_cluster_ask(const struct cli_asking *asking, struct xpm_error *err);

/* snapshot.yaml beside a launchers.yaml; to free. NULL when memory is short. */
char *cli_snapshot_path(const char *launchers_path);

/*
 * For find and explain: when a launcher asks for it (query_slurm), or a user is to be looked at, get the cluster: the live
 * one, else by the snapshot, with a note on stderr. Its partitions are filled in where they are asked for.
 *
 * *cluster is NULL when nobody asks, or nobody knows and it can be done without; it must outlive the decision. An exit
 * status: with a user it cannot be done without.
 */
int cli_cluster_apply(struct xpm_launchers *launchers, const char *launchers_path, const char *user,
		      struct xpm_cluster **cluster);

#endif
