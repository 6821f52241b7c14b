/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two descriptors joined in both directions: socket to pipe to socket with
 * splice(2), so that the bytes are never copied through us.
 *
 * SPLICE_F_MORE is never set: with it the kernel holds the last part of a
 * burst back for 200 ms, in each direction.
 */
#include "base/own.h"
#include "transport/egress.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_WANTED (1 << 20)
#define TURNS	    16 /* of one call, before the others have their turn */

struct end {
	int fd;
	struct watch *watch;
	bool watched; /* not paused */
};

struct direction {
	struct end *from, *to;
	int pipe[2];
	size_t room;   /* of the pipe */
	size_t held;   /* in the pipe */
	bool ended;    /* nothing more comes */
	bool passed;   /* and its end has been told to the other side */
	uint64_t done; /* bytes that arrived */
};

struct relay {
	struct loop *loop;
	struct end a, b;
	struct direction ab, ba;
	bool broken;
	void (*done)(struct relay *r, void *data);
	void *data;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
close_all(struct relay *r)
{
	/* the other end of a broken connection must not look like an end of
	 * file in good order */
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (r->broken) {
		setsockopt(r->a.fd, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
		setsockopt(r->b.fd, SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
	}
	close_fd(&r->ab.pipe[0]);
	close_fd(&r->ab.pipe[1]);
	close_fd(&r->ba.pipe[0]);
	close_fd(&r->ba.pipe[1]);
	if (r->b.fd != r->a.fd)
		close_fd(&r->b.fd);
	close_fd(&r->a.fd);
}

static int
relay_free(struct relay *r)
{
	close_all(r);
	return 0;
}

static bool
open_pipe(struct direction *d)
{
	int size;

	if (pipe2(d->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		d->pipe[0] = d->pipe[1] = -1;
		return false;
	}
	/* refused when the user's pages for pipes are used up (pipe(7)) */
	size = fcntl(d->pipe[1], F_SETPIPE_SZ, PIPE_WANTED);
	if (size < 0)
		size = fcntl(d->pipe[1], F_GETPIPE_SZ);
	d->room = size > 0 ? (size_t)size : 4096;
	return true;
}

/* Whether fd can give (or take) bytes at all. */
static bool
opened_for(int fd, int mode)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 &&
	       ((flags & O_ACCMODE) == O_RDWR || (flags & O_ACCMODE) == mode);
}

static void
pass_end(struct direction *d)
{
	if (d->passed || !d->ended || d->held > 0)
		return;
	d->passed = true;
	/* a pipe or the end of a peer that is gone: closing does it */
	shutdown(d->to->fd, SHUT_WR);
}

/* Returns false when nothing moved. */
static bool
move_once(struct relay *r, struct direction *d)
{
	bool moved = false;
	ssize_t n;

	if (!d->ended && d->held < d->room) {
		n = splice(d->from->fd, NULL, d->pipe[1], NULL,
			   d->room - d->held,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n > 0) {
			d->held += (size_t)n;
			moved = true;
		} else if (n == 0) {
			d->ended = true;
		} else if (errno != EAGAIN && errno != EINTR) {
			r->broken = true;
			return false;
		}
	}
	if (d->held > 0) {
		n = splice(d->pipe[0], NULL, d->to->fd, NULL, d->held,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n > 0) {
			d->held -= (size_t)n;
			d->done += (uint64_t)n;
			moved = true;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			r->broken = true;
			return false;
		}
	}
	return moved;
}

static void
move(struct relay *r, struct direction *d)
{
	for (int i = 0; i < TURNS && !r->broken && move_once(r, d); i++)
		;
	if (!r->broken)
		pass_end(d);
}

/* An end that waits for nothing is paused: poll(2) tells a hang-up whether or
 * not it was asked for. */
static void
set_events(struct end *end, const struct direction *out,
	   const struct direction *in)
{
	short events = 0;

	if (!out->ended && out->held == 0)
		events |= POLLIN;
	if (in->held > 0)
		events |= POLLOUT;
	if (end->watched != (events != 0))
		loop_pause(end->watch, events == 0);
	end->watched = events != 0;
	if (events != 0)
		loop_change(end->watch, events);
}

static void
on_ready(struct loop *l, struct watch *w, short revents, void *data)
{
	struct relay *r = data;

	(void)w;
	(void)revents;
	move(r, &r->ab);
	move(r, &r->ba);
	if (!r->broken && !(r->ab.passed && r->ba.passed)) {
		set_events(&r->a, &r->ab, &r->ba);
		set_events(&r->b, &r->ba, &r->ab);
		return;
	}
	loop_drop(l, r->a.watch);
	loop_drop(l, r->b.watch);
	close_all(r);
	if (r->done)
		r->done(r, r->data);
	talloc_free(r);
}

static void
make_ready(int fd)
{
	int one = 1, type;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return; /* a pipe: SPLICE_F_NONBLOCK is enough */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

struct relay *
relay_start(void *ctx, struct loop *l, int a, int b,
	    void (*done)(struct relay *r, void *data), void *data)
{
	struct relay *r = talloc_zero(ctx, struct relay);

	if (!r)
		BUG("out of memory");
	/* splice(2) has no MSG_NOSIGNAL */
	signal(SIGPIPE, SIG_IGN);
	r->loop = l;
	r->a = (struct end){.fd = a, .watched = true};
	r->b = (struct end){.fd = b, .watched = true};
	r->ab =
	    (struct direction){.from = &r->a, .to = &r->b, .pipe = {-1, -1}};
	r->ba =
	    (struct direction){.from = &r->b, .to = &r->a, .pipe = {-1, -1}};
	r->done = done;
	r->data = data;
	talloc_set_destructor(r, relay_free);
	make_ready(a);
	make_ready(b);
	if (!opened_for(a, O_RDONLY) || !opened_for(b, O_WRONLY))
		r->ab.ended = r->ab.passed = true;
	if (!opened_for(b, O_RDONLY) || !opened_for(a, O_WRONLY))
		r->ba.ended = r->ba.passed = true;
	if ((!r->ab.ended && !open_pipe(&r->ab)) ||
	    (!r->ba.ended && !open_pipe(&r->ba)))
		r->broken = true;
	r->a.watch = loop_add(l, a, POLLIN | POLLOUT, on_ready, r);
	r->b.watch = loop_add(l, b, POLLIN | POLLOUT, on_ready, r);
	return r;
}

void
relay_bytes(const struct relay *r, uint64_t *a_to_b, uint64_t *b_to_a)
{
	*a_to_b = r->ab.done;
	*b_to_a = r->ba.done;
}
