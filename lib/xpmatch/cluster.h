/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_CLUSTER_H
#define XPMATCH_CLUSTER_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/error.h>
#include <xpmatch/launchers.h>
#include <xpmatch/report.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a Slurm cluster is made of: nodes, partitions, QoS, and who may use what. Made from the output of scontrol and
 * sacctmgr, or from a snapshot file (snapshot.h). The library runs no command: whoever does hands the output in.
 *
 * A cluster is filled by one thread; once filled it is immutable and threads may share it.
 */
struct xpm_cluster;

/* The table of GPU models that Slurm does not have: see gpu-models.yaml. Immutable. */
struct xpm_gpu_models;

struct xpm_gpu_models *xpm_gpu_models_load(const char *path, struct xpm_error *err);
struct xpm_gpu_models *xpm_gpu_models_parse(const char *text, size_t len, const char *name, struct xpm_error *err);
void xpm_gpu_models_destroy(struct xpm_gpu_models *models); /* NULL is fine */

struct xpm_cluster *xpm_cluster_create(struct xpm_error *err); /* NULL with XPM_ERR_MEMORY */
void xpm_cluster_destroy(struct xpm_cluster *cluster);         /* NULL is fine */

/*
 * Add what a command printed. text is borrowed for the call; name stands for it in messages. Each at most once.
 *
 * nodes         scontrol show nodes, in block or --oneliner form
 * partitions    scontrol show partitions, the same
 * config        scontrol show config: the cluster's name, Slurm's version, what accounting enforces
 * qos           sacctmgr -nP show qos format=XPM_CLUSTER_QOS_FORMAT
 * users         sacctmgr -nP show user format=XPM_CLUSTER_USER_FORMAT
 * associations  sacctmgr -nP show assoc format=XPM_CLUSTER_ASSOC_FORMAT
 *
 * models        may be NULL; GPU memory that the output does not say is looked up in it
 *
 * Fields that are not known are skipped. Input that was cut off is an error wherever that can be seen: everywhere but
 * exactly between two records. On failure returns XPM_ERR_VALUE (with line and column), XPM_ERR_LIMIT or
 * XPM_ERR_MEMORY, and the cluster is of no further use.
 */
#define XPM_CLUSTER_QOS_FORMAT   "Name,Priority,MaxWall,MinTRES"
#define XPM_CLUSTER_USER_FORMAT  "User,DefaultAccount"
#define XPM_CLUSTER_ASSOC_FORMAT "Cluster,Account,User,Partition,QOS,DefaultQOS"

enum xpm_code xpm_cluster_add_nodes(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				    const struct xpm_gpu_models *models, struct xpm_error *err);
enum xpm_code xpm_cluster_add_partitions(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
					 struct xpm_error *err);
enum xpm_code xpm_cluster_add_config(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				     struct xpm_error *err);
enum xpm_code xpm_cluster_add_qos(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				  struct xpm_error *err);
enum xpm_code xpm_cluster_add_users(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
				    struct xpm_error *err);
enum xpm_code xpm_cluster_add_associations(struct xpm_cluster *cluster, const char *text, size_t len,
					   const char *name, struct xpm_error *err);

/* The users that were added, for those who look up their uids: the i-th name, NULL behind the last. */
const char *xpm_cluster_user(const struct xpm_cluster *cluster, size_t i);
void xpm_cluster_set_uid(struct xpm_cluster *cluster, size_t i, uint32_t uid);

const char *xpm_cluster_name(const struct xpm_cluster *cluster);    /* NULL = not known */
const char *xpm_cluster_version(const struct xpm_cluster *cluster); /* Slurm's; NULL = not known */
size_t xpm_cluster_nodes(const struct xpm_cluster *cluster);        /* how many */
int xpm_cluster_accounting(const struct xpm_cluster *cluster);      /* 1: accounting enforces associations */

/*
 * A launchers.yaml that describes the cluster. Equal nodes of a partition are one group.
 *
 * hosts   1: names of hosts; 0: only how many there are
 * report  may be NULL; what the file cannot say, or says with a TODO, is added as notes
 *
 * Returns a text to free with free(), and its length in *len; NULL with XPM_ERR_VALUE (no node, or a partition lists
 * nodes that are not there: the input was cut off) or XPM_ERR_MEMORY.
 */
char *xpm_cluster_convert(const struct xpm_cluster *cluster, int hosts, size_t *len, struct xpm_report *report,
			  struct xpm_error *err);

/*
 * Fill in the partitions of every enabled launcher with `query_slurm: true`, between xpm_launchers_load() and
 * xpm_candidates_create(), and only once: the one call that changes a launchers model.
 *
 * What the file itself says of a partition (disabled, priority, qos, accounts, configuration, nodes) lies above what was
 * found; its partitions come first, in file order, those that only the cluster has follow in the cluster's order. A
 * partition that the cluster does not have gets no candidates. QoS that the file does not describe get the cluster's
 * limits; not Slurm's priority, which is no preference among QoS.
 *
 * report  may be NULL; notes on what did not fit
 * Returns XPM_OK, or XPM_ERR_MEMORY with the model unchanged.
 */
enum xpm_code xpm_launchers_apply_cluster(struct xpm_launchers *launchers, const struct xpm_cluster *cluster,
					  struct xpm_report *report, struct xpm_error *err);

/* How many enabled launchers ask for it, and the least snapshot_max_age among them (seconds; may be NULL). */
size_t xpm_launchers_query_slurm(const struct xpm_launchers *launchers, uint64_t *max_age);

/*
 * `path` of the first enabled launcher with `query_slurm: true`, else of the first slurm launcher that has one: where
 * Slurm's commands are. Owned by the launchers; NULL = not given.
 */
const char *xpm_launchers_slurm_path(const struct xpm_launchers *launchers);

/*
 * Where the file and the cluster differ, for `xpm check --slurm`: warnings for what would send jobs wrong (partitions,
 * hosts, features that are not there, fewer or other GPUs, CPUs or memory, a longer time limit), notes for what the file
 * leaves unused. Only what the file itself says is compared.
 */
enum xpm_code xpm_launchers_compare_cluster(const struct xpm_launchers *launchers, const struct xpm_cluster *cluster,
					    struct xpm_report *report, struct xpm_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
