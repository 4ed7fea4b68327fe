/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QoS, features and patterns: each is described in one place and used in another. */
#include <string.h>

#include "check_private.h"
#include "error_private.h"
#include "suggest.h"

static const struct xpm_qos *find_qos(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t i = 0; i < launcher->qos_len; i++)
		if (!strcmp(launcher->qos[i].name, name))
			return &launcher->qos[i];
	return NULL;
}

/* Does a list as "a,b" hold this name? */
static int lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncmp(list, name, len) && (list[len] == ',' || list[len] == '\0'))
			return 1;
	return 0;
}

static int uses_qos(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t p = 0; p < launcher->partitions_len; p++)
		if (xpm_check_has(&launcher->partitions[p].qos, name))
			return 1;
	return lists(launcher->options.qos, name);
}

/* Was it named by a partition before this one? It is noted once. */
static int named_before(const struct xpm_launcher *launcher, size_t partition, const char *name)
{
	for (size_t p = 0; p < partition; p++)
		if (!launcher->partitions[p].disabled && xpm_check_has(&launcher->partitions[p].qos, name))
			return 1;
	return 0;
}

static enum xpm_code say_undescribed(struct xpm_check *check, const struct xpm_launcher *launcher, const char *name,
				     const struct xpm_place *place)
{
	const char **described = xpm_arena_array(&check->arena, launcher->qos_len + 1, sizeof(*described));
	const char *near;

	if (!described)
		return xpm_fail_memory(check->err);
	for (size_t i = 0; i < launcher->qos_len; i++)
		described[i] = launcher->qos[i].name;
	near = xpm_suggest(name, strlen(name), described, launcher->qos_len);
	if (near)
		xpm_check_say(check, XPM_NOTE, place,
			      "QoS '%s' is not described (did you mean '%s'?): it counts as one without limits", name,
			      near);
	else
		xpm_check_say(check, XPM_NOTE, place, "QoS '%s' is not described: it counts as one without limits",
			      name);
	return XPM_OK;
}

static enum xpm_code check_qos(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	enum xpm_code code = XPM_OK;

	for (size_t i = 0; i < launcher->qos_len; i++)
		if (!uses_qos(launcher, launcher->qos[i].name))
			xpm_check_say(check, XPM_WARNING, &launcher->qos[i].place, "no partition names QoS '%s'",
				      launcher->qos[i].name);
	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_strings *qos = &launcher->partitions[p].qos;

		for (size_t i = 0; !launcher->partitions[p].disabled && i < qos->len && code == XPM_OK; i++)
			if (!find_qos(launcher, qos->items[i]) && !named_before(launcher, p, qos->items[i]))
				code = say_undescribed(check, launcher, qos->items[i], &qos->places[i]);
	}
	return code;
}

static int has_feature(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t p = 0; p < launcher->partitions_len; p++)
		for (size_t g = 0; g < launcher->partitions[p].nodes_len; g++)
			if (xpm_check_has(&launcher->partitions[p].nodes[g].features, name))
				return 1;
	return 0;
}

/* Patterns that match here do so in what is disabled, too: which is only asked when they match nothing else. */
static enum xpm_code check_patterns(struct xpm_check *check, const struct xpm_launcher *launcher,
				    const struct xpm_features *features)
{
	struct xpm_launcher enabled = *launcher;
	const struct xpm_features *everywhere;
	struct xpm_error err = { 0 };
	size_t matched = 0;

	while (matched < launcher->features_regex.len && xpm_features_matched(features, matched))
		matched++;
	if (matched == launcher->features_regex.len)
		return XPM_OK;
	enabled.partitions = xpm_arena_array(&check->arena, launcher->partitions_len + 1, sizeof(*enabled.partitions));
	if (!enabled.partitions)
		return xpm_fail_memory(check->err);
	for (size_t i = 0; i < launcher->partitions_len; i++) {
		enabled.partitions[i] = launcher->partitions[i];
		enabled.partitions[i].disabled = 0;
	}
	everywhere = xpm_features_create(&enabled, &check->arena, &err);
	if (!everywhere) /* too much is disabled to be looked at: nothing is certain */
		return err.code == XPM_ERR_MEMORY ? xpm_fail_memory(check->err) : XPM_OK;
	for (size_t i = 0; i < launcher->features_regex.len; i++)
		if (!xpm_features_matched(everywhere, i))
			xpm_check_say(check, XPM_WARNING, &launcher->features_regex.places[i],
				      "this pattern matches no feature of any node");
	return XPM_OK;
}

enum xpm_code xpm_check_names(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features)
{
	enum xpm_code code;

	/* The cluster itself may have these QoS, and nodes with these features. */
	if (launcher->query_slurm)
		return XPM_OK;
	code = check_qos(check, launcher);
	for (size_t i = 0; i < launcher->features_len && code == XPM_OK; i++)
		if (!has_feature(launcher, launcher->features[i].name))
			xpm_check_say(check, XPM_WARNING, &launcher->features[i].place, "no nodes have feature '%s'",
				      launcher->features[i].name);
	return code ? code : check_patterns(check, launcher, features);
}
