/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_CAPACITY_H
#define XPM_LOCAL_CAPACITY_H

#include <xpmatch/candidates.h>

#include "devices.h"
#include "record.h"

/* A device as a launcher sees it: what launchers.yaml says, capped by what is there. */
struct xpm_device {
	char key[XPM_KEY_MAX];
	enum xpm_accel_kind kind;
	unsigned index;
	uint64_t memory, least;  /* see struct xpm_accel_group */
	const char *model;
	const struct xpm_gpu *gpu; /* NULL when no tool knows it */
};

/* What a local launcher may give away. */
struct xpm_capacity {
	uint32_t cores;
	uint64_t memory;
	struct xpm_record_token tokens[XPM_ORDER_TOKENS];
	size_t tokens_len;
	struct xpm_device devices[XPM_ORDER_GPUS]; /* the smaller ones first: they are given first */
	size_t devices_len;
};

/*
 * From a launcher's candidate and the machine. A claim above the hardware is capped; with warn it is also told, once.
 */
void xpm_capacity_build(struct xpm_machine *machine, const struct xpm_candidates *candidates,
			const struct xpm_candidate *candidate, int warn, struct xpm_capacity *capacity);

/*
 * Put into the record what an alternative needs of this capacity. -1 when it has not that much even if it is empty, with
 * the reason.
 */
int xpm_capacity_need(const struct xpm_capacity *capacity, const struct xpm_candidates *candidates,
		      const struct xpm_candidate *candidate, const struct xpm_alternative *alternative,
		      struct xpm_record *record, char *reason, size_t size);

#endif
