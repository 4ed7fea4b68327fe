/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cluster.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "run.h"

#define SECONDS_FIND  10               /* for one of Slurm's commands while somebody waits */
#define SECONDS_UIDS  60               /* for the names of all users */
#define OUTPUT_MOST   ((size_t)256 << 20)
#define MODELS_FILE   "gpu-models.yaml"

int cli_gpu_models(const char *given, int quiet, struct xpm_gpu_models **models)
{
	static const char *const places[] = { SYSCONFDIR "/xpm/" MODELS_FILE, PKGDATADIR "/" MODELS_FILE };
	struct xpm_error err = { 0 };
	size_t i;

	*models = NULL;
	for (i = 0; !given && i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], F_OK) == 0)
			given = places[i];
	if (!given) {
		if (!quiet)
			cli_complain("note: no %s: memory of GPUs is known only where type or feature says it",
				     MODELS_FILE);
		return CLI_DONE;
	}
	*models = xpm_gpu_models_load(given, &err);
	return *models ? CLI_DONE : cli_fail(&err, CLI_SYSTEM);
}

typedef enum xpm_code add_fn(struct xpm_cluster *cluster, const char *text, size_t len, const char *name,
			     struct xpm_error *err);

/* Run one command and add what it printed. 0, or -1 with err. */
static int ask(struct xpm_cluster *cluster, const struct cli_asking *asking, const char *const *argv,
	       const char *name, add_fn *add, struct xpm_error *err)
{
	struct cli_output output;
	enum xpm_code code;

	if (cli_run_ok(asking->path, argv, asking->seconds, OUTPUT_MOST, &output, err))
		return -1;
	code = add(cluster, output.out, output.out_len, name, err);
	cli_output_free(&output);
	return code ? -1 : 0;
}

static int ask_nodes(struct xpm_cluster *cluster, const struct cli_asking *asking, struct xpm_error *err)
{
	static const char *const argv[] = { "scontrol", "--oneliner", "--all", "show", "nodes", NULL };
	struct cli_output output;
	enum xpm_code code;

	if (cli_run_ok(asking->path, argv, asking->seconds, OUTPUT_MOST, &output, err))
		return -1;
	code = xpm_cluster_add_nodes(cluster, output.out, output.out_len, "scontrol show nodes", asking->models,
				     err);
	cli_output_free(&output);
	return code ? -1 : 0;
}

/* slurmctld tells the uid of a user, not the name; looking that up is nothing for slurmctld to do. */
static void ask_uids(struct xpm_cluster *cluster)
{
	time_t end = time(NULL) + SECONDS_UIDS;
	const struct passwd *entry;
	const char *name;
	size_t i;

	for (i = 0; (name = xpm_cluster_user(cluster, i)); i++) {
		if (time(NULL) > end) {
			cli_complain("note: looking up users takes too long: %zu of them have no uid in the snapshot",
				     i);
			return;
		}
		entry = getpwnam(name);
		if (entry)
			xpm_cluster_set_uid(cluster, i, entry->pw_uid);
	}
}

static int ask_access(struct xpm_cluster *cluster, const struct cli_asking *asking, struct xpm_error *err)
{
	static const char *const qos[] = { "sacctmgr", "-n", "-P", "show", "qos", "format=" XPM_CLUSTER_QOS_FORMAT,
					   NULL };
	static const char *const users[] = { "sacctmgr", "-n", "-P", "show", "user",
					     "format=" XPM_CLUSTER_USER_FORMAT, NULL };
	char where[300];
	const char *const associations[] = { "sacctmgr", "-n", "-P", "show", "assoc", where,
					     "format=" XPM_CLUSTER_ASSOC_FORMAT, NULL };

	if (!xpm_cluster_accounting(cluster))
		return 0;
	snprintf(where, sizeof(where), "cluster=%.250s", xpm_cluster_name(cluster));
	if (ask(cluster, asking, qos, "sacctmgr show qos", xpm_cluster_add_qos, err) ||
	    ask(cluster, asking, users, "sacctmgr show user", xpm_cluster_add_users, err) ||
	    ask(cluster, asking, associations, "sacctmgr show assoc", xpm_cluster_add_associations, err))
		return -1;
	if (asking->what == CLI_ASK_UIDS)
		ask_uids(cluster);
	return 0;
}

struct xpm_cluster *cli_cluster_ask(const struct cli_asking *asking, struct xpm_error *err)
{
	static const char *const config[] = { "scontrol", "show", "config", NULL };
	static const char *const partitions[] = { "scontrol", "--oneliner", "--all", "show", "partitions", NULL };
	struct xpm_cluster *cluster = xpm_cluster_create(err);

	if (!cluster)
		return NULL;
	if (ask(cluster, asking, config, "scontrol show config", xpm_cluster_add_config, err) == 0 &&
	    ask(cluster, asking, partitions, "scontrol show partitions", xpm_cluster_add_partitions, err) == 0 &&
	    ask_nodes(cluster, asking, err) == 0 &&
	    (asking->what == CLI_ASK_NODES || ask_access(cluster, asking, err) == 0))
		return cluster;
	xpm_cluster_destroy(cluster);
	return NULL;
}

char *cli_snapshot_path(const char *launchers_path)
{
	const char *slash = strrchr(launchers_path, '/');

	return cli_format("%.*ssnapshot.yaml", slash ? (int)(slash - launchers_path + 1) : 0, launchers_path);
}

/* The snapshot in place of the cluster that does not answer. */
static struct xpm_cluster *fall_back(const char *launchers_path, const char *user, const struct xpm_error *why)
{
	char *path = cli_snapshot_path(launchers_path);
	struct xpm_error err = { 0 };
	struct xpm_cluster *cluster = path ? xpm_snapshot_load(path, &err) : NULL;
	long long age = cluster ? (long long)time(NULL) - (long long)xpm_snapshot_time(cluster) : 0;
	char text[XPM_SIZE_TEXT];

	cli_complain("note: the cluster does not answer (%s)", why->text);
	if (cluster)
		cli_complain("note: decided by %s, %s old", path,
			     xpm_duration_print(age > 0 ? (uint64_t)age : 0, text));
	else if (user)
		cli_complain("what %s may use cannot be told: nor is there a snapshot (%s)", user, err.text);
	else
		cli_complain("note: nor is there a snapshot (%s): only what launchers.yaml itself says counts",
			     err.text);
	free(path);
	return cluster;
}

int cli_cluster_apply(struct xpm_launchers *launchers, const char *launchers_path, const char *user,
		      struct xpm_cluster **cluster)
{
	struct cli_asking asking = { .what = user ? CLI_ASK_ACCESS : CLI_ASK_NODES, .seconds = SECONDS_FIND };
	struct xpm_gpu_models *models;
	struct xpm_error err = { 0 };
	struct xpm_report *report;
	enum xpm_code code;
	int status;

	*cluster = NULL;
	if (!xpm_launchers_query_slurm(launchers, NULL) && !user)
		return CLI_DONE;
	status = cli_gpu_models(NULL, 1, &models);
	if (status != CLI_DONE)
		return status;
	asking.path = xpm_launchers_slurm_path(launchers);
	asking.models = models;
	*cluster = cli_cluster_ask(&asking, &err);
	xpm_gpu_models_destroy(models);
	if (!*cluster)
		*cluster = fall_back(launchers_path, user, &err);
	if (!*cluster)
		return user ? CLI_SYSTEM : CLI_DONE;
	report = xpm_report_create(&err);
	code = report ? xpm_launchers_apply_cluster(launchers, *cluster, report, &err) : XPM_ERR_MEMORY;
	if (code)
		status = cli_fail(&err, CLI_LAUNCHERS);
	else
		cli_print_report(report, XPM_WARNING);
	xpm_report_destroy(report);
	return status;
}
