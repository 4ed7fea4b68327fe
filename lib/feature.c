/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "feature.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"

/* Bounds of one attempt to match; a pattern of this kind of file needs a handful of steps. */
#define MATCH_LIMIT 20000
#define DEPTH_LIMIT 500
#define HEAP_LIMIT  1024 /* KiB */

struct pattern {
	pcre2_code *code;
	const char *text;
};

struct feature {
	const char *name;
	const struct xpm_conf *entry;  /* of `features:`; NULL = none */
	struct xpm_conf *captures;     /* one per pattern that matched, in order */
	size_t captures_len;
};

struct xpm_features {
	const struct xpm_launcher *launcher;
	struct xpm_arena *arena;
	struct feature items[XPM_FEATURES_MAX];
	const char *names[XPM_FEATURES_MAX];
	size_t len;
	unsigned char *matched;        /* by pattern: some feature has it */
};

static pcre2_code *compile(const char *text, struct xpm_error *err)
{
	int code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR message[128];
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_ANCHORED, &code, &offset, NULL);

	if (!compiled) {
		pcre2_get_error_message(code, message, sizeof(message));
		xpm_fail(err, XPM_ERR_REGEX, "features_regex '%s' does not compile: %s at offset %zu", text,
			 (const char *)message, (size_t)offset);
	}
	return compiled;
}

/* A decimal number of at most max, or 0 with *ok = 0. */
static uint32_t read_number(const char *text, size_t len, uint32_t max, int *ok)
{
	uint64_t value = 0;

	*ok = len > 0 && len < 10;
	for (size_t i = 0; i < len && *ok; i++) {
		*ok = text[i] >= '0' && text[i] <= '9';
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*ok = *ok && value <= max;
	return *ok ? (uint32_t)value : 0;
}

/* What a named group sets. A text that is not of the group's kind sets nothing. */
static enum xpm_code capture(struct xpm_arena *arena, struct xpm_conf *conf, const char *group, const char *text, size_t len)
{
	struct xpm_gpu_conf *gpu = &conf->gpus[0];
	uint64_t size;
	int ok;

	if (strcmp(group, "cuda_count") == 0 || strcmp(group, "gpu_count") == 0) {
		uint32_t count = read_number(text, len, XPM_COUNT_MAX, &ok);

		if (ok) {
			gpu->count = count;
			gpu->has |= XPM_GPU_COUNT;
		}
	} else if (strcmp(group, "cuda_memory") == 0 || strcmp(group, "gpu_memory") == 0) {
		if (xpm_size_parse(text, len, &size, NULL) == XPM_OK) {
			gpu->memory = size;
			gpu->has |= XPM_GPU_MEMORY;
		}
	} else if (strcmp(group, "gpu_model") == 0 && len > 0) {
		gpu->model = xpm_arena_strndup(arena, text, len);
		if (!gpu->model)
			return XPM_ERR_MEMORY;
		gpu->has |= XPM_GPU_MODEL;
	} else if (strcmp(group, "cpu_cores") == 0) {
		uint32_t cores = read_number(text, len, XPM_CORES_MAX, &ok);

		if (ok) {
			conf->cores = cores;
			conf->has |= XPM_CONF_CORES;
		}
	} else if (strcmp(group, "cpu_memory") == 0 && xpm_size_parse(text, len, &size, NULL) == XPM_OK) {
		conf->memory = size;
		conf->has |= XPM_CONF_MEMORY;
	}
	if (gpu->has)
		conf->has |= XPM_CONF_GPU;
	return XPM_OK;
}

/* Every named group of one match, in the order of the pattern's name table. */
static enum xpm_code capture_all(struct xpm_arena *arena, const pcre2_code *code, pcre2_match_data *data,
				 const char *subject, struct xpm_conf *conf)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR names = NULL;
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
	uint32_t groups = pcre2_get_ovector_count(data);

	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
	if (count == 0)
		return XPM_OK;
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &names);
	for (uint32_t i = 0; i < count; i++, names += size) {
		uint32_t n = (uint32_t)names[0] << 8 | names[1];

		if (n >= groups || at[2 * n] == PCRE2_UNSET || at[2 * n + 1] < at[2 * n])
			continue;
		if (capture(arena, conf, (const char *)names + 2, subject + at[2 * n], at[2 * n + 1] - at[2 * n]))
			return XPM_ERR_MEMORY;
	}
	return XPM_OK;
}

static enum xpm_code match_one(struct xpm_features *features, struct feature *feature, const struct pattern *pattern,
			       pcre2_match_context *limits, struct xpm_error *err)
{
	struct xpm_conf *conf = &feature->captures[feature->captures_len];
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	enum xpm_code code = XPM_OK;
	int found;

	if (!data)
		return xpm_fail_memory(err);
	found = pcre2_match(pattern->code, (PCRE2_SPTR)feature->name, strlen(feature->name), 0, 0, data, limits);
	if (found > 0) {
		conf->gpus = xpm_arena_array(features->arena, 1, sizeof(*conf->gpus));
		conf->gpus_len = 1;
		if (!conf->gpus || capture_all(features->arena, pattern->code, data, feature->name, conf))
			code = xpm_fail_memory(err);
		else
			feature->captures_len++;
	} else if (found != PCRE2_ERROR_NOMATCH) {
		code = xpm_fail(err, XPM_ERR_REGEX, "features_regex '%s' takes too long on feature '%s' (PCRE2 error %d)",
				pattern->text, feature->name, found);
	}
	pcre2_match_data_free(data);
	return code;
}

static enum xpm_code collect_names(struct xpm_features *features, struct xpm_error *err)
{
	const struct xpm_launcher *launcher = features->launcher;

	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_partition *partition = &launcher->partitions[p];

		for (size_t g = 0; !partition->disabled && g < partition->nodes_len; g++) {
			const struct xpm_strings *names = &partition->nodes[g].features;

			for (size_t i = 0; i < names->len; i++) {
				if (xpm_features_id(features, names->items[i]) < features->len)
					continue;
				if (features->len == XPM_FEATURES_MAX)
					return xpm_fail(err, XPM_ERR_LIMIT,
							"more than %d different features", XPM_FEATURES_MAX);
				features->names[features->len] = xpm_arena_strdup(features->arena, names->items[i]);
				if (!features->names[features->len])
					return xpm_fail_memory(err);
				features->items[features->len].name = features->names[features->len];
				features->len++;
			}
		}
	}
	return XPM_OK;
}

static enum xpm_code match_all(struct xpm_features *features, const struct pattern *patterns, size_t patterns_len,
			       struct xpm_error *err)
{
	const struct xpm_launcher *launcher = features->launcher;
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	enum xpm_code code = limits ? XPM_OK : xpm_fail_memory(err);

	if (limits) {
		pcre2_set_match_limit(limits, MATCH_LIMIT);
		pcre2_set_depth_limit(limits, DEPTH_LIMIT);
		pcre2_set_heap_limit(limits, HEAP_LIMIT);
	}
	for (size_t i = 0; i < features->len && code == XPM_OK; i++) {
		struct feature *feature = &features->items[i];

		for (size_t f = 0; f < launcher->features_len; f++) {
			if (strcmp(launcher->features[f].name, feature->name) == 0)
				feature->entry = &launcher->features[f].conf;
		}
		feature->captures = xpm_arena_array(features->arena, patterns_len + 1, sizeof(*feature->captures));
		if (!feature->captures)
			code = xpm_fail_memory(err);
		for (size_t p = 0; p < patterns_len && code == XPM_OK; p++) {
			size_t before = feature->captures_len;

			code = match_one(features, feature, &patterns[p], limits, err);
			features->matched[p] |= feature->captures_len > before;
		}
	}
	pcre2_match_context_free(limits);
	return code;
}

struct xpm_features *xpm_features_create(const struct xpm_launcher *launcher, struct xpm_arena *arena, struct xpm_error *err)
{
	struct xpm_features *features = xpm_arena_alloc(arena, sizeof(*features));
	size_t len = launcher->features_regex.len;
	struct pattern *patterns = xpm_arena_array(arena, len + 1, sizeof(*patterns));
	enum xpm_code code = XPM_OK;

	if (features)
		features->matched = xpm_arena_alloc(arena, len + 1);
	if (!features || !features->matched || !patterns) {
		xpm_fail_memory(err);
		return NULL;
	}
	features->launcher = launcher;
	features->arena = arena;
	for (size_t i = 0; i < len && code == XPM_OK; i++) {
		patterns[i].text = launcher->features_regex.items[i];
		patterns[i].code = compile(patterns[i].text, err);
		code = patterns[i].code ? XPM_OK : XPM_ERR_REGEX;
	}
	if (code == XPM_OK)
		code = collect_names(features, err);
	if (code == XPM_OK)
		code = match_all(features, patterns, len, err);
	for (size_t i = 0; i < len; i++)
		pcre2_code_free(patterns[i].code);
	return code == XPM_OK ? features : NULL;
}

size_t xpm_features_count(const struct xpm_features *features)
{
	return features->len;
}

const char *const *xpm_features_names(const struct xpm_features *features)
{
	return features->names;
}

unsigned xpm_features_id(const struct xpm_features *features, const char *name)
{
	unsigned i = 0;

	while (i < features->len && strcmp(features->names[i], name) != 0)
		i++;
	return i;
}

int xpm_features_matched(const struct xpm_features *features, size_t pattern)
{
	return features->matched[pattern];
}

void xpm_features_apply(const struct xpm_features *features, unsigned id, struct xpm_effective *effective)
{
	const struct feature *feature = &features->items[id];

	if (feature->entry)
		xpm_effective_apply(effective, feature->entry, 0);
	for (size_t i = 0; i < feature->captures_len; i++)
		xpm_effective_apply(effective, &feature->captures[i], 0);
}
