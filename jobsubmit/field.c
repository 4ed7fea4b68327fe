/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "field.h"

#include <string.h>

const char *xpm_field_string(lua_State *L, int table, const char *name, struct xpm_arena *arena)
{
	const char *text = NULL;
	char *copy = NULL;
	size_t len;

	lua_getfield(L, table, name);
	if (!lua_isnil(L, -1)) {
		text = lua_tolstring(L, -1, &len);
		if (!text || strlen(text) != len)
			luaL_error(L, "field %s is not a plain string", name);
		if (len > 0) {
			copy = xpm_arena_strndup(arena, text, len);
			if (!copy)
				luaL_error(L, "not enough memory");
		}
	}
	lua_pop(L, 1);
	return copy;
}

enum xpm_field_state xpm_field_number(lua_State *L, int table, const char *name, int width, uint64_t *value)
{
	/* a lua_Number holds the 64-bit ones only roughly */
	lua_Number none = width == 16 ? 65534.0 : width == 32 ? 4294967294.0 : 18446744073709549568.0;
	enum xpm_field_state state = XPM_FIELD_UNSET;
	lua_Number number;

	lua_getfield(L, table, name);
	if (!lua_isnil(L, -1)) {
		if (lua_type(L, -1) != LUA_TNUMBER)
			luaL_error(L, "field %s is not a number", name);
		number = lua_tonumber(L, -1);
		if (!(number >= 0))
			luaL_error(L, "field %s is negative", name);
		if (number < none) {
			state = XPM_FIELD_SET;
			*value = (uint64_t)number;
		} else if (width != 64 && number == none + 1) {
			state = XPM_FIELD_INFINITE;
		}
	}
	lua_pop(L, 1);
	return state;
}

uint64_t xpm_field_count(lua_State *L, int table, const char *name, int width)
{
	uint64_t value = 0;

	(void)xpm_field_number(L, table, name, width, &value);
	return value;
}

/* Whether Slurm shows an item of gres[] as what was written: it may have put its prefix before it. */
static int text_shows(const char *shown, const char *written)
{
	if (strcmp(shown, written) == 0)
		return 1;
	while (*shown && *written) {
		size_t len = strcspn(written, ",");

		if (strncmp(shown, "gres:", 5) == 0 || strncmp(shown, "gres/", 5) == 0)
			shown += 5;
		if (strncmp(shown, written, len) != 0 || shown[len] != written[len])
			return 0;
		shown += len + (shown[len] == ',');
		written += len + (written[len] == ',');
	}
	return *shown == *written;
}

void xpm_field_write_string(lua_State *L, int table, const char *name, const char *value)
{
	const char *shown;

	lua_pushstring(L, value);
	lua_setfield(L, table, name);
	lua_getfield(L, table, name);
	shown = lua_tostring(L, -1);
	if (!shown || !text_shows(shown, value))
		luaL_error(L, "field %s did not take its value", name);
	lua_pop(L, 1);
}

void xpm_field_write_number(lua_State *L, int table, const char *name, uint64_t value)
{
	lua_pushnumber(L, (lua_Number)value);
	lua_setfield(L, table, name);
	lua_getfield(L, table, name);
	if (!lua_isnumber(L, -1) || lua_tonumber(L, -1) != (lua_Number)value)
		luaL_error(L, "field %s did not take its value", name);
	lua_pop(L, 1);
}

const char *xpm_gres_plain(lua_State *L, const char *text, struct xpm_arena *arena)
{
	char *copy, *to;

	if (!text)
		return NULL;
	copy = to = xpm_arena_strdup(arena, text);
	if (!copy)
		luaL_error(L, "not enough memory");
	while (*text) {
		size_t len;

		if (strncmp(text, "gres:", 5) == 0 || strncmp(text, "gres/", 5) == 0)
			text += 5;
		len = strcspn(text, ",");
		len += text[len] == ',';
		memmove(to, text, len);
		to += len;
		text += len;
	}
	*to = '\0';
	/* "gpu=2" is the same as "gpu:2" to the releases that know it */
	for (to = strchr(copy, '='); to; to = strchr(to, '='))
		*to = ':';
	return copy;
}
