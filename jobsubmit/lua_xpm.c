/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Lua module "xpm".
 *
 * Slurm accepts a job when its Lua function raises (before 26.05, with whatever was changed until then). So nothing is
 * raised from here: every function is an outer one, which does nothing that can raise, around a protected inner one.
 */
#include <config.h>

#include "compat.h"

#include <string.h>

#include "lua_launcher.h"
#include "module.h"
#include "requirement.h"
#include "say.h"

#define PUBLIC __attribute__((visibility("default")))

#define SLURM_REFUSED (-1) /* slurm.ERROR */

/* Upvalues of an outer function. */
enum { OUTER_MODULE = 1, OUTER_INNER, OUTER_COMPLAIN };

static int module_free(lua_State *L)
{
	struct xpm_module *module = lua_touserdata(L, 1);

	xpm_module_reset(module);
	for (size_t i = 0; i < XPM_MODULE_CACHES; i++) {
		xpm_cache_destroy(module->caches[i]);
		module->caches[i] = NULL;
	}
	xpm_arena_free(&module->arena);
	return 0;
}

/* Call the inner function with our arguments. On failure the error value is on top of the stack. */
static int inner_call(lua_State *L, int args, int results)
{
	struct xpm_module *module = lua_touserdata(L, lua_upvalueindex(OUTER_MODULE));
	int failed;

	lua_settop(L, args);
	lua_pushvalue(L, lua_upvalueindex(OUTER_INNER));
	lua_insert(L, 1);
	if (module->busy) {
		lua_settop(L, 0);
		lua_pushnil(L);
		return 1;
	}
	module->busy = 1;
	failed = lua_pcall(L, args, results, 0) != LUA_OK;
	module->busy = 0;
	return failed;
}

/* Inner half of refusing a job for an error of Lua; argument: the error value. */
static int complain(lua_State *L)
{
	const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "unknown error";

	xpm_say_format(L, XPM_EAR_USER, "xpm: the job cannot be rewritten: %s", text);
	xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: job refused, Lua error: %s", text);
	return 0;
}

static int job_submit(lua_State *L)
{
	if (inner_call(L, 4, 1) != 0) {
		lua_pushvalue(L, lua_upvalueindex(OUTER_COMPLAIN));
		lua_insert(L, -2);
		(void)lua_pcall(L, 1, 0, 0);
		lua_settop(L, 0);
		lua_pushinteger(L, SLURM_REFUSED);
	}
	return 1;
}

/* `scontrol update` carries no spec: nothing to do, and nothing to forbid. */
static int job_modify(lua_State *L)
{
	lua_pushinteger(L, 0);
	return 1;
}

/* setup(), find() and the like: nil and a message instead of an error. */
static int answer(lua_State *L)
{
	if (inner_call(L, 2, 2) != 0) {
		lua_pushnil(L);
		lua_insert(L, -2);
	}
	return 2;
}

static void outer_push(lua_State *L, int module, lua_CFunction outer, lua_CFunction inner)
{
	lua_pushvalue(L, module);
	lua_pushvalue(L, module);
	lua_pushcclosure(L, inner, 1);
	lua_pushvalue(L, module);
	lua_pushcclosure(L, complain, 1);
	lua_pushcclosure(L, outer, 3);
}

PUBLIC int luaopen_xpm(lua_State *L);

int luaopen_xpm(lua_State *L)
{
	struct xpm_module *module;
	int place;

	xpm_lua_checkversion(L);
	luaL_checkstack(L, 10, "xpm");
	module = lua_newuserdata(L, sizeof *module);
	memset(module, 0, sizeof *module);
	module->arena.limit = XPM_MODULE_MEMORY_MAX;
	place = lua_gettop(L);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, module_free);
	lua_setfield(L, -2, "__gc");
	lua_setmetatable(L, place);

	lua_createtable(L, 0, 3);
	outer_push(L, place, answer, xpm_lua_launcher_config);
	lua_setfield(L, -2, "config");
	outer_push(L, place, answer, xpm_lua_launcher_explain);
	lua_setfield(L, -2, "explain");
	outer_push(L, place, answer, xpm_lua_launcher_argv);
	lua_setfield(L, -2, "argv");
	xpm_launcher_register(L);

	lua_createtable(L, 0, 17);
	xpm_requirement_register(L);
	outer_push(L, place, answer, xpm_lua_find_launcher);
	lua_setfield(L, -2, "find_launcher");
	outer_push(L, place, answer, xpm_lua_slurm_launcher);
	lua_setfield(L, -2, "slurm_launcher");
	outer_push(L, place, answer, xpm_lua_setup);
	lua_setfield(L, -2, "setup");
	outer_push(L, place, answer, xpm_lua_find);
	lua_setfield(L, -2, "find");
	outer_push(L, place, job_submit, xpm_lua_job_submit);
	lua_setfield(L, -2, "job_submit");
	lua_pushcfunction(L, job_modify);
	lua_setfield(L, -2, "job_modify");
	lua_pushstring(L, PACKAGE_VERSION);
	lua_setfield(L, -2, "VERSION");
	return 1;
}
