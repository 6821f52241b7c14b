/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which relations statements touch, and how: other rows may go with them, by
 * triggers, rules, foreign keys and the functions of views, of which only the
 * server's catalogue knows (reversal/db_beside.c).
 */
#include "base/err.h"
#include "parse/sql.h"
#include "parse/sql_node.h"
#include "parse/sql_where.h"
#include "parse/sql_words.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define TOUCHES_MAX 500
#define BETWEEN	    "\x1f" /* of names in a list */

static char *
append(char *text, const char *what)
{
	text = talloc_asprintf_append(text, "%s", what);
	if (!text)
		BUG("out of memory");
	return text;
}

/* E'...': the same whatever standard_conforming_strings is. */
static char *
literal(void *ctx, const char *text)
{
	char *out = append(talloc_strdup(ctx, ""), "E'");

	for (; *text; text++) {
		char one[3] = {*text, '\0', '\0'};

		if (*text == '\'' || *text == '\\')
			one[1] = *text;
		out = append(out, one);
	}
	return append(out, "'");
}

void
sql_touch(struct sql *s, char how, const char *schema, const char *name,
	  const char *keys, const char *columns)
{
	char *row;
	bool armed = s->armed && strchr("icud", how);

	if (armed || s->ntouched == TOUCHES_MAX) {
		how = armed ? '+' : '*';
		schema = name = keys = columns = "";
	}
	row = talloc_asprintf(s->ctx, "(E'%c', %s, %s, %s, %s)", how,
			      literal(s->ctx, schema), literal(s->ctx, name),
			      literal(s->ctx, keys), literal(s->ctx, columns));
	if (!row)
		BUG("out of memory");
	for (size_t i = 0; i < s->ntouched; i++)
		if (!strcmp(s->touched[i], row))
			return;
	s->touched = talloc_realloc(s->ctx, s->touched, const char *,
				    (unsigned)s->ntouched + 1);
	if (!s->touched)
		BUG("out of memory");
	s->touched[s->ntouched++] = row;
}

static bool
in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c & 0x80;
}

void
sql_touch_calls(struct sql *s, const char *text)
{
	while (*text) {
		size_t n = 0;
		char *word;

		while (in_word(text[n]))
			n++;
		if (!n) {
			text++;
			continue;
		}
		word = talloc_strndup(s->ctx, text, n);
		if (!word)
			BUG("out of memory");
		text += n;
		if (!strcasecmp(word, "execute"))
			sql_touch(s, 'b', "", "", "", "");
		else if (text[strspn(text, "\" \t\r\n")] == '(' &&
			 !sql_is_known(word))
			sql_touch(s, 'f', "", word, "", "");
	}
}

/* Columns that the clause holds to constants, as a list. */
static char *
keys_of(char *list, const cJSON *where)
{
	const cJSON *all = child(where, "BoolExpr"), *c;
	const char *name = sql_where_column(child(where, "A_Expr"));

	if (name)
		return append(append(list, name), BETWEEN);
	if (!strcmp(field(all, "boolop"), "AND_EXPR"))
		cJSON_ArrayForEach(c, child(all, "args")) list =
		    keys_of(list, c);
	return list;
}

static char *
columns_of(void *ctx, const cJSON *targets)
{
	char *list = append(talloc_strdup(ctx, ""), "");
	const cJSON *c;

	cJSON_ArrayForEach(c, targets) list =
	    append(append(list, field(child(c, "ResTarget"), "name")), BETWEEN);
	return list;
}

static void
touch(struct sql *s, char how, const cJSON *relation, const cJSON *where,
      const cJSON *targets)
{
	if (child(relation, "RangeVar"))
		relation = child(relation, "RangeVar");
	if (!*field(relation, "relname"))
		return;
	sql_touch(s, how, field(relation, "schemaname"),
		  field(relation, "relname"),
		  keys_of(append(talloc_strdup(s->ctx, ""), ""), where),
		  columns_of(s->ctx, targets));
}

static bool
is_ours(const cJSON *relation)
{
	const char *schema = field(relation, "schemaname");

	return strcmp(schema, "pg_catalog") != 0 &&
	       strcmp(schema, "information_schema") != 0;
}

/* Those of PostgreSQL 15 and of the extensions that come with it, of PostGIS,
 * pgvector and what searches texts. */
static bool
is_operator(const char *name)
{
	static const char *const known[] = {
	    "!!",   "!~",    "!~*",   "!~~",  "!~~*",  "#",   "##",    "###",
	    "#-",   "#<#",   "#<=#",  "#=",   "#>",    "#>#", "#>=#",  "#>>",
	    "%",    "%#",    "%%",    "%>",   "%>>",   "&",   "&&",    "&&&",
	    "&/&",  "&<",    "&<|",   "&>",   "&@",    "&@*", "&@~",   "&^",
	    "*",    "*<",    "*<=",   "*<>",  "*=",    "*>",  "*>=",   "+",
	    "-",    "->",    "->>",   "-|-",  "/",     "<",   "<#>",   "<%",
	    "<%>",  "<+>",   "<->",   "<->>", "<->>>", "<<",  "<<#>>", "<<%",
	    "<<->", "<<->>", "<<<->", "<<=",  "<<|",   "<=",  "<=>",   "<=|",
	    "<>",   "<@",    "<@>",   "<^",   "<~>",   "=",   "===",   ">",
	    ">=",   ">>",    ">>=",   ">^",   "?",     "?#",  "?&",    "?-",
	    "?-|",  "?<@",   "?@",    "?@>",  "?|",    "?||", "?~",    "@",
	    "@-@",  "@>",    "@?",    "@@",   "@@@",   "^",   "^<@",   "^?",
	    "^@",   "^@>",   "^~",    "|",    "|&>",   "|/",  "|=",    "|=>",
	    "|=|",  "|>>",   "||",    "||/",  "|||",   "~",   "~*",    "~<=~",
	    "~<~",  "~=",    "~==",   "~>",   "~>=~",  "~>~", "~~",    "~~*",
	    "~~="};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

/* BETWEEN and its like are none. */
static void
touch_operator(struct sql *s, const cJSON *names)
{
	int n = cJSON_GetArraySize(names);
	const char *name =
	    field(child(cJSON_GetArrayItem(names, n - 1), "String"), "sval");

	if (!*name || isalpha((unsigned char)*name))
		return;
	if (n > 1 || name[strspn(name, "+-*/%^=<>|~!")])
		sql_touch(s, 'f', "", name, "", "");
	if (is_operator(name))
		return;
	sql_touch(s, 'p', "", name, "", "");
	s->ncalled++;
	sql_add(s, SQL_OPAQUE,
		talloc_asprintf(s->ctx, "the operator %s", name));
}

/* "row.f" is f(row) where no column has the name. */
static void
touch_calls(struct sql *s, const char *node, const cJSON *v)
{
	bool column = !strcmp(node, "ColumnRef");
	const cJSON *names = child(v, column ? "fields" : "indirection");
	int n = cJSON_GetArraySize(names);
	const char *name =
	    field(child(cJSON_GetArrayItem(names, n - 1), "String"), "sval");

	if (*name && (!column || n > 1))
		sql_touch(s, 'f', "", name, "", "");
}

void
sql_touches(struct sql *s, const char *node, const cJSON *v)
{
	const cJSON *relation = child(v, "relation");
	const cJSON *conflict = child(v, "onConflictClause");

	if (!strcmp(node, "RangeVar")) {
		if (is_ours(v))
			touch(s, 'r', v, NULL, NULL);
	} else if (!strcmp(node, "InsertStmt")) {
		touch(s, 'i', relation, NULL, NULL);
		if (conflict && strcmp(field(conflict, "action"),
				       "ONCONFLICT_NOTHING") != 0)
			touch(s, 'c', relation, NULL,
			      child(conflict, "targetList"));
	} else if (!strcmp(node, "UpdateStmt")) {
		touch(s, 'u', relation, child(v, "whereClause"),
		      child(v, "targetList"));
	} else if (!strcmp(node, "DeleteStmt")) {
		touch(s, 'd', relation, child(v, "whereClause"), NULL);
	} else if (!strcmp(node, "MergeStmt")) {
		touch(s, 'u', relation, NULL, NULL);
	} else if (!strcmp(node, "TruncateStmt")) {
		const cJSON *c;

		cJSON_ArrayForEach(c, child(v, "relations"))
		    touch(s, 't', c, NULL, NULL);
	} else if (!strcmp(node, "CopyStmt")) {
		touch(s, cJSON_IsTrue(child(v, "is_from")) ? 'i' : 'r',
		      relation, NULL, NULL);
	} else if (!strcmp(node, "DoStmt")) {
		const cJSON *c;

		cJSON_ArrayForEach(c, child(v, "args"))
		{
			const cJSON *d = child(c, "DefElem");

			sql_touch_calls(
			    s, field(child(child(d, "arg"), "String"), "sval"));
		}
	} else if (!strcmp(node, "RefreshMatViewStmt")) {
		touch(s, 'r', relation, NULL, NULL);
	} else if (!strcmp(node, "A_Expr")) {
		touch_operator(s, child(v, "name"));
	} else if (!strcmp(node, "SubLink")) {
		touch_operator(s, child(v, "operName"));
	} else if (!strcmp(node, "SortBy")) {
		touch_operator(s, child(v, "useOp"));
	} else if (!strcmp(node, "ColumnRef") ||
		   !strcmp(node, "A_Indirection")) {
		touch_calls(s, node, v);
	}
}
