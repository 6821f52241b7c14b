/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables that name the database of a migration: those of the environment,
 * and of the files with variables that its program reads.
 */
#include "base/text.h"
#include "tools/migrate.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* NAME=value of a line, without quotes; NULL: another name. */
static char *
value_of(struct file_call *c, const char *line, const char *name)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	if (!strncmp(line, "export ", 7))
		line += 7;
	if (strncmp(line, name, n) != 0)
		return NULL;
	line += n;
	line += strspn(line, " \t");
	if (*line++ != '=')
		return NULL;
	line += strspn(line, "\"' \t");
	return talloc_strndup(c->ctx, line, strcspn(line, "\"'\r\n "));
}

static const char *
in_file(struct migration *m, const struct migration_text *t, const char *name)
{
	const char *v = NULL;

	for (const char *l = t->text; *l && !v;
	     l += strcspn(l, "\n"), l += *l == '\n')
		v = value_of(m->c, l, name);
	return v && *v ? v : NULL;
}

const char *
migrate_variable(struct migration *m, const char *name)
{
	const char *v = invocation_env(m->c->in, name);

	for (size_t i = 0; !v && i < m->nvariables; i++)
		v = in_file(m, &m->variables[i], name);
	return v && *v ? v : NULL;
}

static bool
in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Do the texts mention it, in whatever case? */
static bool
mentioned(const struct migration *m, const char *name, size_t n)
{
	static const char *const all[] = {"dj_database_url", "env.db("};
	bool main_one = n == 12 && !strncmp(name, "DATABASE_URL", 12);

	for (size_t i = 0; i < m->ntexts; i++) {
		const char *text = m->texts[i].text, *p = text;
		char *word = talloc_strndup(m->c->ctx, name, n);

		for (; word && (p = strcasestr(p, word)); p += n)
			if ((p == text || !in_name(p[-1])) && !in_name(p[n]))
				return true;
		for (size_t k = 0; k < 2 && main_one; k++)
			if (strstr(text, all[k]))
				return true;
	}
	return false;
}

/* Does its value name a database, whatever the texts say? */
static bool
is_url_name(const struct migration *m, const char *name, size_t n)
{
	static const struct {
		const char *tool, *name;
	} fixed[] = {{"dbmate", "DATABASE_URL"},
		     {"sqlx", "DATABASE_URL"},
		     {"diesel", "DATABASE_URL"},
		     {"goose", "GOOSE_DBSTRING"}};
	static const char *const ending[] = {
	    "DATABASE_URL", "DB_URL",	   "DIRECT_URL",  "POSTGRES_URL",
	    "PG_URL",	    "FLYWAY_URL",  "COMMAND_URL", "DATABASE_URI",
	    "DB_URI",	    "DATABASE_DSN"};
	const char *own = NULL;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (!strcmp(m->name, fixed[i].tool))
			own = fixed[i].name;
	if (own && !strcmp(m->name, "dbmate")) {
		own = migrate_option(m, "-e") ? migrate_option(m, "-e") : own;
		own = migrate_option(m, "--env") ? migrate_option(m, "--env")
						 : own;
	}
	if (own)
		return strlen(own) == n && !strncmp(name, own, n);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		size_t k = strlen(ending[i]);

		if (n >= k && !strncasecmp(name + n - k, ending[i], k))
			return true;
	}
	return false;
}

/* only: those that the texts mention. */
static void
environment(struct migration *m, bool only)
{
	for (size_t i = 0; i < m->c->in->envc; i++) {
		const char *v = m->c->in->env[i];
		size_t n = strcspn(v, "=");
		char *url;

		if (!v[n] ||
		    !(only ? mentioned(m, v, n) : is_url_name(m, v, n)))
			continue;
		url = migrate_url(m, v + n + 1);
		if (url)
			migrate_judge(
			    m, url,
			    text_safe(m->c->ctx, file_text(m->c,
							   "from the variable "
							   "%.*s",
							   (int)n, v)));
	}
}

static void
files(struct migration *m, bool only)
{
	for (size_t i = 0; i < m->nvariables; i++) {
		const struct migration_text *f = &m->variables[i];

		for (const char *l = f->text; *l;
		     l += strcspn(l, "\n"), l += *l == '\n') {
			size_t n;
			char *url, *name;

			l += strspn(l, " \t");
			if (!strncmp(l, "export ", 7))
				l += 7;
			n = strcspn(l, " \t=\n");
			name = file_text(m->c, "%.*s", (int)n, l);
			if (*l == '#' || invocation_env(m->c->in, name) ||
			    !(only ? mentioned(m, l, n) : is_url_name(m, l, n)))
				continue;
			url = migrate_url(
			    m, file_text(m->c, "%.*s",
					 (int)strcspn(l + n, "\r\n"), l + n));
			if (url)
				migrate_judge_text(
				    m, url,
				    file_text(m->c, "from %s",
					      text_safe(m->c->ctx, f->name)));
		}
	}
}

/* goose DRIVER DBSTRING COMMAND, or both in variables. */
static void
goose(struct migration *m)
{
	static const char *const drivers[] = {
	    "postgres", "pgx",	  "redshift", "cockroach", "mysql",
	    "tidb",	"sqlite", "sqlite3",  "mssql",	   "turso"};
	const char *driver = migrate_variable(m, "GOOSE_DRIVER");
	const char *string = migrate_variable(m, "GOOSE_DBSTRING"), *at;
	const char *whence = "from GOOSE_DBSTRING";

	for (size_t i = 1; m->argv[i] && m->argv[i + 1]; i++)
		for (size_t k = 0; k < sizeof(drivers) / sizeof(*drivers); k++)
			if (!strcmp(m->argv[i], drivers[k])) {
				driver = m->argv[i];
				string = m->argv[i + 1];
				whence = "from the command line";
			}
	if (!driver || !string || strstr(string, "://"))
		return;
	at = strstr(string, "tcp(");
	if (!strncmp(driver, "sqlite", 6))
		string = file_text(m->c, "sqlite:%s", string);
	else if (at)
		string =
		    file_text(m->c, "mysql://%.*s%.*s%s", (int)(at - string),
			      string, (int)strcspn(at + 4, ")"), at + 4,
			      strchr(at, '/') ? strchr(at, '/') : "");
	migrate_judge(m, string, whence);
}

void
migrate_from_environment(struct migration *m)
{
	if (!strcmp(m->name, "goose"))
		goose(m);
	if (!m->any)
		environment(m, false);
}

void
migrate_from_mentioned(struct migration *m)
{
	environment(m, true);
	files(m, true);
}

void
migrate_from_variables(struct migration *m)
{
	files(m, false);
}
