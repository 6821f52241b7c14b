/* SPDX-License-Identifier: Apache-2.0 */
/* "There are *.bak files in /srv, remove those": is the set that was spoken of
 * before one that holds a deed's object? */
#include "base/listed.h"
#include "judge/names.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

/* "jobs 31-35 use the wrong data, cancel those" */
static bool
is_predicate(const char *word)
{
	static const char *const words[] = {
	    "use",  "have", "had",  "hang",  "look",   "seem", "contain",
	    "cost", "fail", "take", "crash", "failed", "hog",  "eat",
	    "were", "was",  "look", "ran",   "make",   "need", "do"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* "the release branches": what stands before the noun is part of the name. */
static bool
says_part(const struct hearing *h, struct span s)
{
	size_t used;
	bool plural;

	for (size_t i = s.first; h->d->text && i + 1 < s.end; i++)
		if (!h->m->tokens[i + 1].comma &&
		    noun_at(h->v, h->m->low + i + 1, 1, &used, &plural) &&
		    plural && name_has_part(h->d->text, h->m->low[i]))
			return true;
	return false;
}

/* "all my stashes are worthless, clear them": the set is what stands before
 * the verb; what is said of it by facts has to be so, too. */
static bool
plain_set(const struct hearing *h, struct span s)
{
	struct span said = s;
	const char *why = NULL;

	while (s.first < s.end && object_mark(h, MARK_LEAD, s.first, s.end) &&
	       !object_mark(h, MARK_ALL, s.first, s.end))
		s.first++;
	said.end = s.first;
	while (said.end < s.end &&
	       !object_mark(h, MARK_AUXILIARY, said.end, s.end))
		said.end++;
	said.first = s.first;
	if (said.end == s.end ||
	    (!object_has_mark(h, said, MARK_ALL) &&
	     !object_has_mark(h, said, MARK_MINE) && !says_part(h, said)))
		return false;
	/* "which of my branches are older than a year" */
	for (size_t i = said.end; i < s.end; i++)
		if (object_mark(h, MARK_STALE, i, s.end) ||
		    !strcmp(h->m->low[i], "than"))
			return set_holds(h->ctx, h->v, h->m, s, h->d, &why) ==
			       TRUTH_YES;
	s.first = said.end;
	if (object_has_mark(h, s, MARK_VAGUE) ||
	    (object_has_mark(h, s, MARK_MERGED) && h->d->merged != TRUTH_YES) ||
	    object_has_mark(h, s, MARK_ASIDE) ||
	    object_has_mark(h, s, MARK_NOT))
		return false;
	return set_holds(h->ctx, h->v, h->m, said, h->d, &why) == TRUTH_YES;
}

/* "we no longer need any branch for x": what is needed, or not. */
static size_t
behind_need(const struct hearing *h, struct span s)
{
	static const char *const seeks[] = {"find", "locate", "list", "show"};
	static const char *const who[] = {"we", "i", "nobody", "you", "they"};
	static const char *const needs[] = {"need", "needs", "use",  "uses",
					    "want", "wants", "have", "made"};

	/* "find all files in x" */
	if (s.first + 1 < s.end && is_one_of(h->m->low[s.first], seeks, 4))
		return s.first + 1;
	if (s.first >= s.end || !is_one_of(h->m->low[s.first], who, 5))
		return s.first;
	for (size_t i = s.first + 1; i < s.first + 5 && i + 1 < s.end; i++)
		if (is_one_of(h->m->low[i], needs, 8))
			return i + 1;
	return s.first;
}

/* "there are *.bak files in /srv, remove those" */
bool
object_set_before(const struct hearing *h, struct span s)
{
	const char *why = NULL;
	size_t needed;

	/* "free some room: x to y are done" */
	for (size_t i = s.first + 1; i < s.end; i++)
		if (h->m->tokens[i].begins &&
		    token_span_names(h->m, (struct span){i, s.end}))
			s.first = i;
	/* "there are loads of spike/? branches" */
	for (size_t i = s.first; i + 2 < s.end; i++)
		if (!strcmp(h->m->low[i], "loads") ||
		    !strcmp(h->m->low[i], "lots") ||
		    !strcmp(h->m->low[i], "tons") ||
		    !strcmp(h->m->low[i], "bunch"))
			s.first = i + 1;

	needed = s.first;
	s.first = behind_need(h, s);
	if (!token_span_names(h->m, s)) {
		while (s.end > s.first &&
		       object_mark(h, MARK_GLUE, s.end - 1, s.end))
			s.end--;
		/* "we don't need the x branches anymore, remove them" */
		if (s.first > needed + 1 &&
		    object_has_mark(h, (struct span){needed, s.first},
				    MARK_NOT) &&
		    set_holds(h->ctx, h->v, h->m, s, h->d, &why) == TRUTH_YES)
			return true;
		return plain_set(h, s);
	}
	/* "the files in /srv are older than a week", but this one is not */
	if (set_holds(h->ctx, h->v, h->m, s, h->d, &why) == TRUTH_NO)
		return false;
	/* "the branches for PROJ-77 are done": up to the verb */
	for (size_t i = s.first; i < s.end; i++) {
		struct span so_far = {s.first, i};

		/* "the files in /srv that are older than a week" */
		if (i > s.first && (!strcmp(h->m->low[i - 1], "that") ||
				    !strcmp(h->m->low[i - 1], "which")))
			continue;
		if ((object_mark(h, MARK_AUXILIARY, i, s.end) ||
		     is_predicate(h->m->low[i]) ||
		     object_mark(h, MARK_ASIDE, i, s.end)) &&
		    token_span_names(h->m, so_far))
			s.end = i;
	}
	return token_span_names(h->m, s) &&
	       set_holds(h->ctx, h->v, h->m, s, h->d, &why) == TRUTH_YES;
}
