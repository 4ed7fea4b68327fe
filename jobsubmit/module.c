/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <stdio.h>
#include <string.h>

#include "error_private.h"
#include "say.h"

#define DEFAULT_LAUNCHERS SYSCONFDIR "/xpm/launchers.yaml"

struct xpm_module *xpm_module_get(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

void xpm_module_reset(struct xpm_module *module)
{
	xpm_requirement_destroy(module->requirement);
	module->requirement = NULL;
	module->tags_len = 0;
	xpm_arena_reset(&module->arena);
}

/* Where path is or can be kept: the first place is for the file of setup(), of the others the least recently used goes. */
static size_t place_find(const struct xpm_module *module, const char *path, int strict)
{
	size_t oldest = 1;

	for (size_t i = 0; i < XPM_MODULE_CACHES; i++) {
		const struct xpm_cache *cache = module->caches[i];

		if (cache && strcmp(xpm_cache_path(cache), path) == 0 && xpm_cache_strict(cache) == strict)
			return i;
	}
	for (size_t i = 2; i < XPM_MODULE_CACHES; i++) {
		if (module->used[i] < module->used[oldest])
			oldest = i;
	}
	return oldest;
}

static void rules_say(lua_State *L, const struct xpm_cache *cache)
{
	const struct xpm_candidates *table = xpm_cache_candidates(cache);
	char text[XPM_MODULE_WORDS_MAX];

	if (xpm_cache_error(cache)->code == XPM_OK) {
		xpm_say_format(L, XPM_EAR_LOG_INFO, "xpm: %s: %zu launchers, %zu candidates",
			       xpm_cache_path(cache), xpm_candidates_launchers(table),
			       xpm_candidates_count(table));
		return;
	}
	/* one line: the log is read by line, and the excerpt is in `xpm check` */
	xpm_module_words(xpm_cache_error(cache), text);
	text[strcspn(text, "\n")] = '\0';
	xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s; %s", text,
		       table ? "the rules before it stay in force" : "jobs with a spec are refused");
}

static struct xpm_cache *cache_put(lua_State *L, struct xpm_module *module, size_t place, const char *path,
				   int strict)
{
	struct xpm_cache *cache = xpm_cache_create(path, strict);

	if (!cache)
		luaL_error(L, "not enough memory");
	xpm_cache_destroy(module->caches[place]);
	module->caches[place] = cache;
	return cache;
}

void xpm_module_use(lua_State *L, struct xpm_module *module, const char *path)
{
	const struct xpm_cache *cache = module->caches[0];
	int strict = xpm_say_heard(L);

	if (!path)
		path = DEFAULT_LAUNCHERS;
	if (!cache || strcmp(xpm_cache_path(cache), path) != 0 || xpm_cache_strict(cache) != strict)
		cache_put(L, module, 0, path, strict);
}

struct xpm_cache *xpm_module_rules(lua_State *L, struct xpm_module *module, const char *path)
{
	struct xpm_cache *cache;
	size_t place = 0;
	int strict;

	if (path) {
		strict = xpm_say_heard(L);
		place = place_find(module, path, strict);
		cache = module->caches[place];
		if (!cache || strcmp(xpm_cache_path(cache), path) != 0)
			cache_put(L, module, place, path, strict);
	} else if (!module->caches[0]) {
		xpm_module_use(L, module, NULL);
	}
	cache = module->caches[place];
	module->used[place] = ++module->clock;
	if (xpm_cache_refresh(cache) != XPM_CACHE_SAME)
		rules_say(L, cache);
	return cache;
}

const char *xpm_module_words(const struct xpm_error *err, char buf[XPM_MODULE_WORDS_MAX])
{
	if (err->line)
		xpm_error_print(err, buf, XPM_MODULE_WORDS_MAX);
	else
		snprintf(buf, XPM_MODULE_WORDS_MAX, "%s", err->text);
	return buf;
}

const char *xpm_module_why_none(struct xpm_module *module, const struct xpm_cache *cache,
				char buf[XPM_MODULE_WORDS_MAX])
{
	if (module->misuse[0])
		return module->misuse;
	if (xpm_cache_match(cache))
		return NULL;
	xpm_module_words(xpm_cache_error(cache), buf);
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

const struct xpm_requirement *xpm_module_spec(struct xpm_module *module, const char *text, size_t len,
					      struct xpm_error *err)
{
	if (strlen(text) != len) {
		xpm_fail(err, XPM_ERR_SPEC, "the spec has a NUL byte");
		return NULL;
	}
	module->requirement = xpm_spec_parse(text, err);
	return module->requirement;
}

enum xpm_code xpm_module_tags(struct xpm_module *module, const char *text, size_t len, struct xpm_error *err)
{
	char *copy;

	if (strlen(text) != len || len > XPM_TAGS_TEXT_MAX)
		return xpm_fail(err, XPM_ERR_LIMIT, "the tags are longer than %d bytes or have a NUL byte",
				XPM_TAGS_TEXT_MAX);
	copy = xpm_arena_strndup(&module->arena, text, len);
	if (!copy)
		return xpm_fail_memory(err);
	while (*copy) {
		char *tag = copy + strspn(copy, ", \t"), *end;
		size_t size = strcspn(tag, ",");

		copy = tag + size + (tag[size] == ',');
		for (end = tag + size; end > tag && (end[-1] == ' ' || end[-1] == '\t');)
			end--;
		if (end == tag)
			continue;
		*end = '\0';
		if (module->tags_len == XPM_TAGS_MAX)
			return xpm_fail(err, XPM_ERR_LIMIT, "more than %d tags", XPM_TAGS_MAX);
		module->tags[module->tags_len++] = tag;
	}
	return XPM_OK;
}
