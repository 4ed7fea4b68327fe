/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lua_launcher.h"

#include <stdlib.h>
#include <string.h>
#include <xpmatch/explain.h>

#include "launcher.h"
#include "arena.h"
#include "question.h"
#include "slurm_fields.h"

#define META       "xpm.launcher"
#define ALIGNMENT  16
#define TEXT_MAX   4096 /* bytes of tostring() */
#define WIDTH      120
#define RELAX_RUNS 100 /* of the matcher, to find the nearest spec that would do: slurmctld waits */

/* What Lua holds; behind it in the same block what it points to. */
struct value {
	const struct xpm_launcher *launcher;
	const struct xpm_launcher *typed; /* carries the options that were asked with; NULL = made by hand */
	const char *file;                 /* that was asked for; NULL = that of setup() */
	enum xpm_kinds kinds;
};

static const struct value *value_at(lua_State *L, int index)
{
	const struct value *value = lua_touserdata(L, index);
	int same;

	if (!value || !lua_getmetatable(L, index))
		return NULL;
	luaL_getmetatable(L, META);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same ? value : NULL;
}

static const struct value *value_check(lua_State *L)
{
	const struct value *value = value_at(L, 1);

	if (!value)
		luaL_error(L, "a launcher is expected, not a %s: call its functions with a colon", luaL_typename(L, 1));
	return value;
}

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* A value of a draft. like says how it was asked for: its pointers are copied. */
static int value_push(lua_State *L, const struct xpm_launcher *draft, const struct value *like)
{
	size_t head = aligned(sizeof(struct value)), body = aligned(xpm_launcher_pack(draft, NULL));
	size_t typed = like->typed ? aligned(xpm_launcher_pack(like->typed, NULL)) : 0;
	size_t file = like->file ? strlen(like->file) + 1 : 0;
	char *block = lua_newuserdata(L, head + body + typed + file);
	struct value *value = (struct value *)(void *)block;

	(void)xpm_launcher_pack(draft, block + head);
	if (typed)
		(void)xpm_launcher_pack(like->typed, block + head + body);
	if (file)
		memcpy(block + head + body + typed, like->file, file);
	*value = (struct value){
		.launcher = (const struct xpm_launcher *)(const void *)(block + head),
		.typed = typed ? (const struct xpm_launcher *)(const void *)(block + head + body) : NULL,
		.file = file ? block + head + body + typed : NULL,
		.kinds = like->kinds,
	};
	luaL_getmetatable(L, META);
	lua_setmetatable(L, -2);
	return 1;
}

static int nothing(lua_State *L, const char *why)
{
	lua_pushnil(L);
	lua_pushstring(L, why);
	return 2;
}

int xpm_lua_find_launcher(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct xpm_question question;
	char text[XPM_MODULE_WORDS_MAX];
	const char *why = xpm_question_ask(L, module, &question, text);
	struct xpm_launcher draft, typed = { .kind = XPM_KIND_SLURM };
	struct xpm_error err;

	if (!why && xpm_match_run(question.match, &question.request, &err) != XPM_OK)
		why = xpm_module_words(&err, text);
	if (why)
		return nothing(L, why);
	xpm_launcher_of_plan(&draft, xpm_match_plan(question.match), &question.request,
			     xpm_requirement_source(question.request.requirement));
	typed.options = question.typed;
	return value_push(L, &draft, &(struct value){ .typed = &typed, .file = question.launchers,
						      .kinds = question.request.kinds });
}

int xpm_lua_slurm_launcher(lua_State *L)
{
	struct xpm_launcher draft = { .kind = XPM_KIND_SLURM };

	if (!lua_isnil(L, 1))
		xpm_lua_options(L, 1, &draft.options);
	return value_push(L, &draft, &(struct value){ .kinds = XPM_KIND_SLURM });
}

int xpm_lua_launcher_config(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	const struct value *value = value_check(L);
	struct xpm_slurm_options over = { 0 };
	struct xpm_launcher draft;
	struct xpm_error err;
	char *text, *kept;

	xpm_module_reset(module);
	xpm_lua_options(L, 2, &over);
	if (xpm_launcher_derive(&draft, value->launcher, &over, &text, &err) != XPM_OK)
		return nothing(L, err.text);
	if (text) { /* what is raised from here on must not lose it */
		kept = draft.options.gres ? xpm_arena_strdup(&module->arena, text) : NULL;
		free(text);
		if (draft.options.gres && !kept)
			return nothing(L, "out of memory");
		draft.options.gres = kept;
	}
	return value_push(L, &draft, value);
}

/* Lines that the library makes, kept until they can be handed out: no Lua error may jump through its frames. */
struct line {
	struct line *next;
	size_t len;
	char *text;
};

struct lines {
	struct xpm_arena *arena;
	struct line *first, **last;
	int lost;
};

static void line_keep(void *context, const char *text, size_t len)
{
	struct lines *lines = context;
	struct line *line = xpm_arena_alloc(lines->arena, sizeof *line);

	if (line)
		line->text = xpm_arena_strndup(lines->arena, text, len);
	if (!line || !line->text) {
		lines->lost = 1;
		return;
	}
	line->len = len;
	*lines->last = line;
	lines->last = &line->next;
}

/* Ask again as it was asked, by the rules as they are now, and put the trace into words. */
static const char *explain(lua_State *L, struct xpm_module *module, const struct value *value, struct lines *lines,
			   char text[XPM_MODULE_WORDS_MAX])
{
	static const struct xpm_explain_style style = { .width = WIDTH };
	struct xpm_question question = { .launchers = value->file, .typed = value->typed->options };
	struct xpm_error err = { 0 };
	struct xpm_explain found = { .request = &question.request, .why = &err };
	struct xpm_relaxed relaxed = { .len = 0 };
	const char *spec = value->launcher->spec;
	const char *why = xpm_question_rules(L, module, &question, text);
	enum xpm_code code;

	if (why)
		return why;
	question.request = (struct xpm_request){
		.requirement = xpm_module_spec(module, spec, strlen(spec), &err),
		.kinds = value->kinds,
		.tags = value->launcher->asked,
		.tags_len = value->launcher->asked_len,
		.typed = &question.typed,
	};
	if (!question.request.requirement)
		return xpm_module_words(&err, text);
	code = xpm_match_run(question.match, &question.request, &err);
	if (code != XPM_OK && code != XPM_ERR_NO_MATCH)
		return xpm_module_words(&err, text);
	found.match = question.match;
	found.candidates = question.candidates;
	if (code == XPM_ERR_NO_MATCH)
		(void)xpm_relax(&found, RELAX_RUNS, XPM_RELAXED_MAX, &relaxed, NULL);
	if (xpm_explain_print(&found, &style, &relaxed, line_keep, lines) != XPM_OK || lines->lost)
		return "out of memory";
	return NULL;
}

int xpm_lua_launcher_explain(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	const struct value *value = value_check(L);
	struct lines lines = { .arena = &module->arena };
	char text[XPM_MODULE_WORDS_MAX];
	const char *why;
	luaL_Buffer buffer;

	if (!value->launcher->spec)
		return nothing(L, "the launcher was made by hand: there is no decision to explain");
	xpm_module_reset(module);
	lines.last = &lines.first;
	why = explain(L, module, value, &lines, text);
	if (why)
		return nothing(L, why);
	luaL_buffinit(L, &buffer);
	for (const struct line *line = lines.first; line; line = line->next) {
		luaL_addlstring(&buffer, line->text, line->len);
		luaL_addlstring(&buffer, "\n", 1);
	}
	luaL_pushresult(&buffer);
	return 1;
}

static void option_push(lua_State *L, const struct xpm_slurm_options *options, size_t field)
{
	if (xpm_slurm_fields[field].form == XPM_FORM_TEXT)
		lua_pushstring(L, xpm_slurm_field_text(options, field));
	else
		xpm_lua_push_number(L, (int64_t)xpm_slurm_field_number(options, field));
}

/* The words for sbatch, as a list. */
int xpm_lua_launcher_argv(lua_State *L)
{
	const struct xpm_slurm_options *options = &value_check(L)->launcher->options;
	struct xpm_arena *arena = &xpm_module_get(L)->arena;
	int n = 0;

	xpm_module_reset(xpm_module_get(L));
	lua_newtable(L);
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		int len = xpm_slurm_field_is_set(options, i) ? xpm_slurm_field_print(options, i, NULL, 0) : 0;
		char *word = len > 0 ? xpm_arena_alloc(arena, (size_t)len + 1) : NULL;

		if (len > 0 && !word)
			return nothing(L, "out of memory");
		if (!word)
			continue;
		xpm_slurm_field_print(options, i, word, (size_t)len + 1);
		lua_pushstring(L, word);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

static void list_push(lua_State *L, const char *const *list, size_t len)
{
	lua_createtable(L, (int)len, 0);
	for (size_t i = 0; i < len; i++) {
		lua_pushstring(L, list[i]);
		lua_rawseti(L, -2, (int)i + 1);
	}
}

static void tokens_push(lua_State *L, const struct xpm_launcher *launcher)
{
	lua_createtable(L, 0, (int)launcher->tokens_len);
	for (size_t i = 0; i < launcher->tokens_len; i++) {
		xpm_lua_push_number(L, launcher->tokens[i].count);
		lua_setfield(L, -2, launcher->tokens[i].name);
	}
}

static void options_push(lua_State *L, const struct xpm_slurm_options *options)
{
	lua_newtable(L);
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (!xpm_slurm_field_is_set(options, i))
			continue;
		option_push(L, options, i);
		lua_setfield(L, -2, xpm_slurm_fields[i].name);
	}
}

/* What is no option. Returns 0 when there is no such field. */
static int fact_push(lua_State *L, const struct xpm_launcher *launcher, const char *key)
{
	if (strcmp(key, "kind") == 0)
		lua_pushstring(L, launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm");
	else if (strcmp(key, "id") == 0)
		lua_pushstring(L, launcher->id);
	else if (strcmp(key, "weight") == 0)
		xpm_lua_push_number(L, launcher->weight);
	else if (strcmp(key, "path") == 0)
		lua_pushstring(L, launcher->path);
	else if (strcmp(key, "spec") == 0)
		lua_pushstring(L, launcher->spec);
	else if (strcmp(key, "alternative") == 0 && launcher->alternative)
		xpm_lua_push_number(L, (int64_t)launcher->alternative);
	else if (strcmp(key, "tags") == 0)
		list_push(L, launcher->tags, launcher->tags_len);
	else if (strcmp(key, "tokens") == 0)
		tokens_push(L, launcher);
	else if (strcmp(key, "options") == 0)
		options_push(L, &launcher->options);
	else
		return 0;
	return 1;
}

/* launcher.name; upvalue: the methods. */
static int get(lua_State *L)
{
	const struct value *value = value_at(L, 1);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	size_t field = xpm_slurm_field_find(key);

	if (!value) {
		lua_pushnil(L);
	} else if (field < XPM_SLURM_FIELDS) {
		if (xpm_slurm_field_is_set(&value->launcher->options, field))
			option_push(L, &value->launcher->options, field);
		else
			lua_pushnil(L);
	} else if (!fact_push(L, value->launcher, key)) {
		lua_pushvalue(L, 2);
		lua_rawget(L, lua_upvalueindex(1));
	}
	return 1;
}

static int to_string(lua_State *L)
{
	const struct value *value = value_at(L, 1);
	char text[TEXT_MAX] = "?";

	if (value)
		(void)xpm_launcher_print(value->launcher, text, sizeof text);
	lua_pushstring(L, text);
	return 1;
}

void xpm_launcher_register(lua_State *L)
{
	int methods = lua_gettop(L);

	luaL_newmetatable(L, META);
	lua_pushvalue(L, methods);
	lua_pushcclosure(L, get, 1);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, to_string);
	lua_setfield(L, -2, "__tostring");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_settop(L, methods - 1);
}
