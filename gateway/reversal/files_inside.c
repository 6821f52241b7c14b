/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undone before the later command that took it away: what lies in the vault by
 * now, alone or in a directory that went as a whole.  Attributes are put back
 * there, so that the later undo brings it back as it was before both; what the
 * command made is taken from there, what it moved goes to where it was.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_stash(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid())
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* s->it as it lies in the slot of `in`: 1 when it was put back there. */
static bool
put_inside(struct file_undo *u, const struct file_entry *m,
	   const struct file_item *in, const struct file_step *s)
{
	int stash OWNED_FD = open_stash(m->stashes[in->stash]),
		  dir OWNED_FD = -1;
	const char *below = path_below(s->it->path, in->path);
	struct file_state now;
	char slot[24], *path;

	if (stash < 0 || !below)
		return false;
	path = have(talloc_asprintf(u, "%s%s%s", file_slot(in->slot, slot),
				    *below ? "/" : "", below));
	dir = path_open_beneath(stash, path_parent(u, path),
				O_PATH | O_DIRECTORY, 0, NULL);
	if (dir < 0 ||
	    file_state_take(u, dir, path_base(path),
			    s->it->before.xattrs != NULL, &now, NULL) < 0)
		return false;
	/* what went from a directory before it has changed its times */
	return now.what == '+' && now.ino == s->it->before.ino &&
	       file_same_attributes(&now, &s->it->after) &&
	       (S_ISDIR(now.mode) || file_same_times(&now, &s->it->after)) &&
	       file_state_apply(dir, path_base(path), &s->it->before, NULL) ==
		   0;
}

void
file_put_inside(struct file_undo *u, const struct file_entry *m)
{
	/* what is above comes first: it may lock what is below */
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < u->n; k++) {
			const struct file_item *in = &m->v[i];
			struct file_step *s = &u->steps[k];

			if (in->kept != KEPT_SELF || in->below ||
			    (!in->whole &&
			     in->before.ino != s->it->before.ino) ||
			    in->stash >= m->nstashes || s->act != ACT_LEAVE ||
			    s->done || s->it->kind != FILE_ATTRIBUTES ||
			    !path_is_under(s->it->path, in->path))
				continue;
			/* the directory itself is in the record, too */
			if (put_inside(u, m, in, s) &&
			    strcmp(s->it->path, in->path) != 0)
				s->done = true;
		}
}

/* --- things ------------------------------------------------------------ */

bool
file_is_same(const struct file_state *a, const struct file_state *b)
{
	return a->what == '+' && b->what == '+' && a->ino == b->ino &&
	       a->dev == b->dev && !((a->mode ^ b->mode) & S_IFMT);
}

bool
file_one_name(const struct file_state *s)
{
	return S_ISDIR(s->mode) || s->nlink < 2;
}

/* The item's slot, or the thing below it; path NULL: by any name; NULL: it is
 * not there. */
static const char *
place_in(struct file_undo *u, const struct file_entry *m,
	 const struct file_item *in, const char *path,
	 const struct file_state *is)
{
	const char *below = path ? path_below(path, in->path) : NULL;
	struct file_state now;
	char slot[24], *stash, *at;
	const char *name;
	int dir;

	if (!below && (!path || file_one_name(is)) &&
	    file_is_same(&in->before, is))
		below = "";
	if (in->kept != KEPT_SELF || in->stash >= m->nstashes || !below ||
	    (*below && !in->whole))
		return NULL;
	stash = path_resolve(u, "/", m->stashes[in->stash]);
	at = have(talloc_asprintf(
	    u, "%s/%s%s%s%s%s", stash, file_slot(in->slot, slot),
	    in->below ? "/" : "", in->below ? in->below : "", *below ? "/" : "",
	    below));
	dir = file_parent(u, at, &name);
	if (dir < 0 || file_state_take(u, dir, name, false, &now, NULL) < 0 ||
	    now.what != '+' || now.ino != is->ino || now.dev != is->dev)
		return NULL;
	if (is->digest)
		now.digest = file_tree_digest(dir, name);
	return file_state_same(&now, is) ? at : NULL;
}

static const char *
place_in_any(struct file_undo *u, const struct file_entry *m, const char *path,
	     const struct file_state *is)
{
	const char *at = NULL;

	for (size_t i = 0; i < m->n && !at; i++)
		at = place_in(u, m, &m->v[i], path, is);
	return at;
}

const char *
file_in_vault(struct file_undo *u, const char *path,
	      const struct file_state *is, bool undone)
{
	const char *at = NULL;

	if (is->what != '+')
		return NULL;
	for (size_t i = 0; i < u->nlater && !at; i++)
		if (u->later[i].depth % 2 == 0 || undone)
			at = place_in_any(u, &u->later[i], path, is);
	for (size_t i = 0; i < u->nbetween && undone && !at; i++)
		at = place_in_any(u, &u->between[i], path, is);
	return at;
}

static char *
slot_path(struct file_undo *u, const struct file_entry *m,
	  const struct file_item *in)
{
	char slot[24];

	return have(talloc_asprintf(
	    u, "%s/%s%s%s", path_resolve(u, "/", m->stashes[in->stash]),
	    file_slot(in->slot, slot), in->below ? "/" : "",
	    in->below ? in->below : ""));
}

bool
file_lies_at(struct file_undo *u, const struct file_entry *m,
	     const struct file_item *in, const char *place)
{
	return in->kept == KEPT_SELF && in->stash < m->nstashes &&
	       !strcmp(slot_path(u, m, in), place);
}

static const char *
taken_by(struct file_undo *u, const struct file_entry *m, const char *path,
	 const struct file_state *is, const struct file_state *now)
{
	const char *at = NULL;

	for (size_t k = 0; k < m->n && !at; k++)
		if (now ? !strcmp(path, m->v[k].path) &&
			      file_state_same(&m->v[k].after, now)
			: m->v[k].whole && path_is_under(path, m->v[k].path))
			at = place_in(u, m, &m->v[k], path, is);
	return at;
}

const char *
file_taken_to(struct file_undo *u, const char *path,
	      const struct file_state *is, const struct file_state *now)
{
	const char *at = NULL;

	for (size_t i = 0; i < u->nlater && !at; i++)
		if (now ? file_undoes_earlier(u, &u->later[i])
			: u->later[i].depth % 2 == 0)
			at = taken_by(u, &u->later[i], path, is, now);
	/* an undo of this one has put it there before */
	for (size_t i = 0; i < u->nbetween && !at && now; i++)
		if (u->between[i].depth % 2 && u->between[i].of < u->m.of)
			at = taken_by(u, &u->between[i], path, is, now);
	return at;
}

/* Is that place one of the command's, or of the command that it does again? */
static bool
keeps_in(struct file_undo *u, const struct file_entry *m, const char *path)
{
	struct file_entry first;
	char *dir;

	for (size_t i = 0; i < m->nstashes; i++)
		if (path_is_under(path, path_resolve(u, "/", m->stashes[i])))
			return true;
	if (!m->depth)
		return false;
	dir = have(
	    talloc_asprintf(u, "%s/entries/%" PRIu64, u->f->vault_dir, m->of));
	if (file_entry_read(u, dir, &first, NULL) < 0 || first.depth)
		return false;
	return keeps_in(u, &first, path);
}

bool
file_keeps_in(struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->nbetween; i++)
		if (u->between[i].depth % 2 == 0 &&
		    keeps_in(u, &u->between[i], path))
			return true;
	for (size_t i = 0; i < u->nlater; i++)
		if (u->later[i].depth % 2 == 0 &&
		    keeps_in(u, &u->later[i], path))
			return true;
	return false;
}

static bool
is_it(struct file_undo *u, const char *path, const struct file_item *moved,
      struct file_state *there)
{
	return file_undo_see(u, path, false, there, NULL) == 0 &&
	       there->what == '+' &&
	       !((there->mode ^ moved->before.mode) & S_IFMT) &&
	       there->ino == moved->before.ino;
}

/* One step further: it, or a directory that it was in, was moved on. */
static const char *
moved_on(struct file_undo *u, const char *path, uint64_t ino)
{
	for (size_t i = 0; i < u->nelsewhere; i++) {
		const char *below = path_below(path, u->elsewhere[i].from);

		if (below && !*below && u->elsewhere[i].ino == ino)
			return u->elsewhere[i].to;
		if (below && *below)
			return have(talloc_asprintf(u, "%s/%s",
						    u->elsewhere[i].to, below));
	}
	return NULL;
}

#define HOPS 16

const char *
file_moved_to(struct file_undo *u, const struct file_item *moved,
	      struct file_state *there)
{
	const char *path = moved->to;

	for (int i = 0; i < HOPS && path; i++) {
		if (is_it(u, path, moved, there))
			return path;
		path = moved_on(u, path, moved->before.ino);
	}
	if (file_undo_see(u, moved->to, false, there, NULL) == 0 &&
	    there->what == '+' && !S_ISDIR(there->mode) &&
	    !S_ISDIR(moved->before.mode) &&
	    file_replaced(u, moved->to, &moved->before, there))
		return moved->to;
	path = file_in_vault(u, moved->to, &moved->after, false);
	return path && is_it(u, path, moved, there) ? path : NULL;
}
