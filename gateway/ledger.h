/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers report (wire/channel.h), written down: into the store and into
 * the sessions in memory.  Reports that arrive together share one commit; no
 * answer goes out before it.
 */
#ifndef AUTOMODE_LEDGER_H
#define AUTOMODE_LEDGER_H

#include "audit/store.h"
#include "invocation/session.h"
#include "wire/proto.h"
#include <stddef.h>

struct ledger {
	void *ctx;
	struct store *store;
	struct sessions *sessions;
	uint32_t uid;	  /* of the gateway */
	bool open;	  /* a transaction has begun */
	uint64_t changes; /* of the sessions in memory */
	char said[16];	  /* what an answer says besides its value */
};

struct report {
	uint32_t uid; /* of the worker's caller */
	bool control; /* it came through the control socket */
	uint32_t type;
	const char *body;
	size_t len;
};

struct ledger_answer {
	bool failed;
	uint64_t value;
	char text[512];
};

void ledger_take(struct ledger *l, const struct report *r,
		 struct ledger_answer *out);
/* Makes what was taken durable; when that fails nothing of it was. */
int ledger_commit(struct ledger *l, struct err *e);
/* A record of the gateway's own. */
void ledger_note(struct ledger *l, const char *kind, const char *json);
/* The default session of a uid, made when there is none. */
int ledger_default_session(struct ledger *l, uint32_t uid, const char *home,
			   struct err *e);

#endif
