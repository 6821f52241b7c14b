/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that somebody would send: every reading of them stays within them and
 * within the room that it has, and a reading of a reading does. */
#include "effects/secrets_pack.h"
#include "effects/secrets_work.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_all(void *ctx, const char *p, size_t len, unsigned depth)
{
	for (unsigned form = 0; form < SECRETS_FORMS; form++) {
		size_t n = 0;
		char *text = secrets_decoded(ctx, p, len, form, &n), *exact;

		if (text && depth && (exact = malloc(n))) {
			memcpy(exact, text, n);
			read_all(ctx, exact, n, depth - 1);
			free(exact);
		}
		talloc_free(text);
	}
}

/* Every byte of it is there. */
static bool
touch(void *data, const char *path, const char *p, size_t len)
{
	(void)path;
	for (size_t i = 0; i < len; i++)
		*(unsigned *)data += (unsigned char)p[i];
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned sum = 0;
	void *ctx = talloc_new(NULL);
	char *exact = size <= 4096 ? malloc(size ? size : 1) : NULL;

	/* what stands behind it is not its own */
	if (exact) {
		memcpy(exact, data, size);
		(void)packed_within(exact, size);
		if (pack_is(exact, size))
			(void)packed_each(exact, size, touch, &sum);
		read_all(ctx, exact, size, 1);
		free(exact);
	}
	talloc_free(ctx);
	return 0;
}
