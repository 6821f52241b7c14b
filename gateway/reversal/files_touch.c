/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which things entries change: by their paths, with what is below them, and by
 * what they are, since a file may have other names.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct place {
	const char *path;
	bool folder; /* only what is in it changes */
};

struct object {
	uint64_t dev, ino;
};

struct file_touch {
	const char *vault_dir;
	struct place *places;
	struct object *objects;
	size_t nplaces, room_places, nobjects, room_objects;
	bool sorted;
};

struct file_touch *
file_touch_new(void *ctx, const char *vault_dir)
{
	struct file_touch *x = have(talloc_zero(ctx, struct file_touch));

	x->vault_dir = vault_dir;
	return x;
}

static void
add_place(struct file_touch *x, const char *path, bool folder)
{
	if (!path || path_is_under(path, x->vault_dir))
		return;
	GROW(x, x->places, x->nplaces, x->room_places);
	x->places[x->nplaces++] =
	    (struct place){have(talloc_strdup(x, path)), folder};
}

static void
add_object(struct file_touch *x, const struct file_state *s)
{
	if (s->what != '+')
		return;
	GROW(x, x->objects, x->nobjects, x->room_objects);
	x->objects[x->nobjects++] = (struct object){s->dev, s->ino};
}

/* The entry whose undo it is. */
static uint64_t
add_record(struct file_touch *x, const char *dir)
{
	struct file_entry m;
	uint64_t undoes = 0;
	void *ctx = have(talloc_new(NULL));

	if (path_exists(dir) && file_entry_read(ctx, dir, &m, NULL) == 0) {
		for (size_t i = 0; i < m.n; i++) {
			const struct file_item *it = &m.v[i];

			add_place(x, it->path, it->kind == FILE_PARENT);
			if (it->kind == FILE_PARENT)
				continue;
			add_place(x, it->to, false);
			add_object(x, &it->before);
			add_object(x, &it->after);
		}
		undoes = m.undoes;
	}
	talloc_free(ctx);
	x->sorted = false;
	return undoes;
}

static uint64_t
add_entry(struct file_touch *x, uint64_t id)
{
	char *dir =
	    have(talloc_asprintf(x, "%s/entries/%" PRIu64, x->vault_dir, id));
	char *again = have(talloc_asprintf(x, "%s/again", dir));
	uint64_t undoes = add_record(x, dir);

	(void)add_record(x, again);
	return undoes;
}

void
file_touch_add(struct file_touch *x, uint64_t id)
{
	uint64_t undoes = add_entry(x, id);

	if (undoes)
		(void)add_entry(x, undoes);
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->path,
		      ((const struct place *)b)->path);
}

static int
by_object(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static void
sort(struct file_touch *x)
{
	if (x->nplaces && !x->sorted)
		qsort(x->places, x->nplaces, sizeof(*x->places), by_path);
	if (x->nobjects && !x->sorted)
		qsort(x->objects, x->nobjects, sizeof(*x->objects), by_object);
	x->sorted = true;
}

/* Of those at that path: is there one (things: that is no folder only)? */
static bool
has(const struct file_touch *x, const char *path, bool things)
{
	const struct place key = {.path = path}, *end = x->places + x->nplaces,
			   *at = bsearch(&key, x->places, x->nplaces,
					 sizeof(key), by_path);

	while (at && at > x->places && !strcmp(at[-1].path, path))
		at--;
	for (; at && at < end && !strcmp(at->path, path); at++)
		if (!things || !at->folder)
			return true;
	return false;
}

static bool
has_above(const struct file_touch *x, const char *path)
{
	char *above = have(talloc_strdup(NULL, path)), *slash;
	bool so = false;

	while (!so && (slash = strrchr(above, '/')) && slash > above) {
		*slash = '\0';
		so = has(x, above, true);
	}
	talloc_free(above);
	return so;
}

/* Does x change what p is, what it is in, or, if p is no mere folder, what is
 * below it?  The other way round below is above. */
static bool
meets(const struct file_touch *x, const struct place *p)
{
	return has(x, p->path, p->folder) ||
	       (!p->folder && has_above(x, p->path));
}

static bool
any_meets(const struct file_touch *a, const struct file_touch *b)
{
	for (size_t i = 0; i < b->nplaces && a->nplaces; i++)
		if (meets(a, &b->places[i]))
			return true;
	return false;
}

bool
file_touch_same(struct file_touch *a, struct file_touch *b)
{
	sort(a);
	sort(b);
	for (size_t i = 0; i < b->nobjects && a->nobjects; i++)
		if (bsearch(&b->objects[i], a->objects, a->nobjects,
			    sizeof(*a->objects), by_object))
			return true;
	return any_meets(a, b) || any_meets(b, a);
}
