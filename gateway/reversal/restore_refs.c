/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs put back as git stores them in files: a loose file of its own, else a
 * line of packed-refs.  Not through git or libgit2, since both would write to
 * the reflogs, which are restored as they were.
 *
 * Order: deletions (a packed line first, or it would show through), then
 * writes: refs/heads/a may have to go for refs/heads/a/b.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/restore_packed.h"
#include "reversal/undo_beside.h"
#include "reversal/undo_work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool
is_hex(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return s[n] == '\0' && (n == 40 || n == 64);
}

static void
parse_loose(void *ctx, char *buf, size_t len, struct value *out)
{
	while (len && strchr(" \t\r\n", buf[len - 1]))
		buf[--len] = '\0';
	if (strncmp(buf, "ref:", 4) == 0) {
		out->kind = VALUE_SYMREF;
		buf += 4 + strspn(buf + 4, " \t");
	} else if (is_hex(buf)) {
		out->kind = VALUE_OID;
	} else {
		out->kind = VALUE_OTHER;
	}
	/* broken: in the words of refs_read(), which wrote the entry */
	out->text =
	    talloc_strdup(ctx, out->kind == VALUE_OTHER ? "broken" : buf);
	if (!out->text)
		BUG("out of memory");
}

int
restore_ref_read(struct undo *u, const char *name, struct value *out,
		 struct err *e)
{
	int parent OWNED_FD = -1;
	const char *base, *hex;
	size_t len;
	char *buf;
	int rc;

	memset(out, 0, sizeof(*out));
	parent = undo_parent(u->common_fd, name, &base);
	if (parent >= 0) {
		struct stat st;

		/* A folder of that name is one of other refs. */
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode)) {
			if (!S_ISREG(st.st_mode)) {
				out->kind = VALUE_OTHER;
				out->text = "not a file";
				return 0;
			}
			rc = file_read(u->ctx, parent, base, 65536, &buf, &len,
				       e);
			if (rc == 0)
				parse_loose(u->ctx, buf, len, out);
			if (rc <= 0)
				return rc;
		}
	}
	rc = packed_find(u, name, &hex, e);
	out->kind = hex ? VALUE_OID : VALUE_ABSENT;
	out->text = hex;
	return rc;
}

/* --- deletions --------------------------------------------------------- */

bool
restore_is_deletion(const struct step *s)
{
	return s->it->kind == ITEM_REF && s->what == STEP_BACK &&
	       s->it->before.kind == VALUE_ABSENT &&
	       s->now.kind != VALUE_ABSENT;
}

/* Empty folders above a deleted ref, up to refs/heads and its like. */
static void
prune_above(struct undo *u, const char *name)
{
	size_t root = packed_base(name) + 5; /* "refs/" */
	char *dir = path_parent(u->ctx, name);

	while (strlen(dir) > root && strchr(dir + root, '/')) {
		int parent OWNED_FD = -1;
		const char *base;

		parent = undo_parent(u->common_fd, dir, &base);
		if (parent < 0 || unlinkat(parent, base, AT_REMOVEDIR) < 0)
			break;
		dir = path_parent(u->ctx, dir);
	}
}

static int
delete_loose(struct undo *u, struct step *s, struct err *e)
{
	int parent OWNED_FD = -1;
	struct stat st;
	const char *base;
	char *lock;

	parent = undo_parent(u->common_fd, s->as, &base);
	if (parent < 0 && errno != ENOENT)
		return err_sys(e, "deleting %s", s->as);
	if (parent >= 0) {
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode) && unlinkat(parent, base, 0) < 0)
			return err_sys(e, "deleting %s", s->as);
		if (s->lock_fd >= 0) {
			lock = talloc_asprintf(u->ctx, "%s.lock", base);
			if (!lock)
				BUG("out of memory");
			unlinkat(parent, lock, 0);
		}
	}
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	s->lock_fd = -1;
	s->done = true;
	if (strncmp(s->as + packed_base(s->as), "refs/", 5) == 0)
		prune_above(u, s->as);
	return 0;
}

static int
delete_refs(struct undo *u, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++)
		if (restore_is_deletion(&u->steps[i]))
			rc = packed_drop(u, u->steps[i].as, e);
	u->packed = NULL;
	for (size_t i = 0; i < u->n && rc == 0; i++) {
		if (!restore_is_deletion(&u->steps[i]))
			continue;
		rc = delete_loose(u, &u->steps[i], e);
		undo_tick(u);
	}
	return rc;
}

/* --- writes ------------------------------------------------------------ */

/* Removes name if it is a tree of nothing but folders. */
static void
remove_folders(int parent, const char *name, unsigned depth)
{
	int fd = openat(parent, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *d;
	DIR *dir;

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while (depth && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			remove_folders(fd, d->d_name, depth - 1);
	closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* A ref made since may stand where a folder is needed, or the other way
 * round.  1: it does. */
static int
blocked(struct undo *u, struct step *s, struct err *e)
{
	int parent OWNED_FD = -1;
	const char *base;
	struct stat st;
	bool packed;
	int rc;

	rc = packed_in_the_way(u, s->as, &packed, e);
	if (rc < 0 || packed)
		return rc < 0 ? rc : 1;
	parent = undo_parent(u->common_fd, s->as, &base);
	if (parent < 0)
		return errno == ENOTDIR || errno == ELOOP;
	remove_folders(parent, base, 64);
	return fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int
lock_and_look(struct undo *u, struct step *s, struct err *e)
{
	struct value now;
	int rc;

	if (s->lock_fd >= 0)
		return 0;
	rc = restore_lock(u, s, e);
	if (rc == 0)
		rc = restore_ref_read(u, s->as, &now, e);
	if (rc == 0 && s->what == STEP_BACK && !value_equal(&now, &s->now))
		rc = err_set(e, ERR_SYSTEM,
			     "%s is being changed by somebody; try again",
			     s->as);
	return rc;
}

static int
write_ref(struct undo *u, struct step *s, struct err *e)
{
	const struct value *v = &s->it->before;
	char *text;
	int rc = 0;

	if (s->what == STEP_BACK) {
		rc = blocked(u, s, e);
		if (rc > 0) {
			restore_unlock(u, s);
			s->what = STEP_BESIDE;
		}
	}
	if (rc >= 0 && s->what == STEP_BESIDE)
		rc = undo_beside_ref(u, s, e);
	if (rc >= 0)
		rc = lock_and_look(u, s, e);
	if (rc < 0)
		return rc;
	text = talloc_asprintf(u->ctx, "%s%s\n",
			       v->kind == VALUE_SYMREF ? "ref: " : "", v->text);
	if (!text)
		BUG("out of memory");
	rc = restore_commit(u, s, text, strlen(text), 0, e);
	undo_tick(u);
	return rc;
}

int
restore_refs(struct undo *u, struct err *e)
{
	int rc = delete_refs(u, e);

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		if (s->it->kind != ITEM_REF || s->done ||
		    s->it->before.kind == VALUE_ABSENT ||
		    (s->what != STEP_BACK && s->what != STEP_BESIDE))
			continue;
		rc = write_ref(u, s, e);
	}
	u->packed = NULL;
	return rc;
}
