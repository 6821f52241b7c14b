/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of a statement are what its verb acts on, and do they mean a
 * deed's object: its name, its lane, its environment, its place.
 */
#ifndef AUTOMODE_JUDGE_OBJECT_H
#define AUTOMODE_JUDGE_OBJECT_H

#include "judge/deed.h"
#include "judge/message.h"

struct hearing {
	void *ctx;
	const struct vocabulary *v;
	const struct message *m;
	const struct message *before; /* the message before; NULL */
	const struct deed *d;
	bool exact; /* a directory does not stand for what is in it */
};

/* Anywhere in the span. */
bool object_mentioned(const struct hearing *h, struct span s);
/* By the last part of its name: "keep x2" of feature/x2.  Enough to forbid. */
bool object_partly(const struct hearing *h, struct span s);
/* As what the verb acts on: in "close 31 as duplicate of 12" 31 is, 12 is
 * not; in "delete the tests of x" x is not. */
bool object_named(const struct hearing *h, const struct statement *t);
/* Is what goes its place in something else: "from the list", "as a
 * reviewer", or somebody else's: "on Ben's machine"? */
bool object_is_beside(const struct hearing *h, const struct statement *t);
/* No name in the span, but behind "to" where the deed has no object: "reset
 * hard to origin/main". */
bool object_only_target(const struct hearing *h, struct span s);
/* "wipe the dev database" is about all of its tables. */
bool object_in_database(const struct hearing *h, const struct statement *t);
/* By "it" or "that branch", where what was spoken of is the deed's object. */
bool object_meant(const struct hearing *h, const struct statement *t);
/* ... but something else was brought up since. */
bool object_is_rivalled(const struct hearing *h, const struct statement *t);
/* "table features: set x for flag 12": is the rows' table the one that leads?
 */
enum truth
object_table_leads(const struct hearing *h, const struct statement *t);
/* By "the first", "the latter" of a list before. */
bool object_by_order(const struct hearing *h, const struct statement *t);
/* "the first two of these: a, b, c": and it is c. */
bool object_out_of_order(const struct hearing *h, const struct statement *t);
bool object_has_mark(const struct hearing *h, struct span s, enum mark mark);
bool object_lane_fits(const struct hearing *h, const struct statement *t);
bool object_says_remote(const struct hearing *h, const struct statement *t);
/* Of the statement, or what its sentence says before. */
bool object_tier_fits(const struct hearing *h, const struct statement *t);
bool object_says_tier(const struct hearing *h, struct span s);
/* Where it says the database of a table, by its own name; s.end: nowhere. */
size_t object_database(const struct hearing *h, struct span s);
bool object_place_fits(const struct hearing *h, struct span s);
/* Certainly none of what the statement excepts. */
bool object_not_excepted(const struct hearing *h, const struct statement *t);

#endif
