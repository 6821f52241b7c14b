/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transport broker may carry for a command whose box has no network
 * and no credentials: each permit is one repository on another machine, and
 * what may be done there.  Tools make permits (git_permit.c), transport/
 * holds requests from the box against them and refuses every other.
 */
#ifndef AUTOMODE_TOOLS_PERMIT_H
#define AUTOMODE_TOOLS_PERMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum permit_scheme {
	PERMIT_SSH = 1,
	PERMIT_HTTPS,
	PERMIT_HTTP, /* without TLS: no credentials are ever given */
};

struct permit_update {
	const char *ref;  /* full name on the other side */
	const char *was;  /* hex oid that must be there now; NULL: the ref must
			   * not exist.  The server compares it too. */
	const char *will; /* hex oid to be there; NULL: deleted */
};

struct transport_permit {
	enum permit_scheme scheme;
	const char *url;  /* as git hands it to its transport: after insteadOf;
			   * may carry a user, never a password */
	const char *user; /* in front of @; NULL: none given */
	const char *host; /* name or address, without brackets, lower case */
	uint16_t port;	  /* 0: as ssh -G says, or the scheme's own */
	const char *path; /* ssh: as in the remote command, unquoted */
	bool fetch;	  /* git-upload-pack (ls-remote, fetch, clone) */
	bool push;	  /* git-receive-pack, for updates[] only; none of them:
			   * the refs are shown and nothing may change */
	struct permit_update *updates;
	size_t nupdates;
	/* Fetch permits only: every path on this host:port may be fetched as
	 * user (clone --recurse-submodules, submodule update with relative
	 * addresses). */
	bool any_path;
};

#endif
