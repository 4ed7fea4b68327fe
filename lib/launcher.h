/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LAUNCHER_H
#define XPM_LAUNCHER_H

#include <xpmatch/launcher.h>

/*
 * A draft is the same struct with borrowed pointers, on somebody's stack; xpm_launcher_pack() makes a value of it. One
 * block, so that a collector that owns the memory (Lua's) knows its true size and has nothing to call at the end.
 */
struct xpm_launcher {
	enum xpm_kinds kind;
	const char *id;
	int64_t weight;
	const char *path;
	const char *spec;
	const char *const *tags;
	size_t tags_len;
	const char *const *asked;
	size_t asked_len;
	size_t alternative;
	uint32_t gpus;
	const struct xpm_token_need *tokens;
	size_t tokens_len;
	struct xpm_slurm_options options;
	uint32_t decided; /* bit set of 1 << field of slurm_fields.h */
};

/* How many bytes a draft needs; with place, which has that many and is aligned as for malloc(), it is written there. */
size_t xpm_launcher_pack(const struct xpm_launcher *draft, void *place);

/* xpm_launcher_pack() into memory of its own; NULL with XPM_ERR_MEMORY. */
struct xpm_launcher *xpm_launcher_keep(const struct xpm_launcher *draft, struct xpm_error *err);

/* The draft of a plan. spec is borrowed beside plan and request. */
void xpm_launcher_of_plan(struct xpm_launcher *draft, const struct xpm_plan *plan, const struct xpm_request *request,
			  const char *spec);

/*
 * The draft of xpm_launcher_config(). *text gets a string that the draft borrows, to free with free() once it is packed
 * (NULL on failure).
 */
enum xpm_code xpm_launcher_derive(struct xpm_launcher *draft, const struct xpm_launcher *launcher,
				  const struct xpm_slurm_options *over, char **text, struct xpm_error *err);

#endif
