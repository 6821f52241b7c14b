/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 10: carries what a boxed command may send to and take from other
 * machines (cmd->need.permits).  The command keeps running in a box without
 * network and without credentials; only its transport is done outside:
 *
 *	git in its box
 *	  runs box-transport (in the place of ssh and of git-remote-https)
 *	    -> words, environment and stdin/stdout/stderr over a socket
 *	attendant (forked by the worker, one per command)
 *	  holds the request against the permits, forks a carrier for it
 *	carrier
 *	  runs the real ssh or git-remote-https in a box of its own, whose
 *	  network reaches one host and port (egress.h), with a filtered agent
 *	  (agent.h) or a credential broker (credential.h), and looks at what
 *	  a push sends (push_filter.h)
 *
 * The socket lies in a private folder of the runtime directory that is bound
 * into the box, and is removed outside as soon as the box stands; the peer
 * must be in the box's pid namespace.
 */
#ifndef AUTOMODE_TRANSPORT_TRANSPORT_H
#define AUTOMODE_TRANSPORT_TRANSPORT_H

#include "exec/exec.h"
#include "policy/policy.h"

struct attendant; /* opaque */

struct transport_setting {
	const char *runtime_dir;   /* the gateway's, 0700 */
	const struct boxes *boxes; /* "transport" among them */
	const struct policy *policy;
	/* The command's stderr is not shown to anybody (an oracle): what went
	 * wrong is for the report. */
	bool silent;
	/* For the questions about a push and the push itself; NULL: each
	 * connects anew. */
	struct parking *parking;
};

/* Where the carrier of a silent command waits for that of the next one, with
 * its connection (park.h); what is parked ends with it. */
struct parking *transport_parking(void *ctx);

/* At the gateway's start: removes what attendants that were killed have left
 * in its folder. */
void transport_sweep(const char *runtime);
/*
 * Before bwrap_compose(): when cmd has permits (or asks for brokers: signing),
 * makes the socket, adds binds and environment to cmd and starts the
 * attendant.  *out NULL: nothing to carry.  Nothing is contacted before a
 * request comes from the box, and the box is held back until the verdict.
 */
int transport_open(void *ctx, const struct transport_setting *s,
		   const struct invocation *in, struct command *cmd,
		   struct attendant **out, struct err *e);
/* After exec_prepare(), before the command is released: first is pid 1 of
 * the box; only processes of its pid namespace are served from here on. */
int transport_attend(struct attendant *a, pid_t first, struct err *e);
/* The command has ended, or will never run (also with a NULL).  Ends what is
 * still carried.  *report: lines for stderr about refused requests, or
 * NULL. */
void transport_close(void *ctx, struct attendant *a, char **report);

#endif
