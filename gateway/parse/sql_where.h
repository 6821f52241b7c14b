/* SPDX-License-Identifier: Apache-2.0 */
/* How much a WHERE clause leaves, and how much a SELECT brings. */
#ifndef AUTOMODE_PARSE_SQL_WHERE_H
#define AUTOMODE_PARSE_SQL_WHERE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Among the conditions that must all hold: a key column of the table equals a
 * constant, or one of some. */
bool sql_where_is_key(const cJSON *where, const char *table);
/* ON CONFLICT DO UPDATE with more rows than one names by hand. */
bool sql_insert_replaces(const cJSON *insert);
/* The column that an A_Expr says equals a constant, or one of some; NULL. */
const char *sql_where_column(const cJSON *expr);
/* No table, tables of the catalogue only, or one row of counts. */
bool sql_select_is_count(const cJSON *select);
/* Of a database, a role, a table space: in no database's dump. */
bool sql_is_global(const cJSON *statement);

#endif
