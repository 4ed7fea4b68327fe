/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "requirement.h"

#include <stddef.h>
#include <string.h>
#include <xpmatch/builders.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "module.h"

#define META "xpm.requirement"

/* Upvalues of an outer function. */
enum { OUTER_INNER = 1, OUTER_INVALID };

const struct xpm_requirement_value *xpm_requirement_at(lua_State *L, int index)
{
	const struct xpm_requirement_value *value = lua_touserdata(L, index);
	int same;

	if (!value || !lua_getmetatable(L, index))
		return NULL;
	luaL_getmetatable(L, META);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same ? value : NULL;
}

static int value_push(lua_State *L, int good, const char *text)
{
	size_t len = strlen(text) + 1;
	struct xpm_requirement_value *value = lua_newuserdata(L, offsetof(struct xpm_requirement_value, text) + len);

	value->good = good;
	memcpy(value->text, text, len);
	luaL_getmetatable(L, META);
	lua_setmetatable(L, -2);
	return 1;
}

static int invalid_push(lua_State *L, const struct xpm_error *err)
{
	char words[XPM_MODULE_WORDS_MAX];

	return value_push(L, 0, xpm_module_words(err, words));
}

/* The end of every function: takes the requirement over before anything can be raised. */
static int result_push(lua_State *L, struct xpm_requirement *requirement, const struct xpm_error *err)
{
	char text[XPM_SPEC_MAX + 1];

	if (!requirement)
		return invalid_push(L, err);
	/* a dense text near the bound may grow beyond it: then it stays as it is */
	if (xpm_requirement_print(requirement, text, sizeof text) >= sizeof text)
		strcpy(text, xpm_requirement_source(requirement));
	xpm_requirement_destroy(requirement);
	return value_push(L, 1, text);
}

const char *xpm_lua_spec(lua_State *L, int index, size_t *len, struct xpm_error *err)
{
	const struct xpm_requirement_value *value = xpm_requirement_at(L, index);

	if (!value && lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "a spec is a string or a requirement, not a %s", luaL_typename(L, index));
	if (!value)
		return lua_tolstring(L, index, len);
	if (!value->good) {
		xpm_fail(err, XPM_ERR_VALUE, "%s", value->text);
		return NULL;
	}
	*len = strlen(value->text);
	return value->text;
}

/* An operand, to destroy. Raises before anything is allocated. */
static struct xpm_requirement *operand(lua_State *L, int index, struct xpm_error *err)
{
	size_t len = 0;
	const char *text = xpm_lua_spec(L, index, &len, err);

	if (text && strlen(text) != len) {
		xpm_fail(err, XPM_ERR_SPEC, "the spec has a NUL byte");
		return NULL;
	}
	return text ? xpm_spec_parse(text, err) : NULL;
}

/* An invalid operand is the result, with its own message. */
static int invalid_among(lua_State *L, int first, int last)
{
	for (int i = first; i <= last; i++) {
		const struct xpm_requirement_value *value = xpm_requirement_at(L, i);

		if (value && !value->good) {
			lua_pushvalue(L, i);
			return 1;
		}
	}
	return 0;
}

static int whole(lua_State *L, int index, const char *what, uint32_t *number)
{
	lua_Number value = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;

	if (!(value >= 0 && value <= UINT32_MAX) || value != (lua_Number)(uint32_t)value)
		return luaL_error(L, "%s is a whole number", what);
	*number = (uint32_t)value;
	return 0;
}

/* The fields of cuda_gpu{...}, cpu{...}; strings stay in the table. */
struct fields {
	uint64_t mem;
	const char *model;
	uint32_t cores;
};

static void mem_read(lua_State *L, struct fields *fields)
{
	struct xpm_error err;
	const char *text;
	size_t len;

	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "mem is a text with a unit, as \"14G\"");
	text = lua_tolstring(L, -1, &len);
	if (xpm_size_parse(text, len, &fields->mem, &err) != XPM_OK)
		luaL_error(L, "mem: %s", err.text);
}

static void model_read(lua_State *L, struct fields *fields)
{
	size_t len = 0;

	fields->model = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
	if (!fields->model || strlen(fields->model) != len)
		luaL_error(L, "model is a name");
}

static void fields_read(lua_State *L, struct fields *fields, int accelerator)
{
	if (lua_isnoneornil(L, 1))
		return;
	if (!lua_istable(L, 1))
		luaL_error(L, "a table is expected, as {mem = \"14G\"}, not a %s", luaL_typename(L, 1));
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

		if (strcmp(key, "mem") == 0)
			mem_read(L, fields);
		else if (accelerator && strcmp(key, "model") == 0)
			model_read(L, fields);
		else if (!accelerator && strcmp(key, "cores") == 0)
			whole(L, -1, "cores", &fields->cores);
		else
			luaL_error(L, "unknown field '%s'", key);
	}
}

static int accelerator(lua_State *L)
{
	enum xpm_accel_kind kind = (enum xpm_accel_kind)lua_tointeger(L, lua_upvalueindex(1));
	struct fields fields = { 0 };
	struct xpm_error err;

	fields_read(L, &fields, 1);
	return result_push(L, xpm_req_accel(kind, fields.mem, fields.model, 1, &err), &err);
}

static int cpu(lua_State *L)
{
	struct fields fields = { 0 };
	struct xpm_error err;

	fields_read(L, &fields, 0);
	return result_push(L, xpm_req_cpu(fields.mem, fields.cores, &err), &err);
}

static int duration(lua_State *L)
{
	struct xpm_error err;
	const char *text;
	uint64_t seconds;
	size_t len;

	if (lua_type(L, 1) != LUA_TSTRING)
		return luaL_error(L, "a duration is a text with a unit, as \"4 days\"");
	text = lua_tolstring(L, 1, &len);
	if (xpm_duration_parse(text, len, 0, &seconds, &err) != XPM_OK)
		return invalid_push(L, &err);
	return result_push(L, xpm_req_duration(seconds, &err), &err);
}

static int spec(lua_State *L)
{
	struct xpm_error err;

	if (invalid_among(L, 1, 1))
		return 1;
	return result_push(L, operand(L, 1, &err), &err);
}

typedef struct xpm_requirement *combine(const struct xpm_requirement *a, const struct xpm_requirement *b,
					struct xpm_error *err);

/* All arguments from the left: a & b & c. Text is kept between the steps, so that a raise loses nothing. */
static int fold(lua_State *L, combine *both)
{
	int count = lua_gettop(L);
	struct xpm_error err;

	if (count == 0)
		return luaL_error(L, "at least one requirement is needed");
	if (invalid_among(L, 1, count))
		return 1;
	luaL_checkstack(L, 5, "xpm");
	for (int i = 1; i <= count; i++) { /* whatever is no requirement is said before something is allocated */
		size_t len;

		(void)xpm_lua_spec(L, i, &len, &err);
	}
	lua_pushvalue(L, 1);
	for (int i = count == 1 ? 1 : 2; i <= count; i++) {
		struct xpm_requirement *a = operand(L, count + 1, &err), *made = NULL;
		struct xpm_requirement *b = a && count > 1 ? operand(L, i, &err) : NULL;

		if (b)
			made = both(a, b, &err);
		xpm_requirement_destroy(b);
		if (a && count == 1)
			made = a;
		else
			xpm_requirement_destroy(a);
		lua_settop(L, made ? count + 1 : count);
		result_push(L, made, &err);
		if (!made)
			return 1;
		lua_replace(L, count + 1);
	}
	return 1;
}

static int all(lua_State *L)
{
	return fold(L, xpm_req_and);
}

static int any(lua_State *L)
{
	return fold(L, xpm_req_or);
}

/* requirement * 2, and 2 * requirement */
static int multiply(lua_State *L)
{
	struct xpm_requirement *one, *made;
	struct xpm_error err;
	uint32_t n;

	if (invalid_among(L, 1, 2))
		return 1;
	if (!xpm_requirement_at(L, 1))
		lua_insert(L, 1);
	whole(L, 2, "the number of accelerators", &n);
	one = operand(L, 1, &err);
	made = one ? xpm_req_times(one, n, &err) : NULL;
	xpm_requirement_destroy(one);
	return result_push(L, made, &err);
}

/* requirement:multiply_duration(numerator [, denominator]) */
static int multiply_duration(lua_State *L)
{
	uint32_t numerator, denominator = 1;
	struct xpm_requirement *one, *made;
	struct xpm_error err;

	if (invalid_among(L, 1, 1))
		return 1;
	whole(L, 2, "the numerator", &numerator);
	if (!lua_isnoneornil(L, 3))
		whole(L, 3, "the denominator", &denominator);
	one = operand(L, 1, &err);
	made = one ? xpm_req_multiply_duration(one, numerator, denominator, &err) : NULL;
	xpm_requirement_destroy(one);
	return result_push(L, made, &err);
}

/* Argument: the message. */
static int invalid(lua_State *L)
{
	return value_push(L, 0, lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "unknown error");
}

/* Around each of them: what is raised becomes an invalid requirement. */
static int outer(lua_State *L)
{
	int args = lua_gettop(L);

	lua_pushvalue(L, lua_upvalueindex(OUTER_INNER));
	lua_insert(L, 1);
	if (lua_pcall(L, args, 1, 0) != LUA_OK) {
		lua_pushvalue(L, lua_upvalueindex(OUTER_INVALID));
		lua_insert(L, -2);
		if (lua_pcall(L, 1, 1, 0) != LUA_OK)
			lua_pushnil(L);
	}
	return 1;
}

static int equal(lua_State *L)
{
	const struct xpm_requirement_value *a = xpm_requirement_at(L, 1), *b = xpm_requirement_at(L, 2);
	struct xpm_requirement *left = NULL, *right = NULL;
	int same = 0;

	if (a && b && a->good && b->good) {
		left = xpm_spec_parse(a->text, NULL);
		right = xpm_spec_parse(b->text, NULL);
		same = left && right && xpm_requirement_equal(left, right);
		xpm_requirement_destroy(left);
		xpm_requirement_destroy(right);
	}
	lua_pushboolean(L, same);
	return 1;
}

static int to_string(lua_State *L)
{
	const struct xpm_requirement_value *value = xpm_requirement_at(L, 1);

	if (value && value->good)
		lua_pushstring(L, value->text);
	else
		lua_pushfstring(L, "invalid requirement: %s", value ? value->text : "?");
	return 1;
}

/* Upvalue: the method multiply_duration. */
static int get(lua_State *L)
{
	const struct xpm_requirement_value *value = xpm_requirement_at(L, 1);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

	if (value && strcmp(key, value->good ? "spec" : "error") == 0)
		lua_pushstring(L, value->text);
	else if (strcmp(key, "multiply_duration") == 0)
		lua_pushvalue(L, lua_upvalueindex(1));
	else
		lua_pushnil(L);
	return 1;
}

/* The function on top of the stack, protected, as a field of the table below it. */
static void protect(lua_State *L, const char *name)
{
	lua_pushcfunction(L, invalid);
	lua_pushcclosure(L, outer, 2);
	lua_setfield(L, -2, name);
}

static void set(lua_State *L, const char *name, lua_CFunction function)
{
	lua_pushcfunction(L, function);
	protect(L, name);
}

void xpm_requirement_register(lua_State *L)
{
	static const struct {
		const char *name;
		enum xpm_accel_kind kind;
	} kinds[] = {
		{ "cuda_gpu", XPM_ACCEL_CUDA }, { "cuda", XPM_ACCEL_CUDA }, { "rocm", XPM_ACCEL_ROCM },
		{ "mps", XPM_ACCEL_MPS },       { "gpu", XPM_ACCEL_ANY },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		lua_pushinteger(L, (lua_Integer)kinds[i].kind);
		lua_pushcclosure(L, accelerator, 1);
		protect(L, kinds[i].name);
	}
	set(L, "cpu", cpu);
	set(L, "duration", duration);
	set(L, "spec", spec);
	set(L, "all", all);
	set(L, "any", any);

	luaL_newmetatable(L, META);
	set(L, "__mul", multiply);
	set(L, "__band", all);
	set(L, "__bor", any);
	lua_pushcfunction(L, equal);
	lua_setfield(L, -2, "__eq");
	lua_pushcfunction(L, to_string);
	lua_setfield(L, -2, "__tostring");
	set(L, "__index", multiply_duration);
	lua_getfield(L, -1, "__index");
	lua_pushcclosure(L, get, 1);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
