// SPDX-License-Identifier: GPL-2.0-or-later
#include "options_table.h"

#define NO  no_argument
#define YES required_argument
#define MAY optional_argument

/* clang-format off */
#define COMMON \
	{ "xpm-spec", YES, NULL, OPT_SPEC }, { "xpm-tags", YES, NULL, OPT_TAGS }, \
	{ "time", YES, NULL, OPT_TIME }, { "job-name", YES, NULL, OPT_JOB_NAME }, { "chdir", YES, NULL, OPT_CHDIR }, \
	{ "workdir", YES, NULL, OPT_CHDIR }, { "output", YES, NULL, OPT_OUTPUT }, { "error", YES, NULL, OPT_ERROR }, \
	{ "input", YES, NULL, OPT_INPUT }, { "export", YES, NULL, OPT_EXPORT }, \
	{ "open-mode", YES, NULL, OPT_OPEN_MODE }, { "wrap", YES, NULL, OPT_WRAP }, \
	{ "cpus-per-task", YES, NULL, OPT_CORES }, { "mem", YES, NULL, OPT_MEM }, \
	{ "mem-per-cpu", YES, NULL, OPT_MEM_PER_CPU }, { "gpus", YES, NULL, OPT_GPUS }, \
	{ "gpus-per-node", YES, NULL, OPT_GPUS }, { "gpus-per-task", YES, NULL, OPT_GPUS }, \
	{ "gres", YES, NULL, OPT_GRES }, { "nodes", YES, NULL, OPT_ONE }, { "ntasks", YES, NULL, OPT_ONE }, \
	{ "ntasks-per-node", YES, NULL, OPT_ONE }, { "quiet", NO, NULL, OPT_QUIET }, \
	{ "verbose", NO, NULL, OPT_NOTHING }, { "comment", YES, NULL, OPT_NOTHING }, \
	{ "requeue", NO, NULL, OPT_NOTHING }, { "no-requeue", NO, NULL, OPT_NOTHING }, \
	{ "parsable", NO, NULL, OPT_PARSABLE }, \
	{ "account", YES, NULL, OPT_IGNORED }, { "acctg-freq", YES, NULL, OPT_IGNORED }, \
	{ "array", YES, NULL, OPT_IGNORED }, { "batch", YES, NULL, OPT_IGNORED }, { "bb", YES, NULL, OPT_IGNORED }, \
	{ "bbf", YES, NULL, OPT_IGNORED }, { "begin", YES, NULL, OPT_IGNORED }, \
	{ "cluster", YES, NULL, OPT_IGNORED }, { "clusters", YES, NULL, OPT_IGNORED }, \
	{ "cluster-constraint", YES, NULL, OPT_IGNORED }, { "constraint", YES, NULL, OPT_IGNORED }, \
	{ "consolidate-segments", NO, NULL, OPT_IGNORED }, \
	{ "container", YES, NULL, OPT_IGNORED }, { "container-id", YES, NULL, OPT_IGNORED }, \
	{ "contiguous", NO, NULL, OPT_IGNORED }, { "core-spec", YES, NULL, OPT_IGNORED }, \
	{ "cores-per-socket", YES, NULL, OPT_IGNORED }, { "cpu-freq", YES, NULL, OPT_IGNORED }, \
	{ "cpus-per-gpu", YES, NULL, OPT_IGNORED }, { "deadline", YES, NULL, OPT_IGNORED }, \
	{ "delay-boot", YES, NULL, OPT_IGNORED }, { "dependency", YES, NULL, OPT_IGNORED }, \
	{ "distribution", YES, NULL, OPT_IGNORED }, { "exclude", YES, NULL, OPT_IGNORED }, \
	{ "exclusive", MAY, NULL, OPT_IGNORED }, { "export-file", YES, NULL, OPT_IGNORED }, \
	{ "extra", YES, NULL, OPT_IGNORED }, \
	{ "extra-node-info", YES, NULL, OPT_IGNORED }, { "get-user-env", MAY, NULL, OPT_IGNORED }, \
	{ "gid", YES, NULL, OPT_IGNORED }, { "gpu-bind", YES, NULL, OPT_IGNORED }, \
	{ "gpu-freq", YES, NULL, OPT_IGNORED }, { "gpus-per-socket", YES, NULL, OPT_IGNORED }, \
	{ "gres-flags", YES, NULL, OPT_IGNORED }, { "hint", YES, NULL, OPT_IGNORED }, \
	{ "ignore-pbs", NO, NULL, OPT_NOTHING }, { "kill-on-invalid-dep", YES, NULL, OPT_IGNORED }, \
	{ "licenses", YES, NULL, OPT_IGNORED }, { "mail-type", YES, NULL, OPT_IGNORED }, \
	{ "mail-user", YES, NULL, OPT_IGNORED }, { "mcs-label", YES, NULL, OPT_IGNORED }, \
	{ "mem-bind", YES, NULL, OPT_IGNORED }, { "mem-per-gpu", YES, NULL, OPT_IGNORED }, \
	{ "mincpus", YES, NULL, OPT_IGNORED }, { "network", YES, NULL, OPT_IGNORED }, \
	{ "nice", MAY, NULL, OPT_IGNORED }, { "no-kill", MAY, NULL, OPT_IGNORED }, \
	{ "nodefile", YES, NULL, OPT_IGNORED }, { "nodelist", YES, NULL, OPT_IGNORED }, \
	{ "ntasks-per-core", YES, NULL, OPT_IGNORED }, { "ntasks-per-gpu", YES, NULL, OPT_IGNORED }, \
	{ "ntasks-per-socket", YES, NULL, OPT_IGNORED }, { "oom-kill-step", MAY, NULL, OPT_IGNORED }, \
	{ "overcommit", NO, NULL, OPT_IGNORED }, \
	{ "oversubscribe", NO, NULL, OPT_IGNORED }, { "partition", YES, NULL, OPT_IGNORED }, \
	{ "power", YES, NULL, OPT_IGNORED }, { "prefer", YES, NULL, OPT_IGNORED }, \
	{ "priority", YES, NULL, OPT_IGNORED }, { "profile", YES, NULL, OPT_IGNORED }, \
	{ "propagate", MAY, NULL, OPT_IGNORED }, { "qos", YES, NULL, OPT_IGNORED }, \
	{ "reboot", NO, NULL, OPT_IGNORED }, { "reservation", YES, NULL, OPT_IGNORED }, \
	{ "resv-ports", MAY, NULL, OPT_IGNORED }, { "segment", YES, NULL, OPT_IGNORED }, \
	{ "share", NO, NULL, OPT_IGNORED }, { "signal", YES, NULL, OPT_IGNORED }, \
	{ "sockets-per-node", YES, NULL, OPT_IGNORED }, { "spread-job", NO, NULL, OPT_IGNORED }, \
	{ "stepmgr", NO, NULL, OPT_IGNORED }, { "switches", YES, NULL, OPT_IGNORED }, \
	{ "test-only", NO, NULL, OPT_IGNORED }, { "thread-spec", YES, NULL, OPT_IGNORED }, \
	{ "threads-per-core", YES, NULL, OPT_IGNORED }, { "time-min", YES, NULL, OPT_IGNORED }, \
	{ "tmp", YES, NULL, OPT_IGNORED }, { "tres-bind", YES, NULL, OPT_IGNORED }, \
	{ "tres-per-task", YES, NULL, OPT_IGNORED }, { "uid", YES, NULL, OPT_IGNORED }, \
	{ "use-min-nodes", NO, NULL, OPT_IGNORED }, { "wait-all-nodes", YES, NULL, OPT_IGNORED }, \
	{ "wckey", YES, NULL, OPT_IGNORED }, { "x11", MAY, NULL, OPT_IGNORED }

const struct option xpm_command_table[] = {
	COMMON,
	{ "file", YES, NULL, OPT_FILE }, { "dry-run", NO, NULL, OPT_DRY_RUN }, { "no-wait", NO, NULL, OPT_NO_WAIT },
	{ "wait", MAY, NULL, OPT_WAIT }, { "detach", NO, NULL, OPT_DETACH },
	{ "or-submit", NO, NULL, OPT_OR_SUBMIT }, { "no-slurm-env", NO, NULL, OPT_NO_SLURM_ENV },
	{ "format", YES, NULL, OPT_FORMAT }, { "list", NO, NULL, OPT_LIST }, { "cancel", YES, NULL, OPT_CANCEL },
	{ "hold", YES, NULL, OPT_HOLD }, { "release", YES, NULL, OPT_RELEASE }, { "attach", YES, NULL, OPT_ATTACH },
	{ "wait-for", YES, NULL, OPT_WAIT_FOR }, { "help", NO, NULL, OPT_HELP }, { "version", NO, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

const struct option xpm_script_table[] = {
	COMMON,
	{ "wait", NO, NULL, OPT_IGNORED }, { "hold", NO, NULL, OPT_IGNORED },
	{ NULL, 0, NULL, 0 },
};

const char xpm_command_letters[] = "+A:a:b:B:c:C:d:D:e:f:F:G:hi:J:kL:m:M:n:N:o:Op:q:QsS:t:vVw:x:";
const char xpm_script_letters[] = "+A:a:b:B:c:C:d:D:e:F:G:Hi:J:kL:m:M:n:N:o:Op:q:QsS:t:vWw:x:";

const struct xpm_letter xpm_letters[XPM_LETTERS] = {
	{ 'A', "account" }, { 'a', "array" }, { 'b', "begin" }, { 'c', "cpus-per-task" }, { 'C', "constraint" },
	{ 'd', "dependency" }, { 'D', "chdir" }, { 'e', "error" }, { 'f', "file" }, { 'F', "nodefile" },
	{ 'G', "gpus" }, { 'h', "help" }, { 'H', "hold" }, { 'i', "input" }, { 'J', "job-name" },
	{ 'L', "licenses" }, { 'm', "distribution" }, { 'M', "clusters" }, { 'n', "ntasks" }, { 'N', "nodes" },
	{ 'o', "output" }, { 'p', "partition" }, { 'q', "qos" }, { 'Q', "quiet" }, { 's', "oversubscribe" },
	{ 't', "time" }, { 'v', "verbose" }, { 'V', "version" }, { 'w', "nodelist" },
	{ 'W', "wait" }, { 'x', "exclude" }, { 'k', "no-kill" }, { 'B', "extra-node-info" }, { 'O', "overcommit" },
	{ 'S', "core-spec" },
};
/* clang-format on */
