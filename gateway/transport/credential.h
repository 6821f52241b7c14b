/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials for one pinned https host: listens at a path in the carrier's
 * folder; the credential helper in the transport box (box-transport under
 * another name) relays git's protocol (gitcredentials(7), git-credential(1)).
 * "get" for the pinned protocol, host and port is answered by what the
 * person's own helpers (global and system configuration only, run outside
 * by `git credential fill` without a prompt) or ~/.netrc say; "store" and
 * "erase" and every other host get nothing.
 */
#ifndef AUTOMODE_TRANSPORT_CREDENTIAL_H
#define AUTOMODE_TRANSPORT_CREDENTIAL_H

#include "base/err.h"
#include "tools/permit.h"
#include "transport/loop.h"

struct credential_setting {
	const char *path; /* of the socket to listen at */
	const struct transport_permit *permit;
	const char *home;	/* the person's */
	const char *const *env; /* for the person's helpers: not the agent's */
};

struct credential_broker;

int
credential_serve(void *ctx, struct loop *l, const struct credential_setting *s,
		 struct credential_broker **out, struct err *e);

#endif
