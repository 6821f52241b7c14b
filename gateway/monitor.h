/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway's long-lived process: listens, forks a worker a connection,
 * owns sessions and audit.  Reads nothing that a client sends.
 */
#ifndef AUTOMODE_MONITOR_H
#define AUTOMODE_MONITOR_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct monitor_options {
	const char *runtime, *state, *home;
	int idle_s;
	bool foreground; /* log to stderr too */
	/* Called once both sockets listen, or with the reason why another
	 * gateway does the work (won false). */
	void (*ready)(void *data, bool won);
	void *data;
};

/* Returns 0 when it has ended in order, or when another gateway listens. */
int monitor_run(const struct monitor_options *o, struct err *e);

/* How the gateway stood when this worker was forked; for `status`. */
struct monitor_view {
	int64_t started; /* unix seconds */
	size_t workers;
	uint64_t served;
	int idle_s;
};
extern struct monitor_view monitor_view;

#endif
