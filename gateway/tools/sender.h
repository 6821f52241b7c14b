/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that send what the caller chooses to hosts of the caller's choice
 * (curl, wget, nc, ssh ...): where it goes, what goes there, and what follows
 * from both.  One `struct sender` is one transfer: its sources and its hosts.
 */
#ifndef AUTOMODE_TOOLS_SENDER_H
#define AUTOMODE_TOOLS_SENDER_H

#include "effects/secrets.h"
#include "tools/file_list.h"

#define SEND_BOX "send"

struct sender_host {
	const char *host; /* as it would be contacted: lower case, no dot at
			   * its end, addresses in their usual form */
	unsigned port;
	enum scope scope;
};

struct sender {
	struct file_call *c;
	struct secrets *secrets;
	struct sender_host *hosts;
	size_t nhosts;
	struct secret_found found[16];
	size_t nfound;
	const char *content;  /* "pricing.py", "stdin", "a request body" */
	const char *smuggled; /* text in an address or header */
	const char *method;   /* NULL: it reads */
	bool unseen;  /* a pipe of the caller's that cannot be read first */
	bool follows; /* whatever it carries goes wherever it is sent on to */
};

int sender_begin(struct sender *s, struct file_call *c, struct err *e);
/* The same for the next transfer. */
void sender_next(struct sender *s);

/* How the host stands to the session; the port is the one that is meant. */
enum scope sender_scope(struct sender *s, const char *host, unsigned port);
void sender_to(struct sender *s, const char *host, unsigned port);
/* What curl_url(3) makes of it, which is what curl contacts.  ERR_SYNTAX: no
 * address.  scheme and path may be NULL. */
int sender_url(struct sender *s, const char *url, const char *guess,
	       const char **scheme, const char **path, struct err *e);

/* Words on the line that reach the host without being its content. */
void sender_says(struct sender *s, const char *text, const char *where);
/* Content: words, a file, what stands on stdin (taken, and put back). */
void sender_body(struct sender *s, const char *text, const char *where);
int sender_file(struct sender *s, const char *path, struct err *e);
int sender_stdin(struct sender *s, struct err *e);
/* Looks at a stdin that is a file, and leaves it as it is. */
void sender_peek(struct sender *s);

/* Adds the effects of this transfer. */
void sender_judge(struct sender *s);

/* To be called with what file_understand*() returned: the box with a network,
 * or none where nothing is written and stdin is the caller's. */
int sender_done(struct command *cmd, const struct invocation *in, int rc);

#endif
