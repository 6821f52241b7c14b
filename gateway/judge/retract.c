/* SPDX-License-Identifier: Apache-2.0 */
/* What takes back what was asked for: "never mind", "wait, don't". */
#include "base/listed.h"
#include "judge/message_work.h"
#include <string.h>

#define IS_WORD(r, at, list)                                                   \
	is_one_of((r)->m->low[at], list, sizeof(list) / sizeof(*(list)))

/* "don't, I need them": behind the comma stands why, and no deed. */
static bool
is_reason(const struct reading *r, size_t at)
{
	static const char *const heads[] = {"the",   "my",    "that",	"this",
					    "those", "these", "that's", "some"};
	static const char *const will[] = {"i'll",   "we'll",	"he'll",
					   "she'll", "they'll", "ill"};
	static const char *const who[] = {"i", "we", "he", "she", "they"};
	enum form form;
	size_t used;

	/* "I will delete it myself" */
	if (IS_WORD(r, at, will) || (IS_WORD(r, at, who) && at + 1 < r->end &&
				     !strcmp(r->m->low[at + 1], "will")))
		return true;
	/* "no no, keep it" */
	if (reading_mark(r, MARK_KEEP, at) && at + 2 == r->end &&
	    mark_at(r->v, MARK_PRONOUN, r->m->low + at + 1, 1))
		return true;
	if (!reading_mark(r, MARK_SPEAKER, at) && !IS_WORD(r, at, heads))
		return false;
	for (size_t i = at; i < r->end; i++)
		if (verb_at(r->v, r->m->low + i, r->end - i, &used, &form) &&
		    form == FORM_BASE)
			return false;
	return true;
}

static bool
asked_before(const struct reading *r)
{
	for (size_t i = 0; i < r->m->n; i++)
		if (r->m->v[i].mood == MOOD_ASKS)
			return true;
	return false;
}

size_t
frame_retracts(const struct reading *r)
{
	static const char *const joints[] = {"so", "and", "but", "then"};
	size_t n = reading_mark(r, MARK_RETRACT, r->at), end;
	size_t soft = reading_mark(r, MARK_PAUSE, r->at);

	/* "wrong name" */
	if (!n && !strcmp(r->m->low[r->at], "wrong") && r->at + 1 < r->end &&
	    !token_is_name(&r->m->tokens[r->at + 1]))
		n = 2;
	/* "stop!", and no more: a message that begins so, or what came */
	if (!strcmp(r->m->low[r->at], "stop") && r->at == r->s->span.first &&
	    r->end == r->at + 1 && (r->at == 0 || asked_before(r)))
		return 1;
	if (soft > n)
		n = soft;
	end = r->at + n;
	if (!n || !frame_at_head(r, r->at) ||
	    (r->at > r->s->span.first && IS_WORD(r, r->at - 1, joints)))
		return 0;
	/* "61: kill. 63: mine, don't" */
	if (n == soft && r->m->n &&
	    r->m->v[r->m->n - 1].sentence < r->s->context)
		for (size_t i = r->s->context; i < r->at; i++)
			if (token_is_name(&r->m->tokens[i]))
				return 0;
	/* "4501? cancel that" */
	if (n && n != soft && r->at > 0 && !r->m->n &&
	    !strcmp(r->m->low[r->at], "cancel"))
		for (size_t i = 0; i < r->at; i++)
			if (token_is_name(&r->m->tokens[i]))
				return 0;
	/* "wait, is it merged?" */
	if (r->s->question)
		return soft ? n : 0;
	/* "just kidding, don't", "hold on please" */
	while (end < r->end && !r->m->tokens[end].comma &&
	       mark_at(r->v, MARK_GLUE, r->m->low + end, 1))
		end++;
	return end == r->end ||
		       (r->m->tokens[end].comma && (!soft || is_reason(r, end)))
		   ? n
		   : 0;
}
