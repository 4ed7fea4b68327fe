/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_SLURM_OPTIONS_H
#define XPMATCH_SLURM_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The options of one Slurm submission, as sbatch knows them. A plain value: the strings are borrowed, so whoever owns
 * them (a plan, a launchers file, the caller) must outlive it. {0} is "nothing set".
 *
 * In launchers.yaml the same names stand under `options:`.
 */
struct xpm_slurm_options {
	uint32_t nodes;          /* --nodes; 0 = not set, as everywhere below */
	uint32_t ntasks;         /* --ntasks */
	uint32_t cpus_per_task;  /* --cpus-per-task */
	uint32_t gpus;           /* --gpus */
	uint32_t gpus_per_node;  /* --gpus-per-node */
	uint64_t time;           /* --time, seconds; written as minutes, rounded up */
	uint64_t mem;            /* --mem, bytes of a node; written as MiB, rounded up */
	uint64_t mem_per_cpu;    /* --mem-per-cpu, bytes; written as MiB, rounded up */
	const char *partition;   /* --partition */
	const char *qos;         /* --qos */
	const char *account;     /* --account */
	const char *constraint;  /* --constraint */
	const char *exclude;     /* --exclude */
	const char *nodelist;    /* --nodelist */
	const char *gres;        /* --gres */
	const char *reservation; /* --reservation */
	const char *licenses;    /* --licenses */
	const char *comment;     /* --comment */
};

/* Set in *options whatever it does not set and defaults does: the defaults lie beneath. */
void xpm_slurm_options_fill(struct xpm_slurm_options *options, const struct xpm_slurm_options *defaults);

/* Set in *options whatever over sets: the later one wins. */
void xpm_slurm_options_merge(struct xpm_slurm_options *options, const struct xpm_slurm_options *over);

/*
 * As arguments for sbatch, srun or salloc: "--partition=a,b", "--time=90", ... each one word, in a fixed order.
 *
 * Returns a NULL-terminated vector in one block to free with free(), and its length in *len (may be NULL); NULL with
 * XPM_ERR_MEMORY.
 */
char **xpm_slurm_options_argv(const struct xpm_slurm_options *options, size_t *len, struct xpm_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
