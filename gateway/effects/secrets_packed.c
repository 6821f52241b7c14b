/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compressed bytes and archives unpack to, for looking through it: in
 * memory, a piece at a time, within limits.
 */
#include "effects/secrets_packed.h"
#include "base/libarchive.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#define PIECE	    ((size_t)1 << 20)
#define OVERLAP	    ((size_t)8 << 10) /* no secret is longer */
#define MOST	    (UINT64_C(2) << 30)
#define MOST_MS	    30000
#define ENTRIES	    300000u
#define NAMED	    12 /* a shorter name holds nothing */
#define MOST_FRAMED ((size_t)256 << 20)

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
	return is_zlib(bytes, len) || is_lzma(bytes, len);
}

/* Those alone of which a beginning is no accident: by a byte that is seldom in
 * text. */
size_t
packed_within(const char *p, size_t len)
{
	static const struct {
		const char *magic;
		size_t len, rare;
	} known[] = {
	    {"\x1f\x8b\x08", 3, 0}, /* gzip */
	    {"BZh91AY&SY", 10, 7},  /* bzip2 */
	    {"\xfd"
	     "7zXZ",
	     5, 0},			/* xz */
	    {"\x28\xb5\x2f\xfd", 4, 1}, /* zstd */
	};
	size_t first = len;

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
	return first;
}

struct unpacking {
	const struct archive_functions *a;
	struct archive *from;
	packed_piece *each;
	void *data;
	char *buffer; /* PIECE bytes */
	uint64_t done;
	int64_t until;
	bool enough, whole;
};

/* The present file of the archive, and its name. */
static void
one_file(struct unpacking *u, const char *path)
{
	size_t have = 0, old = 0;
	ssize_t n;

	if (path && !u->each(u->data, NULL, path, strlen(path))) {
		u->enough = true;
		return;
	}
	do {
		n = u->a->read_data(u->from, u->buffer + have, PIECE - have);
		have += n > 0 ? (size_t)n : 0;
		if (n > 0 && have < PIECE)
			continue;
		if (have > old)
			u->enough = !u->each(u->data, path, u->buffer, have);
		u->done += have - old;
		u->whole = u->done <= MOST && now_ms() <= u->until;
		old = have < OVERLAP ? have : OVERLAP;
		memmove(u->buffer, u->buffer + have - old, old);
		have = old;
	} while (n > 0 && !u->enough && u->whole);
}

/* Where links lead, and whose it was. */
static void
other_names(struct unpacking *u, struct archive_entry *entry)
{
	const char *const names[] = {
	    u->a->entry_symlink(entry), u->a->entry_hardlink(entry),
	    u->a->entry_uname(entry), u->a->entry_gname(entry)};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] && strlen(names[i]) >= NAMED && !u->enough)
			u->enough =
			    !u->each(u->data, NULL, names[i], strlen(names[i]));
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
		while (u->whole && !u->enough) {
			int rc = a->read_next_header(u->from, &entry);

			if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
				break;
			u->whole = ++n < ENTRIES;
			other_names(u, entry);
			if (u->enough)
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
	struct unpacking u = {.a = libarchive(NULL),
			      .each = each,
			      .data = data,
			      .until = now_ms() + MOST_MS,
			      .whole = true};

	if (!u.a)
		return false;
	u.buffer = talloc_size(NULL, PIECE);
	if (!u.buffer)
		BUG("out of memory");
	/* to libarchive, what begins with zeros is a tar that is empty */
	if (all_files(&u, bytes, len, false) == 0)
		(void)all_files(&u, bytes, len, true);
	talloc_free(u.buffer);
	return u.whole;
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
	return unpack_each(bytes, len, each, data);
}
