/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_COMPAT_H
#define XPM_COMPAT_H

#include <lua.h>
#include <lauxlib.h>

/* What Lua 5.1 to 5.4 name differently. Everything else that is used here is the same in all of them. */

#if LUA_VERSION_NUM < 501 || LUA_VERSION_NUM > 504
#error "Lua 5.1, 5.2, 5.3 or 5.4 headers are needed"
#endif

#ifndef LUA_OK
#define LUA_OK 0
#endif

#if LUA_VERSION_NUM == 501
#define lua_rawlen(L, index)    lua_objlen(L, index)
#define lua_absindex(L, index)  ((index) > 0 ? (index) : lua_gettop(L) + (index) + 1)
#define xpm_lua_checkversion(L) ((void)(L))
#else
/* Raises when the host is another Lua than the headers: better at `require` than silently wrong later. */
#define xpm_lua_checkversion(L) luaL_checkversion(L)
#endif

#endif
