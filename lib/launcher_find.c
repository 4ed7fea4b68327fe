/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a decision to a launcher. */
#include <string.h>

#include "error_private.h"
#include "launcher.h"
#include "slurm_fields.h"

/* Which of the options are the plan's own, and not the user's or the file's. */
static uint32_t decided_fields(const struct xpm_plan *plan)
{
	struct xpm_launcher_info bare = *plan->launcher;
	struct xpm_plan alone = *plan;
	struct xpm_slurm_options options;
	uint32_t decided = 0;

	bare.options = NULL;
	alone.launcher = &bare;
	xpm_plan_options(&alone, &options);
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (xpm_slurm_field_is_set(&options, i))
			decided |= UINT32_C(1) << i;
	}
	return decided;
}

void xpm_launcher_of_plan(struct xpm_launcher *draft, const struct xpm_plan *plan, const struct xpm_request *request,
			  const char *spec)
{
	const struct xpm_launcher_info *info = plan->launcher;

	*draft = (struct xpm_launcher){
		.kind = info->kind,
		.id = info->id,
		.weight = info->weight,
		.path = info->path,
		.spec = spec,
		.tags = info->tags,
		.tags_len = info->tags_len,
		.asked = request->tags,
		.asked_len = request->tags_len,
		.alternative = plan->alternative + 1,
		.gpus = plan->gpus,
		.tokens = info->tokens,
		.tokens_len = info->tokens_len,
		.decided = decided_fields(plan),
	};
	xpm_plan_submission(plan, request->typed, &draft->options);
}

struct xpm_launcher *xpm_launcher_choose(struct xpm_match *match, const struct xpm_request *request,
					 struct xpm_error *err)
{
	struct xpm_launcher draft;

	if (xpm_match_run(match, request, err) != XPM_OK)
		return NULL;
	xpm_launcher_of_plan(&draft, xpm_match_plan(match), request, xpm_requirement_source(request->requirement));
	return xpm_launcher_keep(&draft, err);
}

struct xpm_launcher *xpm_find_launcher(const struct xpm_launchers *launchers, const struct xpm_requirement *requirement,
				       const char *const *tags, struct xpm_error *err)
{
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_BOTH, .tags = tags };
	struct xpm_candidates *candidates;
	struct xpm_match *match = NULL;
	struct xpm_launcher *launcher = NULL;

	if (!launchers || !requirement) {
		xpm_fail(err, XPM_ERR_VALUE, "%s is missing", launchers ? "the requirement" : "the launchers file");
		return NULL;
	}
	while (tags && tags[request.tags_len])
		request.tags_len++;
	candidates = xpm_candidates_create(launchers, err);
	if (candidates)
		match = xpm_match_create(candidates, err);
	if (match)
		launcher = xpm_launcher_choose(match, &request, err);
	xpm_match_destroy(match);
	xpm_candidates_destroy(candidates);
	return launcher;
}

struct xpm_launcher *xpm_find_launcher_spec(const struct xpm_launchers *launchers, const char *spec,
					    const char *const *tags, struct xpm_error *err)
{
	struct xpm_requirement *requirement = xpm_spec_parse(spec ? spec : "", err);
	struct xpm_launcher *launcher;

	if (!requirement)
		return NULL;
	launcher = xpm_find_launcher(launchers, requirement, tags, err);
	xpm_requirement_destroy(requirement);
	return launcher;
}
