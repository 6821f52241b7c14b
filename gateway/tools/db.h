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
	const char *password, *options; /* NULL */
	const char *passfile;		/* that is named; NULL */
	const char *read_only; /* the profile's words for it; NULL: it is not */
	bool lenient;	       /* need_database.lenient */
	enum database_engine engine;
	const char *part; /* losses.h; NULL: the whole of it */
	bool asks; /* the client asks for a password, whatever is known */
	const char *fallback_port; /* NULL: PostgreSQL's */
	/* sql_table_meets(); NULL-terminated, or NULL: none */
	const char **sensitive;
	const char *sensitive_why; /* which entries of the profile say so */
};

/* As libpq 15 finds it from the words, service files, the environment. */
int db_target_find(struct file_call *c, const struct db_words *w,
		   struct db_target *out, struct err *e);
/* Of a URL that some file holds; what it leaves out is as libpq finds it. */
int db_target_url(struct file_call *c, const char *url, struct db_target *out,
		  struct err *e);
/* db_scope.c: scope and why of a target whose names are known. */
void
db_scope_set(struct file_call *c, struct db_target *t, const char *service);

/* db_secrets.c: others' credentials that the server would get; of
 * db_scope_set(). */
void db_secrets(struct file_call *c, const struct db_target *t);
/* The same of what it is told to do. */
void db_says(struct file_call *c, const struct db_target *t, const char *text,
	     size_t len);

/* At the end: what other commands of the session said before. */
void db_said_before(struct file_call *c);

/* A database that is a file; path absolute. */
void db_scope_file(struct file_call *c, struct db_target *t, const char *path);

/* db_effects.c */
/* Effects and losses of those statements on that database. */
void
db_effects(struct file_call *c, const struct db_target *t, const struct sql *s);
/* db_sensitive.c: rows that are not to leave; of db_effects(). */
void db_sensitive_effects(struct file_call *c, const struct db_target *t,
			  const struct sql *s);
/* Anything may be read from it: by whoever types, or by a script. */
void db_sensitive_unknown(struct file_call *c, const struct db_target *t);
/* Of all entries for that server. */
void
db_sensitive_add(struct db_target *t, const struct database_rule *r, void *ctx);
/* NULL: the line was judged by them already. */
const char *const *
db_sensitive_left(const struct file_call *c, const struct db_target *t);
/* The words for connections that all clients of PostgreSQL have. */
struct db_words db_words_of(const struct file_call *c);
/* The one of that name among n tools, boxed where db_run() said so. */
int db_understand(const struct file_tool *tools, size_t n, void *ctx,
		  const struct tool_context *t, struct command *cmd,
		  struct effects *fx, struct err *e);
/* db_relay.c: handed over with the words as they are, or, where the
 * profile lets the database only be read or somebody types, boxed behind the
 * relay; then db_box() when the command is complete. */
enum db_run {
	DB_RUN_OPERANDS = 1 << 0,    /* they are no database and user */
	DB_RUN_INTERACTIVE = 1 << 1, /* anything may be typed */
	DB_RUN_BUSY = 1 << 2,	     /* need_database.busy */
};
/* db_session.c: how a relay tells databases apart that are typed; hangs from
 * ctx, and needs nothing of c afterwards. */
const struct database_session *
db_session(const struct file_call *c, const struct db_target *t);
int db_run(struct file_call *c, const struct db_target *t, unsigned how,
	   struct err *e);
/* Where the statements (their classes; temporary: they make tables) do no more
 * than read: out becomes one for the relay, which keeps it at that. */
void db_fence(struct file_call *c, unsigned classes, bool temporary,
	      const char *why, struct db_target *out);
void db_box(struct command *cmd);
/* A shell command that a client would run. */
void db_shell(struct file_call *c, const char *what);
/* SQL from a descriptor of the caller, which then holds the same bytes again;
 * NULL without an error: a terminal. */
int db_stdin(struct file_call *c, char **text, size_t *len, struct err *e);
/* Is there a file of this name, or a descriptor of the caller? */
bool db_file_there(struct file_call *c, const char *name);
/* Its bytes; NULL: it cannot be read. */
char *db_file(struct file_call *c, const char *name, size_t *len);

#endif
