/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg_dump, pg_dumpall, pg_restore, dropdb and createdb of PostgreSQL 15: what
 * they do is in their options.
 */
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "tools/db.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec pg_dump_options[] = {
    F(0, "attribute-inserts"),
    F(0, "binary-upgrade"),
    F('b', "blobs"),
    F('c', "clean"),
    F(0, "column-inserts"),
    A('Z', "compress"),
    F('C', "create"),
    F('a', "data-only"),
    A('d', "dbname"),
    F(0, "disable-dollar-quoting"),
    F(0, "disable-triggers"),
    F(0, "enable-row-security"),
    A('E', "encoding"),
    A('N', "exclude-schema"),
    A('T', "exclude-table"),
    A(0, "exclude-table-data"),
    A('e', "extension"),
    A(0, "extra-float-digits"),
    A('f', "file"),
    A('F', "format"),
    A('h', "host"),
    F(0, "if-exists"),
    A(0, "include-foreign-data"),
    F(0, "inserts"),
    A('j', "jobs"),
    F(0, "load-via-partition-root"),
    A(0, "lock-wait-timeout"),
    F(0, "no-acl"),
    F('B', "no-blobs"),
    F(0, "no-comments"),
    F('O', "no-owner"),
    F('w', "no-password"),
    F('x', "no-privileges"),
    F(0, "no-publications"),
    F(0, "no-reconnect"),
    F(0, "no-security-labels"),
    F(0, "no-subscriptions"),
    F(0, "no-sync"),
    F(0, "no-table-access-method"),
    F(0, "no-tablespaces"),
    F(0, "no-toast-compression"),
    F(0, "no-unlogged-table-data"),
    F(0, "on-conflict-do-nothing"),
    F('W', "password"),
    A('p', "port"),
    F(0, "quote-all-identifiers"),
    A(0, "restrict-key"),
    A(0, "role"),
    A(0, "rows-per-insert"),
    A('n', "schema"),
    F('s', "schema-only"),
    A(0, "section"),
    F(0, "serializable-deferrable"),
    A(0, "snapshot"),
    F(0, "strict-names"),
    A('S', "superuser"),
    A('t', "table"),
    F(0, "use-set-session-authorization"),
    A('U', "username"),
    F('v', "verbose"),
    F('R', NULL),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static const struct option_spec pg_dumpall_options[] = {
    F(0, "attribute-inserts"),
    F(0, "binary-upgrade"),
    F('c', "clean"),
    F(0, "column-inserts"),
    F('a', "data-only"),
    A('l', "database"),
    A('d', "dbname"),
    F(0, "disable-dollar-quoting"),
    F(0, "disable-triggers"),
    A('E', "encoding"),
    A(0, "exclude-database"),
    A(0, "extra-float-digits"),
    A('f', "file"),
    F('g', "globals-only"),
    A('h', "host"),
    F(0, "if-exists"),
    F(0, "inserts"),
    F(0, "load-via-partition-root"),
    A(0, "lock-wait-timeout"),
    F(0, "no-acl"),
    F(0, "no-comments"),
    F('O', "no-owner"),
    F('w', "no-password"),
    F('x', "no-privileges"),
    F(0, "no-publications"),
    F(0, "no-role-passwords"),
    F(0, "no-security-labels"),
    F(0, "no-subscriptions"),
    F(0, "no-sync"),
    F(0, "no-table-access-method"),
    F(0, "no-tablespaces"),
    F(0, "no-toast-compression"),
    F(0, "no-unlogged-table-data"),
    F(0, "on-conflict-do-nothing"),
    F('W', "password"),
    A('p', "port"),
    F(0, "quote-all-identifiers"),
    A(0, "restrict-key"),
    A(0, "role"),
    F('r', "roles-only"),
    A(0, "rows-per-insert"),
    F('s', "schema-only"),
    A('S', "superuser"),
    F('t', "tablespaces-only"),
    F(0, "use-set-session-authorization"),
    A('U', "username"),
    F('v', "verbose"),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static const struct option_spec pg_restore_options[] = {
    F('c', "clean"),
    F('C', "create"),
    F('a', "data-only"),
    A('d', "dbname"),
    F(0, "disable-triggers"),
    F(0, "enable-row-security"),
    A('N', "exclude-schema"),
    F('e', "exit-on-error"),
    A('f', "file"),
    A('F', "format"),
    A('P', "function"),
    A('h', "host"),
    F(0, "if-exists"),
    A('I', "index"),
    A('j', "jobs"),
    F('l', "list"),
    F(0, "no-acl"),
    F(0, "no-comments"),
    F(0, "no-data-for-failed-tables"),
    F('O', "no-owner"),
    F('w', "no-password"),
    F('x', "no-privileges"),
    F(0, "no-publications"),
    F(0, "no-reconnect"),
    F(0, "no-security-labels"),
    F(0, "no-subscriptions"),
    F(0, "no-table-access-method"),
    F(0, "no-tablespaces"),
    F('W', "password"),
    A('p', "port"),
    A(0, "restrict-key"),
    A(0, "role"),
    A('n', "schema"),
    F('s', "schema-only"),
    A(0, "section"),
    F('1', "single-transaction"),
    F(0, "strict-names"),
    A('S', "superuser"),
    A('t', "table"),
    A('T', "trigger"),
    A('L', "use-list"),
    F(0, "use-set-session-authorization"),
    A('U', "username"),
    F('v', "verbose"),
    F('R', NULL),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static const struct option_spec dropdb_options[] = {
    F('e', "echo"),	   F('f', "force"),	  A('h', "host"),
    F(0, "if-exists"),	   F('i', "interactive"), A(0, "maintenance-db"),
    F('w', "no-password"), F('W', "password"),	  A('p', "port"),
    A('U', "username"),	   A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),	   F('?', "help"),	  END,
};

static const struct option_spec createdb_options[] = {
    F('e', "echo"),
    A('E', "encoding"),
    A('h', "host"),
    A(0, "icu-locale"),
    A(0, "lc-collate"),
    A(0, "lc-ctype"),
    A('l', "locale"),
    A(0, "locale-provider"),
    A(0, "maintenance-db"),
    F('w', "no-password"),
    A('O', "owner"),
    F('W', "password"),
    A('p', "port"),
    A('S', "strategy"),
    A('D', "tablespace"),
    A('T', "template"),
    A('U', "username"),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static const char *
operand(const struct file_call *c)
{
	return c->opt.noperands ? c->opt.operands[0] : NULL;
}

static int
run(struct file_call *c, const struct db_target *t, const struct sql *s,
    unsigned how, struct err *e)
{
	struct db_target to = *t;

	db_effects(c, t, s);
	if (t->scope == SCOPE_PRODUCTION)
		db_fence(c, s->classes, s->ntemporary, t->why, &to);
	return db_run(c, &to, how, e);
}

static void
write_file(struct file_call *c)
{
	const char *file = file_value(c, "file");

	if (file && strcmp(file, "-") != 0)
		file_write_to(c, file);
}

/* A pattern of pg_dump as a glob; what it has beyond those may be anything. */
static const char *
glob_of(struct file_call *c, const char *pattern)
{
	char *glob = talloc_strdup(c->ctx, pattern), *to = glob;

	if (strpbrk(pattern, "|+()[]{}$^\\"))
		return "*";
	for (const char *p = pattern; *p; p++)
		if (*p != '"')
			*to++ = *p;
	*to = '\0';
	return glob;
}

static bool
left_out(struct file_call *c, const char *name, const char *glob)
{
	for (size_t i = 0; i < options_count(&c->opt, name); i++)
		if (!strcmp(options_nth(&c->opt, name, i), glob))
			return true;
	return false;
}

/* The rows that are in a dump; tables that are left out by the very words that
 * the profile has for them are not. */
static void
dumped(struct file_call *c, struct sql *s, const struct db_target *t)
{
	size_t tables = options_count(&c->opt, "table");
	size_t schemas = options_count(&c->opt, "schema");
	bool one = !strcmp(c->name, "pg_dump");
	const char **left = t->sensitive;

	sql_add(s, SQL_READ, "all of its rows");
	s->dumps = true;
	for (size_t i = 0; one && i < tables; i++)
		sql_table(s, glob_of(c, options_nth(&c->opt, "table", i)));
	for (size_t i = 0; one && !tables && i < schemas; i++)
		sql_table(s, file_text(c, "%s.*",
				       glob_of(c, options_nth(&c->opt, "schema",
							      i))));
	if (!one || (!tables && !schemas))
		sql_table(s, "*.*");
	for (size_t i = 0; left && left[i];)
		if (one && (left_out(c, "exclude-table", left[i]) ||
			    left_out(c, "exclude-table-data", left[i])))
			for (size_t k = i; left[k]; k++)
				left[k] = left[k + 1];
		else
			i++;
}

/* A copy of everything, or of the schema alone. */
static int
dump(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = file_value(c, "dbname");
	if (!w.dbname && !strcmp(c->name, "pg_dump"))
		w.dbname = operand(c);
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	sql_init(c->ctx, &s);
	if (file_on(c, "schema-only"))
		sql_add(&s, SQL_COUNT, "its schema");
	else
		dumped(c, &s, &t);
	write_file(c);
	return run(c, &t, &s, 0, e);
}

/* The database that an archive was made of, by pg_restore's own words on it;
 * NULL: it does not say. */
static char *
archived(struct file_call *c)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C",
					  NULL};
	const char *argv[] = {"pg_restore", "-l", "--", operand(c), NULL};
	struct spawn s = {.argv = argv,
			  .env = env,
			  .program = "/usr/bin/pg_restore",
			  .cwd = c->os.base_dir,
			  .timeout_ms = 10000};
	static const char head[] = "\n;     dbname: ";
	struct err e = {0};
	const char *at;

	if (!operand(c) || spawn_run(c->ctx, &s, &e) < 0 || s.status != 0 ||
	    !s.output)
		return NULL;
	at = strstr(s.output, head);
	if (!at)
		return NULL;
	at += sizeof(head) - 1;
	return talloc_strndup(c->ctx, at, strcspn(at, "\n"));
}

static int
restore(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = file_value(c, "dbname");
	sql_init(c->ctx, &s);
	if (operand(c))
		file_read_from(c, operand(c));
	if (!w.dbname || file_on(c, "list")) {
		write_file(c);
		file_argv(c, c->in->argv + 1, c->in->argc - 1);
		file_hand_over_kept(c);
		return 0;
	}
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	if (file_on(c, "create") && file_on(c, "clean") && archived(c))
		sql_drop_database(&s, archived(c));
	else if (file_on(c, "create") && file_on(c, "clean"))
		sql_add(&s, SQL_DESTROY | SQL_GLOBAL,
			"it drops the database that the archive names");
	else if (file_on(c, "create"))
		sql_add(&s, SQL_ADD, "a new database from the archive");
	else
		sql_add(&s, SQL_OPAQUE, "what the archive holds");
	return run(c, &t, &s, DB_RUN_OPERANDS, e);
}

static int
drop(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = file_value(c, "maintenance-db");
	if (!operand(c))
		return err_set(e, ERR_SYNTAX, "no database");
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	sql_init(c->ctx, &s);
	sql_drop_database(&s, operand(c));
	return run(c, &t, &s, DB_RUN_OPERANDS, e);
}

static int
create(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = file_value(c, "maintenance-db");
	if (!w.dbname)
		w.dbname = "postgres";
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	t.asks = file_on(c, "password");
	sql_init(c->ctx, &s);
	sql_add(&s, SQL_ADD, "CREATE DATABASE");
	return run(c, &t, &s, DB_RUN_OPERANDS, e);
}

static const struct file_tool tools[] = {
    {.name = "pg_dump", .options = pg_dump_options, .mean = dump},
    {.name = "pg_dumpall", .options = pg_dumpall_options, .mean = dump},
    {.name = "pg_restore", .options = pg_restore_options, .mean = restore},
    {.name = "dropdb", .options = dropdb_options, .mean = drop},
    {.name = "createdb", .options = createdb_options, .mean = create},
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return db_understand(tools, sizeof(tools) / sizeof(*tools), ctx, t, cmd,
			     fx, e);
}

static const char *const names[] = {"pg_dump", "pg_dumpall", "pg_restore",
				    "dropdb",  "createdb",   NULL};

const struct tool tool_pg_client = {
    .name = "pg_client",
    .names = names,
    .understand = understand,
};
