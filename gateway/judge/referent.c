/* SPDX-License-Identifier: Apache-2.0 */
/* "It", "them", "that branch": is what was spoken of a deed's object? */
#include "base/listed.h"
#include "base/path.h"
#include "judge/names.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

/* "3 years", "12 commits" */
static bool
is_count(const struct hearing *h, size_t at, size_t end)
{
	const char *s = h->m->tokens[at].raw;

	return !s[strspn(s, "0123456789.,")] && at + 1 < end &&
	       !h->m->tokens[at + 1].comma &&
	       !token_is_name(&h->m->tokens[at + 1]) &&
	       !object_joint(h->m, at + 1) &&
	       !object_mark(h, MARK_AUXILIARY, at + 1, end) &&
	       !object_mark(h, MARK_ASIDE, at + 1, end) &&
	       !object_mark(h, MARK_GLUE, at + 1, end) && strlen(s) < 4;
}

/* "in /srv/conf", which the deed's object lies in. */
static bool
holds_it(const struct hearing *h, size_t at)
{
	const char *raw = at < h->m->ntokens ? h->m->tokens[at].raw : "";

	return at > 0 && h->d->text && *h->d->text == '/' && *raw == '/' &&
	       object_mark(h, MARK_PLACE, at - 1, at) &&
	       strcmp(raw, h->d->text) != 0 && path_is_under(h->d->text, raw);
}

/* "12 is a copy of 9": said of the deed's object, which is what the clause
 * begins with. */
static bool
is_told_of(const struct hearing *h, struct span s, size_t at)
{
	static const char *const of[] = {"of",	 "from", "by",	 "with",
					 "than", "like", "into", "for"};
	size_t first = s.first, before = at;
	static const char *const like[] = {"duplicates", "supersedes",
					   "replaces",	 "repeats",
					   "obsoletes",	 "copies"};
	size_t used;
	bool plural, said = false, is = false;

	while (first < at && !token_is_name(&h->m->tokens[first]))
		first++;
	if (first == at || !object_at(h, first, s.end))
		return false;
	if (before > first &&
	    noun_at(h->v, h->m->low + before - 1, 1, &used, &plural))
		before--;
	for (size_t i = 0; before > first && i < sizeof(of) / sizeof(*of); i++)
		said |= !strcmp(h->m->low[before - 1], of[i]);
	/* "12 duplicates 9" */
	is = before == first + 2 && is_one_of(h->m->low[first + 1], like,
					      sizeof(like) / sizeof(*like));
	said |= is;
	for (size_t i = first + 1; i < at; i++) {
		if (token_is_name(&h->m->tokens[i]) || h->m->tokens[i].begins)
			return false;
		is |= object_mark(h, MARK_AUXILIARY, i, s.end) > 0;
	}
	return said && is;
}

/* Names in the span that could be meant as well. */
static size_t
rivals(const struct hearing *h, struct span s)
{
	size_t n = 0;

	for (size_t i = s.first; i < s.end; i++) {
		struct span one = {i, i + 1};

		if (!token_is_name(&h->m->tokens[i]) ||
		    name_is_measure(h->m->tokens[i].raw) ||
		    is_count(h, i, s.end) || holds_it(h, i) ||
		    object_mentioned(h, one) ||
		    !strncmp(h->m->low[i], "non-", 4) ||
		    /* "roll x back to y" leaves y as it is */
		    (i > s.first + 1 && !strcmp(h->m->low[i - 1], "to") &&
		     !strcmp(h->m->low[i - 2], "back")) ||
		    /* "bump x to 2.0.1" */
		    (i > s.first && !strcmp(h->m->low[i - 1], "to") &&
		     h->d->kind == EFFECT_PUBLISH &&
		     !h->m->low[i][strspn(h->m->low[i], "v0123456789.")]) ||
		    /* "stash 3" */
		    (i > s.first && object_at(h, i - 1, s.end) > 1))
			continue;
		/* "12 is a copy of 9, close it" */
		if (is_told_of(h, s, i))
			continue;
		/* "since PR 88 is merged": of another kind */
		if (!strpbrk(h->m->tokens[i].raw, "*?") && i > s.first &&
		    object_other_noun(h, i - 1, i))
			continue;
		if (!strpbrk(h->m->tokens[i].raw, "*?") && i + 1 < s.end &&
		    !h->m->tokens[i + 1].comma &&
		    object_other_noun(h, i + 1, s.end))
			continue;
		n++;
	}
	return n;
}

/* "14 and 15 are copies of 9, close them": of what is named, only one list is
 * of several. */
static bool
only_several(const struct hearing *h, struct span s)
{
	size_t lists = 0, length = 0, best = 0;
	bool hit = false, in_best = false;

	for (size_t i = s.first; i <= s.end; i++) {
		if (i < s.end && token_is_name(&h->m->tokens[i])) {
			length++;
			hit |= object_at(h, i, s.end) > 0;
			continue;
		}
		if (i < s.end && length &&
		    (object_joint(h->m, i) ||
		     set_names_noun(h->v, h->m, (struct span){i, i + 1}, h->d)))
			continue;
		if (length > 1) {
			lists++;
			best = length;
			in_best = hit;
		}
		length = 0;
		hit = false;
	}
	return lists == 1 && best > 1 && in_best;
}

/* "40 and 41 are stuck, cancel both": are all names of the span one list? */
static bool
one_list(const struct hearing *h, struct span s)
{
	while (s.first < s.end && !token_is_name(&h->m->tokens[s.first]))
		s.first++;
	while (s.end > s.first && !token_is_name(&h->m->tokens[s.end - 1]))
		s.end--;
	for (size_t i = s.first; i < s.end; i++)
		if (!token_is_name(&h->m->tokens[i]) &&
		    !object_joint(h->m, i) && !holds_it(h, i + 1) &&
		    !set_names_noun(h->v, h->m, (struct span){i, i + 1}, h->d))
			return false;
	return true;
}

/* Every name outside of the list stands behind "of", "by", "than". */
static bool
of_one(const struct hearing *h, struct span s)
{
	for (size_t i = s.first; i < s.end; i++) {
		bool alone = token_is_name(&h->m->tokens[i]);

		if (i > s.first && (token_is_name(&h->m->tokens[i - 1]) ||
				    object_joint(h->m, i - 1)))
			alone = false;
		if (i + 1 < s.end && (token_is_name(&h->m->tokens[i + 1]) ||
				      object_joint(h->m, i + 1)))
			alone = false;
		if (alone && !holds_it(h, i) &&
		    !(i > s.first &&
		      object_mark(h, MARK_PREPOSITION, i - 1, i)))
			return false;
	}
	return true;
}

static bool
is_plural(const struct hearing *h, const struct statement *t)
{
	static const char *const words[] = {"them",	  "those", "these",
					    "both",	  "all",   "they",
					    "everything", "em"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (t->object.end > t->object.first &&
		    !strcmp(h->m->low[t->object.first], words[i]))
			return true;
	/* "a and b are obsolete. rm" */
	for (size_t i = t->before.end;
	     t->object.first >= t->object.end && i > 0; i--)
		if (token_is_name(&h->m->tokens[i - 1]))
			return i < t->before.end &&
			       (!strcmp(h->m->low[i], "are") ||
				!strcmp(h->m->low[i], "were"));
	return false;
}

static bool
of_verb(const struct hearing *h, size_t at)
{
	static const char *const words[] = {"you", "we", "they", "i"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(h->m->low[at], words[i]))
			return true;
	return !object_mark(h, MARK_VAGUE, at, at + 1) &&
	       (object_mark(h, MARK_LEAD, at, at + 1) ||
		object_mark(h, MARK_PASSIVE, at, at + 1) ||
		object_mark(h, MARK_AUXILIARY, at, at + 1));
}

/* "The first two are merged, remove them": not the whole list. */
static bool
all_of_list(const struct hearing *h, struct span s)
{
	size_t last = s.first;

	for (size_t i = s.first; i < s.end; i++)
		if (token_is_name(&h->m->tokens[i]))
			last = i + 1;
	s.first = last;
	/* "..., you can", "they can be": of the verb */
	while (s.end > s.first && of_verb(h, s.end - 1))
		s.end--;
	for (size_t i = s.first; i < s.end; i++)
		/* "are not needed any more" is said of all */
		if (object_mark(h, MARK_VAGUE, i, s.end) &&
		    /* "from the last run" */
		    !(i > s.first + 1 && !strcmp(h->m->low[i - 1], "the") &&
		      (!strcmp(h->m->low[i - 2], "from") ||
		       !strcmp(h->m->low[i - 2], "since"))) &&
		    !(i > s.first && (!strcmp(h->m->low[i - 1], "not") ||
				      !strcmp(h->m->low[i - 1], "longer") ||
				      !strcmp(h->m->low[i - 1], "these") ||
				      !strcmp(h->m->low[i - 1], "those"))) &&
		    !(i + 1 < s.end && !strcmp(h->m->low[i], "those") &&
		      !strcmp(h->m->low[i + 1], "two")))
			return false;
	return !object_has_mark(h, s, MARK_MERGED);
}

/* Mentioned by the way: "port it to main", and with a plural "in /srv". */
static bool
by_the_way(const struct hearing *h, size_t at, bool plural)
{
	static const char *const words[] = {"to",   "into", "onto", "than",
					    "like", "from", "by"};

	static const char *const holds[] = {"taken",   "held",	 "used",
					    "blocked", "hogged", "occupied",
					    "locked",  "eaten",	 "caused"};

	/* "I merged everything from x", "the commits on x" */
	if (at > 1 && !strcmp(h->m->low[at], "from") &&
	    (!strcmp(h->m->low[at - 2], "merged") ||
	     !strcmp(h->m->low[at - 1], "merged")))
		return false;
	if (at > 0 && h->d->kind == EFFECT_REF_OVERWRITE &&
	    !strncmp(h->m->low[at - 1], "commit", 6))
		return false;
	/* "the push to x was rejected" */
	if (h->d->lane == LANE_REMOTE && at > 0 &&
	    !strcmp(h->m->low[at], "to") &&
	    !strncmp(h->m->low[at - 1], "push", 4))
		return false;
	/* "the port is taken by 77" */
	for (size_t i = 0; at > 0 && i < sizeof(holds) / sizeof(*holds); i++)
		if (h->d->kind == EFFECT_PROCESS_SIGNAL &&
		    !strcmp(h->m->low[at], "by") &&
		    !strcmp(h->m->low[at - 1], holds[i]))
			return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(h->m->low[at], words[i]))
			return true;
	return plural && object_mark(h, MARK_PLACE, at, at + 1);
}

/* "by job 99": where the noun before the name stands. */
static size_t
begin(const struct hearing *h, struct span s, size_t at)
{
	return at > s.first && set_names_noun(h->v, h->m,
					      (struct span){at - 1, at}, h->d)
		   ? at - 1
		   : at;
}

/* Is the deed's object, and nothing beside it, what the span speaks of? */
static bool
speaks_of(const struct hearing *h, struct span s, bool plural, bool kind_said)
{
	bool found = false;

	for (size_t i = s.first; i < s.end; i++) {
		struct span one = {i, i + 1};

		if (object_at(h, i, s.end) || object_mentioned(h, one))
			found |= kind_said || begin(h, s, i) == s.first ||
				 !by_the_way(h, begin(h, s, i) - 1, plural);
	}
	return found && (rivals(h, s) == 0 ||
			 (plural && one_list(h, s) && all_of_list(h, s)) ||
			 (plural && only_several(h, s) && of_one(h, s) &&
			  all_of_list(h, s)));
}

/* "The logs in /srv/x are old. Remove them.", "Which of my branches are
 * merged?" and then "delete those": the set of the sentence or message before.
 */
static bool
set_just_said(const struct hearing *h, const struct statement *t)
{
	struct span s = {t->sentence, t->sentence};
	struct hearing past = *h;
	const char *why = NULL;

	if (!is_plural(h, t))
		return false;
	for (size_t i = t->sentence; i < t->before.end; i++)
		if (token_is_name(&h->m->tokens[i]) &&
		    !(i >= t->except.first && i < t->except.end))
			return false;
	if (s.end > 0) {
		do
			s.first--;
		while (s.first > 0 && !h->m->tokens[s.first].begins);
		/* but for "thanks." */
		if (s.first > 0 || s.end > 3 || token_span_names(h->m, s) ||
		    set_has_noun(h->v, h->m, s))
			return object_set_before(h, s);
	}
	if (!h->before || !h->before->ntokens)
		return false;
	past.m = h->before;
	past.before = NULL;
	s = (struct span){0, h->before->ntokens};
	while (
	    s.first + 1 < s.end &&
	    !set_has_noun(h->v, past.m, (struct span){s.first, s.first + 1}) &&
	    !object_mark(&past, MARK_MINE, s.first, s.end) &&
	    !object_mark(&past, MARK_MERGED, s.first, s.end))
		s.first++;
	return (object_has_mark(&past, s, MARK_MINE) ||
		object_has_mark(&past, s, MARK_MERGED) ||
		token_span_names(past.m, s)) &&
	       set_names_noun(h->v, past.m, s, h->d) &&
	       set_holds(h->ctx, h->v, past.m, s, h->d, &why) == TRUTH_YES;
}

/* "main is clean, leave it": a name that looks like none. */
static bool
other_default(const struct hearing *h, struct span s)
{
	static const char *const names[] = {"main", "master", "develop",
					    "trunk"};

	for (size_t i = 0; s.first + 1 < s.end && i < 4; i++)
		if (!strcmp(h->m->low[s.first], names[i]) &&
		    object_mark(h, MARK_AUXILIARY, s.first + 1, s.end))
			return !object_at(h, s.first, s.end);
	return false;
}

bool
object_meant(const struct hearing *h, const struct statement *t)
{
	/* longer ago than that nobody means it */
	size_t first = t->before.end > 24 ? t->before.end - 24 : 0;
	struct span s = {first > t->before.first ? first : t->before.first,
			 t->before.end};
	struct span own = {t->sentence, t->before.end};
	struct span head = {t->object.first, t->object.first + 3};
	struct hearing past = *h, exact = *h;
	bool kind;

	if (!t->pronoun)
		return false;
	/* "keep x, but y is done, so drop it" */
	for (size_t i = own.first; i < own.end; i++)
		if (object_mark(h, MARK_BUT, i, i + 1) &&
		    token_span_names(h->m, (struct span){i + 1, own.end}))
			own.first = i + 1;
	/* "the hook is slow, skip it" */
	if (h->d->kind == EFFECT_REVIEW_BYPASS && !h->d->nnames)
		return set_names_noun(h->v, h->m, own, h->d);
	if (head.end > t->object.end)
		head.end = t->object.end;
	/* "it (remote as well)" */
	if (head.first + 1 < head.end && h->m->tokens[head.first + 1].comma &&
	    object_mark(h, MARK_PRONOUN, head.first, head.end))
		head.end = head.first + 1;
	kind = set_names_noun(h->v, h->m, head, h->d);
	/* "delete on the remote" */
	while (head.first < head.end &&
	       (object_mark(h, MARK_PLACE, head.first, head.end) ||
		object_mark(h, MARK_DETERMINER, head.first, head.end) ||
		object_mark(h, MARK_REMOTE, head.first, head.end)))
		head.first++;
	if (set_has_noun(h->v, h->m, head) && !kind)
		return false;
	/* what the same sentence names is nearer */
	if (token_span_names(h->m, own))
		s = own;
	else if (other_default(h, own))
		return false;
	exact.exact = !t->verb || strcmp(t->verb->name, "empty") != 0;
	if (object_mentioned(&exact, s) &&
	    (speaks_of(&exact, s, is_plural(h, t), kind) || !is_plural(h, t)))
		return speaks_of(&exact, s, is_plural(h, t), kind);
	if (object_set_before(h, own) || set_just_said(h, t))
		return true;
	if (object_mentioned(&exact, s))
		return false;
	if (token_span_names(h->m, t->before) || !h->before)
		return false;
	past.m = h->before;
	s = (struct span){0, h->before->ntokens};
	return object_mentioned(&past, s) &&
	       speaks_of(&past, s, is_plural(h, t), kind);
}
