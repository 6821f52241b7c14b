/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "x adds a flag. Remove it.": what was brought up after the object is nearer
 * to "it".  Asked before something is authorised; a boundary goes round both.
 */
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

static bool
is_word(const struct hearing *h, size_t at, const char *const *list, size_t n)
{
	for (size_t i = 0; at < h->m->ntokens && i < n; i++)
		if (!strcmp(h->m->low[at], list[i]))
			return true;
	return false;
}

#define IS_WORD(h, at, list)                                                   \
	is_word(h, at, list, sizeof(list) / sizeof(*(list)))

/* The, my, Ben's: more than a name follows. */
static bool
is_article(const struct hearing *h, size_t at)
{
	static const char *const words[] = {"the", "my",   "our", "your",
					    "its", "his",  "her", "a",
					    "an",  "their"};
	const char *low = h->m->low[at];
	size_t n = strlen(low);

	if (IS_WORD(h, at, words))
		return true;
	if (!strncmp(low, "wh", 2) || !strncmp(low, "how", 3) ||
	    !strncmp(low, "here", 4) || !strncmp(low, "let", 3))
		return false;
	return n > 3 && !strcmp(low + n - 2, "'s") &&
	       !object_mark(h, MARK_SPEAKER, at, at + 1) &&
	       !token_is_name(&h->m->tokens[at]);
}

/* "the checkout at x": the thing is what is named behind it. */
static bool
is_apposed(const struct hearing *h, size_t at, size_t end)
{
	size_t used;
	bool plural;

	return noun_at(h->v, h->m->low + at, end - at, &used, &plural) &&
	       at + used + 1 < end &&
	       (!strcmp(h->m->low[at + used], "at") ||
		!strcmp(h->m->low[at + used], "called") ||
		!strcmp(h->m->low[at + used], "named")) &&
	       object_at(h, at + used + 1, end) > 0;
}

/* May the thing behind the article be what a verb of that kind acts on? */
static bool
is_candidate(const struct hearing *h, size_t at, size_t end)
{
	static const char *const never[] = {
	    "lot",	 "bit",	    "while",	   "few",    "couple",
	    "mess",	 "week",    "day",	   "month",  "year",
	    "moment",	 "waste",   "pain",	   "shame",  "pity",
	    "try",	 "look",    "problem",	   "long",   "good",
	    "bad",	 "chance",  "minute",	   "reason", "rest",
	    "whole",	 "idea",    "plan",	   "work",   "thing",
	    "code",	 "team",    "others",	   "merge",  "review",
	    "owner",	 "user",    "author",	   "boss",   "customer",
	    "client",	 "intern",  "same",	   "one",    "ones",
	    "other",	 "way",	    "development", "point",  "experiment",
	    "typo",	 "mistake", "accident",	   "error",  "remote",
	    "server",	 "repo",    "machine",	   "disk",   "folder",
	    "directory", "db",	    "database"};
	static const char *const runs[] = {
	    "job",  "process",	 "service", "worker", "server",	  "daemon",
	    "task", "container", "pod",	    "unit",   "instance", "script"};
	bool running = h->d->kind == EFFECT_PROCESS_SIGNAL ||
		       h->d->kind == EFFECT_SERVICE_CHANGE;
	struct span few = {at, at + 3 < end ? at + 3 : end};
	size_t used;
	bool plural;

	if (few.first >= few.end || is_apposed(h, at, end))
		return false;
	for (size_t i = few.first; i < few.end; i++) {
		if (IS_WORD(h, i, never))
			return false;
		if (noun_at(h->v, h->m->low + i, few.end - i, &used, &plural))
			return !plural && !(running && !IS_WORD(h, i, runs)) &&
			       !set_names_noun(h->v, h->m,
					       (struct span){i, i + used},
					       h->d);
		if (object_mark(h, MARK_AUXILIARY, i, few.end))
			break;
	}
	return !running;
}

/* "introduced a flag"; not "is a mess". */
static bool
brings_up(const struct hearing *h, size_t at, size_t end)
{
	static const char *const articles[] = {"a", "an", "another"};
	static const char *const before[] = {
	    "is",     "was",  "be",    "been", "are",	 "were", "it's",
	    "that's", "such", "as",    "like", "quite",	 "just", "only",
	    "for",    "in",   "than",  "of",   "within", "not",	 "after",
	    "became", "once", "needs", "need", "really", "on",	 "from"};

	/* "there is a flag" */
	bool there = at > 1 && !strcmp(h->m->low[at - 2], "there");

	return IS_WORD(h, at, articles) &&
	       !(at > 0 && !there && IS_WORD(h, at - 1, before)) &&
	       is_candidate(h, at + 1, end);
}

/* "Find the commit and drop it": in the sentence of the verb. */
static bool
is_acted_on(const struct hearing *h, size_t at, size_t end)
{
	static const char *const words[] = {"the", "that", "this"};
	size_t used;
	bool plural;

	return IS_WORD(h, at, words) && at + 1 < end &&
	       !(at > 0 && (object_mark(h, MARK_PLACE, at - 1, at) ||
			    object_mark(h, MARK_PREPOSITION, at - 1, at))) &&
	       noun_at(h->v, h->m->low + at + 1, end - at - 1, &used,
		       &plural) &&
	       !plural && is_candidate(h, at + 1, end);
}

/* "The second commit of x is wrong": what is spoken of is no x. */
static bool
is_modifier(const struct hearing *h, size_t at)
{
	static const char *const words[] = {"of", "on", "in", "at", "for"};
	size_t first = at;

	if (at < 2 || !IS_WORD(h, at - 1, words) ||
	    h->d->kind == EFFECT_FILE_OVERWRITE ||
	    h->d->kind == EFFECT_FILE_WRITE)
		return false;
	while (first > 0 && at - first < 7 && !h->m->tokens[first].begins &&
	       !h->m->tokens[first].comma)
		first--;
	for (size_t i = first; i + 1 < at; i++)
		if (object_mark(h, MARK_AUXILIARY, i, at) ||
		    object_mark(h, MARK_SPEAKER, i, at))
			return false;
	return is_article(h, first) && is_candidate(h, first + 1, at);
}

static size_t
names_before(const struct message *m, size_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < end; i++)
		n += token_is_name(&m->tokens[i]);
	return n;
}

/* "them", where one thing was named. */
static bool
is_single(const struct hearing *h, const struct statement *t)
{
	static const char *const words[] = {"them", "those", "these",
					    "both", "they",  "em"};
	size_t first = t->object.first;

	size_t used;
	bool plural;

	if (first >= t->object.end || !IS_WORD(h, first, words))
		return false;
	/* "all my stashes" */
	for (size_t i = t->sentence; i < t->before.end; i++)
		if (noun_at(h->v, h->m->low + i, 1, &used, &plural) && plural &&
		    set_names_noun(h->v, h->m, (struct span){i, i + 1}, h->d))
			return false;
	return names_before(h->m, t->before.end) +
		   (h->before ? names_before(h->before, h->before->ntokens)
			      : 0) <
	       2;
}

bool
object_is_rivalled(const struct hearing *h, const struct statement *t)
{
	size_t end = t->before.end, last = 0;
	struct span head = {t->object.first, t->object.first + 3 < t->object.end
						 ? t->object.first + 3
						 : t->object.end};
	bool here = false;

	if (!t->pronoun || set_names_noun(h->v, h->m, head, h->d))
		return false;
	for (size_t i = 0; i < end; i++)
		if (object_at(h, i, end)) {
			here = true;
			last = i;
		}
	if (!here && (!h->before ||
		      !object_mentioned(&(struct hearing){.ctx = h->ctx,
							  .v = h->v,
							  .m = h->before,
							  .d = h->d,
							  .exact = true},
					(struct span){0, h->before->ntokens})))
		return false;
	if (is_single(h, t) || (here && is_modifier(h, last)))
		return true;
	for (size_t i = here ? last + 1 : 0; i < end; i++) {
		size_t k = i;

		if (brings_up(h, i, end) ||
		    (last < t->sentence && i >= t->sentence &&
		     is_acted_on(h, i, end)))
			return true;
		if (!h->m->tokens[i].begins)
			continue;
		while (k < end && object_mark(h, MARK_LEAD, k, k + 1))
			k++;
		if (k < end && is_article(h, k) && is_candidate(h, k + 1, end))
			return true;
	}
	return false;
}
