/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the bytes of an operand to the object: real parent, last component,
 * where a link leads, what lies around it.
 */
#include "tools/operand.h"
#include "base/own.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_folder(int base, const char *name)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, base, *name ? name : ".", &how,
			    sizeof(how));
}

static char *
path_of_fd(void *ctx, int fd)
{
	char name[64], text[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, text, sizeof(text) - 1);
	if (n <= 0 || text[0] != '/')
		return NULL;
	return talloc_strndup(ctx, text, (size_t)n);
}

/* Where the session began, if that is not a folder that holds everything. */
static const char *
session_start(const struct operands *os)
{
	static const char *const shared[] = {"/tmp", "/home", "/root", "/opt",
					     "/srv", "/mnt",  "/media"};
	const char *start = os->in->session ? os->in->session->start_dir : NULL;
	enum scope s;

	if (!start || start[0] != '/' || !start[1])
		return NULL;
	start = path_resolve(os->ctx, "/", start);
	s = scope_of_path(os->in, os->t->rules, NULL,
			  path_join(os->ctx, start, "x"));
	if (s == SCOPE_SYSTEM || s == SCOPE_SECRET || s == SCOPE_PROTECTED)
		return NULL;
	s = scope_of_path(os->in, os->t->rules, NULL, start);
	if (s == SCOPE_SYSTEM && strchr(start + 1, '/'))
		return NULL; /* home, a folder around it, or /var/tmp */
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (!strcmp(start, shared[i]))
			return NULL;
	/* "/app", "/workspace": a container's own */
	return start;
}

void
operands_init(struct operands *os, void *ctx, const struct tool_context *t)
{
	const char *home;

	*os = (struct operands){.ctx = ctx,
				.t = t,
				.in = t->in,
				.base = t->in->cwd_fd,
				.base_dir = t->in->cwd,
				.parent_fd = -1};
	if (os->base < 0)
		os->base = own_fd(
		    ctx, open(os->base_dir, O_PATH | O_DIRECTORY | O_CLOEXEC));
	os->base_dir = path_resolve(ctx, "/", os->base_dir);
	home = invocation_home(t->in);
	if (home && home[0] == '/' && home[1])
		os->home = path_resolve(ctx, "/", home);
	os->start = session_start(os);
}

int
operands_change(struct operands *os, const char *dir, struct err *e)
{
	int fd = open_folder(os->base, dir);
	char *real;

	if (fd < 0)
		return err_sys(e, "%s", dir);
	own_fd(os->ctx, fd);
	real = path_of_fd(os->ctx, fd);
	if (!real)
		return err_set(e, ERR_SYSTEM, "%s has no name", dir);
	os->base = fd;
	os->base_dir = real;
	os->parent_given = NULL;
	return 0;
}

/* Opens the parent, or finds that the one before was the same. */
static void
enter_parent(struct operands *os, const char *given, struct operand *o)
{
	char *real;
	int fd;

	if (os->parent_given && !strcmp(os->parent_given, given)) {
		o->parent = os->parent;
		return;
	}
	fd = open_folder(os->base, given);
	o->error = fd < 0 ? errno : 0;
	real = fd < 0 ? NULL : path_of_fd(os->ctx, fd);
	if (!real) {
		if (fd >= 0)
			close(fd);
		os->parent_given = NULL;
		o->parent =
		    path_resolve(os->ctx, os->base_dir, *given ? given : ".");
		return;
	}
	if (os->parent_fd >= 0)
		close(os->parent_fd);
	os->parent_fd = fd;
	os->parent_given = talloc_strdup(os->ctx, given);
	os->parent = o->parent = real;
}

static void
look(struct operands *os, struct operand *o)
{
	int dir = os->parent_given && o->parent == os->parent ? os->parent_fd
							      : AT_FDCWD;
	const char *name = dir == AT_FDCWD ? o->path : o->last;
	struct statx sx;

	o->target = o->path;
	if (o->error)
		return;
	if (fstatat(dir, name, &o->st, AT_SYMLINK_NOFOLLOW) < 0) {
		o->error = errno;
		return;
	}
	o->there = true;
	o->link = S_ISLNK(o->st.st_mode);
	o->to = o->st;
	o->leads = true;
	if (S_ISDIR(o->st.st_mode) &&
	    syscall(SYS_statx, dir, name, AT_SYMLINK_NOFOLLOW,
		    STATX_BASIC_STATS, &sx) == 0)
		o->mount = (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	if (o->link) {
		/* what a dangling one would make is not there */
		o->leads = fstatat(dir, name, &o->to, 0) == 0;
		o->target = path_resolve(os->ctx, "/", o->path);
	}
	o->folder = o->leads && S_ISDIR(o->to.st_mode);
}

static void
split(struct operands *os, const char *given, struct operand *o)
{
	size_t len = strlen(given), begin;

	*o = (struct operand){.given = given, .last = ""};
	if (!len) {
		o->parent = o->path = o->target = os->base_dir;
		o->error = ENOENT;
		return;
	}
	while (len > 1 && given[len - 1] == '/') {
		o->slash = true;
		len--;
	}
	begin = len;
	while (begin && given[begin - 1] != '/')
		begin--;
	o->last = talloc_strndup(os->ctx, given + begin, len - begin);
	enter_parent(os, talloc_strndup(os->ctx, given, begin), o);
	o->dots = !strcmp(o->last, ".") || !strcmp(o->last, "..");
}

/* "/dev/stderr", "/dev/fd/63" as a shell's >(...) has it: the descriptor here
 * of what the caller has open, or -1.  In this process the names lead to its
 * own. */
static int
caller_fd(const struct operands *os, const char *given)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	static const char *const names[] = {"/dev/stdin", "/dev/stdout",
					    "/dev/stderr"};
	const char *digits = NULL;
	long number;

	for (size_t i = 0; i < 3; i++)
		if (!strcmp(given, names[i]))
			return os->in->stdio[i];
	for (size_t i = 0; i < 2; i++)
		if (!strncmp(given, folders[i], strlen(folders[i])))
			digits = given + strlen(folders[i]);
	if (!digits || !*digits || digits[strspn(digits, "0123456789")])
		return -1;
	number = strtol(digits, NULL, 10);
	if (number < 3)
		return os->in->stdio[number];
	for (size_t i = 0; i < os->in->npassed; i++)
		if (os->in->passed[i].number == number)
			return os->in->passed[i].fd;
	return -1;
}

/* Pipes, terminals and files without a name are nobody's loss; to a file it is
 * a link. */
static bool
look_open(struct operands *os, const char *given, struct operand *o)
{
	int fd = caller_fd(os, given);
	char *path;

	*o = (struct operand){.given = given};
	if (fd < 0 || fstat(fd, &o->to) < 0 || S_ISDIR(o->to.st_mode))
		return false;
	path = S_ISREG(o->to.st_mode) ? path_of_fd(os->ctx, fd) : NULL;
	if (path && (lstat(path, &o->st) < 0 || o->st.st_ino != o->to.st_ino ||
		     o->st.st_dev != o->to.st_dev))
		path = NULL;
	o->st = o->to;
	o->st.st_mode = S_IFLNK | 0777;
	o->parent = "/dev/fd";
	o->last = path_base(given);
	o->path = path_join(os->ctx, o->parent, o->last);
	o->target = path ? path : o->path;
	o->there = o->leads = true;
	o->link = path != NULL;
	o->open = !path;
	return true;
}

void
operand_look(struct operands *os, const char *given, struct operand *o)
{
	if (look_open(os, given, o))
		return;
	split(os, given, o);
	if (!*given)
		return;
	if (!*o->last || o->dots) {
		/* the folder itself, by its own name */
		o->path =
		    path_resolve(os->ctx, o->parent, *o->last ? o->last : ".");
		o->parent = path_parent(os->ctx, o->path);
		o->last = strcmp(o->path, "/") ? path_base(o->path) : "";
	} else {
		o->path = path_join(os->ctx, o->parent, o->last);
	}
	look(os, o);
	if (o->slash && o->link && o->folder)
		return;
	if (o->slash && o->there && !o->folder)
		o->error = ENOTDIR;
}

void
operand_at(struct operands *os, const char *absolute, struct operand *o)
{
	*o = (struct operand){.given = absolute,
			      .parent = path_parent(os->ctx, absolute),
			      .last = absolute[1] ? path_base(absolute) : "",
			      .path = absolute};
	look(os, o);
}

/* The nearest folder at or above dir that holds .git; nothing inside of a git
 * dir has one. */
static const char *
find_top(void *ctx, const char *dir)
{
	const char *git = strstr(dir, "/.git");
	const char *at = dir;

	if (git && (git[5] == '/' || !git[5]))
		at = git == dir ? "/" : talloc_strndup(ctx, dir, git - dir);
	for (;; at = path_parent(ctx, at)) {
		struct stat st;

		if (lstat(path_join(ctx, at, ".git"), &st) == 0 &&
		    (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			return at;
		if (!strcmp(at, "/"))
			return NULL;
	}
}

static bool
is_ours(const struct operands *os, const struct operand_place *p)
{
	const char *tree = p->repo->worktree;

	if (p->scope != SCOPE_WORKSPACE && p->scope != SCOPE_SCRATCH)
		return false;
	if (p->scope == SCOPE_SCRATCH || !tree)
		return true;
	return path_is_under(os->in->cwd, tree) ||
	       (os->start && (path_is_under(os->start, tree) ||
			      path_is_under(tree, os->start))) ||
	       (!os->start && os->in->session && os->in->session->start_dir &&
		path_is_under(tree, os->in->session->start_dir));
}

static struct operand_place *
new_place(struct operands *os, const char *top)
{
	struct operand_place *p = talloc_zero(os->ctx, struct operand_place);
	struct repository_hints hints = {.cwd = top};
	struct err ignored;

	if (!p)
		BUG("out of memory");
	p->top = top;
	p->scope = SCOPE_OUTSIDE;
	if (repository_find(os->ctx, &hints, os->in->uid, &p->repo, &ignored) <
	    0)
		p->repo = NULL;
	if (p->repo) {
		p->scope = scope_of_repository(os->in, os->t->rules, p->repo);
		p->ours = is_ours(os, p);
	}
	os->places = talloc_realloc(os->ctx, os->places, struct operand_place *,
				    (unsigned)os->nplaces + 1);
	if (!os->places)
		BUG("out of memory");
	return os->places[os->nplaces++] = p;
}

const struct operand_place *
operand_place(struct operands *os, const char *path)
{
	const char *dir = path_parent(os->ctx, path), *top;

	if (os->asked && !strcmp(os->asked, dir))
		return os->asked_place;
	top = find_top(os->ctx, dir);
	os->asked = dir;
	os->asked_place = NULL;
	if (!top)
		return NULL;
	for (size_t i = 0; i < os->nplaces; i++)
		if (!strcmp(os->places[i]->top, top))
			return os->asked_place = os->places[i];
	return os->asked_place = new_place(os, top);
}
