/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's own locks: NAME.lock made with O_EXCL beside a ref, an index or a
 * configuration file, written, renamed over NAME.  All that can be taken are
 * taken before anything is changed, and what they protect is looked at again
 * under them.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_TRIES 20 /* 50 ms each: git holds its locks for less */

bool
restore_is_locked_file(const struct item *it)
{
	static const char *const names[] = {
	    "index", "config", "config.worktree", "shallow", "packed-refs"};
	const char *base = path_base(it->name);

	if (it->kind != ITEM_GITFILE || strncmp(it->name, "logs/", 5) == 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(base, names[i]) == 0)
			return true;
	return false;
}

static char *
lock_name(void *ctx, const char *name)
{
	char *lock = talloc_asprintf(ctx, "%s.lock", name);

	if (!lock)
		BUG("out of memory");
	return lock;
}

int
restore_lock(struct undo *u, struct step *s, struct err *e)
{
	struct timespec pause = {.tv_nsec = 50000000};
	char *lock = lock_name(u->ctx, s->as);
	char *name = text_safe(u->ctx, s->as);
	int rc = path_make_parents(u->common_fd, lock, e);

	for (int i = 0; rc == 0 && s->lock_fd < 0; i++) {
		s->lock_fd = path_open_beneath(
		    u->common_fd, lock,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666, e);
		if (s->lock_fd >= 0)
			break;
		s->lock_fd = -1;
		if (errno != EEXIST)
			rc = ERR_SYSTEM;
		else if (i == LOCK_TRIES)
			rc = err_set(e, ERR_SYSTEM,
				     "%s is locked: another git is at work, "
				     "or one left %s.lock behind",
				     name, name);
		else
			nanosleep(&pause, NULL);
	}
	talloc_free(name);
	talloc_free(lock);
	return rc;
}

void
restore_unlock(struct undo *u, struct step *s)
{
	char *lock = lock_name(u->ctx, s->as);
	int parent OWNED_FD = -1;
	const char *base;

	if (s->lock_fd < 0)
		return;
	parent = undo_parent(u->common_fd, lock, &base);
	if (parent >= 0)
		unlinkat(parent, base, 0);
	close(s->lock_fd);
	s->lock_fd = -1;
	talloc_free(lock);
}

void
restore_unlock_all(struct undo *u)
{
	for (size_t i = 0; i < u->n; i++)
		restore_unlock(u, &u->steps[i]);
}

/* Under the lock: still as it was looked at? */
static int
look_again(struct undo *u, const struct step *s, struct err *e)
{
	struct seen seen = {0};
	struct value v = {0};
	bool same;
	int rc;

	if (s->it->kind == ITEM_REF) {
		rc = restore_ref_read(u, s->as, &v, e);
		same = rc == 0 && value_equal(&v, &s->now);
	} else {
		rc = undo_see(u, u->common_fd, s->as, &seen, e);
		same =
		    rc == 0 && seen.kind == s->seen.kind &&
		    (seen.kind != SEEN_FILE ||
		     (seen.st.st_ino == s->seen.st.st_ino &&
		      seen.st.st_size == s->seen.st.st_size &&
		      seen.st.st_mtim.tv_nsec == s->seen.st.st_mtim.tv_nsec));
	}
	if (rc == 0 && !same)
		rc = err_set(e, ERR_SYSTEM,
			     "%s is being changed by somebody; try again",
			     text_safe(u->ctx, s->as));
	return rc;
}

int
restore_lock_all(struct undo *u, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		if (s->what != STEP_BACK ||
		    (s->it->kind != ITEM_REF && !restore_is_locked_file(s->it)))
			continue;
		rc = restore_lock(u, s, e);
		/* refs/heads/a stands where the folder of refs/heads/a/b
		 * goes: locked once that is gone. */
		if (rc < 0 && s->it->kind == ITEM_REF &&
		    (errno == ENOTDIR || errno == ELOOP))
			rc = 0;
	}
	for (size_t i = 0; i < u->n && rc == 0; i++)
		if (u->steps[i].lock_fd >= 0)
			rc = look_again(u, &u->steps[i], e);
	return rc;
}

int
restore_commit(struct undo *u, struct step *s, const void *bytes, size_t len,
	       mode_t mode, struct err *e)
{
	char *lock = lock_name(u->ctx, s->as);
	int parent OWNED_FD = -1;
	const char *base, *to = path_base(s->as);
	int rc = 0;

	parent = undo_parent(u->common_fd, lock, &base);
	if (parent < 0 || file_write_all(s->lock_fd, bytes, len) < 0 ||
	    (mode && fchmod(s->lock_fd, mode) < 0) ||
	    renameat(parent, base, parent, to) < 0) {
		rc = err_sys(e, "writing %s", s->as);
	} else {
		close(s->lock_fd);
		s->lock_fd = -1;
		s->done = true;
	}
	talloc_free(lock);
	return rc;
}

/* Files of the git dir that are held by a lock: those named base, or all but
 * config and index when base is NULL. */
int
restore_locked(struct undo *u, const char *base, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];
		const char *name = path_base(s->as);
		void *own;
		git_oid oid;
		char *bytes;
		size_t len;

		if (s->lock_fd < 0 || s->it->kind != ITEM_GITFILE ||
		    strncmp(name, base, strlen(base)) != 0)
			continue;
		own = talloc_new(u->ctx);
		if (s->it->before.kind == VALUE_ABSENT) {
			int parent OWNED_FD =
			    undo_parent(u->common_fd, s->as, &name);

			if (parent < 0 ||
			    (unlinkat(parent, name, 0) < 0 && errno != ENOENT))
				rc = err_sys(e, "removing %s", s->as);
			restore_unlock(u, s);
			s->done = rc == 0;
		} else {
			rc = undo_bytes(u, s, own, &bytes, &len, e);
			if (rc == 0 && strcmp(name, "index") == 0)
				rc = restore_index_blobs(u, bytes, len, e);
			if (rc == 0 && git_odb_hash(&oid, bytes, len,
						    GIT_OBJECT_BLOB) == 0)
				git_oid_tostr(s->wrote, sizeof(s->wrote), &oid);
			if (rc == 0)
				rc = restore_commit(u, s, bytes, len,
						    s->it->before.mode & 07777,
						    e);
		}
		talloc_free(own);
		undo_tick(u);
	}
	return rc;
}
