/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes and messages of PostgreSQL's protocol 3.0. */
#ifndef AUTOMODE_TRANSPORT_PG_WIRE_H
#define AUTOMODE_TRANSPORT_PG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PG_CANCEL	80877102u
#define PG_SSL		80877103u
#define PG_GSS		80877104u
#define PG_VERSION_3	3u
#define PG_STARTUP_MAX	10000u /* as PostgreSQL 15 has it */
#define PG_PASSWORD_MAX 65535u

/* A queue of bytes: of p, at to at + len are waiting. */
struct pg_buffer {
	void *ctx;
	uint8_t *p;
	size_t at, len, room;
};

/* Room for at least n bytes at the end of the queue. */
uint8_t *pg_buffer_room(struct pg_buffer *b, size_t n);
void pg_buffer_add(struct pg_buffer *b, const void *bytes, size_t n);
void pg_buffer_drop(struct pg_buffer *b, size_t n);
static inline const uint8_t *
pg_buffer_head(const struct pg_buffer *b)
{
	return b->p + b->at;
}

uint32_t pg_u32(const uint8_t *p);
void pg_put_u32(struct pg_buffer *b, uint32_t n);
/* A message of text fields, each with its NUL; type 0: none. */
void
pg_put_message(struct pg_buffer *b, char type, const char *const *v, size_t n);
struct pg_error {
	const char *severity, *state, *message, *detail; /* detail: or NULL */
};
void pg_put_error(struct pg_buffer *b, const struct pg_error *e);

#endif
