/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_FEATURE_SET_H
#define XPM_FEATURE_SET_H

#include <stdint.h>
#include <xpmatch/candidates.h>

#define XPM_FEATURE_WORDS (XPM_FEATURES_MAX / 64)

struct xpm_feature_set {
	uint64_t word[XPM_FEATURE_WORDS];
};

static inline void xpm_feature_set_add(struct xpm_feature_set *set, unsigned id)
{
	set->word[id / 64] |= UINT64_C(1) << (id % 64);
}

static inline void xpm_feature_set_remove(struct xpm_feature_set *set, unsigned id)
{
	set->word[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

static inline int xpm_feature_set_has(const struct xpm_feature_set *set, unsigned id)
{
	return (int)(set->word[id / 64] >> (id % 64) & 1);
}

static inline int xpm_feature_set_within(const struct xpm_feature_set *part, const struct xpm_feature_set *whole)
{
	uint64_t missing = 0;

	for (unsigned i = 0; i < XPM_FEATURE_WORDS; i++)
		missing |= part->word[i] & ~whole->word[i];
	return missing == 0;
}

static inline int xpm_feature_set_equal(const struct xpm_feature_set *a, const struct xpm_feature_set *b)
{
	return xpm_feature_set_within(a, b) && xpm_feature_set_within(b, a);
}

#endif
