/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_QUESTION_H
#define XPM_QUESTION_H

#include <xpmatch/match.h>

#include "compat.h"
#include "module.h"

/* What xpm.find() and xpm.find_launcher() are asked: a spec at index 1, {tags, kind, launchers, options} at index 2. */
struct xpm_question {
	struct xpm_request request; /* its requirement and tags are the module's */
	struct xpm_slurm_options typed;
	const char *launchers;      /* the file; NULL = that of setup(). A string of the table */
	struct xpm_match *match;
	const struct xpm_candidates *candidates;
};

/*
 * Read the arguments and get the rules ready. NULL, or why there is no answer, in buf or in the module. Raises for
 * arguments of a wrong kind.
 */
const char *xpm_question_ask(lua_State *L, struct xpm_module *module, struct xpm_question *question,
			     char buf[XPM_MODULE_WORDS_MAX]);

/* The same rules for a question that was put together by hand. */
const char *xpm_question_rules(lua_State *L, struct xpm_module *module, struct xpm_question *question,
			       char buf[XPM_MODULE_WORDS_MAX]);

/* Tags: "a,b" or a list of such, added to the module's. Raises. */
void xpm_lua_tags(lua_State *L, struct xpm_module *module, int index);

/* A table of sbatch's options, as under `options:` in launchers.yaml. Strings stay in it. Raises. */
void xpm_lua_options(lua_State *L, int index, struct xpm_slurm_options *options);

/* Whole numbers are integers where Lua has them. */
void xpm_lua_push_number(lua_State *L, int64_t number);

#endif
