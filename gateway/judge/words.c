/* SPDX-License-Identifier: Apache-2.0 */
/* Statements against deeds. */
#include "judge/words.h"
#include "base/listed.h"
#include "base/text.h"
#include "judge/message_work.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include "judge/words_work.h"
#include <string.h>
#include <talloc.h>

/* "the line in /etc/hosts", "the import of x.py": what goes is not the file. */
static bool
part_of_file(const struct hearing *h, struct span s)
{
	static const char *const words[] = {"of",     "in",	"from",
					    "inside", "within", "at"};
	const struct vocabulary *v = h->v;
	const struct message *m = h->m;
	const struct deed *d = h->d;
	bool file = d->kind == EFFECT_FILE_DELETE ||
		    d->kind == EFFECT_TREE_DELETE ||
		    d->kind == EFFECT_UNTRACKED_DELETE;
	size_t used;
	bool plural;

	for (size_t i = s.first + 1; file && i < s.end; i++) {
		struct span one = {i, i + 1};

		if (!object_mentioned(h, one))
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (!strcmp(m->low[i - 1], words[k]))
				for (size_t p = s.first; p + 1 < i; p++)
					if (!mark_at(v, MARK_STOP, m->low + p,
						     1) &&
					    !mark_at(v, MARK_STALE, m->low + p,
						     1) &&
					    !token_is_name(&m->tokens[p]) &&
					    !noun_at(v, m->low + p, 1, &used,
						     &plural))
						return true;
		return false;
	}
	return false;
}

/* ------------------------------------------------------------- asking */

/* "x is obsolete, clean it up" */
static bool
is_done_with(const struct hearing *h, const struct statement *t)
{
	struct span own = {t->sentence, t->before.end};

	if (t->pronoun)
		own.first = own.end > 12 ? own.end - 12 : 0;
	return own.end > own.first && (object_has_mark(h, own, MARK_STALE) ||
				       object_has_mark(h, own, MARK_MERGED));
}

/* "the user with id 99" */
static bool
says_one_row(const struct hearing *h, struct span s)
{
	for (size_t i = s.first; i + 1 < s.end; i++) {
		const char *n = h->m->low[i + 1];

		if (!strcmp(h->m->low[i], "id") && *n &&
		    !n[strspn(n, "#0123456789")] &&
		    !(i + 2 < s.end &&
		      (object_joint(h->m, i + 2) || h->m->tokens[i + 2].dash ||
		       !strcmp(h->m->low[i + 2], "to"))))
			return true;
	}
	return false;
}

/* "reply to 12 that we can't see it on 2.3, then close it": what is remarked is
 * none of what is meant. */
static bool
after_remark(const struct hearing *h, const struct statement *t)
{
	if (t->verb->remark ||
	    !(t->pronoun || t->object.first >= t->object.end))
		return false;
	for (size_t i = 0; i < h->m->n; i++) {
		const struct statement *p = &h->m->v[i];

		if (p < t && p->verb && p->verb->remark &&
		    p->mood == MOOD_ASKS && p->sentence == t->sentence)
			return object_named(h, p);
	}
	return false;
}

/* "tell them in #99 that we need more logs": what is said there is none of
 * what is meant. */
static struct span
said_of(const struct hearing *h, const struct statement *t)
{
	struct span s = t->object;

	if (!t->verb->remark || !h->d->remark)
		return s;
	for (size_t i = s.first + 1; i < s.end; i++)
		if (!strcmp(h->m->low[i], "that") &&
		    object_mentioned(h, (struct span){s.first, i}))
			s.end = i;
	return s;
}

/* What keeps words that name the deed's object from asking for it; NULL. */
static const char *
refusal(const struct hearing *h, const struct hearing *strict,
	const struct statement *t)
{
	const struct deed *d = h->d;
	struct span o = t->object;

	if (object_table_leads(h, t) == TRUTH_NO)
		return "those words name another table";
	if (object_out_of_order(h, t))
		return "those words mean others of the list";
	if (part_of_file(strict, o))
		return "those words mean a part of it";
	if (object_is_beside(strict, t))
		return "those words mean its place in something else";
	if (words_has_rest(h, o) && !object_mentioned(h, o) &&
	    object_mentioned(strict, (struct span){t->sentence, t->before.end}))
		return "those words mean the others";
	if (d->kind == EFFECT_DB_DESTROY && says_one_row(h, o))
		return "those words mean one row";
	/* "remove shop" is no word of its volumes */
	if (d->object && !strncmp(d->object, "volumes of ", 11) &&
	    strcmp(t->verb->name, "compose down") != 0 &&
	    !set_names_noun(h->v, h->m, o, d))
		return "those words do not speak of its volumes";
	if (words_run_there(h) == TRUTH_NO)
		return "those words ask for nothing like what would run there";
	if (object_is_source(h, t))
		return "those words mean what comes from there";
	if (t->reserved)
		return "those words wait for the person";
	if (!object_not_excepted(h, t))
		return "those words may except it";
	if (!object_lane_fits(h, t))
		return d->lane == LANE_REMOTE
			   ? "those words do not say that the remote's is meant"
			   : "those words mean the remote's, not the one here";
	if (!object_tier_fits(h, t))
		return "those words mean another environment";
	if (d->merged == TRUTH_NO &&
	    object_has_mark(h, t->condition, MARK_MERGED))
		return "it is not merged";
	if (!object_place_fits(h, said_of(h, t)))
		return "those words mean another place";
	return NULL;
}

static bool
asks_for(const struct hearing *h, const struct statement *t, const char **why)
{
	const struct deed *d = h->d;
	struct hearing strict = *h;
	struct span o = t->object;
	bool named, noun;
	bool gist = d->noun && !strcmp(d->noun, "gist");

	/* "restart nginx on web1" */
	if (t->verb && words_run_at(h, t) && !t->reserved)
		return true;
	if (!t->verb || (gist ? !gist_asked(h, t) : !words_cover(h, t)))
		return false;
	strict.exact = t->verb->goal;
	named = gist || object_table_leads(&strict, t) == TRUTH_YES ||
		object_named(&strict, t) || after_remark(&strict, t) ||
		(object_meant(&strict, t) && !object_is_rivalled(&strict, t)) ||
		object_by_order(h, t);
	noun = set_names_noun(h->v, h->m, o, d);
	strict.exact = true;
	*why = refusal(h, &strict, t);
	if (*why)
		return false;
	/* "reset the password of users" */
	if (d->kind == EFFECT_DB_DESTROY && !strcmp(t->verb->name, "reset to"))
		return object_in_database(h, t) ||
		       (named && d->noun && !strcmp(d->noun, "database"));
	if (named)
		return !t->verb->goal || noun || is_done_with(h, t);
	if (t->verb->bare && object_only_target(h, o) &&
	    (noun || !set_has_noun(h->v, h->m, o)))
		return true;
	if (d->kind == EFFECT_STASH_DROP && words_of_stash(h, t))
		return true;
	if (object_in_database(h, t))
		return true;
	if (d->scope == SCOPE_PROTECTED && !token_span_names(h->m, o))
		*why = "what is protected has to be named";
	else if (set_holds(h->ctx, h->v, h->m, o, d, why) == TRUTH_YES &&
		 (!t->verb->goal || token_span_names(h->m, o) ||
		  object_has_mark(h, o, MARK_MERGED)))
		return true;
	if (!*why)
		*why = "those words do not name it";
	return false;
}

/* ------------------------------------------------------------- both */

/* What a boundary went round, which has to be said to lift it. */
struct bounds {
	bool tier, remote, named;
};

static bool
says_bounds(const struct hearing *h, const struct statement *t,
	    const struct bounds *b)
{
	struct span all = {t->sentence, t->object.end};

	if (b->named && !object_named(h, t) && !object_meant(h, t))
		return false;
	for (size_t i = t->object.first; i < t->object.end; i++)
		if (!strcmp(h->m->low[i], "there"))
			all.first = 0;
	if (b->tier && !object_says_tier(h, all) &&
	    !(h->d->object && object_mentioned(h, t->object) &&
	      h->d->lane != LANE_LOCAL && h->d->noun &&
	      strcmp(h->d->noun, "table") != 0))
		return false;
	return !b->remote || object_says_remote(h, t);
}

/* A later "push it now" lifts an earlier "don't push": the verb is enough,
 * unless it is about something else. */
static bool
lifts(const struct hearing *h, const struct statement *t)
{
	const char *why = NULL;

	return t->mood == MOOD_ASKS && t->verb && !t->reserved &&
	       words_cover(h, t) &&
	       (!token_span_names(h->m, t->object) || asks_for(h, t, &why));
}

static void
weigh(const struct hearing *h, struct saying *out, struct bounds *b)
{
	bool named = false, vague;
	const char *why;

	for (size_t i = 0; i < h->m->n; i++) {
		const struct statement *t = &h->m->v[i];
		struct saying no = {SAID_NO, t->quote, NULL};

		why = NULL;
		vague = false;
		if (t->retracts) {
			if (out->said == SAID_YES)
				*out = no;
			*b = (struct bounds){0};
			named = false;
			continue;
		}
		/* "empty carts; orders must not be touched": what is asked for
		 * by its name stays so */
		if (t->mood == MOOD_FORBIDS && words_forbid(h, t, &vague) &&
		    !(vague && named)) {
			*out = no;
			b->named = object_mentioned(h, t->object) ||
				   words_any_pattern(h, t->object);
			b->tier = object_says_tier(h, t->object);
			b->remote = object_has_mark(h, t->object, MARK_REMOTE);
		}
		if (t->mood != MOOD_ASKS)
			continue;
		if (words_cover(h, t) && object_mentioned(h, t->except)) {
			*out = no;
			continue;
		}
		/* "all others can go" are none of those */
		if (out->said == SAID_NO &&
		    (!says_bounds(h, t, b) || words_has_rest(h, t->object)))
			continue;
		if (asks_for(h, t, &why)) {
			*out = (struct saying){SAID_YES, t->quote, NULL};
			named = object_named(h, t);
		} else if (out->said == SAID_NO && lifts(h, t)) {
			*out = (struct saying){SAID_NOTHING, t->quote, why};
		} else if (why && out->said == SAID_NOTHING) {
			out->quote = t->quote;
			out->why = why;
		}
	}
	if (h->d->lane == LANE_REMOTE && words_only_local(h)) {
		*out = (struct saying){SAID_NO, "only local", NULL};
		*b = (struct bounds){.remote = true};
	}
}

void
words_about(void *ctx, const struct vocabulary *v, const struct session *s,
	    const struct deed *d, struct saying *out)
{
	struct message m[2];
	struct hearing h = {.ctx = ctx, .v = v, .d = d};
	struct bounds b = {0};

	*out = (struct saying){0};
	for (size_t i = 0; i < s->nwords; i++) {
		struct message *now = h.before == &m[0] ? &m[1] : &m[0];

		message_read(ctx, v, s->words[i].text, now);
		if (h.before)
			message_goes_on(ctx, v, h.before, now);
		h.m = now;
		weigh(&h, out, &b);
		/* "thanks" takes nothing from what was said before */
		if (h.before && !h.m->n && h.m->ntokens < 4 &&
		    !token_span_names(h.m, (struct span){0, h.m->ntokens}) &&
		    !set_has_noun(v, h.m, (struct span){0, h.m->ntokens}))
			continue;
		h.before = h.m;
	}
}

char *
words_wanted(void *ctx, const struct vocabulary *v, const struct deed *d)
{
	const char *verb = NULL, *noun = d->noun;
	bool exact = false;

	if (noun && !strcmp(noun, "gist") && d->nnames)
		return talloc_asprintf(ctx, "make a %s gist of %s",
				       d->kind == EFFECT_PUBLISH ? "public"
								 : "secret",
				       text_safe(ctx, d->names[0]));
	/* "container web", "volumes of shop" say themselves what they are */
	if (noun && d->nnames && !strncmp(d->names[0], noun, strlen(noun)) &&
	    (d->names[0][strlen(noun)] == ' ' ||
	     !strncmp(d->names[0] + strlen(noun), "s of ", 5)))
		noun = NULL;
	/* of several that fit, the one that speaks of elsewhere for what lies
	 * elsewhere ("force push"), and the first */
	for (size_t i = 0; !exact && i < v->nverbs; i++) {
		const struct verb *b = &v->verbs[i];

		if (!b->effects[d->kind] || b->any ||
		    /* rows are changed before they are deleted */
		    (d->kind == EFFECT_DB_WRITE &&
		     b->effects[EFFECT_DB_DESTROY]) ||
		    (b->remote &&
		     (d->lane != LANE_REMOTE || d->kind == EFFECT_NET_SEND)))
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
	    noun ? noun : "", noun && d->nnames ? " " : "",
	    d->nnames ? text_safe(ctx, d->names[0])
	    : d->noun ? ""
		      : "it");
}
