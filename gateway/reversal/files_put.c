/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing put back.  What stands in its place is in the new entry first, so
 * that at no time either of them is nowhere.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
file_slot(uint64_t slot, char name[24])
{
	snprintf(name, 24, "%" PRIu64, slot);
	return name;
}

/* The way there is our own: no links within slots are followed. */
int
file_kept_at(struct file_undo *u, const struct file_item *it, const char **name)
{
	int stash = u->stashes[it->stash];
	char *path;

	*name = file_slot(it->slot, u->slot);
	if (!it->below || stash < 0)
		return stash;
	*name = path_base(it->below);
	path = have(talloc_asprintf(u->ctx, "%s/%u/%s/%s", u->entry_dir,
				    it->stash, u->slot, it->below));
	path[strlen(path) - strlen(*name) - 1] = '\0';
	if (u->kept_dir.path && !strcmp(u->kept_dir.path, path)) {
		talloc_free(path);
		return u->kept_dir.fd;
	}
	if (u->kept_dir.path)
		close(u->kept_dir.fd);
	talloc_free(u->kept_dir.path);
	u->kept_dir.path = path;
	path = have(talloc_asprintf(u->ctx, "%s/%s", u->slot, it->below));
	path[strlen(path) - strlen(*name) - 1] = '\0';
	u->kept_dir.fd =
	    path_open_beneath(stash, path, O_PATH | O_DIRECTORY, 0, NULL);
	talloc_free(path);
	return u->kept_dir.fd;
}

static int
failed(struct file_undo *u, const struct file_step *s, const char *what,
       struct err *e)
{
	return err_sys(e, "%s %s", what, text_safe(u->ctx, s->as));
}

/* Is what is there now still what it was when the step was planned? */
static bool
untouched(int dir, const char *name, const struct file_step *s)
{
	struct file_state now;

	if (file_state_take(NULL, dir, name, false, &now, NULL) < 0)
		return false;
	if (s->now.what == '-' || now.what == '-')
		return now.what == s->now.what;
	return file_state_same(&now, &s->now);
}

/* A directory that its mode locks goes to no other one: it is opened for that
 * moment. */
static int
rename_new(int from, const char *name, int to, const char *as)
{
	int rc = renameat2(from, name, to, as, RENAME_NOREPLACE), why;
	char self[32];
	struct stat st;

	if (rc == 0 || errno != EACCES)
		return rc;
	int fd OWNED_FD =
	    openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 0200) ||
	    chmod(self, (st.st_mode & 07777) | 0200) < 0) {
		errno = EACCES;
		return -1;
	}
	rc = renameat2(from, name, to, as, RENAME_NOREPLACE);
	why = errno;
	(void)chmod(self, st.st_mode & 07777);
	errno = why;
	return rc;
}

/* Into the slot that the new entry has for it. */
static int
take_away(struct file_undo *u, struct file_step *s, int from, const char *name)
{
	const struct file_item *new = &u->f->m.v[s->new];
	char slot[24];

	return rename_new(from, name, u->f->stashes[new->stash].fd,
			  file_slot(new->slot, slot));
}

static int
removed(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *name;
	int dir = file_parent(u, s->as, &name);

	if (dir < 0 || !untouched(dir, name, s))
		goto moved_on;
	if (S_ISDIR(s->now.mode))
		file_forget(u);
	dir = file_parent(u, s->as, &name);
	if (u->f->m.v[s->new].kept == KEPT_NOT) {
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
			return 0;
		if (errno == ENOTEMPTY || errno == EEXIST)
			goto moved_on;
		return failed(u, s, "removing", e);
	}
	return take_away(u, s, dir, name) < 0 ? failed(u, s, "removing", e) : 0;
moved_on:
	s->act = ACT_LEAVE;
	return 0;
}

static int
folder(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *name;
	int dir = file_parent(u, s->as, &name);

	if (dir < 0 && path_make_parents(u->root, s->as + 1, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	file_forget(u);
	dir = file_parent(u, s->as, &name);
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return failed(u, s, "making", e);
	file_forget(u);
	return 0;
}

/* The kept thing under a name beside its place, its attributes in order;
 * moved where that is possible, copied else. */
static int
bring(struct file_undo *u, struct file_step *s, int dir, char temporary[64],
      struct err *e)
{
	const struct file_item *it = s->it;
	const char *slot;
	int stash = file_kept_at(u, it, &slot);
	int rc;

	snprintf(temporary, 64, ".automode-%d-%u", getpid(), u->serial++);
	if (rename_new(stash, slot, dir, temporary) < 0) {
		if (errno != EXDEV || it->kept != KEPT_COPY)
			return failed(u, s, "putting back", e);
		rc = file_copy_out(stash, slot, dir, temporary, false, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
put_new(struct file_undo *u, struct file_step *s, int dir, const char *name,
	struct err *e)
{
	const char *slot;
	int stash = file_kept_at(u, s->it, &slot);
	char temporary[64];

	if (rename_new(stash, slot, dir, name) == 0)
		return 0;
	if (errno == EEXIST)
		return 1;
	if (bring(u, s, dir, temporary, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	if (renameat2(dir, temporary, dir, name, RENAME_NOREPLACE) == 0 ||
	    renameat(dir, temporary, dir, name) == 0)
		return 0;
	return failed(u, s, "putting back", e);
}

/* A second name in the new entry first: then the old one can be replaced in
 * one moment, and whoever is killed on the way has lost nothing. */
static int
put_over(struct file_undo *u, struct file_step *s, int dir, const char *name,
	 struct err *e)
{
	const struct file_item *new = &u->f->m.v[s->new];
	const char *slot;
	int stash, keep = u->f->stashes[new->stash].fd;
	char to[24], temporary[64];

	if (!untouched(dir, name, s))
		return 1;
	if (S_ISDIR(s->now.mode) || S_ISDIR(s->it->before.mode) ||
	    linkat(dir, name, keep, file_slot(new->slot, to), 0) < 0) {
		if (S_ISDIR(s->now.mode)) {
			file_forget(u);
			dir = file_parent(u, s->as, &name);
		}
		if (dir < 0 || take_away(u, s, dir, name) < 0)
			return failed(u, s, "keeping", e);
		return put_new(u, s, dir, name, e);
	}
	if (!untouched(keep, to, s)) {
		unlinkat(keep, to, 0);
		return 1;
	}
	stash = file_kept_at(u, s->it, &slot);
	if (renameat(stash, slot, dir, name) == 0)
		return 0;
	if (errno != EXDEV)
		return failed(u, s, "putting back", e);
	if (bring(u, s, dir, temporary, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	return renameat(dir, temporary, dir, name) < 0
		   ? failed(u, s, "putting back", e)
		   : 0;
}

static const char *
beside(struct file_undo *u, const char *path)
{
	const char *as = path;

	for (unsigned i = 1; i < 10000; i++) {
		as = i == 1 ? talloc_asprintf(u->ctx, "%s" FILE_BESIDE, path)
			    : talloc_asprintf(u->ctx, "%s" FILE_BESIDE "-%u",
					      path, i);
		if (!path_exists(have((void *)(uintptr_t)as)))
			break;
	}
	return as;
}

/* What comes into a directory of the vault does not change its times. */
static int
put_inside(struct file_undo *u, struct file_step *s, int dir, const char *name,
	   struct err *e)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	struct stat st;
	int rc = fstat(dir, &st);

	times[1] = st.st_mtim;
	rc = rc < 0		  ? failed(u, s, "opening the folder of", e)
	     : s->now.what == '-' ? put_new(u, s, dir, name, e)
				  : put_over(u, s, dir, name, e);
	if (rc == 0)
		utimensat(dir, ".", times, 0);
	return rc;
}

static int
put(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *slot;
	int stash = file_kept_at(u, s->it, &slot);

	/* so that it never stands there with other permissions */
	if (s->it->kept == KEPT_COPY)
		(void)file_state_apply(stash, slot, &s->it->before, NULL);
	for (int tries = 0; tries < 8; tries++) {
		const char *name;
		int dir = file_parent(u, s->as, &name), rc;

		if (dir < 0) {
			if (path_make_parents(u->root, s->as + 1, e) < 0)
				return e ? e->code : ERR_SYSTEM;
			file_forget(u);
			dir = file_parent(u, s->as, &name);
		}
		if (dir < 0)
			return failed(u, s, "opening the folder of", e);
		rc = s->in_vault	  ? put_inside(u, s, dir, name, e)
		     : s->now.what == '-' ? put_new(u, s, dir, name, e)
					  : put_over(u, s, dir, name, e);
		if (rc <= 0) {
			if (rc == 0 && S_ISDIR(s->it->before.mode))
				file_forget(u);
			return rc;
		}
		/* somebody was quicker */
		s->in_vault = NULL;
		s->as = beside(u, s->it->path);
		s->now.what = '-';
		u->f->m.v[s->new].kind = FILE_MADE;
		u->f->m.v[s->new].kept = KEPT_NOT;
		u->f->m.v[s->new].path = s->as;
		u->f->m.v[s->new].before.what = '-';
	}
	return err_set(e, ERR_SYSTEM, "%s keeps changing",
		       text_safe(u->ctx, s->it->path));
}

/* An earlier step has put a copy of it there. */
static bool
put_there(struct file_undo *u, struct file_step *s, const char *from,
	  const struct stat *st)
{
	for (size_t i = 0; i < u->n; i++) {
		struct file_step *t = &u->steps[i];
		struct file_item *own;

		if (!t->done || t->act != ACT_PUT || t->in_vault ||
		    t->now.ino != s->now.ino || t->now.dev != s->now.dev ||
		    strcmp(t->as, from) != 0)
			continue;
		own = have(talloc(u, struct file_item));
		*own = *t->it;
		own->before.ino = st->st_ino;
		t->it = own;
		t->gone_on = true;
		s->now.ino = st->st_ino;
		s->now.nlink = st->st_nlink;
		u->f->m.v[s->new].before = s->now;
		return true;
	}
	return false;
}

/* A directory that stands where a kept one stood may be locked. */
static void
unlock(struct file_undo *u, const char *path)
{
	const char *name;
	int dir = file_parent(u, path, &name);

	if (dir >= 0 && geteuid() != 0 &&
	    faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) < 0 &&
	    errno == EACCES && file_undo_unlock(u, path))
		file_forget(u);
}

static int
move(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *place = s->in_vault ? s->in_vault : s->it->to, *from, *to;
	struct stat st;
	int a, b;

	unlock(u, place);
	unlock(u, s->as);
	if (file_parent(u, s->as, &to) < 0 &&
	    path_make_parents(u->root, s->as + 1, e) < 0) {
		/* done again where another one's file is on the way */
		if (u->m.depth % 2 == 0 || errno != ENOTDIR)
			return e ? e->code : ERR_SYSTEM;
		s->act = ACT_LEAVE;
	}
	file_forget(u);
	if (s->act == ACT_LEAVE)
		return 0;
	a = file_parent(u, place, &from);
	a = a < 0 ? -1 : fcntl(a, F_DUPFD_CLOEXEC, 3);
	b = file_parent(u, s->as, &to);
	/* itself, whatever other names of it have brought into it */
	if (a < 0 || b < 0 || fstatat(a, from, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    ((st.st_mode ^ s->now.mode) & S_IFMT) ||
	    (st.st_ino != s->now.ino && !put_there(u, s, place, &st)))
		s->act = ACT_LEAVE;
	else if (rename_new(a, from, b, to) < 0)
		s->act = ACT_CANNOT;
	if (a >= 0)
		close(a);
	file_forget(u);
	return s->act == ACT_CANNOT ? failed(u, s, "moving back", e) : 0;
}

static int
attributes(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *name;
	int dir = file_parent(u, s->as, &name);

	if (dir < 0)
		return failed(u, s, "opening the folder of", e);
	return file_state_apply(dir, *name ? name : ".", &s->it->before, e);
}

static int
write_over(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *name, *slot;
	int dir = file_parent(u, s->as, &name), stash;

	if (dir < 0 || !untouched(dir, name, s)) {
		s->act = ACT_LEAVE;
		return 0;
	}
	stash = file_kept_at(u, s->it, &slot);
	return file_copy_out(stash, slot, dir, name, true, e);
}

int
file_put(struct file_undo *u, struct file_step *s, struct err *e)
{
	int rc = 0;

	if (s->act == ACT_PUT || s->act == ACT_REMOVE || s->act == ACT_FOLDER)
		unlock(u, s->as);

	switch (s->act) {
	case ACT_PUT:
		rc = put(u, s, e);
		break;
	case ACT_WRITE:
		rc = write_over(u, s, e);
		break;
	case ACT_REMOVE:
		rc = removed(u, s, e);
		break;
	case ACT_FOLDER:
		return folder(u, s, e); /* its attributes come later */
	case ACT_MOVE:
		rc = move(u, s, e);
		s->done = rc == 0 && s->act == ACT_MOVE;
		return rc;
	case ACT_ATTRIBUTES:
	case ACT_TIMES:
	case ACT_ALREADY:
	case ACT_LEAVE:
	case ACT_CANNOT:
		return 0;
	}
	if (rc == 0 && s->act != ACT_LEAVE) {
		s->done = true;
		if (s->act != ACT_REMOVE && !s->it->whole)
			rc = attributes(u, s, e);
	}
	return rc;
}
