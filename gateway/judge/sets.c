/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/sets.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

struct set {
	bool all, plural, noun, noun_fits;
	bool mine, merged, unmerged, stale, aged;
	int64_t older_s; /* -1: not said */
	bool narrowed;	 /* by any of these, a glob, a prefix or a number */
	enum truth holds;
	const char *why;
};

bool
token_span_names(const struct message *m, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (token_is_name(&m->tokens[i]))
			return true;
	return false;
}

bool
set_has_noun(const struct vocabulary *v, const struct message *m, struct span s)
{
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end; i++)
		if (noun_at(v, m->low + i, s.end - i, &used, &plural))
			return true;
	return false;
}

/* One word may stand for several nouns ("key", "release"). */
static bool
noun_fits(const struct vocabulary *v, const char *const *low, size_t n,
	  const struct deed *d)
{
	for (size_t i = 0; d->noun && i < v->nnouns; i++) {
		struct vocabulary one = {.nouns = &v->nouns[i], .nnouns = 1};
		size_t used;
		bool plural;

		if ((!strcmp(v->nouns[i].name, d->noun) ||
		     (d->also && !strcmp(v->nouns[i].name, d->also))) &&
		    noun_at(&one, low, n, &used, &plural))
			return true;
	}
	return false;
}

bool
set_names_noun(const struct vocabulary *v, const struct message *m,
	       struct span s, const struct deed *d)
{
	for (size_t i = s.first; i < s.end; i++)
		if (noun_fits(v, m->low + i, s.end - i, d))
			return true;
	return false;
}

static void
fails(struct set *t, enum truth truth, const char *why)
{
	if (truth == TRUTH_YES)
		return;
	/* what is certainly not a member beats what is not known */
	if (t->holds == TRUTH_NO)
		return;
	t->holds = truth;
	t->why = why;
}

static int64_t
unit_seconds(const char *word)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"hour", 3600},
		     {"day", 86400},
		     {"week", 7 * 86400},
		     {"month", 30 * 86400},
		     {"year", 365 * 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(word, units[i].name, strlen(units[i].name)))
			return units[i].seconds;
	return 0;
}

static int64_t
small_number(const char *word)
{
	static const char *const names[] = {
	    "zero",  "one",   "two",  "three", "four",	 "five",  "six",
	    "seven", "eight", "nine", "ten",   "eleven", "twelve"};
	int64_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(word, names[i]))
			return (int64_t)i;
	if (!strcmp(word, "a") || !strcmp(word, "an"))
		return 1;
	return text_number(word, 0, 100000, &n, NULL) == 0 ? n : -1;
}

/* "30 days", "two weeks": how many words; 0: no duration here. */
static size_t
duration_at(const struct message *m, size_t i, size_t end, int64_t *seconds)
{
	int64_t n, unit;

	if (i + 1 >= end)
		return 0;
	n = small_number(m->low[i]);
	unit = unit_seconds(m->low[i + 1]);
	if (n < 0 || !unit)
		return 0;
	*seconds = n * unit;
	return 2;
}

static bool
is_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* A number or ticket that stands in the text as a part of its own. */
static bool
part_of(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (const char *p = text; (p = strcasestr(p, part)); p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalnum((unsigned char)p[n]))
			return true;
	return false;
}

static bool
is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, list[i]))
			return true;
	return false;
}

/* A word that looks like a name: a glob, a prefix, a ticket.  Another object's
 * plain name narrows nothing and holds nothing. */
static void
take_name(struct set *t, const struct message *m, size_t i, size_t first,
	  const struct deed *d)
{
	static const char *const within[] = {"in", "under", "below", "inside",
					     "from"};
	const char *raw = m->tokens[i].raw;
	size_t n = strlen(raw);
	bool prefix = n && raw[n - 1] == '/';

	t->narrowed = true;
	if (i > first &&
	    (!strcmp(m->low[i - 1], "with") ||
	     !strcmp(m->low[i - 1], "under") ||
	     !strcmp(m->low[i - 1], "prefix") ||
	     !strcmp(m->low[i - 1], "below") || !strcmp(m->low[i - 1], "in")))
		prefix |= raw[n - 1] == '-' || raw[n - 1] == '_';
	if (!d->text)
		fails(t, TRUTH_UNKNOWN, "its name is not known");
	else if (i > first && *raw == '/' && *d->text == '/' &&
		 is_one_of(m->low[i - 1], within, 5))
		fails(t,
		      (prefix ? !strncmp(d->text, raw, n)
			      : path_is_under(d->text, raw))
			  ? TRUTH_YES
			  : TRUTH_NO,
		      "it lies elsewhere");
	else if (is_glob(raw))
		fails(t, fnmatch(raw, d->text, 0) == 0 ? TRUTH_YES : TRUTH_NO,
		      "its name does not match");
	else if (prefix)
		fails(t, !strncmp(d->text, raw, n) ? TRUTH_YES : TRUTH_NO,
		      "its name begins otherwise");
	else if (raw[strspn(raw, "#0123456789")] == '\0' ||
		 (isupper((unsigned char)*raw) && strchr(raw, '-')))
		fails(t,
		      part_of(d->text, raw + strspn(raw, "#")) ? TRUTH_YES
							       : TRUTH_NO,
		      "it has not that number");
	else
		fails(t, TRUTH_NO, "those words name another");
}

/* "not merged", "not been touched", "no commits": how many words; 0: it is no
 * negation.  What else is negated is not understood. */
static size_t
take_negation(struct set *t, const struct vocabulary *v,
	      const struct message *m, size_t i, size_t end)
{
	static const char *const nots[] = {
	    "not", "no", "without", "haven't", "hasn't", "aren't", "weren't"};
	static const char *const fill[] = {"been", "yet",  "any",
					   "had",  "seen", "got"};
	static const char *const quiet[] = {
	    "touched", "updated", "changed",  "modified", "used",   "commits",
	    "commit",  "changes", "activity", "work",	  "updates"};
	size_t k = i + 1, used;

#define ONE_OF(list) is_one_of(m->low[k], list, sizeof(list) / sizeof(*(list)))
	if (!is_one_of(m->low[i], nots, sizeof(nots) / sizeof(*nots)))
		return 0;
	while (k < end && ONE_OF(fill))
		k++;
	if (k < end && ONE_OF(quiet)) {
		t->aged = true;
		return k + 1 - i;
	}
#undef ONE_OF
	used = k < end ? mark_at(v, MARK_MERGED, m->low + k, end - k) : 0;
	if (used) {
		t->unmerged = true;
		return k + used - i;
	}
	fails(t, TRUTH_UNKNOWN, "what is not meant cannot be told from facts");
	return k - i;
}

/* Marks: how many words were one. */
static size_t
take_marks(struct set *t, const struct vocabulary *v, const struct message *m,
	   size_t i, size_t end)
{
	const char *const *w = m->low + i;
	size_t n = end - i, best = 0, used;

	used = mark_at(v, MARK_MINE, w, n);
	if (used > best) {
		t->mine = true;
		best = used;
	}
	used = mark_at(v, MARK_MERGED, w, n);
	if (used > best) {
		t->merged = true;
		best = used;
	}
	used = mark_at(v, MARK_STALE, w, n);
	if (used > best) {
		t->stale = true;
		best = used;
	}
	used = mark_at(v, MARK_ALL, w, n);
	if (used > best) {
		t->all = true;
		best = used;
	}
	if (best)
		return best;
	for (int k = MARK_REMOTE; k <= MARK_ONLY; k++) {
		used = mark_at(v, (enum mark)k, w, n);
		if (used > best)
			best = used;
	}
	for (int k = MARK_PRODUCTION; k <= MARK_DEVELOPMENT; k++) {
		used = mark_at(v, (enum mark)k, w, n);
		if (used > best)
			best = used;
	}
	return best;
}

static void
judge_facts(struct set *t, const struct deed *d)
{
	if (t->mine)
		fails(t, d->mine,
		      d->mine == TRUTH_NO ? "it is somebody else's"
					  : "whose it is is not known");
	if (t->merged)
		fails(t, d->merged,
		      d->merged == TRUTH_NO ? "it is not merged"
					    : "whether it is merged is not "
					      "known");
	if (t->unmerged)
		fails(t,
		      d->merged == TRUTH_NO    ? TRUTH_YES
		      : d->merged == TRUTH_YES ? TRUTH_NO
					       : TRUTH_UNKNOWN,
		      "whether it is merged is not known");
	if (t->older_s >= 0)
		fails(t,
		      d->age_s < 0	       ? TRUTH_UNKNOWN
		      : d->age_s >= t->older_s ? TRUTH_YES
					       : TRUTH_NO,
		      d->age_s < 0 ? "its age is not known" : "it is younger");
	else if (t->stale || t->aged)
		fails(t, TRUTH_UNKNOWN, "how old is old was not said");
}

/* "can be deleted": the verb itself. */
static size_t
passive_at(const struct vocabulary *v, const struct message *m, size_t i,
	   struct span s)
{
	enum form form;
	size_t used;

	if (i == s.first || !mark_at(v, MARK_PASSIVE, m->low + i - 1, 1) ||
	    !verb_at(v, m->low + i, s.end - i, &used, &form) ||
	    form != FORM_PAST)
		return 0;
	return used;
}

enum truth
set_holds(void *ctx, const struct vocabulary *v, const struct message *m,
	  struct span s, const struct deed *d, const char **why)
{
	struct set t = {.older_s = -1, .holds = TRUTH_YES};
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end; i += used) {
		used = duration_at(m, i, s.end, &t.older_s);
		if (used) {
			t.narrowed = true;
			continue;
		}
		used = take_negation(&t, v, m, i, s.end);
		if (used)
			continue;
		used = passive_at(v, m, i, s);
		if (used)
			continue;
		used = take_marks(&t, v, m, i, s.end);
		if (used)
			continue;
		if (noun_at(v, m->low + i, s.end - i, &used, &plural)) {
			t.noun = true;
			t.plural |= plural;
			t.noun_fits |= noun_fits(v, m->low + i, s.end - i, d);
			continue;
		}
		used = 1;
		if (d->remote && !strcmp(m->tokens[i].raw, d->remote))
			continue;
		if (token_is_name(&m->tokens[i])) {
			take_name(&t, m, i, s.first, d);
			continue;
		}
		used = mark_at(v, MARK_STOP, m->low + i, s.end - i);
		if (used)
			continue;
		used = 1;
		fails(&t, TRUTH_UNKNOWN,
		      talloc_asprintf(ctx,
				      "what \"%s\" means cannot be told "
				      "from facts",
				      text_safe(ctx, m->tokens[i].raw)));
	}
	if (t.noun && !t.noun_fits)
		fails(&t, TRUTH_NO, "those words speak of something else");
	judge_facts(&t, d);
	t.narrowed |= t.mine || t.merged || t.stale;
	if (t.holds == TRUTH_YES && !((t.all || t.plural) && t.noun) &&
	    !t.narrowed) {
		t.holds = TRUTH_UNKNOWN;
		t.why = NULL;
	}
	if (t.holds != TRUTH_YES)
		*why = t.why;
	return t.holds;
}
