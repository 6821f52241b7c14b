/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known values, or twelve bytes on end of one, in one pass that looks at every
 * fifth place: among twelve bytes there are five windows of eight (among
 * eight, five of four), and one of them begins where it looks.
 */
#include "base/memory.h"
#include "base/text.h"
#include "effects/secrets_work.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define ENOUGH 12	   /* bytes of a value */
#define ROOM   (64u << 10) /* bytes of values that are encoded */

struct reading {
	const char *bytes;
	size_t len, need;
	const struct secret_value *of;
};

struct window {
	uint32_t reading, offset, next; /* next: index + 1 */
};

struct table {
	unsigned width, bits; /* of a window; of the filter's index */
	unsigned char *filter;
	uint32_t *heads; /* 1 << (bits - 4) */
	struct window *v;
	size_t n;
};

struct windows {
	const struct secret_values *values;
	struct reading *readings;
	size_t nreadings;
	struct runs_set runs;
	struct table wide, narrow;
};

static size_t
kinds_of(const char *p, size_t len)
{
	bool seen[256] = {false};
	size_t kinds = 0;

	for (size_t i = 0; i < len; i++)
		if (!seen[(unsigned char)p[i]]) {
			seen[(unsigned char)p[i]] = true;
			kinds++;
		}
	return kinds;
}

/* --- other forms -----------------------------------------------------------
 */

size_t
secrets_base64(const char *bytes, size_t len, unsigned skip, bool url, char *to,
	       unsigned *at)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t first = (skip * 8 + 5) / 6, end = (skip + len) * 8 / 6, n = 0;

	*at = (unsigned)first;
	for (size_t d = first; d < end; d++) {
		unsigned value = 0;

		for (size_t bit = d * 6; bit < d * 6 + 6; bit++) {
			unsigned char c = (unsigned char)bytes[bit / 8 - skip];

			value = value << 1 | (c >> (7 - bit % 8) & 1);
		}
		to[n++] = value < 62	? digits[value]
			  : value == 62 ? (url ? '-' : '+')
					: (url ? '_' : '/');
	}
	return n;
}

/* --- making ----------------------------------------------------------------
 */

static inline __attribute__((always_inline)) uint32_t
hash(const char *p, unsigned width, unsigned bits)
{
	uint64_t x;
	uint32_t y;

	if (width == 8) {
		memcpy(&x, p, 8);
	} else {
		memcpy(&y, p, 4);
		x = y;
	}
	return (uint32_t)(x * 0x9e3779b97f4a7c15ull >> (64 - bits));
}

static void
begin(void *ctx, struct table *t, unsigned width, unsigned bits)
{
	t->width = width;
	t->bits = bits;
	t->filter =
	    have(talloc_zero_array(ctx, unsigned char, (1u << bits) / 8));
	t->heads = have(talloc_zero_array(ctx, uint32_t, 1u << (bits - 4)));
}

static void
put(struct windows *w, const char *bytes, size_t len, size_t need,
    const struct secret_value *of)
{
	struct table *t = len < ENOUGH ? &w->narrow : &w->wide;

	if (len < 8)
		return;
	runs_add(&w->runs, bytes, len);
	if (w->nreadings % 64 == 0)
		w->readings =
		    have(talloc_realloc(w, w->readings, struct reading,
					(unsigned)w->nreadings + 64));
	w->readings[w->nreadings++] = (struct reading){
	    bytes, len, len < need || len < ENOUGH ? len : need, of};
	for (size_t o = 0; o + t->width <= len; o++) {
		uint32_t h = hash(bytes + o, t->width, t->bits), *head;

		if (kinds_of(bytes + o, t->width) < 3)
			continue;
		if (t->n % 1024 == 0)
			t->v = have(talloc_realloc(w, t->v, struct window,
						   (unsigned)t->n + 1024));
		head = &t->heads[h & ((1u << (t->bits - 4)) - 1)];
		t->v[t->n++] = (struct window){(uint32_t)w->nreadings - 1,
					       (uint32_t)o, *head};
		*head = (uint32_t)t->n;
		t->filter[h >> 3] |= (unsigned char)(1 << (h & 7));
	}
}

static void
put_encoded(struct windows *w, const struct secret_value *x)
{
	static const char *const digits[] = {"0123456789abcdef",
					     "0123456789ABCDEF"};
	char *to;
	unsigned at;
	size_t n;

	for (unsigned skip = 0; skip < 3; skip++)
		for (int url = 0; url < 2; url++) {
			to = have(talloc_size(w, x->len * 4 / 3 + 4));
			n = secrets_base64(x->bytes, x->len, skip, url, to,
					   &at);
			/* the two alphabets seldom differ */
			if (!url || memchr(to, '-', n) || memchr(to, '_', n))
				put(w, to, n, ENOUGH / 3 * 4, x);
		}
	for (int k = 0; k < 2; k++) {
		to = have(talloc_size(w, x->len * 2));
		for (size_t i = 0; i < x->len; i++) {
			unsigned char c = (unsigned char)x->bytes[i];

			to[2 * i] = digits[k][c >> 4];
			to[2 * i + 1] = digits[k][c & 15];
		}
		put(w, to, x->len * 2, ENOUGH * 2, x);
	}
	to = have(talloc_size(w, x->len));
	for (size_t i = 0; i < x->len; i++)
		to[i] = x->bytes[x->len - 1 - i];
	put(w, to, x->len, ENOUGH, x);
}

/* As it is where nothing but its letters is looked at. */
static void
put_letters(struct windows *w, const struct secret_value *x)
{
	char *to = have(talloc_size(w, x->len));
	size_t n = frames_letters(x->bytes, x->len, to), digits = 0;

	for (size_t i = 0; i < n; i++)
		digits += isdigit((unsigned char)to[i]) != 0;
	/* else it may be words */
	if (n < x->len && n >= 16 && digits > 1 && kinds_of(to, n) >= 10)
		put(w, to, n, ENOUGH, x);
}

/* A value of words stands in other text by parts: as a whole alone it says
 * something. */
static bool
is_words(const struct secret_value *x)
{
	for (size_t i = 0; i < x->len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz-_. ", x->bytes[i]))
			return false;
	return true;
}

struct windows *
windows_make(void *ctx, const struct secret_values *values, enum windows_of of)
{
	struct windows *w = have(talloc_zero(ctx, struct windows));
	size_t bytes = 0;
	unsigned bits = 12;

	for (size_t i = 0; i < values->n; i++)
		bytes += values->v[i].len;
	/* a few windows of a hundred: it shall stay in the cache */
	while (bits < 20 &&
	       1u << bits < bytes * (of == WINDOWS_ENCODED ? 320 : 32))
		bits++;
	w->values = values;
	runs_begin(&w->runs);
	begin(w, &w->wide, 8, bits);
	begin(w, &w->narrow, 4, bits < 16 ? bits : 16);
	bytes = 0;
	for (size_t i = 0; i < values->n; i++) {
		const struct secret_value *x = &values->v[i];

		put(w, x->bytes, x->len,
		    of == WINDOWS_WHOLE || is_words(x) ? x->len : ENOUGH, x);
		if (of != WINDOWS_WHOLE)
			put_letters(w, x);
		bytes += x->len;
		if (of == WINDOWS_ENCODED && bytes <= ROOM && !is_words(x))
			put_encoded(w, x);
	}
	return w;
}

/* --- scanning --------------------------------------------------------------
 */

/* Enough of it around this window, and not of a kind that is anywhere. */
static bool
is_there(const struct reading *r, size_t offset, const char *p, size_t i,
	 size_t len)
{
	size_t left = 0, right = 0;

	while (left < i && left < offset &&
	       p[i - left - 1] == r->bytes[offset - left - 1])
		left++;
	while (i + right < len && offset + right < r->len &&
	       p[i + right] == r->bytes[offset + right])
		right++;
	if (left + right < r->need)
		return false;
	if (r->len < ENOUGH)
		return true;
	for (size_t k = i - left; k + ENOUGH <= i + right; k++)
		if (kinds_of(p + k, ENOUGH) >= 6)
			return true;
	return false;
}

static void
look_closer(const struct windows *w, const struct table *t, uint32_t h,
	    const char *p, size_t i, size_t len, struct secret_list *to)
{
	uint32_t at = t->heads[h & ((1u << (t->bits - 4)) - 1)];

	for (; at; at = t->v[at - 1].next) {
		const struct reading *r = &w->readings[t->v[at - 1].reading];
		size_t offset = t->v[at - 1].offset;

		if (!memcmp(p + i, r->bytes + offset, t->width) &&
		    is_there(r, offset, p, i, len))
			secrets_add(to, r->of->owner, r->of->what, false);
	}
}

static inline __attribute__((always_inline)) unsigned
hit(const unsigned char *filter, const char *p, unsigned width, unsigned bits)
{
	uint32_t h = hash(p, width, bits);

	return filter[h >> 3] >> (h & 7) & 1;
}

static inline __attribute__((always_inline)) unsigned
four_hits(const struct table *t, unsigned width, const char *p)
{
	const unsigned char *f = t->filter;

	return hit(f, p, width, t->bits) |
	       hit(f, p + SECRETS_STRIDE, width, t->bits) |
	       hit(f, p + 2 * SECRETS_STRIDE, width, t->bits) |
	       hit(f, p + 3 * SECRETS_STRIDE, width, t->bits);
}

/* places: bit i for p[from + i]; every fifth from `first` on, or none. */
static inline __attribute__((always_inline)) void
scan_block(const struct windows *w, const struct table *t, unsigned width,
	   unsigned first, uint64_t places, const char *p, size_t len,
	   size_t from, struct secret_list *to)
{
	unsigned hits = 0;

	if (!places)
		return;
	if (from + 64 + 16 <= len) {
		/* all of them: to choose takes longer */
		for (unsigned k = 0; k < 12; k += 4) {
			const char *at = p + from + first + SECRETS_STRIDE * k;

			hits |= four_hits(t, width, at);
		}
		if (!(hits | hit(t->filter,
				 p + from + first + SECRETS_STRIDE * 12, width,
				 t->bits)))
			return;
	}
	for (; places; places &= places - 1) {
		size_t i = from + (unsigned)__builtin_ctzll(places);
		uint32_t h;

		if (i + width > len)
			return;
		h = hash(p + i, width, t->bits);
		if (t->filter[h >> 3] >> (h & 7) & 1)
			look_closer(w, t, h, p, i, len, to);
	}
}

/* The first five windows of what begins here or began in the last four places
 * of the block before: all windows of twelve bytes on end (of eight, where
 * they are of four). */
static uint64_t
first_five(uint64_t begin, uint64_t before)
{
	unsigned __int128 x = (unsigned __int128)begin << 4 | before >> 60;

	x |= x >> 1;
	x |= x >> 2;
	return (uint64_t)x | begin;
}

const struct secret_values *
windows_values(const struct windows *w)
{
	return w->values;
}

const struct runs_set *
windows_runs(const struct windows *w)
{
	return &w->runs;
}

void
windows_scan(const struct windows *w, const char *p, size_t len, size_t i,
	     const struct runs *r, struct secret_list *to)
{
	const uint64_t every_fifth = 0x1084210842108421u;
	/* of the block before this piece nothing is known */
	uint64_t wide_before = ~0ull, narrow_before = ~0ull;
	unsigned phase = i % SECRETS_STRIDE, next = 0;

	if (!w->wide.n && !w->narrow.n)
		return;
	for (uint64_t live = r->live; live; live &= live - 1) {
		unsigned b = (unsigned)__builtin_ctzll(live);
		size_t from = i + (size_t)64 * b;
		unsigned past = (phase + 64 * b) % SECRETS_STRIDE;
		unsigned first = (SECRETS_STRIDE - past) % SECRETS_STRIDE;
		uint64_t look = every_fifth << first;
		unsigned __int128 x =
		    (unsigned __int128)r->value[b + 1] << 64 | r->value[b];
		uint64_t eight, twelve;

		x &= x >> 1;
		x &= x >> 2;
		x &= x >> 4;
		eight = (uint64_t)x;
		twelve = eight & (uint64_t)(x >> 4);
		if (b != next)
			wide_before = narrow_before = 0;
		next = b + 1;
		scan_block(w, &w->wide, 8, first,
			   look & first_five(twelve, wide_before), p, len, from,
			   to);
		if (w->narrow.n)
			scan_block(w, &w->narrow, 4, first,
				   look & first_five(eight, narrow_before), p,
				   len, from, to);
		wide_before = twelve;
		narrow_before = eight;
	}
}
