/* SPDX-License-Identifier: Apache-2.0 */
/* One call of redis-cli: redis.c reads it, redis_effects.c its commands. */
#ifndef AUTOMODE_TOOLS_REDIS_H
#define AUTOMODE_TOOLS_REDIS_H

#include "parse/redis.h"
#include "tools/db.h"

struct redis_call {
	struct file_call *c;
	const char *host, *port, *socket, *user, *pass, *sni;
	unsigned long db;
	bool tls, askpass;
	struct db_target target;
	struct sql sql; /* for the present server */
	char *part;	/* what of it may be lost; see losses.h */
	bool all;	/* all of it */
};

/* redis_effects.c */
/* Finds whose server it is; what is said from here on counts for it. */
void redis_target(struct redis_call *r);
void redis_command(struct redis_call *r, const struct redis_word *w, size_t n);
/* What was said so far, as effects. */
void redis_flush(struct redis_call *r);

#endif
