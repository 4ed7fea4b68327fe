/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <stdio.h>
#include <string.h>

#include "say.h"

/*
 * xpm.setup{launchers = "/path/launchers.yaml", snapshot = "/path/snapshot.yaml", comment = true} -> true, or nil and a
 * message (rules that were in force before a bad file still are). snapshot = false: none is used.
 *
 * A raise at load would keep slurmctld from starting, so what is wrong is logged, and held against jobs with a spec until
 * a setup() succeeds: an option that was mistyped must not mean other rules than were meant.
 */

struct settings {
	const char *launchers, *snapshot;
	int comment;
};

/* The table at index 1; raises for what is not known. The strings stay in the table. */
static void settings_read(lua_State *L, struct settings *settings)
{
	if (lua_isnoneornil(L, 1))
		return;
	if (!lua_istable(L, 1))
		luaL_error(L, "a table is expected, not a %s", luaL_typename(L, 1));
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

		if (strcmp(key, "launchers") == 0 && lua_type(L, -1) == LUA_TSTRING)
			settings->launchers = lua_tostring(L, -1);
		else if (strcmp(key, "comment") == 0 && lua_isboolean(L, -1))
			settings->comment = lua_toboolean(L, -1);
		else if (strcmp(key, "snapshot") == 0 && lua_type(L, -1) == LUA_TSTRING && *lua_tostring(L, -1))
			settings->snapshot = lua_tostring(L, -1);
		else if (strcmp(key, "snapshot") == 0 && lua_isboolean(L, -1) && !lua_toboolean(L, -1))
			settings->snapshot = "";
		else if (strcmp(key, "snapshot") == 0 && lua_type(L, -1) == LUA_TSTRING)
			luaL_error(L, "'snapshot' is empty: false means none");
		else if (strcmp(key, "launchers") == 0 || strcmp(key, "comment") == 0 || strcmp(key, "snapshot") == 0)
			luaL_error(L, "'%s' may not be a %s", key, luaL_typename(L, -1));
		else
			luaL_error(L, "unknown key '%s'", key);
	}
	if (settings->launchers && !*settings->launchers)
		luaL_error(L, "'launchers' is empty");
}

/* Protected: whatever is raised here is a wrong argument. */
static int setup_try(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct settings settings = { 0 };

	settings_read(L, &settings);
	xpm_module_use(L, module, settings.launchers, settings.snapshot);
	module->comment = settings.comment;
	return 0;
}

int xpm_lua_setup(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct xpm_cache *cache;
	char text[XPM_MODULE_WORDS_MAX];
	const char *why;

	xpm_module_reset(module);
	lua_settop(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushcclosure(L, setup_try, 1);
	lua_pushvalue(L, 1);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
		why = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "unknown error";
		snprintf(module->misuse, sizeof module->misuse, "xpm.setup: %s", why);
		xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s; jobs with a spec are refused", module->misuse);
		lua_pushnil(L);
		lua_pushstring(L, module->misuse);
		return 2;
	}
	module->misuse[0] = '\0';
	cache = xpm_module_rules(L, module, NULL);
	if (xpm_cache_error(cache)->code != XPM_OK) {
		lua_pushnil(L);
		lua_pushstring(L, xpm_module_words(xpm_cache_error(cache), text));
		return 2;
	}
	lua_pushboolean(L, 1);
	return 1;
}
