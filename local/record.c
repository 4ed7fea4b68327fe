// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "say.h"

static const char *const STATES[] = { "waiting", "held", "running", "done" };
static const char *const ENDS[] = { "none", "exit", "time", "memory", "cancelled", "failed" };

const char *xpm_state_name(enum xpm_state state)
{
	return STATES[state];
}

const char *xpm_end_name(enum xpm_end end)
{
	return ENDS[end];
}

/* Names come from users: bytes that are not UTF-8 would make the whole record unreadable. */
static json_t *text(const char *bytes)
{
	json_t *string = json_string(bytes);
	char *copy;

	if (string)
		return string;
	copy = xpm_strdup(bytes);
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *bits(uint64_t mask)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < 64; i++)
		if (mask >> i & 1)
			json_array_append_new(list, number(i));
	return list;
}

static json_t *needs(const struct xpm_record *r)
{
	json_t *need = json_object(), *list = json_object(), *terms = json_array(), *keys = json_array();

	json_object_set_new(need, "cores", number(r->cores));
	json_object_set_new(need, "memory", number(r->memory));
	for (size_t i = 0; i < r->tokens_len; i++)
		json_object_set_new(list, r->tokens[i].name, number(r->tokens[i].count));
	json_object_set_new(need, "tokens", list);
	for (size_t i = 0; i < r->keys_len; i++)
		json_array_append_new(keys, text(r->keys[i]));
	json_object_set_new(need, "devices", keys);
	for (size_t i = 0; i < r->terms_len; i++)
		json_array_append_new(terms, json_pack("{s:o,s:o}", "count", number(r->terms[i].count), "of",
						       bits(r->terms[i].mask)));
	json_object_set_new(need, "gpus", terms);
	return need;
}

static json_t *object(const struct xpm_record *r, int with_words)
{
	char cpus[2048];
	json_t *o = json_object();

	xpm_cpus_print(&r->cpus, cpus, sizeof(cpus));
	json_object_set_new(o, "xpm", number(1));
	json_object_set_new(o, "id", number(r->id));
	json_object_set_new(o, "ticket", number(r->ticket));
	json_object_set_new(o, "state", text(STATES[r->state]));
	json_object_set_new(o, "end", text(ENDS[r->end]));
	json_object_set_new(o, "detached", json_boolean(r->detached));
	json_object_set_new(o, "pid", number((uint64_t)r->pid));
	json_object_set_new(o, "since", number((uint64_t)r->since));
	json_object_set_new(o, "began", number((uint64_t)r->began));
	json_object_set_new(o, "ended", number((uint64_t)r->ended));
	json_object_set_new(o, "status", number((uint64_t)r->status));
	json_object_set_new(o, "name", text(r->name));
	json_object_set_new(o, "launcher", text(r->launcher));
	json_object_set_new(o, "limit", text(r->limit));
	json_object_set_new(o, "reason", text(r->reason));
	json_object_set_new(o, "output", text(r->output));
	json_object_set_new(o, "time", number(r->time));
	json_object_set_new(o, "need", needs(r));
	json_object_set_new(o, "cpus", text(cpus));
	json_object_set_new(o, "held", bits(r->gpus));
	json_object_set_new(o, "command", text(with_words ? r->command : ""));
	json_object_set_new(o, "spec", text(with_words ? r->spec : ""));
	return o;
}

int xpm_record_encode(const struct xpm_record *record, char buf[XPM_RECORD_SIZE])
{
	for (int with_words = 1; with_words >= 0; with_words--) {
		json_t *o = object(record, with_words);
		size_t len = json_dumpb(o, buf, XPM_RECORD_SIZE - 1, JSON_COMPACT | JSON_PRESERVE_ORDER);

		json_decref(o);
		if (len && len < XPM_RECORD_SIZE) {
			memset(buf + len, ' ', XPM_RECORD_SIZE - len);
			buf[XPM_RECORD_SIZE - 1] = '\n';
			return 0;
		}
	}
	return -1;
}

/* Reading: one flag collects whether anything was not as it should be. */
static uint64_t get_number(const json_t *o, const char *key, uint64_t max, int *bad)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max) {
		*bad = 1;
		return 0;
	}
	return (uint64_t)json_integer_value(v);
}

static void get_text(const json_t *o, const char *key, char *buf, size_t size, int *bad)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (!s) {
		*bad = 1;
		s = "";
	}
	xpm_text_copy(buf, size, s); /* also: no control characters reach anybody's terminal */
}

static unsigned get_word(const json_t *o, const char *key, const char *const *words, unsigned len, int *bad)
{
	const char *s = json_string_value(json_object_get(o, key));

	for (unsigned i = 0; s && i < len; i++)
		if (!strcmp(s, words[i]))
			return i;
	*bad = 1;
	return 0;
}

static uint64_t get_bits(const json_t *list, size_t limit, int *bad)
{
	uint64_t mask = 0;
	const json_t *item;
	size_t i;

	if (!json_is_array(list))
		*bad = 1;
	json_array_foreach(list, i, item) {
		if (!json_is_integer(item) || json_integer_value(item) < 0 ||
		    (size_t)json_integer_value(item) >= limit)
			*bad = 1;
		else
			mask |= UINT64_C(1) << json_integer_value(item);
	}
	return mask;
}

static void get_needs(const json_t *need, struct xpm_record *r, int *bad)
{
	json_t *tokens = json_object_get(need, "tokens"), *count;
	const json_t *keys = json_object_get(need, "devices"), *terms = json_object_get(need, "gpus"), *item;
	const char *name;
	size_t i;

	r->cores = (uint32_t)get_number(need, "cores", XPM_CPUS_MAX, bad);
	r->memory = get_number(need, "memory", UINT64_C(1) << 62, bad);
	*bad |= !json_is_object(tokens) || json_object_size(tokens) > XPM_ORDER_TOKENS || !json_is_array(keys) ||
		json_array_size(keys) > XPM_ORDER_GPUS || !json_is_array(terms) ||
		json_array_size(terms) > XPM_ORDER_TERMS;
	if (*bad)
		return;
	json_object_foreach(tokens, name, count) {
		xpm_text_copy(r->tokens[r->tokens_len].name, sizeof(r->tokens[0].name), name);
		*bad |= !json_is_integer(count) || json_integer_value(count) < 0 ||
			json_integer_value(count) > UINT32_MAX;
		r->tokens[r->tokens_len++].count = (uint32_t)json_integer_value(count);
	}
	json_array_foreach(keys, i, item) {
		*bad |= !json_is_string(item);
		xpm_text_copy(r->keys[r->keys_len++], XPM_KEY_MAX, json_is_string(item) ? json_string_value(item) : "");
	}
	json_array_foreach(terms, i, item) {
		r->terms[r->terms_len].count = (uint32_t)get_number(item, "count", XPM_ORDER_GPUS, bad);
		r->terms[r->terms_len++].mask = get_bits(json_object_get(item, "of"), r->keys_len, bad);
	}
}

static void get_all(const json_t *o, struct xpm_record *r, int *bad)
{
	const uint64_t ever = UINT64_C(1) << 40;
	char cpus[2048];

	*bad |= get_number(o, "xpm", 1, bad) != 1;
	r->id = (uint32_t)get_number(o, "id", UINT32_MAX, bad);
	r->ticket = get_number(o, "ticket", UINT64_C(1) << 62, bad);
	r->state = (enum xpm_state)get_word(o, "state", STATES, sizeof(STATES) / sizeof(STATES[0]), bad);
	r->end = (enum xpm_end)get_word(o, "end", ENDS, sizeof(ENDS) / sizeof(ENDS[0]), bad);
	r->detached = json_is_true(json_object_get(o, "detached"));
	r->pid = (pid_t)get_number(o, "pid", INT32_MAX, bad);
	r->since = (int64_t)get_number(o, "since", ever, bad);
	r->began = (int64_t)get_number(o, "began", ever, bad);
	r->ended = (int64_t)get_number(o, "ended", ever, bad);
	r->status = (int)get_number(o, "status", 255, bad);
	r->time = get_number(o, "time", ever, bad);
	get_text(o, "name", r->name, sizeof(r->name), bad);
	get_text(o, "command", r->command, sizeof(r->command), bad);
	get_text(o, "launcher", r->launcher, sizeof(r->launcher), bad);
	get_text(o, "spec", r->spec, sizeof(r->spec), bad);
	get_text(o, "limit", r->limit, sizeof(r->limit), bad);
	get_text(o, "reason", r->reason, sizeof(r->reason), bad);
	get_text(o, "output", r->output, sizeof(r->output), bad);
	get_text(o, "cpus", cpus, sizeof(cpus), bad);
	*bad |= xpm_cpus_parse(cpus, &r->cpus) != 0;
	get_needs(json_object_get(o, "need"), r, bad);
	r->gpus = get_bits(json_object_get(o, "held"), r->keys_len, bad);
}

int xpm_record_decode(const char *buf, size_t len, struct xpm_record *record)
{
	json_t *o = json_loadb(buf, len, JSON_REJECT_DUPLICATES, NULL);
	int bad = !json_is_object(o);

	memset(record, 0, sizeof(*record));
	if (!bad)
		get_all(o, record, &bad);
	json_decref(o);
	return bad ? -1 : 0;
}
