/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a name and makes it a part of something else: x is
 * removed "from the list", "as a dependency", "on Ben's machine".
 */
#include "base/path.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

static bool
is_word(const struct hearing *h, size_t at, size_t end, const char *const *list,
	size_t n)
{
	for (size_t i = 0; at < end && i < n; i++)
		if (!strcmp(h->m->low[at], list[i]))
			return true;
	return false;
}

#define IS_WORD(h, at, end, list)                                              \
	is_word(h, at, end, list, sizeof(list) / sizeof(*(list)))

/* Up to the next comma, name behind it, or "and". */
static size_t
phrase_end(const struct hearing *h, size_t at, size_t end)
{
	size_t i = at;

	while (i < end && !h->m->tokens[i].comma && !object_joint(h->m, i) &&
	       !object_mark(h, MARK_ASIDE, i, end))
		i++;
	return i;
}

/* "from disk", "from the remote", "from /srv": where things lie. */
static bool
is_container(const struct hearing *h, size_t at, size_t end)
{
	static const enum mark marks[] = {MARK_REMOTE,	    MARK_LOCAL,
					  MARK_PRODUCTION,  MARK_STAGING,
					  MARK_DEVELOPMENT, MARK_CONTAINER};
	static const char *const times[] = {"now",   "last",	"yesterday",
					    "today", "earlier", "before",
					    "there", "history", "everywhere"};
	static const char *const nouns[] = {
	    "repository", "host",     "remote", "database",
	    "directory",  "worktree", "object", "project"};
	static const char *const owners[] = {"repo's", "repository's",
					     "project's", "github's"};
	const struct noun *noun;
	size_t used;
	bool plural;

	for (size_t i = at; i < end; i++) {
		const char *raw = h->m->tokens[i].raw;

		for (size_t k = 0; k < sizeof(marks) / sizeof(*marks); k++)
			if (object_mark(h, marks[k], i, end))
				return true;
		/* "the repo's secrets" */
		if (IS_WORD(h, i, end, owners))
			return true;
		if (IS_WORD(h, i, end, times) ||
		    (h->d->remote && !strcmp(raw, h->d->remote)) ||
		    strchr("/~.", *raw) || strchr(raw, '/'))
			return true;
		noun = noun_at(h->v, h->m->low + i, end - i, &used, &plural);
		for (size_t k = 0; noun && k < sizeof(nouns) / sizeof(*nouns);
		     k++)
			if (!strcmp(noun->name, nouns[k]))
				return true;
	}
	return false;
}

/* "as it is old", "as agreed"; not "as a dependency". */
static bool
is_reason(const struct hearing *h, size_t at, size_t end)
{
	static const char *const words[] = {
	    "well",	 "it",	 "they",   "we",	"i",	   "he",
	    "she",	 "you",	 "nobody", "no",	"there",   "that",
	    "this",	 "soon", "agreed", "discussed", "planned", "requested",
	    "usual",	 "part", "before", "promised",	"said",	   "asked",
	    "mentioned", "fast", "quickly"};

	if (IS_WORD(h, at, end, words))
		return true;
	for (size_t i = at; i < end && !h->m->tokens[i].comma; i++)
		if (object_mark(h, MARK_AUXILIARY, i, end) ||
		    !strcmp(h->m->low[i], "was"))
			return true;
	return false;
}

/* "on Ben's machine": names end in "'s", and are neither known words nor the
 * object's. */
static bool
is_somebodys(const struct hearing *h, size_t at, size_t end)
{
	static const char *const things[] = {
	    "machine", "laptop",   "computer", "box",  "fork",	 "clone",
	    "copy",    "checkout", "account",  "home", "server", "version"};
	const char *low = h->m->low[at];
	size_t n = strlen(low);

	return n > 3 && !strcmp(low + n - 2, "'s") &&
	       IS_WORD(h, at + 1, end, things) &&
	       !object_mark(h, MARK_SPEAKER, at, end) &&
	       !token_is_name(&h->m->tokens[at]);
}

static bool
is_kind(const struct deed *d)
{
	switch (d->kind) {
	case EFFECT_REF_DELETE:
	case EFFECT_FILE_DELETE:
	case EFFECT_TREE_DELETE:
	case EFFECT_RESOURCE_DELETE:
		return true;
	default:
		return false;
	}
}

bool
object_is_beside(const struct hearing *h, const struct statement *t)
{
	struct span o = t->object;
	size_t n, next, end;

	/* "recreate x from the new image" */
	if (!is_kind(h->d) || (t->verb && !strcmp(t->verb->name, "recreate")))
		return false;
	for (size_t i = o.first; i < o.end; i++)
		if (is_somebodys(h, i, o.end))
			return true;
	for (size_t i = o.first; i < o.end; i += n ? n : 1) {
		n = object_at(h, i, o.end);
		next = i + n;
		if (!n || next >= o.end || h->m->tokens[next].comma)
			continue;
		/* "x branch from the list" */
		if (next + 1 < o.end && !h->m->tokens[next + 1].comma &&
		    set_names_noun(h->v, h->m, (struct span){next, next + 1},
				   h->d))
			next++;
		end = phrase_end(h, next + 1, o.end);
		if ((!strcmp(h->m->low[next], "from") ||
		     !strcmp(h->m->low[next], "off")) &&
		    next + 1 < end)
			return !is_container(h, next + 1, end);
		if (!strcmp(h->m->low[next], "as") && next + 1 < o.end)
			return !is_reason(h, next + 1, o.end);
		/* "drop x a line" */
		if (!strcmp(h->m->low[next], "a") ||
		    !strcmp(h->m->low[next], "an"))
			return true;
	}
	return false;
}

bool
object_partly(const struct hearing *h, struct span s)
{
	const char *base = h->d->text ? path_base(h->d->text) : NULL;

	while (s.first < s.end &&
	       object_mark(h, MARK_DETERMINER, s.first, s.end) == 1)
		s.first++;
	while (s.end > s.first && object_mark(h, MARK_GLUE, s.end - 1, s.end))
		s.end--;
	if (!base || strchr(base, ':') || s.end != s.first + 1)
		return false;
	return !strcmp(h->m->tokens[s.first].raw, base);
}

bool
object_only_target(const struct hearing *h, struct span s)
{
	for (size_t i = s.first; i < s.end; i++) {
		if (!token_is_name(&h->m->tokens[i]))
			continue;
		/* "git reset --hard HEAD~1" */
		if (!h->d->object && i > 0 &&
		    (!strcmp(h->m->low[i - 1], "--hard") ||
		     (i > s.first && !strcmp(h->m->low[i - 1], "to"))))
			continue;
		return false;
	}
	return true;
}

/* Nothing but "the dev database", and which one. */
static bool
only_database(const struct hearing *h, struct span s)
{
	static const enum mark marks[] = {
	    MARK_DETERMINER, MARK_MINE,	       MARK_LOCAL,	MARK_ALL,
	    MARK_STAGING,    MARK_DEVELOPMENT, MARK_PRODUCTION, MARK_GLUE};
	const char *slash = strchr(h->d->object, '/');
	bool database = false, which = false, plural, known;
	const struct noun *noun;
	size_t used;

	for (size_t i = s.first; i < s.end; i++) {
		noun = noun_at(h->v, h->m->low + i, s.end - i, &used, &plural);
		known = noun && !strcmp(noun->name, "database") && !plural;
		database |= known;
		if (slash &&
		    !strncmp(h->d->object, h->m->tokens[i].raw,
			     (size_t)(slash - h->d->object)) &&
		    strlen(h->m->tokens[i].raw) ==
			(size_t)(slash - h->d->object))
			known = which = true;
		for (size_t k = 0; k < sizeof(marks) / sizeof(*marks); k++)
			known |= object_mark(h, marks[k], i, i + 1) > 0;
		if (!known)
			return false;
	}
	return database && (which || (h->d->tier != TIER_UNKNOWN &&
				      object_says_tier(h, s)));
}

bool
object_in_database(const struct hearing *h, const struct statement *t)
{
	struct span s = t->object;

	if (h->d->kind != EFFECT_DB_DESTROY || !h->d->object ||
	    !strchr(h->d->object, '/'))
		return false;
	if (t->pronoun) {
		/* "the dev database is broken, wipe it" */
		s = (struct span){t->sentence, t->sentence};
		while (s.end < t->before.end &&
		       !h->m->tokens[s.end + (s.end == s.first)].comma &&
		       !object_mark(h, MARK_AUXILIARY, s.end, t->before.end))
			s.end++;
		if (object_has_mark(h, (struct span){s.end, t->before.end},
				    MARK_PRODUCTION))
			return false;
	}
	/* "the dev database may be wiped" */
	for (size_t i = s.first + 1;
	     t->object.first < t->before.end && i < s.end; i++)
		if (object_mark(h, MARK_AUXILIARY, i, s.end))
			s.end = i;
	/* "to the seed data" is what it becomes */
	for (size_t i = s.first + 1; i < s.end; i++)
		if (h->m->tokens[i].comma || object_joint(h->m, i) ||
		    !strcmp(h->m->low[i], "to"))
			s.end = i;
	return only_database(h, s);
}

bool
object_is_source(const struct hearing *h, const struct statement *t)
{
	static const char *const to[] = {"to",	 "at",	"on", "onto",
					 "into", "via", "and"};
	static const char *const here[] = {"to",   "into",    "here", ".",
					   "over", "locally", "down"};
	struct span o = t->object;

	if (h->d->kind != EFFECT_NET_SEND)
		return false;
	for (size_t i = o.first; i + 1 < o.end; i++) {
		const char *raw = h->m->tokens[i].raw,
			   *colon = strchr(raw, ':');

		if (!object_at(h, i, o.end) || !colon || strstr(raw, "://"))
			continue;
		if (i > o.first && IS_WORD(h, i - 1, o.end, to))
			continue;
		if (!h->m->tokens[i + 1].comma &&
		    (token_is_name(&h->m->tokens[i + 1]) ||
		     IS_WORD(h, i + 1, o.end, here)))
			return true;
	}
	return false;
}
