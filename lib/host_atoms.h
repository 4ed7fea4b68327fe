/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_HOST_ATOMS_H
#define XPM_HOST_ATOMS_H

#include "table.h"

/*
 * The hosts of one launcher, split into atoms: the largest sets of hosts that stand in exactly the same classes. The
 * choice then works with atoms and never with single hosts, however many there are.
 */

struct xpm_host_claim {
	const char *expression;  /* a hostlist expression of a class */
	uint32_t klass;
};

/*
 * claims  every expression of every class
 * arena   where atoms, their expressions and the host names go
 *
 * Fills launcher->atoms and ->hosts, and for each class its atoms (classes is indexed by struct xpm_host_claim.klass).
 * hosts_text, one per class, gets the class's own hosts as one expression.
 * XPM_ERR_LIMIT beyond XPM_HOSTS_MAX names, XPM_ERR_MEMORY.
 */
enum xpm_code xpm_host_atoms_build(const struct xpm_host_claim *claims, size_t claims_len, struct xpm_class *classes,
				   const char **hosts_text, size_t classes_len, struct xpm_table_launcher *launcher,
				   struct xpm_arena *arena, struct xpm_error *err);

/* The index of a host in launcher->hosts, or -1. */
long xpm_host_atoms_find(const struct xpm_table_launcher *launcher, const char *host);

#endif
