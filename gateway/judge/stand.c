/* SPDX-License-Identifier: Apache-2.0 */
/* Is what stands behind "in", "of", "to" what a verb acts on? */
#include "base/listed.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

static bool
is_number(const char *s)
{
	return *s && !s[strspn(s, "#0123456789")];
}

/* Rows are deleted "from", commits dropped "on". */
bool
object_lies_within(const struct deed *d)
{
	switch (d->kind) {
	case EFFECT_DB_READ:
	case EFFECT_DB_WRITE:
	case EFFECT_DB_DESTROY:
	case EFFECT_DB_SCHEMA:
	case EFFECT_HISTORY_REWRITE:
	case EFFECT_REVIEW_BYPASS:
	case EFFECT_GUARD_WEAKEN:
	case EFFECT_WORKTREE_DISCARD: /* "my changes in x" */
	case EFFECT_INDEX_DISCARD:
		return true;
	default:
		return false;
	}
}

static bool
verb_takes(const struct verb *verb, const char *word)
{
	for (size_t i = 0; verb && i < verb->to.n; i++)
		if (!strcmp(verb->to.v[i].words[0], word))
			return true;
	return false;
}

/* "all of x", "both of them" */
static bool
of_all(const struct message *m, size_t at, size_t first)
{
	static const char *const words[] = {
	    "all",  "both",	"each",	   "any",	 "one",
	    "rid",  "contents", "content", "everything", "either",
	    "copy", "copies",	"version", "clone",	 "checkout"};

	if (strcmp(m->low[at], "of") != 0 || at == first)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(m->low[at - 1], words[i]))
			return true;
	return false;
}

/* "drop the index on users": what goes is no part of the data. */
static bool
other_thing(const struct hearing *h, struct span s)
{
	size_t used;
	bool plural, known;

	static const char *const parts[] = {"index",	"constraint", "trigger",
					    "view",	"default",    "field",
					    "partition"};

	if (h->d->kind == EFFECT_DB_WRITE)
		for (size_t i = s.first; i < s.end; i++)
			if (is_one_of(h->m->low[i], parts, 7))
				return true;
	if (h->d->kind != EFFECT_DB_DESTROY)
		return false;
	for (size_t i = s.first; i < s.end; i++) {
		size_t row = i + 1;

		/* "drop table tmp_a, left over from the import" */
		if (token_is_name(&h->m->tokens[i]) && row < s.end &&
		    !noun_at(h->v, h->m->low + row, 1, &used, &plural) &&
		    set_names_noun(h->v, h->m, (struct span){s.first, i}, h->d))
			return true;
		/* "user 771 from users" are rows; "a and b from dev" tables */
		if (is_number(h->m->low[i]))
			return true;
		known = token_is_name(&h->m->tokens[i]) ||
			object_at(h, i, s.end) ||
			noun_at(h->v, h->m->low + i, 1, &used, &plural);
		for (int k = 0; k < MARK_LIGHT_COUNT && !known; k++)
			known = object_mark(h, (enum mark)k, i, s.end) > 0;
		if (!known)
			return true;
	}
	return false;
}

bool
object_of_commits(const struct hearing *h, struct span s)
{
	struct deed commit = {.noun = "commit"};

	if (h->d->kind != EFFECT_REF_OVERWRITE &&
	    h->d->kind != EFFECT_HISTORY_REWRITE)
		return false;
	for (size_t i = s.first; i < s.end && i < s.first + 5; i++) {
		if (token_is_name(&h->m->tokens[i]))
			return false;
		if (set_names_noun(h->v, h->m, (struct span){i, i + 1},
				   &commit))
			return true;
	}
	return false;
}

static bool
is_database(const struct deed *d)
{
	return d->noun && !strcmp(d->noun, "database");
}

/* "everything in", "all tables of": no less than the whole. */
static bool
all_of_it(const struct hearing *h, struct span s)
{
	bool all = false;
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end; i++) {
		bool this = object_mark(h, MARK_ALL, i, s.end) > 0;

		all |= this;
		if (!this && !object_mark(h, MARK_DETERMINER, i, s.end) &&
		    !noun_at(h->v, h->m->low + i, 1, &used, &plural))
			return false;
		if (token_is_name(&h->m->tokens[i]))
			return false;
	}
	return all;
}

/* "the change to x", "my edits to x" */
static bool
change_to(const struct hearing *h, size_t at, size_t first)
{
	return (h->d->kind == EFFECT_WORKTREE_DISCARD ||
		h->d->kind == EFFECT_INDEX_DISCARD) &&
	       at > first && !strcmp(h->m->low[at], "to") &&
	       set_names_noun(h->v, h->m, (struct span){at - 1, at}, h->d);
}

/* "the worktree at ../x" */
static bool
is_site(const struct hearing *h, size_t at, size_t first)
{
	size_t used;
	bool plural;

	return at > first && !strcmp(h->m->low[at], "at") &&
	       h->d->lane == LANE_LOCAL &&
	       noun_at(h->v, h->m->low + at - 1, 1, &used, &plural) &&
	       !plural &&
	       set_names_noun(h->v, h->m, (struct span){at - 1, at}, h->d);
}

/* What comes behind this word stands how? */
enum stand
object_stand_behind(const struct hearing *h, const struct statement *t,
		    size_t at, enum stand now)
{
	struct span o = t->object;
	const char *low = h->m->low[at];

	if (verb_takes(t->verb, low) || of_all(h->m, at, o.first) ||
	    !strcmp(low, "called") || !strcmp(low, "named") ||
	    is_site(h, at, o.first))
		return STAND_DIRECT;
	if (object_mark(h, MARK_PLACE, at, o.end) && is_database(h->d))
		return all_of_it(h, (struct span){o.first, at}) ? STAND_DIRECT
								: STAND_PLACE;
	if (object_mark(h, MARK_PLACE, at, o.end))
		return object_of_commits(h, (struct span){o.first, at}) ||
			       (object_lies_within(h->d) &&
				!other_thing(h, (struct span){o.first, at}))
			   ? STAND_DIRECT
			   : STAND_PLACE;
	if (object_mark(h, MARK_PREPOSITION, at, o.end))
		return (!strcmp(low, "of") &&
			object_of_commits(h, (struct span){o.first, at})) ||
			       (object_lies_within(h->d) &&
				(!strcmp(low, "of") || !strcmp(low, "for"))) ||
			       change_to(h, at, o.first)
			   ? STAND_DIRECT
			   : STAND_OTHER;
	return now;
}
