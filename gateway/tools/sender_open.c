/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source by its name, for looking through what a program would send of it.
 * What cannot be read first, or would be another file to the program than it
 * is here, counts as unseen.
 */
#include "base/own.h"
#include "base/path.h"
#include "tools/sender.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <talloc.h>
#include <unistd.h>

#define LINKS 40 /* as many as the kernel follows */

/* Magic links (/proc/self/cwd) lead each process elsewhere. */
static int
find(int base, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
}

/* Does the name lead into /proc, whose names are each process's own?  Also
 * when nothing is there, as with another's /dev/fd/63. */
static bool
is_in_proc(void *ctx, const char *dir, const char *path)
{
	char text[PATH_MAX];

	for (unsigned i = 0; i < LINKS; i++) {
		char *at = path_resolve_parent(ctx, dir, path);
		ssize_t n;

		if (path_is_under(at, "/proc"))
			return true;
		n = readlink(at, text, sizeof(text) - 1);
		if (n <= 0)
			return false;
		dir = path_parent(ctx, at);
		path = talloc_strndup(ctx, text, (size_t)n);
		if (!path)
			BUG("out of memory");
	}
	return true;
}

/* Of errors that the program would meet as well. */
static bool
is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES ||
	       error == ENAMETOOLONG;
}

int
sender_open(struct sender *s, const char *path)
{
	int at OWNED_FD = find(s->c->os.base, path), fd;
	struct statfs fs;
	struct stat st;
	char name[40];

	if (at < 0) {
		s->unseen |= !is_absent(errno) ||
			     is_in_proc(s->c->ctx, s->c->os.base_dir, path);
		return -1;
	}
	if (fstat(at, &st) < 0 || fstatfs(at, &fs) < 0) {
		s->unseen = true;
		return -1;
	}
	if (S_ISDIR(st.st_mode) ||
	    (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)))
		return -1; /* nothing comes of a folder and of /dev/null */
	s->unseen |= !S_ISREG(st.st_mode) || fs.f_type == PROC_SUPER_MAGIC;
	/* a pipe is not opened: its writer would find the reader gone */
	if (!S_ISREG(st.st_mode))
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", at);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		s->unseen |= !is_absent(errno);
	return fd;
}

const char *
sender_at_home(struct sender *s, const char *name, unsigned which)
{
	const char *own = s->c->os.home,
		   *said = invocation_env(s->c->in, "HOME");

	if (which)
		own = said && *said
			  ? path_join(s->c->ctx, s->c->os.base_dir, said)
			  : NULL;
	/* said once more */
	if (which && own && s->c->os.home &&
	    !strcmp(path_resolve(s->c->ctx, "/", own), s->c->os.home))
		return NULL;
	return own ? path_join(s->c->ctx, own, name) : NULL;
}

char *
sender_read(struct sender *s, const char *path, size_t max)
{
	int fd OWNED_FD = sender_open(s, path);
	struct stat st;
	size_t have = 0;
	char *text;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || st.st_size > (off_t)max) {
		s->unseen = true;
		return NULL;
	}
	text = talloc_zero_size(s->c->ctx, max + 1);
	if (!text)
		BUG("out of memory");
	for (;;) {
		ssize_t n = pread(fd, text + have, max - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		s->unseen |= n < 0;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	/* what follows would be read by the program, and not here */
	s->unseen |= memchr(text, '\0', have) != NULL;
	return talloc_realloc(s->c->ctx, text, char, (unsigned)have + 1);
}
