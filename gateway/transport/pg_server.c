/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to the server: libpq starts it (names, addresses, TLS,
 * passwords, all as the client would have done it), then its socket, or the
 * TLS session on it, is ours.  Nothing is lost in between: after its first
 * ReadyForQuery a server waits to be asked.
 */
#include "base/libpq.h"
#include "transport/pg_relay.h"
#include "transport/pg_wire.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

struct pg_server {
	const struct libpq_functions *pq;
	const struct libssl_functions *tls; /* NULL: none */
	PGconn *conn;
	void *ssl;
	bool lenient; /* need_database */
};

static void
silent(void *data, const char *message)
{
	(void)data;
	(void)message;
}

static int
destroy(struct pg_server *s)
{
	int fd = s->pq->socket(s->conn);

	/* or it would wait to say its farewell */
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
	s->pq->finish(s->conn);
	return 0;
}

struct pg_server *
pg_server_start(void *ctx, const struct need_database *to,
		const struct pg_wish *w, const char *password, struct err *e)
{
	const struct libpq_functions *pq = libpq(e);
	bool other = strcmp(w->user, to->user) != 0;
	const char *keys[10], *values[10];
	struct pg_server *s;
	size_t n = 0;
	const struct {
		const char *key, *value;
	} all[] = {
	    {"dbname", to->conninfo}, /* the first one is taken apart */
	    {"dbname", w->database},
	    {"options", w->options},
	    {"client_encoding", w->encoding},
	    {"fallback_application_name", w->application},
	    /* the judged user's is not for another one */
	    {"user", other ? w->user : NULL},
	    {"password", password ? password
			 : other  ? getenv("PGPASSWORD")
				  : NULL},
	    {"gssencmode", "disable"},
	};

	if (!pq)
		return NULL;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!all[i].value || !*all[i].value)
			continue;
		keys[n] = all[i].key;
		values[n++] = all[i].value;
	}
	if (other && !password && !getenv("PGPASSWORD")) {
		keys[n] = "password";
		values[n++] = "";
	}
	keys[n] = values[n] = NULL;
	s = talloc_zero(ctx, struct pg_server);
	if (!s)
		BUG("out of memory");
	s->pq = pq;
	s->lenient = to->lenient;
	s->conn = pq->connect_start(keys, values, 1);
	if (!s->conn)
		BUG("out of memory");
	talloc_set_destructor(s, destroy);
	pq->set_notice_processor(s->conn, silent, NULL);
	return s;
}

int
pg_server_fd(const struct pg_server *s)
{
	return s->pq->socket(s->conn);
}

bool
pg_server_holds(const struct pg_server *s)
{
	return s->ssl && s->tls->has_pending(s->ssl);
}

bool
pg_server_needs_password(const struct pg_server *s)
{
	return s->pq->needs_password(s->conn);
}

int
pg_server_poll(struct pg_server *s, short *events, const char **failed)
{
	PostgresPollingStatusType now = s->pq->connect_poll(s->conn);

	if (now == PGRES_POLLING_OK)
		return 1;
	if (now == PGRES_POLLING_FAILED) {
		*failed = s->pq->error_message(s->conn);
		return -1;
	}
	*events = now == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
	return 0;
}

/* A proxy in between may have dropped what was asked for. */
static bool
is_read_only(struct pg_server *s)
{
	const char *told =
	    s->pq->parameter_status(s->conn, "default_transaction_read_only");
	PGresult *r;
	bool yes;

	if (told)
		return !strcmp(told, "on");
	r = s->pq->exec(s->conn, "SHOW transaction_read_only");
	yes = s->pq->ntuples(r) == 1 && !strcmp(s->pq->getvalue(r, 0, 0), "on");
	s->pq->clear(r);
	return yes;
}

int
pg_server_greet(struct pg_server *s, uint32_t key, bool writes,
		struct pg_buffer *out, uint32_t *pid, struct err *e)
{
	static const char *const told[] = {"server_version",
					   "server_encoding",
					   "client_encoding",
					   "application_name",
					   "default_transaction_read_only",
					   "in_hot_standby",
					   "is_superuser",
					   "session_authorization",
					   "DateStyle",
					   "IntervalStyle",
					   "TimeZone",
					   "integer_datetimes",
					   "standard_conforming_strings",
					   "scram_iterations",
					   "search_path"};
	const char *strings;

	if (!writes && !s->lenient && !is_read_only(s))
		return err_set(e, ERR_UNKNOWN,
			       "the server, or what stands before it, does "
			       "not make the session read-only");
	strings =
	    s->pq->parameter_status(s->conn, "standard_conforming_strings");
	if (!writes && (!strings || strcmp(strings, "on") != 0))
		return err_set(e, ERR_UNKNOWN,
			       "the server's strings end in another way");
	s->ssl = s->pq->ssl_struct(s->conn, "OpenSSL");
	if (s->ssl && !(s->tls = libssl(e)))
		return e->code;
	/* else it reads the head of each record by itself */
	if (s->ssl)
		s->tls->set_read_ahead(s->ssl, 1);
	pg_buffer_add(out, "R\0\0\0\10\0\0\0\0", 9); /* AuthenticationOk */
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		const char *v[] = {told[i],
				   s->pq->parameter_status(s->conn, told[i])};

		if (v[1])
			pg_put_message(out, 'S', v, 2);
	}
	*pid = (uint32_t)s->pq->backend_pid(s->conn);
	pg_buffer_add(out, "K\0\0\0\14", 5); /* BackendKeyData */
	pg_put_u32(out, *pid);
	pg_put_u32(out, key);
	pg_buffer_add(out, "Z\0\0\0\5I", 6); /* ReadyForQuery, idle */
	return 0;
}

static ssize_t
tls_result(struct pg_server *s, int n)
{
	int why;

	if (n > 0)
		return n;
	why = s->tls->get_error(s->ssl, n);
	if (why == LIBSSL_WANT_READ || why == LIBSSL_WANT_WRITE)
		return 0;
	errno = 0;
	return -1;
}

static ssize_t
plain_result(ssize_t n)
{
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == 0)
		errno = 0;
	return -1;
}

ssize_t
pg_server_read(struct pg_server *s, void *buf, size_t n)
{
	if (!s->ssl)
		return plain_result(
		    recv(s->pq->socket(s->conn), buf, n, MSG_DONTWAIT));
	s->tls->clear_error();
	return tls_result(
	    s, s->tls->read(s->ssl, buf, n > INT_MAX ? INT_MAX : (int)n));
}

ssize_t
pg_server_write(struct pg_server *s, const void *buf, size_t n)
{
	if (!s->ssl)
		return plain_result(send(s->pq->socket(s->conn), buf, n,
					 MSG_DONTWAIT | MSG_NOSIGNAL));
	s->tls->clear_error();
	return tls_result(
	    s, s->tls->write(s->ssl, buf, n > INT_MAX ? INT_MAX : (int)n));
}

void
pg_server_cancel(struct pg_server *s)
{
	PGcancel *c = s->pq->get_cancel(s->conn);
	char why[256];

	/* it connects, and waits */
	if (c && fork() == 0) {
		s->pq->cancel(c, why, sizeof(why));
		_exit(0);
	}
}
