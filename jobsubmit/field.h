/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_FIELD_H
#define XPM_FIELD_H

#include <stdint.h>

#include "arena.h"
#include "compat.h"

/*
 * Single fields of Slurm's tables (job_desc, an entry of part_list), whose reads and writes are functions of slurmctld.
 *
 * All of these raise Lua errors: when the table's own functions do, and when a value is not of the type that is expected.
 * They are for use beneath a protected call, with nothing of C held but what an arena frees. Stack indices are absolute.
 */

/* Copied into the arena; NULL when nil or empty. */
const char *xpm_field_string(lua_State *L, int table, const char *name, struct xpm_arena *arena);

/* Slurm says "not set" and "no limit" by the two largest numbers of the field's width. */
enum xpm_field_state { XPM_FIELD_UNSET, XPM_FIELD_SET, XPM_FIELD_INFINITE };

enum xpm_field_state xpm_field_number(lua_State *L, int table, const char *name, int width, uint64_t *value);

/* value is left alone when it is not set. Returns 0 for both "not set" and "no limit". */
uint64_t xpm_field_count(lua_State *L, int table, const char *name, int width);

/* Write, then read back: raises when the table does not show what was written. */
void xpm_field_write_string(lua_State *L, int table, const char *name, const char *value);
void xpm_field_write_number(lua_State *L, int table, const char *name, uint64_t value);

/* text without "gres:" or "gres/" (which Slurm puts before each item), copied into the arena; raises when memory is short. */
const char *xpm_gres_plain(lua_State *L, const char *text, struct xpm_arena *arena);

#endif
