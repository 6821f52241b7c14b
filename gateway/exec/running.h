/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A box in the making or at work, as the files of exec/ share it.
 *
 * Processes, seen from the worker:
 *
 *	worker - bwrap - first process of the box - the command - ...
 *	          |       (pid 1 inside; bwrap's own reaper)
 *	          +- monitors, outside of the box's namespaces
 *
 * With --new-session the first process is leader of a session and of a process
 * group, and the command is in that group (seen with bubblewrap 0.8: pid 2 has
 * pgrp 1 and session 1).  So kill(-first, n) reaches the command and what it
 * started in its group; the first process itself ignores all but SIGKILL and
 * SIGSTOP, being pid 1 of its namespace (pid_namespaces(7)).
 */
#ifndef AUTOMODE_EXEC_RUNNING_H
#define AUTOMODE_EXEC_RUNNING_H

#include "exec/exec.h"
#include "exec/network_watch.h"
#include <sys/types.h>

struct running {
	const struct bwrap_plan *plan;
	pid_t bwrap;
	pid_t first; /* pid 1 of the box; 0: not known yet */
	int bwrap_pidfd, first_pidfd;
	int block;	 /* one datagram here lets the command go */
	int status;	 /* what bwrap writes to --json-status-fd */
	char said[1024]; /* of it, so far */
	size_t nsaid;
	int exit_status; /* of the command, when has_exit */
	bool has_exit;
	bool stopped, killed, reaped;
	struct network_watch watch;
	struct tap *tap; /* NULL: none */
};

/* launch.c: starts bwrap with these descriptors and nothing else. */
struct placed_fd {
	int fd;	    /* here */
	int number; /* there */
};
struct launch {
	const char *const *argv;
	const struct invocation *in;
	struct placed_fd *fds;
	size_t nfds;
	/* where a child that failed says why */
	int error;
	const char *failed;
};
int launch_bwrap(struct launch *l, pid_t *pid, struct err *e);

/* start.c: with the caller's standard descriptors or those given instead. */
int running_start(struct running *r, const struct invocation *in,
		  const struct command *cmd, bool block, const int *stdio,
		  struct err *e);

/* exec.c */
/* Reads what bwrap says; 0, or 1 at its end. */
int running_listen(struct running *r);
/* Waits for bwrap's end; returns its wait status. */
int running_reap(struct running *r);
/* SIGKILL to bwrap and to all of the box. */
void running_kill(struct running *r);

/* relay.c: until bwrap has ended. */
int relay_run(struct running *r, int client, struct err *e);
/* Its last words, and the end of the box. */
void relay_finish(struct running *r);

/* stage.c */
int stages_make(const struct bwrap_plan *plan, struct err *e);
/* Moves out what the command left under the names it was to write. */
int stages_deliver(void *ctx, const struct bwrap_plan *plan, struct err *e);
void stages_remove(const struct bwrap_plan *plan);

#endif
