/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the parse tree.  Statements may stand anywhere in it (in a WITH
 * clause, behind EXPLAIN ANALYZE, PREPARE or CREATE TABLE AS): each node whose
 * name ends in Stmt counts, wherever it is.
 */
#include "parse/sql.h"
#include "base/err.h"
#include "base/text.h"
#include "parse/sql_where.h"
#include "parse/sql_words.h"
#include <ctype.h>
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define DEPTH_MAX 400

static const struct {
	const char *node;
	unsigned cls;
	const char *what;
} statements[] = {
    {"AlterDatabaseRefreshCollStmt", SQL_ADMIN | SQL_GLOBAL, NULL},
    {"AlterDatabaseSetStmt", SQL_ADMIN | SQL_GLOBAL, "ALTER DATABASE"},
    {"AlterDatabaseStmt", SQL_ADMIN | SQL_GLOBAL, "ALTER DATABASE"},
    {"AlterRoleSetStmt", SQL_ADMIN | SQL_GLOBAL, "ALTER ROLE"},
    {"AlterRoleStmt", SQL_ADMIN | SQL_GLOBAL, "ALTER ROLE"},
    {"AlterSystemStmt", SQL_EXEC, "ALTER SYSTEM"},
    {"CallStmt", SQL_OPAQUE, "CALL"},
    {"CheckPointStmt", SQL_ADMIN, "CHECKPOINT"},
    {"ClosePortalStmt", SQL_SESSION, NULL},
    {"ClusterStmt", SQL_ADMIN, "CLUSTER"},
    {"CompositeTypeStmt", SQL_ADD, "CREATE TYPE"},
    {"ConstraintsSetStmt", SQL_SESSION, NULL},
    {"CreateAmStmt", SQL_EXEC, "CREATE ACCESS METHOD"},
    {"CreateCastStmt", SQL_ADD, "CREATE CAST"},
    {"CreateConversionStmt", SQL_ADD, "CREATE CONVERSION"},
    {"CreateDomainStmt", SQL_ADD, "CREATE DOMAIN"},
    {"CreateEnumStmt", SQL_ADD, "CREATE TYPE"},
    {"CreateEventTrigStmt", SQL_ADD, "CREATE EVENT TRIGGER"},
    {"CreateExtensionStmt", SQL_ADD, "CREATE EXTENSION"},
    {"CreateOpClassStmt", SQL_ADD, "CREATE OPERATOR CLASS"},
    {"CreateOpFamilyStmt", SQL_ADD, "CREATE OPERATOR FAMILY"},
    {"CreatePolicyStmt", SQL_ADD, "CREATE POLICY"},
    {"CreatePublicationStmt", SQL_ADD, "CREATE PUBLICATION"},
    {"CreateRangeStmt", SQL_ADD, "CREATE TYPE"},
    {"CreateRoleStmt", SQL_ADMIN | SQL_GLOBAL, "CREATE ROLE"},
    {"CreateSchemaStmt", SQL_ADD, "CREATE SCHEMA"},
    {"CreateSeqStmt", SQL_ADD, "CREATE SEQUENCE"},
    {"CreateStatsStmt", SQL_ADD, "CREATE STATISTICS"},
    {"CreateTableSpaceStmt", SQL_EXEC, "CREATE TABLESPACE"},
    {"CreateTransformStmt", SQL_ADD, "CREATE TRANSFORM"},
    {"CreatedbStmt", SQL_ADD, "CREATE DATABASE"},
    {"DeallocateStmt", SQL_SESSION, NULL},
    {"DeclareCursorStmt", SQL_SESSION, NULL},
    {"DefineStmt", SQL_ADD, "CREATE"},
    {"DiscardStmt", SQL_SESSION, NULL},
    {"DoStmt", SQL_OPAQUE, "DO"},
    {"DropOwnedStmt", SQL_DESTROY, "DROP OWNED"},
    {"DropRoleStmt", SQL_DESTROY | SQL_GLOBAL, "DROP ROLE"},
    {"DropSubscriptionStmt", SQL_EXEC, "DROP SUBSCRIPTION"},
    {"DropTableSpaceStmt", SQL_DESTROY | SQL_GLOBAL, "DROP TABLESPACE"},
    {"DropUserMappingStmt", SQL_DESTROY | SQL_GLOBAL, "DROP USER MAPPING"},
    {"ExecuteStmt", SQL_SESSION, NULL},
    {"FetchStmt", SQL_READ, "FETCH"},
    {"GrantRoleStmt", SQL_ADMIN | SQL_GLOBAL, "GRANT"},
    {"ListenStmt", SQL_SESSION, NULL},
    {"LoadStmt", SQL_EXEC, "LOAD"},
    {"NotifyStmt", SQL_WRITE, "NOTIFY"},
    {"PrepareStmt", SQL_SESSION, NULL},
    {"RefreshMatViewStmt", SQL_ADMIN, "REFRESH MATERIALIZED VIEW"},
    {"ReindexStmt", SQL_ADMIN, "REINDEX"},
    {"RenameStmt", SQL_ALTER, "ALTER ... RENAME"},
    {"UnlistenStmt", SQL_SESSION, NULL},
    {"VacuumStmt", SQL_ADMIN, "VACUUM or ANALYZE"},
    {"VariableSetStmt", SQL_SESSION, NULL},
    {"VariableShowStmt", SQL_COUNT, NULL},
};

void
sql_init(void *ctx, struct sql *s)
{
	*s = (struct sql){.ctx = ctx};
}

static void
push(struct sql *s, const char ***list, size_t *n, const char *name)
{
	*list = talloc_realloc(s->ctx, *list, const char *, (unsigned)*n + 1);
	if (!*list)
		BUG("out of memory");
	(*list)[(*n)++] = talloc_strdup(s->ctx, name);
}

static const char *
field(const cJSON *node, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(node, name);

	return cJSON_IsString(v) ? v->valuestring : "";
}

static bool
is_true(const cJSON *node, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(node, name));
}

static const cJSON *
child(const cJSON *node, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(node, name);
}

/* The table's name as it is written; "" if there is none. */
static char *
table_of(struct sql *s, const cJSON *rel)
{
	const char *schema;

	if (child(rel, "RangeVar"))
		rel = child(rel, "RangeVar");
	schema = field(rel, "schemaname");
	return talloc_asprintf(s->ctx, "%s%s%s", schema, *schema ? "." : "",
			       field(rel, "relname"));
}

static bool
is_temporary(const struct sql *s, const char *name)
{
	if (!strncmp(name, "pg_temp.", 8))
		return true;
	for (size_t i = 0; i < s->ntemporary; i++)
		if (!strcmp(s->temporary[i], name))
			return true;
	return false;
}

/* --- statements of their own ------------------------------------------------
 */

static void
changed(struct sql *s, const char *verb, const cJSON *node)
{
	char *name = table_of(s, child(node, "relation"));
	const cJSON *where = child(node, "whereClause");

	if (is_temporary(s, name))
		sql_add(s, SQL_SESSION, NULL);
	else if (sql_where_is_key(where, name))
		sql_add_aimed(s, SQL_WRITE,
			      talloc_asprintf(s->ctx,
					      "%s of one key "
					      "of %s",
					      verb, name),
			      name, false);
	else
		sql_add_aimed(s, SQL_DESTROY,
			      talloc_asprintf(s->ctx, "%s%s on %s", verb,
					      where ? "" : " without WHERE",
					      name),
			      name, where && !strcmp(verb, "UPDATE"));
}

/* What hangs on it goes, too. */
static bool
cascades(const cJSON *node)
{
	return !strcmp(field(node, "behavior"), "DROP_CASCADE");
}

/* DROP: only of what this session made for itself? */
static void
dropped(struct sql *s, const cJSON *node)
{
	const cJSON *o, *list = child(node, "objects");
	const char *type = field(node, "removeType"), *first = "";
	bool all = cJSON_GetArraySize(list) > 0;

	cJSON_ArrayForEach(o, list)
	{
		const cJSON *items = child(child(o, "List"), "items");
		const char *name =
		    field(child(cJSON_GetArrayItem(
				    items, cJSON_GetArraySize(items) - 1),
				"String"),
			  "sval");

		if (!*name)
			name = field(child(o, "String"), "sval");
		if (!*first)
			first = name;
		sql_aim(s, SQL_DESTROY, name, false);
		all = all && !strcmp(type, "OBJECT_TABLE") &&
		      cJSON_GetArraySize(items) == 1 && is_temporary(s, name);
	}
	if (!strncmp(type, "OBJECT_", 7))
		type += 7;
	s->blind |= strcmp(type, "TABLE") != 0 || cascades(node);
	sql_add_known(s, all ? SQL_SESSION : SQL_DESTROY,
		      talloc_asprintf(s->ctx, "DROP %s %s", type, first));
}

static void
truncated(struct sql *s, const cJSON *node)
{
	const cJSON *r;
	bool all = true;
	char *name = NULL;

	cJSON_ArrayForEach(r, child(node, "relations"))
	{
		name = table_of(s, r);
		all = all && is_temporary(s, name);
		sql_aim(s, SQL_DESTROY, name, false);
	}
	s->blind |= cascades(node);
	sql_add_known(s, all ? SQL_SESSION : SQL_DESTROY,
		      talloc_asprintf(s->ctx, "TRUNCATE %s", name ? name : ""));
}

static void
altered(struct sql *s, const cJSON *node)
{
	static const char *const adds[] = {
	    "AT_AddColumn", "AT_AddConstraint", "AT_AddIndex",
	    "AT_ValidateConstraint", "AT_AttachPartition"};
	char *name = table_of(s, child(node, "relation"));
	const cJSON *c;
	bool only = true;

	if (is_temporary(s, name)) {
		sql_add(s, SQL_SESSION, NULL);
		return;
	}
	cJSON_ArrayForEach(c, child(node, "cmds"))
	{
		const char *kind = field(child(c, "AlterTableCmd"), "subtype");
		bool add = false;

		for (size_t i = 0; i < sizeof(adds) / sizeof(*adds); i++)
			add |= !strcmp(kind, adds[i]);
		s->armed |= !strcmp(kind, "AT_AddConstraint");
		only = only && add;
	}
	sql_add_aimed(s, only ? SQL_ADD : SQL_ALTER,
		      talloc_asprintf(s->ctx, "ALTER TABLE %s", name), name,
		      false);
}

static void
created(struct sql *s, const cJSON *rel, const char *what)
{
	char *name = table_of(s, rel);

	if (!strcmp(field(child(rel, "RangeVar") ? child(rel, "RangeVar") : rel,
			  "relpersistence"),
		    "t")) {
		push(s, &s->temporary, &s->ntemporary, name);
		sql_add(s, SQL_SESSION, NULL);
	} else {
		sql_add_aimed(s, SQL_ADD,
			      talloc_asprintf(s->ctx, "%s %s", what, name),
			      name, false);
	}
}

static void
copied(struct sql *s, const cJSON *node)
{
	bool from = is_true(node, "is_from");
	const char *file = field(node, "filename");
	char *name = table_of(s, child(node, "relation"));

	if (is_true(node, "is_program"))
		sql_add(s, SQL_EXEC, "COPY with a program on the server");
	else if (*file && !from)
		sql_add(s, SQL_FILE, "COPY to a file of the server");
	if (from && !is_temporary(s, name))
		sql_add_aimed(s, SQL_WRITE,
			      talloc_asprintf(s->ctx, "COPY into %s", name),
			      name, false);
	else if (!from && !child(node, "query"))
		sql_add(s, SQL_READ,
			talloc_asprintf(s->ctx, "all rows of %s", name));
}

static bool
option_says(const cJSON *options, const char *name)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, options)
	{
		const cJSON *d = child(o, "DefElem");
		const char *value =
		    field(child(child(d, "arg"), "String"), "sval");

		if (!strcmp(field(d, "defname"), name))
			return strcasecmp(value, "off") != 0 &&
			       strcasecmp(value, "false") != 0 &&
			       strcmp(value, "0") != 0;
	}
	return false;
}

static void
function_made(struct sql *s, const cJSON *node)
{
	static const char *const trusted[] = {"sql", "plpgsql", "plperl",
					      "pltcl", "plv8"};
	const cJSON *o;
	bool known = child(node, "sql_body") != NULL;

	cJSON_ArrayForEach(o, child(node, "options"))
	{
		const cJSON *d = child(o, "DefElem");
		const char *value =
		    field(child(child(d, "arg"), "String"), "sval");

		for (size_t i = 0; !strcmp(field(d, "defname"), "language") &&
				   i < sizeof(trusted) / sizeof(*trusted);
		     i++)
			known |= !strcasecmp(value, trusted[i]);
	}
	if (!known)
		sql_add(s, SQL_EXEC,
			"CREATE FUNCTION in a language that may "
			"do anything on the server");
	sql_add(s, is_true(node, "replace") ? SQL_ALTER : SQL_ADD,
		"CREATE FUNCTION");
}

/* --- the walk ---------------------------------------------------------------
 */

static void walk(struct sql *s, const cJSON *node, int depth);

/* Rows of tables, or no more than a number or the catalogue? */
static void
selected(struct sql *s, const cJSON *node)
{
	if (child(node, "intoClause"))
		created(s, child(child(node, "intoClause"), "rel"),
			"SELECT INTO");
	if (child(node, "lockingClause"))
		sql_add(s, SQL_ADMIN, "row locks");
	sql_add(s, sql_select_is_count(node) ? SQL_COUNT : SQL_READ,
		"rows of tables");
}

/* True: what is below it has been judged, too. */
static bool
statement(struct sql *s, const char *name, const cJSON *node)
{
	if (!strcmp(name, "SelectStmt")) {
		selected(s, node);
	} else if (!strcmp(name, "InsertStmt")) {
		char *table = table_of(s, child(node, "relation"));

		if (!is_temporary(s, table) && sql_insert_replaces(node))
			sql_add_aimed(s, SQL_DESTROY,
				      talloc_asprintf(s->ctx,
						      "INSERT over rows of %s",
						      table),
				      table, false);
		else
			sql_add_aimed(
			    s, is_temporary(s, table) ? SQL_SESSION : SQL_WRITE,
			    talloc_asprintf(s->ctx, "INSERT into %s", table),
			    table, false);
	} else if (!strcmp(name, "UpdateStmt")) {
		changed(s, "UPDATE", node);
	} else if (!strcmp(name, "DeleteStmt")) {
		changed(s, "DELETE", node);
	} else if (!strcmp(name, "MergeStmt")) {
		sql_add(s, SQL_DESTROY, "MERGE");
	} else if (!strcmp(name, "TruncateStmt")) {
		truncated(s, node);
	} else if (!strcmp(name, "DropStmt")) {
		dropped(s, node);
	} else if (!strcmp(name, "DropdbStmt")) {
		sql_drop_database(s, field(node, "dbname"));
	} else if (!strcmp(name, "AlterTableStmt")) {
		altered(s, node);
	} else if (!strcmp(name, "CreateStmt")) {
		created(s, child(node, "relation"), "CREATE TABLE");
	} else if (!strcmp(name, "CreateTableAsStmt")) {
		created(s, child(child(node, "into"), "rel"),
			"CREATE TABLE AS");
	} else if (!strcmp(name, "ViewStmt")) {
		sql_add(s, is_true(node, "replace") ? SQL_ALTER : SQL_ADD,
			"CREATE VIEW");
		return true;
	} else if (!strcmp(name, "CreateTrigStmt")) {
		sql_add(s, is_true(node, "replace") ? SQL_ALTER : SQL_ADD,
			"CREATE TRIGGER");
		s->armed = true;
	} else if (!strcmp(name, "RuleStmt")) {
		sql_add(s, SQL_ALTER, "CREATE RULE");
		return true;
	} else if (!strcmp(name, "CreateFunctionStmt")) {
		function_made(s, node);
		return true;
	} else if (!strcmp(name, "GrantStmt")) {
		sql_add(s, is_true(node, "is_grant") ? SQL_ADD : SQL_ALTER,
			is_true(node, "is_grant") ? "GRANT" : "REVOKE");
	} else if (!strcmp(name, "CopyStmt")) {
		copied(s, node);
	} else if (!strcmp(name, "LockStmt")) {
		/* ACCESS SHARE, as every SELECT takes it */
		bool shared =
		    child(node, "mode") && child(node, "mode")->valueint == 1;

		sql_add(s, shared ? SQL_SESSION : SQL_ADMIN, "LOCK TABLE");
	} else if (!strcmp(name, "TransactionStmt")) {
		/* whatever some other session has prepared */
		bool prepared = strstr(field(node, "kind"), "_PREPARED");

		sql_add(s, prepared ? SQL_DESTROY : SQL_SESSION,
			prepared ? "the end of a prepared transaction" : NULL);
	} else if (!strcmp(name, "ExplainStmt")) {
		sql_add(s, SQL_COUNT, "EXPLAIN");
		return !option_says(child(node, "options"), "analyze");
	} else {
		return false;
	}
	return false;
}

static bool
is_own(const char *name)
{
	static const char *const own[] = {
	    "SelectStmt",     "InsertStmt",	   "UpdateStmt",
	    "DeleteStmt",     "MergeStmt",	   "TruncateStmt",
	    "DropStmt",	      "DropdbStmt",	   "AlterTableStmt",
	    "CreateStmt",     "CreateTableAsStmt", "ViewStmt",
	    "CreateTrigStmt", "RuleStmt",	   "CreateFunctionStmt",
	    "CopyStmt",	      "ExplainStmt",	   "GrantStmt",
	    "LockStmt",	      "TransactionStmt"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(name, own[i]))
			return true;
	return false;
}

static void
other_statement(struct sql *s, const char *name, const cJSON *node)
{
	/* what it said before is gone */
	if (!strcmp(name, "CommentStmt")) {
		sql_add(s, *field(node, "comment") ? SQL_ADD : SQL_ALTER,
			"COMMENT");
		return;
	}
	if (!strcmp(name, "IndexStmt")) {
		created(s, child(node, "relation"), "CREATE INDEX on");
		return;
	}
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (!strcmp(statements[i].node, name)) {
			s->armed |= !strcmp(name, "CreateEventTrigStmt");
			sql_add(s, statements[i].cls, statements[i].what);
			return;
		}
	sql_add(s, SQL_ALTER,
		talloc_asprintf(s->ctx, "%.*s", (int)strlen(name) - 4, name));
}

static void
walk(struct sql *s, const cJSON *node, int depth)
{
	const cJSON *c;

	if (depth > DEPTH_MAX) {
		sql_add(s, SQL_OPAQUE, "a statement too deep to follow");
		return;
	}
	cJSON_ArrayForEach(c, node)
	{
		size_t len = c->string ? strlen(c->string) : 0;

		if (len)
			sql_touches(s, c->string, c);
		if (len)
			sql_beyond(s, c->string, c);
		if (len > 4 && !strcmp(c->string + len - 4, "Stmt"))
			sql_others(s, c->string, c);
		if (len > 4 && isupper((unsigned char)*c->string) &&
		    !strcmp(c->string + len - 4, "Stmt") && cJSON_IsObject(c)) {
			if (sql_is_global(c) &&
			    strcmp(c->string, "CommentStmt"))
				sql_add(s, SQL_ADMIN | SQL_GLOBAL,
					talloc_asprintf(s->ctx, "%.*s",
							(int)len - 4,
							c->string));
			else if (!is_own(c->string))
				other_statement(s, c->string, c);
			else if (statement(s, c->string, c))
				continue;
		} else if (len && !strcmp(c->string, "FuncCall")) {
			sql_call(s, c);
		} else if (len && !strcmp(c->string, "intoClause") &&
			   depth > 5) {
			sql_add(s, SQL_ADD, "SELECT INTO");
		}
		walk(s, c, depth + 1);
	}
}

void
sql_tree(struct sql *s, const cJSON *tree)
{
	unsigned before = s->classes;

	s->classes = 0;
	walk(s, child(tree, "stmts"), 0);
	if (s->classes & SQL_ADD)
		sql_touch(s, 'e', "", "", "", "");
	sql_tables(s, tree);
	s->hides |= (s->classes & SQL_OPAQUE) != 0;
	s->classes |= before;
}

void
sql_read(struct sql *s, const char *text)
{
	PgQueryParseResult r = pg_query_parse(text);
	cJSON *tree =
	    r.error ? NULL : cJSON_ParseWithOpts(r.parse_tree, NULL, 0);

	s->hides |= !tree;
	if (!tree) {
		sql_touch_calls(s, text);
		sql_add(s, SQL_OPAQUE,
			"a statement that PostgreSQL 15's "
			"grammar does not know");
	} else {
		sql_tree(s, tree);
	}
	cJSON_Delete(tree);
	pg_query_free_parse_result(r);
}
