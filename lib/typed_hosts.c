/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts that the user typed: those of --exclude may not be used, those of --nodelist must all be had, in one partition. */
#include <string.h>

#include "error_private.h"
#include "host_atoms.h"
#include "hostlist.h"
#include "match_private.h"

struct marking {
	struct xpm_match *match;
	const struct xpm_table_launcher *launcher;
};

static uint8_t *flags_of(const struct marking *marking, const char *host, uint32_t *atom)
{
	long at = xpm_host_atoms_find(marking->launcher, host);

	if (at < 0)
		return NULL;
	*atom = marking->launcher->hosts[at].atom;
	return &marking->match->host_flags[at];
}

static int mark_excluded(const char *host, void *context)
{
	struct marking *marking = context;
	uint32_t atom;
	uint8_t *flags = flags_of(marking, host, &atom);

	if (!flags || (*flags & XPM_HOST_EXCLUDED))
		return 0;
	*flags |= XPM_HOST_EXCLUDED;
	marking->match->atom_left[atom]--;
	return 0;
}

/* One that the launcher does not describe is wanted, too: no partition will have it. */
static int mark_wanted(const char *host, void *context)
{
	struct marking *marking = context;
	uint32_t atom;
	uint8_t *flags = flags_of(marking, host, &atom);

	if (flags && (*flags & XPM_HOST_WANTED))
		return 0;
	marking->match->wanted++;
	if (!flags)
		return 0;
	*flags |= XPM_HOST_WANTED;
	marking->match->atom_wanted[atom]++;
	return 0;
}

enum xpm_code xpm_typed_hosts_mark(struct xpm_match *match, const struct xpm_table_launcher *launcher,
				   struct xpm_error *err)
{
	const struct xpm_slurm_options *o = &match->typed.options;
	struct marking marking = { match, launcher };
	enum xpm_code code = XPM_OK;

	for (size_t i = 0; i < launcher->atoms_len; i++)
		match->atom_left[i] = launcher->atoms[i].count;
	match->wanted = 0;
	if (!o->exclude && !o->nodelist)
		return XPM_OK;
	memset(match->host_flags, 0, launcher->hosts_len);
	memset(match->atom_wanted, 0, launcher->atoms_len * sizeof(*match->atom_wanted));
	if (o->exclude)
		code = xpm_hostlist_each(o->exclude, mark_excluded, &marking, XPM_HOSTS_MAX, err);
	if (code == XPM_OK && o->nodelist)
		code = xpm_hostlist_each(o->nodelist, mark_wanted, &marking, XPM_HOSTS_MAX, err);
	for (size_t h = 0; code == XPM_OK && o->exclude && o->nodelist && h < launcher->hosts_len; h++)
		if ((match->host_flags[h] & XPM_HOST_EXCLUDED) && (match->host_flags[h] & XPM_HOST_WANTED))
			return xpm_fail(err, XPM_ERR_CONFLICT, "host %s stands both in --nodelist=%s and in --exclude=%s",
					launcher->hosts[h].name, o->nodelist, o->exclude);
	return code;
}

/* With --exclude a host must be left; with --nodelist one must be among those that are wanted. */
int xpm_typed_hosts_failed(const struct xpm_match *match, const struct xpm_class *klass)
{
	const struct xpm_slurm_options *o = &match->typed.options;
	int left = 0, wanted = 0;

	if (!klass->hosts_known || (!o->exclude && !o->nodelist))
		return 0;
	for (size_t i = 0; i < klass->atoms_len; i++) {
		left |= match->atom_left[klass->atoms[i]] > 0;
		wanted |= o->nodelist && match->atom_wanted[klass->atoms[i]] > 0;
	}
	return !left || (o->nodelist && !wanted);
}

/* Rows of one partition and lane. */
struct group {
	const uint32_t *rows;
	size_t len;
};

/* The group that begins at this place of a lane, whose rows stand partition by partition. */
static struct group group_at(const struct xpm_choice *choice, const struct xpm_lane *lane, size_t at)
{
	const struct xpm_row *table = choice->match->table->rows;
	struct group group = { lane->rows + at, 1 };

	while (at + group.len < lane->len &&
	       table[group.rows[group.len]].klass->partition == table[group.rows[0]].klass->partition)
		group.len++;
	return group;
}

static int has_flag(const struct xpm_choice *choice, uint32_t row, uint8_t flag)
{
	return (choice->match->row_flags[row - choice->launcher->info.first] & flag) != 0;
}

/* The hosts wanted of the rows that have the flag (all rows: 0), each once; open gets 1 when hosts of one are not known. */
static size_t count_wanted(struct xpm_choice *choice, const struct group *group, uint8_t flag, int *open)
{
	struct xpm_match *match = choice->match;
	size_t count = 0;

	for (size_t i = 0; i < group->len; i++) {
		const struct xpm_class *klass = match->table->rows[group->rows[i]].klass;

		if (flag && !has_flag(choice, group->rows[i], flag))
			continue;
		*open |= !klass->hosts_known;
		for (size_t a = 0; a < klass->atoms_len; a++) {
			if (!(match->atom_flags[klass->atoms[a]] & XPM_ATOM_COUNTED))
				count += match->atom_wanted[klass->atoms[a]];
			match->atom_flags[klass->atoms[a]] |= XPM_ATOM_COUNTED;
		}
	}
	return count;
}

/*
 * Do the rows with the flag have all hosts that are wanted? Where the hosts of one are not known they may be any that the
 * partition does not describe otherwise.
 */
static int has_all(struct xpm_choice *choice, const struct group *group, uint8_t flag)
{
	int open = 0, ignored = 0;
	size_t had = count_wanted(choice, group, flag, &open), missing;

	missing = open ? count_wanted(choice, group, 0, &ignored) : choice->match->wanted - had;
	for (size_t i = 0; i < group->len; i++) {
		const struct xpm_class *klass = choice->match->table->rows[group->rows[i]].klass;

		for (size_t a = 0; a < klass->atoms_len; a++)
			choice->match->atom_flags[klass->atoms[a]] &= (uint8_t)~XPM_ATOM_COUNTED;
	}
	return missing == 0;
}

static void drop(struct xpm_choice *choice, const struct group *group)
{
	for (size_t i = 0; i < group->len; i++) {
		if (!has_flag(choice, group->rows[i], XPM_ROW_ELIGIBLE))
			continue;
		choice->match->row_flags[group->rows[i] - choice->launcher->info.first] &= (uint8_t)~XPM_ROW_ELIGIBLE;
		choice->cells[group->rows[i]].failed |= XPM_BIT(XPM_CLAUSE_HOSTS);
	}
}

/* A job runs in one partition, with one QoS and account. */
void xpm_typed_hosts_cover(struct xpm_choice *choice)
{
	if (choice->launcher->info.kind == XPM_KIND_LOCAL || choice->match->wanted == 0)
		return;
	for (size_t l = 0; l < choice->launcher->lanes_len; l++) {
		const struct xpm_lane *lane = &choice->launcher->lanes[l];
		struct group group;

		for (size_t i = 0; i < lane->len; i += group.len) {
			group = group_at(choice, lane, i);
			if (!has_all(choice, &group, XPM_ROW_ELIGIBLE))
				drop(choice, &group);
		}
	}
}

int xpm_typed_hosts_had(struct xpm_choice *choice)
{
	const struct xpm_lane *lane = &choice->launcher->lanes[choice->match->table->rows[choice->members[0]].lane];
	struct group group;
	int had = choice->match->wanted == 0;

	for (size_t i = 0; i < lane->len && !had; i += group.len) {
		group = group_at(choice, lane, i);
		had = has_all(choice, &group, XPM_ROW_MEMBER);
	}
	return had;
}
