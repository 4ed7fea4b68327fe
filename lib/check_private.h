/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CHECK_PRIVATE_H
#define XPM_CHECK_PRIVATE_H

#include <xpmatch/check.h>

#include "arena.h"
#include "feature.h"
#include "model.h"
#include "source.h"

/* Nodes of which it was said that their GPUs are not counted. */
struct xpm_uncounted {
	struct xpm_uncounted *next;
	struct xpm_place place;
};

struct xpm_check {
	const struct xpm_launchers *launchers;
	const struct xpm_candidates *candidates;
	const struct xpm_gpu_models *models; /* may be NULL */
	struct xpm_arena arena;
	struct xpm_source file, tokens;
	struct xpm_uncounted *uncounted;
	struct xpm_error *err;
};

/*
 * What is disabled is as if it were not in the file: nothing is said about it. But what is used there counts as used:
 * it may be switched off for a while only.
 */

/* Warn about, or note, what stands at this place of launchers.yaml. */
void xpm_check_say(struct xpm_check *check, enum xpm_severity severity, const struct xpm_place *place,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Does the list hold this text? */
int xpm_check_has(const struct xpm_strings *strings, const char *text);

/* Are both the same, or both NULL? */
int xpm_check_same(const char *a, const char *b);

/* The launcher of the file that a row of the table of launchers was made from. */
const struct xpm_launcher *xpm_check_launcher(const struct xpm_check *check, const struct xpm_launcher_info *info);

/* check_names.c: names that are defined or used, and not the other */
enum xpm_code xpm_check_names(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features);

/* check_nodes.c: hosts of one slurm launcher, and what has none */
enum xpm_code xpm_check_nodes(struct xpm_check *check, const struct xpm_launcher *launcher);

/* check_gpus.c: GPUs and sizes of one launcher; features is NULL for a local one */
enum xpm_code xpm_check_gpus(struct xpm_check *check, const struct xpm_launcher *launcher,
			     const struct xpm_features *features);

/* check_rows.c: candidates that nothing reaches, nodes that nothing tells apart */
enum xpm_code xpm_check_rows(struct xpm_check *check);

/* check_order.c: candidates and launchers that others always come before */
void xpm_check_order(struct xpm_check *check);

#endif
