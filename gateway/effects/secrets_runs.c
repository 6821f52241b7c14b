/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a secret can stand at all: in eight or more bytes on end of which
 * tokens and the known values consist.  Most of a large file is passed over
 * here, 64 bytes at a time.
 */
#include "base/text.h"
#include "effects/secrets_work.h"
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#define BLOCKS (RUNS_BYTES / 64)

unsigned runs_at_most = RUNS_AVX2;

static bool
in_token(unsigned c)
{
	return (c >= '+' && c <= '9') || c == '=' || c == '_' ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

size_t
runs_first(const char *p)
{
	size_t n = 0;

	while (in_token((unsigned char)p[n]))
		n++;
	return n;
}

/* By the low half of a byte: a bit for each high half. */
static void
put_byte(struct runs_table *t, unsigned c)
{
	unsigned char bit = (unsigned char)(1u << (c >> 4 & 7));

	t->has[c] = true;
	t->rows[c >> 7][c & 15] |= bit;
	if (c < t->least)
		t->least = (unsigned char)c;
	t->high |= c >= 128;
}

void
runs_begin(struct runs_set *s)
{
	*s = (struct runs_set){.any = {.least = 127}};
	for (unsigned c = 0; c < 128; c++)
		if (in_token(c)) {
			put_byte(&s->token, c);
			put_byte(&s->any, c);
		}
}

void
runs_add(struct runs_set *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)bytes[i];

		s->more |= !s->token.has[c];
		put_byte(&s->value, c);
		put_byte(&s->any, c);
	}
}

/* --- 64 bytes --------------------------------------------------------------
 */

struct masks {
	uint64_t token, dash, value;
};

/* How the bytes are looked at; flags NULL: there is no fast look. */
struct way {
	struct masks (*masks)(const struct runs_set *s, const char *p);
	/* n blocks from p on; first: there is none before them */
	uint64_t (*flags)(const struct runs_set *s, const char *p, unsigned n,
			  bool first);
};

static struct masks
plain_masks(const struct runs_set *s, const char *p)
{
	struct masks m = {0};

	for (unsigned i = 0; i < 64; i++) {
		unsigned char c = (unsigned char)p[i];

		m.token |= (uint64_t)s->token.has[c] << i;
		m.dash |= (uint64_t)(c == '-') << i;
		m.value |= (uint64_t)s->value.has[c] << i;
	}
	return m;
}

#ifdef __x86_64__
static __m128i
within(__m128i c, char from, char to)
{
	return _mm_cmpeq_epi8(
	    _mm_subs_epu8(_mm_sub_epi8(c, _mm_set1_epi8(from)),
			  _mm_set1_epi8((char)(to - from))),
	    _mm_setzero_si128());
}

static struct masks
sse2_masks(const struct runs_set *s, const char *p)
{
	struct masks m = {0};

	for (unsigned i = 0; i < 64; i += 16) {
		__m128i c =
		    _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i low = _mm_or_si128(c, _mm_set1_epi8(0x20));
		__m128i t =
		    _mm_or_si128(within(c, '+', '9'), within(low, 'a', 'z'));

		t = _mm_or_si128(t, _mm_cmpeq_epi8(c, _mm_set1_epi8('=')));
		t = _mm_or_si128(t, _mm_cmpeq_epi8(c, _mm_set1_epi8('_')));
		m.token |= (uint64_t)(unsigned)_mm_movemask_epi8(t) << i;
		c = _mm_cmpeq_epi8(c, _mm_set1_epi8('-'));
		m.dash |= (uint64_t)(unsigned)_mm_movemask_epi8(c) << i;
	}
	for (unsigned i = 0; i < 64; i++)
		m.value |= (uint64_t)s->value.has[(unsigned char)p[i]] << i;
	return m;
}

#define AVX2 __attribute__((target("avx2")))

static inline __attribute__((always_inline)) AVX2 __m256i
row(const unsigned char *r)
{
	return _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)(const void *)r));
}

struct AVX2_tables {
	__m256i low, high, bits;
};

static inline __attribute__((always_inline)) AVX2 struct AVX2_tables
tables_of(const struct runs_table *t)
{
	static const unsigned char bits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
					       1, 2, 4, 8, 16, 32, 64, 128};

	return (struct AVX2_tables){row(t->rows[0]), row(t->rows[1]),
				    row(bits)};
}

/* All ones for each byte that is not in the set.  A shuffle gives 0 for bytes
 * from 128 on. */
static inline __attribute__((always_inline)) AVX2 __m256i
outside(const struct AVX2_tables *t, bool high, __m256i c)
{
	__m256i in = _mm256_shuffle_epi8(t->low, c);
	__m256i bit = _mm256_shuffle_epi8(
	    t->bits,
	    _mm256_and_si256(_mm256_srli_epi16(c, 4), _mm256_set1_epi8(15)));

	if (high)
		in = _mm256_or_si256(
		    in, _mm256_shuffle_epi8(
			    t->high,
			    _mm256_xor_si256(c, _mm256_set1_epi8((char)0x80))));
	return _mm256_cmpeq_epi8(_mm256_and_si256(in, bit),
				 _mm256_setzero_si256());
}

static inline __attribute__((always_inline)) AVX2 __m256i
load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline __attribute__((always_inline)) AVX2 uint64_t
bits_of(__m256i a, __m256i b)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(a) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

static AVX2 struct masks
avx2_masks(const struct runs_set *s, const char *p)
{
	struct AVX2_tables t = tables_of(&s->token);
	__m256i a = load(p), b = load(p + 32), dash = _mm256_set1_epi8('-');
	struct masks m;

	m.token = ~bits_of(outside(&t, false, a), outside(&t, false, b));
	m.dash =
	    bits_of(_mm256_cmpeq_epi8(a, dash), _mm256_cmpeq_epi8(b, dash));
	t = tables_of(&s->value);
	m.value =
	    ~(s->more ? bits_of(outside(&t, true, a), outside(&t, true, b))
		      : bits_of(outside(&t, false, a), outside(&t, false, b)));
	return m;
}

/* Bit i: the eight bytes from i on are all in the set. */
static inline uint64_t
eight(uint64_t in)
{
	in &= in >> 1;
	in &= in >> 2;
	return in & in >> 4;
}

static inline __attribute__((always_inline)) AVX2 uint64_t
avx2_in(const struct AVX2_tables *t, bool high, const char *p)
{
	return ~bits_of(outside(t, high, load(p)),
			outside(t, high, load(p + 32)));
}

/* Eight bytes that begin in one block and end in the next are the next
 * one's. */
static inline __attribute__((always_inline)) AVX2 uint64_t
avx2_flags(const struct AVX2_tables *t, bool high, const char *p, unsigned n,
	   bool first)
{
	uint64_t flags = 0, before = first ? 0 : avx2_in(t, high, p - 64);

	for (unsigned k = 0; k < n; k++, p += 64) {
		uint64_t in = avx2_in(t, high, p);
		uint64_t runs = eight(in) | eight(before >> 57 | in << 7);

		flags |= (uint64_t)(runs != 0) << k;
		before = in;
	}
	return flags;
}

/* One comparison: not below the least byte of the set. */
static inline __attribute__((always_inline)) AVX2 uint64_t
avx2_above(__m256i least, const char *p)
{
	return ~bits_of(_mm256_cmpgt_epi8(least, load(p)),
			_mm256_cmpgt_epi8(least, load(p + 32)));
}

/* As avx2_flags(), and more: where eight bytes on end are of ASCII and not
 * below the least one. */
static AVX2 uint64_t
avx2_rough(const struct runs_set *s, const char *p, unsigned n, bool first)
{
	__m256i least = _mm256_set1_epi8((char)s->any.least);
	uint64_t flags = 0, in, two, four;
	uint64_t in0 = first ? 0 : avx2_above(least, p - 64);
	uint64_t two0 = in0 & in0 << 1, four0 = two0 & two0 << 2;

	for (unsigned k = 0; k < n; k++, p += 64) {
		in = avx2_above(least, p);
		two = in & (in << 1 | in0 >> 63);
		four = two & (two << 2 | two0 >> 62);
		flags |= (uint64_t)((four & (four << 4 | four0 >> 60)) != 0)
			 << k;
		in0 = in;
		two0 = two;
		four0 = four;
	}
	return flags;
}

#define MANY 16 /* blocks one by one cost more than all of them */

static AVX2 uint64_t
avx2_flags_of(const struct runs_set *s, const char *p, unsigned n, bool first)
{
	struct AVX2_tables t = tables_of(&s->any);
	uint64_t rough = s->any.high ? ~0ull : avx2_rough(s, p, n, first);
	uint64_t flags = 0;

	if (__builtin_popcountll(rough) > MANY)
		return s->any.high ? avx2_flags(&t, true, p, n, first)
				   : avx2_flags(&t, false, p, n, first);
	for (; rough; rough &= rough - 1) {
		unsigned k = (unsigned)__builtin_ctzll(rough);

		flags |= avx2_flags(&t, false, p + (size_t)64 * k, 1,
				    first && k == 0)
			 << k;
	}
	return flags;
}

#endif

static struct way
best_way(void)
{
	struct way w = {plain_masks, NULL};

#ifdef __x86_64__
	if (runs_at_most >= RUNS_SSE2)
		w.masks = sse2_masks;
	if (runs_at_most >= RUNS_AVX2 && __builtin_cpu_supports("avx2"))
		w = (struct way){avx2_masks, avx2_flags_of};
#endif
	return w;
}

/* --- RUNS_BYTES ------------------------------------------------------------
 */

static struct masks
masks_at(const struct way *way, const struct runs_set *s, const char *p,
	 size_t i, size_t len)
{
	char end[64] = {0};

	if (i + 64 <= len)
		return way->masks(s, p + i);
	if (i >= len)
		return (struct masks){0};
	memcpy(end, p + i, len - i);
	return way->masks(s, end);
}

/* Bit b: there may be something in the block at i + 64 * b; *beyond: in the
 * one behind them. */
static uint64_t
flags_of(const struct way *way, const struct runs_set *s, const char *p,
	 size_t i, size_t len, bool *beyond)
{
	size_t whole = (len - i) / 64, n = (len - i + 63) / 64;
	uint64_t flags = 0;

	if (!way->flags) {
		*beyond = n > BLOCKS;
		return n < BLOCKS ? (1ull << n) - 1 : ~0ull;
	}
	if (whole > BLOCKS) {
		*beyond = way->flags(s, p + i + RUNS_BYTES, 1, false);
		return way->flags(s, p + i, BLOCKS, i == 0);
	}
	flags = way->flags(s, p + i, (unsigned)whole, i == 0);
	/* what is less than a block is looked at in any case */
	*beyond = whole == BLOCKS && n > BLOCKS;
	return flags | (whole < n && whole < BLOCKS ? 1ull << whole : 0);
}

void
runs_find(const struct runs_set *s, const char *p, size_t len, size_t i,
	  struct runs *r)
{
	const struct way chosen = best_way(), *way = &chosen;
	unsigned made = BLOCKS + 1; /* the last block that has its masks */
	bool beyond;
	uint64_t flags = flags_of(way, s, p, i, len, &beyond);

	/* what begins in one may go on in the next */
	r->live = flags | flags >> 1 | (uint64_t)beyond << (BLOCKS - 1);
	for (uint64_t live = r->live; live; live &= live - 1) {
		unsigned b = (unsigned)__builtin_ctzll(live);

		for (unsigned k = b; k < b + 2; k++) {
			struct masks m;

			if (k == made)
				continue;
			m = masks_at(way, s, p, i + (size_t)64 * k, len);
			r->token[k] = m.token;
			r->dash[k] = m.dash;
			r->value[k] =
			    runs_at_most == RUNS_ALL ? ~0ull : m.value;
			made = k;
		}
	}
}
