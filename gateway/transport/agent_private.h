/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the filtered agent: the wire form (agent_wire.c), what may be signed
 * (agent_data.c), and the ssh-agent of our own that holds key files for as
 * long as one request lasts (agent_own.c).
 */
#ifndef AUTOMODE_TRANSPORT_AGENT_PRIVATE_H
#define AUTOMODE_TRANSPORT_AGENT_PRIVATE_H

#include "transport/agent.h"
#include <stddef.h>
#include <stdint.h>

#define AGENT_FAILURE	    5
#define AGENT_SUCCESS	    6
#define AGENT_REQUEST_LIST  11
#define AGENT_LIST	    12
#define AGENT_REQUEST_SIGN  13
#define AGENT_SIGNATURE	    14
#define AGENT_EXTENSION	    27
#define AGENT_MAX	    (256u * 1024) /* as OpenSSH's AGENT_MAX_LEN */
#define AGENT_KEYS	    256
#define AGENT_BIND_HOST_KEY "session-bind@openssh.com"

/* Bytes inside a message; bad once something was not there. */
struct wire {
	const uint8_t *p;
	size_t left;
	bool bad;
};
struct wire_bytes {
	const uint8_t *p; /* NULL: not there */
	size_t len;
};
uint8_t wire_byte(struct wire *w);
uint32_t wire_u32(struct wire *w);
struct wire_bytes wire_string(struct wire *w);
bool wire_done(const struct wire *w); /* all read, nothing bad */
bool wire_is(struct wire_bytes b, const char *text);
bool wire_same(struct wire_bytes a, struct wire_bytes b);

/* agent_message.c: a message on its way in or out, its length in front. */
struct agent_message {
	uint8_t *p;
	size_t len, done;
};
void wire_put32(uint8_t *p, size_t n);
void agent_message_clear(struct agent_message *m);
/* Takes what has come; 1 when the message is whole, 0 when more is to come,
 * negative at the end and where it is too long. */
int agent_message_read(void *ctx, struct agent_message *m, int fd);
/* 1: all of it is out. */
int agent_message_write(struct agent_message *m, int fd);
/* A message of len bytes behind the length, type the first of them; returns
 * where the others go. */
uint8_t *
agent_message_new(void *ctx, struct agent_message *m, uint8_t type, size_t len);

/* Is this what ssh signs to log in (RFC 4252 section 7, and OpenSSH's
 * hostbound variant), with that key, as one of the users (NULL: any)? */
bool agent_data_login(struct wire_bytes data, struct wire_bytes key,
		      const char *const *users);
/* Is this what `ssh-keygen -Y sign -n git` signs (PROTOCOL.sshsig)? */
bool agent_data_git(struct wire_bytes data);
/* A binding to a connection that is not forwarded further. */
bool agent_data_bind(struct wire_bytes contents);

/* A running ssh-agent with those keys; ends when freed, or when we die. */
struct own_agent;
int own_agent_start(void *ctx, const char *path, const char *const *keys,
		    struct own_agent **out, struct err *e);
/* To poll for reading; own_agent_loaded() then says that all keys are in. */
int own_agent_fd(const struct own_agent *a);
void own_agent_loaded(struct own_agent *a);

#endif
