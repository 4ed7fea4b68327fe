/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Need and have of the trace, put as people read them. */
#include <inttypes.h>
#include <string.h>
#include <xpmatch/units.h>

#include "explain_private.h"
#include "match_private.h"

enum relation {
	MORE, /* "cores 40 > 16" */
	LESS, /* "gpu memory 8G < min 28G" */
	HAS,  /* "gpu model A100, has V100" */
	ONLY, /* "now: is down" */
};

static const struct {
	const char *words;
	enum relation relation;
} phrases[XPM_CLAUSES] = {
	[XPM_CLAUSE_GPU_KIND] = { "gpu kind", HAS },
	[XPM_CLAUSE_GPU_MODEL] = { "gpu model", HAS },
	[XPM_CLAUSE_GPU_COUNT] = { "gpu count", MORE },
	[XPM_CLAUSE_GPU_MEMORY] = { "gpu memory", MORE },
	[XPM_CLAUSE_GPU_MIN_MEMORY] = { "gpu memory", LESS },
	[XPM_CLAUSE_GPU_ASSIGNMENT] = { "gpus:", HAS },
	[XPM_CLAUSE_MIN_GPU] = { "gpu count", LESS },
	[XPM_CLAUSE_CORES] = { "cores", MORE },
	[XPM_CLAUSE_MEMORY] = { "memory", MORE },
	[XPM_CLAUSE_DURATION] = { "duration", MORE },
	[XPM_CLAUSE_PARTITION] = { "--partition", HAS },
	[XPM_CLAUSE_QOS] = { "--qos", HAS },
	[XPM_CLAUSE_ACCOUNT] = { "--account", HAS },
	[XPM_CLAUSE_CONSTRAINT] = { "--constraint", HAS },
	[XPM_CLAUSE_HOSTS] = { "hosts", HAS },
	[XPM_CLAUSE_GRES] = { "--gres", HAS },
	[XPM_CLAUSE_LIVE] = { "now:", ONLY },
	[XPM_CLAUSE_UNION] = { "needs", HAS },
};

/* What the file does not give is not compared with. */
static int is_measure(const char *text)
{
	return text[0] >= '0' && text[0] <= '9';
}

static void add_reason(struct xpm_textbuf *text, const struct xpm_reason *reason)
{
	enum relation relation = phrases[reason->clause].relation;

	if (text->len > 0)
		xpm_textbuf_puts(text, "; ");
	xpm_textbuf_puts(text, phrases[reason->clause].words);
	if (relation == ONLY) {
		xpm_textbuf_printf(text, " %s", reason->have);
		return;
	}
	if (relation != HAS && is_measure(reason->have))
		xpm_textbuf_printf(text, " %s %s %s", reason->need, relation == MORE ? ">" : "< min", reason->have);
	else
		xpm_textbuf_printf(text, " %s, %s %s", reason->need, strcmp(reason->have, XPM_NOT_GIVEN) ? "has" : "here",
				   reason->have);
}

void xpm_explain_reason(const struct xpm_explain *explain, size_t alternative, size_t row, struct xpm_textbuf *text)
{
	uint32_t failed = xpm_match_failed(explain->match, alternative, row);
	struct xpm_reason reason;

	for (int clause = 0; clause < XPM_CLAUSES; clause++) {
		if (!(failed & (UINT32_C(1) << clause)))
			continue;
		xpm_match_reason(explain->match, alternative, row, (enum xpm_clause)clause, &reason);
		add_reason(text, &reason);
	}
}

void xpm_explain_gpus(const struct xpm_candidate *candidate, struct xpm_textbuf *text)
{
	size_t before = text->len;
	char memory[XPM_SIZE_TEXT];

	for (size_t i = 0; i < candidate->accels_len; i++) {
		const struct xpm_accel_group *group = &candidate->accels[i];

		if (group->count == 0)
			continue;
		xpm_textbuf_printf(text, "%s%" PRIu32 "x", text->len > before ? "+" : "", group->count);
		if (group->model)
			xpm_textbuf_printf(text, " %s", group->model);
		if (group->memory)
			xpm_textbuf_printf(text, " %s", xpm_size_print(group->memory, memory));
		if (group->kind != XPM_ACCEL_CUDA || (!group->model && !group->memory))
			xpm_textbuf_printf(text, " %s", xpm_accel_kind_name(group->kind));
	}
	if (text->len == before)
		xpm_textbuf_puts(text, "-");
}
