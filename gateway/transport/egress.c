/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes what connects to the listeners in the box and joins it with the
 * pinned address: the one that was meant first, then the others in turn.
 */
#include "transport/egress.h"
#include "base/own.h"
#include "transport/egress_private.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* At once; more wait in the backlog.  Each takes two pipes of a megabyte, and
 * a user has 64 for all of his (pipe(7), pipe-user-pages-soft). */
#define CONNECTIONS 16
#define LOOK_MS	    50	 /* between looks for a server that is not there */
#define PATIENCE_MS 4000 /* for an address, when there is another to try */

struct listener {
	struct egress *g;
	size_t at; /* in g->v */
	int fd;
	struct watch *watch;
	bool silent; /* it does not listen */
};

struct egress {
	struct loop *loop;
	struct egress_address *v;
	size_t n;
	struct listener listeners[EGRESS_ADDRESSES];
	size_t nlisteners, open;
	bool full;
	char *failed;
	char *nobody;		 /* nobody listens at one of its addresses */
	uint64_t sent, received; /* of relays that have ended */
	struct link *links;
	void (*serve)(int fd, void *data); /* NULL: relayed */
	void *serve_data;
};

/* One client, from accept to the end. */
struct link {
	struct egress *g;
	struct link *next, **at;
	int client, out;
	size_t meant, tried;
	struct watch *watch;
	struct timer *patience;
	struct relay *relay; /* NULL: still dialling */
};

static int
listener_close(struct egress *g)
{
	for (size_t i = 0; i < g->nlisteners; i++)
		close(g->listeners[i].fd);
	return 0;
}

static int
link_close(struct link *k)
{
	if (k->client >= 0)
		close(k->client);
	if (k->out >= 0)
		close(k->out);
	return 0;
}

static void
set_full(struct egress *g, bool full)
{
	if (g->full == full)
		return;
	g->full = full;
	for (size_t i = 0; i < g->nlisteners; i++)
		loop_pause(g->listeners[i].watch,
			   full || g->listeners[i].silent);
}

static void
link_end(struct link *k)
{
	struct egress *g = k->g;

	*k->at = k->next;
	if (k->next)
		k->next->at = k->at;
	g->open--;
	talloc_free(k);
	set_full(g, false);
}

static void
relay_done(struct relay *r, void *data)
{
	struct link *k = data;
	uint64_t sent, received;

	relay_bytes(r, &sent, &received);
	k->g->sent += sent;
	k->g->received += received;
	/* r frees itself */
	talloc_steal(k->g, r);
	link_end(k);
}

static char *
failure(struct egress *g, const struct egress_address *a, int error)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	const char *why = error == ECONNREFUSED ? "Connection refused"
			  : error == ETIMEDOUT	? "Connection timed out"
						: strerror(error);
	char *text;

	getnameinfo((const struct sockaddr *)&a->sa, a->len, host, sizeof(host),
		    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	text = talloc_asprintf(g, "connect to %s port %s: %s", host, port, why);
	if (!text)
		BUG("out of memory");
	return text;
}

static void
note_failure(struct egress *g, const struct egress_address *a, int error)
{
	talloc_free(g->failed);
	g->failed = failure(g, a, error);
}

static const struct egress_address *
dialled(const struct link *k)
{
	return &k->g->v[(k->meant + k->tried) % k->g->n];
}

static void dial(struct link *k);

static void
end_attempt(struct link *k)
{
	if (k->watch)
		loop_drop(k->g->loop, k->watch);
	if (k->patience)
		loop_timer_drop(k->g->loop, k->patience);
	k->watch = NULL;
	k->patience = NULL;
}

static void
attempt_failed(struct link *k, int error)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	note_failure(k->g, dialled(k), error);
	end_attempt(k);
	own_close_fd(&k->out);
	if (++k->tried < k->g->n) {
		dial(k);
		return;
	}
	setsockopt(k->client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	link_end(k);
}

static void
connected(struct link *k)
{
	int client = k->client, out = k->out;

	end_attempt(k);
	k->client = k->out = -1; /* the relay's now */
	k->relay = relay_start(k, k->g->loop, client, out, relay_done, k);
}

static void
on_connect(struct loop *l, struct watch *w, short revents, void *data)
{
	struct link *k = data;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)l;
	(void)w;
	(void)revents;
	if (getsockopt(k->out, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error)
		attempt_failed(k, error);
	else
		connected(k);
}

static void
on_patience(struct loop *l, void *data)
{
	(void)l;
	attempt_failed(data, ETIMEDOUT);
}

static void
dial(struct link *k)
{
	const struct egress_address *a = dialled(k);

	k->out = socket(a->sa.ss_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (k->out < 0) {
		attempt_failed(k, errno);
	} else if (connect(k->out, (const struct sockaddr *)&a->sa, a->len) ==
		   0) {
		connected(k);
	} else if (errno != EINPROGRESS) {
		attempt_failed(k, errno);
	} else {
		k->watch = loop_add(k->g->loop, k->out, POLLOUT, on_connect, k);
		/* the last address has all the time the kernel gives it */
		if (k->tried + 1 < k->g->n)
			k->patience =
			    loop_timer(k->g->loop, PATIENCE_MS, on_patience, k);
	}
}

static void
on_client(struct loop *l, struct watch *w, short revents, void *data)
{
	struct listener *from = data;
	struct egress *g = from->g;
	struct link *k;
	int fd;

	(void)l;
	(void)w;
	(void)revents;
	if (g->full)
		return;
	fd = accept4(from->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (g->serve) {
		g->serve(fd, g->serve_data);
		return;
	}
	k = talloc_zero(g, struct link);
	if (!k)
		BUG("out of memory");
	k->g = g;
	k->client = fd;
	k->out = -1;
	k->meant = from->at;
	k->next = g->links;
	k->at = &g->links;
	if (k->next)
		k->next->at = &k->next;
	g->links = k;
	talloc_set_destructor(k, link_close);
	if (++g->open >= CONNECTIONS)
		set_full(g, true);
	dial(k);
}

int
egress_listen(void *ctx, struct loop *l, pid_t first,
	      const struct egress_target *t, const struct egress_address *v,
	      size_t n, struct egress **out, struct err *e)
{
	int fds[EGRESS_ADDRESSES];
	struct egress *g;
	int rc;

	*out = NULL;
	if (n == 0 || n > EGRESS_ADDRESSES)
		return err_set(e, ERR_LIMIT, "%zu addresses for %s", n,
			       t->host);
	rc = egress_inside(first, v, n, fds, e);
	if (rc < 0)
		return rc;
	g = talloc_zero(ctx, struct egress);
	if (!g)
		BUG("out of memory");
	g->loop = l;
	g->n = n;
	g->v = talloc_memdup(g, v, n * sizeof(*v));
	if (!g->v)
		BUG("out of memory");
	talloc_set_destructor(g, listener_close);
	for (size_t i = 0; i < n; i++) {
		struct listener *s = &g->listeners[g->nlisteners];

		if (fds[i] < 0)
			continue;
		*s = (struct listener){.g = g, .at = i, .fd = fds[i]};
		s->watch = loop_add(l, s->fd, POLLIN, on_client, s);
		g->nlisteners++;
	}
	*out = g;
	return 0;
}

static void
look_again(struct loop *l, void *data)
{
	struct egress *g = data;
	bool some = false;

	for (size_t i = 0; i < g->nlisteners; i++) {
		struct listener *s = &g->listeners[i];

		if (!s->silent)
			continue;
		if (!egress_listed(&g->v[s->at]) ||
		    listen(s->fd, EGRESS_BACKLOG) < 0) {
			some = true;
			continue;
		}
		s->silent = false;
		TALLOC_FREE(g->nobody);
		loop_pause(s->watch, g->full);
	}
	if (some)
		loop_timer(l, LOOK_MS, look_again, g);
}

void
egress_like_outside(struct egress *g)
{
	bool some = false;

	for (size_t i = 0; i < g->nlisteners; i++) {
		struct listener *s = &g->listeners[i];

		/* what is bound stays so: connect(2) is refused there */
		if (!egress_nobody(&g->v[s->at]) ||
		    shutdown(s->fd, SHUT_RDWR) < 0)
			continue;
		s->silent = some = true;
		loop_pause(s->watch, true);
		if (!g->nobody)
			g->nobody = failure(g, &g->v[s->at], ECONNREFUSED);
	}
	if (some)
		loop_timer(g->loop, LOOK_MS, look_again, g);
}

void
egress_serve(struct egress *g, void (*accept)(int fd, void *data), void *data)
{
	g->serve = accept;
	g->serve_data = data;
}

const char *
egress_nobody_said(const struct egress *g)
{
	return g->nobody;
}

const char *
egress_failed(const struct egress *g)
{
	return g->failed;
}

void
egress_bytes(const struct egress *g, uint64_t *sent, uint64_t *received)
{
	*sent = g->sent;
	*received = g->received;
	for (const struct link *k = g->links; k; k = k->next) {
		uint64_t s, r;

		if (!k->relay)
			continue;
		relay_bytes(k->relay, &s, &r);
		*sent += s;
		*received += r;
	}
}
