/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits that would be lost when a tip goes: git-effects.md 4.2(a), with a
 * walk of our own that can be stopped by the clock.
 */
#ifndef AUTOMODE_REVERSAL_REACH_H
#define AUTOMODE_REVERSAL_REACH_H

#include "base/err.h"
#include <git2.h>
#include <stdbool.h>

struct reach {
	bool known;   /* false: ran into a limit or a missing object */
	size_t lost;  /* commits that nothing else reaches */
	git_oid *ids; /* them, talloc child of the context given; NULL: none
		       * was given */
};

/* Commits that tips reach and none of the others does; tags are peeled,
 * what is no commit is passed over.  ctx: for the list of them; NULL: only
 * the number is wanted. */
void reach_lost(void *ctx, git_repository *git, const git_oid *tips,
		size_t ntips, const git_oid *others, size_t nothers,
		int limit_ms, struct reach *out);
/* First line of a commit's message, safe, cut; "" when unreadable. */
char *reach_subject(void *ctx, git_repository *git, const git_oid *id);

#endif
