/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_link.h. */
#include "reversal/redis_link.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define STRING_MAX (512u << 20)

struct redis_link {
	int fd;
	char in[1 << 16];
	size_t at, len;
	char *out;
	size_t nout, room;
};

static int
close_link(struct redis_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	return 0;
}

/* Value of a line "key=..."; NULL: none. */
static char *
field(void *ctx, const char *conninfo, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = conninfo; *p; p += strcspn(p, "\n") + 1) {
		size_t k = strcspn(p, "\n");

		if (k > n && !strncmp(p, key, n) && p[n] == '=')
			return have(talloc_strndup(ctx, p + n + 1, k - n - 1));
		if (!p[k])
			break;
	}
	return NULL;
}

static bool
reach(struct redis_link *l, int family, const struct sockaddr *to,
      socklen_t len)
{
	struct timeval limit = {.tv_sec = 20};

	l->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return false;
	setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(l->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(l->fd, to, len) == 0)
		return true;
	close(l->fd);
	l->fd = -1;
	return false;
}

static bool
reach_socket(struct redis_link *l, const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(un.sun_path))
		return false;
	memcpy(un.sun_path, path, strlen(path));
	return reach(l, AF_UNIX, (struct sockaddr *)&un, sizeof(un));
}

static bool
reach_host(struct redis_link *l, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all, *a;
	bool ok = false;

	if (getaddrinfo(host, port, &hints, &all) != 0)
		return false;
	for (a = all; a && !ok; a = a->ai_next)
		ok = reach(l, a->ai_family, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(all);
	return ok;
}

int
redis_link_open(void *ctx, const char *conninfo, struct redis_link **out,
		struct err *e)
{
	struct redis_link *l = have(talloc_zero(ctx, struct redis_link));
	char *path = field(l, conninfo, "socket");
	char *host = field(l, conninfo, "host");
	char *port = field(l, conninfo, "port");
	char *user = field(l, conninfo, "user");
	char *pass = field(l, conninfo, "pass");
	const char *auth[] = {"AUTH", user ? user : pass, pass};
	struct redis_reply r;

	l->fd = -1;
	talloc_set_destructor(l, close_link);
	if (field(l, conninfo, "tls"))
		return err_set(e, ERR_UNKNOWN, "it is reached by TLS");
	if (!(path ? reach_socket(l, path)
		   : reach_host(l, host ? host : "127.0.0.1",
				port ? port : "6379")))
		return 1;
	*out = l;
	if (!pass)
		return 0;
	/* a wrong password shows with the next command, as it will for the
	 * client itself */
	redis_link_say(l, user ? 3 : 2, auth, NULL);
	return redis_link_send(l, e) < 0 ? e->code
					 : redis_link_hear(l, l, &r, e);
}

static void
put(struct redis_link *l, const void *bytes, size_t n)
{
	if (l->nout + n > l->room) {
		l->room = (l->nout + n) * 2;
		l->out = have(talloc_realloc_size(l, l->out, l->room));
	}
	memcpy(l->out + l->nout, bytes, n);
	l->nout += n;
}

void
redis_link_say(struct redis_link *l, size_t n, const char *const *words,
	       const size_t *lens)
{
	char head[40];

	put(l, head, (size_t)snprintf(head, sizeof(head), "*%zu\r\n", n));
	for (size_t i = 0; i < n; i++) {
		size_t len = lens ? lens[i] : strlen(words[i]);

		put(l, head,
		    (size_t)snprintf(head, sizeof(head), "$%zu\r\n", len));
		put(l, words[i], len);
		put(l, "\r\n", 2);
	}
}

int
redis_link_send(struct redis_link *l, struct err *e)
{
	for (size_t at = 0; at < l->nout;) {
		ssize_t k =
		    send(l->fd, l->out + at, l->nout - at, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return err_sys(e, "speaking to the server");
		at += (size_t)k;
	}
	l->nout = 0;
	return 0;
}

static int
more(struct redis_link *l, struct err *e)
{
	ssize_t k;

	do
		k = recv(l->fd, l->in, sizeof(l->in), 0);
	while (k < 0 && errno == EINTR);
	if (k <= 0)
		return k ? err_sys(e, "hearing the server")
			 : err_set(e, ERR_SYSTEM, "the server hung up");
	l->at = 0;
	l->len = (size_t)k;
	return 0;
}

static int
line(struct redis_link *l, char *to, size_t room, struct err *e)
{
	size_t n = 0;

	for (;;) {
		if (l->at == l->len && more(l, e) < 0)
			return e->code;
		if (l->in[l->at] == '\n') {
			l->at++;
			to[n && to[n - 1] == '\r' ? n - 1 : n] = '\0';
			return 0;
		}
		if (n + 1 >= room)
			return err_set(e, ERR_SYNTAX, "a very long reply");
		to[n++] = l->in[l->at++];
	}
}

static int
bytes(struct redis_link *l, char *to, size_t n, struct err *e)
{
	while (n) {
		size_t k;

		if (l->at == l->len && more(l, e) < 0)
			return e->code;
		k = l->len - l->at < n ? l->len - l->at : n;
		memcpy(to, l->in + l->at, k);
		l->at += k;
		to += k;
		n -= k;
	}
	return 0;
}

int
redis_link_hear(void *ctx, struct redis_link *l, struct redis_reply *r,
		struct err *e)
{
	char head[4096];
	char end[2];

	*r = (struct redis_reply){0};
	if (line(l, head, sizeof(head), e) < 0)
		return e->code;
	r->type = head[0];
	switch (r->type) {
	case '+':
	case '-':
		r->v = have(talloc_strdup(ctx, head + 1));
		r->len = strlen(r->v);
		return 0;
	case ':':
	case '*':
		r->n = strtoll(head + 1, NULL, 10);
		r->none = r->type == '*' && r->n < 0;
		return 0;
	case '$':
		r->n = strtoll(head + 1, NULL, 10);
		r->none = r->n < 0;
		if (r->none)
			return 0;
		if (r->n > STRING_MAX)
			return err_set(e, ERR_LIMIT, "a very long reply");
		r->len = (size_t)r->n;
		r->v = have(talloc_size(ctx, r->len + 1));
		r->v[r->len] = '\0';
		return bytes(l, r->v, r->len, e) < 0 ? e->code
						     : bytes(l, end, 2, e);
	default:
		return err_set(e, ERR_SYNTAX, "no reply of a Redis server");
	}
}
