/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_MODEL_H
#define XPM_MODEL_H

#include <stdint.h>
#include <xpmatch/launchers.h>
#include <xpmatch/slurm_options.h>
#include <xpmatch/spec.h>

#include "arena.h"

/*
 * launchers.yaml as structures, before inheritance is worked out: what each level of the file sets, and nothing else.
 * Made by launchers*.c, read by candidates.c and check.c. All of it lives in the arena of its struct xpm_launchers.
 *
 * Sizes in bytes, durations in seconds. A value counts only when its bit stands in `has`.
 */

/* Where a thing stands in the file; 1-based, 0 = nowhere (a default). */
struct xpm_place {
	unsigned line, column;
};

struct xpm_strings {
	const char **items;
	struct xpm_place *places; /* one per item */
	size_t len;
};

enum {
	XPM_GPU_MODEL = 1 << 0,
	XPM_GPU_COUNT = 1 << 1,
	XPM_GPU_MEMORY = 1 << 2,
	XPM_GPU_MIN_MEMORY = 1 << 3,
	XPM_GPU_MIN_MEM_RATIO = 1 << 4,
	XPM_GPU_KIND = 1 << 5,
	XPM_GPU_GRES_TYPE = 1 << 6,
};

#define XPM_RATIO_ONE         1000000u /* min_mem_ratio is kept in millionths */
#define XPM_ACCEL_GROUPS_MAX  12       /* different accelerators of one host */
#define XPM_COUNT_MAX         65535u   /* accelerators of a kind in one host */

struct xpm_gpu_conf {
	unsigned has;
	enum xpm_accel_kind kind; /* never XPM_ACCEL_ANY; XPM_ACCEL_CUDA when not given */
	uint32_t count;
	uint32_t min_mem_ratio; /* of XPM_RATIO_ONE */
	uint64_t memory;
	uint64_t min_memory;
	const char *model;
	const char *gres_type;
	struct xpm_place place;
};

enum {
	XPM_CONF_MAX_DURATION = 1 << 0,
	XPM_CONF_MIN_GPU = 1 << 1,
	XPM_CONF_CORES = 1 << 2,
	XPM_CONF_MEMORY = 1 << 3,
	XPM_CONF_MEM_PER_CPU = 1 << 4,
	XPM_CONF_CPU_PER_GPU = 1 << 5,
	XPM_CONF_GPU = 1 << 6,
};

/* A `configuration:` of any level; also what a local launcher offers. */
struct xpm_conf {
	unsigned has;
	uint64_t max_duration;
	uint32_t min_gpu;
	uint32_t cores;
	uint32_t cpu_per_gpu;
	uint64_t memory;
	uint64_t mem_per_cpu;
	int gpu_is_list; /* gpu: was written as a list: it replaces, where a mapping overrides field by field */
	struct xpm_gpu_conf *gpus;
	size_t gpus_len;
	struct xpm_place place;
};

struct xpm_node_group {
	struct xpm_strings hosts;    /* as written: names or hostlist expressions (checked to be well formed) */
	struct xpm_strings features;
	uint32_t count;              /* informative */
	struct xpm_conf conf;
	struct xpm_place place;
};

struct xpm_partition {
	const char *name;
	struct xpm_strings accounts;
	struct xpm_strings qos;
	int has_nodes;               /* a `nodes:` key was written, even an empty one */
	struct xpm_node_group *nodes;
	size_t nodes_len;
	struct xpm_conf conf;
	int64_t priority;
	int disabled;
	struct xpm_place place;
};

struct xpm_qos {
	const char *name;
	uint64_t max_duration;       /* 0 = no limit */
	uint32_t min_gpu;
	int64_t priority;
	struct xpm_place place;
};

struct xpm_feature_conf {
	const char *name;
	struct xpm_conf conf;
	struct xpm_place place;
};

struct xpm_token_use {
	const char *name;
	uint32_t count;
	struct xpm_place place;
};

enum xpm_launcher_kind { XPM_LAUNCHER_LOCAL, XPM_LAUNCHER_SLURM };

struct xpm_launcher {
	enum xpm_launcher_kind kind;
	const char *id;              /* never NULL: local[0], slurm[1], ... when not given */
	int id_given;
	size_t index;                /* its place in its own list */
	int64_t weight;
	int has_weight;
	struct xpm_strings tags;
	int disabled;
	struct xpm_place place;

	/* local */
	struct xpm_token_use *tokens;
	size_t tokens_len;

	/* local: what the machine offers; slurm: the launcher's `configuration:` */
	struct xpm_conf conf;

	/* slurm */
	const char *path;            /* NULL = not given */
	int use_features, use_hosts, use_memory_constraint, query_slurm;
	uint64_t snapshot_max_age;   /* seconds; 1 day when not given */
	struct xpm_slurm_options options;
	struct xpm_qos *qos;
	size_t qos_len;
	struct xpm_strings features_regex;
	struct xpm_feature_conf *features;
	size_t features_len;
	struct xpm_partition *partitions; /* in file order */
	size_t partitions_len;
};

struct xpm_token {
	const char *name;
	uint32_t count;
	int beside;                  /* place is in tokens.yaml */
	struct xpm_place place;
};

struct xpm_launchers {
	struct xpm_arena arena;
	const char *name;            /* the file, for messages */
	const char *text;            /* its bytes, for excerpts */
	size_t text_len;
	const char *tokens_name;     /* the same of tokens.yaml; tokens_text is NULL when there is none */
	const char *tokens_text;
	size_t tokens_text_len;
	struct xpm_launcher *items;  /* every local one in file order, then every slurm one in file order */
	size_t len;
	struct xpm_token *tokens;
	size_t tokens_len;
};

#endif
