/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/explain.h>

#include "error_private.h"
#include "slurm_fields.h"

/* Writes at place, or only counts when that is NULL. */
struct packer {
	char *place;
	size_t used;
};

static void *pack(struct packer *packer, const void *from, size_t size, size_t align)
{
	char *to;

	packer->used = (packer->used + align - 1) / align * align;
	to = packer->place ? packer->place + packer->used : NULL;
	packer->used += size;
	if (to && size)
		memcpy(to, from, size);
	return to;
}

static const char *pack_text(struct packer *packer, const char *text)
{
	return text ? pack(packer, text, strlen(text) + 1, 1) : NULL;
}

static const char *const *pack_list(struct packer *packer, const char *const *list, size_t len)
{
	const char **copy = pack(packer, list, len * sizeof(*list), sizeof(*list));

	for (size_t i = 0; i < len; i++) {
		const char *text = pack_text(packer, list[i]);

		if (copy)
			copy[i] = text;
	}
	return copy;
}

static const struct xpm_token_need *pack_tokens(struct packer *packer, const struct xpm_launcher *draft)
{
	struct xpm_token_need *copy =
		pack(packer, draft->tokens, draft->tokens_len * sizeof(*copy), sizeof(void *));

	for (size_t i = 0; i < draft->tokens_len; i++) {
		const char *name = pack_text(packer, draft->tokens[i].name);

		if (copy)
			copy[i].name = name;
	}
	return copy;
}

size_t xpm_launcher_pack(const struct xpm_launcher *draft, void *place)
{
	struct packer packer = { .place = place };
	struct xpm_launcher packed = *draft;

	(void)pack(&packer, draft, sizeof(*draft), sizeof(uint64_t));
	packed.tags = pack_list(&packer, draft->tags, draft->tags_len);
	packed.asked = pack_list(&packer, draft->asked, draft->asked_len);
	packed.tokens = pack_tokens(&packer, draft);
	packed.id = pack_text(&packer, draft->id);
	packed.path = pack_text(&packer, draft->path);
	packed.spec = pack_text(&packer, draft->spec);
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		const char *text = xpm_slurm_field_text(&draft->options, i);

		if (text)
			xpm_slurm_field_set_text(&packed.options, i, pack_text(&packer, text));
	}
	if (place)
		memcpy(place, &packed, sizeof(packed));
	return packer.used;
}

struct xpm_launcher *xpm_launcher_keep(const struct xpm_launcher *draft, struct xpm_error *err)
{
	void *place = malloc(xpm_launcher_pack(draft, NULL));

	if (!place) {
		xpm_fail_memory(err);
		return NULL;
	}
	(void)xpm_launcher_pack(draft, place);
	return place;
}

struct xpm_launcher *xpm_launcher_slurm(const struct xpm_slurm_options *options, struct xpm_error *err)
{
	struct xpm_launcher draft = { .kind = XPM_KIND_SLURM };

	if (options)
		draft.options = *options;
	return xpm_launcher_keep(&draft, err);
}

struct xpm_launcher *xpm_launcher_local(struct xpm_error *err)
{
	const struct xpm_launcher draft = { .kind = XPM_KIND_LOCAL };

	return xpm_launcher_keep(&draft, err);
}

void xpm_launcher_destroy(struct xpm_launcher *launcher)
{
	free(launcher);
}

enum xpm_kinds xpm_launcher_kind(const struct xpm_launcher *launcher)
{
	return launcher->kind;
}

const char *xpm_launcher_id(const struct xpm_launcher *launcher)
{
	return launcher->id;
}

int64_t xpm_launcher_weight(const struct xpm_launcher *launcher)
{
	return launcher->weight;
}

const char *xpm_launcher_path(const struct xpm_launcher *launcher)
{
	return launcher->path;
}

const char *xpm_launcher_spec(const struct xpm_launcher *launcher)
{
	return launcher->spec;
}

const char *const *xpm_launcher_tags(const struct xpm_launcher *launcher, size_t *len)
{
	*len = launcher->tags_len;
	return launcher->tags;
}

const char *const *xpm_launcher_asked_tags(const struct xpm_launcher *launcher, size_t *len)
{
	*len = launcher->asked_len;
	return launcher->asked;
}

size_t xpm_launcher_alternative(const struct xpm_launcher *launcher)
{
	return launcher->alternative;
}

uint32_t xpm_launcher_gpus(const struct xpm_launcher *launcher)
{
	return launcher->gpus;
}

const struct xpm_slurm_options *xpm_launcher_options(const struct xpm_launcher *launcher)
{
	return &launcher->options;
}

void xpm_launcher_decided(const struct xpm_launcher *launcher, struct xpm_slurm_options *decided)
{
	*decided = launcher->options;
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (launcher->decided & UINT32_C(1) << i)
			continue;
		if (xpm_slurm_fields[i].form == XPM_FORM_TEXT)
			xpm_slurm_field_set_text(decided, i, NULL);
		else
			xpm_slurm_field_set_number(decided, i, 0);
	}
}

const struct xpm_token_need *xpm_launcher_tokens(const struct xpm_launcher *launcher, size_t *len)
{
	*len = launcher->tokens_len;
	return launcher->tokens;
}

size_t xpm_launcher_print(const struct xpm_launcher *launcher, char *buf, size_t size)
{
	const char *kind = launcher->kind == XPM_KIND_LOCAL ? "local" : "slurm", *mark = ":";
	size_t len = (size_t)snprintf(buf, size, "%s launcher%s%s", kind, launcher->id ? " " : "",
				      launcher->id ? launcher->id : "");

	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		const char *text = xpm_slurm_field_text(&launcher->options, i);
		size_t room = len < size ? size - len : 0;
		char *at = room ? buf + len : NULL;

		if (!xpm_slurm_field_is_set(&launcher->options, i))
			continue;
		if (text) {
			len += (size_t)snprintf(at, room, "%s %s=", mark, xpm_slurm_fields[i].option);
			room = len < size ? size - len : 0;
			len += xpm_shell_quote(text, room ? buf + len : NULL, room);
		} else {
			len += (size_t)snprintf(at, room, "%s ", mark);
			room = len < size ? size - len : 0;
			len += (size_t)xpm_slurm_field_print(&launcher->options, i, room ? buf + len : NULL, room);
		}
		mark = "";
	}
	return len;
}
