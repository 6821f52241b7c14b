/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What statements do beyond their own database: on another server that theirs
 * is a client of (dblink, foreign tables), and to the catalogue, without which
 * nothing is put back.
 */
#include "base/err.h"
#include "parse/sql.h"
#include "parse/sql_node.h"
#include "parse/sql_words.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

static void
beyond(struct sql *s, const char *why)
{
	if (!s->beyond)
		s->beyond = why;
}

/* The n-th argument where it is a text; NULL: it is not. */
static const char *
literal(const cJSON *args, int n)
{
	const cJSON *arg = cJSON_GetArrayItem(args, n), *v;

	if (child(arg, "TypeCast"))
		arg = child(child(arg, "TypeCast"), "arg");
	v = child(child(child(arg, "A_Const"), "sval"), "sval");
	return cJSON_IsString(v) ? v->valuestring : NULL;
}

static bool
is_conninfo(const char *text)
{
	return text && (strchr(text, '=') || strstr(text, "://"));
}

/* What SQL does there; NULL: nobody knows. */
static void
remote(struct sql *s, const char *conninfo, const char *text)
{
	struct sql does;

	sql_init(s->ctx, &does);
	if (text)
		sql_read(&does, text);
	else
		sql_add(&does, SQL_OPAQUE, "a connection of dblink");
	s->remotes = talloc_realloc(s->ctx, s->remotes, struct sql_remote,
				    (unsigned)s->nremotes + 1);
	if (!s->remotes)
		BUG("out of memory");
	s->remotes[s->nremotes++] =
	    (struct sql_remote){talloc_strdup(s->ctx, conninfo), does};
}

void
sql_remote_call(struct sql *s, const char *name, const cJSON *args)
{
	static const char *const speaks[] = {
	    "dblink", "dblink_exec", "dblink_open", "dblink_send_query"};
	const char *first = literal(args, 0), *second = literal(args, 1);
	bool known = false;

	if (!strncmp(name, "dblink_connect", 14)) {
		const char *to = is_conninfo(second) ? second : first;

		if (is_conninfo(to))
			remote(s, to, NULL);
		else
			beyond(s, "dblink leads nobody knows where");
		s->linked = true;
		return;
	}
	for (size_t i = 0; i < sizeof(speaks) / sizeof(*speaks); i++)
		known |= !strcmp(name, speaks[i]);
	if (!known)
		return;
	if (is_conninfo(first) && cJSON_GetArraySize(args) > 1)
		remote(s, first, second);
	else if (!s->linked || (!first && cJSON_GetArraySize(args) > 1))
		beyond(s, "dblink leads nobody knows where");
}

/* --- statements -------------------------------------------------------------
 */

static void
foreign(struct sql *s, const char *name)
{
	s->foreign = talloc_realloc(s->ctx, s->foreign, const char *,
				    (unsigned)s->nforeign + 1);
	if (!s->foreign)
		BUG("out of memory");
	s->foreign[s->nforeign++] = talloc_strdup(s->ctx, name);
}

static bool
is_far(const struct sql *s, const char *name)
{
	for (size_t i = 0; i < s->nfar; i++)
		if (!strcmp(s->far[i], name))
			return true;
	return false;
}

static void
run(struct sql *s, const char *name)
{
	if (is_far(s, name))
		beyond(s, talloc_asprintf(s->ctx,
					  "%s, made just now, speaks to "
					  "another server by dblink",
					  name));
}

static void
written(struct sql *s, const cJSON *relation)
{
	const char *schema, *name;

	if (child(relation, "RangeVar"))
		relation = child(relation, "RangeVar");
	schema = field(relation, "schemaname");
	name = field(relation, "relname");
	run(s, name);
	if (!strcmp(schema, "pg_catalog") ||
	    (!*schema && !strncmp(name, "pg_", 3) &&
	     strcmp(name, "pg_settings") != 0))
		beyond(s, talloc_asprintf(s->ctx,
					  "%s is of the catalogue, without "
					  "which nothing is put back",
					  name));
	for (size_t i = 0; i < s->nforeign; i++)
		if (!*s->foreign[i] || !strcmp(s->foreign[i], name))
			beyond(s, talloc_asprintf(
				      s->ctx,
				      "the rows of the foreign table %s are "
				      "elsewhere, where no dump finds them",
				      name));
}

/* dblink, or what was made here and speaks by it. */
static bool
mentions_far(const struct sql *s, const cJSON *node)
{
	const cJSON *c;

	if (cJSON_IsString(node)) {
		if (strcasestr(node->valuestring, "dblink"))
			return true;
		for (size_t i = 0; i < s->nfar; i++)
			if (strcasestr(node->valuestring, s->far[i]))
				return true;
	}
	cJSON_ArrayForEach(c, node) if (mentions_far(s, c)) return true;
	return false;
}

static void
far(struct sql *s, const char *name)
{
	if (!*name || is_far(s, name))
		return;
	s->far =
	    talloc_realloc(s->ctx, s->far, const char *, (unsigned)s->nfar + 1);
	if (!s->far)
		BUG("out of memory");
	s->far[s->nfar++] = talloc_strdup(s->ctx, name);
}

static const char *
last_of(const cJSON *names)
{
	return field(
	    child(cJSON_GetArrayItem(names, cJSON_GetArraySize(names) - 1),
		  "String"),
	    "sval");
}

/* Views, triggers and rules that run such a function. */
static void
made(struct sql *s, const char *node, const cJSON *v)
{
	if (!strcmp(node, "CreateFunctionStmt") && mentions_far(s, v))
		far(s, last_of(child(v, "funcname")));
	else if (!s->nfar || !mentions_far(s, v))
		return;
	else if (!strcmp(node, "ViewStmt"))
		far(s, field(child(v, "view"), "relname"));
	else if (!strcmp(node, "CreateTrigStmt") || !strcmp(node, "RuleStmt"))
		far(s, field(child(v, "relation"), "relname"));
}

static void
selected(struct sql *s, const cJSON *node)
{
	const cJSON *c;

	run(s, field(child(node, "RangeVar"), "relname"));
	cJSON_ArrayForEach(c, node) selected(s, c);
}

void
sql_beyond(struct sql *s, const char *node, const cJSON *v)
{
	static const char *const writes[] = {"InsertStmt", "UpdateStmt",
					     "DeleteStmt", "MergeStmt"};
	const cJSON *c;

	if (!strcmp(node, "CreateForeignTableStmt"))
		foreign(s,
			field(child(child(v, "base"), "relation"), "relname"));
	else if (!strcmp(node, "ImportForeignSchemaStmt"))
		foreign(s, "");
	else if (!strcmp(node, "TruncateStmt"))
		cJSON_ArrayForEach(c, child(v, "relations")) written(s, c);
	else if (!strcmp(node, "CopyStmt") && cJSON_IsTrue(child(v, "is_from")))
		written(s, child(v, "relation"));
	else if (!strcmp(node, "DoStmt") && mentions_far(s, v))
		beyond(s, "a block in which dblink leads nobody knows where");
	else if (!strcmp(node, "FuncCall"))
		run(s, last_of(child(v, "funcname")));
	else if (!strcmp(node, "fromClause") && s->nfar)
		selected(s, v);
	else
		made(s, node, v);
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		if (!strcmp(node, writes[i]))
			written(s, child(v, "relation"));
}
