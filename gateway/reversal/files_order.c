/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that changed the same things, undone in another order than
 * backwards: what the later ones left of this one's work, and what an undo of
 * an earlier one has settled already.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was done again by an undo of its undo has the place of the command. */
static uint64_t
position(const struct file_undo *u)
{
	return u->m.depth % 2 ? u->m.id : u->m.of;
}

bool
file_own_chain(const struct file_undo *u, const struct file_entry *m)
{
	return m->of == u->m.of && m->id <= u->m.id;
}

static void
read_later(struct file_undo *u)
{
	size_t room = 0, rooms = 0;

	if (u->later_read)
		return;
	u->later_read = true;
	for (uint64_t id = u->m.of + 1; id < u->m.id + FILE_LATER_MAX; id++) {
		char *dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64,
						 u->f->vault_dir, id));
		struct file_entry m;

		if (path_exists(dir) &&
		    file_entry_read(u, dir, &m, NULL) == 0 &&
		    !file_own_chain(u, &m) && strcmp(m.state, "undone") != 0) {
			if (id > position(u)) {
				GROW(u, u->later, u->nlater, room);
				u->later[u->nlater++] = m;
			} else {
				GROW(u, u->between, u->nbetween, rooms);
				u->between[u->nbetween++] = m;
			}
		}
		talloc_free(dir);
	}
	u->nundos = u->nlater;
	if (u->how != WAY_ANY)
		u->nlater = u->nbetween = 0;
}

bool
file_undoes_earlier(const struct file_undo *u, const struct file_entry *m)
{
	if (u->m.depth % 2)
		return m->undoes && m->undoes < u->m.id;
	return m->depth % 2 && m->of < u->m.of;
}

/* Of an undo of something later, or of one that did anything again. */
static bool
undoes_later(const struct file_undo *u, const struct file_entry *m)
{
	return m->undoes && !file_undoes_earlier(u, m);
}

/* It, or what an undo has put in its place. */
static bool
is_there(struct file_undo *u, const struct file_item *moved,
	 struct file_state *now)
{
	if (file_undo_see(u, moved->to, false, now, NULL) < 0 ||
	    now->what != '+')
		return false;
	return (now->ino == moved->before.ino &&
		!((now->mode ^ moved->before.mode) & S_IFMT)) ||
	       (!S_ISDIR(now->mode) &&
		file_replaced(u, moved->to, &moved->before, now));
}

void
file_follow(struct file_undo *u)
{
	read_later(u);
	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];
			struct file_state now;

			if (it->kind != FILE_MOVED || !is_there(u, it, &now))
				continue;
			u->elsewhere = have(talloc_realloc_size(
			    u, u->elsewhere,
			    (u->nelsewhere + 1) * sizeof(*u->elsewhere)));
			u->elsewhere[u->nelsewhere].ino = it->before.ino;
			u->elsewhere[u->nelsewhere].now = now.ino;
			u->elsewhere[u->nelsewhere].from = it->path;
			u->elsewhere[u->nelsewhere++].to = it->to;
		}
}

const struct file_state *
file_interrupted(struct file_undo *u, const char *path)
{
	read_later(u);
	for (size_t i = 0; i < u->nundos; i++)
		for (size_t k = 0; k < u->later[i].n; k++)
			if (u->later[i].undoes == u->m.id &&
			    !strcmp(u->later[i].v[k].path, path))
				return &u->later[i].v[k].before;
	return NULL;
}

mode_t
file_mode_before(void *arg, const char *path, mode_t now)
{
	struct file_undo *u = arg;

	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (it->kind == FILE_ATTRIBUTES &&
			    it->before.what == '+' && it->after.mode == now &&
			    !strcmp(it->path, path))
				return it->before.mode;
		}
	return now;
}

bool
file_came_later(struct file_undo *u, const char *path,
		const struct file_state *now)
{
	read_later(u);
	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (it->kind != FILE_MOVED ||
			    it->before.dev != now->dev)
				continue;
			if (it->before.ino == now->ino ||
			    (!strcmp(it->to, path) && !S_ISDIR(now->mode) &&
			     file_replaced(u, path, &it->before, now)))
				return true;
		}
	return false;
}

/* Came there as it was, with its own place to go back to. */
static bool
came_by_move(const struct file_entry *m, const struct file_item *it)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].kind == FILE_MOVED && !m->v[i].aside &&
		    m->v[i].before.ino == it->after.ino &&
		    !strcmp(m->v[i].to, it->path))
			return true;
	return false;
}

/* The item of an entry by its path, with what it found or left there, and with
 * these attributes; like NULL: with any. */
static bool
says(struct file_undo *u, uint64_t id, const char *path,
     const struct file_state *is, bool found_it, const struct file_state *like)
{
	void *ctx = have(talloc_new(u));
	char *dir = have(
	    talloc_asprintf(ctx, "%s/entries/%" PRIu64, u->f->vault_dir, id));
	struct file_entry m;
	bool so = false;

	if (file_again_read(ctx, dir, &m, NULL) == 0)
		for (size_t i = 0; i < m.n && !so; i++) {
			const struct file_state *at =
			    found_it ? &m.v[i].before : &m.v[i].after;

			so = !strcmp(m.v[i].path, path) &&
			     m.v[i].kind != FILE_MOVED &&
			     file_is_same(at, is) &&
			     (!like || file_same_attributes(at, like));
		}
	talloc_free(ctx);
	return so;
}

/* Was it there before that item, or before the command that it is an undo of,
 * which brought back a copy? */
static bool
came_after(struct file_undo *u, const struct file_entry *m,
	   const struct file_item *it, const struct file_state *was)
{
	if (it->before.what == '+' && it->before.ino == was->ino)
		return !came_by_move(m, it);
	return m->undoes && (it->before.what == '-' || it->kept == KEPT_SELF) &&
	       it->after.ino != was->ino && it->after.size == was->size &&
	       file_same_times(&it->after, was) &&
	       says(u, m->undoes, it->path, was, true, NULL);
}

#define REPLACED_MAX 16 /* one after the other */

static bool
replaced(struct file_undo *u, const char *path, const struct file_state *was,
	 const struct file_state *by, int hops)
{
	for (size_t i = 0; i < u->nlater && hops; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (strcmp(it->path, path) != 0 ||
			    it->after.what != '+' || it->after.dev != by->dev ||
			    !came_after(u, &u->later[i], it, was))
				continue;
			if (file_state_same(&it->after, by) ||
			    (it->after.ino != was->ino &&
			     replaced(u, path, &it->after, by, hops - 1)))
				return true;
		}
	return false;
}

bool
file_replaced(struct file_undo *u, const char *path,
	      const struct file_state *was, const struct file_state *by)
{
	read_later(u);
	return replaced(u, path, was, by, REPLACED_MAX);
}

bool
file_put_by_undo(struct file_undo *u, const char *path,
		 const struct file_state *by)
{
	read_later(u);
	for (size_t i = 0; i < u->nundos; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if ((u->how == WAY_ANY ? undoes_later(u, &u->later[i])
					       : u->later[i].undoes) &&
			    !strcmp(it->path, path) &&
			    it->after.dev == by->dev &&
			    file_state_same(&it->after, by))
				return true;
		}
	return false;
}

const char *
file_left_beside(struct file_undo *u, const struct file_item *left)
{
	for (size_t i = 0; i < u->nlater && left->after.what == '+'; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];
			struct file_state now;

			/* itself, or a copy of it */
			if (undoes_later(u, &u->later[i]) && it->to &&
			    it->kind != FILE_MOVED &&
			    !strcmp(it->to, left->path) &&
			    (it->after.ino == left->after.ino ||
			     (it->after.size == left->after.size &&
			      file_same_times(&it->after, &left->after))) &&
			    file_undo_see(u, it->path, false, &now, NULL) ==
				0 &&
			    file_state_same(&now, &it->after))
				return it->path;
		}
	return NULL;
}

bool
file_settled(struct file_undo *u, const struct file_step *s)
{
	if (S_ISDIR(s->now.mode))
		return false;
	read_later(u);
	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (file_undoes_earlier(u, &u->later[i]) &&
			    it->kind != FILE_ATTRIBUTES &&
			    it->kind != FILE_PARENT &&
			    it->after.dev == s->now.dev &&
			    file_state_same(&it->after, &s->now))
				return true;
		}
	return false;
}

bool
file_superseded(struct file_undo *u, const struct file_step *s,
		const struct file_state *is)
{
	if (S_ISDIR(is->mode) || s->now.what != '+' || !file_settled(u, s))
		return false;
	for (size_t i = 0; i < u->nlater; i++)
		if (file_undoes_earlier(u, &u->later[i]) &&
		    says(u, u->later[i].undoes, s->as, is, false, NULL))
			return true;
	return false;
}

void
file_take_attributes(struct file_state *to, const struct file_state *from)
{
	to->mode = from->mode;
	to->uid = from->uid;
	to->gid = from->gid;
	if (from->xattrs)
		to->xattrs = from->xattrs;
}

/* An item to a place that is taken later: steps are taken from the end. */
static void
bring_to(struct file_entry *m, size_t from, size_t to)
{
	for (size_t i = from; i > to; i--) {
		struct file_item swap = m->v[i];

		m->v[i] = m->v[i - 1];
		m->v[i - 1] = swap;
	}
}

/* Before that item; and before it what is to take its place in turn.  Where
 * that item is now. */
static size_t
insert(struct file_undo *u, size_t before, const char *path, const char *aside,
       const struct file_state *is)
{
	struct file_entry *m = &u->m;
	struct file_item *it = file_entry_add(m, FILE_MOVED, path);
	size_t at;

	it->to = aside;
	it->aside = true;
	it->before = it->after = *is;
	bring_to(m, m->n - 1, before);
	at = before + 1;
	for (size_t i = at + 1; i < m->n; i++)
		if (m->v[i].kept != KEPT_NOT && m->v[i].after.what == '+' &&
		    m->v[i].after.ino == is->ino &&
		    !strcmp(m->v[i].path, path)) {
			bring_to(m, i, before);
			at++;
		}
	return at;
}

/* Where an item of an undo has put beside what belongs to that path. */
static const char *
put_beside(const struct file_item *it, const char *path)
{
	size_t n = strlen(path), k = strlen(FILE_BESIDE);

	if (it->kind == FILE_MADE && it->to)
		return strcmp(it->to, path) ? NULL : it->path;
	if (it->kind != FILE_MOVED || strncmp(it->to, path, n) != 0 ||
	    strncmp(it->to + n, FILE_BESIDE, k) != 0)
		return NULL;
	return !it->to[n + k] ||
		       (it->to[n + k] == '-' &&
			!it->to[n + k + 1 +
				strspn(it->to + n + k + 1, "0123456789")])
		   ? it->to
		   : NULL;
}

/* The place that an item makes free; NULL: it does not. */
static const char *
frees(struct file_undo *u, const struct file_item *it)
{
	struct file_state now;

	if (it->kind == FILE_MADE && it->before.what == '-')
		return it->path;
	if (it->kind != FILE_MOVED || it->aside)
		return NULL;
	return is_there(u, it, &now) ? it->to : NULL;
}

/* Of the undo of the earliest command: what was there before all of them. */
static const struct file_item *
first_beside(struct file_undo *u, const char *path)
{
	const struct file_item *first = NULL;
	uint64_t undoes = 0;

	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (!file_undoes_earlier(u, &u->later[i]) ||
			    (first && u->later[i].undoes > undoes) ||
			    !put_beside(it, path))
				continue;
			first = it;
			undoes = u->later[i].undoes;
		}
	return first;
}

void
file_rejoin(struct file_undo *u)
{
	size_t beside = 0;

	for (size_t i = 0; i < u->nlater; i++)
		beside += file_undoes_earlier(u, &u->later[i]);
	for (size_t at = 0; at < u->m.n && beside; at++) {
		const char *to = frees(u, &u->m.v[at]);
		const struct file_item *first = to ? first_beside(u, to) : NULL;

		if (first)
			at = insert(u, at, to, put_beside(first, to),
				    &first->after);
	}
}

bool
file_rejoined(const struct file_undo *u, const struct file_item *it)
{
	for (size_t i = 0; i < u->m.n; i++)
		if (u->m.v[i].kind == FILE_MOVED && u->m.v[i].aside &&
		    u->m.v[i].before.ino != it->after.ino &&
		    !strcmp(u->m.v[i].path, it->path))
			return true;
	return false;
}

bool
file_took_attributes(struct file_undo *u, const struct file_step *s)
{
	if (!file_same_attributes(&s->now, &s->it->after) ||
	    file_same_attributes(&s->now, &s->it->before))
		return false;
	read_later(u);
	for (size_t i = 0; i < u->nlater; i++)
		if (u->later[i].depth && u->later[i].depth % 2 == 0 &&
		    says(u, u->later[i].of, s->it->path, &s->now, false,
			 &s->it->before))
			return true;
	return false;
}

void
file_inherit(struct file_undo *u, struct file_step *s)
{
	struct file_item *own;

	if (s->now.what != '+')
		return;
	read_later(u);
	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (!file_undoes_earlier(u, &u->later[i]) ||
			    it->kind != FILE_ATTRIBUTES ||
			    strcmp(it->path, s->as) != 0 ||
			    !file_same_attributes(&it->before,
						  &s->it->before) ||
			    !file_same_attributes(&it->after, &s->now))
				continue;
			own = have(talloc(u, struct file_item));
			*own = *s->it;
			file_take_attributes(&own->before, &s->now);
			s->it = own;
		}
}
