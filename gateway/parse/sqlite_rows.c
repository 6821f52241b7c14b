/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows a statement of SQLite's may take with it. */
#include "parse/sqlite_names.h"
#include <sqlite3.h>
#include <string.h>
#include <talloc.h>

/* Does it touch one row by its key?  By SQLite's own plan. */
bool
sqlite_bounded(sqlite3 *db, void *ctx, const char *sql)
{
	sqlite3_stmt *st = NULL;
	size_t n = 0;
	bool bounded = false;

	if (sqlite3_prepare_v2(
		db, talloc_asprintf(ctx, "EXPLAIN QUERY PLAN %s", sql), -1, &st,
		NULL) != SQLITE_OK)
		return false;
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *d = (const char *)sqlite3_column_text(st, 3);

		n++;
		bounded = d && !strncmp(d, "SEARCH ", 7) &&
			  strstr(d, " USING INTEGER PRIMARY KEY (rowid=?)");
	}
	sqlite3_finalize(st);
	return n == 1 && bounded;
}

/* With foreign keys in force rows may go that the statement does not name; of
 * which table does not matter. */
bool
sqlite_cascades(sqlite3 *db)
{
	static const char sql[] =
	    "SELECT 1 FROM sqlite_master m, pragma_foreign_key_list(m.name) f "
	    "WHERE m.type = 'table' AND (f.on_delete NOT IN ('NO ACTION', "
	    "'RESTRICT') OR f.on_update NOT IN ('NO ACTION', 'RESTRICT'))";
	sqlite3_stmt *st = NULL;
	bool any;

	any = sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK ||
	      sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return any;
}

/* REPLACE INTO, INSERT OR REPLACE: rows go for those that come.  Not the
 * function of that name. */
bool
sqlite_replaces(const char *sql)
{
	while ((sql = strcasestr(sql, "replace"))) {
		sql += 7;
		if (sql[strspn(sql, " \t\r\n")] != '(')
			return true;
	}
	return false;
}
