/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compressed bytes and archives unpack to, for looking through it: in
 * memory, a piece at a time, within limits.
 */
#include "effects/secrets_packed.h"
#include "base/libarchive.h"
#include "base/memory.h"
#include "effects/secrets_pack.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#define PIECE	    ((size_t)1 << 20)
#define OVERLAP	    ((size_t)8 << 10) /* no secret is longer */
#define MOST	    (UINT64_C(2) << 30)
#define MOST_MS	    30000
#define ENTRIES	    300000u
#define NAMED	    12			/* a shorter name holds nothing */
#define MOST_FRAMED ((size_t)255 << 20) /* talloc gives no more */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* deflate as zlib frames it: git's objects, what compress() of a language
 * makes.  The second byte checks the first. */
static bool
is_zlib(const unsigned char *p, size_t len)
{
	return len > 12 && p[0] == 0x78 && (p[0] << 8 | p[1]) % 31 == 0 &&
	       !(p[1] & 0x20);
}

/* The older frame of xz: a small dictionary, and a length or none. */
static bool
is_lzma(const unsigned char *p, size_t len)
{
	return len > 13 && p[0] == 0x5d && !p[1] && !p[2] &&
	       (p[12] == 0 || p[12] == 0xff) && p[13] == 0;
}

bool
packed_is(const void *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
	} known[] = {
	    {"\x1f\x8b\x08", 3}, /* gzip */
	    {"\x1f\x9d", 2},	 /* compress */
	    {"BZh", 3},		 /* bzip2 */
	    {"\xfd"
	     "7zXZ\0",
	     6},		     /* xz */
	    {"\x28\xb5\x2f\xfd", 4}, /* zstd */
	    {"PK\x03\x04", 4},	     /* zip, jar, docx */
	    {"7z\xbc\xaf\x27\x1c", 6},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (len > 12 && !memcmp(bytes, known[i].magic, known[i].len))
			return true;
	return is_zlib(bytes, len) || is_lzma(bytes, len) ||
	       pack_is(bytes, len);
}

/* Those alone of which a beginning is no accident: by a byte that is seldom in
 * text. */
bool
packed_is_stream(const void *bytes, size_t len)
{
	return is_zlib(bytes, len);
}

size_t
packed_within(const char *p, size_t len)
{
	static const struct {
		const char *magic;
		size_t len, rare;
	} known[] = {
	    {"x\x9c", 2, 1},	    /* zlib, as in a PDF or an image, */
	    {"x\xda", 2, 1},	    /* of which there are many */
	    {"\x1f\x8b\x08", 3, 0}, /* gzip */
	    {"BZh91AY&SY", 10, 7},  /* bzip2 */
	    {"\xfd"
	     "7zXZ",
	     5, 0},			/* xz */
	    {"\x28\xb5\x2f\xfd", 4, 1}, /* zstd */
	};
	size_t first = len, pack;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t rare = known[i].rare;
		const char *at = p + rare, *end = p + first;

		while (at < end && (at = memchr(at, known[i].magic[rare],
						(size_t)(end - at)))) {
			if ((size_t)(p + len - at) >= known[i].len - rare &&
			    !memcmp(at - rare, known[i].magic, known[i].len)) {
				first = (size_t)(at - rare - p);
				break;
			}
			at++;
		}
	}
	/* one that begins before that; so much of it tells */
	pack = pack_within(p, first + 64 < len ? first + 64 : len);
	return pack < first ? pack : first;
}

void
sink_begin(struct sink *s, packed_piece *each, void *data)
{
	*s = (struct sink){.each = each,
			   .data = data,
			   .buffer = have(talloc_size(NULL, PIECE)),
			   .room = PIECE,
			   .until = now_ms() + MOST_MS,
			   .whole = true};
}

static void
count(struct sink *s, size_t n)
{
	s->done += n;
	s->whole &= s->done <= MOST && now_ms() <= s->until;
}

void
sink_pass(struct sink *s, const char *p, size_t len)
{
	s->enough |= !s->each(s->data, NULL, p, len);
	count(s, len);
}

static void
give(struct sink *s, const char *path)
{
	if (s->have <= s->old)
		return;
	s->enough |= !s->each(s->data, path, s->buffer, s->have);
	count(s, s->have - s->old);
	s->old = s->have < OVERLAP ? s->have : OVERLAP;
	memmove(s->buffer, s->buffer + s->have - s->old, s->old);
	s->have = s->old;
}

void
sink_filled(struct sink *s, const char *path, size_t n)
{
	s->have += n;
	if (s->have < s->room)
		return;
	/* what is packed itself cannot be read in pieces */
	if (s->old || s->room >= MOST_FRAMED / 2 || now_ms() > s->until ||
	    (!s->together && !packed_is(s->buffer, s->have))) {
		give(s, path);
		return;
	}
	s->room *= 2;
	s->buffer = have(talloc_realloc_size(NULL, s->buffer, s->room));
}

void
sink_end(struct sink *s, const char *path)
{
	give(s, path);
	s->have = s->old = 0;
	if (s->room > PIECE)
		s->buffer = have(talloc_realloc_size(NULL, s->buffer, PIECE));
	s->room = PIECE;
}

void
sink_free(struct sink *s)
{
	talloc_free(s->buffer);
}

struct unpacking {
	const struct archive_functions *a;
	struct archive *from;
	struct sink to;
};

/* The present file of the archive, and its name. */
static void
one_file(struct unpacking *u, const char *path)
{
	struct sink *to = &u->to;
	ssize_t n;

	if (path && !to->each(to->data, NULL, path, strlen(path))) {
		to->enough = true;
		return;
	}
	do {
		n = u->a->read_data(u->from, to->buffer + to->have,
				    to->room - to->have);
		if (n > 0)
			sink_filled(to, path, (size_t)n);
	} while (n > 0 && !to->enough && to->whole);
	if (!to->enough)
		sink_end(to, path);
}

/* Where links lead, and whose it was. */
static void
other_names(struct unpacking *u, struct archive_entry *entry)
{
	const char *const names[] = {
	    u->a->entry_symlink(entry), u->a->entry_hardlink(entry),
	    u->a->entry_uname(entry), u->a->entry_gname(entry)};
	struct sink *to = &u->to;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] && strlen(names[i]) >= NAMED && !to->enough)
			to->enough = !to->each(to->data, NULL, names[i],
					       strlen(names[i]));
}

/* raw: what was compressed as it is, not taken for an archive. */
static unsigned
all_files(struct unpacking *u, const void *bytes, size_t len, bool raw)
{
	const struct archive_functions *a = u->a;
	struct archive_entry *entry;
	unsigned n = 0;

	u->from = a->read_new();
	if (!u->from)
		BUG("out of memory");
	a->filter_gzip(u->from);
	a->filter_bzip2(u->from);
	a->filter_xz(u->from);
	a->filter_lzma(u->from);
	a->filter_zstd(u->from);
	a->filter_compress(u->from);
	if (!raw) {
		a->format_tar(u->from);
		a->format_zip(u->from);
		a->format_7zip(u->from);
	}
	a->format_raw(u->from);
	if (a->read_open_memory(u->from, bytes, len) == ARCHIVE_OK)
		while (u->to.whole && !u->to.enough) {
			int rc = a->read_next_header(u->from, &entry);

			if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
				break;
			u->to.whole = ++n < ENTRIES;
			other_names(u, entry);
			if (u->to.enough)
				break;
			one_file(u, a->format(u->from) == ARCHIVE_FORMAT_RAW
					? NULL
					: a->entry_pathname(entry));
		}
	a->read_free(u->from);
	return n;
}

static bool
unpack_each(const void *bytes, size_t len, packed_piece *each, void *data)
{
	struct unpacking u = {.a = libarchive(NULL)};

	if (!u.a)
		return false;
	sink_begin(&u.to, each, data);
	/* to libarchive, what begins with zeros is a tar that is empty */
	if (all_files(&u, bytes, len, false) == 0)
		(void)all_files(&u, bytes, len, true);
	sink_free(&u.to);
	return u.to.whole;
}

static bool
unpack_pack(const char *bytes, size_t len, packed_piece *each, void *data)
{
	struct sink to;

	sink_begin(&to, each, data);
	pack_each(&to, bytes, len);
	sink_free(&to);
	return to.whole;
}

/* The same in the frame of gzip, which libarchive reads (it does not look at
 * the sums at the end); NULL: too much. */
static char *
as_gzip(const void *bytes, size_t len, size_t *out)
{
	static const char head[10] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
	char *to;

	if (len > MOST_FRAMED)
		return NULL;
	*out = sizeof(head) + len - 2 + 8;
	to = talloc_zero_size(NULL, *out);
	if (!to)
		BUG("out of memory");
	memcpy(to, head, sizeof(head));
	memcpy(to + sizeof(head), (const char *)bytes + 2, len - 2);
	return to;
}

bool
packed_each(const void *bytes, size_t len, packed_piece *each, void *data)
{
	char *framed;
	bool whole;

	if (is_zlib(bytes, len)) {
		framed = as_gzip(bytes, len, &len);
		whole = framed && unpack_each(framed, len, each, data);
		talloc_free(framed);
		return whole;
	}
	if (pack_is(bytes, len))
		return unpack_pack(bytes, len, each, data);
	return unpack_each(bytes, len, each, data);
}
