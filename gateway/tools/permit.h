/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transport broker may carry for a command whose box has no network
 * and no credentials: each permit is one repository on another machine, and
 * what may be done there.  Tools make permits (git_permit.c), transport/
 * holds requests from the box against them and refuses every other.
 */
#ifndef AUTOMODE_TOOLS_PERMIT_H
#define AUTOMODE_TOOLS_PERMIT_H

#include "base/err.h"
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
	/* A fast-forward whatever stands there: instead of `was` (which is then
	 * what the last fetch saw) also a commit that `will` contains, as this
	 * repository tells, or nothing.  NULL: `was` and nothing else. */
	const char *forward_in;
};

struct transport_permit {
	enum permit_scheme scheme;
	const char *url;  /* as git hands it to its transport: after insteadOf;
			   * may carry a user, never a password */
	const char *user; /* in front of @; NULL: none given */
	const char *host; /* name or address, without brackets; https: in lower
			   * case, ssh: as it is (it may be a Host of the
			   * person's ssh configuration) */
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
	/* The person named this host (a remote of the session's start, a
	 * profile): egress_target.named. */
	bool named;
	/* ssh: core.sshCommand of the person's own configuration (global or
	 * system level, never the repository's), and where it stands ("file
	 * ~/.gitconfig"); NULL: none.  Held to plain ssh with harmless
	 * options by transport/ssh_words.c. */
	const char *ssh_command, *ssh_command_from;
};

/* Whom git 2.39 and its transports would talk to for this URL (after
 * insteadOf); fetch, push and updates are left empty.  The same for a request
 * from the box: two URLs are the same destination when scheme, user, host,
 * port and path are.  Negative for what is not carried, with the reason; a
 * password is in neither. */
int permit_from_url(void *ctx, const char *url, struct transport_permit *out,
		    struct err *e);
/* May the ref go from was (hex; zeros: not there) to u->will? */
bool permit_forwards(const struct permit_update *u, const char *was);
/* The URL as it may be written down: http and https without user and
 * password. */
char *permit_url_bare(void *ctx, const char *url);

#endif
