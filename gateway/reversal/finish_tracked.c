/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the command: tracked files that were clean and have changed, and
 * files that it made.  A clean file's bytes were its blob's.
 */
#include "base/own.h"
#include "base/text.h"
#include "reversal/memory.h"
#include "reversal/reversal_work.h"
#include <errno.h>
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
		*v = (struct value){.kind = VALUE_BLOB, .mode = m->mode,
				    .size = m->size, .text = id_text(r, ie)};
		return 0;
	}
	return places_value(r, r->tree, name, v, &again, e);
}

static void
value_before(struct reversal *r, const struct scan *s, size_t i,
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
	int rc = 0;

	for (size_t i = 0; s->marks && i < s->x.n && !rc; i++) {
		const char *name = s->x.v[i].path;
		char *made = NULL;
		struct item *it;
		struct mark m;

		if (i && !strcmp(s->x.v[i - 1].path, name))
			continue;
		if (*s->prefix)
			name = made = have(talloc_asprintf(
			    r, "%s%s", s->prefix, name));
		places_mark(r->tree, name, &m);
		if (mark_same(&m, &s->marks[i], true) ||
		    manifest_find(&r->m, ITEM_FILE, name)) {
			talloc_free(made);
			continue;
		}
		it = manifest_add(&r->m, ITEM_FILE, name);
		value_before(r, s, i, &it->before);
		rc = value_now(r, s, name, now, &m, &it->after, e);
		*changed |= !value_equal(&it->before, &it->after);
	}
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
	const struct index_file *now, struct err *e)
{
	struct value v;
	struct item *it;
	struct mark m;
	int rc;

	if (manifest_find(&r->m, ITEM_FILE, name) ||
	    places_mark(r->tree, name, &m) != 0 || S_ISDIR(m.mode) ||
	    !since_start(r, &m))
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
		rc = created(r, &r->main, path, now, e);
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
			rc = created(r, &r->main, name, now, e);
	}
	r->finds = before;
	return rc;
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
