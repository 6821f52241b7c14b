/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there now, and what undo is going to do about it.  Steps that an
 * earlier one makes room for see the place as empty already.
 */
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include "reversal/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
vacated(const struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->nvacated; i++)
		if (!strcmp(u->vacated[i], path))
			return true;
	return false;
}

static void
vacate(struct file_undo *u, const char *path)
{
	u->vacated = have(talloc_realloc(u, u->vacated, const char *,
					 (unsigned)u->nvacated + 1));
	u->vacated[u->nvacated++] = path;
}

/* Directories of ours on the way that their mode locks are opened until the
 * undo is over: `now` of each was taken before. */
static bool
unlock(struct file_undo *u, const char *path)
{
	size_t before = u->nunlocked;

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		char *dir = have(talloc_strndup(u, path, (size_t)(p - path)));
		int fd OWNED_FD = path_open_beneath(
		    u->root, dir + 1, O_PATH | O_DIRECTORY, 0, NULL);
		struct stat st;
		char self[32];

		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
		    (st.st_mode & 0700) == 0700 ||
		    chmod(self, (st.st_mode & 07777) | 0700) < 0)
			continue;
		u->unlocked = have(talloc_realloc_size(
		    u, u->unlocked, (u->nunlocked + 1) * sizeof(*u->unlocked)));
		u->unlocked[u->nunlocked].path = dir;
		u->unlocked[u->nunlocked++].mode = st.st_mode & 07777;
	}
	return u->nunlocked > before;
}

/* As they were, but those that have been put in order. */
void
file_undo_relock(struct file_undo *u)
{
	while (u->nunlocked-- > 0) {
		const char *path = u->unlocked[u->nunlocked].path;
		int fd OWNED_FD = path_open_beneath(
		    u->root, path + 1, O_PATH | O_DIRECTORY, 0, NULL);
		bool done = fd < 0;
		char self[32];

		for (size_t i = 0; i < u->n && !done; i++)
			done = u->steps[i].done &&
			       u->steps[i].it->kind != FILE_PARENT &&
			       !strcmp(u->steps[i].as, path);
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (!done)
			(void)chmod(self, u->unlocked[u->nunlocked].mode);
	}
	u->nunlocked = 0;
}

int
file_undo_see(struct file_undo *u, const char *path, bool xattrs,
	      struct file_state *out, struct err *e)
{
	for (bool again = true;; again = false) {
		const char *name;
		struct err why = {0};
		int dir, rc = 0;

		memset(out, 0, sizeof(*out));
		out->what = '-';
		if (vacated(u, path))
			return 0;
		dir = file_parent(u, path, &name);
		/* a folder that is a link now leads elsewhere: here is
		 * nothing */
		if (dir < 0 &&
		    (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			return 0;
		if (dir < 0)
			rc = err_sys(&why, "%s", text_safe(u, path));
		else
			rc = file_state_take(u, dir, *name ? name : ".", xattrs,
					     out, &why);
		if (rc == 0)
			return 0;
		if (!again || !unlock(u, path)) {
			if (e)
				*e = why;
			return rc;
		}
		file_forget(u);
	}
}

bool
file_same_attributes(const struct file_state *a, const struct file_state *b)
{
	return a->what == '+' && b->what == '+' && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid &&
	       (!a->xattrs || !b->xattrs || !strcmp(a->xattrs, b->xattrs));
}

bool
file_same_times(const struct file_state *a, const struct file_state *b)
{
	return a->mtime == b->mtime && a->mtime_ns == b->mtime_ns;
}

static const char *
free_name(struct file_undo *u, const char *path)
{
	char *as = have(talloc_asprintf(u, "%s.automode-restored", path));

	for (unsigned i = 2; path_exists(as) && i < 10000; i++)
		as = have(
		    talloc_asprintf(u, "%s.automode-restored-%u", path, i));
	return as;
}

static void
put_elsewhere(struct file_undo *u, struct file_step *s)
{
	s->as = free_name(u, s->it->path);
	s->now = (struct file_state){.what = '-'};
	if (!S_ISDIR(s->it->before.mode) || s->it->whole)
		return;
	u->elsewhere = have(talloc_realloc_size(
	    u, u->elsewhere, (u->nelsewhere + 1) * sizeof(*u->elsewhere)));
	u->elsewhere[u->nelsewhere].from = s->it->path;
	u->elsewhere[u->nelsewhere++].to = s->as;
}

static const char *
where(struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->nelsewhere; i++) {
		const char *below = path_below(path, u->elsewhere[i].from);

		if (below)
			return have(talloc_asprintf(u, "%s/%s",
						    u->elsewhere[i].to, below));
	}
	return path;
}

static bool
slot_there(struct file_undo *u, const struct file_item *it)
{
	struct stat st;
	char slot[24];

	return u->stashes[it->stash] >= 0 &&
	       fstatat(u->stashes[it->stash], file_slot(it->slot, slot), &st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       (it->kept == KEPT_COPY || st.st_ino == it->before.ino) &&
	       (!S_ISREG(st.st_mode) ||
		(uint64_t)st.st_size == it->before.size);
}

/* The object itself or a copy of it is kept. */
static void
look_kept(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	bool is_it = s->now.what == '+' && s->now.ino == it->before.ino &&
		     file_state_same(&s->now, &it->before);

	s->act = ACT_PUT;
	if (is_it && (it->kept == KEPT_SELF ||
		      file_same_attributes(&s->now, &it->before)))
		s->act = file_same_attributes(&s->now, &it->before)
			     ? ACT_ALREADY
			     : ACT_ATTRIBUTES;
	else if (!slot_there(u, it))
		s->act = ACT_CANNOT;
	else if (s->now.what == '-')
		;
	else if (it->after.what != '?' && !file_state_same(&s->now, &it->after))
		put_elsewhere(u, s);
	else if (it->kept == KEPT_COPY && it->before.nlink > 1 &&
		 s->now.ino == it->before.ino && S_ISREG(s->now.mode))
		s->act = ACT_WRITE;
}

static void
look_made(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	const char *name;
	int dir;

	s->act = ACT_ALREADY;
	if (s->now.what == '-')
		return;
	if (it->after.digest) {
		dir = file_parent(u, s->as, &name);
		s->now.digest = dir < 0 ? 1 : file_tree_digest(dir, name);
	}
	s->act = it->after.what != '?' && !file_state_same(&s->now, &it->after)
		     ? ACT_LEAVE
		     : ACT_REMOVE;
	s->now.digest = 0;
	if (s->act == ACT_REMOVE)
		vacate(u, s->as);
}

static void
look_attributes(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	bool dir = S_ISDIR(it->before.mode);

	s->act = ACT_ATTRIBUTES;
	if (s->now.what == '-') {
		s->act = dir ? ACT_FOLDER : ACT_CANNOT;
	} else if ((s->now.mode ^ it->before.mode) & S_IFMT) {
		if (dir) {
			s->act = ACT_FOLDER;
			put_elsewhere(u, s);
		} else {
			s->act = ACT_LEAVE;
		}
	} else if (file_same_attributes(&s->now, &it->before) &&
		   (dir || file_same_times(&s->now, &it->before))) {
		s->act = dir && !file_same_times(&s->now, &it->before) &&
				 file_same_times(&s->now, &it->after)
			     ? ACT_ATTRIBUTES
			     : ACT_ALREADY;
	} else if (it->after.what != '?' &&
		   !file_same_attributes(&s->now, &it->after)) {
		s->act = ACT_LEAVE;
	}
}

static int
look_moved(struct file_undo *u, struct file_step *s, struct err *e)
{
	const struct file_item *it = s->it;
	struct file_state there;
	int rc = file_undo_see(u, it->to, false, &there, e);

	if (rc < 0)
		return rc;
	if (there.what == '+' && there.ino == it->before.ino &&
	    !((there.mode ^ it->before.mode) & S_IFMT)) {
		s->act = ACT_MOVE;
		if (s->now.what == '+')
			put_elsewhere(u, s);
		vacate(u, it->to);
	} else {
		s->act = s->now.what == '+' && s->now.ino == it->before.ino
			     ? ACT_ALREADY
			     : ACT_LEAVE;
	}
	s->now = there;
	return 0;
}

int
file_undo_look(struct file_undo *u, struct file_step *s, struct err *e)
{
	const struct file_item *it = s->it;
	int rc;

	s->as = where(u, it->path);
	s->new = FILE_NO_ITEM;
	rc = file_undo_see(u, s->as, it->before.xattrs || it->kept == KEPT_COPY,
			   &s->now, e);
	if (rc < 0)
		return rc;
	if (it->kind == FILE_PARENT) {
		/* one that is not there may be put back by another step */
		bool due = s->now.what == '-' ||
			   (s->now.ino == it->before.ino &&
			    (it->after.what == '?' ||
			     file_same_times(&s->now, &it->after)));

		if (s->now.what == '-')
			s->now = it->before;
		s->act = due ? ACT_TIMES : ACT_LEAVE;
	} else if (it->kind == FILE_MOVED) {
		rc = look_moved(u, s, e);
	} else if (it->before.what == '-') {
		look_made(u, s);
	} else if (it->kept == KEPT_NOT) {
		look_attributes(u, s);
	} else if (it->kept == KEPT_BROKEN || it->before.what != '+') {
		s->act = ACT_CANNOT;
	} else {
		look_kept(u, s);
	}
	return rc;
}
