/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LIVE_H
#define XPM_LIVE_H

#include <xpmatch/cluster.h>
#include <xpmatch/match.h>
#include <xpmatch/slurm_options.h>

#include "arena.h"
#include "compat.h"

/*
 * What slurmctld knows now and launchers.yaml cannot: part_list, the partitions this user may use, as they are. And what it
 * may not ask for and the snapshot tells: which account and QoS this user may use.
 *
 * The callbacks are called by the library, through whose frames no Lua error may jump: each look-up is a protected call of
 * its own. One that fails is remembered, and rejects its candidate.
 */
struct xpm_live_facts {
	struct xpm_live live;      /* for the request; its context is this structure */
	lua_State *L;
	int part_list, job;        /* absolute stack indices */
	int lookup;                /* that of the function which is called for a look-up */
	struct xpm_arena *arena;
	const struct xpm_candidates *table;
	const struct xpm_slurm_options *typed;
	const struct xpm_cluster *cluster;
	const char *user;          /* NULL: the snapshot does not know him, or there is none */
	struct xpm_live_partition *partitions;
	int user_known;            /* default_account and default_qos were looked up */
	const char *default_account, *default_qos;
	int failed;
	char failure[160];
};

/*
 * cluster  the snapshot to ask what this user may use; NULL = none
 * uid      of the job's user
 *
 * Leaves one value on the stack, for the facts' lifetime. table, typed, cluster and arena are borrowed for as long. Raises
 * when memory is short.
 */
void xpm_live_start(struct xpm_live_facts *facts, lua_State *L, int job, int part_list,
		    const struct xpm_candidates *table, const struct xpm_slurm_options *typed,
		    const struct xpm_cluster *cluster, uint32_t uid, struct xpm_arena *arena);

#endif
