/* SPDX-License-Identifier: Apache-2.0 */
/* Statements against deeds. */
#include "judge/words.h"
#include "base/text.h"
#include "judge/message.h"
#include "judge/sets.h"
#include <string.h>
#include <talloc.h>

/* Rebasing, resetting and squashing are done here; what that means for a
 * remote has to be said. */
static bool
only_here(const struct verb *verb, const struct deed *d)
{
	return d->kind == EFFECT_REF_OVERWRITE && d->lane == LANE_REMOTE &&
	       !verb->remote && strcmp(verb->name, "overwrite") != 0;
}

/* Which verbs cover a deed: by its effect; a boundary also by the command
 * ("don't commit"): "push" asks for what adds, not for what overwrites, but
 * forbids both. */
static bool
verb_covers(const struct verb *verb, const struct deed *d, bool forbids)
{
	size_t n;

	if (verb->effects[d->kind] &&
	    !(verb->remote && d->lane == LANE_LOCAL) &&
	    !(!forbids && only_here(verb, d)))
		return true;
	if (!forbids)
		return false;
	for (size_t i = 0; d->summary && i < verb->ncommands; i++) {
		n = strlen(verb->commands[i]);
		if (!strncmp(d->summary, verb->commands[i], n) &&
		    (d->summary[n] == ' ' || !d->summary[n]))
			return true;
	}
	return false;
}

static bool
covers(const struct statement *t, const struct deed *d)
{
	if (!t->verb)
		return true;
	if (t->verb->any)
		return t->mood == MOOD_FORBIDS;
	return verb_covers(t->verb, d, t->mood == MOOD_FORBIDS);
}

static bool
same_name(const struct token *t, const char *name)
{
	size_t n = strlen(name);

	/* "feature/x's", "feature/x" */
	return !strcmp(t->raw, name) ||
	       (!strncmp(t->raw, name, n) && !strcmp(t->raw + n, "'s"));
}

/* Several tokens for a name with blanks in it. */
static size_t
name_at(const struct message *m, size_t at, size_t end, const char *name)
{
	const char *p = name;
	size_t i = at;

	if (!strchr(name, ' '))
		return same_name(&m->tokens[at], name) ? 1 : 0;
	while (*p && i < end) {
		size_t n = strcspn(p, " ");

		if (strlen(m->tokens[i].raw) != n ||
		    strncasecmp(m->tokens[i].raw, p, n) != 0)
			return 0;
		p += n + strspn(p + n, " ");
		i++;
	}
	return *p ? 0 : i - at;
}

static bool
names_in(const struct message *m, struct span s, const struct deed *d)
{
	for (size_t i = s.first; i < s.end; i++)
		for (size_t k = 0; k < d->nnames; k++)
			if (name_at(m, i, s.end, d->names[k]))
				return true;
	return false;
}

/* "the line in /etc/hosts", "the import of x.py": what goes is not the file. */
static bool
part_of_file(const struct vocabulary *v, const struct message *m, struct span s,
	     const struct deed *d)
{
	static const char *const words[] = {"of",     "in",	"from",
					    "inside", "within", "at"};
	bool file = d->kind == EFFECT_FILE_DELETE ||
		    d->kind == EFFECT_TREE_DELETE ||
		    d->kind == EFFECT_UNTRACKED_DELETE;
	size_t used;
	bool plural;

	for (size_t i = s.first + 1; file && i < s.end; i++) {
		struct span one = {i, i + 1};

		if (!names_in(m, one, d))
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (!strcmp(m->low[i - 1], words[k]))
				for (size_t h = s.first; h + 1 < i; h++)
					if (!mark_at(v, MARK_STOP, m->low + h,
						     1) &&
					    !token_is_name(&m->tokens[h]) &&
					    !noun_at(v, m->low + h, 1, &used,
						     &plural))
						return true;
		return false;
	}
	return false;
}

static bool
has_mark(const struct vocabulary *v, const struct message *m, struct span s,
	 enum mark mark)
{
	for (size_t i = s.first; i < s.end; i++)
		if (mark_at(v, mark, m->low + i, s.end - i))
			return true;
	return false;
}

static bool
has_word(const struct message *m, struct span s, const char *word)
{
	for (size_t i = s.first; i < s.end; i++)
		if (!strcmp(m->tokens[i].raw, word))
			return true;
	return false;
}

/* A remote object has to be said to be one, if there is the same here. */
static bool
lane_fits(const struct vocabulary *v, const struct message *m,
	  const struct statement *t, const struct deed *d)
{
	struct span s = {t->object.first, t->object.end};
	bool both = has_mark(v, m, s, MARK_BOTH);
	bool remote = has_mark(v, m, s, MARK_REMOTE) ||
		      (d->remote && (has_word(m, s, d->remote) ||
				     has_word(m, s, d->object)));
	bool local = has_mark(v, m, s, MARK_LOCAL);

	if (t->verb && t->verb->remote)
		remote = true;
	if (both)
		return true;
	if (d->lane == LANE_LOCAL)
		return !remote || local;
	if (d->lane == LANE_REMOTE)
		return remote || (!local && !d->has_local);
	return true;
}

/* "production", "production's" */
static bool
says_tier(const struct vocabulary *v, const struct message *m, struct span s,
	  enum mark mark)
{
	char word[64];
	const char *low = word;
	size_t n;

	if (has_mark(v, m, s, mark))
		return true;
	for (size_t i = s.first; i < s.end; i++) {
		n = strlen(m->low[i]);
		if (n < 3 || n >= sizeof(word) ||
		    strcmp(m->low[i] + n - 2, "'s") != 0)
			continue;
		memcpy(word, m->low[i], n - 2);
		word[n - 2] = '\0';
		if (mark_at(v, mark, &low, 1))
			return true;
	}
	return false;
}

/* What is production has to be called so, or by its full name. */
static bool
production_said(const struct message *m, struct span s, const struct deed *d)
{
	for (size_t i = s.first; i < s.end; i++)
		if (strstr(m->low[i], "prod") || strstr(m->low[i], "live") ||
		    (d->object && !strcmp(m->tokens[i].raw, d->object)) ||
		    (d->object && strstr(d->object, m->tokens[i].raw) &&
		     strlen(m->tokens[i].raw) > 5 &&
		     strchr(m->tokens[i].raw, '.')))
			return true;
	return false;
}

static bool
tier_fits(const struct vocabulary *v, const struct message *m, struct span s,
	  const struct deed *d)
{
	bool production = says_tier(v, m, s, MARK_PRODUCTION),
	     staging = says_tier(v, m, s, MARK_STAGING),
	     development = says_tier(v, m, s, MARK_DEVELOPMENT);

	if (!production && !staging && !development)
		return d->tier != TIER_PRODUCTION || production_said(m, s, d);
	return (d->tier == TIER_PRODUCTION && production) ||
	       (d->tier == TIER_STAGING && staging) ||
	       (d->tier == TIER_DEVELOPMENT && development) ||
	       (d->tier == TIER_UNKNOWN && !production);
}

/* "Feature/x is done, delete it": the name stands before, and alone. */
static bool
meant_by_pronoun(const struct message *m, const struct statement *t,
		 const struct deed *d)
{
	/* longer ago than that nobody means it */
	size_t others = 0, first = t->before.end > 24 ? t->before.end - 24 : 0;
	struct span s = {first > t->before.first ? first : t->before.first,
			 t->before.end};
	struct span one, own = {t->sentence, t->before.end};

	/* what the same sentence names is nearer */
	if (token_span_names(m, own))
		s = own;
	if (!names_in(m, s, d))
		return false;
	for (size_t i = s.first; i < s.end; i++) {
		one = (struct span){i, i + 1};
		others += token_is_name(&m->tokens[i]) && !names_in(m, one, d);
	}
	return others == 0;
}

/* "issue 7 of acme/gears" is not the one of acme/widgets; "release 7" no
 * issue. */
static bool
place_fits(const struct vocabulary *v, const struct message *m, struct span s,
	   const struct deed *d)
{
	struct span one;

	if (!d->place)
		return true;
	for (size_t i = s.first; i < s.end; i++) {
		const char *raw = m->tokens[i].raw, *slash = strchr(raw, '/');

		one = (struct span){i, i + 1};
		if (slash && slash > raw && slash[1] &&
		    !strchr(slash + 1, '/') && strcmp(raw, d->place) != 0 &&
		    !names_in(m, one, d))
			return false;
	}
	return !d->noun || !set_has_noun(v, m, s) || set_names_noun(v, m, s, d);
}

/* ------------------------------------------------------------- asking */

static bool
asks_for(void *ctx, const struct vocabulary *v, const struct message *m,
	 const struct statement *t, const struct deed *d, const char **why)
{
	struct span o = t->object;
	bool named = names_in(m, o, d) ||
		     (t->pronoun && meant_by_pronoun(m, t, d) &&
		      (!set_has_noun(v, m, o) || set_names_noun(v, m, o, d)));

	if (!t->verb || !covers(t, d))
		return false;
	if (part_of_file(v, m, o, d)) {
		*why = "those words mean a part of it";
		return false;
	}
	if (t->reserved) {
		*why = "those words wait for the person";
		return false;
	}
	if (t->except.end > t->except.first &&
	    (names_in(m, t->except, d) ||
	     set_holds(ctx, v, m, t->except, d, why) == TRUTH_YES)) {
		*why = "those words except it";
		return false;
	}
	if (!lane_fits(v, m, t, d)) {
		*why = d->lane == LANE_REMOTE
			   ? "those words do not say that the remote's is meant"
			   : "those words mean the remote's, not the one here";
		return false;
	}
	if (!tier_fits(v, m, o, d)) {
		*why = "those words mean another environment";
		return false;
	}
	if (!place_fits(v, m, o, d)) {
		*why = "those words mean another place";
		return false;
	}
	if (named && !t->verb->goal)
		return true;
	if (t->verb->bare && !token_span_names(m, o) &&
	    (set_names_noun(v, m, o, d) || !set_has_noun(v, m, o)))
		return true;
	if (named)
		return set_names_noun(v, m, o, d);
	if (set_holds(ctx, v, m, o, d, why) == TRUTH_YES &&
	    (!t->verb->goal || token_span_names(m, o) ||
	     has_mark(v, m, o, MARK_MERGED)))
		return true;
	if (!*why)
		*why = "those words do not name it";
	return false;
}

/* ------------------------------------------------------------- forbidding */

static bool
only_local(const struct vocabulary *v, const struct message *m, size_t n)
{
	struct span all = {0, n};
	size_t used;

	for (size_t i = all.first; i < n; i++) {
		bool plural;

		used = mark_at(v, MARK_ONLY, m->low + i, n - i);
		if (used && i + used < n &&
		    mark_at(v, MARK_LOCAL, m->low + i + used, n - i - used)) {
			size_t after = i + used + 1;

			/* "only local branches" says which branches */
			if (after >= n || !noun_at(v, m->low + after, n - after,
						   &used, &plural))
				return true;
		}
		used = mark_at(v, MARK_LOCAL, m->low + i, n - i);
		if (used && i + used < n &&
		    mark_at(v, MARK_ONLY, m->low + i + used, n - i - used))
			return true;
	}
	return false;
}

/* Names, nouns, lanes or tiers of the object: does the boundary go round this
 * deed?  Nothing said: everything the verb covers. */
static bool
forbids(void *ctx, const struct vocabulary *v, const struct message *m,
	const struct statement *t, const struct deed *d)
{
	struct span o = t->object;
	const char *why = NULL;
	bool any_name = token_span_names(m, o);

	if (!covers(t, d))
		return false;
	if (t->except.end > t->except.first && names_in(m, t->except, d))
		return false;
	if (names_in(m, o, d) || (t->pronoun && meant_by_pronoun(m, t, d)))
		return true;
	if (any_name)
		return set_holds(ctx, v, m, o, d, &why) == TRUTH_YES;
	if (has_mark(v, m, o, MARK_PRODUCTION) ||
	    has_mark(v, m, o, MARK_STAGING) ||
	    has_mark(v, m, o, MARK_DEVELOPMENT))
		return d->tier != TIER_UNKNOWN && tier_fits(v, m, o, d);
	if (has_mark(v, m, o, MARK_REMOTE) && d->lane == LANE_LOCAL &&
	    !has_mark(v, m, o, MARK_LOCAL))
		return false;
	if (!t->verb)
		return set_names_noun(v, m, o, d) &&
		       set_holds(ctx, v, m, o, d, &why) != TRUTH_NO;
	if (set_has_noun(v, m, o))
		return set_names_noun(v, m, o, d) &&
		       set_holds(ctx, v, m, o, d, &why) != TRUTH_NO;
	return true;
}

/* ------------------------------------------------------------- both */

/* A later "push it now" lifts an earlier "don't push": the verb is enough,
 * unless it is about something else. */
static bool
lifts(void *ctx, const struct vocabulary *v, const struct message *m,
      const struct statement *t, const struct deed *d)
{
	const char *why = NULL;

	return t->mood == MOOD_ASKS && t->verb && !t->reserved &&
	       covers(t, d) &&
	       (!token_span_names(m, t->object) ||
		asks_for(ctx, v, m, t, d, &why));
}

static void
weigh(void *ctx, const struct vocabulary *v, const struct message *m,
      const struct deed *d, struct saying *out)
{
	const char *why;

	for (size_t i = 0; i < m->n; i++) {
		const struct statement *t = &m->v[i];

		why = NULL;
		if (t->mood == MOOD_FORBIDS) {
			if (forbids(ctx, v, m, t, d))
				*out = (struct saying){SAID_NO, t->quote, NULL};
			continue;
		}
		if (t->mood != MOOD_ASKS)
			continue;
		if (covers(t, d) && names_in(m, t->except, d)) {
			*out = (struct saying){SAID_NO, t->quote, NULL};
			continue;
		}
		if (asks_for(ctx, v, m, t, d, &why)) {
			*out = (struct saying){SAID_YES, t->quote, NULL};
		} else if (out->said == SAID_NO && lifts(ctx, v, m, t, d)) {
			*out = (struct saying){SAID_NOTHING, t->quote, why};
		} else if (why && out->said == SAID_NOTHING) {
			out->quote = t->quote;
			out->why = why;
		}
	}
	if (d->lane == LANE_REMOTE && only_local(v, m, m->ntokens))
		*out = (struct saying){SAID_NO, "only local", NULL};
}

void
words_about(void *ctx, const struct vocabulary *v, const struct session *s,
	    const struct deed *d, struct saying *out)
{
	struct message m;

	*out = (struct saying){0};
	for (size_t i = 0; i < s->nwords; i++) {
		message_read(ctx, v, s->words[i].text, &m);
		weigh(ctx, v, &m, d, out);
	}
}

char *
words_wanted(void *ctx, const struct vocabulary *v, const struct deed *d)
{
	const char *verb = NULL;
	bool exact = false;

	/* of several that fit, the one that speaks of elsewhere for what lies
	 * elsewhere ("force push"), and the first */
	for (size_t i = 0; !exact && i < v->nverbs; i++) {
		const struct verb *b = &v->verbs[i];

		if (!b->effects[d->kind] || b->any ||
		    (b->remote && d->lane != LANE_REMOTE))
			continue;
		exact = b->remote || d->kind == EFFECT_REF_DELETE;
		if (!verb || exact)
			verb = b->name;
	}
	if (!verb)
		return NULL;
	return talloc_asprintf(
	    ctx, "%s %s%s%s%s", verb,
	    d->lane == LANE_REMOTE && d->has_local ? "the remote " : "",
	    d->noun ? d->noun : "", d->noun && d->nnames ? " " : "",
	    d->nnames ? text_safe(ctx, d->names[0])
	    : d->noun ? ""
		      : "it");
}
