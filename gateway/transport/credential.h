/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials for one pinned http(s) place: listens at a path in the carrier's
 * folder, where the credential helper of the transport box (box-transport)
 * asks. "get" for the pinned protocol, host and port is answered by what the
 * URL itself carries, ~/.netrc, or the person's own helpers (global and system
 * configuration only, run outside by `git credential fill` without a prompt);
 * "store" and "erase" and every other host get nothing.
 */
#ifndef AUTOMODE_TRANSPORT_CREDENTIAL_H
#define AUTOMODE_TRANSPORT_CREDENTIAL_H

#include "base/err.h"
#include "tools/permit.h"
#include "transport/loop.h"

struct credential_setting {
	const char *path; /* of the socket to listen at */
	const struct transport_permit *permit;
	const char *home; /* the person's */
	const char *git;  /* the real program */
	/* What the URL itself carries (https://user:password@host); NULL. */
	const char *user, *password;
	bool given_only; /* and nothing else: no helpers, no ~/.netrc */
};

struct credential_broker;

int
credential_serve(void *ctx, struct loop *l, const struct credential_setting *s,
		 struct credential_broker **out, struct err *e);

#endif
