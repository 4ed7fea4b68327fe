/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other half of marshal.h: from the plan to the fields of job_desc. */
#include "marshal.h"

#include <string.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "field.h"

#define MIB         (UINT64_C(1) << 20)
#define U16_LARGEST UINT64_C(65533) /* beyond are Slurm's "not set" and "no limit" */
#define U32_LARGEST UINT64_C(4294967293)
#define HOSTS_SHOWN 200 /* bytes of a host list in admin_comment, which goes into the accounting database */

static void put_text(struct xpm_writes *writes, const char *field, const char *text, const char *typed)
{
	if (text && (!typed || strcmp(text, typed) != 0))
		writes->items[writes->len++] = (struct xpm_write){ field, text, 0 };
}

static void put_number(struct xpm_writes *writes, const char *field, uint64_t number, uint64_t typed)
{
	if (number != 0 && number != typed)
		writes->items[writes->len++] = (struct xpm_write){ field, NULL, number };
}

const struct xpm_write *xpm_writes_find(const struct xpm_writes *writes, const char *field)
{
	for (size_t i = 0; i < writes->len; i++) {
		if (strcmp(writes->items[i].field, field) == 0)
			return &writes->items[i];
	}
	return NULL;
}

/* Slurm gives a job one CPU when cpus_per_task stands alone: min_cpus has to hold all tasks. */
static enum xpm_code put_cpus(const struct xpm_job *job, const struct xpm_slurm_options *wanted,
			      struct xpm_writes *writes, struct xpm_error *err)
{
	uint64_t nodes = wanted->nodes ? wanted->nodes : 1;
	uint64_t tasks = wanted->ntasks;
	uint64_t cpus;

	if (!wanted->cpus_per_task)
		return XPM_OK;
	if (!tasks)
		tasks = job->ntasks_per_node ? job->ntasks_per_node * nodes : nodes;
	cpus = tasks * wanted->cpus_per_task;
	if (wanted->cpus_per_task > U16_LARGEST || cpus > U32_LARGEST)
		return xpm_fail(err, XPM_ERR_LIMIT, "%u cores for each of %llu tasks are more than Slurm can count",
				wanted->cpus_per_task, (unsigned long long)tasks);
	put_number(writes, "cpus_per_task", wanted->cpus_per_task, job->typed.cpus_per_task);
	if (cpus > job->min_cpus)
		put_number(writes, "min_cpus", cpus, job->min_cpus);
	return XPM_OK;
}

static enum xpm_code put_memory(const struct xpm_job *job, const struct xpm_plan *plan,
				const struct xpm_slurm_options *wanted, struct xpm_writes *writes,
				struct xpm_error *err)
{
	const struct xpm_slurm_options *typed = &job->typed;

	if (job->whole_memory && plan->mem_mib)
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"--mem=0 (all of a node) and the %lluM that the spec asks for contradict each other",
				(unsigned long long)plan->mem_mib);
	/* a user's --mem-per-cpu that the library let pass is enough */
	if (job->whole_memory || typed->mem_per_cpu)
		return XPM_OK;
	if (wanted->mem)
		put_number(writes, "min_mem_per_node", (wanted->mem + MIB - 1) / MIB, typed->mem / MIB);
	else
		put_number(writes, "min_mem_per_cpu", (wanted->mem_per_cpu + MIB - 1) / MIB, 0);
	return XPM_OK;
}

static enum xpm_code put_time(const struct xpm_job *job, const struct xpm_slurm_options *wanted,
			      struct xpm_writes *writes, struct xpm_error *err)
{
	uint64_t minutes = (wanted->time + 59) / 60;
	char least[XPM_SIZE_TEXT], most[XPM_SIZE_TEXT];

	if (!minutes || job->typed.time >= XPM_DURATION_MAX)
		return XPM_OK;
	if (minutes > U32_LARGEST)
		return xpm_fail(err, XPM_ERR_LIMIT, "a time limit of %llu minutes is more than Slurm can count",
				(unsigned long long)minutes);
	if (job->time_min && job->time_min < wanted->time)
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"--time-min=%s would let Slurm shorten the %s that the job needs",
				xpm_duration_print(job->time_min, least),
				xpm_duration_print(wanted->time, most));
	put_number(writes, "time_limit", minutes, job->typed.time / 60);
	return XPM_OK;
}

/* A launcher's own `gpus:` and `gpus_per_node:` are left only where neither the spec nor the user speaks of GPUs. */
static enum xpm_code put_gres(const struct xpm_job *job, const struct xpm_slurm_options *wanted,
			      struct xpm_arena *arena, struct xpm_writes *writes, struct xpm_error *err)
{
	uint32_t count = wanted->gpus_per_node;
	const char *gres = wanted->gres;

	if (!gres && !count && wanted->gpus && !job->typed.gpus) {
		if (wanted->nodes > 1)
			return xpm_fail(err, XPM_ERR_CONFLICT,
					"the launcher's option gpus: %u cannot be spread over %u nodes: "
					"gpus_per_node is needed",
					wanted->gpus, wanted->nodes);
		count = wanted->gpus;
	}
	if (!gres && count) {
		gres = xpm_arena_printf(arena, "gpu:%u", count);
		if (!gres)
			return xpm_fail_memory(err);
	}
	put_text(writes, "gres", gres, job->typed.gres);
	return XPM_OK;
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

/* Which rule of launchers.yaml the job came by, for whoever looks into it later. */
static enum xpm_code put_trace(const struct xpm_job *job, const struct xpm_plan *plan,
			       const struct xpm_candidate *candidate, struct xpm_arena *arena,
			       struct xpm_writes *writes, struct xpm_error *err)
{
	const char *hosts = or_none(candidate->hosts);
	const char *text;

	text = xpm_arena_printf(arena, "%s%sxpm: launcher=%s alternative=%zu candidate=%s/%s/%s/%.*s%s",
				or_none(job->admin_comment), job->admin_comment ? "; " : "",
				plan->launcher->id, plan->alternative + 1, or_none(candidate->partition),
				or_none(candidate->qos), or_none(candidate->account), HOSTS_SHOWN, hosts,
				strlen(hosts) > HOSTS_SHOWN ? "..." : "");
	if (!text)
		return xpm_fail_memory(err);
	put_text(writes, "admin_comment", text, NULL);
	return XPM_OK;
}

enum xpm_code xpm_job_plan(const struct xpm_job *job, const struct xpm_plan *plan,
			   const struct xpm_candidate *candidate, struct xpm_arena *arena,
			   struct xpm_writes *writes, struct xpm_error *err)
{
	const struct xpm_slurm_options *typed = &job->typed;
	struct xpm_slurm_options wanted;
	enum xpm_code code;

	writes->len = 0;
	xpm_plan_submission(plan, typed, &wanted);
	if (job->ntasks_per_node && !typed->ntasks)
		wanted.ntasks = 0; /* a default of the launcher's, which says the same in another way */
	put_text(writes, "partition", wanted.partition, typed->partition);
	put_text(writes, "qos", wanted.qos, typed->qos);
	put_text(writes, "account", wanted.account, typed->account);
	put_text(writes, "features", wanted.constraint, typed->constraint);
	put_text(writes, "exc_nodes", wanted.exclude, typed->exclude);
	put_text(writes, "req_nodes", wanted.nodelist, typed->nodelist);
	put_text(writes, "reservation", wanted.reservation, typed->reservation);
	put_text(writes, "licenses", wanted.licenses, typed->licenses);
	put_text(writes, "comment", wanted.comment, typed->comment);
	put_number(writes, "num_tasks", wanted.ntasks, typed->ntasks);
	if (!typed->nodes) {
		put_number(writes, "min_nodes", wanted.nodes, 0);
		put_number(writes, "max_nodes", wanted.nodes, 0);
	}
	code = put_gres(job, &wanted, arena, writes, err);
	if (code == XPM_OK)
		code = put_cpus(job, &wanted, writes, err);
	if (code == XPM_OK)
		code = put_memory(job, plan, &wanted, writes, err);
	if (code == XPM_OK)
		code = put_time(job, &wanted, writes, err);
	if (code == XPM_OK)
		code = put_trace(job, plan, candidate, arena, writes, err);
	return code;
}

/*
 * sbatch sets SLURM_CPUS_PER_TASK for the script only when --cpus-per-task was typed, and slurmd keeps it true only where
 * it is set. Scripts count on it. srun and salloc have no environment here: asking for it would fill slurmctld's log.
 */
static void write_environment(lua_State *L, int table, const struct xpm_writes *writes)
{
	const struct xpm_write *cpus = xpm_writes_find(writes, "cpus_per_task");

	if (!cpus)
		return;
	lua_getfield(L, table, "script");
	if (!lua_isnil(L, -1)) {
		lua_getfield(L, table, "environment");
		lua_pushfstring(L, "%d", (int)cpus->number);
		lua_setfield(L, -2, "SLURM_CPUS_PER_TASK");
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

void xpm_job_write(lua_State *L, int table, const struct xpm_writes *writes)
{
	for (size_t i = 0; i < writes->len; i++) {
		const struct xpm_write *write = &writes->items[i];

		if (write->text)
			xpm_field_write_string(L, table, write->field, write->text);
		else
			xpm_field_write_number(L, table, write->field, write->number);
	}
	write_environment(L, table, writes);
}
