/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More readings of bytes: base85, uuencode, and what xxd, hexdump and od
 * print, whose lines hold more than their bytes.
 */
#include "effects/secrets_work.h"
#include <string.h>

#define RUN85  20 /* shorter runs hold nothing */
#define LINE85 40 /* shorter lines are not wrapped ones */
#define TOKENS 40 /* of a line that od prints */

/* --- base85 ----------------------------------------------------------------
 */

struct base85 {
	bool made;
	signed char digit[256];
};

static const struct base85 *
alphabet(unsigned which)
{
	static struct base85 all[3]; /* RFC 1924, ZeroMQ, Adobe */
	static const char *const letters[2] = {
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "!#$%&()*+-;<=>?@^_`{|}~",
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    ".-:+=^!/*?&<>()[]{}@%$#"};
	struct base85 *a = &all[which];

	if (a->made)
		return a;
	memset(a->digit, -1, sizeof(a->digit));
	for (int i = 0; i < 85; i++)
		a->digit[which < 2 ? (unsigned char)letters[which][i]
				   : '!' + i] = (signed char)i;
	a->made = true;
	return a;
}

/* Groups of five digits from p on; line ends count for nothing. */
static size_t
groups(const struct base85 *a, const char *p, const char *end, char *to)
{
	uint64_t value = 0;
	unsigned have = 0;
	size_t n = 0;

	for (; p < end; p++) {
		int d = a->digit[(unsigned char)*p];

		if (d < 0)
			continue;
		value = value * 85 + (unsigned)d;
		if (++have < 5)
			continue;
		for (int shift = 24; shift >= 0; shift -= 8)
			to[n++] = (char)(value >> shift);
		value = have = 0;
	}
	return n;
}

/* Wherever the first group begins. */
size_t
frames_base85(const char *p, size_t len, char *to)
{
	const char *end = p + len;
	size_t n = 0;

	for (unsigned which = 0; which < 3; which++) {
		const struct base85 *a = alphabet(which);

		for (const char *run = p, *stop; run < end;
		     run = stop < end ? stop + 1 : end) {
			size_t digits = 0, line = 0;

			for (stop = run; stop < end; stop++, line++) {
				if (a->digit[(unsigned char)*stop] >= 0)
					digits++;
				else if (*stop == '\n' && line >= LINE85)
					line = 0;
				else if (*stop != '\r')
					break;
			}
			for (unsigned k = 0; k < 5 && digits >= RUN85; k++) {
				n += groups(a, run, stop, to + n);
				to[n++] = '\n';
				while (a->digit[(unsigned char)*run] < 0)
					run++;
				run++;
			}
		}
	}
	return n;
}

/* --- uuencode --------------------------------------------------------------
 */

static size_t
uu_line(const char *p, size_t len, char *to)
{
	size_t bytes = len ? (size_t)(p[0] - ' ') & 63 : 0;
	size_t digits = (bytes + 2) / 3 * 4, n = 0;

	if (!bytes || len < digits + 1 || len > digits + 3)
		return 0;
	for (size_t i = 0; i <= digits; i++)
		if (p[i] < ' ' || p[i] > '`')
			return 0;
	for (p++; digits; digits -= 4, p += 4) {
		unsigned v = 0;

		for (int i = 0; i < 4; i++)
			v = v << 6 | ((unsigned)(p[i] - ' ') & 63);
		to[n++] = (char)(v >> 16);
		to[n++] = (char)(v >> 8);
		to[n++] = (char)v;
	}
	return bytes < n ? bytes : n;
}

/* --- what is printed of bytes ----------------------------------------------
 */

struct line {
	const char *token[TOKENS];
	size_t len[TOKENS], n;
};

/* Its words as far as they are numbers; not the first one, if that says where
 * the line stands. */
static void
read_line(struct line *l, const char *p, size_t len)
{
	const char *end = p + len, *start = p;

	l->n = 0;
	while (l->n < TOKENS) {
		size_t n = 0;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		while (p + n < end && secrets_hex[(unsigned char)p[n]] >= 0)
			n++;
		if (l->n == 0 && p == start && n > 3 &&
		    (n > 6 || (p + n < end && p[n] == ':'))) {
			p += n + (p + n < end && p[n] == ':');
			start = NULL;
			continue;
		}
		if (!n || n > 22 || (p + n < end && p[n] != ' '))
			return;
		l->token[l->n] = p;
		l->len[l->n++] = n;
		p += n;
	}
}

enum words { WORDS_AS_THEY_ARE, WORDS_TURNED, WORDS_OCTAL, WORDS_BINARY };

static size_t
word(const char *p, size_t len, enum words kind, char *to)
{
	unsigned value = 0, base = kind == WORDS_OCTAL ? 8 : 2;
	size_t n = 0;

	if (kind == WORDS_AS_THEY_ARE || kind == WORDS_TURNED) {
		if (len % 2)
			return 0;
		for (; n < len / 2; n++) {
			size_t at =
			    kind == WORDS_TURNED ? len - 2 * n - 2 : 2 * n;

			to[n] = (char)(secrets_hex[(unsigned char)p[at]] << 4 |
				       secrets_hex[(unsigned char)p[at + 1]]);
		}
		return n;
	}
	if (len != (kind == WORDS_OCTAL ? 6 : 8))
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || (unsigned)(p[i] - '0') >= base)
			return 0;
		value = value * base + (unsigned)(p[i] - '0');
	}
	to[n++] = (char)value;
	if (kind == WORDS_OCTAL)
		to[n++] = (char)(value >> 8);
	return n;
}

size_t
frames_printed(const char *p, size_t len, char *to)
{
	size_t n = 0, lines = 0;
	struct line l;

	for (unsigned kind = 0; kind <= WORDS_BINARY + 1u; kind++) {
		const char *at = p, *end = p + len, *nl;

		for (; at < end; at = nl + 1) {
			nl = memchr(at, '\n', (size_t)(end - at));
			nl = nl ? nl : end;
			if (kind > WORDS_BINARY) {
				n += uu_line(at, (size_t)(nl - at), to + n);
				continue;
			}
			read_line(&l, at, (size_t)(nl - at));
			if (l.n < 2)
				continue;
			lines++;
			for (size_t i = 0; i < l.n; i++)
				n += word(l.token[i], l.len[i], kind, to + n);
		}
		if (!kind && !lines)
			kind = WORDS_BINARY;
		to[n++] = '\n';
	}
	return n;
}

/* --- single bytes ----------------------------------------------------------
 */

size_t
frames_rotated(const char *p, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i], low = c | 0x20;

		to[i] = low < 'a' || low > 'z' ? p[i]
			: low < 'n'	       ? (char)(c + 13)
					       : (char)(c - 13);
	}
	return len;
}

size_t
frames_letters(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)p[i];

		to[n] = p[i];
		n += (c | 0x20) - 'a' < 26 || c - '0' < 10;
	}
	return n;
}

size_t
frames_swapped(const char *p, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char low = (unsigned char)p[i] | 0x20;

		to[i] = low < 'a' || low > 'z' ? p[i] : (char)(p[i] ^ 0x20);
	}
	return len;
}
