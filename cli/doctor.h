/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_CLI_DOCTOR_H
#define XPM_CLI_DOCTOR_H

#include <stddef.h>

/* What the checks share and find out for each other. Texts that are NULL are not known. */
struct doctor {
	char *launchers;        /* path */
	char *slurm_path;       /* folder of Slurm's commands */
	char *config;           /* what scontrol show config printed */
	char *plugin;           /* the spank_xpm.so that plugstack.conf names */
	int live;               /* the cluster answered */
	int failed, warned;
};

/* One line each, with the cure below it when all is not well. cure may be NULL. */
void doctor_ok(struct doctor *doctor, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_warn(struct doctor *doctor, const char *cure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_fail(struct doctor *doctor, const char *cure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The value of a key of scontrol show config; to free, NULL when there is none. */
char *doctor_config(const struct doctor *doctor, const char *key);

/* doctor_plugin.c: plugstack.conf and spank_xpm.so */
void doctor_check_plugin(struct doctor *doctor);

/* doctor_lua.c: job_submit.lua and xpm.so */
void doctor_check_lua(struct doctor *doctor);

#endif
