/* SPDX-License-Identifier: Apache-2.0 */
/* More readings of bytes: single letters that stand as escapes or numbers, and
 * texts that stand as one number. */
#include "effects/secrets_work.h"
#include <string.h>

#define LARGE_MOST 400 /* digits of one number */
#define LIMBS	   (LARGE_MOST * 6 / 32 + 2)

/* --- escapes ---------------------------------------------------------------
 */

/* The number of p[i] and on, of at most `most` digits; *used of them. */
static unsigned
digits_of(const char *p, size_t len, size_t i, unsigned base, size_t most,
	  size_t *used)
{
	unsigned value = 0;

	for (*used = 0; *used < most && i + *used < len; ++*used) {
		int d = secrets_hex[(unsigned char)p[i + *used]];

		if (d < 0 || (unsigned)d >= base)
			break;
		value = value * base + (unsigned)d;
	}
	return value;
}

/* "\x61", "\u0061", "\u{61}", "\141", "\/"; how many bytes it takes. */
static size_t
backslash(const char *p, size_t len, size_t i, unsigned *value)
{
	char c = i + 1 < len ? p[i + 1] : '\0';
	size_t used, most = c == 'x' ? 2 : c == 'u' ? 4 : 8;
	bool braces = i + 2 < len && p[i + 2] == '{';

	if (c == 'x' || c == 'u' || c == 'U') {
		*value = digits_of(p, len, i + 2 + braces, 16, most, &used);
		return used ? 2 + used + 2 * braces : 0;
	}
	*value = digits_of(p, len, i + 1, 8, 3, &used);
	if (used)
		return 1 + used;
	*value = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : 0;
	if (c && strchr("/\\\"'+=", c))
		*value = (unsigned char)c;
	return *value ? 2 : 0;
}

/* "&#97;", "&#x61;", "&amp;" */
static size_t
entity(const char *p, size_t len, size_t i, unsigned *value)
{
	static const struct {
		const char *text;
		size_t len;
		char c;
	} names[] = {{"&amp;", 5, '&'},
		     {"&lt;", 4, '<'},
		     {"&gt;", 4, '>'},
		     {"&quot;", 6, '"'},
		     {"&apos;", 6, '\''}};
	size_t used, from = i + 2;
	bool hex;

	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
		if (len - i >= names[k].len &&
		    !memcmp(p + i, names[k].text, names[k].len)) {
			*value = (unsigned char)names[k].c;
			return names[k].len;
		}
	if (from >= len || p[i + 1] != '#')
		return 0;
	hex = (p[from] | 0x20) == 'x';
	from += hex;
	*value = digits_of(p, len, from, hex ? 16 : 10, 6, &used);
	if (!used)
		return 0;
	from += used;
	return from - i + (from < len && p[from] == ';');
}

static size_t
escape(const char *p, size_t len, size_t i, unsigned *value)
{
	size_t used;

	if (p[i] == '\\')
		return backslash(p, len, i, value);
	if (p[i] == '&')
		return entity(p, len, i, value);
	if (p[i] != '%')
		return 0;
	*value = digits_of(p, len, i + 1, 16, 2, &used);
	return used == 2 ? 3 : 0;
}

size_t
escapes_read(const char *p, size_t len, char *to)
{
	size_t n = 0, used;
	bool any = false;

	if (!memchr(p, '%', len) && !memchr(p, '\\', len) &&
	    !memchr(p, '&', len))
		return 0;
	for (size_t i = 0; i < len; i += used) {
		unsigned value = (unsigned char)p[i];

		used = escape(p, len, i, &value);
		any |= used != 0;
		if (!used) {
			used = 1;
			value = (unsigned char)p[i];
		}
		if (used > len - i)
			used = len - i;
		to[n++] = (char)value;
	}
	return any ? n : 0;
}

size_t
escapes_quoted(const char *p, size_t len, char *to)
{
	size_t n = 0, used;
	bool any = false;

	for (size_t i = 0; i < len; i++) {
		unsigned value = 0;

		to[n++] = p[i];
		if (p[i] != '=')
			continue;
		if (i + 1 < len && (p[i + 1] == '\n' || p[i + 1] == '\r')) {
			i += 1 + (i + 2 < len && p[i + 1] == '\r');
			any = true;
			n--;
			continue;
		}
		value = digits_of(p, len, i + 1, 16, 2, &used);
		if (used == 2) {
			i += 2;
			any = true;
			to[n - 1] = (char)value;
		}
	}
	return any ? n : 0;
}

/* --- numbers of single bytes -----------------------------------------------
 */

/* "97, 98", "01100001 01100010", "0110000101100010", and "141 142" */
size_t
escapes_numbers(const char *p, size_t len, bool octal, char *to)
{
	size_t n = 0, used;

	for (size_t i = 0, end; i < len; i = end + (end == i)) {
		unsigned value;

		for (end = i; end < len && p[end] >= '0' && p[end] <= '9';)
			end++;
		if (end > i && end - i < 4) {
			value = digits_of(p, end, i, octal ? 8 : 10, 3, &used);
			if (used == end - i && value < 256)
				to[n++] = (char)value;
		}
		for (; !octal && end - i >= 8 && (end - i) % 8 == 0; i += 8) {
			value = digits_of(p, end, i, 2, 8, &used);
			if (used < 8)
				break;
			to[n++] = (char)value;
		}
	}
	return n;
}

/* --- one large number ------------------------------------------------------
 */

/* The digits, of which each is below base, as bytes; the first ones are of the
 * greatest weight. */
static size_t
large(const signed char *digit, unsigned base, const char *p, size_t len,
      char *to)
{
	uint32_t limb[LIMBS] = {0};
	size_t used = 0, n = 0;

	for (size_t i = 0; i < len; i++) {
		int d = digit[(unsigned char)p[i]];
		uint64_t carry;

		if (d < 0)
			return 0;
		carry = (unsigned)d;
		for (size_t k = 0; k < used; k++) {
			carry += (uint64_t)limb[k] * base;
			limb[k] = (uint32_t)carry;
			carry >>= 32;
		}
		if (carry && used < LIMBS)
			limb[used++] = (uint32_t)carry;
	}
	for (size_t k = used; k-- > 0;)
		for (int shift = 24; shift >= 0; shift -= 8)
			if (n || limb[k] >> shift)
				to[n++] = (char)(limb[k] >> shift);
	to[n++] = '\n';
	return n;
}

static const struct alphabet {
	const char *letters;
	size_t least; /* digits */
} alphabets[] = {
    {"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 16},
    {"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 16},
    {"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", 16},
    {"0123456789", 28},
};
#define ALPHABETS (sizeof(alphabets) / sizeof(*alphabets))

size_t
escapes_large(const char *p, size_t len, char *to)
{
	signed char digit[ALPHABETS][256];
	size_t n = 0, end;

	memset(digit, -1, sizeof(digit));
	for (size_t k = 0; k < ALPHABETS; k++)
		for (int i = 0; alphabets[k].letters[i]; i++)
			digit[k][(unsigned char)alphabets[k].letters[i]] =
			    (signed char)i;
	for (size_t i = 0; i < len; i = end + 1) {
		for (end = i;
		     end < len && digit[1][(unsigned char)p[end]] >= 0;)
			end++;
		if (end - i > LARGE_MOST)
			continue;
		for (size_t k = 0; k < ALPHABETS; k++)
			if (end - i >= alphabets[k].least)
				n += large(
				    digit[k],
				    (unsigned)strlen(alphabets[k].letters),
				    p + i, end - i, to + n);
	}
	return n;
}
