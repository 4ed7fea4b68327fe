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
 * Without any *models is NULL, which is said and no failure; one that cannot be used is.
 */
int cli_gpu_models(const char *given, struct xpm_gpu_models **models);

/*
 * Ask the live cluster. path: the folder of Slurm's commands, NULL: $PATH. access: also who may use what (sacctmgr), with
 * uids. NULL with err, which tells the command and why.
 */
struct xpm_cluster *cli_cluster_ask(const char *path, const struct xpm_gpu_models *models, int access,
				    struct xpm_error *err);

/* snapshot.yaml beside a launchers.yaml; to free. NULL when memory is short. */
char *cli_snapshot_path(const char *launchers_path);

/*
 * For find and explain: when a launcher asks for it, get the cluster (live, else by the snapshot, with a note on stderr)
 * and fill in its partitions. *cluster is NULL when nobody asks or nobody knows; it must outlive the decision.
 */
int cli_cluster_apply(struct xpm_launchers *launchers, const char *launchers_path, const char *user,
		      struct xpm_cluster **cluster);

#endif
