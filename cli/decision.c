/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "common.h"
#include "query.h"

/* Steps up to the run; each leaves what it made in *decision for the release. */
static int load(struct cli_decision *decision, const struct cli_query *query)
{
	struct xpm_error err = { 0 };
	enum cli_exit status = CLI_DONE;
	char *path = cli_launchers_path(query->file);

	if (!path)
		return CLI_LAUNCHERS;
	decision->launchers = cli_launchers_load(path, &status);
	if (decision->launchers)
		status = cli_cluster_apply(decision->launchers, path, query->user, &decision->cluster);
	free(path);
	if (status != CLI_DONE)
		return status;
	decision->candidates = xpm_candidates_create(decision->launchers, &err);
	if (!decision->candidates)
		return cli_fail(&err, CLI_LAUNCHERS);
	decision->match = xpm_match_create(decision->candidates, &err);
	if (!decision->match)
		return cli_fail(&err, CLI_SYSTEM);
	return CLI_DONE;
}

/* A launcher that was named must be there: everything else would look like a spec that nothing satisfies. */
static int check_launcher(const struct cli_decision *decision, const struct cli_query *query)
{
	int found = query->launcher == NULL;

	for (size_t i = 0; i < xpm_candidates_launchers(decision->candidates) && !found; i++)
		found = !strcmp(xpm_candidates_launcher(decision->candidates, i)->id, query->launcher);
	if (found)
		return CLI_DONE;
	return cli_usage(query->command, "--launcher=%s: launchers.yaml has no launcher with this id that is in use",
			 query->launcher);
}

static int run(struct cli_decision *decision)
{
	switch (xpm_match_run(decision->match, &decision->request, &decision->why)) {
	case XPM_OK:
		return CLI_DONE;
	case XPM_ERR_NO_MATCH:
	case XPM_ERR_CONFLICT:
		return CLI_NO_MATCH;
	case XPM_ERR_VALUE:
		return cli_fail(&decision->why, CLI_USAGE);
	default:
		return cli_fail(&decision->why, CLI_SYSTEM);
	}
}

int cli_decision_make(struct cli_decision *decision, const struct cli_query *query)
{
	struct xpm_error err = { 0 };
	int status;

	memset(decision, 0, sizeof(*decision));
	decision->requirement = xpm_spec_parse(query->spec, &err);
	if (!decision->requirement)
		return cli_fail(&err, CLI_USAGE);
	status = load(decision, query);
	if (status == CLI_DONE)
		status = check_launcher(decision, query);
	if (status != CLI_DONE)
		return status;
	decision->request.requirement = decision->requirement;
	decision->request.kinds = query->kinds;
	decision->request.tags = query->tags;
	decision->request.tags_len = query->tags_len;
	decision->request.launcher = query->launcher;
	decision->request.typed = query->has_typed ? &query->typed : NULL;
	if (decision->cluster) {
		decision->view.cluster = decision->cluster;
		decision->view.table = decision->candidates;
		decision->view.typed = decision->request.typed;
		decision->view.user = query->user;
		decision->live.context = &decision->view;
		decision->live.partition = xpm_snapshot_live_partition;
		decision->live.access = xpm_snapshot_live_access;
		decision->request.live = &decision->live;
	}
	return run(decision);
}

void cli_decision_release(struct cli_decision *decision)
{
	xpm_match_destroy(decision->match);
	xpm_candidates_destroy(decision->candidates);
	xpm_launchers_destroy(decision->launchers);
	xpm_cluster_destroy(decision->cluster);
	xpm_requirement_destroy(decision->requirement);
}
