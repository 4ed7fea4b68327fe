/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const functions[] = {
	[XPM_EAR_USER] = "log_user",
	[XPM_EAR_LOG_ERROR] = "log_error",
	[XPM_EAR_LOG_INFO] = "log_info",
	[XPM_EAR_LOG_DEBUG] = "log_debug",
};

struct line {
	const char *function;
	char text[2 * XPM_SAY_LINE + 1];
};

/* One line as slurm.log_*() wants it: these run string.format(), so every % is doubled. Returns the next line. */
static const char *line_next(struct line *line, const char *text)
{
	size_t len = strcspn(text, "\n");
	char *to = line->text;

	for (size_t i = 0; i < len && i < XPM_SAY_LINE; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '%')
			*to++ = '%';
		*to++ = c < ' ' || c == 127 ? '?' : (char)c;
	}
	*to = '\0';
	text += len;
	return *text ? text + 1 : NULL;
}

static int line_say(lua_State *L)
{
	const struct line *line = lua_touserdata(L, 1);

	lua_getglobal(L, "slurm");
	if (!lua_istable(L, -1))
		return 0;
	lua_getfield(L, -1, line->function);
	lua_pushstring(L, line->text);
	lua_call(L, 1, 0);
	return 0;
}

static int slurm_find(lua_State *L)
{
	lua_getglobal(L, "slurm");
	lua_pushboolean(L, lua_istable(L, -1));
	return 1;
}

int xpm_say_heard(lua_State *L)
{
	int top = lua_gettop(L), heard;

	lua_pushcfunction(L, slurm_find);
	heard = lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
	lua_settop(L, top);
	return heard;
}

void xpm_say(lua_State *L, enum xpm_ear ear, const char *text)
{
	int top = lua_gettop(L);
	struct line line;

	line.function = functions[ear];
	while (text) {
		text = line_next(&line, text);
		lua_pushcfunction(L, line_say);
		lua_pushlightuserdata(L, &line);
		(void)lua_pcall(L, 1, 0, 0);
		lua_settop(L, top);
	}
}

void xpm_say_format(lua_State *L, enum xpm_ear ear, const char *format, ...)
{
	char text[2 * XPM_SAY_LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	xpm_say(L, ear, text);
}
