/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What undo is going to do about what is there now.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
free_name(struct file_undo *u, const char *path)
{
	char *as = have(talloc_asprintf(u, "%s" FILE_BESIDE, path));

	for (unsigned i = 2; path_exists(as) && i < 10000; i++)
		as = have(talloc_asprintf(u, "%s" FILE_BESIDE "-%u", path, i));
	return as;
}

void
file_put_elsewhere(struct file_undo *u, struct file_step *s)
{
	s->as = free_name(u, s->it->path);
	s->now = (struct file_state){.what = '-'};
	if (!S_ISDIR(s->it->before.mode) || s->it->whole)
		return;
	u->elsewhere = have(talloc_realloc_size(
	    u, u->elsewhere, (u->nelsewhere + 1) * sizeof(*u->elsewhere)));
	u->elsewhere[u->nelsewhere].ino = u->elsewhere[u->nelsewhere].now = 0;
	u->elsewhere[u->nelsewhere].from = s->it->path;
	u->elsewhere[u->nelsewhere++].to = s->as;
}

/* The object that the command left, when an undo has put it beside and this
 * one moves it to its place: before that or after it, since steps are taken
 * from the end. */
static void
look_aside(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;

	for (size_t i = 0; i < u->m.n && it->after.what == '+'; i++) {
		const struct file_item *to = &u->m.v[i];
		struct file_state now;
		const char *name;
		int dir;

		if (to->kind != FILE_MOVED || !to->aside ||
		    to->before.ino != it->after.ino ||
		    to->before.dev != it->after.dev || it->before.nlink > 1)
			continue;
		dir = file_parent(u, to->to, &name);
		if (dir < 0 ||
		    file_state_take(u, dir, name, true, &now, NULL) < 0 ||
		    now.what != '+')
			return;
		s->now = now;
		s->as = it < to ? to->path : to->to;
		return;
	}
}

const char *
file_undo_where(struct file_undo *u, const struct file_item *it)
{
	const char *path = it->path, *beside = file_left_beside(u, it);
	uint64_t left = it->after.what == '+' ? it->after.ino : 0;

	if (beside && !S_ISDIR(it->after.mode))
		return beside;
	/* what was moved there has a place of its own to go back to */
	for (size_t i = 0; i < u->m.n && left; i++)
		if (u->m.v[i].kind == FILE_MOVED &&
		    u->m.v[i].before.ino == left)
			left = 0;
	for (size_t i = 0; i < u->nelsewhere; i++) {
		const char *below = path_below(path, u->elsewhere[i].from);

		/* the object itself, as the command left it */
		if (below && !*below && left &&
		    (u->elsewhere[i].ino == left ||
		     u->elsewhere[i].now == left))
			return u->elsewhere[i].to;
		if (below && *below)
			return have(talloc_asprintf(u, "%s/%s",
						    u->elsewhere[i].to, below));
	}
	return path;
}

/* The undo of something later has put a copy there of what this command left.
 */
static bool
as_it_was_left(struct file_undo *u, const struct file_item *it,
	       const char *path, const struct file_state *now)
{
	return now->what == '+' && it->after.what == '+' &&
	       S_ISREG(now->mode) && now->size == it->after.size &&
	       file_same_times(now, &it->after) &&
	       file_put_by_undo(u, path, now);
}

bool
file_conflict(struct file_undo *u, const struct file_item *it, const char *path,
	      struct file_state *now)
{
	const char *name;
	bool same;
	int dir;

	if (it->after.what == '?' || u->how == WAY_BEFORE)
		return false;
	if (it->after.digest && now->what == '+') {
		dir = file_parent(u, path, &name);
		now->digest = dir < 0 ? 1 : file_tree_digest(dir, name);
	}
	same = file_state_same(now, &it->after) ||
	       as_it_was_left(u, it, path, now);
	now->digest = 0;
	return !same;
}

#define MODES_MAX 5000 /* that are looked through for each thing in a tree */

bool
file_only_modes(struct file_undo *u, const struct file_step *s)
{
	const char *name;
	size_t n = 0;
	int dir;

	for (size_t i = 0; i < u->nlater; i++)
		n += u->later[i].n;
	if (!n || n > MODES_MAX)
		return false;

	if (!s->it->after.digest || s->now.ino != s->it->after.ino ||
	    !S_ISDIR(s->now.mode))
		return false;
	dir = file_parent(u, s->as, &name);
	return dir >= 0 &&
	       file_tree_digest_as(dir, name, s->as, file_mode_before, u) ==
		   s->it->after.digest;
}

static int
look_made(struct file_undo *u, struct file_step *s, struct err *e)
{
	s->act = ACT_ALREADY;
	if (s->now.what == '-' &&
	    (s->in_vault =
		 file_in_vault(u, s->as, &s->it->after, u->m.depth % 2 != 0))) {
		s->as = s->in_vault;
		s->act = ACT_REMOVE;
		return file_undo_see(u, s->as, false, &s->now, e);
	}
	if (s->now.what == '-')
		return 0;
	/* a folder of which only the names are known goes if it is empty */
	s->act = (!S_ISDIR(s->now.mode) || !S_ISDIR(s->it->after.mode) ||
		  s->it->whole) &&
			 file_conflict(u, s->it, s->as, &s->now) &&
			 !file_only_modes(u, s)
		     ? ACT_LEAVE
		     : ACT_REMOVE;
	if (s->act == ACT_REMOVE)
		file_undo_vacate(u, s->as);
	/* ended on the way: what it had put into it is in no record */
	if (s->act == ACT_REMOVE && s->it->after.what == '?' &&
	    S_ISDIR(s->now.mode) && !s->it->whole) {
		struct file_item *own = have(talloc(u, struct file_item));

		*own = *s->it;
		own->whole = true;
		s->it = own;
	}
	return 0;
}

/* A folder in that place that another undo has made anew, with the times that
 * the command left. */
static bool
made_anew(const struct file_step *s)
{
	const struct file_state *after = &s->it->after;

	return s->now.what == '+' && S_ISDIR(s->now.mode) &&
	       after->what == '+' && file_same_times(&s->now, after);
}

/* Has nobody but us done anything within the directory? */
static bool
times_due(struct file_undo *u, const struct file_step *s)
{
	const struct file_state *after = &s->it->after, *came;

	if (after->what == '?' || file_same_times(&s->now, after))
		return true;
	came = file_interrupted(u, s->it->path);
	return came && file_same_times(came, after);
}

static void
look_attributes(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	bool dir = S_ISDIR(it->before.mode);

	s->act = ACT_ATTRIBUTES;
	if (it->kind == FILE_ATTRIBUTES && s->now.what == '+' &&
	    s->now.ino != it->after.ino && file_settled(u, s) &&
	    !file_took_attributes(u, s)) {
		s->act = ACT_ALREADY;
		s->settled = true;
	} else if (s->now.what == '-') {
		s->act = it->kind == FILE_ATTRIBUTES ? ACT_LEAVE
			 : dir			     ? ACT_FOLDER
						     : ACT_CANNOT;
	} else if ((s->now.mode ^ it->before.mode) & S_IFMT) {
		if (dir) {
			s->act = ACT_FOLDER;
			file_put_elsewhere(u, s);
		} else {
			s->act = ACT_LEAVE;
		}
	} else if (file_same_attributes(&s->now, &it->before) &&
		   (dir || file_same_times(&s->now, &it->before))) {
		s->act = dir && !file_same_times(&s->now, &it->before) &&
				 times_due(u, s)
			     ? ACT_ATTRIBUTES
			     : ACT_ALREADY;
	} else if (u->how != WAY_BEFORE && it->after.what != '?' &&
		   !(dir && it->after.what == '-') &&
		   !file_same_attributes(&s->now, &it->after)) {
		s->act = ACT_LEAVE;
	} else if (!dir && it->after.what == '+' &&
		   !file_same_times(&s->now, &it->after)) {
		/* written to since: those times are its own */
		struct file_item *own = have(talloc(u, struct file_item));

		*own = *it;
		own->before.mtime = s->now.mtime;
		own->before.mtime_ns = s->now.mtime_ns;
		s->it = own;
		if (file_same_attributes(&s->now, &own->before))
			s->act = ACT_ALREADY;
	}
}

/* A command that stands has moved there what it lies in. */
static bool
moved_into(const struct file_entry *v, size_t n, const char *at)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n && v[i].depth % 2 == 0; k++)
			if (v[i].v[k].kind == FILE_MOVED &&
			    path_is_under(at, v[i].v[k].to))
				return true;
	return false;
}

/* An undo took it out of the vault, or from where something was by then: there
 * it goes, with what is above it. */
static void
look_vault(struct file_undo *u, struct file_step *s)
{
	char *at = have(talloc_asprintf(u, "/%s", s->it->below));
	struct file_state now;
	const char *name;

	if ((!file_keeps_in(u, at) &&
	     !moved_into(u->between, u->nbetween, at) &&
	     !moved_into(u->later, u->nlater, at)) ||
	    file_parent(u, at, &name) < 0 ||
	    file_undo_see(u, at, false, &now, NULL) < 0 || now.what != '-')
		return;
	s->as = at;
	s->now = now;
}

/* An undo took it out of the vault, from what a later command keeps: there it
 * goes. */
static bool
look_removed(struct file_undo *u, struct file_step *s)
{
	const struct file_item *it = s->it;
	struct file_state now;

	if (it->kind != FILE_REMOVED || !it->to || u->m.depth % 2 == 0 ||
	    s->now.what == '+' || !file_keeps_in(u, it->to) ||
	    file_undo_see(u, it->to, false, &now, NULL) < 0 ||
	    now.what != '-' || (it->kept != KEPT_NOT && !file_slot_there(u, s)))
		return false;
	s->as = s->in_vault = it->to;
	s->now = now;
	s->act = it->kept == KEPT_NOT ? ACT_FOLDER : ACT_PUT;
	return true;
}

static int
look_moved(struct file_undo *u, struct file_step *s, struct err *e)
{
	const struct file_item *it = s->it;
	struct file_state there;
	const char *at = file_moved_to(u, it, &there);
	int rc = at ? 0 : file_undo_see(u, it->to, false, &there, e);

	/* a copy of it, the folder made anew, or what is there instead of
	 * it, is moved like it */
	if (!at && rc == 0 && there.what == '+' &&
	    ((u->how == WAY_BEFORE && s->now.ino != it->before.ino) ||
	     (u->how == WAY_BACK &&
	      (as_it_was_left(u, it, it->to, &there) ||
	       (S_ISDIR(there.mode) && S_ISDIR(it->before.mode) &&
		file_put_by_undo(u, it->to, &there))))))
		at = it->to;

	if (it->below)
		look_vault(u, s);

	if (rc < 0)
		return rc;
	if (at && file_superseded(u, s, &there)) {
		s->act = ACT_LEAVE;
		if (!strcmp(at, it->to)) {
			s->act = ACT_REMOVE;
			s->as = at;
			file_undo_vacate(u, at);
		}
	} else if (at && strcmp(at, s->as) != 0) {
		s->act = ACT_MOVE;
		if (s->now.what == '+')
			file_put_elsewhere(u, s);
		if (strcmp(at, it->to) != 0)
			s->in_vault = at;
		file_undo_vacate(u, at);
	} else {
		s->act = s->now.what == '+' && s->now.ino == it->before.ino
			     ? ACT_ALREADY
			     : ACT_LEAVE;
	}
	s->now = there;
	return 0;
}

/* An item puts it, or what it is in, there. */
static bool
comes_back(const struct file_undo *u, const char *folder)
{
	for (size_t i = 0; i < u->m.n; i++)
		if (u->m.v[i].kind != FILE_PARENT &&
		    u->m.v[i].before.what == '+' &&
		    path_is_under(folder, u->m.v[i].path))
			return true;
	return false;
}

static void
look_parent(struct file_undo *u, struct file_step *s)
{
	bool due = s->now.what == '-' || made_anew(s) ||
		   (s->now.ino == s->it->before.ino && times_due(u, s));

	s->act = due ? ACT_TIMES : ACT_LEAVE;
	/* one that is not there may be put back by another step; else it is
	 * made on the way, if at all */
	if (s->now.what != '-')
		return;
	if (u->how != WAY_ANY && !comes_back(u, s->as))
		s->act = ACT_LEAVE;
	else
		s->now = s->it->before;
}

int
file_undo_look(struct file_undo *u, struct file_step *s, struct err *e)
{
	const struct file_item *it = s->it;
	int rc;

	s->as = file_undo_where(u, it);
	s->new = FILE_NO_ITEM;
	rc = file_undo_see(u, s->as,
			   it->before.xattrs || it->kept == KEPT_COPY ||
			       it->kind == FILE_MADE,
			   &s->now, e);
	if (rc < 0)
		return rc;
	if ((it->kept == KEPT_COPY || it->kept == KEPT_SELF) &&
	    !S_ISDIR(it->before.mode) && s->now.ino != it->after.ino)
		look_aside(u, s);
	if (it->kind == FILE_PARENT) {
		look_parent(u, s);
	} else if (it->kind == FILE_MOVED) {
		rc = look_moved(u, s, e);
	} else if (it->before.what == '-') {
		rc = look_made(u, s, e);
	} else if (look_removed(u, s)) {
		rc = 0;
	} else if (it->kept == KEPT_NOT) {
		look_attributes(u, s);
	} else if (it->kept == KEPT_BROKEN || it->before.what != '+') {
		s->act = ACT_CANNOT;
	} else {
		file_look_kept(u, s);
	}
	return rc;
}
