/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update of a remote's ref: new, forward, forced, gone; whose commits it
 * would take from the remote; and whether the ref is one that nobody
 * overwrites on an agent's word.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include "tools/git_push.h"
#include <fnmatch.h>

struct view { /* of one URL */
	struct push *p;
	const struct git_url *url;
	struct repository *there; /* on this machine; NULL: elsewhere */
	struct push_there seen;
	enum scope scope;
	const char *label; /* "origin", or the URL */
	struct push_owner *owner;
};

static const char *
short_name(const char *ref)
{
	return strncmp(ref, "refs/heads/", 11) ? ref : ref + 11;
}

static bool
is_tag(const char *ref)
{
	return !strncmp(ref, "refs/tags/", 10);
}

static const char *
object_of(struct view *v, const char *ref)
{
	struct git_call *g = v->p->g;

	if (is_tag(ref))
		return git_text(g, "%s tag %s", v->label, ref + 10);
	return git_text(g, "%s/%s", v->label, short_name(ref));
}

/* ------------------------------------------------------------ protection */

static bool
names_default(struct view *v, const char *branch)
{
	const struct project_facts *f =
	    session_facts(v->p->g->in->session, v->p->g->repo->id);
	const char *name = v->p->remote.name;
	git_reference *head = NULL;
	bool is;

	if (name && f && f->text &&
	    strstr(git_text(v->p->g, "\n%s", f->text),
		   git_text(v->p->g, "\ndefault %s %s\n", name, branch)))
		return true;
	is = v->seen.head &&
	     !strcmp(v->seen.head, git_text(v->p->g, "refs/heads/%s", branch));
	repository_open(v->p->g->ctx, v->p->g->repo);
	if (!is && name && v->p->g->repo->git &&
	    git_reference_lookup(
		&head, v->p->g->repo->git,
		git_text(v->p->g, "refs/remotes/%s/HEAD", name)) == 0 &&
	    git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
		is = !strcmp(
		    git_reference_symbolic_target(head),
		    git_text(v->p->g, "refs/remotes/%s/%s", name, branch));
	git_reference_free(head);
	return is;
}

/* Nobody else works with one that this session made in the workspace. */
static bool
is_of_session(struct view *v)
{
	struct git_call *g = v->p->g;

	return (v->scope == SCOPE_LOCAL || v->scope == SCOPE_TRUSTED) &&
	       v->there &&
	       scope_of_repository(g->in, g->t->rules, v->there) ==
		   SCOPE_WORKSPACE &&
	       session_made(g->in->session, v->there->commondir);
}

static bool
is_protected(struct view *v, const char *ref)
{
	static const char *const usual[] = {"main",    "master",   "trunk",
					    "develop", "release*", "production",
					    "gh-pages"};
	const char *branch = short_name(ref);
	size_t i;

	if (branch == ref)
		return false;
	if (scope_branch_protected(v->p->g->t->rules, branch))
		return true;
	if (v->scope == SCOPE_SCRATCH || v->url->transport == GIT_URL_SELF)
		return false;
	if (is_of_session(v))
		return false;
	for (i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (fnmatch(usual[i], branch, 0) == 0)
			return true;
	return names_default(v, branch);
}

/* ---------------------------------------------------------------- lines */

/* Refs that a forge reads as an order of its own. */
static bool
is_order(const char *ref)
{
	static const char *const prefixes[] = {
	    "refs/for/",     "refs/drafts/",	    "refs/changes/",
	    "refs/remotes/", "refs/stash",	    "refs/meta/",
	    "refs/pull/",    "refs/merge-requests/"};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(ref, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void
adds(struct view *v, const struct push_line *l)
{
	struct git_call *g = v->p->g;
	struct effect *fx;

	if (is_order(l->to)) {
		fx = effects_add(g->fx, EFFECT_PUBLISH, v->scope,
				 object_of(v, l->to));
		fx->undo = UNDO_NO;
		fx->why = "such a ref is not for pushing: a server acts on it "
			  "(review, merge), or it is this clone's own";
		fx->instead = git_text(g, "git push %s BRANCH", v->label);
		return;
	}
	fx = effects_add(g->fx,
			 l->flag == '*' ? EFFECT_REF_CREATE : EFFECT_REF_MOVE,
			 v->scope, object_of(v, l->to));
	fx->undo = UNDO_YES;
}

static void
say_lost(struct view *v, const struct push_line *l,
	 const struct push_lost *lost, struct effect *fx)
{
	struct git_call *g = v->p->g;
	const char *object = object_of(v, l->to), *branch = short_name(l->to);

	if (lost->unknown && !lost->commits)
		fx->why = git_text(g,
				   "which commits %s would lose cannot be "
				   "told",
				   text_safe(g->ctx, object));
	else if (lost->commits)
		fx->why = git_text(
		    g, "it would remove %zu%s commit%s from %s (%s%snewest %s)",
		    lost->commits, lost->commits >= 1000 ? "+" : "",
		    lost->commits == 1 ? "" : "s", text_safe(g->ctx, object),
		    text_safe(g->ctx, lost->authors),
		    *lost->authors ? "; " : "",
		    text_safe(g->ctx, lost->newest));
	if (l->flag == '-')
		fx->instead = "leave it; ask the person, or delete it on the "
			      "server after the merge";
	else
		fx->instead = git_text(g,
				       "git fetch %s && git rebase %s/%s, "
				       "then git push; or git push %s "
				       "HEAD:refs/heads/NEW-NAME",
				       v->label, v->label,
				       text_safe(g->ctx, branch), v->label);
}

static void
keep_remote(struct view *v, const struct push_line *l, const git_oid *new)
{
	struct git_call *g = v->p->g;
	char was[GIT_OID_HEXSZ + 1], will[GIT_OID_HEXSZ + 1];
	struct remote_loss loss = {
	    .url = v->url->path, .ref = l->to, .from = v->seen.from};
	struct transport_permit there;

	if (v->url->transport == GIT_URL_HOST &&
	    permit_from_url(g->ctx, v->url->text, &there, NULL) == 0)
		loss.url = there.url;
	git_oid_tostr(was, sizeof(was), &l->was);
	if (!git_oid_is_zero(&l->was))
		loss.was = git_text(g, "%s", was);
	if (new) {
		git_oid_tostr(will, sizeof(will), new);
		loss.will = git_text(g, "%s", will);
	}
	losses_add_remote(g->ctx, &g->cmd->losses, &loss);
	g->cmd->losses.what |= LOSS_REMOTE_REF;
}

/* Our own repository (`push .`): branches and tags of the person. */
static void
takes_local(struct view *v, struct push_line *l, enum effect_kind kind)
{
	local_ref(v->p->g, kind, l->to, NULL, LOSS_REFS);
	local_journal(v->p->g, LOSS_REFS);
}

/* A branch that this session neither made nor began on, and whose tip is the
 * work of somebody else. */
static bool
is_of_others(struct view *v, const struct push_line *l)
{
	struct git_call *g = v->p->g;
	const struct project_facts *f =
	    session_facts(g->in->session, g->repo->id);
	git_commit *tip = NULL;
	bool ours;

	if (f && f->text &&
	    (git_fact(f->text, "created", permit_url_bare(g->ctx, v->url->text),
		      l->to) ||
	     strstr(git_text(g, "\n%s", f->text),
		    git_text(g, "\nhead %s\n", l->to))))
		return false;
	if (!v->seen.git || git_commit_lookup(&tip, v->seen.git, &l->was) < 0)
		return false;
	ours = push_owner_made(v->owner, tip);
	git_commit_free(tip);
	return !ours;
}

/* What is to be remembered when the push has been done: the branches that this
 * session has made there. */
static void
remember(struct view *v, const struct push_line *l)
{
	struct git_call *g = v->p->g;

	if (l->flag != '*' || v->url->transport == GIT_URL_SELF)
		return;
	g->cmd->learned = git_text(
	    g, "%screated %s %s\n", g->cmd->learned ? g->cmd->learned : "",
	    permit_url_bare(g->ctx, v->url->text), l->to);
}

/* What the remote has there and as its default branch. */
static void
say_values(struct view *v, const struct push_line *l, struct effect *fx)
{
	const struct push_there *s = &v->seen;
	char hex[GIT_OID_HEXSZ + 1];

#define HEX(oid) git_text(v->p->g, "%s", git_oid_tostr(hex, sizeof(hex), oid))
	fx->tip = HEX(&l->was);
	for (size_t i = 0; s->head && i < s->nrefs; i++)
		if (!strcmp(s->refs[i].name, s->head))
			fx->trunk = HEX(&s->refs[i].oid);
#undef HEX
}

static void
takes(struct view *v, struct push_line *l)
{
	struct git_call *g = v->p->g;
	enum effect_kind kind =
	    l->flag == '-' ? EFFECT_REF_DELETE : EFFECT_REF_OVERWRITE;
	struct effect *fx;
	struct push_lost lost;
	const git_oid *new = git_oid_is_zero(&l->will) ? NULL : &l->will;

	l->pinned = !git_oid_is_zero(&l->was);
	if (v->url->transport == GIT_URL_SELF) {
		takes_local(v, l, kind);
		return;
	}
	fx = effects_add(g->fx, kind, v->scope, object_of(v, l->to));
	fx->undo = UNDO_NO;
	if (l->pinned) {
		say_values(v, l, fx);
		keep_remote(v, l, new);
	}
	if (is_tag(l->to)) {
		fx->why = git_text(g,
				   "moving or deleting the published tag %s "
				   "breaks releases that use it",
				   text_safe(g->ctx, l->to + 10));
		fx->instead = "a new tag name";
		if (v->scope == SCOPE_SCRATCH && l->pinned)
			fx->losses = LOSS_REMOTE_REF;
		return;
	}
	if (l->flag == '+' && !new)
		lost = (struct push_lost){.unknown = true};
	else
		push_find_lost(v->p, &v->seen, v->owner, l, new, &lost);
	say_lost(v, l, &lost, fx);
	if (!lost.others && !lost.unknown && is_of_others(v, l)) {
		fx->why = git_text(g,
				   "%s was not made by this session, and its "
				   "newest commit is not yours%s%s",
				   text_safe(g->ctx, object_of(v, l->to)),
				   fx->why ? "; " : "", fx->why ? fx->why : "");
		lost.others++;
	}
	if (is_protected(v, l->to)) {
		fx->scope = SCOPE_PROTECTED;
		fx->why = git_text(g,
				   "%s is the default or a protected branch"
				   "%s%s",
				   text_safe(g->ctx, object_of(v, l->to)),
				   fx->why ? "; " : "", fx->why ? fx->why : "");
		fx->instead = git_text(
		    g, "git switch -c TOPIC && git push -u %s TOPIC", v->label);
	}
	/* Only one's own go, and they can be put back by a push. */
	if (!lost.unknown && !lost.others && l->pinned)
		fx->losses = LOSS_REMOTE_REF;
}

/* The value that the remote has now; the lease holds the push to it. */
static void
look_there(struct view *v, struct push_line *l)
{
	struct repository *r = v->p->g->repo;
	git_object *object = NULL;

	if (v->url->transport != GIT_URL_HOST) {
		memset(&l->was, 0, sizeof(l->was));
		if (v->there)
			git_reference_name_to_id(&l->was, v->there->git, l->to);
	}
	repository_open(v->p->g->ctx, r);
	if (*l->from && git_oid_is_zero(&l->will) && r->git &&
	    git_revparse_single(&object, r->git, l->from) == 0)
		git_oid_cpy(&l->will, git_object_id(object));
	git_object_free(object);
}

/* Refs, default branch and objects of a repository on this machine; ours are
 * put beside its own. */
static void
look_here(struct view *v)
{
	struct git_call *g = v->p->g;
	struct push_there *s = &v->seen;
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	git_odb *odb = NULL;

	s->git = v->there->git;
	if (git_repository_odb(&odb, s->git) < 0) {
		s->git = NULL;
		return;
	}
	git_odb_add_disk_alternate(
	    odb, git_text(g, "%s/objects", g->repo->commondir));
	git_odb_free(odb);
	if (git_reference_lookup(&ref, s->git, "HEAD") == 0 &&
	    git_reference_type(ref) == GIT_REFERENCE_SYMBOLIC)
		s->head = git_text(g, "%s", git_reference_symbolic_target(ref));
	git_reference_free(ref);
	if (git_reference_iterator_new(&it, s->git) < 0)
		return;
	while (git_reference_next(&ref, it) == 0) {
		s->refs = talloc_realloc(g->ctx, s->refs, struct push_ref,
					 s->nrefs + 1);
		if (!s->refs)
			BUG("out of memory");
		s->refs[s->nrefs].name =
		    git_text(g, "%s", git_reference_name(ref));
		if (git_reference_name_to_id(&s->refs[s->nrefs].oid, s->git,
					     git_reference_name(ref)) == 0)
			s->nrefs++;
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
}

static bool
takes_any(const struct push *p, size_t url)
{
	for (size_t i = 0; i < p->nlines; i++)
		if (p->lines[i].url == url && strchr("+-", p->lines[i].flag))
			return true;
	return false;
}

static int
open_view(struct push *p, size_t url, struct view *v, struct err *e)
{
	struct git_call *g = p->g;
	const char *why;
	struct effect *fx;
	int rc;

	*v = (struct view){.p = p, .url = &p->remote.push[url]};
	if (v->url->transport == GIT_URL_SELF)
		v->there = g->repo;
	else if (v->url->transport == GIT_URL_PATH) {
		rc = repository_at(g->ctx, v->url->path, g->in->uid, &v->there,
				   e);
		if (rc < 0)
			return rc;
	}
	if (v->there) {
		repository_open(g->ctx, v->there);
		if (!v->there->git)
			v->there = NULL;
	}
	if (v->there)
		look_here(v);
	else if (v->url->transport == GIT_URL_HOST && takes_any(p, url)) {
		rc = push_look_far(p, url, &v->seen, e);
		if (rc < 0)
			return rc;
	}
	v->label = p->remote.name ? text_safe(g->ctx, p->remote.name)
				  : git_url_safe(g, v->url->text);
	v->scope = git_remote_scope(g, &p->remote, v->url, true, &why);
	if (v->url->transport == GIT_URL_SELF)
		return 0;
	fx = effects_add(g->fx, EFFECT_NET_SEND,
			 v->scope == SCOPE_SCRATCH ? SCOPE_LOCAL : v->scope,
			 git_url_safe(g, v->url->text));
	fx->undo = v->scope == SCOPE_FOREIGN ? UNDO_NO : UNDO_YES;
	fx->why = git_url_why(g, &p->remote, v->url);
	if (v->scope == SCOPE_FOREIGN) {
		fx->why = git_text(g,
				   "%s; pushing there would publish the "
				   "repository",
				   why);
		fx->instead = "git push to one of the project's own remotes; "
			      "the person can add another";
	}
	return 0;
}

/* A push that is kept is undone whole: what it only added goes back too. */
static void
take_along(struct view *v, size_t url)
{
	for (size_t i = 0; i < v->p->nlines; i++) {
		struct push_line *l = &v->p->lines[i];

		if (l->url == url && (l->flag == '*' || l->flag == ' ') &&
		    !git_oid_is_zero(&l->will))
			keep_remote(v, l, &l->will);
	}
}

int
push_judge(struct push *p, size_t url, struct err *e)
{
	size_t i, kept = p->g->cmd->losses.nremotes;
	struct push_line *l;
	struct view v;
	bool any = false;
	int rc;

	for (i = 0; i < p->nlines; i++)
		any |= p->lines[i].url == url &&
		       strchr(" +-*", p->lines[i].flag) != NULL;
	if (!any)
		return 0;
	rc = open_view(p, url, &v, e);
	if (rc < 0)
		return rc;
	v.owner = push_owner_new(p->g);
	if (v.url->transport != GIT_URL_SELF)
		push_runs_hooks_of(p->g, v.there);
	for (i = 0; i < p->nlines; i++) {
		l = &p->lines[i];
		if (l->url != url)
			continue;
		look_there(&v, l);
		if (l->flag == '+' || l->flag == '-')
			takes(&v, l);
		else if (l->flag == '*' || l->flag == ' ')
			adds(&v, l);
		remember(&v, l);
		if (strchr(" +*", l->flag))
			push_updates_worktree(p->g, v.there, l->to);
	}
	if (v.url->transport != GIT_URL_SELF && v.scope != SCOPE_SCRATCH)
		push_find_secrets(p, url, &v.seen);
	if (p->g->cmd->losses.nremotes > kept) {
		take_along(&v, url);
		/* the tracking refs, which undo takes back as well */
		local_journal(p->g, LOSS_REFS);
	}
	return 0;
}
