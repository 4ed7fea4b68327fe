/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LUA_REQUIREMENT_H
#define XPM_LUA_REQUIREMENT_H

#include <xpmatch/error.h>

#include "compat.h"

/*
 * Requirements as values of Lua: xpm.cuda_gpu{mem = "14G"} * 2 & xpm.duration("4 days").
 *
 * A value holds its canonical text in Lua's own memory: the collector sees its true size, and there is nothing to free.
 * What makes no sense gives a value too, an invalid one that carries its message through everything made of it: nothing is
 * raised, as Slurm accepts a job whose Lua function raises, and whoever uses the value is told.
 */
struct xpm_requirement_value {
	int good;
	char text[]; /* the spec, or the message */
};

/* Add the functions that make them to the table on top of the stack. */
void xpm_requirement_register(lua_State *L);

/* The value at an index; NULL when it is something else. */
const struct xpm_requirement_value *xpm_requirement_at(lua_State *L, int index);

/*
 * The text of a spec given as a string or as a requirement, alive as long as the value; NULL with err for an invalid
 * requirement. Raises for anything else.
 */
const char *xpm_lua_spec(lua_State *L, int index, size_t *len, struct xpm_error *err);

#endif
