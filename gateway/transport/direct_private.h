/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by direct.c and direct_database.c. */
#ifndef AUTOMODE_TRANSPORT_DIRECT_PRIVATE_H
#define AUTOMODE_TRANSPORT_DIRECT_PRIVATE_H

#include "transport/direct.h"
#include "transport/egress.h"

#define DIRECT_REPORT_BYTES 1024

struct direct {
	const struct invocation *in;
	const struct need *need;
	char *folder;
	pid_t pid;   /* of the porter; 0: none */
	int control; /* its end is the porter's */
	char *said;  /* shared with the porter */
	struct loop *loop;
	struct egress **egress;
	size_t negress;
	/* what listens already: hosts may share addresses */
	struct egress_address *known;
	uint16_t *known_ports;
	size_t nknown;
	struct egress *database;
	int database_socket; /* where the server has a socket of this machine;
			      * 0: none */
};

/* direct.c */
/* A line of the report. */
void direct_say(struct direct *d, const char *text);
/* text with the name's lines for /etc/hosts; a literal address needs none. */
char *direct_names(char *text, const struct need_egress *to,
		   const struct egress_address *v, size_t n);

/* direct_database.c: need->database, when the others open, start and, in the
 * porter, serve. */
int direct_database_open(void *ctx, struct direct *d, struct command *cmd,
			 struct err *e);
int direct_database_start(struct direct *d, pid_t first, char **names,
			  struct err *e);
void direct_database_serve(struct direct *d);

#endif
