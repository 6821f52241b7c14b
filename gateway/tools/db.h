/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the clients of databases share: which database a line means, whose it
 * is, and what statements do to it.
 */
#ifndef AUTOMODE_TOOLS_DB_H
#define AUTOMODE_TOOLS_DB_H

#include "parse/sql.h"
#include "tools/file_call.h"

/* What the line says by itself; NULL: nothing. */
struct db_words {
	const char *dbname; /* name, URI or key=value */
	const char *host, *port, *user;
	const char *cluster; /* Debian's pg_wrapper */
};

struct db_target {
	const char *label;    /* "app_dev on 127.0.0.1", safe text */
	const char *conninfo; /* for clients that the gateway starts */
	const char *cluster;
	const char *host, *hostaddr, *port, *dbname, *user; /* NULL: default */
	enum scope scope; /* local, foreign, production, protected (no access),
			   * workspace (the owner lets it be written) */
	const char *why;  /* it is no development database; NULL */
	bool reads_free;  /* reading is no question */
};

/* As libpq 15 finds it from the words, service files, the environment. */
int db_target_find(struct file_call *c, const struct db_words *w,
		   struct db_target *out, struct err *e);
/* Of a URL or conninfo that some file holds, without the environment. */
int db_target_url(struct file_call *c, const char *url, struct db_target *out,
		  struct err *e);
/* db_scope.c: scope and why of a target whose names are known. */
void
db_scope_set(struct file_call *c, struct db_target *t, const char *service);

/* db_effects.c */
/* Effects and losses of those statements on that database. */
void
db_effects(struct file_call *c, const struct db_target *t, const struct sql *s);
/* The caller's process becomes the program; what may be lost is kept before. */
void db_hand_over(struct file_call *c);
/* A shell command that a client would run. */
void db_shell(struct file_call *c, const char *what);
/* SQL from a descriptor of the caller, which then holds the same bytes again;
 * NULL without an error: a terminal. */
int db_stdin(struct file_call *c, char **text, size_t *len, struct err *e);
/* Bytes of a file named by the caller; NULL: it cannot be read. */
char *db_file(struct file_call *c, const char *name, size_t *len);

#endif
