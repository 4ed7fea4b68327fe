/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_FORMULA_H
#define XPM_FORMULA_H

#include "match_private.h"

/*
 * The constraint of a sound union, in the plainest form that still keeps out what must be kept out: no clause and no feature
 * more than needed, written the way every Slurm reads it: `A&B`, `A|B`, `(A&B)|C`. What the user typed is ANDed
 * into each clause.
 *
 * *text gets NULL when neither is needed. Rows that the formula admits beside the members, and that satisfy, are marked as
 * joined. XPM_ERR_CONFLICT when the user's constraint cannot be combined (brackets, counts), XPM_ERR_MEMORY.
 */
enum xpm_code xpm_formula_make(struct xpm_choice *choice, const char **text, struct xpm_error *err);

#endif
