/* SPDX-License-Identifier: Apache-2.0 */
/* One call of sqlite3: sqlite.c reads it, sqlite_dot.c its dot-commands. */
#ifndef AUTOMODE_TOOLS_SQLITE_H
#define AUTOMODE_TOOLS_SQLITE_H

#include "parse/sqlite.h"
#include "tools/db.h"

/* A database that is a file. */
struct sqlite_file {
	struct operand o;
	struct db_target target;
	bool memory; /* nothing of it stays */
	bool readonly;
};

struct sqlite_call {
	struct file_call *c;
	struct sqlite_reader reader;
	struct sqlite_script script;
	const char *dir; /* that names count from */
	unsigned depth;
	struct err *e;
	int rc;
};

/* sqlite.c */
/* Statements of a file, or of the standard input ("-"). */
void sqlite_call_script(struct sqlite_call *s, const char *name);
/* Another database from here on; anew: what is there goes first. */
void sqlite_call_open(struct sqlite_call *s, const char *name, bool readonly,
		      bool anew);
/* The file is written to as a whole. */
void sqlite_call_write(struct sqlite_call *s, const char *name);

/* sqlite_dot.c */
void sqlite_dot(struct sqlite_script *script, const char **words, size_t n);

#endif
