/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases in the vault: a dump of the whole of it by PostgreSQL's own
 * pg_dump, put back in one transaction.  An entry is a folder with
 *
 *	database/conninfo  where it is; may hold a password
 *	database/cluster   Debian's --cluster, or empty
 *	database/label     for people
 *	database/kind      "content", or "dropped": the database itself went
 *	database/dump      pg_dump -Fc
 *	database/command   what was run
 */
#ifndef AUTOMODE_REVERSAL_DB_H
#define AUTOMODE_REVERSAL_DB_H

#include "base/spawn.h"
#include "reversal/undo.h"
#include "reversal/vault.h"

struct db_kept;
struct reversal;

struct db_place {
	const char *conninfo, *cluster, *label;
	bool dropped;
};

/* How far what is lost can be kept: sets undo and why of the effects. */
int db_assess(struct reversal *r, struct err *e);
void db_judge(struct reversal *r);
int db_keep(struct db_kept *k, struct channel *monitor, struct err *e);
void db_abandon(struct db_kept *k, struct channel *monitor);
/* The command runs on without us.  The notice; NULL: nothing was kept. */
char *
db_leave(void *ctx, struct db_kept *k, struct channel *monitor, struct err *e);

/* db_dump.c: one client of PostgreSQL's, without prompts, with the caller's
 * own settings and none that run code.  0 also when it failed. */
int db_client(void *ctx, const struct invocation *in, const struct db_place *at,
	      struct spawn *s, struct err *e);
/* Dumps into a new entry. */
int
db_dump_entry(void *ctx, const struct invocation *in, struct channel *monitor,
	      const struct db_place *at, const char *command, uint64_t *id,
	      uint64_t *bytes, struct err *e);

/* db_undo.c */
bool db_entry_is(const char *dir);
int db_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	    const char *vault_dir, uint64_t id, bool dry_run,
	    struct undo_report *out, struct err *e);

#endif
