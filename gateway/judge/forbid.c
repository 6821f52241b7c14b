/* SPDX-License-Identifier: Apache-2.0 */
/* Does a boundary go round a deed? */
#include "base/listed.h"
#include "judge/message_work.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include "judge/words_work.h"
#include <string.h>

bool
words_only_local(const struct hearing *h)
{
	const struct vocabulary *v = h->v;
	const struct message *m = h->m;
	size_t n = m->ntokens;
	static const char *const enough[] = {"enough", "sufficient", "plenty"};
	struct span all = {0, n};
	size_t used;

	for (size_t i = all.first; i < n; i++) {
		bool plural;

		used = mark_at(v, MARK_ONLY, m->low + i, n - i);
		if (used && i + used < n &&
		    mark_at(v, MARK_LOCAL, m->low + i + used, n - i - used)) {
			size_t after = i + used + 1;

			/* "x everywhere and y only locally" */
			if (i > 0 && token_is_name(&m->tokens[i - 1]) &&
			    !object_at(h, i - 1, n) &&
			    object_has_mark(h, (struct span){0, i}, MARK_BOTH))
				continue;

			/* "only local branches" says which branches */
			if (after >= n || !noun_at(v, m->low + after, n - after,
						   &used, &plural))
				return true;
		}
		used = mark_at(v, MARK_LOCAL, m->low + i, n - i);
		if (used && i + used < n &&
		    mark_at(v, MARK_ONLY, m->low + i + used, n - i - used))
			return true;
		/* "local is enough" */
		if (used && i + used + 1 < n &&
		    !strcmp(m->low[i + used], "is") &&
		    is_one_of(m->low[i + used + 1], enough, 3))
			return true;
	}
	return false;
}

bool
words_has_rest(const struct hearing *h, struct span s)
{
	static const char *const words[] = {"other", "others", "rest", "else"};

	for (size_t i = s.first; i < s.end; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (!strcmp(h->m->low[i], words[k]))
				return true;
	return false;
}

/* "release/? or whatever Ben has": of a list that is not understood as a whole
 * each part forbids. */
bool
words_any_pattern(const struct hearing *h, struct span s)
{
	const char *why = NULL;

	for (size_t i = s.first; i < s.end; i++) {
		const char *raw = h->m->tokens[i].raw;
		struct span one = {i, i + 1};

		if ((strpbrk(raw, "*?[") || raw[strlen(raw) - 1] == '/') &&
		    set_holds(h->ctx, h->v, h->m, one, h->d, &why) == TRUTH_YES)
			return true;
	}
	return false;
}

/* "never force push main": a name, though it looks like none. */
static bool
names_default(const struct message *m, struct span s)
{
	static const char *const names[] = {"main", "master", "develop",
					    "trunk"};

	for (size_t i = s.first; i < s.end; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			if (!strcmp(m->low[i], names[k]))
				return true;
	return false;
}

/* "leave everything on github alone": nothing but where it is. */
static bool
only_lane(const struct hearing *h, struct span s)
{
	bool remote = false;

	for (size_t i = s.first; i < s.end; i++) {
		if (object_mark(h, MARK_LOCAL, i, s.end))
			return false;
		if (object_mark(h, MARK_REMOTE, i, s.end))
			remote = true;
		else if (!object_mark(h, MARK_STOP, i, s.end) &&
			 !object_mark(h, MARK_ALL, i, s.end))
			return false;
	}
	return remote;
}

/* "the mail service": called by a plain word. */
static bool
is_called_so(const struct hearing *h, struct span s)
{
	size_t used;
	bool plural, light = false;

	for (size_t i = s.first + 1; i < s.end; i++) {
		if (!noun_at(h->v, h->m->low + i, s.end - i, &used, &plural) ||
		    plural)
			continue;
		for (int k = 0; k < MARK_LIGHT_COUNT && !light; k++)
			light = object_mark(h, (enum mark)k, i - 1, i) > 0;
		return !light;
	}
	return false;
}

/* "leave app_prod alone", "nothing in app_prod": not "the orders in app_prod",
 * which may be of another table. */
static bool
is_of_database(const struct hearing *h, struct span s)
{
	static const char *const in[] = {"in", "of", "from", "on"};
	static const char *const all[] = {"anything", "nothing", "everything",
					  "all",      "data",	 "tables"};
	size_t at = object_database(h, s);
	bool within = false;

	if (at == s.end)
		return false;
	for (size_t k = 0; at > s.first && k < sizeof(in) / sizeof(*in); k++)
		within |= !strcmp(h->m->low[at - 1], in[k]);
	if (!within || at < s.first + 2)
		return true;
	for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
		if (!strcmp(h->m->low[at - 2], all[k]))
			return true;
	return false;
}

/* "not #302, which depends on it": of another. */
static bool
tells_of_it(const struct hearing *h, struct span s)
{
	for (size_t i = s.first + 1; i < s.end; i++)
		if (!strcmp(h->m->low[i], "which"))
			return token_span_names(h->m,
						(struct span){s.first, i});
	return false;
}

/* What is left alone is called production's, say, and the deed's object lies
 * elsewhere. */
static bool
is_of_another_tier(const struct hearing *h, const struct statement *t)
{
	return h->d->noun && !strcmp(h->d->noun, "table") && !t->verb &&
	       h->d->tier != TIER_UNKNOWN && object_says_tier(h, t->object) &&
	       !object_tier_fits(h, t);
}

/* Names, nouns, lanes or tiers of the object: does the boundary go round this
 * deed?  Nothing said: everything the verb covers. */
bool
words_forbid(const struct hearing *h, const struct statement *t, bool *vague)
{
	const struct deed *d = h->d;
	struct span o = t->object, whole = {t->sentence, t->object.end};
	struct span own = {t->sentence, t->before.end};
	const char *why = NULL;

	if (!words_cover(h, t))
		return false;
	if (t->except.end > t->except.first && object_mentioned(h, t->except))
		return false;
	/* "leave prod's events as they are" */
	if (is_of_another_tier(h, t))
		return false;
	if (object_mentioned(h, o) || object_partly(h, o))
		return !(d->lane == LANE_LOCAL && object_says_remote(h, t) &&
			 !object_has_mark(h, o, MARK_LOCAL));
	/* "leave it on the remote" */
	if (object_meant(h, t) && !tells_of_it(h, o))
		return (d->lane == LANE_UNKNOWN || object_lane_fits(h, t)) &&
		       (!object_says_tier(h, whole) || object_tier_fits(h, t));
	/* "drop the stash. Actually keep it" */
	if (words_stash_meant(h, t))
		return true;
	/* "main is clean, don't rewrite it": of another */
	if (t->pronoun && names_default(h->m, own) && !object_mentioned(h, own))
		return false;
	/* "leave the others" */
	if (words_has_rest(h, o) && object_mentioned(h, t->before))
		return false;
	/* "other people's branches" */
	if (object_has_mark(h, o, MARK_OTHERS) && !token_span_names(h->m, o)) {
		*vague = d->mine == TRUTH_UNKNOWN;
		return d->mine != TRUTH_YES;
	}
	if (is_of_database(h, o))
		return true;
	if (token_span_names(h->m, o))
		return set_holds(h->ctx, h->v, h->m, o, d, &why) == TRUTH_YES ||
		       words_any_pattern(h, o);
	if (d->noun && !strcmp(d->noun, "branch") && names_default(h->m, o))
		return false;
	if (object_says_tier(h, o))
		return d->tier != TIER_UNKNOWN && object_tier_fits(h, t);
	if (object_has_mark(h, o, MARK_REMOTE) && d->lane == LANE_LOCAL &&
	    !object_has_mark(h, o, MARK_LOCAL))
		return false;
	if (!t->verb && only_lane(h, o))
		return d->lane == LANE_REMOTE;
	if (!t->verb || set_has_noun(h->v, h->m, o)) {
		/* "leave the mail service running" */
		*vague =
		    clause_speaks_of_more(h->v, h->m, o) || is_called_so(h, o);
		return set_names_noun(h->v, h->m, o, d) &&
		       set_holds(h->ctx, h->v, h->m, o, d, &why) != TRUTH_NO;
	}
	*vague = t->verb && clause_speaks_of_more(h->v, h->m, o);
	return true;
}
