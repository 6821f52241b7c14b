/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the mysql client of MariaDB 10.11 and MySQL 8 does with its input: its
 * own commands, where statements end, and a classification of each by a
 * tokenizer and the first words.  What is in no row is SQL_OPAQUE.
 */
#ifndef AUTOMODE_PARSE_MYSQL_H
#define AUTOMODE_PARSE_MYSQL_H

#include "parse/sql.h"

/* --- the client: mysql_script.c */
struct mysql_script {
	void *ctx, *data;
	char delimiter[32]; /* "": ';' */
	/* One statement without its delimiter. */
	void (*sql)(struct mysql_script *s, const char *text);
	/* name: the whole word ("system"), also for \! and its like. */
	void (*command)(struct mysql_script *s, const char *name,
			const char *args);
};

void mysql_script_read(struct mysql_script *s, const char *text, size_t len);

/* --- statements: mysql_tokens.c, mysql_class.c, mysql_read.c */
struct mysql_token {
	char kind;  /* 'w'ord, '`' quoted name, '\'' string, '0' number, or the
		     * character itself */
	bool again; /* nothing stands between it and the one before */
	const char *text;
};

struct mysql_statement {
	void *ctx;
	struct sql *sql;
	/* Databases that it names before a dot: for those too. */
	void *data;
	void (*names)(struct mysql_statement *m, const char *database,
		      const struct sql *does);
	bool prepared, dark; /* from texts that are here; from others */
	/* LOAD DATA LOCAL reads this file of the client's; NULL: unknown */
	void (*reads)(struct mysql_statement *m, const char *file);
};

/* Tokens without comments, the content of executable ones among them; *n of
 * them, and one of kind 0 behind. */
struct mysql_token *mysql_tokens(void *ctx, const char *text, size_t *n);
bool mysql_is(const struct mysql_token *t, const char *word);
/* That word anywhere behind. */
bool mysql_has(const struct mysql_token *t, const char *word);
/* Of the one statement that begins there. */
unsigned mysql_class(struct mysql_statement *m, const struct mysql_token *t);
/* One or more statements, as the server splits them. */
void mysql_read(struct mysql_statement *m, const char *text);

extern const char *const mysql_known[];
extern const size_t mysql_nknown;

#endif
