/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LUA_LAUNCHER_H
#define XPM_LUA_LAUNCHER_H

#include "compat.h"

/*
 * Launchers as values of Lua: xpm.find_launcher(requirement, {tags = {"slurm"}}), launcher:config{gpus_per_node = 1}.
 *
 * A value is one block of Lua's own memory: the collector sees its true size, and there is nothing to free.
 */

/* The protected halves of xpm.find_launcher(), xpm.slurm_launcher() and the methods. */
int xpm_lua_find_launcher(lua_State *L);
int xpm_lua_slurm_launcher(lua_State *L);
int xpm_lua_launcher_config(lua_State *L);
int xpm_lua_launcher_explain(lua_State *L);
int xpm_lua_launcher_argv(lua_State *L);

/* Make the type; the table on top of the stack has the methods, and is taken off. */
void xpm_launcher_register(lua_State *L);

#endif
