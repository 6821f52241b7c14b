/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a Redis server, as much of the protocol as dumps need. */
#ifndef AUTOMODE_REVERSAL_REDIS_LINK_H
#define AUTOMODE_REVERSAL_REDIS_LINK_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct redis_link;

struct redis_reply {
	char type;   /* + - : $ * */
	bool none;   /* a null string or array */
	long long n; /* the integer, or how many elements follow */
	char *v;     /* of + - and $, NUL-terminated beyond len */
	size_t len;
};

/* conninfo: effects/losses.h.  1: nobody is there. */
int redis_link_open(void *ctx, const char *conninfo, struct redis_link **out,
		    struct err *e);
/* Into the buffer: n words, lens NULL: all are strings. */
void redis_link_say(struct redis_link *l, size_t n, const char *const *words,
		    const size_t *lens);
int redis_link_send(struct redis_link *l, struct err *e);
/* The next reply; elements of an array are replies of their own. */
int redis_link_hear(void *ctx, struct redis_link *l, struct redis_reply *r,
		    struct err *e);

#endif
