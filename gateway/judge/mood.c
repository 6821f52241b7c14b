/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a verb ask, forbid or only tell?  In doubt it tells: then nothing is
 * authorised by it; a negation in doubt forbids.
 */
#include "base/listed.h"
#include "judge/message_work.h"
#include <string.h>

static bool
is_copula(const char *word)
{
	static const char *const words[] = {
	    "is", "are", "was", "were", "it's", "isn't", "they're", "aren't"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* "the force push", but not "with a force push", "needs a force push" */
static bool
is_thing(const struct reading *r, size_t at)
{
	static const char *const acts[] = {
	    "with", "by",    "via",	 "using", "needs",  "need",
	    "do",   "wants", "requires", "make",  "perform"};
	const char *p = r->m->low[at - 1];

	if (strcmp(p, "a") != 0 && strcmp(p, "the") != 0 &&
	    strcmp(p, "another") != 0)
		return false;
	for (size_t i = 0;
	     at >= r->s->span.first + 2 && i < sizeof(acts) / sizeof(*acts);
	     i++)
		if (!strcmp(r->m->low[at - 2], acts[i]))
			return false;
	return true;
}

/* "the push", "last commit", "merged branches", "delete release v1": the word
 * is no verb here. */
bool
mood_is_no_verb(const struct reading *r, size_t at, size_t used, enum form form)
{
	const struct token *t = &r->m->tokens[at];
	size_t n;
	bool plural;

	/* the first of several is a command */
	if (t->quoted && used == 1 && t->quote != at + 1)
		return true;
	if (frame_is_granted(r, at, form) || frame_is_proposed(r, at, form))
		return false;
	if (at > r->s->span.first && !t->comma) {
		const char *p = r->m->low[at - 1];

		/* "it's empty" */
		if (form == FORM_BASE && used == 1 && is_copula(p))
			return true;

		if (!strcmp(p, "git") ||
		    (form == FORM_ING && reading_after(r, MARK_GERUND, at)))
			return false;
		if (t->low[0] != '-' && reading_after(r, MARK_DETERMINER, at) &&
		    !reading_after(r, MARK_NOT, at) && used == 1 &&
		    /* "I want the one on the remote gone" */
		    !(form == FORM_PAST && at + 1 == r->end &&
		      reading_after(r, MARK_REMOTE, at)))
			return true;
		/* "after the force push" */
		if (used == 2 && form == FORM_BASE && is_thing(r, at))
			return true;
		if (form == FORM_BASE && clause_is_compound(r, at, used))
			return true;
		/* "delete draft release x" */
		if (form == FORM_BASE && used == 1 && r->verb_ended &&
		    at == r->verb_ended + 1 && !r->m->tokens[at - 1].comma &&
		    !mark_at(r->v, MARK_LEAD, r->m->low + at - 1, 1) &&
		    !token_is_name(&r->m->tokens[at - 1]) && at + 1 < r->end &&
		    token_is_name(&r->m->tokens[at + 1]) &&
		    noun_at(r->v, r->m->low + at, 1, &n, &plural))
			return true;
		/* right behind another verb, without a word between */
		if (r->verb_ended == at && form == FORM_BASE &&
		    t->quote != at + 1 && strcmp(t->low, "without") != 0 &&
		    !(used > 1 && !strcmp(t->low, "git")))
			return true;
	}
	if (form == FORM_PAST || form == FORM_ING || form == FORM_S)
		if (at + used < r->end &&
		    noun_at(r->v, r->m->low + at + used, r->end - at - used, &n,
			    &plural) &&
		    !reading_after(r, MARK_PASSIVE, at) &&
		    !reading_after(r, MARK_GERUND, at) &&
		    !reading_after(r, MARK_NOT, at))
			return true;
	return false;
}

static bool
is_passive(const struct reading *r, size_t at)
{
	for (size_t back = 1, words = 0; words < 7 && at >= r->clause + back;
	     back++) {
		words += !token_is_name(&r->m->tokens[at - back]) &&
			 strcmp(r->m->low[at - back], "and") != 0;
		if (reading_mark(r, MARK_PASSIVE, at - back) == 1)
			return true;
		/* "I want x back, it is gone" */
		if (r->m->tokens[at - back].comma &&
		    !token_is_name(&r->m->tokens[at - back]))
			return false;
	}
	return false;
}

enum mood
mood_of_verb(const struct reading *r, size_t at, enum form form)
{
	enum mood mood;
	bool asks;

	if (r->spoken)
		return MOOD_TELLS;
	if (frame_is_prevented(r, at, form))
		return MOOD_FORBIDS;
	if (frame_was_run(r, at))
		return MOOD_TELLS;
	if (frame_is_granted(r, at, form))
		return r->negated ? MOOD_FORBIDS : MOOD_ASKS;
	if (frame_is_noun(r, at) && !r->negated)
		return MOOD_TELLS;
	if (frame_is_ensured(r, at, form, &mood))
		return mood;
	if (r->subordinate || r->neutral)
		return MOOD_TELLS;
	if (!r->negated && (r->meta || clause_mentions(r, at, form)))
		return MOOD_TELLS;
	if (!r->negated && clause_hedges(r, at))
		return MOOD_TELLS;
	/* "before you delete x" */
	if (r->aside &&
	    (form == FORM_ING ||
	     (at > r->clause && (!strcmp(r->m->low[at - 1], "you") ||
				 reading_after(r, MARK_SUBJECT, at)))))
		return MOOD_TELLS;
	if (r->s->question && !r->request)
		return MOOD_TELLS;
	switch (form) {
	case FORM_BASE:
		asks = (!reading_after(r, MARK_SUBJECT, at) ||
			r->m->tokens[at].comma || frame_can_we(r, at) ||
			clause_object_leads(r, at)) &&
		       !frame_is_others(r, at);
		break;
	case FORM_PAST:
		asks = is_passive(r, at) && !frame_is_perfect(r, at) &&
		       !frame_in_doubt(r, at) &&
		       !reading_has(r, MARK_FUTURE, r->clause, at) &&
		       !clause_is_done_by(r, at);
		break;
	case FORM_ING:
		asks = reading_after(r, MARK_GERUND, at) || r->negated ||
		       frame_needs(r, at);
		break;
	default:
		return MOOD_TELLS;
	}
	if (r->negated)
		return form == FORM_BASE && !asks ? MOOD_TELLS : MOOD_FORBIDS;
	return asks ? MOOD_ASKS : MOOD_TELLS;
}

/* A comma and a verb end a negation, unless the list goes on with "or", or
 * the comma is one of two: "do not, under any circumstances, ..." */
void
mood_comma_ends_negation(struct reading *r, size_t at)
{
	static const char *const instead[] = {"only", "just", "rather"};
	/* "don't delete it, only stop it" */
	bool turns = at > r->negated_end && r->verb_ended > r->negated_end &&
		     r->m->tokens[at - 1].comma &&
		     is_one_of(r->m->low[at - 1], instead, 3);

	if (!r->negated || (!turns && !clause_after_comma(r, at)) ||
	    (r->negated_end < r->end && r->m->tokens[r->negated_end].comma &&
	     r->negated_end < at))
		return;
	for (size_t i = at; i < r->end; i++)
		if (!strcmp(r->m->low[i], "or") || !strcmp(r->m->low[i], "nor"))
			return;
	r->negated = false;
}

/* "x was a mistake, delete it", "someone left x there, please delete it": what
 * was is told, what comes is asked for.  "I will, tomorrow, delete it" goes
 * on. */
void
mood_comma_ends_report(struct reading *r, size_t at)
{
	static const char *const reports[] = {
	    "was", "were", "already",	"isn't", "wasn't", "weren't", "what",
	    "got", "said", "mentioned", "wrote", "hasn't", "aren't"};

	if (!r->neutral || !clause_after_comma(r, at))
		return;
	if (!r->m->tokens[at].comma)
		r->neutral = false;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
		if (!strcmp(r->m->low[r->neutral_at], reports[i]))
			r->neutral = false;
}
