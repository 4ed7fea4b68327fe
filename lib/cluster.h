/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLUSTER_PRIVATE_H
#define XPM_CLUSTER_PRIVATE_H

#include <xpmatch/cluster.h>

#include "arena.h"
#include "gpu_models.h"
#include "model.h"
#include "scontrol.h"

/*
 * A cluster, in classes: cost follows kinds of nodes and of rights, not their number. Everything lives in the arena.
 * Sizes in bytes, durations in seconds.
 */

#define XPM_CLUSTER_NODES_MAX      131072u
#define XPM_CLUSTER_PARTITIONS_MAX 4096u
#define XPM_CLUSTER_QOS_MAX        4096u
#define XPM_CLUSTER_USERS_MAX      262144u
#define XPM_CLUSTER_RIGHTS_MAX     1048576u

struct xpm_names {
	const char **items;
	size_t len;
};

/* What equal nodes have in common, the partitions left out. */
struct xpm_hardware {
	struct xpm_names features;
	uint32_t cpus;          /* that jobs may have; 0 = not known */
	uint64_t memory;        /* that jobs may have; 0 = not known */
	struct xpm_found_gpu *gpus;
	size_t gpus_len;
	const char *other_gres; /* "shard:8, mps:400": named, not used; NULL = none */
};

/* Nodes of the same hardware and the same partitions. */
struct xpm_node_set {
	uint32_t hardware;      /* index */
	uint32_t count;
	const char *hosts;      /* hostlist expression */
	struct xpm_names partitions;
};

struct xpm_found_partition {
	const char *name;
	const char *state;      /* NULL = not known: only nodes name it */
	const char *nodes;      /* as scontrol wrote them; NULL = none, or not known */
	uint64_t max_time;      /* 0 = no limit */
	uint64_t mem_per_cpu;   /* DefMemPerCPU; 0 = not given */
	uint64_t max_memory;    /* MaxMemPerNode; 0 = none */
	uint32_t max_cpus;      /* MaxCPUsPerNode; 0 = none */
	uint32_t cpu_per_gpu;   /* DefCpuPerGPU; 0 = not given */
	const char *qos;        /* the partition's own QoS; NULL = none */
	struct xpm_names allow_accounts, deny_accounts, allow_qos, deny_qos, allow_groups; /* empty = all, none */
	int root_only, req_resv;
};

struct xpm_found_qos {
	const char *name;
	int64_t priority;
	uint64_t max_wall;      /* 0 = no limit */
	uint32_t min_gpu;       /* 0 = none */
};

#define XPM_NO_UID UINT32_MAX

struct xpm_found_user {
	const char *name;
	const char *account;    /* the default one; NULL = none */
	uint32_t uid;           /* XPM_NO_UID = not known */
};

/* What an association lets its user use. */
struct xpm_right {
	const char *user, *account;
	const char *partition;  /* NULL = any */
	const struct xpm_names *qos;
	const char *default_qos; /* NULL = none */
};

enum { XPM_ENFORCE_ASSOCIATIONS = 1, XPM_ENFORCE_QOS = 2 };

struct xpm_cluster {
	struct xpm_arena arena;
	int64_t time;
	const char *name, *version;
	unsigned enforce;
	int has_partitions;     /* scontrol show partitions was read */
	struct xpm_hardware *hardware;
	size_t hardware_len;
	struct xpm_node_set *sets;
	size_t sets_len;
	size_t nodes;
	struct xpm_found_partition *partitions;
	size_t partitions_len;
	struct xpm_found_qos *qos;
	size_t qos_len;
	struct xpm_found_user *users;  /* by name */
	struct xpm_found_user **by_uid;
	size_t users_len;
	struct xpm_right *rights;      /* by user, account, partition */
	size_t rights_len;
};

const struct xpm_found_partition *xpm_cluster_partition(const struct xpm_cluster *cluster, const char *name);
int xpm_names_have(const struct xpm_names *names, const char *name);

/* "1-00:00:00", "02:00:00", "30", "UNLIMITED": seconds, 0 = no limit. 0 when it is none of them. */
int xpm_cluster_time(const struct xpm_slice *slice, uint64_t *seconds);

/* A copy of what stands between separators. XPM_ERR_MEMORY at most. */
enum xpm_code xpm_cluster_names(struct xpm_cluster *cluster, struct xpm_slice list, char separator,
				struct xpm_names *names, struct xpm_error *err);

/* Bring what was added into the order that look-ups need. */
enum xpm_code xpm_cluster_sort_access(struct xpm_cluster *cluster, struct xpm_error *err);

/* Does launchers.yaml take this name of a partition, feature, account or QoS? What it does not is left out. */
int xpm_cluster_name_fits(const char *name);

/*
 * A partition as launchers.yaml would say it: found[i].group is a node group of it, found[i].hardware where it is from.
 */
struct xpm_found_group {
	struct xpm_node_group group;
	const struct xpm_hardware *hardware;
};

struct xpm_description {
	struct xpm_partition partition; /* without nodes */
	const char *why_disabled;       /* NULL = it is not */
	struct xpm_found_group *groups;
	size_t groups_len;
	int lists_left_out;     /* so many accounts and QoS are allowed that they are no choice */
};

/* Describe a partition of the cluster. XPM_ERR_MEMORY at most; everything is put into the arena. */
enum xpm_code xpm_cluster_describe(const struct xpm_cluster *cluster, const struct xpm_found_partition *found,
				   struct xpm_arena *arena, struct xpm_description *description,
				   struct xpm_error *err);

#endif
