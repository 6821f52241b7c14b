/* SPDX-License-Identifier: Apache-2.0 */
/* Names that classify SQL: functions that only read. */
#ifndef AUTOMODE_PARSE_SQL_WORDS_H
#define AUTOMODE_PARSE_SQL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct sql;

/* sql.c: what pg_query_parse() has made of statements. */
void sql_tree(struct sql *s, const struct cJSON *tree);
/* sql_tables.c: the tables of such a tree. */
void sql_tables(struct sql *s, const struct cJSON *tree);
/* sql_touch.c: a node by its name; most touch nothing. */
void sql_touches(struct sql *s, const char *node, const struct cJSON *v);
/* sql_other.c: the same for databases that it names. */
void sql_others(struct sql *s, const char *node, const struct cJSON *v);
/* sql_remote.c: the same for what a dump of this database does not bring back.
 */
void sql_beyond(struct sql *s, const char *node, const struct cJSON *v);
/* A call of dblink's. */
void sql_remote_call(struct sql *s, const char *name, const struct cJSON *args);
/* A function of the server's own. */
bool sql_is_known(const char *name);
/* A FuncCall node; adds its class. */
void sql_call(struct sql *s, const struct cJSON *node);

/* Sorted by bytes. */
extern const char *const pg_functions[];
extern const size_t pg_functions_count;

#endif
