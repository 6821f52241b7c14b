/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which PostgreSQL database a line means: connection string over options over
 * service file over environment over defaults, as libpq 15 has it.  libpq
 * itself reads the string; nothing is contacted.
 */
#include "base/file.h"
#include "base/late.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <string.h>
#include <talloc.h>

struct setting {
	const char *key, *value;
};

struct settings {
	void *ctx;
	struct setting *v;
	size_t n;
	bool directory; /* a directory server is asked for them */
};

static const char *
get(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].key, key))
			return s->v[i].value;
	return NULL;
}

/* The first one stays. */
static void
offer(struct settings *s, const char *key, const char *value)
{
	if (!value || !*value || get(s, key))
		return;
	s->v = talloc_realloc(s->ctx, s->v, struct setting, (unsigned)s->n + 1);
	if (!s->v)
		BUG("out of memory");
	s->v[s->n++] = (struct setting){talloc_strdup(s->ctx, key),
					talloc_strdup(s->ctx, value)};
}

static bool
is_conninfo(const char *s)
{
	return !strncmp(s, "postgresql://", 13) ||
	       !strncmp(s, "postgres://", 11) || strchr(s, '=');
}

static int
from_string(struct settings *s, const char *text, struct err *e)
{
	static __typeof__(PQconninfoParse) *parse;
	static __typeof__(PQconninfoFree) *end;
	static __typeof__(PQfreemem) *freemem;
	static const struct late_function functions[] = {
	    {"PQconninfoParse", &parse},
	    {"PQconninfoFree", &end},
	    {"PQfreemem", &freemem},
	};
	PQconninfoOption *all;
	char *why = NULL;

	if (late_load("libpq.so.5", "libpq5", functions,
		      sizeof(functions) / sizeof(functions[0]), e) < 0)
		return e->code;
	all = parse(text, &why);
	if (!all) {
		freemem(why); /* may quote the password */
		return err_set(e, ERR_SYNTAX, "no connection string");
	}
	for (PQconninfoOption *o = all; o->keyword; o++)
		offer(s, o->keyword, o->val);
	end(all);
	return 0;
}

/* [name] and key=value lines; true: the service is there. */
static bool
from_service(struct settings *s, const char *file, const char *service)
{
	struct err e = {0};
	char *text, *line, *save = NULL;
	size_t len;
	bool in = false, found = false;

	if (file_read(s->ctx, AT_FDCWD, file, 1 << 20, &text, &len, &e) != 0)
		return false;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *eq, *end;

		line += strspn(line, " \t");
		end = line + strlen(line);
		while (end > line && strchr(" \t\r", end[-1]))
			*--end = '\0';
		if (*line == '[') {
			in = !strncmp(line + 1, service, strlen(service)) &&
			     line[1 + strlen(service)] == ']';
			found |= in;
			continue;
		}
		eq = strchr(line, '=');
		if (!in || *line == '#' || !eq)
			continue;
		if (!strncmp(line, "ldap", 4)) {
			s->directory = true;
			continue;
		}
		*eq = '\0';
		offer(s, line, eq + 1);
	}
	return found;
}

static void
service_files(struct file_call *c, struct settings *s, const char *service)
{
	const char *file = invocation_env(c->in, "PGSERVICEFILE");
	const char *home = invocation_env(c->in, "HOME");
	const char *sys = invocation_env(c->in, "PGSYSCONFDIR");

	if (!file)
		file = file_text(c, "%s/.pg_service.conf", home ? home : "");
	if (from_service(s, path_join(c->ctx, c->os.base_dir, file), service))
		return;
	from_service(s,
		     file_text(c, "%s/pg_service.conf",
			       sys ? sys : "/etc/postgresql-common"),
		     service);
}

static void
from_environment(struct file_call *c, struct settings *s)
{
	static const struct {
		const char *env, *key;
	} names[] = {
	    {"PGHOST", "host"},		{"PGHOSTADDR", "hostaddr"},
	    {"PGPORT", "port"},		{"PGDATABASE", "dbname"},
	    {"PGUSER", "user"},		{"PGPASSWORD", "password"},
	    {"PGPASSFILE", "passfile"}, {"PGSSLMODE", "sslmode"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		offer(s, names[i].key, invocation_env(c->in, names[i].env));
}

/* pg_wrapper of Debian: VERSION/HOST:PORT names a server elsewhere.  It
 * counts only where nothing else names a host. */
static void
from_cluster(struct file_call *c, struct settings *s, const char *cluster)
{
	const char *home = invocation_env(c->in, "HOME"), *colon;
	const char *files[] = {
	    file_text(c, "%s/.postgresqlrc", home ? home : ""),
	    "/etc/postgresql-common/user_clusters"};
	char *text, *line, *save = NULL;
	struct err e = {0};
	size_t len;

	for (size_t i = 0; i < 2 && !cluster; i++) {
		if (file_read(c->ctx, AT_FDCWD, files[i], 1 << 20, &text, &len,
			      &e) != 0)
			continue;
		for (line = strtok_r(text, "\n", &save); line && !cluster;
		     line = strtok_r(NULL, "\n", &save))
			if (*line != '#' && strchr(line, ':'))
				cluster = line;
	}
	if (!cluster || get(s, "host") || !(colon = strchr(cluster, ':')))
		return;
	while (colon > cluster && !strchr("/ \t", colon[-1]))
		colon--;
	offer(s, "host", talloc_strndup(c->ctx, colon, strcspn(colon, ":")));
}

static char *
conninfo_of(struct file_call *c, const struct settings *s)
{
	char *text = talloc_strdup(c->ctx, "");

	for (size_t i = 0; i < s->n; i++) {
		const char *v = s->v[i].value;

		if (!strcmp(s->v[i].key, "service") ||
		    !strcmp(s->v[i].key, "options"))
			continue;
		text = talloc_asprintf_append(text, "%s%s='", *text ? " " : "",
					      s->v[i].key);
		for (; *v; v++) {
			if (*v == '\'' || *v == '\\')
				text = talloc_strdup_append(text, "\\");
			text = talloc_strndup_append(text, v, 1);
		}
		text = talloc_strdup_append(text, "'");
	}
	if (!text)
		BUG("out of memory");
	return text;
}

static void
result(struct file_call *c, const struct settings *s, struct db_target *out)
{
	const char *where;

	*out = (struct db_target){.host = get(s, "host"),
				  .hostaddr = get(s, "hostaddr"),
				  .port = get(s, "port"),
				  .dbname = get(s, "dbname"),
				  .user = get(s, "user"),
				  .password = get(s, "password"),
				  .passfile = get(s, "passfile"),
				  .options = get(s, "options"),
				  .conninfo = conninfo_of(c, s)};
	where = out->host ? out->host : out->hostaddr;
	out->label = text_safe(
	    c->ctx, file_text(c, "%s on %s", out->dbname ? out->dbname : "",
			      where ? where : "this machine"));
	db_scope_set(c, out, get(s, "service"));
	if (s->directory && out->scope != SCOPE_PRODUCTION &&
	    out->scope != SCOPE_PROTECTED) {
		out->scope = SCOPE_FOREIGN;
		out->why = file_text(c,
				     "the service %s asks a directory server "
				     "where it is",
				     text_safe(c->ctx, get(s, "service")));
	}
}

int
db_target_find(struct file_call *c, const struct db_words *w,
	       struct db_target *out, struct err *e)
{
	struct settings s = {.ctx = c->ctx};
	const char *cluster = w->cluster;
	struct passwd *pw;
	int rc = 0;

	if (w->dbname && is_conninfo(w->dbname))
		rc = from_string(&s, w->dbname, e);
	else
		offer(&s, "dbname", w->dbname);
	if (rc < 0)
		return rc;
	offer(&s, "host", w->host);
	offer(&s, "port", w->port);
	offer(&s, "user", w->user);
	if (!get(&s, "service"))
		offer(&s, "service", invocation_env(c->in, "PGSERVICE"));
	if (get(&s, "service"))
		service_files(c, &s, get(&s, "service"));
	from_environment(c, &s);
	if (!cluster)
		cluster = invocation_env(c->in, "PGCLUSTER");
	from_cluster(c, &s, cluster);
	pw = getpwuid(c->in->uid);
	offer(&s, "user", pw ? pw->pw_name : NULL);
	offer(&s, "dbname", get(&s, "user"));
	result(c, &s, out);
	out->cluster = cluster;
	return 0;
}

/* What of a URL's query says where it leads.  Others there (schema=public) are
 * not libpq's. */
static char *
query_of(struct file_call *c, const char *query)
{
	static const char *const keys[] = {
	    "host=", "hostaddr=", "port=",    "dbname=",
	    "user=", "service=",  "password="};
	char *out = talloc_strdup(c->ctx, "");

	for (; *query; query += strspn(query, "?&;")) {
		int n = (int)strcspn(query, "&#;");

		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (!strncmp(query, keys[i], strlen(keys[i])))
				out = talloc_asprintf_append(
				    out, "%c%.*s", *out ? '&' : '?', n, query);
		query += n;
		if (*query == '#')
			break;
	}
	if (!out)
		BUG("out of memory");
	return out;
}

/*
 * postgresql+psycopg2://, jdbc:postgresql://, mysql:// ...: who, where and
 * which are written alike.  What stands behind a question mark counts before
 * it for libpq, and beside it for others: both hosts are looked at.  What is
 * left out is in the variables of libpq.
 */
int
db_target_url(struct file_call *c, const char *url, struct db_target *out,
	      struct err *e)
{
	struct settings s = {.ctx = c->ctx}, plain = {.ctx = c->ctx};
	const char *rest = strstr(url, "://"), *host, *other;
	bool postgres = strstr(url, "postgres") || strstr(url, "cockroach");
	int n, rc;

	if (!rest)
		return err_set(e, ERR_SYNTAX, "no URL");
	n = (int)strcspn(rest, "?#;");
	rc = from_string(&plain, file_text(c, "postgresql%.*s", n, rest), e);
	if (rc < 0)
		return rc;
	rc = from_string(&s,
			 file_text(c, "postgresql%.*s%s", n, rest,
				   rest[n] ? query_of(c, rest + n + 1) : ""),
			 e);
	if (rc < 0)
		return rc;
	host = get(&plain, "host");
	other = get(&s, "host");
	if (postgres && get(&s, "service"))
		service_files(c, &s, get(&s, "service"));
	if (postgres)
		from_environment(c, &s);
	if (host && other && strcmp(host, other) != 0)
		for (size_t i = 0; i < s.n; i++)
			if (!strcmp(s.v[i].key, "host"))
				s.v[i].value =
				    file_text(c, "%s,%s", other, host);
	result(c, &s, out);
	return 0;
}
