/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "marshal.h"

#include <string.h>
#include <strings.h>
#include <xpmatch/units.h>

#include "error_private.h"
#include "field.h"

#define MIB (UINT64_C(1) << 20)

/* The number at the end of "gpu:4", 1 for "gpu", 0 when it is neither. */
static uint64_t gres_count(const char *text)
{
	const char *digits = strchr(text, ':');
	uint64_t count = 0;

	if (!digits)
		return 1;
	for (digits++; *digits >= '0' && *digits <= '9' && count < UINT32_MAX; digits++)
		count = count * 10 + (uint64_t)(*digits - '0');
	return *digits || count > UINT32_MAX ? 0 : count;
}

/* --gpus. With a type it says the same as --gres as long as there is one node. */
static enum xpm_code read_gpus(const char *text, struct xpm_job *job, struct xpm_error *err)
{
	uint64_t count;

	if (!text)
		return XPM_OK;
	if (strncmp(text, "gpu", 3) != 0 || (text[3] && text[3] != ':') || strchr(text, ','))
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"'%s' asked for per job cannot stand beside a spec: use --gres", text);
	count = gres_count(text);
	if (count > 0) {
		job->typed.gpus = (uint32_t)count;
		return XPM_OK;
	}
	if (job->typed.nodes != 1 || job->max_nodes != 1 || job->typed.gres)
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"--gpus=%s cannot stand beside a spec: use --gres=%s, or add --nodes=1",
				text + 4, text);
	job->typed.gres = text;
	return XPM_OK;
}

/* From 23.11 on --cpus-per-task is in tres_per_task too. All else there is --gpus-per-task and its like. */
static enum xpm_code check_per_task(const char *text, struct xpm_error *err)
{
	for (; text && *text; text += strcspn(text, ","), text += *text == ',') {
		if (strncmp(text, "cpu:", 4) == 0)
			continue;
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"'%s' per task (--gpus-per-task, --tres-per-task) cannot stand beside a spec: "
				"say in the spec what a node must have",
				text);
	}
	return XPM_OK;
}

static enum xpm_code check_absent(const char *value, const char *option, const char *instead,
				  struct xpm_error *err)
{
	if (!value)
		return XPM_OK;
	return xpm_fail(err, XPM_ERR_CONFLICT, "%s (%s) cannot stand beside a spec: %s", option, value,
			instead);
}

/* Options that say per GPU, socket or task what the spec says per node. */
static enum xpm_code read_per_part(lua_State *L, int table, struct xpm_job *job, struct xpm_arena *arena,
				   struct xpm_error *err)
{
	const char *per_job = xpm_field_string(L, table, "tres_per_job", arena);
	const char *per_task = xpm_field_string(L, table, "tres_per_task", arena);
	const char *per_socket = xpm_field_string(L, table, "tres_per_socket", arena);
	const char *cpus = xpm_field_string(L, table, "cpus_per_tres", arena);
	const char *mem = xpm_field_string(L, table, "mem_per_tres", arena);
	enum xpm_code code = read_gpus(xpm_gres_plain(L, per_job, arena), job, err);

	if (code == XPM_OK)
		code = check_per_task(xpm_gres_plain(L, per_task, arena), err);
	if (code == XPM_OK)
		code = check_absent(per_socket, "--gpus-per-socket", "say in the spec what a node must have", err);
	if (code == XPM_OK)
		code = check_absent(cpus, "--cpus-per-gpu", "use cpu(cores=...) in the spec", err);
	if (code == XPM_OK)
		code = check_absent(mem, "--mem-per-gpu", "use cpu(mem=...) in the spec", err);
	if (code == XPM_OK && xpm_field_count(L, table, "ntasks_per_tres", 16) > 0)
		code = check_absent("set", "--ntasks-per-gpu", "use --ntasks", err);
	return code;
}

static void read_strings(lua_State *L, int table, struct xpm_job *job, struct xpm_arena *arena)
{
	struct xpm_slurm_options *typed = &job->typed;

	typed->partition = xpm_field_string(L, table, "partition", arena);
	typed->qos = xpm_field_string(L, table, "qos", arena);
	typed->account = xpm_field_string(L, table, "account", arena);
	typed->constraint = xpm_field_string(L, table, "features", arena);
	typed->exclude = xpm_field_string(L, table, "exc_nodes", arena);
	typed->nodelist = xpm_field_string(L, table, "req_nodes", arena);
	typed->reservation = xpm_field_string(L, table, "reservation", arena);
	typed->licenses = xpm_field_string(L, table, "licenses", arena);
	typed->comment = xpm_field_string(L, table, "comment", arena);
	typed->gres = xpm_gres_plain(L, xpm_field_string(L, table, "tres_per_node", arena), arena);
	job->admin_comment = xpm_field_string(L, table, "admin_comment", arena);
}

static void read_numbers(lua_State *L, int table, struct xpm_job *job)
{
	struct xpm_slurm_options *typed = &job->typed;
	uint64_t value = 0;

	typed->nodes = (uint32_t)xpm_field_count(L, table, "min_nodes", 32);
	typed->ntasks = (uint32_t)xpm_field_count(L, table, "num_tasks", 32);
	typed->cpus_per_task = (uint32_t)xpm_field_count(L, table, "cpus_per_task", 16);
	job->max_nodes = xpm_field_count(L, table, "max_nodes", 32);
	job->ntasks_per_node = xpm_field_count(L, table, "ntasks_per_node", 16);
	job->min_cpus = xpm_field_count(L, table, "min_cpus", 32);
	job->time_min = xpm_field_count(L, table, "time_min", 32) * 60;

	switch (xpm_field_number(L, table, "time_limit", 32, &value)) {
	case XPM_FIELD_SET:
		typed->time = value * 60;
		break;
	case XPM_FIELD_INFINITE:
		typed->time = XPM_DURATION_MAX;
		break;
	case XPM_FIELD_UNSET:
		break;
	}
	/* of these two, slurmctld shows the one that was typed */
	if (xpm_field_number(L, table, "min_mem_per_node", 64, &value) == XPM_FIELD_SET) {
		typed->mem = value < XPM_SIZE_MAX / MIB ? value * MIB : XPM_SIZE_MAX;
		job->whole_memory = value == 0;
	}
	if (xpm_field_number(L, table, "min_mem_per_cpu", 64, &value) == XPM_FIELD_SET) {
		typed->mem_per_cpu = value < XPM_SIZE_MAX / MIB ? value * MIB : XPM_SIZE_MAX;
		job->whole_memory = value == 0;
	}
}

/* --time=UNLIMITED counts as the longest duration where the spec has none, and contradicts one that it has. */
static enum xpm_code check_unlimited(const struct xpm_job *job, const struct xpm_requirement *requirement,
				     struct xpm_error *err)
{
	const struct xpm_alternative *alternatives;
	char duration[XPM_SIZE_TEXT];
	size_t len;

	if (job->typed.time < XPM_DURATION_MAX)
		return XPM_OK;
	alternatives = xpm_requirement_alternatives(requirement, &len);
	for (size_t i = 0; i < len; i++) {
		if (alternatives[i].duration)
			return xpm_fail(err, XPM_ERR_CONFLICT,
					"--time=UNLIMITED was typed, and the spec has duration=%s: one of them has to go",
					xpm_duration_print(alternatives[i].duration, duration));
	}
	return XPM_OK;
}

enum xpm_code xpm_job_read(lua_State *L, int table, struct xpm_job *job, const struct xpm_requirement *requirement,
			   struct xpm_arena *arena, struct xpm_error *err)
{
	enum xpm_code code;

	*job = (struct xpm_job){ 0 };
	read_strings(L, table, job, arena);
	read_numbers(L, table, job);
	code = read_per_part(L, table, job, arena, err);
	return code == XPM_OK ? check_unlimited(job, requirement, err) : code;
}
