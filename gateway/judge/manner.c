/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a few words behind a verb change: how it is done, what it leaves out.
 */
#include "base/err.h"
#include "base/listed.h"
#include "judge/message_work.h"
#include <string.h>
#include <talloc.h>

void
clause_cut_except(const struct reading *r, struct statement *t)
{
	size_t i = t->except.first + 1;

	for (; i < t->except.end; i++)
		if (r->m->tokens[i].comma &&
		    (mark_at(r->v, MARK_SPEAKER, r->m->low + i, 1) ||
		     mark_at(r->v, MARK_PRONOUN, r->m->low + i, 1)))
			t->except.end = i;
}

void
clause_manner(const struct reading *r, struct statement *t)
{
	const struct vocabulary *v = r->v;

	for (size_t k = 0; t->verb && k < v->nverbs; k++) {
		const struct verb *b = &v->verbs[k];

		if (!b->instead || strcmp(b->instead, t->verb->name) != 0)
			continue;
		for (size_t i = t->object.first; i < t->object.end; i++)
			for (size_t p = 0; p < b->manner.n; p++)
				if (phrase_at(&b->manner.v[p], r->m->low + i,
					      t->object.end - i)) {
					t->verb = b;
					return;
				}
	}
}

/* "wait, not x": what the message before asked for. */
static bool
takes_back(const struct reading *r, size_t at)
{
	static const char *const words[] = {"wait", "no",    "oh",   "ah",
					    "but",  "sorry", "stop", "actually",
					    "hm",   "hmm",   "oops"};
	bool known;

	for (size_t i = r->s->span.first; i < at; i++) {
		known = false;
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			known |= !strcmp(r->m->low[i], words[k]);
		if (!known)
			return false;
	}
	return true;
}

/* The asking verb before at, in this sentence. */
static bool
asked_before(const struct reading *r, size_t n, size_t at,
	     const struct verb **verb)
{
	bool asked = false;

	for (size_t k = 0; k < n; k++)
		if (r->m->v[k].sentence == r->s->context &&
		    r->m->v[k].mood == MOOD_ASKS &&
		    r->m->v[k].object.first <= at) {
			*verb = r->m->v[k].verb;
			asked = true;
		}
	return asked;
}

/* "not a, b": up to the next clause. */
static void
forbid_behind(struct reading *r, size_t at, const struct verb *verb)
{
	size_t from = at + 1, end;

	while (from < r->s->span.end &&
	       mark_at(r->v, MARK_DETERMINER, r->m->low + from, 1))
		from++;
	if (from == r->s->span.end || !token_is_name(&r->m->tokens[from]))
		return;
	for (end = from + 1; end < r->s->span.end; end++)
		if (r->m->tokens[end].comma &&
		    !token_is_name(&r->m->tokens[end]))
			break;
	reading_open(r, verb, MOOD_FORBIDS, at, from);
	reading_close(r, end);
}

/* "b may not", "b can": a clause of names and such words, up to at; *not: it
 * forbids.  The names; empty: it is none. */
static struct span
elliptic_names(const struct reading *r, size_t at, bool * not, size_t *end)
{
	static const char *const modals[] = {"may", "can", "could", "should",
					     "must"};
	static const char *const soft[] = {
	    "better", "rather", "please", "though", "too", "also", "however"};
	struct span names = {at, at};
	bool modal = false;
	size_t i = at;

	while (i < r->end &&
	       (token_is_name(&r->m->tokens[i]) ||
		(i > at && !strcmp(r->m->low[i], "and") && i + 1 < r->end &&
		 token_is_name(&r->m->tokens[i + 1]))))
		i++;
	names.end = i;
	*not = false;
	for (; i < r->end && !r->m->tokens[i].comma; i++) {
		bool no = reading_mark(r, MARK_NOT, i) == 1;

		*not |= no;
		modal |= is_one_of(r->m->low[i], modals, 5) || no ||
			 !strcmp(r->m->low[i], "better");
		if (!no && !is_one_of(r->m->low[i], modals, 5) &&
		    !is_one_of(r->m->low[i], soft, 7))
			modal = false, names.end = at, i = r->end - 1;
	}
	*end = i;
	return modal ? names : (struct span){at, at};
}

void
clause_elliptic(struct reading *r)
{
	struct span all = r->s->span, names;
	const struct verb *verb = NULL;
	size_t end;
	bool not, told = false;

	if (r->s->question || r->spoken)
		return;
	for (size_t i = all.first; i < all.end; i++) {
		if ((i > all.first && !r->m->tokens[i].comma &&
		     strcmp(r->m->low[i - 1], "but") != 0) ||
		    !token_is_name(&r->m->tokens[i]))
			continue;
		names = elliptic_names(r, i, &not, &end);
		if (names.first == names.end)
			continue;
		for (size_t k = 0; k < r->m->n; k++)
			if (r->m->v[k].verb &&
			    r->m->v[k].sentence == r->s->context) {
				verb = r->m->v[k].verb;
				told = r->m->v[k].mood == MOOD_TELLS;
			}
		if (!not &&(!verb || told))
			continue;
		reading_open(r, not ? NULL : verb,
			     not ? MOOD_FORBIDS : MOOD_ASKS, names.first,
			     names.first);
		reading_close(r, names.end);
	}
}

void
clause_negated_names(struct reading *r)
{
	struct span all = r->s->span;
	size_t n = r->m->n;

	for (size_t i = all.first; i < all.end; i++) {
		const struct verb *verb = NULL;
		bool asked;

		if (strcmp(r->m->low[i], "not") != 0)
			continue;
		asked = asked_before(r, n, i, &verb);
		/* "a can be deleted, b not" */
		if (asked && i > all.first &&
		    token_is_name(&r->m->tokens[i - 1]) &&
		    (i + 1 == all.end || r->m->tokens[i + 1].comma)) {
			reading_open(r, verb, MOOD_FORBIDS, i, i - 1);
			reading_close(r, i);
			continue;
		}
		if (i > all.first && asked
			? r->m->tokens[i].comma ||
			      !strcmp(r->m->low[i - 1], "but") ||
			      !strcmp(r->m->low[i - 1], "and")
			: takes_back(r, i))
			forbid_behind(r, i, verb);
	}
}

bool
clause_is_compound(const struct reading *r, size_t at, size_t used)
{
	size_t next = at + used, i = at, n;
	bool plural;

	if (used != 1 || r->m->tokens[at].comma)
		return false;
	/* "add column note to x" */
	if (at > r->s->span.first + 1 && !r->m->tokens[at - 1].comma &&
	    next < r->end &&
	    noun_at(r->v, r->m->low + at - 1, 1, &n, &plural) && !plural &&
	    !strcmp(r->m->low[next], "to"))
		return true;
	/* back to the article */
	do {
		if (i == r->s->span.first || at - i > 3 ||
		    token_is_name(&r->m->tokens[--i]))
			return false;
		if (!strcmp(r->m->low[i], "the") ||
		    !strcmp(r->m->low[i], "a") || !strcmp(r->m->low[i], "an"))
			break;
		for (int k = 0; k < MARK_LIGHT_COUNT; k++)
			if (reading_mark(r, (enum mark)k, i))
				return false;
	} while (!r->m->tokens[i].comma);
	if (i + 1 >= at || strlen(r->m->low[i]) > 3)
		return false;
	return next == r->end ||
	       (!token_is_name(&r->m->tokens[next]) &&
		!reading_mark(r, MARK_PRONOUN, next) &&
		!reading_mark(r, MARK_DETERMINER, next) &&
		!noun_at(r->v, r->m->low + next, r->end - next, &n, &plural));
}

bool
clause_is_nominal(const struct reading *r, size_t at, size_t used,
		  enum form *form, bool *given)
{
	static const char *const wants[] = {"needs", "need", "wants",
					    "requires"};
	static const char *const does[] = {"do", "perform", "trigger"};
	static const char *const adjectives[] = {
	    "quick", "clean", "fresh", "full", "hard", "short", "proper"};
	const char *act;
	bool ends = false;

	/* "a restart policy" */
	for (int k = 0; k < MARK_LIGHT_COUNT && at + used < r->end; k++)
		ends |= reading_mark(r, (enum mark)k, at + used) > 0;
	if (!ends && at + used < r->end && !r->m->tokens[at + used].comma)
		return false;
	/* "a quick restart" */
	for (size_t i = 0; at > r->clause + 2 && i < 7; i++)
		if (!strcmp(r->m->low[at - 1], adjectives[i])) {
			at--;
			break;
		}
	if (*form != FORM_BASE || at < r->clause + 2 ||
	    (strcmp(r->m->low[at - 1], "a") != 0 &&
	     strcmp(r->m->low[at - 1], "another") != 0))
		return false;
	act = r->m->low[at - 2];
	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++)
		if (!strcmp(act, wants[i]) && at > r->clause + 2 &&
		    !r->m->tokens[at - 2].comma) {
			*form = FORM_PAST;
			return true;
		}
	for (size_t i = 0; i < sizeof(does) / sizeof(*does); i++)
		if (!strcmp(act, does[i]))
			return true;
	/* "give x a restart" */
	for (size_t i = at - 2; i > r->clause && at - i < 7; i--)
		if (!strcmp(r->m->low[i - 1], "give") &&
		    (i == at - 2 || token_is_name(&r->m->tokens[at - 2]))) {
			*given = true;
			return true;
		}
	return false;
}

bool
clause_on_consent(const struct reading *r)
{
	size_t end;

	for (size_t i = r->s->span.first; i < r->end; i++) {
		if (!reading_mark(r, MARK_ASIDE, i))
			continue;
		for (end = i + 1; end < r->end && !r->m->tokens[end].comma;)
			end++;
		if (reading_has(r, MARK_CONSENT, i, end))
			return true;
	}
	return false;
}

/* "by tonight" */
static bool
clause_is_time(const struct reading *r, size_t at)
{
	static const char *const words[] = {
	    "tonight", "today",	 "noon",    "now",	 "eod",
	    "lunch",   "monday", "tuesday", "wednesday", "thursday",
	    "friday",  "end",	 "evening"};

	if (at < r->end && !strcmp(r->m->low[at], "the"))
		at++;
	for (size_t i = 0; at < r->end && i < sizeof(words) / sizeof(*words);
	     i++)
		if (!strcmp(r->m->low[at], words[i]))
			return true;
	return false;
}

bool
clause_is_done_by(const struct reading *r, size_t at)
{
	static const char *const wish[] = {"sure", "ensure", "see", "want",
					   "need"};

	if (at + 1 < r->end && !strcmp(r->m->low[at + 1], "by"))
		return !clause_is_time(r, at + 2);
	if (at == r->clause || strcmp(r->m->low[at - 1], "gets") != 0)
		return false;
	for (size_t i = r->s->span.first; i < at; i++)
		for (size_t k = 0; k < sizeof(wish) / sizeof(*wish); k++)
			if (!strcmp(r->m->low[i], wish[k]))
				return false;
	return true;
}

bool
clause_not_needed(const struct reading *r, size_t used)
{
	static const char *const words[] = {"needed", "used",	  "required",
					    "useful", "relevant", "necessary",
					    "wanted", "in"};
	const char *p = r->at > r->s->span.first ? r->m->low[r->at - 1] : "";
	size_t next = r->at + used;

	if ((strcmp(p, "is") != 0 && strcmp(p, "are") != 0) || next >= r->end)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(r->m->low[next], words[i]))
			return true;
	return false;
}

bool
clause_speaks_of_more(const struct vocabulary *v, const struct message *m,
		      struct span s)
{
	size_t used;
	enum form form;
	bool plural, known;

	for (size_t i = s.first; i < s.end; i++) {
		known = noun_at(v, m->low + i, 1, &used, &plural) ||
			verb_at(v, m->low + i, 1, &used, &form);
		for (int k = 0; k < MARK_LIGHT_COUNT && !known; k++)
			known = mark_at(v, (enum mark)k, m->low + i, 1) > 0;
		if (!known)
			return true;
	}
	return false;
}

/* "all ... but": behind it stands no verb. */
bool
clause_excepts(const struct reading *r, size_t used)
{
	size_t first = r->m->v[r->opened].object.first, n;
	enum form form;

	if (!reading_has(r, MARK_ALL, first, r->at))
		return false;
	for (size_t i = r->at + used; i < r->end; i++)
		if (reading_mark(r, MARK_NOT, i) ||
		    reading_mark(r, MARK_KEEP, i) ||
		    reading_mark(r, MARK_ALONE, i) ||
		    (!reading_after(r, MARK_DETERMINER, i) &&
		     verb_at(r->v, r->m->low + i, r->end - i, &n, &form)))
			return false;
	return true;
}

/* "you may push, but only to x": what is acted on is what is named last. */
bool
clause_narrows(struct reading *r, size_t used)
{
	size_t next = r->at + used, end;

	if (!r->open || next + 1 >= r->end || !reading_mark(r, MARK_ONLY, next))
		return false;
	for (end = next + 1; end < r->end; end++) {
		if (r->m->tokens[end].comma &&
		    !token_is_name(&r->m->tokens[end]))
			break;
		if (token_is_name(&r->m->tokens[end]))
			r->m->v[r->opened].object.first = next + 1;
	}
	return true;
}
