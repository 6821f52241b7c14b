/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who in a box asks for the Internet.  The box helper installs a seccomp
 * filter that asks before a socket is made and sends us its listening end;
 * see seccomp_unotify(2).  Or, of a command that has to do with the owners of
 * files, who asks for those: ids.h has the answers.
 *
 * In a network namespace of its own the socket may be made: it reaches the
 * box's loopback only, and a hook's tests may want that.  Whether anybody
 * wanted more is told by the namespace's own counters.
 */
#ifndef AUTOMODE_EXEC_NETWORK_WATCH_H
#define AUTOMODE_EXEC_NETWORK_WATCH_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WATCH_PROGRAMS 8

struct network_watch {
	int helper;   /* the listener comes through here; -1: it came */
	int listener; /* -1: none */
	int counters, counters6; /* /proc/PID/net/snmp and snmp6; -1 */
	bool namespace;
	bool ids; /* who asks is told of owners, and no network is meant */
	struct watch_program {
		char name[32];
		pid_t pid; /* in the box's numbering when that is known */
	} seen[WATCH_PROGRAMS];
	size_t nseen;
	bool more; /* than we list */
	char *report;
};

void watch_init(struct network_watch *w, bool own_namespace, bool ids);
/* While the first process of the box certainly lives. */
void watch_open_counters(struct network_watch *w, pid_t first);
/* The descriptor to poll for reading; -1: none. */
int watch_fd(const struct network_watch *w);
/* Something is there: the listener, or a question. */
void watch_answer(struct network_watch *w, short revents);
/* At the command's end: the report, or NULL. */
void watch_finish(void *ctx, struct network_watch *w);

#endif
