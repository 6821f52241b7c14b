/* SPDX-License-Identifier: Apache-2.0 */
/* Names of SQLite 3.40 to 3.46: PRAGMAs, and functions of the shell only; and
 * how many rows a statement may take (sqlite_rows.c). */
#ifndef AUTOMODE_PARSE_SQLITE_NAMES_H
#define AUTOMODE_PARSE_SQLITE_NAMES_H

#include <stdbool.h>

/* Class of a PRAGMA (parse/sql.h). */
unsigned sqlite_pragma_class(const char *name, bool value);
struct sqlite3;
struct sqlite_reader;

/* One row by its key? */
bool sqlite_bounded(struct sqlite3 *db, void *ctx, const char *sql);
/* Foreign keys that take rows with those they hang on, in any table; without
 * an authorizer. */
bool sqlite_cascades(struct sqlite3 *db);
bool sqlite_replaces(const char *sql);
extern const char *const sqlite_shell_functions[]; /* NULL-terminated */

/* readfile('x'), fsdir('x'): every string of such a statement may be the one,
 * whatever the words around it are. */
void sqlite_files(struct sqlite_reader *r, const char *sql);

#endif
