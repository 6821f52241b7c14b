/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that change a database by its name, from whatever database they
 * are sent to: ALTER DATABASE, GRANT ON DATABASE, COMMENT ON DATABASE ...
 */
#include "base/err.h"
#include "parse/sql.h"
#include "parse/sql_words.h"
#include <cjson/cJSON.h>
#include <string.h>
#include <talloc.h>

static const char *
field(const cJSON *node, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(node, name);

	return cJSON_IsString(v) ? v->valuestring : "";
}

static void
add(struct sql *s, const char *name)
{
	if (!*name)
		return;
	s->others = talloc_realloc(s->ctx, s->others, const char *,
				   (unsigned)s->nothers + 1);
	if (!s->others)
		BUG("out of memory");
	s->others[s->nothers++] = talloc_strdup(s->ctx, name);
}

static void
add_string(struct sql *s, const cJSON *node)
{
	add(s, field(cJSON_GetObjectItemCaseSensitive(node, "String"), "sval"));
}

void
sql_others(struct sql *s, const char *node, const cJSON *v)
{
	static const char *const kinds[] = {"objtype", "renameType",
					    "objectType"};
	const cJSON *o;
	bool database = false;

	if (!strncmp(node, "AlterDatabase", 13))
		add(s, field(v, "dbname"));
	else if (!strcmp(node, "AlterRoleSetStmt"))
		add(s, field(v, "database"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		database |= !strcmp(field(v, kinds[i]), "OBJECT_DATABASE");
	if (!database)
		return;
	add(s, field(v, "subname"));
	/* whoever looks for it under its name has lost it */
	if (!strcmp(node, "RenameStmt"))
		sql_gone(s, field(v, "subname"),
			 talloc_asprintf(s->ctx, "ALTER DATABASE %s RENAME",
					 field(v, "subname")));
	add_string(s, cJSON_GetObjectItemCaseSensitive(v, "object"));
	cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(v, "objects"))
	    add_string(s, o);
}

void
sql_gone(struct sql *s, const char *name, const char *what)
{
	s->dropped = talloc_realloc(s->ctx, s->dropped, const char *,
				    (unsigned)s->ndropped + 1);
	if (!s->dropped)
		BUG("out of memory");
	s->dropped[s->ndropped++] = talloc_strdup(s->ctx, name);
	sql_add(s, SQL_DROP_DATABASE, what);
}

void
sql_drop_database(struct sql *s, const char *name)
{
	sql_gone(s, name, talloc_asprintf(s->ctx, "DROP DATABASE %s", name));
}
