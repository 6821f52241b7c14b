/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes on from what was asked for before, without a verb of its own: "and
 * x, too", "no, I meant y".
 */
#include "base/err.h"
#include "base/listed.h"
#include "judge/message_work.h"
#include "judge/sets.h"
#include <string.h>
#include <talloc.h>

#define IS_WORD(m, at, list)                                                   \
	is_one_of((m)->low[at], list, sizeof(list) / sizeof(*(list)))

/* "and events": one word that says nothing else */
static bool
is_plain_name(const struct vocabulary *v, const struct message *m,
	      struct span s)
{
	enum form form;
	size_t used;
	bool plural;

	/* "container web" */
	if (s.end == s.first + 2 &&
	    noun_at(v, m->low + s.first, 1, &used, &plural) && !plural)
		s.first++;
	if (s.end != s.first + 1 ||
	    verb_at(v, m->low + s.first, 1, &used, &form))
		return false;
	for (int k = 0; k < MARK_COUNT; k++)
		if (mark_at(v, (enum mark)k, m->low + s.first, 1))
			return false;
	return true;
}

/* "and x", "the same for x", "x, too", "x needs it": what of it is a list;
 * empty: it is none. */
static struct span
joined_list(const struct vocabulary *v, const struct message *m,
	    struct span all)
{
	static const char *const words[] = {"and",	 "also",  "plus",
					    "same",	 "ditto", "likewise",
					    "similarly", "too"};
	static const char *const fill[] = {
	    "the",  "goes", "for", "do",   "with",   "here",
	    "then", "oh",   "ok",  "yes",  "please", "applies",
	    "to",   "now",  "as",  "well", "while",  "you're",
	    "at",   "it",   "you", "are",  "other",  "one"};
	static const char *const needs[] = {"needs", "need", "gets", "deserves",
					    "wants"};
	static const char *const what[] = {"it", "that", "one"};
	static const char *const too[] = {"too", "also", "well", "likewise"};
	bool joins = false;

	while (all.end > all.first + 1 &&
	       mark_at(v, MARK_GLUE, m->low + all.end - 1, 1) &&
	       !IS_WORD(m, all.end - 1, what)) {
		joins |= IS_WORD(m, all.end - 1, too);
		all.end--;
	}
	if (all.end > all.first + 2 && IS_WORD(m, all.end - 1, what) &&
	    IS_WORD(m, all.end - 2, needs)) {
		joins = true;
		all.end -= 2;
	}
	while (all.first < all.end &&
	       (IS_WORD(m, all.first, words) || IS_WORD(m, all.first, fill))) {
		joins |= IS_WORD(m, all.first, words);
		all.first++;
	}
	if (!joins || all.first >= all.end ||
	    !(clause_is_list(v, m, all) || is_plain_name(v, m, all)))
		return (struct span){0, 0};
	return all;
}

/* As the one before, of other things. */
static void
add_like(void *ctx, struct message *m, const struct statement *t,
	 struct span list)
{
	struct statement *n;

	m->v = talloc_realloc(ctx, m->v, struct statement, (unsigned)m->n + 1);
	if (!m->v)
		BUG("out of memory");
	n = &m->v[m->n++];
	*n = *t;
	n->object = list;
	n->except = n->condition = (struct span){0, 0};
	n->before = (struct span){0, list.first};
	n->sentence = list.first;
	n->pronoun = false;
	n->goes_on = true;
}

void
clause_goes_on(void *ctx, const struct vocabulary *v, struct message *m,
	       const struct sentence *s, size_t first)
{
	struct span list;
	struct statement last;

	if (first == 0 || m->n != first || s->question ||
	    m->v[first - 1].mood != MOOD_ASKS || !m->v[first - 1].verb)
		return;
	list = joined_list(v, m, s->span);
	if (list.end == 0)
		return;
	last = m->v[first - 1];
	last.quote = s->quote;
	add_like(ctx, m, &last, list);
}

/* "Sorry, I meant x.": a list behind words that take back. */
static struct span
corrected_list(const struct vocabulary *v, const struct message *m)
{
	static const char *const slips[] = {"sorry", "oops", "no", "wait",
					    "rather"};
	struct span all = {m->v[0].before.end, m->ntokens};

	/* "I meant x, y is still in review" */
	for (size_t i = all.first + 1; i + 1 < all.end; i++)
		if (m->tokens[i].comma && !m->tokens[i + 1].comma &&
		    mark_at(v, MARK_AUXILIARY, m->low + i + 1, 1))
			all.end = i;
	for (size_t i = all.first + 1; i < all.end; i++)
		if (mark_at(v, MARK_CHOSEN, m->low + i, all.end - i))
			all.end = i;
	while (all.end > all.first &&
	       mark_at(v, MARK_GLUE, m->low + all.end - 1, 1))
		all.end--;
	/* "wrong name, x" */
	if (all.first + 2 < all.end && !strcmp(m->low[all.first], "wrong"))
		all.first += 2;
	while (all.first < all.end && !token_is_name(&m->tokens[all.first])) {
		if (strncmp(m->low[all.first], "it", 2) != 0 &&
		    !IS_WORD(m, all.first, slips) &&
		    !mark_at(v, MARK_AUXILIARY, m->low + all.first, 1) &&
		    !mark_at(v, MARK_CORRECT, m->low + all.first,
			     all.end - all.first) &&
		    strcmp(m->low[all.first], "i") != 0 &&
		    !mark_at(v, MARK_LEAD, m->low + all.first, 1) &&
		    !mark_at(v, MARK_DETERMINER, m->low + all.first, 1))
			return (struct span){0, 0};
		all.first++;
	}
	if (all.first >= all.end || !clause_is_list(v, m, all))
		return (struct span){0, 0};
	return all;
}

/* "forget that, it is nearly done. y instead": the last sentence. */
static struct span
list_instead(const struct vocabulary *v, const struct message *m)
{
	struct span all = {m->ntokens, m->ntokens};
	bool instead = false;

	while (all.first > 0 && !m->tokens[all.first - 1].begins)
		all.first--;
	if (all.first > 0)
		all.first--;
	while (all.end > all.first &&
	       mark_at(v, MARK_GLUE, m->low + all.end - 1, 1)) {
		instead |= !strcmp(m->low[all.end - 1], "instead");
		all.end--;
	}
	while (all.first < all.end &&
	       mark_at(v, MARK_LEAD, m->low + all.first, 1))
		all.first++;
	if (!instead || all.first >= all.end || !clause_is_list(v, m, all))
		return (struct span){0, 0};
	return all;
}

/* "On second thought, only x.": of what was asked for, no more than that. */
static struct span
only_list(const struct vocabulary *v, const struct message *m)
{
	static const char *const openers[] = {
	    "on",   "second", "thought", "thoughts", "actually", "wait",
	    "no",   "hmm",    "hm",	 "ok",	     "okay",	 "sorry",
	    "oops", "well",   "please",	 "but",	     "do",	 "then",
	    "stop", "whoa",   "hold",	 "hang",     "halt",	 "nope"};
	struct span all = {0, m->ntokens}, head = {0, 1};
	bool only = false, known = true;

	/* "x only. y is still open" */
	while (head.end < m->ntokens && !m->tokens[head.end].begins)
		head.end++;
	while (head.first < head.end &&
	       mark_at(v, MARK_LEAD, m->low + head.first, 1))
		head.first++;
	while (head.end > head.first &&
	       mark_at(v, MARK_GLUE, m->low + head.end - 1, 1)) {
		only |= !strcmp(m->low[head.end - 1], "only");
		head.end--;
	}
	if (only && head.end > head.first && clause_is_list(v, m, head) &&
	    token_span_names(m, head))
		return head;
	only = false;

	while (all.end > 0 && mark_at(v, MARK_GLUE, m->low + all.end - 1, 1))
		all.end--;
	while (!only && known && all.first < all.end) {
		only = !strcmp(m->low[all.first], "only") ||
		       !strcmp(m->low[all.first], "just");
		known = false;
		for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++)
			known |= !strcmp(m->low[all.first], openers[i]);
		all.first += only || known;
	}
	if (!only || all.first >= all.end || !clause_is_list(v, m, all))
		return (struct span){0, 0};
	for (size_t i = all.first; i < all.end; i++)
		if (token_is_name(&m->tokens[i]))
			return all;
	return (struct span){0, 0};
}

/* "Done? Good. Same with x": what stands before is short, and names nothing. */
static struct span
last_sentence(const struct message *m)
{
	struct span s = {m->ntokens - 1, m->ntokens};

	while (s.first > 0 && !m->tokens[s.first].begins)
		s.first--;
	for (size_t i = 0; i < s.first; i++)
		if (token_is_name(&m->tokens[i]) || s.first > 6)
			return (struct span){0, m->ntokens};
	return s;
}

/* "Sorry, on staging I mean": what was said before does not hold there. */
static bool
corrects_place(const struct vocabulary *v, const struct message *m)
{
	static const char *const slips[] = {"sorry", "oops",  "wait",	 "no",
					    "mean",  "meant", "actually"};
	static const enum mark places[] = {MARK_PRODUCTION, MARK_STAGING,
					   MARK_DEVELOPMENT, MARK_REMOTE,
					   MARK_LOCAL};
	bool slip = false, place = false;

	for (size_t i = 0; i < m->ntokens && i < 9; i++) {
		if (token_is_name(&m->tokens[i]))
			return false;
		slip |= IS_WORD(m, i, slips);
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++)
			place |= mark_at(v, places[k], m->low + i,
					 m->ntokens - i) > 0;
	}
	return slip && place && m->ntokens < 9;
}

/* "not x, I meant y" */
static bool
only_forbids(const struct message *m)
{
	for (size_t i = 1; i < m->n; i++)
		if (m->v[i].mood != MOOD_FORBIDS || m->v[i].retracts)
			return false;
	return true;
}

void
message_goes_on(void *ctx, const struct vocabulary *v,
		const struct message *before, struct message *m)
{
	const struct statement *last =
	    before->n ? &before->v[before->n - 1] : NULL;
	struct span list;

	if (m->asks || m->ntokens < 2 || !last || last->mood != MOOD_ASKS ||
	    !last->verb)
		return;
	if (m->n && m->v[0].retracts && only_forbids(m)) {
		list = corrected_list(v, m);
		if (!list.end)
			list = list_instead(v, m);
		if (!list.end)
			list = only_list(v, m);
		if (list.end)
			add_like(ctx, m, last, list);
		return;
	}
	if (!m->n && corrects_place(v, m)) {
		add_like(ctx, m, last, (struct span){0, 0});
		m->v[0].retracts = true;
		m->v[0].mood = MOOD_FORBIDS;
		return;
	}
	if (m->n)
		return;
	list = only_list(v, m);
	if (list.end) {
		add_like(ctx, m, last, list);
		m->v[0].retracts = true;
		m->v[0].mood = MOOD_FORBIDS;
	} else {
		list = joined_list(v, m, last_sentence(m));
	}
	if (list.end)
		add_like(ctx, m, last, list);
}
