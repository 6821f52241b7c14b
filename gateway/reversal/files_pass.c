/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an undo changes in the records of later commands, so that theirs, which
 * come afterwards, lead back to what was before both: attributes, names,
 * places in the vault.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- names -------------------------------------------------------------- */

/* It was moved on, or kept, from where this command had moved it: before both
 * it was where it is now.  Done again: what was put in its place has come
 * along. */
static bool
pass_moved(const struct file_undo *u, const struct file_step *s,
	   struct file_item *it)
{
	bool again = u->m.depth % 2,
	     came = again && it->after.ino == s->it->before.ino;

	if (s->it->kind != FILE_MOVED ||
	    (s->act != ACT_MOVE && s->act != ACT_ALREADY) ||
	    (it->kind != FILE_MOVED && it->kept != KEPT_SELF) ||
	    (it->before.ino != s->it->before.ino && !came) ||
	    (strcmp(it->path, s->it->to) != 0 &&
	     (!again || !file_is_beside(s->it->to, it->path)) &&
	     (it->kind == FILE_MOVED || !file_one_name(&it->before) ||
	      s->now.ino != it->before.ino ||
	      !file_is_same(&it->before, &s->it->before))))
		return false;
	it->path = s->found_at ? s->found_at : s->it->path;
	return true;
}

/* Done again: those that come after that one find it where it had moved it. */
static void
follow_moved(const struct file_undo *u, struct file_step *s,
	     const struct file_item *it)
{
	const char *path = s->found_at ? s->found_at : s->it->path;

	if (u->m.depth % 2 && s->it->kind == FILE_MOVED &&
	    it->kind == FILE_MOVED && !strcmp(it->path, path) &&
	    it->before.ino == s->it->before.ino)
		s->found_at = it->to;
}

/* Done again: an undo of an earlier one has kept it as the undo of this one had
 * left it; but by now it is not to be there. */
static bool
pass_made(const struct file_undo *u, const struct file_step *s,
	  struct file_item *it)
{
	if (u->m.depth % 2 == 0 || s->it->kind != FILE_MADE ||
	    s->it->before.what != '-' || s->act != ACT_LEAVE || it->whole ||
	    it->kind == FILE_MOVED || it->kind == FILE_PARENT ||
	    strcmp(it->path, s->it->path) != 0 ||
	    !file_state_same(&it->before, &s->it->after))
		return false;
	it->kind = FILE_MADE;
	it->kept = KEPT_NOT;
	it->before = (struct file_state){.what = '-'};
	return true;
}

/* Written back to, and a later record has another name of it. */
static bool
pass_written(const struct file_step *s, struct file_item *it)
{
	if (s->act != ACT_WRITE || !s->done || it->kept != KEPT_SELF ||
	    it->whole || it->before.ino != s->it->before.ino ||
	    it->before.dev != s->it->before.dev)
		return false;
	it->before.size = s->it->before.size;
	it->before.mtime = s->it->before.mtime;
	it->before.mtime_ns = s->it->before.mtime_ns;
	return true;
}

/* It lies where that was kept, and comes back in its place. */
static bool
pass_inside(struct file_undo *u, const struct file_step *s,
	    const struct file_entry *m, struct file_item *it)
{
	if (s->act != ACT_PUT || !s->in_vault || !s->done ||
	    !file_lies_at(u, m, it, s->in_vault))
		return false;
	it->before = u->f->m.v[s->new].after;
	return true;
}

static bool
pass_moves(struct file_undo *u, struct file_entry *m)
{
	bool changed = false;

	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < u->n; k++)
			changed |= pass_moved(u, &u->steps[k], &m->v[i]) ||
				   pass_made(u, &u->steps[k], &m->v[i]) ||
				   pass_written(&u->steps[k], &m->v[i]) ||
				   pass_inside(u, &u->steps[k], m, &m->v[i]);
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < u->n; k++)
			follow_moved(u, &u->steps[k], &m->v[i]);
	return changed;
}

/* --- attributes ------------------------------------------------------- */

/* Left to the later one; or as it was again, and to stay so.  In turn: the
 * times of folders alone. */
static bool
passes_on(const struct file_undo *u, const struct file_step *s)
{
	if (u->how != WAY_ANY)
		return s->it->kind == FILE_PARENT && s->act == ACT_LEAVE;
	return s->it->kept == KEPT_NOT &&
	       (s->act == ACT_LEAVE ||
		((s->act == ACT_ATTRIBUTES || s->act == ACT_ALREADY) &&
		 s->it->kind == FILE_ATTRIBUTES));
}

/* Its place, or that there is one, is what a later record has wrong. */
static bool
passes_name(const struct file_undo *u, const struct file_step *s)
{
	if (u->how != WAY_ANY)
		return false;
	return s->it->kind == FILE_MOVED ||
	       (s->it->kind == FILE_MADE && s->act == ACT_LEAVE) ||
	       s->act == ACT_WRITE || (s->act == ACT_PUT && s->in_vault);
}

static bool
is_left(const struct file_state *found, const struct file_state *left)
{
	return found->what == '+' && left->what == '+' &&
	       found->ino == left->ino && found->dev == left->dev;
}

/* The same thing, by its path, by another name of it, or wherever it has moved
 * to since; an undo may have met a copy of what the command had met. */
static bool
is_of(const struct file_item *later, const struct file_step *s)
{
	return !strcmp(later->path, s->it->path) ||
	       is_left(&later->before, &s->it->after) ||
	       (s->first && is_left(&later->before, &s->first->after));
}

/* Its undo has been undone: a newer entry has its part. */
static bool
stands_again(const struct file_undo *u, const struct file_entry *m)
{
	for (size_t i = 0; i < u->nbetween; i++)
		if (u->between[i].of == m->of && u->between[i].id > m->id &&
		    u->between[i].depth % 2 == 0)
			return true;
	for (size_t i = 0; i < u->nlater; i++)
		if (u->later[i].of == m->of && u->later[i].id > m->id &&
		    u->later[i].depth % 2 == 0)
			return true;
	return false;
}

/* What those took into the vault. */
static void
put_inside(struct file_undo *u)
{
	for (size_t i = 0; i < u->nbetween; i++)
		file_put_inside(u, &u->between[i]);
	for (size_t i = 0; i < u->nlater; i++)
		file_put_inside(u, &u->later[i]);
}

static bool
is_like(const struct file_state *a, const struct file_state *b)
{
	return file_same_attributes(a, b) && file_same_times(a, b);
}

/* Done again: by then there was something else, but what the later one found
 * was made to be what was before the command. */
static bool
is_before_first(const struct file_undo *u, const struct file_step *s,
		const struct file_item *it, const struct file_entry *m)
{
	return u->m.depth % 2 && s->first && strcmp(m->state, "undone") != 0 &&
	       is_like(&it->before, &s->first->before) &&
	       file_same_attributes(&s->it->before, &s->first->after);
}

/* ... and what is to be in the record, goes to that. */
static bool
pass_one(const struct file_undo *u, struct file_step *s, struct file_item *it,
	 const struct file_entry *m)
{
	if (!passes_on(u, s) || (s->passed && s->passed != m->of) ||
	    (it->kind != s->it->kind && s->it->kind != FILE_ATTRIBUTES) ||
	    it->kind == FILE_MOVED || !is_of(it, s) ||
	    (!is_like(&it->before, &s->it->after) &&
	     !is_before_first(u, s, it, m)))
		return false;
	file_take_attributes(&it->before, &s->it->before);
	/* of a folder on the way only its times go back */
	if (it->kind == FILE_PARENT && s->it->kind != FILE_PARENT)
		return true;
	s->passed = m->of;
	if (s->act != ACT_LEAVE)
		return true;
	it->before.mtime = s->it->before.mtime;
	it->before.mtime_ns = s->it->before.mtime_ns;
	s->done = true;
	return true;
}

static void
pass_to(struct file_undo *u, struct file_entry *m, const char *dir)
{
	bool changed = u->how == WAY_ANY && pass_moves(u, m);

	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < u->n; k++)
			changed |= pass_one(u, &u->steps[k], &m->v[i], m);
	if (changed)
		(void)file_entry_write(m, dir, NULL);
}

/* Steps whose part is in no later record yet. */
static bool
to_pass(const struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (passes_name(u, &u->steps[i]) ||
		    (passes_on(u, &u->steps[i]) && !u->steps[i].passed))
			return true;
	return false;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file_item *)a)->path,
		      ((const struct file_item *)b)->path);
}

/* What the command itself did to the things of its undo. */
static void
find_first(struct file_undo *u)
{
	struct file_entry m;
	size_t n = 0;
	char *dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64,
					 u->f->vault_dir, u->m.of));

	if (!u->m.depth || file_entry_read(u, dir, &m, NULL) < 0 || m.depth)
		return;
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].kind == FILE_ATTRIBUTES)
			m.v[n++] = m.v[i];
	if (n)
		qsort(m.v, n, sizeof(*m.v), by_path);
	for (size_t k = 0; k < u->n && n; k++)
		if (passes_on(u, &u->steps[k]))
			u->steps[k].first = bsearch(u->steps[k].it, m.v, n,
						    sizeof(*m.v), by_path);
}

/* A later command found things as this one left them: what it would go back
 * to is what was before this one.  An undo had changed the records of what
 * came after its command. */
void
file_pass_on(struct file_undo *u)
{
	bool any = to_pass(u);

	if (any) {
		put_inside(u);
		find_first(u);
	}
	for (uint64_t id = u->m.of + 1; any && id < u->m.id + FILE_LATER_MAX;
	     id++) {
		char *dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64,
						 u->f->vault_dir, id)),
		     *again = have(talloc_asprintf(u, "%s/again", dir));
		struct file_entry m;

		if (id == u->f->m.id || !path_exists(dir) ||
		    file_entry_read(u, dir, &m, NULL) < 0 ||
		    file_own_chain(u, &m) ||
		    (!strcmp(m.state, "undone") && stands_again(u, &m)))
			continue;
		pass_to(u, &m, dir);
		if (path_exists(again) &&
		    file_entry_read(u, again, &m, NULL) == 0)
			pass_to(u, &m, again);
		any = to_pass(u);
	}
}
