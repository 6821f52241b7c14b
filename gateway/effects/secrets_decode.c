/* SPDX-License-Identifier: Apache-2.0 */
/* Other readings of bytes in which a secret may hide. */
#include "effects/secrets_work.h"
#include <string.h>
#include <talloc.h>

enum form {
	FORM_JOINED, /* without line ends, quotes, dots of a host name, and
		      * what UTF-16 has between letters */
	FORM_BASE64, /* and three more, by where the first group begins */
	FORM_BASE64_1,
	FORM_BASE64_2,
	FORM_BASE64_3,
	FORM_HEX,
	FORM_ESCAPES, /* of a URL, of C and its like, of HTML */
	FORM_REVERSED,
	FORM_BASE32, /* of either case, wherever the first group begins */
	FORM_NUMBERS,
	FORM_BASE85,
	FORM_PRINTED, /* by od and its like; uuencode */
	FORM_ROTATED, /* by half of the letters */
	FORM_LETTERS, /* without marks between them */
	FORM_SWAPPED, /* small letters for capitals */
	FORM_QUOTED,  /* as in mail */
	FORM_BASE32_HEX,
	FORM_LARGE, /* one number: base58 */
};

#define RUN   16   /* shorter runs hold nothing */
#define SHORT 1024 /* bytes that may be read a third time */
#define TINY  64   /* that may be read in all ways again */

/* clang-format off */
const signed char secrets_digits64[256] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
const signed char secrets_hex[256] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
    -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
/* clang-format on */

static inline int
digit64(unsigned char c)
{
	return secrets_digits64[c];
}

static inline int
digit32(unsigned char c)
{
	unsigned letter = (c | 0x20u) - 'a', digit = c - '2';

	return letter < 26 ? (int)letter : digit < 6 ? (int)digit + 26 : -1;
}

/* The next run of digits from i on, where none begins before i: its end; 0:
 * there is none.  From the sixteenth byte backwards most are passed over. */
static inline __attribute__((always_inline)) size_t
next_run(int (*digit)(unsigned char), const char *p, size_t len, size_t *i)
{
	size_t end;

	while (*i + RUN <= len) {
		for (end = *i + RUN; end > *i; end--)
			if (digit((unsigned char)p[end - 1]) < 0)
				break;
		if (end > *i) {
			*i = end;
			continue;
		}
		for (end = *i + RUN; end < len; end++)
			if (digit((unsigned char)p[end]) < 0)
				break;
		return end;
	}
	return 0;
}

static size_t
base64(const char *p, size_t len, size_t skip, char *to)
{
	size_t n = 0, end;

	for (size_t i = 0; (end = next_run(digit64, p, len, &i)); i = end) {
		uint32_t bits = 0;
		int have = 0;

		if (end - i < RUN + skip)
			continue;
		for (size_t k = i + skip; k < end; k++) {
			bits =
			    bits << 6 | (uint32_t)digit64((unsigned char)p[k]);
			have += 6;
			if (have >= 8) {
				have -= 8;
				to[n++] = (char)(bits >> have);
			}
		}
		to[n++] = '\n';
	}
	return n;
}

static inline int
digit32_hex(unsigned char c)
{
	unsigned letter = (c | 0x20u) - 'a', digit = c - '0';

	return digit < 10 ? (int)digit : letter < 22 ? (int)letter + 10 : -1;
}

static inline __attribute__((always_inline)) size_t
base32(int (*digit)(unsigned char), const char *p, size_t len, char *to)
{
	size_t n = 0, end;

	for (size_t i = 0; (end = next_run(digit, p, len, &i)); i = end)
		for (size_t skip = 0; skip < 8; skip++) {
			uint32_t bits = 0;
			int have = 0;

			for (size_t k = i + skip; k < end; k++) {
				bits = bits << 5 |
				       (uint32_t)digit((unsigned char)p[k]);
				have += 5;
				if (have >= 8) {
					have -= 8;
					to[n++] = (char)(bits >> have);
				}
			}
			to[n++] = '\n';
		}
	return n;
}

/* "6162", "61:62", "61 62", "\x61\x62", "0x61,0x62", "\u0061\u0062" */
static size_t
from_hex(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len; i++) {
		int a = secrets_hex[(unsigned char)p[i]];
		int b = secrets_hex[(unsigned char)p[i + 1]];

		if ((p[i] == '0' || p[i] == '\\') && p[i + 1] == 'x') {
			i++;
		} else if (p[i] == '\\' && len - i > 5 &&
			   !memcmp(p + i + 1, "u00", 3)) {
			i += 3;
		} else if (a >= 0 && b >= 0) {
			to[n++] = (char)(a << 4 | b);
			i++;
		}
	}
	return n;
}

static size_t
joined(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (p[i] != ' ' && (p[i] < '\t' || p[i] > '\r') &&
		    p[i] != '.' && p[i] != '"' && p[i] != ',' && p[i] != '\0')
			to[n++] = p[i];
	return n;
}

/* The text in another order, or with other letters. */
static bool
keeps_length(unsigned form)
{
	return form == FORM_JOINED || form == FORM_REVERSED ||
	       form == FORM_ROTATED || form == FORM_LETTERS ||
	       form == FORM_SWAPPED;
}

bool
secrets_only_joins(unsigned form)
{
	return form == FORM_JOINED;
}

/* A text in which little was an escape is another of its length. */
unsigned
secrets_read_as(unsigned form, size_t from, size_t len)
{
	if ((form == FORM_ESCAPES || form == FORM_QUOTED) && len > from / 4 * 3)
		return FORM_LETTERS;
	return form;
}

/* What leaves the text as long as it was would make the whole too slow, were
 * that read in all ways again. */
bool
secrets_reads_again(unsigned other, unsigned form, unsigned depth, size_t len)
{
	if (other == SECRETS_FORMS || !keeps_length(other))
		return true;
	if (form == other || (depth > 1 && len > SHORT))
		return false;
	if (depth <= 1 && len <= TINY)
		return true;
	if (other == FORM_JOINED || other == FORM_REVERSED)
		return form < (depth > 1 ? FORM_REVERSED : FORM_BASE85);
	return form >= FORM_BASE64 && form <= FORM_ESCAPES;
}

/* Printed, or between two letters of UTF-16. */
static inline bool
is_text(const char *p, size_t i)
{
	unsigned char c = (unsigned char)p[i];

	return (c >= ' ' && c < 0x7f) || (c >= '\t' && c <= '\r') ||
	       (!c && i && p[i - 1]);
}

/* From the last byte of a run backwards most are passed over. */
bool
secrets_has_text(const char *p, size_t len)
{
	size_t enough = len < SHORT ? 12 : 20, at;

	for (size_t i = 0; i + enough <= len; i = at) {
		for (at = i + enough; at > i; at--)
			if (!is_text(p, at - 1))
				break;
		if (at == i)
			return true;
	}
	return false;
}

/* How many bytes one may become. */
static size_t
room_for(unsigned form)
{
	return form == FORM_BASE85				? FRAMES_ROOM
	       : form == FORM_BASE32 || form == FORM_BASE32_HEX ? 6
	       : form == FORM_PRINTED || form == FORM_LARGE	? 4
								: 2;
}

char *
secrets_decoded(void *ctx, const char *p, size_t len, unsigned form,
		size_t *out_len)
{
	char *to;
	size_t n = 0;

	to = talloc_size(ctx, len * room_for(form) + FRAMES_ROOM);
	if (!to)
		BUG("out of memory");
	switch ((enum form)form) {
	case FORM_JOINED:
		n = joined(p, len, to);
		if (n == len)
			n = 0;
		break;
	case FORM_BASE64:
	case FORM_BASE64_1:
	case FORM_BASE64_2:
	case FORM_BASE64_3:
		n = base64(p, len, form - FORM_BASE64, to);
		break;
	case FORM_BASE32:
		n = base32(digit32, p, len, to);
		break;
	case FORM_HEX:
		n = from_hex(p, len, to);
		break;
	case FORM_ESCAPES:
		n = escapes_read(p, len, to);
		break;
	case FORM_REVERSED:
		for (; n < len; n++)
			to[n] = p[len - 1 - n];
		break;
	case FORM_NUMBERS:
		n = escapes_numbers(p, len, false, to);
		to[n++] = '\n';
		n += escapes_numbers(p, len, true, to + n);
		break;
	case FORM_BASE85:
		n = frames_base85(p, len, to);
		break;
	case FORM_PRINTED:
		n = frames_printed(p, len, to);
		break;
	case FORM_ROTATED:
		n = frames_rotated(p, len, to);
		break;
	case FORM_LETTERS:
		n = frames_letters(p, len, to);
		if (n == len)
			n = 0;
		break;
	case FORM_SWAPPED:
		n = frames_swapped(p, len, to);
		break;
	case FORM_QUOTED:
		n = escapes_quoted(p, len, to);
		break;
	case FORM_BASE32_HEX:
		n = base32(digit32_hex, p, len, to);
		break;
	case FORM_LARGE:
		n = escapes_large(p, len, to);
		break;
	}
	if (n < 8) {
		talloc_free(to);
		return NULL;
	}
	*out_len = n;
	return to;
}
