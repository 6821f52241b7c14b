/* SPDX-License-Identifier: Apache-2.0 */
/* Commands for a Redis server: their table, lines and the protocol. */
#ifndef AUTOMODE_PARSE_REDIS_H
#define AUTOMODE_PARSE_REDIS_H

#include "parse/sql.h"

struct redis_command {
	const char *name; /* "config set" */
	unsigned cls;	  /* SQL_* */
	/* where the keys stand that it may take away or replace; 0: nowhere.
	 * last -1: the last word */
	signed char first, last, step;
};
extern const struct redis_command redis_commands[]; /* NULL-terminated */

/* A word with its length: it may hold any byte. */
struct redis_word {
	const char *v;
	size_t len;
};

/* NULL: no such command is known. */
const struct redis_command *
redis_command_find(const struct redis_word *w, size_t n);
bool redis_word_is(const struct redis_word *w, const char *word);

/* A line as redis-cli splits it; *n words.  NULL: its quotes are open. */
struct redis_word *redis_line(void *ctx, const char *line, size_t *n);
/* The next request of raw protocol at *p; false: there is none.  *n 0: it
 * cannot be read. */
bool redis_request(void *ctx, const char **p, const char *end,
		   struct redis_word **w, size_t *n);

#endif
