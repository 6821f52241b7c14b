/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 9: runs it.  exec_prepare() starts bwrap, which sets up its mounts
 * and then waits (--block-fd) while the verdict is found, recorded and the
 * snapshot taken; exec_release() lets the command go, exec_abort() ends it
 * unrun.
 */
#ifndef AUTOMODE_EXEC_EXEC_H
#define AUTOMODE_EXEC_EXEC_H

#include "invocation/invocation.h"
#include "sandbox/bwrap.h"

struct running; /* opaque */
struct tap_sink;

/* Who sees what the commands of this process write to stdout (tap.h), from
 * the next exec_prepare() on; NULL, as it begins: nobody. */
void exec_tap(const struct tap_sink *sink);

int exec_prepare(void *ctx, const struct invocation *in,
		 const struct command *cmd, const struct bwrap_plan *plan,
		 struct running **out, struct err *e);
void exec_abort(struct running *r);
/* Runs to the end, relaying FRAME_SIGNAL from client (a connected socket;
 * -1: none) to the command's process group, stop and continue too; when the
 * client goes away the box is killed.  *status: exit status or 128+n. *ran is
 * false when bwrap failed before it started the command (its message is on
 * the caller's stderr). */
int exec_release(struct running *r, int client, int *status, bool *ran,
		 struct err *e);
/*
 * The same in pieces, for who has a loop of his own (transport/): the first
 * process as soon as bwrap says it (0: bwrap has failed); the command is let
 * go; the descriptor that is readable when bwrap has ended; what
 * exec_release() does afterwards.  exec_kill() ends the box in between.
 */
pid_t exec_first(struct running *r);
int exec_go(struct running *r, struct err *e);
int exec_end_fd(const struct running *r);
int exec_ended(struct running *r, int *status, bool *ran, struct err *e);
void exec_kill(struct running *r);
/* "node (pid 12) tried to reach the network", one line per program, when the
 * box was supervised; else NULL. */
const char *exec_network_attempts(const struct running *r);
/*
 * For the monitor, which is one thread: becomes the parent of processes whose
 * own has died; and ends those of its children that are not known, when a
 * worker has died, and have this name (comm of proc(5); NULL: any).  The
 * monitor's waitpid(-1) reaps them.  Returns how many.
 */
int exec_adopt_orphans(struct err *e);
size_t exec_end_orphans(const pid_t *known, size_t n, const char *name);
/* Runs without terminal and signals and collects stdout (oracles).  started
 * (may be NULL) is told pid 1 of the box while the command runs already. */
struct exec_collecting {
	size_t max; /* bytes */
	int timeout_ms;
	int (*started)(pid_t first, void *data, struct err *e);
	void *data;
};
int
exec_collect(void *ctx, const struct invocation *in, const struct command *cmd,
	     const struct bwrap_plan *plan, const struct exec_collecting *how,
	     char **output, size_t *len, int *status, struct err *e);

#endif
