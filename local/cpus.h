/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_CPUS_H
#define XPM_LOCAL_CPUS_H

#include <stddef.h>
#include <stdint.h>

/* A set of logical CPUs by the kernel's numbers. {0} is the empty set. */
#define XPM_CPUS_MAX 4096
struct xpm_cpus {
	uint64_t word[XPM_CPUS_MAX / 64];
};

void xpm_cpus_add(struct xpm_cpus *set, unsigned cpu);
int xpm_cpus_has(const struct xpm_cpus *set, unsigned cpu);
unsigned xpm_cpus_count(const struct xpm_cpus *set);
int xpm_cpus_first(const struct xpm_cpus *set); /* -1 = empty */
int xpm_cpus_overlap(const struct xpm_cpus *a, const struct xpm_cpus *b);
void xpm_cpus_join(struct xpm_cpus *set, const struct xpm_cpus *more);

/* The kernel's list form, "0-3,8". Parsing returns -1 for anything else; printing returns the length as snprintf. */
int xpm_cpus_parse(const char *text, struct xpm_cpus *set);
size_t xpm_cpus_print(const struct xpm_cpus *set, char *buf, size_t size);

/* This process's own affinity; 0, or -1 when the kernel has more CPUs than fit. */
int xpm_cpus_affinity(struct xpm_cpus *set);
int xpm_cpus_bind(const struct xpm_cpus *set);

#endif
