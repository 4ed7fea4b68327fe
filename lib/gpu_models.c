/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gpu_models.h"

#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "file.h"
#include "yaml_node.h"

#define MODELS_MAX 4096
#define NAME_MAX_  48 /* bytes of a name without its separators */

struct gpu_model {
	char name[NAME_MAX_]; /* lower case, without separators */
	uint64_t memory;
	enum xpm_accel_kind kind;
};

struct xpm_gpu_models {
	struct gpu_model *items;
	size_t len;
};

/* A name cut at its separators: lower case, the maker's name in front dropped. */
struct words {
	char text[128];
	const char *items[12];
	size_t len;
	size_t skipped; /* bytes of the maker's name in the original */
};

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static int is_maker(const char *word)
{
	static const char *const makers[] = { "nvidia", "tesla", "geforce", "quadro", "amd", "radeon", "instinct" };
	size_t i;

	for (i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (!strcmp(word, makers[i]))
			return 1;
	return 0;
}

static void split(const char *text, struct words *words)
{
	size_t i, n = strlen(text);

	memset(words, 0, sizeof(*words));
	if (n >= sizeof(words->text))
		n = sizeof(words->text) - 1;
	for (i = 0; i < n; i++)
		words->text[i] = strchr("-_:= ", text[i]) ? '\0' : (char)lower((unsigned char)text[i]);
	for (i = 0; i < n && words->len < sizeof(words->items) / sizeof(words->items[0]); i++) {
		const char *word = words->text + i;

		if (!*word)
			continue;
		i += strlen(word);
		if (words->len == 0 && is_maker(word) && i < n) {
			words->skipped = i + 1;
			continue;
		}
		words->items[words->len++] = word;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct gpu_model *)a)->name, ((const struct gpu_model *)b)->name);
}

static const struct gpu_model *find(const struct xpm_gpu_models *models, const char *prefix,
				    const struct words *words, size_t n)
{
	struct gpu_model wanted = { .memory = 0 };
	size_t len = strlen(prefix), i;

	memcpy(wanted.name, prefix, len + 1);
	for (i = 0; i < n; i++) {
		size_t more = strlen(words->items[i]);

		if (len + more >= sizeof(wanted.name))
			return NULL;
		memcpy(wanted.name + len, words->items[i], more + 1);
		len += more;
	}
	return bsearch(&wanted, models->items, models->len, sizeof(wanted), by_name);
}

/* The model that the most of the leading words name: "rtx_6000_ada" is none of "rtx6000". */
static const struct gpu_model *model_of(const struct xpm_gpu_models *models, const struct words *words)
{
	static const char *const prefixes[] = { "", "rtx", "gtx" }; /* "3090" is an RTX 3090 */
	const struct gpu_model *model;
	size_t n, i;

	if (!models || !models->len)
		return NULL;
	for (n = words->len; n > 0; n--)
		for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			if (i && (words->items[0][0] < '0' || words->items[0][0] > '9'))
				continue;
			model = find(models, prefixes[i], words, n);
			if (model)
				return model;
		}
	return NULL;
}

enum xpm_accel_kind xpm_gpu_models_kind(const struct xpm_gpu_models *models, const char *name)
{
	const struct gpu_model *model;
	struct words words;

	split(name, &words);
	model = words.len ? model_of(models, &words) : NULL;
	return model ? model->kind : XPM_ACCEL_ANY;
}

/* "80g", "80gb", "80gib", and with a unit of its own "80": the bytes; 0 when it is no such word. G is 10^9 here. */
static uint64_t gigabytes(const char *word, int bare)
{
	char *end;
	unsigned long value;

	if (*word < '0' || *word > '9')
		return 0;
	value = strtoul(word, &end, 10);
	if (value == 0 || value > 4096)
		return 0;
	if (!strcmp(end, "g") || !strcmp(end, "gb") || (bare && !*end))
		return value * UINT64_C(1000000000);
	if (!strcmp(end, "gib"))
		return (uint64_t)value << 30;
	return 0;
}

/* "3g.20gb", "1g.10gb+me" */
static uint64_t mig_memory(const char *word)
{
	char *end;
	char memory[16];
	size_t len;

	if (*word < '1' || *word > '9')
		return 0;
	strtoul(word, &end, 10);
	if (strncmp(end, "g.", 2))
		return 0;
	len = strcspn(end + 2, "+.");
	if (len >= sizeof(memory))
		return 0;
	memcpy(memory, end + 2, len);
	memory[len] = '\0';
	return gigabytes(memory, 0);
}

static uint64_t memory_in(const struct words *words, enum xpm_memory_origin *origin)
{
	uint64_t memory;
	size_t i;

	*origin = XPM_MEMORY_MIG;
	for (i = words->len; i-- > 0;)
		if ((memory = mig_memory(words->items[i])))
			return memory;
	*origin = XPM_MEMORY_TYPE;
	for (i = words->len; i-- > 1;) /* the first word is the name */
		if ((memory = gigabytes(words->items[i], 0)))
			return memory;
	return 0;
}

/* "GPUM48G", "gpu_mem:40GB", "vram24g", "gpumem48": memory of the GPUs. "mem40", "48g" may be the host's. */
static uint64_t memory_by_word(const struct words *words)
{
	static const char *const heads[] = {
		"gpum", "gpumem", "gpumemory", "gpuram", "gpuvram", "vram", "gmem", "gpu",
	};
	char joined[128];
	size_t i, n = 0, head;

	for (i = 0; i < words->len; i++) {
		size_t more = strlen(words->items[i]);

		if (n + more >= sizeof(joined))
			return 0;
		memcpy(joined + n, words->items[i], more);
		n += more;
	}
	joined[n] = '\0';
	head = strcspn(joined, "0123456789");
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strlen(heads[i]) == head && !memcmp(heads[i], joined, head))
			return gigabytes(joined + head, head > 4); /* "gpu4" counts, "gpum48" may be a model */
	return 0;
}

static int set(uint64_t *value, uint64_t found)
{
	int differs = *value && *value != found;

	if (found)
		*value = found;
	return found && differs;
}

/* What the features say: the memory, or the name of a model. Nothing when they contradict each other. */
static void ask_features(struct xpm_found_gpu *gpu, const struct xpm_gpu_models *models, const char *const *features,
			 size_t features_len, const char **model_feature)
{
	const struct gpu_model *model = NULL, *named;
	const char *sized_by = NULL, *named_by = NULL;
	enum xpm_memory_origin origin;
	uint64_t memory = 0, said;
	struct words words;
	int clash = 0, names = 0;
	size_t i;

	for (i = 0; i < features_len; i++) {
		split(features[i], &words);
		if (!words.len)
			continue;
		named = model_of(models, &words);
		said = memory_by_word(&words);
		if (!said && named)
			said = memory_in(&words, &origin);
		clash |= set(&memory, said);
		sized_by = said ? features[i] : sized_by;
		names += named && named != model;
		model = named ? named : model;
		named_by = named ? features[i] : named_by;
	}
	if (names > 1)
		model = NULL;
	if (model && !gpu->type)
		*model_feature = named_by;
	if (memory && !clash) {
		gpu->memory = memory;
		gpu->origin = XPM_MEMORY_FEATURE;
		gpu->said_by = sized_by;
	} else if (model) {
		gpu->memory = model->memory;
		gpu->kind = model->kind;
		gpu->origin = XPM_MEMORY_TABLE_FEATURE;
		gpu->said_by = named_by;
	}
}

enum xpm_code xpm_gpu_resolve(struct xpm_found_gpu *gpu, const struct xpm_gpu_models *models,
			      const char *const *features, size_t features_len, int alone, struct xpm_arena *arena,
			      struct xpm_error *err)
{
	const struct gpu_model *model = NULL;
	const char *name = gpu->type;
	struct words words = { .len = 0 };
	int said;

	gpu->kind = XPM_ACCEL_CUDA;
	gpu->origin = XPM_MEMORY_UNKNOWN;
	if (gpu->type) {
		split(gpu->type, &words);
		name += words.skipped;
		model = model_of(models, &words);
		gpu->memory = memory_in(&words, &gpu->origin);
	}
	said = gpu->memory != 0;
	if (!said) {
		gpu->origin = XPM_MEMORY_UNKNOWN;
		if (alone)
			ask_features(gpu, models, features, features_len, &name);
	}
	if (model) {
		gpu->kind = model->kind;
		if (!said && gpu->origin != XPM_MEMORY_FEATURE) {
			gpu->memory = model->memory;
			gpu->origin = XPM_MEMORY_TABLE;
			gpu->said_by = NULL;
		}
	}
	gpu->model = name ? xpm_arena_strdup(arena, name) : NULL;
	return name && !gpu->model ? xpm_fail_memory(err) : XPM_OK;
}

/* The value of one line: "40G" or {memory: 64G, kind: rocm}. */
static void read_model(struct xpm_document *document, const struct xpm_node *value, struct gpu_model *model)
{
	const struct xpm_node *memory = value, *kind = NULL;
	struct xpm_error err;

	if (value->kind == XPM_NODE_MAP) {
		memory = xpm_node_get(value, "memory");
		kind = xpm_node_get(value, "kind");
	}
	model->kind = XPM_ACCEL_CUDA;
	if (kind && kind->kind == XPM_NODE_SCALAR && !strcmp(kind->text, "rocm"))
		model->kind = XPM_ACCEL_ROCM;
	else if (kind && (kind->kind != XPM_NODE_SCALAR || strcmp(kind->text, "cuda")))
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &kind->spot, "kind is cuda or rocm");
	if (!memory || memory->kind != XPM_NODE_SCALAR)
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &value->spot, "expected a size, as 40G");
	else if (xpm_size_parse(memory->text, memory->len, &model->memory, &err))
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &memory->spot, "%s", err.text);
}

static void read_models(struct xpm_document *document, const struct xpm_node *root, struct xpm_gpu_models *models)
{
	struct words words;
	size_t i, w;

	if (root->kind != XPM_NODE_MAP || root->len > MODELS_MAX) {
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &root->spot,
				 "expected a mapping of at most %d models to sizes", MODELS_MAX);
		return;
	}
	models->items = calloc(root->len + 1, sizeof(models->items[0]));
	if (!models->items) {
		document->out_of_memory = 1;
		return;
	}
	for (i = 0; i < root->len; i++) {
		struct gpu_model *model = &models->items[i];

		split(root->entries[i].key->text, &words);
		for (w = 0; w < words.len; w++)
			strncat(model->name, words.items[w], sizeof(model->name) - strlen(model->name) - 1);
		read_model(document, root->entries[i].value, model);
	}
	models->len = root->len;
	qsort(models->items, models->len, sizeof(models->items[0]), by_name);
}

struct xpm_gpu_models *xpm_gpu_models_parse(const char *text, size_t len, const char *name, struct xpm_error *err)
{
	struct xpm_arena arena = { .limit = 64u << 20 };
	struct xpm_document document = { .name = name, .text = text, .len = len, .arena = &arena };
	struct xpm_gpu_models *models = calloc(1, sizeof(*models));
	const struct xpm_node *root;

	if (!models) {
		xpm_fail_memory(err);
		return NULL;
	}
	root = xpm_yaml_read(&document, &arena);
	if (root)
		read_models(&document, root, models);
	xpm_arena_free(&arena);
	if (!document.errors && !document.out_of_memory)
		return models;
	if (document.out_of_memory)
		xpm_fail_memory(err);
	else if (err)
		*err = document.first;
	xpm_gpu_models_destroy(models);
	return NULL;
}

struct xpm_gpu_models *xpm_gpu_models_load(const char *path, struct xpm_error *err)
{
	struct xpm_gpu_models *models;
	size_t len;
	char *text = xpm_file_read(path, XPM_FILE_MAX, &len, err);

	if (!text)
		return NULL;
	models = xpm_gpu_models_parse(text, len, path, err);
	free(text);
	return models;
}

void xpm_gpu_models_destroy(struct xpm_gpu_models *models)
{
	if (!models)
		return;
	free(models->items);
	free(models);
}
