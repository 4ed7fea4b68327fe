/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates that no spec reaches, and nodes that nothing tells apart. */
#include <stdlib.h>
#include <string.h>
#include <xpmatch/units.h>

#include "check_private.h"
#include "error_private.h"
#include "table.h"

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
		struct xpm_place place = { candidate->line, candidate->column };

		if (group->memory > 0 && group->least > group->memory)
			xpm_check_say(check, XPM_WARNING, &place,
				      "GPUs that must be asked for with at least %s have only %s: no spec with memory "
				      "gets them",
				      xpm_size_print(group->least, least), xpm_size_print(group->memory, memory));
	}
}

/* Then it has been said already what is wrong. */
static int is_uncounted(const struct xpm_check *check, const struct xpm_place *place)
{
	for (const struct xpm_uncounted *other = check->uncounted; other; other = other->next)
		if (other->place.line == place->line && other->place.column == place->column)
			return 1;
	return 0;
}

static void check_min_gpu(struct xpm_check *check, const struct xpm_candidate *candidate)
{
	struct xpm_place place = { candidate->line, candidate->column };

	if (candidate->min_gpu <= candidate->accel_count || is_uncounted(check, &place))
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

/* --- what tells them apart --- */

/* Can they be excluded where they are not wanted? */
static int is_named(const struct xpm_table_launcher *launcher, const struct xpm_class *klass)
{
	return launcher->use_hosts && klass->hosts_known;
}

static void say_alike(struct xpm_check *check, const struct xpm_table_launcher *launcher, const struct xpm_row *row,
		      const struct xpm_row *other)
{
	struct xpm_place place = { row->candidate.line, row->candidate.column };
	const char *hosts = launcher->use_hosts ? "without hosts" : "with use_hosts: false";

	if (!launcher->use_features)
		xpm_check_say(check, XPM_WARNING, &place,
			      "%s and with use_features: false nothing tells these nodes from those of line %u", hosts,
			      other->candidate.line);
	else
		xpm_check_say(check, XPM_WARNING, &place,
			      "%s nothing tells these nodes from those of line %u, which have %s", hosts,
			      other->candidate.line,
			      row->klass->features_len ? "the same features" : "no features either");
}

/* What nothing but its hosts tells apart stands together, in the order of the file. */
static int compare_alike(const void *left, const void *right, void *context)
{
	const struct xpm_table_launcher *launcher = context;
	const struct xpm_row *a = *(const struct xpm_row *const *)left, *b = *(const struct xpm_row *const *)right;
	int order = (a->klass->partition > b->klass->partition) - (a->klass->partition < b->klass->partition);

	if (!order && launcher->use_features)
		order = memcmp(&a->klass->features, &b->klass->features, sizeof(a->klass->features));
	return order ? order : (a->candidate.klass > b->candidate.klass) - (a->candidate.klass < b->candidate.klass);
}

static int is_alike(const struct xpm_table_launcher *launcher, const struct xpm_row *a, const struct xpm_row *b)
{
	return a->klass->partition == b->klass->partition &&
	       (!launcher->use_features || xpm_feature_set_equal(&a->klass->features, &b->klass->features));
}

/* Those without names to exclude them by are told of the first of the others; of two of them the later one. */
static void check_alike(struct xpm_check *check, const struct xpm_table_launcher *launcher,
			const struct xpm_row **classes, size_t len)
{
	size_t other = 1;

	for (size_t k = 1; k < len && is_alike(launcher, classes[0], classes[k]); k++)
		if (!is_named(launcher, classes[k]->klass))
			say_alike(check, launcher, classes[k], classes[0]);
	if (is_named(launcher, classes[0]->klass))
		return;
	while (other < len && is_alike(launcher, classes[0], classes[other]) &&
	       !is_named(launcher, classes[other]->klass))
		other++;
	if (other < len && is_alike(launcher, classes[0], classes[other]))
		say_alike(check, launcher, classes[0], classes[other]);
}

/* Different nodes of a partition of which some cannot be excluded: their features must tell them apart. */
static enum xpm_code check_classes(struct xpm_check *check, const struct xpm_table_launcher *launcher)
{
	const struct xpm_row *rows = check->candidates->rows + launcher->info.first;
	const struct xpm_row **classes = xpm_arena_array(&check->arena, launcher->info.count + 1, sizeof(*classes));
	size_t len = 0;

	if (!classes)
		return xpm_fail_memory(check->err);
	for (size_t i = 0; i < launcher->info.count; i++)
		if (len == 0 || classes[len - 1]->klass != rows[i].klass)
			classes[len++] = &rows[i];
	if (len > 1)
		qsort_r(classes, len, sizeof(*classes), compare_alike, (void *)(uintptr_t)launcher);
	for (size_t k = 0; k < len; k++)
		if (k == 0 || !is_alike(launcher, classes[k - 1], classes[k]))
			check_alike(check, launcher, classes + k, len - k);
	return XPM_OK;
}

enum xpm_code xpm_check_rows(struct xpm_check *check)
{
	const struct xpm_candidates *table = check->candidates;
	enum xpm_code code = XPM_OK;

	for (size_t row = 0; row < table->rows_len; row++) {
		check_least(check, row_at(check, row));
		check_min_gpu(check, row_at(check, row));
	}
	for (size_t l = 0; l < table->launchers_len && code == XPM_OK; l++)
		if (table->launchers[l].info.kind == XPM_KIND_SLURM)
			code = check_classes(check, &table->launchers[l]);
	return code;
}
