/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of updates that git sends first (gitprotocol-pack(5), "Reference
 * Update Request"; send-pack.c of git 2.39), held against the permit.  The
 * list is kept back until its flush packet and then passed on as it came;
 * what follows is moved by the kernel.
 */
#include "transport/push_filter.h"
#include "base/own.h"
#include "base/text.h"
#include "transport/push_list.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define CHUNK (1u << 20)

struct push_filter {
	struct loop *loop;
	int from, to;
	struct watch *in, *out;
	struct push_list *list;
	const char *bytes; /* to be written before anything is spliced */
	size_t len, done;
	bool open; /* the list was good and is out */
	void (*refused)(const char *why, void *data);
	void *data;
};

static void
end(struct push_filter *f)
{
	loop_drop(f->loop, f->in);
	loop_drop(f->loop, f->out);
	f->in = f->out = NULL;
	own_close_fd(&f->from);
	own_close_fd(&f->to);
}

static void
refuse(struct push_filter *f, const char *why)
{
	end(f);
	f->refused(why, f->data);
}

/* Moves what there is; the one side that is not ready is waited for. */
static void
move(struct push_filter *f)
{
	ssize_t n = splice(f->from, NULL, f->to, NULL, CHUNK,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	struct pollfd p = {.fd = f->to, .events = POLLOUT};

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		end(f);
		return;
	}
	poll(&p, 1, 0);
	loop_pause(f->in, p.revents == 0);
	loop_change(f->out, p.revents == 0 ? POLLOUT : 0);
}

/* The list has been read and found good: out with it. */
static void
write_list(struct push_filter *f)
{
	while (f->done < f->len) {
		ssize_t n = write(f->to, f->bytes + f->done, f->len - f->done);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_pause(f->in, true);
			loop_change(f->out, POLLOUT);
			return;
		}
		if (n < 0) {
			end(f);
			return;
		}
		f->done += (size_t)n;
	}
	f->open = true;
	loop_pause(f->in, false);
	loop_change(f->out, 0);
}

static void
read_list(struct push_filter *f)
{
	char part[16384];
	ssize_t n = read(f->from, part, sizeof part);
	struct err e = {0};
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* given up before the list was whole */
		end(f);
		return;
	}
	rc = push_list_add(f->list, part, (size_t)n, &e);
	if (rc < 0) {
		refuse(f, e.msg);
		return;
	}
	if (rc == 0)
		return;
	f->bytes = push_list_bytes(f->list, &f->len);
	write_list(f);
}

static void
readable(struct loop *l, struct watch *w, short revents, void *data)
{
	struct push_filter *f = data;

	(void)l;
	(void)w;
	(void)revents;
	if (f->open)
		move(f);
	else
		read_list(f);
}

static void
writable(struct loop *l, struct watch *w, short revents, void *data)
{
	struct push_filter *f = data;

	(void)l;
	(void)w;
	if (revents & POLLERR) { /* ssh has gone */
		end(f);
		return;
	}
	if (f->open)
		move(f);
	else
		write_list(f);
}

static int
destroy(struct push_filter *f)
{
	own_close_fd(&f->from);
	own_close_fd(&f->to);
	return 0;
}

int
push_filter_start(void *ctx, struct loop *l, int from, int to,
		  const struct transport_permit *permit,
		  void (*refused)(const char *why, void *data), void *data,
		  struct push_filter **out, struct err *e)
{
	struct push_filter *f = talloc_zero(ctx, struct push_filter);
	int flags = fcntl(to, F_GETFL);

	if (!f)
		BUG("out of memory");
	*f = (struct push_filter){.loop = l,
				  .from = from,
				  .to = to,
				  .refused = refused,
				  .data = data};
	talloc_set_destructor(f, destroy);
	/* of our end; ssh has its own */
	if (flags < 0 || fcntl(to, F_SETFL, flags | O_NONBLOCK) < 0) {
		talloc_free(f);
		return err_sys(e, "the pipe to ssh");
	}
	fcntl(to, F_SETPIPE_SZ, CHUNK);
	signal(SIGPIPE, SIG_IGN);
	f->list = push_list_new(f, permit);
	f->in = loop_add(l, from, POLLIN, readable, f);
	f->out = loop_add(l, to, 0, writable, f);
	*out = f;
	return 0;
}
