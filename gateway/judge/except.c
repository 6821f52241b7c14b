/* SPDX-License-Identifier: Apache-2.0 */
/* "Except ...": does it take a deed's object out of what was asked for? */
#include "base/listed.h"
#include "judge/names.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <ctype.h>
#include <string.h>

static bool
is_number(const char *s)
{
	return *s && !s[strspn(s, "#0123456789")];
}

static bool
is_number_of(const struct hearing *h, const char *digits)
{
	for (size_t i = 0; i < h->d->nnames; i++)
		if (name_has_number(h->d->names[i], digits))
			return true;
	return false;
}

/* "but keep my local copy", of what is deleted on the remote. */
static bool
other_lane(const struct hearing *h, struct span s)
{
	bool local = object_has_mark(h, s, MARK_LOCAL);
	bool remote = object_has_mark(h, s, MARK_REMOTE);

	if (local == remote || token_span_names(h->m, s))
		return false;
	return h->d->lane == (local ? LANE_REMOTE : LANE_LOCAL);
}

/* "the ones of Ben" are none of mine. */
static bool
of_somebody(const struct hearing *h, size_t at, size_t end)
{
	static const char *const of[] = {"of", "from", "by"};

	return at + 2 < end && is_one_of(h->m->low[at + 1], of, 3) &&
	       isupper((unsigned char)*h->m->tokens[at + 2].raw) &&
	       strcmp(h->m->low[at + 2], "i") != 0;
}

/* "a and b, but not the third" */
static bool
is_beyond(const struct hearing *h, const struct statement *t, size_t at)
{
	static const char *const order[] = {"first", "second", "third",
					    "fourth", "fifth"};
	size_t names = 0;

	for (size_t i = t->object.first; i < t->object.end; i++)
		names += token_is_name(&h->m->tokens[i]);
	for (size_t i = 0; i < 5; i++)
		if (!strcmp(h->m->low[at], order[i]))
			return names && i >= names;
	return false;
}

/* "but not the current link", of folders */
static bool
is_of_other_kind(const struct hearing *h, size_t at, size_t end)
{
	size_t used;
	bool plural;

	return at < end &&
	       noun_at(h->v, h->m->low + at, end - at, &used, &plural) &&
	       !set_names_noun(h->v, h->m, (struct span){at, at + used}, h->d);
}

/* "except develop and qa" names others; what "but the newest" is nobody can
 * tell from names. */
bool
object_not_excepted(const struct hearing *h, const struct statement *t)
{
	struct span s = t->except;
	const char *why = NULL;
	bool named = false, fits;

	if (s.end <= s.first)
		return true;
	if (object_mentioned(h, s))
		return false;
	if (other_lane(h, s))
		return true;
	for (size_t i = s.first; i < s.end; i++)
		if (name_affix(h->m, s, i, h->d, &fits))
			return set_holds(h->ctx, h->v, h->m, s, h->d, &why) ==
			       TRUTH_NO;
	for (size_t i = s.first; i < s.end; i++) {
		/* "x, which depends on it" is no less x */
		if (i == s.first || h->m->tokens[i].comma ||
		    object_joint(h->m, i))
			named = false;
		named |= token_is_name(&h->m->tokens[i]);
		/* "the ones in src/ui.c" */
		if (i + 2 < s.end && object_mark(h, MARK_PLACE, i + 1, s.end) &&
		    token_is_name(&h->m->tokens[i + 2]))
			continue;
		if (!named && is_beyond(h, t, i))
			continue;
		if (!named && object_mark(h, MARK_VAGUE, i, s.end) &&
		    !(h->d->mine == TRUTH_YES && of_somebody(h, i, s.end)) &&
		    !is_of_other_kind(h, i + 1, s.end))
			return false;
	}
	for (size_t i = s.first; i < s.end; i++) {
		const char *raw = h->m->tokens[i].raw;

		/* "not #302, which depends on it" */
		if (is_number(raw) && h->d->text &&
		    !is_number_of(h, raw + strspn(raw, "#")) &&
		    (i + 1 == s.end || !strcmp(h->m->low[i + 1], "which")))
			continue;

		if (strpbrk(raw, "*?[") || raw[strlen(raw) - 1] == '/' ||
		    is_number(raw) || object_mark(h, MARK_MINE, i, s.end) ||
		    object_mark(h, MARK_MERGED, i, s.end) ||
		    object_mark(h, MARK_STALE, i, s.end))
			return set_holds(h->ctx, h->v, h->m, s, h->d, &why) ==
			       TRUTH_NO;
	}
	return true;
}
