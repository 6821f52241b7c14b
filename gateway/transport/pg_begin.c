/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's connection until it may be heard: what it asks for, whether that
 * is what was judged, passwords, and libpq's own connection to the server.
 */
#include "parse/sql_guard.h"
#include "transport/pg_link.h"
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>

static const char *
why(const struct link *k)
{
	if (k->reads)
		return k->reads;
	return k->r->to->session ? k->r->to->session->why : k->r->to->why;
}

void
pg_link_fatal(struct link *k, const char *state, const char *text)
{
	const struct pg_error e = {
	    .severity = "FATAL",
	    .state = state,
	    .message = talloc_asprintf(k, "automode: refused: %s", text),
	    .detail = why(k),
	};

	pg_put_error(&k->to_client, &e);
	k->stage = STAGE_END;
	pg_link_flush(k);
}

/*
 * libpq's own words for why there is no connection, as a server before 7.4
 * would say it: the client's libpq takes such a text as it is.  It writes the
 * beginning, to which server the connection went, by itself.
 */
static void
not_connected(struct link *k, const char *text)
{
	const char *begin = "connection to server ", *failed;
	size_t n;

	failed = strncmp(text, begin, strlen(begin)) == 0
		     ? strstr(text, " failed: ")
		     : NULL;
	if (failed)
		text = failed + strlen(" failed: ");
	n = strlen(text);
	if (n >= 4) {
		pg_buffer_add(&k->to_client, "E", 1);
		pg_buffer_add(&k->to_client, text, n + 1);
	}
	k->stage = STAGE_END;
	pg_link_flush(k);
}

/* --- the beginning ----------------------------------------------------------
 */

static void
watch_server(struct link *k, short events)
{
	/* libpq may have opened another one, under the same number */
	loop_drop(k->r->loop, k->server_watch);
	k->server_watch = loop_add(k->r->loop, pg_server_fd(k->server), events,
				   pg_link_on_server, k);
}

static void
ask_password(struct link *k)
{
	/* AuthenticationCleartextPassword; it does not leave this machine */
	pg_buffer_add(&k->to_client, "R\0\0\0\10\0\0\0\3", 9);
	k->stage = STAGE_PASSWORD;
	pg_link_flush(k);
}

static void
opened(struct link *k)
{
	struct err e = {0};

	if (getrandom(&k->key, sizeof(k->key), 0) != sizeof(k->key))
		BUG("no random bytes");
	if (k->wish.newer)
		/* NegotiateProtocolVersion: 3.0, and nothing beside it */
		pg_buffer_add(&k->to_client, "v\0\0\0\14\0\0\0\0\0\0\0\0", 13);
	if (pg_server_greet(k->server, k->key, k->wish.writes, &k->to_client,
			    &k->pid, &e) < 0) {
		k->to_client.len = 0;
		pg_link_fatal(k, SQL_STATE_FORBIDDEN, e.msg);
		return;
	}
	if (k->wish.writes)
		k->filter = pg_filter_session(k, why(k), &k->r->made);
	else
		k->filter = pg_filter_new(k, why(k), k->r->to->sensitive);
	k->stage = STAGE_OPEN;
	pg_link_flush(k);
	watch_server(k, POLLIN);
}

static void connect_server(struct link *k);

/* As a pool of connections says it, which has none for us alone. */
static bool
takes_no_settings(const struct link *k, const char *failed)
{
	return k->r->to->lenient && k->wish.options && k->wish.plain &&
	       (strstr(failed, "startup parameter") ||
		strstr(failed, "command-line options"));
}

void
pg_link_connect(struct link *k)
{
	const char *failed = NULL;
	short events = 0;
	int rc = pg_server_poll(k->server, &events, &failed);

	if (rc > 0) {
		opened(k);
	} else if (rc == 0) {
		watch_server(k, events);
	} else if (takes_no_settings(k, failed)) {
		loop_drop(k->r->loop, k->server_watch);
		k->server_watch = NULL;
		TALLOC_FREE(k->server);
		k->wish.options = NULL;
		connect_server(k);
	} else {
		bool ask = pg_server_needs_password(k->server);

		loop_drop(k->r->loop, k->server_watch);
		k->server_watch = NULL;
		if (ask)
			ask_password(k);
		else
			not_connected(k, failed);
		talloc_free(k->server);
		k->server = NULL;
	}
}

static void
connect_server(struct link *k)
{
	struct err e = {0};

	k->stage = STAGE_CONNECT;
	k->server = pg_server_start(k, k->r->to, &k->wish, k->password, &e);
	if (!k->server)
		pg_link_fatal(k, SQL_STATE_FORBIDDEN, e.msg);
	else
		pg_link_connect(k);
}

static void
cancel(struct link *k, const uint8_t *p)
{
	uint32_t pid = pg_u32(p), key = pg_u32(p + 4);

	for (struct link *o = k->r->links; o; o = o->next)
		if (o->stage == STAGE_OPEN && o->pid == pid && o->key == key)
			pg_server_cancel(o->server);
	k->stage = STAGE_END;
}

static bool
is_made(const struct pg_relay *r, const char *database)
{
	for (size_t i = 0; i < r->made.n; i++)
		if (!strcmp(r->made.v[i], database))
			return true;
	return false;
}

/* Who it wants to be, and where. */
static int
wish(struct link *k, const uint8_t *p, size_t len, struct err *e)
{
	const struct database_session *s = k->r->to->session;
	const char *database;

	if (pg_wish_read(k, p, len, s, &k->wish, e) < 0)
		return e->code;
	if (!s) {
		if (strcmp(k->wish.user, k->r->to->user) != 0)
			return err_set(e, ERR_UNKNOWN,
				       "another user than was judged");
		return 0;
	}
	database = k->wish.database && *k->wish.database ? k->wish.database
							 : k->wish.user;
	k->reads = NULL;
	if (s->judge(k, s, k->wish.user, database, &k->reads, e) < 0)
		return e->code;
	if (is_made(k->r, database))
		k->reads = NULL;
	if (k->reads)
		return pg_wish_read(k, p, len, false, &k->wish, e);
	return 0;
}

/* True: something has been taken of what came. */
static bool
start_message(struct link *k)
{
	const uint8_t *p = pg_buffer_head(&k->from_client);
	struct err e = {0};
	uint32_t len, code;

	if (k->from_client.len < 8)
		return false;
	len = pg_u32(p);
	code = pg_u32(p + 4);
	if (len < 8 || len > PG_STARTUP_MAX) {
		k->stage = STAGE_END;
		return false;
	}
	if (k->from_client.len < len)
		return false;
	if (code == PG_SSL || code == PG_GSS) {
		pg_buffer_add(&k->to_client, "N", 1);
		pg_link_flush(k);
	} else if (code == PG_CANCEL && len == 16) {
		cancel(k, p + 8);
	} else if (code >> 16 != PG_VERSION_3) {
		pg_link_fatal(k, "0A000", "another protocol than 3.0");
	} else if (wish(k, p + 8, len - 8, &e) < 0) {
		pg_link_fatal(k, SQL_STATE_FORBIDDEN, e.msg);
	} else {
		k->wish.newer |= code & 0xffff;
		if (k->r->to->asks)
			ask_password(k);
		else
			connect_server(k);
	}
	pg_buffer_drop(&k->from_client, len);
	return true;
}

static bool
password_message(struct link *k)
{
	const uint8_t *p = pg_buffer_head(&k->from_client);
	size_t len;

	if (k->from_client.len < 5)
		return false;
	len = (size_t)pg_u32(p + 1) + 1;
	if (p[0] != 'p' || len < 6 || len > PG_PASSWORD_MAX) {
		k->stage = STAGE_END;
		return false;
	}
	if (k->from_client.len < len)
		return false;
	k->password = talloc_strndup(k, (const char *)p + 5, len - 5);
	pg_buffer_drop(&k->from_client, len);
	connect_server(k);
	return true;
}

void
pg_link_begin(struct link *k)
{
	while (k->from_client.len && k->stage < STAGE_CONNECT)
		if (!(k->stage == STAGE_START ? start_message(k)
					      : password_message(k)))
			return;
}
