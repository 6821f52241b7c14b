/* SPDX-License-Identifier: Apache-2.0 */
/* Whose rows statements bring out, by the names of the tables. */
#include "base/err.h"
#include "parse/sql.h"
#include "parse/sql_node.h"
#include "parse/sql_where.h"
#include "parse/sql_words.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define DEPTH_MAX 400
#define MEET_MAX  400

void
sql_table(struct sql *s, const char *name)
{
	if (!*name)
		return;
	for (size_t i = 0; i < s->ntables; i++)
		if (!strcmp(s->tables[i], name))
			return;
	s->tables = talloc_realloc(s->ctx, s->tables, const char *,
				   (unsigned)s->ntables + 1);
	if (!s->tables)
		BUG("out of memory");
	s->tables[s->ntables++] = talloc_strdup(s->ctx, name);
}

void
sql_path(struct sql *s, const char *value)
{
	const char *end;

	if (!value) {
		sql_table(s, "*.");
		return;
	}
	for (; *value; value = *end ? end + 1 : end) {
		size_t n;

		value += strspn(value, " \"");
		end = value + strcspn(value, ",");
		n = strcspn(value, ",\" ");
		if (n)
			sql_table(
			    s, talloc_asprintf(s->ctx, "%.*s.", (int)n, value));
	}
}

/* Is there a name for both globs?  yes[i, j] is the answer for what begins at
 * a[i] and b[j]; brackets have become question marks. */
static bool
meet_plain(const char *a, const char *b)
{
	bool yes[(MEET_MAX / 2 + 1) * (MEET_MAX / 2 + 1)];
	size_t n = strlen(a), m = strlen(b), w = m + 1;

	for (size_t i = n + 1; i-- > 0;)
		for (size_t j = m + 1; j-- > 0;) {
			bool *at = &yes[i * w + j];

			if (a[i] == '*' || b[j] == '*')
				*at = (a[i] == '*' && at[w]) ||
				      (b[j] == '*' && at[1]) ||
				      (a[i] == '*' && b[j] && at[1]) ||
				      (b[j] == '*' && a[i] && at[w]);
			else if (!a[i] || !b[j])
				*at = !a[i] && !b[j];
			else
				*at = (a[i] == '?' || b[j] == '?' ||
				       tolower((unsigned char)a[i]) ==
					   tolower((unsigned char)b[j])) &&
				      at[w + 1];
		}
	return yes[0];
}

static char *
plain(void *ctx, const char *glob)
{
	char *to = talloc_strdup(ctx, glob), *at = to;

	for (; *glob; glob++) {
		const char *end = *glob == '[' ? strchr(glob, ']') : NULL;

		*at++ = end ? '?' : *glob;
		glob = end ? end : glob;
	}
	*at = '\0';
	return to;
}

static bool
meet(void *ctx, const char *a, const char *b)
{
	/* too long to be compared */
	return strlen(a) + strlen(b) > MEET_MAX ||
	       meet_plain(plain(ctx, a), plain(ctx, b));
}

const char *
sql_table_meets(const struct sql *s, const char *glob)
{
	const char *dot = strchr(glob, '.');
	char *schema = talloc_strndup(s->ctx, glob, strcspn(glob, "."));

	for (size_t i = 0; i < s->ntables; i++) {
		const char *t = s->tables[i], *d = strchr(t, '.');
		char *in = talloc_strndup(s->ctx, t, strcspn(t, "."));

		if (dot && d ? meet(s->ctx, schema, in) &&
				   meet(s->ctx, dot + 1, d + 1)
		    : dot ? meet(s->ctx, dot + 1, t) &&
				(strcmp(dot, ".*") != 0 ||
				 meet(s->ctx, schema, "public"))

			  : meet(s->ctx, glob, d ? d + 1 : t))
			return t;
	}
	return NULL;
}

static void
relation(struct sql *s, const cJSON *r)
{
	const char *schema = field(r, "schemaname"), *name;

	name = field(r, "relname");
	/* samples of the rows of all tables */
	if (!strcmp(name, "pg_statistic") || !strncmp(name, "pg_stats", 8) ||
	    !strcmp(name, "pg_statistic_ext_data"))
		name = schema = "*";
	sql_table(s, *schema ? talloc_asprintf(s->ctx, "%s.%s", schema, name)
			     : name);
}

/* ALTER TABLE that makes its rows those of another table, too. */
static bool
joins_another(const cJSON *alter)
{
	const cJSON *c;

	cJSON_ArrayForEach(c, child(alter, "cmds"))
	{
		const cJSON *cmd = child(c, "AlterTableCmd");
		const char *kind = field(cmd, "subtype");

		if (!strcmp(kind, "AT_AttachPartition") ||
		    !strcmp(kind, "AT_AddInherit"))
			return true;
	}
	return false;
}

static const char *
constant(const cJSON *node)
{
	const cJSON *v = child(child(node, "A_Const"), "sval");

	return v ? field(v, "sval") : NULL;
}

/* Names without a schema mean other tables from here on. */
static void
path(struct sql *s, const char *name, const cJSON *node)
{
	const cJSON *args = child(node, "args"), *names, *a;
	const char *what;

	if (!strcmp(name, "VariableSetStmt") &&
	    !strcmp(field(node, "name"), "search_path"))
		cJSON_ArrayForEach(a, args) sql_path(s, constant(a));
	names = child(node, "funcname");
	a = cJSON_GetArrayItem(names, cJSON_GetArraySize(names) - 1);
	if (strcmp(name, "FuncCall") != 0 ||
	    strcmp(field(child(a, "String"), "sval"), "set_config") != 0)
		return;
	what = constant(cJSON_GetArrayItem(args, 0));
	if (!what || !strcasecmp(what, "search_path"))
		sql_path(s, constant(cJSON_GetArrayItem(args, 1)));
}

/* True: nothing below it brings out rows. */
static bool
statement(struct sql *s, const char *name, const cJSON *node)
{
	bool alters = !strcmp(name, "AlterTableStmt");

	if (!strcmp(name, "TruncateStmt") || !strcmp(name, "LockStmt") ||
	    !strcmp(name, "ExplainStmt"))
		return true;
	if (!strcmp(name, "CopyStmt") &&
	    !cJSON_IsTrue(child(node, "is_from"))) {
		s->dumps = true;
		relation(s, child(node, "relation"));
	} else if (child(node, "returningList") ||
		   (!strcmp(name, "RenameStmt") &&
		    !strcmp(field(node, "renameType"), "OBJECT_TABLE")) ||
		   !strcmp(name, "AlterObjectSchemaStmt") ||
		   (alters && joins_another(node))) {
		relation(s, child(node, "relation"));
	} else if (!strcmp(name, "AlterRoleSetStmt") ||
		   !strcmp(name, "AlterDatabaseSetStmt")) {
		path(s, "VariableSetStmt", child(node, "setstmt"));
		return true;
	}
	return false;
}

static void
walk(struct sql *s, const cJSON *node, bool reads, int depth)
{
	const cJSON *c;

	if (depth > DEPTH_MAX) {
		s->hides = true;
		return;
	}
	cJSON_ArrayForEach(c, node)
	{
		const char *name = c->string ? c->string : "";
		size_t n = strlen(name);
		bool below = reads;

		if (!strcmp(name, "SelectStmt"))
			below = !sql_select_is_count(c);
		else if (n > 4 && !strcmp(name + n - 4, "Stmt") &&
			 statement(s, name, c))
			continue;
		else if (!strcmp(name, "inhRelations"))
			below = false;
		else if (reads && !strcmp(name, "RangeVar"))
			relation(s, c);
		else if (!strcmp(name, "PartitionCmd"))
			relation(s, child(c, "name"));
		path(s, name, c);
		walk(s, c, below, depth + 1);
	}
}

void
sql_tables(struct sql *s, const cJSON *tree)
{
	walk(s, child(tree, "stmts"), true, 0);
}
