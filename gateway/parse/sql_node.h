/* SPDX-License-Identifier: Apache-2.0 */
/* Looks into a node of pg_query's tree. */
#ifndef AUTOMODE_PARSE_SQL_NODE_H
#define AUTOMODE_PARSE_SQL_NODE_H

#include <cjson/cJSON.h>

static inline const cJSON *
child(const cJSON *node, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(node, name);
}

/* "": none, or no text. */
static inline const char *
field(const cJSON *node, const char *name)
{
	const cJSON *v = child(node, name);

	return cJSON_IsString(v) ? v->valuestring : "";
}

#endif
