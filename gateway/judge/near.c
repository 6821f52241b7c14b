/* SPDX-License-Identifier: Apache-2.0 */
/* What stands right before a verb and decides what it does. */
#include "base/listed.h"
#include "judge/message_work.h"
#include <string.h>

#define IS_WORD(r, at, list)                                                   \
	is_one_of((r)->m->low[at], list, sizeof(list) / sizeof(*(list)))

bool
frame_can_we(const struct reading *r, size_t at)
{
	static const char *const can[] = {"can", "could"};
	static const char *const please[] = {"please", "pls", "plz"};
	bool asks = !r->s->question;

	for (size_t i = r->s->span.first; i < r->end; i++) {
		asks |= IS_WORD(r, i, please);
		if (i < at && reading_mark(r, MARK_INQUIRY, i) &&
		    strcmp(r->m->low[i], "can") != 0)
			return false;
	}
	return asks && r->request && at >= r->s->span.first + 2 &&
	       !strcmp(r->m->low[at - 1], "we") && IS_WORD(r, at - 2, can);
}

bool
frame_in_doubt(const struct reading *r, size_t at)
{
	for (size_t i = at; i > r->s->span.first; i--) {
		if (r->m->tokens[i].comma)
			return false;
		if (!strcmp(r->m->low[i - 1], "whether") ||
		    (!strcmp(r->m->low[i - 1], "if") && !r->request))
			return true;
	}
	return false;
}

bool
frame_is_prevented(const struct reading *r, size_t at, enum form form)
{
	return form == FORM_PAST && at >= r->s->span.first + 2 &&
	       !strcmp(r->m->low[at - 1], "being") &&
	       !strcmp(r->m->low[at - 2], "from");
}

bool
frame_was_run(const struct reading *r, size_t at)
{
	static const char *const ran[] = {
	    "ran",   "running", "runs", "used",	  "executed", "executes",
	    "typed", "did",	"does", "called", "calls",    "tried"};

	/* "ran drop table x": not "try running rm" */
	static const char *const done[] = {
	    "ran",  "executed", "typed",    "entered", "invoked",
	    "does", "runs",	"executes", "calls",   "issued"};

	return at > r->s->span.first && !r->m->tokens[at].comma &&
	       (!strcmp(r->m->low[at], "git") ? IS_WORD(r, at - 1, ran)
					      : IS_WORD(r, at - 1, done));
}

void
frame_is_asked_about(struct message *m, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (m->v[i].mood == MOOD_ASKS)
			m->v[i].mood = MOOD_TELLS;
}

bool
frame_needs(const struct reading *r, size_t at)
{
	static const char *const words[] = {"needs", "need", "wants",
					    "deserves", "requires"};

	return at > r->clause + 1 && !r->m->tokens[at].comma &&
	       IS_WORD(r, at - 1, words);
}

bool
frame_keeps_not(const struct reading *r, size_t at)
{
	static const char *const nots[] = {"no",      "not",	 "don't",
					   "dont",    "needn't", "stop",
					   "without", "never"};

	for (size_t i = at; i > r->s->span.first && at - i < 6; i--) {
		if (r->m->tokens[i].comma)
			return false;
		if (IS_WORD(r, i - 1, nots))
			return true;
		if (!mark_at(r->v, MARK_LEAD, r->m->low + i - 1, 1) &&
		    !mark_at(r->v, MARK_INFINITIVE, r->m->low + i - 1, 1) &&
		    strcmp(r->m->low[i - 1], "point") != 0 &&
		    strcmp(r->m->low[i - 1], "reason") != 0 &&
		    strcmp(r->m->low[i - 1], "sense") != 0 &&
		    strcmp(r->m->low[i - 1], "in") != 0)
			return false;
	}
	return false;
}

bool
frame_is_means(const struct reading *r, size_t to)
{
	static const char *const uses[] = {"use", "run", "call", "try", "take"};

	for (size_t i = to; i > r->s->span.first; i--) {
		if (IS_WORD(r, i - 1, uses))
			return frame_at_head(r, i - 1);
		if (r->m->tokens[i - 1].comma)
			return false;
	}
	return false;
}

bool
frame_is_permitted(const struct reading *r, size_t at)
{
	static const char *const who[] = {"i", "we", "you"};
	static const char *const may[] = {"may", "can", "could", "should"};

	static const char *const asked[] = {"asked", "asks",  "told",
					    "tells", "wants", "wanted"};
	size_t first = r->s->span.first;

	/* "Ben asked me to delete" */
	if (at >= first + 3 && !strcmp(r->m->low[at - 1], "to") &&
	    (!strcmp(r->m->low[at - 2], "me") ||
	     !strcmp(r->m->low[at - 2], "us")))
		return IS_WORD(r, at - 3, asked);
	return at >= first + 2 && !r->m->tokens[at].comma &&
	       IS_WORD(r, at - 1, may) && IS_WORD(r, at - 2, who);
}

bool
frame_is_noun(const struct reading *r, size_t at)
{
	static const char *const words[] = {"removal", "deletion", "erasure",
					    "cleanup"};

	return IS_WORD(r, at, words);
}
