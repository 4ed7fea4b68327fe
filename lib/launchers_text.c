/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launchers_private.h"

#include <stdio.h>
#include <string.h>
#include <xpmatch/candidates.h>

#include "hostlist.h"

/*
 * What names are made of. They end up in comma lists, in formulas of features, in GRES and in
 * arguments of sbatch, so nothing may stand in them that means something there: whoever writes a
 * QoS "a,b" would ask for two.
 */
#define NAME_MARKS "._-+@/%:"

static int check_host(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key);
static int check_path(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key);
static int check_token(struct xpm_document *document, const struct xpm_node *node,
                       const struct xpm_key *key);

const struct xpm_text_rule xpm_label_rule = { "a text", NULL, 0, XPM_LIST_MAX, NULL };
const struct xpm_text_rule xpm_name_rule = { "a name", NAME_MARKS, 0, XPM_LIST_MAX, NULL };
const struct xpm_text_rule xpm_account_rule = { "an account", NAME_MARKS, 0, XPM_LIST_MAX, NULL };
const struct xpm_text_rule xpm_feature_rule = { "a feature", NAME_MARKS, 0, XPM_LIST_MAX, NULL };
/* gpu:TYPE:COUNT */
const struct xpm_text_rule xpm_gres_type_rule = { "a GRES type", "._-+", 0, 0, NULL };
/* xpm-local makes files of them. */
const struct xpm_text_rule xpm_token_rule = { "a token", "._-+@:", 128, 0, check_token };
/* The host list's own reading says more about a wrong character than a rule could. */
const struct xpm_text_rule xpm_host_rule = { "a host", NULL, XPM_FILE_MAX, 0, check_host };
const struct xpm_text_rule xpm_path_rule = { "a path", NULL, 4095, 0, check_path };

/* Options, which are as sbatch has them: lists and formulas too, but one word each. */
const struct xpm_text_rule xpm_names_rule = { "names", NAME_MARKS ",", 1024, 0, NULL };
const struct xpm_text_rule xpm_hosts_rule = { "hosts", NULL, 65536, 0, check_host };
const struct xpm_text_rule xpm_constraint_rule = { "a constraint", NAME_MARKS "&|()[]*,", 4096, 0,
	                                           NULL };
const struct xpm_text_rule xpm_gres_rule = { "a GRES", NAME_MARKS ",=()", 1024, 0, NULL };
const struct xpm_text_rule xpm_licenses_rule = { "licenses", NAME_MARKS ",;|", 1024, 0, NULL };
const struct xpm_text_rule xpm_comment_rule = { "a comment", NULL, 1024, 0, NULL };

static int check_host(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key)
{
	struct xpm_error err;
	struct xpm_spot spot;

	if (!xpm_hostlist_each(node->text, NULL, NULL, XPM_HOSTS_MAX, &err))
		return 1;
	spot = xpm_node_spot_of(document, node, err.column - 1);
	xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot, "%s: %s", key->name,
	                 err.text);
	return 0;
}

static int check_path(struct xpm_document *document, const struct xpm_node *node,
                      const struct xpm_key *key)
{
	if (node->text[0] == '/')
		return 1;
	return xpm_wrong(document, node, key, "a path that begins with '/' was expected, not %s",
	                 xpm_quote(node->text, node->len).text);
}

static int check_token(struct xpm_document *document, const struct xpm_node *node,
                       const struct xpm_key *key)
{
	if (node->text[0] != '.')
		return 1;
	return xpm_wrong(document, node, key, "a token's name may not begin with '.'");
}

static int is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The text is known to be UTF-8: C1 control characters are 0xc2 and then 0x80 to 0x9f. */
static int is_printable(const char *text, size_t i)
{
	unsigned char c = (unsigned char)text[i], next = c == 0xc2 ? (unsigned char)text[i + 1] : 0;

	return c >= 0x20 && c != 0x7f && !(c == 0xc2 && next >= 0x80 && next < 0xa0);
}

static int wrong_character(struct xpm_document *document, const struct xpm_node *node,
                           const struct xpm_key *key, size_t i)
{
	struct xpm_spot spot = xpm_node_spot_of(document, node, i);
	const struct xpm_text_rule *rule = key->text;
	unsigned char c = (unsigned char)node->text[i];
	char what[32];

	if (c == ' ' || c == '\t')
		snprintf(what, sizeof(what), c == ' ' ? "a blank" : "a tab");
	else if (!is_printable(node->text, i))
		snprintf(what, sizeof(what), "a control character");
	else if (c >= 0x80)
		snprintf(what, sizeof(what), "a character beyond ASCII");
	else if (c == '\'')
		snprintf(what, sizeof(what), "a quote");
	else
		snprintf(what, sizeof(what), "'%c'", c);
	xpm_document_say(document, XPM_ERROR, XPM_ERR_LAUNCHERS, &spot,
	                 "%s: %s may not hold %s%s%s", key->name, rule->what, what,
	                 rule->marks ? ", only letters, digits and " : "",
	                 rule->marks ? rule->marks : "");
	return 0;
}

int xpm_check_text(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key)
{
	const struct xpm_text_rule *rule = key->text;
	size_t longest = rule->longest ? rule->longest : XPM_NAME_MAX, i;

	if (node->kind != XPM_NODE_SCALAR || node->null)
		return xpm_wrong_kind(document, node, key, rule->what);
	if (node->len == 0)
		return xpm_wrong(document, node, key, "expected %s, got an empty text", rule->what);
	if (node->len > longest)
		return xpm_wrong(document, node, key, "%s is %zu bytes long, more than %zu",
		                 rule->what, node->len, longest);
	for (i = 0; i < node->len; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (rule->marks ? !is_alnum(c) && (!c || !strchr(rule->marks, c))
		                : !is_printable(node->text, i))
			return wrong_character(document, node, key, i);
	}
	return !rule->check || rule->check(document, node, key);
}

char *xpm_copy_text(struct xpm_document *document, const struct xpm_node *node,
                    const struct xpm_key *key)
{
	if (!xpm_check_text(document, node, key))
		return NULL;
	return xpm_document_strndup(document, node->text, node->len);
}

int xpm_read_text(struct xpm_document *document, const struct xpm_node *node,
                  const struct xpm_key *key, void *at)
{
	char *text = xpm_copy_text(document, node, key);

	if (text)
		*(const char **)at = text;
	return text != NULL;
}

/* Lists with a bound are short enough for this; hosts are looked at by `xpm check`. */
static int stands_already(struct xpm_document *document, const struct xpm_node *node,
                          const struct xpm_key *key, const struct xpm_strings *strings)
{
	size_t i;

	for (i = 0; key->text->most && i < strings->len; i++) {
		if (strcmp(strings->items[i], node->text))
			continue;
		xpm_document_say(document, XPM_WARNING, XPM_ERR_LAUNCHERS, &node->spot,
		                 "%s: %s stands in this list already", key->name,
		                 xpm_quote(node->text, node->len).text);
		return 1;
	}
	return 0;
}

int xpm_read_texts(struct xpm_document *document, const struct xpm_node *node,
                   const struct xpm_key *key, void *at)
{
	const struct xpm_node *const *items = node->kind == XPM_NODE_LIST ? node->items : &node;
	size_t len = node->kind == XPM_NODE_LIST ? node->len : 1, i;
	struct xpm_strings *strings = at;

	if (node->kind == XPM_NODE_MAP)
		return xpm_wrong_kind(document, node, key, "a list");
	if (key->text->most && len > key->text->most)
		return xpm_wrong(document, items[key->text->most], key,
		                 "the list has more than %zu items", key->text->most);
	strings->len = 0;
	strings->items = xpm_document_array(document, len, sizeof(strings->items[0]));
	strings->places = xpm_document_array(document, len, sizeof(strings->places[0]));
	if (!strings->items || !strings->places)
		return 0;
	for (i = 0; i < len && !document->out_of_memory; i++) {
		const char *text;

		if (!xpm_check_text(document, items[i], key) ||
		    stands_already(document, items[i], key, strings))
			continue;
		text = xpm_document_strndup(document, items[i]->text, items[i]->len);
		if (!text)
			return 0;
		strings->places[strings->len] = items[i]->spot.place;
		strings->items[strings->len++] = text;
	}
	return 1;
}
