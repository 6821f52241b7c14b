/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What statements do to SQLite databases, by SQLite's own parser: each is
 * prepared against a copy of the schema in memory, and its authorizer says
 * what it would touch.  Only what changes that copy's schema is stepped.
 */
#ifndef AUTOMODE_PARSE_SQLITE_H
#define AUTOMODE_PARSE_SQLITE_H

#include "parse/sql.h"

struct err;
struct sqlite3;

struct sqlite_part {
	const char *name; /* "main", "temp", or of an ATTACH */
	void *data;	  /* of the caller */
	struct sql sql;
};

struct sqlite_reader {
	void *ctx, *data;
	struct sqlite3 *db;
	struct sqlite_part *parts;
	size_t n;
	unsigned other; /* SQL_EXEC, SQL_FILE: not to a database */
	const char *other_what;
	bool foreign_keys; /* they were turned on, or may be */
	/* ATTACH 'file' AS name: the path to read the schema from, and what
	 * the new part's data is to be.  file NULL: made by an expression. */
	const char *(*attach)(struct sqlite_reader *r, const char *file,
			      void **data);
	/* A file, or a folder with all in it, whose content may come out;
	 * NULL: nobody asks. */
	void (*reads)(struct sqlite_reader *r, const char *file);
	/* VACUUM INTO; NULL: made by an expression. */
	void (*vacuum_into)(struct sqlite_reader *r, const char *file);
	/* at work */
	struct {
		bool mute, ddl, master, bound, attaches, replaces;
		const char *attached;
	} now;
};

/* path NULL, or no such file: an empty database. */
int sqlite_open(struct sqlite_reader *r, const char *path, void *data,
		struct err *e);
void sqlite_close(struct sqlite_reader *r);
/* One or more statements. */
void sqlite_read(struct sqlite_reader *r, const char *text);
/* Anything may happen to the database. */
void sqlite_opaque(struct sqlite_reader *r, const char *why);

/*
 * Scripts as the sqlite3 shell reads them: lines with a dot in their first
 * column, and statements.
 */
struct sqlite_script {
	void *ctx, *data;
	void (*sql)(struct sqlite_script *s, const char *text);
	/* words[0] without the dot; NULL-terminated */
	void (*dot)(struct sqlite_script *s, const char **words, size_t n);
};

void sqlite_script_read(struct sqlite_script *s, const char *text, size_t len);
/* One command line with its dot. */
void sqlite_script_dot(struct sqlite_script *s, const char *line);

#endif
