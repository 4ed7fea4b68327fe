// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xpmatch/xpmatch.h>

#include "choice.h"
#include "say.h"

static _Noreturn void die_of(const struct xpm_error *err)
{
	char text[2048];
	enum xpm_exit status = XPM_EXIT_SYSTEM;

	xpm_error_print(err, text, sizeof(text));
	if (err->code == XPM_ERR_SPEC || err->code == XPM_ERR_VALUE || err->code == XPM_ERR_CONFLICT)
		status = XPM_EXIT_USAGE;
	else if (err->code != XPM_ERR_MEMORY)
		status = XPM_EXIT_LAUNCHERS;
	xpm_die(status, "%s", text);
}

static char *readable(char *path)
{
	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

/* The order of the other commands; NULL when nobody has written one. */
static char *find_file(const struct xpm_options *options)
{
	const char *named = options->file ? options->file : getenv("XPM_LAUNCHERS");
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;

	if (named && *named)
		return xpm_strdup(named);
	if (config && *config)
		path = readable(xpm_format("%s/xpm/launchers.yaml", config));
	if (!path && home && *home)
		path = readable(xpm_format("%s/.config/experimaestro/launchers.yaml", home));
	return path ? path : readable(xpm_strdup(SYSCONFDIR "/xpm/launchers.yaml"));
}

/* Without a file the machine itself is the only launcher. */
static struct xpm_launchers *describe_machine(struct xpm_machine *machine, struct xpm_error *err)
{
	size_t len;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);
	struct xpm_launchers *launchers;

	if (!out)
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	fprintf(out, "local:\n- id: machine\n  cpu: {cores: %zu, memory: %lluMiB}\n", machine->cores_len,
		(unsigned long long)(machine->memory >> 20));
	if (machine->gpus_len)
		fputs("  gpu:\n", out);
	for (size_t i = 0; i < machine->gpus_len; i++) {
		const struct xpm_gpu *gpu = &machine->gpus[i];

		fprintf(out, "  - {kind: %s, count: 1, memory: %lluMiB, model: \"", xpm_accel_kind_name(gpu->kind),
			(unsigned long long)(gpu->memory >> 20));
		for (const char *p = gpu->name; *p; p++)
			fputc(*p == '"' || *p == '\\' ? ' ' : *p, out);
		fputs("\"}\n", out);
	}
	fclose(out);
	launchers = xpm_launchers_parse(text, len, "this machine", NULL, err);
	free(text);
	return launchers;
}

static void load(const struct xpm_options *options, struct xpm_machine *machine, struct xpm_choice *choice)
{
	struct xpm_error err = { 0 };
	struct xpm_report *report = xpm_report_create(NULL);

	choice->path = find_file(options);
	choice->launchers = choice->path ? xpm_launchers_load(choice->path, report, &err) :
					   describe_machine(machine, &err);
	for (size_t i = 0; !choice->launchers && report && i + 1 < xpm_report_count(report); i++) {
		const struct xpm_diagnostic *d = xpm_report_get(report, i + 1);
		char text[2048];

		if (d->severity != XPM_ERROR)
			continue;
		xpm_diagnostic_print(d, text, sizeof(text));
		xpm_say("%s", text);
	}
	xpm_report_destroy(report);
	if (choice->launchers)
		choice->candidates = xpm_candidates_create(choice->launchers, &err);
	if (!choice->candidates) {
		/* whatever is wrong there, it is the file's fault */
		char text[2048];

		xpm_error_print(&err, text, sizeof(text));
		xpm_die(err.code == XPM_ERR_MEMORY ? XPM_EXIT_SYSTEM : XPM_EXIT_LAUNCHERS, "%s", text);
	}
}

/* What Slurm's options say that the alternative leaves open; a contradiction is an answer in why, used if it is chosen. */
static struct xpm_requirement *complete(const struct xpm_options *o, const struct xpm_alternative *a,
					const struct xpm_requirement *plain, char *why, size_t size,
					struct xpm_error *err)
{
	uint64_t memory = o->memory ? o->memory : o->memory_per_cpu * (o->cores ? o->cores : a->cores ? a->cores : 1);
	struct xpm_requirement *all, *part = NULL, *next;
	char want[XPM_SIZE_TEXT], have[XPM_SIZE_TEXT];

	*why = '\0';
	if (o->cores && a->cores && o->cores != a->cores)
		snprintf(why, size, "--cpus-per-task=%u contradicts the spec's cores=%u", o->cores, a->cores);
	if (memory && a->mem && memory != a->mem && (memory >> 20) != ((a->mem + 1048575) >> 20))
		snprintf(why, size, "--mem of %s contradicts the spec's mem=%s", xpm_size_print(memory, have),
			 xpm_size_print(a->mem, want));
	if (o->has_time && o->time && a->duration && o->time != a->duration)
		snprintf(why, size, "--time of %s contradicts the spec's duration=%s", xpm_duration_print(o->time, have),
			 xpm_duration_print(a->duration, want));
	if (o->has_gpus && a->accel_count && o->gpus != a->accel_count)
		snprintf(why, size, "%u GPUs by --gpus or --gres contradict the spec's %u", o->gpus, a->accel_count);
	/* cpu() with nothing is one core, the least there is: no spec at all needs a term */
	all = xpm_req_cpu(a->mem ? 0 : memory, a->cores ? 0 : o->cores, err);
	for (int step = 0; all && step < 3; step++) {
		if (step == 0 && !plain)
			continue;
		if (step == 1 && (!o->has_time || !o->time || a->duration))
			continue;
		if (step == 2 && (!o->gpus || a->accel_count))
			continue;
		if (step == 1)
			part = xpm_req_duration(o->time, err);
		else if (step == 2)
			part = xpm_req_accel(XPM_ACCEL_ANY, 0, o->gpu_model, o->gpus, err);
		next = step && !part ? NULL : xpm_req_and(all, step ? part : plain, err);
		xpm_requirement_destroy(part);
		part = NULL;
		xpm_requirement_destroy(all);
		all = next;
	}
	return all;
}

struct cap {
	struct xpm_machine *machine;
	const struct xpm_candidates *candidates;
	const struct xpm_alternative *alternative;
};

/* The matcher's question about a launcher that satisfies by what its file says: is the machine really like that? */
static int ask_machine(void *context, const struct xpm_candidate *candidate, char *reason, size_t size)
{
	struct cap *cap = context;
	struct xpm_capacity *capacity = xpm_alloc(sizeof(*capacity));
	struct xpm_record *record = xpm_alloc(sizeof(*record));
	int bad;

	xpm_capacity_build(cap->machine, cap->candidates, candidate, 0, capacity);
	bad = xpm_capacity_need(capacity, cap->candidates, candidate, cap->alternative, record, reason, size);
	free(record);
	free(capacity);
	return bad ? 1 : 0;
}

/* The names point into *text, which is to be freed with them. */
static size_t split_tags(const char *from, char **text, char ***tags)
{
	char *rest = *text = xpm_strdup(from ? from : ""), *item;
	size_t len = 0;

	*tags = xpm_alloc(sizeof(**tags) * (strlen(rest) + 1));
	while ((item = strsep(&rest, ",")))
		if (*item)
			(*tags)[len++] = item;
	return len;
}

static void say_line(void *context, const char *text, size_t len)
{
	const int *last = context;

	/* one command to see all is enough */
	if (*last || strncmp(text, "see all:", 8))
		xpm_say("%.*s", (int)len, text);
}

/* The short form of `xpm explain`, from the trace of the alternative that was just tried. */
static void explain(const struct xpm_options *options, const struct xpm_match *match, const struct xpm_candidates *candidates,
		    const struct xpm_request *request, const struct xpm_error *why, int last)
{
	const struct xpm_explain explain = { match, candidates, request, why };
	struct xpm_relaxed relaxed = { .len = 0 };
	char given[1100] = "--kind=local", quoted[500];
	size_t len = strlen(given);

	if (options->file && xpm_shell_quote(options->file, quoted, sizeof(quoted)) < sizeof(quoted))
		len += (size_t)snprintf(given + len, sizeof(given) - len, " -f %s", quoted);
	if (options->tags && xpm_shell_quote(options->tags, quoted, sizeof(quoted)) < sizeof(quoted))
		snprintf(given + len, sizeof(given) - len, " --tag %s", quoted);
	(void)xpm_relax(&explain, 0, 1, &relaxed, NULL);
	xpm_explain_short(&explain, &relaxed, given, say_line, &last);
}

static struct xpm_requirement *parse_spec(const char *text)
{
	struct xpm_error err = { 0 };
	struct xpm_requirement *requirement = xpm_spec_parse(text, &err);

	if (!requirement)
		die_of(&err);
	return requirement;
}

/* One alternative against all local launchers; when none satisfies, it is said why. last: no other alternative follows. */
static const struct xpm_plan *try(const struct xpm_options *options, struct xpm_machine *machine,
				  struct xpm_choice *choice, struct xpm_match *match,
				  const struct xpm_requirement *requirement, struct xpm_record *record, int last)
{
	size_t len;
	struct xpm_error err = { 0 };
	struct cap cap = { machine, choice->candidates, xpm_requirement_alternatives(requirement, &len) };
	struct xpm_live live = { .context = &cap, .access = ask_machine };
	struct xpm_request request = { .requirement = requirement, .kinds = XPM_KIND_LOCAL, .live = &live };
	const struct xpm_plan *plan = NULL;
	char reason[XPM_REASON_MAX], **tags, *text;

	request.tags_len = split_tags(options->tags, &text, &tags);
	request.tags = (const char *const *)tags;
	if (xpm_match_run(match, &request, &err) == XPM_OK) {
		const struct xpm_candidate *c;

		plan = xpm_match_plan(match);
		c = xpm_candidates_get(choice->candidates, plan->candidate);
		xpm_capacity_build(machine, choice->candidates, c, !options->quiet, &choice->capacity);
		xpm_capacity_need(&choice->capacity, choice->candidates, c, cap.alternative, record, reason,
				  sizeof(reason));
		xpm_text_copy(record->launcher, sizeof(record->launcher), plan->launcher->id);
	} else if (err.code != XPM_ERR_NO_MATCH) {
		die_of(&err);
	} else {
		explain(options, match, choice->candidates, &request, &err, last);
	}
	free(text);
	free(tags);
	return plan;
}

static int wants_gpus(const struct xpm_options *options, const struct xpm_alternative *alternatives, size_t len)
{
	int wants = options->gpus != 0;

	for (size_t i = 0; i < len; i++)
		wants |= alternatives[i].accel_count != 0;
	return wants;
}

void xpm_choice_make(const struct xpm_options *options, struct xpm_machine *machine, struct xpm_choice *choice,
		     struct xpm_record *record)
{
	struct xpm_requirement *spec = parse_spec(options->spec ? options->spec : "cpu()"), *tried = NULL;
	struct xpm_error err = { 0 };
	const struct xpm_plan *plan = NULL;
	struct xpm_match *match;
	size_t len;
	const struct xpm_alternative *alternatives = xpm_requirement_alternatives(spec, &len);

	memset(choice, 0, sizeof(*choice));
	if (wants_gpus(options, alternatives, len))
		xpm_machine_look_for_gpus(machine);
	load(options, machine, choice);
	match = xpm_match_create(choice->candidates, &err);
	if (!match)
		die_of(&err);
	for (size_t i = 0; i < len && !plan; i++) {
		static const struct xpm_alternative nothing;
		char text[XPM_SPEC_MAX + 1], why[256];
		struct xpm_requirement *one;

		xpm_alternative_print(&alternatives[i], text, sizeof(text));
		one = options->spec ? parse_spec(text) : NULL;
		xpm_requirement_destroy(tried);
		tried = complete(options, options->spec ? &alternatives[i] : &nothing, one, why, sizeof(why), &err);
		xpm_requirement_destroy(one);
		if (!tried)
			die_of(&err);
		plan = try(options, machine, choice, match, tried, record, i + 1 == len);
		choice->alternative = i + 1;
		if (plan && *why)
			xpm_die(XPM_EXIT_USAGE, "%s", why);
	}
	if (plan)
		xpm_requirement_print(tried, record->spec, sizeof(record->spec));
	else
		xpm_submit_propose(options, choice->candidates, len == 1 ? tried : spec);
	xpm_requirement_destroy(tried);
	xpm_requirement_destroy(spec);
	xpm_match_destroy(match);
	if (!plan)
		exit(XPM_EXIT_NO_MATCH);
}

void xpm_choice_free(struct xpm_choice *choice)
{
	xpm_candidates_destroy(choice->candidates);
	xpm_launchers_destroy(choice->launchers);
	free(choice->path);
}
