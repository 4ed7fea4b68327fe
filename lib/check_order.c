/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates, partitions and launchers that another one always comes before. */
#include <string.h>
#include <strings.h>

#include "check_private.h"
#include "table.h"

/* Comparisons of candidates with each other: larger files are not looked at to the end. */
#define WORK_MAX 4000000

static const struct xpm_row *row_of(const struct xpm_check *check, size_t row)
{
	return &check->candidates->rows[row];
}

static const struct xpm_candidate *row_at(const struct xpm_check *check, size_t row)
{
	return &row_of(check, row)->candidate;
}

/* --- what does all that another does --- */

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

/* --- in one launcher --- */

/* The work left, one less; 0 when there is none. */
static int spend(size_t *work)
{
	return *work > 0 && (*work)--;
}

/* Candidates with these in common may be in one request, so b is of use beside a. */
static int may_join(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	return xpm_check_same(a->account, b->account) && xpm_check_same(a->qos, b->qos) &&
	       a->mem_per_cpu == b->mem_per_cpu;
}

/* The row of the same nodes and account that comes before this one and does all that it does. */
static const struct xpm_candidate *find_better(const struct xpm_check *check, const struct xpm_table_launcher *launcher,
					       size_t row)
{
	const struct xpm_candidate *b = row_at(check, row);
	size_t end = launcher->info.first + launcher->info.count, first = row;

	/* Rows of equal nodes stand together. */
	while (first > launcher->info.first && row_of(check, first - 1)->klass == row_of(check, row)->klass)
		first--;
	for (size_t i = first; i < end && row_of(check, i)->klass == row_of(check, row)->klass; i++) {
		const struct xpm_candidate *a = row_at(check, i);

		if (a->priority < b->priority || (a->priority == b->priority && i >= row))
			continue;
		if (xpm_check_same(a->account, b->account) && covers(check, a, b))
			return a;
	}
	return NULL;
}

/* A QoS is second when it is for each group of the partition's nodes. */
static void check_qos_order(struct xpm_check *check, const struct xpm_table_launcher *launcher,
			    const struct xpm_partition *partition, const char *qos)
{
	const struct xpm_candidate *better = NULL;

	for (size_t i = 0; i < launcher->info.count; i++) {
		const struct xpm_candidate *b = row_at(check, launcher->info.first + i);

		if (strcmp(b->partition, partition->name) || !xpm_check_same(b->qos, qos))
			continue;
		better = find_better(check, launcher, launcher->info.first + i);
		if (!better)
			return;
	}
	if (better)
		xpm_check_say(check, XPM_NOTE, &partition->place,
			      "in partition '%s' QoS '%s' is for those who may not use '%s', which does all that it "
			      "does and comes first",
			      partition->name, qos, better->qos);
}

static void check_all_qos(struct xpm_check *check, const struct xpm_table_launcher *launcher, size_t *work)
{
	const struct xpm_launcher *from = xpm_check_launcher(check, &launcher->info);

	for (size_t p = 0; p < from->partitions_len; p++)
		for (size_t q = 0; q < from->partitions[p].qos.len && *work > launcher->info.count; q++) {
			*work -= launcher->info.count;
			check_qos_order(check, launcher, &from->partitions[p], from->partitions[p].qos.items[q]);
		}
}

static int shares_hosts(const struct xpm_class *a, const struct xpm_class *b)
{
	for (size_t i = 0; i < a->atoms_len; i++)
		for (size_t j = 0; j < b->atoms_len; j++)
			if (a->atoms[i] == b->atoms[j])
				return 1;
	return 0;
}

/* Is this row taken whenever it satisfies: can a request for it never let in others that do not? */
static int is_sound(const struct xpm_check *check, const struct xpm_table_launcher *launcher, uint32_t row,
		    size_t *work)
{
	const struct xpm_row *a = row_of(check, row);
	const struct xpm_lane *lane = &launcher->lanes[a->lane];

	for (size_t i = 0; i < lane->len; i++) {
		const struct xpm_row *other = row_of(check, lane->rows[i]);

		if (!spend(work))
			return 0;
		if (other->klass == a->klass || other->klass->partition != a->klass->partition)
			continue;
		if (launcher->use_features && !xpm_feature_set_within(&a->klass->features, &other->klass->features))
			continue;
		if (covers(check, &other->candidate, &a->candidate))
			continue;
		if (!launcher->use_hosts || !other->klass->hosts_known || shares_hosts(a->klass, other->klass))
			return 0;
	}
	return a->candidate.accels_len <= 1; /* of different ones Slurm may hand out the wrong */
}

/*
 * The candidate of another partition that is taken whenever this one satisfies. NULL when there is none, or when one
 * comes before that this one may join.
 */
static const struct xpm_candidate *find_cover(const struct xpm_check *check, const struct xpm_table_launcher *launcher,
					      size_t position, size_t *work)
{
	const struct xpm_candidate *b = row_at(check, launcher->order[position]), *cover = NULL;

	for (size_t i = 0; i < position; i++) {
		const struct xpm_candidate *a = row_at(check, launcher->order[i]);

		if (!spend(work))
			return NULL;
		if (!strcmp(a->partition, b->partition))
			continue;
		if (may_join(a, b))
			return NULL;
		/* An account of its own is for those who may not use the other. */
		if (!cover && xpm_check_same(a->account, b->account) && covers(check, a, b) &&
		    is_sound(check, launcher, launcher->order[i], work))
			cover = a;
	}
	return cover;
}

static void say_second(struct xpm_check *check, const struct xpm_table_launcher *launcher, const char *name,
		       const struct xpm_candidate *b, const struct xpm_candidate *cover)
{
	const struct xpm_launcher *from = xpm_check_launcher(check, &launcher->info);
	size_t p = 0;

	while (strcmp(from->partitions[p].name, name))
		p++;
	if (xpm_check_same(b->qos, cover->qos) || !cover->qos)
		xpm_check_say(check, XPM_WARNING, &from->partitions[p].place,
			      "partition '%s' is second to '%s', which does all that it does: no job goes there unless "
			      "it names it",
			      name, cover->partition);
	else
		xpm_check_say(check, XPM_WARNING, &from->partitions[p].place,
			      "partition '%s' is second to '%s', which does all that it does: no job goes there unless "
			      "it names it or may not use QoS '%s'",
			      name, cover->partition, cover->qos);
}

/* A partition is shadowed when each of its candidates is, by others of other partitions. */
static void check_partitions(struct xpm_check *check, const struct xpm_table_launcher *launcher, size_t *work)
{
	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_candidate *cover = NULL, *last = NULL;
		int shadowed = 1;

		for (size_t i = 0; i < launcher->info.count && shadowed; i++) {
			const struct xpm_candidate *b = row_at(check, launcher->order[i]);

			if (strcmp(b->partition, launcher->partitions[p]))
				continue;
			cover = find_cover(check, launcher, i, work);
			shadowed = cover != NULL;
			last = b;
		}
		if (cover && shadowed)
			say_second(check, launcher, launcher->partitions[p], last, cover);
	}
}

/* --- launchers --- */

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

static int same_accels(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	if (a->accels_len != b->accels_len)
		return 0;
	for (size_t i = 0; i < a->accels_len; i++) {
		const struct xpm_accel_group *x = &a->accels[i], *y = &b->accels[i];

		if (x->kind != y->kind || x->count != y->count || x->memory != y->memory || x->least != y->least ||
		    !xpm_check_same(x->model, y->model) || !xpm_check_same(x->gres_type, y->gres_type))
			return 0;
	}
	return 1;
}

static int same_features(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	if (a->features_len != b->features_len)
		return 0;
	for (size_t i = 0; i < a->features_len; i++)
		if (strcmp(a->features[i], b->features[i]))
			return 0;
	return 1;
}

static int same_row(const struct xpm_candidate *a, const struct xpm_candidate *b)
{
	return xpm_check_same(a->partition, b->partition) && xpm_check_same(a->qos, b->qos) &&
	       xpm_check_same(a->account, b->account) && xpm_check_same(a->hosts, b->hosts) && same_features(a, b) &&
	       same_accels(a, b) && a->min_gpu == b->min_gpu && a->has_cores == b->has_cores && a->cores == b->cores &&
	       a->has_memory == b->has_memory && a->memory == b->memory && a->mem_per_cpu == b->mem_per_cpu &&
	       a->max_duration == b->max_duration && a->priority == b->priority;
}

/* The same in all that decides, row by row. What the cluster adds to either is not known here. */
static int same_slurm(const struct xpm_check *check, const struct xpm_table_launcher *a,
		      const struct xpm_table_launcher *b, size_t *work)
{
	if (a->info.query_slurm || b->info.query_slurm || !xpm_check_same(a->info.path, b->info.path) ||
	    a->use_features != b->use_features || a->use_hosts != b->use_hosts ||
	    a->use_memory_constraint != b->use_memory_constraint || a->info.count != b->info.count ||
	    b->info.count == 0)
		return 0;
	for (size_t i = 0; i < a->info.count; i++)
		if (!spend(work) || !same_row(row_at(check, a->info.first + i), row_at(check, b->info.first + i)))
			return 0;
	return 1;
}

/* A local launcher is one candidate: an earlier one that does all it does leaves it nothing. */
static int leaves_nothing(const struct xpm_check *check, const struct xpm_table_launcher *a,
			  const struct xpm_table_launcher *b, size_t *work)
{
	if (a->info.kind != b->info.kind || !tags_cover(&a->info, &b->info))
		return 0;
	return a->info.kind == XPM_KIND_SLURM
		       ? same_slurm(check, a, b, work)
		       : covers(check, row_at(check, a->info.first), row_at(check, b->info.first));
}

static void check_launchers(struct xpm_check *check, size_t *work)
{
	const struct xpm_candidates *table = check->candidates;

	for (size_t later = 1; later < table->launchers_len; later++) {
		const struct xpm_table_launcher *b = &table->launchers[later];

		for (size_t earlier = 0; earlier < later; earlier++) {
			const struct xpm_table_launcher *a = &table->launchers[earlier];

			if (!leaves_nothing(check, a, b, work))
				continue;
			xpm_check_say(check, XPM_WARNING, &xpm_check_launcher(check, &b->info)->place,
				      "launcher '%s' is never chosen: '%s' does all that it does and is tried first",
				      b->info.id, a->info.id);
			break;
		}
	}
}

void xpm_check_order(struct xpm_check *check)
{
	const struct xpm_candidates *table = check->candidates;
	size_t work = WORK_MAX;

	check_launchers(check, &work);
	for (size_t l = 0; l < table->launchers_len; l++) {
		const struct xpm_table_launcher *launcher = &table->launchers[l];

		/* Limits of partitions and QoS that Slurm is asked for are not known here. */
		if (launcher->info.kind != XPM_KIND_SLURM || launcher->info.query_slurm)
			continue;
		check_all_qos(check, launcher, &work);
		check_partitions(check, launcher, &work);
	}
}
