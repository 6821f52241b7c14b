/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "all my merged branches", "the branches for ticket 4812", a glob,
 * "tags older than 30 days": does such a set hold a deed's object?  Every word
 * of the span has to be understood, or nobody knows what the set is.
 */
#ifndef AUTOMODE_JUDGE_SETS_H
#define AUTOMODE_JUDGE_SETS_H

#include "judge/deed.h"
#include "judge/message.h"

/* TRUTH_UNKNOWN, with *why, when the span says no set, or one that cannot be
 * resolved from facts. */
enum truth
set_holds(void *ctx, const struct vocabulary *v, const struct message *m,
	  struct span s, const struct deed *d, const char **why);
/* Has the span a noun at all; the noun of the deed? */
bool set_has_noun(const struct vocabulary *v, const struct message *m,
		  struct span s);
bool set_names_noun(const struct vocabulary *v, const struct message *m,
		    struct span s, const struct deed *d);
/* Has it a word that looks like a name? */
bool token_span_names(const struct message *m, struct span s);

#endif
