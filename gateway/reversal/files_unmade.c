/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier command had made, and its undo has taken back or would have
 * if this one had not changed it: before both it was not there, and nor were
 * the folders that the earlier one had made around it.  Once that is done
 * again, this does not hold any more, which is why no record says it.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct unmade {
	const struct file_item **v; /* that earlier commands made, by path */
	size_t n, room;
};

static int
by_path(const void *a, const void *b)
{
	return strcmp((*(const struct file_item *const *)a)->path,
		      (*(const struct file_item *const *)b)->path);
}

/* The command that the i-th later entry has undone, if that is an earlier one.
 */
static bool
read_undone(struct file_undo *u, size_t i, struct file_entry *m)
{
	char *dir;

	if (!file_undoes_earlier(u, &u->later[i]))
		return false;
	dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64, u->f->vault_dir,
				   u->later[i].undoes));
	return file_again_read(u, dir, m, NULL) == 0;
}

static void
collect(struct file_undo *u, struct unmade *all)
{
	for (size_t i = 0; i < u->nlater; i++) {
		struct file_entry m;

		if (!read_undone(u, i, &m))
			continue;
		for (size_t k = 0; k < m.n; k++) {
			if (m.v[k].kind != FILE_MADE ||
			    m.v[k].before.what != '-' ||
			    m.v[k].after.what != '+')
				continue;
			GROW(u, all->v, all->n, all->room);
			all->v[all->n++] = &m.v[k];
		}
	}
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), by_path);
}

/* It is kept, and not only what another one made of it. */
static bool
lies_there(struct file_undo *u, const struct file_item *it)
{
	const char *name;
	struct stat st;
	int dir = file_kept_at(u, it, &name);

	return dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
was_made(struct file_undo *u, const struct unmade *all,
	 const struct file_item *it)
{
	const struct file_item *const *at;
	struct file_state now;

	if (it->before.what != '+' || it->kind == FILE_MOVED ||
	    it->kind == FILE_PARENT)
		return false;
	at = bsearch(&it, all->v, all->n, sizeof(*all->v), by_path);
	if (!at || !file_is_same(&(*at)->after, &it->before))
		return false;
	if (it->kind == FILE_ATTRIBUTES &&
	    (file_undo_see(u, it->path, false, &now, NULL) < 0 ||
	     now.what == '-'))
		return false;
	if (S_ISDIR(it->before.mode))
		return it->kept == KEPT_NOT || !lies_there(u, it);
	return file_state_same(&(*at)->after, &it->before);
}

/* Something is taken from there. */
static bool
empties(const struct file_undo *u, const char *dir)
{
	bool any = false;

	for (size_t i = 0; i < u->m.n; i++) {
		const struct file_item *it = &u->m.v[i];

		if (!strcmp(it->path, dir) && it->kind == FILE_MADE)
			return false;
		any |= it->kind != FILE_PARENT &&
		       path_is_under(it->kind == FILE_MOVED ? it->to : it->path,
				     dir);
	}
	return any;
}

/* Steps are taken from the end: what is above comes first. */
static void
add_folder(struct file_undo *u, size_t at, const struct file_item *made)
{
	struct file_entry *m = &u->m;
	struct file_item *it = file_entry_add(m, FILE_MADE, made->path), own;

	it->before.what = '-';
	it->after = made->after;
	it->after.digest = 0;
	own = *it;
	memmove(m->v + at + 1, m->v + at, (m->n - 1 - at) * sizeof(*m->v));
	m->v[at] = own;
}

const char *
file_came_from(struct file_undo *u, const struct file_item *it)
{
	for (size_t i = 0; i < u->nlater; i++) {
		struct file_entry m;

		if (!read_undone(u, i, &m))
			continue;
		for (size_t k = 0; k < m.n; k++) {
			struct file_state now;

			if (m.v[k].kind == FILE_MOVED && !m.v[k].aside &&
			    !strcmp(m.v[k].to, it->path) &&
			    file_is_same(&m.v[k].before, &it->before) &&
			    file_undo_see(u, m.v[k].path, false, &now, NULL) ==
				0 &&
			    now.what == '-')
				return m.v[k].path;
		}
	}
	return NULL;
}

void
file_unmade(struct file_undo *u)
{
	struct unmade all = {0};
	size_t at = 0;

	if (u->m.depth % 2 == 0)
		collect(u, &all);
	for (size_t i = 0; i < u->m.n && all.n; i++) {
		struct file_item *it = &u->m.v[i];

		if (!was_made(u, &all, it))
			continue;
		/* it goes below, when it is empty */
		if (it->kind == FILE_ATTRIBUTES && S_ISDIR(it->before.mode)) {
			it->kind = FILE_PARENT;
			continue;
		}
		if (it->kind != FILE_ATTRIBUTES) {
			GROW(u, u->unmade, u->nunmade, u->room_unmade);
			u->unmade[u->nunmade++] = *it;
		}
		it->kind = FILE_MADE;
		it->kept = KEPT_NOT;
		it->whole = false;
		it->before = (struct file_state){.what = '-'};
	}
	for (size_t i = 0; i < all.n; i++)
		if (S_ISDIR(all.v[i]->after.mode) &&
		    (!i || strcmp(all.v[i - 1]->path, all.v[i]->path) != 0) &&
		    empties(u, all.v[i]->path))
			add_folder(u, at++, all.v[i]);
}
