/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes at the front of a push: in parts or at once the answer is the
 * same, and a list that is taken names nothing but the permitted ref.
 */
#include "transport/push_list.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static int
judge(void *ctx, const struct transport_permit *p, const uint8_t *data,
      size_t size, size_t part)
{
	struct push_list *l = push_list_new(ctx, p);
	struct err e = {0};
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < size; at += part)
		rc = push_list_add(l, (const char *)data + at,
				   part < size - at ? part : size - at, &e);
	if (rc < 0 && e.msg[0] == '\0')
		BUG("refused without a reason");
	return rc < 0 ? -1 : rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct permit_update updates[] = {
	    {.ref = "refs/heads/main", .was = A, .will = B},
	    {.ref = "refs/heads/new", .will = B},
	};
	static const struct transport_permit some = {
	    .push = true, .updates = updates, .nupdates = 2};
	static const struct transport_permit none = {.push = true};
	void *ctx = talloc_new(NULL);
	int rc;

	if (size > 8192) {
		talloc_free(ctx);
		return 0;
	}
	rc = judge(ctx, &some, data, size, size ? size : 1);
	if (judge(ctx, &some, data, size, 1) != rc ||
	    judge(ctx, &some, data, size, 5) != rc)
		BUG("the parts matter");
	/* without any permitted update only shallow lines may stand there */
	if (judge(ctx, &none, data, size, 3) == 1 && rc == 1 && size >= 85 &&
	    memcmp(data + 4, A " " B, 81) == 0)
		BUG("an update that was not permitted");
	talloc_free(ctx);
	return 0;
}
