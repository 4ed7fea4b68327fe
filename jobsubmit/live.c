/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <xpmatch/snapshot.h>
#include <xpmatch/units.h>

#include "field.h"

/* Bits of a partition's state_up. */
#define TAKES_JOBS  1u
#define STARTS_JOBS 2u

/* One entry of part_list, read when it is first asked for. */
struct xpm_live_partition {
	struct xpm_live_partition *next;
	const char *name;
	int listed;
	unsigned state;
	uint64_t max_time;  /* seconds; 0 = no limit */
	uint64_t max_nodes; /* 0 = no limit */
	const char *allow_accounts, *deny_accounts, *allow_qos, *deny_qos;
};

enum { LOOKUP_PARTITION, LOOKUP_USER };

/* Runs protected. Arguments: job_desc, part_list, facts, what to look up, where the answer goes. */
static int lookup_run(lua_State *L)
{
	struct xpm_live_facts *facts = lua_touserdata(L, 3);
	struct xpm_live_partition *part = lua_touserdata(L, 5);

	if (lua_tointeger(L, 4) == LOOKUP_USER) {
		facts->default_account = xpm_field_string(L, 1, "default_account", facts->arena);
		facts->default_qos = xpm_field_string(L, 1, "default_qos", facts->arena);
		return 0;
	}
	lua_getfield(L, 2, part->name);
	part->listed = lua_istable(L, -1);
	if (!part->listed)
		return 0;
	lua_replace(L, 2);
	/* a host that does not tell the state has none to tell */
	lua_getfield(L, 2, "state_up");
	part->state = lua_isnumber(L, -1) ? (unsigned)lua_tointeger(L, -1) : TAKES_JOBS | STARTS_JOBS;
	lua_pop(L, 1);
	part->max_time = xpm_field_count(L, 2, "max_time", 32) * 60;
	part->max_nodes = xpm_field_count(L, 2, "max_nodes", 32);
	part->allow_accounts = xpm_field_string(L, 2, "allow_accounts", facts->arena);
	part->deny_accounts = xpm_field_string(L, 2, "deny_accounts", facts->arena);
	part->allow_qos = xpm_field_string(L, 2, "allow_qos", facts->arena);
	part->deny_qos = xpm_field_string(L, 2, "deny_qos", facts->arena);
	return 0;
}

static int lookup(struct xpm_live_facts *facts, int what, struct xpm_live_partition *part)
{
	lua_State *L = facts->L;
	int top = lua_gettop(L), ok;
	const char *text;

	lua_pushvalue(L, facts->lookup);
	lua_pushvalue(L, facts->job);
	lua_pushvalue(L, facts->part_list);
	lua_pushlightuserdata(L, facts);
	lua_pushinteger(L, what);
	lua_pushlightuserdata(L, part);
	ok = lua_pcall(L, 5, 0, 0) == LUA_OK;
	if (!ok && !facts->failed) {
		facts->failed = 1;
		text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "unknown error";
		snprintf(facts->failure, sizeof facts->failure, "%s", text);
	}
	lua_settop(L, top);
	return ok;
}

static const struct xpm_live_partition *partition_find(struct xpm_live_facts *facts, const char *name)
{
	struct xpm_live_partition *part;

	for (part = facts->partitions; part; part = part->next) {
		if (strcmp(part->name, name) == 0)
			return part;
	}
	part = xpm_arena_alloc(facts->arena, sizeof *part);
	if (!part) {
		facts->failed = 1;
		snprintf(facts->failure, sizeof facts->failure, "not enough memory");
		return NULL;
	}
	part->name = name;
	if (!lookup(facts, LOOKUP_PARTITION, part))
		return NULL;
	part->next = facts->partitions;
	facts->partitions = part;
	return part;
}

static int speak(char *reason, size_t size, const char *text)
{
	snprintf(reason, size, "%s", text);
	return 1;
}

static int partition_ask(void *context, const struct xpm_candidate *candidate, uint64_t duration, char *reason,
			 size_t size)
{
	struct xpm_live_facts *facts = context;
	const struct xpm_live_partition *part = partition_find(facts, candidate->partition);
	char limit[XPM_SIZE_TEXT];

	if (!part)
		return speak(reason, size, "could not be looked up");
	if (!part->listed)
		return speak(reason, size, "is not there for this user");
	if (!(part->state & TAKES_JOBS))
		return speak(reason, size, part->state & STARTS_JOBS ? "is draining" : "is inactive");
	if (!(part->state & STARTS_JOBS))
		return speak(reason, size, "is down");
	if (part->max_time && duration > part->max_time) {
		snprintf(reason, size, "MaxTime is %s", xpm_duration_print(part->max_time, limit));
		return 1;
	}
	if (part->max_nodes && facts->typed->nodes > part->max_nodes) {
		snprintf(reason, size, "MaxNodes is %llu", (unsigned long long)part->max_nodes);
		return 1;
	}
	return 0;
}

/* Whether a comma list of Slurm has the name; accounts and QoS are the same in either case of letters. */
static int list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',') {
		if (strcspn(list, ",") == len && strncasecmp(list, name, len) == 0)
			return 1;
	}
	return 0;
}

static int list_forbids(const char *allow, const char *deny, const char *name)
{
	if (!name)
		return 0; /* Slurm has one in mind that is not to be seen from here */
	if (allow && strcasecmp(allow, "ALL") != 0 && !list_has(allow, name))
		return 1;
	return deny && list_has(deny, name);
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

/* The account and QoS a job would have: the candidate's, else what was typed, the launcher's default, the user's. */
static int names_settle(struct xpm_live_facts *facts, const struct xpm_candidate *candidate, const char **account,
			const char **qos)
{
	const struct xpm_slurm_options *defaults = xpm_candidates_launcher(facts->table, candidate->launcher)->options;
	const char *now = facts->typed->account; /* whose default QoS Slurm tells */

	*account = first_of(candidate->account, now, defaults->account);
	*qos = first_of(candidate->qos, facts->typed->qos, defaults->qos);
	if (*account && *qos)
		return 1;
	if (!facts->user_known && !lookup(facts, LOOKUP_USER, NULL))
		return 0;
	facts->user_known = 1;
	now = first_of(now, facts->default_account, NULL);
	*account = first_of(*account, now, NULL);
	if (!*qos && *account && now && strcasecmp(*account, now) == 0)
		*qos = facts->default_qos;
	return 1;
}

static int access_ask(void *context, const struct xpm_candidate *candidate, char *reason, size_t size)
{
	struct xpm_live_facts *facts = context;
	const struct xpm_live_partition *part = partition_find(facts, candidate->partition);
	const char *account, *qos;

	if (!part)
		return speak(reason, size, "could not be looked up");
	if (!facts->user && !part->allow_accounts && !part->deny_accounts && !part->allow_qos && !part->deny_qos)
		return 0;
	if (!names_settle(facts, candidate, &account, &qos))
		return speak(reason, size, "the user's defaults could not be looked up");
	if (list_forbids(part->allow_accounts, part->deny_accounts, account)) {
		snprintf(reason, size, "does not admit account %s", account);
		return 1;
	}
	if (list_forbids(part->allow_qos, part->deny_qos, qos)) {
		snprintf(reason, size, "does not admit QoS %s", qos);
		return 1;
	}
	return facts->user && !xpm_snapshot_may(facts->cluster, facts->user, account, qos, candidate->partition, reason, size);
}

void xpm_live_start(struct xpm_live_facts *facts, lua_State *L, int job, int part_list,
		    const struct xpm_candidates *table, const struct xpm_slurm_options *typed,
		    const struct xpm_cluster *cluster, uint32_t uid, struct xpm_arena *arena)
{
	*facts = (struct xpm_live_facts){
		.live = { .context = facts, .partition = partition_ask, .access = access_ask },
		.L = L,
		.job = job,
		.part_list = part_list,
		.arena = arena,
		.table = table,
		.typed = typed,
		.cluster = cluster,
		.user = cluster ? xpm_snapshot_user(cluster, uid) : NULL,
	};
	luaL_checkstack(L, 10, "xpm");
	lua_pushcfunction(L, lookup_run);
	facts->lookup = lua_gettop(L);
}
