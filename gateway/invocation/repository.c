/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's discovery of a repository, without git and without libgit2: a few
 * stat calls and one or two small files for the ordinary case.  libgit2 is
 * opened later, and only where something has to be looked up.
 */
#include "invocation/repository.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stddef.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* What discovery has to know from .git/config and config.worktree. */
struct format {
	const char *worktree; /* core.worktree */
	int bare;	      /* -1: not said */
	bool worktree_config;
	bool worktree_level; /* reading config.worktree */
	void *ctx;
};

static char *
copy(void *ctx, const char *s)
{
	return have(talloc_strdup(ctx, s));
}

static char *
below(void *ctx, const char *dir, const char *name)
{
	return have(talloc_asprintf(ctx, "%s%s%s", dir,
				    strcmp(dir, "/") ? "/" : "", name));
}

static int
each_format(void *data, const char *key, const char *value)
{
	struct format *f = data;

	if (!strcmp(key, "core.bare"))
		f->bare = git_config_truth(value) > 0;
	else if (!strcmp(key, "core.worktree"))
		f->worktree = value ? copy(f->ctx, value) : NULL;
	else if (!f->worktree_level &&
		 !strcmp(key, "extensions.worktreeconfig"))
		f->worktree_config = git_config_truth(value) > 0;
	return 0;
}

/* Reads one of the two files and keeps its text for whoever wants the rest. */
static int
read_config(struct repository *r, const char *path, struct format *f,
	    const char **text, size_t *len, struct err *e)
{
	char *bytes = NULL;
	int rc;

	rc = file_read(r, AT_FDCWD, path, LIMIT_CONFIG_FILE, &bytes, len, e);
	if (rc != 0)
		return rc > 0 ? 0 : rc;
	*text = bytes;
	rc = git_config_text(r, bytes, *len, each_format, f, e);
	return rc < 0 ? err_wrap(e, "%s", path) : 0;
}

static int
read_format(struct repository *r, struct format *f, struct err *e)
{
	int rc;

	*f = (struct format){.bare = -1, .ctx = r};
	rc = read_config(r, below(r, r->commondir, "config"), f, &r->config,
			 &r->config_len, e);
	if (rc < 0)
		return rc;
	/* The two keys of the common file speak of the main work tree, unless
	 * there is a file for each (setup.c, check_repository_format). */
	if (strcmp(r->gitdir, r->commondir) && !f->worktree_config) {
		f->bare = -1;
		f->worktree = NULL;
	}
	if (!f->worktree_config)
		return 0;
	f->worktree_level = true;
	return read_config(r, below(r, r->gitdir, "config.worktree"), f,
			   &r->worktree_config, &r->worktree_config_len, e);
}

static bool
valid_head(void *ctx, const char *dir)
{
	char link[64], *text = NULL, *path = below(ctx, dir, "HEAD"), *p;
	ssize_t n = readlink(path, link, sizeof(link));
	size_t len = 0;

	if (n >= 0)
		return n >= 5 && !memcmp(link, "refs/", 5);
	if (file_read(ctx, AT_FDCWD, path, 1 << 16, &text, &len, NULL) != 0)
		return false;
	if (len >= 4 && !memcmp(text, "ref:", 4)) {
		p = text + 4;
		while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
			p++;
		return !strncmp(p, "refs/", 5);
	}
	return strspn(text, "0123456789abcdefABCDEF") >= 40;
}

/* The common directory of a git dir; false when commondir cannot be read. */
static bool
common_of(void *ctx, const char *gitdir, const char *given, char **common)
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (given) {
		*common = copy(ctx, given);
		return true;
	}
	rc = file_read(ctx, AT_FDCWD, below(ctx, gitdir, "commondir"), PATH_MAX,
		       &text, &len, NULL);
	if (rc > 0) {
		*common = copy(ctx, gitdir);
		return true;
	}
	if (rc < 0)
		return false;
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	*common = len ? path_join(ctx, gitdir, text) : copy(ctx, gitdir);
	return true;
}

static bool
is_git_directory(void *ctx, const char *dir, const char *given_common)
{
	char *common;

	return valid_head(ctx, dir) &&
	       common_of(ctx, dir, given_common, &common) &&
	       access(below(ctx, common, "objects"), X_OK) == 0 &&
	       access(below(ctx, common, "refs"), X_OK) == 0;
}

enum gitfile { GITFILE_NONE, GITFILE_OK, GITFILE_BAD };

/* "gitdir: path" in a file called .git (or what GIT_DIR names). */
static enum gitfile
read_gitfile(void *ctx, const char *path, const char *given_common,
	     char **gitdir)
{
	char *text = NULL, *dir;
	size_t len = 0;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return GITFILE_NONE;
	if (file_read(ctx, AT_FDCWD, path, 1 << 20, &text, &len, NULL) != 0)
		return GITFILE_BAD;
	if (len < 9 || memcmp(text, "gitdir: ", 8))
		return GITFILE_BAD;
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	dir = path_parent(ctx, path);
	dir = path_resolve(ctx, dir, text + 8);
	if (!is_git_directory(ctx, dir, given_common))
		return GITFILE_BAD;
	*gitdir = dir;
	return GITFILE_OK;
}

static bool
owned_by(const char *path, uid_t uid)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == uid;
}

/* .git directory of the work tree, a submodule's .git file, or a linked
 * work tree's: then the work tree is where git puts it by itself. */
static bool
is_own_worktree(void *ctx, const struct repository *r)
{
	char *dotgit = below(ctx, r->worktree, ".git"), *dir = NULL;
	struct stat st;

	if (lstat(dotgit, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode))
		return read_gitfile(ctx, dotgit, NULL, &dir) == GITFILE_OK &&
		       !strcmp(dir, r->gitdir);
	dir = path_resolve(ctx, "/", dotgit);
	return !strcmp(dir, r->gitdir);
}

static const char *
project_id(void *ctx, const char *commondir)
{
	unsigned char hash[16];

	/* 16 is the smallest that libsodium makes; half of it is shown. */
	if (crypto_generichash(hash, sizeof(hash),
			       (const unsigned char *)commondir,
			       strlen(commondir), NULL, 0))
		BUG("crypto_generichash");
	return text_hex(ctx, hash, 8);
}

static void
finish(struct repository *r, const struct repository_hints *h, uid_t uid)
{
	const char *base, *rest;

	r->linked = strcmp(r->gitdir, r->commondir) != 0;
	r->id = project_id(r, r->commondir);
	r->prefix = "";
	if (r->worktree) {
		rest = path_below(h->cwd, r->worktree);
		if (rest && *rest)
			r->prefix = have(talloc_asprintf(r, "%s/", rest));
		r->odd_worktree =
		    r->worktree != r->own_top && !is_own_worktree(r, r);
	}
	/* git has changed to the top of the work tree when it opens it */
	base = r->worktree ? r->worktree : h->cwd;
	r->index_file = h->index_file && *h->index_file
			    ? path_join(r, base, h->index_file)
			    : below(r, r->gitdir, "index");
	r->foreign = !owned_by(r->gitdir, uid) ||
		     (r->worktree && !owned_by(r->worktree, uid));
}

/* gitdir is known; which work tree?  top: the directory that held .git, NULL
 * for a bare directory or an explicit git dir. */
static int
settle(struct repository *r, const struct repository_hints *h, const char *top,
       bool is_explicit, uid_t uid, struct err *e)
{
	struct format f;
	char *common;
	int rc;

	if (!common_of(r, r->gitdir, h->common_dir, &common))
		return err_set(e, ERR_SYNTAX, "cannot read %s/commondir",
			       r->gitdir);
	r->commondir = strcmp(common, r->gitdir)
			   ? path_resolve_in(r, r->gitdir, common)
			   : r->gitdir;
	rc = read_format(r, &f, e);
	r->explicit_dir = is_explicit;
	if (rc < 0) { /* where it is can be told, for git's own complaint */
		r->worktree = is_explicit ? h->cwd : top;
		finish(r, h, uid);
		return rc;
	}
	r->bare = f.bare > 0;
	if (h->work_tree)
		r->worktree = path_resolve(r, h->cwd, h->work_tree);
	else if (f.worktree && f.bare <= 0)
		r->worktree = path_resolve(r, r->gitdir, f.worktree);
	else if (f.bare > 0)
		r->worktree = NULL;
	else if (is_explicit)
		r->worktree = h->bare ? NULL : h->cwd;
	else
		r->worktree = top;
	if (r->worktree)
		r->bare = false;
	finish(r, h, uid);
	return 0;
}

/* Length of the longest ceiling that is a true ancestor of cwd; -1: none. */
static ssize_t
ceiling_of(void *ctx, const char *list, const char *cwd)
{
	bool resolve = true;
	ssize_t best = -1;
	const char *p, *end;
	char *dir;

	for (p = list ? list : ""; *p; p = *end ? end + 1 : end) {
		end = strchrnul(p, ':');
		if (end == p) { /* an empty entry: the rest is taken as it is */
			resolve = false;
			continue;
		}
		dir = have(talloc_strndup(ctx, p, (size_t)(end - p)));
		if (*dir != '/')
			continue;
		dir = resolve ? path_resolve(ctx, "/", dir)
			      : path_clean(ctx, dir);
		if (strcmp(dir, cwd) && path_is_under(cwd, dir) &&
		    (ssize_t)strlen(dir) > best)
			best = (ssize_t)strlen(dir);
	}
	return best;
}

/* 1 found, 0 none, negative: git would die here. */
static int
walk_up(struct repository *r, const struct repository_hints *h,
	const char **top, struct err *e)
{
	ssize_t ceiling = ceiling_of(r, h->ceilings, h->cwd);
	char *dir = copy(r, h->cwd), *dotgit, *found = NULL;
	struct stat st;
	dev_t device;

	if (stat(dir, &st) < 0)
		return err_sys(e, "%s", dir);
	device = st.st_dev;
	for (;;) {
		dotgit = below(r, dir, ".git");
		switch (read_gitfile(r, dotgit, h->common_dir, &found)) {
		case GITFILE_BAD:
			return err_set(e, ERR_SYNTAX, "invalid gitfile %s",
				       text_safe(r, dotgit));
		case GITFILE_OK:
			r->gitdir = found;
			*top = dir;
			return 1;
		case GITFILE_NONE:
			break;
		}
		if (is_git_directory(r, dotgit, h->common_dir)) {
			r->gitdir = path_resolve(r, "/", dotgit);
			*top = r->own_top = dir;
			return 1;
		}
		if (is_git_directory(r, dir, h->common_dir)) {
			r->gitdir = dir;
			*top = NULL;
			return 1;
		}
		if (!strcmp(dir, "/"))
			return 0;
		dir = path_parent(r, dir);
		if ((ssize_t)strlen(dir) <= ceiling)
			return 0;
		if (!h->across_filesystems &&
		    (stat(dir, &st) < 0 || st.st_dev != device))
			return 0;
	}
}

int
repository_find(void *ctx, const struct repository_hints *h, uid_t uid,
		struct repository **out, struct err *e)
{
	struct repository *r = talloc_zero(ctx, struct repository);
	const char *top = NULL;
	char *dir, *path;
	int rc;

	have(r);
	*out = NULL;
	if (h->git_dir) {
		path = path_join(r, h->cwd, h->git_dir);
		rc = 1;
		switch (read_gitfile(r, path, h->common_dir, &dir)) {
		case GITFILE_OK:
			r->gitdir = dir;
			break;
		case GITFILE_BAD:
			rc = 0;
			break;
		case GITFILE_NONE:
			rc = is_git_directory(r, path, h->common_dir);
			r->gitdir = path_resolve(r, "/", path);
			break;
		}
	} else {
		rc = walk_up(r, h, &top, e);
	}
	if (rc > 0)
		rc = settle(r, h, top, h->git_dir != NULL, uid, e);
	else if (rc == 0) {
		talloc_free(r);
		return 0;
	}
	if (rc < 0 && !r->id) {
		talloc_free(r);
		return rc;
	}
	*out = r;
	return rc;
}

static void
start_libgit2(void)
{
	/* What these extensions add does not change how objects, refs and the
	 * index are read.  objectFormat and refStorage do: they stay out. */
	static const char *extensions[] = {"worktreeconfig", "partialclone",
					   "preciousobjects", "noop-v1",
					   "relativeworktrees"};
	static bool started;

	if (started)
		return;
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
			 sizeof(extensions) / sizeof(*extensions));
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	started = true;
}

static void
close_repository(void *handle)
{
	git_repository_free(handle);
}

int
repository_open(void *ctx, struct repository *r)
{
	git_repository *git = NULL;
	const git_error *why;
	const char *present;

	if (r->git || r->unreadable)
		return 0;
	start_libgit2();
	if (git_repository_open_ext(&git, r->gitdir,
				    GIT_REPOSITORY_OPEN_NO_SEARCH |
					GIT_REPOSITORY_OPEN_NO_DOTGIT,
				    NULL) < 0) {
		why = git_error_last();
		r->unreadable = text_safe(
		    r, why && why->message ? why->message : "unknown error");
		return 0;
	}
	(void)ctx;
	own(r, git, close_repository);
	if (r->worktree) {
		present = git_repository_workdir(git);
		/* libgit2 ends it with a slash */
		if (!present ||
		    strncmp(present, r->worktree, strlen(r->worktree)) ||
		    strcmp(present + strlen(r->worktree), "/"))
			git_repository_set_workdir(git, r->worktree, 0);
	}
	r->git = git;
	return 0;
}

int
repository_at(void *ctx, const char *path, uid_t uid, struct repository **out,
	      struct err *e)
{
	/* The order in which upload-pack looks (path.c, enter_repo): the
	 * folder's own .git before the folder itself. */
	static const char *const suffixes[] = {"/.git", "", ".git/.git",
					       ".git"};
	struct repository_hints h = {0};
	struct stat st;
	char *dir;
	size_t i;
	int rc;

	*out = NULL;
	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		dir = have(talloc_asprintf(ctx, "%s%s", path, suffixes[i]));
		if (stat(dir, &st) < 0)
			continue;
		h.git_dir = path_resolve(ctx, "/", dir);
		h.cwd = S_ISREG(st.st_mode) || i == 0 || i == 2
			    ? path_parent(ctx, h.git_dir)
			    : h.git_dir;
		rc = repository_find(ctx, &h, uid, out, e);
		if (rc < 0 || *out)
			return rc;
	}
	return 0;
}
