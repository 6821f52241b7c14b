/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object's attributes.  Extended attributes (access control lists are
 * among them) are one text: hex of name, "=", hex of value, ",".
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "reversal/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define XATTR_NAMES 65536 /* XATTR_LIST_MAX, XATTR_SIZE_MAX: xattr(7) */

/* --- extended attributes ----------------------------------------------- */

static char *
xattrs_read(void *ctx, const char *at)
{
	char names[4096], value[4096], *list = names, *out;
	ssize_t n = llistxattr(at, names, sizeof(names)), len;

	out = have(talloc_strdup(ctx, ""));
	if (n < 0 && errno == ERANGE) {
		list = have(talloc_size(out, XATTR_NAMES));
		n = llistxattr(at, list, XATTR_NAMES);
	}
	for (const char *p = list; n > 0 && p < list + n; p += strlen(p) + 1) {
		char *v = value, *big = NULL;

		len = lgetxattr(at, p, value, sizeof(value));
		if (len < 0 && errno == ERANGE) {
			big = v = have(talloc_size(ctx, XATTR_NAMES));
			len = lgetxattr(at, p, v, XATTR_NAMES);
		}
		if (len >= 0)
			out = have(talloc_asprintf_append(
			    out, "%s=%s,", text_hex(ctx, p, strlen(p)),
			    text_hex(ctx, v, (size_t)len)));
		talloc_free(big);
	}
	return out;
}

static size_t
unhex(const char *s, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t k = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		const char *a = strchr(digits, s[i]);
		const char *b = strchr(digits, s[i + 1]);

		if (!a || !b)
			break;
		out[k++] = (char)((a - digits) << 4 | (b - digits));
	}
	return k;
}

static void
xattrs_write(const char *at, const char *wanted)
{
	void *ctx = have(talloc_new(NULL));
	char *now = xattrs_read(ctx, at);
	char *buf = have(talloc_size(ctx, 2 * XATTR_NAMES + 2));
	const char *p, *eq, *end;

	if (!strcmp(now, wanted))
		goto out;
	for (p = now; (eq = strchr(p, '=')); p = strchr(eq, ',') + 1) {
		char *key = have(talloc_strndup(ctx, p, (size_t)(eq - p) + 1));

		if (strstr(wanted, key))
			continue;
		buf[unhex(p, (size_t)(eq - p), buf)] = '\0';
		(void)lremovexattr(at, buf);
	}
	for (p = wanted; (eq = strchr(p, '=')) && (end = strchr(eq, ','));
	     p = end + 1) {
		char *value = buf + XATTR_NAMES + 1;

		if ((size_t)(eq - p) > 512 ||
		    (size_t)(end - eq) > 2 * XATTR_NAMES)
			break;
		buf[unhex(p, (size_t)(eq - p), buf)] = '\0';
		(void)lsetxattr(at, buf, value,
				unhex(eq + 1, (size_t)(end - eq) - 1, value),
				0);
	}
out:
	talloc_free(ctx);
}

/* --- states ------------------------------------------------------------ */

int
file_state_take(void *ctx, int dir, const char *name, bool xattrs,
		struct file_state *s, struct err *e)
{
	struct stat st;
	char at[64 + NAME_MAX];

	memset(s, 0, sizeof(*s));
	s->what = '-';
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : err_sys(e, "%s", text_safe(ctx, name));
	*s = (struct file_state){
	    .what = '+',
	    .mode = st.st_mode,
	    .uid = st.st_uid,
	    .gid = st.st_gid,
	    .dev = st.st_dev,
	    .rdev = st.st_rdev,
	    .ino = st.st_ino,
	    .nlink = st.st_nlink,
	    .size = S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size,
	    .mtime = st.st_mtim.tv_sec,
	    .mtime_ns = (uint32_t)st.st_mtim.tv_nsec};
	if (xattrs && strlen(name) <= NAME_MAX) {
		snprintf(at, sizeof(at), "/proc/self/fd/%d/%s", dir, name);
		s->xattrs = xattrs_read(ctx, at);
	}
	return 0;
}

bool
file_state_same(const struct file_state *a, const struct file_state *b)
{
	if (a->what == '?' || b->what == '?' || a->what != b->what)
		return false;
	if (a->what == '-')
		return true;
	if (a->ino != b->ino || (a->mode ^ b->mode) & S_IFMT)
		return false;
	if (a->digest && b->digest && a->digest != b->digest)
		return false;
	return S_ISDIR(a->mode) ||
	       (a->size == b->size && a->mtime == b->mtime &&
		a->mtime_ns == b->mtime_ns);
}

bool
file_state_equal(const struct file_state *a, const struct file_state *b)
{
	if (!file_state_same(a, b))
		return false;
	if (a->what == '-')
		return true;
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->mtime == b->mtime && a->mtime_ns == b->mtime_ns &&
	       (!a->xattrs || !b->xattrs || !strcmp(a->xattrs, b->xattrs));
}

int
file_state_apply(int dir, const char *name, const struct file_state *s,
		 struct err *e)
{
	int fd OWNED_FD = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = s->mtime, .tv_nsec = s->mtime_ns}};
	bool link = S_ISLNK(s->mode);
	struct stat st;
	char self[32], at[64 + NAME_MAX];
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "attributes of %s", name);
	if ((st.st_mode ^ s->mode) & S_IFMT)
		return err_set(e, ERR_UNKNOWN, "%s is something else now",
			       name);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if ((st.st_uid != s->uid || st.st_gid != s->gid) &&
	    fchownat(fd, "", s->uid, s->gid, AT_EMPTY_PATH) < 0)
		rc = err_sys(e, "owner of %s", name);
	/* by its name: lsetxattr(2) would mean the link in /proc */
	snprintf(at, sizeof(at), "/proc/self/fd/%d/%s", dir, name);
	if (!link && s->xattrs)
		xattrs_write(at, s->xattrs);
	/* after the owner, whose change takes set-user-ID away, and after an
	 * access control list, which is the group's permissions too */
	if (!link && fstat(fd, &st) == 0 && st.st_mode != s->mode &&
	    chmod(self, s->mode & 07777) < 0 && !rc)
		rc = err_sys(e, "permissions of %s", name);
	if ((st.st_mtim.tv_sec != s->mtime ||
	     st.st_mtim.tv_nsec != (long)s->mtime_ns) &&
	    utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 && !rc)
		rc = err_sys(e, "times of %s", name);
	return rc;
}

/* --- trees ------------------------------------------------------------- */

int
file_open_dir(int dir, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags), at;
	struct stat st;
	char self[32];

	if (fd >= 0 || errno != EACCES)
		return fd;
	at = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
	if (fstat(at, &st) == 0 && st.st_uid == geteuid() &&
	    chmod(self, (st.st_mode & 07777) | 0700) == 0) {
		fd = openat(dir, name, flags);
		chmod(self, st.st_mode & 07777);
	}
	close(at);
	if (fd < 0)
		errno = EACCES;
	return fd;
}

static void
mix(uint64_t *h, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++) /* FNV-1a */
		*h = (*h ^ b[i]) * 0x100000001b3ull;
}

struct digesting {
	file_mode_fn
	    *mode; /* what it was, where that is known; NULL: as it is */
	void *arg;
	size_t in; /* names so far */
};

/* A sum over all entries, so that their order does not matter; their names
 * are mixed into what is above them.  The first one may be called anything. */
static uint64_t
digest(struct digesting *g, int dir, const char *name, const char *path,
       uint64_t seed, unsigned depth)
{
	uint64_t h = seed, sum;
	const struct dirent *d;
	struct stat st;
	DIR *all;
	int fd;

	if (!g->in++)
		mix(&h, "", 1);
	else
		mix(&h, name, strlen(name) + 1);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return h;
	if (path)
		st.st_mode = g->mode(g->arg, path, st.st_mode);
	mix(&h, &st.st_ino, sizeof(st.st_ino));
	mix(&h, &st.st_mode, sizeof(st.st_mode));
	if (!S_ISDIR(st.st_mode)) {
		mix(&h, &st.st_size, sizeof(st.st_size));
		mix(&h, &st.st_mtim, sizeof(st.st_mtim));
		return h;
	}
	sum = h;
	fd = depth ? file_open_dir(dir, name) : -1;
	all = fd < 0 ? NULL : fdopendir(fd);
	if (!all) {
		if (fd >= 0)
			close(fd);
		return sum + 1;
	}
	while ((d = readdir(all))) {
		char *below = NULL;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (path)
			below = have(
			    talloc_asprintf(NULL, "%s/%s", path, d->d_name));
		sum += digest(g, fd, d->d_name, below, h, depth - 1);
		talloc_free(below);
	}
	closedir(all);
	return sum;
}

uint64_t
file_tree_digest_as(int dir, const char *name, const char *path,
		    file_mode_fn *mode, void *arg)
{
	struct digesting g = {.mode = mode, .arg = arg};
	uint64_t h = digest(&g, dir, name, mode ? path : NULL,
			    0xcbf29ce484222325ull, 200);

	return h ? h : 1;
}

uint64_t
file_tree_digest(int dir, const char *name)
{
	return file_tree_digest_as(dir, name, NULL, NULL, NULL);
}
