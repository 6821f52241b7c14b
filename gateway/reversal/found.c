/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what was found. */
#include "reversal/found.h"
#include "base/limits.h"
#include "base/memory.h"
#include <string.h>

struct found *
finds_add(struct finds *f, enum item_kind kind, const char *name,
	  enum found_what what, unsigned losses, const struct mark *at)
{
	struct found *x;

	if (f->n > LIMIT_KEEP_LINKS)
		f->over = true;
	GROW(f->ctx, f->v, f->n, f->room);
	/* beyond the limit nothing is kept: the last place is used again */
	x = &f->v[f->over ? f->n - 1 : f->n++];
	memset(x, 0, sizeof(*x));
	x->kind = kind;
	x->name = name;
	x->what = what;
	x->losses = losses;
	if (at)
		x->at = *at;
	return x;
}

static int
by_name(const void *a, const void *b)
{
	const struct found *p = a, *q = b;
	int cmp = (p->kind > q->kind) - (p->kind < q->kind);

	if (!cmp)
		cmp = strcmp(p->name, q->name);
	/* the more telling kind of finding first: the joined one keeps it */
	return cmp ? cmp : (p->what > q->what) - (p->what < q->what);
}

void
finds_settle(struct finds *f)
{
	size_t k = 0;

	if (!f->n)
		return;
	qsort(f->v, f->n, sizeof(*f->v), by_name);
	for (size_t i = 1; i < f->n; i++) {
		struct found *a = &f->v[k], *b = &f->v[i];

		if (a->kind != b->kind || strcmp(a->name, b->name)) {
			f->v[++k] = *b;
			continue;
		}
		a->losses |= b->losses;
		a->own_bytes |= b->own_bytes;
		a->unit &= b->unit;
	}
	f->n = k + 1;
}

struct found *
finds_find(const struct finds *f, enum item_kind kind, const char *name)
{
	struct found key = {.kind = kind, .name = name};
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		key.what = f->v[mid].what;
		if (by_name(&f->v[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == f->n || f->v[lo].kind != kind || strcmp(f->v[lo].name, name))
		return NULL;
	return &f->v[lo];
}
