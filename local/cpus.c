// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpus.h"

void xpm_cpus_add(struct xpm_cpus *set, unsigned cpu)
{
	if (cpu < XPM_CPUS_MAX)
		set->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

int xpm_cpus_has(const struct xpm_cpus *set, unsigned cpu)
{
	return cpu < XPM_CPUS_MAX && (set->word[cpu / 64] >> (cpu % 64) & 1);
}

unsigned xpm_cpus_count(const struct xpm_cpus *set)
{
	unsigned n = 0;

	for (size_t i = 0; i < XPM_CPUS_MAX / 64; i++)
		n += (unsigned)__builtin_popcountll(set->word[i]);
	return n;
}

int xpm_cpus_first(const struct xpm_cpus *set)
{
	for (size_t i = 0; i < XPM_CPUS_MAX / 64; i++)
		if (set->word[i])
			return (int)(i * 64) + __builtin_ctzll(set->word[i]);
	return -1;
}

int xpm_cpus_overlap(const struct xpm_cpus *a, const struct xpm_cpus *b)
{
	for (size_t i = 0; i < XPM_CPUS_MAX / 64; i++)
		if (a->word[i] & b->word[i])
			return 1;
	return 0;
}

void xpm_cpus_join(struct xpm_cpus *set, const struct xpm_cpus *more)
{
	for (size_t i = 0; i < XPM_CPUS_MAX / 64; i++)
		set->word[i] |= more->word[i];
}

int xpm_cpus_parse(const char *text, struct xpm_cpus *set)
{
	memset(set, 0, sizeof(*set));
	if (!*text)
		return 0;
	for (;;) {
		char *end;
		unsigned long from, to;

		if (!isdigit((unsigned char)*text))
			return -1;
		from = to = strtoul(text, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return -1;
			to = strtoul(end + 1, &end, 10);
		}
		if (to < from || to >= XPM_CPUS_MAX)
			return -1;
		for (; from <= to; from++)
			xpm_cpus_add(set, (unsigned)from);
		if (!*end || *end == '\n')
			return 0;
		if (*end != ',')
			return -1;
		text = end + 1;
	}
}

size_t xpm_cpus_print(const struct xpm_cpus *set, char *buf, size_t size)
{
	size_t len = 0;

	if (size)
		*buf = '\0';
	for (unsigned i = 0; i < XPM_CPUS_MAX; i++) {
		unsigned from = i;
		char item[32];
		int n;

		if (!xpm_cpus_has(set, i))
			continue;
		while (xpm_cpus_has(set, i + 1))
			i++;
		n = from == i ? snprintf(item, sizeof(item), "%s%u", len ? "," : "", from) :
				snprintf(item, sizeof(item), "%s%u-%u", len ? "," : "", from, i);
		if (len + (size_t)n < size)
			memcpy(buf + len, item, (size_t)n + 1);
		len += (size_t)n;
	}
	return len;
}

int xpm_cpus_affinity(struct xpm_cpus *set)
{
	memset(set, 0, sizeof(*set));
	return sched_getaffinity(0, sizeof(*set), (cpu_set_t *)(void *)set);
}

int xpm_cpus_bind(const struct xpm_cpus *set)
{
	return sched_setaffinity(0, sizeof(*set), (const cpu_set_t *)(const void *)set);
}
