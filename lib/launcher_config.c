/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deriving a launcher: the later value wins, but not over what makes the job fit. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error_private.h"
#include "launcher.h"
#include "slurm_fields.h"

#define VALUE_SHOWN 120 /* bytes of an option in a message */

static uint32_t bit(const char *name)
{
	return UINT32_C(1) << xpm_slurm_field_find(name);
}

static int is_gpu_item(const char *item)
{
	return strncmp(item, "gpu", 3) == 0 && (item[3] == ':' || item[3] == ',' || item[3] == '\0');
}

/* The first item of gres, or one behind it, that is GPUs; NULL when there is none. */
static const char *next_gpus(const char *gres)
{
	while (gres && !is_gpu_item(gres)) {
		gres = strchr(gres, ',');
		gres = gres ? gres + 1 : NULL;
	}
	return gres;
}

static int same_gpus(const char *a, const char *b)
{
	for (a = next_gpus(a), b = next_gpus(b); a && b; a = next_gpus(a + 1), b = next_gpus(b + 1)) {
		size_t len = strcspn(a, ",");

		if (len != strcspn(b, ",") || strncmp(a, b, len) != 0)
			return 0;
	}
	return !a && !b;
}

static enum xpm_code conflict(const struct xpm_launcher *launcher, const char *had, const struct xpm_slurm_options *over,
			      const char *wanted, struct xpm_error *err)
{
	char old[VALUE_SHOWN], new[VALUE_SHOWN];

	xpm_slurm_field_print(&launcher->options, xpm_slurm_field_find(had), old, sizeof(old));
	xpm_slurm_field_print(over, xpm_slurm_field_find(wanted), new, sizeof(new));
	return xpm_fail(err, XPM_ERR_CONFLICT, "%s is what the spec needs, and %s contradicts it", old, new);
}

/* GPUs that are said again beside those of the decision: as many is fine, and adds nothing. */
static enum xpm_code check_gpus(const struct xpm_launcher *launcher, struct xpm_slurm_options *over, struct xpm_error *err)
{
	uint64_t nodes = over->nodes ? over->nodes : launcher->options.nodes;
	uint64_t all = (uint64_t)launcher->gpus * (nodes ? nodes : 1);

	if (!(launcher->decided & bit("gres")))
		return XPM_OK;
	if (over->gpus_per_node && over->gpus_per_node != launcher->gpus)
		return conflict(launcher, "gres", over, "gpus_per_node", err);
	if (over->gpus && over->gpus != all)
		return conflict(launcher, "gres", over, "gpus", err);
	over->gpus = over->gpus_per_node = 0;
	return XPM_OK;
}

static enum xpm_code check_decided(const struct xpm_launcher *launcher, struct xpm_slurm_options *over,
				   struct xpm_error *err)
{
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		const char *name = xpm_slurm_fields[i].name;

		if (!(launcher->decided & UINT32_C(1) << i) || !xpm_slurm_field_is_set(over, i))
			continue;
		if (strcmp(name, "gres") == 0 &&
		    (!next_gpus(over->gres) || same_gpus(over->gres, launcher->options.gres)))
			continue;
		if (!xpm_slurm_field_equal(over, &launcher->options, i))
			return conflict(launcher, name, over, name, err);
	}
	if (over->mem_per_cpu && launcher->decided & bit("mem"))
		return conflict(launcher, "mem", over, "mem_per_cpu", err);
	return check_gpus(launcher, over, err);
}

/* The GPUs of gres alone, or all but them, in place; NULL when nothing is left. */
static const char *keep_items(char *gres, int gpus)
{
	char *to = gres;

	for (char *item = gres; item;) {
		char *end = strchr(item, ',');
		size_t len = end ? (size_t)(end - item) : strlen(item);

		if (is_gpu_item(item) == gpus) {
			if (to > gres)
				*to++ = ',';
			memmove(to, item, len);
			to += len;
		}
		item = end ? end + 1 : NULL;
	}
	*to = '\0';
	return to > gres ? gres : NULL;
}

/* What lies below, without what over says in another way. */
static enum xpm_code make_room(struct xpm_launcher *draft, const struct xpm_slurm_options *over, char **text,
			       struct xpm_error *err)
{
	struct xpm_slurm_options *below = &draft->options;

	if (over->mem)
		below->mem_per_cpu = 0;
	if (over->mem_per_cpu)
		below->mem = 0;
	if (over->gres && next_gpus(over->gres))
		below->gpus = below->gpus_per_node = 0;
	if ((over->gpus || over->gpus_per_node) && !over->gres && next_gpus(below->gres)) {
		*text = strdup(below->gres);
		if (!*text)
			return xpm_fail_memory(err);
		below->gres = keep_items(*text, 0);
	}
	return XPM_OK;
}

/* "gpu:2" of the decision and "tmp:1" of the caller, which replaces what else there was. */
static enum xpm_code join_gres(struct xpm_launcher *draft, struct xpm_slurm_options *over, char **text,
			       struct xpm_error *err)
{
	size_t size, len;

	if (!over->gres || next_gpus(over->gres) || !(draft->decided & bit("gres")))
		return XPM_OK;
	size = strlen(draft->options.gres) + strlen(over->gres) + 2;
	*text = malloc(size);
	if (!*text)
		return xpm_fail_memory(err);
	strcpy(*text, draft->options.gres);
	(void)keep_items(*text, 1);
	len = strlen(*text);
	snprintf(*text + len, size - len, ",%s", over->gres);
	over->gres = *text;
	return XPM_OK;
}

enum xpm_code xpm_launcher_derive(struct xpm_launcher *draft, const struct xpm_launcher *launcher,
				  const struct xpm_slurm_options *over, char **text, struct xpm_error *err)
{
	struct xpm_slurm_options wanted;
	enum xpm_code code;

	*text = NULL;
	if (!launcher || !over)
		return xpm_fail(err, XPM_ERR_VALUE, "%s is missing", launcher ? "what to change" : "the launcher");
	*draft = *launcher;
	wanted = *over;
	code = check_decided(launcher, &wanted, err);
	if (code == XPM_OK)
		code = make_room(draft, &wanted, text, err);
	if (code == XPM_OK)
		code = join_gres(draft, &wanted, text, err);
	if (code == XPM_OK)
		xpm_slurm_options_merge(&draft->options, &wanted);
	return code;
}

struct xpm_launcher *xpm_launcher_config(const struct xpm_launcher *launcher, const struct xpm_slurm_options *over,
					 struct xpm_error *err)
{
	struct xpm_launcher draft, *derived = NULL;
	char *text;

	if (xpm_launcher_derive(&draft, launcher, over, &text, err) == XPM_OK)
		derived = xpm_launcher_keep(&draft, err);
	free(text);
	return derived;
}
