/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xpmatch/match.h>

#include "error_private.h"
#include "field.h"
#include "live.h"
#include "marshal.h"
#include "question.h"
#include "refusal.h"
#include "requirement.h"
#include "say.h"

/*
 * xpm.job_submit(job_desc, part_list, submit_uid [, options]) -> 0, or the error number that Slurm shows its user.
 *
 * The way of a job: what it carries is read, the rules looked at, what the user typed read, the decision made, every
 * field's new value worked out; only then is something written. Errors of Lua are raised from anywhere and end in refusal.
 */
#define ACCEPTED       0
#define REFUSED        (-1) /* "Unspecified error": our lines above it say more */
#define REFUSED_PLACES 2015 /* ESLURM_REQUESTED_PART_CONFIG_UNAVAILABLE */

#define COMMENT_MARK "xpm:"

enum { JOB = 1, PART_LIST, SUBMIT_UID, OPTIONS, ARGS = OPTIONS };

/* What came along with the job. */
struct carried {
	const char *spec; /* NULL = none */
	size_t spec_len;
	const char *tags;
	size_t tags_len;
	int explain;
	int site_tags; /* the tags are those of the options, too */
};

/* The value of an entry "NAME=value", or NULL. */
static const char *entry_value(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

static void entry_read(const char *entry, size_t len, struct carried *carried)
{
	const char *value;

	value = entry_value(entry, "XPM_SPEC");
	if (value) {
		carried->spec = value;
		carried->spec_len = len - (size_t)(value - entry);
		return;
	}
	value = entry_value(entry, "XPM_TAGS");
	if (value) {
		carried->tags = value;
		carried->tags_len = len - (size_t)(value - entry);
		return;
	}
	value = entry_value(entry, "XPM_EXPLAIN");
	if (value)
		carried->explain = *value && strcmp(value, "0") != 0;
}

/*
 * spank_job_env is nil, or a table of "NAME=value" that starts at 0: made by the submitting command, so by the user. It is
 * left on the stack, and with it the strings.
 */
static void environment_read(lua_State *L, struct carried *carried)
{
	lua_getfield(L, JOB, "spank_job_env");
	if (!lua_istable(L, -1))
		return;
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		size_t len;

		if (lua_type(L, -1) == LUA_TSTRING) {
			const char *entry = lua_tolstring(L, -1, &len);

			entry_read(entry, len, carried);
		}
	}
}

/* Clients without SPANK may say it in the comment, where the site allows it. */
static void comment_read(lua_State *L, struct carried *carried)
{
	const char *text;

	lua_getfield(L, JOB, "comment");
	text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &carried->spec_len) : "";
	if (strncmp(text, COMMENT_MARK, strlen(COMMENT_MARK)) == 0) {
		carried->spec = text + strlen(COMMENT_MARK);
		carried->spec_len -= strlen(COMMENT_MARK);
	}
}

/*
 * {spec = ..., tags = ...} of a site: what a job that carries no spec needs. An invalid requirement is refused like a
 * wrong spec: its message is raised.
 */
static void site_read(lua_State *L, struct carried *carried)
{
	struct xpm_error err;

	if (lua_isnoneornil(L, OPTIONS))
		return;
	if (!lua_istable(L, OPTIONS))
		luaL_error(L, "the options are a table, not a %s", luaL_typename(L, OPTIONS));
	for (lua_pushnil(L); lua_next(L, OPTIONS); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

		if (strcmp(key, "spec") == 0) {
			carried->spec = xpm_lua_spec(L, -1, &carried->spec_len, &err);
			if (!carried->spec)
				luaL_error(L, "%s", err.text);
		} else if (strcmp(key, "tags") == 0) {
			carried->site_tags = 1;
		} else {
			luaL_error(L, "unknown option '%s'", key);
		}
	}
}

static int refuse(lua_State *L, const struct xpm_error *err)
{
	char uid[32];

	snprintf(uid, sizeof uid, "%.0f", (double)lua_tonumber(L, SUBMIT_UID));
	xpm_refusal_error(L, err);
	xpm_say_format(L, XPM_EAR_LOG_DEBUG, "xpm: job of uid %s refused: %s", uid, err->text);
	return REFUSED;
}

/* The end of a job that matches nothing, or that was only to be explained. */
static int refuse_places(lua_State *L, struct xpm_module *module, const struct xpm_cache *cache,
			 const struct xpm_explain *found, int explain)
{
	char why[XPM_SAY_LINE];

	if (xpm_cache_lack(cache, time(NULL), why, sizeof why) != XPM_CACHE_WHOLE)
		xpm_say_format(L, XPM_EAR_USER, "xpm: note: %s", why);
	if (explain)
		xpm_refusal_explain(L, found, &module->arena);
	else
		xpm_refusal_no_match(L, found, &module->arena);
	return found->why->code == XPM_ERR_NO_MATCH ? REFUSED_PLACES : REFUSED;
}

static int decide(lua_State *L, struct xpm_module *module, const struct carried *carried, const struct xpm_cache *cache,
		  const struct xpm_job *job, struct xpm_live_facts *facts)
{
	struct xpm_match *match = xpm_cache_match(cache);
	const struct xpm_candidates *table = xpm_cache_candidates(cache);
	const struct xpm_request request = {
		.requirement = module->requirement,
		.kinds = XPM_KIND_SLURM,
		.tags = module->tags,
		.tags_len = module->tags_len,
		.typed = &job->typed,
		.live = &facts->live,
	};
	struct xpm_error err = { 0 };
	const struct xpm_explain found = { match, table, &request, &err };
	enum xpm_code code = xpm_match_run(match, &request, &err);
	const struct xpm_plan *plan;
	struct xpm_writes writes;

	if (facts->failed)
		return luaL_error(L, "%s", facts->failure);
	if (code != XPM_OK && code != XPM_ERR_NO_MATCH)
		return refuse(L, &err);
	if (code == XPM_ERR_NO_MATCH || carried->explain)
		return refuse_places(L, module, cache, &found, carried->explain);
	plan = xpm_match_plan(match);
	if (xpm_job_plan(job, plan, xpm_candidates_get(table, plan->candidate), &module->arena, &writes, &err) != XPM_OK)
		return refuse(L, &err);
	xpm_job_write(L, JOB, &writes);
	xpm_plan_say(L, module->requirement, plan);
	return ACCEPTED;
}

/* Whose job it is: root may submit for others. */
static uint32_t job_user(lua_State *L)
{
	double submitter = lua_tonumber(L, SUBMIT_UID);
	uint64_t uid;

	if (xpm_field_number(L, JOB, "user_id", 32, &uid) == XPM_FIELD_SET)
		return (uint32_t)uid;
	return submitter >= 0 && submitter < UINT32_MAX ? (uint32_t)submitter : UINT32_MAX;
}

static int submit(lua_State *L, struct xpm_module *module, const struct carried *carried)
{
	struct xpm_live_facts facts;
	struct xpm_error err;
	struct xpm_cache *cache;
	struct xpm_job job;
	char text[XPM_MODULE_WORDS_MAX];
	const char *why;

	if (!lua_istable(L, PART_LIST))
		return luaL_error(L, "xpm.job_submit(job_desc, part_list, submit_uid): part_list is not a table");
	if (!xpm_module_spec(module, carried->spec, carried->spec_len, &err))
		return refuse(L, &err);
	if (carried->tags && xpm_module_tags(module, carried->tags, carried->tags_len, &err) != XPM_OK)
		return refuse(L, &err);
	if (carried->site_tags) {
		lua_getfield(L, OPTIONS, "tags");
		xpm_lua_tags(L, module, lua_gettop(L));
	}
	cache = xpm_module_rules(L, module, NULL);
	why = xpm_module_why_none(module, cache, text);
	if (why) {
		xpm_say_format(L, XPM_EAR_USER, "xpm: no usable rules: %s", why);
		xpm_say(L, XPM_EAR_USER, "xpm: jobs with a spec are refused until the administrator has mended this");
		return REFUSED;
	}
	if (xpm_job_read(L, JOB, &job, module->requirement, &module->arena, &err) != XPM_OK)
		return refuse(L, &err);
	xpm_live_start(&facts, L, JOB, PART_LIST, xpm_cache_candidates(cache), &job.typed, xpm_cache_cluster(cache),
		       job_user(L), &module->arena);
	return decide(L, module, carried, cache, &job, &facts);
}

int xpm_lua_job_submit(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct carried carried = { 0 };

	luaL_checkstack(L, 20, "xpm");
	if (!lua_istable(L, JOB) && !lua_isuserdata(L, JOB))
		return luaL_error(L, "xpm.job_submit(job_desc, part_list, submit_uid): job_desc is not a table");
	environment_read(L, &carried);
	if (module->comment && !carried.spec_len)
		comment_read(L, &carried);
	if (!carried.spec_len)
		site_read(L, &carried);
	if (!carried.spec || !carried.spec_len) {
		/* asked to explain, and not to submit */
		if (carried.explain)
			xpm_say(L, XPM_EAR_USER, "xpm: --xpm-explain tells what becomes of --xpm-spec, and there is none");
		lua_pushinteger(L, carried.explain ? REFUSED : ACCEPTED);
		return 1;
	}
	xpm_module_reset(module);
	lua_pushinteger(L, submit(L, module, &carried));
	return 1;
}
