/* SPDX-License-Identifier: Apache-2.0 */
#include "watched.h"
#include "answer.h"
#include "base/file.h"
#include "base/text.h"
#include "effects/secrets.h"
#include "tools/sender.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define NEW	  (256u << 10)
#define PAST	  (8u << 10) /* no credential is longer */
#define TAR_BLOCK 512u

struct window {
	char bytes[PAST + NEW];
	size_t past, have; /* past of them are gone already */
	uint64_t at;	   /* of the first one, in all that came */
	char member[300];  /* of an archive: the last one that began */
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
found(struct request *rq, const char *bytes, size_t len, bool archive)
{
	struct secret_found f[16];
	size_t n = secrets_scan(rq->cmd.watch, bytes, len, "stdin", f,
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

/* Past the heads of a tar's files; with `what`, up to the file that has it. */
static void
members(struct request *rq, struct window *v, const char *what)
{
	size_t start = 0, head = (TAR_BLOCK - v->at % TAR_BLOCK) % TAR_BLOCK;

	for (;; head += TAR_BLOCK) {
		const char *b = v->bytes + head;
		bool last = head + TAR_BLOCK > v->have;

		if (!last && memcmp(b + 257, "ustar", 5) != 0)
			continue;
		if (what && found(rq, v->bytes + start,
				  (last ? v->have : head) - start, true))
			return;
		if (last)
			return;
		start = head;
		/* GNU's have other things where POSIX' have a prefix */
		snprintf(v->member, sizeof(v->member), "%.155s%s%.100s",
			 b[262] ? "" : b + 345, b[262] || !b[345] ? "" : "/",
			 b);
	}
}

static const char *
stop(void *ctx, struct request *rq, struct watched *w, struct window *v,
     const char *what)
{
	struct pollfd p = {.fd = w->program, .events = POLLIN};
	const char *member, *text;

	members(rq, v, what);
	member = found(rq, v->member, strlen(v->member), false)
		     ? ""
		     : text_safe(ctx, v->member);
	text = talloc_asprintf(
	    ctx, "denied: %s (in stdin%s%s) would go to %s; it was ended there",
	    what, *member ? ": " : "", member, rq->cmd.watched_for);
	answer_line(rq, text);
	answer_line(rq, *member
			    ? talloc_asprintf(ctx,
					      "instead: leave that file out, "
					      "as with tar --exclude=%s",
					      member)
			    : "instead: leave it out of what is piped in");
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
	const char *what = NULL, *said = NULL;
	size_t hold = 0, keep;
	bool archive = false, first = true;

	while (v && wait_for(w) && take(w, v)) {
		if (first && v->have >= 4 && !memcmp(v->bytes, "SSH-", 4))
			archive = true;
		archive |= first && (rq->cmd.watched_here
					 ? secrets_is_archive(v->bytes, v->have)
					 : is_archive(v));
		what = found(rq, v->bytes, v->have, archive);
		if (first && !what && rq->cmd.watched_said)
			what = sender_watched(rq->cmd.watched_said, v->bytes,
					      v->have);
		first = false;
		if (what) {
			said = stop(ctx, rq, w, v, what);
			break;
		}
		if (archive)
			members(rq, v, NULL);
		/* what may go on as a credential waits for what follows */
		hold = archive
			   ? 0
			   : secrets_begun(rq->cmd.watch, v->bytes + v->past,
					   v->have - v->past,
					   rq->cmd.watched_here
					       ? NULL
					       : rq->cmd.watched_for);
		if (file_write_all(w->out, v->bytes + v->past,
				   v->have - v->past - hold) < 0)
			break;
		keep = v->have < PAST ? v->have : PAST;
		v->at += v->have - keep;
		memmove(v->bytes, v->bytes + v->have - keep, keep);
		v->have = keep;
		v->past = keep - hold;
	}
	if (v && !what && hold)
		(void)file_write_all(w->out, v->bytes + v->past, hold);
	close(w->out);
	if (w->program >= 0)
		close(w->program);
	return said;
}
