/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry that takes an undo back: what is there now, written down before
 * anything is changed.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static struct file_item *
new_item(struct file_undo *u, struct file_step *s, int kind)
{
	struct file_item *it =
	    file_entry_add(&u->f->m, kind, s->in_vault ? s->it->path : s->as);

	s->new = u->f->m.n - 1;
	it->before = s->now;
	return it;
}

static int
new_slot(struct file_undo *u, struct file_step *s, enum file_kept kept,
	 struct err *e)
{
	struct files *f = u->f;
	struct file_item *it = &f->m.v[s->new];
	char *parent = path_parent(u, s->as), slot[24];
	const char *name;
	int dir = file_dirs_add(&f->dirs, parent), fd;

	if (dir < 0)
		return err_sys(e, "opening %s", text_safe(u, parent));
	it->dir = (unsigned)dir;
	it->kept = kept;
	it->slot = ++f->slots;
	fd = files_stash_fd(f, (unsigned)dir, &it->stash, e);
	if (fd < 0 || kept != KEPT_COPY)
		return fd < 0 ? fd : 0;
	dir = file_parent(u, s->as, &name);
	return file_copy_in(dir, name, fd, file_slot(it->slot, slot), e);
}

bool
file_holds(const struct file_step *s)
{
	return (s->act == ACT_ALREADY || s->act == ACT_LEAVE) &&
	       s->it->kept == KEPT_NOT && s->it->kind != FILE_MOVED &&
	       s->now.what == '+' && S_ISDIR(s->now.mode);
}

static int
note(struct file_undo *u, struct file_step *s, struct err *e)
{
	struct file_item *it;
	int rc = 0;

	switch (s->act) {
	case ACT_PUT:
		it = new_item(u, s,
			      s->now.what == '-' ? FILE_MADE : FILE_REPLACED);
		it->to = s->in_vault || !strcmp(s->as, s->it->path)
			     ? NULL
			     : s->it->path;
		it->whole = S_ISDIR(s->now.what == '-' ? s->it->before.mode
						       : s->now.mode);
		if (s->now.what == '+')
			rc = new_slot(u, s, KEPT_SELF, e);
		break;
	case ACT_WRITE:
		new_item(u, s, FILE_REWRITTEN);
		rc = new_slot(u, s, KEPT_COPY, e);
		break;
	case ACT_REMOVE:
		it = new_item(u, s, FILE_REMOVED);
		it->to = s->in_vault;
		it->whole = s->it->whole;
		if (!S_ISDIR(s->now.mode) || s->it->whole)
			rc = new_slot(u, s, KEPT_SELF, e);
		break;
	case ACT_FOLDER:
		new_item(u, s, FILE_MADE);
		break;
	case ACT_ATTRIBUTES:
		new_item(u, s, FILE_ATTRIBUTES);
		break;
	case ACT_TIMES:
		new_item(u, s, FILE_PARENT);
		break;
	case ACT_MOVE:
		it = file_entry_add(&u->f->m, FILE_MOVED, s->it->to);
		it->to = s->as;
		it->before = s->now;
		it->below = s->in_vault ? s->in_vault + 1 : NULL;
		s->new = u->f->m.n - 1;
		break;
	case ACT_ALREADY:
	case ACT_LEAVE:
		/* what is done within it changes its times */
		if (file_holds(s))
			new_item(u, s, FILE_PARENT);
		break;
	case ACT_CANNOT:
		break;
	}
	return rc;
}

/* Does a step bring it there itself, or is it noted already? */
static bool
comes(const struct file_undo *u, const char *path)
{
	const struct file_entry *m = &u->f->m;

	for (size_t i = 0; i < u->n; i++)
		if ((u->steps[i].act == ACT_PUT ||
		     u->steps[i].act == ACT_FOLDER ||
		     u->steps[i].act == ACT_MOVE) &&
		    !strcmp(u->steps[i].as, path))
			return true;
	for (size_t i = 0; i < m->n; i++)
		if ((m->v[i].kind == FILE_MADE ||
		     m->v[i].kind == FILE_PARENT) &&
		    !strcmp(m->v[i].path, path))
			return true;
	return false;
}

static void
note_folder(struct file_undo *u, int kind, const char *path,
	    const struct file_state *now)
{
	file_entry_add(&u->f->m, kind, path)->before = *now;
	u->way = have(talloc_realloc(u, u->way, size_t, (unsigned)u->nway + 1));
	u->way[u->nway++] = u->f->m.n - 1;
}

/* Folders that are gone, and made for what goes into them; above comes first,
 * so that they are removed last. */
static int
note_way(struct file_undo *u, const char *path, struct err *e)
{
	char *parent = path_parent(u, path);
	struct file_state now;
	int rc;

	/* most come from the same folder as the one before */
	if (u->way_last && !strcmp(parent, u->way_last))
		return 0;
	u->way_last = parent;
	rc = file_undo_see(u, parent, false, &now, e);
	if (rc < 0 || now.what == '+' || comes(u, parent))
		return rc;
	rc = note_way(u, parent, e);
	if (rc == 0)
		note_folder(u, FILE_MADE, parent, &now);
	return rc;
}

static int
note_ways(struct file_undo *u, const struct file_step *s, struct err *e)
{
	size_t first = u->f->m.n;
	struct file_state now;
	int rc;

	if (s->act != ACT_MOVE && s->act != ACT_FOLDER &&
	    (s->act != ACT_PUT || s->now.what == '+'))
		return 0;
	rc = note_way(u, s->as, e);
	if (rc == 0 && u->f->m.n > first) {
		char *above = path_parent(u, u->f->m.v[first].path);

		rc = file_undo_see(u, above, false, &now, e);
		if (rc == 0 && now.what == '+' && !comes(u, above))
			note_folder(u, FILE_PARENT, above, &now);
	}
	return rc;
}

int
file_note_way(struct file_undo *u, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < u->nway && !rc; i++) {
		struct file_item *it = &u->f->m.v[u->way[i]];

		rc = file_undo_see(u, it->path, false, &it->after, e);
	}
	return rc;
}

static bool
may_pass(const struct file_step *s)
{
	return s->it->kind == FILE_ATTRIBUTES &&
	       (s->act == ACT_LEAVE || (s->act == ACT_ALREADY && s->settled));
}

bool
file_may_pass(const struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (may_pass(&u->steps[i]))
			return true;
	return u->nunmade > 0;
}

static bool
is_noted(const struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->f->m.n; i++)
		if (u->f->m.v[i].kind != FILE_PARENT &&
		    !strcmp(u->f->m.v[i].path, path))
			return true;
	return false;
}

bool
file_note_passed(struct file_undo *u)
{
	bool any = false;

	for (size_t i = 0; i < u->n; i++) {
		const struct file_step *s = &u->steps[i];
		struct file_item *it;

		if (!may_pass(s) || (!s->passed && !s->done))
			continue;
		/* what the undo of an earlier one found is of its past */
		if (s->act == ACT_LEAVE && s->now.what != '-' &&
		    (!s->passed || s->passed >= u->m.of))
			continue;
		it = file_entry_add(&u->f->m, FILE_ATTRIBUTES, s->it->path);
		it->before = s->it->after;
		it->after = s->it->before;
		any = true;
	}
	/* done again, it takes them away where they are again; below comes
	 * first there, and last here */
	for (size_t i = u->nunmade; i-- > 0;) {
		struct file_item *it;

		if (is_noted(u, u->unmade[i].path))
			continue;
		it = file_entry_add(&u->f->m, FILE_MADE, u->unmade[i].path);
		it->before.what = '-';
		it->after = u->unmade[i].before;
		it->whole = u->unmade[i].whole;
		any = true;
	}
	return any;
}

int
file_note(struct file_undo *u, const struct invocation *in,
	  struct channel *monitor, struct err *e)
{
	struct files *f = u->f;
	struct file_entry *m = &f->m;
	int rc;

	m->undoes = u->m.id;
	m->of = u->m.of;
	m->depth = u->m.depth + 1;
	m->time = time(NULL);
	m->session = in && in->session ? in->session->id : "";
	m->command = have(talloc_asprintf(u, "undo of %" PRIu64 ": %s",
					  u->m.shown ? u->m.shown : u->m.id,
					  u->m.command));
	rc = channel_entry_new(monitor, m->session, "files", f->vault_dir,
			       m->command, &m->id, e);
	if (rc < 0)
		return err_wrap(e, "asking for a new entry");
	f->entry_dir = have(
	    talloc_asprintf(f, "%s/entries/%" PRIu64, f->vault_dir, m->id));
	rc = path_make_dirs(f->entry_dir, 0700, e);
	for (size_t i = 0; i < u->n && !rc; i++) {
		rc = note_ways(u, &u->steps[i], e);
		if (rc == 0)
			rc = note(u, &u->steps[i], e);
	}
	if (rc == 0)
		rc = file_entry_write(m, f->entry_dir, e);
	if (rc < 0)
		files_abandon(f, monitor);
	return rc;
}
