/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a carrier and of the attendant: poll(2) and timers.  Watches
 * that are dropped while callbacks run are only marked, and go afterwards.
 */
#include "transport/loop.h"
#include "base/clock.h"
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <talloc.h>

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
	bool stop, swept; /* swept: nothing is dead */
};

struct loop *
loop_new(void *ctx)
{
	struct loop *l = talloc_zero(ctx, struct loop);

	if (!l)
		BUG("out of memory");
	l->swept = true;
	return l;
}

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
	w->events = events;
}

void
loop_pause(struct watch *w, bool paused)
{
	w->paused = paused;
}

void
loop_drop(struct loop *l, struct watch *w)
{
	if (!w)
		return;
	w->dead = true;
	l->swept = false;
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
run_watches(struct loop *l, size_t n)
{
	for (size_t i = 0; i < n && !l->stop; i++) {
		struct watch *w = l->watches[i];

		/* a callback before this one may have had its say */
		if (!l->fds[i].revents || w->dead || w->paused)
			continue;
		w->call(l, w, l->fds[i].revents, w->data);
	}
}

int
loop_run(struct loop *l, struct err *e)
{
	l->stop = false;
	while (!l->stop) {
		size_t n;

		sweep(l);
		make_room(l);
		n = l->nwatches;
		for (size_t i = 0; i < n; i++) {
			struct watch *w = l->watches[i];

			l->fds[i] = (struct pollfd){
			    .fd = w->paused ? -1 : w->fd, .events = w->events};
		}
		if (poll(l->fds, n, until_timer(l)) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, "poll");
		}
		run_watches(l, n);
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
