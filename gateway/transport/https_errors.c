/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git-remote-https complains of goes on as it comes.  Where it speaks of
 * another host than the one that it may reach, which only a redirect can have
 * named, a line of ours says so: libcurl (7.88) finds no more to say than that
 * there is no such host.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/text.h"
#include "transport/https_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#define LINE_BYTES 1024

struct errors {
	struct carrier *c;
	int from;
	char line[LINE_BYTES];
	size_t len;
	bool said;
};

/* "Could not resolve host: elsewhere.example", up to the end of the line. */
static void
look_at(struct errors *s, char *line)
{
	static const char *const before[] = {"Could not resolve host: ",
					     "Failed to connect to "};
	const struct egress_target *t = &s->c->target;
	const char *name = NULL, *port;
	char *text;

	for (size_t i = 0; i < sizeof(before) / sizeof(*before) && !name; i++) {
		name = strstr(line, before[i]);
		name = name ? name + strlen(before[i]) : NULL;
	}
	if (!name || s->said)
		return;
	port = strstr(name, " port ");
	text = talloc_strndup(s->c->ctx, name, strcspn(name, " "));
	if (strcasecmp(text, t->host) == 0 &&
	    (!port || strtol(port + 6, NULL, 10) == t->port))
		return;
	s->said = true;
	carrier_say(s->c,
		    talloc_asprintf(
			s->c->ctx,
			"%s redirects to %s%.*s, where this command was not "
			"judged to go; instead: the same with that address, if "
			"it is the right one",
			s->c->permit->host, text,
			port ? (int)(6 + strspn(port + 6, "0123456789")) : 0,
			port ? port : ""));
}

static void
take(struct errors *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n' && bytes[i] != '\r') {
			if (s->len < LINE_BYTES - 1)
				s->line[s->len++] = bytes[i];
			continue;
		}
		s->line[s->len] = '\0';
		s->len = 0;
		look_at(s, s->line);
	}
}

static void
on_readable(struct loop *l, struct watch *w, short revents, void *data)
{
	struct errors *s = data;
	char buf[4096];
	ssize_t n = read(s->from, buf, sizeof(buf));

	(void)revents;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		/* when nobody reads it any more, that is no reason to end */
		(void)file_write_all(s->c->rq->stdio[2], buf, (size_t)n);
		take(s, buf, (size_t)n);
		return;
	}
	loop_drop(l, w);
	own_close_fd(&s->from);
	carrier_done(s->c);
}

int
https_errors_start(struct https *h, struct err *e)
{
	struct errors *s = talloc_zero(h->c->ctx, struct errors);
	int pair[2];

	if (!s)
		BUG("out of memory");
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe");
	s->c = h->c;
	s->from = pair[0];
	loop_add(h->c->loop, s->from, POLLIN, on_readable, s);
	h->c->as.stdio[2] = pair[1];
	h->c->busy++;
	return 0;
}
