/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes on the socket: frames come out whole or not at all, fields stay
 * inside their frame, and what was read is written back as the same bytes.
 */
#include "wire/frame.h"
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the body as fields of bytes, and writes them again. */
static void
rewrite(void *ctx, const struct frame *in)
{
	struct frame_out out;
	struct fields f;
	size_t len;
	char *p;

	frame_out_init(ctx, &out, in->type);
	fields_init(&f, in->body, in->len);
	while (!fields_done(&f)) {
		p = fields_bytes(ctx, &f, &len);
		if (!p)
			return;
		if (p[len] != '\0')
			BUG("no NUL behind a field");
		frame_out_bytes(&out, p, len);
	}
	if (out.len != in->len || memcmp(out.body, in->body, in->len) != 0)
		BUG("written again it differs");
}

/* The same bytes read as numbers and strings without NUL. */
static void
misread(void *ctx, const struct frame *in)
{
	struct fields f;

	fields_init(&f, in->body, in->len);
	for (unsigned int i = 0; !f.bad && !fields_done(&f); i++) {
		char *s;

		if (i % 3 == 0) {
			fields_u64(&f);
			continue;
		}
		s = fields_bytes(ctx, &f, NULL);
		if (!s && !f.bad)
			BUG("a field is missing and nobody says so");
	}
	if (f.bad && (fields_u64(&f) != 0 || fields_done(&f)))
		BUG("a bad field was forgotten");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct err e = {0};
	struct frame in;
	int s[2];

	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0) {
		talloc_free(ctx);
		return 0;
	}
	if (size && write(s[1], data, size) != (ssize_t)size)
		BUG("the socket takes no %zu bytes", size);
	close(s[1]);
	while (frame_read(ctx, s[0], 0, &in, &e) == 0) {
		rewrite(ctx, &in);
		misread(ctx, &in);
	}
	close(s[0]);
	talloc_free(ctx);
	return 0;
}
