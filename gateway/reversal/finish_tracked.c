/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the command: tracked files that were clean and have changed, and
 * files that it made.  A clean file's bytes were its blob's.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char *
id_text(struct reversal *r, const struct index_entry *ie)
{
	return text_hex(r, index_id(ie), 20);
}

/* The present of a path; from the new index where its stat data vouches for
 * it, else by hashing. */
static int
value_now(struct reversal *r, const struct scan *s, const char *name,
	  const struct index_file *now, const struct mark *m, struct value *v,
	  struct err *e)
{
	const struct index_entry *ie = NULL;
	struct mark again;

	if (!*s->prefix && !s->conversions && now->id_len == 20)
		ie = index_find(now, name);
	if (ie && S_ISREG(m->mode) && !index_stage(ie) &&
	    !index_intent_to_add(ie) && scan_stat_clean(now, ie, m)) {
		*v = (struct value){.kind = VALUE_BLOB,
				    .mode = m->mode,
				    .size = m->size,
				    .text = id_text(r, ie)};
		return 0;
	}
	return places_value(r, r->tree, name, v, &again, e);
}

void
tracked_before(struct reversal *r, const struct scan *s, size_t i,
	       struct value *v)
{
	const struct index_entry *ie = &s->x.v[i];
	const struct mark *m = &s->marks[i];

	memset(v, 0, sizeof(*v));
	if (!m->mode) {
		v->kind = VALUE_ABSENT;
	} else if (S_ISDIR(m->mode)) {
		v->kind = VALUE_DIR;
		v->mode = m->mode;
	} else if (s->state[i] != TRACKED_CLEAN || s->x.id_len != 20) {
		v->kind = VALUE_OTHER;
		v->text = "not kept";
	} else {
		v->kind = S_ISLNK(m->mode) ? VALUE_LINK : VALUE_BLOB;
		v->mode = m->mode;
		v->size = m->size;
		v->text = id_text(r, ie);
	}
}

static int
compare_clean(struct reversal *r, struct scan *s, const struct index_file *now,
	      bool *changed, struct err *e)
{
	struct mark *marks;
	int rc = 0;

	if (!s->marks)
		return 0;
	marks = have(talloc_array(r, struct mark, s->x.n + 1));
	marks_take(s, r->tree_fd, marks, NULL);
	for (size_t i = 0; i < s->x.n && !rc; i++) {
		const char *name = s->x.v[i].path;
		const struct mark *m = &marks[i];
		char *made = NULL;
		struct item *it;
		bool same;

		if (i && !strcmp(s->x.v[i - 1].path, name))
			continue;
		if (*s->prefix)
			name = made =
			    have(talloc_asprintf(r, "%s%s", s->prefix, name));
		same = mark_same(m, &s->marks[i], true);
		it = manifest_find(&r->m, ITEM_FILE, name);
		if ((same && !it) ||
		    (it && finds_find(&r->finds, ITEM_FILE, name))) {
			talloc_free(made);
			continue;
		}
		if (same) {
			it->after = it->before;
			continue;
		}
		it = manifest_add(&r->m, ITEM_FILE, name);
		tracked_before(r, s, i, &it->before);
		rc = value_now(r, s, name, now, m, &it->after, e);
		*changed |= !value_equal(&it->before, &it->after);
	}
	talloc_free(marks);
	return rc;
}

/* Did the command touch it?  Else it was there before, untracked. */
static bool
since_start(const struct reversal *r, const struct mark *m)
{
	return m->ctime_s > r->start.tv_sec ||
	       (m->ctime_s == r->start.tv_sec &&
		m->ctime_ns >= (uint32_t)r->start.tv_nsec);
}

static int
created(struct reversal *r, const struct scan *s, const char *name,
	const struct index_file *now, bool any_age, struct err *e)
{
	struct value v;
	struct item *it;
	struct mark m;
	int rc;

	if (manifest_find(&r->m, ITEM_FILE, name) ||
	    places_mark(r->tree, name, &m) != 0 || S_ISDIR(m.mode) ||
	    (!any_age && !since_start(r, &m)))
		return 0;
	rc = value_now(r, s, name, now, &m, &v, e);
	it = manifest_add(&r->m, ITEM_FILE, name);
	it->before.kind = VALUE_ABSENT;
	it->after = v;
	return rc;
}

/* Entries that the new index has and the old one had not. */
static int
new_entries(struct reversal *r, const struct index_file *now, struct err *e)
{
	const struct index_file *was = &r->main.x;
	size_t k = 0;
	int rc = 0;

	for (size_t i = 0; i < now->n && !rc; i++) {
		const char *path = now->v[i].path;

		while (k < was->n && strcmp(was->v[k].path, path) < 0)
			k++;
		if (k < was->n && !strcmp(was->v[k].path, path))
			continue;
		rc = created(r, &r->main, path, now, false, e);
	}
	return rc;
}

/* What code of others left lying about, where all that was there before is
 * known. */
static int
new_untracked(struct reversal *r, const struct index_file *now, struct err *e)
{
	struct finds before = r->finds;
	struct index_file x = r->main.x;
	int rc;

	memset(&r->finds, 0, sizeof(r->finds));
	r->finds.ctx = r;
	r->main.x = *now;
	rc = assess_untracked(r, LOSS_UNTRACKED, 0, e);
	r->main.x = x;
	for (size_t i = 0; i < r->finds.n && !rc; i++) {
		const char *name = r->finds.v[i].name;

		if (!finds_find(&before, ITEM_FILE, name) &&
		    !index_find(&x, name))
			rc = created(r, &r->main, name, now, true, e);
	}
	r->finds = before;
	return rc;
}

/* Was the directory there before?  Where all untracked ones are known, by
 * that; else by its birth. */
static bool
was_there(const struct reversal *r, const char *dir, const struct statx *st)
{
	if ((r->what & LOSS_ANYTHING) == LOSS_ANYTHING &&
	    !finds_find(&r->finds, ITEM_FILE, dir) &&
	    !index_has_below(&r->main.x, dir))
		return false;
	return (st->stx_mask & STATX_BTIME) &&
	       (st->stx_btime.tv_sec < r->start.tv_sec ||
		(st->stx_btime.tv_sec == r->start.tv_sec &&
		 st->stx_btime.tv_nsec < (uint32_t)r->start.tv_nsec));
}

/* A directory that was there before stays when undo takes away the only file
 * in it: the entry then knows the directory. */
static void
note_parent(struct reversal *r, const char *name)
{
	const char *slash = strrchr(name, '/'), *leaf;
	struct statx st;
	struct item *it;
	char *dir;
	int fd;

	if (!slash)
		return;
	fd = places_parent(r->tree, name, &leaf);
	dir = have(talloc_strndup(r, name, (size_t)(slash - name)));
	if (fd < 0 || manifest_find(&r->m, ITEM_FILE, dir) ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_MODE, &st) < 0 ||
	    !was_there(r, dir, &st))
		return;
	it = manifest_add(&r->m, ITEM_FILE, dir);
	it->before = (struct value){.kind = VALUE_DIR, .mode = st.stx_mode};
	it->after = it->before;
}

void
finish_parents(struct reversal *r)
{
	size_t n = r->m.n;

	for (size_t i = 0; r->tree && i < n; i++)
		if (r->m.items[i].kind == ITEM_FILE &&
		    r->m.items[i].before.kind == VALUE_ABSENT)
			note_parent(r, r->m.items[i].name);
}

int
finish_tracked(struct reversal *r, const struct index_file *now, bool *matters,
	       struct err *e)
{
	bool changed = false;
	int rc = compare_clean(r, &r->main, now, &changed, e);

	for (size_t i = 0; i < r->nsubs && !rc; i++)
		rc = compare_clean(r, &r->subs[i], now, &changed, e);
	if (rc == 0 && now->raw)
		rc = new_entries(r, now, e);
	if (rc == 0 && (r->what & LOSS_ANYTHING) == LOSS_ANYTHING)
		rc = new_untracked(r, now, e);
	if (changed && r->journal)
		*matters = true;
	return rc;
}
