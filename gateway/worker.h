/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: a request in, the pipeline, an exit status out.  A process
 * of its own, forked from the monitor, of the caller's uid before it reads a
 * byte.
 */
#ifndef AUTOMODE_WORKER_H
#define AUTOMODE_WORKER_H

#include "request.h"

/* Exit statuses of the worker process; everything else is a crash. */
enum { WORKER_DONE = 0, WORKER_REFUSED = 1 };

void
worker_main(const struct house *house, int client, int channel, bool control,
	    const struct peer *peer) __attribute__((noreturn));

/* What the monitor sends a spare worker, with the connection. */
struct worker_call {
	struct peer peer;
	bool control;
};
/* A spare worker: warms up, then waits for its call. */
void
worker_wait(const struct house *house, int channel) __attribute__((noreturn));

#endif
