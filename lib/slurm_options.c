/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error_private.h"
#include "slurm_fields.h"

/* One line per option: fill, merge and argv follow. The order is that of the arguments. */
const struct xpm_slurm_field xpm_slurm_fields[XPM_SLURM_FIELDS] = {
#define FIELD(option, name, form) { option, #name, offsetof(struct xpm_slurm_options, name), form }
	FIELD("--partition", partition, XPM_FORM_TEXT),
	FIELD("--qos", qos, XPM_FORM_TEXT),
	FIELD("--account", account, XPM_FORM_TEXT),
	FIELD("--nodes", nodes, XPM_FORM_NUMBER),
	FIELD("--ntasks", ntasks, XPM_FORM_NUMBER),
	FIELD("--cpus-per-task", cpus_per_task, XPM_FORM_NUMBER),
	FIELD("--gres", gres, XPM_FORM_TEXT),
	FIELD("--gpus", gpus, XPM_FORM_NUMBER),
	FIELD("--gpus-per-node", gpus_per_node, XPM_FORM_NUMBER),
	FIELD("--mem", mem, XPM_FORM_MIB),
	FIELD("--mem-per-cpu", mem_per_cpu, XPM_FORM_MIB),
	FIELD("--time", time, XPM_FORM_MINUTES),
	FIELD("--constraint", constraint, XPM_FORM_TEXT),
	FIELD("--exclude", exclude, XPM_FORM_TEXT),
	FIELD("--nodelist", nodelist, XPM_FORM_TEXT),
	FIELD("--reservation", reservation, XPM_FORM_TEXT),
	FIELD("--licenses", licenses, XPM_FORM_TEXT),
	FIELD("--comment", comment, XPM_FORM_TEXT),
#undef FIELD
};

static const char *field_at(const struct xpm_slurm_options *options, size_t field)
{
	return (const char *)options + xpm_slurm_fields[field].offset;
}

static size_t field_size(size_t field)
{
	switch (xpm_slurm_fields[field].form) {
	case XPM_FORM_NUMBER:
		return sizeof(uint32_t);
	case XPM_FORM_TEXT:
		return sizeof(const char *);
	case XPM_FORM_MINUTES:
	case XPM_FORM_MIB:
		break;
	}
	return sizeof(uint64_t);
}

size_t xpm_slurm_field_find(const char *name)
{
	size_t i = 0;

	while (i < XPM_SLURM_FIELDS && strcmp(xpm_slurm_fields[i].name, name) != 0)
		i++;
	return i;
}

int xpm_slurm_field_is_set(const struct xpm_slurm_options *options, size_t field)
{
	static const char nothing[sizeof(uint64_t)];

	return memcmp(field_at(options, field), nothing, field_size(field)) != 0;
}

const char *xpm_slurm_field_text(const struct xpm_slurm_options *options, size_t field)
{
	const char *text;

	if (xpm_slurm_fields[field].form != XPM_FORM_TEXT)
		return NULL;
	memcpy(&text, field_at(options, field), sizeof(text));
	return text;
}

uint64_t xpm_slurm_field_number(const struct xpm_slurm_options *options, size_t field)
{
	uint32_t number;
	uint64_t large;

	switch (xpm_slurm_fields[field].form) {
	case XPM_FORM_TEXT:
		return 0;
	case XPM_FORM_NUMBER:
		memcpy(&number, field_at(options, field), sizeof(number));
		return number;
	case XPM_FORM_MINUTES:
	case XPM_FORM_MIB:
		break;
	}
	memcpy(&large, field_at(options, field), sizeof(large));
	return large;
}

void xpm_slurm_field_set_text(struct xpm_slurm_options *options, size_t field, const char *text)
{
	memcpy((char *)options + xpm_slurm_fields[field].offset, &text, sizeof(text));
}

void xpm_slurm_field_set_number(struct xpm_slurm_options *options, size_t field, uint64_t number)
{
	uint32_t small = (uint32_t)number;
	const void *from = xpm_slurm_fields[field].form == XPM_FORM_NUMBER ? (const void *)&small : &number;

	memcpy((char *)options + xpm_slurm_fields[field].offset, from, field_size(field));
}

int xpm_slurm_field_equal(const struct xpm_slurm_options *a, const struct xpm_slurm_options *b, size_t field)
{
	const char *left = xpm_slurm_field_text(a, field), *right = xpm_slurm_field_text(b, field);

	if (left && right)
		return strcmp(left, right) == 0;
	return left == right && xpm_slurm_field_number(a, field) == xpm_slurm_field_number(b, field);
}

static void take(struct xpm_slurm_options *to, const struct xpm_slurm_options *from, size_t field)
{
	memcpy((char *)to + xpm_slurm_fields[field].offset, field_at(from, field), field_size(field));
}

void xpm_slurm_options_fill(struct xpm_slurm_options *options, const struct xpm_slurm_options *defaults)
{
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (!xpm_slurm_field_is_set(options, i))
			take(options, defaults, i);
	}
}

void xpm_slurm_options_merge(struct xpm_slurm_options *options, const struct xpm_slurm_options *over)
{
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (xpm_slurm_field_is_set(over, i))
			take(options, over, i);
	}
}

int xpm_slurm_field_print(const struct xpm_slurm_options *options, size_t field, char *buf, size_t size)
{
	const char *option = xpm_slurm_fields[field].option;
	uint64_t number = xpm_slurm_field_number(options, field);

	switch (xpm_slurm_fields[field].form) {
	case XPM_FORM_TEXT:
		return snprintf(buf, size, "%s=%s", option, xpm_slurm_field_text(options, field));
	case XPM_FORM_NUMBER:
		return snprintf(buf, size, "%s=%" PRIu64, option, number);
	case XPM_FORM_MINUTES:
		return snprintf(buf, size, "%s=%" PRIu64, option, number / 60 + (number % 60 != 0));
	case XPM_FORM_MIB:
		break;
	}
	return snprintf(buf, size, "%s=%" PRIu64 "M", option, (number >> 20) + ((number & 0xfffff) != 0));
}

char **xpm_slurm_options_argv(const struct xpm_slurm_options *options, size_t *len, struct xpm_error *err)
{
	size_t count = 0, bytes = 0, size;
	char **argv, *text;

	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (xpm_slurm_field_is_set(options, i)) {
			bytes += (size_t)xpm_slurm_field_print(options, i, NULL, 0) + 1;
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
	for (size_t i = 0; i < XPM_SLURM_FIELDS; i++) {
		if (!xpm_slurm_field_is_set(options, i))
			continue;
		argv[count++] = text;
		text += xpm_slurm_field_print(options, i, text, size - (size_t)(text - (char *)argv)) + 1;
	}
	argv[count] = NULL;
	if (len)
		*len = count;
	return argv;
}
