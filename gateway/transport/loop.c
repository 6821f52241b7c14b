/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a carrier and of the attendant: poll(2), or epoll(7) where many
 * small messages come, and timers.  Watches that are dropped while callbacks
 * run are only marked, and go afterwards; epoll forgets them at once.
 */
#include "transport/loop.h"
#include "base/clock.h"
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <talloc.h>
#include <unistd.h>

#define READY 64 /* told by one epoll_wait(2) */

struct watch {
	struct loop *loop;
	int fd;
	short events;
	bool paused, dead;
	loop_call *call;
	void *data;
};

struct timer {
	int64_t at; /* ms, monotonic */
	bool dead;
	void (*call)(struct loop *l, void *data);
	void *data;
};

struct loop {
	struct watch **watches;
	size_t nwatches;
	struct timer **timers;
	size_t ntimers;
	struct pollfd *fds; /* fds[i] is of watches[i] */
	size_t room;
	int epoll;	  /* -1: poll(2) */
	bool stop, swept; /* swept: nothing is dead */
};

struct loop *
loop_new(void *ctx)
{
	struct loop *l = talloc_zero(ctx, struct loop);

	if (!l)
		BUG("out of memory");
	l->swept = true;
	l->epoll = -1;
	return l;
}

/* --- epoll ------------------------------------------------------------- */

/* Not all that poll(2) watches: regular files, and one file twice. */
static void
without_epoll(struct loop *l)
{
	close(l->epoll);
	l->epoll = -1;
}

static bool
is_told(const struct watch *w)
{
	return w->loop->epoll >= 0 && !w->dead && !w->paused;
}

/* The bits of poll(2) are those of epoll(7). */
static void
tell_epoll(struct watch *w, int op)
{
	struct epoll_event ev = {.events = (uint32_t)w->events, .data.ptr = w};

	if (is_told(w) && epoll_ctl(w->loop->epoll, op, w->fd, &ev) < 0)
		without_epoll(w->loop);
}

static int
epoll_free(struct loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	return 0;
}

void
loop_quick(struct loop *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	talloc_set_destructor(l, epoll_free);
	for (size_t i = 0; i < l->nwatches; i++)
		tell_epoll(l->watches[i], EPOLL_CTL_ADD);
}

/* w was told of, and is no more.  A descriptor that was closed before may have
 * another file, with a watch of its own, or live on in a child, and be told
 * for ever: then all is told anew. */
static void
forget(struct watch *w)
{
	struct loop *l = w->loop;
	bool own = true;

	for (size_t i = 0; i < l->nwatches && own; i++)
		own = l->watches[i]->fd != w->fd || !is_told(l->watches[i]);
	if (own && epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL) == 0)
		return;
	without_epoll(l);
	loop_quick(l);
}

/* --- watches and timers ------------------------------------------------- */

struct watch *
loop_add(struct loop *l, int fd, short events, loop_call *call, void *data)
{
	struct watch *w = talloc_zero(l, struct watch);

	l->watches = talloc_realloc(l, l->watches, struct watch *,
				    (unsigned)l->nwatches + 1);
	if (!w || !l->watches)
		BUG("out of memory");
	w->loop = l;
	w->fd = fd;
	w->events = events;
	w->call = call;
	w->data = data;
	l->watches[l->nwatches++] = w;
	tell_epoll(w, EPOLL_CTL_ADD);
	return w;
}

int
loop_fd(const struct watch *w)
{
	return w->fd;
}

void
loop_change(struct watch *w, short events)
{
	if (w->events == events)
		return;
	w->events = events;
	tell_epoll(w, EPOLL_CTL_MOD);
}

void
loop_pause(struct watch *w, bool paused)
{
	bool was = is_told(w);

	if (w->paused == paused)
		return;
	w->paused = paused;
	if (was)
		forget(w);
	else
		tell_epoll(w, EPOLL_CTL_ADD);
}

void
loop_drop(struct loop *l, struct watch *w)
{
	bool was;

	if (!w)
		return;
	was = is_told(w);
	w->dead = true;
	l->swept = false;
	if (was)
		forget(w);
}

struct timer *
loop_timer(struct loop *l, int ms, void (*call)(struct loop *l, void *data),
	   void *data)
{
	struct timer *t = talloc_zero(l, struct timer);

	l->timers = talloc_realloc(l, l->timers, struct timer *,
				   (unsigned)l->ntimers + 1);
	if (!t || !l->timers)
		BUG("out of memory");
	t->at = now_ms() + ms;
	t->call = call;
	t->data = data;
	l->timers[l->ntimers++] = t;
	return t;
}

void
loop_timer_drop(struct loop *l, struct timer *t)
{
	if (!t)
		return;
	t->dead = true;
	l->swept = false;
}

static void
sweep(struct loop *l)
{
	size_t n = 0;

	if (l->swept)
		return;
	for (size_t i = 0; i < l->nwatches; i++)
		if (l->watches[i]->dead)
			talloc_free(l->watches[i]);
		else
			l->watches[n++] = l->watches[i];
	l->nwatches = n;
	n = 0;
	for (size_t i = 0; i < l->ntimers; i++)
		if (l->timers[i]->dead)
			talloc_free(l->timers[i]);
		else
			l->timers[n++] = l->timers[i];
	l->ntimers = n;
	l->swept = true;
}

/* Milliseconds until the first timer; -1: there is none. */
static int
until_timer(const struct loop *l)
{
	int64_t first = INT64_MAX, left;

	for (size_t i = 0; i < l->ntimers; i++)
		if (l->timers[i]->at < first)
			first = l->timers[i]->at;
	if (first == INT64_MAX)
		return -1;
	left = first - now_ms();
	if (left > 3600000)
		left = 3600000;
	return left > 0 ? (int)left : 0;
}

static void
run_timers(struct loop *l)
{
	size_t n = l->ntimers;
	int64_t now = n ? now_ms() : 0;

	for (size_t i = 0; i < n && !l->stop; i++) {
		struct timer *t = l->timers[i];

		if (t->dead || t->at > now)
			continue;
		loop_timer_drop(l, t);
		t->call(l, t->data);
	}
}

static void
make_room(struct loop *l)
{
	if (l->room >= l->nwatches)
		return;
	l->room = l->nwatches * 2;
	l->fds = talloc_realloc(l, l->fds, struct pollfd, (unsigned)l->room);
	if (!l->fds)
		BUG("out of memory");
}

static void
run_watch(struct loop *l, struct watch *w, short revents)
{
	/* a callback before this one may have had its say */
	if (revents && !l->stop && !w->dead && !w->paused)
		w->call(l, w, revents, w->data);
}

/* Negative: errno. */
static int
wait_and_run(struct loop *l)
{
	struct epoll_event ready[READY];
	size_t n = l->nwatches;
	int rc;

	if (l->epoll >= 0) {
		rc = epoll_wait(l->epoll, ready, READY, until_timer(l));
		for (int i = 0; i < rc; i++)
			run_watch(l, ready[i].data.ptr, (short)ready[i].events);
		return rc;
	}
	make_room(l);
	for (size_t i = 0; i < n; i++) {
		struct watch *w = l->watches[i];

		l->fds[i] = (struct pollfd){.fd = w->paused ? -1 : w->fd,
					    .events = w->events};
	}
	rc = poll(l->fds, n, until_timer(l));
	for (size_t i = 0; rc > 0 && i < n; i++)
		run_watch(l, l->watches[i], l->fds[i].revents);
	return rc;
}

int
loop_run(struct loop *l, struct err *e)
{
	l->stop = false;
	while (!l->stop) {
		sweep(l);
		if (wait_and_run(l) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, "poll");
		}
		run_timers(l);
	}
	sweep(l);
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
