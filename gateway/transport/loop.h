/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poll(2) over the descriptors of all brokers of one carrier.  One thread;
 * a callback never blocks.
 */
#ifndef AUTOMODE_TRANSPORT_LOOP_H
#define AUTOMODE_TRANSPORT_LOOP_H

#include "base/err.h"
#include <stdbool.h>

struct loop;  /* opaque */
struct watch; /* opaque; one descriptor */
struct timer; /* opaque; fires once */

/* revents as poll(2).  May add, change and drop watches, its own too. */
typedef void
loop_call(struct loop *l, struct watch *w, short revents, void *data);

struct loop *loop_new(void *ctx);
/* Many small messages are to come: epoll(7) as long as it can watch what there
 * is to watch. */
void loop_quick(struct loop *l);
/* events 0: only errors and hang-ups are told.  fd stays the caller's. */
struct watch *
loop_add(struct loop *l, int fd, short events, loop_call *call, void *data);
int loop_fd(const struct watch *w);
void loop_change(struct watch *w, short events);
/* fd -1 pauses the watch; poll(2) ignores it. */
void loop_pause(struct watch *w, bool paused);
void loop_drop(struct loop *l, struct watch *w);
/* Calls once, ms milliseconds from now; is gone then.  Drop it only before. */
struct timer *loop_timer(struct loop *l, int ms,
			 void (*call)(struct loop *l, void *data), void *data);
void loop_timer_drop(struct loop *l, struct timer *t);
/* Until loop_stop(); negative when poll fails. */
int loop_run(struct loop *l, struct err *e);
void loop_stop(struct loop *l);

#endif
