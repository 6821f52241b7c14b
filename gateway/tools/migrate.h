/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that migrate schemas: migrate.c knows their words, migrate_files.c
 * the files they read, migrate_config.c and migrate_variables.c the databases
 * that those name.
 */
#ifndef AUTOMODE_TOOLS_MIGRATE_H
#define AUTOMODE_TOOLS_MIGRATE_H

#include "tools/db.h"

#define MIGRATION_TEXTS 24
#define MIGRATION_ENVS	8

struct migration_text {
	const char *name;
	char *text;
};

struct migration {
	struct file_call *c;
	const char *name;	 /* "rails", whatever runs it */
	const char *const *argv; /* argv[0]: it */
	bool any;		 /* some database is named */
	const char *unclear;	 /* where a URL stands that is not; NULL */
	struct sql sql;
	/* migrate_read() */
	const char *stage;	/* "development", "production" ... */
	const char *stage_from; /* what says so; NULL: nothing */
	const char *section;	/* of its ini file; NULL: that of the stage */
	const char *root;	/* the folder of manage.py, "." */
	struct migration_text texts[MIGRATION_TEXTS];
	size_t ntexts;
	struct migration_text variables[MIGRATION_ENVS]; /* .env */
	size_t nvariables;
};

/* The tool's line, or that of an interpreter or runner in which
 * interpreter_migration() finds one. */
int migrate_understand(void *ctx, const struct tool_context *t,
		       struct command *cmd, struct effects *fx, struct err *e);
/* A URL that is found, or a file (sqlite:///x, file:x). */
void migrate_judge(struct migration *m, const char *url, const char *whence);
/* A server's, or a file's; NULL: there is none in text. */
char *migrate_url(struct migration *m, const char *text);

/* migrate_files.c */
void migrate_read(struct migration *m);
/* Of "NAME VALUE" and "NAME=VALUE" on the line; NULL: none. */
const char *migrate_option(const struct migration *m, const char *name);

/* migrate_config.c: databases that the texts name. */
void migrate_from_texts(struct migration *m);
/* DB_HOST and its like. */
void migrate_from_hosts(struct migration *m);
/* A URL that may mention variables. */
void
migrate_judge_text(struct migration *m, const char *url, const char *whence);
/* The user that is said beside a URL which names none. */
const char *migrate_with_user(struct migration *m, const char *url,
			      const char *user, const char *password);

/* migrate_variables.c */
/* Of the environment, or else of a file; NULL: none. */
const char *migrate_variable(struct migration *m, const char *name);
/* Those that the texts mention; all that name databases: of the environment,
 * of the files. */
void migrate_from_mentioned(struct migration *m);
void migrate_from_environment(struct migration *m);
void migrate_from_variables(struct migration *m);

#endif
