// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "jobs.h"
#include "run.h"
#include "say.h"

static int by_place(const void *a, const void *b)
{
	const struct xpm_entry *x = a, *y = b;
	int xr = x->record.state, yr = y->record.state;

	/* done, running, then the queue */
	xr = xr == XPM_STATE_DONE ? 0 : xr == XPM_STATE_RUNNING ? 1 : 2;
	yr = yr == XPM_STATE_DONE ? 0 : yr == XPM_STATE_RUNNING ? 1 : 2;
	if (xr != yr)
		return xr - yr;
	if (x->record.ticket != y->record.ticket)
		return x->record.ticket < y->record.ticket ? -1 : 1;
	return x->record.id < y->record.id ? -1 : x->record.id > y->record.id;
}

static const char *state_of(const struct xpm_entry *entry)
{
	if (entry->damaged)
		return "damaged";
	if (!entry->alive && entry->record.state != XPM_STATE_DONE)
		return "lost";
	return xpm_state_name(entry->record.state);
}

static void reason_of(const struct xpm_entry *entry, char *buf, size_t size)
{
	const struct xpm_record *r = &entry->record;

	*buf = '\0';
	if (r->state == XPM_STATE_DONE)
		snprintf(buf, size, "%s %d", xpm_end_name(r->end), r->status);
	else if (r->state != XPM_STATE_RUNNING)
		snprintf(buf, size, "%s", r->reason);
	else if (r->time)
		snprintf(buf, size, "%llds left", (long long)(r->began + (int64_t)r->time - xpm_wall_s()));
}

static void print_text(const struct xpm_entry *entries, size_t len)
{
	printf("%7s %-8s %-10s %-16s %-11s %-32s %s\n", "ID", "STATE", "USER", "NAME", "SINCE", "NEEDS", "REASON");
	for (size_t i = 0; i < len; i++) {
		const struct xpm_record *r = &entries[i].record;
		time_t since = (time_t)(r->state == XPM_STATE_DONE ? r->ended :
					r->state == XPM_STATE_RUNNING ? r->began : r->since);
		char needs[256], reason[160], when[32];
		struct tm tm;

		xpm_board_describe(r, needs, sizeof(needs));
		reason_of(&entries[i], reason, sizeof(reason));
		strftime(when, sizeof(when), "%d %b %H:%M", localtime_r(&since, &tm));
		printf("%7u %-8s %-10s %-16s %-11s %-32s %s\n", r->id, state_of(&entries[i]),
		       xpm_user_name(entries[i].uid), r->name, entries[i].damaged ? "" : when,
		       entries[i].damaged ? "" : needs, reason);
	}
}

static json_t *or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *time_or_null(int64_t t)
{
	return t ? json_integer((json_int_t)t) : json_null();
}

static json_t *describe(const struct xpm_entry *entry)
{
	const struct xpm_record *r = &entry->record;
	json_t *o = json_object(), *gpus = json_array(), *tokens = json_object();
	uint64_t wanted = 0;
	char cpus[2048];

	for (size_t i = 0; i < r->keys_len; i++)
		if (r->gpus >> i & 1)
			json_array_append_new(gpus, json_string(r->keys[i]));
	for (size_t i = 0; i < r->terms_len; i++)
		wanted += r->terms[i].count;
	for (size_t i = 0; i < r->tokens_len; i++)
		json_object_set_new(tokens, r->tokens[i].name, json_integer(r->tokens[i].count));
	xpm_cpus_print(&r->cpus, cpus, sizeof(cpus));
	json_object_set_new(o, "id", json_integer(r->id));
	json_object_set_new(o, "state", json_string(state_of(entry)));
	json_object_set_new(o, "user", json_string(xpm_user_name(entry->uid)));
	json_object_set_new(o, "uid", json_integer(entry->uid));
	json_object_set_new(o, "pid", json_integer(r->pid));
	json_object_set_new(o, "name", or_null(r->name));
	json_object_set_new(o, "command", or_null(r->command));
	json_object_set_new(o, "spec", or_null(r->spec));
	json_object_set_new(o, "launcher", or_null(r->launcher));
	json_object_set_new(o, "detached", json_boolean(r->detached));
	json_object_set_new(o, "output", or_null(r->output));
	json_object_set_new(o, "since", time_or_null(r->since));
	json_object_set_new(o, "began", time_or_null(r->began));
	json_object_set_new(o, "ended", time_or_null(r->ended));
	json_object_set_new(o, "reason", or_null(r->reason));
	json_object_set_new(o, "end", r->state == XPM_STATE_DONE ? json_string(xpm_end_name(r->end)) : json_null());
	json_object_set_new(o, "status", r->state == XPM_STATE_DONE ? json_integer(r->status) : json_null());
	json_object_set_new(o, "time_s", time_or_null((int64_t)r->time));
	json_object_set_new(o, "memory_limit_by", or_null(r->limit));
	json_object_set_new(o, "needs", json_pack("{s:I,s:I,s:I,s:O}", "cores", (json_int_t)r->cores, "memory",
						  (json_int_t)r->memory, "gpus", (json_int_t)wanted, "tokens", tokens));
	json_object_set_new(o, "holds", r->state == XPM_STATE_RUNNING && entry->alive ?
			    json_pack("{s:s,s:I,s:O,s:O}", "cpus", cpus, "memory", (json_int_t)r->memory, "gpus", gpus,
				      "tokens", tokens) : json_null());
	json_decref(gpus);
	json_decref(tokens);
	return o;
}

void xpm_list_print(struct xpm_entry *entries, size_t len, int json)
{
	json_t *all;

	if (len)
		qsort(entries, len, sizeof(*entries), by_place);
	if (!json) {
		print_text(entries, len);
		return;
	}
	all = json_array();
	for (size_t i = 0; i < len; i++)
		json_array_append_new(all, describe(&entries[i]));
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}
