/* SPDX-License-Identifier: Apache-2.0 */
/* "The first", "the latter": of the list that was given before. */
#include "base/listed.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <string.h>

/* Where the last list of names before at begins, and its end. */
static struct span
last_list(const struct hearing *h, size_t at)
{
	struct span s = {at, at};

	while (s.end > 0 && !token_is_name(&h->m->tokens[s.end - 1]))
		s.end--;
	s.first = s.end;
	while (s.first > 0 && (token_is_name(&h->m->tokens[s.first - 1]) ||
			       object_joint(h->m, s.first - 1)))
		s.first--;
	return s;
}

static size_t
names_in(const struct hearing *h, struct span s)
{
	size_t n = 0;

	for (size_t i = s.first; i < s.end; i++)
		n += token_is_name(&h->m->tokens[i]);
	return n;
}

/* "the first one", "the former directory", "the second on x" */
static bool
is_order_end(const struct hearing *h, size_t at, size_t end)
{
	return !strcmp(h->m->low[at], "one") || h->m->tokens[at].comma ||
	       object_mark(h, MARK_AUXILIARY, at, end) ||
	       object_mark(h, MARK_PLACE, at, end) ||
	       (set_names_noun(h->v, h->m, (struct span){at, at + 1}, h->d) &&
		(at + 1 == end || h->m->tokens[at + 1].comma ||
		 object_mark(h, MARK_GLUE, at + 1, end) ||
		 object_mark(h, MARK_PLACE, at + 1, end)));
}

static bool
is_path(const struct token *t)
{
	return *t->raw == '/' || *t->raw == '~';
}

static struct span
sentence_before(const struct hearing *h, size_t at)
{
	struct span s = {at, at};

	while (s.first > 0 && !h->m->tokens[s.first - 1].begins)
		s.first--;
	if (s.first > 0)
		s.first--;
	return s;
}

/* "the first two of these: a, b, c": how many; 0: no such thing. */
static size_t
counted(const struct hearing *h, size_t at, size_t end)
{
	static const char *const numbers[] = {"one", "two", "three", "four",
					      "five"};

	for (size_t i = 0; at < end && i < 5; i++)
		if (!strcmp(h->m->low[at], numbers[i]) ||
		    (h->m->low[at][0] == (char)('1' + (int)i) &&
		     !h->m->low[at][1]))
			return i + 1;
	return 0;
}

bool
object_out_of_order(const struct hearing *h, const struct statement *t)
{
	static const char *const firsts[] = {"first", "former", "top"};
	static const char *const lasts[] = {"last", "latter"};
	struct span o = t->object;
	size_t i = o.first, n, all, seen = 0;
	bool first, last;

	while (i < o.end &&
	       (!strcmp(h->m->low[i], "the") || !strcmp(h->m->low[i], "only")))
		i++;
	if (i >= o.end)
		return false;
	first = is_one_of(h->m->low[i], firsts, 3);
	last = is_one_of(h->m->low[i], lasts, 2);
	n = counted(h, i + 1, o.end);
	o.first = i + 1 + (n > 0);
	all = names_in(h, o);
	if (!n)
		n = 1;
	/* "the last release x" is one thing */
	if ((!first && !last) || all < 2 || n >= all || o.first >= o.end ||
	    token_is_name(&h->m->tokens[o.first]))
		return false;
	for (i = o.first; i < o.end; i++) {
		if (!token_is_name(&h->m->tokens[i]))
			continue;
		if (object_at(h, i, o.end) &&
		    (first ? seen < n : seen + n >= all))
			return false;
		seen++;
	}
	return true;
}

bool
object_by_order(const struct hearing *h, const struct statement *t)
{
	static const struct {
		const char *word;
		size_t nth; /* 0: the last */
	} order[] = {{"first", 1}, {"former", 1}, {"second", 2},
		     {"third", 3}, {"latter", 0}, {"last", 0}};
	struct span o = t->object, list;
	struct hearing past = *h, now = *h;
	size_t i, nth = 99, seen = 0, hit = 0;
	bool pair;

	/* "the latter is obsolete, remove it" */
	if (t->pronoun)
		o = (struct span){t->sentence, t->before.end};
	list = last_list(h, t->pronoun ? t->sentence : t->before.end);
	i = o.first;
	if (i < o.end && !strcmp(h->m->low[i], "the"))
		i++;
	for (size_t k = 0; i < o.end && k < sizeof(order) / sizeof(*order); k++)
		if (!strcmp(h->m->low[i], order[k].word))
			nth = order[k].nth;
	/* "the first two", "the last commit" */
	if (nth == 99 || (i + 1 < o.end && !is_order_end(h, i + 1, o.end)))
		return false;
	/* "a is a copy of b, delete the former" */
	pair =
	    !strcmp(h->m->low[i], "former") || !strcmp(h->m->low[i], "latter");
	if (pair && names_in(h, (struct span){t->sentence, t->before.end}) > 1)
		list = (struct span){t->sentence, t->before.end};
	else if (pair && names_in(h, list) == 1)
		list = sentence_before(h, t->sentence);
	else
		pair = false;
	/* "a is done, b is not. delete the first one" */
	if (!pair && nth && !t->pronoun && list.first < list.end &&
	    names_in(h, list) < 2)
		list = sentence_before(h, t->sentence);
	/* of the message before */
	if (list.first == list.end && h->before) {
		past.m = h->before;
		past.before = NULL;
		list = last_list(&past, past.m->ntokens);
		now = past;
	}
	for (size_t k = list.first; k < list.end; k++) {
		if (!token_is_name(&now.m->tokens[k]) ||
		    (pair && is_path(&now.m->tokens[k]) !=
				 (h->d->text && *h->d->text == '/')))
			continue;
		seen++;
		if (object_at(&now, k, list.end))
			hit = seen;
	}
	return seen > 1 && !(pair && seen != 2) && hit &&
	       hit == (nth ? nth : seen);
}

enum truth
object_table_leads(const struct hearing *h, const struct statement *t)
{
	const struct message *m = h->m;

	if (h->d->kind != EFFECT_DB_WRITE)
		return TRUTH_UNKNOWN;
	for (size_t i = t->sentence; i + 2 < t->object.first; i++)
		if (!strcmp(m->low[i], "table") && m->tokens[i + 2].begins)
			return object_at(h, i + 1, i + 2) ? TRUTH_YES
							  : TRUTH_NO;
	return TRUTH_UNKNOWN;
}
