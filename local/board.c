// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xpmatch/units.h>

#include "board.h"
#include "run.h"
#include "say.h"

#define HEAL_MS 2000 /* an honest runner puts a damaged record right at once; what stays so is not one */

/* Names of devices and tokens that anybody speaks of, as bits and numbers; the own ones come first. */
struct names {
	char keys[XPM_ORDER_GPUS][XPM_KEY_MAX];
	size_t keys_len;
	char tokens[XPM_ORDER_TOKENS][64];
	size_t tokens_len;
};

static int key_bit(struct names *names, const char *key)
{
	for (size_t i = 0; i < names->keys_len; i++)
		if (!strcmp(names->keys[i], key))
			return (int)i;
	if (names->keys_len == XPM_ORDER_GPUS)
		return -1;
	snprintf(names->keys[names->keys_len], XPM_KEY_MAX, "%s", key);
	return (int)names->keys_len++;
}

static int token_number(struct names *names, const char *token)
{
	for (size_t i = 0; i < names->tokens_len; i++)
		if (!strcmp(names->tokens[i], token))
			return (int)i;
	if (names->tokens_len == XPM_ORDER_TOKENS)
		return -1;
	snprintf(names->tokens[names->tokens_len], sizeof(names->tokens[0]), "%s", token);
	return (int)names->tokens_len++;
}

static uint64_t map_bits(struct names *names, const struct xpm_record *record, uint64_t mask)
{
	uint64_t mapped = 0;

	for (size_t i = 0; i < record->keys_len; i++) {
		int bit = mask >> i & 1 ? key_bit(names, record->keys[i]) : -1;

		mapped |= bit < 0 ? 0 : UINT64_C(1) << bit;
	}
	return mapped;
}

static void translate(struct names *names, const struct xpm_record *record, struct xpm_order_job *job)
{
	memset(job, 0, sizeof(*job));
	job->ticket = record->ticket;
	job->running = record->state == XPM_STATE_RUNNING;
	job->cores = record->cores;
	job->memory = record->memory;
	for (size_t i = 0; i < record->tokens_len; i++) {
		int n = token_number(names, record->tokens[i].name);

		if (n >= 0)
			job->tokens[n] = record->tokens[i].count;
	}
	job->gpus = job->running ? map_bits(names, record, record->gpus) : 0;
	for (size_t i = 0; i < record->terms_len; i++) {
		job->terms[i].count = record->terms[i].count;
		job->terms[i].mask = map_bits(names, record, record->terms[i].mask);
	}
	job->terms_len = record->terms_len;
}

/* How long this record has been damaged, as far as we saw. */
static int64_t damaged_ms(struct xpm_board_memory *memory, const char *file)
{
	size_t spare = 0;
	int64_t now = xpm_now_ms();

	for (size_t i = 0; i < 16; i++) {
		if (!strcmp(memory->damaged[i].file, file))
			return now - memory->damaged[i].since;
		if (memory->damaged[i].since < memory->damaged[spare].since)
			spare = i;
	}
	snprintf(memory->damaged[spare].file, sizeof(memory->damaged[spare].file), "%s", file);
	memory->damaged[spare].since = now;
	return 0;
}

void xpm_board_describe(const struct xpm_record *r, char *buf, size_t size)
{
	char text[XPM_SIZE_TEXT];
	uint32_t gpus = (uint32_t)__builtin_popcountll(r->gpus);
	size_t len = (size_t)snprintf(buf, size, "%u core%s", r->cores, r->cores == 1 ? "" : "s");

	for (size_t i = 0; i < r->terms_len && r->state != XPM_STATE_RUNNING; i++)
		gpus += r->terms[i].count;
	if (r->memory && len < size)
		len += (size_t)snprintf(buf + len, size - len, ", %s", xpm_size_print(r->memory, text));
	if (gpus && len < size)
		len += (size_t)snprintf(buf + len, size - len, ", %u GPU%s", gpus, gpus == 1 ? "" : "s");
	for (size_t i = 0; i < r->tokens_len && len < size; i++)
		if (r->tokens[i].count)
			len += (size_t)snprintf(buf + len, size - len, ", %s=%u", r->tokens[i].name,
						r->tokens[i].count);
}

static int takes(const struct xpm_record *r, enum xpm_order_what what, const char *token)
{
	switch (what) {
	case XPM_ORDER_CORES: return 1;
	case XPM_ORDER_MEMORY: return r->memory != 0;
	case XPM_ORDER_GPU: return r->gpus != 0;
	case XPM_ORDER_TOKEN:
		for (size_t i = 0; i < r->tokens_len; i++)
			if (!strcmp(r->tokens[i].name, token) && r->tokens[i].count)
				return 1;
	}
	return 0;
}

/* Who holds what is missing: the first three. */
static void tell_holders(const struct xpm_entry *entries, size_t len, enum xpm_order_what what, const char *token,
			 struct xpm_board_answer *answer)
{
	static const char *const names[] = { "cores", "memory", "a GPU", "token" };
	size_t used = (size_t)snprintf(answer->text, sizeof(answer->text), "waits for %s%s%s", names[what],
				       *token ? " " : "", token);
	int told = 0, more = 0;

	snprintf(answer->reason, sizeof(answer->reason), "%s%s%s", names[what], *token ? " " : "", token);
	for (size_t i = 0; i < len; i++) {
		const struct xpm_record *r = &entries[i].record;
		char holds[200];

		if (!entries[i].alive || entries[i].damaged || r->state != XPM_STATE_RUNNING || !takes(r, what, token))
			continue;
		if (told == 3) {
			more++;
			continue;
		}
		xpm_board_describe(r, holds, sizeof(holds));
		if (used < sizeof(answer->text))
			used += (size_t)snprintf(answer->text + used, sizeof(answer->text) - used,
						 "%s %s's job %u holds %s", told ? ";" : ":",
						 xpm_user_name(entries[i].uid), r->id, holds);
		told++;
	}
	if (more && used < sizeof(answer->text))
		snprintf(answer->text + used, sizeof(answer->text) - used, "; and %d more", more);
}

/* Whole cores that nobody runs on, those near the devices first. */
static uint32_t pick_cores(const struct xpm_machine *machine, const struct xpm_capacity *capacity,
			   const struct xpm_cpus *taken, uint32_t count, uint64_t gpus, struct xpm_cpus *cpus)
{
	struct xpm_cpus near = { { 0 } };
	uint32_t found = 0;

	memset(cpus, 0, sizeof(*cpus));
	for (size_t i = 0; i < capacity->devices_len; i++)
		if ((gpus >> i & 1) && capacity->devices[i].gpu)
			xpm_cpus_join(&near, &capacity->devices[i].gpu->near);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < machine->cores_len && found < count; i++) {
			const struct xpm_cpus *core = &machine->cores[i].cpus;

			if (xpm_cpus_overlap(core, taken) || xpm_cpus_overlap(core, cpus) ||
			    xpm_cpus_overlap(core, &near) == pass)
				continue;
			xpm_cpus_join(cpus, core);
			found++;
		}
	return found;
}

static void set_capacity(struct names *names, const struct xpm_capacity *capacity, struct xpm_order_capacity *all)
{
	all->cores = capacity->cores;
	all->memory = capacity->memory;
	/* what only others know exists, too */
	all->gpus = names->keys_len == 64 ? UINT64_MAX : (UINT64_C(1) << names->keys_len) - 1;
	for (size_t i = 0; i < XPM_ORDER_TOKENS; i++)
		all->tokens[i] = i < capacity->tokens_len ? capacity->tokens[i].count : UINT32_MAX;
}

static void set_reason(const struct xpm_entry *entries, size_t len, const size_t *which, struct names *names,
		       const struct xpm_order_answer *order, struct xpm_board_answer *answer)
{
	if (order->verdict == XPM_ORDER_BEHIND) {
		const struct xpm_entry *front = &entries[which[order->behind]];

		snprintf(answer->reason, sizeof(answer->reason), "behind job %u", front->record.id);
		snprintf(answer->text, sizeof(answer->text), "could start, but might delay %s's job %u in front of it",
			 xpm_user_name(front->uid), front->record.id);
		return;
	}
	answer->never = order->verdict == XPM_ORDER_NEVER;
	tell_holders(entries, len, order->what, order->what == XPM_ORDER_TOKEN ? names->tokens[order->token] : "",
		     answer);
}

/* Rows for the order; -1 when one cannot be read and may yet be. */
static int collect(const struct xpm_entry *entries, size_t len, struct names *names,
		   struct xpm_board_memory *memory, struct xpm_order_job *jobs, size_t *which, size_t *jobs_len,
		   struct xpm_cpus *taken)
{
	int unclear = 0;

	for (size_t i = 0; i < len; i++) {
		const struct xpm_record *r = &entries[i].record;

		if (!entries[i].alive)
			continue;
		if (entries[i].damaged) {
			unclear |= damaged_ms(memory, entries[i].file) < HEAL_MS;
			continue;
		}
		if (r->state != XPM_STATE_RUNNING && r->state != XPM_STATE_WAITING)
			continue;
		if (r->state == XPM_STATE_RUNNING)
			xpm_cpus_join(taken, &r->cpus);
		which[*jobs_len] = i;
		translate(names, r, &jobs[(*jobs_len)++]);
	}
	return unclear ? -1 : 0;
}

void xpm_board_ask(const struct xpm_entry *entries, size_t len, size_t me, const struct xpm_machine *machine,
		   const struct xpm_capacity *capacity, struct xpm_board_memory *memory,
		   struct xpm_board_answer *answer)
{
	struct names *names = xpm_alloc(sizeof(*names));
	struct xpm_order_job *jobs = xpm_alloc(len * sizeof(*jobs));
	size_t *which = xpm_alloc(len * sizeof(*which)), jobs_len = 0, own = 0;
	struct xpm_cpus taken = { { 0 } };
	struct xpm_order_capacity all;
	struct xpm_order_answer order;

	memset(answer, 0, sizeof(*answer));
	for (size_t i = 0; i < capacity->devices_len; i++)
		key_bit(names, capacity->devices[i].key);
	for (size_t i = 0; i < capacity->tokens_len; i++)
		token_number(names, capacity->tokens[i].name);
	if (collect(entries, len, names, memory, jobs, which, &jobs_len, &taken)) {
		answer->retry_ms = 50;
		snprintf(answer->reason, sizeof(answer->reason), "a damaged record");
		snprintf(answer->text, sizeof(answer->text), "waits for a damaged record in the ledger to be put right");
		goto out;
	}
	for (size_t i = 0; i < jobs_len; i++)
		if (which[i] == me)
			own = i;
	set_capacity(names, capacity, &all);
	xpm_order_decide(jobs, jobs_len, own, &all, &order);
	if (order.verdict != XPM_ORDER_START) {
		set_reason(entries, len, which, names, &order, answer);
	} else if (pick_cores(machine, capacity, &taken, jobs[own].cores, order.gpus, &answer->cpus) <
		   jobs[own].cores) {
		tell_holders(entries, len, XPM_ORDER_CORES, "", answer);
	} else {
		answer->start = 1;
		answer->gpus = order.gpus;
	}
out:
	free(which);
	free(jobs);
	free(names);
}
