/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "error_private.h"
#include "predicate.h"

#define MIB        (UINT64_C(1) << 20)
#define CLOCK_TEXT 40

int xpm_typed_lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		size_t item = strcspn(list, ",");

		if (item == len && strncmp(list, name, len) == 0)
			return 1;
		list += item;
		list += *list == ',';
	}
	return 0;
}

/* --- the constraint --- */

/* An OR of ANDs while it is being read. */
struct dnf {
	uint64_t clauses[XPM_TYPED_CLAUSES_MAX];
	size_t len;
};

/* 1, 0 when there are too many, -1 when memory is short: as all that reads the formula. */
static int name_bit(struct xpm_typed_formula *f, const char *name, size_t len, struct xpm_arena *arena, uint64_t *bit)
{
	size_t i = 0;

	while (i < f->names_len && !(strncmp(f->names[i], name, len) == 0 && f->names[i][len] == '\0'))
		i++;
	if (i == XPM_TYPED_NAMES_MAX)
		return 0;
	if (i == f->names_len) {
		f->names[i] = xpm_arena_strndup(arena, name, len);
		if (!f->names[i])
			return -1;
		f->names_len++;
	}
	*bit = UINT64_C(1) << i;
	return 1;
}

/* left = left op right; op 0: the first operand. 0 when it grows too large. */
static int combine(struct dnf *left, char op, const struct dnf *right)
{
	struct dnf product = { .len = 0 };

	if (op != '&') {
		if (op == 0)
			left->len = 0;
		if (left->len + right->len > XPM_TYPED_CLAUSES_MAX)
			return 0;
		memcpy(left->clauses + left->len, right->clauses, right->len * sizeof(*right->clauses));
		left->len += right->len;
		return 1;
	}
	if (left->len * right->len > XPM_TYPED_CLAUSES_MAX)
		return 0;
	for (size_t i = 0; i < left->len; i++)
		for (size_t j = 0; j < right->len; j++)
			product.clauses[product.len++] = left->clauses[i] | right->clauses[j];
	*left = product;
	return 1;
}

/* Operands joined by & and |, read from left to right as Slurm does; one level of parentheses. *at ends behind it. */
static int parse(struct xpm_typed_formula *f, const char **at, int inside, struct xpm_arena *arena, struct dnf *out)
{
	char op = 0;

	for (;;) {
		struct dnf operand = { .len = 1 };
		int fine;

		if (**at == '(' && !inside) {
			(*at)++;
			fine = parse(f, at, 1, arena, &operand);
			if (fine <= 0)
				return fine;
			if (*(*at)++ != ')')
				return 0;
		} else {
			size_t len = strcspn(*at, "&|()");

			if (len == 0 || strcspn(*at, "[]*,{}!<>= \t\n") < len)
				return 0;
			fine = name_bit(f, *at, len, arena, &operand.clauses[0]);
			if (fine <= 0)
				return fine;
			*at += len;
		}
		if (!combine(out, op, &operand))
			return 0;
		op = **at;
		if (op != '&' && op != '|')
			return 1;
		(*at)++;
	}
}

/*
 * What cannot be combined, as [a*2&b*1]: whatever it means, a node that it takes has one of its names, so it restricts like
 * their OR. Same answers as parse(); 0 leaves it without effect on the choice.
 */
static int read_names(struct xpm_typed_formula *f, const char *text, struct xpm_arena *arena)
{
	f->names_len = f->len = 0;
	if (text[strcspn(text, "!<>= \t\n")])
		return 0;
	while (*text) {
		size_t len = strcspn(text, "&|()[]*,{}");
		uint64_t bit;
		int fine = len && f->names_len < XPM_TYPED_CLAUSES_MAX ? name_bit(f, text, len, arena, &bit) : !len;

		if (fine <= 0)
			return fine;
		text += len;
		if (*text == '*')
			text += strspn(text + 1, "0123456789");
		text += *text != '\0';
	}
	for (; f->len < f->names_len; f->len++)
		f->clauses[f->len] = UINT64_C(1) << f->len;
	return 1;
}

static enum xpm_code read_formula(struct xpm_typed_formula *f, const char *text, struct xpm_arena *arena,
				  struct xpm_error *err)
{
	struct dnf dnf = { .len = 0 };
	const char *at = text;
	int fine = parse(f, &at, 0, arena, &dnf);

	if (fine < 0)
		return xpm_fail_memory(err);
	f->text = text;
	if (!fine || *at) {
		f->opaque = 1;
		return read_names(f, text, arena) < 0 ? xpm_fail_memory(err) : XPM_OK;
	}
	memcpy(f->clauses, dnf.clauses, sizeof(dnf.clauses));
	f->len = dnf.len;
	return XPM_OK;
}

static int stands_in(const char *const *names, size_t len, const char *name)
{
	size_t i = 0;

	while (i < len && strcmp(names[i], name) != 0)
		i++;
	return i < len;
}

static int class_has(const struct xpm_table_launcher *launcher, const struct xpm_class *klass, const char *name)
{
	size_t i = 0;

	while (i < klass->features_len && strcmp(launcher->features[klass->feature_ids[i]], name) != 0)
		i++;
	return i < klass->features_len;
}

int xpm_typed_may_admit(const struct xpm_typed *typed, const struct xpm_table_launcher *launcher,
			const struct xpm_class *klass)
{
	const struct xpm_typed_formula *f = &typed->constraint;
	uint64_t surely_not = 0;

	if (f->len == 0)
		return 1;
	for (size_t i = 0; i < f->names_len; i++) {
		if (stands_in(launcher->features, launcher->features_len, f->names[i]) &&
		    !class_has(launcher, klass, f->names[i]))
			surely_not |= UINT64_C(1) << i;
	}
	for (size_t c = 0; c < f->len; c++) {
		if (!(f->clauses[c] & surely_not))
			return 1;
	}
	return 0;
}

/* --- GRES --- */

/* One item of --gres: [gres:|gres/]name[:type][:count], '=' as good as the last ':'. */
struct gres_item {
	const char *name, *type;
	size_t name_len, type_len;
	uint32_t count;
};

static int is_number(const char *text, size_t len)
{
	return len > 0 && len < 7 && strspn(text, "0123456789") >= len;
}

static int parse_gres(const char *text, size_t len, struct gres_item *item)
{
	const char *part[3];
	size_t part_len[3], parts = 0;

	if (len > 5 && (strncmp(text, "gres:", 5) == 0 || strncmp(text, "gres/", 5) == 0)) {
		text += 5;
		len -= 5;
	}
	for (;;) {
		size_t n = strcspn(text, ":=,");

		if (n > len)
			n = len;
		if (n == 0 || parts == 3)
			return 0;
		part[parts] = text;
		part_len[parts++] = n;
		if (n == len)
			break;
		text += n + 1;
		len -= n + 1;
	}
	*item = (struct gres_item){ .name = part[0], .name_len = part_len[0], .count = 1 };
	if (parts > 1 && is_number(part[parts - 1], part_len[parts - 1])) {
		parts--;
		item->count = 0;
		for (size_t i = 0; i < part_len[parts]; i++)
			item->count = item->count * 10 + (uint32_t)(part[parts][i] - '0');
	}
	if (parts == 3)
		return 0;
	if (parts == 2) {
		item->type = part[1];
		item->type_len = part_len[1];
	}
	return 1;
}

static enum xpm_code read_gpu_item(struct xpm_typed *typed, const struct gres_item *item, const char *text,
				   struct xpm_arena *arena, struct xpm_error *err)
{
	if (typed->has_gpus)
		return xpm_fail(err, XPM_ERR_VALUE,
				"--gres=%s names gpu more than once, which cannot be held against a spec: leave it out", text);
	typed->has_gpus = 1;
	typed->gpus = item->count;
	if (!item->type)
		return XPM_OK;
	typed->gpu_type = xpm_arena_strndup(arena, item->type, item->type_len);
	return typed->gpu_type ? XPM_OK : xpm_fail_memory(err);
}

/* The gpu item apart, the others as they were typed. */
static enum xpm_code read_gres(struct xpm_typed *typed, const char *text, struct xpm_arena *arena, struct xpm_error *err)
{
	char *others = xpm_arena_alloc(arena, strlen(text) + 2);
	size_t len = 0;

	if (!others)
		return xpm_fail_memory(err);
	if (strcasecmp(text, "none") == 0) {
		typed->has_gpus = 1;
		return XPM_OK;
	}
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, ",");
		struct gres_item item;
		enum xpm_code code = XPM_OK;

		if (!parse_gres(at, n, &item))
			return xpm_fail(err, XPM_ERR_VALUE, "--gres=%s: '%.*s' is not understood (name[:type][:count])", text,
					(int)(n < 100 ? n : 100), at);
		if (item.name_len == 3 && strncmp(item.name, "gpu", 3) == 0) {
			code = read_gpu_item(typed, &item, text, arena, err);
		} else {
			if (len)
				others[len++] = ',';
			memcpy(others + len, item.name, (size_t)(at + n - item.name));
			len += (size_t)(at + n - item.name);
		}
		if (code)
			return code;
		at += n;
		at += *at == ',';
	}
	typed->other_gres = len ? others : NULL;
	return XPM_OK;
}

/* --gpus is for the whole job, --gpus-per-node for one node. */
static enum xpm_code read_gpus(struct xpm_typed *typed, struct xpm_error *err)
{
	const struct xpm_slurm_options *o = &typed->options;
	uint32_t nodes = o->nodes ? o->nodes : 1;
	uint32_t per_node = o->gpus_per_node;

	if (o->gpus) {
		if (per_node && per_node * nodes != o->gpus)
			return xpm_fail(err, XPM_ERR_CONFLICT, "--gpus=%" PRIu32 " does not fit --nodes=%" PRIu32
					" and --gpus-per-node=%" PRIu32 ": a spec is for one node", o->gpus, nodes, per_node);
		if (o->gpus % nodes)
			return xpm_fail(err, XPM_ERR_CONFLICT, "--gpus=%" PRIu32 " cannot be spread evenly over --nodes=%" PRIu32
					": a spec is for one node", o->gpus, nodes);
		per_node = o->gpus / nodes;
	}
	if (!per_node)
		return XPM_OK;
	if (typed->has_gpus && typed->gpus != per_node)
		return xpm_fail(err, XPM_ERR_CONFLICT, "--gres=%s was typed, and --gpus or --gpus-per-node says %" PRIu32, o->gres,
				per_node);
	typed->has_gpus = 1;
	typed->gpus = per_node;
	return XPM_OK;
}

enum xpm_code xpm_typed_read(struct xpm_typed *typed, const struct xpm_slurm_options *options, struct xpm_arena *arena,
			     struct xpm_error *err)
{
	enum xpm_code code = XPM_OK;

	memset(typed, 0, sizeof(*typed));
	if (!options)
		return XPM_OK;
	typed->options = *options;
	if (options->constraint && *options->constraint)
		code = read_formula(&typed->constraint, options->constraint, arena, err);
	if (code == XPM_OK && options->gres && *options->gres)
		code = read_gres(typed, options->gres, arena, err);
	return code ? code : read_gpus(typed, err);
}

/* --- against a row, against the plan --- */

uint32_t xpm_typed_failed(const struct xpm_typed *typed, const struct xpm_table_launcher *launcher, const struct xpm_row *row,
			  const struct xpm_alternative *alternative)
{
	const struct xpm_slurm_options *o = &typed->options;
	const struct xpm_candidate *c = &row->candidate;
	uint32_t failed = 0;

	if (o->partition && !xpm_typed_lists(o->partition, c->partition))
		failed |= XPM_BIT(XPM_CLAUSE_PARTITION);
	if (o->qos && c->qos && strcmp(o->qos, c->qos) != 0)
		failed |= XPM_BIT(XPM_CLAUSE_QOS);
	if (o->account && c->account && strcmp(o->account, c->account) != 0)
		failed |= XPM_BIT(XPM_CLAUSE_ACCOUNT);
	if (!xpm_typed_may_admit(typed, launcher, row->klass))
		failed |= XPM_BIT(XPM_CLAUSE_CONSTRAINT);
	if (typed->gpu_type && alternative->accel_count && !xpm_predicate_assigns_type(alternative, c, typed->gpu_type))
		failed |= XPM_BIT(XPM_CLAUSE_GRES);
	return failed;
}

static enum xpm_code check_gres(const struct xpm_typed *typed, struct xpm_plan *plan, struct xpm_arena *arena,
				struct xpm_error *err)
{
	const char *gpu = plan->gres;

	if (typed->has_gpus && plan->gpus == 0 && typed->gpus > 0)
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"%" PRIu32 " GPU%s per node %s typed, but the spec asks for none: say it in the spec, as gpu()*%" PRIu32,
				typed->gpus, typed->gpus == 1 ? "" : "s", typed->gpus == 1 ? "was" : "were", typed->gpus);
	if (typed->has_gpus && typed->gpus != plan->gpus)
		return xpm_fail(err, XPM_ERR_CONFLICT, "the spec makes --gres=%s, but %" PRIu32 " GPU%s per node %s typed",
				plan->gres, typed->gpus, typed->gpus == 1 ? "" : "s", typed->gpus == 1 ? "was" : "were");
	if (gpu && typed->other_gres)
		gpu = xpm_arena_printf(arena, "%s,%s", gpu, typed->other_gres);
	if (plan->gres && !gpu)
		return xpm_fail_memory(err);
	plan->gres = gpu;
	return XPM_OK;
}

/* Equal or refused; what comes through cores may well be more. */
static enum xpm_code check_memory(const struct xpm_typed *typed, struct xpm_plan *plan, struct xpm_error *err)
{
	const struct xpm_slurm_options *o = &typed->options;
	uint64_t asked = plan->mem / MIB + (plan->mem % MIB != 0);
	uint64_t mem = o->mem / MIB + (o->mem % MIB != 0);
	uint64_t per_cpu = o->mem_per_cpu / MIB + (o->mem_per_cpu % MIB != 0);
	uint64_t cores = plan->cpus_per_task ? plan->cpus_per_task : o->cpus_per_task ? o->cpus_per_task : 1;

	if (asked == 0)
		return XPM_OK;
	if (mem && mem != asked)
		return xpm_fail(err, XPM_ERR_CONFLICT, "the spec makes --mem=%" PRIu64 "M, but --mem=%" PRIu64 "M was typed",
				asked, mem);
	if (!per_cpu)
		return XPM_OK;
	if (plan->mem_mib ? per_cpu * cores != asked : per_cpu * cores < asked)
		return xpm_fail(err, XPM_ERR_CONFLICT, "the spec makes --mem=%" PRIu64 "M, but --mem-per-cpu=%" PRIu64
				"M was typed, for %" PRIu64 " cores", asked, per_cpu, cores);
	plan->mem_mib = 0; /* said already, in the user's way */
	return XPM_OK;
}

/* As Slurm writes times: 1-12:00:00, 20:00:00. */
static const char *clock_print(uint64_t minutes, char buf[CLOCK_TEXT])
{
	char days[24] = "";

	if (minutes >= 24 * 60)
		snprintf(days, sizeof(days), "%" PRIu64 "-", minutes / (24 * 60));
	snprintf(buf, CLOCK_TEXT, "%s%02u:%02u:00", days, (unsigned)(minutes / 60 % 24), (unsigned)(minutes % 60));
	return buf;
}

enum xpm_code xpm_typed_check(const struct xpm_typed *typed, struct xpm_plan *plan, struct xpm_arena *arena,
			      struct xpm_error *err)
{
	const struct xpm_slurm_options *o = &typed->options;
	uint64_t minutes = o->time / 60 + (o->time % 60 != 0);
	char spec[CLOCK_TEXT], said[CLOCK_TEXT];
	enum xpm_code code = check_gres(typed, plan, arena, err);

	if (code == XPM_OK)
		code = check_memory(typed, plan, err);
	if (code)
		return code;
	if (plan->cpus_per_task && o->cpus_per_task && plan->cpus_per_task != o->cpus_per_task)
		return xpm_fail(err, XPM_ERR_CONFLICT,
				"the spec makes --cpus-per-task=%" PRIu32 ", but --cpus-per-task=%" PRIu32 " was typed",
				plan->cpus_per_task, o->cpus_per_task);
	if (plan->time && minutes && minutes != plan->time / 60)
		return xpm_fail(err, XPM_ERR_CONFLICT, "the spec makes --time=%s, but --time=%s was typed",
				clock_print(plan->time / 60, spec), clock_print(minutes, said));
	return XPM_OK;
}
