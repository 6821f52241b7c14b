/* SPDX-License-Identifier: Apache-2.0 */
/* Where what a verb acts on ends, and another clause begins. */
#include "judge/message_work.h"
#include <string.h>

/* Any mark, noun or name; another word may be a verb. */
static bool
is_known_word(const struct reading *r, size_t at)
{
	size_t used, n = strlen(r->m->low[at]);
	bool plural;

	if (token_is_name(&r->m->tokens[at]) || !strcmp(r->m->low[at], "i.e") ||
	    !strcmp(r->m->low[at], "e.g") ||
	    noun_at(r->v, r->m->low + at, 1, &used, &plural) ||
	    (n > 4 && !strcmp(r->m->low[at] + n - 2, "ly")))
		return true;
	for (int k = 0; k < MARK_LIGHT_COUNT; k++)
		if (mark_at(r->v, (enum mark)k, r->m->low + at, 1))
			return true;
	return false;
}

/* "the one on the server": another than what was just named. */
static bool
the_one(const struct reading *r, size_t at)
{
	return at + 1 < r->end && !strcmp(r->m->low[at], "the") &&
	       (!strcmp(r->m->low[at + 1], "one") ||
		!strcmp(r->m->low[at + 1], "ones") ||
		!strcmp(r->m->low[at + 1], "other") ||
		!strcmp(r->m->low[at + 1], "others"));
}

/* "..., origin is clean" */
static bool
is_where(const struct reading *r, size_t at)
{
	return mark_at(r->v, MARK_REMOTE, r->m->low + at, 1) ||
	       mark_at(r->v, MARK_LOCAL, r->m->low + at, 1) ||
	       mark_at(r->v, MARK_PRODUCTION, r->m->low + at, 1) ||
	       mark_at(r->v, MARK_STAGING, r->m->low + at, 1);
}

/* "..., y we need", "..., y stays" */
static bool
is_who(const struct reading *r, size_t at)
{
	static const char *const words[] = {"i",     "we",  "they",
					    "stays", "you", "remains"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(r->m->low[at], words[i]))
			return true;
	return false;
}

bool
clause_leads_rest(const struct reading *r, size_t at)
{
	static const char *const words[] = {"others", "rest", "else"};

	if (!r->m->tokens[at].comma)
		return false;
	for (size_t i = at; i < at + 3 && i < r->end; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (!strcmp(r->m->low[i], words[k]))
				return true;
	return false;
}

/* "..., in my clone it should stay" */
static bool
is_own_clause(const struct reading *r, size_t at)
{
	static const char *const who[] = {"it", "they", "these", "those",
					  "i",	"we",	"he",	 "she"};

	if (!r->m->tokens[at].comma || !reading_mark(r, MARK_PLACE, at))
		return false;
	for (size_t i = at + 1; i < at + 6 && i + 1 < r->end; i++) {
		if (r->m->tokens[i].comma)
			return false;
		for (size_t k = 0; k < sizeof(who) / sizeof(*who); k++)
			if (!strcmp(r->m->low[i], who[k]) &&
			    reading_mark(r, MARK_AUXILIARY, i + 1))
				return true;
	}
	return false;
}

/* ", force is fine", "(yes, --force)" */
static bool
leads_force(const struct reading *r, size_t at)
{
	static const char *const opens[] = {
	    "yes", "yep", "yeah", "and", "with", "sure", "it", "this", "that"};

	if (!r->m->tokens[at].comma)
		return false;
	for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++)
		if (!strcmp(r->m->low[at], opens[i]) && at + 1 < r->end)
			return reading_mark(r, MARK_FORCE, at + 1) > 0;
	return reading_mark(r, MARK_FORCE, at) > 0;
}

static bool
keeps_behind(const struct reading *r, size_t at)
{
	if (!r->m->tokens[at].comma || !token_is_name(&r->m->tokens[at]))
		return false;
	do
		at++;
	while (at < r->end && !r->m->tokens[at].comma &&
	       mark_at(r->v, MARK_LEAD, r->m->low + at, 1));
	return at < r->end && !r->m->tokens[at].comma &&
	       reading_mark(r, MARK_KEEP, at);
}

void
clause_cut_object(const struct reading *r, struct statement *t)
{
	bool joint, passive = t->object.first < t->before.end;
	size_t i = passive ? t->before.end : t->object.first;

	if (!t->verb)
		return;
	for (; i + 1 < t->object.end; i++) {
		if (leads_force(r, i) ||
		    (i > t->object.first &&
		     (clause_is_remark(r, i) || clause_leads_rest(r, i) ||
		      is_own_clause(r, i)))) {
			t->object.end = i;
			return;
		}
		/* "..., y please keep" */
		if (i > t->object.first && keeps_behind(r, i)) {
			t->object.end = i;
			return;
		}
		/* "..., y has to stay", "..., the one on x stays" */
		if (r->m->tokens[i].comma &&
		    (((token_is_name(&r->m->tokens[i]) || is_where(r, i)) &&
		      !r->m->tokens[i + 1].comma &&
		      (mark_at(r->v, MARK_AUXILIARY, r->m->low + i + 1, 1) ||
		       is_who(r, i + 1))) ||
		     the_one(r, i))) {
			t->object.end = i;
			return;
		}
		/* "drop and recreate x" */
		if (passive || i <= t->object.first + 1)
			continue;
		joint = !strcmp(r->m->low[i - 1], "and") ||
			!strcmp(r->m->low[i - 1], "then");

		if (!(joint || r->m->tokens[i].comma) || is_known_word(r, i))
			continue;
		if (r->m->tokens[i + 1].comma ||
		    reading_mark(r, MARK_PLACE, i + 1) ||
		    !(token_is_name(&r->m->tokens[i + 1]) ||
		      mark_at(r->v, MARK_DETERMINER, r->m->low + i + 1, 1) ||
		      mark_at(r->v, MARK_PRONOUN, r->m->low + i + 1, 1)))
			continue;
		t->object.end = joint ? i - 1 : i;
		return;
	}
}
