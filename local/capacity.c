// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xpmatch/units.h>

#include "capacity.h"
#include "say.h"

/* As the matcher has it: equal without case, or a leading word of the model. */
static int model_fits(const char *asked, const char *model)
{
	size_t len;

	if (!asked)
		return 1;
	if (!model)
		return 0;
	len = strlen(asked);
	return !strncasecmp(asked, model, len) && !isalnum((unsigned char)model[len]);
}

static int device_fits(const struct xpm_device *device, const struct xpm_accel_need *need)
{
	if (need->kind != XPM_ACCEL_ANY && need->kind != device->kind)
		return 0;
	return model_fits(need->model, device->model) &&
	       (!need->mem || (need->mem <= device->memory && need->mem >= device->least));
}

static void make_key(struct xpm_device *device)
{
	if (device->gpu && *device->gpu->uuid)
		snprintf(device->key, sizeof(device->key), "%s", device->gpu->uuid);
	else
		snprintf(device->key, sizeof(device->key), "%s:%u", xpm_accel_kind_name(device->kind), device->index);
}

/* The next unused piece of hardware for a group: one of its model if there is any, else any of its kind. */
static const struct xpm_gpu *next_gpu(const struct xpm_machine *machine, const struct xpm_accel_group *group,
				      uint64_t used)
{
	for (int strict = 1; strict >= 0; strict--)
		for (size_t i = 0; i < machine->gpus_len && i < 64; i++) {
			const struct xpm_gpu *gpu = &machine->gpus[i];

			if (gpu->kind == group->kind && !(used >> i & 1) &&
			    (!strict || !group->model || strcasestr(gpu->name, group->model)))
				return gpu;
		}
	return NULL;
}

static void add_group(const struct xpm_machine *machine, const struct xpm_accel_group *group, unsigned index[],
		      uint64_t *used, int warn, struct xpm_capacity *capacity)
{
	int known = machine->known[group->kind];

	for (uint32_t i = 0; i < group->count && capacity->devices_len < XPM_ORDER_GPUS; i++) {
		struct xpm_device *device = &capacity->devices[capacity->devices_len];
		const struct xpm_gpu *gpu = known ? next_gpu(machine, group, *used) : NULL;

		if (known && !gpu) {
			if (warn)
				xpm_say("warning: launchers.yaml says %u %s GPUs%s%s, the machine has %u of them",
					group->count, xpm_accel_kind_name(group->kind), group->model ? " " : "",
					group->model ? group->model : "", i);
			return;
		}
		*device = (struct xpm_device){ .kind = group->kind, .memory = group->memory, .least = group->least,
					       .model = group->model, .gpu = gpu };
		device->index = gpu ? gpu->index : index[group->kind]++;
		if (gpu) {
			*used |= UINT64_C(1) << (gpu - machine->gpus);
			if (gpu->memory && group->memory > gpu->memory) {
				char claim[XPM_SIZE_TEXT];

				if (warn)
					xpm_say("warning: launchers.yaml gives GPU %u %s, %s has %llu MiB", gpu->index,
						xpm_size_print(group->memory, claim), gpu->name,
						(unsigned long long)(gpu->memory >> 20));
				device->memory = gpu->memory;
			}
		}
		make_key(device);
		capacity->devices_len++;
	}
}

static int by_size(const void *a, const void *b)
{
	const struct xpm_device *x = a, *y = b;

	if (x->memory != y->memory)
		return x->memory < y->memory ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void xpm_capacity_build(struct xpm_machine *machine, const struct xpm_candidates *candidates,
			const struct xpm_candidate *candidate, int warn, struct xpm_capacity *capacity)
{
	const struct xpm_launcher_info *launcher = xpm_candidates_launcher(candidates, candidate->launcher);
	unsigned index[XPM_ACCEL_ANY] = { 0 };
	uint64_t used = 0;
	char claim[XPM_SIZE_TEXT];

	memset(capacity, 0, sizeof(*capacity));
	capacity->cores = (uint32_t)machine->cores_len;
	if (candidate->has_cores && candidate->cores > capacity->cores && warn)
		xpm_say("warning: launchers.yaml says %u cores, the machine has %u", candidate->cores, capacity->cores);
	if (candidate->has_cores && candidate->cores < capacity->cores)
		capacity->cores = candidate->cores;
	capacity->memory = machine->memory;
	if (candidate->has_memory && candidate->memory > capacity->memory && warn)
		xpm_say("warning: launchers.yaml says %s of memory, the machine has %llu MiB",
			xpm_size_print(candidate->memory, claim), (unsigned long long)(machine->memory >> 20));
	if (candidate->has_memory && candidate->memory < capacity->memory)
		capacity->memory = candidate->memory;
	for (size_t i = 0; i < candidate->accels_len && machine->looked; i++)
		add_group(machine, &candidate->accels[i], index, &used, warn, capacity);
	qsort(capacity->devices, capacity->devices_len, sizeof(capacity->devices[0]), by_size);
	for (size_t i = 0; i < launcher->tokens_len && i < XPM_ORDER_TOKENS; i++) {
		struct xpm_record_token *token = &capacity->tokens[capacity->tokens_len++];

		xpm_text_copy(token->name, sizeof(token->name), launcher->tokens[i].name);
		token->count = xpm_candidates_token(candidates, launcher->tokens[i].name);
	}
}

/* Everyone who asks for a device names it by key, so that users with different launchers.yaml mean the same ones. */
static void add_terms(const struct xpm_capacity *capacity, const struct xpm_alternative *alternative,
		      struct xpm_record *record)
{
	record->keys_len = 0;
	record->terms_len = 0;
	if (!alternative->accels_len)
		return;
	for (size_t i = 0; i < capacity->devices_len; i++)
		memcpy(record->keys[record->keys_len++], capacity->devices[i].key, XPM_KEY_MAX);
	for (size_t t = 0; t < alternative->accels_len && t < XPM_ORDER_TERMS; t++) {
		struct xpm_order_term *term = &record->terms[record->terms_len++];

		term->count = alternative->accels[t].count;
		term->mask = 0;
		for (size_t i = 0; i < capacity->devices_len; i++)
			if (device_fits(&capacity->devices[i], &alternative->accels[t]))
				term->mask |= UINT64_C(1) << i;
	}
}

static void explain(const struct xpm_order_answer *answer, const struct xpm_capacity *capacity,
		    const struct xpm_record *record, char *reason, size_t size)
{
	switch (answer->what) {
	case XPM_ORDER_CORES:
		snprintf(reason, size, "the machine gives %u cores", capacity->cores);
		break;
	case XPM_ORDER_MEMORY:
		snprintf(reason, size, "the machine gives %llu MiB of memory",
			 (unsigned long long)(capacity->memory >> 20));
		break;
	case XPM_ORDER_TOKEN:
		snprintf(reason, size, "there are %u of token '%s'", capacity->tokens[answer->token].count,
			 record->tokens[answer->token].name);
		break;
	case XPM_ORDER_GPU:
		snprintf(reason, size, "the machine has not such GPUs (%zu in all)", capacity->devices_len);
		break;
	}
}

int xpm_capacity_need(const struct xpm_capacity *capacity, const struct xpm_candidates *candidates,
		      const struct xpm_candidate *candidate, const struct xpm_alternative *alternative,
		      struct xpm_record *record, char *reason, size_t size)
{
	const struct xpm_launcher_info *launcher = xpm_candidates_launcher(candidates, candidate->launcher);
	struct xpm_order_capacity all = { .cores = capacity->cores, .memory = capacity->memory };
	struct xpm_order_job job = { .ticket = 1 };
	struct xpm_order_answer answer;

	if (alternative->accels_len > XPM_ORDER_TERMS) {
		snprintf(reason, size, "more than %d different needs for GPUs", XPM_ORDER_TERMS);
		return -1;
	}
	record->cores = alternative->cores ? alternative->cores : 1;
	record->memory = alternative->mem;
	record->time = alternative->duration;
	record->tokens_len = capacity->tokens_len;
	for (size_t i = 0; i < capacity->tokens_len; i++) {
		record->tokens[i] = capacity->tokens[i];
		record->tokens[i].count = launcher->tokens[i].count;
		all.tokens[i] = capacity->tokens[i].count;
		job.tokens[i] = launcher->tokens[i].count;
	}
	add_terms(capacity, alternative, record);
	for (size_t i = 0; i < capacity->devices_len; i++)
		all.gpus |= UINT64_C(1) << i;
	job.cores = record->cores;
	job.memory = record->memory;
	job.terms_len = record->terms_len;
	memcpy(job.terms, record->terms, sizeof(job.terms));
	xpm_order_decide(&job, 1, 0, &all, &answer);
	if (answer.verdict == XPM_ORDER_START)
		return 0;
	explain(&answer, capacity, record, reason, size);
	return -1;
}
