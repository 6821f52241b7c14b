/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports and sockets of this machine that lead to another one: ssh, socat or
 * ncat listens there, and carries on what it gets.
 */
#include "base/err.h"
#include "base/file.h"
#include "tools/listener.h"
#include "tools/sender.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define DEPTH 8

struct look {
	struct sender *s;
	int depth;
	const char *found;
};

static bool seen(void *ctx, const char *pid, void *data);

static bool
at_port(struct look *l, unsigned port)
{
	struct look on = {.s = l->s, .depth = l->depth + 1};

	return on.depth < DEPTH &&
	       listener_at_port(l->s->c->ctx, port, true, seen, &on);
}

static bool
at_socket(struct look *l, const char *path)
{
	struct look on = {.s = l->s, .depth = l->depth + 1};

	return on.depth < DEPTH &&
	       listener_at_socket(l->s->c->ctx, path, seen, &on);
}

/* "TCP:host:port,fork": to another machine, or to a port that leads there? */
static bool
word_leads(struct look *l, const char *word)
{
	char *host, *port;

	switch (socat_leads(l->s->c->ctx, word, &host)) {
	case SOCAT_NOWHERE:
		return false;
	case SOCAT_SOCKET:
		return at_socket(l, host);
	case SOCAT_HOST:
		break;
	}
	port = strrchr(host, ':');
	if (port)
		*port++ = '\0';
	return sender_scope(l->s, host, 0) != SCOPE_LOCAL ||
	       (port && at_port(l, (unsigned)strtoul(port, NULL, 10)));
}

static bool
seen(void *ctx, const char *pid, void *data)
{
	struct look *l = data;
	struct err e = {0};
	char *name, *words;
	size_t len, count = 0;
	bool leads;

	if (file_read(ctx, AT_FDCWD, talloc_asprintf(ctx, "/proc/%s/comm", pid),
		      64, &name, NULL, &e) != 0 ||
	    file_read(ctx, AT_FDCWD,
		      talloc_asprintf(ctx, "/proc/%s/cmdline", pid), 1 << 20,
		      &words, &len, &e) != 0)
		return false;
	leads = !strcmp(name, "ssh\n");
	for (const char *w = words; w < words + len; w += strlen(w) + 1) {
		if (!strncmp(name, "socat", 5) && count++)
			leads |= word_leads(l, w);
		if (!strcmp(name, "ncat\n"))
			leads |= !strncmp(w, "--proxy-t", 9);
	}
	if (leads)
		l->found =
		    file_text(l->s->c, "%.*s", (int)strcspn(name, "\n"), name);
	return leads;
}

const char *
sender_relay(struct sender *s, const struct sender_host *h)
{
	struct look l = {.s = s};

	if (s->socket)
		listener_at_socket(s->c->ctx, s->socket, seen, &l);
	else if (h->scope == SCOPE_LOCAL && h->port)
		listener_at_port(s->c->ctx, h->port, true, seen, &l);
	return l.found;
}
