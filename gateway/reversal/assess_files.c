/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks up files that no index names: untracked and ignored ones, and paths
 * that the command itself names; then chooses how each thing found is kept.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include "reversal/untracked_walk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- untracked, ignored, named paths ----------------------------------- */

struct ignore *
assess_ignore(struct reversal *r, void *ctx, const char *worktree,
	      const char *commondir, git_repository *git)
{
	const char *home = invocation_home(r->in), *global = NULL;
	char *exclude =
	    have(talloc_asprintf(ctx, "%s/info/exclude", commondir));
	git_config *c = NULL;
	git_buf v = GIT_BUF_INIT;
	int fold = 0;

	(void)worktree;
	if (git && git_repository_config_snapshot(&c, git) == 0) {
		git_config_get_bool(&fold, c, "core.ignorecase");
		if (git_config_get_path(&v, c, "core.excludesfile") == 0)
			global = have(talloc_strdup(ctx, v.ptr));
		git_buf_dispose(&v);
		git_config_free(c);
	}
	if (!global && home)
		global =
		    have(talloc_asprintf(ctx, "%s/.config/git/ignore", home));
	return ignore_new(ctx, exclude, global, fold);
}

/* The vault must not be taken for a part of the work tree. */
void
assess_skip(const struct reversal *r, struct mark skip[2], unsigned *nskip)
{
	const char *dirs[] = {vault_state_dir(),
			      r->repo->commondir && *r->repo->commondir
				  ? vault_dir(r->finds.ctx, r->repo)
				  : NULL};
	struct stat st;

	*nskip = 0;
	for (size_t i = 0; i < 2; i++)
		if (dirs[i] && stat(dirs[i], &st) == 0)
			mark_set(&skip[(*nskip)++], &st);
}

int
assess_untracked(struct reversal *r, unsigned want, unsigned also,
		 struct err *e)
{
	const struct losses *l = &r->cmd->losses;
	struct walk w = {.ctx = r,
			 .out = &r->finds,
			 .kind = ITEM_FILE,
			 .x = &r->main.x,
			 .prefix = "",
			 .name_prefix = "",
			 .worktree = true,
			 .want = want,
			 .also = also};
	const char **within;
	struct stat st;
	int rc;

	if (fstat(r->tree_fd, &st) < 0)
		return err_sys(e, "the work tree");
	w.device = st.st_dev;
	w.ignore = assess_ignore(r, r, r->repo->worktree, r->repo->commondir,
				 r->repo->git);
	assess_skip(r, w.skip, &w.nskip);
	within = have(talloc_array(r, const char *, l->nwithin + 1));
	for (size_t i = 0; i < l->nwithin; i++) {
		const char *p = l->within[i];

		if (*p == '/') {
			p = path_below(p, r->repo->worktree);
			if (!p)
				continue;
		}
		p = path_clean(r, p);
		within[w.nwithin++] = strcmp(p, ".") ? p : "";
	}
	w.within = within;
	if (l->nwithin && !w.nwithin)
		return 0; /* all of it lies elsewhere */
	rc = walk_below(&w, r->tree_fd, "", e);
	if (w.unfinished)
		assess_trouble(r, want | also,
			       "a directory is nested too deeply");
	return rc;
}

/* All that is there, whether tracked or not. */
static int
look_directory(struct reversal *r, enum item_kind kind, const char *name,
	       unsigned losses, const struct mark *m, struct err *e)
{
	struct walk w = {.ctx = r,
			 .out = &r->finds,
			 .kind = kind,
			 .prefix = "",
			 .losses = losses,
			 .what = FOUND_PATH,
			 .name_prefix = kind == ITEM_PATH ? "/" : ""};
	struct places *p = assess_places(r, kind);
	int fd OWNED_FD = -1, rc;
	struct stat st;

	finds_add(&r->finds, kind, name, FOUND_DIR, losses, m);
	/* files on the vault's own file system are linked, others copied */
	if (fstat(r->vault ? r->vault->dir_fd : p->root, &st) < 0)
		return err_sys(e, "the vault");
	w.device = st.st_dev;
	if (!r->vault) {
		fd = path_open_beneath(p->root, item_rel(kind, name),
				       O_PATH | O_DIRECTORY, 0, NULL);
		if (fd >= 0 && fstat(fd, &st) == 0 &&
		    vault_would_link(r, r->repo, st.st_dev))
			w.device = st.st_dev;
	}
	assess_skip(r, w.skip, &w.nskip);
	rc = walk_below(&w, p->root, item_rel(kind, name), e);
	if (w.unfinished)
		assess_trouble(r, losses, "%s is nested too deeply",
			       text_safe(r, name));
	return rc;
}

/* Those of the git dir that are looked at as what they are (keep_git.c,
 * keep_objects.c), or that no box lets anybody write to. */
static bool
known_in_git_dir(const char *name)
{
	static const char *const known[] = {
	    "HEAD",	 "config",     "config.worktree", "hooks",    "index",
	    "info",	 "logs",       "objects",	  "rr-cache", "refs",
	    "worktrees", "packed-refs"};
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(name, known[i]))
			return true;
	return *name == '.' || !strcmp(name, "automode-vault") ||
	       (n > 5 && !strcmp(name + n - 5, ".lock")) ||
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == n;
}

/* The git dirs of submodules, LFS objects, and whatever else lies in the git
 * dir: code that nobody foresees may delete it. */
int
assess_git_dir(struct reversal *r, struct err *e)
{
	int rc = 0,
	    fd = openat(r->common_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!d && fd >= 0)
		close(fd);
	if (!d)
		return err_sys(e, "reading the git dir");
	while (!rc && (entry = readdir(d))) {
		const char *name = entry->d_name;
		struct mark m;

		if (known_in_git_dir(name) ||
		    places_mark(r->common, name, &m) != 0)
			continue;
		name = have(talloc_strdup(r, name));
		if (S_ISDIR(m.mode))
			rc = look_directory(r, ITEM_GITFILE, name,
					    LOSS_SUBMODULES, &m, e);
		else
			finds_add(&r->finds, ITEM_GITFILE, name, FOUND_PATH, 0,
				  &m)
			    ->own_bytes = true;
	}
	closedir(d);
	return rc;
}

int
assess_paths(struct reversal *r, const struct losses *l, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < l->npaths && !rc; i++) {
		char *path = path_resolve_parent(r, "/", l->paths[i]);
		const char *name;
		enum item_kind kind = assess_name(r, path, &name);
		struct places *p = assess_places(r, kind);
		struct mark m;
		int error = places_mark(p, item_rel(kind, name), &m);

		if (!strcmp(path, "/")) {
			assess_trouble(r, LOSS_PATHS, "/ cannot be kept");
		} else if (error == ENOENT || error == ENOTDIR) {
			finds_add(&r->finds, kind, name, FOUND_ABSENT,
				  LOSS_PATHS, NULL);
		} else if (error) {
			assess_trouble(r, LOSS_PATHS, "%s: %s",
				       text_safe(r, path), strerror(error));
		} else if (S_ISDIR(m.mode)) {
			rc = look_directory(r, kind, name, LOSS_PATHS, &m, e);
		} else {
			finds_add(&r->finds, kind, name, FOUND_PATH, LOSS_PATHS,
				  &m)
			    ->own_bytes = true;
			/* what a link names is written through it */
			if (S_ISLNK(m.mode)) {
				path = path_resolve(r, "/", path);
				kind = assess_name(r, path, &name);
				p = assess_places(r, kind);
				if (places_mark(p, item_rel(kind, name), &m) ==
					0 &&
				    S_ISREG(m.mode))
					finds_add(&r->finds, kind, name,
						  FOUND_PATH, LOSS_PATHS, &m)
					    ->own_bytes = true;
			}
		}
	}
	return rc;
}

/* --- how each is kept -------------------------------------------------- */

static bool
readable(struct reversal *r, const struct found *f)
{
	struct places *p = assess_places(r, f->kind);
	const char *leaf;
	int dir;

	/* permissions of our own files are no obstacle */
	if (f->at.uid == r->uid)
		return true;
	dir = places_parent(p, item_rel(f->kind, f->name), &leaf);
	return dir >= 0 && faccessat(dir, leaf, R_OK,
				     AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

/* fs.protected_hardlinks: our own, or one that we may read and write */
static bool
linkable(struct reversal *r, const struct found *f)
{
	struct places *p = assess_places(r, f->kind);
	const char *leaf;
	int dir;

	if (f->away || f->own_bytes || (f->kind != ITEM_PATH && !r->can_link))
		return false;
	if (f->at.uid == r->uid)
		return true;
	dir = places_parent(p, item_rel(f->kind, f->name), &leaf);
	return dir >= 0 &&
	       faccessat(dir, leaf, R_OK | W_OK,
			 AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0 &&
	       !(f->at.mode & (S_ISUID | S_ISGID));
}

/* git clean takes names away and writes into nothing: what is linked comes
 * back as the file that it was, times and attributes and other names too. */
static bool
only_unlinked(const struct reversal *r)
{
	return !r->journal && r->what &&
	       !(r->what &
		 ~(unsigned)(LOSS_UNTRACKED | LOSS_IGNORED | LOSS_NESTED));
}

/* Blobs while they are few and small: a link shares its bytes with a file
 * that a hook may still write in place. */
void
assess_tiers(struct reversal *r)
{
	/* code that nobody foresees may write into files as they are */
	bool in_place = (r->what & LOSS_ANYTHING) == LOSS_ANYTHING;
	bool unlinked = only_unlinked(r);
	uint64_t blob_bytes = 0, copy_bytes = 0, small;
	size_t blobs = 0;

	for (size_t i = 0; i < r->finds.n; i++) {
		struct found *f = &r->finds.v[i];
		bool can_link;

		if (!S_ISREG(f->at.mode) && !S_ISLNK(f->at.mode))
			continue;
		/* a link's text is short and has no permissions */
		if (S_ISLNK(f->at.mode)) {
			f->tier = TIER_BLOB;
			continue;
		}
		can_link = linkable(r, f);
		/* what is kept beyond need costs little or is linked */
		small = f->losses ? LIMIT_KEEP_FILE : 1u << 20;
		if (!((f->unit || unlinked) && can_link && !in_place) &&
		    (f->at.size <= small ||
		     (!can_link && f->at.size <= LIMIT_KEEP_FILE)) &&
		    blobs < LIMIT_KEEP_FILES &&
		    blob_bytes + f->at.size <= LIMIT_KEEP_BYTES &&
		    readable(r, f)) {
			f->tier = TIER_BLOB;
			blobs++;
			blob_bytes += f->at.size;
		} else if (can_link) {
			f->tier = TIER_LINK;
		} else if (!readable(r, f)) {
			f->problem = "cannot be read";
		} else if (copy_bytes + f->at.size <= LIMIT_COPY_BYTES) {
			f->tier = TIER_COPY;
			copy_bytes += f->at.size;
		} else {
			f->problem = "is too large to copy";
		}
	}
}
