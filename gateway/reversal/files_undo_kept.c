/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What undo is going to do with what is kept.
 */
#include "base/memory.h"
#include "base/own.h"
#include "reversal/files_undo.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its bytes are put back through another name of it. */
static bool
is_written(const struct file_undo *u, const struct file_item *it)
{
	for (size_t i = 0; i < u->m.n; i++)
		if (u->m.v[i].kept == KEPT_COPY &&
		    u->m.v[i].before.ino == it->before.ino &&
		    u->m.v[i].before.dev == it->before.dev)
			return true;
	return false;
}

/* A file with other names may have been written to through those since: it
 * goes back to its place as it is. */
bool
file_slot_there(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	const char *name;
	struct file_item *own;
	struct stat st;
	int dir = file_kept_at(u, it, &name);

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (it->kept != KEPT_COPY && st.st_ino != it->before.ino))
		return false;
	if (!S_ISREG(st.st_mode) || (it->kept == KEPT_SELF &&
				     it->before.nlink > 1 && is_written(u, it)))
		return true;
	if (it->kept == KEPT_SELF && it->before.nlink > 1 &&
	    u->how == WAY_BEFORE) {
		own = have(talloc(u, struct file_item));
		*own = *it;
		s->it = own;
		return file_state_take(u, dir, name, true, &own->before,
				       NULL) == 0;
	}
	if (it->kept == KEPT_SELF && it->before.nlink > 1 &&
	    ((uint64_t)st.st_size != it->before.size ||
	     st.st_mtim.tv_sec != it->before.mtime ||
	     st.st_mtim.tv_nsec != (long)it->before.mtime_ns)) {
		own = have(talloc(u, struct file_item));
		*own = *it;
		own->before.size = (uint64_t)st.st_size;
		own->before.mtime = st.st_mtim.tv_sec;
		own->before.mtime_ns = (uint32_t)st.st_mtim.tv_nsec;
		s->it = own;
		return true;
	}
	return (uint64_t)st.st_size == it->before.size;
}

/* An undo of something earlier has put that there, or something later has
 * taken it away: what the command left lies in the vault, and what was before
 * it takes its place there, to come back with it. */
static bool
look_inside(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	struct file_state now;
	const char *at;

	if (!S_ISREG(it->before.mode) || it->before.nlink > 1 ||
	    it->after.what != '+' || it->after.nlink > 1)
		return false;
	at = file_taken_to(u, it->path, &it->after,
			   s->now.what == '+' ? &s->now : NULL);
	if (!at || file_undo_see(u, at, true, &now, NULL) < 0 ||
	    now.what != '+')
		return false;
	s->as = s->in_vault = at;
	s->now = now;
	s->act = ACT_PUT;
	return true;
}

/* Something else stands there by now.  It goes into the new entry; but a
 * directory that must give way to a file stays, and so does what has been
 * decided to stay. */
static void
look_taken(struct file_undo *u, struct file_step *s)
{
	const char *from;

	if (s->it->aside || file_came_later(u, s->as, &s->now) ||
	    (S_ISDIR(s->now.mode) && !S_ISDIR(s->it->before.mode)))
		file_put_elsewhere(u, s);
	else if (file_settled(u, s) && u->m.depth % 2 == 0 &&
		 (from = file_came_from(u, s->it))) {
		s->as = from;
		s->now = (struct file_state){.what = '-'};
	} else if (file_settled(u, s))
		s->settled = !look_inside(u, s);
	else
		s->over = u->m.depth % 2 == 0 || !look_inside(u, s);
	if (s->settled)
		s->act = ACT_ALREADY;
}

/* Nothing can be renamed over it. */
static bool
is_mount(struct file_undo *u, const char *path)
{
	const char *name;
	int dir = file_parent(u, path, &name);
	struct statx x;

	return dir >= 0 &&
	       statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x) == 0 &&
	       x.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* Its name went into the vault, and other names lead to it: its bytes go back
 * through the one there. */
static bool
look_linked(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;

	if (it->kept != KEPT_COPY || it->before.nlink < 2 ||
	    s->now.ino == it->before.ino || !file_slot_there(u, s))
		return false;
	s->in_vault = file_in_vault(u, s->as, &it->after, true);
	if (!s->in_vault)
		return false;
	s->as = s->in_vault;
	s->act = ACT_WRITE;
	return file_undo_see(u, s->as, true, &s->now, NULL) == 0;
}

/* The object itself or a copy of it is kept. */
void
file_look_kept(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	bool is_it = s->now.what == '+' && s->now.ino == it->before.ino &&
		     file_state_same(&s->now, &it->before);

	s->act = ACT_PUT;
	if (look_linked(u, s))
		return;
	if (file_rejoined(u, it)) {
		s->act = ACT_ALREADY;
		s->settled = true;
		return;
	}
	if (is_it && (it->kept == KEPT_SELF ||
		      file_same_attributes(&s->now, &it->before)))
		s->act = file_same_attributes(&s->now, &it->before)
			     ? ACT_ALREADY
			     : ACT_ATTRIBUTES;
	else if (!file_slot_there(u, s))
		/* an undo that was ended on the way has put it there */
		s->act = s->now.what == '+' && s->now.size == it->before.size &&
				 file_same_times(&s->now, &it->before) &&
				 file_same_attributes(&s->now, &it->before)
			     ? ACT_ALREADY
			     : ACT_CANNOT;
	else if (s->now.what == '+' && file_conflict(u, s->it, s->as, &s->now))
		look_taken(u, s);
	else if (s->now.what == '-' && u->m.depth % 2)
		(void)look_inside(u, s);
	if (s->act == ACT_PUT && s->now.what == '+' && it->kept == KEPT_COPY &&
	    s->now.ino == it->before.ino && S_ISREG(s->now.mode) &&
	    (it->before.nlink > 1 || is_mount(u, s->as)))
		s->act = ACT_WRITE;
	if (s->act == ACT_PUT || s->act == ACT_WRITE)
		file_inherit(u, s);
	if (s->act == ACT_PUT && s->it->kept == KEPT_SELF)
		file_undo_arrives(u, s);
}
