/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at, reading and keeping files below a root. */
#include "reversal/place.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Hashing costs 1 s for 200 MB; what is larger is compared by nobody. */
#define LIMIT_HASH (256ull << 20)

void
mark_set(struct mark *m, const struct stat *st)
{
	m->mode = st->st_mode;
	m->uid = st->st_uid;
	m->size = (uint64_t)st->st_size;
	m->ino = st->st_ino;
	m->mtime_s = st->st_mtim.tv_sec;
	m->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	m->ctime_s = st->st_ctim.tv_sec;
	m->ctime_ns = (uint32_t)st->st_ctim.tv_nsec;
}

bool
mark_same(const struct mark *a, const struct mark *b, bool with_ctime)
{
	if (a->mode != b->mode)
		return false;
	if (!a->mode)
		return true;
	if (S_ISDIR(a->mode))
		return a->ino == b->ino;
	return a->size == b->size && a->ino == b->ino &&
	       a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns &&
	       (!with_ctime ||
		(a->ctime_s == b->ctime_s && a->ctime_ns == b->ctime_ns));
}

static int
places_close(struct places *p)
{
	if (p->dir >= 0)
		close(p->dir);
	return 0;
}

struct places *
places_new(void *ctx, int root)
{
	struct places *p = have(talloc_zero(ctx, struct places));

	p->root = root;
	p->dir = -1;
	talloc_set_destructor(p, places_close);
	return p;
}

static void
forget(struct places *p)
{
	if (p->dir >= 0)
		close(p->dir);
	p->dir = -1;
	TALLOC_FREE(p->open);
}

int
places_parent(struct places *p, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	*name = slash ? slash + 1 : path;
	if (!slash)
		return p->root;
	if (!p->open || strncmp(p->open, path, n) || p->open[n]) {
		forget(p);
		p->open = have(talloc_strndup(p, path, n));
		p->dir = path_open_beneath(p->root, p->open,
					   O_PATH | O_DIRECTORY, 0, NULL);
		p->error = errno;
	}
	if (p->dir < 0)
		errno = p->error;
	return p->dir;
}

int
places_mark(struct places *p, const char *path, struct mark *m)
{
	const char *name;
	struct stat st;
	int dir = places_parent(p, path, &name);

	memset(m, 0, sizeof(*m));
	if (dir < 0)
		return errno;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	mark_set(m, &st);
	return 0;
}

static int
read_link(void *ctx, int dir, const char *name, char **bytes, size_t *len,
	  struct err *e)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));

	if (n < 0)
		return err_sys(e, "reading the link %s", text_safe(ctx, name));
	*bytes = have(talloc_size(ctx, (size_t)n + 1));
	memcpy(*bytes, text, (size_t)n);
	(*bytes)[n] = '\0';
	*len = (size_t)n;
	return 0;
}

static int
open_regular(void *ctx, int dir, const char *name, struct mark *m,
	     struct err *e)
{
	int fd = file_open_own(dir, name, O_RDONLY, S_IRUSR, NULL);
	struct stat st;

	if (fd < 0)
		return err_sys(e, "reading %s", text_safe(ctx, name));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file",
			       text_safe(ctx, name));
	}
	mark_set(m, &st);
	return fd;
}

static int
read_regular(void *ctx, int dir, const char *name, uint64_t max, struct mark *m,
	     char **bytes, size_t *len, struct err *e)
{
	int fd OWNED_FD = open_regular(ctx, dir, name, m, e);
	size_t used = 0, room;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (m->size > max)
		return err_set(e, ERR_LIMIT, "%s is too large",
			       text_safe(ctx, name));
	room = m->size + 2;
	*bytes = have(talloc_size(ctx, room));
	while ((n = read(fd, *bytes + used, room - used - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "reading %s", text_safe(ctx, name));
		used += (size_t)n;
		if (used > max)
			return err_set(e, ERR_LIMIT, "%s is too large",
				       text_safe(ctx, name));
		if (used == room - 1) {
			room *= 2;
			*bytes = have(talloc_realloc_size(ctx, *bytes, room));
		}
	}
	(*bytes)[used] = '\0';
	*len = used;
	return 0;
}

int
places_read(void *ctx, struct places *p, const char *path, uint64_t max,
	    struct mark *m, char **bytes, size_t *len, struct err *e)
{
	struct mark after;
	const char *name;
	int rc = 0, dir = places_parent(p, path, &name);

	*bytes = NULL;
	*len = 0;
	if (dir < 0)
		return err_sys(e, "opening %s", text_safe(ctx, path));
	for (int tries = 0; tries < 3; tries++) {
		TALLOC_FREE(*bytes);
		rc = places_mark(p, path, m);
		if (rc) {
			errno = rc;
			return err_sys(e, "%s", text_safe(ctx, path));
		}
		if (S_ISLNK(m->mode))
			rc = read_link(ctx, dir, name, bytes, len, e);
		else
			rc =
			    read_regular(ctx, dir, name, max, m, bytes, len, e);
		if (rc < 0) {
			TALLOC_FREE(*bytes);
			return rc;
		}
		if (places_mark(p, path, &after) == 0 &&
		    mark_same(m, &after, true))
			break;
	}
	return 0;
}

static void
value_of(void *ctx, struct value *v, const struct mark *m, const char *hex,
	 size_t len)
{
	v->kind = S_ISLNK(m->mode) ? VALUE_LINK : VALUE_BLOB;
	v->mode = m->mode;
	v->size = len;
	v->text = have(talloc_strdup(ctx, hex));
	v->mtime_s = (uint64_t)m->mtime_s;
	v->mtime_ns = m->mtime_ns;
}

/* Too large for memory: libgit2 reads it in pieces. */
static int
hash_large(void *ctx, struct places *p, const char *path, struct value *v,
	   struct mark *m, struct err *e)
{
	const char *name;
	int dir = places_parent(p, path, &name);
	int fd OWNED_FD = open_regular(ctx, dir, name, m, e);
	char self[32];
	git_oid id;

	if (fd < 0)
		return fd;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (git_odb_hashfile(&id, self, GIT_OBJECT_BLOB) < 0)
		return err_git(e, "hashing %s", text_safe(ctx, path));
	value_of(ctx, v, m, git_oid_tostr_s(&id), m->size);
	return 0;
}

static const char *
type_name(unsigned mode)
{
	return S_ISFIFO(mode)			? "fifo"
	       : S_ISSOCK(mode)			? "socket"
	       : S_ISBLK(mode) || S_ISCHR(mode) ? "device"
						: "unknown";
}

/* What mknod(2) makes again; a device only for root. */
static void
node_value(void *ctx, struct places *p, const char *path, unsigned mode,
	   struct value *v)
{
	const char *name;
	struct stat st;
	int dir = places_parent(p, path, &name);

	v->kind = VALUE_OTHER;
	v->text = type_name(mode);
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_mode != mode ||
	    (!S_ISFIFO(mode) && !S_ISSOCK(mode) &&
	     (geteuid() != 0 || S_ISREG(mode))))
		return;
	v->kind = VALUE_NODE;
	v->mode = mode;
	v->mtime_s = (uint64_t)st.st_mtim.tv_sec;
	v->mtime_ns = (uint64_t)st.st_mtim.tv_nsec;
	v->text =
	    have(talloc_asprintf(ctx, "%llu", (unsigned long long)st.st_rdev));
}

int
places_value(void *ctx, struct places *p, const char *path, struct value *v,
	     struct mark *m, struct err *e)
{
	char *bytes, hex[41];
	size_t len;
	int rc = places_mark(p, path, m);

	memset(v, 0, sizeof(*v));
	if (rc == ENOENT || rc == ENOTDIR || rc == ELOOP) {
		v->kind = VALUE_ABSENT;
		return 0;
	}
	if (rc) {
		errno = rc;
		return err_sys(e, "%s", text_safe(ctx, path));
	}
	if (S_ISDIR(m->mode)) {
		v->kind = VALUE_DIR;
		v->mode = m->mode;
		return 0;
	}
	if (!S_ISREG(m->mode) && !S_ISLNK(m->mode)) {
		node_value(ctx, p, path, m->mode, v);
		return 0;
	}
	if (S_ISREG(m->mode) && m->size > LIMIT_HASH)
		return 0;
	if (S_ISREG(m->mode) && m->size > LIMIT_KEEP_FILE)
		return hash_large(ctx, p, path, v, m, e);
	rc = places_read(ctx, p, path, LIMIT_HASH, m, &bytes, &len, e);
	if (rc < 0)
		return rc;
	vault_hash(bytes, len, GIT_OBJECT_BLOB, hex);
	talloc_free(bytes);
	value_of(ctx, v, m, hex, len);
	return 0;
}

int
places_store(void *ctx, struct places *p, const char *path, struct vault *vault,
	     struct value *v, struct mark *m, struct err *e)
{
	char *bytes, hex[41];
	size_t len;
	int rc = places_mark(p, path, m);

	if (rc || (!S_ISREG(m->mode) && !S_ISLNK(m->mode)))
		return places_value(ctx, p, path, v, m, e);
	rc = places_read(ctx, p, path, LIMIT_KEEP_BYTES, m, &bytes, &len, e);
	if (rc < 0)
		return rc;
	rc = vault_put(vault, bytes, len, hex, e);
	talloc_free(bytes);
	if (rc < 0)
		return rc;
	memset(v, 0, sizeof(*v));
	value_of(ctx, v, m, hex, len);
	return 0;
}

static int
copy_to(int dir, const char *name, int to_fd, const char *to, struct err *e)
{
	int in OWNED_FD = file_open_own(dir, name, O_RDONLY, S_IRUSR, NULL);
	int out OWNED_FD = -1;
	struct stat st;
	int rc;

	if (in < 0 || fstat(in, &st) < 0)
		return err_sys(e, "reading %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file",
			       name);
	out = openat(to_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(e, "keeping %s", name);
	rc = file_copy_fd(in, out, e);
	if (rc < 0)
		return rc;
	return fdatasync(out) < 0 ? err_sys(e, "keeping %s", name) : 0;
}

int
places_link(struct places *p, const char *path, bool copy, int to_fd,
	    const char *to, struct err *e)
{
	const char *name;
	int dir = places_parent(p, path, &name), rc;

	if (dir < 0)
		return err_sys(e, "opening %s", path);
	if (!copy) {
		if (linkat(dir, name, to_fd, to, 0) == 0)
			return 0;
		/* EPERM: fs.protected_hardlinks; EMLINK: 65,000 on ext4;
		 * EXDEV: a bind mount of the same device */
		if (errno != EPERM && errno != EMLINK && errno != EXDEV)
			return err_sys(e, "keeping %s", path);
	}
	rc = copy_to(dir, name, to_fd, to, e);
	if (rc < 0)
		unlinkat(to_fd, to, 0);
	return rc;
}
