/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "question.h"

#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "requirement.h"
#include "slurm_fields.h"
#include "suggest.h"

void xpm_lua_push_number(lua_State *L, int64_t number)
{
#if LUA_VERSION_NUM >= 503
	lua_pushinteger(L, number);
#else
	lua_pushnumber(L, (lua_Number)number);
#endif
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

void xpm_lua_tags(lua_State *L, struct xpm_module *module, int index)
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

static const char *option_text(lua_State *L, const char *name)
{
	const char *text;
	size_t len;

	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "'%s' may not be a %s", name, luaL_typename(L, -1));
	text = lua_tolstring(L, -1, &len);
	if (len == 0)
		luaL_error(L, "'%s' is empty", name);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			luaL_error(L, "'%s' has an unprintable character", name);
	}
	return text;
}

/* A number is a count, seconds or bytes; text has a unit. */
static uint64_t option_number(lua_State *L, const char *name, enum xpm_field_form form)
{
	uint64_t most = form == XPM_FORM_NUMBER ? UINT32_MAX : form == XPM_FORM_MIB ? XPM_SIZE_MAX : XPM_DURATION_MAX;
	enum xpm_code code = XPM_OK;
	uint64_t number = 0;
	struct xpm_error err;
	lua_Number value;

	if (form != XPM_FORM_NUMBER && lua_type(L, -1) == LUA_TSTRING) {
		size_t len;
		const char *text = lua_tolstring(L, -1, &len);

		code = form == XPM_FORM_MIB ? xpm_size_parse(text, len, &number, &err)
					    : xpm_duration_parse(text, len, 1, &number, &err);
		if (code != XPM_OK)
			luaL_error(L, "%s: %s", name, err.text);
	} else if (lua_type(L, -1) == LUA_TNUMBER) {
		value = lua_tonumber(L, -1);
		if (value >= 1 && value <= (lua_Number)most && value == (lua_Number)(uint64_t)value)
			number = (uint64_t)value;
	}
	if (number == 0)
		luaL_error(L, "'%s' is a whole number from 1%s", name,
			   form == XPM_FORM_MIB ? " (bytes), or a text as \"14G\"" :
			   form == XPM_FORM_MINUTES ? " (seconds), or a text as \"2h\"" : "");
	return number;
}

static void unknown_option(lua_State *L, const char *key)
{
	const char *names[XPM_SLURM_FIELDS], *meant;

	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++)
		names[i] = xpm_slurm_fields[i].name;
	meant = xpm_suggest(key, strlen(key), names, XPM_SLURM_FIELDS);
	if (meant)
		luaL_error(L, "unknown option '%s' (did you mean '%s'?)", key, meant);
	luaL_error(L, "unknown option '%s'", key);
}

void xpm_lua_options(lua_State *L, int index, struct xpm_slurm_options *options)
{
	if (!lua_istable(L, index))
		luaL_error(L, "the options are a table, not a %s", luaL_typename(L, index));
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		size_t field = xpm_slurm_field_find(key);

		if (field == XPM_SLURM_FIELDS)
			unknown_option(L, key);
		else if (xpm_slurm_fields[field].form == XPM_FORM_TEXT)
			xpm_slurm_field_set_text(options, field, option_text(L, key));
		else
			xpm_slurm_field_set_number(options, field,
						   option_number(L, key, xpm_slurm_fields[field].form));
	}
}

/* The table at index 2. Strings stay in it, tags in the module. */
static void options_read(lua_State *L, struct xpm_module *module, struct xpm_question *question)
{
	if (lua_isnil(L, 2))
		return;
	if (!lua_istable(L, 2))
		luaL_error(L, "the options are a table, not a %s", luaL_typename(L, 2));
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		int value = lua_gettop(L);

		if (strcmp(key, "tags") == 0)
			xpm_lua_tags(L, module, value);
		else if (strcmp(key, "kind") == 0)
			question->request.kinds = kind_read(L, value);
		else if (strcmp(key, "options") == 0)
			xpm_lua_options(L, value, &question->typed);
		else if (strcmp(key, "launchers") == 0 && lua_type(L, value) == LUA_TSTRING)
			question->launchers = lua_tostring(L, value);
		else if (strcmp(key, "launchers") == 0)
			luaL_error(L, "'launchers' may not be a %s", luaL_typename(L, value));
		else
			luaL_error(L, "unknown option '%s'", key);
	}
}

const char *xpm_question_rules(lua_State *L, struct xpm_module *module, struct xpm_question *question,
			       char buf[XPM_MODULE_WORDS_MAX])
{
	const struct xpm_cache *cache = xpm_module_rules(L, module, question->launchers);

	question->match = xpm_cache_match(cache);
	question->candidates = xpm_cache_candidates(cache);
	return xpm_module_why_none(module, cache, buf);
}

const char *xpm_question_ask(lua_State *L, struct xpm_module *module, struct xpm_question *question,
			     char buf[XPM_MODULE_WORDS_MAX])
{
	struct xpm_error err;
	const char *spec;
	size_t len = 0;

	xpm_module_reset(module);
	luaL_checkstack(L, 10, "xpm");
	*question = (struct xpm_question){ .request.kinds = XPM_KIND_BOTH };
	spec = xpm_lua_spec(L, 1, &len, &err);
	options_read(L, module, question);
	if (spec)
		question->request.requirement = xpm_module_spec(module, spec, len, &err);
	if (!question->request.requirement)
		return xpm_module_words(&err, buf);
	question->request.tags = module->tags;
	question->request.tags_len = module->tags_len;
	question->request.typed = &question->typed;
	return xpm_question_rules(L, module, question, buf);
}
