/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements by their class (sql.c), and beside it what lifts a fence:
 * settings are let through by name, transactions unless they are to write.
 */
#include "parse/sql_guard.h"
#include "base/err.h"
#include "base/text.h"
#include "parse/sql.h"
#include "parse/sql_node.h"
#include "parse/sql_words.h"
#include <cjson/cJSON.h>
#include <ctype.h>
#include <pg_query.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define DEPTH_MAX 400
#define PASSES	  (SQL_COUNT | SQL_READ | SQL_SESSION)

/* What pg_dump sends since 15.9: a name that is no constant, and harmless. */
static const char pg_dump_text[] =
    "SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings "
    "WHERE name = 'restrict_nonsystem_relation_kind'";

static const char *const settings[] = {
    "application_name",
    "bytea_output",
    "check_function_bodies",
    "client_encoding",
    "client_min_messages",
    "constraint_exclusion",
    "cpu_index_tuple_cost",
    "cpu_operator_cost",
    "cpu_tuple_cost",
    "cursor_tuple_fraction",
    "datestyle",
    "default_table_access_method",
    "default_tablespace",
    "default_transaction_deferrable",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "effective_cache_size",
    "escape_string_warning",
    "extra_float_digits",
    "from_collapse_limit",
    "geqo",
    "hash_mem_multiplier",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "intervalstyle",
    "jit",
    "jit_above_cost",
    "jit_inline_above_cost",
    "jit_optimize_above_cost",
    "join_collapse_limit",
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "lock_timeout",
    "max_parallel_workers",
    "max_parallel_workers_per_gather",
    "min_parallel_index_scan_size",
    "min_parallel_table_scan_size",
    "parallel_leader_participation",
    "parallel_setup_cost",
    "parallel_tuple_cost",
    "plan_cache_mode",
    "quote_all_identifiers",
    "random_page_cost",
    "restrict_nonsystem_relation_kind",
    "role",
    "row_security",
    "search_path",
    "seed",
    "seq_page_cost",
    "standard_conforming_strings",
    "statement_timeout",
    "synchronize_seqscans",
    "temp_buffers",
    "timezone",
    "track_io_timing",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
    "transaction_timeout",
    "work_mem",
    "xmlbinary",
    "xmloption",
};

struct guard {
	void *ctx;
	struct sql_refusal *why;
	bool refused;
};

static void
refuse(struct guard *g, const char *state, const char *what, const char *name)
{
	if (g->refused)
		return;
	g->refused = true;
	g->why->state = state;
	g->why->what =
	    text_safe(g->ctx, talloc_asprintf(g->ctx, "%s%s%s", what,
					      *name ? " " : "", name));
}

/* The text of a constant; NULL: none. */
static const char *
constant(const cJSON *node)
{
	const cJSON *c = child(node, "A_Const");
	const cJSON *v = child(child(c, "sval"), "sval");

	if (!child(c, "sval"))
		return NULL;
	return cJSON_IsString(v) ? v->valuestring : "";
}

bool
sql_guard_encoding(const char *name)
{
	static const char *const plain[] = {
	    "UTF",	"UNICODE", "LATIN",  "ISO",    "SQL_ASCII",
	    "SQLASCII", "WIN12",   "WIN866", "WIN874", "WINDOWS",
	    "KOI8",	"EUC",	   "ABC",    "ALT",    "WIN"};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (!strncasecmp(name, plain[i], strlen(plain[i])))
			/* WIN932, WIN936, WIN949, WIN950, WINDOWS932 ... */
			return !strstr(name, "93") && !strstr(name, "94") &&
			       !strstr(name, "95");
	return false;
}

/* An explicit pg_catalog that is not the first lets others' functions take
 * the names of the server's. */
static bool
path_is_plain(const char *value)
{
	value += strspn(value, " \t\"");
	if (!strncasecmp(value, "pg_catalog", 10))
		return true;
	return !strcasestr(value, "pg_catalog");
}

static bool
is_on(const char *value)
{
	return !strcasecmp(value, "on") || !strcasecmp(value, "true") ||
	       !strcasecmp(value, "yes") || !strcmp(value, "1");
}

bool
sql_guard_setting(const char *name, const char *value)
{
	const char *dot = strchr(name, '.');

	/* an application's own; those of languages start programs of theirs */
	if (dot)
		return strncasecmp(name, "pl", 2) != 0;
	if (!strncasecmp(name, "enable_", 7))
		return true;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		if (strcasecmp(settings[i], name) != 0)
			continue;
		if (!strcasecmp(name, "client_encoding"))
			return value && sql_guard_encoding(value);
		if (!strcasecmp(name, "search_path"))
			return value && path_is_plain(value);
		if (strcasestr(name, "read_only") ||
		    strcasestr(name, "conforming_strings"))
			return value && is_on(value);
		return true;
	}
	return false;
}

/* READ WRITE among the words behind BEGIN or SET TRANSACTION? */
static void
modes(struct guard *g, const cJSON *list)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, list)
	{
		const cJSON *d = child(o, "DefElem");
		const cJSON *c = child(child(d, "arg"), "A_Const");

		if (!strcmp(field(d, "defname"), "transaction_read_only") &&
		    !child(child(c, "ival"), "ival"))
			refuse(g, SQL_STATE_READ_ONLY,
			       "a transaction that is READ WRITE", "");
	}
}

static void
set(struct guard *g, const cJSON *node)
{
	const char *kind = field(node, "kind"), *name = field(node, "name");
	const cJSON *a, *args = child(node, "args");
	char *value = NULL;

	if (!strcmp(kind, "VAR_RESET_ALL") || !strcmp(kind, "VAR_RESET") ||
	    !strcmp(kind, "VAR_SET_DEFAULT"))
		return; /* to what the connection began with: read-only */
	if (!strcmp(kind, "VAR_SET_MULTI")) {
		modes(g, args);
		return;
	}
	cJSON_ArrayForEach(a, args)
	{
		const char *text = constant(a);
		const cJSON *n =
		    child(child(child(a, "A_Const"), "ival"), "ival");

		if (!text)
			text = n && n->valueint == 1 ? "1" : "0";
		value = value ? talloc_asprintf_append(value, ", %s", text)
			      : talloc_strdup(g->ctx, text);
	}
	if (!sql_guard_setting(name, value))
		refuse(g, SQL_STATE_READ_ONLY, "SET", name);
}

static void
transaction(struct guard *g, const cJSON *node)
{
	const char *kind = field(node, "kind");

	/* a read-only transaction may commit one that writes, and did with
	 * PostgreSQL 15 */
	if (strstr(kind, "PREPARE"))
		refuse(g, SQL_STATE_READ_ONLY, "two-phase commit", "");
	modes(g, child(node, "options"));
}

/*
 * Behind the end of a transaction the next one goes by the session's settings
 * as they are by then, and the server tells of a change only when all of the
 * message is done: a view may have called set_config().
 */
static void
goes_on(struct guard *g, const cJSON *statements)
{
	const cJSON *s;
	bool ended = false;

	cJSON_ArrayForEach(s, statements)
	{
		const char *kind =
		    field(child(child(s, "stmt"), "TransactionStmt"), "kind");

		if (ended)
			refuse(g, SQL_STATE_READ_ONLY,
			       "statements behind the end of a transaction in "
			       "one message",
			       "");
		ended |= !strcmp(kind, "TRANS_STMT_COMMIT") ||
			 !strcmp(kind, "TRANS_STMT_ROLLBACK");
	}
	g->why->ends = ended;
}

static void
call(struct guard *g, const cJSON *node)
{
	const cJSON *names = child(node, "funcname"), *args;
	const cJSON *n =
	    cJSON_GetArrayItem(names, cJSON_GetArraySize(names) - 1);
	const char *name = field(child(n, "String"), "sval");
	const char *what;

	if (strcmp(name, "set_config") != 0)
		return;
	args = child(node, "args");
	what = constant(cJSON_GetArrayItem(args, 0));
	if (!what ||
	    !sql_guard_setting(what, constant(cJSON_GetArrayItem(args, 1))))
		refuse(g, SQL_STATE_READ_ONLY, "set_config()",
		       what ? what : "");
}

static void
walk(struct guard *g, const cJSON *node, int depth)
{
	const cJSON *c;

	if (depth > DEPTH_MAX) {
		refuse(g, SQL_STATE_FORBIDDEN, "a statement too deep to follow",
		       "");
		return;
	}
	cJSON_ArrayForEach(c, node)
	{
		if (!c->string)
			;
		else if (!strcmp(c->string, "VariableSetStmt"))
			set(g, c);
		else if (!strcmp(c->string, "TransactionStmt"))
			transaction(g, c);
		else if (!strcmp(c->string, "FuncCall"))
			call(g, c);
		walk(g, c, depth + 1);
	}
}

bool
sql_guard_passes(void *ctx, const char *text, const char *const *sensitive,
		 struct sql_refusal *why)
{
	struct guard g = {.ctx = ctx, .why = why};
	PgQueryParseResult r;
	cJSON *tree;
	struct sql s;

	*why = (struct sql_refusal){0};
	if (!strcmp(text, pg_dump_text))
		return true;
	r = pg_query_parse(text);
	tree = r.error ? NULL : cJSON_ParseWithOpts(r.parse_tree, NULL, 0);
	sql_init(ctx, &s);
	if (!tree) {
		refuse(&g, SQL_STATE_FORBIDDEN,
		       "a statement that PostgreSQL 15's grammar does not know",
		       "");
	} else {
		sql_tree(&s, tree);
		walk(&g, tree, 0);
		goes_on(&g, child(tree, "stmts"));
	}
	if (s.classes & ~(unsigned)PASSES)
		refuse(&g,
		       s.classes & (SQL_EXEC | SQL_FILE | SQL_OPAQUE)
			   ? SQL_STATE_FORBIDDEN
			   : SQL_STATE_READ_ONLY,
		       s.what ? s.what : "a statement that changes something",
		       "");
	for (; sensitive && *sensitive; sensitive++)
		if (sql_table_meets(&s, *sensitive))
			refuse(&g, SQL_STATE_FORBIDDEN,
			       "rows of what the profile calls sensitive,",
			       *sensitive);
	cJSON_Delete(tree);
	pg_query_free_parse_result(r);
	return !g.refused;
}

/* --- a session that writes --------------------------------------------------
 */

static bool
is_made(const char *name, const char *const *made)
{
	for (; made && *made; made++)
		if (!strcmp(*made, name))
			return true;
	return false;
}

/* It stands alone, or the server would not take it. */
static const char *
makes(void *ctx, const cJSON *tree)
{
	const cJSON *all = child(tree, "stmts");
	const cJSON *one = cJSON_GetArrayItem(all, 0);
	const cJSON *made = child(child(one, "stmt"), "CreatedbStmt");

	if (cJSON_GetArraySize(all) != 1 || !made)
		return NULL;
	return talloc_strdup(ctx, field(made, "dbname"));
}

bool
sql_guard_session(void *ctx, const char *text, const char *own,
		  const char *const *made, struct sql_refusal *why)
{
	struct guard g = {.ctx = ctx, .why = why};
	PgQueryParseResult r = pg_query_parse(text);
	cJSON *tree =
	    r.error ? NULL : cJSON_ParseWithOpts(r.parse_tree, NULL, 0);
	struct sql s;
	bool foreign;

	*why = (struct sql_refusal){0};
	sql_init(ctx, &s);
	/* what has no tree may do anything to a database that was kept */
	if (tree)
		sql_tree(&s, tree);
	foreign = s.classes & (SQL_EXEC | SQL_FILE);
	foreign |= (s.classes & SQL_GLOBAL) && (s.classes & SQL_DESTROY);
	foreign |= (s.classes & SQL_DROP_DATABASE) && !s.ndropped;
	for (size_t i = 0; i < s.ndropped; i++)
		foreign |= !is_made(s.dropped[i], made);
	for (size_t i = 0; i < s.nothers; i++)
		foreign |= strcmp(s.others[i], own) != 0 &&
			   !is_made(s.others[i], made);
	if (foreign)
		refuse(&g, SQL_STATE_FORBIDDEN,
		       s.what ? s.what : "what is not of this database alone",
		       "");
	why->makes = makes(ctx, tree);
	cJSON_Delete(tree);
	pg_query_free_parse_result(r);
	return !g.refused;
}
