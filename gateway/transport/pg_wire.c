/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of bytes, and messages as a PostgreSQL server writes them. */
#include "transport/pg_wire.h"
#include "base/err.h"
#include <arpa/inet.h>
#include <string.h>
#include <talloc.h>

uint8_t *
pg_buffer_room(struct pg_buffer *b, size_t n)
{
	if (b->len == 0)
		b->at = 0;
	if (b->at + b->len + n > b->room && b->at > 0) {
		memmove(b->p, b->p + b->at, b->len);
		b->at = 0;
	}
	if (b->len + n > b->room) {
		b->room = (b->len + n) * 2;
		b->p = talloc_realloc(b->ctx, b->p, uint8_t, (unsigned)b->room);
		if (!b->p)
			BUG("out of memory");
	}
	return b->p + b->at + b->len;
}

void
pg_buffer_add(struct pg_buffer *b, const void *bytes, size_t n)
{
	if (!n)
		return;
	memcpy(pg_buffer_room(b, n), bytes, n);
	b->len += n;
}

void
pg_buffer_drop(struct pg_buffer *b, size_t n)
{
	if (n > b->len)
		BUG("%zu of %zu bytes", n, b->len);
	b->at += n;
	b->len -= n;
}

uint32_t
pg_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

void
pg_put_u32(struct pg_buffer *b, uint32_t n)
{
	n = htonl(n);
	pg_buffer_add(b, &n, sizeof(n));
}

void
pg_put_message(struct pg_buffer *b, char type, const char *const *v, size_t n)
{
	size_t len = 4;

	for (size_t i = 0; i < n; i++)
		len += strlen(v[i]) + 1;
	if (type)
		pg_buffer_add(b, &type, 1);
	pg_put_u32(b, (uint32_t)len);
	for (size_t i = 0; i < n; i++)
		pg_buffer_add(b, v[i], strlen(v[i]) + 1);
}

void
pg_put_error(struct pg_buffer *b, const struct pg_error *e)
{
	const struct {
		char field;
		const char *text;
	} fields[] = {{'S', e->severity},
		      {'V', e->severity},
		      {'C', e->state},
		      {'M', e->message},
		      {'D', e->detail}};
	size_t len = 4 + 1;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].text)
			len += strlen(fields[i].text) + 2;
	pg_buffer_add(b, "E", 1);
	pg_put_u32(b, (uint32_t)len);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!fields[i].text)
			continue;
		pg_buffer_add(b, &fields[i].field, 1);
		pg_buffer_add(b, fields[i].text, strlen(fields[i].text) + 1);
	}
	pg_buffer_add(b, "", 1);
}
