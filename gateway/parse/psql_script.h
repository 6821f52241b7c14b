/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits what psql reads from a file or its standard input as psql 15 does:
 * statements, backslash commands, variables put in, rows of COPY FROM STDIN.
 */
#ifndef AUTOMODE_PARSE_PSQL_SCRIPT_H
#define AUTOMODE_PARSE_PSQL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct psql_variable {
	const char *name;
	const char *value; /* NULL: nobody knows */
};

struct psql_script {
	void *ctx;
	struct psql_variable *vars;
	size_t nvars;
	bool unknown;	   /* \gset: any name may be a variable by now */
	unsigned branches; /* of \if, open */
	void *data;	   /* for both calls */
	/* opaque: a variable of unknown value was put in as it is */
	void (*sql)(struct psql_script *p, const char *text, bool opaque);
	/* name without the backslash; args as they stand, blanks trimmed */
	void (*meta)(struct psql_script *p, const char *name, const char *args);
	/* rows that psql would read as commands, had COPY failed, hold some */
	void (*data_commands)(struct psql_script *p);
};

/* value NULL: unknown from now on. */
void psql_set(struct psql_script *p, const char *name, const char *value);
/* \gset: all of them. */
void psql_forget(struct psql_script *p);
void psql_script_read(struct psql_script *p, const char *text, size_t len);
/* Words of a backslash command's arguments, quotes removed.  *program: one of
 * them is in backquotes, or names a variable of unknown value. */
const char **psql_words(struct psql_script *p, const char *args, bool *program,
			bool *unknown);

#endif
