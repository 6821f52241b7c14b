/* SPDX-License-Identifier: Apache-2.0 */
/* How much a WHERE clause leaves, and how much a SELECT brings. */
#ifndef AUTOMODE_PARSE_SQL_WHERE_H
#define AUTOMODE_PARSE_SQL_WHERE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Among the conditions that must all hold: a key column of the table equals a
 * constant, or one of some. */
bool sql_where_is_key(const cJSON *where, const char *table);
/* No table, tables of the catalogue only, or one row of counts. */
bool sql_select_is_count(const cJSON *select);

#endif
