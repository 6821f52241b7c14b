/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks from the tips and from everything else at once, newest first, until
 * nothing is left that only the tips reach.  A clock that ran backwards can
 * make a commit look lost that is not, never the other way round.
 */
#include "reversal/reach.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include <string.h>

#define OURS  1u /* reached from the tips */
#define KEPT  2u /* reached from something that stays */
#define QUEUE 4u

struct node {
	git_oid id;
	int64_t time;
	uint32_t flags;
	uint32_t parents, nparents; /* in the pool */
	bool read;
};

struct walk {
	void *ctx;
	git_odb *odb;
	struct node *v; /* [0] unused */
	size_t n, room;
	uint32_t *slots;
	size_t nslots;
	uint32_t *heap;
	size_t nheap, heap_room;
	uint32_t *pool; /* parents */
	size_t npool, pool_room;
	size_t open;	/* queued nodes that only the tips reach */
	int64_t oldest; /* of those that came off the queue */
	bool broken;
};

static size_t
slot_of(const struct walk *w, const git_oid *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->id, sizeof(h));
	i = h & (w->nslots - 1);
	while (w->slots[i] && memcmp(w->v[w->slots[i]].id.id, id->id, 20))
		i = (i + 1) & (w->nslots - 1);
	return i;
}

static uint32_t
node_for(struct walk *w, const git_oid *id)
{
	size_t i;

	if (w->n * 2 >= w->nslots) {
		w->nslots = w->nslots ? w->nslots * 2 : 4096;
		talloc_free(w->slots);
		w->slots = have(talloc_zero_array(w->ctx, uint32_t, w->nslots));
		for (size_t k = 1; k < w->n; k++)
			w->slots[slot_of(w, &w->v[k].id)] = (uint32_t)k;
	}
	i = slot_of(w, id);
	if (w->slots[i])
		return w->slots[i];
	if (w->n == 0)
		w->n = 1;
	if (w->n >= w->room) {
		w->room = w->room ? w->room * 2 : 2048;
		w->v = have(talloc_realloc(w->ctx, w->v, struct node, w->room));
	}
	memset(&w->v[w->n], 0, sizeof(*w->v));
	w->v[w->n].id = *id;
	w->slots[i] = (uint32_t)w->n;
	return (uint32_t)w->n++;
}

static bool
newer(const struct walk *w, uint32_t a, uint32_t b)
{
	return w->v[a].time > w->v[b].time;
}

static void
push(struct walk *w, uint32_t k)
{
	size_t i;

	if (w->nheap == w->heap_room) {
		w->heap_room = w->heap_room ? w->heap_room * 2 : 1024;
		w->heap = have(
		    talloc_realloc(w->ctx, w->heap, uint32_t, w->heap_room));
	}
	i = w->nheap++;
	while (i && newer(w, k, w->heap[(i - 1) / 2])) {
		w->heap[i] = w->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	w->heap[i] = k;
}

static uint32_t
pop(struct walk *w)
{
	uint32_t top = w->heap[0], last = w->heap[--w->nheap];
	size_t i = 0, c;

	while ((c = i * 2 + 1) < w->nheap) {
		if (c + 1 < w->nheap && newer(w, w->heap[c + 1], w->heap[c]))
			c++;
		if (!newer(w, w->heap[c], last))
			break;
		w->heap[i] = w->heap[c];
		i = c;
	}
	if (w->nheap)
		w->heap[i] = last;
	return top;
}

static bool
only_ours(uint32_t flags)
{
	return (flags & (OURS | KEPT)) == OURS;
}

/* "parent <hex>\n" lines and the time of "committer ... <time> <zone>\n". */
static bool
parse_commit(struct walk *w, uint32_t k, const char *p, size_t len)
{
	const char *end = p + len, *nl;

	w->v[k].parents = (uint32_t)w->npool;
	while (p < end && (nl = memchr(p, '\n', (size_t)(end - p))) && nl > p) {
		if (nl - p == 47 && !memcmp(p, "parent ", 7)) {
			git_oid id;
			uint32_t parent;

			if (git_oid_fromstrn(&id, p + 7, 40) < 0)
				return false;
			parent = node_for(w, &id);
			GROW(w->ctx, w->pool, w->npool, w->pool_room);
			w->pool[w->npool++] = parent;
			w->v[k].nparents++;
		} else if (nl - p > 10 && !memcmp(p, "committer ", 10)) {
			const char *q = nl;

			while (q > p && *q != '>')
				q--;
			/* ends at the line feed */
			w->v[k].time = strtoll(q + 1, NULL, 10);
			return true;
		}
		p = nl + 1;
	}
	return false;
}

/* Reads a commit once; tags lead on to what they name.  0: no commit. */
static uint32_t
read_commit(struct walk *w, const git_oid *id, bool must)
{
	git_odb_object *o = NULL;
	git_oid at = *id;
	uint32_t k = 0;
	bool ok;

	for (int i = 0; i < 10; i++) {
		k = node_for(w, &at);
		if (w->v[k].read)
			return k;
		if (git_odb_read(&o, w->odb, &at) < 0) {
			w->broken |= must;
			return 0;
		}
		if (git_odb_object_type(o) == GIT_OBJECT_TAG &&
		    git_odb_object_size(o) > 47 &&
		    git_oid_fromstrn(&at,
				     (const char *)git_odb_object_data(o) + 7,
				     40) == 0) {
			git_odb_object_free(o);
			continue;
		}
		if (git_odb_object_type(o) != GIT_OBJECT_COMMIT) {
			git_odb_object_free(o);
			return 0;
		}
		/* parents are added meanwhile: the array may move */
		ok = parse_commit(w, k, git_odb_object_data(o),
				  git_odb_object_size(o));
		w->v[k].read = ok;
		w->broken |= !ok;
		git_odb_object_free(o);
		return ok ? k : 0;
	}
	return 0;
}

/* Adds flags to a node; it is queued again when it learns something new. */
static void
mark(struct walk *w, uint32_t k, uint32_t flags)
{
	struct node *n = &w->v[k];
	uint32_t before = n->flags;

	if ((before & flags) == flags)
		return;
	n->flags |= flags;
	if (before & QUEUE) {
		if (only_ours(before) && !only_ours(n->flags))
			w->open--;
		return;
	}
	n->flags |= QUEUE;
	w->open += only_ours(n->flags);
	push(w, k);
}

/* One commit off the queue, its parents on it. */
static void
step(struct walk *w)
{
	uint32_t k = pop(w), flags, first, count;

	w->v[k].flags &= ~QUEUE;
	flags = w->v[k].flags;
	if (only_ours(flags)) {
		w->open--;
		if (w->v[k].time < w->oldest)
			w->oldest = w->v[k].time;
	}
	first = w->v[k].parents;
	count = w->v[k].nparents;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t p = w->pool[first + i];
		git_oid id = w->v[p].id;

		if (!w->v[p].read && !read_commit(w, &id, only_ours(flags)))
			continue;
		mark(w, p, flags & (OURS | KEPT));
	}
}

/* Commits of one second come off the queue in any order: what is queued may
 * yet turn out to stand before one that looked lost. */
static bool
undecided(const struct walk *w)
{
	return w->open || (w->nheap && w->v[w->heap[0]].time >= w->oldest);
}

static void
collect(struct walk *w, void *ctx, struct reach *out)
{
	size_t room = 0;

	for (size_t k = 1; k < w->n; k++) {
		if (!only_ours(w->v[k].flags) || w->v[k].flags & QUEUE)
			continue;
		if (ctx) {
			GROW(ctx, out->ids, out->lost, room);
			out->ids[out->lost] = w->v[k].id;
		}
		out->lost++;
	}
}

static bool
among(const git_oid *id, const git_oid *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (git_oid_equal(id, &v[i]))
			return true;
	return false;
}

void
reach_lost(void *ctx, git_repository *git, const git_oid *tips, size_t ntips,
	   const git_oid *others, size_t nothers, int limit_ms,
	   struct reach *out)
{
	struct walk w = {.ctx = have(talloc_new(NULL)), .oldest = INT64_MAX};
	int64_t until = now_ms() + limit_ms;
	size_t steps = 0;
	bool late = false;

	memset(out, 0, sizeof(*out));
	if (git_repository_odb(&w.odb, git) < 0) {
		talloc_free(w.ctx);
		return;
	}
	for (size_t i = 0; i < ntips; i++) {
		uint32_t k;

		/* the cheap answer: something else points at it as well */
		if (ntips * nothers < 1000000 &&
		    among(&tips[i], others, nothers))
			continue;
		k = read_commit(&w, &tips[i], true);
		if (k)
			mark(&w, k, OURS);
	}
	for (size_t i = 0; i < nothers && w.open; i++) {
		uint32_t k = read_commit(&w, &others[i], false);

		if (k)
			mark(&w, k, KEPT);
		if (i % 64 == 63 && now_ms() > until) {
			late = true;
			break;
		}
	}
	while (undecided(&w) && !late && !w.broken) {
		step(&w);
		if (++steps % 256)
			continue;
		late = now_ms() > until || steps > LIMIT_WALK_COMMITS;
	}
	out->known = !late && !w.broken;
	collect(&w, ctx, out);
	git_odb_free(w.odb);
	talloc_free(w.ctx);
}

char *
reach_subject(void *ctx, git_repository *git, const git_oid *id)
{
	git_commit *c = NULL;
	const char *s;
	char *out;
	size_t n;

	if (git_commit_lookup(&c, git, id) < 0)
		return have(talloc_strdup(ctx, ""));
	s = git_commit_summary(c);
	n = s ? strlen(s) : 0;
	out = text_safe_len(ctx, s ? s : "", n > 60 ? 60 : n);
	if (n > 60)
		out = have(talloc_asprintf_append(out, "..."));
	git_commit_free(c);
	return out;
}
