/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose commit is it?  An address that an agent could set a moment ago is no
 * evidence: counted are addresses of the person's own configuration, those
 * that this clone's reflog shows from before the session, and commits that
 * the reflog shows were made here.
 */
#include "base/file.h"
#include "tools/git_push.h"
#include "tools/git_words.h"
#include <fcntl.h>
#include <strings.h>

#define REFLOG_BYTES (8u << 20)

struct push_owner {
	struct git_call *g;
	const char **emails;
	size_t nemails;
	const char *reflog; /* logs/HEAD */
};

static void
add_email(struct push_owner *o, const char *email)
{
	size_t i;

	for (i = 0; i < o->nemails; i++)
		if (!strcasecmp(o->emails[i], email))
			return;
	o->emails = talloc_realloc(o, o->emails, const char *, o->nemails + 1);
	if (!o->emails)
		BUG("out of memory");
	o->emails[o->nemails++] = email;
}

/* "<old> <new> Name <mail> <seconds> <zone>\t<message>" */
static void
read_reflog(struct push_owner *o, int64_t before)
{
	const char *line, *end, *open, *close, *tab;
	struct git_call *g = o->g;

	for (line = o->reflog; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		tab = memchr(line, '\t', (size_t)(end - line));
		if (!tab)
			tab = end;
		close = memrchr(line, '>', (size_t)(tab - line));
		open =
		    close ? memrchr(line, '<', (size_t)(close - line)) : NULL;
		/* Only what was made here: a checkout has the same name in it,
		 * but a time of its own. */
		if (!open || strtoll(close + 1, NULL, 10) >= before)
			continue;
		add_email(
		    o, git_text(g, "%.*s", (int)(close - open - 1), open + 1));
	}
}

struct push_owner *
push_owner_new(struct git_call *g)
{
	struct push_owner *o = talloc_zero(g->ctx, struct push_owner);
	const struct git_setting *s;
	char *text = NULL, *person;
	size_t len = 0, i;

	if (!o)
		BUG("out of memory");
	o->g = g;
	person =
	    facts_text(o, session_facts(g->in->session, g->repo->id), "person");
	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		/* what has become the person's since is not evidence */
		if (person && s->value && strcasecmp(person, s->value))
			continue;
		if (s->level <= SETTING_GLOBAL && s->value && *s->value &&
		    (!strcmp(s->key, "user.email") ||
		     !strcmp(s->key, "author.email") ||
		     !strcmp(s->key, "committer.email")))
			add_email(o, s->value);
	}
	if (file_read(g->ctx, AT_FDCWD,
		      git_text(g, "%s/logs/HEAD", g->repo->gitdir),
		      REFLOG_BYTES, &text, &len, NULL) == 0)
		o->reflog = text;
	read_reflog(o, g->in->session->started_ns / 1000000000);
	return o;
}

/* Did HEAD become this commit by something that makes commits? */
static bool
made_here(const struct push_owner *o, const git_oid *oid)
{
	static const char *const makers[] = {"commit", "rebase", "cherry-pick",
					     "revert", "am:",	 "merge "};
	char hex[GIT_OID_HEXSZ + 1];
	const char *line, *end, *tab;
	size_t i, n;

	git_oid_tostr(hex, sizeof(hex), oid);
	for (line = o->reflog; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (end - line < 82 || memcmp(line + 41, hex, 40))
			continue;
		tab = memchr(line, '\t', (size_t)(end - line));
		if (!tab)
			continue;
		tab++;
		for (i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
			n = strlen(makers[i]);
			if ((size_t)(end - tab) < n ||
			    memcmp(tab, makers[i], n))
				continue;
			/* others' commits, taken over as they are */
			if (memmem(tab, (size_t)(end - tab), "Fast-forward",
				   12) ||
			    memmem(tab, (size_t)(end - tab), "(start)", 7) ||
			    memmem(tab, (size_t)(end - tab), "(finish)", 8) ||
			    memmem(tab, (size_t)(end - tab), "fast-forward",
				   12))
				continue;
			return true;
		}
	}
	return false;
}

bool
push_owner_made(const struct push_owner *o, const git_commit *commit)
{
	const git_signature *author = git_commit_author(commit);
	size_t i;

	for (i = 0; author && author->email && i < o->nemails; i++)
		if (!strcasecmp(o->emails[i], author->email))
			return true;
	return made_here(o, git_commit_id(commit));
}
