/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_QUERY_H
#define XPM_CLI_QUERY_H

#include <xpmatch/snapshot.h>
#include <xpmatch/xpmatch.h>

/*
 * What find and explain share: the question as typed, and everything from the file to the finished decision.
 */

enum cli_format { CLI_TEXT, CLI_JSON, CLI_SBATCH };

struct cli_query {
	const char *command;             /* "find" or "explain", for messages */
	const char *file;                /* -f; NULL = search */
	const char *user;                /* --as; NULL = not asked */
	const char *launcher;            /* --launcher; NULL = any */
	const char *spec;
	const char **tags;
	size_t tags_len;
	enum xpm_kinds kinds;
	enum cli_format format;
	int all;                         /* --all: no folding */
	const char *colour;              /* --color: "auto", "always" or "never" */
	int has_typed;
	struct xpm_slurm_options typed;  /* what the user would also type */
	char *tag_text;                  /* owns the tags */
	char *given;                     /* the options as words for a shell, --format aside; may be NULL */
	int for_sbatch;                  /* what is printed goes, or was meant to go, onto sbatch's command line */
};

/* Read the command line; the strings are argv's. Returns an exit status; release in any case. */
int cli_query_read(struct cli_query *query, int argc, char **argv);
void cli_query_release(struct cli_query *query);

/* Those of sbatch's options that have no letter here; the others are known by theirs. */
enum { CLI_TYPED_GRES = 512, CLI_TYPED_GPUS_PER_NODE, CLI_TYPED_MEM, CLI_TYPED_MEM_PER_CPU };

/* One option that stands for one of sbatch, into query->typed. Returns an exit status. */
int cli_typed_read(struct cli_query *query, int option, const char *value);

/* The options of both in the words of --help. */
#define CLI_QUERY_HELP                                                                             \
	"  -f, --file FILE        launchers.yaml to use\n"                                         \
	"      --tag TAG[,TAG]    only launchers with one of these tags (repeatable)\n"            \
	"      --launcher ID      only this launcher\n"                                            \
	"      --kind KIND        local, slurm or both (default: both)\n"                          \
	"\n"                                                                                       \
	"What if you also typed, as for sbatch (and so for slurm launchers only):\n"               \
	"  -p, --partition LIST   -q, --qos QOS         -A, --account ACCOUNT\n"                   \
	"  -t, --time TIME        -C, --constraint LIST -x, --exclude HOSTS\n"                     \
	"  -w, --nodelist HOSTS   -N, --nodes N         -c, --cpus-per-task N\n"                   \
	"  -G, --gpus N           --gpus-per-node N     --gres LIST\n"                             \
	"      --mem SIZE         --mem-per-cpu SIZE\n"                                            \
	"      --as USER          with what USER may use\n"

struct cli_decision {
	struct xpm_launchers *launchers;
	struct xpm_cluster *cluster;     /* what query_slurm and --as are answered from; NULL = neither */
	struct xpm_snapshot_view view;
	struct xpm_live live;
	struct xpm_candidates *candidates;
	struct xpm_requirement *requirement;
	struct xpm_match *match;
	struct xpm_request request;
	struct xpm_error why;            /* code XPM_OK when there is a plan */
};

/*
 * Parse the spec, load the file, decide. CLI_DONE and CLI_NO_MATCH: the decision stands, why says the rest. Other
 * statuses: it was said on stderr. Release in any case.
 */
int cli_decision_make(struct cli_decision *decision, const struct cli_query *query);
void cli_decision_release(struct cli_decision *decision);

#endif
