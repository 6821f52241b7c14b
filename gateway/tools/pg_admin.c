/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vacuumdb, reindexdb, clusterdb, createuser, dropuser, vacuumlo and
 * pg_basebackup of PostgreSQL 15: no row goes with the first three, but tables
 * are locked; roles are of the server.
 */
#include "base/text.h"
#include "tools/db.h"
#include <string.h>
#include <talloc.h>

#define CONNECTION                                                             \
	F('e', "echo"), A('h', "host"), F('w', "no-password"),                 \
	    F('W', "password"), A('p', "port"), A('U', "username"),            \
	    A(0, "cluster") /* Debian's pg_wrapper */, F('V', "version"),      \
	    F('?', "help")
#define DATABASE                                                               \
	F('a', "all"), A('d', "dbname"), A(0, "maintenance-db"),               \
	    F('q', "quiet"), F('v', "verbose"), CONNECTION

static const struct option_spec vacuumdb_options[] = {
    DATABASE,
    F('z', "analyze"),
    F(0, "analyze-in-stages"),
    F('Z', "analyze-only"),
    F(0, "disable-page-skipping"),
    F(0, "force-index-cleanup"),
    F('F', "freeze"),
    F('f', "full"),
    A('j', "jobs"),
    A(0, "min-mxid-age"),
    A(0, "min-xid-age"),
    F(0, "no-index-cleanup"),
    F(0, "no-process-toast"),
    F(0, "no-truncate"),
    A('P', "parallel"),
    F(0, "skip-locked"),
    A('t', "table"),
    END,
};

static const struct option_spec reindexdb_options[] = {
    DATABASE,	     F(0, "concurrently"), A('i', "index"),
    A('j', "jobs"),  A('S', "schema"),	   F('s', "system"),
    A('t', "table"), A(0, "tablespace"),   END,
};

static const struct option_spec clusterdb_options[] = {
    DATABASE,
    A('t', "table"),
    END,
};

static const struct option_spec createuser_options[] = {
    CONNECTION,
    A('c', "connection-limit"),
    F('d', "createdb"),
    F('r', "createrole"),
    F('i', "inherit"),
    F(0, "interactive"),
    F('l', "login"),
    F('D', "no-createdb"),
    F('R', "no-createrole"),
    F('I', "no-inherit"),
    F('L', "no-login"),
    F(0, "no-replication"),
    F('S', "no-superuser"),
    F('P', "pwprompt"),
    F(0, "replication"),
    A('g', "role"),
    F('s', "superuser"),
    END,
};

static const struct option_spec dropuser_options[] = {
    CONNECTION,
    F(0, "if-exists"),
    F('i', "interactive"),
    END,
};

static const struct option_spec vacuumlo_options[] = {
    CONNECTION, A('l', "limit"), F('n', "dry-run"), F('v', "verbose"), END,
};

static const struct option_spec basebackup_options[] = {
    A('c', "checkpoint"),
    A('Z', "compress"),
    F('C', "create-slot"),
    A('d', "dbname"),
    A('F', "format"),
    F('z', "gzip"),
    A('h', "host"),
    A('l', "label"),
    A(0, "manifest-checksums"),
    F(0, "manifest-force-encode"),
    A('r', "max-rate"),
    F('n', "no-clean"),
    F(0, "no-estimate-size"),
    F(0, "no-manifest"),
    F('w', "no-password"),
    F(0, "no-slot"),
    F('N', "no-sync"),
    F(0, "no-verify-checksums"),
    F('W', "password"),
    A('D', "pgdata"),
    A('p', "port"),
    F('P', "progress"),
    A('S', "slot"),
    A('s', "status-interval"),
    A('T', "tablespace-mapping"),
    A('t', "target"),
    A('U', "username"),
    F('v', "verbose"),
    A(0, "waldir"),
    A('X', "wal-method"),
    F('R', "write-recovery-conf"),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static int
run(struct file_call *c, const char *dbname, unsigned cls, const char *what,
    bool operands, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = dbname;
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	sql_init(c->ctx, &s);
	sql_add(&s, cls, what);
	db_effects(c, &t, &s);
	return db_run(c, &t, operands ? DB_RUN_OPERANDS : 0, e);
}

static int
tend(struct file_call *c, struct err *e)
{
	const char *name = file_value(c, "dbname");
	const char *what = *c->name == 'v'   ? "VACUUM or ANALYZE"
			   : *c->name == 'r' ? "REINDEX"
					     : "CLUSTER";

	if (file_on(c, "all"))
		name = file_value(c, "maintenance-db");
	else if (!name && c->opt.noperands)
		name = c->opt.operands[0];
	return run(c, name, SQL_ADMIN, what, false, e);
}

static int
create(struct file_call *c, struct err *e)
{
	return run(c, "postgres", SQL_ADMIN | SQL_GLOBAL, "CREATE ROLE", true,
		   e);
}

static int
drop(struct file_call *c, struct err *e)
{
	if (!c->opt.noperands && !file_on(c, "interactive")) {
		file_argv(c, c->in->argv + 1, c->in->argc - 1);
		file_hand_over_kept(c); /* it says what is missing */
		return 0;
	}
	return run(c, "postgres", SQL_DESTROY | SQL_GLOBAL, "DROP ROLE", true,
		   e);
}

/* Large objects that no row mentions go. */
static int
orphans(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	for (size_t i = 0; i < c->opt.noperands; i++) {
		w.dbname = c->opt.operands[i];
		if (db_target_find(c, &w, &t, e) < 0)
			return e->code;
		t.asks = file_on(c, "password");
		t.read_only = NULL; /* by no relay */
		sql_init(c->ctx, &s);
		sql_add(&s, file_on(c, "dry-run") ? SQL_COUNT : SQL_DESTROY,
			"large objects that no row mentions");
		db_effects(c, &t, &s);
	}
	file_hand_over_kept(c);
	return 0;
}

/* A copy of all that the server has, with the passwords of its roles. */
static int
copy(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	const char *to = file_value(c, "pgdata");
	struct db_target t;
	struct sql s;

	w.dbname = file_value(c, "dbname");
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	t.read_only = NULL;
	sql_init(c->ctx, &s);
	sql_add(&s, SQL_READ, "all that its server has");
	s.dumps = true;
	sql_table(&s, "*.*");
	if (file_value(c, "target"))
		sql_add(&s, SQL_FILE, "--target: the server writes files");
	if (file_on(c, "create-slot"))
		sql_add(&s, SQL_ADMIN, "a replication slot");
	if (to && strcmp(to, "-") != 0)
		file_write_to(c, file_text(c, "%s/PG_VERSION", to));
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	db_effects(c, &t, &s);
	file_hand_over_kept(c);
	return 0;
}

static const struct file_tool tools[] = {
    {.name = "vacuumdb", .options = vacuumdb_options, .mean = tend},
    {.name = "reindexdb", .options = reindexdb_options, .mean = tend},
    {.name = "clusterdb", .options = clusterdb_options, .mean = tend},
    {.name = "createuser", .options = createuser_options, .mean = create},
    {.name = "dropuser", .options = dropuser_options, .mean = drop},
    {.name = "vacuumlo", .options = vacuumlo_options, .mean = orphans},
    {.name = "pg_basebackup", .options = basebackup_options, .mean = copy},
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return db_understand(tools, sizeof(tools) / sizeof(*tools), ctx, t, cmd,
			     fx, e);
}

static const char *const names[] = {"vacuumdb",	     "reindexdb", "clusterdb",
				    "createuser",    "dropuser",  "vacuumlo",
				    "pg_basebackup", NULL};

const struct tool tool_pg_admin = {
    .name = "pg_admin",
    .names = names,
    .understand = understand,
};
