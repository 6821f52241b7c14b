/* SPDX-License-Identifier: Apache-2.0 */
/* What MySQL's statements do, by their first words and a few behind. */
#include "base/err.h"
#include "base/text.h"
#include "parse/mysql.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define T(word, n) mysql_is(&t[n], word)

/* First words that say it all. */
static const struct {
	const char *word;
	unsigned cls;
} verbs[] = {
    {"ANALYZE", SQL_ADMIN},
    {"BACKUP", SQL_ADMIN},
    {"BINLOG", SQL_OPAQUE},
    {"CACHE", SQL_ADMIN},
    {"CALL", SQL_OPAQUE},
    {"CHANGE", SQL_EXEC},
    {"CHECK", SQL_COUNT},
    {"CHECKSUM", SQL_COUNT},
    {"CLONE", SQL_EXEC},
    {"COMMIT", SQL_SESSION},
    {"DEALLOCATE", SQL_SESSION},
    {"EXECUTE", SQL_OPAQUE},
    {"FLUSH", SQL_ADMIN},
    {"GET", SQL_SESSION},
    {"GRANT", SQL_ADMIN | SQL_GLOBAL},
    {"HANDLER", SQL_READ},
    {"HELP", SQL_COUNT},
    {"IMPORT", SQL_FILE},
    {"INSERT", SQL_WRITE},
    {"INSTALL", SQL_EXEC},
    {"KILL", SQL_ADMIN},
    {"LOCK", SQL_SESSION},
    {"OPTIMIZE", SQL_ADMIN},
    {"PREPARE", SQL_OPAQUE},
    {"PURGE", SQL_EXEC},
    {"RELEASE", SQL_SESSION},
    {"REPAIR", SQL_ADMIN},
    {"REPLACE", SQL_WRITE},
    {"RESET", SQL_EXEC},
    {"RESIGNAL", SQL_SESSION},
    {"RESTART", SQL_EXEC},
    {"REVOKE", SQL_ADMIN | SQL_GLOBAL},
    {"ROLLBACK", SQL_SESSION},
    {"SAVEPOINT", SQL_SESSION},
    {"SHOW", SQL_COUNT},
    {"SHUTDOWN", SQL_EXEC},
    {"SIGNAL", SQL_SESSION},
    {"STOP", SQL_EXEC},
    {"TABLE", SQL_READ},
    {"TRUNCATE", SQL_DESTROY},
    {"UNINSTALL", SQL_EXEC},
    {"UNLOCK", SQL_SESSION},
    {"USE", SQL_SESSION},
    {"VALUES", SQL_COUNT},
    {"XA", SQL_SESSION},
};

bool
mysql_has(const struct mysql_token *t, const char *word)
{
	for (; t->kind; t++)
		if (mysql_is(t, word))
			return true;
	return false;
}

/* --- rows ------------------------------------------------------------------
 */

/* PostgreSQL's grammar decides whether WHERE names one key; whatever is
 * written otherwise there is not bounded. */
static bool
is_bounded(struct mysql_statement *m, const struct mysql_token *t)
{
	static const char *const words[] = {
	    "DELETE", "FROM", "UPDATE", "SET",	"WHERE", "AND",	    "OR",  "IN",
	    "NOT",    "IS",   "NULL",	"TRUE", "FALSE", "BETWEEN", "LIKE"};
	char *text = talloc_strdup(m->ctx, "");
	struct sql pg;
	bool where = false;

	for (; t->kind; t++) {
		bool keyword = false;

		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			keyword |= mysql_is(t, words[i]);
		where |= mysql_is(t, "WHERE");
		if (t->kind == '\'')
			text = talloc_strdup_append(text, " 'x'");
		else if (t->kind == '0' &&
			 strspn(t->text, "0.") == strlen(t->text) && where)
			return false; /* equals every string without digits */
		else if (t->kind == '0')
			text = talloc_strdup_append(text, " 1");
		else if (keyword)
			text = talloc_asprintf_append(text, " %s", t->text);
		else if ((t->kind == 'w' || t->kind == '`') &&
			 !strchr(t->text, '"'))
			text = talloc_asprintf_append(text, " \"%s\"", t->text);
		else if (strchr("=(),.<>+-", t->kind))
			text = talloc_asprintf_append(text, " %c", t->kind);
		else
			return false;
	}
	if (!text)
		BUG("out of memory");
	sql_init(m->ctx, &pg);
	sql_read(&pg, text);
	return (pg.classes & ~(unsigned)(SQL_COUNT | SQL_SESSION)) == SQL_WRITE;
}

static unsigned
change_rows(struct mysql_statement *m, const struct mysql_token *t)
{
	return (is_bounded(m, t) ? SQL_WRITE : SQL_DESTROY) |
	       (mysql_has(t, "SELECT") ? SQL_READ : 0);
}

static int
compare(const void *a, const void *b)
{
	return strcasecmp(a, *(const char *const *)b);
}

/* A name before a parenthesis that neither server knows. */
static bool
calls_unknown(const struct mysql_token *t)
{
	for (; t->kind && t[1].kind; t++) {
		if (t[1].kind != '(' || (t->kind != 'w' && t->kind != '`'))
			continue;
		if (t->kind == '`' ||
		    !bsearch(t->text, mysql_known, mysql_nknown,
			     sizeof(*mysql_known), compare))
			return true;
	}
	return false;
}

/* SELECT count(*) FROM ... */
static bool
only_counts(const struct mysql_token *t)
{
	return mysql_is(&t[1], "COUNT") && t[2].kind == '(' &&
	       t[3].kind == '*' && t[4].kind == ')' && mysql_is(&t[5], "FROM");
}

static unsigned
select_class(const struct mysql_token *t)
{
	unsigned cls =
	    mysql_has(t, "FROM") && !only_counts(t) ? SQL_READ : SQL_COUNT;

	if (mysql_has(t, "OUTFILE") || mysql_has(t, "DUMPFILE") ||
	    mysql_has(t, "LOAD_FILE"))
		cls |= SQL_FILE;
	if (mysql_has(t, "SYS_EXEC") || mysql_has(t, "SYS_EVAL"))
		cls |= SQL_EXEC;
	if (calls_unknown(t))
		cls |= SQL_OPAQUE;
	for (; t->kind; t++) /* of a sequence */
		if (T("NEXT", 0) && T("VALUE", 1) && T("FOR", 2))
			cls |= SQL_WRITE;
	return cls;
}

/* --- shapes ----------------------------------------------------------------
 */

static unsigned
create_class(struct mysql_statement *m, const struct mysql_token *t)
{
	bool replace = mysql_has(t, "REPLACE") && T("OR", 1);

	if (mysql_has(t, "SONAME") || T("SERVER", 1) || T("TABLESPACE", 1) ||
	    T("LOGFILE", 1))
		return SQL_EXEC;
	for (size_t i = 1; t[i].kind && i < 5; i++) {
		if (T("USER", i) || T("ROLE", i))
			return SQL_ADMIN | SQL_GLOBAL;
		if (T("TEMPORARY", i))
			return SQL_SESSION;
		if (replace && (T("DATABASE", i) || T("SCHEMA", i)) &&
		    t[i + 1].kind) {
			sql_drop_database(m->sql, t[i + 1].text);
			return SQL_DROP_DATABASE;
		}
		if (T("TABLE", i) || T("DATABASE", i) || T("SEQUENCE", i) ||
		    T("SCHEMA", i))
			return (replace ? SQL_DESTROY : SQL_ADD) |
			       (mysql_has(t, "SELECT") ? SQL_READ : 0);
	}
	return replace ? SQL_ALTER : SQL_ADD;
}

static unsigned
drop_class(struct mysql_statement *m, const struct mysql_token *t)
{
	size_t i = 2;

	if (T("DATABASE", 1) || T("SCHEMA", 1)) {
		i += T("IF", 2) ? 2 : 0;
		if (!t[i].kind)
			return SQL_OPAQUE;
		sql_drop_database(m->sql, t[i].text);
		return SQL_DROP_DATABASE;
	}
	if (T("USER", 1) || T("ROLE", 1) || T("SERVER", 1) ||
	    T("TABLESPACE", 1))
		return SQL_DESTROY | SQL_GLOBAL;
	return T("TEMPORARY", 1) ? SQL_SESSION : SQL_DESTROY;
}

static bool
names_file(const struct mysql_token *t)
{
	for (; t->kind; t++)
		if (t->kind == 'w' &&
		    (strcasestr(t->text, "file") ||
		     strcasestr(t->text, "dir") || strcasestr(t->text, "log") ||
		     strcasestr(t->text, "path") ||
		     strcasestr(t->text, "init_")))
			return true;
	return false;
}

static unsigned
set_class(const struct mysql_token *t)
{
	if (T("PASSWORD", 1) || T("ROLE", 1) || T("DEFAULT", 1))
		return SQL_ADMIN | SQL_GLOBAL;
	if (calls_unknown(t))
		return SQL_OPAQUE;
	if (mysql_has(t, "GLOBAL") || mysql_has(t, "PERSIST") ||
	    mysql_has(t, "PERSIST_ONLY"))
		return names_file(t) ? SQL_EXEC : SQL_ADMIN;
	return SQL_SESSION | (mysql_has(t, "SELECT") ? SQL_READ : 0);
}

static unsigned
load_class(struct mysql_statement *m, const struct mysql_token *t)
{
	bool local = false;

	for (size_t i = 1; t[i].kind && i < 6; i++) {
		local |= T("LOCAL", i);
		if (!T("INFILE", i))
			continue;
		if (!local)
			return SQL_FILE | SQL_WRITE;
		m->reads(m, t[i + 1].kind == '\'' ? t[i + 1].text : NULL);
		return SQL_WRITE;
	}
	return SQL_OPAQUE;
}

/* EXPLAIN, and ANALYZE which runs the statement. */
static unsigned
explain_class(struct mysql_statement *m, const struct mysql_token *t)
{
	size_t i = 1;
	bool runs = T("ANALYZE", 0) || T("ANALYZE", 1);

	i += T("ANALYZE", 1);
	while (T("FORMAT", i) || t[i].kind == '=' || T("JSON", i) ||
	       T("TREE", i) || T("TRADITIONAL", i) || T("EXTENDED", i) ||
	       T("PARTITIONS", i))
		i++;
	return runs ? mysql_class(m, t + i) : SQL_COUNT;
}

static unsigned
with_class(struct mysql_statement *m, const struct mysql_token *t)
{
	size_t depth = 0;

	for (size_t i = 1; t[i].kind; i++) {
		depth += t[i].kind == '(';
		depth -= t[i].kind == ')' && depth;
		if (!depth && (T("DELETE", i) || T("UPDATE", i)))
			return SQL_DESTROY | SQL_READ;
		if (!depth && T("SELECT", i))
			break;
	}
	(void)m;
	return SQL_READ | select_class(t);
}

unsigned
mysql_class(struct mysql_statement *m, const struct mysql_token *t)
{
	while (t->kind == '(')
		t++;
	if (T("SELECT", 0) || T("DO", 0))
		return select_class(t);
	if (T("WITH", 0))
		return with_class(m, t);
	if (T("UPDATE", 0) || T("DELETE", 0))
		return change_rows(m, t);
	if (T("CREATE", 0))
		return create_class(m, t);
	if (T("DROP", 0))
		return drop_class(m, t);
	if (T("ALTER", 0))
		return T("USER", 1) || T("ROLE", 1) ? SQL_ADMIN | SQL_GLOBAL
		       : T("SERVER", 1)		    ? SQL_EXEC
		       /* files of the server, without which no dump is */
		       : mysql_has(t, "DISCARD") || mysql_has(t, "IMPORT")
			   ? SQL_ALTER | SQL_FILE
			   : SQL_ALTER;
	if (T("RENAME", 0))
		return T("USER", 1) ? SQL_ADMIN | SQL_GLOBAL : SQL_ALTER;
	if (T("LOAD", 0))
		return T("DATA", 1) || T("XML", 1) ? load_class(m, t)
						   : SQL_ADMIN;
	if (T("SET", 0) && T("STATEMENT", 1)) {
		for (t += 2; t->kind && !T("FOR", 0);)
			t++;
		return t->kind ? mysql_class(m, t + 1) : SQL_OPAQUE;
	}
	if (T("SET", 0))
		return set_class(t);
	if (T("BEGIN", 0))
		return T("NOT", 1) ? SQL_OPAQUE : SQL_SESSION;
	if (T("START", 0))
		return T("TRANSACTION", 1) ? SQL_SESSION : SQL_EXEC;
	if (T("EXPLAIN", 0) || T("DESCRIBE", 0) || T("DESC", 0) ||
	    (T("ANALYZE", 0) && !T("TABLE", 1) && !T("LOCAL", 1) &&
	     !T("NO_WRITE_TO_BINLOG", 1)))
		return explain_class(m, t);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		unsigned cls = verbs[i].cls;

		if (!mysql_is(t, verbs[i].word))
			continue;
		if ((cls & SQL_WRITE) && mysql_has(t, "SELECT"))
			cls |= SQL_READ;
		/* rows that one cannot count go for those that come */
		if ((cls & SQL_WRITE) && (cls & SQL_READ) &&
		    (T("REPLACE", 0) || mysql_has(t, "DUPLICATE")))
			cls ^= SQL_WRITE | SQL_DESTROY;
		if ((cls & SQL_WRITE) && mysql_has(t, "LOAD_FILE"))
			cls |= SQL_FILE;
		return cls;
	}
	return SQL_OPAQUE;
}
