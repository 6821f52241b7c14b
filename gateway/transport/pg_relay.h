/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PostgreSQL server as a client in a box sees it, where the profile says
 * that the database is only read, or where nobody knows what will be typed: we
 * start the connection, with the person's password and TLS settings and by
 * libpq itself; the client is told that it is in, and says only what
 * pg_filter.h lets through.
 *
 * For what only reads the server is asked for read-only transactions when the
 * connection starts, where no RESET takes it back.
 */
#ifndef AUTOMODE_TRANSPORT_PG_RELAY_H
#define AUTOMODE_TRANSPORT_PG_RELAY_H

#include "invocation/invocation.h"
#include "tools/tool.h"
#include "transport/loop.h"

struct pg_relay; /* opaque */

/* In a process of its own: the environment becomes that of in, as far as it
 * says how to connect, and what libpq says is not for anybody's stderr. */
struct pg_relay *
pg_relay_new(void *ctx, struct loop *l, const struct invocation *in,
	     const struct need_database *to);
/* A client has connected; fd is ours from here on. */
void pg_relay_accept(int fd, void *relay);

/* pg_start.c: what a client wants of a connection. */
struct pg_wish {
	const char *user, *database;
	const char *options; /* of ours, and the client's */
	bool plain;	     /* of ours alone */
	const char *application, *encoding;
	bool newer;  /* than protocol 3.0 */
	bool writes; /* the options are the client's as they are */
};
/* A startup message behind its length and version; negative with the reason
 * for the client. */
int pg_wish_read(void *ctx, const uint8_t *p, size_t len, bool writes,
		 struct pg_wish *out, struct err *e);

/* pg_server.c: the connection to the server. */
struct pg_server; /* opaque */
struct pg_server *
pg_server_start(void *ctx, const struct need_database *to,
		const struct pg_wish *w, const char *password, struct err *e);
/* 1: connected; 0: wait for *events of pg_server_fd(), which may have become
 * another; negative: it failed, with the client's words for it. */
int pg_server_poll(struct pg_server *s, short *events, const char **failed);
int pg_server_fd(const struct pg_server *s);
/* It has read bytes that poll(2) does not know of. */
bool pg_server_holds(const struct pg_server *s);
bool pg_server_needs_password(const struct pg_server *s);
/* Of a connected one: all that a server tells at the beginning. */
struct pg_buffer;
int pg_server_greet(struct pg_server *s, uint32_t key, bool writes,
		    struct pg_buffer *out, uint32_t *pid, struct err *e);
/* Bytes moved; 0: not now; -1: the end (errno 0) or an error. */
ssize_t pg_server_read(struct pg_server *s, void *buf, size_t n);
ssize_t pg_server_write(struct pg_server *s, const void *buf, size_t n);
/* Asks the server to cancel, from a process of its own that holds fd as long
 * as it takes. */
void pg_server_cancel(struct pg_server *s);

#endif
