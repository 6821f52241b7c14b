/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases that a migration's files and variables name: URLs, and settings
 * side by side (host, port, database) of config/database.yml, of knexfile.js,
 * of Django's settings.  Where code makes a value, the variables it mentions
 * count, then the constant beside them.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/migrate.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum key { HOST, PORT, DATABASE, USER, PASSWORD, ENGINE, KEYS };

/* The settings of one database; what it leaves out is as with the one before.
 */
struct told {
	const char *v[KEYS];
	bool said[KEYS];
};

static bool
in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* --- values -----------------------------------------------------------------
 */

/* The variable, or the constant, that a piece of code begins with; *n: its
 * length, 0: neither. */
static const char *
piece(struct migration *m, const char *p, size_t *n, const char **constant)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	bool quoted = *p == '\'' || *p == '"';
	char *name;

	*n = quoted ? strcspn(p + 1, "'\"\n") : strspn(p, letters);
	if (!quoted && (*n < 3 || !memchr(p, '_', *n)))
		return *n = 0, NULL;
	name = talloc_strndup(m->c->ctx, p + quoted, *n);
	if (!name)
		BUG("out of memory");
	*n += quoted ? 2 : 0;
	if (*name && !name[strspn(name, letters)] && strchr(name, '_'))
		return migrate_variable(m, name);
	if (quoted)
		*constant = name;
	return NULL;
}

/* Where the value ends that begins here: with the line, or before the next
 * setting of the same one. */
static const char *
value_end(const char *p)
{
	char quote = '\0';
	int depth = 0;

	for (; *p && *p != '\n' && *p != '\r'; p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (strchr("'\"`", *p))
			quote = *p;
		else if (strchr("([{", *p))
			depth++;
		else if ((strchr(")]}", *p) && --depth < 0) ||
			 (!depth && strchr(",;", *p)))
			break;
	}
	return p;
}

/* 'x', "x" or x; of code a variable that it names, or its last constant. */
static const char *
meaning(struct migration *m, const char *text)
{
	const char *constant = NULL, *v = NULL;
	size_t n;

	text += strspn(text, " \t");
	text = file_text(m->c, "%.*s", (int)(value_end(text) - text), text);
	if (!strpbrk(text, "('\"[<{") && strncmp(text, "process.", 8) != 0)
		return talloc_strndup(m->c->ctx, text, strcspn(text, " \t#"));
	for (const char *p = text; *p && !v; p += n ? n : 1)
		v = piece(m, p, &n, &constant);
	return v ? v : constant;
}

/* The text behind KEY and ":", "=" or "=>"; NULL: other settings. */
static const char *
behind(const char *p, const char *key)
{
	size_t n = strlen(key);

	if (strncasecmp(p, key, n) != 0 || in_name(p[n]))
		return NULL;
	p += n;
	p += *p == '\'' || *p == '"';
	p += *p == ']';
	p += strspn(p, " \t");
	if (*p != ':' && *p != '=')
		return NULL;
	return p + 1 + (p[1] == '>');
}

/* Where in the line the setting stands: at its beginning, behind a brace or a
 * comma, or in brackets. */
static const char *
setting(const char *line, const char *key)
{
	const char *end = line + strcspn(line, "\n"), *v;

	for (const char *p = line; p < end; p++) {
		if (p != line && !strchr(" \t{,['\".", p[-1]))
			continue;
		v = behind(p, key);
		if (v)
			return v;
	}
	return NULL;
}

/* A variable, or what the texts have as its default. */
static const char *
resolved(struct migration *m, const char *name)
{
	char *upper = file_text(m->c, "%s", name);
	const char *v;

	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	v = migrate_variable(m, upper);
	for (size_t i = 0; i < m->ntexts && !v; i++)
		for (const char *l = m->texts[i].text; *l && !v;
		     l += strcspn(l, "\n"), l += *l == '\n') {
			const char *at = behind(l + strspn(l, " \t"), name);

			if (at && strncmp(at, "//", 2) != 0 &&
			    memchr(at, '"', strcspn(at, "\n")))
				v = meaning(m, at);
		}
	return v;
}

/* ${X}, {settings.X}, %(X)s, $X in a URL: their last names' values. */
static char *
expanded(struct migration *m, const char *url)
{
	char *out = talloc_strdup(m->c->ctx, "");

	while (*url) {
		bool pct = url[0] == '%' && url[1] == '(';
		bool bare = *url == '$' && url[1] != '{';
		const char *name, *end = url, *v;
		size_t n = 0;

		if (*url != '$' && *url != '{' && !pct) {
			out = talloc_strndup_append(out, url++, 1);
			continue;
		}
		if (bare)
			for (end = url + 1; in_name(*end);)
				end++;
		else
			end = url + strcspn(url, pct ? ")" : "}");
		for (name = end; name > url && !in_name(name[-1]);)
			name--;
		while (name > url && in_name(name[-1]))
			name--, n++;
		v = n ? resolved(m, file_text(m->c, "%.*s", (int)n, name))
		      : NULL;
		/* who asks is no question */
		if (!v && strchr(end, '@'))
			v = "x";
		out = talloc_asprintf_append(out, "%s", v ? v : "$");
		url =
		    bare ? end : end + (*end != '\0') + (pct && end[1] == 's');
	}
	if (!out)
		BUG("out of memory");
	return out;
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

/* The user that is said beside a URL which names none. */
const char *
migrate_with_user(struct migration *m, const char *url, const char *user,
		  const char *password)
{
	const char *at = strstr(url, "://");

	if (!at || strchr(at, '@') || strstr(at, "user=") || !user || !*user)
		return url;
	return file_text(m->c, "%s%s%s%s", url, strchr(at, '?') ? "" : "?x=",
			 parameter(m->c, "user", user),
			 parameter(m->c, "password", password));
}

/* Code that puts it together in another way has its variables judged. */
void
migrate_judge_text(struct migration *m, const char *url, const char *whence)
{
	if (strpbrk(url, "${") || strstr(url, "%("))
		url = expanded(m, url);
	if (strchr(url, '$') || strstr(url, "%s") || strchr(url, '<'))
		m->unclear = m->unclear ? m->unclear : whence;
	else
		migrate_judge(m, url, whence);
}

/* --- settings side by side --------------------------------------------------
 */

static void
judge(struct migration *m, const struct told *t, const char *whence)
{
	struct file_call *c = m->c;
	const char *kind = t->v[ENGINE], *port = t->v[PORT];
	const char *scheme = "postgresql";

	if (kind && strcasestr(kind, "lite")) {
		if (t->v[DATABASE])
			migrate_judge(m,
				      file_text(c, "sqlite:%s", t->v[DATABASE]),
				      whence);
		m->any = true;
		return;
	}
	if (!t->v[HOST] &&
	    (!t->v[DATABASE] || (!kind && strcmp(m->name, "django") != 0)))
		return;
	if (kind && (strstr(kind, "mysql") || strstr(kind, "maria")))
		scheme = "mysql";
	else if (kind && (strstr(kind, "oracle") || strstr(kind, "mssql")))
		scheme = "sqlserver";
	if (port && strspn(port, "0123456789") != strlen(port))
		port = NULL;
	migrate_judge(m,
		      file_text(c, "%s:///?x=%s%s%s%s%s", scheme,
				parameter(c, "host", t->v[HOST]),
				parameter(c, "port", port),
				parameter(c, "dbname", t->v[DATABASE]),
				parameter(c, "user", t->v[USER]),
				parameter(c, "password", t->v[PASSWORD])),
		      whence);
}

static void
tell(struct migration *m, struct told *t, const char *line, const char *whence)
{
	static const char *const keys[KEYS][6] = {
	    {"host", "hostname", "server", "socketPath", NULL},
	    {"port", NULL},
	    {"database", "dbname", "filename", "storage", NULL},
	    {"user", "username", NULL},
	    {"password", NULL},
	    {"engine", "adapter", "client", "dialect", "type", NULL}};
	bool django = !strcmp(m->name, "django");

	for (int k = 0; k < KEYS; k++) {
		const char *v = NULL;

		for (const char *const *name = keys[k]; *name && !v; name++)
			v = setting(line,
				    django && k == DATABASE ? "NAME" : *name);
		v = v ? meaning(m, v) : NULL;
		if (!v || !*v)
			continue;
		if (t->said[k]) {
			judge(m, t, whence);
			memset(t->said, 0, sizeof(t->said));
		}
		t->v[k] = v;
		t->said[k] = true;
	}
}

/* Django's settings say NAME of other things, too. */
static const char *
databases_end(const char *l)
{
	int depth = 0;

	for (; *l; l++) {
		depth += *l == '{';
		if (*l == '}' && --depth <= 0)
			break;
		if (*l == '\n' && !depth)
			break;
	}
	return l;
}

/* What is said before it is said anew. */
static const char *
last_databases(const char *text)
{
	const char *at = text, *p = text;

	while ((p = strstr(p, "\nDATABASES = "))) {
		p++;
		at = p;
	}
	return at;
}

static void
from_text(struct migration *m, const struct migration_text *f)
{
	const char *whence =
	    file_text(m->c, "from %s", text_safe(m->c->ctx, f->name));
	bool django = !strcmp(m->name, "django");
	const char *until = NULL,
		   *from = django ? last_databases(f->text) : f->text;
	const char *urls[8];
	struct told t = {0};
	size_t nurls = 0;
	bool said = false;

	for (const char *l = from; *l; l += *l == '\n') {
		size_t n = strcspn(l, "\n");
		const char *line = file_text(m->c, "%.*s", (int)n, l);
		char *url = migrate_url(m, line);

		if (url && nurls < sizeof(urls) / sizeof(*urls))
			urls[nurls++] = url;
		if (django &&
		    !strncmp(line + strspn(line, " \t"), "DATABASES", 9))
			until = databases_end(l);
		if (!url && (!django || (until && l < until)))
			tell(m, &t, line, whence);
		l += n;
	}
	for (size_t i = 0; i < nurls; i++)
		migrate_judge_text(
		    m, migrate_with_user(m, urls[i], t.v[USER], t.v[PASSWORD]),
		    whence);
	for (int k = 0; k < KEYS; k++)
		said |= t.said[k];
	if (said)
		judge(m, &t, whence);
}

/* DB_HOST and its like. */
void
migrate_from_hosts(struct migration *m)
{
	static const char *const stems[] = {"DB",    "DATABASE", "POSTGRES",
					    "MYSQL", "SQL",	 "PG"};
	static const char *const ends[][5] = {
	    {"_HOST", "_SERVER", "_HOSTNAME", "_ADDR", "HOST"},
	    {"_PORT", "PORT"},
	    {"_NAME", "_DATABASE", "_DB", "_DBNAME", "DATABASE"},
	    {"_USER", "_USERNAME", "USER"},
	    {"_PASSWORD", "_PASS", "PASSWORD"},
	    {"_CONNECTION", "_ENGINE", "_DIALECT"}};

	for (size_t i = 0; i < sizeof(stems) / sizeof(*stems) && !m->any; i++) {
		bool pg = !strcmp(stems[i], "PG");
		struct told t = {
		    .v[ENGINE] = !strcmp(stems[i], "MYSQL") ? "mysql" : NULL};
		const char *from = NULL;

		/* libpq's own are judged with all of its others */
		if (pg && invocation_env(m->c->in, "PGHOST"))
			return;
		for (int k = 0; k < KEYS; k++)
			for (size_t j = 0; j < 5 && ends[k][j] && !t.v[k];
			     j++) {
				const char *name = file_text(
				    m->c, "%s%s", stems[i], ends[k][j]);

				if ((*ends[k][j] == '_') == pg)
					continue;
				t.v[k] = migrate_variable(m, name);
				from = k == HOST && t.v[k] ? name : from;
				if (k == ENGINE && t.v[k] && !from)
					from = name;
			}
		if (from && t.v[ENGINE] && strstr(t.v[ENGINE], "lite") &&
		    !t.v[DATABASE])
			t.v[DATABASE] = "database/database.sqlite";
		if (from)
			judge(m, &t, file_text(m->c, "from %s", from));
	}
}

void
migrate_from_texts(struct migration *m)
{
	for (size_t i = 0; i < m->ntexts; i++)
		from_text(m, &m->texts[i]);
}
