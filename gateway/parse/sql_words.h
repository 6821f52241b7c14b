/* SPDX-License-Identifier: Apache-2.0 */
/* Names that classify SQL: functions that only read. */
#ifndef AUTOMODE_PARSE_SQL_WORDS_H
#define AUTOMODE_PARSE_SQL_WORDS_H

#include <stddef.h>

struct cJSON;
struct sql;

/* A FuncCall node; adds its class. */
void sql_call(struct sql *s, const struct cJSON *node);

/* Sorted by bytes. */
extern const char *const pg_functions[];
extern const size_t pg_functions_count;

#endif
