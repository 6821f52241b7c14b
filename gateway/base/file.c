/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: reading with a limit, writing that survives a crash, copying. */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_read(void *ctx, int dirfd, const char *path, size_t max, char **buf,
	  size_t *len, struct err *e)
{
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd OWNED_FD =
	    openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t used = 0, room;
	struct stat st;
	ssize_t n;
	char *p;

	*buf = NULL;
	if (len)
		*len = 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0)
		return err_sys(e, "opening %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "looking at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file",
			       path);
	if (st.st_size > 0 && (uint64_t)st.st_size > max)
		return err_set(e, ERR_LIMIT, "%s is larger than %zu bytes",
			       path, max);
	/* Files of /proc and /sys say size 0; others may grow meanwhile. */
	room = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096;
	p = talloc_array(ctx, char, room + 1);
	if (!p)
		BUG("out of memory");
	for (;;) {
		n = read(fd, p + used, room - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			talloc_free(p);
			return err_sys(e, "reading %s", path);
		}
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max) {
			talloc_free(p);
			return err_set(e, ERR_LIMIT,
				       "%s is larger than %zu bytes", path,
				       max);
		}
		if (used == room) {
			room *= 2;
			p = talloc_realloc(ctx, p, char, room + 1);
			if (!p)
				BUG("out of memory");
		}
	}
	p[used] = '\0';
	*buf = p;
	if (len)
		*len = used;
	return 0;
}

int
file_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_open_own(int dirfd, const char *rel, int flags, mode_t need, struct err *e)
{
	int fd = path_open_beneath(
	    dirfd, rel, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, NULL);
	int at OWNED_FD = -1;
	int why = errno;
	struct stat st;
	char self[32];

	if (fd < 0 && why == EACCES)
		at =
		    path_open_beneath(dirfd, rel, O_PATH | O_NOFOLLOW, 0, NULL);
	if (at >= 0 && fstat(at, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & need) != need && st.st_uid == geteuid()) {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
		if (chmod(self, (st.st_mode & 07777) | need) == 0) {
			fd = open(self, flags | O_CLOEXEC | O_NOCTTY);
			chmod(self, st.st_mode & 07777);
		}
	}
	errno = why;
	return fd < 0 ? err_sys(e, "opening %s", rel) : fd;
}

int
file_write(int dirfd, const char *path, const void *buf, size_t len,
	   mode_t mode, struct err *e)
{
	char *temporary = talloc_asprintf(NULL, "%s.tmp-%d", path, getpid());
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd, rc = 0;

	if (!temporary)
		BUG("out of memory");
	fd = openat(dirfd, temporary, flags, mode);
	if (fd < 0 && errno == EEXIST) {
		/* Left by a process of the same number that was killed. */
		unlinkat(dirfd, temporary, 0);
		fd = openat(dirfd, temporary, flags, mode);
	}
	if (fd < 0) {
		rc = err_sys(e, "creating %s", temporary);
		talloc_free(temporary);
		return rc;
	}
	if (fchmod(fd, mode) < 0 || file_write_all(fd, buf, len) < 0 ||
	    fsync(fd) < 0)
		rc = err_sys(e, "writing %s", temporary);
	/* NFS and quotas may report only now that nothing was written. */
	if (close(fd) < 0 && !rc)
		rc = err_sys(e, "writing %s", temporary);
	if (!rc && renameat(dirfd, temporary, dirfd, path) < 0)
		rc = err_sys(e, "renaming %s to %s", temporary, path);
	if (rc) {
		int saved = errno;

		unlinkat(dirfd, temporary, 0);
		errno = saved;
	}
	talloc_free(temporary);
	return rc;
}

static bool
not_supported(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS ||
	       error == EOPNOTSUPP || error == EBADF || error == ETXTBSY ||
	       error == EPERM;
}

/* Copies up to want bytes at the present offsets; 0 at the end. */
static ssize_t
copy_some(int in, int out, size_t want, bool *in_kernel, char *buf, size_t size)
{
	ssize_t n;

	if (*in_kernel) {
		n = copy_file_range(in, NULL, out, NULL, want, 0);
		/* 0 is also the answer for some files of /proc, which claim to
		 * be empty and are not (copy_file_range(2), since 5.19). */
		if (n > 0)
			return n;
		if (n < 0 && !not_supported(errno))
			return n;
		*in_kernel = false;
	}
	do
		n = read(in, buf, want < size ? want : size);
	while (n < 0 && errno == EINTR);
	if (n > 0 && file_write_all(out, buf, (size_t)n) < 0)
		return -1;
	return n;
}

int
file_copy_fd(int in, int out, struct err *e)
{
	size_t size = 1 << 18;
	char *buf = NULL;
	bool in_kernel = true, holes;
	off_t pos = lseek(in, 0, SEEK_CUR), to = lseek(out, 0, SEEK_CUR);
	off_t data, hole, delta = to - pos;
	struct stat st;
	ssize_t n = 0;
	int rc = 0;

	if (pos == 0 && to == 0 && ioctl(out, FICLONE, in) == 0) {
		lseek(in, 0, SEEK_END);
		lseek(out, 0, SEEK_END);
		return 0;
	}
	buf = talloc_array(NULL, char, size);
	if (!buf)
		BUG("out of memory");
	holes = pos >= 0 && to >= 0 && fstat(in, &st) == 0 &&
		S_ISREG(st.st_mode) && st.st_size > 0 &&
		(uint64_t)st.st_blocks * 512 < (uint64_t)st.st_size;
	while (holes) {
		data = lseek(in, pos, SEEK_DATA);
		if (data < 0)
			break;
		hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0 || lseek(in, data, SEEK_SET) < 0 ||
		    lseek(out, data + delta, SEEK_SET) < 0)
			break;
		for (pos = data; pos < hole; pos += n) {
			n = copy_some(in, out, (size_t)(hole - pos), &in_kernel,
				      buf, size);
			if (n <= 0)
				break;
		}
		if (n <= 0)
			break;
	}
	if (n >= 0 && holes) {
		/* The file may end in a hole; what was appended after the
		 * last SEEK_DATA follows below. */
		off_t end = lseek(in, 0, SEEK_END);

		if (end > pos)
			pos = end;
		if (end < 0 || ftruncate(out, pos + delta) < 0 ||
		    lseek(in, pos, SEEK_SET) < 0 ||
		    lseek(out, pos + delta, SEEK_SET) < 0)
			n = -1;
	}
	while (n >= 0) {
		n = copy_some(in, out, 1u << 30, &in_kernel, buf, size);
		if (n <= 0)
			break;
	}
	if (n < 0)
		rc = err_sys(e, "copying a file");
	talloc_free(buf);
	return rc;
}
