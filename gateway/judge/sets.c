/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/sets.h"
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "judge/names.h"
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

struct set {
	bool all, plural, noun, noun_fits;
	bool mine, merged, unmerged, stale, aged;
	int64_t older_s; /* -1: not said */
	bool some;	 /* a few: nobody knows which */
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

static bool
is_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

static const char *const within[] = {"in", "under", "below", "inside", "from"};

/* A word that looks like a name: a glob, a prefix, a ticket.  Another object's
 * plain name narrows nothing and holds nothing. */
static void
take_name(struct set *t, const struct message *m, size_t i, size_t first,
	  const struct deed *d)
{
	const char *raw = m->tokens[i].raw;
	size_t n = strlen(raw);
	bool prefix = n && raw[n - 1] == '/';

	/* "discard all changes and go back to origin/main" */
	if (!d->text && !d->object && i > first &&
	    (!strcmp(m->low[i - 1], "to") || !strncmp(raw, "origin/", 7)))
		return;
	t->narrowed = true;
	/* "PROJ-31's branch" */
	if (n > 2 && !strcmp(raw + n - 2, "'s") && isupper((unsigned char)*raw))
		raw = talloc_strndup(m->tokens, raw, n - 2), n -= 2;
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
			      : path_is_under(d->text, raw) &&
				    strcmp(d->text, raw) != 0)
			  ? TRUTH_YES
			  : TRUTH_NO,
		      "it lies elsewhere");
	else if (*raw == '.' && isalpha((unsigned char)raw[1]) &&
		 !strchr(raw, '/') && name_in_place(m, first, i, d))
		fails(t, name_ends(d, raw) ? TRUTH_YES : TRUTH_NO,
		      "its name ends otherwise");
	else if (is_glob(raw))
		fails(t,
		      fnmatch(raw, d->text, 0) == 0 ||
			      (!strchr(raw, '/') &&
			       name_in_place(m, first, i, d) &&
			       fnmatch(raw, path_base(d->text), 0) == 0)
			  ? TRUTH_YES
			  : TRUTH_NO,
		      "its name does not match");
	else if (prefix)
		fails(t, name_begins(d, raw) ? TRUTH_YES : TRUTH_NO,
		      "its name begins otherwise");
	else if (raw[strspn(raw, "#0123456789")] == '\0' ||
		 (isupper((unsigned char)*raw) && strchr(raw, '-')))
		fails(t,
		      name_has_number(d->text, raw + strspn(raw, "#"))
			  ? TRUTH_YES
			  : TRUTH_NO,
		      "it has not that number");
	else
		fails(t, TRUTH_NO, "those words name another");
}

/* "90210 to 90214", "8081-8085", "rc1..rc4": how many words. */
static size_t
take_range(void *ctx, struct set *t, const struct message *m, size_t i,
	   size_t end, const struct deed *d)
{
	static const char *const joints[] = {
	    "to",    "through", "thru", "until", "till", "-",
	    "up to", "..",	".",	"...",	 "and"};
	char *low = talloc_strdup(ctx, m->tokens[i].raw), *high;
	size_t used = 1;
	bool in = false;

	if (!low)
		BUG("out of memory");
	high = strstr(low, "..");
	if (high) {
		*high = '\0';
		high += 2 + strspn(high + 2, ".");
	} else if (strchr(low, '-') && !low[strspn(low, "0123456789-")]) {
		high = strchr(low, '-');
		*high++ = '\0';
	} else if (i + 2 < end &&
		   is_one_of(
		       m->low[i + 1], joints,
		       sizeof(joints) / sizeof(*joints) -
			   !(i > 0 && !strcmp(m->low[i - 1], "between")))) {
		high = talloc_strdup(ctx, m->tokens[i + 2].raw);
		used = 3;
	} else if (i + 3 < end && !strcmp(m->low[i + 1], "up") &&
		   !strcmp(m->low[i + 2], "to")) {
		high = talloc_strdup(ctx, m->tokens[i + 3].raw);
		used = 4;
	} else if (i + 1 < end && m->tokens[i + 1].dash) {
		high = talloc_strdup(ctx, m->tokens[i + 1].raw);
		used = 2;
	}
	if (!high || !low[name_number(low)] || !high[name_number(high)])
		return 0;
	/* "v1..3" */
	if (!name_number(high) && name_number(low))
		high = talloc_asprintf(ctx, "%.*s%s", (int)name_number(low),
				       low, high);
	if (!name_between(high, low, high))
		return 0;
	for (size_t k = 0; k < d->nnames; k++)
		in |= name_between(d->names[k], low, high);
	t->narrowed = true;
	fails(t, in ? TRUTH_YES : TRUTH_NO, "it is not within that range");
	return used;
}

/* Behind the name before at in a list: where the next one stands; 0: the list
 * is over. */
static size_t
next_of_list(const struct vocabulary *v, const struct message *m, size_t at,
	     size_t end, const struct deed *d)
{
	static const char *const joints[] = {"and", "or", "&", "plus"};
	static const char *const again[] = {"for", "the", "all", "also"};
	bool joined = false, path = strchr("/~", *m->tokens[at - 1].raw);

	while (at < end && is_one_of(m->low[at], joints, 4))
		joined = true, at++;
	while (joined && at < end &&
	       (is_one_of(m->low[at], again, 4) ||
		noun_fits(v, m->low + at, 1, d)))
		at++;
	/* "in /srv/x (core.?)" narrows */
	if (at >= end || !token_is_name(&m->tokens[at]) || m->tokens[at].item ||
	    !strchr("/~", *m->tokens[at].raw) == path ||
	    (d->remote && !strcmp(m->tokens[at].raw, d->remote)))
		return 0;
	return joined || m->tokens[at].comma ? at : 0;
}

/* "spike-? and poc-?", "PROJ-1, PROJ-2": what one of them holds, the list
 * holds.  How many words. */
static size_t
take_names(void *ctx, struct set *t, const struct vocabulary *v,
	   const struct message *m, size_t i, struct span s,
	   const struct deed *d)
{
	struct set best = {.holds = TRUTH_NO}, one;
	size_t at = i, next = i, used;
	bool place = i > s.first && is_one_of(m->low[i - 1], within, 5);

	do {
		one = (struct set){.holds = TRUTH_YES};
		used = take_range(ctx, &one, m, next, s.end, d);
		if (used == 0) {
			take_name(&one, m, next, s.first, d);
			used = 1;
		}
		/* "in /srv/a and /srv/b" */
		if (place && next > i && d->text && *d->text == '/' &&
		    path_is_under(d->text, m->tokens[next].raw) &&
		    strcmp(d->text, m->tokens[next].raw) != 0)
			one.holds = TRUTH_YES;
		if (next == i || best.holds == TRUTH_NO ||
		    one.holds == TRUTH_YES)
			best = one;
		if (best.holds == TRUTH_YES)
			best.why = NULL;
		at = next + used;
		next = next_of_list(v, m, at, s.end, d);
	} while (next);
	t->narrowed = true;
	fails(t, best.holds, best.why);
	return at - i;
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
		return take_names(ctx, t, v, m, i, s, d);
	if (is_needed(m, i, s.first)) {
		fails(t, TRUTH_UNKNOWN,
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
	fails(t, TRUTH_UNKNOWN,
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
	       plural && noun_fits(v, m->low + i + 1, end - i - 1, d);
}

enum truth
set_holds(void *ctx, const struct vocabulary *v, const struct message *m,
	  struct span s, const struct deed *d, const char **why)
{
	struct set t = {.older_s = -1, .holds = TRUTH_YES};
	size_t used;
	bool plural;

	for (size_t i = s.first; i < s.end; i += used) {
		used = name_duration(m, i, s.end, &t.older_s);
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
		if (is_qualifier(v, m, i, s.end, d)) {
			t.narrowed = true;
			used = 1;
			fails(&t,
			      name_has_part(d->text, m->low[i]) ? TRUTH_YES
								: TRUTH_NO,
			      "its name has not that part");
			continue;
		}
		if (noun_at(v, m->low + i, s.end - i, &used, &plural)) {
			t.noun = true;
			t.plural |= plural;
			t.noun_fits |= noun_fits(v, m->low + i, s.end - i, d);
			continue;
		}
		used = take_word(ctx, &t, v, m, i, s, d);
	}
	if (t.noun && !t.noun_fits)
		fails(&t, TRUTH_NO, "those words speak of something else");
	judge_facts(&t, d);
	t.narrowed |= t.mine || t.merged || t.stale;
	if (t.some && !token_span_names(m, s))
		fails(&t, TRUTH_UNKNOWN, "which ones was not said");
	if (t.holds == TRUTH_YES && !((t.all || t.plural) && t.noun) &&
	    !t.narrowed) {
		t.holds = TRUTH_UNKNOWN;
		t.why = NULL;
	}
	if (t.holds != TRUTH_YES)
		*why = t.why;
	return t.holds;
}
