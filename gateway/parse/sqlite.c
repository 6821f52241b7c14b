/* SPDX-License-Identifier: Apache-2.0 */
/* Statements against a schema in memory; see sqlite.h. */
#include "parse/sqlite.h"
#include "base/err.h"
#include "base/text.h"
#include "parse/sqlite_names.h"
#include <ctype.h>
#include <sqlite3.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>

#define STEPS_MAX    2000000
#define SCHEMA_MAX   20000
#define SQL_TEXT_MAX (64 << 20)

static struct sqlite_part *
part(struct sqlite_reader *r, const char *name)
{
	for (size_t i = 0; name && i < r->n; i++)
		if (!strcasecmp(r->parts[i].name, name))
			return &r->parts[i];
	return &r->parts[0];
}

static struct sqlite_part *
add_part(struct sqlite_reader *r, const char *name, void *data)
{
	struct sqlite_part *p;

	r->parts = talloc_realloc(r->ctx, r->parts, struct sqlite_part,
				  (unsigned)r->n + 1);
	if (!r->parts)
		BUG("out of memory");
	p = &r->parts[r->n++];
	*p = (struct sqlite_part){.name = talloc_strdup(r->ctx, name),
				  .data = data};
	sql_init(r->ctx, &p->sql);
	return p;
}

static const char *
text(struct sqlite_reader *r, const char *what, const char *name)
{
	return text_safe(
	    r->ctx, talloc_asprintf(r->ctx, "%s%s", what, name ? name : ""));
}

void
sqlite_opaque(struct sqlite_reader *r, const char *why)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->parts[i].name, "temp") != 0)
			sql_add(&r->parts[i].sql, SQL_OPAQUE, why);
}

static void
other(struct sqlite_reader *r, unsigned cls, const char *what)
{
	r->other |= cls;
	if (!r->other_what)
		r->other_what = what;
}

static void
function(struct sqlite_reader *r, const char *name)
{
	if (!strcasecmp(name, "load_extension") ||
	    !strcasecmp(name, "fts3_tokenizer"))
		other(r, SQL_EXEC, "it loads code");
	else if (!strcasecmp(name, "edit"))
		other(r, SQL_EXEC, "edit() runs an editor");
	else if (!strcasecmp(name, "writefile"))
		other(r, SQL_FILE, "writefile() writes a file");
}

static void
pragma(struct sqlite_reader *r, struct sqlite_part *p, const char *name,
       const char *value)
{
	unsigned cls = sqlite_pragma_class(name, value != NULL);

	sql_add(&p->sql, cls, text(r, "PRAGMA ", name));
	if (!strcasecmp(name, "foreign_keys") && value)
		r->foreign_keys = true;
}

static bool
is_internal(const char *table)
{
	return table && (!strncasecmp(table, "sqlite_master", 13) ||
			 !strncasecmp(table, "sqlite_schema", 13) ||
			 !strncasecmp(table, "sqlite_temp_", 12));
}

/* Rows of a table change; whether they are bounded is found afterwards. */
static void
rows(struct sqlite_reader *r, struct sqlite_part *p, int code,
     const char *table, const char *trigger)
{
	if (is_internal(table)) {
		r->now.master = 1;
		return;
	}
	if (code == SQLITE_INSERT && r->now.replaces)
		sql_add(&p->sql, SQL_DESTROY, text(r, "REPLACE into ", table));
	else if (code == SQLITE_INSERT)
		sql_add(&p->sql, SQL_WRITE, text(r, "INSERT into ", table));
	else if (r->now.bound && !trigger)
		sql_add(
		    &p->sql, SQL_WRITE,
		    text(r,
			 code == SQLITE_DELETE ? "DELETE from " : "UPDATE of ",
			 table));
	else
		sql_add(&p->sql, SQL_DESTROY,
			text(r,
			     trigger		     ? "a trigger on "
			     : code == SQLITE_DELETE ? "DELETE from "
						     : "UPDATE of ",
			     table));
}

static void
shape(struct sqlite_reader *r, struct sqlite_part *p, int code, const char *a,
      const char *b)
{
	switch (code) {
	case SQLITE_CREATE_INDEX:
	case SQLITE_CREATE_TABLE:
	case SQLITE_CREATE_TRIGGER:
	case SQLITE_CREATE_VIEW:
	case SQLITE_CREATE_VTABLE:
		r->now.ddl = 1;
		sql_add(&p->sql, SQL_ADD, "CREATE");
		break;
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_TRIGGER:
	case SQLITE_CREATE_TEMP_VIEW:
	case SQLITE_DROP_TEMP_INDEX:
	case SQLITE_DROP_TEMP_TABLE:
	case SQLITE_DROP_TEMP_TRIGGER:
	case SQLITE_DROP_TEMP_VIEW:
		r->now.ddl = 1;
		sql_add(&p->sql, SQL_SESSION, NULL);
		break;
	case SQLITE_DROP_INDEX:
	case SQLITE_DROP_TABLE:
	case SQLITE_DROP_TRIGGER:
	case SQLITE_DROP_VIEW:
	case SQLITE_DROP_VTABLE:
		r->now.ddl = 1;
		sql_add(&p->sql, SQL_DESTROY, text(r, "DROP of ", a));
		break;
	case SQLITE_ALTER_TABLE:
		r->now.ddl = 1;
		sql_add(&part(r, a)->sql, SQL_ALTER,
			text(r, "ALTER TABLE ", b));
		break;
	case SQLITE_REINDEX:
	case SQLITE_ANALYZE:
		sql_add(&p->sql, SQL_ADMIN, "ANALYZE or REINDEX");
		break;
	default:
		sql_add(&p->sql, SQL_OPAQUE, "a statement that nobody knows");
	}
}

static int
authorize(void *data, int code, const char *a, const char *b, const char *db,
	  const char *trigger)
{
	struct sqlite_reader *r = data;
	struct sqlite_part *p = part(r, db);

	/* some of them act as soon as they are prepared */
	if (r->now.mute)
		return code == SQLITE_PRAGMA ? SQLITE_IGNORE : SQLITE_OK;
	switch (code) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		break;
	case SQLITE_READ:
		if (!a || !strncasecmp(a, "sqlite_", 7) || !b || !*b)
			sql_add(&p->sql, SQL_COUNT, NULL);
		else
			sql_add(&p->sql, SQL_READ, text(r, "SELECT of ", a));
		if (a && b && *b)
			sql_table(&p->sql, a);
		break;
	case SQLITE_FUNCTION:
		if (b)
			function(r, b);
		break;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (strcmp(p->name, "temp") != 0)
			rows(r, p, code, a, trigger);
		break;
	case SQLITE_PRAGMA:
		pragma(r, p, a, b);
		return SQLITE_IGNORE;
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
	case SQLITE_DETACH:
		sql_add(&p->sql, SQL_SESSION, NULL);
		break;
	case SQLITE_ATTACH:
		r->now.attaches = 1;
		r->now.attached = a ? talloc_strdup(r->ctx, a) : NULL;
		break;
	default:
		shape(r, p, code, a, b);
	}
	return SQLITE_OK;
}

/* --- reading the schema ----------------------------------------------------
 */

static int
too_long(void *data)
{
	return ++*(unsigned *)data > STEPS_MAX / 1000;
}

static int
run(struct sqlite_reader *r, const char *statement)
{
	unsigned steps = 0;
	int rc;

	sqlite3_progress_handler(r->db, 1000, too_long, &steps);
	rc = sqlite3_exec(r->db, statement, NULL, NULL, NULL);
	sqlite3_progress_handler(r->db, 0, NULL, NULL);
	return rc;
}

/* SQLite keeps these words in front as they are here. */
static char *
qualified(struct sqlite_reader *r, const char *sql, const char *name)
{
	static const char *const heads[] = {
	    "CREATE TABLE ", "CREATE INDEX ",	"CREATE UNIQUE INDEX ",
	    "CREATE VIEW ",  "CREATE TRIGGER ", "CREATE VIRTUAL TABLE "};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		size_t n = strlen(heads[i]);

		if (!strncasecmp(sql, heads[i], n))
			return talloc_asprintf(r->ctx, "%s\"%s\".%s", heads[i],
					       name, sql + n);
	}
	return NULL;
}

/* Shadow tables are made again by their virtual ones. */
static bool
copy_schema(struct sqlite_reader *r, sqlite3 *from, const char *name)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int rc;

	rc = sqlite3_prepare_v2(
	    from,
	    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT "
	    "LIKE 'sqlite~_%' ESCAPE '~' ORDER BY CASE WHEN type = 'table' "
	    "THEN sql NOT LIKE 'create virtual%' WHEN type = 'index' THEN 2 "
	    "WHEN type = 'view' THEN 3 ELSE 4 END, rowid",
	    -1, &st, NULL);
	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(st, 0);
		char *q = sql ? qualified(r, sql, name) : NULL;

		/* what cannot be made will not be found: opaque then */
		if (q)
			run(r, q);
		if (++n > SCHEMA_MAX)
			break;
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_finalize(st);
	return rc == SQLITE_OK && n <= SCHEMA_MAX;
}

/* Neither locks nor files beside it, unless there is a log to be read. */
static bool
read_schema(struct sqlite_reader *r, const char *path, const char *name)
{
	struct stat st;
	sqlite3 *from = NULL;
	char *url = talloc_strdup(r->ctx, "file:");
	bool wal, ok;

	if (stat(path, &st) < 0)
		return true; /* an empty one is made */
	if (!S_ISREG(st.st_mode))
		return false;
	wal = stat(talloc_asprintf(r->ctx, "%s-wal", path), &st) == 0 &&
	      st.st_size > 0;
	if (wal && stat(talloc_asprintf(r->ctx, "%s-shm", path), &st) < 0)
		return false;
	for (const char *p = path; *p; p++)
		url = strchr("%?#", *p) ? talloc_asprintf_append(
					      url, "%%%02X", (unsigned char)*p)
					: talloc_strndup_append(url, p, 1);
	url =
	    talloc_asprintf_append(url, "?%s", wal ? "mode=ro" : "immutable=1");
	ok = sqlite3_open_v2(url, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
			     NULL) == SQLITE_OK;
	if (ok) {
		sqlite3_db_config(from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
				  NULL);
		ok = copy_schema(r, from, name);
	}
	sqlite3_close(from);
	return ok;
}

static void
nothing(sqlite3_context *x, int n, sqlite3_value **v)
{
	(void)n;
	(void)v;
	sqlite3_result_null(x);
}

int
sqlite_open(struct sqlite_reader *r, const char *path, void *data,
	    struct err *e)
{
	r->parts = NULL;
	r->n = 0;
	add_part(r, "main", data);
	add_part(r, "temp", NULL);
	if (sqlite3_open_v2(":memory:", &r->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		return err_set(e, ERR_SYSTEM, "SQLite");
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	for (size_t i = 0; sqlite_shell_functions[i]; i++)
		sqlite3_create_function(r->db, sqlite_shell_functions[i], -1,
					SQLITE_UTF8, NULL, nothing, NULL, NULL);
	r->now.mute = 1;
	sqlite3_set_authorizer(r->db, authorize, r);
	if (path && !read_schema(r, path, "main"))
		sqlite_opaque(r, "its schema cannot be read");
	return 0;
}

void
sqlite_close(struct sqlite_reader *r)
{
	sqlite3_close(r->db);
	r->db = NULL;
}

/* --- statements ------------------------------------------------------------
 */

/* Past blanks and comments. */
static const char *
first_word(const char *s)
{
	for (;;) {
		s += strspn(s, " \t\r\n\v\f;");
		if (s[0] == '-' && s[1] == '-')
			s += strcspn(s, "\n");
		else if (s[0] == '/' && s[1] == '*')
			s = strstr(s + 2, "*/") ? strstr(s + 2, "*/") + 2
						: s + strlen(s);
		else
			return s;
	}
}

static bool
starts(const char *s, const char *word)
{
	size_t n = strlen(word);

	return !strncasecmp(s, word, n) && !isalnum((unsigned char)s[n]) &&
	       s[n] != '_';
}

/* The name behind the last word of an ATTACH. */
static void
attach(struct sqlite_reader *r, const char *sql)
{
	const char *file = r->now.attached, *path;
	const char *end = sql + strlen(sql), *as = NULL;
	void *data = NULL;
	char *name;
	size_t n;

	for (const char *p = sql; (p = strcasestr(p, "as")); p += 2)
		if (p > sql && strchr(" \t\n'\")", p[-1]) &&
		    strchr(" \t\n'\"[`", p[2]))
			as = p + 2;
	path = r->attach(r, file, &data);
	if (!as || !file) {
		sqlite_opaque(r, "an ATTACH that is not followed");
		other(r, SQL_FILE, "it attaches a file that nobody knows");
		return;
	}
	as += strspn(as, " \t\n");
	while (end > as && strchr(" \t\r\n;", end[-1]))
		end--;
	if (strchr("'\"[`", *as)) {
		as++;
		end--;
	}
	n = end > as ? (size_t)(end - as) : 0;
	name = talloc_strndup(r->ctx, as, n);
	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			n = 0;
	if (!n || run(r, talloc_asprintf(r->ctx, "ATTACH ':memory:' AS \"%s\"",
					 name)) != SQLITE_OK) {
		sqlite_opaque(r, "an ATTACH that is not followed");
		other(r, SQL_FILE, "it attaches a file that is not followed");
		return;
	}
	add_part(r, name, data);
	if (path && !read_schema(r, path, name))
		sql_add(&part(r, name)->sql, SQL_OPAQUE,
			"its schema cannot be read");
}

static void
vacuum(struct sqlite_reader *r, const char *sql)
{
	const char *into = strcasestr(sql, "into"), *at = sql + 6;
	struct sqlite_part *p = &r->parts[0];
	char quote, *file;
	size_t n;

	at += strspn(at, " \t\r\n");
	for (n = 0; isalnum((unsigned char)at[n]) || at[n] == '_';)
		n++;
	if (n && !starts(at, "into")) {
		p = part(r, talloc_strndup(r->ctx, at, n));
		at += n + strspn(at + n, " \t\r\n");
	}
	/* a copy of it changes nothing here; of any other form who knows */
	if (!into || at != into)
		sql_add(&p->sql, SQL_ADMIN, "VACUUM");
	if (!into)
		return;
	sql_add(&p->sql, SQL_READ, "VACUUM INTO: all of its rows");
	sql_table(&p->sql, "*");
	p->sql.dumps = true;
	into += 4 + strspn(into + 4, " \t\n");
	quote = *into;
	n = strcspn(into + (quote != '\0'), "'\"");
	file = quote == '\'' || quote == '"'
		   ? talloc_strndup(r->ctx, into + 1, n)
		   : NULL;
	if (file && into[n + 1] == quote &&
	    !into[n + 2 + strspn(into + n + 2, " \t\r\n;")])
		r->vacuum_into(r, file);
	else
		r->vacuum_into(r, NULL);
}

/* Known by now: what the authorizer says counts. */
static void
one(struct sqlite_reader *r, const char *sql)
{
	const char *word = first_word(sql);
	sqlite3_stmt *st = NULL;
	int rc;

	sqlite_files(r, sql);
	memset(&r->now, 0, sizeof(r->now));
	r->now.mute = 1;
	if (starts(word, "vacuum")) {
		vacuum(r, word);
		return;
	}
	if (starts(word, "explain")) {
		sql_add(&r->parts[0].sql, SQL_COUNT, NULL);
		return;
	}
	r->now.bound = sqlite_bounded(r->db, r->ctx, sql);
	if (r->foreign_keys && r->now.bound) {
		/* it ignores PRAGMA, by which the keys are found */
		sqlite3_set_authorizer(r->db, NULL, NULL);
		r->now.bound = r->n <= 2 && !sqlite_cascades(r->db);
		sqlite3_set_authorizer(r->db, authorize, r);
	}
	r->now.replaces = sqlite_replaces(word);
	r->now.mute = 0;
	rc = sqlite3_prepare_v2(r->db, sql, -1, &st, NULL);
	r->now.mute = 1;
	sqlite3_finalize(st);
	if (rc != SQLITE_OK) {
		sqlite_opaque(r, text(r, "a statement that cannot be read: ",
				      sqlite3_errmsg(r->db)));
		return;
	}
	if (r->now.attaches)
		attach(r, sql);
	else if (r->now.master && !r->now.ddl)
		sqlite_opaque(r, "it changes the schema table itself");
	else if (r->now.ddl && run(r, sql) != SQLITE_OK)
		sqlite_opaque(r, "it changes the schema in an unknown way");
}

void
sqlite_read(struct sqlite_reader *r, const char *sql)
{
	const char *tail;

	if (strlen(sql) > SQL_TEXT_MAX) {
		sqlite_opaque(r, "a very long script");
		return;
	}
	for (sql = first_word(sql); *sql; sql = first_word(tail)) {
		sqlite3_stmt *st = NULL;
		int rc = sqlite3_prepare_v2(r->db, sql, -1, &st, &tail);

		sqlite3_finalize(st);
		if (rc != SQLITE_OK || tail <= sql) {
			/* the end of it is not known either */
			one(r, sql);
			return;
		}
		one(r, talloc_strndup(r->ctx, sql, (size_t)(tail - sql)));
	}
}
