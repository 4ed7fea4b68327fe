// SPDX-License-Identifier: GPL-2.0-or-later
/* The environment of the job: what --export lets through, what was granted, what Slurm's scripts look for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "run.h"
#include "say.h"

extern char **environ;

struct env {
	char **items;
	size_t len;
};

static void put(struct env *env, char *item)
{
	size_t key = strcspn(item, "=") + 1;

	for (size_t i = 0; i < env->len; i++)
		if (!strncmp(env->items[i], item, key)) {
			free(env->items[i]);
			env->items[i] = item;
			return;
		}
	env->items = xpm_realloc(env->items, env->len + 2, sizeof(*env->items));
	env->items[env->len++] = item;
	env->items[env->len] = NULL;
}

static void set(struct env *env, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void set(struct env *env, const char *name, const char *format, ...)
{
	va_list args;
	char *value, *item;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	va_end(args);
	item = xpm_format("%s=%s", name, value);
	free(value);
	put(env, item);
}

static void copy(struct env *env, const char *name)
{
	const char *value = getenv(name);

	if (value)
		set(env, name, "%s", value);
}

static void copy_all(struct env *env)
{
	for (char **e = environ; *e; e++)
		put(env, xpm_strdup(*e));
}

/* ALL, NONE, or names with or without values, ALL among them or not; Slurm's own variables pass always. */
static void take_over(struct env *env, const char *export)
{
	static const char *const always[] = { "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "XPM_LEDGER" };
	char *list = xpm_strdup(export && *export ? export : "ALL"), *rest = list, *item;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		copy(env, always[i]);
	for (char **e = environ; *e; e++)
		if (!strncmp(*e, "SLURM_", 6))
			put(env, xpm_strdup(*e));
	while ((item = strsep(&rest, ","))) {
		if (!strcasecmp(item, "ALL"))
			copy_all(env);
		else if (!strcasecmp(item, "NONE") || !strcasecmp(item, "NIL") || !*item)
			continue;
		else if (strchr(item, '='))
			put(env, xpm_strdup(item));
		else
			copy(env, item);
	}
	free(list);
}

static void list_gpus(const struct xpm_run *run, enum xpm_accel_kind kind, int uuids, char *buf, size_t size)
{
	const struct xpm_record *r = &run->slot->record;
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < run->capacity->devices_len && i < r->keys_len; i++) {
		const struct xpm_device *device = &run->capacity->devices[i];

		if (!(r->gpus >> i & 1) || (kind != XPM_ACCEL_ANY && device->kind != kind))
			continue;
		len += (size_t)(uuids ? snprintf(buf + len, size - len, "%s%s", len ? "," : "", device->key) :
					snprintf(buf + len, size - len, "%s%u", len ? "," : "", device->index));
		if (len >= size)
			return;
	}
}

static void set_gpus(struct env *env, const struct xpm_run *run)
{
	char list[8192];

	list_gpus(run, XPM_ACCEL_CUDA, 0, list, sizeof(list));
	set(env, "CUDA_VISIBLE_DEVICES", "%s", list);
	/* the numbers are those of nvidia-smi; CUDA's own order is another */
	if (*list && !getenv("CUDA_DEVICE_ORDER"))
		set(env, "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
	list_gpus(run, XPM_ACCEL_ROCM, 0, list, sizeof(list));
	set(env, "HIP_VISIBLE_DEVICES", "%s", list);
	list_gpus(run, XPM_ACCEL_ANY, 0, list, sizeof(list));
	set(env, "XPM_GPU_INDICES", "%s", list);
	list_gpus(run, XPM_ACCEL_ANY, 1, list, sizeof(list));
	set(env, "XPM_GPU_IDS", "%s", list);
	set(env, "XPM_GPUS", "%d", __builtin_popcountll(run->slot->record.gpus));
}

static void set_xpm(struct env *env, const struct xpm_run *run)
{
	const struct xpm_record *r = &run->slot->record;
	char text[2048];
	size_t len = 0;

	set(env, "XPM_JOB_ID", "%u", r->id);
	set(env, "XPM_JOB_NAME", "%s", r->name);
	set(env, "XPM_LAUNCHER", "%s", r->launcher);
	set(env, "XPM_SPEC", "%s", r->spec);
	set(env, "XPM_CORES", "%u", r->cores);
	xpm_cpus_print(&r->cpus, text, sizeof(text));
	set(env, "XPM_CPUS", "%s", text);
	set(env, "XPM_MEMORY", "%llu", (unsigned long long)r->memory);
	set(env, "XPM_MEMORY_LIMIT", "%s", r->limit);
	set(env, "XPM_TIME_LIMIT", "%llu", (unsigned long long)r->time);
	*text = '\0';
	for (size_t i = 0; i < r->tokens_len && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%u", len ? "," : "", r->tokens[i].name,
					r->tokens[i].count);
	set(env, "XPM_TOKENS", "%s", text);
}

static void set_slurm(struct env *env, const struct xpm_run *run)
{
	const struct xpm_record *r = &run->slot->record;
	const char *host = xpm_host_name(), *tmp = getenv("TMPDIR"), *path = getenv("PATH"), *shim;
	static const char *const ones[] = { "SLURM_NTASKS", "SLURM_NPROCS", "SLURM_NNODES", "SLURM_JOB_NUM_NODES",
					    "SLURM_TASKS_PER_NODE" };
	static const char *const zeros[] = { "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_GTIDS" };
	static const char *const cpus[] = { "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "SLURM_JOB_CPUS_PER_NODE" };
	static const char *const hosts[] = { "SLURM_JOB_NODELIST", "SLURM_NODELIST", "SLURMD_NODENAME" };
	char gpus[1024];

	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++)
		set(env, ones[i], "1");
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		set(env, zeros[i], "0");
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		set(env, cpus[i], "%u", r->cores);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		set(env, hosts[i], "%s", host);
	set(env, "SLURM_JOB_ID", "%u", r->id);
	set(env, "SLURM_JOBID", "%u", r->id);
	set(env, "SLURM_JOB_NAME", "%s", r->name);
	set(env, "SLURM_JOB_USER", "%s", xpm_user_name(getuid()));
	set(env, "SLURM_JOB_UID", "%u", (unsigned)getuid());
	set(env, "SLURM_JOB_GID", "%u", (unsigned)getgid());
	set(env, "SLURM_JOB_PARTITION", "%s", r->launcher);
	set(env, "SLURM_SUBMIT_DIR", "%s", run->submit_dir);
	set(env, "SLURM_SUBMIT_HOST", "%s", host);
	set(env, "SLURM_TMPDIR", "%s", tmp && *tmp ? tmp : "/tmp");
	if (r->memory)
		set(env, "SLURM_MEM_PER_NODE", "%llu", (unsigned long long)((r->memory + 1048575) >> 20));
	list_gpus(run, XPM_ACCEL_ANY, 0, gpus, sizeof(gpus));
	if (*gpus) {
		set(env, "SLURM_JOB_GPUS", "%s", gpus);
		set(env, "SLURM_GPUS_ON_NODE", "%d", __builtin_popcountll(r->gpus));
	}
	set(env, "ENVIRONMENT", "BATCH");
	shim = getenv("XPM_SHIM_DIR");
	set(env, "PATH", "%s:%s", shim && *shim ? shim : XPM_SHIM_DIR, path ? path : "/usr/local/bin:/usr/bin:/bin");
}

char **xpm_environ_build(const struct xpm_run *run)
{
	struct env env = { 0 };

	take_over(&env, run->options->export);
	set_gpus(&env, run);
	set_xpm(&env, run);
	if (!run->options->no_slurm_env)
		set_slurm(&env, run);
	return env.items;
}
