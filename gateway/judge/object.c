/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words behind a verb.  What stands behind "of", "as", "into" is not what
 * the verb acts on, unless it is a verb that says so ("push to"); a name
 * before another thing's name only describes it ("the feature/x tests").
 */
#include "base/listed.h"
#include "base/path.h"
#include "judge/names.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

static bool
same_name(const struct token *t, const char *name)
{
	return !strcmp(t->raw, name);
}

/* How many tokens are the name, which may have blanks in it; 0: they are not.
 */
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

/* A directory that goes, goes with all that is in it. */
static bool
whole_tree(const struct hearing *h, const char *raw)
{
	const struct deed *d = h->d;

	if (d->kind == EFFECT_RESOURCE_DELETE && d->text && !h->exact &&
	    !strncmp(raw, "s3://", 5) && !strncmp(d->text, raw, strlen(raw)) &&
	    strchr(raw + 5, '/') && d->text[strlen(raw)] == '/')
		for (size_t i = 0; i < h->m->ntokens; i++)
			if (!strcmp(h->m->low[i], "--recursive") ||
			    !strcmp(h->m->low[i], "recursively"))
				return true;
	return (d->kind == EFFECT_FILE_DELETE ||
		d->kind == EFFECT_TREE_DELETE ||
		d->kind == EFFECT_UNTRACKED_DELETE) &&
	       !h->exact && d->text && strchr("/~.", *raw) &&
	       raw[strspn(raw, "/~.")] && path_is_under(d->text, raw);
}

/* "orders.status" is of orders. */
static bool
is_column(const struct deed *d, const char *raw)
{
	size_t n;

	if (d->kind != EFFECT_DB_WRITE && d->kind != EFFECT_DB_SCHEMA)
		return false;
	for (size_t k = 0; k < d->nnames; k++) {
		n = strlen(d->names[k]);
		/* "orders(created_at)" */
		if (!strncmp(raw, d->names[k], n) &&
		    (raw[n] == '.' || raw[n] == '(') && raw[n + 1])
			return true;
	}
	return false;
}

/* A plain word behind "and", and more behind it: a verb. */
static bool
is_act(const struct hearing *h, size_t at, size_t end)
{
	size_t used;
	bool plural;

	return at > 0 && object_joint(h->m, at - 1) && at + 1 < end &&
	       !token_is_name(&h->m->tokens[at]) &&
	       !h->m->tokens[at + 1].comma && !object_joint(h->m, at + 1) &&
	       !object_mark(h, MARK_PLACE, at + 1, end) &&
	       !noun_at(h->v, h->m->low + at + 1, 1, &used, &plural);
}

static bool
is_number(const char *s)
{
	return *s && !s[strspn(s, "#0123456789")];
}

/* "user 5" is of users. */
static bool
is_row(const struct hearing *h, size_t at, size_t end)
{
	const char *raw = h->m->tokens[at].raw;
	size_t n = strlen(raw);

	if (h->d->kind != EFFECT_DB_WRITE || at + 1 >= end || n < 3 ||
	    h->m->tokens[at + 1].comma || !is_number(h->m->low[at + 1]))
		return false;
	for (size_t k = 0; k < h->d->nnames; k++)
		if (!strncmp(h->d->names[k], raw, n) &&
		    !strcmp(h->d->names[k] + n, "s"))
			return true;
	return false;
}

/* "cd packages/acme && npm publish" */
static bool
is_package(const struct hearing *h, size_t at)
{
	static const char *const in[] = {"cd", "in", "from"};

	const char *slash = h->d->text ? strchr(h->d->text, '/') : NULL;

	/* "push image team/api:5 to registry.example.com" */
	if (h->d->kind == EFFECT_PUBLISH && slash && slash[1] &&
	    !strcmp(h->m->tokens[at].raw, slash + 1))
		for (size_t i = 0; i < h->m->ntokens; i++)
			if (!strncmp(h->m->tokens[i].raw, h->d->text,
				     (size_t)(slash - h->d->text)) &&
			    !h->m->tokens[i].raw[slash - h->d->text])
				return true;
	return h->d->kind == EFFECT_PUBLISH && h->d->text && at > 0 &&
	       is_one_of(h->m->low[at - 1], in, 3) &&
	       strchr(h->m->tokens[at].raw, '/') &&
	       !strcmp(path_base(h->m->tokens[at].raw), h->d->text);
}

size_t
object_at(const struct hearing *h, size_t at, size_t end)
{
	size_t best = 0, n;
	bool plural;

	for (size_t k = 0; k < h->d->nnames; k++) {
		n = name_at(h->m, at, end, h->d->names[k]);
		if (n > best)
			best = n;
	}
	if (!best && is_row(h, at, end))
		return 2;
	if (!best && name_is_host(h->d, h->m->tokens[at].raw))
		best = 1;
	/* "the mailer on staging" */
	if (!best && h->d->stem && same_name(&h->m->tokens[at], h->d->stem) &&
	    object_says_tier(h, (struct span){0, h->m->ntokens}))
		best = 1;
	if (!best && is_package(h, at))
		best = 1;
	if (!best && (whole_tree(h, h->m->tokens[at].raw) ||
		      is_column(h->d, h->m->tokens[at].raw)))
		return 1;
	/* "the logs" are not what is called "logs" */
	if (best == 1 && h->d->text && *h->d->text == '/' &&
	    !token_is_name(&h->m->tokens[at]) &&
	    noun_at(h->v, h->m->low + at, 1, &n, &plural) &&
	    !(at + 1 < end &&
	      noun_at(h->v, h->m->low + at + 1, 1, &n, &plural)))
		return 0;
	/* "rm /srv/build/out and build again" */
	if (best == 1 && h->d->text && *h->d->text == '/' && is_act(h, at, end))
		return 0;
	return best;
}

static bool
possessive_of(const struct token *t, const struct deed *d)
{
	size_t n;

	for (size_t k = 0; k < d->nnames; k++) {
		n = strlen(d->names[k]);
		if (!strncmp(t->raw, d->names[k], n) &&
		    !strcmp(t->raw + n, "'s"))
			return true;
	}
	return false;
}

bool
object_mentioned(const struct hearing *h, struct span s)
{
	for (size_t i = s.first; i < s.end; i++)
		if (object_at(h, i, s.end) ||
		    possessive_of(&h->m->tokens[i], h->d))
			return true;
	return false;
}

size_t
object_mark(const struct hearing *h, enum mark mark, size_t at, size_t end)
{
	return mark_at(h->v, mark, h->m->low + at, end - at);
}

bool
object_has_mark(const struct hearing *h, struct span s, enum mark mark)
{
	for (size_t i = s.first; i < s.end; i++)
		if (object_mark(h, mark, i, s.end))
			return true;
	return false;
}

/* ------------------------------------------------------------- naming */

bool
object_joint(const struct message *m, size_t at)
{
	static const char *const words[] = {"and", "or", "plus", "&", "then"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(m->low[at], words[i]))
			return true;
	return false;
}

bool
object_other_noun(const struct hearing *h, size_t at, size_t end)
{
	struct span one = {at, end};
	size_t used;
	bool plural;

	if (!noun_at(h->v, h->m->low + at, end - at, &used, &plural))
		return false;
	one.end = at + used;
	/* a path says for itself what it is */
	if (h->d->text && *h->d->text == '/' &&
	    (!strncmp(h->m->low[at], "file", 4) ||
	     !strncmp(h->m->low[at], "dir", 3) ||
	     !strncmp(h->m->low[at], "folder", 6) ||
	     !strncmp(h->m->low[at], "symlink", 7)))
		return false;
	return h->d->noun && !set_names_noun(h->v, h->m, one, h->d);
}

/* "rm x is fine" */
static bool
is_granted(const struct message *m, size_t at, size_t end)
{
	static const char *const words[] = {"fine", "ok",      "okay",
					    "good", "alright", "allowed"};

	for (size_t i = 0; at + 1 < end && i < 6; i++)
		if (!strcmp(m->low[at], "is") &&
		    !strcmp(m->low[at + 1], words[i]))
			return true;
	return false;
}

/* "get x deleted": the verb itself. */
static bool
is_verb_of(const struct statement *t, size_t at)
{
	return at == t->before.end && t->object.first < at;
}

/* May a name end before this word?  "feature/x now", "feature/x on origin",
 * but not "feature/x tests". */
static bool
may_follow(const struct hearing *h, size_t at, size_t end, bool subject)
{
	static const enum mark marks[] = {
	    MARK_GLUE,	  MARK_PREPOSITION, MARK_PLACE,	     MARK_ASIDE,
	    MARK_REMOTE,  MARK_LOCAL,	    MARK_BOTH,	     MARK_ONLY,
	    MARK_PASSIVE, MARK_EXCEPT,	    MARK_PRODUCTION, MARK_STAGING,
	    MARK_MERGED,  MARK_DEVELOPMENT, MARK_SUBJECT};
	const struct token *t = &h->m->tokens[at];
	struct span one = {at, at + 1};
	size_t n;

	/* "an issue titled Rounding" */
	if (at > 0 && (!strcmp(h->m->low[at - 1], "titled") ||
		       !strcmp(h->m->low[at - 1], "called") ||
		       !strcmp(h->m->low[at - 1], "named")))
		return true;
	n = strlen(t->low);
	if (*t->low == '-') /* "-f" */
		return true;
	if (n > 4 && !strcmp(t->low + n - 2, "ly")) /* "safely" */
		return true;
	/* "x can be deleted"; but "..., y has to stay" is another clause */
	if (!t->comma && object_mark(h, MARK_AUXILIARY, at, end))
		return subject || is_granted(h->m, at, end);
	/* "..., users get logged out" */
	if (!t->comma && !subject && h->m->tokens[at - 1].comma &&
	    object_mark(h, MARK_PASSIVE, at, end) && strcmp(t->low, "be") != 0)
		return false;
	if (t->comma || token_is_name(t) || object_joint(h->m, at))
		return true;
	if (h->d->remote && !strcmp(t->raw, h->d->remote))
		return true;
	/* "purge carts older than 90 days": rows of it */
	if (object_lies_within(h->d) && at + 1 < end &&
	    !strcmp(h->m->low[at + 1], "than"))
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (object_mark(h, marks[i], at, end))
			return true;
	return set_names_noun(h->v, h->m, one, h->d);
}

/* Does the name at [at, at + n) stand for itself? */
static bool
stands_alone(const struct hearing *h, const struct statement *t, size_t at,
	     size_t n)
{
	struct span o = t->object;
	bool subject = o.first < t->before.end;
	const struct message *m = h->m;

	if (at + n < o.end && !is_verb_of(t, at + n) &&
	    !may_follow(h, at + n, o.end, subject))
		return false;
	if (at == o.first || m->tokens[at].comma)
		return true;
	/* "the remote x": where it is */
	if (h->d->lane == LANE_REMOTE &&
	    object_mark(h, MARK_REMOTE, at - 1, at))
		return true;
	return !object_other_noun(h, at - 1, at);
}

/* "force push main to dev" overwrites dev. */
static size_t
pushed_to(const struct hearing *h, const struct span o)
{
	static const char *const defaults[] = {"main",	"master", "develop",
					       "trunk", "dev",	  "staging"};

	for (size_t i = o.first + 1; i + 1 < o.end; i++) {
		size_t k = i + 1;

		if (strcmp(h->m->low[i], "to") != 0 &&
		    strcmp(h->m->low[i], "onto") != 0 &&
		    strcmp(h->m->low[i], "over") != 0)
			continue;
		while (k + 1 < o.end &&
		       object_mark(h, MARK_DETERMINER, k, o.end) == 1)
			k++;
		if (h->d->remote && !strcmp(h->m->tokens[k].raw, h->d->remote))
			continue;
		for (size_t n = 0; n < sizeof(defaults) / sizeof(*defaults);
		     n++)
			if (!strcmp(h->m->low[k], defaults[n]))
				return k;
		if (token_is_name(&h->m->tokens[k]) &&
		    !strpbrk(h->m->tokens[k].raw, ":@"))
			return k;
	}
	return o.first;
}

/* A verb that puts one thing onto another acts on the other, if it is said. */
static size_t
behind_onto(const struct hearing *h, const struct statement *t)
{
	static const char *const words[] = {"to", "into", "over", "onto"};
	struct span o = t->object;

	if (h->d->lane == LANE_REMOTE && h->d->kind == EFFECT_REF_OVERWRITE &&
	    t->verb && t->verb->remote)
		return pushed_to(h, o);
	if (h->d->lane == LANE_REMOTE || h->d->kind == EFFECT_REF_MOVE ||
	    h->d->kind == EFFECT_REF_OVERWRITE)
		return o.first;
	for (size_t i = o.first; t->verb->onto && i < o.end; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++) {
			struct span rest = {i + 1,
					    i + 4 < o.end ? i + 4 : o.end};

			if (!strcmp(h->m->low[i], words[k]) &&
			    token_span_names(h->m, rest))
				return i;
		}
	return o.first;
}

/* "stash 0 and stash 1": the noun again behind an "and". */
static bool
is_joined(const struct hearing *h, size_t at)
{
	return at > 1 && object_joint(h->m, at - 2) &&
	       set_names_noun(h->v, h->m, (struct span){at - 1, at}, h->d);
}

/* "x has a file y which should be deleted": what stands before a passive verb
 * goes up to it. */
static bool
is_subject(const struct hearing *h, const struct statement *t, size_t behind)
{
	size_t end =
	    t->before.end < t->object.end ? t->before.end : t->object.end;

	if (t->object.first >= t->before.end)
		return true;
	for (size_t i = behind; i < end; i++) {
		if (object_other_noun(h, i, end))
			return false;
		if (token_is_name(&h->m->tokens[i]) && !h->m->tokens[i].comma &&
		    !name_is_measure(h->m->tokens[i].raw) && !is_joined(h, i) &&
		    !token_is_name(&h->m->tokens[i - 1]) &&
		    !name_is_duration(h->m, i, end) &&
		    !object_joint(h->m, i - 1) &&
		    !object_mark(h, MARK_PLACE, i - 1, i))
			return false;
	}
	return true;
}

/* What is acted on begins anew: "the folders a", behind its place; ", table x".
 */
static bool
is_restated(const struct hearing *h, size_t at, size_t end, bool named)
{
	size_t used, noun = at;
	bool plural;

	if (named && !strcmp(h->m->low[at], "the"))
		noun++;
	else if (!h->m->tokens[at].comma)
		return false;
	return noun < end &&
	       noun_at(h->v, h->m->low + noun, end - noun, &used, &plural) &&
	       set_names_noun(h->v, h->m, (struct span){noun, noun + used},
			      h->d) &&
	       noun + used < end &&
	       (token_is_name(&h->m->tokens[noun + used]) ||
		object_at(h, noun + used, end));
}

bool
object_named(const struct hearing *h, const struct statement *t)
{
	struct span o = t->object;
	enum stand stand = STAND_DIRECT;
	bool named_place = false;
	size_t n, start = behind_onto(h, t);

	/* "move a over b" */
	if (start > o.first && !strcmp(h->m->low[start], "over"))
		start++;
	for (size_t i = start; i < o.end; i += n ? n : 1) {
		const struct token *token = &h->m->tokens[i];

		if ((token->comma || object_joint(h->m, i)) &&
		    stand == STAND_PLACE && !named_place)
			stand = STAND_DIRECT;
		/* "the one that was made for a test, x" */
		if (token->comma && stand == STAND_OTHER &&
		    !token_span_names(h->m, (struct span){o.first, i}))
			stand = STAND_DIRECT;
		/* "in /srv the folders a and b", "..., table x" */
		if (token->item || is_restated(h, i, o.end, named_place))
			stand = STAND_DIRECT;
		n = object_at(h, i, o.end);
		if (n && stand == STAND_DIRECT && stands_alone(h, t, i, n) &&
		    is_subject(h, t, i + n))
			return name_sends(h->d, h->m, o.first, o.end);
		named_place |= n && stand == STAND_PLACE;
		if (n)
			continue;
		if (stand == STAND_PLACE && token_is_name(token) &&
		    !(h->d->remote && !strcmp(token->raw, h->d->remote)))
			named_place = true;
		stand = object_stand_behind(h, t, i, stand);
	}
	return false;
}
