/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a command made.  Those in a folder that it made go with that,
 * or one by one when something has changed in it since.
 *
 * A further name of something that has others: as a backup, say (mv -b, where
 * both are names of one file).  Whatever has been written to it since stands
 * under the others too: that name can go again, and no byte with it.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <string.h>
#include <sys/stat.h>

static bool
is_tree(const struct file_item *it)
{
	return it->kind == FILE_MADE && it->before.what == '-' &&
	       it->after.what == '+' && S_ISDIR(it->after.mode) &&
	       it->after.digest;
}

/* As the command left it, here or in the vault; or there is nothing else that
 * says what was in it. */
static int
is_whole(struct file_undo *u, const struct file_item *it, bool *whole,
	 struct err *e)
{
	struct file_step s = {.it = it, .as = file_undo_where(u, it)};
	int rc = file_undo_see(u, s.as, false, &s.now, e);

	if (rc < 0)
		return rc;
	*whole =
	    s.now.what == '-'
		? file_in_vault(u, s.as, &it->after, false) != NULL
		: !file_conflict(u, it, s.as, &s.now) || file_only_modes(u, &s);
	return 0;
}

/* Names come after what they are in. */
static bool
is_named_below(const struct file_entry *m, size_t i)
{
	for (size_t k = i + 1; k < m->n; k++) {
		const char *below;

		if (m->v[k].kind != FILE_MADE)
			continue;
		below = path_below(m->v[k].path, m->v[i].path);
		if (below && *below)
			return true;
	}
	return false;
}

int
file_made_unfold(struct file_undo *u, struct err *e)
{
	struct file_entry *m = &u->m;
	const char **folded =
	    have(talloc_array(u, const char *, (unsigned)m->n + 1));
	size_t n = 0, nfolded = 0;
	int rc = 0;

	for (size_t i = 0; i < m->n && !rc; i++) {
		struct file_item *it = &m->v[i];
		bool whole = false, goes = it->kind == FILE_MADE;

		for (size_t k = 0; k < nfolded && goes; k++)
			goes = !path_is_under(it->path, folded[k]);
		if (it->kind == FILE_MADE && !goes)
			continue;
		if (is_tree(it) && is_named_below(m, i)) {
			rc = is_whole(u, it, &whole, e);
			if (whole)
				folded[nfolded++] = it->path;
			else
				it->whole = false;
			if (!whole)
				it->after.digest = 0;
		}
		m->v[n++] = *it;
	}
	m->n = n;
	talloc_free(folded);
	return rc;
}

static bool
is_made(const struct file_step *s)
{
	return s->it->kind == FILE_MADE && s->it->before.what == '-';
}

/* That name is not to be what it is, or is one of those that go. */
static bool
is_given_up(const struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct file_step *s = &u->steps[i];

		if (!strcmp(s->as, path) &&
		    (is_made(s) || s->act == ACT_PUT || s->act == ACT_REMOVE ||
		     s->act == ACT_MOVE || s->act == ACT_FOLDER))
			return true;
		if (s->act == ACT_MOVE && !strcmp(s->it->to, path))
			return true;
	}
	return false;
}

static bool
leads_there(struct file_undo *u, const char *path, const struct file_state *is)
{
	struct file_state now;
	const char *name;
	int dir = path ? file_parent(u, path, &name) : -1;

	return dir >= 0 && *name &&
	       file_state_take(u, dir, name, false, &now, NULL) == 0 &&
	       file_is_same(&now, is) && !is_given_up(u, path);
}

/* This undo gives it another name, or leaves it one, where everybody sees it:
 * the vault's own links are none. */
static bool
has_other(struct file_undo *u, const struct file_state *is)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct file_step *s = &u->steps[i];

		if (s->in_vault || s->it->below)
			continue;
		if ((s->act == ACT_PUT && s->it->kept == KEPT_SELF &&
		     file_is_same(&s->it->before, is)) ||
		    (s->act == ACT_MOVE && file_is_same(&s->now, is)) ||
		    leads_there(u, s->it->path, is))
			return true;
	}
	for (size_t i = 0; i < u->nlater; i++)
		for (size_t k = 0; k < u->later[i].n; k++) {
			const struct file_item *it = &u->later[i].v[k];

			if (file_is_same(&it->before, is) &&
			    (leads_there(u, it->path, is) ||
			     leads_there(u, it->to, is)))
				return true;
		}
	return false;
}

void
file_undo_names(struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct file_step *s = &u->steps[i];

		if (s->act != ACT_LEAVE || !is_made(s) ||
		    S_ISDIR(s->now.mode) || s->now.nlink < 2 ||
		    !file_is_same(&s->now, &s->it->after) ||
		    !has_other(u, &s->now))
			continue;
		s->act = ACT_REMOVE;
		file_undo_vacate(u, s->as);
	}
}

/* Nobody takes that away before. */
static bool
is_in_the_way(const struct file_undo *u, const struct file_item *it)
{
	for (size_t i = 0; i < u->m.n; i++) {
		const struct file_item *o = &u->m.v[i];

		if (o != it &&
		    ((o->kind == FILE_MOVED && !strcmp(o->to, it->path)) ||
		     (o->kind != FILE_MOVED && o->kind != FILE_PARENT &&
		      o->before.what == '-' && !strcmp(o->path, it->path))))
			return false;
	}
	return true;
}

/* Steps are taken from the end. */
int
file_make_room(struct file_undo *u, struct err *e)
{
	for (size_t i = 0, n = u->m.n; i < n; i++) {
		const struct file_item *it = &u->m.v[i];
		struct file_item *way;
		struct file_state now;
		int rc;

		if (it->kind != FILE_MOVED || !is_in_the_way(u, it))
			continue;
		rc = file_undo_see(u, it->path, false, &now, e);
		if (rc < 0)
			return rc;
		if (now.what != '+' || now.ino == it->before.ino)
			continue;
		way = file_entry_add(&u->m, FILE_MADE, it->path);
		way->before.what = '-';
		way->after = now;
		way->whole = S_ISDIR(now.mode);
	}
	return 0;
}
