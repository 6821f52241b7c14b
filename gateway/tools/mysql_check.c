/* SPDX-License-Identifier: Apache-2.0 */
/* mysqlcheck under all its names, mysql_upgrade and mysqlslap of MariaDB
 * 10.11. */
#include "base/text.h"
#include "tools/mysql.h"
#include <string.h>
#include <talloc.h>

const struct option_spec mysql_check_options[] = {
    MYSQL_COMMON,
    B('A', "all-databases"),
    B('a', "analyze"),
    B('1', "all-in-1"),
    O(0, "auto-repair"),
    A('b', "basedir"),
    B('c', "check"),
    O(0, "check-if-upgrade-is-needed"),
    B('C', "check-only-changed"),
    B('g', "check-upgrade"),
    B('B', "databases"),
    A('d', "datadir"),
    B('F', "fast"),
    O(0, "fix-db-names"),
    O(0, "fix-table-names"),
    B('f', "force"),
    B('e', "extended"),
    O(0, "flush"),
    B('m', "medium-check"),
    O(0, "write-binlog"),
    B('o', "optimize"),
    B('Z', "persistent"),
    O(0, "process-views"),
    O(0, "process-tables"),
    B('q', "quick"),
    B('r', "repair"),
    B('s', "silent"),
    A(0, "skip-database"),
    O(0, "tables"),
    A('t', "tmpdir"),
    B('T', "debug-info"),
    O(0, "upgrade-system-tables"),
    O(0, "use-frm"),
    B('v', "verbose"),
    B('k', "version-check"),
    END,
};

const struct option_spec mysql_slap_options[] = {
    MYSQL_COMMON,
    B('a', "auto-generate-sql"),
    O(0, "auto-generate-sql-add-autoincrement"),
    A(0, "auto-generate-sql-execute-number"),
    O(0, "auto-generate-sql-guid-primary"),
    A(0, "auto-generate-sql-load-type"),
    A(0, "auto-generate-sql-secondary-indexes"),
    A(0, "auto-generate-sql-unique-query-number"),
    A(0, "auto-generate-sql-unique-write-number"),
    A(0, "auto-generate-sql-write-number"),
    A(0, "commit"),
    A('c', "concurrency"),
    A(0, "create"),
    A(0, "create-schema"),
    O(0, "csv"),
    B('T', "debug-info"),
    A('F', "delimiter"),
    A(0, "detach"),
    A('e', "engine"),
    A(0, "init-command"),
    A('i', "iterations"),
    O(0, "no-drop"),
    A('x', "number-char-cols"),
    A('y', "number-int-cols"),
    A(0, "number-of-queries"),
    O(0, "only-print"),
    A(0, "post-query"),
    A(0, "post-system"),
    A(0, "pre-query"),
    A(0, "pre-system"),
    A('q', "query"),
    B('s', "silent"),
    B('v', "verbose"),
    END,
};

static bool
either(const struct options *o, const char *name, const char *letter)
{
	return options_on(o, name) || options_on(o, letter);
}

int
mysql_check(struct mysql_line *l, struct db_target *t, struct err *e)
{
	const struct options *o = &l->opt;
	const char *name = l->c->name;
	bool several = either(o, "databases", "B");
	bool fixes = strstr(name, "repair") || strstr(name, "upgrade") ||
		     either(o, "repair", "r") || options_on(o, "auto-repair") ||
		     options_on(o, "use-frm") ||
		     options_on(o, "fix-db-names") ||
		     options_on(o, "fix-table-names");
	bool tends = strstr(name, "optimize") || strstr(name, "analyze") ||
		     either(o, "optimize", "o") || either(o, "analyze", "a");
	struct sql sql;

	(void)e;
	sql_init(l->c->ctx, &sql);
	sql_add(&sql, fixes || tends ? SQL_ADMIN : SQL_COUNT,
		fixes ? "tables are repaired" : "tables are looked at");
	for (size_t i = 0; i < o->noperands && (several || i == 0); i++) {
		mysql_line_target(l, o->operands[i], t);
		db_effects(l->c, t, &sql);
	}
	if (!o->noperands)
		db_effects(l->c, t, &sql);
	return 0;
}

/* The schema it runs in is dropped at the end, and at the beginning. */
int
mysql_slap(struct mysql_line *l, struct db_target *t, struct err *e)
{
	static const char *const shells[] = {"pre-system", "post-system"};
	const struct options *o = &l->opt;
	const char *schema = options_value(o, "create-schema");
	struct sql sql;

	(void)e;
	if (options_on(o, "only-print"))
		return 0;
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (options_value(o, shells[i]))
			db_shell(l->c, options_value(o, shells[i]));
	sql_init(l->c->ctx, &sql);
	sql_drop_database(&sql, schema ? schema : "mysqlslap");
	mysql_line_target(l, schema ? schema : "mysqlslap", t);
	sql_add(&sql, SQL_OPAQUE, "statements of a benchmark");
	sql.reach = SQL_REACH_SERVER;
	db_effects(l->c, t, &sql);
	return 0;
}
