/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that a migration reaches without a URL: DB_HOST in the environment
 * or .env, the host of config/database.yml, of knexfile.js, of Django's
 * settings.  Where code makes the name, the variables it mentions count, then
 * the constant beside them.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/migrate.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* What a file says so far. */
struct told {
	const char *hosts[16];
	size_t n;
	const char *port, *database, *user, *password;
	bool other; /* than PostgreSQL */
};

static const char *const dotenv[] = {".env", ".env.local"};

/* NAME=value of a line, without quotes; NULL: another name. */
static char *
value_of(struct file_call *c, const char *line, const char *name)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	if (!strncmp(line, "export ", 7))
		line += 7;
	if (strncmp(line, name, n) != 0 || line[n] != '=')
		return NULL;
	line += n + 1;
	line += strspn(line, "\"' ");
	return talloc_strndup(c->ctx, line, strcspn(line, "\"'\r\n #"));
}

static const char *
variable(struct file_call *c, const char *name)
{
	const char *v = invocation_env(c->in, name);

	for (size_t i = 0; !v && i < sizeof(dotenv) / sizeof(*dotenv); i++) {
		size_t len;
		char *text = db_file(c, dotenv[i], &len), *save = NULL;

		for (char *l = text ? strtok_r(text, "\n", &save) : NULL;
		     l && !v; l = strtok_r(NULL, "\n", &save))
			v = value_of(c, l, name);
	}
	return v && *v ? v : NULL;
}

/* The variable, or the constant, that a piece of code begins with; *n: its
 * length, 0: neither. */
static const char *
piece(struct file_call *c, const char *p, size_t *n, const char **constant)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	bool quoted = *p == '\'' || *p == '"';
	char *name;

	*n = quoted ? strcspn(p + 1, "'\"\n") : strspn(p, letters);
	if (!quoted && (*n < 3 || !memchr(p, '_', *n)))
		return *n = 0, NULL;
	name = talloc_strndup(c->ctx, p + quoted, *n);
	if (!name)
		BUG("out of memory");
	*n += quoted ? 2 : 0;
	if (*name && !name[strspn(name, letters)] && strchr(name, '_'))
		return variable(c, name);
	if (quoted)
		*constant = name;
	return NULL;
}

/* 'x', "x" or x; of code a variable that it names, or its last constant. */
static const char *
meaning(struct file_call *c, const char *text)
{
	const char *constant = NULL, *v = NULL, *end;
	size_t n;

	text += strspn(text, " \t");
	end = text + strcspn(text, "\r\n");
	if (!strpbrk(text, "('\"[<{") && strncmp(text, "process.", 8) != 0)
		return talloc_strndup(c->ctx, text,
				      strcspn(text, " \t\r\n,;#"));
	for (const char *p = text; p < end && !v; p += n ? n : 1)
		v = piece(c, p, &n, &constant);
	return v ? v : constant;
}

/* The text behind KEY and ":", "=" or "=>"; NULL: another line. */
static const char *
behind(const char *line, const char *key)
{
	size_t n = strlen(key);

	line += strspn(line, " \t{,");
	line += *line == '\'' || *line == '"';
	if (strncasecmp(line, key, n) != 0)
		return NULL;
	line += n;
	line += *line == '\'' || *line == '"' || *line == ']';
	line += strspn(line, " \t");
	if (*line != ':' && *line != '=')
		return NULL;
	return line + 1 + (line[1] == '>');
}

static void
tell_one(struct migration *m, const char **to, const char *line,
	 const char *const *keys)
{
	for (; *keys && !*to; keys++) {
		const char *v = behind(line, *keys);

		if (v)
			*to = meaning(m->c, v);
	}
}

static void
tell(struct migration *m, struct told *t, const char *line)
{
	static const char *const database[] = {"database", "name", "dbname",
					       NULL};
	static const char *const user[] = {"user", "username", NULL};
	static const char *const password[] = {"password", NULL};
	static const char *const port[] = {"port", NULL};
	static const char *const engine[] = {"engine", "adapter", "client",
					     "dialect", NULL};
	const char *v = behind(line, "host"), *kind = NULL;

	if (v && t->n < sizeof(t->hosts) / sizeof(*t->hosts) &&
	    (v = meaning(m->c, v)) && *v)
		t->hosts[t->n++] = v;
	tell_one(m, &t->port, line, port);
	tell_one(m, &t->database, line, database);
	tell_one(m, &t->user, line, user);
	tell_one(m, &t->password, line, password);
	tell_one(m, &kind, line, engine);
	t->other |= kind && (strstr(kind, "mysql") || strstr(kind, "oracle") ||
			     strstr(kind, "mssql") || strstr(kind, "mariadb"));
}

/* "&key=value" of a URL; "": there is none. */
static char *
parameter(struct file_call *c, const char *key, const char *value)
{
	char *out = file_text(c, "%s", "");

	if (!value || !*value)
		return out;
	out = file_text(c, "&%s=", key);
	for (; *value; value++)
		out = file_text(c, "%s%%%02X", out, (unsigned char)*value);
	return out;
}

static void
judge(struct migration *m, const struct told *t, const char *whence)
{
	struct file_call *c = m->c;

	for (size_t i = 0; i < t->n; i++) {
		const char *port = t->port;

		if (port && strspn(port, "0123456789") != strlen(port))
			port = NULL;
		migrate_judge(
		    m,
		    t->other ? file_text(c, "mysql://%s%s%s/", t->hosts[i],
					 port ? ":" : "", port ? port : "")
			     : file_text(c, "postgresql:///?%s%s%s%s%s",
					 parameter(c, "host", t->hosts[i]) + 1,
					 parameter(c, "port", port),
					 parameter(c, "dbname", t->database),
					 parameter(c, "user", t->user),
					 parameter(c, "password", t->password)),
		    whence);
	}
}

void
migrate_from_host_variables(struct migration *m)
{
	static const char *const stems[] = {"DB",    "DATABASE", "POSTGRES",
					    "MYSQL", "SQL",	 "PG"};
	static const char *const ends[][4] = {
	    {"_PORT", "PORT"},
	    {"_NAME", "_DATABASE", "_DB", "DATABASE"},
	    {"_USER", "_USERNAME", "USER"},
	    {"_PASSWORD", "_PASS", "PASSWORD"}};

	for (size_t i = 0; i < sizeof(stems) / sizeof(*stems) && !m->any; i++) {
		struct told t = {.other = !strcmp(stems[i], "MYSQL")};
		const char **to[] = {&t.port, &t.database, &t.user,
				     &t.password};
		bool pg = !strcmp(stems[i], "PG");
		const char *name =
		    file_text(m->c, "%s%s", stems[i], pg ? "HOST" : "_HOST");

		/* libpq's own are judged with all of its others */
		if (pg && invocation_env(m->c->in, "PGHOST"))
			return;
		t.hosts[0] = variable(m->c, name);
		t.n = t.hosts[0] != NULL;
		for (size_t k = 0; t.n && k < 4; k++)
			for (size_t j = 0; j < 4 && ends[k][j] && !*to[k]; j++)
				*to[k] = variable(m->c, file_text(m->c, "%s%s",
								  stems[i],
								  ends[k][j]));
		judge(m, &t, file_text(m->c, "from %s", name));
	}
}

/* Sections of database.yml for other stages than this one say nothing. */
static bool
other_stage(const struct migration *m, const char *line)
{
	static const char *const stages[] = {"development", "test", "staging",
					     "production"};
	const char *now = invocation_env(m->c->in, "RAILS_ENV");

	if (!now || !*now)
		now = "development";
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		if (!strncmp(line, stages[i], strlen(stages[i])))
			return strcmp(now, stages[i]) != 0;
	return false;
}

static void
from(struct migration *m, const char *name, bool sections)
{
	size_t len;
	char *text = db_file(m->c, name, &len), *save = NULL;
	struct told t = {0};
	bool other = false;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		const char *p = l + strspn(l, " \t");

		if (strchr("#;/", *p))
			continue;
		if (sections && p == l)
			other = other_stage(m, l);
		if (!other)
			tell(m, &t, l);
	}
	judge(m, &t, file_text(m->c, "from %s", text_safe(m->c->ctx, name)));
}

/* "shop.settings" of the variable, or of what manage.py says. */
static void
from_django(struct migration *m)
{
	const char *module = invocation_env(m->c->in, "DJANGO_SETTINGS_MODULE");
	const char *dir = "";
	size_t len;

	for (size_t i = 1; m->argv[i]; i++)
		if (!strncmp(m->argv[i], "--settings=", 11))
			module = m->argv[i] + 11;
		else if (!strcmp(m->argv[i], "--settings") && m->argv[i + 1])
			module = m->argv[i + 1];
	if (strchr(m->argv[0], '/'))
		dir =
		    file_text(m->c, "%s/", path_parent(m->c->ctx, m->argv[0]));
	if (!module && !strcmp(path_base(m->argv[0]), "manage.py")) {
		char *text = db_file(m->c, m->argv[0], &len), *at;

		at = text ? strstr(text, "DJANGO_SETTINGS_MODULE") : NULL;
		at = at ? strpbrk(at, ",=") : NULL;
		at = at ? strpbrk(at, "'\"\n") : NULL;
		if (at && *at != '\n')
			module = talloc_strndup(m->c->ctx, at + 1,
						strcspn(at + 1, "'\"\n"));
	}
	if (module) {
		char *path = file_text(m->c, "%s%s", dir, module);

		for (char *p = path + strlen(dir); *p; p++)
			if (*p == '.')
				*p = '/';
		from(m, file_text(m->c, "%s.py", path), false);
	}
}

void
migrate_from_settings(struct migration *m)
{
	if (!strcmp(m->name, "rails") || !strcmp(m->name, "rake"))
		from(m, "config/database.yml", true);
	else if (!strcmp(m->name, "knex"))
		from(m, "knexfile.js", false);
	else if (!strcmp(m->name, "django"))
		from_django(m);
}
