/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around a verb and decides whether it asks: permissions, wishes
 * and polite questions, reports of what others say, what is taken back.
 */
#include "judge/message_work.h"
#include <string.h>

static bool
is_word(const struct reading *r, size_t at, const char *const *list, size_t n)
{
	for (size_t i = 0; at < r->s->span.end && i < n; i++)
		if (!strcmp(r->m->low[at], list[i]))
			return true;
	return false;
}

#define IS_WORD(r, at, list)                                                   \
	is_word(r, at, list, sizeof(list) / sizeof(*(list)))

/* Words before a clause that are none of it: "yes", "oh", "so". */
static bool
opens(const struct reading *r, size_t at)
{
	static const char *const words[] = {
	    "yes",   "yep",   "yup",	  "oh",	    "ah",   "no",
	    "well",  "hi",    "hey",	  "hmm",    "hm",   "so",
	    "and",   "but",   "then",	  "also",   "wait", "oops",
	    "sorry", "right", "actually", "however"};

	return IS_WORD(r, at, words) ||
	       (mark_at(r->v, MARK_LEAD, r->m->low + at, 1) &&
		strcmp(r->m->low[at], "to") != 0 &&
		strcmp(r->m->low[at], "you") != 0);
}

/* Begins a clause at this place? */
bool
frame_at_head(const struct reading *r, size_t at)
{
	while (at > r->s->span.first && !r->m->tokens[at].comma) {
		if (!opens(r, at - 1))
			return false;
		at--;
	}
	return true;
}

/* "deleting x is fine with me", and no more in this clause. */
static bool
is_fine(const struct reading *r, size_t at)
{
	static const char *const fine[] = {
	    "fine",    "ok",	    "okay",    "good",	     "alright",
	    "allowed", "permitted", "welcome", "authorized", "authorised"};
	static const char *const with[] = {"with", "by", "for"};
	static const char *const whom[] = {"me", "us", "now", "too"};
	enum form form;
	size_t used;

	if (r->s->question ||
	    !verb_at(r->v, r->m->low + at, r->end - at, &used, &form) ||
	    form != FORM_ING)
		return false;
	for (size_t i = at + used + 1; i + 1 < r->end; i++) {
		if (r->m->tokens[i].comma)
			return false;
		if (strcmp(r->m->low[i], "is") != 0 || !IS_WORD(r, i + 1, fine))
			continue;
		i += 2;
		if (i < r->end && IS_WORD(r, i, with))
			i++;
		if (i < r->end && IS_WORD(r, i, whom))
			i++;
		return i == r->end || r->m->tokens[i].comma;
	}
	return false;
}

static size_t
grant_at(const struct reading *r)
{
	static const char *const asked[] = {"do",  "does", "did",  "are",
					    "is",  "have", "has",  "were",
					    "was", "am",   "don't"};
	size_t n = reading_mark(r, MARK_GRANT, r->at);

	/* "do you have permission to" asks */
	if (r->s->question && r->at > r->s->span.first &&
	    IS_WORD(r, r->s->span.first, asked))
		return 0;
	return n && frame_at_head(r, r->at) ? n : 0;
}

bool
frame_is_granted(const struct reading *r, size_t at, enum form form)
{
	if (form == FORM_S || r->m->tokens[at].quoted || r->spoken)
		return false;
	if (form == FORM_ING && frame_at_head(r, at) && is_fine(r, at))
		return true;
	if (!r->granted || r->granted > at)
		return false;
	for (size_t i = r->granted; i < at; i++)
		if (r->m->tokens[i].comma ||
		    !mark_at(r->v, MARK_LEAD, r->m->low + i, 1) ||
		    !strcmp(r->m->low[i], "to"))
			return false;
	return true;
}

/* Behind "is safe to", with nothing but words without weight between. */
bool
frame_is_proposed(const struct reading *r, size_t at, enum form form)
{
	if (!r->proposed || r->proposed > at || form == FORM_S || r->negated ||
	    r->s->question || r->spoken || r->subordinate || r->meta)
		return false;
	for (size_t i = r->proposed; i < at; i++)
		if (r->m->tokens[i].comma ||
		    !mark_at(r->v, MARK_LEAD, r->m->low + i, 1) ||
		    !strcmp(r->m->low[i], "to"))
			return false;
	return true;
}

static size_t
propose_at(const struct reading *r)
{
	static const char *const doubts[] = {
	    "if", "whether", "think", "check", "sure", "once", "when", "until"};
	size_t n = reading_mark(r, MARK_PROPOSE, r->at);

	for (size_t i = r->clause; n && i < r->at; i++)
		if (IS_WORD(r, i, doubts))
			return 0;
	return n;
}

static size_t
assent_at(const struct reading *r)
{
	size_t n = reading_mark(r, MARK_ASSENT, r->at), end = r->at + n;

	if (!n || r->s->question || r->spoken || !frame_at_head(r, r->at))
		return 0;
	while (end < r->end && !r->m->tokens[end].comma &&
	       mark_at(r->v, MARK_GLUE, r->m->low + end, 1))
		end++;
	return end == r->end || r->m->tokens[end].comma ? n : 0;
}

static size_t
ensure_at(const struct reading *r)
{
	size_t n = reading_mark(r, MARK_ENSURE, r->at);

	return n && frame_at_head(r, r->at) ? n : 0;
}

bool
frame_is_ensured(const struct reading *r, size_t at, enum form form,
		 enum mood *mood)
{
	static const char *const are[] = {"is", "are", "gets", "get",
					  "be", "was", "were", "got"};
	static const char *const vanished[] = {"disappeared", "vanished",
					       "gone"};
	bool told = r->neutral && r->neutral_at + 1 < at;
	static const char *const nots[] = {"isn't", "aren't", "not"};
	static const char *const others[] = {
	    "say",   "says",  "state", "states", "mention", "mentions",
	    "show",  "shows", "clear", "check",	 "checks",  "test",
	    "tests", "know",  "knows", "if",	 "when",    "whether",
	    "why",   "how",   "who",   "before", "after",   "explains"};

	if (!r->ensures || form != FORM_PAST || r->aside || r->meta ||
	    at < r->s->span.first + 2 || clause_is_done_by(r, at))
		return false;
	for (size_t i = r->ensured; i < at; i++)
		if (IS_WORD(r, i, others))
			return false;
	if (IS_WORD(r, at - 1, nots) || r->negated || told)
		*mood = MOOD_FORBIDS;
	else if (IS_WORD(r, at - 1, are) || IS_WORD(r, at, vanished))
		*mood = MOOD_ASKS;
	else
		return false;
	return true;
}

bool
frame_is_spoken(const struct reading *r)
{
	size_t last = r->s->span.first;

	if (r->s->context >= last || last == 0)
		return false;
	last--;
	/* "I said to Ben:" */
	for (size_t i = last; i + 3 > last && i > 0; i--)
		if (!strcmp(r->m->low[i - 1], "said") ||
		    !strcmp(r->m->low[i - 1], "told") ||
		    !strcmp(r->m->low[i - 1], "wrote"))
			return strcmp(r->m->low[i], "you") != 0;
	if (!mark_at(r->v, MARK_REPORT, r->m->low + last, 1))
		return false;
	/* "I said: delete x" */
	return !(last > 0 && (!strcmp(r->m->low[last - 1], "i") ||
			      !strcmp(r->m->low[last - 1], "i've")));
}

bool
frame_is_others(const struct reading *r, size_t at)
{
	static const char *const lets[] = {"let",   "lets", "have", "help",
					   "watch", "make", "makes"};
	static const char *const us[] = {"me",	   "us", "you",	 "it",	"them",
					 "please", "to", "also", "just"};
	static const char *const slips[] = {"might", "would", "'d"};
	static const char *const ours[] = {"you",  "we", "u",	   "and",
					   "then", "or", "ok",	   "okay",
					   "yes",  "so", "please", "also"};
	size_t i = at;

	if (at < r->s->span.first + 2 || r->m->tokens[at].comma)
		return false;
	if (IS_WORD(r, at - 2, lets) && !r->m->tokens[at - 1].comma &&
	    !IS_WORD(r, at - 1, us) && !token_is_name(&r->m->tokens[at - 1]))
		return true;
	while (i > r->s->span.first && !r->m->tokens[i].comma &&
	       !mark_at(r->v, MARK_MODAL, r->m->low + i - 1, 1)) {
		size_t n = strlen(r->m->low[i - 1]);

		if (!mark_at(r->v, MARK_LEAD, r->m->low + i - 1, 1) &&
		    !(n > 4 && !strcmp(r->m->low[i - 1] + n - 2, "ly")))
			return false;
		i--;
	}
	if (i == r->s->span.first || r->m->tokens[i].comma)
		return false;
	i--; /* the modal */
	/* "hey can you delete" */
	if (i + 1 < at && IS_WORD(r, i + 1, ours))
		return false;
	if (i == r->s->span.first || r->m->tokens[i].comma)
		return false;
	/* "you might as well" */
	if (IS_WORD(r, i, slips) && !strcmp(r->m->low[i - 1], "you"))
		return !(i + 2 < at && !strcmp(r->m->low[i + 2], "well"));
	return !IS_WORD(r, i - 1, ours);
}

bool
frame_is_perfect(const struct reading *r, size_t at)
{
	size_t i = at;

	while (i > r->s->span.first && !r->m->tokens[i].comma) {
		size_t n = strlen(r->m->low[i - 1]);

		if (mark_at(r->v, MARK_PERFECT, r->m->low + i - 1, 1))
			return true;
		if (!(n > 4 && !strcmp(r->m->low[i - 1] + n - 2, "ly")) &&
		    strcmp(r->m->low[i - 1], "already") != 0 &&
		    strcmp(r->m->low[i - 1], "just") != 0)
			return false;
		i--;
	}
	return false;
}

bool
frame_ends_told(const struct reading *r)
{
	static const char *const joints[] = {"so",	"and",	  "then",
					     "anymore", "longer", "more"};
	static const char *const asks[] = {
	    "please", "pls", "plz",  "go",	  "just", "let's",
	    "feel",   "you", "we",   "it",	  "they", "can",
	    "should", "may", "must", "therefore", "u"};
	static const char *const modals[] = {"can",   "may",  "should", "must",
					     "could", "need", "might"};
	static const char *const doubts[] = {
	    "if",    "whether", "think", "believe", "know", "sure",
	    "see",   "say",	"said",	 "saying",  "that", "unless",
	    "until", "check",	"who",	 "why",	    "how",  "what"};
	size_t at = r->at, next = at + 1, used;
	enum form form;

	if (!r->negated && !r->neutral)
		return false;
	if (next >= r->end || !IS_WORD(r, at, joints) ||
	    r->m->tokens[next].comma || r->s->question)
		return false;
	if (r->neutral && clause_ends_remark(r, at))
		return true;
	/* "don't delete x so you can ..." */
	if (r->verb_ended > r->s->span.first && r->m->n &&
	    r->m->v[r->m->n - 1].mood == MOOD_FORBIDS &&
	    r->m->v[r->m->n - 1].before.end >= r->clause)
		return false;
	for (size_t i = r->clause; i < at; i++)
		if (IS_WORD(r, i, doubts))
			return false;
	if (!strcmp(r->m->low[at], "so") &&
	    verb_at(r->v, r->m->low + next, r->end - next, &used, &form) &&
	    form == FORM_BASE)
		return true;
	if (!IS_WORD(r, next, asks))
		return false;
	if (!strcmp(r->m->low[next], "you") || !strcmp(r->m->low[next], "we") ||
	    !strcmp(r->m->low[next], "u") || !strcmp(r->m->low[next], "it") ||
	    !strcmp(r->m->low[next], "they"))
		return next + 1 < r->end && IS_WORD(r, next + 1, modals);
	return true;
}

static void
take_back(struct reading *r)
{
	reading_open(r, NULL, MOOD_FORBIDS, r->at, r->at);
	r->m->v[r->opened].retracts = true;
	reading_close(r, r->at);
}

static const struct statement *
last_asked(const struct reading *r)
{
	for (size_t i = r->m->n; i > 0; i--)
		if (r->m->v[i - 1].mood == MOOD_ASKS && r->m->v[i - 1].verb)
			return &r->m->v[i - 1];
	return NULL;
}

/* "y is the one I mean", "oh wait, it's y": how many words. */
static size_t
chosen_at(struct reading *r)
{
	static const char *const its[] = {"it's", "its",    "it",
					  "is",	  "should", "be"};
	static const char *const slips[] = {"no",   "sorry", "wait",
					    "oops", "oh",    "actually"};
	const struct statement *asked = last_asked(r);
	size_t first = r->at, end, n;
	bool slip;

	if (r->spoken || r->s->question || !frame_at_head(r, r->at))
		return 0;
	slip = r->at > r->s->span.first && IS_WORD(r, r->at - 1, slips);
	while (first < r->end && IS_WORD(r, first, its))
		first++;
	if (first > r->at && !slip)
		return 0;
	for (end = first; end < r->end; end++)
		if (!token_is_name(&r->m->tokens[end]) &&
		    strcmp(r->m->low[end], "and") != 0 &&
		    !(end == first &&
		      mark_at(r->v, MARK_DETERMINER, r->m->low + end, 1)))
			break;
	if (end == first || !token_is_name(&r->m->tokens[end - 1]))
		return 0;
	n = reading_mark(r, MARK_CHOSEN, end);
	if (first > r->at ? end < r->end && !r->m->tokens[end].comma : !n)
		return 0;
	take_back(r);
	if (asked) {
		reading_open(r, last_asked(r)->verb, MOOD_ASKS, r->at, first);
		reading_close(r, end);
		r->verb_ended = end;
	}
	return end + n - r->at;
}

/* "Sorry, I meant y", "I meant delete y": of what was asked for only the verb
 * stays. */
static size_t
correct_at(struct reading *r)
{
	static const char *const slips[] = {"no", "sorry", "rather", "oops"};
	size_t n = reading_mark(r, MARK_CORRECT, r->at), next, used;
	const struct statement *asked = NULL;
	enum form form;

	/* "no wait, y": and no more */
	if (!n) {
		n = reading_mark(r, MARK_PAUSE, r->at);
		if (!n && IS_WORD(r, r->at, slips))
			n = 1;
		next = r->at + n;
		if (n &&
		    !(next < r->end && token_is_name(&r->m->tokens[next]) &&
		      clause_is_list(r->v, r->m, (struct span){next, r->end})))
			return 0;
	}
	next = r->at + n;

	if (!n || next >= r->end || r->spoken || r->s->question ||
	    !frame_at_head(r, r->at))
		return 0;
	if (verb_at(r->v, r->m->low + next, r->end - next, &used, &form) &&
	    form == FORM_BASE) {
		take_back(r);
		r->granted = next;
		r->negated = r->neutral = r->meta = false;
		return n;
	}
	for (size_t i = 0; i < r->m->n; i++)
		if (r->m->v[i].mood == MOOD_ASKS)
			asked = &r->m->v[i];
	while (next < r->end && !token_is_name(&r->m->tokens[next]) &&
	       (mark_at(r->v, MARK_DETERMINER, r->m->low + next, 1) ||
		mark_at(r->v, MARK_LEAD, r->m->low + next, 1)))
		next++;
	if (next >= r->end || !token_is_name(&r->m->tokens[next]))
		return 0;
	used = asked ? (size_t)(asked - r->m->v) : 0;
	take_back(r);
	if (asked) {
		reading_open(r, r->m->v[used].verb, MOOD_ASKS, r->at, next);
		r->verb_ended = next;
	}
	return next - r->at;
}

/* What changes whatever verb comes, or takes back what came. */
size_t
frame_take(struct reading *r)
{
	size_t n = frame_retracts(r);

	if (n) {
		take_back(r);
		return n;
	}
	n = correct_at(r);
	if (!n)
		n = chosen_at(r);
	if (n)
		return n;
	n = grant_at(r);
	if (n) {
		reading_close(r, r->at);
		r->granted = r->at + n;
		r->negated = r->neutral = r->meta = false;
		return n;
	}
	n = assent_at(r);
	if (n) {
		reading_close(r, r->at);
		for (size_t i = r->m->n; i > 0 && r->m->v[i - 1].proposed; i--)
			r->m->v[i - 1].mood = MOOD_ASKS;
		return n;
	}
	n = propose_at(r);
	if (n) {
		r->proposed = r->at + n;
		return n;
	}
	n = ensure_at(r);
	if (n && !reading_mark(r, MARK_YET, r->at) &&
	    reading_mark(r, MARK_META, r->at) <= n) {
		reading_close(r, r->at);
		r->ensures = true;
		r->ensured = r->at + n;
		r->negated = r->neutral = r->meta = false;
		return n;
	}
	return 0;
}
