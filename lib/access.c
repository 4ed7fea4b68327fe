/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use what, by a snapshot. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/snapshot.h>
#include <xpmatch/units.h>

#include "cluster.h"

const char *xpm_snapshot_user(const struct xpm_cluster *snapshot, uint32_t uid)
{
	size_t low = 0, high = snapshot->users_len;

	if (uid == XPM_NO_UID)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->by_uid[middle]->uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < snapshot->users_len && snapshot->by_uid[low]->uid == uid ? snapshot->by_uid[low]->name : NULL;
}

static const struct xpm_found_user *find_user(const struct xpm_cluster *snapshot, const char *name)
{
	size_t low = 0, high = snapshot->users_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(snapshot->users[middle].name, name);

		if (order == 0)
			return &snapshot->users[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The first right of this user, by binary search. */
static size_t first_right(const struct xpm_cluster *snapshot, const char *user)
{
	size_t low = 0, high = snapshot->rights_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(snapshot->rights[middle].user, user) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The association that Slurm takes: the one for this partition before the one for any. */
static const struct xpm_right *find_right(const struct xpm_cluster *snapshot, const char *user, const char *account,
					  const char *partition)
{
	const struct xpm_right *any = NULL;
	size_t i;

	for (i = first_right(snapshot, user); i < snapshot->rights_len; i++) {
		const struct xpm_right *right = &snapshot->rights[i];

		if (strcmp(right->user, user))
			break;
		if (strcmp(right->account, account))
			continue;
		if (!right->partition)
			any = right;
		else if (partition && !strcmp(right->partition, partition))
			return right;
	}
	return any;
}

static int no(char *reason, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int no(char *reason, size_t size, const char *format, ...)
{
	va_list args;

	if (!reason || !size)
		return 0;
	va_start(args, format);
	vsnprintf(reason, size, format, args);
	va_end(args);
	return 0;
}

static const char *default_account(const struct xpm_cluster *snapshot, const char *user)
{
	const struct xpm_found_user *found = find_user(snapshot, user);

	return found ? found->account : NULL;
}

int xpm_snapshot_may(const struct xpm_cluster *snapshot, const char *user, const char *account, const char *qos,
		     const char *partition, char *reason, size_t size)
{
	const struct xpm_right *right;

	if (!(snapshot->enforce & XPM_ENFORCE_ASSOCIATIONS))
		return 1;
	if (!user)
		return no(reason, size, "the user is not known to the snapshot");
	if (!account)
		account = default_account(snapshot, user);
	if (!account)
		return no(reason, size, "user %s has no default account", user);
	right = find_right(snapshot, user, account, partition);
	if (!right)
		return no(reason, size, "user %s may not use account %s", user, account);
	if (qos && snapshot->enforce & XPM_ENFORCE_QOS && !xpm_names_have(right->qos, qos))
		return no(reason, size, "user %s may not use QoS %s with account %s", user, qos, account);
	return 1;
}

int xpm_snapshot_live_partition(void *context, const struct xpm_candidate *candidate, uint64_t duration,
				char *reason, size_t size)
{
	const struct xpm_snapshot_view *view = context;
	const struct xpm_found_partition *partition;
	char limit[XPM_SIZE_TEXT];

	if (!candidate->partition || !view->cluster->has_partitions)
		return 0;
	partition = xpm_cluster_partition(view->cluster, candidate->partition);
	if (!partition)
		return !no(reason, size, "there is no partition %s", candidate->partition);
	if (partition->state && strcmp(partition->state, "UP"))
		return !no(reason, size, "partition %s is %s", partition->name, partition->state);
	if (partition->root_only)
		return !no(reason, size, "partition %s is for root only", partition->name);
	if (duration && partition->max_time && duration > partition->max_time)
		return !no(reason, size, "MaxTime of partition %s is %s", partition->name,
			   xpm_duration_print(partition->max_time, limit));
	return 0;
}

/* Is the name let in by a list of those who are and a list of those who are not? */
static int let_in(const struct xpm_names *allow, const struct xpm_names *deny, const char *name)
{
	return (!allow->len || xpm_names_have(allow, name)) && !xpm_names_have(deny, name);
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

/* As slurmctld's filter has it: the account is the candidate's, else what was typed, the launcher's default, the user's. */
int xpm_snapshot_live_access(void *context, const struct xpm_candidate *candidate, char *reason, size_t size)
{
	static const struct xpm_slurm_options none;
	const struct xpm_snapshot_view *view = context;
	const struct xpm_slurm_options *typed = view->typed ? view->typed : &none, *defaults;
	const struct xpm_found_partition *partition;
	const struct xpm_right *right = NULL;
	const char *account, *qos;

	if (!candidate->partition)
		return 0;
	defaults = xpm_candidates_launcher(view->table, candidate->launcher)->options;
	account = first_of(candidate->account, typed->account, defaults ? defaults->account : NULL);
	qos = first_of(candidate->qos, typed->qos, defaults ? defaults->qos : NULL);
	if (view->user &&
	    !xpm_snapshot_may(view->cluster, view->user, account, qos, candidate->partition, reason, size))
		return 1;
	partition = xpm_cluster_partition(view->cluster, candidate->partition);
	if (!partition)
		return 0;
	if (!account && view->user)
		account = default_account(view->cluster, view->user);
	if (account && view->user)
		right = find_right(view->cluster, view->user, account, candidate->partition);
	if (!qos && right)
		qos = right->default_qos;
	if (account && !let_in(&partition->allow_accounts, &partition->deny_accounts, account))
		return !no(reason, size, "partition %s does not take account %s", partition->name, account);
	if (qos && !let_in(&partition->allow_qos, &partition->deny_qos, qos))
		return !no(reason, size, "partition %s does not take QoS %s", partition->name, qos);
	return 0;
}
