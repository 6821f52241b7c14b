/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths: what a name means (lexically, and with links resolved), and opening,
 * making and removing what lies below a directory we hold.
 */
#include "base/path.h"
#include "base/own.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as the kernel's: path_resolution(7) */

/* A clean path that grows by components; cut back by "..". */
struct walk {
	void *ctx;
	char *p;
	size_t len, room;
	bool absolute;
	size_t ups; /* leading ".." of a relative path */
};

static void
walk_init(struct walk *w, void *ctx, bool absolute, size_t room)
{
	w->ctx = ctx;
	w->room = room + 2;
	w->p = talloc_array(ctx, char, w->room);
	if (!w->p)
		BUG("out of memory");
	w->absolute = absolute;
	w->ups = 0;
	w->len = 0;
	w->p[0] = '\0';
}

static void
walk_append(struct walk *w, const char *name, size_t len)
{
	if (w->len + len + 2 > w->room) {
		w->room = (w->len + len + 2) * 2;
		w->p = talloc_realloc(w->ctx, w->p, char, w->room);
		if (!w->p)
			BUG("out of memory");
	}
	if (w->len || w->absolute)
		w->p[w->len++] = '/';
	memcpy(w->p + w->len, name, len);
	w->len += len;
	w->p[w->len] = '\0';
}

static void
walk_up(struct walk *w)
{
	if (!w->absolute && w->len == (w->ups ? w->ups * 3 - 1 : 0)) {
		walk_append(w, "..", 2);
		w->ups++;
		return;
	}
	while (w->len && w->p[w->len - 1] != '/')
		w->len--;
	if (w->len)
		w->len--;
	w->p[w->len] = '\0';
}

static char *
walk_end(struct walk *w)
{
	if (!w->len)
		memcpy(w->p, w->absolute ? "/" : ".", 2);
	return w->p;
}

/* The next component at *path: its length, *path moved to its start. */
static size_t
next_name(const char **path)
{
	while (**path == '/')
		(*path)++;
	return strcspn(*path, "/");
}

static bool
is_dot(const char *name, size_t len)
{
	return len == 1 && name[0] == '.';
}

static bool
is_up(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

static void
walk_lexical(struct walk *w, const char *path)
{
	size_t n;

	for (; (n = next_name(&path)) > 0; path += n) {
		if (is_up(path, n))
			walk_up(w);
		else if (!is_dot(path, n))
			walk_append(w, path, n);
	}
}

char *
path_clean(void *ctx, const char *path)
{
	struct walk w;

	walk_init(&w, ctx, *path == '/', strlen(path));
	walk_lexical(&w, path);
	return walk_end(&w);
}

char *
path_join(void *ctx, const char *dir, const char *name)
{
	struct walk w;

	if (*name == '/')
		return path_clean(ctx, name);
	walk_init(&w, ctx, *dir == '/', strlen(dir) + strlen(name) + 1);
	walk_lexical(&w, dir);
	walk_lexical(&w, name);
	return walk_end(&w);
}

/* Follows rest from w, which is absolute and resolved; false on a loop, a
 * name that is too long, or a directory that cannot be searched.  A ".."
 * behind a name that does not exist takes that name back and resolving goes
 * on: by the time of use it may exist.  A slash behind the last name makes
 * the kernel follow it (path_resolution(7)), so it does here. */
static bool
resolve_into(struct walk *w, const char *rest, bool follow_last)
{
	void *own = talloc_new(NULL);
	char target[PATH_MAX];
	int links = 0;
	bool ok = false;
	ssize_t got;
	size_t n;

	for (; (n = next_name(&rest)) > 0; rest += n) {
		size_t before = w->len;

		if (is_dot(rest, n))
			continue;
		if (is_up(rest, n)) {
			walk_up(w);
			continue;
		}
		walk_append(w, rest, n);
		if (!follow_last && !rest[n])
			break;
		got = readlink(w->p, target, sizeof(target));
		if (got < 0) {
			if (errno == EINVAL || errno == ENOENT ||
			    errno == ENOTDIR)
				continue;
			goto out;
		}
		if (got == 0 || (size_t)got == sizeof(target) ||
		    ++links > MAX_LINKS)
			goto out;
		w->len = target[0] == '/' ? 0 : before;
		w->p[w->len] = '\0';
		rest =
		    talloc_asprintf(own, "%.*s/%s", (int)got, target, rest + n);
		if (!rest)
			BUG("out of memory");
		n = 0;
	}
	ok = true;
out:
	talloc_free(own);
	return ok;
}

static char *
resolve(void *ctx, const char *dir, const char *path, bool follow_last)
{
	struct walk w;
	bool ok = true;

	/* A relative dir leaves nothing to resolve against. */
	if (*path != '/' && *dir != '/')
		return path_join(ctx, dir, path);
	walk_init(&w, ctx, true, strlen(dir) + strlen(path) + 1);
	if (*path != '/')
		ok = resolve_into(&w, dir, true);
	if (ok && resolve_into(&w, path, follow_last))
		return walk_end(&w);
	talloc_free(w.p);
	return path_join(ctx, dir, path);
}

char *
path_resolve(void *ctx, const char *dir, const char *path)
{
	return resolve(ctx, dir, path, true);
}

char *
path_resolve_in(void *ctx, const char *real, const char *path)
{
	struct walk w;

	if (*path == '/' || *real != '/')
		return path_resolve(ctx, real, path);
	walk_init(&w, ctx, true, strlen(real) + strlen(path) + 1);
	walk_lexical(&w, real);
	if (resolve_into(&w, path, true))
		return walk_end(&w);
	talloc_free(w.p);
	return path_join(ctx, real, path);
}

char *
path_resolve_parent(void *ctx, const char *dir, const char *path)
{
	return resolve(ctx, dir, path, false);
}

const char *
path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1 && dir[0] == '/')
		return path[0] == '/' ? path + 1 : NULL;
	if (strncmp(path, dir, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path[n] ? path + n + 1 : path + n;
}

bool
path_is_under(const char *path, const char *dir)
{
	return path_below(path, dir) != NULL;
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *
path_parent(void *ctx, const char *path)
{
	struct walk w;

	walk_init(&w, ctx, *path == '/', strlen(path) + 3);
	walk_lexical(&w, path);
	walk_up(&w);
	return walk_end(&w);
}

int
path_descriptor(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/",
					      "/proc/thread-self/fd/"};

	if (!strcmp(path, "/dev/stdin"))
		return 0;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t len = strlen(folders[i]);

		if (!strncmp(path, folders[i], len) &&
		    isdigit((unsigned char)path[len]))
			return (int)strtol(path + len, NULL, 10);
	}
	return -1;
}

const char *
path_strip(const char *path, int64_t n)
{
	for (; n > 0; n--) {
		path = strchr(path, '/');
		if (!path)
			return NULL;
		path += strspn(path, "/");
	}
	return *path ? path : NULL;
}

uint64_t
path_mount_of(int fd)
{
	struct statx x;

	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) == 0
		   ? x.stx_mnt_id
		   : 0;
}

bool
path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
open_beneath(int dirfd, const char *rel, int flags, mode_t mode)
{
	struct open_how how = {
	    .flags = (uint64_t)flags | O_CLOEXEC,
	    .mode = flags & (O_CREAT | __O_TMPFILE) ? mode & 07777 : 0,
	    .resolve =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: a rename somewhere raced with "..", openat2(2). */
	for (int tries = 0; tries < 64; tries++) {
		fd = syscall(SYS_openat2, dirfd, *rel ? rel : ".", &how,
			     sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int
path_open_beneath(int dirfd, const char *rel, int flags, mode_t mode,
		  struct err *e)
{
	int fd = open_beneath(dirfd, rel, flags, mode);

	if (fd < 0)
		return err_sys(e, "opening %s", rel);
	return fd;
}

int
path_make_parents(int dirfd, const char *rel, struct err *e)
{
	const char *slash = strrchr(rel, '/');
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	char *part;
	int fd, next, rc = 0;
	size_t n;

	if (!slash || slash == rel)
		return 0;
	part = talloc_strndup(NULL, rel, (size_t)(slash - rel));
	if (!part)
		BUG("out of memory");
	fd = open_beneath(dirfd, part, flags, 0);
	if (fd >= 0)
		goto out;
	fd = open_beneath(dirfd, ".", flags, 0);
	for (const char *p = part; fd >= 0 && (n = next_name(&p)) > 0; p += n) {
		char *name = talloc_strndup(part, p, n);

		if (!name)
			BUG("out of memory");
		if (is_up(p, n) || *rel == '/')
			errno = EXDEV, next = -1;
		else if (mkdirat(fd, name, 0777) < 0 && errno != EEXIST)
			next = -1;
		else
			next = open_beneath(fd, name, flags, 0);
		if (next < 0)
			rc = err_sys(e, "making the directory %s", part);
		close(fd);
		fd = next;
	}
	if (fd < 0 && !rc)
		rc = err_sys(e, "making the directory %s", part);
out:
	if (fd >= 0)
		close(fd);
	talloc_free(part);
	return rc;
}

int
path_make_dirs(const char *path, mode_t mode, struct err *e)
{
	char *p = path_clean(NULL, path);
	struct stat st;
	int rc = 0;

	for (char *at = p + (*p == '/');; at++) {
		char *slash = strchr(at, '/');

		if (slash)
			*slash = '\0';
		if (mkdir(p, mode) < 0 && errno != EEXIST &&
		    (errno != EROFS || stat(p, &st) < 0)) {
			rc = err_sys(e, "making the directory %s", p);
			break;
		}
		if (!slash)
			break;
		*slash = '/';
		at = slash;
	}
	if (!rc && stat(p, &st) < 0)
		rc = err_sys(e, "making the directory %s", p);
	else if (!rc && !S_ISDIR(st.st_mode))
		rc = err_set(e, ERR_SYSTEM, "%s is not a directory", p);
	talloc_free(p);
	return rc;
}
