/* SPDX-License-Identifier: Apache-2.0 */
/* What words.c and forbid.c share. */
#ifndef AUTOMODE_JUDGE_WORDS_WORK_H
#define AUTOMODE_JUDGE_WORDS_WORK_H

#include "judge/object.h"

/* Is the statement's verb one of the deed's? */
bool words_cover(const struct hearing *h, const struct statement *t);
/* Does the boundary go round the deed?  *vague: only since it says so little.
 */
bool
words_forbid(const struct hearing *h, const struct statement *t, bool *vague);
/* "only local" */
bool words_only_local(const struct hearing *h);
/* remote.c: is what another machine would run asked for?  Unknown: it changes
 * nothing there that a word of it tells. */
enum truth words_run_there(const struct hearing *h);
bool words_run_at(const struct hearing *h, const struct statement *t);
/* stash.c: "clear the stash", "drop the stash" */
bool words_stash_meant(const struct hearing *h, const struct statement *t);
bool words_of_stash(const struct hearing *h, const struct statement *t);
/* gist.c: "make a secret gist of notes.md" */
bool gist_asked(const struct hearing *h, const struct statement *t);
/* "the others", "the rest" */
bool words_has_rest(const struct hearing *h, struct span s);
/* A glob or prefix in the span that holds the deed's object. */
bool words_any_pattern(const struct hearing *h, struct span s);

#endif
