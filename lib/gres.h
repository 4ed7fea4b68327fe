/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_GRES_H
#define XPM_GRES_H

#include <stdint.h>

#include "scontrol.h"

/*
 * One entry of a node's Gres=: "gpu:4", "gpu:a100:4(S:0-1)", "gpu:1g.10gb:7", "shard:a100:8", "bandwidth:no_consume:4G".
 */
struct xpm_gres {
	struct xpm_slice name, type; /* type.text NULL = none */
	uint64_t count;              /* 1 when not given */
};

/* The next entry; 0 at the end. What is no entry is skipped. */
int xpm_gres_next(struct xpm_slice *rest, struct xpm_gres *gres);

#endif
