/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a request from a box: only what the permits say comes out, and
 * what a path was unquoted from is what git would have quoted.
 */
#include "transport/attendant.h"
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct transport_permit permits[] = {
    {.scheme = PERMIT_SSH,
     .url = "git@h:p",
     .user = "git",
     .host = "h",
     .path = "p",
     .fetch = true},
    {.scheme = PERMIT_SSH,
     .url = "h:any",
     .host = "h",
     .path = "any",
     .fetch = true,
     .any_path = true},
    {.scheme = PERMIT_HTTPS,
     .url = "https://w/r",
     .host = "w",
     .path = "/r",
     .push = true},
};

/* sq_quote_buf() */
static void
check_quoting(void *ctx, const char *text)
{
	const char *plain = match_unquote(ctx, text);
	char *again;

	if (!plain)
		return;
	again = talloc_strdup(ctx, "'");
	for (; *plain; plain++)
		again = *plain == '\'' || *plain == '!'
			    ? talloc_asprintf_append(again, "'\\%c'", *plain)
			    : talloc_asprintf_append(again, "%c", *plain);
	again = talloc_asprintf_append(again, "'");
	if (strcmp(again, text) != 0)
		BUG("%s is not what git writes", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct need need = {
	    .permits = permits, .npermits = sizeof(permits) / sizeof(*permits)};
	void *ctx = talloc_new(NULL);
	struct transport_permit *p;
	struct transport_request rq;
	enum transport_service service;
	struct err e = {0};

	if (request_parse(ctx, data, size, &rq, &e) < 0)
		goto out;
	for (size_t i = 0; i < rq.argc; i++)
		if (strlen(rq.argv[i]) < 256)
			check_quoting(ctx, rq.argv[i]);
	if (match_request(ctx, &rq, &need, &p, &service, &e) < 0)
		goto out;
	if (service == SERVICE_PUSH || service == SERVICE_SIGN ||
	    service == SERVICE_NONE)
		BUG("a service that nobody permits");
	if (service != SERVICE_HELPER && (p->push || strcmp(p->host, "h") != 0))
		BUG("another host");
	if (service == SERVICE_HELPER && strcmp(p->url, "https://w/r") != 0)
		BUG("another address: %s", p->url);
out:
	talloc_free(ctx);
	return 0;
}
