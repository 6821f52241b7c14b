/* SPDX-License-Identifier: Apache-2.0 */
/* "Clear the stash": all of it; "drop the stash": the newest. */
#include "judge/object_work.h"
#include "judge/sets.h"
#include "judge/words_work.h"
#include <string.h>

/* "clear the stash": all of it. */
static bool
empties(const struct hearing *h, const struct statement *t)
{
	struct span o = t->object, verb = {t->before.end, o.first};

	if (verb.first >= verb.end || token_span_names(h->m, o) ||
	    !object_has_mark(h, verb, MARK_EMPTY))
		return false;
	/* "git stash clear" */
	if (set_names_noun(h->v, h->m, verb, h->d))
		return o.first == o.end || h->m->tokens[o.first].comma ||
		       object_mark(h, MARK_GLUE, o.first, o.end);
	while (o.first < o.end &&
	       object_mark(h, MARK_DETERMINER, o.first, o.end) == 1)
		o.first++;
	if (o.first == o.end ||
	    !set_names_noun(h->v, h->m, (struct span){o.first, o.first + 1},
			    h->d))
		return false;
	o.first++;
	return o.first == o.end || h->m->tokens[o.first].comma ||
	       object_mark(h, MARK_GLUE, o.first, o.end);
}

static bool
ends_at(const struct hearing *h, size_t at, size_t end)
{
	while (at < end && !h->m->tokens[at].comma &&
	       object_mark(h, MARK_GLUE, at, end))
		at++;
	return at == end || h->m->tokens[at].comma;
}

/* "drop the stash", "git stash drop", and no more */
static bool
is_newest(const struct hearing *h, const struct statement *t)
{
	struct span o = t->object;
	size_t used, verb = t->before.end;
	bool plural, article = false;

	if (!h->d->object || strcmp(h->d->object, "stash@{0}") != 0 ||
	    o.first < verb)
		return false;
	if (verb > t->sentence + 1 && !strcmp(h->m->low[verb - 1], "stash") &&
	    !strcmp(h->m->low[verb - 2], "git"))
		return ends_at(h, o.first, o.end);
	while (o.first < o.end && (!strcmp(h->m->low[o.first], "the") ||
				   !strcmp(h->m->low[o.first], "my") ||
				   !strcmp(h->m->low[o.first], "that"))) {
		article = true;
		o.first++;
	}
	return article && o.first < o.end &&
	       noun_at(h->v, h->m->low + o.first, o.end - o.first, &used,
		       &plural) &&
	       !plural && !strcmp(h->m->low[o.first], "stash") &&
	       ends_at(h, o.first + used, o.end);
}

/* "I've applied the stash, drop it" */
static bool
is_newest_meant(const struct hearing *h, const struct statement *t)
{
	struct span own = {t->sentence, t->before.end};
	size_t at = own.end;

	if (!t->pronoun || !h->d->object ||
	    strcmp(h->d->object, "stash@{0}") != 0 ||
	    token_span_names(h->m, own) || t->object.first >= t->object.end ||
	    strcmp(h->m->low[t->object.first], "it") != 0)
		return false;
	for (size_t i = own.first + 1; i < own.end; i++)
		if (!strcmp(h->m->low[i], "stash"))
			at = i;
	return at < own.end && (!strcmp(h->m->low[at - 1], "the") ||
				!strcmp(h->m->low[at - 1], "my"));
}

bool
words_of_stash(const struct hearing *h, const struct statement *t)
{
	return empties(h, t) || is_newest(h, t) || is_newest_meant(h, t);
}

/* "keep it", where a stash was spoken of */
bool
words_stash_meant(const struct hearing *h, const struct statement *t)
{
	return h->d->kind == EFFECT_STASH_DROP && t->pronoun &&
	       (set_names_noun(h->v, h->m, t->before, h->d) ||
		(h->before &&
		 set_names_noun(h->v, h->before,
				(struct span){0, h->before->ntokens}, h->d)));
}
