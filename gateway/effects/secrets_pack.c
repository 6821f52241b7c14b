/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's packs, alone or in a bundle: entries of a small header and a stream of
 * zlib.  Of an object that is told by another one: what is new in it, and what
 * stands next to that.
 */
#include "effects/secrets_pack.h"
#include "base/memory.h"
#include <string.h>
#include <zlib.h>

#define HEAD	  12		     /* PACK, version, number of objects */
#define BATCH	  ((size_t)64 << 10) /* small ones are looked at together */
#define KEPT	  ((size_t)64 << 10) /* the largest to tell others by */
#define KEPT_ALL  ((size_t)32 << 20)
#define BESIDE	  128u /* bytes of what was there before */
#define OFS_DELTA 6
#define REF_DELTA 7

struct object {
	size_t at; /* where its entry begins */
	const unsigned char *p;
	size_t len;
};

struct pack {
	struct sink *to;
	const unsigned char *p;
	size_t len, at;
	z_stream z;
	char *batch; /* BATCH bytes */
	size_t batched;
	struct object *v; /* in the order of their places */
	size_t n, room, kept;
};

/* An entry's header. */
struct entry {
	size_t at, base; /* base: SIZE_MAX: not known */
	unsigned type, id;
};

bool
pack_is(const char *p, size_t len)
{
	return len > HEAD && (!memcmp(p, "PACK\0\0\0\2", 8) ||
			      !memcmp(p, "PACK\0\0\0\3", 8) ||
			      !memcmp(p, "# v2 git bundle\n", HEAD + 1) ||
			      !memcmp(p, "# v3 git bundle\n", HEAD + 1));
}

size_t
pack_within(const char *p, size_t len)
{
	const char *at = p, *end = p + len;

	while (at < end &&
	       (at = memmem(at, (size_t)(end - at), "PACK\0\0\0", 7))) {
		if (pack_is(at, (size_t)(end - at)))
			return (size_t)(at - p);
		at++;
	}
	return len;
}

static void
flush(struct pack *k)
{
	if (k->batched)
		sink_pass(k->to, k->batch, k->batched);
	k->batched = 0;
}

static void
pass(struct pack *k, const char *p, size_t len)
{
	if (len >= BATCH || packed_is(p, len)) {
		sink_pass(k->to, p, len);
		return;
	}
	if (k->batched + len + 1 > BATCH)
		flush(k);
	memcpy(k->batch + k->batched, p, len);
	k->batched += len;
	k->batch[k->batched++] = '\n';
}

static void
keep(struct pack *k, size_t at, const char *p, size_t len)
{
	if (!len || len > KEPT || k->kept + len > KEPT_ALL)
		return;
	GROW(k->batch, k->v, k->n, k->room);
	k->v[k->n++] =
	    (struct object){at, have(talloc_memdup(k->batch, p, len)), len};
	k->kept += len;
}

static const struct object *
kept(const struct pack *k, size_t at)
{
	size_t from = 0, to = k->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (k->v[mid].at == at)
			return &k->v[mid];
		if (k->v[mid].at < at)
			from = mid + 1;
		else
			to = mid;
	}
	return NULL;
}

/* --- what tells an object by another one -----------------------------------
 */

struct delta {
	const unsigned char *p;
	size_t len, at;
	const struct object *base; /* NULL: not known */
	char *full, *shown;	   /* shown: without what was there before */
	size_t nfull, nshown;
};

static void
number(struct delta *d)
{
	while (d->at < d->len && d->p[d->at++] & 0x80)
		;
}

static void
show(struct delta *d, const void *p, size_t len)
{
	memcpy(d->shown + d->nshown, p, len);
	d->nshown += len;
}

static void
copy(struct delta *d, unsigned char op)
{
	size_t from = 0, len = 0;
	const unsigned char *p;

	for (unsigned i = 0; i < 7; i++) {
		size_t byte;

		if (!(op & 1u << i))
			continue;
		byte = d->at < d->len ? d->p[d->at++] : 0;
		if (i < 4)
			from |= byte << 8 * i;
		else
			len |= byte << 8 * (i - 4);
	}
	len = len ? len : 0x10000;
	if (d->base && (from > d->base->len || len > d->base->len - from ||
			len > KEPT - d->nfull))
		d->base = NULL;
	if (!d->base) {
		show(d, "\n", 1);
		return;
	}
	p = d->base->p + from;
	memcpy(d->full + d->nfull, p, len);
	d->nfull += len;
	if (len <= 2 * BESIDE) {
		show(d, p, len);
		return;
	}
	show(d, p, BESIDE);
	show(d, "\n", 1);
	show(d, p + len - BESIDE, BESIDE);
}

static void
read_delta(struct pack *k, const struct entry *e, const char *p, size_t len)
{
	struct delta d = {.p = (const unsigned char *)p,
			  .len = len,
			  .base =
			      e->base == SIZE_MAX ? NULL : kept(k, e->base)};
	/* of a base: no more than all that is kept, and a line end for each
	 * that was left out; else: no more than there is here */
	d.shown = have(talloc_size(k->batch, len + KEPT + 1));
	d.full = have(talloc_size(k->batch, KEPT));
	number(&d);
	number(&d);
	while (d.at < d.len) {
		unsigned char op = d.p[d.at++];
		size_t n = op < d.len - d.at ? op : d.len - d.at;

		if (op & 0x80) {
			copy(&d, op);
			continue;
		}
		if (d.base && n <= KEPT - d.nfull) {
			memcpy(d.full + d.nfull, d.p + d.at, n);
			d.nfull += n;
		} else {
			d.base = NULL;
		}
		show(&d, d.p + d.at, n);
		d.at += n;
	}
	pass(k, d.shown, d.nshown);
	if (d.base)
		keep(k, e->at, d.full, d.nfull);
	talloc_free(d.full);
	talloc_free(d.shown);
}

/* --- entries ---------------------------------------------------------------
 */

static bool
header(struct pack *k, struct entry *e)
{
	unsigned char c;
	size_t back;

	*e = (struct entry){.at = k->at, .base = SIZE_MAX};
	if (k->at >= k->len)
		return false;
	c = k->p[k->at++];
	e->type = c >> 4 & 7;
	while (c & 0x80 && k->at < k->len)
		c = k->p[k->at++];
	if (e->type == REF_DELTA)
		e->id = 20; /* bytes */
	if (e->type == OFS_DELTA && k->at < k->len) {
		c = k->p[k->at++];
		back = c & 0x7f;
		while (c & 0x80 && k->at < k->len && back < SIZE_MAX >> 8) {
			c = k->p[k->at++];
			back = (back + 1) << 7 | (c & 0x7f);
		}
		if (back <= e->at)
			e->base = e->at - back;
	}
	return k->at < k->len && e->type && e->type != 5;
}

/* Into the sink's buffer; false: it is none, or was enough. */
static bool
inflated(struct pack *k, size_t at)
{
	struct sink *to = k->to;
	int rc = Z_OK;

	to->have = to->old = 0;
	if (at >= k->len || inflateReset(&k->z) != Z_OK)
		return false;
	while (rc == Z_OK && !to->enough && to->whole) {
		size_t in = k->len - at, room = to->room - to->have;

		k->z.next_in = (z_const Bytef *)k->p + at;
		k->z.avail_in = (uInt)(in < 1u << 30 ? in : 1u << 30);
		in = k->z.avail_in;
		k->z.next_out = (Bytef *)to->buffer + to->have;
		k->z.avail_out = (uInt)room;
		rc = inflate(&k->z, Z_NO_FLUSH);
		at += in - k->z.avail_in;
		sink_filled(to, NULL, room - k->z.avail_out);
	}
	if (rc == Z_STREAM_END)
		k->at = at;
	return rc == Z_STREAM_END;
}

static void
object(struct pack *k, const struct entry *e)
{
	struct sink *to = k->to;
	bool delta = e->type == OFS_DELTA || e->type == REF_DELTA;

	if (to->enough)
		return;
	if (to->old) {
		sink_end(to, NULL);
		return;
	}
	if (delta) {
		read_delta(k, e, to->buffer, to->have);
	} else {
		keep(k, e->at, to->buffer, to->have);
		pass(k, to->buffer, to->have);
	}
	to->have = 0;
	sink_end(to, NULL);
}

/* The objects of one pack; what is damaged ends it. */
static void
walk(struct pack *k)
{
	struct sink *to = k->to;
	struct entry e;
	size_t at;

	while (!to->enough && to->whole && header(k, &e)) {
		to->together = e.type == OFS_DELTA || e.type == REF_DELTA;
		at = k->at;
		/* the name of what it is told by has 20 bytes, or 32 */
		if (!inflated(k, at + e.id) &&
		    (!e.id || !to->whole || !inflated(k, at + e.id + 12))) {
			/* as far as it goes */
			object(k, &e);
			return;
		}
		object(k, &e);
	}
}

void
pack_each(struct sink *to, const char *bytes, size_t len)
{
	struct pack k = {
	    .to = to, .p = (const unsigned char *)bytes, .len = len};

	k.batch = have(talloc_size(NULL, BATCH));
	if (inflateInit(&k.z) != Z_OK)
		BUG("out of memory");
	while (!to->enough && to->whole && k.at < len) {
		k.at += pack_within(bytes + k.at, len - k.at);
		if (k.at >= len)
			break;
		/* places are counted from its beginning on; they differ by as
		 * much */
		k.at += HEAD;
		walk(&k);
		to->together = false;
	}
	if (!to->enough)
		flush(&k);
	(void)inflateEnd(&k.z);
	talloc_free(k.batch);
}
