/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a client says to a PostgreSQL server that may only be
 * read, and as what the server answers: what goes on consists of messages, and
 * every statement in it passes.
 */
#include "parse/sql_guard.h"
#include "transport/pg_filter.h"
#include "transport/pg_relay.h"
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN "automode_refused_"

static void
look_at(void *ctx, const struct pg_buffer *out)
{
	const uint8_t *p = out->p + out->at;
	size_t left = out->len;
	struct sql_refusal why;

	while (left >= 5) {
		size_t len = (size_t)pg_u32(p + 1) + 1;
		const char *text = (const char *)p + 5;

		if (!strchr("QPBCDEHSXcdf", p[0]) || len < 5)
			BUG("the message %u", p[0]);
		if (len > left)
			return; /* the rest of it is still to come */
		if (p[0] == 'P')
			text += strlen(text) + 1;
		if ((p[0] == 'Q' || p[0] == 'P') &&
		    strncmp(text, TOKEN, strlen(TOKEN)) != 0 &&
		    !sql_guard_passes(ctx, text, NULL, &why))
			BUG("refused, and there: %s", text);
		p += len;
		left -= len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct pg_filter *f = pg_filter_new(ctx, "why", NULL);
	struct pg_buffer in = {.ctx = ctx}, out = in, told = in, on = in;
	struct pg_wish w;
	struct err e = {0};
	size_t step;

	if (size < 2 || size > 4096) {
		talloc_free(ctx);
		return 0;
	}
	step = data[0] + 1u;
	if (pg_wish_read(ctx, data + 1, size - 1, false, &w, &e) == 0 &&
	    (!w.user || !strstr(w.options, "default_transaction_read_only=on")))
		BUG("a beginning without a fence");
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		pg_buffer_add(&in, data + at, n);
		if (pg_filter_client(f, &in, &out, &e) < 0)
			break;
		/* the server is ready at once */
		pg_buffer_add(&told, "Z\0\0\0\5I", 6);
		if (pg_filter_server(f, &told, &on, &e) < 0)
			BUG("%s", e.msg);
	}
	look_at(ctx, &out);
	f = pg_filter_new(ctx, "why", NULL);
	told.len = on.len = 0;
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		pg_buffer_add(&told, data + at, n);
		if (pg_filter_server(f, &told, &on, &e) < 0)
			break;
	}
	talloc_free(ctx);
	return 0;
}
