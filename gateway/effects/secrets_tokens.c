/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens by their looks, in one pass: where sixteen bytes on end begin of which
 * a token can consist, or five dashes stand, the first four bytes of every
 * token, as they are or in base64, hex or reversed, are looked for in one
 * table; only behind those is the pattern tried.
 */
#include "base/text.h"
#include "effects/secrets_work.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define BITS	   17 /* of the filter */
#define MANY	   24 /* of 64: to look at all is faster than to choose */
#define HEAD_SHIFT 20 /* the low bits tell of two letters only */
#define TEXT_MAX   16

enum reading {
	READ_PLAIN,
	READ_BASE64, /* and two more: where the token begins in a group */
	READ_HEX = READ_BASE64 + 3,
	READ_REVERSED,
};

struct needle {
	char text[TEXT_MAX]; /* four bytes or more */
	uint8_t len, reading;
	uint16_t token;
	uint32_t next; /* index + 1 */
};

struct needles {
	const struct token *tokens;
	struct needle *v;
	size_t n;
	uint32_t heads[1u << (32 - HEAD_SHIFT)];
	uint32_t filter[(1u << BITS) / 32]; /* 1: look closer */
};

static uint32_t
key_of(const char *p)
{
	uint32_t k;

	memcpy(&k, p, sizeof(k));
	return k * 0x9e3779b1u;
}

/* --- making ----------------------------------------------------------------
 */

static void
keep(struct needles *g, unsigned reading, size_t token, const char *text,
     size_t len)
{
	struct needle n = {.len = (uint8_t)(len < TEXT_MAX ? len : TEXT_MAX),
			   .reading = (uint8_t)reading,
			   .token = (uint16_t)token};
	uint32_t h = key_of(text), *head = &g->heads[h >> HEAD_SHIFT];

	memcpy(n.text, text, n.len);
	for (uint32_t i = *head; i; i = g->v[i - 1].next)
		if (g->v[i - 1].len == n.len && g->v[i - 1].token == n.token &&
		    g->v[i - 1].reading == n.reading &&
		    !memcmp(g->v[i - 1].text, n.text, n.len))
			return;
	if (g->n % 512 == 0)
		g->v = talloc_realloc(g, g->v, struct needle,
				      (unsigned)g->n + 512);
	if (!g->v)
		BUG("out of memory");
	n.next = *head;
	g->v[g->n++] = n;
	*head = (uint32_t)g->n;
	h >>= 32 - BITS;
	g->filter[h >> 5] |= 1u << (h & 31);
}

static void
keep_hex(struct needles *g, size_t token, const char *p, size_t len,
	 const char *digits)
{
	char text[TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < len && n + 2 <= sizeof(text); i++) {
		text[n++] = digits[(unsigned char)p[i] >> 4];
		text[n++] = digits[(unsigned char)p[i] & 15];
	}
	keep(g, READ_HEX, token, text, n);
}

/* All readings of a beginning of three or more bytes that come to four;
 * false: not all do. */
static bool
keep_readings(struct needles *g, size_t token, const char *p, size_t len)
{
	char text[2 * TEXT_MAX];
	bool all = true;
	unsigned at;
	size_t n = len < 9 ? len : 9;

	for (unsigned skip = 0; skip < 3; skip++)
		for (int url = 0; url < 2; url++) {
			size_t k = secrets_base64(p, n, skip, url, text, &at);

			if (k >= 4)
				keep(g, READ_BASE64 + skip, token, text, k);
			else
				all = false;
		}
	keep_hex(g, token, p, n, "0123456789abcdef");
	keep_hex(g, token, p, n, "0123456789ABCDEF");
	if (len < 4)
		return false;
	keep(g, READ_PLAIN, token, p, len);
	n = len < TEXT_MAX ? len : TEXT_MAX;
	for (size_t i = 0; i < n; i++)
		text[i] = p[n - 1 - i];
	keep(g, READ_REVERSED, token, text, n);
	return all;
}

struct needles *
needles_make(void *ctx, const struct token *tokens, size_t n)
{
	struct needles *g = talloc_zero(ctx, struct needles);
	char longer[8];

	if (!g)
		BUG("out of memory");
	g->tokens = tokens;
	for (size_t i = 0; i < n; i++) {
		const struct token *t = &tokens[i];

		if (keep_readings(g, i, t->prefix, t->len) || t->len > 3)
			continue;
		/* with each byte that may come next */
		memcpy(longer, t->prefix, t->len);
		for (int c = 1; c < 256; c++) {
			longer[t->len] = (char)c;
			if (!t->run || t->set[c])
				keep_readings(g, i, longer, t->len + 1);
		}
	}
	return g;
}

/* --- scanning --------------------------------------------------------------
 */

static bool
is_word_byte(unsigned char c)
{
	return isalnum(c) || c == '_';
}

/* "\n" and "%3D" in front are no letters of a word. */
static bool
begins_word(const char *p, size_t i)
{
	return !i || !is_word_byte((unsigned char)p[i - 1]) ||
	       (i > 1 && p[i - 2] == '\\') || (i > 2 && p[i - 3] == '%');
}

static const struct secret_value *
known_as(const struct needles_at *g, const struct token *t, const char *p,
	 size_t len)
{
	for (size_t i = 0; g->values && i < g->values->n; i++) {
		const struct secret_value *v = &g->values->v[i];

		if (v->owner->instead_of == &t->family->owner &&
		    v->len == len && !memcmp(v->bytes, p, len))
			return v;
	}
	return NULL;
}

/* One that the vendor's own documentation shows. */
static bool
is_example(const struct family *f, const char *p, size_t len)
{
	for (size_t i = 0; i < f->nexamples; i++)
		if (strlen(f->examples[i]) == len &&
		    !memcmp(f->examples[i], p, len))
			return true;
	return false;
}

/* The length of the token that stands at p[i]; 0: none. */
static size_t
token_at(struct needles_at *g, const struct token *t, const char *p, size_t i,
	 size_t len)
{
	const char *at = p + i + t->len;
	size_t left, n;

	if (i + t->len + t->run >= len + 1 || i + t->len >= len ||
	    memcmp(p + i, t->prefix, t->len) != 0 || !begins_word(p, i))
		return 0;
	for (size_t k = 0; k < t->run; k++)
		if (!t->set[(unsigned char)at[k]])
			return 0;
	left = len - i - t->len;
	if (pcre2_match(t->rest, (PCRE2_SPTR)at,
			left < NEEDLES_REACH ? left : NEEDLES_REACH, 0, 0,
			g->match, NULL) < 0)
		return 0;
	n = pcre2_get_ovector_pointer(g->match)[1];
	if (n < left && !t->family->owner.keeps &&
	    is_word_byte((unsigned char)at[n]))
		return 0;
	if (secret_is_placeholder(p + i, t->len + n) ||
	    is_example(t->family, at, n) ||
	    (t->mixed && secret_is_words(at, n)) ||
	    (t->family->crc && t->len == 4 && !secret_crc_holds(at, n)))
		return 0;
	g->own = known_as(g, t, p + i, t->len + n);
	return t->len + n;
}

/* From the group in which the token begins on, over line ends. */
static size_t
in_base64(struct needles_at *g, const struct token *t, unsigned skip,
	  const char *p, size_t i, size_t len)
{
	static const unsigned char before[] = {0, 2, 3};
	size_t n = 0, from = i - before[skip];
	uint32_t bits = 0;
	int have = 0;

	if (i < before[skip])
		return 0;
	for (size_t k = from; k < len && n < NEEDLES_REACH; k++) {
		int d = secrets_digits64[(unsigned char)p[k]];

		if (d < 0 && (p[k] == '\n' || p[k] == '\r') && k > i)
			continue;
		if (d < 0)
			break;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			g->text[n++] = (char)(bits >> have);
		}
	}
	return token_at(g, t, g->text, skip, n);
}

static size_t
in_hex(struct needles_at *g, const struct token *t, const char *p, size_t i,
       size_t len)
{
	size_t n = 0, at = 0;

	if (i > 1 && secrets_hex[(unsigned char)p[i - 1]] >= 0 &&
	    secrets_hex[(unsigned char)p[i - 2]] >= 0) {
		at = 1;
		i -= 2;
	}
	for (; i + 1 < len && n < NEEDLES_REACH; i += 2) {
		int a = secrets_hex[(unsigned char)p[i]];
		int b = secrets_hex[(unsigned char)p[i + 1]];

		if (a < 0 || b < 0)
			break;
		g->text[n++] = (char)(a << 4 | b);
	}
	return token_at(g, t, g->text, at, n);
}

static size_t
in_reverse(struct needles_at *g, const struct token *t, const char *p, size_t i,
	   size_t used, size_t len)
{
	size_t end = i + used, n = 0, at = 0;

	/* what token_at() would find out after much copying */
	for (size_t k = t->len; k < t->len + t->run; k++)
		if (k >= end || !t->set[(unsigned char)p[end - 1 - k]])
			return 0;
	if (end < len) {
		g->text[n++] = p[end];
		at = 1;
	}
	while (end && n < NEEDLES_REACH)
		g->text[n++] = p[--end];
	return token_at(g, t, g->text, at, n);
}

/* How many bytes a token takes here; 0: the filter was wrong. */
static size_t
look_closer(const struct needles *g, struct needles_at *work, const char *p,
	    size_t i, size_t len, struct secret_list *to)
{
	uint32_t at = g->heads[key_of(p + i) >> HEAD_SHIFT];

	for (; at; at = g->v[at - 1].next) {
		const struct needle *n = &g->v[at - 1];
		const struct token *t = &g->tokens[n->token];
		size_t found = 0;

		if (memcmp(p + i, n->text, 4) != 0 || i + n->len > len ||
		    memcmp(p + i, n->text, n->len) != 0)
			continue;
		switch (n->reading) {
		case READ_PLAIN:
			found = token_at(work, t, p, i, len);
			break;
		case READ_HEX:
			found = in_hex(work, t, p, i, len);
			break;
		case READ_REVERSED:
			found = in_reverse(work, t, p, i, n->len, len);
			break;
		default:
			found = in_base64(work, t, n->reading - READ_BASE64, p,
					  i, len);
		}
		if (!found)
			continue;
		if (work->own)
			secrets_add(to, work->own->owner, work->own->what,
				    false);
		else
			secrets_add(to, &t->family->owner, t->family->what,
				    true);
		return n->reading == READ_PLAIN ? found : n->len;
	}
	return 0;
}

/* Places where a token can begin (sixteen of its bytes follow), end when it
 * is reversed (twelve before the needle), or five dashes stand. */
static uint64_t
places(const struct runs *r, unsigned b, uint64_t *before)
{
	unsigned __int128 t =
	    (unsigned __int128)r->token[b + 1] << 64 | r->token[b];
	unsigned __int128 d =
	    (unsigned __int128)r->dash[b + 1] << 64 | r->dash[b];
	uint64_t begin, end;

	t &= t >> 1;
	t &= t >> 2;
	t &= t >> 4;
	t &= t >> 8;
	begin = (uint64_t)t;
	end = begin << 12 | *before >> 52;
	*before = begin;
	if (!(r->dash[b] | r->dash[b + 1]))
		return begin | end;
	d &= d >> 1;
	d &= d >> 2;
	d &= d >> 1;
	return begin | end | (uint64_t)(d & ~(d >> 1)) |
	       (uint64_t)((d & ~(d << 1)) >> 5);
}

static inline __attribute__((always_inline)) uint64_t
in_filter(const struct needles *g, const char *p)
{
	uint32_t h = key_of(p) >> (32 - BITS);

	return g->filter[h >> 5] >> (h & 31) & 1;
}

static inline __attribute__((always_inline)) uint64_t
eight_in_filter(const struct needles *g, const char *p)
{
	return in_filter(g, p) | in_filter(g, p + 1) << 1 |
	       in_filter(g, p + 2) << 2 | in_filter(g, p + 3) << 3 |
	       in_filter(g, p + 4) << 4 | in_filter(g, p + 5) << 5 |
	       in_filter(g, p + 6) << 6 | in_filter(g, p + 7) << 7;
}

/* Which of these places the filter lets pass. */
static uint64_t
filtered(const struct needles *g, const char *p, size_t left, uint64_t bits)
{
	uint64_t out = 0;

	if (left < 64 + 4) {
		for (; bits; bits &= bits - 1) {
			unsigned k = (unsigned)__builtin_ctzll(bits);

			if (k + 4 <= left)
				out |= in_filter(g, p + k) << k;
		}
		return out;
	}
	if (__builtin_popcountll(bits) > MANY) {
		for (unsigned k = 0; k < 64; k += 8)
			out |= eight_in_filter(g, p + k) << k;
		return out & bits;
	}
	for (; bits; bits &= bits - 1) {
		unsigned k = (unsigned)__builtin_ctzll(bits);

		out |= in_filter(g, p + k) << k;
	}
	return out;
}

void
needles_begin(struct needles_at *at, const struct secret_values *values)
{
	*at = (struct needles_at){.match = pcre2_match_data_create(8, NULL),
				  .values = values};
	if (!at->match)
		BUG("out of memory");
}

void
needles_end(struct needles_at *at)
{
	pcre2_match_data_free(at->match);
}

struct family *
needles_family(const struct token *tokens, size_t n, const char *text,
	       size_t len)
{
	struct family *f = NULL;
	struct needles_at at;

	for (size_t i = 0; i < n && !f; i++) {
		const struct token *t = &tokens[i];

		if (len <= t->len || memcmp(text, t->prefix, t->len) != 0)
			continue;
		needles_begin(&at, NULL);
		if (token_at(&at, t, text, 0, len) == len)
			f = t->family;
		needles_end(&at);
	}
	return f;
}

void
needles_resume(struct needles_at *at, size_t i, const struct runs *r)
{
	at->last = i + RUNS_BYTES;
	if (r->live >> 63)
		(void)places(r, 63, &at->before);
}

void
needles_scan(const struct needles *g, const char *p, size_t len, size_t i,
	     const struct runs *r, struct needles_at *at,
	     struct secret_list *to)
{
	for (uint64_t live = r->live; live && to->n < to->room;
	     live &= live - 1) {
		unsigned b = (unsigned)__builtin_ctzll(live);
		size_t from = i + (size_t)64 * b;
		uint64_t bits;

		/* nothing begins in a block that does not live */
		if (at->last != from)
			at->before = 0;
		at->last = from + 64;
		bits = places(r, b, &at->before);
		if (bits)
			bits = filtered(g, p + from, len - from, bits);
		for (; bits; bits &= bits - 1) {
			size_t k = from + (unsigned)__builtin_ctzll(bits);
			size_t used;

			if (k < at->beyond)
				continue;
			used = look_closer(g, at, p, k, len, to);
			if (used)
				at->beyond = k + used;
		}
	}
}
