/* SPDX-License-Identifier: Apache-2.0 */
/* How much a WHERE clause leaves, and how much a SELECT brings. */
#include "parse/sql_where.h"
#include "parse/sql_node.h"
#include <string.h>
#include <strings.h>

#define KEYS_MAX 20 /* as many as one writes by hand */

static const char *
last_name(const cJSON *list)
{
	int n = cJSON_GetArraySize(list);

	return field(child(cJSON_GetArrayItem(list, n - 1), "String"), "sval");
}

/* Names that tables give to what identifies a row. */
static bool
is_key_name(const char *column, const char *table)
{
	static const char *const keys[] = {"id",   "uuid",  "guid",    "pk",
					   "slug", "email", "version", "ctid"};
	size_t n = strlen(column);
	const char *dot = strchr(table, '.');

	table = dot ? dot + 1 : table;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(column, keys[i]))
			return true;
	/* customers.customer_id */
	return n > 3 && !strcmp(column + n - 3, "_id") &&
	       !strncmp(table, column, n - 3) && strlen(table) <= n;
}

static bool
is_constant(const cJSON *node)
{
	const cJSON *items = child(child(node, "List"), "items"), *i;

	if (child(node, "TypeCast"))
		return is_constant(child(child(node, "TypeCast"), "arg"));
	if (child(node, "A_Const") || child(node, "ParamRef"))
		return true;
	if (!items || cJSON_GetArraySize(items) > KEYS_MAX)
		return false;
	cJSON_ArrayForEach(i, items) if (!is_constant(i)) return false;
	return true;
}

const char *
sql_where_column(const cJSON *expr)
{
	const char *kind = field(expr, "kind");
	const cJSON *l = child(expr, "lexpr"), *r = child(expr, "rexpr");
	const cJSON *column = child(l, "ColumnRef");

	if ((strcmp(kind, "AEXPR_OP") != 0 && strcmp(kind, "AEXPR_IN") != 0) ||
	    strcmp(last_name(child(expr, "name")), "=") != 0)
		return NULL;
	if (!column) {
		column = child(r, "ColumnRef");
		r = l;
	}
	return column && is_constant(r) ? last_name(child(column, "fields"))
					: NULL;
}

static bool
is_key_test(const cJSON *expr, const char *table)
{
	const char *column = sql_where_column(expr);

	return column && is_key_name(column, table);
}

bool
sql_where_is_key(const cJSON *where, const char *table)
{
	const cJSON *all = child(where, "BoolExpr"), *c;

	if (child(where, "A_Expr"))
		return is_key_test(child(where, "A_Expr"), table);
	if (!all || strcmp(field(all, "boolop"), "AND_EXPR") != 0)
		return false;
	cJSON_ArrayForEach(
	    c, child(all, "args")) if (sql_where_is_key(c, table)) return true;
	return false;
}

bool
sql_insert_replaces(const cJSON *insert)
{
	const cJSON *values = child(
	    child(child(insert, "selectStmt"), "SelectStmt"), "valuesLists");
	int n = cJSON_GetArraySize(values);

	return !strcmp(field(child(insert, "onConflictClause"), "action"),
		       "ONCONFLICT_UPDATE") &&
	       (!values || n > KEYS_MAX);
}

static bool
is_catalogue(const cJSON *from)
{
	const cJSON *r = child(from, "RangeVar"), *j = child(from, "JoinExpr");
	const char *schema = field(r, "schemaname"),
		   *name = field(r, "relname");

	if (j)
		return is_catalogue(child(j, "larg")) &&
		       is_catalogue(child(j, "rarg"));
	if (child(from, "RangeFunction"))
		return true; /* functions are judged by themselves */
	/* what is inside of it is judged by itself as well */
	if (child(from, "RangeSubselect"))
		return true;
	if (!r)
		return false;
	if (!strcmp(name, "pg_authid") || !strcmp(name, "pg_shadow") ||
	    !strcmp(name, "pg_user_mapping") || !strcmp(name, "pg_statistic") ||
	    !strcmp(name, "pg_stats") || !strcmp(name, "pg_stat_activity") ||
	    !strcmp(name, "pg_largeobject"))
		return false; /* hashes of passwords, samples of rows */
	return !strcmp(schema, "information_schema") ||
	       !strcmp(schema, "pg_catalog") ||
	       (!*schema && !strncmp(name, "pg_", 3));
}

bool
sql_select_is_count(const cJSON *select)
{
	const cJSON *c, *targets = child(select, "targetList");
	bool catalogue = true, counts = false;

	if (child(select, "larg"))
		return sql_select_is_count(child(select, "larg")) &&
		       sql_select_is_count(child(select, "rarg"));
	cJSON_ArrayForEach(c, child(select, "fromClause")) catalogue =
	    catalogue && is_catalogue(c);
	if (catalogue)
		return true;
	if (child(select, "groupClause") || !cJSON_GetArraySize(targets))
		return false;
	cJSON_ArrayForEach(c, targets)
	{
		const cJSON *value = child(child(c, "ResTarget"), "val");
		const cJSON *call = child(value, "FuncCall");

		if (strcasecmp(last_name(child(call, "funcname")), "count") ==
		    0)
			counts = true;
		else if (!is_constant(value))
			return false;
	}
	return counts;
}

bool
sql_is_global(const cJSON *node)
{
	static const char *const fields[] = {"objtype", "renameType",
					     "objectType"};
	static const char *const kinds[] = {"OBJECT_DATABASE", "OBJECT_ROLE",
					    "OBJECT_TABLESPACE",
					    "OBJECT_PARAMETER_ACL"};

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			if (!strcmp(field(node, fields[i]), kinds[k]))
				return true;
	return false;
}
