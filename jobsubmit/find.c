/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
#include "question.h"

/*
 * xpm.find(spec, {tags = {"a", "b"} or "a,b", kind = "slurm", launchers = path, options = {...}}) -> plan table, or nil and
 * a message.
 */

static void put_text(lua_State *L, const char *name, const char *text)
{
	if (!text)
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

static void put_number(lua_State *L, const char *name, int64_t number)
{
	xpm_lua_push_number(L, number);
	lua_setfield(L, -2, name);
}

static void put_wanted(lua_State *L, const char *name, uint64_t number)
{
	if (number)
		put_number(L, name, (int64_t)number);
}

static void plan_push(lua_State *L, const struct xpm_plan *plan)
{
	const struct xpm_launcher_info *launcher = plan->launcher;

	lua_createtable(L, 0, 18);
	put_text(L, "launcher", launcher->id);
	put_text(L, "kind", launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm");
	put_number(L, "weight", launcher->weight);
	put_number(L, "alternative", (int64_t)plan->alternative + 1);
	put_text(L, "partition", plan->partition);
	put_text(L, "qos", plan->qos);
	put_text(L, "account", plan->account);
	put_text(L, "gres", plan->gres);
	put_text(L, "constraint", plan->constraint);
	put_text(L, "exclude", plan->exclude);
	put_wanted(L, "gpus", plan->gpus);
	put_wanted(L, "cpus_per_task", plan->cpus_per_task);
	put_wanted(L, "mem_mib", plan->mem_mib);
	put_wanted(L, "time_s", plan->time);

	lua_createtable(L, (int)plan->partitions_len, 0);
	for (size_t i = 0; i < plan->partitions_len; i++) {
		lua_pushstring(L, plan->partitions[i]);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, "partitions");
	lua_createtable(L, 0, (int)launcher->tokens_len);
	for (size_t i = 0; i < launcher->tokens_len; i++)
		put_number(L, launcher->tokens[i].name, launcher->tokens[i].count);
	lua_setfield(L, -2, "tokens");
}

int xpm_lua_find(lua_State *L)
{
	struct xpm_module *module = xpm_module_get(L);
	struct xpm_question question;
	char text[XPM_MODULE_WORDS_MAX];
	const char *why = xpm_question_ask(L, module, &question, text);
	struct xpm_error err;

	if (!why && xpm_match_run(question.match, &question.request, &err) != XPM_OK)
		why = xpm_module_words(&err, text);
	if (why) {
		lua_pushnil(L);
		lua_pushstring(L, why);
		return 2;
	}
	plan_push(L, xpm_match_plan(question.match));
	return 1;
}
