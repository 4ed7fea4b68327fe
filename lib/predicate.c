/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "predicate.h"

#include <string.h>
#include <strings.h>

#include "model.h"

static int is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int xpm_predicate_kind_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group)
{
	return need->kind == XPM_ACCEL_ANY || need->kind == group->kind;
}

/* Equal without case, or a whole leading word: "a100" is an "A100-SXM4-80GB", "a10" is not. */
int xpm_predicate_model_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group)
{
	size_t len;

	if (!need->model)
		return 1;
	if (!group->model)
		return 0;
	len = strlen(need->model);
	return strncasecmp(need->model, group->model, len) == 0 && !is_word((unsigned char)group->model[len]);
}

/* Memory that was not asked for is no condition: cuda() is any CUDA GPU. */
static int enough(const struct xpm_accel_need *need, const struct xpm_accel_group *group)
{
	return need->mem == 0 || need->mem <= group->memory;
}

static int not_too_little(const struct xpm_accel_need *need, const struct xpm_accel_group *group)
{
	return need->mem == 0 || need->mem >= group->least;
}

int xpm_predicate_fits(const struct xpm_accel_need *need, const struct xpm_accel_group *group)
{
	return xpm_predicate_kind_fits(need, group) && xpm_predicate_model_fits(need, group) && enough(need, group) &&
	       not_too_little(need, group);
}

const char xpm_untyped[] = "";

static int is_of_type(const struct xpm_accel_group *group, const char *gres_type)
{
	return !gres_type || group->gres_type == (gres_type == XPM_UNTYPED ? NULL : gres_type);
}

/*
 * within[set], for every set of the host's groups: how many of the accelerators asked for fit only in groups of the set.
 * A host has few groups, so all sets are looked at. 0 when something fits nowhere.
 */
static int count_within(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate,
			const char *gres_type, uint32_t *within)
{
	size_t groups = candidate->accels_len;
	uint32_t sets = UINT32_C(1) << groups;

	memset(within, 0, sets * sizeof(*within));
	for (size_t n = 0; n < alternative->accels_len; n++) {
		uint32_t fits = 0;

		for (size_t g = 0; g < groups; g++) {
			if (is_of_type(&candidate->accels[g], gres_type) &&
			    xpm_predicate_fits(&alternative->accels[n], &candidate->accels[g]))
				fits |= UINT32_C(1) << g;
		}
		if (!fits)
			return 0;
		within[fits] += alternative->accels[n].count;
	}
	/* from "exactly this set" to "some part of this set", a group at a time */
	for (size_t g = 0; g < groups; g++) {
		for (uint32_t set = 0; set < sets; set++) {
			if (set >> g & 1)
				within[set] += within[set ^ UINT32_C(1) << g];
		}
	}
	return 1;
}

static uint32_t devices_in(const struct xpm_candidate *candidate, uint32_t set)
{
	uint32_t count = 0;

	for (size_t g = 0; g < candidate->accels_len; g++)
		count += set >> g & 1 ? candidate->accels[g].count : 0;
	return count;
}

/* Hall's theorem: there is an assignment exactly when no set of groups must take more than it has. */
int xpm_predicate_assigns(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate,
			  const char *gres_type)
{
	uint32_t within[1 << XPM_ACCEL_GROUPS_MAX];

	if (!count_within(alternative, candidate, gres_type, within))
		return 0;
	for (uint32_t set = 1; set < UINT32_C(1) << candidate->accels_len; set++) {
		if (within[set] > devices_in(candidate, set))
			return 0;
	}
	return 1;
}

int xpm_predicate_assigns_type(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate,
			       const char *type)
{
	for (size_t g = 0; g < candidate->accels_len; g++) {
		const char *is = candidate->accels[g].gres_type;

		if (is && strcmp(is, type) == 0)
			return xpm_predicate_assigns(alternative, candidate, is);
	}
	return xpm_predicate_assigns(alternative, candidate, XPM_UNTYPED);
}

/*
 * Hall's theorem from the other side: any N devices do exactly when, for every set of groups, the devices that could be
 * picked from it (at most N) do not outnumber what is asked for and fits somewhere in it.
 */
int xpm_predicate_any_do(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate)
{
	uint32_t within[1 << XPM_ACCEL_GROUPS_MAX];
	uint32_t all = (UINT32_C(1) << candidate->accels_len) - 1, asked = alternative->accel_count;

	if (!count_within(alternative, candidate, NULL, within))
		return 0;
	for (uint32_t set = 1; set <= all; set++) {
		uint32_t picked = devices_in(candidate, set);

		if ((picked < asked ? picked : asked) > asked - within[all & ~set])
			return 0;
	}
	return 1;
}

/* The clauses of one need, each on the groups of its kind. */
uint32_t xpm_predicate_need_failed(const struct xpm_accel_need *need, const struct xpm_candidate *candidate)
{
	int kind = 0, model = 0, memory = 0, least = 0;

	for (size_t g = 0; g < candidate->accels_len; g++) {
		const struct xpm_accel_group *group = &candidate->accels[g];

		if (!xpm_predicate_kind_fits(need, group))
			continue;
		kind = 1;
		model |= xpm_predicate_model_fits(need, group);
		if (enough(need, group)) {
			memory = 1;
			least |= not_too_little(need, group);
		}
	}
	if (!kind)
		return XPM_BIT(XPM_CLAUSE_GPU_KIND);
	return (model ? 0 : XPM_BIT(XPM_CLAUSE_GPU_MODEL)) | (memory ? 0 : XPM_BIT(XPM_CLAUSE_GPU_MEMORY)) |
	       (memory && !least ? XPM_BIT(XPM_CLAUSE_GPU_MIN_MEMORY) : 0);
}

static uint32_t accels_failed(const struct xpm_alternative *alternative, const struct xpm_candidate *candidate)
{
	uint32_t failed = 0;

	if (alternative->accels_len == 0)
		return 0;
	if (alternative->accel_count > candidate->accel_count)
		failed |= XPM_BIT(XPM_CLAUSE_GPU_COUNT);
	if (candidate->accels_len == 0)
		return failed;
	for (size_t n = 0; n < alternative->accels_len; n++)
		failed |= xpm_predicate_need_failed(&alternative->accels[n], candidate);
	if (!failed && !xpm_predicate_assigns(alternative, candidate, NULL))
		failed = XPM_BIT(XPM_CLAUSE_GPU_ASSIGNMENT);
	return failed;
}

uint32_t xpm_predicate_cores(const struct xpm_predicate *predicate, uint64_t mem_per_cpu)
{
	const struct xpm_alternative *alternative = predicate->alternative;
	uint64_t cores;

	if (predicate->use_memory_constraint || alternative->mem == 0 || mem_per_cpu == 0)
		return alternative->cores;
	cores = alternative->mem / mem_per_cpu + (alternative->mem % mem_per_cpu != 0);
	if (cores > UINT32_MAX)
		return UINT32_MAX;
	return cores > alternative->cores ? (uint32_t)cores : alternative->cores;
}

uint32_t xpm_predicate_failed(const struct xpm_predicate *predicate, const struct xpm_candidate *candidate)
{
	const struct xpm_alternative *alternative = predicate->alternative;
	uint32_t failed = accels_failed(alternative, candidate);

	if (alternative->accel_count < candidate->min_gpu)
		failed |= XPM_BIT(XPM_CLAUSE_MIN_GPU);
	if (candidate->has_cores && xpm_predicate_cores(predicate, candidate->mem_per_cpu) > candidate->cores)
		failed |= XPM_BIT(XPM_CLAUSE_CORES);
	if (candidate->has_memory && alternative->mem > candidate->memory)
		failed |= XPM_BIT(XPM_CLAUSE_MEMORY);
	if (candidate->max_duration && predicate->duration > candidate->max_duration)
		failed |= XPM_BIT(XPM_CLAUSE_DURATION);
	return failed;
}
