/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials of the person in what a push would add: messages and files of
 * the commits that the remote does not have.  Whoever reads the remote would
 * have them, and no later commit takes them away again.  Only values that are
 * known count: tests hold much that looks like one.
 */
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets.h"
#include "tools/git_push.h"
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

#define COMMITS_MAX 1000
#define FILE_MAX    (1u << 20)
#define BYTES_MAX   (24u << 20) /* of all; what is more is not looked at */

struct search {
	struct push *p;
	size_t url;
	git_repository *git;
	struct secrets *secrets;
	const char *commit; /* for people */
	size_t bytes;
	bool found;
};

/* An environment for tests or development may be anybody's to read. */
static bool
is_shared(const char *name)
{
	return fnmatch(".env.*", name, 0) == 0;
}

static void
say(struct search *s, const struct secret_found *f)
{
	struct git_call *g = s->p->g;
	struct effect *fx;

	if (f->looks || strstr(f->what, " in .env."))
		return;
	s->found = true;
	/* that of a .env is said by a person to be none */
	fx = effects_add(
	    g->fx,
	    strstr(f->what, " in .env") ? EFFECT_PUBLISH : EFFECT_SECRET_SEND,
	    SCOPE_SECRET, git_text(g, "%s in %s", f->what, f->where));
	fx->undo = UNDO_NO;
	fx->why = git_text(g, "whoever reads %s would have it",
			   git_url_safe(g, s->p->remote.push[s->url].text));
	fx->instead = git_text(g,
			       "take it out of %s first: git rebase -i, or "
			       "git commit --amend",
			       s->commit);
}

static void
scan(struct search *s, const void *bytes, size_t len, const char *where)
{
	struct secret_found v[4];
	size_t n;

	s->bytes += len;
	n = secrets_scan(s->secrets, bytes, len, where, v, 4);
	for (size_t i = 0; i < n && !s->found; i++)
		say(s, &v[i]);
}

static void
scan_blob(struct search *s, const git_oid *oid, const char *path)
{
	git_blob *blob = NULL;

	if (git_blob_lookup(&blob, s->git, oid) < 0)
		return;
	if (git_blob_rawsize(blob) <= FILE_MAX)
		scan(s, git_blob_rawcontent(blob),
		     (size_t)git_blob_rawsize(blob),
		     git_text(s->p->g, "%s of %s",
			      text_safe(s->p->g->ctx, path), s->commit));
	git_blob_free(blob);
}

static int
on_file(const git_diff_delta *d, float progress, void *data)
{
	struct search *s = data;

	(void)progress;
	if (s->found || s->bytes > BYTES_MAX)
		return 1;
	if ((d->new_file.mode == GIT_FILEMODE_BLOB ||
	     d->new_file.mode == GIT_FILEMODE_BLOB_EXECUTABLE ||
	     d->new_file.mode == GIT_FILEMODE_LINK) &&
	    !is_shared(path_base(d->new_file.path)))
		scan_blob(s, &d->new_file.id, d->new_file.path);
	return 0;
}

static void
scan_tree(struct search *s, git_tree *before, git_tree *after)
{
	git_diff_options o;
	git_diff *diff = NULL;

	if (git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION) < 0)
		return;
	o.flags = GIT_DIFF_SKIP_BINARY_CHECK;
	o.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
	if (git_diff_tree_to_tree(&diff, s->git, before, after, &o) == 0)
		(void)git_diff_foreach(diff, on_file, NULL, NULL, NULL, s);
	git_diff_free(diff);
}

static void
name_commit(struct search *s, const git_oid *oid)
{
	char hex[8];

	s->commit =
	    git_text(s->p->g, "%s", git_oid_tostr(hex, sizeof(hex), oid));
}

static void
scan_commit(struct search *s, const git_oid *oid)
{
	git_commit *commit = NULL, *parent = NULL;
	git_tree *before = NULL, *after = NULL;
	const char *text;

	if (git_commit_lookup(&commit, s->git, oid) < 0)
		return;
	name_commit(s, oid);
	text = git_commit_raw_header(commit);
	scan(s, text, strlen(text), git_text(s->p->g, "%s", s->commit));
	text = git_commit_message_raw(commit);
	scan(s, text, strlen(text),
	     git_text(s->p->g, "the message of %s", s->commit));
	if (git_commit_parent(&parent, commit, 0) == 0)
		(void)git_commit_tree(&before, parent);
	if (git_commit_tree(&after, commit) == 0)
		scan_tree(s, before, after);
	git_tree_free(after);
	git_tree_free(before);
	git_commit_free(parent);
	git_commit_free(commit);
}

/* Tags and what they point at; the commit is for the walk. */
static void
begin_at(struct search *s, git_revwalk *walk, const git_oid *oid)
{
	git_object *o = NULL, *next;

	if (git_object_lookup(&o, s->git, oid, GIT_OBJECT_ANY) < 0)
		return;
	while (git_object_type(o) == GIT_OBJECT_TAG) {
		const char *text = git_tag_message((git_tag *)o);

		s->commit =
		    git_text(s->p->g, "the tag %s", git_tag_name((git_tag *)o));
		if (text)
			scan(s, text, strlen(text), s->commit);
		if (git_tag_target(&next, (git_tag *)o) < 0)
			break;
		git_object_free(o);
		o = next;
	}
	name_commit(s, git_object_id(o));
	if (git_object_type(o) == GIT_OBJECT_COMMIT)
		(void)git_revwalk_push(walk, git_object_id(o));
	else if (git_object_type(o) == GIT_OBJECT_TREE)
		scan_tree(s, NULL, (git_tree *)o);
	else if (git_object_type(o) == GIT_OBJECT_BLOB)
		scan_blob(s, git_object_id(o), "the object");
	git_object_free(o);
}

static void
hide(const struct search *s, git_revwalk *walk, const git_oid *oid)
{
	git_object *o = NULL, *commit = NULL;

	if (!git_oid_is_zero(oid) &&
	    git_object_lookup(&o, s->git, oid, GIT_OBJECT_ANY) == 0 &&
	    git_object_peel(&commit, o, GIT_OBJECT_COMMIT) == 0)
		(void)git_revwalk_hide(walk, git_object_id(commit));
	git_object_free(commit);
	git_object_free(o);
}

void
push_find_secrets(struct push *p, size_t url, const struct push_there *there)
{
	struct git_call *g = p->g;
	struct search s = {.p = p, .url = url, .git = g->repo->git};
	git_revwalk *walk = NULL;
	git_oid oid;

	if (!s.git ||
	    secrets_begin(g->ctx, g->in, g->t->rules, g->repo->worktree,
			  &s.secrets, NULL) < 0 ||
	    git_revwalk_new(&walk, s.git) < 0)
		return;
	for (size_t i = 0; i < p->nlines; i++)
		if (p->lines[i].url == url && strchr(" +*", p->lines[i].flag))
			begin_at(&s, walk, &p->lines[i].will);
	for (size_t i = 0; i < p->nlines; i++)
		if (p->lines[i].url == url)
			hide(&s, walk, &p->lines[i].was);
	for (size_t i = 0; i < there->nrefs; i++)
		hide(&s, walk, &there->refs[i].oid);
	(void)git_revwalk_hide_glob(
	    walk, p->remote.name
		      ? git_text(g, "refs/remotes/%s/*", p->remote.name)
		      : "refs/remotes/*");
	for (size_t n = 0; n < COMMITS_MAX && !s.found && s.bytes < BYTES_MAX &&
			   git_revwalk_next(&oid, walk) == 0;
	     n++)
		scan_commit(&s, &oid);
	git_revwalk_free(walk);
}
