/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line as a client of the gateway: sends this process (argv,
 * environment, current directory, descriptors) and relays what comes back.
 */
#ifndef AUTOMODE_CLI_CLIENT_H
#define AUTOMODE_CLI_CLIENT_H

#include "base/err.h"
#include "wire/proto.h"
#include <stdbool.h>
#include <stddef.h>

struct client_call {
	enum request_kind kind;
	const char *socket;	 /* SHIM_SOCKET or CONTROL_SOCKET */
	const char *const *argv; /* NULL-terminated */
	const char *const *set;	 /* "NAME=value" instead of the caller's;
				  * NULL-terminated, or NULL */
	const char *cwd;	 /* NULL: the current one */
	int out, err;		 /* descriptors 1 and 2 of the request */
	/* results */
	int status;
	char *reply; /* of REQUEST_CHECK; NULL: none came */
};
/* 0 when an exit status came.  ERR_UNKNOWN: no gateway. */
int client_ask(void *ctx, struct client_call *c, struct err *e);
/* A control command whose output is wanted: *output without the newline. */
int client_control(void *ctx, const char *const *argv, const char *const *set,
		   char **output, int *status, struct err *e);

/* Makes sure that a gateway of this very build runs.  person: the person's
 * own shell asks (`automode env`), so that its HOME and AUTOMODE_STATE_DIR
 * count. */
int client_ensure(void *ctx, bool person, struct err *e);
/* Runs `automode gateway ARGS...` and waits for it. */
int client_gateway(void *ctx, const char *const *args, struct err *e);
/* Ends the gateway that runs: 0; 1: none ran.  Waits until it has gone. */
int client_stop(void *ctx, struct err *e);

#endif
