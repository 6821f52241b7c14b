/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a client of a PostgreSQL database runs that the profile lets only be
 * read, or in which anything may be typed: in a box of its own, in which the
 * server's address answers and nothing else, by a relay that has the password
 * and looks at what passes.  What the line and the environment say about the
 * connection stays outside; the client gets host, port, user and database by
 * the variables of libpq.
 */
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define BOX	   "database"
#define SOCKET_DIR "/var/run/postgresql" /* as Debian builds libpq */

static const char *const connection[] = {
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGSYSCONFDIR",
    "PGSSL*",
    "PGREQUIRE*",
    "PGCHANNELBINDING",
    "PGKRB*",
    "PGGSS*",
    "PGTARGETSESSIONATTRS",
    "PGCLUSTER",
    "PGLOADBALANCEHOSTS",
    "PGMINPROTOCOLVERSION",
    "PGOAUTH*",
    "PGMAXPROTOCOLVERSION",
};

static const char *
first(struct file_call *c, const char *list)
{
	return list && *list ? talloc_strndup(c->ctx, list, strcspn(list, ","))
			     : NULL;
}

/* The client itself, not Debian's pg_wrapper, which looks for clusters. */
static const char *
program(struct file_call *c)
{
	const char *root = "/usr/lib/postgresql", *found = NULL;
	const char *real = path_resolve(c->ctx, "/", c->cmd->program);
	unsigned long best = 0;
	struct dirent *ent;
	DIR *d;

	if (strcmp(path_base(real), "pg_wrapper") != 0)
		return c->cmd->program;
	d = opendir(root);
	while (d && (ent = readdir(d))) {
		unsigned long n = strtoul(ent->d_name, NULL, 10);
		char *path =
		    file_text(c, "%s/%s/bin/%s", root, ent->d_name, c->name);

		if (isdigit((unsigned char)ent->d_name[0]) && n > best &&
		    path_exists(path)) {
			best = n;
			found = path;
		}
	}
	if (d)
		closedir(d);
	return found;
}

/* The line without what says where to connect. */
static void
line(struct file_call *c, const struct db_target *t, bool operands)
{
	static const char *const where[] = {"host",   "port",	 "username",
					    "dbname", "cluster", NULL};
	const char **v = talloc_array(
	    c->ctx, const char *, (unsigned)(c->opt.n + c->opt.noperands) + 2);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		const char *value = o->value;

		if (is_listed(o->name, where))
			continue;
		if (!strcmp(o->name, "maintenance-db"))
			value = t->dbname;
		if (!o->spec->name)
			v[n++] = file_text(c, "-%c%s", o->spec->letter,
					   value ? value : "");
		else
			v[n++] =
			    file_text(c, "--%s%s%s", o->name, value ? "=" : "",
				      value ? value : "");
	}
	if (operands && c->opt.noperands) {
		v[n++] = "--";
		memcpy(v + n, c->opt.operands, c->opt.noperands * sizeof(*v));
		n += c->opt.noperands;
	}
	file_argv(c, v, n);
}

/* Variables that hold a password beside libpq's own: DATABASE_URL and all
 * others with the same words. */
static bool
holds_password(const struct db_target *t, const char *value)
{
	const char *url = strstr(value, "://");

	if (t->password && *t->password && strstr(value, t->password))
		return true;
	return url && strchr(url, '@') && strchr(url + 3, ':');
}

static void
environment(struct file_call *c, const struct db_target *t,
	    const struct need_database *to)
{
	size_t known = sizeof(connection) / sizeof(*connection), n = known;
	const char **drop = talloc_zero_array(
	    c->ctx, const char *, (unsigned)(known + c->in->envc + 1));
	const char **set = talloc_zero_array(c->ctx, const char *, 12);
	size_t m = 0;

	if (!drop || !set)
		BUG("out of memory");
	memcpy(drop, connection, sizeof(connection));
	for (size_t i = 0; i < c->in->envc; i++) {
		size_t len = strcspn(c->in->env[i], "=");

		if (c->in->env[i][len] &&
		    holds_password(t, c->in->env[i] + len + 1))
			drop[n++] = talloc_strndup(c->ctx, c->in->env[i], len);
	}
	if (t->host)
		set[m++] = file_text(c, "PGHOST=%s", first(c, t->host));
	else if (!t->hostaddr)
		set[m++] = "PGHOST=" SOCKET_DIR;
	if (to->hostaddr)
		set[m++] = file_text(c, "PGHOSTADDR=%s", to->hostaddr);
	set[m++] = file_text(c, "PGPORT=%u", to->port);
	set[m++] = file_text(c, "PGUSER=%s", to->user);
	set[m++] = file_text(c, "PGDATABASE=%s", t->dbname);
	/* one that is hidden is there as a device, which libpq mentions */
	set[m++] = "PGPASSFILE=/run/automode/passfile";
	set[m++] = "PGSSLMODE=disable";
	set[m++] = "PGGSSENCMODE=disable";
	if (t->options)
		set[m++] = file_text(c, "PGOPTIONS=%s", t->options);
	c->cmd->env_drop = drop;
	c->cmd->env_set = set;
}

/* What a client reads by itself. */
static void
files(struct file_call *c, bool interactive)
{
	static const char *const secret[] = {"PGPASSFILE", "PGSERVICEFILE"};
	const char *home = invocation_env(c->in, "HOME");
	const char *rc = invocation_env(c->in, "PSQLRC");
	const char *all[] = {
	    rc, rc || !home ? NULL : file_text(c, "%s/.psqlrc", home),
	    "/etc/postgresql-common/psqlrc"};

	for (size_t i = 0; i < 3 && !strcmp(c->name, "psql"); i++)
		if (all[i] && *all[i] == '/' && path_exists(all[i]))
			need_read(c->ctx, &c->cmd->need, all[i]);
	if (!interactive)
		return;
	/* \i of whatever lies here */
	if (!home || !path_is_under(home, c->in->cwd))
		need_read(c->ctx, &c->cmd->need, c->in->cwd);
	for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++) {
		const char *name = invocation_env(c->in, secret[i]);
		const char *path =
		    name ? path_join(c->ctx, c->in->cwd, name) : NULL;

		if (path && path_is_under(path, c->in->cwd) &&
		    path_exists(path))
			need_file(c->ctx, &c->cmd->need, path, "", 0);
	}
}

/*
 * What a person has at hand in a session that also writes: the home folder to
 * read, this one to write, and the history.  Credentials are hidden there as
 * in every box.
 */
static void
session_files(struct file_call *c)
{
	const char *home = invocation_env(c->in, "HOME"), *path;
	struct stat st;

	if (strcmp(c->in->cwd, "/") != 0)
		need_write(c->ctx, &c->cmd->need, c->in->cwd);
	if (!home || *home != '/' || !home[1] || !path_exists(home) ||
	    path_is_under(home, c->in->cwd))
		return;
	need_read(c->ctx, &c->cmd->need, home);
	path = invocation_env(c->in, "PSQL_HISTORY");
	if (!path || *path != '/')
		path = file_text(c, "%s/.psql_history", home);
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		need_bind(c->ctx, &c->cmd->need, path, path, true);
}

/* A function, an operator or a view may do more than the text says. */
void
db_fence(struct file_call *c, unsigned classes, bool temporary, const char *why,
	 struct db_target *out)
{
	const unsigned reads = SQL_COUNT | SQL_READ | SQL_SESSION;

	if (out->read_only || !classes || (classes & ~reads) || temporary)
		return;
	/* a program that somebody allowed would be in the box, too */
	for (size_t i = 0; i < c->fx->n; i++)
		if (c->fx->v[i].kind == EFFECT_EXEC_UNKNOWN)
			return;
	out->read_only = file_text(c, "what was judged only reads: %s",
				   why ? why : out->label);
	out->lenient = true;
}

int
db_run(struct file_call *c, const struct db_target *t, unsigned how,
       struct err *e)
{
	const char *port = first(c, t->port), *host = first(c, t->host);
	struct need_database *to;
	const char *client;

	if (!t->read_only && !(how & DB_RUN_INTERACTIVE)) {
		file_argv(c, c->in->argv + 1, c->in->argc - 1);
		file_hand_over_kept(c);
		return 0;
	}
	client = program(c);
	if (!client)
		return err_set(e, ERR_UNKNOWN,
			       "no %s but Debian's wrapper is installed, and "
			       "what it would say to %s is to be looked at",
			       c->name, t->label);
	to = talloc_zero(c->ctx, struct need_database);
	if (!to)
		BUG("out of memory");
	to->hostaddr = first(c, t->hostaddr);
	to->host = host ? host : to->hostaddr ? to->hostaddr : SOCKET_DIR;
	if (*to->host == '@')
		return err_set(e, ERR_UNKNOWN,
			       "an abstract socket, and what is said to %s is "
			       "to be looked at",
			       t->label);
	to->port = (uint16_t)(port ? strtoul(port, NULL, 10) : 5432);
	to->user = t->user;
	to->conninfo = t->conninfo;
	to->why = t->read_only;
	to->lenient = t->lenient;
	if (!t->read_only)
		to->session = db_session(c, t);
	to->sensitive = db_sensitive_left(c, t);
	to->asks = file_on(c, "password");
	to->busy = how & DB_RUN_BUSY;
	line(c, t, how & DB_RUN_OPERANDS);
	environment(c, t, to);
	files(c, how & DB_RUN_INTERACTIVE);
	if (to->session)
		session_files(c);
	c->cmd->program = client;
	c->cmd->need.database = to;
	return 0;
}

void
db_box(struct command *cmd)
{
	if (!cmd->need.database)
		return;
	cmd->need.box = BOX;
	cmd->need.by_name = false;
}

struct db_words
db_words_of(const struct file_call *c)
{
	return (struct db_words){.host = file_value(c, "host"),
				 .port = file_value(c, "port"),
				 .user = file_value(c, "username"),
				 .cluster = file_value(c, "cluster")};
}

int
db_understand(const struct file_tool *tools, size_t n, void *ctx,
	      const struct tool_context *t, struct command *cmd,
	      struct effects *fx, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		int rc;

		if (strcmp(tools[i].name, t->in->tool) != 0)
			continue;
		rc = file_understand(&tools[i], ctx, t, cmd, fx, e);
		if (rc == 0)
			db_box(cmd);
		return rc;
	}
	return err_set(e, ERR_UNKNOWN, "no such client");
}
