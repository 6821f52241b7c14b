/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that migrate schemas: migrate.c knows their words, and
 * migrate_config.c the servers that their files and variables name.
 */
#ifndef AUTOMODE_TOOLS_MIGRATE_H
#define AUTOMODE_TOOLS_MIGRATE_H

#include "tools/db.h"

struct migration {
	struct file_call *c;
	const char *name;	 /* "rails", whatever runs it */
	const char *const *argv; /* argv[0]: it */
	bool any;		 /* some database is named */
	struct sql sql;
};

/* The tool's line, or that of an interpreter or runner in which
 * interpreter_migration() finds one. */
int migrate_understand(void *ctx, const struct tool_context *t,
		       struct command *cmd, struct effects *fx, struct err *e);
void migrate_judge(struct migration *m, const char *url, const char *whence);

/* migrate_config.c: DB_HOST and its like. */
void migrate_from_host_variables(struct migration *m);
/* config/database.yml, knexfile.js, Django's settings: hosts that stand there
 * by themselves. */
void migrate_from_settings(struct migration *m);

#endif
