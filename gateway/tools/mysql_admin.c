/* SPDX-License-Identifier: Apache-2.0 */
/* mysqldump, mysqladmin and mysqlimport of MariaDB 10.11, with those of
 * mysql_check.c: what they do is in their words. */
#include "base/text.h"
#include "tools/mysql.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec import_options[] = {
    MYSQL_COMMON,
    A('c', "columns"),
    B('d', "delete"),
    A(0, "fields-terminated-by"),
    A(0, "fields-enclosed-by"),
    A(0, "fields-optionally-enclosed-by"),
    A(0, "fields-escaped-by"),
    B('f', "force"),
    B('i', "ignore"),
    B('k', "ignore-foreign-keys"),
    A(0, "ignore-lines"),
    A(0, "lines-terminated-by"),
    B('L', "local"),
    B('l', "lock-tables"),
    O(0, "low-priority"),
    B('r', "replace"),
    B('s', "silent"),
    A(0, "use-threads"),
    B('v', "verbose"),
    END,
};

static const struct option_spec dump_options[] = {
    MYSQL_COMMON,
    B('A', "all-databases"),
    B('Y', "all-tablespaces"),
    B('y', "no-tablespaces"),
    O(0, "add-drop-database"),
    O(0, "add-drop-table"),
    O(0, "add-drop-trigger"),
    O(0, "add-locks"),
    O(0, "allow-keywords"),
    O(0, "apply-slave-statements"),
    A(0, "as-of"),
    O(0, "column-statistics"),
    B('i', "comments"),
    A(0, "compatible"),
    O(0, "compact"),
    B('c', "complete-insert"),
    O(0, "copy-s3-tables"),
    B('a', "create-options"),
    B('B', "databases"),
    O(0, "delayed-insert"),
    O(0, "delete-master-logs"),
    B('K', "disable-keys"),
    O(0, "dump-date"),
    B('H', "dump-history"),
    O(0, "dump-slave"),
    B('E', "events"),
    B('e', "extended-insert"),
    A(0, "fields-terminated-by"),
    A(0, "fields-enclosed-by"),
    A(0, "fields-optionally-enclosed-by"),
    A(0, "fields-escaped-by"),
    B('F', "flush-logs"),
    O(0, "flush-privileges"),
    B('f', "force"),
    O(0, "galera-info"),
    O(0, "gtid"),
    O(0, "header"),
    O(0, "hex-blob"),
    A(0, "ignore-database"),
    A(0, "ignore-table"),
    A(0, "ignore-table-data"),
    O(0, "include-master-host-port"),
    O(0, "insert-ignore"),
    A(0, "lines-terminated-by"),
    B('x', "lock-all-tables"),
    B('l', "lock-tables"),
    A(0, "log-error"),
    O(0, "log-queries"),
    O(0, "master-data"),
    A(0, "max-allowed-packet"),
    A(0, "max-statement-time"),
    A(0, "net-buffer-length"),
    O(0, "no-autocommit"),
    B('n', "no-create-db"),
    B('t', "no-create-info"),
    B('d', "no-data"),
    O(0, "no-data-med"),
    B('N', "no-set-names"),
    O(0, "opt"),
    O(0, "order-by-primary"),
    O(0, "order-by-size"),
    B('q', "quick"),
    B('Q', "quote-names"),
    O(0, "replace"),
    A('r', "result-file"),
    B('R', "routines"),
    O(0, "set-charset"),
    A(0, "set-gtid-purged"),
    O(0, "single-transaction"),
    O(0, "skip-opt"),
    A(0, "system"),
    A('T', "tab"),
    O(0, "tables"),
    O(0, "triggers"),
    O(0, "tz-utc"),
    B('v', "verbose"),
    A('w', "where"),
    B('X', "xml"),
    END,
};

static const struct option_spec admin_options[] = {
    MYSQL_COMMON,
    A('c', "count"),
    B('f', "force"),
    B('l', "local"),
    B('b', "no-beep"),
    B('r', "relative"),
    A(0, "shutdown-timeout"),
    B('s', "silent"),
    A('i', "sleep"),
    B('v', "verbose"),
    B('E', "vertical"),
    O('w', "wait"),
    O(0, "wait-for-all-slaves"),
    END,
};

/* They may be shortened: the worst of those that a word may mean counts. */
static const struct {
	const char *word;
	unsigned cls;
	unsigned char words; /* behind it */
} commands[] = {
    {"create", SQL_ADD, 1},
    {"debug", SQL_ADMIN, 0},
    {"drop", SQL_DROP_DATABASE, 1},
    {"extended-status", SQL_COUNT, 0},
    {"flush", SQL_ADMIN, 0},
    {"flush-", SQL_ADMIN, 0},
    {"kill", SQL_ADMIN, 1},
    {"old-password", SQL_ADMIN | SQL_GLOBAL, 1},
    {"password", SQL_ADMIN | SQL_GLOBAL, 1},
    {"ping", SQL_COUNT, 0},
    {"processlist", SQL_COUNT, 0},
    {"refresh", SQL_ADMIN, 0},
    {"reload", SQL_ADMIN, 0},
    {"shutdown", SQL_EXEC, 0},
    {"start-", SQL_EXEC, 0},
    {"status", SQL_COUNT, 0},
    {"stop-", SQL_EXEC, 0},
    {"variables", SQL_COUNT, 0},
    {"version", SQL_COUNT, 0},
};

static unsigned
command(const char *word, unsigned *words)
{
	unsigned worst = 0;

	*words = 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		size_t n = strlen(commands[i].word), k = strlen(word);
		bool family = commands[i].word[n - 1] == '-';

		if (family ? strncmp(word, commands[i].word, n) != 0
			   : strncmp(commands[i].word, word, k) != 0)
			continue;
		if (commands[i].cls < worst)
			continue;
		worst = commands[i].cls;
		*words = commands[i].words;
	}
	return worst;
}

static int
mean_admin(struct mysql_line *l, struct db_target *t, struct err *e)
{
	const struct options *o = &l->opt;
	struct sql sql;

	sql_init(l->c->ctx, &sql);
	for (size_t i = 0; i < o->noperands; i++) {
		const char *word = o->operands[i];
		unsigned words, cls = command(word, &words);

		if (!cls)
			return err_set(e, ERR_UNKNOWN,
				       "mysqladmin %s is not known here",
				       text_safe(l->c->ctx, word));
		if (cls == SQL_DROP_DATABASE && o->operands[i + 1])
			sql_drop_database(&sql, o->operands[i + 1]);
		sql_add(&sql, cls,
			file_text(l->c, "mysqladmin %s",
				  text_safe(l->c->ctx, word)));
		i += words;
	}
	db_effects(l->c, t, &sql);
	return 0;
}

static int
mean_dump(struct mysql_line *l, struct db_target *t, struct err *e)
{
	static const char *const changes[] = {
	    "flush-logs", "F",		 "flush-privileges", "lock-all-tables",
	    "x",	  "master-data", "dump-slave"};
	const struct options *o = &l->opt;
	bool all = options_on(o, "all-databases") || options_on(o, "A");
	bool several = all || options_on(o, "databases") || options_on(o, "B");
	struct sql sql;

	(void)e;
	sql_init(l->c->ctx, &sql);
	sql_add(&sql, SQL_READ, "a dump");
	sql.dumps = true;
	for (size_t i = 1; i < o->noperands && !several; i++)
		sql_table(&sql, o->operands[i]);
	if (several || o->noperands < 2)
		sql_table(&sql, "*.*");
	if (options_on(o, "no-data") || options_on(o, "d"))
		sql.ntables = sql.dumps = 0;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (options_on(o, changes[i]))
			sql_add(&sql, SQL_ADMIN, "logs and locks");
	if (options_on(o, "delete-master-logs"))
		sql_add(&sql, SQL_EXEC, "--delete-master-logs");
	if (options_value(o, "tab"))
		sql_add(&sql, SQL_FILE, "--tab: the server writes files");
	if (options_value(o, "result-file"))
		file_write_to(l->c, options_value(o, "result-file"));
	if (options_value(o, "log-error"))
		file_write_to(l->c, options_value(o, "log-error"));
	/* of one database the first operand is its name, the others tables */
	for (size_t i = 0; i < o->noperands && (several || i == 0); i++) {
		mysql_line_target(l, o->operands[i], t);
		db_effects(l->c, t, &sql);
	}
	if (all || !o->noperands)
		db_effects(l->c, t, &sql);
	return 0;
}

static bool
either(const struct options *o, const char *name, const char *letter)
{
	return options_on(o, name) || options_on(o, letter);
}

/* Files named like the tables that their rows go to. */
static int
mean_import(struct mysql_line *l, struct db_target *t, struct err *e)
{
	const struct options *o = &l->opt;
	bool local = either(o, "local", "L");
	struct sql sql;

	(void)e;
	sql_init(l->c->ctx, &sql);
	for (size_t i = 1; local && i < o->noperands; i++)
		file_read_from(l->c, o->operands[i]);
	if (!local)
		sql_add(&sql, SQL_FILE, "the server reads a file of its own");
	if (either(o, "delete", "d") || either(o, "replace", "r"))
		sql_add(&sql, SQL_DESTROY, "rows that make room for others");
	else
		sql_add(&sql, SQL_WRITE, "LOAD DATA");
	if (o->noperands)
		mysql_line_target(l, o->operands[0], t);
	db_effects(l->c, t, &sql);
	return 0;
}

static const struct {
	const char *word; /* of the tool's name */
	const struct option_spec *options;
	int (*mean)(struct mysql_line *l, struct db_target *t, struct err *e);
} kinds[] = {
    {"dump", dump_options, mean_dump},
    {"import", import_options, mean_import},
    {"slap", mysql_slap_options, mysql_slap},
    {"admin", admin_options, mean_admin},
    {"upgrade", mysql_check_options, mysql_check},
    {"check", mysql_check_options, mysql_check},
    {"repair", mysql_check_options, mysql_check},
    {"optimize", mysql_check_options, mysql_check},
    {"analyze", mysql_check_options, mysql_check},
};

static int
mean(struct file_call *c, struct err *e)
{
	struct mysql_line l = {0};
	struct db_target t;
	size_t i = 0;

	while (!strstr(c->name, kinds[i].word))
		i++;
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	if (mysql_line_read(&l, kinds[i].options, c, e) < 0)
		return e->code;
	if (l.only_shows) {
		file_hand_over(c);
		return 0;
	}
	mysql_line_target(&l, NULL, &t);
	if (options_on(&l.opt, "plugin-dir"))
		db_shell(c, "--plugin-dir, which loads code");
	if (kinds[i].mean(&l, &t, e) < 0)
		return e->code;
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {
    "mysqldump",     "mariadb-dump",	 "mysqladmin",	 "mariadb-admin",
    "mysqlimport",   "mariadb-import",	 "mysqlslap",	 "mariadb-slap",
    "mysqlcheck",    "mariadb-check",	 "mysqlrepair",	 "mariadb-repair",
    "mysqloptimize", "mariadb-optimize", "mysqlanalyze", "mariadb-analyze",
    "mysql_upgrade", "mariadb-upgrade",	 "mariadbcheck", NULL};

const struct tool tool_mysql_admin = {
    .name = "mysql-admin",
    .names = names,
    .understand = understand,
};
