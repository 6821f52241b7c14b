/* SPDX-License-Identifier: Apache-2.0 */
/* One call of psql: psql.c reads it, psql_meta.c its backslash commands. */
#ifndef AUTOMODE_TOOLS_PSQL_H
#define AUTOMODE_TOOLS_PSQL_H

#include "parse/psql_script.h"
#include "tools/db.h"

struct psql {
	struct file_call *c;
	struct psql_script script;
	struct sql sql; /* for the present database */
	struct db_target target;
	const char *dir; /* of the script, for \ir */
	unsigned depth;
	bool typed;	  /* nobody knows all that will be said */
	bool environment; /* \setenv PG...: a later \c leads elsewhere */
	bool elsewhere;	  /* another server, or another user */
	/* of all databases: what is said, and does it make tables? */
	unsigned classes;
	bool temporary;
	const char *production; /* why one of them is; NULL: none */
	struct err *e;
	int rc;
};

/* psql.c */
/* Statements of a file, or of the standard input ("-"); beside: counted from
 * the folder of the script that includes it. */
void psql_file(struct psql *p, const char *name, bool beside);

/* psql_meta.c */
void psql_meta(struct psql_script *s, const char *name, const char *args);
/* Where statements end is not known any more. */
void psql_unreadable(struct psql *p, const char *why);
void psql_encoding(struct psql *p, const char *name);
/* A file, or "|command", that output goes to. */
void psql_output(struct psql *p, const char *name);
/* What was said so far counts for the database as it is now. */
void psql_flush(struct psql *p);

#endif
