/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded (LD_PRELOAD) into a program that fetches files by ssh: scp, sftp and
 * rsync.  AUTOMODE_CONFINE is the descriptor of a Landlock domain
 * (gateway/exec/confine.h), which the program enters as soon as it has started
 * its ssh: that one may go on to write what it will (known_hosts, sockets,
 * whatever a ProxyCommand keeps), and the program itself only where its files
 * are to arrive.  With AUTOMODE_CONFINE_NOW it does so at once.
 *
 * No domain knows of modes, owners, times and extended attributes.  What sets
 * them by a name sets them here by a descriptor, of what lies in one of the
 * folders of AUTOMODE_CONFINE_AT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

static int domain = -1;
static bool entered;
static char *folders;

static void
enter(void)
{
	int fd = domain;

	domain = -1;
	if (fd < 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) < 0) {
		dprintf(STDERR_FILENO, "automode: confining it: %s\n",
			strerror(errno));
		_exit(125);
	}
	close(fd);
	entered = true;
}

/* Nothing of this is for those that the program starts. */
static void __attribute__((constructor)) begin(void)
{
	const char *number = getenv("AUTOMODE_CONFINE");
	const char *before = getenv("AUTOMODE_PRELOAD");
	const char *at = getenv("AUTOMODE_CONFINE_AT");

	if (!number)
		return;
	domain = (int)strtol(number, NULL, 10);
	if (domain < 3 || fcntl(domain, F_SETFD, FD_CLOEXEC) < 0)
		domain = -1;
	folders = at ? strdup(at) : NULL;
	if (before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv("AUTOMODE_PRELOAD");
	unsetenv("AUTOMODE_CONFINE");
	unsetenv("AUTOMODE_CONFINE_AT");
	if (getenv("AUTOMODE_CONFINE_NOW"))
		enter();
	unsetenv("AUTOMODE_CONFINE_NOW");
}

static void *
next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (!f)
		errno = ENOSYS;
	return f;
}

pid_t
fork(void)
{
	pid_t (*f)(void) = (pid_t(*)(void))(uintptr_t)next("fork");
	pid_t pid = f ? f() : -1;

	if (pid > 0)
		enter();
	return pid;
}

/* --- what no domain knows of ----------------------------------------------
 */

static bool
is_one(const struct stat *st)
{
	char *at = folders;

	while (at && *at) {
		unsigned long long dev = strtoull(at, &at, 10), ino = 0;

		if (*at == ':')
			ino = strtoull(at + 1, &at, 10);
		if (dev == st->st_dev && ino == st->st_ino)
			return true;
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return false;
}

/* dir is taken. */
static bool
lies_within(int dir)
{
	struct stat st, above;
	bool within = false;
	int up;

	while (dir >= 0 && fstat(dir, &st) == 0 && !(within = is_one(&st))) {
		up = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up >= 0 && fstat(up, &above) == 0 &&
		    above.st_ino == st.st_ino && above.st_dev == st.st_dev) {
			close(up);
			up = -1;
		}
		close(dir);
		dir = up;
	}
	if (dir >= 0)
		close(dir);
	return within;
}

/* The folder in which what fd leads to stands now. */
static int
folder_of(int fd, const struct stat *st)
{
	char link[40], path[PATH_MAX], *slash;
	struct stat there;
	ssize_t n;
	int dir;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0 || n >= (ssize_t)sizeof(path) - 1)
		return -1;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -1;
	*slash = '\0';
	dir = open(*path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 &&
	    (fstatat(dir, slash + 1, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
	     there.st_ino != st->st_ino || there.st_dev != st->st_dev)) {
		close(dir);
		return -1;
	}
	return dir;
}

struct held {
	int fd;
	char name[40]; /* by which it is reached, and it alone */
	bool link;
};

/* What a call names, which it may change; else as where nothing may be
 * written. */
static bool
hold(struct held *h, int dirfd, const char *path, bool follow)
{
	int flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
	struct stat st;

	h->fd = openat(dirfd, path, flags);
	if (h->fd < 0)
		return false;
	snprintf(h->name, sizeof(h->name), "/proc/self/fd/%d", h->fd);
	if (fstat(h->fd, &st) == 0 &&
	    (is_one(&st) || lies_within(folder_of(h->fd, &st)))) {
		h->link = S_ISLNK(st.st_mode);
		return true;
	}
	close(h->fd);
	errno = EACCES;
	return false;
}

static int
done(const struct held *h, int rc)
{
	int saved = errno;

	if (h->fd >= 0)
		close(h->fd);
	errno = saved;
	return rc;
}

int
fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	typedef int set(int, const char *, mode_t, int);
	set *f = (set *)(uintptr_t)next("fchmodat");
	struct held h;

	if (!f)
		return -1;
	if (!entered)
		return f(dirfd, path, mode, flags);
	if (!hold(&h, dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW)))
		return -1;
	if (!h.link)
		return done(&h, f(AT_FDCWD, h.name, mode, 0));
	errno = EOPNOTSUPP;
	return done(&h, -1);
}

int
chmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, 0);
}

int
lchmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

int
fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags)
{
	typedef int set(int, const char *, uid_t, gid_t, int);
	set *f = (set *)(uintptr_t)next("fchownat");
	struct held h;

	if (!f)
		return -1;
	if (!entered || ((flags & AT_EMPTY_PATH) && !*path))
		return f(dirfd, path, uid, gid, flags);
	if (!hold(&h, dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW)))
		return -1;
	return done(&h, f(h.fd, "", uid, gid, AT_EMPTY_PATH));
}

int
chown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, 0);
}

int
lchown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int
utimensat(int dirfd, const char *path, const struct timespec times[2],
	  int flags)
{
	typedef int set(int, const char *, const struct timespec *, int);
	set *f = (set *)(uintptr_t)next("utimensat");
	struct held h;

	if (!f)
		return -1;
	if (!entered || ((flags & AT_EMPTY_PATH) && !*path))
		return f(dirfd, path, times, flags);
	if (!hold(&h, dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW)))
		return -1;
	if (!h.link)
		return done(&h, f(AT_FDCWD, h.name, times, 0));
	return done(&h, f(h.fd, "", times, AT_EMPTY_PATH));
}

static int
set_times(const char *path, const struct timeval tv[2], int flags)
{
	struct timespec times[2];

	for (int i = 0; i < 2 && tv; i++)
		times[i] =
		    (struct timespec){tv[i].tv_sec, tv[i].tv_usec * 1000};
	return utimensat(AT_FDCWD, path, tv ? times : NULL, flags);
}

int
utimes(const char *path, const struct timeval tv[2])
{
	return set_times(path, tv, 0);
}

int
lutimes(const char *path, const struct timeval tv[2])
{
	return set_times(path, tv, AT_SYMLINK_NOFOLLOW);
}

typedef int
attribute_set(const char *, const char *, const void *, size_t, int);
typedef int attribute_drop(const char *, const char *);

/* Of a link itself there is no other name. */
static const char *
hold_attribute(struct held *h, const char *path, bool *follow)
{
	h->fd = -1;
	if (!entered)
		return path;
	if (!hold(h, AT_FDCWD, path, *follow))
		return NULL;
	if (h->link)
		return path;
	*follow = true;
	return h->name;
}

static int
set_attribute(const char *path, const char *name, const void *value,
	      size_t size, int flags, bool follow)
{
	struct held h;
	const char *at = hold_attribute(&h, path, &follow);
	attribute_set *f =
	    (attribute_set *)(uintptr_t)next(follow ? "setxattr" : "lsetxattr");

	return at ? done(&h, f ? f(at, name, value, size, flags) : -1) : -1;
}

static int
drop_attribute(const char *path, const char *name, bool follow)
{
	struct held h;
	const char *at = hold_attribute(&h, path, &follow);
	attribute_drop *f = (attribute_drop *)(uintptr_t)next(
	    follow ? "removexattr" : "lremovexattr");

	return at ? done(&h, f ? f(at, name) : -1) : -1;
}

int
setxattr(const char *path, const char *name, const void *value, size_t size,
	 int flags)
{
	return set_attribute(path, name, value, size, flags, true);
}

int
lsetxattr(const char *path, const char *name, const void *value, size_t size,
	  int flags)
{
	return set_attribute(path, name, value, size, flags, false);
}

int
removexattr(const char *path, const char *name)
{
	return drop_attribute(path, name, true);
}

int
lremovexattr(const char *path, const char *name)
{
	return drop_attribute(path, name, false);
}
