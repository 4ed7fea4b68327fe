/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one decision costs, against the parse of its spec in the same run (a ratio that holds on any machine), and in
 * microseconds on this one. Ten partitions, forty node groups, two QoS. With an argument: fail above that many microseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xpmatch/xpmatch.h>

#define ROUNDS 20000

static char *ten_partitions(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "slurm:\n- id: bench\n  features_regex: ['GPU(?P<cuda_count>\\d+)', 'GPUM(?P<cuda_memory>\\d+G)']\n"
		     "  qos: {short: {max_duration: 20h, priority: 1}, long: {max_duration: 100h}}\n  partitions:\n");
	for (int p = 0; p < 10; p++) {
		fprintf(out, "    p%d:\n      qos: [short, long]\n      priority: %d\n      nodes:\n", p, p % 3);
		for (int g = 0; g < 4; g++)
			fprintf(out, "        - {hosts: 'p%dg%dn[001-064]', features: [GPU%d, GPUM%dG, rack%d], "
				     "configuration: {cpu: {cores: 64, memory: 512G}}}\n", p, g, 1 << g, 16 << (p + g) % 4, p);
	}
	fclose(out);
	return text;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what, const struct xpm_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(2);
}

int main(int argc, char **argv)
{
	static const char *const specs[] = { "cuda(mem=24G)*2", "cuda(mem=100G)*8 | cuda(mem=30G)*4 & duration=30h",
					     "cpu(cores=8, mem=64G) & duration=2h", "cuda(mem=999G)" };
	char *yaml = ten_partitions();
	struct xpm_error err;
	struct xpm_launchers *launchers = xpm_launchers_parse(yaml, strlen(yaml), "bench.yaml", NULL, &err);
	struct xpm_candidates *table = launchers ? xpm_candidates_create(launchers, &err) : NULL;
	struct xpm_match *match = table ? xpm_match_create(table, &err) : NULL;
	double limit = argc > 1 ? atof(argv[1]) : 0, worst = 0;

	if (!match)
		die("bench.yaml", &err);
	printf("%zu candidates\n%-48s %9s %9s %7s\n", xpm_candidates_count(table), "spec", "parse us", "match us", "ratio");
	for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		struct xpm_requirement *requirement = xpm_spec_parse(specs[i], &err);
		struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_SLURM };
		double start, parse, decide;

		if (!requirement)
			die(specs[i], &err);
		start = now();
		for (int n = 0; n < ROUNDS; n++)
			xpm_requirement_destroy(xpm_spec_parse(specs[i], &err));
		parse = (now() - start) / ROUNDS;
		start = now();
		for (int n = 0; n < ROUNDS; n++)
			xpm_match_run(match, &request, NULL);
		decide = (now() - start) / ROUNDS;
		printf("%-48s %9.2f %9.2f %7.1f\n", specs[i], parse, decide, decide / parse);
		worst = decide > worst ? decide : worst;
		xpm_requirement_destroy(requirement);
	}
	xpm_match_destroy(match);
	xpm_candidates_destroy(table);
	xpm_launchers_destroy(launchers);
	free(yaml);
	return limit > 0 && worst > limit;
}
