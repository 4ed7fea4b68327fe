/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scontrol's output, whatever it is; what comes out of it as a snapshot must be readable again. */
#include <stdint.h>
#include <stdlib.h>
#include <xpmatch/cluster.h>
#include <xpmatch/snapshot.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct xpm_cluster *cluster = xpm_cluster_create(NULL), *other = xpm_cluster_create(NULL);
	struct xpm_error err;
	size_t len;
	char *out;

	if (cluster && other) {
		if (xpm_cluster_add_nodes(cluster, text, size, "fuzz", NULL, &err) == XPM_OK) {
			out = xpm_cluster_convert(cluster, 1, &len, NULL, &err);
			free(out);
			out = xpm_snapshot_print(cluster, 1, &len, &err);
			xpm_cluster_destroy(xpm_snapshot_parse(out, len, "fuzz", &err));
			free(out);
		}
		(void)xpm_cluster_add_partitions(other, text, size, "fuzz", &err);
		(void)xpm_cluster_add_qos(other, text, size, "fuzz", &err);
		(void)xpm_cluster_add_users(other, text, size, "fuzz", &err);
		(void)xpm_cluster_add_associations(other, text, size, "fuzz", &err);
	}
	xpm_cluster_destroy(cluster);
	xpm_cluster_destroy(other);
	return 0;
}
