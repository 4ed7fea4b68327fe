/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_EFFECTIVE_H
#define XPM_EFFECTIVE_H

#include <xpmatch/candidates.h>

#include "model.h"

/*
 * A configuration while levels are laid over each other: launcher, partition, node group, features.
 *
 * `gpu:` as a mapping sets fields of every accelerator entry so far, and of the base that a later list starts from. `gpu:`
 * as a list replaces the entries. Zeroed is the start.
 */
struct xpm_effective {
	struct xpm_conf conf;      /* its gpus are not used: */
	struct xpm_gpu_conf base;
	int listed;                /* entries came from a list; else the base is the only one */
	struct xpm_gpu_conf gpus[XPM_ACCEL_GROUPS_MAX];
	size_t gpus_len;
};

/* Lay conf over what is there. as_list: a mapping counts as a list of one (local launchers). */
void xpm_effective_apply(struct xpm_effective *effective, const struct xpm_conf *conf, int as_list);

/*
 * The accelerators of a host as groups for matching: entries with a count, equal ones merged. out has room for
 * XPM_ACCEL_GROUPS_MAX. Strings stay borrowed from the configuration. Returns how many.
 */
size_t xpm_effective_accels(const struct xpm_effective *effective, struct xpm_accel_group *out);

#endif
