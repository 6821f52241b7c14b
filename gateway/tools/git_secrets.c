/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in the address of another machine, or in the words that reach
 * it with git's own (names of refs, options for its hooks): to their own host
 * they are ordinary, to any other they do not go.
 */
#include "base/text.h"
#include "effects/secrets.h"
#include "tools/git_remotes.h"
#include "tools/sender.h"
#include <ctype.h>
#include <talloc.h>

/* The person's own remote, from before the session: its address stays what it
 * is, whoever's token it holds. */
static bool
was_there(const struct git_call *g, const struct git_url *u)
{
	const struct project_facts *f =
	    g->repo ? session_facts(g->in->session, g->repo->id) : NULL;
	const char *bare = permit_url_bare(g->ctx, u->raw);
	const struct git_setting *s;
	size_t i;

	/* the facts are there once the session has run something here */
	if (f && f->text && !git_fact(f->text, "remote", NULL, bare) &&
	    !git_fact(f->text, "pushurl", NULL, bare))
		return false;
	for (i = 0; g->settings && i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (s->level < SETTING_COMMAND && s->value &&
		    !strcmp(s->value, u->raw))
			return true;
	}
	return false;
}

static void
judge(struct git_call *g, const struct secret_found *v, size_t n,
      const char *host)
{
	const char *shown;
	struct effect *fx;

	for (size_t i = 0; i < n; i++) {
		if (secret_belongs(&v[i], host) && !v[i].owner->keeps)
			continue;
		shown = sender_shown(g->ctx, &v[i], host);
		fx =
		    effects_add(g->fx, EFFECT_SECRET_SEND, SCOPE_SECRET, shown);
		fx->undo = UNDO_NO;
		fx->why = git_text(g, "%s (in %s) would go to %s", v[i].what,
				   v[i].where, text_safe(g->ctx, shown));
		fx->instead = "leave it out: git asks the person's own "
			      "credential helper for what that host needs";
	}
}

/* A value that is known, in pieces: without the marks between them. */
static size_t
in_pieces(struct secrets *s, char *text, struct secret_found *v, size_t room)
{
	char *to = text;
	size_t n, kept = 0;

	for (const char *p = text; *p; p++)
		if (isalnum((unsigned char)*p) || strchr("_-+", *p))
			*to++ = *p;
	*to = '\0';
	n = secrets_scan(s, text, strlen(text), "several places of the line", v,
			 room);
	for (size_t i = 0; i < n; i++)
		if (!v[i].looks)
			v[kept++] = v[i];
	return kept;
}

void
git_secrets_kept(struct git_call *g, const char *word)
{
	struct git_remote r;
	struct transport_permit p;
	struct err e = {0};

	if (git_remote_look(g, word, &r, &e) < 0)
		return;
	for (size_t i = 0; i < r.nfetch; i++)
		if (r.fetch[i].transport == GIT_URL_HOST &&
		    permit_from_url(g->ctx, r.fetch[i].text, &p, &e) == 0)
			git_secrets_sent(g, &r.fetch[i], p.host);
}

void
git_secrets_sent(struct git_call *g, const struct git_url *u, const char *host)
{
	struct secret_found v[8];
	struct secrets *s;
	char *words = talloc_strdup(g->ctx, "");
	size_t n = 0;

	if (secrets_begin(g->ctx, g->in, g->t->rules,
			  g->repo ? g->repo->worktree : NULL, &s, NULL) < 0)
		return;
	if (!was_there(g, u)) {
		n = secrets_scan(s, u->text, strlen(u->text), "the address", v,
				 8);
		/* the name that stands for it is not sent */
		if (u->by)
			n += secrets_scan(s, u->raw, strlen(u->raw),
					  "the address", v + n, 8 - n);
		if (!n)
			n = in_pieces(s, talloc_strdup(g->ctx, u->text), v, 8);
		if (!n)
			n = secrets_scan_names(s, u->text, "the address", v, 8);
		judge(g, v, n, host);
	}
	for (size_t i = 1; i < g->in->argc; i++)
		if (!strstr(g->in->argv[i], "://"))
			words = talloc_asprintf_append_buffer(words, "%s\n",
							      g->in->argv[i]);
	if (!words)
		BUG("out of memory");
	n = secrets_scan(s, words, strlen(words), "the words of the line", v,
			 8);
	if (!n)
		n = in_pieces(s, words, v, 8);
	judge(g, v, n, host);
	talloc_free(words);
}
