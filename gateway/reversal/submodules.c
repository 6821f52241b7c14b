/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submodules whose work trees a command may discard: each is looked at as a
 * repository of its own, its files under their names in the outer work tree.
 * Its HEAD, index and state files are kept with the outer git dir's, where
 * they lie below it (modules/NAME), else as files of the work tree.
 */
#include "base/memory.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include "reversal/untracked_walk.h"
#include <string.h>
#include <sys/stat.h>

#define LOSSES LOSS_SUBMODULES
#define DEPTH  10

static int look_below(struct reversal *r, const struct index_file *x,
		      const char *prefix, int depth, struct err *e);

static int
untracked(struct reversal *r, const struct repository *sub, struct scan *s,
	  struct err *e)
{
	struct walk w = {.ctx = r,
			 .out = &r->finds,
			 .kind = ITEM_FILE,
			 .x = &s->x,
			 .prefix = s->prefix,
			 .name_prefix = "",
			 .worktree = true,
			 .also = LOSSES,
			 .want = LOSS_UNTRACKED | LOSS_IGNORED};
	struct stat st;
	char *rel = have(talloc_strndup(r, s->prefix, strlen(s->prefix) - 1));
	int rc;

	if (fstat(r->tree_fd, &st) < 0)
		return err_sys(e, "the work tree");
	w.device = st.st_dev;
	w.ignore = assess_ignore(r, r, sub->worktree, sub->commondir, sub->git);
	assess_skip(r, w.skip, &w.nskip);
	rc = walk_below(&w, r->tree_fd, rel, e);
	if (w.unfinished)
		assess_trouble(r, LOSSES, "a directory is nested too deeply");
	return rc;
}

/* The file that says where its git dir lies. */
static void
gitfile(struct reversal *r, const char *path)
{
	const char *name = have(talloc_asprintf(r, "%s/.git", path));
	struct mark m;

	if (places_mark(r->tree, name, &m) == 0 && S_ISREG(m.mode))
		finds_add(&r->finds, ITEM_FILE, name, FOUND_PATH, 0, &m)
		    ->own_bytes = true;
}

/* Raw copies of what makes the submodule's own state. */
static void
admin_files(struct reversal *r, const struct repository *sub)
{
	static const char *const names[] = {"HEAD", "index", "config",
					    "ORIG_HEAD", "logs/HEAD"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path =
		    have(talloc_asprintf(r, "%s/%s", sub->gitdir, names[i]));
		const char *name;
		enum item_kind kind = assess_name(r, path, &name);
		struct mark m;

		if (places_mark(assess_places(r, kind), item_rel(kind, name),
				&m) == 0)
			finds_add(&r->finds, kind, name, FOUND_PATH, 0, &m)
			    ->own_bytes = true;
	}
}

static int
one(struct reversal *r, const char *path, int depth, struct err *e)
{
	char *dir = have(talloc_asprintf(r, "%s/%s", r->repo->worktree, path));
	struct repository *sub = NULL;
	struct scan *s;
	struct err own = {0};
	int rc;

	if (!walk_is_nested(r->tree_fd, path))
		return 0; /* not populated */
	if (repository_at(r, dir, r->in->uid, &sub, &own) < 0 || !sub ||
	    !sub->worktree || strcmp(sub->worktree, dir)) {
		assess_trouble(r, LOSSES, "the submodule %s: %s",
			       text_safe(r, path),
			       own.msg[0] ? own.msg : "cannot be read");
		return 0;
	}
	repository_open(r, sub);
	GROW(r, r->subs, r->nsubs, r->subs_room);
	s = &r->subs[r->nsubs];
	memset(s, 0, sizeof(*s));
	s->prefix = have(talloc_asprintf(r, "%s/", path));
	s->git = sub->git;
	s->umask = r->in->mask;
	s->conversions = true;
	rc = index_read(r, sub->index_file, 20, &s->x, &own);
	if (rc < 0 || s->x.split || !sub->git) {
		assess_trouble(r, LOSSES, "the submodule %s cannot be read",
			       text_safe(r, path));
		return 0;
	}
	r->nsubs++;
	rc = scan_tracked(r, s, r->tree, LOSSES, &r->finds, e);
	if (rc == 0)
		rc = untracked(r, sub, s, e);
	admin_files(r, sub);
	gitfile(r, path);
	/* its entry may have moved when the array grew */
	if (rc == 0)
		rc = look_below(r, &r->subs[r->nsubs - 1].x,
				r->subs[r->nsubs - 1].prefix, depth + 1, e);
	return rc;
}

static int
look_below(struct reversal *r, const struct index_file *x, const char *prefix,
	   int depth, struct err *e)
{
	struct index_file copy = *x;
	int rc = 0;

	if (depth > DEPTH)
		return err_set(e, ERR_LIMIT,
			       "submodules are nested too deeply");
	for (size_t i = 0; i < copy.n && !rc; i++) {
		if (index_mode(&copy.v[i]) != 0160000)
			continue;
		rc = one(
		    r, have(talloc_asprintf(r, "%s%s", prefix, copy.v[i].path)),
		    depth, e);
	}
	return rc;
}

int
submodules_look(struct reversal *r, struct err *e)
{
	return look_below(r, &r->main.x, "", 0, e);
}
