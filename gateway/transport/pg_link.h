/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by pg_relay.c and pg_begin.c: one client and its connection. */
#ifndef AUTOMODE_TRANSPORT_PG_LINK_H
#define AUTOMODE_TRANSPORT_PG_LINK_H

#include "transport/pg_filter.h"
#include "transport/pg_relay.h"

enum stage {
	STAGE_START,	/* the client's first message */
	STAGE_PASSWORD, /* it was asked for one */
	STAGE_CONNECT,	/* to the server */
	STAGE_OPEN,
	STAGE_END, /* what is still to be written, then no more */
};

struct pg_relay {
	struct loop *loop;
	const struct need_database *to;
	struct link *links;
	unsigned n;
	struct pg_made made; /* by a session that writes */
};

struct link {
	struct pg_relay *r;
	struct link *next, **place;
	enum stage stage;
	int client;
	bool client_ended, server_ended, reset;
	struct watch *client_watch, *server_watch;
	struct pg_buffer from_client, from_server, to_client, to_server;
	struct pg_server *server; /* NULL: none yet */
	struct pg_filter *filter;
	struct pg_wish wish;
	const char *password; /* that the client gave; NULL: none */
	const char *reads;    /* why statements are only to read */
	uint32_t pid, key;    /* for requests to cancel */
};

/* pg_relay.c */
/* Of what waits, as much as goes. */
void pg_link_flush(struct link *k);
loop_call pg_link_on_server;

/* pg_begin.c */
/* Until the client may be heard: what came of it. */
void pg_link_begin(struct link *k);
void pg_link_connect(struct link *k);
/* FATAL: the connection ends with it. */
void pg_link_fatal(struct link *k, const char *state, const char *text);

#endif
