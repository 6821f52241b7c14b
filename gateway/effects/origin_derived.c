/* SPDX-License-Identifier: Apache-2.0 */
/* What a file that was fetched becomes by base64 -d, by gunzip and its like. */
#include "effects/origin_derived.h"
#include "base/file.h"
#include "base/text.h"
#include "effects/secrets_packed.h"
#include "effects/secrets_work.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define LEAST 16

struct unpacked {
	char *text;
	size_t len;
};

/* One stream; not what lies in an archive, which tar says itself. */
static bool
keep_piece(void *data, const char *path, const char *p, size_t len)
{
	struct unpacked *u = data;

	if (path || u->len || len >= ORIGIN_DERIVED_MAX)
		return false;
	memcpy(u->text, p, len);
	u->len = len;
	return true;
}

static char *
unpacked(void *ctx, const char *p, size_t len, size_t *out)
{
	struct unpacked u = {.text = talloc_size(ctx, ORIGIN_DERIVED_MAX)};

	if (!u.text)
		BUG("out of memory");
	(void)packed_each(p, len, keep_piece, &u);
	*out = u.len;
	return u.len ? u.text : NULL;
}

/* All of it, over line ends. */
static char *
from_base64(void *ctx, const char *p, size_t len, size_t *out)
{
	char *to = talloc_size(ctx, len);
	uint32_t bits = 0;
	int have = 0;
	size_t n = 0;

	if (!to)
		BUG("out of memory");
	while (len && strchr("\r\n=", p[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		int d = secrets_digits64[(unsigned char)p[i]];

		if (d < 0 && p[i] != '\n' && p[i] != '\r')
			return NULL;
		if (d < 0)
			continue;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[n++] = (char)(bits >> have);
		}
	}
	*out = n;
	return n ? to : NULL;
}

char *
origin_derived(void *ctx, const char *bytes, size_t len, size_t *out)
{
	if (len < LEAST || len > ORIGIN_DERIVED_MAX)
		return NULL;
	return packed_is(bytes, len) ? unpacked(ctx, bytes, len, out)
				     : from_base64(ctx, bytes, len, out);
}

const char *
origin_derived_hash(void *ctx, int fd, uint64_t *size)
{
	char path[64], *text, *other, *hash;
	unsigned char sum[16];
	size_t len, n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (file_read(ctx, AT_FDCWD, path, ORIGIN_DERIVED_MAX, &text, &len,
		      NULL) != 0)
		return NULL;
	other = origin_derived(ctx, text, len, &n);
	if (!other)
		return NULL;
	hash = talloc_size(ctx, 2 * sizeof(sum) + 1);
	if (!hash)
		BUG("out of memory");
	crypto_generichash(sum, sizeof(sum), (const unsigned char *)other, n,
			   NULL, 0);
	*size = n;
	return sodium_bin2hex(hash, 2 * sizeof(sum) + 1, sum, sizeof(sum));
}
