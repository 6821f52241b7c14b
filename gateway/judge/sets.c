/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/sets.h"
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "judge/names.h"
#include "judge/set_work.h"
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

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

bool
set_noun_fits(const struct vocabulary *v, const char *const *low, size_t n,
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
		if (set_noun_fits(v, m->low + i, s.end - i, d))
			return true;
	return false;
}

void
set_fails(struct set *t, enum truth truth, const char *why)
{
	if (truth == TRUTH_YES)
		return;
	/* what is certainly not a member beats what is not known */
	if (t->holds == TRUTH_NO)
		return;
	t->holds = truth;
	t->why = why;
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
	set_fails(t, TRUTH_UNKNOWN,
		  "what is not meant cannot be told from facts");
	return k - i;
}

static bool
is_called(const char *raw)
{
	return isupper((unsigned char)*raw) && islower((unsigned char)raw[1]);
}

/* "merged into main": the words behind "merged". */
static size_t
into_default(const struct message *m, size_t i, size_t end)
{
	static const char *const names[] = {"main", "master", "trunk",
					    "develop", "head"};

	return i + 1 < end &&
		       (!strcmp(m->low[i], "into") ||
			!strcmp(m->low[i], "to")) &&
		       is_one_of(m->low[i + 1], names, 5)
		   ? 2
		   : 0;
}

/* Marks: how many words were one. */
static size_t
take_marks(struct set *t, const struct vocabulary *v, const struct message *m,
	   size_t i, size_t end)
{
	const char *const *w = m->low + i;
	size_t n = end - i, best = 0, used;
	bool was = t->mine;

	used = mark_at(v, MARK_MINE, w, n);
	if (used > best) {
		t->mine = true;
		best = used;
	}
	used = mark_at(v, MARK_MERGED, w, n);
	if (used > best) {
		t->merged = true;
		best = used + into_default(m, i + used, end);
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
	for (int k = MARK_REMOTE; k <= MARK_ONLY; k++) {
		used = mark_at(v, (enum mark)k, w, n);
		if (used > best) {
			/* "my machine" says where, not whose */
			if (best == 1 && mark_at(v, MARK_MINE, w, 1))
				t->mine = was;
			best = used;
		}
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
		set_fails(t, d->mine,
			  d->mine == TRUTH_NO ? "it is somebody else's"
					      : "whose it is is not known");
	if (t->merged)
		set_fails(t, d->merged,
			  d->merged == TRUTH_NO ? "it is not merged"
						: "whether it is merged is not "
						  "known");
	if (t->unmerged)
		set_fails(t,
			  d->merged == TRUTH_NO	   ? TRUTH_YES
			  : d->merged == TRUTH_YES ? TRUTH_NO
						   : TRUTH_UNKNOWN,
			  "whether it is merged is not known");
	if (t->older_s >= 0)
		set_fails(t,
			  d->age_s < 0		   ? TRUTH_UNKNOWN
			  : d->age_s >= t->older_s ? TRUTH_YES
						   : TRUTH_NO,
			  d->age_s < 0 ? "its age is not known"
				       : "it is younger");
	else if ((t->stale && !(t->all && t->globbed)) || t->aged)
		set_fails(t, TRUTH_UNKNOWN, "how old is old was not said");
}

/* "can be deleted": the verb itself. */
static size_t
passive_at(const struct vocabulary *v, const struct message *m, size_t i,
	   struct span s)
{
	enum form form;
	size_t used;

	if (i == s.first || !verb_at(v, m->low + i, s.end - i, &used, &form))
		return 0;
	/* "you can delete" */
	if (form == FORM_BASE && i > s.first + 1)
		return !strcmp(m->low[i - 2], "you") &&
			       mark_at(v, MARK_MODAL, m->low + i - 1, 1)
			   ? used
			   : 0;
	if (!strcmp(m->low[i], "disappeared") || !strcmp(m->low[i], "vanished"))
		return used;
	return form == FORM_PAST && mark_at(v, MARK_PASSIVE, m->low + i - 1, 1)
		   ? used
		   : 0;
}

/* "the csv files are needed"; but not "no longer needed". */
static bool
is_needed(const struct message *m, size_t i, size_t first)
{
	static const char *const words[] = {"needed", "required", "important",
					    "wanted", "stay",	  "stays"};

	if (!is_one_of(m->low[i], words, 6))
		return false;
	for (size_t k = i; k > first && i - k < 4; k--)
		if (is_one_of(m->low[k - 1],
			      (const char *const[]){"no", "not", "longer",
						    "aren't", "isn't", "never"},
			      6))
			return false;
	return true;
}

/* "a (done), b (open): the done ones": was it said of the deed's object, and
 * of it alone? */
static bool
was_told(const struct message *m, size_t end, const char *word,
	 const struct deed *d)
{
	static const char *const fill[] = {"is",  "are", "was", "all",
					   "now", "it",	 "has", "been"};
	size_t at = end, k;
	bool named;

	for (size_t i = 0; i < end && at == end; i++)
		for (size_t n = 0; n < d->nnames && at == end; n++)
			if (!strcmp(m->tokens[i].raw, d->names[n]))
				at = i;
	for (k = at + 1; k < end && !strcmp(m->low[k], "and"); k++)
		;
	/* a list of which it is told: "a, b and c are done" */
	named = k < end && token_is_name(&m->tokens[k]);
	while (named && k < end &&
	       (token_is_name(&m->tokens[k]) || !strcmp(m->low[k], "and")))
		k++;
	if (named && !(k < end && (!strcmp(m->low[k], "are") ||
				   !strcmp(m->low[k], "were"))))
		return false;
	while (k < end && is_one_of(m->low[k], fill, 8))
		k++;
	return at < end && k < end && !strcmp(m->low[k], word);
}

/* A word that is no mark and no noun: how many it took. */
static size_t
take_word(void *ctx, struct set *t, const struct vocabulary *v,
	  const struct message *m, size_t i, struct span s,
	  const struct deed *d)
{
	static const char *const points[] = {"i.e", "e.g", "viz", "namely"};
	static const char *const few[] = {"some", "few", "couple", "several",
					  "various"};
	size_t used;
	bool plural;

	if ((d->remote && !strcmp(m->tokens[i].raw, d->remote)) ||
	    is_one_of(m->low[i], points, 4))
		return 1;
	if (token_is_name(&m->tokens[i]))
		return set_take_names(ctx, t, v, m, i, s, d);
	if (is_needed(m, i, s.first)) {
		set_fails(t, TRUTH_UNKNOWN,
			  "those words may mean what has to stay");
		return 1;
	}
	used = mark_at(v, MARK_STOP, m->low + i, s.end - i);
	/* "from May" is no "may" */
	if (used && !(i > s.first && is_called(m->tokens[i].raw)))
		return used;
	if (is_one_of(m->low[i], few, 5)) {
		t->some = true;
		return 1;
	}
	if (i + 1 < s.end && d->text && name_has_part(d->text, m->low[i]) &&
	    noun_at(v, m->low + i + 1, s.end - i - 1, &used, &plural) &&
	    plural) {
		t->narrowed = true;
		return 1;
	}
	if (i + 1 < s.end && was_told(m, s.first, m->low[i], d) &&
	    (!strcmp(m->low[i + 1], "ones") ||
	     set_noun_fits(v, m->low + i + 1, s.end - i - 1, d))) {
		t->noun = t->noun_fits = t->plural = t->narrowed = true;
		return 2;
	}
	set_fails(t, TRUTH_UNKNOWN,
		  talloc_asprintf(ctx,
				  "what \"%s\" means cannot be told from facts",
				  text_safe(ctx, m->tokens[i].raw)));
	return 1;
}

/* "the release branches": one kind of thing says which of another. */
static bool
is_qualifier(const struct vocabulary *v, const struct message *m, size_t i,
	     size_t end, const struct deed *d)
{
	size_t used;
	bool plural;

	if (!d->text || !d->noun ||
	    (strcmp(d->noun, "branch") != 0 && strcmp(d->noun, "tag") != 0) ||
	    i + 1 >= end || m->tokens[i + 1].comma ||
	    !noun_at(v, m->low + i, end - i, &used, &plural) || used != 1 ||
	    plural)
		return false;
	return noun_at(v, m->low + i + 1, end - i - 1, &used, &plural) &&
	       plural && set_noun_fits(v, m->low + i + 1, end - i - 1, d);
}

enum truth
set_holds(void *ctx, const struct vocabulary *v, const struct message *m,
	  struct span s, const struct deed *d, const char **why)
{
	struct set t = {.older_s = -1, .holds = TRUTH_YES};
	size_t used;
	bool plural, fits;

	for (size_t i = s.first; i < s.end; i += used) {
		used = name_duration(m, i, s.end, &t.older_s);
		if (used) {
			t.narrowed = true;
			continue;
		}
		used = name_affix(m, s, i, d, &fits);
		if (used) {
			t.narrowed = true;
			set_fails(&t, fits ? TRUTH_YES : TRUTH_NO,
				  "its name is another");
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
		if (is_qualifier(v, m, i, s.end, d)) {
			t.narrowed = true;
			used = 1;
			set_fails(&t,
				  name_has_part(d->text, m->low[i]) ? TRUTH_YES
								    : TRUTH_NO,
				  "its name has not that part");
			continue;
		}
		/* "everything for ticket X" */
		if (t.all && i > s.first && i + 1 < s.end &&
		    mark_at(v, MARK_PLACE, m->low + i - 1, 1) +
			mark_at(v, MARK_PREPOSITION, m->low + i - 1, 1) &&
		    noun_at(v, m->low + i, 1, &used, &plural) && !plural &&
		    token_is_name(&m->tokens[i + 1]))
			continue;
		if (noun_at(v, m->low + i, s.end - i, &used, &plural)) {
			t.noun = true;
			t.plural |= plural;
			t.noun_fits |=
			    set_noun_fits(v, m->low + i, s.end - i, d);
			continue;
		}
		used = take_word(ctx, &t, v, m, i, s, d);
	}
	if (t.noun && !t.noun_fits)
		set_fails(&t, TRUTH_NO, "those words speak of something else");
	judge_facts(&t, d);
	t.narrowed |= t.mine || t.merged || t.stale;
	if (t.some && !token_span_names(m, s))
		set_fails(&t, TRUTH_UNKNOWN, "which ones was not said");
	if (t.holds == TRUTH_YES && !((t.all || t.plural) && t.noun) &&
	    !t.narrowed) {
		t.holds = TRUTH_UNKNOWN;
		t.why = NULL;
	}
	if (t.holds != TRUTH_YES)
		*why = t.why;
	return t.holds;
}
