/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by transport.c, attendant.c, request.c and carrier.c. */
#ifndef AUTOMODE_TRANSPORT_ATTENDANT_H
#define AUTOMODE_TRANSPORT_ATTENDANT_H

#include "transport/carrier.h"

#define ATTEND_GUESTS	   32	/* at once; others wait in the queue */
#define ATTEND_REQUEST_MS  5000 /* to send a request, once connected */
#define ATTEND_DRAIN_MS	   5000 /* for brokers, after the box has ended */
#define ATTEND_REPORT	   8192 /* bytes of a report */
#define ATTEND_LINES	   20	/* of a report; then "and N more" */
#define ATTEND_PARKED	   '\1' /* in a report: "\1PID", it is parked */
#define ATTEND_STATUS_FAIL 128	/* as git's own transports fail */

/* From worker to attendant: which box it is. */
struct attend_box {
	uint64_t dev, ino; /* of its pid namespace */
};

/* attendant.c: the attendant's life; folder holds the socket, fds are the
 * only ones that stay open. */
struct attending {
	const struct transport_setting *setting;
	const struct invocation *in;
	const struct command *of;
	const char *folder;
	int listen, control;
	int park; /* -1: none */
};
void attendant_main(struct attending *a) __attribute__((noreturn));

/* transport.c: the folder of the helpers of this git. */
const char *attend_exec_path(void *ctx, const char *program);

/* transport.c: a folder of ours and all that is in it. */
void transport_remove(const char *folder);

/* request.c */
/* Receives one request; the descriptors hang from ctx. */
int request_receive(void *ctx, int conn, struct transport_request *rq, int *fds,
		    size_t *nfds, struct err *e);
/* The bytes alone (fuzzed). */
int request_parse(void *ctx, const void *bytes, size_t len,
		  struct transport_request *rq, struct err *e);

/* match.c: the permit for a request, a copy in ctx; negative with what was
 * asked for in e->msg. */
int match_request(void *ctx, const struct transport_request *rq,
		  const struct need *need, struct transport_permit **permit,
		  enum transport_service *service, struct err *e);
/* One word quoted by git's sq_quote_buf(); NULL: it is not. */
char *match_unquote(void *ctx, const char *quoted);

#endif
