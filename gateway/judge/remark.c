/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said beside: remarks behind a comma, which say nothing of what is
 * acted on, and the leave to force what another clause pushes.
 */
#include "base/listed.h"
#include "judge/message_work.h"
#include <ctype.h>
#include <string.h>

static bool
is_word(const struct reading *r, size_t at, const char *const *list, size_t n)
{
	for (size_t i = 0; at < r->m->ntokens && i < n; i++)
		if (!strcmp(r->m->low[at], list[i]))
			return true;
	return false;
}

#define IS_WORD(r, at, list)                                                   \
	is_word(r, at, list, sizeof(list) / sizeof(*(list)))

/* What has a verb of its own: "is", "get". */
static bool
is_finite(const struct reading *r, size_t at)
{
	static const char *const words[] = {
	    "is",   "are",   "was",    "were",	  "has",     "have",   "had",
	    "gets", "get",   "got",    "matters", "matter",  "does",   "do",
	    "said", "says",  "stays",  "stay",	  "remains", "remain", "can",
	    "must", "needs", "should", "hasn't",  "wants"};

	return IS_WORD(r, at, words);
}

/* "the rest stays", "everything else is needed" */
static bool
is_rest(const struct reading *r, size_t from, size_t to)
{
	static const char *const words[] = {"rest", "others", "else"};

	for (size_t i = from; i < to; i++)
		if (IS_WORD(r, i, words))
			return true;
	return false;
}

/* Ones, which: says of what was named which is meant. */
static bool
says_which(const struct reading *r, size_t from, size_t to)
{
	static const char *const words[] = {
	    "one",  "ones", "those", "these", "which",	"that",
	    "who",  "most", "some",  "both",  "whose",	"where",
	    "main", "half", "only",  "few",   "master", "develop"};

	for (size_t i = from; i < to; i++)
		if (IS_WORD(r, i, words))
			return true;
	return false;
}

/* ", Kim agreed": somebody, and what she does. */
static bool
is_person(const struct reading *r, size_t at)
{
	const char *raw = r->m->tokens[at].raw;
	size_t used;
	bool plural;

	if (!isupper((unsigned char)*raw) || !islower((unsigned char)raw[1]) ||
	    at + 1 >= r->end || r->m->tokens[at + 1].comma ||
	    token_is_name(&r->m->tokens[at]) ||
	    !strcmp(r->m->low[at + 1], "and") ||
	    !strcmp(r->m->low[at + 1], "or") ||
	    noun_at(r->v, r->m->low + at + 1, 1, &used, &plural) ||
	    noun_at(r->v, r->m->low + at, 1, &used, &plural))
		return false;
	for (int k = 0; k < MARK_LIGHT_COUNT; k++)
		if (reading_mark(r, (enum mark)k, at))
			return false;
	return true;
}

bool
clause_is_remark(const struct reading *r, size_t at)
{
	static const char *const heads[] = {
	    "the",  "my",	"our",	  "their",	"his",	 "her",
	    "its",  "nothing",	"nobody", "everything", "users", "people",
	    "this", "everyone", "all",	  "everybody",	"no",	 "customers",
	    "disk", "space",	"memory", "quota",	"ram",	 "pipeline"};
	/* what stands there has to stay */
	static const char *const bounds[] = {
	    "should",	 "must", "may",	     "can", "needs",
	    "needed",	 "need", "used",     "use", "important",
	    "protected", "in",	 "required", "go",  "wants"};
	size_t end = at + 1, verb = 0, used;
	bool plural;

	if (!r->m->tokens[at].comma)
		return false;
	if (is_person(r, at))
		verb = at + 1;
	else if (!IS_WORD(r, at, heads))
		return false;
	while (end < r->end && !r->m->tokens[end].comma)
		end++;
	for (size_t i = at; i < end; i++) {
		if (token_is_name(&r->m->tokens[i]))
			return false;
		if (!verb && i > at && is_finite(r, i))
			verb = i;
	}
	if (!verb || verb > at + 4 || says_which(r, at, verb))
		return false;
	if (is_rest(r, at, verb))
		return true;
	for (size_t i = at; i < end; i++)
		if (reading_mark(r, MARK_KEEP, i) ||
		    reading_mark(r, MARK_ALONE, i) ||
		    reading_mark(r, MARK_EXCEPT, i) || IS_WORD(r, i, bounds) ||
		    (reading_mark(r, MARK_NOT, i) && i > at) ||
		    noun_at(r->v, r->m->low + i, end - i, &used, &plural))
			return false;
	return true;
}

bool
clause_ends_remark(const struct reading *r, size_t at)
{
	static const char *const us[] = {"we", "i"};
	static const char *const its[] = {"it", "this", "that"};
	const struct statement *t = r->m->n ? &r->m->v[r->m->n - 1] : NULL;
	size_t used, it;
	enum form form;

	if (!t || !t->verb || !t->verb->remark || t->mood != MOOD_ASKS ||
	    t->sentence != r->s->context || r->verb_ended > r->neutral_at ||
	    r->neutral_at < 1 || !IS_WORD(r, r->neutral_at - 1, us) ||
	    strcmp(r->m->low[at], "and") != 0 || !IS_WORD(r, at - 1, its) ||
	    !verb_at(r->v, r->m->low + at + 1, r->end - at - 1, &used, &form) ||
	    form != FORM_BASE)
		return false;
	it = at + 1 + used;
	return it < r->end && IS_WORD(r, it, its) &&
	       (it + 1 == r->end || r->m->tokens[it + 1].comma);
}

/* ------------------------------------------------------------- forcing */

/* "you'll have to force", and no name behind it in its clause; but not "tell
 * me if you have to force". */
static bool
is_leave(const struct vocabulary *v, const struct message *m, size_t at)
{
	static const char *const doubts[] = {
	    "if",   "when",  "whether", "unless", "tell", "know",
	    "ask",  "avoid", "stop",	"said",	  "says", "think",
	    "warn", "why",   "how",	"until",  "told"};
	size_t end = m->ntokens,
	       n = mark_at(v, MARK_FORCE, m->low + at, end - at);

	/* "(force)" */
	if (!n && m->tokens[at].comma &&
	    (!strcmp(m->low[at], "force") || !strcmp(m->low[at], "forced")) &&
	    (at + 1 == end || m->tokens[at + 1].begins))
		return true;
	if (!n)
		return false;
	for (size_t i = at; i > 0 && !m->tokens[i].comma; i--) {
		if (m->tokens[i].begins)
			break;
		if (mark_at(v, MARK_NOT, m->low + i - 1, end - i + 1) ||
		    mark_at(v, MARK_NEUTRAL, m->low + i - 1, end - i + 1))
			return false;
		for (size_t k = 0; k < sizeof(doubts) / sizeof(*doubts); k++)
			if (!strcmp(m->low[i - 1], doubts[k]))
				return false;
	}
	for (size_t i = at + n;
	     i < end && !m->tokens[i].begins && !m->tokens[i].comma; i++)
		if (token_is_name(&m->tokens[i]))
			return false;
	return true;
}

/* Nothing, "it", "again": what was spoken of is pushed. */
static bool
is_elliptic(const struct vocabulary *v, const struct message *m, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (token_is_name(&m->tokens[i]) ||
		    (!mark_at(v, MARK_GLUE, m->low + i, 1) &&
		     !mark_at(v, MARK_PRONOUN, m->low + i, 1)))
			return false;
	return true;
}

static bool
says_remote(const struct vocabulary *v, const struct message *m, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (mark_at(v, MARK_REMOTE, m->low + i, s.end - i) ||
		    /* "the PR branch" */
		    (i + 1 < s.end && !strcmp(m->low[i + 1], "branch") &&
		     (!strcmp(m->low[i], "pr") || !strcmp(m->low[i], "mr"))))
			return true;
	return false;
}

void
message_forces(const struct vocabulary *v, struct message *m)
{
	const struct verb *force = verb_called(v, "force push");
	bool leave;

	for (size_t i = 0; force && !m->question && i < m->n; i++) {
		struct statement *t = &m->v[i];

		if (t->mood != MOOD_ASKS || !t->verb ||
		    (strcmp(t->verb->name, "push") != 0 &&
		     strcmp(t->verb->name, "send") != 0 &&
		     strcmp(t->verb->name, "update") != 0 &&
		     strcmp(t->verb->name, "reset to") != 0 &&
		     strcmp(t->verb->name, "discard") != 0))
			continue;
		leave = false;
		for (size_t k = t->before.end; !leave && k < m->ntokens; k++)
			leave = is_leave(v, m, k);
		if (!leave)
			continue;
		/* "update the remote branch" */
		if (!t->verb->remote && !says_remote(v, m, t->object))
			continue;
		t->verb = force;
		t->pronoun |= is_elliptic(v, m, t->object);
	}
}

/* "npm publish --dry-run" */
bool
clause_is_rehearsed(const struct reading *r, const struct statement *t)
{
	static const char *const words[] = {"--dry-run", "dry-run", "dryrun",
					    "dry", "--dryrun"};

	for (size_t i = t->object.first; i < t->object.end; i++) {
		const char *low = r->m->low[i];

		if (r->m->tokens[i].comma)
			return false;
		/* "git clean -nd" */
		if (is_one_of(low, words, 5) ||
		    (t->verb && !strcmp(t->verb->name, "git clean") &&
		     low[0] == '-' && low[1] != '-' && strchr(low, 'n')))
			return true;
	}
	return false;
}

bool
clause_is_tier(const struct vocabulary *v, const struct message *m,
	       struct span s)
{
	static const enum mark tiers[] = {MARK_PRODUCTION, MARK_STAGING,
					  MARK_DEVELOPMENT};
	static const char *const fill[] = {"on", "in",	"--", "please", "pls",
					   "db", "the", "of", "course"};
	bool tier = false, known;

	for (size_t i = s.first; i < s.end; i++) {
		known = is_one_of(m->low[i], fill, 9);
		for (size_t k = 0; k < 3 && !known; k++)
			if (mark_at(v, tiers[k], m->low + i, 1))
				known = tier = true;
		if (!known)
			return false;
	}
	return tier;
}

bool
clause_is_adjective(const struct reading *r, size_t used)
{
	size_t next = r->at + used, n;
	bool plural;

	return r->open && next < r->end && !r->m->tokens[next].comma &&
	       noun_at(r->v, r->m->low + next, 1, &n, &plural) &&
	       (r->verb_ended == r->at ||
		(r->at == r->verb_ended + 1 &&
		 reading_after(r, MARK_DETERMINER, r->at)));
}
