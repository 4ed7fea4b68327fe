/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_CHECK_H
#define XPMATCH_CHECK_H

#include <xpmatch/candidates.h>
#include <xpmatch/cluster.h>
#include <xpmatch/launchers.h>
#include <xpmatch/report.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Look over a launchers.yaml that loads: what is in it and cannot have been meant. `xpm check` shows the result.
 *
 * Warnings: a pattern, feature entry, QoS or token that nothing uses; hosts that are in a partition twice, or look like
 * a range without brackets; nodes that nothing tells from others; GPUs that are described and not counted, or of the
 * wrong kind; memory below 1G; a min_memory or min_gpu that nothing can reach; a partition or launcher that others
 * always come before. Notes: a QoS or token without a description; weights that tie; mixed GPUs without gres_type; GPUs
 * without memory; the old spelling of use_memory_constraint; a QoS of a partition that another comes before.
 *
 * What is disabled is as if it were not in the file: nothing is said about it. What is used there counts as used.
 *
 * launchers   borrowed for this call
 * candidates  the table made from launchers
 * models      which GPUs are of which kind; NULL = not known
 * report      gets what was found, beside what it holds already
 *
 * Returns XPM_OK, or XPM_ERR_MEMORY, XPM_ERR_LIMIT, XPM_ERR_REGEX as xpm_candidates_create() does.
 */
enum xpm_code xpm_launchers_check(const struct xpm_launchers *launchers, const struct xpm_candidates *candidates,
				  const struct xpm_gpu_models *models, struct xpm_report *report,
				  struct xpm_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
