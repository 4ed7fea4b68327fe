/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

/*
 * `options:` of a slurm launcher: defaults for every job. What is 0 or NULL is not set, so 0 is not
 * to be written.
 */

/* clang-format off */
#define AT(member) offsetof(struct xpm_slurm_options, member)
#define COUNT(member, bound) \
	{ .name = #member, .read = xpm_read_count, .at = AT(member), .least = 1, .most = bound }
#define TEXT(member, rule) \
	{ .name = #member, .read = xpm_read_text, .at = AT(member), .text = &rule }

static const struct xpm_key keys[] = {
	COUNT(nodes, XPM_COUNT_MAX),
	COUNT(ntasks, XPM_CORES_MAX),
	COUNT(cpus_per_task, XPM_CORES_MAX),
	COUNT(gpus, XPM_COUNT_MAX),
	COUNT(gpus_per_node, XPM_COUNT_MAX),
	{ .name = "time", .read = xpm_read_duration, .at = AT(time), .least = 1 },
	{ .name = "mem", .read = xpm_read_size, .at = AT(mem), .least = 1 },
	{ .name = "mem_per_cpu", .read = xpm_read_size, .at = AT(mem_per_cpu), .least = 1 },
	TEXT(partition, xpm_names_rule),
	TEXT(qos, xpm_names_rule),
	TEXT(account, xpm_names_rule),
	TEXT(constraint, xpm_constraint_rule),
	TEXT(exclude, xpm_hosts_rule),
	TEXT(nodelist, xpm_hosts_rule),
	TEXT(gres, xpm_gres_rule),
	TEXT(reservation, xpm_names_rule),
	TEXT(licenses, xpm_licenses_rule),
	TEXT(comment, xpm_comment_rule),
};

/* clang-format on */

const struct xpm_mapping xpm_options_mapping = XPM_MAPPING("options", keys);
