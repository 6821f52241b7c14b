/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filtered ssh agent: listens at a path, serves SSH_AGENTC_REQUEST_IDENTITIES
 * and SSH_AGENTC_SIGN_REQUEST out of the person's agent (SSH_AUTH_SOCK as it
 * was for the gateway's caller, checked to be the person's own socket) and of
 * a private one that holds the unencrypted identity files; answers
 * SSH_AGENT_FAILURE to everything else (adding, removing, locking, extensions).
 * draft-miller-ssh-agent; OpenSSH PROTOCOL.agent.
 */
#ifndef AUTOMODE_TRANSPORT_AGENT_H
#define AUTOMODE_TRANSPORT_AGENT_H

#include "base/err.h"
#include "transport/loop.h"

struct agent_broker;

struct agent_setting {
	const char *path;     /* of the socket to listen at */
	const char *upstream; /* the person's agent; NULL: none */
	/* Private keys of the person, unencrypted; NULL-terminated.  A private
	 * ssh-agent holds them, listening at private_path, which no box sees;
	 * it ends with the broker. */
	const char **key_files;
	const char *private_path;
	/* Keys that may be seen and used: public key blobs in base64, as in
	 * a .pub file, NULL-terminated; NULL: all. */
	const char **only;
	/* The user that is logged in as: only signatures for that name, or
	 * for one of these; NULL-terminated; NULL: any. */
	const char **users;
	/* true: signatures over SSHSIG data ("SSHSIG" namespace git) only, for
	 * signing; false: over session data of ssh only. */
	bool signing;
};

int agent_serve(void *ctx, struct loop *l, const struct agent_setting *s,
		struct agent_broker **out, struct err *e);

#endif
