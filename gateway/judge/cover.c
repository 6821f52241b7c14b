/* SPDX-License-Identifier: Apache-2.0 */
/* Which verbs speak of a deed. */
#include "base/listed.h"
#include "judge/message_work.h"
#include "judge/object_work.h"
#include "judge/sets.h"
#include "judge/words_work.h"
#include <string.h>

/* Rebasing and squashing are done here; a remote's ref they leave alone. */
static bool
only_here(const struct verb *verb, const struct deed *d)
{
	return d->kind == EFFECT_REF_OVERWRITE && d->lane == LANE_REMOTE &&
	       !verb->remote && (verb->bare || verb->here);
}

/* "reset origin/main to v1" */
static bool
by_full_name(const struct hearing *h, const struct statement *t)
{
	/* "rebase on origin/x" leaves that as it is */
	if (t->verb && !strcmp(t->verb->name, "rewrite") &&
	    t->object.first < t->object.end &&
	    object_mark(h, MARK_PLACE, t->object.first, t->object.end))
		return false;
	for (size_t i = t->object.first; h->d->object && i < t->object.end; i++)
		if (strchr(h->m->tokens[i].raw, '/') ||
		    object_mark(h, MARK_PREPOSITION, i, t->object.end))
			return !strcmp(h->m->tokens[i].raw, h->d->object);
	return false;
}

/* What is renamed is not lost; git branch -D loses it. */
static bool
is_plain_delete(const struct verb *verb, const struct deed *d)
{
	/* nor is a branch untagged */
	if (!strcmp(verb->name, "untag"))
		return !d->noun || strcmp(d->noun, "tag") != 0;
	return d->kind == EFFECT_REF_DELETE && d->lane == LANE_LOCAL &&
	       !strcmp(verb->name, "rename") && d->summary &&
	       strcasestr(d->summary, "branch -d");
}

/* A job that is deleted is cancelled. */
static bool
is_dequeued(const struct verb *verb, const struct deed *d)
{
	return d->kind == EFFECT_PROCESS_SIGNAL && d->noun &&
	       (!strcmp(d->noun, "job") || !strcmp(d->noun, "process")) &&
	       !strcmp(verb->name, "delete");
}

/* A container that is stopped is there yet. */
static bool
is_only_stopped(const struct verb *verb, const struct deed *d)
{
	static const char *const kept[] = {"container", "volume", "image",
					   "network"};

	return d->kind == EFFECT_RESOURCE_DELETE && d->noun &&
	       is_one_of(d->noun, kept, 4) &&
	       (!strcmp(verb->name, "cancel") || !strcmp(verb->name, "kill"));
}

static bool
of_command(const struct verb *verb, const char *summary)
{
	size_t n;

	for (size_t i = 0; summary && i < verb->ncommands; i++) {
		n = strlen(verb->commands[i]);
		if (!strncmp(summary, verb->commands[i], n) &&
		    (summary[n] == ' ' || !summary[n]))
			return true;
	}
	return false;
}

/* "compose project shop": by a plain word */
static bool
names_project(const struct hearing *h, struct span s)
{
	for (size_t i = s.first; i < s.end; i++) {
		if (i > s.first && h->m->tokens[i].comma)
			return false;
		if (*h->m->low[i] != '-' &&
		    (token_is_name(&h->m->tokens[i]) ||
		     clause_speaks_of_more(h->v, h->m,
					   (struct span){i, i + 1})))
			return true;
	}
	return false;
}

/* "docker compose down -v": of one's own project, and its volumes only if they
 * are said. */
static bool
is_compose(const struct hearing *h, const struct statement *t)
{
	static const char *const options[] = {"-v", "--volumes"};
	static const char *const volumes[] = {"volumes", "volume"};
	static const char *const with[] = {"with", "including", "incl", "and",
					   "plus"};
	const struct message *m = h->m;
	const char *object = h->d->object ? h->d->object : "";

	if (!object_mentioned(h, t->object) &&
	    (h->d->elsewhere || names_project(h, t->object)))
		return false;
	if (!strncmp(object, "containers of ", 14))
		return true;
	if (strncmp(object, "volumes of ", 11) != 0)
		return false;
	for (size_t i = t->object.first; i < t->object.end; i++) {
		if (is_one_of(m->low[i], options, 2))
			return true;
		/* "with all volumes"; not ", volumes have to survive" */
		if (is_one_of(m->low[i], volumes, 2) && !m->tokens[i].comma &&
		    i >= 2 &&
		    (is_one_of(m->low[i - 1], with, 5) ||
		     (!m->tokens[i - 1].comma &&
		      is_one_of(m->low[i - 2], with, 5))))
			return true;
	}
	return false;
}

/* Which verbs cover a deed: by its effect; a boundary also by the command
 * ("don't commit"): "push" asks for what adds, not for what overwrites, but
 * forbids both. */
static bool
verb_covers(const struct verb *verb, const struct deed *d, bool forbids,
	    bool full)
{
	if ((verb->effects[d->kind] || is_dequeued(verb, d)) &&
	    !is_plain_delete(verb, d) && !is_only_stopped(verb, d) &&
	    !(verb->remote && d->lane == LANE_LOCAL) &&
	    !(!forbids && !full && only_here(verb, d)))
		return true;
	if (!forbids)
		return false;
	return of_command(verb, d->summary);
}

/* "reply on #7" changes it, as "gh pr merge" does; and yet it is another
 * deed. */
static bool
is_others_command(const struct hearing *h, const struct verb *verb)
{
	if (h->d->kind != EFFECT_RESOURCE_CHANGE ||
	    of_command(verb, h->d->summary))
		return false;
	for (size_t i = 0; i < h->v->nverbs; i++)
		if (h->v->verbs[i].effects[h->d->kind] &&
		    of_command(&h->v->verbs[i], h->d->summary))
			return true;
	return false;
}

/* "drop the last commit of x" rewrites x; "drop the column a of x" alters it.
 */
static bool
drops_part(const struct hearing *h, const struct statement *t)
{
	static const char *const parts[] = {"column", "columns", "index",
					    "constraint", "trigger"};
	const struct deed *d = h->d;
	bool part = false;

	if (strcmp(t->verb->name, "delete") != 0)
		return false;
	if (d->kind == EFFECT_DB_SCHEMA) {
		for (size_t i = t->object.first; i < t->object.end; i++)
			part |= is_one_of(h->m->low[i], parts, 5);
		return part;
	}
	return object_of_commits(h, t->object) &&
	       (d->lane == LANE_LOCAL || object_says_remote(h, t));
}

bool
words_cover(const struct hearing *h, const struct statement *t)
{
	const struct deed *d = h->d;

	if (!t->verb)
		return true;
	if (t->verb->any)
		return t->mood == MOOD_FORBIDS;
	if (t->mood != MOOD_FORBIDS && is_others_command(h, t->verb))
		return false;
	/* "answer on 7, don't close it" */
	if (d->kind == EFFECT_RESOURCE_CHANGE &&
	    (t->verb->remark ? !d->remark
			     : d->remark && t->mood == MOOD_FORBIDS))
		return false;
	/* "never force push" leaves plain pushes as they are */
	if (t->mood == MOOD_FORBIDS && t->verb->instead) {
		const struct verb *plain = verb_called(h->v, t->verb->instead);

		if (plain && plain->effects[d->kind])
			return false;
	}
	/* "start 78" stops nothing */
	if (!strcmp(t->verb->name, "run") && t->mood != MOOD_FORBIDS &&
	    (of_command(verb_called(h->v, "cancel"), d->summary) ||
	     of_command(verb_called(h->v, "kill"), d->summary)))
		return false;
	if (drops_part(h, t))
		return true;
	if (!strcmp(t->verb->name, "compose down") && t->mood != MOOD_FORBIDS &&
	    !is_compose(h, t))
		return false;
	if (d->kind == EFFECT_RESOURCE_CHANGE &&
	    (!strcmp(t->verb->name, "rerun") ||
	     !strcmp(t->verb->name, "restart")) &&
	    (!d->noun ||
	     (strcmp(d->noun, "workflow") != 0 && strcmp(d->noun, "job") != 0)))
		return false;
	/* "add a column" drops none */
	if (d->alters && t->mood != MOOD_FORBIDS &&
	    !strcmp(t->verb->name, "add"))
		return false;
	return verb_covers(t->verb, d, t->mood == MOOD_FORBIDS,
			   by_full_name(h, t));
}
