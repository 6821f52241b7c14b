/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies where a tree's paths will go and is not tracked now: a file, a
 * whole directory where a file belongs, or a file where a directory does.
 * git silently overwrites the ignored ones among them, and with force all.
 */
#include "base/memory.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/reversal_work.h"
#include "reversal/untracked_walk.h"
#include <errno.h>
#include <string.h>

#define LIMIT_SAME (1u << 20) /* larger ones are not compared */

static void
add(struct reversal *r, const char *name, const struct mark *m)
{
	finds_add(&r->finds, ITEM_FILE, name, FOUND_IN_THE_WAY, LOSS_IN_THE_WAY,
		  m);
}

/* Nothing is lost where the same bytes come again. */
static bool
same_as(struct reversal *r, const char *name, const struct tree_entry *will,
	struct mark *m)
{
	char *bytes;
	unsigned char id256[32];
	size_t len;
	git_oid id;
	bool same;

	if (!will || !S_ISREG(m->mode) || m->size > LIMIT_SAME ||
	    r->main.conversions || (will->mode & 0170000) != 0100000 ||
	    !(will->mode & 0100) != !(m->mode & 0100) ||
	    (m->mode & 0777) !=
		(((will->mode & 0100) ? 0777u : 0666u) & ~r->main.umask) ||
	    places_read(r, r->tree, name, LIMIT_SAME, m, &bytes, &len, NULL) <
		0)
		return false;
	if (r->main.x.id_len == 32)
		by_git_hash(bytes, len, id256);
	same = r->main.x.id_len == 32
		   ? !memcmp(id256, will->id, 32)
		   : git_odb_hash(&id, bytes, len, GIT_OBJECT_BLOB) == 0 &&
			 !memcmp(id.id, will->id, 20);
	talloc_free(bytes);
	return same;
}

static int
whole_directory(struct reversal *r, const struct scan *s, const char *name,
		const struct mark *m, struct err *e)
{
	struct walk w = {.ctx = r,
			 .out = &r->finds,
			 .kind = ITEM_FILE,
			 .x = &s->x,
			 .prefix = s->prefix,
			 .name_prefix = "",
			 .losses = LOSS_IN_THE_WAY,
			 .what = FOUND_IN_THE_WAY};
	struct stat st;
	int rc;

	if (fstat(r->tree_fd, &st) < 0)
		return err_sys(e, "the work tree");
	w.device = st.st_dev;
	assess_skip(r, w.skip, &w.nskip);
	finds_add(&r->finds, ITEM_FILE, name, FOUND_DIR, LOSS_IN_THE_WAY, m);
	rc = walk_below(&w, r->tree_fd, name, e);
	if (w.unfinished)
		assess_trouble(r, LOSS_IN_THE_WAY, "%s is nested too deeply",
			       text_safe(r, name));
	return rc;
}

/* A parent of the path is no directory: which one? */
static void
blocked_parent(struct reversal *r, const struct scan *s, const char *name)
{
	char *part = have(talloc_strdup(r, name));
	struct mark m;

	for (char *p = part; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		if (places_mark(r->tree, part, &m) == 0 && !S_ISDIR(m.mode)) {
			if (!index_find(&s->x, part + strlen(s->prefix)))
				add(r, part, &m);
			return;
		}
	}
}

int
in_the_way_at(struct reversal *r, const struct scan *s, const char *path,
	      const struct tree_entry *will, struct err *e)
{
	const char *name = have(talloc_asprintf(r, "%s%s", s->prefix, path));
	struct mark m;
	int error = places_mark(r->tree, name, &m);

	switch (error) {
	case 0:
		if (S_ISDIR(m.mode) && will &&
		    (will->mode & 0170000) == 0160000)
			return 0; /* a submodule's directory */
		if (S_ISDIR(m.mode))
			return whole_directory(r, s, name, &m, e);
		/* nothing is lost, but undo must not take it for new */
		if (same_as(r, name, will, &m))
			finds_add(&r->finds, ITEM_FILE, name, FOUND_PATH, 0,
				  &m);
		else
			add(r, name, &m);
		return 0;
	case ENOENT:
		/* the command may make it: undo then takes it away */
		if (will)
			finds_add(&r->finds, ITEM_FILE, name, FOUND_ABSENT, 0,
				  NULL);
		return 0;
	case ENOTDIR:
	case ELOOP:
		blocked_parent(r, s, name);
		return 0;
	}
	assess_trouble(r, LOSS_IN_THE_WAY, "%s: %s", text_safe(r, name),
		       strerror(error));
	return 0;
}

struct visit {
	struct reversal *r;
	struct err *e;
};

static int
visit(void *data, const char *path, const struct tree_entry *in_tree,
      const struct index_entry *in_index)
{
	struct visit *v = data;
	struct reversal *r = v->r;

	if (in_index) {
		GROW(r, r->changing, r->nchanging, r->changing_room);
		r->changing[r->nchanging++] = in_index->path;
		return 0;
	}
	if (r->finds.over)
		return 1;
	return in_the_way_at(r, &r->main, path, in_tree, v->e);
}

/* 0 done, 1 not to be found, negative on error. */
static int
one_tree(struct reversal *r, git_odb *odb, const char *expr, struct err *e)
{
	struct visit v = {.r = r, .e = e};
	git_object *o = NULL, *tree = NULL;
	int rc;

	if (!odb)
		return by_git_diff(r, expr, visit, &v, e);
	if (git_revparse_single(&o, r->repo->git, expr) < 0)
		return 1;
	if (git_object_peel(&tree, o, GIT_OBJECT_TREE) < 0) {
		git_object_free(o);
		return 1;
	}
	rc = tree_diff(odb, git_object_id(tree), &r->main.x, visit, &v, e);
	git_object_free(tree);
	git_object_free(o);
	return rc < 0 ? rc : 0;
}

static int
all_trees(struct reversal *r, bool *unknown, struct err *e)
{
	git_odb *odb = NULL;
	int rc = 0;

	*unknown = !r->repo->git && !by_git_wanted(r);
	if (*unknown)
		return 0;
	if (r->repo->git && git_repository_odb(&odb, r->repo->git) < 0)
		return err_git(e, "opening the object store");
	for (const struct command *c = r->cmd; c; c = c->before) {
		*unknown |= c->losses.trees_unknown;
		for (size_t i = 0; i < c->losses.ntrees && rc >= 0; i++) {
			rc = one_tree(r, odb, c->losses.trees[i], e);
			/* what libgit2 does not find, git may */
			*unknown |= rc == 1;
		}
	}
	git_odb_free(odb);
	return rc < 0 ? rc : 0;
}

int
in_the_way(struct reversal *r, struct err *e)
{
	bool unknown = false;
	int rc = 0;

	for (size_t i = 0; r->main.state && i < r->main.x.n && !rc; i++)
		if (r->main.state[i] == TRACKED_BLOCKED)
			rc = in_the_way_at(r, &r->main, r->main.x.v[i].path,
					   NULL, e);
	if (rc || !(r->what & LOSS_IN_THE_WAY))
		return rc;
	rc = all_trees(r, &unknown, e);
	r->changing_known = !unknown;
	if (rc == 0 && unknown)
		rc = assess_untracked(r, LOSS_UNTRACKED | LOSS_IGNORED,
				      LOSS_IN_THE_WAY, e);
	return rc;
}
