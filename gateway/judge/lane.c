/* SPDX-License-Identifier: Apache-2.0 */
/* Here or elsewhere, production or not, of which repository. */
#include "base/listed.h"
#include "base/path.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

static bool
has_word(const struct message *m, struct span s, const char *word)
{
	for (size_t i = s.first; word && i < s.end; i++)
		if (!strcmp(m->tokens[i].raw, word))
			return true;
	return false;
}

/* "on prod's replica": something of production's that is not the object. */
static bool
is_of_its(const struct hearing *h, size_t at)
{
	const struct message *m = h->m;
	size_t next = at + 1, used;
	bool plural;

	return next < m->ntokens && !m->tokens[next].comma &&
	       !m->tokens[next].begins && !token_is_name(&m->tokens[next]) &&
	       (next + 1 == m->ntokens || m->tokens[next + 1].comma ||
		m->tokens[next + 1].begins) &&
	       !object_at(h, next, next + 1) &&
	       !noun_at(h->v, m->low + next, 1, &used, &plural);
}

/* "where status = 'test'": what a column holds is no place. */
static bool
is_value(const struct hearing *h, size_t at)
{
	static const char *const equal[] = {"=", "==", "!=", "<>", "like"};

	return at > 0 && is_one_of(h->m->low[at - 1], equal, 5);
}

/* "production", "production's" */
static bool
says_mark(const struct hearing *h, struct span s, enum mark mark)
{
	char word[64];
	const char *low = word;
	size_t n;

	for (size_t i = s.first; i < s.end; i++) {
		if (object_mark(h, mark, i, s.end) && !is_value(h, i))
			return true;
		n = strlen(h->m->low[i]);
		if (n < 3 || n >= sizeof(word) ||
		    strcmp(h->m->low[i] + n - 2, "'s") != 0)
			continue;
		memcpy(word, h->m->low[i], n - 2);
		word[n - 2] = '\0';
		if (mark_at(h->v, mark, &low, 1) && !is_of_its(h, i))
			return true;
	}
	return false;
}

/* "drop x from the server, the local one can stay": the one that stays is none
 * of what is acted on. */
static struct span
without_kept(const struct hearing *h, struct span s)
{
	for (size_t i = s.first + 1; i < s.end; i++) {
		struct span rest = {i, i + 1};

		if (!h->m->tokens[i].comma)
			continue;
		while (rest.end < s.end && !h->m->tokens[rest.end].comma)
			rest.end++;
		if (object_has_mark(h, rest, MARK_ALONE) &&
		    !token_span_names(h->m, rest))
			s.end = i;
	}
	return s;
}

/* "replace x with what I have locally": where that comes from is not where x
 * is. */
static struct span
without_source(const struct hearing *h, const struct statement *t)
{
	struct span s = without_kept(h, t->object);

	if (!t->verb || h->d->kind != EFFECT_REF_OVERWRITE)
		return s;
	for (size_t i = s.first; i < s.end; i++)
		if (!strcmp(h->m->low[i], "with") ||
		    !strcmp(h->m->low[i], "by"))
			s.end = i;
	return s;
}

/* With the verb's own words: "git push origin --delete x" */
static struct span
with_verb(const struct statement *t)
{
	struct span s = t->object;

	if (t->before.end < s.first)
		s.first = t->before.end;
	return s;
}

bool
object_says_remote(const struct hearing *h, const struct statement *t)
{
	struct span s = without_kept(h, with_verb(t));

	return object_has_mark(h, s, MARK_REMOTE) ||
	       object_has_mark(h, s, MARK_BOTH) ||
	       (h->d->remote && (has_word(h->m, s, h->d->remote) ||
				 has_word(h->m, s, h->d->object)));
}

/* "upstream" is said where "origin" would be. */
static bool
says_other_remote(const struct hearing *h, struct span s)
{
	static const char *const names[] = {"origin", "upstream", "fork"};
	static const char *const before[] = {"on", "from", "to", "at", "push"};

	if (!h->d->remote || has_word(h->m, s, h->d->remote))
		return false;
	/* "the branch upstream" is none, "on upstream" is */
	for (size_t i = s.first + 1; i < s.end; i++)
		for (size_t k = 0; k < 3; k++)
			for (size_t b = 0; b < 5; b++)
				if (!strcmp(names[k], h->m->low[i]) &&
				    !strcmp(before[b], h->m->low[i - 1]) &&
				    strcmp(names[k], h->d->remote) != 0)
					return true;
	return false;
}

/* Where others' work is overwritten or deleted, "upstream" has to be said. */
static bool
is_upstream(const struct hearing *h)
{
	const struct deed *d = h->d;
	struct span all = {0, h->m->ntokens};

	return d->remote && !strcmp(d->remote, "upstream") &&
	       (d->kind == EFFECT_REF_OVERWRITE ||
		d->kind == EFFECT_REF_DELETE) &&
	       !has_word(h->m, all, d->remote) &&
	       !has_word(h->m, all, d->object);
}

static bool
is_ref(const struct deed *d)
{
	return d->kind == EFFECT_REF_CREATE || d->kind == EFFECT_REF_MOVE ||
	       d->kind == EFFECT_REF_DELETE || d->kind == EFFECT_REF_OVERWRITE;
}

/* "..., but locally you may drop x": the clause before the verb, from its
 * last comma on, has a lane and no name. */
static void
leads_lane(const struct hearing *h, const struct statement *t, bool *remote,
	   bool *local)
{
	struct span s = {t->before.end, t->before.end};

	if (t->object.first < t->before.end)
		return;
	while (s.first > t->sentence && s.end - s.first < 6) {
		s.first--;
		if (h->m->tokens[s.first].comma ||
		    !strcmp(h->m->low[s.first], "and") ||
		    !strcmp(h->m->low[s.first], "but"))
			break;
	}
	if (token_span_names(h->m, s))
		return;
	*remote = object_has_mark(h, s, MARK_REMOTE);
	*local = object_has_mark(h, s, MARK_LOCAL);
}

/* "git branch -D x" */
static bool
is_local_command(const struct hearing *h, const struct statement *t)
{
	static const char *const kinds[] = {"branch", "tag"};
	size_t at = t->before.end;

	return at + 1 < t->object.first && !strcmp(h->m->low[at], "git") &&
	       is_one_of(h->m->low[at + 1], kinds, 2);
}

/* A remote object has to be said to be one, if there is the same here. */
bool
object_lane_fits(const struct hearing *h, const struct statement *t)
{
	const struct deed *d = h->d;
	bool remote = object_says_remote(h, t) || (t->verb && t->verb->remote);
	bool local = object_has_mark(h, without_source(h, t), MARK_LOCAL);
	/* "the remote branch x is done, delete it", "on github, delete x" */
	struct span own = {t->sentence, t->before.end};
	bool leads = own.end > own.first && own.end <= own.first + 6 &&
		     !token_span_names(h->m, own);

	if ((t->pronoun || leads) && !remote && !local) {
		remote = says_mark(h, own, MARK_REMOTE);
		local = says_mark(h, own, MARK_LOCAL);
	}
	/* "x is on origin. remove it there" */
	if (!remote && !local && has_word(h->m, t->object, "there")) {
		remote = says_mark(h, t->before, MARK_REMOTE);
		local = says_mark(h, t->before, MARK_LOCAL);
	}
	if (!remote && !local)
		leads_lane(h, t, &remote, &local);
	if (!remote && !local)
		local = is_local_command(h, t);
	if (d->kind == EFFECT_STASH_DROP)
		return true;
	if (is_upstream(h) || says_other_remote(h, with_verb(t)) ||
	    (t->pronoun && says_other_remote(h, own)))
		return false;
	if (object_has_mark(h, t->object, MARK_BOTH))
		return true;
	if (d->lane == LANE_LOCAL)
		return !remote || local;
	if (d->lane == LANE_REMOTE)
		return remote || (!local && !d->has_local &&
				  !(is_ref(d) && t->verb && t->verb->here));
	return true;
}

/* What is production or staging has to be called so, or by its full name. */
static bool
part_says_tier(const struct hearing *h, struct span s)
{
	const struct deed *d = h->d;

	for (size_t i = s.first; i < s.end; i++) {
		const struct token *t = &h->m->tokens[i];

		if (strstr(t->low, "'s") && is_of_its(h, i))
			continue;
		if (d->tier == TIER_PRODUCTION
			? strstr(t->low, "prod") || strstr(t->low, "live")
			: strstr(t->low, "stag") || strstr(t->low, "stg"))
			return true;
		if (d->object && (!strcmp(t->raw, d->object) ||
				  (strstr(d->object, t->raw) &&
				   strlen(t->raw) > 5 && strchr(t->raw, '.'))))
			return true;
	}
	return false;
}

size_t
object_database(const struct hearing *h, struct span s)
{
	const char *object = h->d->object;
	const char *slash = object ? strrchr(object, '/') : NULL;
	size_t n = slash ? (size_t)(slash - object) : 0;

	if (!n || !h->d->noun || strcmp(h->d->noun, "table") != 0)
		return s.end;
	for (size_t i = s.first; i < s.end; i++)
		if (strlen(h->m->tokens[i].raw) == n &&
		    !strncmp(h->m->tokens[i].raw, object, n))
			return i;
	return s.end;
}

struct tiers {
	bool production, staging, development;
};

static struct tiers
tiers_in(const struct hearing *h, struct span s)
{
	return (struct tiers){says_mark(h, s, MARK_PRODUCTION),
			      says_mark(h, s, MARK_STAGING),
			      says_mark(h, s, MARK_DEVELOPMENT)};
}

bool
object_says_tier(const struct hearing *h, struct span s)
{
	struct tiers t = tiers_in(h, s);

	return t.production || t.staging || t.development;
}

/* "from staging remove x, in dev too" */
static bool
tier_is_added(const struct hearing *h, struct span s)
{
	static const char *const too[] = {"too", "also"};

	for (size_t i = s.first; i + 1 < s.end; i++)
		for (size_t k = 0; k < 2; k++)
			if (object_says_tier(h, (struct span){i, i + 1}) &&
			    (!strcmp(h->m->low[i + 1], too[k]) ||
			     (i > s.first + 1 &&
			      !strcmp(h->m->low[i - 2], too[k])) ||
			     (i + 2 < s.end &&
			      !strcmp(h->m->low[i + 1], "as") &&
			      !strcmp(h->m->low[i + 2], "well"))))
				return true;
	return false;
}

/* "Which tables does staging have?": of no other. */
static bool
one_tier(const struct hearing *h)
{
	struct tiers said = tiers_in(h, (struct span){0, h->m->ntokens});

	return said.production + said.staging + said.development == 1;
}

bool
object_tier_fits(const struct hearing *h, const struct statement *t)
{
	const struct deed *d = h->d;
	struct span sentence = {t->sentence < t->object.first ? t->sentence
							      : t->object.first,
				t->object.end};
	struct tiers said = tiers_in(h, t->object);
	bool here = object_says_tier(h, t->object);
	struct hearing before = *h;

	before.m = h->before;
	/* "staging is free again. truncate events there" */
	if (has_word(h->m, t->object, "there"))
		sentence.first = 0;
	if (!here || tier_is_added(h, t->object))
		said = tiers_in(h, sentence);
	/* "on staging x fails. drop it": where the message speaks of one only
	 */
	if (!here && !(said.production + said.staging + said.development) &&
	    (t->pronoun || d->tier != TIER_PRODUCTION)) {
		sentence = (struct span){0, t->object.end};
		said = tiers_in(h, sentence);
		if (said.production + said.staging + said.development > 1)
			return false;
	}
	/* "truncate a on staging": "and b" */
	if (!here && t->goes_on && before.m && one_tier(&before) &&
	    !(said.production + said.staging + said.development))
		said = tiers_in(&before, (struct span){0, before.m->ntokens});
	if (!here && said.production + said.staging + said.development > 1)
		return d->tier == TIER_DEVELOPMENT || d->tier == TIER_UNKNOWN ||
		       part_says_tier(h, t->object);
	if (!said.production && !said.staging && !said.development)
		return is_ref(d) ||
		       (before.m && before.m->question &&
			d->tier != TIER_PRODUCTION && one_tier(&before) &&
			part_says_tier(&before,
				       (struct span){0, before.m->ntokens})) ||
		       (t->pronoun &&
			(part_says_tier(h, (struct span){0, t->before.end}) ||
			 (before.m &&
			  part_says_tier(
			      &before,
			      (struct span){0, before.m->ntokens})))) ||
		       (d->tier != TIER_PRODUCTION &&
			d->tier != TIER_STAGING) ||
		       part_says_tier(h, t->object) ||
		       object_database(
			   h, (struct span){t->sentence, t->object.end}) <
			   t->object.end;
	return (d->tier == TIER_PRODUCTION && said.production) ||
	       (d->tier == TIER_STAGING && said.staging) ||
	       (d->tier == TIER_DEVELOPMENT && said.development) ||
	       (d->tier == TIER_UNKNOWN && (!said.production || is_ref(d)));
}

/* "node_modules in /srv/a and /srv/b": of the folders that are said to be the
 * place one holds it. */
static bool
lies_there(const struct hearing *h, struct span s)
{
	bool said = false, there = false, place = false;

	for (size_t i = s.first; i < s.end; i++) {
		const char *raw = h->m->tokens[i].raw;

		if (strchr("/~", *raw) && raw[1]) {
			if (!place)
				continue;
			said = true;
			there |= path_is_under(h->d->text, raw) ||
				 strpbrk(raw, "*?[~") != NULL ||
				 raw[strlen(raw) - 1] == '/';
		} else if (!object_joint(h->m, i)) {
			place = object_mark(h, MARK_PLACE, i, s.end) > 0 ||
				(place && !token_is_name(&h->m->tokens[i]));
		}
	}
	return there || !said;
}

/* "issue 7 of acme/gears" is not the one of acme/widgets; "release 7" no
 * issue. */
bool
object_place_fits(const struct hearing *h, struct span s)
{
	const struct deed *d = h->d;

	if (d->text && *d->text == '/' && !has_word(h->m, s, d->text) &&
	    !lies_there(h, s))
		return false;
	if (!d->place)
		return true;
	for (size_t i = s.first; i < s.end; i++) {
		const char *raw = h->m->tokens[i].raw;
		const char *slash = strchr(raw, '/');
		struct span one = {i, i + 1};

		if (slash && slash > raw && slash[1] && !strpbrk(raw, "*?") &&
		    !strchr(slash + 1, '/') && strcmp(raw, d->place) != 0 &&
		    !object_mentioned(h, one))
			return false;
	}
	return !d->noun || !set_has_noun(h->v, h->m, s) ||
	       set_names_noun(h->v, h->m, s, d);
}
