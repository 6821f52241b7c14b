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
#include "wire/carry.h"

/* As box-transport sent it (wire/carry.h); nothing of it is trusted. */
struct transport_request {
	const char *name;  /* "ssh", "remote-https", "remote-http",
			    * "gpg", "ssh-keygen" */
	const char **argv; /* NULL-terminated, without the name */
	size_t argc;
	const char *git_dir;  /* NULL: none; as the box sees it */
	const char *protocol; /* GIT_PROTOCOL, NULL: none */
	const char *trace;    /* reserved, NULL */
	int stdio[3];	      /* ours now */
	/* Signing: files of the box by descriptor; word == argc: what is to
	 * be written, beside the last word's. */
	struct transport_file {
		size_t word;
		int fd;
	} files[CARRY_MAX_FILES];
	size_t nfiles;
};

/* What the words of a request ask for. */
enum transport_service {
	SERVICE_NONE,
	SERVICE_FETCH,	 /* git-upload-pack */
	SERVICE_ARCHIVE, /* git-upload-archive; as fetch */
	SERVICE_PUSH,	 /* git-receive-pack */
	SERVICE_HELPER,	 /* git-remote-https: what the permit says */
	SERVICE_SIGN,	 /* gpg, ssh-keygen: no permit, no host */
};

struct carrier {
	void *ctx; /* freed when the answer has been given: what hangs from
		    * it ends then */
	const struct transport_setting *setting;
	const struct invocation *in; /* of the command in its box */
	const struct command *of;    /* that command */
	const struct transport_request *rq;
	enum transport_service service;
	/* All that is permitted at that place, fetch and push in one; NULL
	 * for SERVICE_SIGN.  With any_path the path and url are those asked
	 * for. */
	const struct transport_permit *permit;
	const char *folder; /* private, 0700, ours; gone afterwards */
	/* To run in the box "transport"; program NULL: no box, the loop runs
	 * until it is stopped and status is the answer. */
	struct command cmd;
	/* With the request's stdio and a short environment (no HOME but an
	 * empty one, no variables of the agent's).  The box gets as.stdio[],
	 * which are closed here then; a descriptor of the request that was
	 * replaced there belongs to who replaced it. */
	struct invocation as;
	struct egress_target target; /* host NULL or "": no network */
	struct egress *egress;
	struct loop *loop; /* runs in the carrier beside the box */
	/* How many brokers have still something to pass on when the box has
	 * ended: they count up when they start, and call carrier_done(). */
	unsigned busy;
	int status; /* of the request, once it is known */

	/* of the attendant's: */
	int conn;	     /* to box-transport */
	int report;	     /* one line a write; -1: none */
	bool ended;	     /* the box has */
	struct watch *guest; /* on conn */
	/* park.h: the connection is kept for the push that follows.  With
	 * parks what goes to and from the box comes by here, and there is
	 * nothing to be filtered. */
	int park; /* -1: neither to be parked nor to be taken over */
	bool parks, parked, taken;
	struct running *running;
};

/* Each fills cmd (program, argv, env_set, need), as.stdio and target, and
 * registers its brokers with loop.  They run outside of any box, as the
 * caller, and may look at the person's own files.  Negative: the message is
 * shown to the person as the transport's error. */
int ssh_carry(struct carrier *c, struct err *e);   /* ssh.c */
int https_carry(struct carrier *c, struct err *e); /* https.c */
int sign_carry(struct carrier *c, struct err *e);  /* sign.c */

/* A line "automode: transport: TEXT" for the person, at the request's stderr
 * or in the report of a command whose stderr nobody reads. */
void carrier_say(struct carrier *c, const char *text);
/* One of c->busy is. */
void carrier_done(struct carrier *c);
/* The box, or what stands for it, has ended: c->status is known. */
void carrier_ended(struct carrier *c);
/* The request is not to be served any further (a push that was not judged,
 * say): text is said, the box ended, the status is 128. */
void carrier_refuse(struct carrier *c, const char *text);

/* carrier.c: from fork to exit status; never returns an error, the message
 * goes to stderr of the request ("automode: ..."). */
int carrier_run(struct carrier *c);

#endif
