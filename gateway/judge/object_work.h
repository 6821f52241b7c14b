/* SPDX-License-Identifier: Apache-2.0 */
/* What object.c, referent.c and lane.c share: one place of a message. */
#ifndef AUTOMODE_JUDGE_OBJECT_WORK_H
#define AUTOMODE_JUDGE_OBJECT_WORK_H

#include "judge/object.h"

/* Where a word stands behind the verb. */
enum stand { STAND_DIRECT = 0, STAND_PLACE, STAND_OTHER };

/* What comes behind the word at this place stands how? */
enum stand
object_stand_behind(const struct hearing *h, const struct statement *t,
		    size_t at, enum stand now);
/* Rows are deleted "from", commits dropped "on". */
bool object_lies_within(const struct deed *d);
/* "the last two commits": of the branch that the deed rewrites. */
bool object_of_commits(const struct hearing *h, struct span s);
/* How many words from here are a name of the deed's object. */
size_t object_at(const struct hearing *h, size_t at, size_t end);
size_t
object_mark(const struct hearing *h, enum mark mark, size_t at, size_t end);
/* beside.c: "scp host:/var/log/x .": nothing is sent there. */
bool object_is_source(const struct hearing *h, const struct statement *t);
/* "and", "or" */
bool object_joint(const struct message *m, size_t at);
/* Is the noun at this place, if there is one, not the deed's? */
bool object_other_noun(const struct hearing *h, size_t at, size_t end);

/* set_before.c: does the set that the span speaks of hold the object? */
bool object_set_before(const struct hearing *h, struct span s);

#endif
