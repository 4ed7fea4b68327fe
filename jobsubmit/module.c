/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "error_private.h"
#include "say.h"

#define DEFAULT_LAUNCHERS SYSCONFDIR "/xpm/launchers.yaml"
#define SNAPSHOT_NAME     "snapshot.yaml"

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

/* One line: the log is read by line, and the excerpt is in `xpm check`. */
static const char *first_line(const struct xpm_error *err, char text[XPM_MODULE_WORDS_MAX])
{
	xpm_module_words(err, text);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void rules_say(lua_State *L, const struct xpm_cache *cache)
{
	const struct xpm_candidates *table = xpm_cache_candidates(cache);
	char text[XPM_MODULE_WORDS_MAX];

	if (xpm_cache_error(cache)->code == XPM_OK)
		xpm_say_format(L, XPM_EAR_LOG_INFO, "xpm: %s: %zu launchers, %zu candidates",
			       xpm_cache_path(cache), xpm_candidates_launchers(table),
			       xpm_candidates_count(table));
	else
		xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s; %s", first_line(xpm_cache_error(cache), text),
			       table ? "the rules before it stay in force" : "jobs with a spec are refused");
}

/* That there is none is said below, if it matters. */
static void snapshot_say(lua_State *L, const struct xpm_cache *cache)
{
	const struct xpm_error *err = xpm_cache_snapshot_error(cache);
	char text[XPM_MODULE_WORDS_MAX];

	if (err->code == XPM_OK)
		xpm_say_format(L, XPM_EAR_LOG_DEBUG, "xpm: %s: read", xpm_cache_snapshot_path(cache));
	else if (xpm_cache_cluster(cache))
		xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s; the snapshot before it stays in force", first_line(err, text));
	else if (err->code != XPM_ERR_FILE)
		xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s", first_line(err, text));
}

/* Said once for as long as it is so. */
static void lack_say(lua_State *L, struct xpm_module *module, const struct xpm_cache *cache)
{
	char why[XPM_MODULE_WORDS_MAX];
	enum xpm_cache_lack lack = xpm_cache_lack(cache, time(NULL), why, sizeof why);

	if (lack != XPM_CACHE_WHOLE && lack != module->told)
		xpm_say_format(L, XPM_EAR_LOG_ERROR, "xpm: %s", why);
	module->told = lack;
}

/* snapshot.yaml beside it, where `xpm snapshot` writes it; on the stack. */
static const char *snapshot_beside(lua_State *L, const char *path)
{
	const char *slash = strrchr(path, '/');

	lua_pushlstring(L, path, slash ? (size_t)(slash - path + 1) : 0);
	lua_pushstring(L, SNAPSHOT_NAME);
	lua_concat(L, 2);
	return lua_tostring(L, -1);
}

static struct xpm_cache *cache_put(lua_State *L, struct xpm_module *module, size_t place, const char *path,
				   const char *snapshot, int strict)
{
	const char *other = snapshot ? (*snapshot ? snapshot : NULL) : snapshot_beside(L, path);
	struct xpm_cache *cache = xpm_cache_create(path, other, snapshot && *snapshot, strict);

	if (!cache)
		luaL_error(L, "not enough memory");
	if (!snapshot)
		lua_pop(L, 1);
	xpm_cache_destroy(module->caches[place]);
	module->caches[place] = cache;
	return cache;
}

/* Are the snapshots of these two the same? NULL and "" as for xpm_module_use(). */
static int same_snapshot(lua_State *L, const struct xpm_cache *cache, const char *path, const char *snapshot)
{
	const char *is = xpm_cache_snapshot_path(cache), *wanted = snapshot ? snapshot : snapshot_beside(L, path);
	int same = strcmp(is ? is : "", wanted) == 0;

	if (!snapshot)
		lua_pop(L, 1);
	return same;
}

void xpm_module_use(lua_State *L, struct xpm_module *module, const char *path, const char *snapshot)
{
	const struct xpm_cache *cache = module->caches[0];
	int strict = xpm_say_heard(L);

	if (!path)
		path = DEFAULT_LAUNCHERS;
	if (!cache || strcmp(xpm_cache_path(cache), path) != 0 || xpm_cache_strict(cache) != strict ||
	    !same_snapshot(L, cache, path, snapshot)) {
		cache_put(L, module, 0, path, snapshot, strict);
		module->told = XPM_CACHE_WHOLE;
	}
}

struct xpm_cache *xpm_module_rules(lua_State *L, struct xpm_module *module, const char *path)
{
	struct xpm_cache *cache;
	size_t place = 0;
	unsigned news;
	int strict;

	if (path) {
		strict = xpm_say_heard(L);
		place = place_find(module, path, strict);
		cache = module->caches[place];
		if (!cache || strcmp(xpm_cache_path(cache), path) != 0)
			cache_put(L, module, place, path, NULL, strict);
	} else if (!module->caches[0]) {
		xpm_module_use(L, module, NULL, NULL);
	}
	cache = module->caches[place];
	module->used[place] = ++module->clock;
	news = xpm_cache_refresh(cache);
	if (news & XPM_CACHE_SNAPSHOT)
		snapshot_say(L, cache);
	if (news & XPM_CACHE_RULES)
		rules_say(L, cache);
	if (place == 0)
		lack_say(L, module, cache);
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
