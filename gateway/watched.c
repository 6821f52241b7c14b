/* SPDX-License-Identifier: Apache-2.0 */
#include "watched.h"
#include "answer.h"
#include "base/file.h"
#include "effects/secrets.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define NEW  (256u << 10)
#define PAST (8u << 10) /* no credential is longer */

struct window {
	char bytes[PAST + NEW];
	size_t past, have; /* past of them are gone already */
};

int
watched_begin(struct request *rq, struct watched *w, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe for the standard input");
	w->in = rq->in.stdio[0];
	w->out = ends[1];
	/* by now the shim, which becomes the program */
	w->program = rq->in.pid > 0 ? pidfd_open(rq->in.pid, 0) : -1;
	return ends[0];
}

/* 1: there is something; 0: the program has gone. */
static int
wait_for(struct watched *w)
{
	struct pollfd p[3] = {{.fd = w->in, .events = POLLIN},
			      {.fd = w->out},
			      {.fd = w->program, .events = POLLIN}};

	while (poll(p, 3, -1) < 0)
		if (errno != EINTR)
			return 0;
	return !p[1].revents && !p[2].revents;
}

/* What is there by now, as far as it has room; 0: that was all. */
static size_t
take(struct watched *w, struct window *v)
{
	struct pollfd p = {.fd = w->in, .events = POLLIN};
	size_t got = 0;

	do {
		ssize_t n =
		    read(w->in, v->bytes + v->have, sizeof(v->bytes) - v->have);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
		v->have += (size_t)n;
	} while (v->have < sizeof(v->bytes) && poll(&p, 1, 0) > 0);
	return got;
}

/* Of an archive what only looks like one may be for somebody's tests. */
static const char *
found(struct request *rq, const struct window *v, bool archive)
{
	struct secret_found f[16];
	size_t n = secrets_scan(rq->cmd.watch, v->bytes, v->have, "stdin", f,
				sizeof(f) / sizeof(*f));

	for (size_t i = 0; i < n; i++)
		if (!(f[i].looks && archive) &&
		    (f[i].owner->keeps ||
		     (!rq->cmd.watched_here &&
		      !secret_belongs(&f[i], rq->cmd.watched_for))))
			return f[i].what;
	return NULL;
}

static bool
is_archive(const struct window *v)
{
	return v->have > 262 && !memcmp(v->bytes + 257, "ustar", 5);
}

static const char *
stop(void *ctx, struct request *rq, struct watched *w, const char *what)
{
	struct pollfd p = {.fd = w->program, .events = POLLIN};
	char *text = talloc_asprintf(
	    ctx, "denied: %s (in stdin) would go to %s; it was ended there",
	    what, rq->cmd.watched_for);

	answer_line(rq, text);
	/* its end of the pipe stays open meanwhile: to who is at the other
	 * end that is no input that ended */
	if (w->program >= 0 &&
	    pidfd_send_signal(w->program, SIGTERM, NULL, 0) == 0)
		(void)poll(&p, 1, -1);
	return text;
}

const char *
watched_run(void *ctx, struct request *rq, struct watched *w)
{
	struct window *v = talloc_zero(ctx, struct window);
	const char *what, *said = NULL;
	bool archive = false, first = true;

	while (v && wait_for(w) && take(w, v)) {
		if (first && v->have >= 4 && !memcmp(v->bytes, "SSH-", 4))
			archive = true;
		archive |= first && is_archive(v);
		first = false;
		what = found(rq, v, archive);
		if (what) {
			said = stop(ctx, rq, w, what);
			break;
		}
		if (file_write_all(w->out, v->bytes + v->past,
				   v->have - v->past) < 0)
			break;
		v->past = v->have < PAST ? v->have : PAST;
		memmove(v->bytes, v->bytes + v->have - v->past, v->past);
		v->have = v->past;
	}
	close(w->out);
	if (w->program >= 0)
		close(w->program);
	return said;
}
