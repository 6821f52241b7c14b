/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clauses say as a whole: boundaries, reports, doubts, what is put off,
 * what is spoken of again.
 */
#include "judge/message_work.h"
#include <string.h>
#include <talloc.h>

bool
clause_has_object(const struct reading *r, struct span s)
{
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end; i++)
		if (token_is_name(&r->m->tokens[i]) ||
		    noun_at(r->v, r->m->low + i, s.end - i, &used, &plural) ||
		    !mark_at(r->v, MARK_STOP, r->m->low + i, s.end - i))
			return true;
	return false;
}

/* "branches that have not been touched", "with no commits since": the
 * negation tells which ones, and forbids nothing. */
bool
clause_says_which(const struct reading *r, size_t used)
{
	static const char *const before[] = {"that", "which", "have", "has",
					     "were", "was",   "are",  "is"};
	static const char *const behind[] = {"commits", "commit", "activity",
					     "changes", "work",	  "updates"};
	const char *p = r->at > r->s->span.first ? r->m->low[r->at - 1] : "";
	const char *n = r->at + used < r->end ? r->m->low[r->at + used] : "";

	/* "the one that is not x" keeps x */
	if (*n && token_is_name(&r->m->tokens[r->at + used]))
		return false;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		if (!strcmp(p, before[i]))
			return true;
	for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++)
		if (!strcmp(n, behind[i]))
			return true;
	return false;
}

/* ", also on origin": nothing but lanes and words without weight. */
bool
clause_only_where(const struct reading *r, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (!mark_at(r->v, MARK_STOP, r->m->low + i, 1) &&
		    !mark_at(r->v, MARK_REMOTE, r->m->low + i, 1) &&
		    !mark_at(r->v, MARK_LOCAL, r->m->low + i, 1))
			return false;
	return true;
}

/* "delete the branch": the one that was spoken of. */
bool
clause_is_that_one(const struct reading *r, const struct statement *t)
{
	static const char *const words[] = {"the", "this", "that"};
	static const char *const goes_on[] = {"with", "saying", "as", "about"};
	struct span s = t->object;
	size_t used;
	bool plural, takes = false;

	/* "the branch can be removed" */
	for (size_t i = s.first; i < t->before.end && i < s.end; i++)
		if (mark_at(r->v, MARK_AUXILIARY, r->m->low + i, 1))
			s.end = i;
	/* "bring the branch up to date" */
	for (size_t i = s.first; i + 2 < s.end; i++)
		if (!strcmp(r->m->low[i], "up") &&
		    !strcmp(r->m->low[i + 1], "to") &&
		    !strcmp(r->m->low[i + 2], "date"))
			s.end = i;
	/* "move the tag to HEAD" */
	for (size_t i = s.first; t->verb && t->verb->onto && i < s.end; i++)
		if (!strcmp(r->m->low[i], "to") ||
		    !strcmp(r->m->low[i], "onto"))
			s.end = i;
	while (s.first < s.end &&
	       (mark_at(r->v, MARK_LEAD, r->m->low + s.first, 1) ||
		mark_at(r->v, MARK_LATER, r->m->low + s.first, 1)))
		s.first++;
	/* "comment on the issue with a summary" */
	for (size_t i = 0; t->verb && s.first < s.end && i < t->verb->to.n; i++)
		takes |= !strcmp(t->verb->to.v[i].words[0], r->m->low[s.first]);
	s.first += takes;
	for (size_t i = s.first; takes && i < s.end; i++)
		for (size_t k = 0; k < sizeof(goes_on) / sizeof(*goes_on); k++)
			if (!strcmp(r->m->low[i], goes_on[k]))
				s.end = i;
	for (size_t i = 0; s.end >= s.first + 2 && i < 3; i++) {
		size_t n = s.first + 1;

		if (strcmp(r->m->low[s.first], words[i]) != 0)
			continue;
		while (n + 1 < s.end && (!strcmp(r->m->low[n], "whole") ||
					 !strcmp(r->m->low[n], "entire") ||
					 !strcmp(r->m->low[n], "complete") ||
					 !strcmp(r->m->low[n], "old")))
			n++;
		/* "the remote branch" */
		if (mark_at(r->v, MARK_REMOTE, r->m->low + n, 1) ||
		    mark_at(r->v, MARK_LOCAL, r->m->low + n, 1))
			n++;
		if (n < s.end &&
		    noun_at(r->v, r->m->low + n, s.end - n, &used, &plural) &&
		    !plural &&
		    clause_only_where(r, (struct span){n + used, s.end}))
			return true;
	}
	return false;
}

/* Where the clause around at begins. */
static size_t
clause_start(const struct reading *r, size_t at)
{
	for (size_t i = at; i > r->s->span.first; i--)
		if (r->m->tokens[i].comma || reading_mark(r, MARK_BUT, i) ||
		    !strcmp(r->m->low[i], "and"))
			return i;
	return r->s->span.first;
}

static size_t
clause_end(const struct reading *r, size_t at)
{
	size_t i = at;

	while (i < r->s->span.end && !r->m->tokens[i].comma &&
	       !reading_mark(r, MARK_BUT, i))
		i++;
	return i;
}

size_t
clause_keeps(const struct reading *r, size_t at)
{
	static const char *const other[] = {"a",  "an",	  "out",  "me",
					    "us", "some", "your", "early"};
	size_t n = reading_mark(r, MARK_KEEP, at);
	size_t leave = reading_mark(r, MARK_LEAVE, at);

	/* "save the output to x" */
	for (size_t i = at + n; n && !strcmp(r->m->low[at], "save") &&
				i + 1 < r->end && !r->m->tokens[i].comma;
	     i++)
		if ((!strcmp(r->m->low[i], "to") ||
		     !strcmp(r->m->low[i], "as") ||
		     !strcmp(r->m->low[i], "into")) &&
		    token_is_name(&r->m->tokens[i + 1]))
			return 0;
	if (n || !leave || at + leave >= r->end)
		return n;
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		if (!strcmp(r->m->low[at + leave], other[i]))
			return 0;
	return leave;
}

static bool
names_in(const struct reading *r, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (token_is_name(&r->m->tokens[i]))
			return true;
	return false;
}

/* "leave staging alone", "keep release/1": no verb of a deed, and yet a
 * boundary. */
void
clause_boundaries(struct reading *r)
{
	struct span all = r->s->span;
	size_t n, start;

	if (r->s->question)
		return;
	/* "Except x." */
	n = reading_mark(r, MARK_EXCEPT, all.first);
	if (n && !r->verb_ended) {
		reading_open(r, NULL, MOOD_FORBIDS, all.first, all.first + n);
		reading_close(r, all.end);
		return;
	}
	for (size_t i = all.first; i < all.end; i++) {
		n = reading_mark(r, MARK_ALONE, i);
		/* "as it is not used" */
		if (n && !strcmp(r->m->low[i], "as") && i + n < all.end &&
		    !r->m->tokens[i + n].comma)
			n = 0;
		if (n && !reading_has(r, MARK_NEUTRAL, all.first, i)) {
			start = clause_start(r, i);
			reading_open(r, NULL, MOOD_FORBIDS, i, start);
			reading_close(r, i);
			if (!clause_has_object(r, (struct span){start, i}))
				r->m->v[r->m->n - 1].object.end = all.end;
			i += n - 1;
			continue;
		}
		n = clause_keeps(r, i);
		if (n && !r->m->tokens[i].quoted && !frame_keeps_not(r, i) &&
		    !reading_after(r, MARK_SUBJECT, i)) {
			start = clause_start(r, i);
			reading_open(r, NULL, MOOD_FORBIDS, i, i + n);
			reading_close(r, clause_end(r, i + n));
			/* "x please keep for Ben" */
			if (start < i && token_is_name(&r->m->tokens[start]) &&
			    !names_in(r, r->m->v[r->m->n - 1].object))
				r->m->v[r->m->n - 1].object =
				    (struct span){start, i};
			i += n - 1;
		}
	}
}

/* "rm x failed yesterday": the command is spoken of. */
bool
clause_reports(const struct reading *r, struct span s)
{
	static const char *const words[] = {"failed",  "fails",	 "broke",
					    "crashed", "hung",	 "worked",
					    "works",   "errors", "happened"};
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end && !r->m->tokens[i].comma; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (i > s.first && !strcmp(r->m->low[i], words[k]) &&
			    token_is_name(&r->m->tokens[i - 1]) &&
			    !(i + 1 < s.end &&
			      noun_at(r->v, r->m->low + i + 1, s.end - i - 1,
				      &used, &plural)))
				return true;
	return false;
}

bool
clause_after_comma(const struct reading *r, size_t at)
{
	while (at > r->s->span.first && !r->m->tokens[at].comma &&
	       (mark_at(r->v, MARK_LEAD, r->m->low + at - 1, 1) ||
		mark_at(r->v, MARK_REQUEST, r->m->low + at - 1, 1)))
		at--;
	if (r->m->tokens[at].comma)
		return true;
	/* ", it can be removed" */
	while (at > r->s->span.first && !r->m->tokens[at].comma &&
	       (mark_at(r->v, MARK_PASSIVE, r->m->low + at - 1, 1) ||
		mark_at(r->v, MARK_LEAD, r->m->low + at - 1, 1)))
		at--;
	return r->m->tokens[at].comma &&
	       mark_at(r->v, MARK_PRONOUN, r->m->low + at, 1);
}

/* "do `git push -f`" is asked for, "he says `git push -f`" is not. */
static bool
is_quotation(const struct reading *r, size_t at)
{
	static const char *const orders[] = {"run",  "execute", "do",
					     "type", "use",	"try",
					     "call", "please",	"pls"};
	size_t first = r->m->tokens[at].quote;

	if (!first || --first == r->s->context)
		return false;
	/* from a sentence before */
	if (first < r->s->span.first || first == 0)
		return true;
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (!strcmp(r->m->low[first - 1], orders[i]))
			return r->neutral || r->meta;
	return true;
}

/* "remote branches to delete: x, y": a headline, and a list below it. */
static bool
is_headline(const struct reading *r, size_t at)
{
	static const enum mark marks[] = {MARK_REMOTE, MARK_LOCAL, MARK_MINE,
					  MARK_ALL};
	size_t first = r->s->span.first, used;
	bool plural, light;

	if (!r->s->colon || at < first + 2 || at + 1 != r->end ||
	    !noun_at(r->v, r->m->low + at - 2, 1, &used, &plural) || !plural)
		return false;
	for (size_t i = first; i + 2 < at; i++) {
		light = !strcmp(r->m->low[i], "the");
		for (size_t k = 0; k < 4; k++)
			light |= mark_at(r->v, marks[k], r->m->low + i, 1) > 0;
		if (!light)
			return false;
	}
	return true;
}

bool
clause_mentions(const struct reading *r, size_t at, enum form form)
{
	size_t used, before = at > 1 ? at - 2 : 0;
	bool plural;

	if (is_quotation(r, at))
		return true;
	if (form != FORM_BASE || at == r->clause || at == r->s->span.first ||
	    r->m->tokens[at].comma || !strcmp(r->m->low[at - 1], "git"))
		return false;
	if (!strcmp(r->m->low[at - 1], "to") && at - 1 > r->clause &&
	    !r->m->tokens[at - 1].comma)
		return !is_headline(r, at) && !frame_is_means(r, at - 1) &&
		       !mark_at(r->v, MARK_INFINITIVE, r->m->low + before, 1) &&
		       !mark_at(r->v, MARK_LEAD, r->m->low + before, 1);
	return !r->aside &&
	       noun_at(r->v, r->m->low + at - 1, 1, &used, &plural) && plural &&
	       !reading_mark(r, MARK_PREPOSITION, r->clause) &&
	       !reading_mark(r, MARK_PLACE, r->clause);
}

/* "I think we could", "maybe" before the verb, in its clause. */
bool
clause_hedges(const struct reading *r, size_t at)
{
	size_t from = at;

	while (from > r->s->span.first && !r->m->tokens[from].comma)
		from--;
	return !r->request && reading_has(r, MARK_HEDGE, from, at);
}

/* "at some point", "tomorrow" */
bool
clause_waits(const struct reading *r, const struct statement *t)
{
	size_t end =
	    t->except.end > t->except.first ? t->except.end : t->object.end;

	for (size_t i = t->object.first; i < end; i++)
		if (reading_mark(r, MARK_LATER, i))
			return true;
	return false;
}

/* No word in it that would make a clause. */
bool
clause_is_list(const struct vocabulary *v, const struct message *m,
	       struct span s)
{
	static const enum mark marks[] = {
	    MARK_DETERMINER, MARK_LEAD, MARK_MINE,  MARK_REMOTE,
	    MARK_LOCAL,	     MARK_ALL,	MARK_STALE, MARK_MERGED};
	size_t used;
	bool plural, known;

	for (size_t i = s.first; i < s.end; i++) {
		known = token_is_name(&m->tokens[i]) ||
			noun_at(v, m->low + i, s.end - i, &used, &plural);
		for (size_t k = 0; k < sizeof(marks) / sizeof(*marks); k++)
			known |= mark_at(v, marks[k], m->low + i, 1) == 1;
		if (!known)
			return false;
	}
	return true;
}

size_t
clause_subject(const struct reading *r, size_t at)
{
	size_t first = at;

	for (size_t i = at; i > r->clause; i--) {
		if (!r->m->tokens[i].comma || i == at)
			continue;
		/* "x, which can be deleted" */
		if (!strcmp(r->m->low[i], "which"))
			return r->clause;
		first = i;
		for (size_t k = i; k > r->clause; k--)
			if (r->m->tokens[k - 1].comma || k - 1 == r->clause) {
				if (!clause_is_list(r->v, r->m,
						    (struct span){k - 1, i}))
					return first;
				break;
			}
	}
	return r->clause;
}

bool
clause_object_leads(const struct reading *r, size_t at)
{
	static const char *const what[] = {"it",   "them",  "this",
					   "that", "these", "those"};

	if (!r->request || at < r->clause + 2 || r->m->tokens[at].comma ||
	    strcmp(r->m->low[at - 2], "you") != 0)
		return false;
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++)
		if (!strcmp(r->m->low[at - 1], what[i]))
			return true;
	return false;
}

bool
clause_is_topic(const struct reading *r, size_t at, size_t used)
{
	size_t to = at, next = at + used, n;
	struct span s;
	bool plural, named = false;

	/* behind it nothing, or another clause */
	while (next < r->end && !r->m->tokens[next].comma &&
	       mark_at(r->v, MARK_GLUE, r->m->low + next, 1))
		next++;
	if (next < r->end && !r->m->tokens[next].comma)
		return false;
	while (to > r->clause && !r->m->tokens[to].comma &&
	       mark_at(r->v, MARK_LEAD, r->m->low + to - 1, 1))
		to--;
	if (to >= at || (strcmp(r->m->low[to], "you") != 0 &&
			 strcmp(r->m->low[to], "u") != 0 &&
			 strcmp(r->m->low[to], "please") != 0 &&
			 strcmp(r->m->low[to], "pls") != 0 &&
			 strcmp(r->m->low[to], "plz") != 0))
		return false;
	s = (struct span){clause_subject(r, at), to};
	for (size_t i = s.first; i < s.end; i++) {
		if (!reading_mark(r, MARK_PLACE, i) &&
		    !reading_mark(r, MARK_PREPOSITION, i) &&
		    !clause_is_list(r->v, r->m, (struct span){i, i + 1}))
			return false;
		named |= token_is_name(&r->m->tokens[i]) ||
			 noun_at(r->v, r->m->low + i, 1, &n, &plural);
	}
	return named;
}

size_t
clause_gone(const struct reading *r)
{
	static const char *const away[] = {"to",    "into", "through", "ahead",
					   "on",    "live", "out",     "back",
					   "wrong", "in",   "up",      "over"};
	size_t n = reading_mark(r, MARK_GONE, r->at), next = r->at + n;

	for (size_t i = 0; n && next < r->end && !r->m->tokens[next].comma &&
			   i < sizeof(away) / sizeof(*away);
	     i++)
		if (!strcmp(r->m->low[next], away[i]))
			return 0;
	return r->at > r->clause ? n : 0;
}

bool
clause_ends_object(const struct reading *r)
{
	return r->open &&
	       (reading_mark(r, MARK_ASIDE, r->at) || clause_keeps(r, r->at) ||
		reading_mark(r, MARK_LEAVE, r->at) ||
		(r->m->tokens[r->at].comma &&
		 reading_mark(r, MARK_SPEAKER, r->at)));
}
