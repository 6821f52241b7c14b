/* SPDX-License-Identifier: Apache-2.0 */
/* Is a statement about "it", and does what it is about stand before its verb?
 */
#include "base/listed.h"
#include "judge/message_work.h"
#include "judge/sets.h"
#include <string.h>

#define IS_WORD(r, at, list)                                                   \
	is_one_of((r)->m->low[at], list, sizeof(list) / sizeof(*(list)))

/* "all three", "all of them" */
static bool
is_all_of_them(const struct reading *r, struct span s)
{
	static const char *const words[] = {"two",  "three", "four",
					    "five", "six",   "of"};
	size_t next = s.first + 2;

	/* "drop all" */
	if (s.end == s.first + 1 && !strcmp(r->m->low[s.first], "all"))
		return true;
	if (s.end < s.first + 2 || strcmp(r->m->low[s.first], "all") != 0)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(r->m->low[s.first + 1], words[i]))
			return !strcmp(words[i], "of")
				   ? next < s.end &&
					 mark_at(r->v, MARK_PRONOUN,
						 r->m->low + next, 1)
				   : next == s.end ||
					 r->m->tokens[next].comma ||
					 mark_at(r->v, MARK_GLUE,
						 r->m->low + next, 1);
	return false;
}

/* "cancel the others" */
static bool
says_rest(const struct reading *r, struct span s)
{
	static const char *const words[] = {"others", "rest", "other"};

	for (size_t i = s.first; i < s.end; i++)
		if (is_one_of(r->m->low[i], words, 3))
			return true;
	return false;
}

/* ", overwrite is fine" */
static bool
is_granted(const struct reading *r, const struct statement *t)
{
	static const char *const fine[] = {"fine", "ok",      "okay",
					   "good", "alright", "allowed"};
	size_t at = t->object.first;

	return t->verb && at + 1 < t->object.end && t->before.end < at &&
	       !strcmp(r->m->low[at], "is") && IS_WORD(r, at + 1, fine) &&
	       !clause_has_object(r, (struct span){at + 2, t->object.end});
}

/* "and push again with force": how, not what. */
static bool
only_how(const struct reading *r, const struct statement *t)
{
	size_t n;

	for (size_t i = t->object.first; i < t->object.end; i += n) {
		n = 0;
		for (size_t k = 0; !n && k < t->verb->manner.n; k++)
			n = phrase_at(&t->verb->manner.v[k], r->m->low + i,
				      t->object.end - i);
		if (!n && token_is_name(&r->m->tokens[i]))
			return false;
		if (!n)
			n = mark_at(r->v, MARK_GLUE, r->m->low + i, 1);
		if (!n && clause_has_object(r, (struct span){i, i + 1}))
			return false;
		n += !n;
	}
	return true;
}

static bool
names_before(const struct reading *r, const struct statement *t)
{
	return token_span_names(r->m,
				(struct span){r->s->span.first, t->before.end});
}

/* "publish to npm": where everything goes. */
static bool
only_registry(const struct reading *r, const struct statement *t)
{
	static const char *const to[] = {"to", "on", "the", "our", "new"};
	static const char *const names[] = {
	    "npm",	"npmjs",     "pypi",	"registry", "crates.io",
	    "rubygems", "dockerhub", "ghcr.io", "ghcr",	    "maven"};
	size_t i = t->object.first;

	if (!t->verb || !t->verb->effects[EFFECT_PUBLISH])
		return false;
	/* "npm publish --access public" */
	if (i + 2 == t->object.end && !strncmp(r->m->low[i], "--", 2))
		return true;
	while (i < t->object.end && IS_WORD(r, i, to))
		i++;
	return i > t->object.first && i < t->object.end &&
	       IS_WORD(r, i, names) &&
	       (i + 1 == t->object.end || r->m->tokens[i + 1].comma ||
		mark_at(r->v, MARK_GLUE, r->m->low + i + 1, 1));
}

/* "stop and remove x", where both are deeds: of both */
static void
take_shared(const struct reading *r, size_t at)
{
	struct message *m = r->m;
	struct statement *t = &m->v[at], *next = t + 1;
	size_t i = t->object.first;

	if (at + 1 >= m->n || !t->verb || !next->verb || t->mood != MOOD_ASKS ||
	    next->mood != MOOD_ASKS || t->sentence != next->sentence ||
	    t->object.end != next->before.end ||
	    next->object.first < next->before.end || i + 1 > t->object.end ||
	    (strcmp(m->low[i], "and") != 0 && strcmp(m->low[i], "then") != 0))
		return;
	while (i < t->object.end && mark_at(r->v, MARK_LEAD, m->low + i, 1))
		i++;
	if (i < t->object.end)
		return;
	/* "x is obsolete, stop and remove" */
	if (next->object.first >= next->object.end ||
	    m->tokens[next->object.first].comma)
		t->pronoun = next->pronoun = true;
	t->object = next->object;
}

void
statement_settle(const struct reading *r, size_t at, size_t first)
{
	const struct vocabulary *v = r->v;
	const struct sentence *s = r->s;
	struct message *m = r->m;
	struct statement *t = &m->v[at];

	take_shared(r, at);
	/* "delete and recreate it": of both */
	if (t->verb && t->object.first + 2 < t->object.end &&
	    !strcmp(m->low[t->object.first], "and") &&
	    !token_is_name(&m->tokens[t->object.first + 1]) &&
	    clause_speaks_of_more(
		v, m, (struct span){t->object.first + 1, t->object.first + 2}))
		t->object.first += 2;
	/* "ok that one can go" */
	while (t->verb && t->object.first + 1 < t->object.end &&
	       t->object.first + 1 < t->before.end &&
	       (!strcmp(m->low[t->object.first], "ok") ||
		!strcmp(m->low[t->object.first], "okay") ||
		!strcmp(m->low[t->object.first], "so") ||
		!strcmp(m->low[t->object.first], "then")))
		t->object.first++;
	for (size_t k = t->object.first; k < t->object.end; k++)
		t->pronoun |= mark_at(v, MARK_PRONOUN, m->low + k, 1) &&
			      (k + 1 == t->object.end || k == t->object.first);
	t->pronoun |= is_all_of_them(r, t->object);
	t->pronoun |= is_granted(r, t) || only_registry(r, t);
	t->pronoun |= t->verb && clause_object_leads(r, t->before.end) &&
		      clause_only_where(r, t->object);
	/* "force it" is a verb as a whole */
	t->pronoun |= t->verb && t->verb->elliptic &&
		      t->object.first > t->before.end &&
		      (token_is_name(&m->tokens[s->span.first]) ||
		       t->before.end == s->span.first) &&
		      mark_at(v, MARK_PRONOUN, m->low + t->object.first - 1, 1);
	clause_cut_except(r, t);
	clause_manner(r, t);
	/* "a and b: delete" */
	if (t->verb && at == first && s->context < s->span.first &&
	    t->before.end == s->span.first &&
	    t->object.first == t->object.end &&
	    clause_is_list(v, m, (struct span){s->context, s->span.first}) &&
	    token_span_names(m, (struct span){s->context, s->span.first})) {
		t->object = (struct span){s->context, s->span.first};
		return;
	}
	/* "x: delete on the remote" */
	t->pronoun |= t->verb && at == first && s->context < s->span.first &&
		      t->before.end == s->span.first &&
		      clause_only_where(r, t->object);
	t->pronoun |= t->verb && t->verb->elliptic &&
		      (at > first || names_before(r, t)) && only_how(r, t);
	t->pronoun |= clause_is_that_one(r, t);
	/* "everything but x": of what was spoken of */
	t->pronoun |= t->verb && t->except.first < t->except.end &&
		      t->object.end == t->object.first + 1 &&
		      mark_at(v, MARK_ALL, m->low + t->object.first, 1);
	/* "the one on the remote" */
	t->pronoun |=
	    t->object.first + 2 < t->object.end &&
	    !strcmp(m->low[t->object.first], "the") &&
	    !strcmp(m->low[t->object.first + 1], "one") &&
	    clause_only_where(r, (struct span){t->object.first + 2,
					       t->object.first < t->before.end
						   ? t->before.end
						   : t->object.end});
	/* "x is obsolete. Please delete." */
	t->pronoun |=
	    t->verb && at == first && t->object.first == t->object.end &&
	    clause_is_list(v, m, (struct span){s->span.first, t->before.end});
	if (t->verb && !t->pronoun && !clause_has_object(r, t->object) &&
	    !says_rest(r, t->object) && t->before.end > s->span.first &&
	    at == first)
		t->object = (struct span){s->span.first, t->before.end};
}
