/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LAUNCHERS_PRIVATE_H
#define XPM_LAUNCHERS_PRIVATE_H

#include <stdint.h>

#include "document.h"
#include "model.h"
#include "yaml_node.h"

/*
 * From a tree of YAML to the model. Every mapping of launchers.yaml is a table of the keys it knows; a key is a line
 * of its table that says how the value is read and into which member of the mapping's structure it goes.
 */

struct xpm_key;
struct xpm_mapping;

/*
 * Read the value of key (never null) into at. Returns 1 when it stands, 0 after having said why not.
 */
typedef int xpm_read_fn(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key,
			void *at);

struct xpm_key {
	const char *name;
	xpm_read_fn *read;
	size_t at;                       /* the member, as an offset in the structure */
	size_t has_at;                   /* the int or unsigned that gets bit when the value stands */
	unsigned bit;                    /* 0 = none */
	uint64_t least, most;            /* bounds of a number */
	const char *other;               /* another spelling of this key: only one of them may stand */
	const struct xpm_mapping *inner; /* of the mapping, or mappings, that the value is made of */
	const struct xpm_text_rule *text;
	const char *example;             /* for messages; NULL = the reader's own */
};

struct xpm_mapping {
	const char *what;                /* "a partition" */
	const struct xpm_key *keys;
	size_t len;

	/* When there are many by name, see xpm_read_named(). */
	const char *example;             /* "a mapping such as ..." */
	size_t size, name_at, place_at;  /* of the structure */
};

#define XPM_MAPPING(what, keys) { what, keys, sizeof(keys) / sizeof((keys)[0]), NULL, 0, 0, 0 }
#define XPM_NAMED_MAPPING(what, keys, type, example)                        \
	{ what, keys, sizeof(keys) / sizeof((keys)[0]), example, sizeof(type), \
	  offsetof(type, name), offsetof(type, place) }

/* What a text may be. */
struct xpm_text_rule {
	const char *what;                /* "a partition name" */
	const char *marks;               /* allowed besides letters and digits; NULL = all that is printable */
	size_t longest;                  /* bytes; 0 = XPM_NAME_MAX */
	size_t most;                     /* in one list; 0 = no bound of its own */
	/* What else there is to check; may be NULL. */
	int (*check)(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key);
};

#define XPM_NAME_MAX      256
#define XPM_LAUNCHERS_MAX 1024
#define XPM_TOKENS_MAX    1024
#define XPM_LIST_MAX      256     /* tags, features, QoS, accounts of one place */
#define XPM_PATTERNS_MAX  64
#define XPM_PATTERN_MAX   512
#define XPM_INTEGER_MAX   1000000000

/* launchers_read.c: mappings */
void xpm_read_mapping(struct xpm_document *document, const struct xpm_node *node, const struct xpm_mapping *mapping,
		      void *target);
int xpm_wrong(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));   /* always 0 */
int xpm_wrong_kind(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key,
		   const char *expected);                                       /* always 0 */
xpm_read_fn xpm_read_inner;       /* a mapping, by key->inner, into the structure at `at` */
xpm_read_fn xpm_read_node;        /* the node itself, to be read later */

/*
 * A mapping from names (by key->text) to mappings (by key->inner, an XPM_NAMED_MAPPING): an array of its structures in
 * file order and its length. NULL after having said why not.
 */
void *xpm_read_named(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key,
		     size_t *len);

/* launchers_scalar.c: single values */
xpm_read_fn xpm_read_count;       /* uint32_t */
xpm_read_fn xpm_read_integer;     /* int64_t within XPM_INTEGER_MAX */
xpm_read_fn xpm_read_flag;        /* int */
xpm_read_fn xpm_read_size;        /* uint64_t */
xpm_read_fn xpm_read_duration;    /* uint64_t */
xpm_read_fn xpm_read_ratio;       /* uint32_t, of XPM_RATIO_ONE */
xpm_read_fn xpm_read_connector;   /* nothing */

/* launchers_text.c: names by key->text */
xpm_read_fn xpm_read_text;        /* const char * */
xpm_read_fn xpm_read_texts;       /* struct xpm_strings; a single one stands for a list of one */
int xpm_check_text(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key);
char *xpm_copy_text(struct xpm_document *document, const struct xpm_node *node, const struct xpm_key *key);
extern const struct xpm_text_rule xpm_label_rule, xpm_name_rule, xpm_account_rule, xpm_feature_rule,
	xpm_gres_type_rule, xpm_token_rule, xpm_host_rule, xpm_path_rule, xpm_names_rule, xpm_hosts_rule,
	xpm_constraint_rule, xpm_gres_rule, xpm_licenses_rule, xpm_comment_rule;

/* launchers_regex.c */
extern const struct xpm_text_rule xpm_pattern_rule;

/* launchers_conf.c */
extern const struct xpm_mapping xpm_conf_mapping, xpm_local_cpu_mapping, xpm_local_gpu_mapping;
xpm_read_fn xpm_read_gpu;         /* gpus, gpus_len and gpu_is_list of a struct xpm_conf */
xpm_read_fn xpm_read_conf;        /* struct xpm_conf */

/* launchers_local.c, launchers_slurm.c: struct xpm_launcher */
extern const struct xpm_mapping xpm_local_mapping, xpm_slurm_mapping;

/* What they have in common. */
#define XPM_LAUNCHER_AT(member) offsetof(struct xpm_launcher, member)
#define XPM_LAUNCHER_KEYS                                                                         \
	{ .name = "id", .read = xpm_read_text, .at = XPM_LAUNCHER_AT(id),                         \
	  .has_at = XPM_LAUNCHER_AT(id_given), .bit = 1, .text = &xpm_label_rule },               \
	{ .name = "connector", .read = xpm_read_connector },                                      \
	{ .name = "weight", .read = xpm_read_integer, .at = XPM_LAUNCHER_AT(weight),              \
	  .has_at = XPM_LAUNCHER_AT(has_weight), .bit = 1 },                                      \
	{ .name = "tags", .read = xpm_read_texts, .at = XPM_LAUNCHER_AT(tags),                    \
	  .text = &xpm_name_rule },                                                               \
	{ .name = "disabled", .read = xpm_read_flag, .at = XPM_LAUNCHER_AT(disabled) }

/* launchers.c: read launchers->text, and launchers->tokens_text, into the model */
struct xpm_launchers *xpm_launchers_create(const char *name, struct xpm_error *err);
enum xpm_code xpm_launchers_read(struct xpm_launchers *launchers, struct xpm_report *report, struct xpm_error *err);
enum xpm_code xpm_launchers_read_tokens(struct xpm_launchers *launchers, struct xpm_report *report,
					struct xpm_error *err);

/* launchers_file.c: say that the file is too large; returns XPM_ERR_LIMIT, or XPM_ERR_MEMORY */
enum xpm_code xpm_launchers_too_large(const char *name, struct xpm_report *report, struct xpm_error *err);

/* launchers_options.c */
extern const struct xpm_mapping xpm_options_mapping;

/* launchers_tokens.c: `tokens:` of launchers.yaml, and the root of tokens.yaml */
void xpm_read_tokens(struct xpm_document *document, const struct xpm_node *node, struct xpm_launchers *launchers);
void xpm_read_more_tokens(struct xpm_document *document, const struct xpm_node *node,
			  struct xpm_launchers *launchers);

#endif
