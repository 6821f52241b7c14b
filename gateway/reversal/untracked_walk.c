/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a directory tree beside the index. */
#include "reversal/untracked_walk.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "effects/losses.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define DEPTH 400 /* open directories at a time; RLIMIT_NOFILE is 1024 */

enum inside {
	INSIDE_TREE,	/* tracked and untracked side by side */
	INSIDE_IGNORED, /* below a directory that is ignored as a whole */
	INSIDE_NESTED,
};

struct level {
	int fd;
	char *path;    /* PATH_MAX bytes, shared by all levels */
	size_t len;    /* of the directory's path, with its slash */
	size_t lo, hi; /* index entries below it */
	enum inside inside;
	bool maybe; /* the ignored directory may not be ignored */
	bool away;
	int depth;
};

static const char *
keep_name(struct walk *w, const char *path, size_t len)
{
	size_t pre = strlen(w->name_prefix), need = pre + len + 1;
	char *p;

	if (need > w->arena_left) {
		w->arena_left = need > 65536 ? need : 65536;
		w->arena = have(talloc_size(w->ctx, w->arena_left));
	}
	p = w->arena;
	w->arena += need;
	w->arena_left -= need;
	memcpy(p, w->name_prefix, pre);
	memcpy(p + pre, path, len);
	p[pre + len] = '\0';
	return p;
}

static bool
valid_head(int dirfd)
{
	char *text = NULL;
	bool ok;

	if (file_read(NULL, dirfd, "HEAD", 4096, &text, NULL, NULL) != 0)
		return false;
	ok = !strncmp(text, "ref: refs/", 10) ||
	     strspn(text, "0123456789abcdef") >= 40;
	talloc_free(text);
	return ok;
}

static bool
is_git_dir(int dirfd)
{
	return valid_head(dirfd) &&
	       ((faccessat(dirfd, "objects", X_OK, 0) == 0 &&
		 faccessat(dirfd, "refs", X_OK, 0) == 0) ||
		faccessat(dirfd, "commondir", F_OK, 0) == 0);
}

bool
walk_is_nested(int dirfd, const char *name)
{
	char path[PATH_MAX + 8], *text = NULL, *to;
	int fd OWNED_FD = -1;
	struct stat st;
	size_t len = 0;
	bool yes = false;

	snprintf(path, sizeof(path), "%s/.git", name);
	if (fstatat(dirfd, path, &st, 0) < 0)
		return false;
	if (S_ISDIR(st.st_mode)) {
		fd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return fd >= 0 && is_git_dir(fd);
	}
	if (file_read(NULL, dirfd, path, 1 << 16, &text, &len, NULL) != 0)
		return false;
	if (len > 9 && !memcmp(text, "gitdir: ", 8)) {
		while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			text[--len] = '\0';
		to = text + 8;
		if (*to != '/')
			to = have(talloc_asprintf(text, "%s/%s", name, to));
		fd = openat(dirfd, to, O_PATH | O_DIRECTORY | O_CLOEXEC);
		yes = fd >= 0 && is_git_dir(fd);
	}
	talloc_free(text);
	return yes;
}

static bool
related(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->nwithin; i++)
		if (path_below(path, w->within[i]) ||
		    path_below(w->within[i], path) || !*w->within[i])
			return true;
	return w->nwithin == 0;
}

/* Set and kind of a thing that is not tracked; 0: nobody asked for it. */
static unsigned
classify(const struct walk *w, const struct level *l, enum ignored ignored,
	 enum found_what *what)
{
	unsigned set = 0;

	if (!w->ignore) {
		*what = w->what;
		return w->losses;
	}
	if (l->inside == INSIDE_NESTED) {
		*what = FOUND_NESTED;
		return LOSS_NESTED;
	}
	if (l->inside == INSIDE_IGNORED)
		ignored = l->maybe ? IGNORED_MAYBE : IGNORED_YES;
	if (ignored != IGNORED_YES)
		set |= LOSS_UNTRACKED;
	if (ignored != IGNORED_NO)
		set |= LOSS_IGNORED;
	*what = ignored == IGNORED_YES ? FOUND_IGNORED : FOUND_UNTRACKED;
	set &= w->want;
	return set ? set | w->also : 0;
}

/* Closes l->fd. */
static int walk_level(struct walk *w, struct level *l, struct err *e);

static void
add(struct walk *w, const struct level *l, size_t len, enum found_what what,
    unsigned losses, const struct stat *st)
{
	struct mark m;
	struct found *f;

	mark_set(&m, st);
	f = finds_add(w->out, w->kind, keep_name(w, l->path, len), what, losses,
		      &m);
	f->unit = l->inside != INSIDE_TREE || !w->ignore;
	f->away = l->away;
}

/* A directory that is not tracked, or holds tracked files (range lo..hi). */
static int
enter(struct walk *w, const struct level *l, const char *name, size_t len,
      struct level *sub, bool tracked, struct err *e)
{
	enum found_what what;
	struct stat st;
	unsigned set;

	sub->fd = openat(l->fd, name,
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub->fd < 0 && errno != EACCES && errno != EMFILE)
		return 0; /* gone meanwhile */
	if (sub->fd < 0) {
		/* What we cannot list, the command, which is the same person,
		 * cannot empty either. */
		w->unfinished |= errno == EMFILE;
		return 0;
	}
	if (fstat(sub->fd, &st) < 0)
		BUG("fstat of an open directory");
	for (unsigned i = 0; i < w->nskip; i++)
		if (w->skip[i].ino == st.st_ino && st.st_dev == w->device)
			goto out;
	sub->away = st.st_dev != w->device;
	if (!tracked) {
		set = classify(w, sub, IGNORED_NO, &what);
		if (set)
			add(w, sub, len, FOUND_DIR, set, &st);
	}
	if (l->depth >= DEPTH) {
		w->unfinished = true;
		goto out;
	}
	sub->path = l->path;
	sub->path[len] = '/';
	sub->path[len + 1] = '\0';
	sub->len = len + 1;
	sub->depth = l->depth + 1;
	return walk_level(w, sub, e);
out:
	close(sub->fd);
	return 0;
}

static int
directory(struct walk *w, struct level *l, const char *name, size_t len,
	  size_t lo, size_t hi, struct err *e)
{
	struct level sub = {.path = l->path,
			    .lo = lo,
			    .hi = hi,
			    .inside = l->inside,
			    .maybe = l->maybe};
	enum ignored ignored;

	if (!w->ignore || l->inside != INSIDE_TREE)
		return enter(w, l, name, len, &sub, lo < hi, e);
	if (lo == hi && walk_is_nested(l->fd, name)) {
		if (!(w->want & LOSS_NESTED))
			return 0;
		sub.inside = INSIDE_NESTED;
		return enter(w, l, name, len, &sub, false, e);
	}
	/* even with tracked files in it, all others in it are ignored then */
	ignored = ignore_look(w->ignore, l->path + strlen(w->prefix), true);
	if (ignored == IGNORED_YES && !(w->want & LOSS_IGNORED))
		return 0;
	if (ignored != IGNORED_NO) {
		sub.inside = INSIDE_IGNORED;
		sub.maybe = ignored == IGNORED_MAYBE;
	}
	return enter(w, l, name, len, &sub, lo < hi, e);
}

static void
file(struct walk *w, struct level *l, const char *name, size_t len)
{
	enum ignored ignored = IGNORED_NO;
	enum found_what what;
	struct stat st;
	unsigned set;

	if (w->ignore && l->inside == INSIDE_TREE)
		ignored =
		    ignore_look(w->ignore, l->path + strlen(w->prefix), false);
	set = classify(w, l, ignored, &what);
	if (set && fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		add(w, l, len, what, set, &st);
}

static int
one_name(struct walk *w, struct level *l, const struct dirent *d, struct err *e)
{
	size_t n = strlen(d->d_name), len = l->len + n, lo = l->lo, hi = l->lo;
	unsigned char type = d->d_type;
	struct stat st;
	bool exact = false;

	if (len + 2 >= PATH_MAX) {
		w->unfinished = true;
		return 0;
	}
	memcpy(l->path + l->len, d->d_name, n + 1);
	if (!related(w, l->path))
		return 0;
	if (type == DT_UNKNOWN) {
		if (fstatat(l->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return 0;
		type = S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
	}
	if (l->lo < l->hi) {
		size_t pre = strlen(w->prefix);
		const char *key = l->path + pre;

		lo = index_lower(w->x, l->lo, l->hi, key, len - pre);
		exact = lo < l->hi && !strcmp(w->x->v[lo].path, key);
		if (exact &&
		    (type != DT_DIR || index_mode(&w->x->v[lo]) == 0160000))
			return 0;
		l->path[len] = '/';
		lo = index_lower(w->x, lo, l->hi, key, len - pre + 1);
		l->path[len] = '/' + 1;
		hi = index_lower(w->x, lo, l->hi, key, len - pre + 1);
		l->path[len] = '\0';
	}
	if (type == DT_DIR)
		return directory(w, l, d->d_name, len, lo, hi, e);
	file(w, l, d->d_name, len);
	return 0;
}

static int
walk_level(struct walk *w, struct level *l, struct err *e)
{
	bool rules = w->ignore && l->inside == INSIDE_TREE;
	const struct dirent *d;
	DIR *dir = fdopendir(l->fd);
	int rc = 0;

	if (!dir) {
		close(l->fd);
		w->unfinished = true;
		return 0;
	}
	if (rules) {
		size_t pre = strlen(w->prefix);
		char *at = l->path + l->len;

		/* the directory's name without its slash */
		*(l->len > pre ? at - 1 : at) = '\0';
		ignore_enter(w->ignore, l->fd,
			     l->len > pre ? l->path + pre : "");
		if (l->len > pre)
			at[-1] = '/';
		*at = '\0';
	}
	while (!rc && !w->out->over && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (w->worktree && l->len == strlen(w->prefix) &&
		    !strcmp(d->d_name, ".git"))
			continue;
		rc = one_name(w, l, d, e);
		l->path[l->len] = '\0';
	}
	if (rules)
		ignore_leave(w->ignore);
	closedir(dir);
	return rc;
}

int
walk_below(struct walk *w, int root, const char *rel, struct err *e)
{
	char *path = have(talloc_zero_array(w->ctx, char, PATH_MAX + 2));
	struct level l = {.path = path, .hi = w->x ? w->x->n : 0};
	struct stat st;
	int rc = 0;

	l.fd = path_open_beneath(root, *rel ? rel : ".", O_RDONLY | O_DIRECTORY,
				 0, NULL);
	if (l.fd < 0 || strlen(rel) + 2 >= PATH_MAX) {
		if (l.fd >= 0)
			close(l.fd);
		talloc_free(path);
		return 0;
	}
	if (*rel) {
		l.len = strlen(rel) + 1;
		memcpy(path, rel, l.len - 1);
		path[l.len - 1] = '/';
	}
	if (fstat(l.fd, &st) == 0)
		l.away = st.st_dev != w->device;
	/* entries below the start, when it is not the work tree's top */
	if (w->x && l.len > strlen(w->prefix)) {
		size_t pre = strlen(w->prefix);

		l.lo = index_lower(w->x, 0, w->x->n, path + pre, l.len - pre);
		path[l.len - 1] = '/' + 1;
		l.hi =
		    index_lower(w->x, l.lo, w->x->n, path + pre, l.len - pre);
		path[l.len - 1] = '/';
	}
	rc = walk_level(w, &l, e);
	talloc_free(path);
	return rc;
}
