/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates that no spec reaches, and those that another one always comes before. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xpmatch/units.h>

#include "check_private.h"
#include "error_private.h"
#include "table.h"

/* Comparisons of candidates with each other: larger files are not looked at to the end. */
#define WORK_MAX 4000000

static const struct xpm_candidate *row_at(const struct xpm_check *check, size_t row)
{
	return &check->candidates->rows[row].candidate;
}

/* --- out of reach --- */

static void check_least(struct xpm_check *check, const struct xpm_candidate *candidate)
{
	char least[XPM_SIZE_TEXT], memory[XPM_SIZE_TEXT];

	for (size_t i = 0; i < candidate->accels_len; i++) {
		const struct xpm_accel_group *group = &candidate->accels[i];
		struct xpm_place place = xpm_check_line(check, candidate->line);

		if (group->memory > 0 && group->least > group->memory)
			xpm_check_say(check, XPM_WARNING, &place,
				      "GPUs that must be asked for with at least %s have only %s: no spec with memory "
				      "gets them",
				      xpm_size_print(group->least, least), xpm_size_print(group->memory, memory));
	}
}

static void check_min_gpu(struct xpm_check *check, const struct xpm_candidate *candidate)
{
	struct xpm_place place = xpm_check_line(check, candidate->line);

	if (candidate->min_gpu <= candidate->accel_count)
		return;
	if (candidate->partition)
		xpm_check_say(check, XPM_WARNING, &place,
			      "no spec gets these nodes in partition '%s'%s%s: min_gpu is %u, and they have %u",
			      candidate->partition, candidate->qos ? " with QoS " : "",
			      candidate->qos ? candidate->qos : "", candidate->min_gpu, candidate->accel_count);
	else
		xpm_check_say(check, XPM_WARNING, &place, "no spec gets this: min_gpu is %u, and it has %u",
			      candidate->min_gpu, candidate->accel_count);
}

/* --- always second --- */

/* Whatever is asked of one of b's accelerators, one of a's does as well. */
static int group_covers(const struct xpm_accel_group *a, const struct xpm_accel_group *b)
{
	if (a->kind != b->kind || a->memory < b->memory || a->least > b->least)
		return 0;
	return !b->model || (a->model && !strcasecmp(a->model, b->model));
}

/* Each of b's accelerators finds one of a's, taken in order: no proof that none does, but proof when they do. */
static int accels_cover(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	uint32_t left[XPM_ACCEL_GROUPS_MAX];

	for (size_t i = 0; i < a->accels_len; i++)
		left[i] = a->accels[i].count;
	for (size_t j = 0; j < b->accels_len; j++) {
		uint32_t wanted = b->accels[j].count;

		for (size_t i = 0; i < a->accels_len && wanted > 0; i++) {
			uint32_t taken = left[i] < wanted ? left[i] : wanted;

			if (!group_covers(&a->accels[i], &b->accels[j]))
				continue;
			left[i] -= taken;
			wanted -= taken;
		}
		if (wanted > 0)
			return 0;
	}
	return 1;
}

/* a satisfies whatever b satisfies. */
static int covers(const struct xpm_check *check, const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	const struct xpm_table_launcher *launcher = &check->candidates->launchers[a->launcher];
	const struct xpm_table_launcher *other = &check->candidates->launchers[b->launcher];

	if (launcher->use_memory_constraint != other->use_memory_constraint)
		return 0;
	if (!launcher->use_memory_constraint && a->mem_per_cpu != b->mem_per_cpu)
		return 0;
	if (a->min_gpu > b->min_gpu || (a->max_duration && (!b->max_duration || b->max_duration > a->max_duration)))
		return 0;
	if (a->has_cores && (!b->has_cores || b->cores > a->cores))
		return 0;
	if (a->has_memory && (!b->has_memory || b->memory > a->memory))
		return 0;
	return accels_cover(a, b);
}

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Would b join a, if it can? Then it is of use. An account of its own is for those who may not use the other. */
static int is_of_use(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	return !same_text(a->account, b->account) ||
	       (same_text(a->qos, b->qos) && a->mem_per_cpu == b->mem_per_cpu);
}

/*
 * The candidate of the same launcher that comes before this one and takes all that it could take. Of its own
 * partition when own is 1, else of another.
 */
static const struct xpm_candidate *find_cover(const struct xpm_check *check, const struct xpm_table_launcher *launcher,
					      size_t position, int own, size_t *work)
{
	const struct xpm_candidate *b = row_at(check, launcher->order[position]);

	for (size_t i = 0; i < position && *work > 0; i++) {
		const struct xpm_candidate *a = row_at(check, launcher->order[i]);

		(*work)--;
		if ((strcmp(a->partition, b->partition) == 0) != own || is_of_use(a, b))
			continue;
		if (covers(check, a, b))
			return a;
	}
	return NULL;
}

static void check_qos_order(struct xpm_check *check, const struct xpm_table_launcher *launcher, size_t position,
			    size_t *work)
{
	const struct xpm_candidate *b = row_at(check, launcher->order[position]);
	const struct xpm_candidate *a = find_cover(check, launcher, position, 1, work);
	struct xpm_place place = xpm_check_line(check, b->line);

	if (a && !same_text(a->qos, b->qos))
		xpm_check_say(check, XPM_NOTE, &place,
			      "in partition '%s' QoS '%s' is for those who may not use '%s', which does all that it "
			      "does and comes first",
			      b->partition, b->qos ? b->qos : "none", a->qos ? a->qos : "none");
}

/* Where the file names it. */
static struct xpm_place partition_place(const struct xpm_check *check, const struct xpm_launcher_info *info,
					const char *name)
{
	for (size_t l = 0; l < check->launchers->len; l++) {
		const struct xpm_launcher *launcher = &check->launchers->items[l];

		for (size_t p = 0; p < launcher->partitions_len && !strcmp(launcher->id, info->id); p++)
			if (!strcmp(launcher->partitions[p].name, name))
				return launcher->partitions[p].place;
	}
	return (struct xpm_place){ 0, 0 };
}

/* A partition is shadowed when each of its candidates is, by others of other partitions. */
static void check_partitions(struct xpm_check *check, const struct xpm_table_launcher *launcher, size_t *work)
{
	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_candidate *cover = NULL;
		struct xpm_place place;
		int shadowed = 1;

		for (size_t i = 0; i < launcher->info.count && shadowed; i++) {
			if (strcmp(row_at(check, launcher->order[i])->partition, launcher->partitions[p]))
				continue;
			cover = find_cover(check, launcher, i, 0, work);
			shadowed = cover != NULL;
		}
		if (!cover || !shadowed || *work == 0)
			continue;
		place = partition_place(check, &launcher->info, launcher->partitions[p]);
		xpm_check_say(check, XPM_WARNING, &place,
			      "partition '%s' is second to '%s', which does all that it does: no job goes there unless "
			      "it names it",
			      launcher->partitions[p], cover->partition);
	}
}

/* Every tag that finds b finds a. */
static int tags_cover(const struct xpm_launcher_info *a, const struct xpm_launcher_info *b)
{
	for (size_t j = 0; j < b->tags_len; j++) {
		size_t i = 0;

		while (i < a->tags_len && strcmp(a->tags[i], b->tags[j]))
			i++;
		if (i == a->tags_len)
			return 0;
	}
	return 1;
}

/* A local launcher is one candidate: one with more weight that does all it does leaves it nothing. */
static void check_local(struct xpm_check *check)
{
	const struct xpm_candidates *table = check->candidates;

	for (size_t later = 1; later < table->launchers_len; later++) {
		const struct xpm_launcher_info *b = &table->launchers[later].info;

		for (size_t earlier = 0; earlier < later && b->kind == XPM_KIND_LOCAL; earlier++) {
			const struct xpm_launcher_info *a = &table->launchers[earlier].info;
			struct xpm_place place = xpm_check_line(check, row_at(check, b->first)->line);

			if (a->kind != XPM_KIND_LOCAL || !tags_cover(a, b) ||
			    !covers(check, row_at(check, a->first), row_at(check, b->first)))
				continue;
			xpm_check_say(check, XPM_WARNING, &place,
				      "launcher '%s' is never chosen: '%s' does all that it does and is tried first",
				      b->id, a->id);
			break;
		}
	}
}

enum xpm_code xpm_check_rows(struct xpm_check *check)
{
	const struct xpm_candidates *table = check->candidates;
	size_t work = WORK_MAX;

	for (size_t row = 0; row < table->rows_len; row++) {
		check_least(check, row_at(check, row));
		check_min_gpu(check, row_at(check, row));
	}
	check_local(check);
	for (size_t l = 0; l < table->launchers_len; l++) {
		const struct xpm_table_launcher *launcher = &table->launchers[l];

		if (launcher->info.kind != XPM_KIND_SLURM)
			continue;
		for (size_t i = 1; i < launcher->info.count && work > 0; i++)
			check_qos_order(check, launcher, i, &work);
		check_partitions(check, launcher, &work);
	}
	return XPM_OK;
}
