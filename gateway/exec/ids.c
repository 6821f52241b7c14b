/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a box's questions about owners.  See ids.h. */
#include "exec/ids.h"
#include "base/own.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_ACL	   65536 /* XATTR_SIZE_MAX */
#define MAX_GROUPS 65536 /* NGROUPS_MAX */
#define TRIES	   8	 /* against renames that race with ".." */

struct question {
	const struct seccomp_notif *ask;
	int listener;
	int proc, mem; /* of the process that asks */
	void *ctx;
	bool answered;
	int64_t value; /* what the call returns: negative, an errno */
};

static void
answer(struct question *q, int64_t value)
{
	q->answered = true;
	q->value = value < 0 ? -errno : value;
}

/* Does that process still wait?  Then what was opened by its number is its. */
static bool
waits(const struct question *q)
{
	return ioctl(q->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &q->ask->id) ==
	       0;
}

static bool
peek(const struct question *q, uint64_t at, void *to, size_t len)
{
	return pread(q->mem, to, len, (off_t)at) == (ssize_t)len;
}

static bool
poke(const struct question *q, uint64_t at, const void *from, size_t len)
{
	return waits(q) && pwrite(q->mem, from, len, (off_t)at) == (ssize_t)len;
}

/* What follows its end may not be there. */
static bool
peek_text(const struct question *q, uint64_t at, char *to, size_t room)
{
	ssize_t n = at ? pread(q->mem, to, room, (off_t)at) : -1;

	return n > 0 && memchr(to, '\0', (size_t)n);
}

/* Its descriptor, or the folder it is in. */
static const char *
link_of(int number, char text[32])
{
	if (number == AT_FDCWD)
		return "cwd";
	snprintf(text, 32, "fd/%d", number);
	return text;
}

static int
open_number(const struct question *q, int number)
{
	char text[32];

	return number < 0 && number != AT_FDCWD
		   ? -1
		   : openat(q->proc, link_of(number, text), O_PATH | O_CLOEXEC);
}

static int
resolve(int from, const char *path, int flags, uint64_t how)
{
	struct open_how h = {
	    .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
	    .resolve = RESOLVE_NO_MAGICLINKS | how,
	};
	int fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		fd = (int)syscall(SYS_openat2, from, path, &h, sizeof(h));
		if (fd < 0 && errno != EAGAIN)
			break;
	}
	return fd;
}

/* From the box's root.  A path that leaves the folder it starts from is taken
 * from there by that folder's name. */
static int
open_path(const struct question *q, int dir, const char *path, bool follow)
{
	int flags = follow ? 0 : O_NOFOLLOW, fd;
	int start OWNED_FD = -1, root OWNED_FD = -1;
	char text[32], name[PATH_MAX];
	ssize_t n;

	if (*path != '/') {
		start = open_number(q, dir);
		fd = start < 0 ? -1
			       : resolve(start, path, flags, RESOLVE_BENEATH);
		if (start < 0 || fd >= 0 || errno != EXDEV)
			return fd;
		n = readlinkat(q->proc, link_of(dir, text), name, sizeof(name));
		if (n <= 0 || n == sizeof(name) || *name != '/')
			return -1;
		path = talloc_asprintf(q->ctx, "%.*s/%s", (int)n, name, path);
	}
	root = openat(q->proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : resolve(root, path, flags, RESOLVE_IN_ROOT);
}

/* What a call is about: dir and path as fstatat(2) has them. */
static int
object(const struct question *q, int dir, uint64_t at, bool follow, bool empty)
{
	char path[PATH_MAX];

	if (!peek_text(q, at, path, sizeof(path)))
		return -1;
	if (*path)
		return open_path(q, dir, path, follow);
	return empty ? open_number(q, dir) : -1;
}

static void
tell_stat(struct question *q, int fd, uint64_t to)
{
	struct stat st;

	/* the kernel's own structure, which is also the library's */
	if (syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) == 0 &&
	    poke(q, to, &st, sizeof(st)))
		answer(q, 0);
}

static void
tell_statx(struct question *q, int fd, uint64_t flags, uint64_t mask,
	   uint64_t to)
{
	struct statx st;

	flags = (flags & AT_STATX_SYNC_TYPE) | AT_EMPTY_PATH;
	if (statx(fd, "", (int)flags, (unsigned)mask, &st) == 0 &&
	    poke(q, to, &st, sizeof(st)))
		answer(q, 0);
}

static void
give_owner(struct question *q, int fd, uint64_t uid, uint64_t gid)
{
	if (waits(q))
		answer(q,
		       fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH));
}

static bool
is_list(const struct question *q, uint64_t at, char name[XATTR_NAME_MAX + 1])
{
	return peek_text(q, at, name, XATTR_NAME_MAX + 1) &&
	       (strcmp(name, "system.posix_acl_access") == 0 ||
		strcmp(name, "system.posix_acl_default") == 0);
}

/* Only by a name of its own can it be reached that an O_PATH descriptor
 * stands for. */
static bool
own_name(int fd, char text[64])
{
	struct stat st;

	snprintf(text, 64, "/proc/self/fd/%d", fd);
	return fstat(fd, &st) == 0 &&
	       (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static void
tell_list(struct question *q, int fd, const char *name, uint64_t to, size_t max)
{
	char text[64], *list;
	ssize_t n;

	if (max > MAX_ACL)
		max = MAX_ACL;
	list = max ? talloc_size(q->ctx, max) : NULL;
	if (!own_name(fd, text) || (max && !list))
		return;
	n = getxattr(text, name, list, max);
	if (n <= 0 || max == 0 || poke(q, to, list, (size_t)n))
		answer(q, n);
}

static void
give_list(struct question *q, int fd, const char *name, uint64_t from,
	  size_t len, int flags)
{
	char text[64], *list = talloc_size(q->ctx, len <= MAX_ACL ? len : 1);

	if (list && len && len <= MAX_ACL && peek(q, from, list, len) &&
	    own_name(fd, text) && waits(q))
		answer(q, setxattr(text, name, list, len, flags));
}

/* The box's processes are in the groups that we are in. */
static void
tell_groups(struct question *q, int room, uint64_t to)
{
	gid_t *v = talloc_array(q->ctx, gid_t, MAX_GROUPS);
	int n = v ? getgroups(MAX_GROUPS, v) : -1;

	errno = EINVAL;
	if (n < 0 || room < 0)
		return;
	if (room == 0 || (n <= room && poke(q, to, v, sizeof(*v) * (size_t)n)))
		answer(q, n);
	else if (n > room)
		answer(q, -1);
}

static void
about_status(struct question *q, const __u64 *a, int call)
{
	const uint64_t known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH |
			       AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE;
	uint64_t flags = call == SYS_newfstatat ? a[3] : a[2];
	int fd OWNED_FD = -1;

	if (call == SYS_fstat) {
		fd = open_number(q, (int)a[0]);
		if (fd >= 0)
			tell_stat(q, fd, a[1]);
		return;
	}
#ifdef SYS_stat
	if (call == SYS_stat || call == SYS_lstat) {
		fd = object(q, AT_FDCWD, a[0], call == SYS_stat, false);
		if (fd >= 0)
			tell_stat(q, fd, a[1]);
		return;
	}
#endif
	flags &= 0xffffffffu;
	if (flags & ~known)
		return;
	fd = object(q, (int)a[0], a[1], !(flags & AT_SYMLINK_NOFOLLOW),
		    flags & AT_EMPTY_PATH);
	if (fd >= 0 && call == SYS_newfstatat)
		tell_stat(q, fd, a[2]);
	else if (fd >= 0)
		tell_statx(q, fd, flags, a[3], a[4]);
}

static void
about_owner(struct question *q, const __u64 *a, int call)
{
	const uint64_t known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
	uint64_t flags = a[4] & 0xffffffffu;
	int fd OWNED_FD = -1;

	if (call == SYS_fchownat) {
		fd = flags & ~known ? -1
				    : object(q, (int)a[0], a[1],
					     !(flags & AT_SYMLINK_NOFOLLOW),
					     flags & AT_EMPTY_PATH);
		a++;
	} else if (call == SYS_fchown) {
		fd = open_number(q, (int)a[0]);
	} else {
#ifdef SYS_chown
		fd = object(q, AT_FDCWD, a[0], call == SYS_chown, false);
#endif
	}
	if (fd >= 0)
		give_owner(q, fd, a[1], a[2]);
}

static void
about_list(struct question *q, const __u64 *a, int call)
{
	bool gives = call == SYS_setxattr || call == SYS_lsetxattr ||
		     call == SYS_fsetxattr;
	char name[XATTR_NAME_MAX + 1];
	int fd OWNED_FD = -1;

	if (!is_list(q, a[1], name))
		return;
	if (call == SYS_fgetxattr || call == SYS_fsetxattr)
		fd = open_number(q, (int)a[0]);
	else
		fd =
		    object(q, AT_FDCWD, a[0],
			   call == SYS_getxattr || call == SYS_setxattr, false);
	if (fd >= 0 && gives)
		give_list(q, fd, name, a[2], a[3], (int)a[4]);
	else if (fd >= 0)
		tell_list(q, fd, name, a[2], a[3]);
}

static void
find_answer(struct question *q)
{
	const __u64 *a = q->ask->data.args;
	int call = q->ask->data.nr;

	switch (call) {
#ifdef SYS_stat
	case SYS_stat:
	case SYS_lstat:
#endif
	case SYS_newfstatat:
	case SYS_fstat:
	case SYS_statx:
		about_status(q, a, call);
		return;
#ifdef SYS_chown
	case SYS_chown:
	case SYS_lchown:
#endif
	case SYS_fchown:
	case SYS_fchownat:
		about_owner(q, a, call);
		return;
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_fgetxattr:
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_fsetxattr:
		about_list(q, a, call);
		return;
	case SYS_getgroups:
		tell_groups(q, (int)a[0], a[1]);
		return;
	default:
		return;
	}
}

void
ids_answer(int listener, const struct seccomp_notif *ask,
	   struct seccomp_notif_resp *reply)
{
	struct question q = {.ask = ask, .listener = listener};
	int proc OWNED_FD = -1, mem OWNED_FD = -1;
	char text[32];

	snprintf(text, sizeof(text), "/proc/%u", ask->pid);
	proc = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc >= 0)
		mem = openat(proc, "mem", O_RDWR | O_CLOEXEC);
	if (mem >= 0 && waits(&q)) {
		q.proc = proc;
		q.mem = mem;
		q.ctx = talloc_new(NULL);
		find_answer(&q);
		talloc_free(q.ctx);
	}
	reply->flags = q.answered ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	reply->error = q.answered && q.value < 0 ? (int)q.value : 0;
	reply->val = q.answered && q.value >= 0 ? q.value : 0;
}
