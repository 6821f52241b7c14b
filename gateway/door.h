/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is the gateway, and where it listens: the lock that is held for life,
 * the two sockets, the pid file.  Sockets are made and removed only under the
 * lock.
 */
#ifndef AUTOMODE_DOOR_H
#define AUTOMODE_DOOR_H

#include "base/err.h"
#include <stdbool.h>

struct door {
	const char *runtime;
	int lock, shim, control; /* -1: none */
};

/* 0: the lock is ours.  1: another gateway has it and listens.  Waits up to
 * 10 s for one that is just starting or ending. */
int door_lock(void *ctx, const char *runtime, struct door *d, struct err *e);
int door_open(struct door *d, struct err *e);
/* Is the lock still the one that the next gateway would take?  Not when
 * somebody emptied the runtime folder: then nobody can reach us. */
bool door_known(const struct door *d);
/* Removes the names, so that nobody new comes; who has connected can still
 * be accepted. */
void door_hide(const struct door *d);
/* Stops listening; the lock stays. */
void door_close(struct door *d);

#endif
