/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's statements one after the other: what each does, and to what. */
#include "base/err.h"
#include "base/text.h"
#include "parse/mysql.h"
#include <string.h>
#include <talloc.h>

#define T(word, n) mysql_is(&t[n], word)

static const char *
said(struct mysql_statement *m, const struct mysql_token *t)
{
	char *text = talloc_strdup(m->ctx, "");

	for (size_t i = 0; t[i].kind && i < 4; i++)
		if (t[i].kind == 'w' || t[i].kind == '`')
			text = talloc_asprintf_append(text, "%s%.40s",
						      i ? " " : "", t[i].text);
	return text_safe(m->ctx, text);
}

/* Words in front of a table, so that "x." behind them is a database. */
static bool
before_table(const struct mysql_token *t, bool changes, bool shapes)
{
	static const char *const words[] = {
	    "FROM",   "JOIN",	  "INTO",    "UPDATE", "TABLE",	   "TABLES",
	    "EXISTS", "TRUNCATE", "TO",	     "VIEW",   "IGNORE",   "DELETE",
	    "INSERT", "REPLACE",  "HANDLER", "CALL",   "PROCEDURE"};

	static const char *const made[] = {"FUNCTION", "TRIGGER", "EVENT",
					   "SEQUENCE", "PACKAGE", "BODY",
					   "FOR"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(t, words[i]))
			return true;
	if (!changes)
		return false;
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		if (mysql_is(t, made[i]))
			return true;
	return t->kind == ',' || (shapes && mysql_is(t, "ON"));
}

static bool
is_name(const struct mysql_token *t)
{
	return t->kind == 'w' || t->kind == '`';
}

/* x.f( and setval(x.s: routines and sequences of a database */
static const struct mysql_token *
called(const struct mysql_token *t)
{
	if (is_name(t) && t[1].kind == '.' && is_name(&t[2]) &&
	    t[3].kind == '(')
		return t;
	return t[1].kind == '(' && is_name(&t[2]) && t[3].kind == '.' &&
		       (mysql_is(t, "SETVAL") || mysql_is(t, "NEXTVAL"))
		   ? t + 2
		   : NULL;
}

/* ALTER DATABASE x, CREATE OR REPLACE SCHEMA IF NOT EXISTS x */
static void
schema_named(struct mysql_statement *m, const struct mysql_token *t,
	     const struct sql *does)
{
	size_t i = T("OR", 1) ? 3 : 1;

	if (!T("DATABASE", i) && !T("SCHEMA", i))
		return;
	for (i++; T("IF", i) || T("NOT", i) || T("EXISTS", i);)
		i++;
	/* a new one is nobody's loss */
	if ((t[i].kind == 'w' || t[i].kind == '`') &&
	    (does->classes & ~(unsigned)SQL_ADD))
		m->names(m, t[i].text, does);
}

static void
names(struct mysql_statement *m, const struct mysql_token *t,
      const struct sql *does)
{
	bool changes = (does->classes & ~(unsigned)(SQL_READ | SQL_COUNT)) != 0;
	/* ON is part of no join there */
	bool shapes = !mysql_is(t, "UPDATE") && !mysql_is(t, "DELETE") &&
		      !mysql_is(t, "INSERT") && !mysql_is(t, "REPLACE");

	if ((mysql_is(t, "ALTER") || mysql_is(t, "CREATE")) && changes)
		schema_named(m, t, does);
	for (; t->kind; t++) {
		const struct mysql_token *n = t + 1;

		if (changes && called(t))
			m->names(m, called(t)->text, does);
		if (before_table(t, changes, shapes) && is_name(n) &&
		    n[1].kind == '.')
			m->names(m, n->text, does);
	}
}

/* Whose rows come out: any name in it may be a table's. */
static void
tables(struct sql *s, const struct mysql_token *t, unsigned classes)
{
	s->hides |= (classes & SQL_OPAQUE) != 0;
	if (mysql_is(t, "RENAME") || mysql_is(t, "ALTER"))
		classes |= SQL_READ;
	for (size_t i = 0; (classes & SQL_READ) && t[i].kind; i++) {
		bool name = t[i].kind == 'w' || t[i].kind == '`';

		if (!name || (i && t[i - 1].kind == '.'))
			continue;
		if (t[i + 1].kind == '.' && t[i + 2].kind)
			sql_table(s, talloc_asprintf(s->ctx, "%s.%s", t[i].text,
						     t[i + 2].text));
		sql_table(s, t[i].text);
	}
}

/* Which table's rows, where one is said plainly (parse/sql.h). */
static void
touch(struct sql *s, const struct mysql_token *t)
{
	bool adds = T("INSERT", 0) || T("LOAD", 0);
	bool changes = T("UPDATE", 0) || mysql_has(t, "DUPLICATE");
	const char *name = "";
	size_t i = 1;

	while (T("LOW_PRIORITY", i) || T("QUICK", i) || T("IGNORE", i) ||
	       T("DELAYED", i) || T("HIGH_PRIORITY", i) || T("FROM", i) ||
	       T("INTO", i))
		i++;
	if (t[i].kind && t[i + 1].kind == '.')
		i += 2;
	if ((t[i].kind == 'w' || t[i].kind == '`') && t[i + 1].kind != ',')
		name = t[i].text;
	sql_touch(s, changes ? 'u' : adds ? 'i' : 'd', "", name, "", "");
}

static void
reaches(struct sql *s, enum sql_reach reach)
{
	if (reach > s->reach)
		s->reach = reach;
}

/* PREPARE and EXECUTE of a text that is here: as that text by itself. */
static bool
dynamic(struct mysql_statement *m, const struct mysql_token *t)
{
	size_t from = T("PREPARE", 0) && T("FROM", 2) ? 3 : 2;
	bool now = T("EXECUTE", 0) && T("IMMEDIATE", 1);
	bool here = t[0].kind && t[1].kind && t[2].kind && (now || from == 3) &&
		    t[from].kind == '\'' &&
		    (!t[from + 1].kind || (now && T("USING", from + 1)));

	if (!T("PREPARE", 0) && !T("EXECUTE", 0))
		return false;
	if (here) {
		m->prepared |= !now;
		mysql_read(m, t[from].text);
		return true;
	}
	if (T("PREPARE", 0))
		m->dark = true;
	return T("EXECUTE", 0) && !now && m->prepared && !m->dark;
}

/* Whose text nobody has. */
static void
hidden(struct sql *s, const struct mysql_token *t)
{
	if (T("PREPARE", 0) || mysql_has(t, "EXECUTE") ||
	    (mysql_has(t, "PREPARE") && T("BEGIN", 0)) || T("BINLOG", 0))
		reaches(s, SQL_REACH_SERVER);
	else if (s->classes & SQL_OPAQUE)
		reaches(s, SQL_REACH_ROUTINES);
}

static void
one(struct mysql_statement *m, struct mysql_token *t, size_t n)
{
	struct sql own, *all = m->sql;
	struct mysql_token end = t[n];

	if (!n)
		return;
	t[n] = (struct mysql_token){0};
	if (dynamic(m, t)) {
		t[n] = end;
		return;
	}
	sql_init(m->ctx, &own);
	m->sql = &own;
	sql_add(&own, mysql_class(m, t), said(m, t));
	hidden(&own, t);
	m->sql = all;
	reaches(all, own.reach);
	for (size_t i = 0; i < own.ndropped; i++)
		sql_drop_database(all, own.dropped[i]);
	sql_add(all, own.classes, own.what);
	if (own.classes & SQL_WRITE) {
		touch(&own, t);
		touch(all, t);
	}
	tables(all, t, own.classes);
	names(m, t, &own);
	t[n] = end;
}

/* Bodies of routines hold statements of their own. */
static bool
makes_routine(const struct mysql_token *t)
{
	if (!mysql_is(t, "CREATE") && !mysql_is(t, "BEGIN"))
		return false;
	for (size_t i = 1; t[i].kind && t[i].kind != ';' && i < 24; i++)
		if (T("PROCEDURE", i) || T("FUNCTION", i) || T("TRIGGER", i) ||
		    T("EVENT", i) || T("PACKAGE", i) || T("ATOMIC", i))
			return true;
	return false;
}

void
mysql_read(struct mysql_statement *m, const char *text)
{
	size_t n, from = 0, depth = 0;
	struct mysql_token *t = mysql_tokens(m->ctx, text, &n);
	bool body = n && makes_routine(t);

	for (size_t i = 0; i <= n; i++) {
		if (body && T("END", i) && depth) {
			bool block = !T("IF", i + 1) && !T("LOOP", i + 1) &&
				     !T("WHILE", i + 1) &&
				     !T("REPEAT", i + 1) && !T("FOR", i + 1);

			depth -= block;
			i += T("CASE", i + 1);
		} else if (body && (T("BEGIN", i) || T("CASE", i))) {
			depth++;
		}
		if (i < n && (t[i].kind != ';' || depth))
			continue;
		one(m, t + from, i - from);
		from = i + 1;
		body = from < n && makes_routine(t + from);
	}
}
