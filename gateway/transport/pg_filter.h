/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client that may only read says to a PostgreSQL server, message by
 * message, and what the server answers (protocol 3.0, after the start).
 *
 * A statement that may not pass is replaced by one that the server cannot
 * parse, and the server's complaint by ours: so the state of the transaction,
 * the order of answers and the skipping until Sync are the server's own.
 *
 * Behind a Query or Sync nothing goes to the server before it says that it is
 * ready: until then it may still tell that a setting has changed.
 */
#ifndef AUTOMODE_TRANSPORT_PG_FILTER_H
#define AUTOMODE_TRANSPORT_PG_FILTER_H

#include "base/err.h"
#include "transport/pg_wire.h"

#define PG_STATEMENT_MAX (16u << 20) /* bytes of a message that is parsed */

struct pg_filter; /* opaque */

/* why: "[database \"prod\"] access = read-only". */
/* sensitive: see sql_guard.h. */
struct pg_filter *
pg_filter_new(void *ctx, const char *why, const char *const *sensitive);
/*
 * A session in which anything may be typed (sql_guard_session()): made is
 * where the names of databases go that it has made, in a list that ends with
 * NULL; ctx stays as long as the list.
 */
struct pg_made {
	void *ctx;
	const char *own; /* the database that was judged */
	const char **v;	 /* NULL: none yet */
	size_t n;
};
struct pg_filter *
pg_filter_session(void *ctx, const char *why, struct pg_made *made);
/* Moves what may go from in to out; what is left in in waits for more bytes,
 * or for the server.  Negative: no protocol, the connection must end. */
int pg_filter_client(struct pg_filter *f, struct pg_buffer *in,
		     struct pg_buffer *out, struct err *e);
int pg_filter_server(struct pg_filter *f, struct pg_buffer *in,
		     struct pg_buffer *out, struct err *e);
/* The server has been asked, and has not said that it is ready. */
bool pg_filter_waits(const struct pg_filter *f);
/* The client has taken its leave (Terminate). */
bool pg_filter_ended(const struct pg_filter *f);

#endif
