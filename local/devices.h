/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_DEVICES_H
#define XPM_LOCAL_DEVICES_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/spec.h>

#include "cpus.h"
#include "ledger.h"

/* What this machine has. */
struct xpm_core {
	struct xpm_cpus cpus;      /* its hardware threads */
};

struct xpm_gpu {
	enum xpm_accel_kind kind;
	unsigned index;            /* as its tool counts, and CUDA with CUDA_DEVICE_ORDER=PCI_BUS_ID */
	char uuid[64];             /* "" when not known */
	char name[96];
	uint64_t memory;           /* bytes; 0 = not known */
	struct xpm_cpus near;      /* CPUs close to it; empty when not known */
};

struct xpm_machine {
	struct xpm_core *cores;    /* whole cores that this process may use */
	size_t cores_len;
	uint64_t memory;
	int bindable;              /* the cores are those of this machine, not of a topology from HWLOC_XMLFILE and the like */
	struct xpm_gpu *gpus;
	size_t gpus_len;
	int looked;                /* for GPUs */
	int known[XPM_ACCEL_ANY];  /* a tool has answered for this kind: what it does not list is not there */
};

/*
 * Cores and memory by hwloc. What hwloc found is kept in the ledger's folder for as long as the machine runs with the same
 * CPUs, since a large machine takes it many milliseconds. Ends the program when there is no topology.
 */
void xpm_machine_load(const struct xpm_ledger *ledger, struct xpm_machine *machine);

/* GPUs by nvidia-smi and rocm-smi, where these are; only when a job asks for one: they are slow. */
void xpm_machine_look_for_gpus(struct xpm_machine *machine);

/* From what the tools print; for tests. -1 when it makes no sense. */
int xpm_gpus_parse_nvidia(const char *text, struct xpm_machine *machine);
int xpm_gpus_parse_rocm(const char *text, struct xpm_machine *machine);

#endif
