/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QoS, features and patterns: each is described in one place and used in another. */
#include <string.h>

#include "check_private.h"

static const struct xpm_qos *find_qos(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t i = 0; i < launcher->qos_len; i++)
		if (!strcmp(launcher->qos[i].name, name))
			return &launcher->qos[i];
	return NULL;
}

static int uses_qos(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t p = 0; p < launcher->partitions_len; p++)
		if (xpm_check_has(&launcher->partitions[p].qos, name))
			return 1;
	return launcher->options.qos && !strcmp(launcher->options.qos, name);
}

/* Was it named by a partition before this one? It is noted once. */
static int named_before(const struct xpm_launcher *launcher, size_t partition, const char *name)
{
	for (size_t p = 0; p < partition; p++)
		if (xpm_check_has(&launcher->partitions[p].qos, name))
			return 1;
	return 0;
}

static void check_qos(struct xpm_check *check, const struct xpm_launcher *launcher)
{
	for (size_t i = 0; i < launcher->qos_len; i++)
		if (!launcher->query_slurm && !uses_qos(launcher, launcher->qos[i].name))
			xpm_check_say(check, XPM_WARNING, &launcher->qos[i].place, "no partition names QoS '%s'",
				      launcher->qos[i].name);
	for (size_t p = 0; p < launcher->partitions_len; p++) {
		const struct xpm_strings *qos = &launcher->partitions[p].qos;

		for (size_t i = 0; i < qos->len; i++)
			if (!find_qos(launcher, qos->items[i]) && !named_before(launcher, p, qos->items[i]))
				xpm_check_say(check, XPM_NOTE, &qos->places[i],
					      "QoS '%s' is not described: it counts as one without limits",
					      qos->items[i]);
	}
}

static int has_feature(const struct xpm_launcher *launcher, const char *name)
{
	for (size_t p = 0; p < launcher->partitions_len; p++)
		for (size_t g = 0; g < launcher->partitions[p].nodes_len; g++)
			if (xpm_check_has(&launcher->partitions[p].nodes[g].features, name))
				return 1;
	return 0;
}

enum xpm_code xpm_check_names(struct xpm_check *check, const struct xpm_launcher *launcher,
			      const struct xpm_features *features)
{
	check_qos(check, launcher);
	/* The cluster itself may have nodes with these features. */
	if (launcher->query_slurm)
		return XPM_OK;
	for (size_t i = 0; i < launcher->features_len; i++)
		if (!has_feature(launcher, launcher->features[i].name))
			xpm_check_say(check, XPM_WARNING, &launcher->features[i].place, "no nodes have feature '%s'",
				      launcher->features[i].name);
	for (size_t i = 0; i < launcher->features_regex.len; i++)
		if (!xpm_features_matched(features, i))
			xpm_check_say(check, XPM_WARNING, &launcher->features_regex.places[i],
				      "this pattern matches no feature of any node");
	return XPM_OK;
}
