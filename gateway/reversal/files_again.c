/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that was undone and, by the undo of that, done again: what it did
 * is in its own record, whatever is undone around it; but what was before it
 * lies by now where the new entry has put it.  So that one gets a second
 * record, <entry>/again/manifest, which is that of the command: by this one it
 * is undone, while the first one says what came to which place.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Something that one of both entries keeps. */
struct held {
	const struct file_entry *m;
	const struct file_item *it;
	unsigned first;	  /* of its stashes among all */
	const char *path; /* that the command knows it by */
	bool used;
};

struct again {
	struct file_undo *u;		/* of the undo */
	struct file_entry command, now; /* now: what the undo of it wrote */
	const struct file_item **came;	/* of the undo, by what it left */
	size_t ncame;
	struct held *held;
	const struct held **by_object, **by_path;
	size_t n, room;
};

static int
compare_objects(const void *a, const void *b)
{
	uint64_t x = (*(const struct held *const *)a)->it->before.ino,
		 y = (*(const struct held *const *)b)->it->before.ino;

	return (x > y) - (x < y);
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp((*(const struct held *const *)a)->path,
		      (*(const struct held *const *)b)->path);
}

static int
compare_left(const void *a, const void *b)
{
	uint64_t x = (*(const struct file_item *const *)a)->after.ino,
		 y = (*(const struct file_item *const *)b)->after.ino;

	return (x > y) - (x < y);
}

static void
look_came(struct again *g)
{
	const struct file_entry *undo = &g->u->m;

	g->came = have(talloc_array(g->u, const struct file_item *,
				    (unsigned)undo->n + 1));
	for (size_t i = 0; i < undo->n; i++)
		if (undo->v[i].kind != FILE_MOVED &&
		    undo->v[i].after.what == '+')
			g->came[g->ncame++] = &undo->v[i];
	qsort(g->came, g->ncame, sizeof(*g->came), compare_left);
}

/* Where the undo had put it beside its place, or wherever that was by then. */
static const char *
own_path(const struct again *g, const struct file_item *it)
{
	struct file_item want = {.after = it->before};
	const struct file_item *key = &want, *const * at;

	at = bsearch(&key, g->came, g->ncame, sizeof(*at), compare_left);
	return at && (*at)->to ? (*at)->to : it->path;
}

static const struct held **
sorted(const struct again *g, int (*compare)(const void *, const void *))
{
	const struct held **v =
	    have(talloc_array(g->u, const struct held *, (unsigned)g->n + 1));

	for (size_t i = 0; i < g->n; i++)
		v[i] = &g->held[i];
	qsort(v, g->n, sizeof(*v), compare);
	return v;
}

static bool
is_kept(const struct file_item *it)
{
	return it->kept == KEPT_SELF || it->kept == KEPT_COPY;
}

static void
collect(struct again *g, const struct file_entry *m, unsigned first)
{
	for (size_t i = 0; i < m->n; i++) {
		if (!is_kept(&m->v[i]))
			continue;
		GROW(g->u, g->held, g->n, g->room);
		g->held[g->n++] =
		    (struct held){.m = m,
				  .it = &m->v[i],
				  .first = first,
				  .path = m == &g->now ? own_path(g, &m->v[i])
						       : m->v[i].path};
	}
}

/* The same thing, or a copy of it, where the record says that it is. */
static bool
is_held(struct file_undo *u, const struct held *h, const struct file_item *it)
{
	const struct file_state *is = &h->it->before, *was = &it->before;
	const char *name, *path;
	char slot[24];
	struct stat st;
	int dir;

	if (is->what != '+' || ((is->mode ^ was->mode) & S_IFMT) ||
	    (is->ino != was->ino &&
	     (!S_ISREG(was->mode) || is->size != was->size ||
	      !file_same_times(is, was))))
		return false;
	path = path_resolve(u, "/", h->m->stashes[h->it->stash]);
	path = have(talloc_asprintf(
	    u, "%s/%s%s%s", path, file_slot(h->it->slot, slot),
	    h->it->below ? "/" : "", h->it->below ? h->it->below : ""));
	dir = file_parent(u, path, &name);
	return dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (h->it->kept == KEPT_COPY || st.st_ino == is->ino);
}

/* Each is one name: of several names of one file that with the same path, and
 * rather in the new entry. */
static const struct held *
find(struct again *g, const struct held **all, const struct file_item *it,
     int (*compare)(const void *, const void *))
{
	const struct held want = {.it = it, .path = it->path};
	const struct held *key = &want, **at, *best = NULL;
	bool same = false;

	at = bsearch(&key, all, g->n, sizeof(*all), compare);
	for (; at && at > all && !compare(at - 1, &key); at--)
		;
	for (; at && at < all + g->n && !compare(at, &key); at++) {
		bool alike = !strcmp((*at)->path, it->path);

		if ((*at)->used || same > alike ||
		    (best && same == alike && best->m == &g->now) ||
		    !is_held(g->u, *at, it))
			continue;
		best = *at;
		same = alike;
	}
	if (best)
		g->held[best - g->held].used = true;
	return best;
}

static void
take_from(struct file_item *it, const struct held *h)
{
	it->stash = h->first + h->it->stash;
	it->slot = h->it->slot;
	it->below = h->it->below;
	if (it->kept != KEPT_SELF)
		return;
	it->kept = h->it->kept;
	it->before.ino = h->it->before.ino;
	it->before.dev = h->it->before.dev;
}

/* Everything has come back to where the command had left it. */
static bool
is_exact(const struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct file_step *s = &u->steps[i];

		if (s->it->kind == FILE_PARENT || s->done || s->passed)
			continue;
		if (s->act == ACT_LEAVE || s->act == ACT_CANNOT)
			return false;
	}
	return true;
}

static int
compare_items(const void *a, const void *b)
{
	return strcmp(((const struct file_item *)a)->path,
		      ((const struct file_item *)b)->path);
}

bool
file_is_beside(const char *path, const char *own)
{
	size_t n = strlen(own);

	return !strncmp(path, own, n) &&
	       (!path[n] ||
		!strncmp(path + n, FILE_BESIDE, strlen(FILE_BESIDE)));
}

/* By what they are called, and those that were moved by what they are. */
static bool
has(const struct again *g, const struct file_item *all, size_t n,
    const struct file_item *it)
{
	const struct file_item key = {.path = own_path(g, it)};

	return n && bsearch(&key, all, n, sizeof(*all), compare_items);
}

static bool
has_moved(const struct file_entry *m, const struct file_item *it)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].kind == FILE_MOVED &&
		    file_is_beside(it->path, m->v[i].path) &&
		    !file_is_beside(it->to, it->path))
			return true;
	return false;
}

/* The new entry has nothing that is not of the command, but for folders. */
static bool
is_all(const struct again *g)
{
	const struct file_entry *m = &g->command;
	struct file_item *v =
	    have(talloc_array(g->u, struct file_item, (unsigned)m->n + 1));
	bool all = true;

	for (size_t i = 0; i < m->n; i++)
		v[i] = m->v[i];
	qsort(v, m->n, sizeof(*v), compare_items);
	for (size_t i = 0; i < g->now.n && all; i++) {
		const struct file_item *it = &g->now.v[i];

		if (it->kind == FILE_MOVED)
			all = has_moved(m, it);
		else if (it->kind != FILE_PARENT &&
			 (is_kept(it) || !S_ISDIR(it->before.mode)))
			all = has(g, v, m->n, it);
	}
	return all;
}

int
file_again_read(void *ctx, const char *dir, struct file_entry *m, struct err *e)
{
	char *again = have(talloc_asprintf(ctx, "%s/again", dir));

	return path_exists(again) && file_entry_read(ctx, again, m, NULL) == 0
		   ? 0
		   : file_entry_read(ctx, dir, m, e);
}

static bool
read_command(struct again *g)
{
	struct file_undo *u = g->u;
	char *dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64,
					 u->f->vault_dir, u->m.undoes));

	return file_again_read(u, dir, &g->command, NULL) == 0 &&
	       g->command.depth + 1 == u->m.depth && g->command.of == u->m.of;
}

/* The items of the command, kept where they are now; false: one is not. */
static bool
take_places(struct again *g, struct file_entry *out)
{
	out->v = NULL;
	out->n = out->room = 0;
	for (size_t i = 0; i < g->command.n; i++) {
		struct file_item *it = file_entry_add(out, 0, "");
		const struct held *h;

		*it = g->command.v[i];
		if (!is_kept(it))
			continue;
		h = find(g, g->by_object, it, compare_objects);
		if (!h)
			h = find(g, g->by_path, it, compare_paths);
		if (!h)
			return false;
		take_from(it, h);
	}
	return true;
}

void
file_again_write(struct file_undo *u)
{
	struct again g = {.u = u, .now = u->f->m};
	struct file_entry m = u->f->m;
	size_t first = m.nstashes;
	char *dir;

	/* in turn, an undo leads to what was before by its own record; what
	 * it is to lead back to may be more than was there to be taken */
	if (m.depth % 2 != (u->how != WAY_ANY) ||
	    (m.depth % 2 == 0 && !is_exact(u)) || !read_command(&g))
		return;
	file_forget(u);
	look_came(&g);
	if (m.depth % 2 == 0 && !is_all(&g))
		return;
	collect(&g, &g.now, 0);
	collect(&g, &g.command, (unsigned)first);
	g.by_object = sorted(&g, compare_objects);
	g.by_path = sorted(&g, compare_paths);
	if (!take_places(&g, &m))
		return;
	m.nstashes += g.command.nstashes;
	m.stashes =
	    have(talloc_array(u, const char *, (unsigned)m.nstashes + 1));
	for (size_t i = 0; i < m.nstashes; i++)
		m.stashes[i] =
		    i < first ? g.now.stashes[i] : g.command.stashes[i - first];
	dir = have(talloc_asprintf(u, "%s/again", u->f->entry_dir));
	if (path_make_dirs(dir, 0700, NULL) == 0)
		(void)file_entry_write(&m, dir, NULL);
}
