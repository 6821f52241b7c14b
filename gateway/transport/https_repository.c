/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The repository as git-remote-https gets to see it: a folder of ours that
 * has a HEAD, a configuration and the list of shallow commits, with the refs
 * (read-only) and the objects of the real one.  No hooks, no attributes, no
 * configuration of the repository's.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "transport/https_private.h"
#include "wire/frame.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ALTERNATES 5 /* deep, as in git */
#define MAX_SHALLOW    (64u << 20)

static bool
is_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The box's git names it; a hook in that box could name any other. */
static bool
may_use(const struct carrier *c, const char *dir)
{
	const struct repository *r = c->of->repo;
	const struct need *n = &c->of->need;

	if (r && (path_is_under(dir, r->commondir) ||
		  path_is_under(dir, r->gitdir) ||
		  (r->worktree && path_is_under(dir, r->worktree))))
		return true;
	for (size_t i = 0; i < n->nwrite; i++)
		if (path_is_under(dir, path_resolve(c->ctx, "/", n->write[i])))
			return true;
	/* a folder of ours: the vault, what is fetched for a verdict */
	for (size_t i = 0; i < n->nbinds; i++)
		if (strcmp(n->binds[i].from, n->binds[i].to) == 0 &&
		    path_is_under(dir, n->binds[i].from))
			return true;
	return false;
}

static bool
same_dir(const char *a, const char *b)
{
	struct stat one, two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* The stage (struct bwrap_stage) that the box has in the place of dir. */
static const char *
find_stage(void *ctx, const char *dir, const char *in_box)
{
	DIR *d = opendir(dir);
	const char *found = NULL;
	struct dirent *n;

	while (d && !found && (n = readdir(d))) {
		const char *path = path_join(ctx, dir, n->d_name);

		if (strncmp(n->d_name, ".automode-", 10) == 0 &&
		    same_dir(path, in_box))
			found = path;
	}
	if (d)
		closedir(d);
	return found;
}

/* Where a folder of the box lies on this machine: at the same place, or in a
 * stage.  NULL: it is not to be found. */
static const char *
outside(const struct carrier *c, const char *dir, bool *staged)
{
	void *ctx = c->ctx;
	struct peer peer;
	const char *root, *at, *stage;

	*staged = false;
	if (frame_peer(c->conn, &peer, NULL) < 0 || peer.pid <= 0)
		return NULL;
	root = talloc_asprintf(ctx, "/proc/%ld/root", (long)peer.pid);
	if (same_dir(dir, talloc_asprintf(ctx, "%s%s", root, dir)))
		return path_resolve(ctx, "/", dir);
	for (at = path_parent(ctx, dir); at[1]; at = path_parent(ctx, at)) {
		stage =
		    find_stage(ctx, at, talloc_asprintf(ctx, "%s%s", root, at));
		if (!stage)
			continue;
		*staged = true;
		return path_resolve(ctx, stage, path_below(dir, at));
	}
	return NULL;
}

/* The first line of a small file; NULL: there is none. */
static char *
first_line(void *ctx, const char *dir, const char *name)
{
	char *text;
	size_t len;

	if (file_read(ctx, AT_FDCWD, path_join(ctx, dir, name), 4096, &text,
		      &len, NULL) != 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

void
https_find_repository(struct https *h)
{
	struct carrier *c = h->c;
	const char *dir = c->rq->git_dir, *common;
	bool staged;

	if (!dir || *dir != '/')
		return;
	h->in_box = dir = path_clean(c->ctx, dir);
	dir = outside(c, dir, &staged);
	if (!dir || !is_dir(dir) || (!staged && !may_use(c, dir)))
		return;
	common = first_line(c->ctx, dir, "commondir");
	if (common) {
		common = path_resolve(c->ctx, dir, common);
		if (!may_use(c, common))
			return;
		h->in_box = common;
	} else {
		common = dir;
	}
	if (!is_dir(path_join(c->ctx, common, "objects")))
		return;
	h->git_dir = dir;
	h->common = common;
}

/* Other object stores that this one borrows from. */
static void
show_alternates(struct https *h, const char *objects, int depth)
{
	void *ctx = h->c->ctx;
	const char *info = path_join(ctx, objects, "info/alternates");
	char *text, *line;
	size_t len;

	if (depth > MAX_ALTERNATES ||
	    file_read(ctx, AT_FDCWD, info, LIMIT_CONFIG_FILE, &text, &len,
		      NULL) != 0)
		return;
	while ((line = strsep(&text, "\n"))) {
		const char *dir;

		if (!*line || *line == '#')
			continue;
		dir = path_join(ctx, objects, line);
		if (!path_exists(dir))
			continue;
		need_read(ctx, &h->c->cmd.need, dir);
		show_alternates(h, dir, depth + 1);
	}
}

static int
put_file(const char *path, const void *bytes, size_t len, struct err *e)
{
	int fd OWNED_FD =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || file_write_all(fd, bytes, len) < 0)
		return err_sys(e, "writing what git-remote-https needs");
	return 0;
}

/* HEAD makes it a repository; fetching, its commit is one that is had. */
static int
write_head(struct https *h, struct err *e)
{
	const char *head = first_line(h->c->ctx, h->git_dir, "HEAD");
	const char *text = "ref: refs/heads/main\n";

	if (head && *head)
		text = talloc_asprintf(h->c->ctx, "%s\n", head);
	return put_file(path_join(h->c->ctx, h->shown, "HEAD"), text,
			strlen(text), e);
}

static int
copy_shallow(struct https *h, struct err *e)
{
	void *ctx = h->c->ctx;
	char *text;
	size_t len;
	int rc = file_read(ctx, AT_FDCWD, path_join(ctx, h->common, "shallow"),
			   MAX_SHALLOW, &text, &len, e);

	if (rc != 0)
		return rc > 0 ? 0 : rc;
	return put_file(path_join(ctx, h->shown, "shallow"), text, len, e);
}

int
https_show_repository(struct https *h, struct err *e)
{
	struct carrier *c = h->c;
	struct need *n = &c->cmd.need;
	const char *objects, *refs, *packed;

	h->shown = path_join(c->ctx, c->folder, "git");
	objects = path_join(c->ctx, h->common, "objects");
	refs = path_join(c->ctx, h->common, "refs");
	packed = path_join(c->ctx, h->common, "packed-refs");
	if (mkdir(h->shown, 0700) < 0 ||
	    mkdir(path_join(c->ctx, h->shown, "refs"), 0700) < 0)
		return err_sys(e, "a private folder");
	if (write_head(h, e) < 0 || copy_shallow(h, e) < 0)
		return e->code;
	need_bind(c->ctx, n, h->shown, HTTPS_GIT, true);
	if (is_dir(refs))
		need_bind(c->ctx, n, refs, HTTPS_GIT "/refs", false);
	if (path_exists(packed) &&
	    put_file(path_join(c->ctx, h->shown, "packed-refs"), "", 0, e) == 0)
		need_bind(c->ctx, n, path_resolve(c->ctx, "/", packed),
			  HTTPS_GIT "/packed-refs", false);
	/* protocols before version 2 leave it to the helper to store what it
	 * has fetched */
	need_bind(c->ctx, n, objects, path_join(c->ctx, h->in_box, "objects"),
		  c->permit->fetch);
	show_alternates(h, objects, 0);
	return 0;
}

int
https_take_shallow(struct https *h, struct err *e)
{
	void *ctx = h->c->ctx;
	const char *ours, *theirs, *lock;
	char *now = NULL, *before = NULL;
	size_t nnow = 0, nbefore = 0;
	int fd, rc;

	if (!h->shown)
		return 0;
	ours = path_join(ctx, h->shown, "shallow");
	theirs = path_join(ctx, h->common, "shallow");
	if (file_read(ctx, AT_FDCWD, ours, MAX_SHALLOW, &now, &nnow, e) < 0 ||
	    file_read(ctx, AT_FDCWD, theirs, MAX_SHALLOW, &before, &nbefore,
		      e) < 0)
		return e->code;
	if (nnow == nbefore && (nnow == 0 || memcmp(now, before, nnow) == 0))
		return 0;
	lock = talloc_asprintf(ctx, "%s.lock", theirs);
	fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0666);
	if (fd < 0)
		return err_sys(e, "%s", lock);
	rc = file_write_all(fd, now ? now : "", nnow);
	close(fd);
	if (rc == 0)
		rc = nnow ? rename(lock, theirs) : unlink(theirs);
	if (rc < 0 || nnow == 0)
		unlink(lock);
	return rc < 0 ? err_sys(e, "%s", theirs) : 0;
}
