/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <string.h>
#include <xpmatch/match.h>

#include "error_private.h"

/* xpm.find(spec, {tags = {"a", "b"} or "a,b", kind = "slurm", launchers = path}) -> plan table, or nil and a message. */

struct question {
	enum xpm_kinds kinds;
	const char *launchers;
};

static int fail(lua_State *L, const struct xpm_error *err)
{
	char text[XPM_MODULE_WORDS_MAX];

	lua_pushnil(L);
	lua_pushstring(L, xpm_module_words(err, text));
	return 2;
}

static void tags_add(lua_State *L, struct xpm_module *module, int index)
{
	struct xpm_error err;
	const char *text;
	size_t len;

	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "tags are strings, not a %s", luaL_typename(L, index));
	text = lua_tolstring(L, index, &len);
	if (xpm_module_tags(module, text, len, &err) != XPM_OK)
		luaL_error(L, "%s", err.text);
}

static void tags_read(lua_State *L, struct xpm_module *module, int index)
{
	if (!lua_istable(L, index)) {
		tags_add(L, module, index);
		return;
	}
	for (size_t i = 1; i <= lua_rawlen(L, index); i++) {
		lua_rawgeti(L, index, (int)i);
		tags_add(L, module, lua_gettop(L));
		lua_pop(L, 1);
	}
}

static enum xpm_kinds kind_read(lua_State *L, int index)
{
	static const char *const names[] = { "local", "slurm", "both" };
	const char *name = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";

	for (int i = 0; i < 3; i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum xpm_kinds)(i + 1);
	}
	return (enum xpm_kinds)luaL_error(L, "kind is \"slurm\", \"local\" or \"both\"");
}

/* The table at index 2. Strings stay in it, tags in the module. */
static void question_read(lua_State *L, struct xpm_module *module, struct question *question)
{
	if (lua_isnil(L, 2))
		return;
	if (!lua_istable(L, 2))
		luaL_error(L, "the options are a table, not a %s", luaL_typename(L, 2));
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		int value = lua_gettop(L);

		if (strcmp(key, "tags") == 0)
			tags_read(L, module, value);
		else if (strcmp(key, "kind") == 0)
			question->kinds = kind_read(L, value);
		else if (strcmp(key, "launchers") == 0 && lua_type(L, value) == LUA_TSTRING)
			question->launchers = lua_tostring(L, value);
		else if (strcmp(key, "launchers") == 0)
			luaL_error(L, "'launchers' may not be a %s", luaL_typename(L, value));
		else
			luaL_error(L, "unknown option '%s'", key);
	}
}

static void put_text(lua_State *L, const char *name, const char *text)
{
	if (!text)
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

/* Whole numbers are integers where Lua has them. */
static void put_number(lua_State *L, const char *name, int64_t number)
{
#if LUA_VERSION_NUM >= 503
	lua_pushinteger(L, number);
#else
	lua_pushnumber(L, (lua_Number)number);
#endif
	lua_setfield(L, -2, name);
}

static void put_wanted(lua_State *L, const char *name, uint64_t number)
{
	if (number)
		put_number(L, name, (int64_t)number);
}

static void plan_push(lua_State *L, const struct xpm_plan *plan)
{
	const struct xpm_launcher_info *launcher = plan->launcher;

	lua_createtable(L, 0, 18);
	put_text(L, "launcher", launcher->id);
	put_text(L, "kind", launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm");
	put_number(L, "weight", launcher->weight);
	put_number(L, "alternative", (int64_t)plan->alternative + 1);
	put_text(L, "partition", plan->partition);
	put_text(L, "qos", plan->qos);
	put_text(L, "account", plan->account);
	put_text(L, "gres", plan->gres);
	put_text(L, "constraint", plan->constraint);
	put_text(L, "exclude", plan->exclude);
	put_wanted(L, "gpus", plan->gpus);
	put_wanted(L, "cpus_per_task", plan->cpus_per_task);
	put_wanted(L, "mem_mib", plan->mem_mib);
	put_wanted(L, "time_s", plan->time);

	lua_createtable(L, (int)plan->partitions_len, 0);
	for (size_t i = 0; i < plan->partitions_len; i++) {
		lua_pushstring(L, plan->partitions[i]);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, "partitions");
	lua_createtable(L, 0, (int)launcher->tokens_len);
	for (size_t i = 0; i < launcher->tokens_len; i++)
		put_number(L, launcher->tokens[i].name, launcher->tokens[i].count);
	lua_setfield(L, -2, "tokens");
}

int xpm_lua_find(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct question question = { XPM_KIND_BOTH, NULL };
	struct xpm_request request = { 0 };
	const struct xpm_cache *cache;
	char text[XPM_MODULE_WORDS_MAX];
	const char *spec, *why;
	struct xpm_error err;
	size_t len;

	xpm_module_reset(module);
	luaL_checkstack(L, 10, "xpm");
	if (lua_type(L, 1) != LUA_TSTRING)
		return luaL_error(L, "a spec is a string, not a %s", luaL_typename(L, 1));
	spec = lua_tolstring(L, 1, &len);
	question_read(L, module, &question);
	request.requirement = xpm_module_spec(module, spec, len, &err);
	if (!request.requirement)
		return fail(L, &err);
	cache = xpm_module_rules(L, module, question.launchers);
	why = xpm_module_why_none(module, cache, text);
	if (why) {
		lua_pushnil(L);
		lua_pushstring(L, why);
		return 2;
	}
	request.kinds = question.kinds;
	request.tags = module->tags;
	request.tags_len = module->tags_len;
	if (xpm_match_run(xpm_cache_match(cache), &request, &err) != XPM_OK)
		return fail(L, &err);
	plan_push(L, xpm_match_plan(xpm_cache_match(cache)));
	return 1;
}
