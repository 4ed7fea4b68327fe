/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_SAY_H
#define XPM_LOCAL_SAY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Exit statuses of xpm-local. A job that ran passes its own status through, so 1 to 4 are the runner's only before the
 * job starts, and 124 and 125 are the runner's word when it says so on stderr: a job may use any of these numbers itself.
 */
enum xpm_exit {
	XPM_EXIT_DONE = 0,
	XPM_EXIT_NO_MATCH = 1,  /* no launcher satisfies; with --wait also: not in that time */
	XPM_EXIT_USAGE = 2,
	XPM_EXIT_LAUNCHERS = 3,
	XPM_EXIT_SYSTEM = 4,
	XPM_EXIT_TIME = 124,    /* ended for its time limit */
	XPM_EXIT_MEMORY = 125,  /* ended for its memory limit */
};

/* One line on stderr: "xpm-local: ...". Not in a job's own output file. */
void xpm_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and exit with the status. Only before a job exists. */
_Noreturn void xpm_die(enum xpm_exit status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* malloc and friends for a program: they end it when there is no memory. */
void *xpm_alloc(size_t size); /* zeroed */
void *xpm_realloc(void *old, size_t count, size_t size);
char *xpm_strdup(const char *text);
char *xpm_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A copy cut to fit (on a character of UTF-8), always terminated; what is not printable becomes '?'. */
void xpm_text_copy(char *to, size_t size, const char *from);

/* "3", "4096": a whole decimal number up to max; 0 when it is one. */
int xpm_number(const char *text, uint64_t max, uint64_t *value);

int64_t xpm_now_ms(void);    /* monotonic */
int64_t xpm_wall_s(void);    /* since 1970 */

#endif
