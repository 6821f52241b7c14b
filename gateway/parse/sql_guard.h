/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may pass in a PostgreSQL session that only reads.  The server's own
 * read-only transactions are one fence; this one keeps statements from lifting
 * it, and from doing what such a transaction allows nevertheless (COPY to a
 * program, large objects, dblink, prepared transactions ...).
 */
#ifndef AUTOMODE_PARSE_SQL_GUARD_H
#define AUTOMODE_PARSE_SQL_GUARD_H

#include <stdbool.h>

#define SQL_STATE_READ_ONLY "25006" /* read_only_sql_transaction */
#define SQL_STATE_FORBIDDEN "42501" /* insufficient_privilege */

struct sql_refusal {
	const char *what;  /* safe text: "DELETE without WHERE on orders" */
	const char *state; /* one of the above */
	bool ends;	   /* also where it passes: a transaction ends in it */
	const char *makes; /* where it passes: CREATE DATABASE of that name */
};

/* One or several statements; false with *why filled, hanging from ctx.
 * sensitive: tables whose rows may not come out, NULL-terminated; or NULL. */
bool sql_guard_passes(void *ctx, const char *text, const char *const *sensitive,
		      struct sql_refusal *why);
/*
 * The same for a session in which anything may be typed, of a database that
 * was kept before: false for what is not of that database alone, and so in no
 * dump of it.  own: that database; made: databases that the session has made
 * itself.
 */
bool sql_guard_session(void *ctx, const char *text, const char *own,
		       const char *const *made, struct sql_refusal *why);
/* The same for name = value; value NULL: not a constant. */
bool sql_guard_setting(const char *name, const char *value);
/* An encoding in which no character but itself has the byte of a quote or
 * backslash. */
bool sql_guard_encoding(const char *name);

#endif
