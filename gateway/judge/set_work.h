/* SPDX-License-Identifier: Apache-2.0 */
/* What sets.c and set_names.c share. */
#ifndef AUTOMODE_JUDGE_SET_WORK_H
#define AUTOMODE_JUDGE_SET_WORK_H

#include "judge/sets.h"

struct set {
	bool globbed; /* a glob or prefix says which */
	bool all, plural, noun, noun_fits;
	bool mine, merged, unmerged, stale, aged;
	int64_t older_s; /* -1: not said */
	bool some;	 /* a few: nobody knows which */
	bool narrowed;	 /* by any of these, a glob, a prefix or a number */
	enum truth holds;
	const char *why;
};

/* It does not hold, or nobody can tell. */
void set_fails(struct set *t, enum truth truth, const char *why);
/* One word may stand for several nouns ("key", "release"). */
bool set_noun_fits(const struct vocabulary *v, const char *const *low, size_t n,
		   const struct deed *d);
/* A list of globs, prefixes, ranges, numbers: how many words. */
size_t set_take_names(void *ctx, struct set *t, const struct vocabulary *v,
		      const struct message *m, size_t i, struct span s,
		      const struct deed *d);

#endif
