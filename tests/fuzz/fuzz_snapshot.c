/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot file from anybody, and the questions that slurmctld asks of it. */
#include <stdint.h>
#include <xpmatch/launchers.h>
#include <xpmatch/snapshot.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char yaml[] = "slurm: [{query_slurm: true, partitions: {gpu: {configuration: {gpu: {memory: 1G}}}}}]";
	struct xpm_cluster *cluster;
	struct xpm_launchers *launchers;
	struct xpm_error err;
	char reason[64];

	cluster = xpm_snapshot_parse((const char *)data, size, "fuzz", &err);
	if (!cluster)
		return 0;
	xpm_snapshot_may(cluster, "ann", NULL, "long", "gpu", reason, sizeof(reason));
	xpm_snapshot_user(cluster, 1000);
	launchers = xpm_launchers_parse(yaml, sizeof(yaml) - 1, "launchers.yaml", NULL, &err);
	if (launchers && xpm_launchers_apply_cluster(launchers, cluster, NULL, &err) == XPM_OK)
		xpm_candidates_destroy(xpm_candidates_create(launchers, &err));
	xpm_launchers_destroy(launchers);
	xpm_cluster_destroy(cluster);
	return 0;
}
