/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks up in the repository what the loss sets of a command mean right now.
 * Reads only.  What cannot be looked up is trouble: it counts as lost.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void
assess_trouble(struct reversal *r, unsigned losses, const char *fmt, ...)
{
	struct trouble *t;
	va_list ap;

	GROW(r, r->trouble, r->ntrouble, r->trouble_room);
	t = &r->trouble[r->ntrouble++];
	t->losses = losses;
	va_start(ap, fmt);
	t->why = have(talloc_vasprintf(r, fmt, ap));
	va_end(ap);
}

struct places *
assess_places(const struct reversal *r, enum item_kind kind)
{
	switch (kind) {
	case ITEM_FILE:
		return r->tree;
	case ITEM_GITFILE:
		return r->common;
	case ITEM_PATH:
		return r->root;
	case ITEM_REF:
	case ITEM_OBJECTS:
	case ITEM_REMOTE:
		break;
	}
	BUG("item of kind %d is no file", (int)kind);
}

const char *
item_rel(enum item_kind kind, const char *name)
{
	return kind == ITEM_PATH ? name + 1 : name;
}

enum item_kind
assess_name(const struct reversal *r, const char *path, const char **name)
{
	const char *rel;

	if (r->common && (rel = path_below(path, r->repo->commondir)) && *rel) {
		*name = rel;
		return ITEM_GITFILE;
	}
	if (r->tree && (rel = path_below(path, r->repo->worktree)) && *rel) {
		*name = rel;
		return ITEM_FILE;
	}
	*name = path;
	return ITEM_PATH;
}

/* --- the index --------------------------------------------------------- */

/* 32 where the repository says sha256; libgit2 1.5 cannot open such a one. */
unsigned
assess_id_length(struct reversal *r)
{
	git_config *c = NULL;
	git_buf v = GIT_BUF_INIT;
	unsigned n = 20;
	char *path;

	if (r->repo->git || !r->common)
		return 20;
	if (r->id_len)
		return r->id_len;
	git_libgit2_init();
	path = have(
	    talloc_asprintf(r->finds.ctx, "%s/config", r->repo->commondir));
	if (git_config_open_ondisk(&c, path) == 0 &&
	    git_config_get_string_buf(&v, c, "extensions.objectformat") == 0 &&
	    strcmp(v.ptr, "sha1"))
		n = 32;
	git_buf_dispose(&v);
	git_config_free(c);
	r->id_len = n;
	return n;
}

/* May bytes on disk differ from the blob's of a clean file? */
static void
read_settings(struct reversal *r, struct scan *s)
{
	const char *more[] = {"info/attributes", NULL};
	git_config *c = NULL;
	git_buf v = GIT_BUF_INIT;
	int yes = 1;

	s->umask = r->in->mask;
	s->git = r->repo->git;
	if (!s->git || git_repository_config_snapshot(&c, s->git) < 0) {
		s->conversions = true;
		return;
	}
	if (git_config_get_bool(&yes, c, "core.filemode") == 0)
		s->any_mode = !yes;
	if (git_config_get_string_buf(&v, c, "core.autocrlf") == 0 &&
	    strcasecmp(v.ptr, "false"))
		s->conversions = true;
	git_buf_dispose(&v);
	if (git_config_get_string_buf(&v, c, "core.eol") == 0 ||
	    git_config_get_path(&v, c, "core.attributesfile") == 0)
		s->conversions = true;
	git_buf_dispose(&v);
	git_config_free(c);
	for (size_t i = 0; more[i]; i++) {
		char *path = have(
		    talloc_asprintf(r, "%s/%s", r->repo->commondir, more[i]));

		s->conversions |= path_exists(path);
	}
	if (r->tree_fd >= 0 && faccessat(r->tree_fd, ".gitattributes", F_OK,
					 AT_SYMLINK_NOFOLLOW) == 0)
		s->conversions = true;
}

int
assess_index(struct reversal *r, struct err *e)
{
	int rc;

	if (r->indexed)
		return 0;
	r->indexed = true;
	r->main.prefix = "";
	rc = index_read(r, r->repo->index_file, assess_id_length(r), &r->main.x,
			e);
	if (rc < 0) {
		assess_trouble(r, LOSS_TREE, "%s", e ? e->msg : "the index");
		memset(&r->main.x, 0, sizeof(r->main.x));
	}
	read_settings(r, &r->main);
	if (r->main.x.split && fallback_split(r, &r->main.x, e) < 0) {
		assess_trouble(r, LOSS_TREE, "%s", e ? e->msg : "the index");
		memset(&r->main.x, 0, sizeof(r->main.x));
	}
	return 0;
}

int
assess_scan(struct reversal *r, unsigned losses, struct err *e)
{
	int rc;

	if (r->scanned || !r->tree)
		return 0;
	rc = assess_index(r, e);
	r->scanned = true;
	if (rc < 0)
		return rc;
	return scan_tracked(r, &r->main, r->tree, losses, &r->finds, e);
}

int
assess_refs(struct reversal *r, struct err *e)
{
	int rc;

	if (r->refs_known || !r->common)
		return 0;
	rc = refs_read(r, r->repo->commondir, &r->refs, e);
	r->refs_known = rc == 0;
	return rc;
}

/* Tree of the commit that HEAD names; false: there is none yet. */
static int
head_tree(struct reversal *r, git_oid *tree, bool *unborn, struct err *e)
{
	git_reference *head = NULL;
	git_object *o = NULL;
	int rc = git_repository_head(&head, r->repo->git);

	*unborn = rc == GIT_EUNBORNBRANCH || rc == GIT_ENOTFOUND;
	if (*unborn)
		return 0;
	if (rc == 0)
		rc = git_reference_peel(&o, head, GIT_OBJECT_TREE);
	if (rc == 0)
		git_oid_cpy(tree, git_object_id(o));
	git_object_free(o);
	git_reference_free(head);
	return rc < 0 ? err_git(e, "HEAD") : 0;
}

/* Blobs of the index that HEAD has not are lost with it. */
static int
note_staged(void *data, const char *path, const struct tree_entry *in_tree,
	    const struct index_entry *in_index)
{
	struct reversal *r = data;

	scan_count_staged(&r->main, path, in_index);
	(void)in_tree;
	if (!in_index || (index_mode(in_index) & 0170000) == 0160000 ||
	    index_intent_to_add(in_index))
		return 0;
	GROW(r, r->staged_ids, r->nstaged_ids, r->staged_room);
	r->staged_ids[r->nstaged_ids++] =
	    text_hex(r, index_id(in_index), r->main.x.id_len);
	return 0;
}

static int
staged_by_git(struct reversal *r, struct err *e)
{
	int rc;

	r->main.staged = r->main.nstaged_names = r->nstaged_ids = 0;
	rc = by_git_diff(r, "HEAD", note_staged, r, e);
	/* no commit yet: all of it is staged */
	for (size_t i = 0; rc == 1 && i < r->main.x.n; i++)
		note_staged(r, r->main.x.v[i].path, NULL, &r->main.x.v[i]);
	return rc < 0 ? rc : 0;
}

static void
look_staged(struct reversal *r)
{
	struct err e = {0};
	git_oid tree;
	bool unborn;

	if (by_git_wanted(r)) {
		if (staged_by_git(r, &e) < 0)
			assess_trouble(r, LOSS_INDEX, "staged changes: %s",
				       e.msg);
	} else if (!r->repo->git)
		assess_trouble(r, LOSS_INDEX,
			       "staged changes cannot be told here");
	else if (head_tree(r, &tree, &unborn, &e) < 0 ||
		 scan_staged(r, &r->main, unborn ? NULL : &tree, &e) < 0)
		assess_trouble(r, LOSS_INDEX, "staged changes: %s", e.msg);
	/* An index that differs from HEAD is kept as a whole: not trouble */
}

/* --- all of it --------------------------------------------------------- */

static int
look_tree(struct reversal *r, struct err *e)
{
	unsigned files =
	    r->what & (LOSS_UNTRACKED | LOSS_IGNORED | LOSS_NESTED);
	int rc = assess_index(r, e);

	if (rc < 0)
		return rc;
	if (r->what & LOSS_TRACKED)
		rc = assess_scan(r, LOSS_TRACKED, e);
	if (rc == 0 && (r->what & LOSS_INDEX))
		look_staged(r);
	if (rc == 0 && (r->what & (LOSS_TRACKED | LOSS_IN_THE_WAY)))
		rc = in_the_way(r, e);
	if (rc == 0 && files)
		rc = assess_untracked(r, files, 0, e);
	if (rc == 0 && (r->what & LOSS_SUBMODULES))
		rc = submodules_look(r, e);
	return rc;
}

int
assess_look(struct reversal *r, struct err *e)
{
	const struct command *c;
	int rc = 0;

	if (r->common && faccessat(r->common_fd, "reftable", F_OK, 0) == 0)
		assess_trouble(r, r->what, "refs in a reftable cannot be kept");
	if (r->common && r->tree && (r->what & LOSS_TREE))
		rc = look_tree(r, e);
	if (rc == 0 && r->common && (r->what & LOSS_ANYTHING) == LOSS_ANYTHING)
		rc = assess_git_dir(r, e);
	for (c = r->cmd; c && !rc; c = c->before)
		rc = assess_paths(r, &c->losses, e);
	if (rc == 0 && (r->what & LOSS_REMOTE_REF))
		rc = remotes_look(r, e);
	if (rc < 0)
		return rc;
	finds_settle(&r->finds);
	assess_tiers(r);
	if (r->finds.over)
		assess_trouble(r, r->what & (LOSS_TREE | LOSS_PATHS),
			       "more than %u files", LIMIT_KEEP_LINKS);
	return 0;
}
