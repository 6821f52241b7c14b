/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at what a boxed command writes to its standard output: a process of
 * ours stands between, passes every piece on first and shows it to the sink
 * afterwards.  Nobody has a sink by default, and then nothing stands between.
 *
 * A terminal is never tapped: the command would notice.  What is handed over
 * to the shim (struct command: hand_over) does not come by here.
 */
#ifndef AUTOMODE_EXEC_TAP_H
#define AUTOMODE_EXEC_TAP_H

#include "base/err.h"

struct tap_sink {
	/* In the tap's own process, which lives as long as the command; at the
	 * end once more with len 0. */
	void (*see)(void *data, const void *bytes, size_t len);
	void *data;
};

struct tap;

/* *fd: what the command gets in place of to, the caller's descriptor, which
 * stays as it is.  *out NULL, *fd == to: nothing is tapped. */
int tap_open(void *ctx, const struct tap_sink *sink, int to, struct tap **out,
	     int *fd, struct err *e);
/* The command has its descriptor: ours is closed. */
void tap_started(struct tap *t);
/* Waits until all of it has been passed on and seen. */
void tap_end(struct tap *t);

#endif
