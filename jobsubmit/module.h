/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_MODULE_H
#define XPM_MODULE_H

#include <xpmatch/error.h>
#include <xpmatch/spec.h>

#include "arena.h"
#include "cache.h"
#include "compat.h"

#define XPM_MODULE_CACHES 8  /* files that are kept loaded at a time; the first is the one of setup() */
#define XPM_MODULE_MEMORY_MAX (8u << 20) /* bytes for the strings of one call */
#define XPM_MODULE_WORDS_MAX  (XPM_ERROR_TEXT_MAX + XPM_ERROR_SOURCE_MAX + 3 * XPM_ERROR_EXCERPT_MAX)
#define XPM_TAGS_MAX      64 /* in one request */
#define XPM_TAGS_TEXT_MAX 4096

/*
 * All that the module owns in one Lua state, in a userdata that is the upvalue of each of its functions. Whatever C
 * allocates for a call hangs here, so that a Lua error in the middle of it loses nothing: the next call or __gc frees it.
 */
struct xpm_module {
	struct xpm_cache *caches[XPM_MODULE_CACHES];
	unsigned used[XPM_MODULE_CACHES]; /* when, by clock */
	unsigned clock;
	int comment;                      /* setup{comment = true} */
	enum xpm_cache_lack told;         /* what the log was last told of the snapshot of setup() */
	char misuse[200];                 /* what was wrong with the last setup(); empty = nothing */
	int busy;                         /* within a call: functions of slurmctld must not come back here */
	struct xpm_arena arena;           /* emptied at the start of a call */
	struct xpm_requirement *requirement;
	const char *tags[XPM_TAGS_MAX];
	size_t tags_len;
};

/* The module of the function that runs; its first upvalue. */
struct xpm_module *xpm_module_get(lua_State *L);

/* Free what a call allocated. */
void xpm_module_reset(struct xpm_module *module);

/*
 * Make path (NULL: the default one) the file of setup(), with this snapshot (NULL: snapshot.yaml beside it, if there is one;
 * "": none). Raises when memory is short.
 */
void xpm_module_use(lua_State *L, struct xpm_module *module, const char *path, const char *snapshot);

/*
 * The rules to use, looked at anew, with a word to the log when they changed or cannot be used. path NULL: the file of
 * setup(), else the default one. Raises when memory is short.
 */
struct xpm_cache *xpm_module_rules(lua_State *L, struct xpm_module *module, const char *path);

/* Why there are no rules, in one line for the user; NULL when there are. */
const char *xpm_module_why_none(struct xpm_module *module, const struct xpm_cache *cache,
				char buf[XPM_MODULE_WORDS_MAX]);

/* An error as a compiler shows it, or its text alone when it has no place; returns buf. */
const char *xpm_module_words(const struct xpm_error *err, char buf[XPM_MODULE_WORDS_MAX]);

/* Parse a spec; module->requirement, or NULL with err. */
const struct xpm_requirement *xpm_module_spec(struct xpm_module *module, const char *text, size_t len,
					      struct xpm_error *err);

/* Add the tags of "a,b" to module->tags; XPM_ERR_LIMIT when they are too many. */
enum xpm_code xpm_module_tags(struct xpm_module *module, const char *text, size_t len, struct xpm_error *err);

/* The protected halves of the module's functions. */
int xpm_lua_setup(lua_State *L);
int xpm_lua_find(lua_State *L);
int xpm_lua_job_submit(lua_State *L);

#endif
