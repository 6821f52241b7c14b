/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases in the vault.  PostgreSQL: a dump of the whole of it by its own
 * pg_dump, put back in one transaction; Redis: keys, by DUMP and RESTORE.  An
 * entry is a folder with the following, and the same in database.1,
 * database.2 ... for all others that the command reached:
 *
 *	database/conninfo  where it is; may hold a password
 *	database/cluster   Debian's --cluster, or empty
 *	database/label     for people
 *	database/kind      "content", or "dropped": the database itself went
 *	database/engine    "postgresql", "redis" or "mysql"; none: the first
 *	database/part      Redis: what of it (effects/losses.h), or empty
 *	database/dump      pg_dump -Fc, or what db_redis.c and db_mysql.c say
 *	database/command   what was run
 */
#ifndef AUTOMODE_REVERSAL_DB_H
#define AUTOMODE_REVERSAL_DB_H

#include "base/spawn.h"
#include "effects/losses.h"
#include "reversal/undo.h"
#include "reversal/vault.h"

struct db_kept;
struct reversal;

struct db_place {
	const char *conninfo, *cluster, *label;
	bool dropped;
	enum database_engine engine;
	const char *part;
	const char *touched; /* effects/losses.h */
	bool asks;
	const char *rows; /* effects/losses.h */
	unsigned reach;	  /* the same */
	const struct database_session *session;
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
enum database_engine db_engine(const char *name);
/* Dumps all of them into one new entry, or none. */
int
db_dump_entry(void *ctx, const struct invocation *in, struct channel *monitor,
	      const struct db_place *const *at, size_t n, const char *command,
	      uint64_t *id, uint64_t *bytes, struct err *e);
/* The folder of the i-th database of an entry. */
char *db_part(void *ctx, const char *entry, size_t i);

/* db_redis.c; look: 1 when nobody is there, or lets us in. */
int db_redis_look(void *ctx, const struct db_place *at, uint64_t *size,
		  struct err *e);
int db_redis_dump(void *ctx, const struct db_place *at, const char *file,
		  uint64_t *bytes, struct err *e);
int db_redis_restore(void *ctx, const struct db_place *at, const char *file,
		     struct err *e);

/* db_mysql.c; the same for one database of a MariaDB or MySQL server */
int db_mysql_look(void *ctx, const struct invocation *in,
		  const struct db_place *at, uint64_t *size, struct err *e);
/* The other databases that at->reach leads to, a line each. */
int db_mysql_reached(void *ctx, const struct invocation *in,
		     const struct db_place *at, char **names, struct err *e);
int
db_mysql_dump(void *ctx, const struct invocation *in, const struct db_place *at,
	      const char *file, uint64_t *bytes, struct err *e);
int
db_mysql_restore(void *ctx, const struct invocation *in,
		 const struct db_place *at, const char *file, struct err *e);

/* db_beside.c: a query for "SIZE|WHY": the bytes of the database, and why
 * more goes than the statements say; nothing behind the bar: it does not.
 * SIZE is followed by an F where they reach what is in no dump (rows of foreign
 * tables, other servers), as WHY then says, or by an f where there are foreign
 * tables. */
char *db_beside(void *ctx, const char *touched);
extern const char *const db_size; /* the same, of any statement */

/* db_clear.c: SQL that empties a PostgreSQL database, as dumps need it */
extern const char *const db_clear;

/* db_undo.c */
bool db_entry_is(const char *dir);
int db_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	    const char *vault_dir, uint64_t id, bool dry_run,
	    struct undo_report *out, struct err *e);

#endif
