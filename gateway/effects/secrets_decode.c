/* SPDX-License-Identifier: Apache-2.0 */
/* Other readings of bytes in which a secret may hide. */
#include "effects/secrets.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum form {
	FORM_JOINED, /* without line ends, quotes, dots of a host name */
	FORM_BASE64, /* and three more, by where the first group begins */
	FORM_BASE64_1,
	FORM_BASE64_2,
	FORM_BASE64_3,
	FORM_HEX,
	FORM_PERCENT,
	FORM_REVERSED,
};

#define RUN 16 /* shorter runs hold nothing */

static int
digit64(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static size_t
base64(const char *p, size_t len, size_t skip, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		size_t end = i;
		uint32_t bits = 0;
		int have = 0;

		while (end < len && digit64((unsigned char)p[end]) >= 0)
			end++;
		if (end - i >= RUN + skip) {
			for (size_t k = i + skip; k < end; k++) {
				bits = bits << 6 |
				       (uint32_t)digit64((unsigned char)p[k]);
				have += 6;
				if (have >= 8) {
					have -= 8;
					to[n++] = (char)(bits >> have);
				}
			}
			to[n++] = '\n';
		}
		i = end + 1;
	}
	return n;
}

static int
hex(unsigned char c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* "6162", "61:62", "61 62", "\x61\x62", "0x61,0x62" */
static size_t
from_hex(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len; i++) {
		int a = hex((unsigned char)p[i]);
		int b = hex((unsigned char)p[i + 1]);

		if ((p[i] == '0' || p[i] == '\\') && p[i + 1] == 'x') {
			i++;
		} else if (a >= 0 && b >= 0) {
			to[n++] = (char)(a << 4 | b);
			i++;
		}
	}
	return n;
}

static size_t
from_percent(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '%' && i + 2 < len &&
		    hex((unsigned char)p[i + 1]) >= 0 &&
		    hex((unsigned char)p[i + 2]) >= 0) {
			to[n++] = (char)(hex((unsigned char)p[i + 1]) << 4 |
					 hex((unsigned char)p[i + 2]));
			i += 2;
		} else {
			to[n++] = p[i];
		}
	}
	return n;
}

static size_t
joined(const char *p, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)p[i]) && p[i] != '.' &&
		    p[i] != '"' && p[i] != ',')
			to[n++] = p[i];
	return n;
}

char *
secrets_decoded(void *ctx, const char *p, size_t len, unsigned form,
		size_t *out_len)
{
	char *to;
	size_t n = 0;

	if (form == FORM_PERCENT && !memchr(p, '%', len))
		return NULL;
	to = talloc_size(ctx, len * 2 + 1);
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
	case FORM_HEX:
		n = from_hex(p, len, to);
		break;
	case FORM_PERCENT:
		n = from_percent(p, len, to);
		break;
	case FORM_REVERSED:
		for (; n < len; n++)
			to[n] = p[len - 1 - n];
		break;
	}
	if (n < 8) {
		talloc_free(to);
		return NULL;
	}
	*out_len = n;
	return to;
}
