/* SPDX-License-Identifier: Apache-2.0 */
/* What has the form of a token: is it one, by how its letters lie? */
#include "effects/secrets_work.h"
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define EVEN  32 /* so long that chance is even */
#define SHORT 24 /* and here nearly so */

bool
secret_is_placeholder(const char *s, size_t len)
{
	static const char *const marks[] = {"example",
					    "xxxxxx",
					    "your_",
					    "your-",
					    "yourkey",
					    "changeme",
					    "placeholder",
					    "1234567890abcdef1234567890abcdef",
					    "0123456789abcdef0123456789abcdef",
					    "0000000000",
					    "dummytoken",
					    "redacted",
					    "abcdefghij",
					    "<",
					    "${",
					    "{{",
					    "****",
					    "....",
					    "secret_here"};
	bool seen[256] = {false};
	size_t kinds = 0;
	char low[80];
	size_t n = len < sizeof(low) - 1 ? len : sizeof(low) - 1;

	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)s[i]);
	low[n] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strstr(low, marks[i]))
			return true;
	for (size_t i = 0; i < len; i++)
		if (!seen[(unsigned char)s[i]]) {
			seen[(unsigned char)s[i]] = true;
			kinds++;
		}
	return kinds < (len < 12 ? 4 : 6);
}

uint32_t
secret_crc32(const char *s, size_t len)
{
	uint32_t c = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		c ^= (unsigned char)s[i];
		for (int k = 0; k < 8; k++)
			c = c & 1 ? (c >> 1) ^ 0xedb88320u : c >> 1;
	}
	return ~c;
}

bool
secret_crc_holds(const char *body, size_t len)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	uint32_t want;

	if (len != 36)
		return true; /* another form: nothing to hold it against */
	want = secret_crc32(body, 30);
	for (int i = 35; i >= 30; i--, want /= 62)
		if (body[i] != digits[want % 62])
			return false;
	return true;
}

/* '_' and '-' join words that are written as one. */
static int
kind_of(char c, int before)
{
	return c == '_' || c == '-'   ? before
	       : c >= '0' && c <= '9' ? 0
	       : c >= 'A' && c <= 'Z' ? 1
				      : 2;
}

bool
secret_is_words(const char *s, size_t len)
{
	size_t changes = 0;
	int kind = len ? kind_of(s[0], 2) : 2;

	for (size_t i = 1; i < len; i++) {
		int next = kind_of(s[i], kind);

		changes += next != kind;
		kind = next;
	}
	return len >= SHORT && changes * (len < EVEN ? 5 : 4) < len - 1;
}
