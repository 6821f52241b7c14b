/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which processes stem from a session.  Ancestors and environments tell while
 * they are there; who forks twice, begins a session of its own and empties its
 * environment has neither.  So the processes that call shims are marked by
 * something that every child inherits, that no exec ends and that nobody can
 * take off: a hard limit that has had no meaning since Linux 2.4.25.
 */
#ifndef AUTOMODE_KIN_H
#define AUTOMODE_KIN_H

#include <stdbool.h>
#include <sys/types.h>

/* The caller of this shim, and whoever above it has the session in its
 * environment. */
void kin_mark(void *ctx, pid_t shim);
/* Does it, or a process above it, stem from a session? */
bool kin_inside(void *ctx, pid_t pid);
/* The session that it, or the nearest process above it, has in its
 * environment; "" where only the mark tells; NULL: it stems from none. */
const char *kin_session(void *ctx, pid_t pid);
/* What starts it for somebody who is not there: "cron"; NULL: nothing does. */
const char *kin_scheduler(void *ctx, pid_t pid);
/* Has it a terminal? */
bool kin_has_terminal(void *ctx, pid_t pid);

#endif
