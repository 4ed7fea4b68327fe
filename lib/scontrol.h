/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_SCONTROL_H
#define XPM_SCONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <xpmatch/error.h>

/*
 * What scontrol and sacctmgr print, cut into values. Slurm 20.11 to 26.11.
 *
 * `scontrol show nodes` ends every record with an empty line, `scontrol --oneliner` with a line end; a record begins with
 * its name (NodeName=). Between them stand Key=value fields in the order of the release, of which those that are asked
 * for have values without blanks. OS=, Reason=, Comment= and Extra= may hold anything.
 */

#define XPM_OUTPUT_MAX (256u << 20) /* bytes of one command's output */

/* A piece of the output; text NULL = not there. */
struct xpm_slice {
	const char *text;
	size_t len;
};

int xpm_slice_is(const struct xpm_slice *slice, const char *text);

/* 1 when there is no value: not there, empty, (null), N/A, n/a, NONE, UNLIMITED, INFINITE. */
int xpm_slice_none(const struct xpm_slice *slice);

/* Whole decimal numbers only; 0 when the slice is not one or it is above most. */
int xpm_slice_number(const struct xpm_slice *slice, uint64_t most, uint64_t *value);

/* The next item of a list between separators; 0 at its end. Empty items are skipped. */
int xpm_slice_next(struct xpm_slice *rest, char separator, struct xpm_slice *item);

#define XPM_SCONTROL_KEYS_MAX 32

struct xpm_scontrol_kind {
	const char *noun;          /* "node" */
	const char *const *keys;   /* what is asked for; the first begins a record */
	size_t keys_len;
	uint32_t required;         /* bits of keys: a record without one was cut off */
	const char *loose, *resume; /* the value of loose= may hold anything, up to resume=; NULL = there is none */
	const char *const *last;   /* keys behind which nothing is asked for any more; NULL-terminated */
};

/*
 * Call fn for every record; values[i] is the value of keys[i], the first one when a key stands twice.
 *
 * name stands for the text in messages. fn returns XPM_OK to go on; anything else ends the walk and is returned.
 * XPM_ERR_VALUE when the text is no such output, or its end is missing: fn may have been called before that is found.
 */
enum xpm_code xpm_scontrol_each(const struct xpm_scontrol_kind *kind, const char *text, size_t len, const char *name,
				enum xpm_code (*fn)(const struct xpm_slice *values, void *ctx), void *ctx,
				struct xpm_error *err);

/*
 * The same for `sacctmgr --noheader --parsable2 show ... format=...`: one line a record, `columns` values between bars.
 */
enum xpm_code xpm_sacctmgr_each(size_t columns, const char *text, size_t len, const char *name,
				enum xpm_code (*fn)(const struct xpm_slice *values, void *ctx), void *ctx,
				struct xpm_error *err);

#endif
