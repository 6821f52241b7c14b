/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects in the vault: written as they are (a zlib stream of stored blocks,
 * which costs a copy instead of a compression), read from wherever the
 * vault's alternates reach.
 */
#include "reversal/vault_store.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 65535u /* RFC 1951, 3.2.4: the most a stored block holds */

void
vault_hash(const void *bytes, size_t len, git_object_t type, char hex[41])
{
	git_oid id;

	git_libgit2_init();
	if (git_odb_hash(&id, bytes, len, type) < 0)
		BUG("hashing %zu bytes", len);
	git_oid_tostr(hex, 41, &id);
}

/* RFC 1950, section 9 */
static uint32_t
adler(uint32_t sum, const unsigned char *p, size_t len)
{
	uint32_t a = sum & 0xffff, b = sum >> 16;

	while (len) {
		/* 5552: the most before b could overflow */
		size_t n = len < 5552 ? len : 5552;

		len -= n;
		while (n--) {
			a += *p++;
			b += a;
		}
		a %= 65521;
		b %= 65521;
	}
	return b << 16 | a;
}

/* Header and bytes as one zlib stream without compression. */
static unsigned char *
deflate_stored(const char *head, size_t nhead, const void *bytes, size_t len,
	       size_t *out_len)
{
	size_t total = nhead + len, at = 0, blocks = total / BLOCK + 1;
	unsigned char *out =
	    have(talloc_array(NULL, unsigned char, total + blocks * 5 + 6));
	unsigned char *p = out;
	uint32_t sum = adler(1, (const unsigned char *)head, nhead);

	sum = adler(sum, bytes, len);
	*p++ = 0x78;
	*p++ = 0x01;
	do {
		size_t n = total - at < BLOCK ? total - at : BLOCK;
		size_t from_head = at < nhead ? nhead - at : 0;

		if (from_head > n)
			from_head = n;
		*p++ = at + n == total;
		*p++ = n & 0xff;
		*p++ = (unsigned char)(n >> 8);
		*p++ = ~n & 0xff;
		*p++ = (unsigned char)(~n >> 8 & 0xff);
		memcpy(p, head + at, from_head);
		if (n > from_head)
			memcpy(p + from_head,
			       (const char *)bytes + at + from_head - nhead,
			       n - from_head);
		p += n;
		at += n;
	} while (at < total);
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (unsigned char)(sum >> shift);
	*out_len = (size_t)(p - out);
	return out;
}

int
vault_settle(struct vault *v, struct err *e)
{
	struct vault_inner *i = vault_inner(v);
	int rc = 0;

	for (unsigned k = 0; k < i->npending; k++) {
		/* ENOSYS, EINVAL: file systems without it (overlay, tmpfs
		 * need none, others get the slow way) */
		if (sync_file_range(i->pending[k], 0, 0,
				    SYNC_FILE_RANGE_WAIT_BEFORE |
					SYNC_FILE_RANGE_WRITE |
					SYNC_FILE_RANGE_WAIT_AFTER) < 0 &&
		    fdatasync(i->pending[k]) < 0)
			rc = err_sys(e, "writing to the vault");
		close(i->pending[k]);
	}
	i->npending = 0;
	return rc;
}

/* Writes the file under a name of its own, then gives it its name, so that
 * no half object ever has one.  fd stays open until its data is on disk. */
static int
write_object(struct vault_inner *i, const char *path, const void *bytes,
	     size_t len, struct err *e)
{
	char temporary[64], dir[3] = {path[0], path[1], 0};
	int fd;

	snprintf(temporary, sizeof(temporary), "tmp_obj_%d_%u", getpid(),
		 i->serial++);
	fd = openat(i->objects_fd, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
	if (fd < 0 || file_write_all(fd, bytes, len) < 0)
		goto fail;
	if (renameat(i->objects_fd, temporary, i->objects_fd, path) < 0 &&
	    (errno != ENOENT ||
	     (mkdirat(i->objects_fd, dir, 0700) < 0 && errno != EEXIST) ||
	     renameat(i->objects_fd, temporary, i->objects_fd, path) < 0))
		goto fail;
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	i->pending[i->npending++] = fd;
	return i->npending == VAULT_PENDING ? vault_settle(&i->v, e) : 0;
fail:
	err_sys(e, "writing to the vault");
	if (fd >= 0) {
		close(fd);
		unlinkat(i->objects_fd, temporary, 0);
	}
	return ERR_SYSTEM;
}

static void
loose_path(const char *hex, char path[42])
{
	snprintf(path, 42, "%.2s/%.38s", hex, hex + 2);
}

/* In the vault itself, not in what it borrows from.  An empty file is what a
 * power failure may have left: it does not count. */
static bool
has_loose(struct vault_inner *i, const char *path)
{
	struct stat st;

	return fstatat(i->objects_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size > 0;
}

int
vault_put_object(struct vault *v, git_object_t type, const void *bytes,
		 size_t len, char hex[41], struct err *e)
{
	struct vault_inner *i = vault_inner(v);
	char head[64], path[42];
	unsigned char *packed;
	size_t n;
	int rc, nhead;

	vault_hash(bytes, len, type, hex);
	loose_path(hex, path);
	if (has_loose(i, path))
		return 0;
	nhead = snprintf(head, sizeof(head), "%s %zu",
			 git_object_type2string(type), len);
	packed = deflate_stored(head, (size_t)nhead + 1, bytes, len, &n);
	rc = write_object(i, path, packed, n, e);
	talloc_free(packed);
	return rc;
}

int
vault_put(struct vault *v, const void *bytes, size_t len, char hex[41],
	  struct err *e)
{
	return vault_put_object(v, GIT_OBJECT_BLOB, bytes, len, hex, e);
}

/* Larger than memory should hold: through libgit2's stream. */
static int
stream_file(struct vault *v, int fd, off_t size, char hex[41], struct err *e)
{
	git_odb_stream *s = NULL;
	char *buf = have(talloc_array(NULL, char, 1 << 18));
	git_oid id;
	ssize_t n;
	int rc = 0;

	if (git_odb_open_wstream(&s, v->odb, size, GIT_OBJECT_BLOB) < 0)
		rc = err_git(e, "writing to the vault");
	while (!rc && (n = read(fd, buf, 1 << 18)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(e, "reading");
		else if (git_odb_stream_write(s, buf, (size_t)n) < 0)
			rc = err_git(e, "writing to the vault");
	}
	/* fails when fewer bytes came than were announced */
	if (!rc && git_odb_stream_finalize_write(&id, s) < 0)
		rc = err_git(e, "writing to the vault");
	if (!rc)
		git_oid_tostr(hex, 41, &id);
	git_odb_stream_free(s);
	talloc_free(buf);
	return rc;
}

int
vault_put_file(struct vault *v, int dirfd, const char *rel, char hex[41],
	       struct err *e)
{
	int fd OWNED_FD =
	    openat(dirfd, rel,
		   O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *bytes = NULL, self[32];
	struct stat st;
	size_t len = 0;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "opening %s", rel);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file", rel);
	if ((uint64_t)st.st_size > LIMIT_KEEP_FILE)
		return stream_file(v, fd, st.st_size, hex, e);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	rc = file_read(NULL, AT_FDCWD, self, LIMIT_KEEP_FILE * 2, &bytes, &len,
		       e);
	if (rc > 0)
		rc = err_set(e, ERR_SYSTEM, "%s vanished", rel);
	if (rc == 0)
		rc = vault_put(v, bytes, len, hex, e);
	talloc_free(bytes);
	return rc;
}

int
vault_get(void *ctx, struct vault *v, const char *hex, char **bytes,
	  size_t *len, struct err *e)
{
	git_odb_object *o = NULL;
	git_oid id, real;

	if (git_oid_fromstr(&id, hex) < 0)
		return err_set(e, ERR_SYNTAX, "no object id: %s",
			       text_safe(ctx, hex));
	if (git_odb_read(&o, v->odb, &id) < 0)
		return err_git(e, "the vault has no object %s", hex);
	*len = git_odb_object_size(o);
	if (git_odb_hash(&real, git_odb_object_data(o), *len,
			 git_odb_object_type(o)) < 0 ||
	    !git_oid_equal(&id, &real)) {
		git_odb_object_free(o);
		return err_set(e, ERR_SYNTAX, "object %s is damaged", hex);
	}
	*bytes = have(talloc_size(ctx, *len + 1));
	memcpy(*bytes, git_odb_object_data(o), *len);
	(*bytes)[*len] = '\0';
	git_odb_object_free(o);
	return 0;
}

int
vault_adopt(struct vault *v, git_odb *from, const git_oid *id, struct err *e)
{
	struct vault_inner *i = vault_inner(v);
	char hex[41], path[42], *own_path;
	git_odb_object *o = NULL;
	int rc;

	git_oid_tostr(hex, sizeof(hex), id);
	loose_path(hex, path);
	if (has_loose(i, path))
		return 0;
	if (i->commondir) {
		own_path = have(
		    talloc_asprintf(v, "%s/objects/%s", i->commondir, path));
		rc = linkat(AT_FDCWD, own_path, i->objects_fd, path, 0);
		if (rc < 0 && errno == ENOENT) {
			char dir[3] = {path[0], path[1], 0};

			mkdirat(i->objects_fd, dir, 0700);
			rc = linkat(AT_FDCWD, own_path, i->objects_fd, path, 0);
		}
		talloc_free(own_path);
		if (rc == 0)
			return 0;
	}
	if (git_odb_read(&o, from ? from : v->odb, id) < 0)
		return err_set(e, ERR_UNKNOWN, "no object %s", hex);
	rc = vault_put_object(v, git_odb_object_type(o), git_odb_object_data(o),
			      git_odb_object_size(o), hex, e);
	git_odb_object_free(o);
	return rc;
}

int
vault_borrow(struct vault *v, const char *objects_dir, struct err *e)
{
	char *text = NULL, *line, *all;
	size_t len = 0;
	int rc;

	if (git_odb_add_disk_alternate(v->odb, objects_dir) < 0)
		return err_git(e, "%s", text_safe(v, objects_dir));
	if (strchr(objects_dir, '\n'))
		return 0;
	rc = file_read(v, vault_inner(v)->objects_fd, "info/alternates",
		       1 << 20, &text, &len, e);
	if (rc < 0)
		return rc;
	line = have(talloc_asprintf(v, "%s\n", objects_dir));
	if (text && strstr(text, line))
		return 0;
	all = have(talloc_asprintf(v, "%s%s", text ? text : "", line));
	return file_write(vault_inner(v)->objects_fd, "info/alternates", all,
			  strlen(all), 0600, e);
}
