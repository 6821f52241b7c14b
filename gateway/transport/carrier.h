/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request from the box on its way: what was asked, the permit that
 * allows it, the command that will do it, and the brokers that help it.  A
 * process of its own, gone when the request is.
 */
#ifndef AUTOMODE_TRANSPORT_CARRIER_H
#define AUTOMODE_TRANSPORT_CARRIER_H

#include "transport/egress.h"
#include "transport/loop.h"
#include "transport/transport.h"

#define TRANSPORT_WORDS 64	    /* of a request */
#define TRANSPORT_BYTES (64 * 1024) /* of a request, words and variables */

/* As box-transport sent it; nothing of it is trusted. */
struct transport_request {
	const char *name;  /* "ssh", "remote-https", "remote-http",
			    * "gpg", "ssh-keygen" */
	const char **argv; /* NULL-terminated, without the name */
	size_t argc;
	const char *git_dir;  /* NULL: none; as the box sees it */
	const char *protocol; /* GIT_PROTOCOL, NULL: none */
	const char *trace;    /* reserved, NULL */
	int stdio[3];	      /* ours now */
};

struct carrier {
	void *ctx;
	const struct transport_setting *setting;
	const struct invocation *in; /* of the command in its box */
	const struct command *of;    /* that command */
	const struct transport_request *rq;
	const struct transport_permit *permit;
	const char *folder;	     /* private, 0700, ours; gone afterwards */
	struct command cmd;	     /* to run in the box "transport" */
	struct invocation as;	     /* in, with the request's stdio */
	struct egress_target target; /* host "" : no network */
	struct egress *egress;
	struct loop *loop; /* runs in the carrier beside the box */
};

/* Each fills cmd (program, argv, env_set, need), as.stdio and target, and
 * registers its brokers with loop.  They run outside of any box, as the
 * caller, and may look at the person's own files.  Negative: the message is
 * shown to the person as the transport's error. */
int ssh_carry(struct carrier *c, struct err *e);   /* ssh.c */
int https_carry(struct carrier *c, struct err *e); /* https.c */

/* attendant.c: from fork to exit status; never returns an error, the message
 * goes to stderr of the request ("automode: ..."). */
int carrier_run(struct carrier *c);

#endif
