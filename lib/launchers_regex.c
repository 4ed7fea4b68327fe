/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "suggest.h"

static int check_pattern(struct xpm_document *document, const struct xpm_node *node,
                         const struct xpm_key *key);

const struct xpm_text_rule xpm_pattern_rule = {
	"a pattern", NULL, XPM_PATTERN_MAX, XPM_PATTERNS_MAX, check_pattern,
};

/* What a pattern may read off a feature's name; candidates.c knows what each means. */
static const char *const groups[] = {
	"cuda_count", "cuda_memory", "gpu_count",  "gpu_memory",
	"gpu_model",  "cpu_cores",   "cpu_memory",
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* Where the pattern names a group: the name in (?P<name>, (?<name> or (?'name'. */
static struct xpm_spot group_spot(const struct xpm_document *document, const struct xpm_node *node,
                                  const char *name)
{
	size_t len = strlen(name), i;

	for (i = 1; i + len < node->len; i++)
		if (strchr("<'", node->text[i - 1]) && i > 1 && strchr("?P", node->text[i - 2]) &&
		    strchr(">'", node->text[i + len]) &&
		    !memcmp(node->text + i, name, len))
			return xpm_node_spot_of(document, node, i);
	return node->spot;
}

static int check_group(struct xpm_document *document, const struct xpm_node *node,
                       const struct xpm_key *key, const char *name)
{
	struct xpm_spot spot;
	const char *near;
	size_t i;

	for (i = 0; i < GROUPS; i++)
		if (!strcmp(groups[i], name))
			return 1;
	spot = group_spot(document, node, name);
	near = xpm_suggest(name, strlen(name), groups, GROUPS);
	if (near)
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot,
		                 "%s: unknown group '%s' (did you mean '%s'?)", key->name, name,
		                 near);
	else
		xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot,
		                 "%s: unknown group '%s': the groups are cuda_count, cuda_memory, "
		                 "gpu_count, "
		                 "gpu_memory, gpu_model, cpu_cores and cpu_memory",
		                 key->name, name);
	return 0;
}

static int check_groups(struct xpm_document *document, const struct xpm_node *node,
                        const struct xpm_key *key, const pcre2_code *code)
{
	uint32_t count = 0, size = 0, i;
	PCRE2_SPTR table = NULL;
	int sound = 1;

	if (pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count) ||
	    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size) ||
	    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table))
		return xpm_wrong(document, node, key, "the pattern cannot be read");
	if (count == 0)
		xpm_document_say(document, XPM_WARNING, XPM_ERR_LAUNCHERS, &node->spot,
		                 "%s: the pattern has no named group such as (?P<cuda_count>\\d+), "
		                 "so it says nothing",
		                 key->name);
	for (i = 0; i < count; i++) /* an entry is two bytes of number, then the name */
		sound &= check_group(document, node, key,
		                     (const char *)table + (size_t)i * size + 2);
	return sound;
}

static int check_pattern(struct xpm_document *document, const struct xpm_node *node,
                         const struct xpm_key *key)
{
	PCRE2_UCHAR message[160];
	struct xpm_spot spot;
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error, sound;

	code = pcre2_compile((PCRE2_SPTR)node->text, node->len, PCRE2_ANCHORED, &error, &offset,
	                     NULL);
	if (code) {
		sound = check_groups(document, node, key, code);
		pcre2_code_free(code);
		return sound;
	}
	if (error == PCRE2_ERROR_HEAP_FAILED) {
		document->out_of_memory = 1;
		return 0;
	}
	if (pcre2_get_error_message(error, message, sizeof(message)) < 0)
		snprintf((char *)message, sizeof(message), "error %d", error);
	spot = xpm_node_spot_of(document, node, offset);
	xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot, "%s: not a pattern: %s",
	                 key->name, (const char *)message);
	return 0;
}
