/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQL and scripts for psql are understood as:
 *
 *	sql TEXT -> CLASS CLASS ...
 *	psql TEXT -> CLASS ... \META ...
 *	mysql TEXT -> CLASS ... COMMAND ... name:DATABASE ...
 *	mongo TEXT -> CLASS ... use:DATABASE ...
 *	tables GLOB SQL -> the name of its that meets the glob, or -
 *	sqlite TEXT -> CLASS ... .COMMAND ...	with the tables below
 *
 * In TEXT "\n" between blanks stands for a new line.  Every class that is
 * named must be there and no other; backslash commands in their order.
 */
#include "base/err.h"
#include "parse/mongo.h"
#include "parse/mysql.h"
#include "parse/psql_script.h"
#include "parse/sql.h"
#include "parse/sql_guard.h"
#include "parse/sqlite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char *const classes[] = {
    "count", "read", "session", "write",  "destroy", "add",   "alter",
    "admin", "exec", "file",	"opaque", "drop",    "global"};

struct state {
	struct sql sql;
	char *metas;
};

static void
on_sql(struct psql_script *p, const char *text, bool opaque)
{
	struct state *s = p->data;

	if (opaque)
		sql_add(&s->sql, SQL_OPAQUE, "");
	if (*text)
		sql_read(&s->sql, text);
}

static void
on_meta(struct psql_script *p, const char *name, const char *args)
{
	struct state *s = p->data;
	bool program, unknown;
	const char **w = psql_words(p, args, &program, &unknown);

	s->metas = talloc_asprintf_append(s->metas, " \\%s%s", name,
					  program ? "`" : "");
	if (!strcmp(name, "set") && w[0])
		psql_set(p, w[0], w[1] ? w[1] : "");
	if (!strcmp(name, "gset"))
		psql_forget(p);
}

static void
on_data(struct psql_script *p)
{
	struct state *s = p->data;

	sql_add(&s->sql, SQL_OPAQUE, "");
}

static const char sqlite_tables[] =
    "create table t (id integer primary key, v, e unique);"
    "create table u (a, b); create view w as select * from t;"
    "create table logged (id integer primary key, v);"
    "create trigger trim after insert on logged begin"
    " delete from u where a < new.id; end;";

static const char *
on_attach(struct sqlite_reader *r, const char *file, void **data)
{
	(void)r;
	(void)file;
	*data = NULL;
	return NULL;
}

static void
on_vacuum_into(struct sqlite_reader *r, const char *file)
{
	struct state *s = r->data;

	s->metas =
	    talloc_asprintf_append(s->metas, " into:%s", file ? file : "?");
}

static void
on_sqlite(struct sqlite_script *p, const char *text)
{
	struct sqlite_reader *r = p->data;

	sqlite_read(r, text);
}

static void
on_dot(struct sqlite_script *p, const char **words, size_t n)
{
	struct sqlite_reader *r = p->data;
	struct state *s = r->data;

	(void)n;
	s->metas = talloc_asprintf_append(s->metas, " .%s", words[0]);
}

/* Classes of all databases together. */
static void
sqlite_answer(void *ctx, struct state *s, const char *text)
{
	struct sqlite_reader r = {.ctx = ctx,
				  .data = s,
				  .attach = on_attach,
				  .vacuum_into = on_vacuum_into};
	struct sqlite_script p = {
	    .ctx = ctx, .data = &r, .sql = on_sqlite, .dot = on_dot};
	struct err e = {0};

	if (sqlite_open(&r, NULL, NULL, &e) < 0)
		abort();
	sqlite_read(&r, sqlite_tables);
	for (size_t i = 0; i < r.n; i++)
		sql_init(ctx, &r.parts[i].sql);
	sqlite_script_read(&p, text, strlen(text));
	for (size_t i = 0; i < r.n; i++)
		s->sql.classes |= r.parts[i].sql.classes;
	s->sql.classes |= r.other;
	sqlite_close(&r);
}

static void
on_mysql(struct mysql_script *p, const char *text)
{
	mysql_read(p->data, text);
}

static void
on_mysql_command(struct mysql_script *p, const char *name, const char *args)
{
	struct mysql_statement *m = p->data;
	struct state *s = m->data;

	(void)args;
	s->metas = talloc_asprintf_append(s->metas, " %s", name);
}

static void
on_names(struct mysql_statement *m, const char *database,
	 const struct sql *does)
{
	struct state *s = m->data;

	(void)does;
	s->metas = talloc_asprintf_append(s->metas, " name:%s", database);
}

static void
on_reads(struct mysql_statement *m, const char *file)
{
	struct state *s = m->data;

	s->metas =
	    talloc_asprintf_append(s->metas, " reads:%s", file ? file : "?");
}

static void
mysql_answer(void *ctx, struct state *s, const char *text)
{
	struct mysql_statement m = {.ctx = ctx,
				    .sql = &s->sql,
				    .data = s,
				    .names = on_names,
				    .reads = on_reads};
	struct mysql_script p = {.ctx = ctx,
				 .data = &m,
				 .sql = on_mysql,
				 .command = on_mysql_command};

	mysql_script_read(&p, text, strlen(text));
}

static void
on_use(struct mongo_script *m, const char *database)
{
	struct state *s = m->data;

	s->metas = talloc_asprintf_append(s->metas, " use:%s", database);
}

static char *
answer(void *ctx, char *text)
{
	struct state s = {.metas = talloc_strdup(ctx, "")};
	struct psql_script p = {.ctx = ctx,
				.data = &s,
				.sql = on_sql,
				.meta = on_meta,
				.data_commands = on_data};
	bool script = !strncmp(text, "psql ", 5);
	bool mongo = !strncmp(text, "mongo ", 6);
	bool mysql = !strncmp(text, "mysql ", 6);
	bool sqlite = !strncmp(text, "sqlite ", 7);
	char *out = talloc_strdup(ctx, ""), *nl;

	if (!strncmp(text, "guard ", 6)) {
		struct sql_refusal why;

		if (sql_guard_passes(ctx, text + 6, NULL, &why))
			return talloc_strdup(ctx, " passes");
		return talloc_asprintf(ctx, " %s", why.state);
	}
	if (!strncmp(text, "tables ", 7)) {
		char *glob = text + 7, *sql = strchr(glob, ' ');
		const char *name;

		*sql++ = '\0';
		sql_init(ctx, &s.sql);
		sql_read(&s.sql, sql);
		name = sql_table_meets(&s.sql, glob);
		return talloc_asprintf(ctx, " %s%s", name ? name : "-",
				       s.sql.hides ? " hides" : "");
	}
	text = strchr(text, ' ') + 1;
	while ((nl = strstr(text, " \\n "))) {
		*nl = '\n';
		memmove(nl + 1, nl + 4, strlen(nl + 4) + 1);
	}
	sql_init(ctx, &s.sql);
	if (mongo)
		mongo_read(
		    &(struct mongo_script){
			.ctx = ctx, .data = &s, .sql = &s.sql, .use = on_use},
		    text);
	else if (mysql)
		mysql_answer(ctx, &s, text);
	else if (sqlite)
		sqlite_answer(ctx, &s, text);
	else if (script)
		psql_script_read(&p, text, strlen(text));
	else
		sql_read(&s.sql, text);
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (s.sql.classes & 1u << i)
			out = talloc_asprintf_append(out, " %s", classes[i]);
	return talloc_asprintf_append(out, "%s", s.metas);
}

int
main(int argc, char **argv)
{
	int count = 0, failures = 0;

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");
		char *line = NULL;
		size_t room = 0;
		ssize_t n;

		while (f && (n = getline(&line, &room, f)) > 0) {
			void *ctx = talloc_new(NULL);
			char *arrow = strstr(line, " ->"), *got, *what;
			bool ok;

			line[n - 1] = '\0';
			if (*line == '#' || !*line) {
				talloc_free(ctx);
				continue;
			}
			if (!arrow) {
				fprintf(stderr, "%s: %s\n", argv[i], line);
				return 1;
			}
			*arrow = '\0';
			what = talloc_strdup(ctx, line);
			got = answer(ctx, line);
			ok = !strcmp(got, arrow + 3);
			printf("%sok %d - %s\n", ok ? "" : "not ", ++count,
			       what);
			if (!ok)
				printf("# wanted:%s\n# got:%s\n", arrow + 3,
				       got);
			failures += !ok;
			talloc_free(ctx);
		}
		free(line);
		if (f)
			fclose(f);
	}
	printf("1..%d\n", count);
	return failures || !count;
}
