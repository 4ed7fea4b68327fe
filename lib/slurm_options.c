/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/slurm_options.h>

#include "error_private.h"

enum form { FORM_NUMBER, FORM_MINUTES, FORM_MIB, FORM_TEXT };

/* One line per option: fill, merge and argv follow. The order is that of the arguments. */
static const struct field {
	const char *option;
	size_t offset;
	enum form form;
} fields[] = {
#define FIELD(option, name, form) { option, offsetof(struct xpm_slurm_options, name), form }
	FIELD("--partition", partition, FORM_TEXT),
	FIELD("--qos", qos, FORM_TEXT),
	FIELD("--account", account, FORM_TEXT),
	FIELD("--nodes", nodes, FORM_NUMBER),
	FIELD("--ntasks", ntasks, FORM_NUMBER),
	FIELD("--cpus-per-task", cpus_per_task, FORM_NUMBER),
	FIELD("--gres", gres, FORM_TEXT),
	FIELD("--gpus", gpus, FORM_NUMBER),
	FIELD("--gpus-per-node", gpus_per_node, FORM_NUMBER),
	FIELD("--mem", mem, FORM_MIB),
	FIELD("--mem-per-cpu", mem_per_cpu, FORM_MIB),
	FIELD("--time", time, FORM_MINUTES),
	FIELD("--constraint", constraint, FORM_TEXT),
	FIELD("--exclude", exclude, FORM_TEXT),
	FIELD("--nodelist", nodelist, FORM_TEXT),
	FIELD("--reservation", reservation, FORM_TEXT),
	FIELD("--licenses", licenses, FORM_TEXT),
	FIELD("--comment", comment, FORM_TEXT),
#undef FIELD
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static size_t field_size(const struct field *field)
{
	switch (field->form) {
	case FORM_NUMBER:
		return sizeof(uint32_t);
	case FORM_TEXT:
		return sizeof(const char *);
	case FORM_MINUTES:
	case FORM_MIB:
		break;
	}
	return sizeof(uint64_t);
}

static int is_set(const struct xpm_slurm_options *options, const struct field *field)
{
	static const char nothing[sizeof(uint64_t)];

	return memcmp((const char *)options + field->offset, nothing, field_size(field)) != 0;
}

static void take(struct xpm_slurm_options *to, const struct xpm_slurm_options *from, const struct field *field)
{
	memcpy((char *)to + field->offset, (const char *)from + field->offset, field_size(field));
}

void xpm_slurm_options_fill(struct xpm_slurm_options *options, const struct xpm_slurm_options *defaults)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (!is_set(options, &fields[i]))
			take(options, defaults, &fields[i]);
	}
}

void xpm_slurm_options_merge(struct xpm_slurm_options *options, const struct xpm_slurm_options *over)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (is_set(over, &fields[i]))
			take(options, over, &fields[i]);
	}
}

/* "--option=value" into buf, as snprintf. */
static int print(const struct xpm_slurm_options *options, const struct field *field, char *buf, size_t size)
{
	const char *at = (const char *)options + field->offset;
	const char *text;
	uint32_t number;
	uint64_t large;

	switch (field->form) {
	case FORM_TEXT:
		memcpy(&text, at, sizeof(text));
		return snprintf(buf, size, "%s=%s", field->option, text);
	case FORM_NUMBER:
		memcpy(&number, at, sizeof(number));
		return snprintf(buf, size, "%s=%" PRIu32, field->option, number);
	case FORM_MINUTES:
		memcpy(&large, at, sizeof(large));
		return snprintf(buf, size, "%s=%" PRIu64, field->option, large / 60 + (large % 60 != 0));
	case FORM_MIB:
		break;
	}
	memcpy(&large, at, sizeof(large));
	return snprintf(buf, size, "%s=%" PRIu64 "M", field->option, (large >> 20) + ((large & 0xfffff) != 0));
}

char **xpm_slurm_options_argv(const struct xpm_slurm_options *options, size_t *len, struct xpm_error *err)
{
	size_t count = 0, bytes = 0, size;
	char **argv, *text;

	for (size_t i = 0; i < FIELDS; i++) {
		if (is_set(options, &fields[i])) {
			bytes += (size_t)print(options, &fields[i], NULL, 0) + 1;
			count++;
		}
	}
	size = (count + 1) * sizeof(*argv) + bytes;
	argv = malloc(size);
	if (!argv) {
		xpm_fail_memory(err);
		return NULL;
	}
	text = (char *)(argv + count + 1);
	count = 0;
	for (size_t i = 0; i < FIELDS; i++) {
		if (!is_set(options, &fields[i]))
			continue;
		argv[count++] = text;
		text += print(options, &fields[i], text, size - (size_t)(text - (char *)argv)) + 1;
	}
	argv[count] = NULL;
	if (len)
		*len = count;
	return argv;
}
