/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_DECIDE_H
#define XPM_DECIDE_H

#include <string.h>
#include <xpmatch/xpmatch.h>

#include "unit.h"

/* For tests of words: a decision about a file and a spec, both given as text. */

/* A decision and what explains it. */
struct fixture {
	struct xpm_launchers *launchers;
	struct xpm_candidates *table;
	struct xpm_requirement *requirement;
	struct xpm_match *match;
	struct xpm_request request;
	struct xpm_error why;
	struct xpm_explain explain;
};

static inline void decide(struct fixture *f, const char *yaml, const char *spec)
{
	struct xpm_error err = { 0 };

	memset(f, 0, sizeof(*f));
	f->launchers = xpm_launchers_parse(yaml, strlen(yaml), "test.yaml", NULL, &err);
	ck_assert_msg(f->launchers != NULL, "%u:%u: %s", err.line, err.column, err.text);
	f->table = xpm_candidates_create(f->launchers, &err);
	f->match = xpm_match_create(f->table, &err);
	f->requirement = xpm_spec_parse(spec, &err);
	ck_assert_msg(f->requirement != NULL, "%s", err.text);
	f->request.requirement = f->requirement;
	f->request.kinds = XPM_KIND_BOTH;
	xpm_match_run(f->match, &f->request, &f->why);
	f->explain = (struct xpm_explain){ f->match, f->table, &f->request, &f->why };
}

static inline void drop(struct fixture *f)
{
	xpm_match_destroy(f->match);
	xpm_candidates_destroy(f->table);
	xpm_requirement_destroy(f->requirement);
	xpm_launchers_destroy(f->launchers);
}

static const char site[] = "slurm:\n"
			   "  - id: s\n"
			   "    qos: {short: {max_duration: 2h, priority: 1}, long: {max_duration: 1d}, big: {min_gpu: 4}}\n"
			   "    partitions:\n"
			   "      a:\n"
			   "        qos: [short, long]\n"
			   "        nodes:\n"
			   "          - hosts: n[1-4]\n"
			   "            features: [x]\n"
			   "            configuration: {cpu: {cores: 8, memory: 64G}, gpu: {count: 2, memory: 24G, model: T4,\n"
			   "              min_mem_ratio: 0.5}}\n"
			   "      b:\n"
			   "        qos: big\n"
			   "        nodes:\n"
			   "          - hosts: m1\n"
			   "            features: [y]\n"
			   "            configuration: {cpu: {cores: 64, memory: 1T}, gpu: {count: 8, memory: 80G, model: H100}}\n";

#endif
