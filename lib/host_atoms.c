/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_atoms.h"

#include <stdlib.h>
#include <string.h>

#include "error_private.h"
#include "hostlist.h"

/* One host in one class; the work is sorting these. */
struct claim {
	const char *host;
	uint32_t klass;
};

/* A host and the run of claims that is its own. */
struct owner {
	const char *host;
	const struct claim *claims;
	size_t len;
};

struct work {
	struct xpm_arena *arena;   /* names stay */
	struct claim *claims;
	size_t len, room;
	uint32_t klass;            /* of the expression being expanded */
	struct owner *owners;
	size_t owners_len;
	const char **names;        /* scratch for compressing, owners_len long at least */
	int out_of_memory;
};

static int add_claim(const char *host, void *context)
{
	struct work *work = context;
	struct claim *claim;

	if (work->len == work->room) {
		size_t room = work->room ? work->room * 2 : 256;
		struct claim *larger = realloc(work->claims, room * sizeof(*larger));

		if (!larger)
			return work->out_of_memory = 1;
		work->claims = larger;
		work->room = room;
	}
	claim = &work->claims[work->len];
	claim->klass = work->klass;
	claim->host = xpm_arena_strdup(work->arena, host);
	if (!claim->host)
		return work->out_of_memory = 1;
	work->len++;
	return 0;
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int names = strcmp(a->host, b->host);

	return names ? names : (a->klass > b->klass) - (a->klass < b->klass);
}

/* Hosts with the same classes stand together; within them the order of names. */
static int compare_owners(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;
	size_t shorter = a->len < b->len ? a->len : b->len;

	for (size_t i = 0; i < shorter; i++) {
		if (a->claims[i].klass != b->claims[i].klass)
			return a->claims[i].klass < b->claims[i].klass ? -1 : 1;
	}
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return strcmp(a->host, b->host);
}

static int same_classes(const struct owner *a, const struct owner *b)
{
	if (a->len != b->len)
		return 0;
	for (size_t i = 0; i < a->len; i++) {
		if (a->claims[i].klass != b->claims[i].klass)
			return 0;
	}
	return 1;
}

static enum xpm_code expand(struct work *work, const struct xpm_host_claim *claims, size_t len, struct xpm_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		enum xpm_code code;

		work->klass = claims[i].klass;
		code = xpm_hostlist_each(claims[i].expression, add_claim, work, XPM_HOSTS_MAX, err);
		if (work->out_of_memory)
			return xpm_fail_memory(err);
		if (code)
			return code;
		if (work->len > XPM_HOSTS_MAX)
			return xpm_fail(err, XPM_ERR_LIMIT, "more than %d hosts", XPM_HOSTS_MAX);
	}
	if (work->len > 1)
		qsort(work->claims, work->len, sizeof(*work->claims), compare_claims);
	for (size_t i = 0; i < work->len; i++) {
		if (kept == 0 || compare_claims(&work->claims[kept - 1], &work->claims[i]) != 0)
			work->claims[kept++] = work->claims[i];
	}
	work->len = kept;
	return XPM_OK;
}

static enum xpm_code group(struct work *work, struct xpm_error *err)
{
	work->owners = calloc(work->len + 1, sizeof(*work->owners));
	work->names = calloc(work->len + 1, sizeof(*work->names));
	if (!work->owners || !work->names)
		return xpm_fail_memory(err);
	for (size_t i = 0; i < work->len; i++) {
		struct owner *last = work->owners_len ? &work->owners[work->owners_len - 1] : NULL;

		if (last && strcmp(last->host, work->claims[i].host) == 0) {
			last->len++;
			continue;
		}
		last = &work->owners[work->owners_len++];
		last->host = work->claims[i].host;
		last->claims = &work->claims[i];
		last->len = 1;
	}
	if (work->owners_len > 1)
		qsort(work->owners, work->owners_len, sizeof(*work->owners), compare_owners);
	return XPM_OK;
}

static int compare_hosts(const void *left, const void *right)
{
	return strcmp(((const struct xpm_host *)left)->name, ((const struct xpm_host *)right)->name);
}

/* The run of owners from first that share their classes; returns where it ends. */
static size_t run_end(const struct work *work, size_t first)
{
	size_t end = first + 1;

	while (end < work->owners_len && same_classes(&work->owners[first], &work->owners[end]))
		end++;
	return end;
}

static enum xpm_code make_atoms(struct work *work, struct xpm_table_launcher *launcher, struct xpm_class *classes,
				struct xpm_error *err)
{
	size_t count = 0;
	struct xpm_atom *atoms;
	struct xpm_host *hosts;

	for (size_t i = 0; i < work->owners_len; i = run_end(work, i), count++)
		for (size_t c = 0; c < work->owners[i].len; c++)
			classes[work->owners[i].claims[c].klass].atoms_len++;
	atoms = xpm_arena_array(work->arena, count + 1, sizeof(*atoms));
	hosts = xpm_arena_array(work->arena, work->owners_len + 1, sizeof(*hosts));
	if (!atoms || !hosts)
		return xpm_fail_memory(err);

	count = 0;
	for (size_t i = 0; i < work->owners_len; count++) {
		size_t end = run_end(work, i);

		for (size_t h = i; h < end; h++) {
			work->names[h - i] = work->owners[h].host;
			hosts[h].name = work->owners[h].host;
			hosts[h].atom = (uint32_t)count;
		}
		atoms[count].index = (uint32_t)count;
		atoms[count].count = (uint32_t)(end - i);
		atoms[count].hosts = xpm_hostlist_compress(work->arena, work->names, end - i);
		if (!atoms[count].hosts)
			return xpm_fail_memory(err);
		i = end;
	}
	launcher->atoms = atoms;
	launcher->atoms_len = count;
	launcher->hosts = hosts;
	launcher->hosts_len = work->owners_len;
	return XPM_OK;
}

/* Give each class its atoms. */
static enum xpm_code link_atoms(struct work *work, struct xpm_class *classes, size_t classes_len, struct xpm_error *err)
{
	uint32_t atom = 0;

	for (size_t k = 0; k < classes_len; k++) {
		classes[k].atoms = xpm_arena_array(work->arena, classes[k].atoms_len + 1, sizeof(uint32_t));
		if (!classes[k].atoms)
			return xpm_fail_memory(err);
		classes[k].atoms_len = 0;
	}
	for (size_t i = 0; i < work->owners_len; i = run_end(work, i), atom++) {
		for (size_t c = 0; c < work->owners[i].len; c++) {
			struct xpm_class *klass = &classes[work->owners[i].claims[c].klass];

			((uint32_t *)(uintptr_t)klass->atoms)[klass->atoms_len++] = atom;
		}
	}
	return XPM_OK;
}

/* The hosts of each class as one expression; claims are sorted by host, so a pass per class keeps them in order. */
static enum xpm_code describe(struct work *work, const char **hosts_text, size_t classes_len, struct xpm_error *err)
{
	size_t *starts = calloc(classes_len + 2, sizeof(*starts));
	const char **names = calloc(work->len + 1, sizeof(*names));
	enum xpm_code code = starts && names ? XPM_OK : xpm_fail_memory(err);

	for (size_t i = 0; i < work->len && code == XPM_OK; i++)
		starts[work->claims[i].klass + 2]++;
	for (size_t k = 2; k < classes_len + 2 && code == XPM_OK; k++)
		starts[k] += starts[k - 1];
	for (size_t i = 0; i < work->len && code == XPM_OK; i++)
		names[starts[work->claims[i].klass + 1]++] = work->claims[i].host;
	for (size_t k = 0; k < classes_len && code == XPM_OK; k++) {
		size_t len = starts[k + 1] - starts[k];

		if (len == 0)
			continue;
		hosts_text[k] = xpm_hostlist_compress(work->arena, names + starts[k], len);
		if (!hosts_text[k])
			code = xpm_fail_memory(err);
	}
	free(starts);
	free(names);
	return code;
}

enum xpm_code xpm_host_atoms_build(const struct xpm_host_claim *claims, size_t claims_len, struct xpm_class *classes,
				   const char **hosts_text, size_t classes_len, struct xpm_table_launcher *launcher,
				   struct xpm_arena *arena, struct xpm_error *err)
{
	struct work work = { .arena = arena };
	enum xpm_code code = expand(&work, claims, claims_len, err);

	if (code == XPM_OK)
		code = group(&work, err);
	if (code == XPM_OK)
		code = make_atoms(&work, launcher, classes, err);
	if (code == XPM_OK)
		code = link_atoms(&work, classes, classes_len, err);
	if (code == XPM_OK)
		code = describe(&work, hosts_text, classes_len, err);
	if (code == XPM_OK && launcher->hosts_len > 1)
		qsort((void *)(uintptr_t)launcher->hosts, launcher->hosts_len, sizeof(*launcher->hosts), compare_hosts);
	free(work.claims);
	free(work.owners);
	free(work.names);
	return code;
}

long xpm_host_atoms_find(const struct xpm_table_launcher *launcher, const char *host)
{
	struct xpm_host key = { .name = host };
	const struct xpm_host *found;

	if (launcher->hosts_len == 0)
		return -1;
	found = bsearch(&key, launcher->hosts, launcher->hosts_len, sizeof(key), compare_hosts);
	return found ? (long)(found - launcher->hosts) : -1;
}
