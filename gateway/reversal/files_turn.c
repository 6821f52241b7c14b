/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that changed the same things, undone in another order than
 * backwards.  Undone backwards each leads back to what was before it, to the
 * byte; so the later ones are taken back first, the last one before the
 * others, and are done again afterwards, as far as what they changed is there.
 * A command that is done again while an earlier one that it was done after is
 * undone, fits if it does with that one.
 *
 * What has been taken back and done again has another entry, to which the one
 * that people know leads: the ledger does not show the new one.  Things that
 * somebody else has changed since are no matter of turns, see files_order.c.
 */
#include "base/memory.h"
#include "base/path.h"
#include "reversal/files_undo.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TURNS_MAX     16 /* within each other */
#define PROGRESS_FROM 20

struct turned {
	uint64_t id, of;
	uint64_t now; /* what has taken its place; at first: what undoes it */
};

struct turns {
	struct turned *v;
	size_t n, room;
};

static char *
entry_dir(const struct file_turn *t, uint64_t id)
{
	return have(
	    talloc_asprintf(t->ctx, "%s/entries/%" PRIu64, t->vault_dir, id));
}

static bool
read_entry(const struct file_turn *t, uint64_t id, struct file_entry *m)
{
	char *dir = entry_dir(t, id);

	return path_exists(dir) && file_entry_read(t->ctx, dir, m, NULL) == 0 &&
	       m->id == id;
}

/* Somebody was ended after it had been done again, and before it was said. */
static uint64_t
newest(struct file_turn *t, const struct file_entry *of)
{
	uint64_t as = of->id;

	for (uint64_t id = as + 1; id < of->id + FILE_LATER_MAX; id++) {
		struct file_entry m;

		if (read_entry(t, id, &m) && m.of == of->of &&
		    m.depth % 2 == of->depth % 2 && strcmp(m.state, "undone"))
			as = id;
	}
	return as;
}

uint64_t
file_stands_as(struct file_turn *t, uint64_t id)
{
	struct file_entry m;
	bool is;

	while ((is = read_entry(t, id, &m)) && m.as > id)
		id = m.as;
	return is && !strcmp(m.state, "undone") ? newest(t, &m) : id;
}

/* By somebody who was quicker, say; and nobody was ended within it. */
bool
file_is_undone(const struct file_turn *t, uint64_t id)
{
	struct file_entry m;
	bool so = read_entry(t, id, &m) && !strcmp(m.state, "undone");

	for (uint64_t k = id + 1; so && k < id + FILE_LATER_MAX; k++)
		so = !read_entry(t, k, &m) || !m.undoes ||
		     strcmp(m.state, "open") != 0;
	return so;
}

/* For people it is the same entry. */
static int
take_place(struct file_turn *t, uint64_t id, uint64_t as, struct err *e)
{
	char *dir = entry_dir(t, id), *new = entry_dir(t, as);
	struct file_entry m, n;
	int rc = file_entry_read(t->ctx, dir, &m, e);

	if (rc == 0)
		rc = file_entry_read(t->ctx, new, &n, e);
	if (rc < 0)
		return rc;
	m.as = as;
	n.shown = m.shown ? m.shown : id;
	n.command = m.command;
	rc = file_entry_write(&n, new, e);
	if (rc == 0)
		rc = file_entry_write(&m, dir, e);
	if (rc == 0)
		rc = channel_entry_state(t->monitor, as, "dropped", "", 0, e);
	return rc;
}

static int
by_command(const void *a, const void *b)
{
	const struct turned *x = a, *y = b;

	return (x->of > y->of) - (x->of < y->of);
}

/* Those that stand, of later commands; undone: undos since of earlier ones.
 * What they change is added to `all`. */
static void
find(struct file_turn *t, const struct file_entry *of, bool undone,
     struct file_touch *all, struct turns *out)
{
	struct turns some = {0};

	for (uint64_t id = of->of + 1; id < of->id + FILE_LATER_MAX; id++) {
		struct file_entry m;

		if (!read_entry(t, id, &m) || m.of == of->of ||
		    m.depth % 2 != undone || !strcmp(m.state, "undone") ||
		    (undone ? m.of > of->of : m.of < of->of))
			continue;
		GROW(t->ctx, some.v, some.n, some.room);
		some.v[some.n++] = (struct turned){.id = id, .of = m.of};
	}
	if (some.n)
		qsort(some.v, some.n, sizeof(*some.v), by_command);
	for (size_t i = 0; i < some.n; i++) {
		struct file_touch *x = file_touch_new(t->ctx, t->vault_dir);

		file_touch_add(x, some.v[i].id);
		if (file_touch_same(all, x)) {
			file_touch_add(all, some.v[i].id);
			GROW(t->ctx, out->v, out->n, out->room);
			out->v[out->n++] = some.v[i];
		}
		talloc_free(x);
	}
}

static int in_turn(struct file_turn *t, uint64_t id, unsigned within,
		   struct undo_report *out, struct err *e);

static void
tick(struct file_turn *t)
{
	if (t->progress && t->total >= PROGRESS_FROM)
		t->progress(++t->done, t->total);
}

/* Each that was taken back, in the order of the commands. */
static int
do_again(struct file_turn *t, const struct turns *v, size_t from, struct err *e)
{
	struct undo_report r;
	int rc = 0;

	for (size_t i = from; i < v->n && !rc; i++) {
		rc = file_undo_one(t, v->v[i].now, WAY_BEFORE, false, &r, e);
		if (rc == 0)
			rc = channel_entry_state(t->monitor, v->v[i].now,
						 "dropped", "", 0, e);
		if (rc == 0)
			rc = take_place(t, v->v[i].id, r.entry, e);
		tick(t);
		if (rc < 0)
			err_wrap(e,
				 "doing %" PRIu64
				 " again, which is undone by now (undo %" PRIu64
				 ")",
				 v->v[i].id, v->v[i].now);
		for (size_t k = i; rc < 0 && k < v->n; k++)
			channel_entry_state(t->monitor, v->v[k].id, "undone",
					    "", 0, NULL);
	}
	return rc;
}

/* The last one first; *from: how far. */
static int
take_back(struct file_turn *t, struct turns *v, size_t *from, struct err *e)
{
	struct undo_report r;
	int rc = 0;

	for (*from = v->n; *from > 0; --*from) {
		struct turned *x = &v->v[*from - 1];

		rc = file_undo_one(t, x->id, WAY_BACK, false, &r, e);
		if (rc < 0)
			err_wrap(e, "taking %" PRIu64 " back before", x->id);
		if (rc)
			return rc;
		x->now = r.entry;
		tick(t);
	}
	return 0;
}

/* Those that were done again for a while, the last one first. */
static int
undo_again(struct file_turn *t, const struct turns *v, size_t n,
	   unsigned within, struct err *e)
{
	struct undo_report r;
	int rc = 0;

	for (; n > 0 && !rc; n--) {
		const struct turned *x = &v->v[n - 1];

		rc = in_turn(t, x->now, within, &r, e);
		if (rc == 0)
			rc = channel_entry_state(t->monitor, x->now, "dropped",
						 "", 0, e);
		if (rc == 0)
			rc = take_place(t, x->id, r.entry, e);
	}
	return rc;
}

/* Would it fit if the earlier ones were not undone?  They are done again for
 * that, and undone. */
static int
fits_with(struct file_turn *t, const struct file_entry *m, unsigned within,
	  struct err *e)
{
	struct file_touch *all = file_touch_new(t->ctx, t->vault_dir);
	struct turns v = {0};
	struct undo_report r;
	int rc = 0, fits = 1, back;
	size_t n = 0;

	file_touch_add(all, m->id);
	find(t, m, true, all, &v);
	if (!v.n || within >= TURNS_MAX)
		return 1;
	for (; n < v.n && !rc; n++) {
		rc = in_turn(t, v.v[n].id, within + 1, &r, e);
		v.v[n].now = r.entry;
	}
	n -= rc != 0;
	if (rc == 0)
		fits = file_undo_one(t, m->id, WAY_BACK, true, &r, e);
	back = undo_again(t, &v, n, within + 1, rc < 0 ? NULL : e);
	if (rc == 0)
		rc = back;
	return rc ? rc : fits;
}

static int
in_turn(struct file_turn *t, uint64_t id, unsigned within,
	struct undo_report *out, struct err *e)
{
	struct file_touch *all = file_touch_new(t->ctx, t->vault_dir);
	struct turns later = {0};
	struct file_entry m;
	size_t from = 0;
	int rc, again;

	memset(out, 0, sizeof(*out));
	if (!read_entry(t, id, &m))
		return 1;
	file_touch_add(all, id);
	find(t, &m, false, all, &later);
	if (!within)
		t->total = later.n * 2;
	rc = take_back(t, &later, &from, e);
	t->passes = !within;
	if (rc == 0)
		rc = file_undo_one(t, id, WAY_BACK, false, out, e);
	t->passes = false;
	if (rc > 0 && from == 0 && m.depth % 2) {
		rc = fits_with(t, &m, within, e);
		if (rc == 0)
			rc = file_undo_one(t, id, WAY_BEFORE, false, out, e);
	}
	again = do_again(t, &later, from, rc < 0 ? NULL : e);
	return again < 0 && rc >= 0 ? again : rc;
}

int
file_undo_in_turn(struct file_turn *t, uint64_t id, struct undo_report *out,
		  struct err *e)
{
	return in_turn(t, id, 0, out, e);
}
