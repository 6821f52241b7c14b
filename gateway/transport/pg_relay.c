/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients and their connections to the server: messages in both directions
 * through the filter.
 */
#include "parse/sql_guard.h"
#include "transport/pg_link.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#define CHUNK (64u << 10)  /* bytes of one read */
#define FULL  (256u << 10) /* waiting to be written: nothing more is read */
#define LINKS 256

/* What the caller's libpq would go by, and what the judged target does not
 * say already. */
static void
take_environment(const struct invocation *in)
{
	static const char *const judged[] = {
	    "PGOPTIONS",  "PGSERVICE",	      "PGHOST",
	    "PGHOSTADDR", "PGPORT",	      "PGDATABASE",
	    "PGUSER",	  "PGCLIENTENCODING", "PGAPPNAME"};

	clearenv();
	for (size_t i = 0; i < in->envc; i++) {
		const char *eq = strchr(in->env[i], '=');
		char *name;

		if (!eq || (strncmp(in->env[i], "PG", 2) != 0 &&
			    strncmp(in->env[i], "KRB5", 4) != 0 &&
			    strncmp(in->env[i], "LANG", 4) != 0 &&
			    strncmp(in->env[i], "LC_", 3) != 0 &&
			    strncmp(in->env[i], "HOME=", 5) != 0))
			continue;
		name = strndup(in->env[i], (size_t)(eq - in->env[i]));
		if (!name || setenv(name, eq + 1, 1) < 0)
			BUG("out of memory");
		free(name);
	}
	for (size_t i = 0; i < sizeof(judged) / sizeof(*judged); i++)
		unsetenv(judged[i]);
}

struct pg_relay *
pg_relay_new(void *ctx, struct loop *l, const struct invocation *in,
	     const struct need_database *to)
{
	struct pg_relay *r = talloc_zero(ctx, struct pg_relay);

	if (!r)
		BUG("out of memory");
	r->loop = l;
	loop_quick(l);
	r->to = to;
	r->made.ctx = r;
	if (to->session)
		r->made.own = to->session->database;
	take_environment(in);
	/* relative names of certificates; where it is gone they are not there
	 * either */
	if (chdir(in->cwd) < 0 && chdir("/") < 0)
		BUG("no root directory");
	/* those that carry requests to cancel */
	signal(SIGCHLD, SIG_IGN);
	return r;
}

static int
link_free(struct link *k)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	if (k->reset)
		setsockopt(k->client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(k->client);
	return 0;
}

static void
link_end(struct link *k)
{
	struct pg_relay *r = k->r;

	loop_drop(r->loop, k->client_watch);
	loop_drop(r->loop, k->server_watch);
	*k->place = k->next;
	if (k->next)
		k->next->place = k->place;
	r->n--;
	talloc_free(k);
}

/* --- writing ----------------------------------------------------------------
 */

void
pg_link_flush(struct link *k)
{
	while (k->to_client.len) {
		ssize_t n = send(k->client, pg_buffer_head(&k->to_client),
				 k->to_client.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			k->client_ended = true;
			k->to_client.len = 0;
			return;
		}
		pg_buffer_drop(&k->to_client, (size_t)n);
	}
}

static void
flush_server(struct link *k)
{
	while (k->to_server.len && !k->server_ended) {
		ssize_t n = pg_server_write(
		    k->server, pg_buffer_head(&k->to_server), k->to_server.len);

		if (n == 0)
			return;
		if (n < 0) {
			/* what it has said before is still to be read */
			k->to_server.len = 0;
			return;
		}
		pg_buffer_drop(&k->to_server, (size_t)n);
	}
}

/* --- both directions --------------------------------------------------------
 */

static void
filter_client(struct link *k)
{
	struct err e = {0};

	pg_link_begin(k);
	if (k->stage != STAGE_OPEN || !k->from_client.len ||
	    k->to_server.len >= FULL)
		return;
	if (pg_filter_client(k->filter, &k->from_client, &k->to_server, &e) < 0)
		pg_link_fatal(k, "08P01", e.msg);
	flush_server(k);
}

/* What the client has sent goes on, however much it is. */
static bool
moves_on(const struct link *k)
{
	return k->stage == STAGE_OPEN && !pg_filter_waits(k->filter) &&
	       k->to_server.len < FULL;
}

static void
read_client(struct link *k)
{
	ssize_t n;

	if (k->from_client.len >= FULL && !moves_on(k))
		return;
	n = recv(k->client, pg_buffer_room(&k->from_client, CHUNK), CHUNK,
		 MSG_DONTWAIT);
	if (n > 0)
		k->from_client.len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		k->client_ended = true;
}

static void
read_server(struct link *k)
{
	struct err e = {0};

	while (k->to_client.len < FULL && !k->server_ended &&
	       k->stage == STAGE_OPEN) {
		ssize_t n = pg_server_read(
		    k->server, pg_buffer_room(&k->from_server, CHUNK), CHUNK);

		if (n == 0)
			break;
		if (n < 0) {
			k->server_ended = true;
			k->reset = errno != 0;
			break;
		}
		k->from_server.len += (size_t)n;
		if (pg_filter_server(k->filter, &k->from_server, &k->to_client,
				     &e) < 0)
			pg_link_fatal(k, SQL_STATE_FORBIDDEN, e.msg);
		pg_link_flush(k);
		if ((size_t)n < CHUNK && !pg_server_holds(k->server))
			break;
	}
}

/* After whatever has happened: what to wait for, or the end. */
static void
settle(struct link *k)
{
	short events = 0;

	if (k->client_ended ||
	    (k->stage == STAGE_OPEN && pg_filter_ended(k->filter) &&
	     !k->to_server.len) ||
	    ((k->stage == STAGE_END || k->server_ended) && !k->to_client.len)) {
		link_end(k);
		return;
	}
	if (k->from_client.len < FULL || moves_on(k))
		events |= POLLIN;
	loop_change(k->client_watch,
		    (short)(events | (k->to_client.len ? POLLOUT : 0)));
	if (k->stage != STAGE_OPEN || !k->server_watch)
		return;
	loop_pause(k->server_watch, k->server_ended);
	loop_change(k->server_watch,
		    (short)((k->to_client.len < FULL ? POLLIN : 0) |
			    (k->to_server.len ? POLLOUT : 0)));
}

static void
on_client(struct loop *l, struct watch *w, short revents, void *data)
{
	struct link *k = data;
	bool full = k->to_client.len >= FULL;

	(void)l;
	(void)w;
	if (revents & POLLOUT)
		pg_link_flush(k);
	if (revents & ~POLLOUT)
		read_client(k);
	if (full)
		read_server(k);
	filter_client(k);
	settle(k);
}

void
pg_link_on_server(struct loop *l, struct watch *w, short revents, void *data)
{
	struct link *k = data;

	(void)l;
	(void)w;
	if (k->stage == STAGE_CONNECT) {
		pg_link_connect(k);
	} else if (k->stage == STAGE_OPEN) {
		if (revents & POLLOUT)
			flush_server(k);
		read_server(k);
	}
	filter_client(k);
	settle(k);
}

void
pg_relay_accept(int fd, void *relay)
{
	struct pg_relay *r = relay;
	int one = 1;
	struct link *k;

	if (r->n >= LINKS) {
		close(fd);
		return;
	}
	k = talloc_zero(r, struct link);
	if (!k)
		BUG("out of memory");
	k->r = r;
	k->client = fd;
	k->from_client.ctx = k->from_server.ctx = k;
	k->to_client.ctx = k->to_server.ctx = k;
	k->next = r->links;
	k->place = &r->links;
	if (k->next)
		k->next->place = &k->next;
	r->links = k;
	r->n++;
	talloc_set_destructor(k, link_free);
	/* no error where it is no TCP socket */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	k->client_watch = loop_add(r->loop, fd, POLLIN, on_client, k);
}
