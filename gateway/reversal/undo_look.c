/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there now, and is it what the entry recorded.  Cheap facts first:
 * a file is hashed only where type, permissions and size agree.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool
undo_is_file(enum item_kind kind)
{
	return kind == ITEM_FILE || kind == ITEM_GITFILE || kind == ITEM_PATH;
}

int
undo_dirfd(const struct undo *u, const struct item *it)
{
	switch (it->kind) {
	case ITEM_FILE:
		return u->tree_fd;
	case ITEM_PATH:
		return u->root_fd;
	case ITEM_REF:
	case ITEM_GITFILE:
	case ITEM_OBJECTS:
	case ITEM_REMOTE:
		return u->common_fd;
	}
	BUG("item of kind %d", (int)it->kind);
}

int
undo_parent(int dirfd, const char *rel, const char **base)
{
	char dir[PATH_MAX];
	const char *slash;
	size_t n;

	while (*rel == '/')
		rel++;
	slash = strrchr(rel, '/');
	*base = slash ? slash + 1 : rel;
	n = slash ? (size_t)(slash - rel) : 0;
	if (n >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, rel, n);
	dir[n] = '\0';
	return path_open_beneath(dirfd, n ? dir : ".", O_PATH | O_DIRECTORY, 0,
				 NULL);
}

static int
see_link(struct undo *u, int parent, const char *base, struct seen *out,
	 struct err *e)
{
	char buf[PATH_MAX];
	ssize_t n = readlinkat(parent, base, buf, sizeof(buf));
	git_oid oid;

	if (n < 0 || (size_t)n == sizeof(buf))
		return err_sys(e, "reading the link %s", base);
	out->link = talloc_strndup(u->ctx, buf, (size_t)n);
	if (!out->link)
		BUG("out of memory");
	if (git_odb_hash(&oid, buf, (size_t)n, GIT_OBJECT_BLOB) < 0)
		return err_git(e, "hashing a link");
	git_oid_tostr(out->hex, sizeof(out->hex), &oid);
	return 0;
}

int
undo_see(struct undo *u, int dirfd, const char *rel, struct seen *out,
	 struct err *e)
{
	int parent OWNED_FD = -1;
	const char *base;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	parent = undo_parent(dirfd, rel, &base);
	if (parent < 0 ||
	    fstatat(parent, base, &out->st, AT_SYMLINK_NOFOLLOW) < 0) {
		/* A parent that is a link now leads somewhere else: at this
		 * place there is nothing. */
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return 0;
		return err_sys(e, "looking at %s", rel);
	}
	switch (out->st.st_mode & S_IFMT) {
	case S_IFREG:
		out->kind = SEEN_FILE;
		break;
	case S_IFDIR:
		out->kind = SEEN_DIR;
		break;
	case S_IFLNK:
		out->kind = SEEN_LINK;
		rc = see_link(u, parent, base, out, e);
		break;
	default:
		out->kind = SEEN_OTHER;
	}
	return rc;
}

static int
open_file(int dirfd, const char *rel, struct err *e)
{
	while (*rel == '/')
		rel++;
	return file_open_own(dirfd, rel, O_RDONLY, S_IRUSR, e);
}

/* The name in /proc is bound to the file's mode, the descriptor is not. */
static int
hash_open(int fd, git_oid *oid)
{
	struct stat st;
	void *bytes = NULL;
	size_t len;
	int rc;

	if (fstat(fd, &st) < 0)
		return -1;
	len = (size_t)st.st_size;
	if (len)
		bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	rc = git_odb_hash(oid, len ? bytes : "", len, GIT_OBJECT_BLOB);
	if (bytes)
		munmap(bytes, len);
	return rc;
}

int
undo_hash(struct undo *u, int dirfd, const char *rel, struct seen *s,
	  struct err *e)
{
	int fd OWNED_FD = -1;
	char proc[40];
	git_oid oid;

	(void)u;
	if (s->hex[0])
		return 0;
	fd = open_file(dirfd, rel, e);
	if (fd < 0)
		return fd;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (git_odb_hashfile(&oid, proc, GIT_OBJECT_BLOB) < 0 &&
	    hash_open(fd, &oid) < 0)
		return err_git(e, "reading %s", rel);
	git_oid_tostr(s->hex, sizeof(s->hex), &oid);
	return 0;
}

/* Is it the index of a work tree (also of a linked one or a submodule)? */
static bool
is_index(const struct item *it)
{
	return it->kind == ITEM_GITFILE &&
	       strcmp(path_base(it->name), "index") == 0 &&
	       strncmp(it->name, "logs/", 5) != 0;
}

/* git rewrites its index whenever it refreshes cached stat data, so two that
 * differ in bytes may well say the same. */
static int
index_equals(struct undo *u, struct step *s, const struct value *v)
{
	void *own = talloc_new(u->ctx);
	char *was = NULL, *is;
	size_t wlen, ilen;
	int fd, rc = 0;

	fd = open_file(u->common_fd, s->it->name, NULL);
	if (fd < 0)
		goto out;
	own_fd(own, fd);
	ilen = (size_t)s->seen.st.st_size;
	is = talloc_size(own, ilen + 1);
	if (!is)
		goto out;
	if (read(fd, is, ilen) != (ssize_t)ilen ||
	    vault_get(own, u->vault, v->text, &was, &wlen, NULL) < 0)
		goto out;
	rc = restore_index_same(was, wlen, is, ilen);
out:
	talloc_free(own);
	return rc;
}

static int
same_content(int a, int b)
{
	char one[16384], two[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(a, one, sizeof(one), at)) > 0) {
		if (pread(b, two, (size_t)n, at) != n ||
		    memcmp(one, two, (size_t)n) != 0)
			return 0;
		at += n;
	}
	return n == 0;
}

static int
kept_equals(struct undo *u, struct step *s, const struct value *v,
	    struct err *e)
{
	int kept OWNED_FD = undo_kept_fd(u, v, NULL);
	int fd OWNED_FD = -1;
	struct stat st;

	/* An undo that went through takes its kept files along. */
	if (kept < 0)
		return strcmp(u->m.state, "undone") == 0;
	if (fstat(kept, &st) == 0 && st.st_dev == s->seen.st.st_dev &&
	    st.st_ino == s->seen.st.st_ino)
		return 1;
	fd = open_file(undo_dirfd(u, s->it), s->it->name, e);
	if (fd < 0)
		return fd;
	return same_content(kept, fd);
}

static int
filtered_equals(struct undo *u, struct step *s, const struct value *v,
		struct err *e)
{
	void *own = talloc_new(u->ctx);
	char hex[41] = "", *bytes;
	git_oid oid;
	size_t len;
	int rc;

	rc = undo_hash(u, undo_dirfd(u, s->it), s->it->name, &s->seen, e);
	if (rc == 0 && strcmp(s->seen.hex, v->text) != 0 &&
	    restore_filter(u, own, s->it->name, v->text, &bytes, &len, NULL) ==
		0 &&
	    git_odb_hash(&oid, bytes, len, GIT_OBJECT_BLOB) == 0)
		git_oid_tostr(hex, sizeof(hex), &oid);
	talloc_free(own);
	if (rc < 0)
		return rc;
	return strcmp(s->seen.hex, hex[0] ? hex : v->text) == 0;
}

int
undo_equals(struct undo *u, struct step *s, const struct value *v,
	    struct err *e)
{
	const struct seen *seen = &s->seen;
	bool mode = (seen->st.st_mode & 07777) == (v->mode & 07777);
	int rc;

	if (!undo_is_file(s->it->kind))
		return value_equal(&s->now, v);
	switch (v->kind) {
	case VALUE_ABSENT:
		return seen->kind == SEEN_ABSENT;
	case VALUE_DIR:
		return seen->kind == SEEN_DIR && mode;
	case VALUE_LINK:
		return seen->kind == SEEN_LINK &&
		       strcmp(seen->hex, v->text) == 0;
	case VALUE_BLOB:
		if (seen->kind != SEEN_FILE || !mode)
			return 0;
		if ((uint64_t)seen->st.st_size == v->size) {
			rc = undo_hash(u, undo_dirfd(u, s->it), s->it->name,
				       &s->seen, e);
			if (rc < 0 || strcmp(seen->hex, v->text) == 0)
				return rc < 0 ? rc : 1;
		}
		return is_index(s->it) ? index_equals(u, s, v) : 0;
	case VALUE_KEPT:
		if (seen->kind != SEEN_FILE || !mode ||
		    (uint64_t)seen->st.st_size != v->size)
			return 0;
		return kept_equals(u, s, v, e);
	case VALUE_INDEX:
		if (seen->kind != SEEN_FILE || !mode)
			return 0;
		return filtered_equals(u, s, v, e);
	case VALUE_OTHER:
		return seen->kind == SEEN_OTHER;
	case VALUE_NODE:
		return seen->kind == SEEN_OTHER &&
		       seen->st.st_mode == v->mode &&
		       strtoull(v->text, NULL, 10) == seen->st.st_rdev;
	case VALUE_UNKNOWN:
	case VALUE_OID:
	case VALUE_SYMREF:
		return 0;
	}
	BUG("value of kind %d", (int)v->kind);
}

static int
decide(struct undo *u, struct step *s, struct err *e)
{
	const struct item *it = s->it;
	bool absent = undo_is_file(it->kind) ? s->seen.kind == SEEN_ABSENT
					     : s->now.kind == VALUE_ABSENT;
	int rc;

	rc = undo_equals(u, s, &it->before, e);
	if (rc != 0) {
		s->what = STEP_ALREADY;
		return rc < 0 ? rc : 0;
	}
	s->what = STEP_BACK;
	/* Nothing is there: nothing can be overwritten. */
	if (it->after.kind == VALUE_UNKNOWN || absent)
		return 0;
	/* Only an empty directory gives way to a file. */
	if (undo_is_file(it->kind) && s->seen.kind == SEEN_DIR &&
	    it->before.kind != VALUE_DIR)
		return 0;
	rc = undo_equals(u, s, &it->after, e);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	s->what = STEP_BESIDE;
	if (it->before.kind == VALUE_ABSENT ||
	    (it->before.kind == VALUE_DIR && s->seen.kind == SEEN_DIR) ||
	    (it->before.kind == VALUE_SYMREF &&
	     strcmp(path_base(it->name), "HEAD") == 0 &&
	     strncmp(it->name, "refs/", 5) != 0))
		s->what = STEP_LEAVE;
	return 0;
}

int
undo_look(struct undo *u, struct step *s, struct err *e)
{
	const struct item *it = s->it;
	int rc = 0;

	s->as = it->name;
	s->lock_fd = -1;
	if (it->before.kind == VALUE_UNKNOWN ||
	    it->before.kind == VALUE_OTHER) {
		s->what = STEP_CANNOT;
		return 0;
	}
	switch (it->kind) {
	case ITEM_OBJECTS:
		s->what = STEP_BACK;
		return 0;
	case ITEM_REF:
		rc = restore_ref_read(u, it->name, &s->now, e);
		break;
	case ITEM_REMOTE:
		rc = restore_remote_read(u, it->name, &s->now, NULL);
		if (rc < 0 || s->now.kind == VALUE_UNKNOWN) {
			s->what = STEP_CANNOT;
			return 0;
		}
		break;
	case ITEM_FILE:
	case ITEM_GITFILE:
	case ITEM_PATH:
		rc = undo_see(u, undo_dirfd(u, it), it->name, &s->seen, e);
		break;
	}
	return rc < 0 ? rc : decide(u, s, e);
}

int
undo_value(struct undo *u, struct step *s, struct value *out, struct err *e)
{
	const struct seen *seen = &s->seen;
	int rc;

	memset(out, 0, sizeof(*out));
	switch (seen->kind) {
	case SEEN_ABSENT:
		out->kind = VALUE_ABSENT;
		return 0;
	case SEEN_DIR:
		out->kind = VALUE_DIR;
		out->mode = seen->st.st_mode & 07777;
		return 0;
	case SEEN_OTHER:
		out->kind = VALUE_NODE;
		out->mode = seen->st.st_mode;
		out->text = talloc_asprintf(
		    u->ctx, "%llu", (unsigned long long)seen->st.st_rdev);
		if (!out->text)
			BUG("out of memory");
		return 0;
	case SEEN_LINK:
		out->kind = VALUE_LINK;
		break;
	case SEEN_FILE:
		out->kind = VALUE_BLOB;
		out->mode = seen->st.st_mode;
		out->size = (uint64_t)seen->st.st_size;
		rc = undo_hash(u, undo_dirfd(u, s->it), s->as, &s->seen, e);
		if (rc < 0)
			return rc;
		break;
	}
	out->text = talloc_strdup(u->ctx, seen->hex);
	if (!out->text)
		BUG("out of memory");
	return 0;
}
