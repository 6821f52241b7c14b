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

size_t
reading_mark(const struct reading *r, enum mark m, size_t at)
{
	size_t n = mark_at(r->v, m, r->m->low + at, r->end - at);

	/* "just this once, I told them" */
	for (size_t i = 1; m == MARK_RESERVE && i < n; i++)
		if (r->m->tokens[at + i].comma)
			return 0;
	return n;
}

bool
reading_after(const struct reading *r, enum mark m, size_t at)
{
	for (size_t back = 1; back <= 6 && at >= r->s->span.first + back;
	     back++)
		if (mark_at(r->v, m, r->m->low + at - back, back) == back)
			return true;
	return false;
}

bool
reading_has(const struct reading *r, enum mark m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (mark_at(r->v, m, r->m->low + i, to - i))
			return true;
	return false;
}

void
reading_close(struct reading *r, size_t at)
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

struct statement *
reading_open(struct reading *r, const struct verb *verb, enum mood mood,
	     size_t from, size_t object)
{
	struct message *m = r->m;

	reading_close(r, from);
	m->v =
	    talloc_realloc(r->ctx, m->v, struct statement, (unsigned)m->n + 1);
	if (!m->v)
		BUG("out of memory");
	m->v[m->n] = (struct statement){.verb = verb,
					.mood = mood,
					.object = {object, object},
					.before = {0, from},
					.sentence = r->s->context,
					.quote = r->s->quote};
	r->opened = m->n;
	r->open = &m->v[m->n++];
	return r->open;
}

/* What stands before a passive: "all but x can be deleted". */
static void
take_subject(struct reading *r, size_t at)
{
	static const char *const wish[] = {"want", "like", "need", "have",
					   "see",  "get",  "give"};
	size_t first = clause_subject(r, at), n;

	/* "make sure x is" */
	if (r->ensures && first < r->ensured && r->ensured < at)
		first = r->ensured;

	for (size_t i = first; i + 1 < at; i++)
		for (size_t k = 0; k < sizeof(wish) / sizeof(*wish); k++)
			if (!strcmp(r->m->low[i], wish[k]) &&
			    strcmp(r->m->low[i + 1], "to") != 0 &&
			    !mark_at(r->v, MARK_PASSIVE, r->m->low + i + 1, 1))
				first = i + 1;
	r->open->object.first = first;
	/* "don't touch x, y can go" */
	if (r->opened > 0 && r->m->v[r->opened - 1].object.first < first &&
	    r->m->v[r->opened - 1].object.end > first)
		r->m->v[r->opened - 1].object.end = first;
	for (size_t i = first; i < at; i++) {
		n = mark_at(r->v, MARK_EXCEPT, r->m->low + i, at - i);
		if (!n && !strcmp(r->m->low[i], "but") &&
		    reading_has(r, MARK_ALL, first, i))
			n = 1;
		if (!n)
			continue;
		r->open->except = (struct span){i + n, at};
		/* "everything except": a mark of two words */
		r->open->object.end =
		    mark_at(r->v, MARK_ALL, r->m->low + i, 1) ? i + 1 : i;
		/* "all but x of my branches": what it is all of */
		for (size_t k = i + n; k + 1 < at; k++)
			if (!strcmp(r->m->low[k], "of")) {
				r->open->except.end = k;
				r->open->object = (struct span){k + 1, at};
				break;
			}
		r->open = NULL;
		return;
	}
}

/* "x is safe to delete", "we decided to delete x": as yet it asks for nothing.
 */
static void
take_proposal(struct reading *r, const struct verb *verb, size_t at,
	      size_t used)
{
	const char *low = r->m->low[r->clause];

	reading_open(r, verb, MOOD_TELLS, at, at + used);
	r->m->v[r->opened].proposed = true;
	if (strcmp(low, "we") != 0 && strcmp(low, "we've") != 0 &&
	    strcmp(low, "you") != 0 && strcmp(low, "the") != 0)
		take_subject(r, at);
	r->verb_ended = at + used;
}

static size_t
take_verb(struct reading *r, const struct verb *verb, size_t used,
	  enum form form)
{
	size_t at = r->at, clause = r->clause;
	bool given = false;
	enum mood mood;

	mood_comma_ends_negation(r, at);
	mood_comma_ends_report(r, at);
	/* "branches that have not been touched": of the object */
	if (form == FORM_PAST && r->open && at > clause &&
	    !strcmp(r->m->low[at - 1], "been"))
		return used;
	if (clause_is_nominal(r, at, used, &form, &given))
		; /* "needs a restart" */
	else if (mood_is_no_verb(r, at, used, form))
		return 1;
	mood = mood_of_verb(r, at, form);
	r->neutral = false;
	if (frame_is_proposed(r, at, form)) {
		take_proposal(r, verb, at, used);
		return used;
	}
	if (mood == MOOD_TELLS && form != FORM_BASE)
		return used; /* "branches merged into main": of the object */
	reading_open(r, verb, mood, at, at + used);
	/* "Ben said I may drop x": a "do that" asks for it */
	r->open->proposed = mood == MOOD_TELLS && form == FORM_BASE &&
			    !r->s->question && !r->negated &&
			    frame_is_permitted(r, at);
	if (mood == MOOD_ASKS)
		r->open->condition = r->lead;
	if ((form == FORM_PAST && !frame_is_granted(r, at, form)) || given ||
	    (form == FORM_BASE && clause_is_topic(r, at, used)) ||
	    (form == FORM_ING && frame_needs(r, at)))
		take_subject(r, at);
	/* "all *.tmp please delete, the *.part are in use" */
	if (r->open && !given && form == FORM_BASE &&
	    r->open->object.first < at &&
	    reading_has(r, MARK_AUXILIARY, at + used, r->end))
		reading_close(r, at);
	/* "give x a restart and y a look" */
	if (given && at + used < r->end && !strcmp(r->m->low[at + used], "and"))
		reading_close(r, at);
	r->verb_ended = at + used;
	return used;
}

/* "x can go" */
static size_t
take_gone(struct reading *r)
{
	const struct verb *verb = verb_called(r->v, "delete");
	size_t n = clause_gone(r), at = r->at;
	enum mood mood = MOOD_ASKS;

	if (!n || !verb || r->s->question)
		return 0;
	mood_comma_ends_report(r, clause_subject(r, at));
	if (r->subordinate || r->neutral || r->meta || clause_hedges(r, at))
		mood = MOOD_TELLS;
	reading_open(r, verb, mood, at, at + n);
	take_subject(r, at);
	r->neutral = false;
	r->verb_ended = at + n;
	return n;
}

/* "throw it away" */
static const struct verb *
split_here(const struct reading *r, enum form *form)
{
	size_t particle;
	const struct verb *verb = split_verb_at(
	    r->v, r->m->low + r->at, r->end - r->at, &particle, form);

	if (!verb)
		return NULL;
	for (size_t i = r->at + 1; i <= r->at + particle; i++)
		if (r->m->tokens[i].comma)
			return NULL;
	return verb;
}

static size_t
take_split_verb(struct reading *r)
{
	enum form form;
	const struct verb *verb = split_here(r, &form);

	return verb ? take_verb(r, verb, 1, form) : 0;
}

/* "put x in the bin" is no "put". */
static bool
is_longer(const struct reading *r, const struct verb *verb)
{
	enum form form;
	const struct verb *longer = split_here(r, &form);

	return longer && longer != verb;
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
		n = reading_mark(r, order[i], r->at);
		if (n > used) {
			used = n;
			*best = order[i];
		}
	}
	return used;
}

static void
take_mark(struct reading *r, enum mark best, size_t used)
{
	switch (best) {
	case MARK_YET:
		/* "x was a mistake, feel free to drop it" */
		mood_comma_ends_report(r, r->at);
		r->negated = false;
		break;
	case MARK_META:
		if (clause_is_adjective(r, used))
			break;
		reading_close(r, r->at);
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
			reading_close(r, r->at);
		} else if (r->m->n && used > 2 &&
			   r->m->v[r->m->n - 1].sentence == r->s->context) {
			/* "x can go, but let me ask Ben" */
			r->m->v[r->m->n - 1].reserved = true;
		}
		r->subordinate = true;
		break;
	case MARK_NEUTRAL:
		r->neutral = true;
		r->neutral_at = r->at;
		break;
	case MARK_NOT:
		if ((r->open && clause_says_which(r, used)) ||
		    clause_not_needed(r, used))
			break;
		/* "discard nothing" */
		if (r->open && r->verb_ended == r->at &&
		    !r->m->tokens[r->at].comma &&
		    r->m->v[r->opened].mood == MOOD_ASKS) {
			r->m->v[r->opened].mood = MOOD_FORBIDS;
			break;
		}
		r->negated = true;
		r->negated_end = r->at + used;
		if (r->open)
			reading_close(r, r->at);
		break;
	case MARK_BUT:
		/* "everything but x can go": take_subject() */
		if (!r->open && !r->verb_ended &&
		    reading_has(r, MARK_ALL, r->clause, r->at))
			break;
		/* "all stashes but the newest" */
		if (r->open && clause_excepts(r, used)) {
			take_mark(r, MARK_EXCEPT, used);
			break;
		}
		if (clause_narrows(r, used))
			break;
		reading_close(r, r->at);
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

/* "Explain it, then delete x" */
static bool
ends_meta(const struct reading *r)
{
	return r->m->tokens[r->at].comma || !strcmp(r->m->low[r->at], "and") ||
	       !strcmp(r->m->low[r->at], "then");
}

static bool
is_wish(const struct reading *r)
{
	static const char *const who[] = {"i", "we", "i'd", "we'd"};
	static const char *const wish[] = {"want", "need", "like", "prefer"};
	bool mine = false;

	for (size_t i = 0; i < sizeof(who) / sizeof(*who); i++)
		mine |= !strcmp(r->m->low[r->at], who[i]);
	for (size_t i = 0; mine && r->at + 1 < r->end && i < 4; i++)
		if (!strcmp(r->m->low[r->at + 1], wish[i]))
			return true;
	return false;
}

/* What a comma or an "and" ends. */
static void
take_turn(struct reading *r)
{
	bool comma = r->m->tokens[r->at].comma;

	if (comma && r->subordinate) {
		r->subordinate = false;
		r->clause = r->at;
	}
	if (comma || !strcmp(r->m->low[r->at], "then"))
		r->aside = false;
	if (comma || !strcmp(r->m->low[r->at], "and"))
		r->ensures = false;
	/* "x got merged, so it can go" */
	if (!strcmp(r->m->low[r->at], "so") && r->at + 1 < r->end &&
	    (comma || mark_at(r->v, MARK_PRONOUN, r->m->low + r->at + 1, 1)))
		r->clause = r->at + 1;
	/* "x was a mistake, I want it gone" */
	if (r->negated && r->verb_ended > r->negated_end &&
	    clause_leads_rest(r, r->at))
		r->negated = false;
	if (comma && r->neutral && is_wish(r))
		r->neutral = false;
	if (frame_ends_told(r)) {
		r->negated = r->neutral = false;
		reading_close(r, r->at);
	}
	if (ends_meta(r))
		r->meta = false;
}

/* "delete x, I need room", "delete x if it is merged" */
static void
take_aside(struct reading *r)
{
	bool aside = reading_mark(r, MARK_ASIDE, r->at) > 0;
	size_t i = r->at;

	if (clause_ends_object(r)) {
		reading_close(r, r->at);
		while (i < r->end && (i == r->at || !r->m->tokens[i].comma))
			i++;
		if (aside)
			r->m->v[r->opened].condition = (struct span){r->at, i};
	} else if (aside && !r->open) {
		while (i < r->end && (i == r->at || !r->m->tokens[i].comma))
			i++;
		r->lead = (struct span){r->at, i};
	}
	r->aside |= aside;
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

	r.request = reading_has(&r, MARK_REQUEST, r.at, r.end);
	r.neutral_at = r.at;
	r.spoken = frame_is_spoken(&r);
	r.neutral = !r.request && reading_mark(&r, MARK_INQUIRY, r.at) > 0;
	while (r.at < r.end) {
		const struct verb *verb;
		enum mark turning = MARK_COUNT;
		enum form form;
		size_t used, n;

		take_turn(&r);
		n = frame_take(&r);
		if (n) {
			r.at += n;
			continue;
		}
		n = turning_mark(&r, &turning);
		if (turning != MARK_RESERVE)
			take_aside(&r);
		verb = verb_at(v, m->low + r.at, r.end - r.at, &used, &form);
		if (verb && used == 1 && is_longer(&r, verb))
			verb = NULL;
		if (verb && verb_wins(&r, used, n))
			n = take_verb(&r, verb, used, form);
		else if ((used = take_gone(&r)) ||
			 (!verb && (used = take_split_verb(&r))))
			n = used;
		else
			take_mark(&r, turning, n);
		r.at += n ? n : 1;
	}
	reading_close(&r, r.end);
	for (size_t i = first; i < m->n; i++)
		m->v[i].reserved |= clause_on_consent(&r);
	for (size_t i = first; i < m->n; i++)
		clause_cut_object(&r, &m->v[i]);
	for (size_t i = first; i < m->n; i++)
		if (m->v[i].mood == MOOD_ASKS &&
		    (clause_reports(&r, m->v[i].object) ||
		     clause_waits(&r, &m->v[i]) ||
		     clause_is_rehearsed(&r, &m->v[i])))
			m->v[i].mood = MOOD_TELLS;
	clause_boundaries(&r);
	clause_negated_names(&r);
	clause_elliptic(&r);
	for (size_t i = first; i < m->n; i++)
		statement_settle(&r, i, first);
}
