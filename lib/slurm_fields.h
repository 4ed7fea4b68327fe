/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SLURM_FIELDS_H
#define XPM_SLURM_FIELDS_H

#include <xpmatch/slurm_options.h>

/* The members of struct xpm_slurm_options one by one, in the order of the arguments. */

enum xpm_field_form { XPM_FORM_NUMBER, XPM_FORM_MINUTES, XPM_FORM_MIB, XPM_FORM_TEXT };

struct xpm_slurm_field {
	const char *option; /* "--gpus-per-node" */
	const char *name;   /* "gpus_per_node" */
	size_t offset;
	enum xpm_field_form form;
};

#define XPM_SLURM_FIELDS 18
extern const struct xpm_slurm_field xpm_slurm_fields[XPM_SLURM_FIELDS];

/* The index of the field with this name; XPM_SLURM_FIELDS when there is none. */
size_t xpm_slurm_field_find(const char *name);

/* The field of options: NULL, or 0, when it is not set or is of the other form. */
const char *xpm_slurm_field_text(const struct xpm_slurm_options *options, size_t field);
uint64_t xpm_slurm_field_number(const struct xpm_slurm_options *options, size_t field);

void xpm_slurm_field_set_text(struct xpm_slurm_options *options, size_t field, const char *text);
void xpm_slurm_field_set_number(struct xpm_slurm_options *options, size_t field, uint64_t number);

int xpm_slurm_field_is_set(const struct xpm_slurm_options *options, size_t field);
int xpm_slurm_field_equal(const struct xpm_slurm_options *a, const struct xpm_slurm_options *b, size_t field);

/* "--option=value" as xpm_slurm_options_argv() has it; the length as snprintf. */
int xpm_slurm_field_print(const struct xpm_slurm_options *options, size_t field, char *buf, size_t size);

#endif
