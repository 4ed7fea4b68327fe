/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cluster.h"
#include "common.h"

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "path", required_argument, NULL, 'P' },
	{ "gpu-models", required_argument, NULL, 'g' },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	const char *file, *output, *path, *gpu_models;
	int quiet;
};

static int read_arguments(struct arguments *args, int argc, char **argv)
{
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:f:o:q", long_options, NULL)) != -1) {
		switch (option) {
		case 'f':
			args->file = optarg;
			break;
		case 'o':
			args->output = optarg;
			break;
		case 'P':
			args->path = optarg;
			break;
		case 'g':
			args->gpu_models = optarg;
			break;
		case 'q':
			args->quiet = 1;
			break;
		default:
			return cli_usage("snapshot", option == ':' ? "%s needs a value" : "unknown option %s",
					 argv[optind - 1]);
		}
	}
	return optind < argc ? cli_usage("snapshot", "unexpected '%s'", argv[optind]) : CLI_DONE;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The name itself must survive a power cut, not only the bytes; a file system that cannot do so is no failure. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path + 1)) : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

/* Readers see the old file or the new one, whole. 0, or -1 with errno and nothing left behind. */
static int replace_file(const char *path, const char *text, size_t len)
{
	char *temporary = cli_format("%s.XXXXXX", path);
	mode_t mask = umask(0);
	int fd, saved;

	umask(mask);
	fd = temporary ? mkostemp(temporary, O_CLOEXEC) : -1;
	if (fd < 0) {
		free(temporary);
		return -1;
	}
	/* The mode is set last: until then nobody else reads it. */
	if (write_all(fd, text, len) || fchmod(fd, 0644 & ~mask) || fsync(fd) || rename(temporary, path)) {
		saved = errno;
		unlink(temporary);
		close(fd);
		free(temporary);
		errno = saved;
		return -1;
	}
	close(fd);
	sync_folder(path);
	free(temporary);
	return 0;
}

/* What was written must be what slurmctld can read: it is read once before it replaces anything. */
static int verify(const char *text, size_t len)
{
	struct xpm_error err = { 0 };
	struct xpm_cluster *again = xpm_snapshot_parse(text, len, "snapshot", &err);

	if (!again)
		return cli_fail(&err, CLI_SYSTEM);
	xpm_cluster_destroy(again);
	return CLI_DONE;
}

static int write_snapshot(const struct xpm_cluster *cluster, const char *path, int quiet)
{
	struct xpm_error err = { 0 };
	size_t len;
	char *text = xpm_snapshot_print(cluster, (int64_t)time(NULL), &len, &err);
	int status;

	if (!text)
		return cli_fail(&err, CLI_SYSTEM);
	status = verify(text, len);
	if (status == CLI_DONE && !strcmp(path, "-")) {
		fwrite(text, 1, len, stdout);
		status = cli_flush();
	} else if (status == CLI_DONE && replace_file(path, text, len)) {
		cli_complain("%s: %s; what was there is still there", path, strerror(errno));
		status = CLI_SYSTEM;
	} else if (status == CLI_DONE && !quiet) {
		printf("%s: %zu nodes, Slurm %s, cluster %s%s\n", path, xpm_cluster_nodes(cluster),
		       xpm_cluster_version(cluster), xpm_cluster_name(cluster),
		       xpm_cluster_accounting(cluster) ? "" : "; accounting does not enforce who may use what");
		status = cli_flush();
	}
	free(text);
	return status;
}

/* Where Slurm's commands are, by launchers.yaml; the file may be missing when all is given on the command line. */
static int use_launchers(struct arguments *args, char **output, char **slurm_path)
{
	struct xpm_launchers *launchers;
	enum cli_exit status = CLI_DONE;
	char *path;

	if (args->output && args->path && !args->file)
		return CLI_DONE;
	if (args->output && !args->file && !getenv("XPM_LAUNCHERS") && access(SYSCONFDIR "/xpm/launchers.yaml", F_OK))
		return CLI_DONE;
	path = cli_launchers_path(args->file);
	if (!path)
		return CLI_LAUNCHERS;
	launchers = cli_launchers_load(path, &status);
	if (launchers && !args->path && xpm_launchers_slurm_path(launchers)) {
		*slurm_path = strdup(xpm_launchers_slurm_path(launchers));
		args->path = *slurm_path;
	}
	if (launchers && !args->output)
		args->output = *output = cli_snapshot_path(path);
	if (launchers && !args->output)
		status = CLI_SYSTEM;
	xpm_launchers_destroy(launchers);
	free(path);
	return status;
}

static int run(int argc, char **argv)
{
	struct cli_asking asking = { .what = CLI_ASK_UIDS, .seconds = 60 };
	struct arguments args = { 0 };
	struct xpm_gpu_models *models = NULL;
	struct xpm_cluster *cluster = NULL;
	struct xpm_error err = { 0 };
	char *output = NULL, *slurm_path = NULL;
	int status = read_arguments(&args, argc, argv);

	if (status == CLI_DONE)
		status = use_launchers(&args, &output, &slurm_path);
	if (status == CLI_DONE)
		status = cli_gpu_models(args.gpu_models, args.quiet, &models);
	if (status == CLI_DONE) {
		asking.path = args.path;
		asking.models = models;
		cluster = cli_cluster_ask(&asking, &err);
		status = cluster ? write_snapshot(cluster, args.output, args.quiet) : cli_fail(&err, CLI_SYSTEM);
	}
	xpm_cluster_destroy(cluster);
	xpm_gpu_models_destroy(models);
	free(output);
	free(slurm_path);
	return status;
}

const struct xpm_command xpm_command_snapshot = {
	.name = "snapshot",
	.brief = "write what the cluster is now, for slurmctld to read",
	.run = run,
	.help = "Usage: xpm snapshot [OPTIONS]\n"
		"\n"
		"Ask the cluster (scontrol, sacctmgr) and write its nodes, partitions, QoS limits and\n"
		"who may use what, for the filter in slurmctld, which may not ask itself. The file is\n"
		"replaced in one step; when anything fails the old one stays.\n"
		"\n"
		"  -f, --file FILE        launchers.yaml: its `path` says where Slurm's commands are\n"
		"  -o, --output FILE      write there (default: snapshot.yaml beside launchers.yaml;\n"
		"                         - is standard output)\n"
		"      --path DIR         where Slurm's commands are\n"
		"      --gpu-models FILE  memory of GPU models, instead of the installed table\n"
		"  -q, --quiet            say nothing when all is well\n"
		"\n"
		"Exit status: 0 written, 2 usage error, 3 launchers.yaml error, 4 system error.\n",
};
