/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences into statements: where the verbs are, whether they ask, forbid or
 * only tell, and what they are about.  In doubt a verb tells: then nothing is
 * authorised by it; a negation in doubt forbids.
 */
#include "base/err.h"
#include "judge/message_work.h"
#include <string.h>
#include <talloc.h>

struct reading {
	void *ctx;
	const struct vocabulary *v;
	struct message *m;
	const struct sentence *s;
	size_t at, end;
	size_t clause;	   /* where the clause begins */
	size_t verb_ended; /* behind the last verb; 0: none yet */
	bool negated, neutral, subordinate, request;
	bool meta; /* till the clause ends */
	size_t neutral_at;
	struct statement *open; /* its object is being collected */
	size_t opened;		/* index of it, since the array moves */
};

static size_t
mark(const struct reading *r, enum mark m, size_t at)
{
	return mark_at(r->v, m, r->m->low + at, r->end - at);
}

/* Does a phrase of the mark end just before at? */
static bool
after_mark(const struct reading *r, enum mark m, size_t at)
{
	for (size_t back = 1; back <= 6 && at >= r->s->span.first + back;
	     back++)
		if (mark_at(r->v, m, r->m->low + at - back, back) == back)
			return true;
	return false;
}

static bool
sentence_has(const struct reading *r, enum mark m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (mark_at(r->v, m, r->m->low + i, to - i))
			return true;
	return false;
}

static void
close_object(struct reading *r, size_t at)
{
	if (!r->open)
		return;
	r->open = &r->m->v[r->opened];
	if (r->open->except.end == r->m->ntokens + 1)
		r->open->except.end = at;
	else
		r->open->object.end = at;
	r->open = NULL;
}

static struct statement *
open_statement(struct reading *r, const struct verb *verb, enum mood mood,
	       size_t from, size_t object)
{
	struct message *m = r->m;

	close_object(r, from);
	m->v =
	    talloc_realloc(r->ctx, m->v, struct statement, (unsigned)m->n + 1);
	if (!m->v)
		BUG("out of memory");
	m->v[m->n] = (struct statement){.verb = verb,
					.mood = mood,
					.object = {object, object},
					.before = {0, from},
					.sentence = r->s->span.first,
					.quote = r->s->quote};
	r->opened = m->n;
	r->open = &m->v[m->n++];
	return r->open;
}

/* "the push", "last commit", "merged branches", "delete release v1": the word
 * is no verb here. */
static bool
is_no_verb(const struct reading *r, size_t at, size_t used, enum form form)
{
	const struct token *t = &r->m->tokens[at];
	size_t n;
	bool plural;

	if (t->quoted && used == 1)
		return true;
	if (at > r->s->span.first && !t->comma) {
		const char *p = r->m->low[at - 1];

		if (!strcmp(p, "git"))
			return false;
		if (t->low[0] != '-' && after_mark(r, MARK_DETERMINER, at) &&
		    !after_mark(r, MARK_NOT, at) && used == 1)
			return true;
		/* right behind another verb, without a word between */
		if (r->verb_ended == at && form == FORM_BASE)
			return true;
	}
	if (form == FORM_PAST || form == FORM_ING || form == FORM_S)
		if (at + used < r->end &&
		    noun_at(r->v, r->m->low + at + used, r->end - at - used, &n,
			    &plural) &&
		    !after_mark(r, MARK_PASSIVE, at) &&
		    !after_mark(r, MARK_GERUND, at) &&
		    !after_mark(r, MARK_NOT, at))
			return true;
	return false;
}

static bool
is_passive(const struct reading *r, size_t at)
{
	for (size_t back = 1; back <= 5 && at >= r->clause + back; back++)
		if (mark(r, MARK_PASSIVE, at - back) == 1)
			return true;
	return false;
}

static enum mood
mood_of(const struct reading *r, size_t at, enum form form)
{
	bool asks;

	if (r->subordinate || r->neutral)
		return MOOD_TELLS;
	if (r->meta && !r->negated)
		return MOOD_TELLS;
	if (r->s->question && !r->request)
		return MOOD_TELLS;
	switch (form) {
	case FORM_BASE:
		asks = !(after_mark(r, MARK_SUBJECT, at) &&
			 !r->m->tokens[at].comma);
		break;
	case FORM_PAST:
		asks = is_passive(r, at);
		break;
	case FORM_ING:
		asks = after_mark(r, MARK_GERUND, at) || r->negated;
		break;
	default:
		return MOOD_TELLS;
	}
	if (r->negated)
		return form == FORM_BASE && !asks ? MOOD_TELLS : MOOD_FORBIDS;
	return asks ? MOOD_ASKS : MOOD_TELLS;
}

/* A comma and a verb end a negation, unless the list goes on with "or". */
static void
comma_ends_negation(struct reading *r, size_t at)
{
	if (!r->negated || !r->m->tokens[at].comma)
		return;
	for (size_t i = at; i < r->end; i++)
		if (!strcmp(r->m->low[i], "or") || !strcmp(r->m->low[i], "nor"))
			return;
	r->negated = false;
}

/* "x was a mistake, delete it": what was is told, what comes is asked for.
 * "I will, tomorrow, delete it" goes on. */
static void
comma_ends_report(struct reading *r, size_t at)
{
	static const char *const reports[] = {"was",   "were",	 "already",
					      "isn't", "wasn't", "weren't"};

	if (!r->neutral || !r->m->tokens[at].comma)
		return;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
		if (!strcmp(r->m->low[r->neutral_at], reports[i]))
			r->neutral = false;
}

/* Is there anything in the span that an object could be? */
static bool
has_object(const struct reading *r, struct span s)
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

static size_t
take_verb(struct reading *r, const struct verb *verb, size_t used,
	  enum form form)
{
	size_t at = r->at, clause = r->clause;
	enum mood mood;

	comma_ends_negation(r, at);
	comma_ends_report(r, at);
	/* "branches that have not been touched": of the object */
	if (form == FORM_PAST && r->open && at > clause &&
	    !strcmp(r->m->low[at - 1], "been"))
		return used;
	if (is_no_verb(r, at, used, form))
		return 1;
	mood = mood_of(r, at, form);
	r->neutral = false;
	if (mood == MOOD_TELLS && form != FORM_BASE)
		return used; /* "branches merged into main": of the object */
	open_statement(r, verb, mood, at, at + used);
	if (form == FORM_PAST)
		r->open->object.first = clause;
	r->verb_ended = at + used;
	return used;
}

/* The longest mark that turns what follows. */
static size_t
turning_mark(const struct reading *r, enum mark *best)
{
	static const enum mark order[] = {
	    MARK_YET,	  MARK_META, MARK_EXCEPT, MARK_RESERVE,
	    MARK_NEUTRAL, MARK_NOT,  MARK_BUT};
	size_t used = 0, n;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		n = mark(r, order[i], r->at);
		if (n > used) {
			used = n;
			*best = order[i];
		}
	}
	return used;
}

/* "branches that have not been touched", "with no commits since": the
 * negation tells which ones, and forbids nothing. */
static bool
says_which(const struct reading *r, size_t used)
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
static bool
only_where(const struct reading *r, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		if (!mark_at(r->v, MARK_STOP, r->m->low + i, 1) &&
		    !mark_at(r->v, MARK_REMOTE, r->m->low + i, 1) &&
		    !mark_at(r->v, MARK_LOCAL, r->m->low + i, 1))
			return false;
	return true;
}

/* "delete the branch": the one that was spoken of. */
static bool
is_that_one(const struct reading *r, struct span s)
{
	static const char *const words[] = {"the", "this", "that"};
	size_t used;
	bool plural;

	for (size_t i = 0; s.end - s.first >= 2 && i < 3; i++)
		if (!strcmp(r->m->low[s.first], words[i]) &&
		    noun_at(r->v, r->m->low + s.first + 1, s.end - s.first - 1,
			    &used, &plural) &&
		    !plural && only_where(r, s.first + 1 + used, s.end))
			return true;
	return false;
}

static void
take_mark(struct reading *r, enum mark best, size_t used)
{
	switch (best) {
	case MARK_YET:
		r->negated = false;
		break;
	case MARK_META:
		close_object(r, r->at);
		r->meta = true;
		break;
	case MARK_EXCEPT:
		if (!r->open)
			break;
		r->open = &r->m->v[r->opened];
		r->open->object.end = r->at;
		r->open->except =
		    (struct span){r->at + used, r->m->ntokens + 1};
		break;
	case MARK_RESERVE:
		if (r->open) {
			r->m->v[r->opened].reserved = true;
			close_object(r, r->at);
		}
		r->subordinate = true;
		break;
	case MARK_NEUTRAL:
		r->neutral = true;
		r->neutral_at = r->at;
		break;
	case MARK_NOT:
		if (r->open && says_which(r, used))
			break;
		r->negated = true;
		if (r->open)
			close_object(r, r->at);
		break;
	case MARK_BUT:
		close_object(r, r->at);
		r->negated = r->subordinate = false;
		r->clause = r->at + used;
		break;
	default:
		break;
	}
}

/* "stop pushing" forbids, "stop job 42" is a deed. */
static bool
verb_wins(const struct reading *r, size_t verb, size_t turning)
{
	size_t next = r->at + turning, used;
	enum form form;

	if (verb != turning)
		return verb > turning;
	return !(next < r->end &&
		 verb_at(r->v, r->m->low + next, r->end - next, &used, &form) &&
		 form == FORM_ING);
}

/* Where the clause around at begins. */
static size_t
clause_start(const struct reading *r, size_t at)
{
	for (size_t i = at; i > r->s->span.first; i--)
		if (r->m->tokens[i].comma || mark(r, MARK_BUT, i) ||
		    !strcmp(r->m->low[i], "and"))
			return i;
	return r->s->span.first;
}

static size_t
clause_end(const struct reading *r, size_t at)
{
	size_t i = at;

	while (i < r->s->span.end && !r->m->tokens[i].comma &&
	       !mark(r, MARK_BUT, i))
		i++;
	return i;
}

/* "leave staging alone", "keep release/1": no verb of a deed, and yet a
 * boundary. */
static void
take_boundaries(struct reading *r)
{
	struct span all = r->s->span;
	size_t n, start;

	if (r->s->question)
		return;
	for (size_t i = all.first; i < all.end; i++) {
		n = mark(r, MARK_ALONE, i);
		if (n && !sentence_has(r, MARK_NEUTRAL, all.first, i)) {
			start = clause_start(r, i);
			open_statement(r, NULL, MOOD_FORBIDS, i, start);
			close_object(r, i);
			if (!has_object(r, (struct span){start, i}))
				r->m->v[r->m->n - 1].object.end = all.end;
			i += n - 1;
			continue;
		}
		n = mark(r, MARK_KEEP, i);
		if (n && !r->m->tokens[i].quoted &&
		    !after_mark(r, MARK_SUBJECT, i)) {
			open_statement(r, NULL, MOOD_FORBIDS, i, i + n);
			close_object(r, clause_end(r, i + n));
			i += n - 1;
		}
	}
}

/* "rm x failed yesterday": the command is spoken of. */
static bool
reports(const struct reading *r, struct span s)
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

/* "Explain it, then delete x" */
static bool
ends_meta(const struct reading *r)
{
	return r->m->tokens[r->at].comma || !strcmp(r->m->low[r->at], "and") ||
	       !strcmp(r->m->low[r->at], "then");
}

void
statements_of(void *ctx, const struct vocabulary *v, struct message *m,
	      const struct sentence *s)
{
	struct reading r = {.ctx = ctx,
			    .v = v,
			    .m = m,
			    .s = s,
			    .at = s->span.first,
			    .end = s->span.end,
			    .clause = s->span.first};
	size_t first = m->n;

	r.request = sentence_has(&r, MARK_REQUEST, r.at, r.end);
	while (r.at < r.end) {
		const struct verb *verb;
		enum mark turning = MARK_COUNT;
		enum form form;
		size_t used, n;

		if (m->tokens[r.at].comma && r.subordinate) {
			r.subordinate = false;
			r.clause = r.at;
		}
		if (ends_meta(&r))
			r.meta = false;
		n = turning_mark(&r, &turning);
		verb = verb_at(v, m->low + r.at, r.end - r.at, &used, &form);
		if (verb && verb_wins(&r, used, n))
			n = take_verb(&r, verb, used, form);
		else
			take_mark(&r, turning, n);
		r.at += n ? n : 1;
	}
	close_object(&r, r.end);
	for (size_t i = first; i < m->n; i++)
		if (m->v[i].mood == MOOD_ASKS && reports(&r, m->v[i].object))
			m->v[i].mood = MOOD_TELLS;
	take_boundaries(&r);
	for (size_t i = first; i < m->n; i++) {
		struct statement *t = &m->v[i];

		for (size_t k = t->object.first; k < t->object.end; k++)
			t->pronoun |=
			    mark_at(v, MARK_PRONOUN, m->low + k, 1) &&
			    (k + 1 == t->object.end || k == t->object.first);
		t->pronoun |= is_that_one(&r, t->object);
		if (t->verb && !t->pronoun && !has_object(&r, t->object) &&
		    t->before.end > s->span.first && i == first)
			t->object = (struct span){s->span.first, t->before.end};
	}
}

void
message_read(void *ctx, const struct vocabulary *v, const char *text,
	     struct message *out)
{
	struct sentences s = {0};

	*out = (struct message){0};
	message_cut(ctx, text, out, &s);
	for (size_t i = 0; i < s.n; i++)
		statements_of(ctx, v, out, &s.v[i]);
}
