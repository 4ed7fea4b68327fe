/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPMATCH_LAUNCHER_H
#define XPMATCH_LAUNCHER_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/candidates.h>
#include <xpmatch/launchers.h>
#include <xpmatch/match.h>
#include <xpmatch/slurm_options.h>
#include <xpmatch/spec.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A launcher as a value: how to start one job, found by what it needs or made by hand.
 *
 *     launcher = xpm_find_launcher_spec(launchers, "cuda(mem=14G)*2", NULL, &err);
 *     one_hour = xpm_launcher_config(launcher, &(struct xpm_slurm_options){ .comment = "nightly" }, &err);
 *     words    = xpm_slurm_options_argv(xpm_launcher_options(one_hour), NULL, &err);
 *
 * A launcher owns all that it shows, in one block: the launchers file, the requirement and the match it came from may be
 * destroyed before it. It is immutable; threads may share it. Free it with xpm_launcher_destroy().
 *
 * Nothing here starts anything: another library does, xpmlaunch, which submits through sbatch and runs through xpm-local.
 */
struct xpm_launcher;

/*
 * The launcher for a job that needs this: launchers of both kinds by decreasing weight, the first that satisfies.
 *
 * launchers    borrowed for this call
 * requirement  borrowed for this call; NULL is XPM_ERR_VALUE
 * tags         NULL-terminated: a launcher must carry one of them. NULL or none: all launchers
 *
 * NULL with XPM_ERR_NO_MATCH when none satisfies, else as xpm_candidates_create() and xpm_match_run(). Each call flattens
 * the file: who finds often keeps a match and calls xpm_launcher_choose().
 */
struct xpm_launcher *xpm_find_launcher(const struct xpm_launchers *launchers, const struct xpm_requirement *requirement,
				       const char *const *tags, struct xpm_error *err);

/* The same from the text of a spec; also XPM_ERR_SPEC. */
struct xpm_launcher *xpm_find_launcher_spec(const struct xpm_launchers *launchers, const char *spec,
					    const char *const *tags, struct xpm_error *err);

/*
 * xpm_match_run() and its plan as a value: with the kinds, live facts and typed options of the request. What was typed
 * restricts the choice, and is in the options of the launcher. Errors as xpm_match_run().
 */
struct xpm_launcher *xpm_launcher_choose(struct xpm_match *match, const struct xpm_request *request,
					 struct xpm_error *err);

/*
 * By hand, without a launchers file: a slurm launcher with these options (borrowed for the call), and the direct launcher
 * of this machine. NULL with XPM_ERR_MEMORY.
 */
struct xpm_launcher *xpm_launcher_slurm(const struct xpm_slurm_options *options, struct xpm_error *err);
struct xpm_launcher *xpm_launcher_local(struct xpm_error *err);

/*
 * A new launcher like this one, with what over sets (borrowed for the call): the later one wins, what over leaves unset is
 * inherited. The `options:` of launchers.yaml are overridden like options given by hand.
 *
 * --mem and --mem-per-cpu say the same: the later one stays alone. So do GPUs in --gres, and --gpus or --gpus-per-node.
 *
 * What the decision set is what makes the job fit: the same value again is fine (gpus_per_node = 2 beside gres gpu:2,
 * too), and other GRES join it. Another value is XPM_ERR_CONFLICT with both in the text. Who wants another partition, say, asks
 * with it in request->typed of xpm_launcher_choose().
 *
 * NULL with XPM_ERR_CONFLICT, XPM_ERR_VALUE (launcher or over is NULL) or XPM_ERR_MEMORY.
 */
struct xpm_launcher *xpm_launcher_config(const struct xpm_launcher *launcher, const struct xpm_slurm_options *over,
					 struct xpm_error *err);

void xpm_launcher_destroy(struct xpm_launcher *launcher); /* NULL is fine */

/* What it is. Everything returned is owned by the launcher. */

enum xpm_kinds xpm_launcher_kind(const struct xpm_launcher *launcher); /* XPM_KIND_LOCAL or XPM_KIND_SLURM */
const char *xpm_launcher_id(const struct xpm_launcher *launcher);      /* of launchers.yaml; NULL when made by hand */
int64_t xpm_launcher_weight(const struct xpm_launcher *launcher);
const char *xpm_launcher_path(const struct xpm_launcher *launcher);    /* Slurm's commands; NULL = where PATH says */
const char *xpm_launcher_spec(const struct xpm_launcher *launcher);    /* it was found by; NULL when made by hand */

/* Tags it carries, and tags that were asked for; *len of them. */
const char *const *xpm_launcher_tags(const struct xpm_launcher *launcher, size_t *len);
const char *const *xpm_launcher_asked_tags(const struct xpm_launcher *launcher, size_t *len);

/* Which alternative of the spec is met, 1 for the first; 0 when made by hand. */
size_t xpm_launcher_alternative(const struct xpm_launcher *launcher);

/* Accelerators of one node that the spec asked for. */
uint32_t xpm_launcher_gpus(const struct xpm_launcher *launcher);

/* All options of a submission: the decision, what was typed or derived, and the defaults of launchers.yaml beneath. */
const struct xpm_slurm_options *xpm_launcher_options(const struct xpm_launcher *launcher);

/* Copies to *decided those of the options that the decision set. The strings are the launcher's. */
void xpm_launcher_decided(const struct xpm_launcher *launcher, struct xpm_slurm_options *decided);

/* What a local job takes of the machine's tokens; *len of them. */
const struct xpm_token_need *xpm_launcher_tokens(const struct xpm_launcher *launcher, size_t *len);

/*
 * In one line: "slurm launcher main: --partition=gpu --gres=gpu:2", "local launcher desk". A value that is no plain word
 * is quoted as for a shell. Returns the length of the whole text (as snprintf), which is cut when size is too small.
 */
size_t xpm_launcher_print(const struct xpm_launcher *launcher, char *buf, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
