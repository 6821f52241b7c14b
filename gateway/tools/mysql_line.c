/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines by my_getopt of MariaDB 10.11, and option files: those the
 * client itself is asked for, by its --print-defaults.
 */
#include "base/spawn.h"
#include "base/text.h"
#include "tools/mysql.h"
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

struct words {
	void *ctx;
	const char **v;
	size_t n;
};

static void
push(struct words *w, const char *word)
{
	w->v = talloc_realloc(w->ctx, w->v, const char *, (unsigned)w->n + 2);
	if (!w->v)
		BUG("out of memory");
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
}

static bool
is_known(const struct option_spec *table, const char *name, size_t n)
{
	for (; table->name || table->letter; table++)
		if (table->name && !strncmp(table->name, name, n))
			return true;
	return false;
}

/* "_" is "-"; loose- means nothing, and skip- and its like say a flag.
 * NULL: nothing is left of it. */
static const char *
plain(struct file_call *c, const struct option_spec *table, const char *word)
{
	static const char *const heads[] = {"skip-", "disable-", "enable-"};
	char *w = talloc_strdup(c->ctx, word);
	size_t n;

	if (!w)
		BUG("out of memory");
	n = strcspn(w, "=");
	for (size_t i = 2; i < n; i++)
		w[i] = w[i] == '_' ? '-' : w[i];
	if (!strncmp(w, "--loose-", 8)) {
		memmove(w + 2, w + 8, strlen(w + 8) + 1);
		n -= 6;
	}
	if (is_known(table, w + 2, n - 2))
		return w;
	for (size_t i = 0; i < 3; i++) {
		size_t k = strlen(heads[i]);

		if (!strncmp(w + 2, heads[i], k) &&
		    is_known(table, w + 2 + k, n - 2 - k))
			return i < 2 ? NULL : file_text(c, "--%s", w + 2 + k);
	}
	return w;
}

/* Words of both kinds of dashes; what follows "--" is as it is. */
static void
add_words(struct file_call *c, const struct option_spec *table,
	  const char *const *argv, struct words *out)
{
	bool end = false;

	for (; *argv; argv++) {
		const char *w = *argv;

		if (!end && !strcmp(w, "--"))
			end = true;
		else if (!end && !strncmp(w, "--", 2))
			w = plain(c, table, w);
		if (w)
			push(out, w);
	}
}

static bool
is_defaults(const char *w)
{
	return !strncmp(w, "--defaults-", 11) || !strcmp(w, "--no-defaults");
}

/* "--a=b --c=d e --f" as the client prints it: " --" begins the next. */
static void
split(struct file_call *c, char *text, struct words *out)
{
	char *p = strstr(text, "\n--"), *next;

	for (p = p ? p + 1 : NULL; p; p = next) {
		size_t n;

		next = strstr(p, " --");
		if (next)
			*next++ = '\0';
		for (n = strlen(p); n && strchr(" \n", p[n - 1]);)
			p[--n] = '\0';
		push(out, talloc_strdup(c->ctx, p));
	}
}

static int
option_files(struct file_call *c, const char *const *argv, struct words *out,
	     struct err *e)
{
	static const char *const passed[] = {
	    "HOME", "MYSQL_HOME", "MARIADB_HOME", "MYSQL_GROUP_SUFFIX"};
	struct words own = {.ctx = c->ctx}, env = {.ctx = c->ctx};
	struct spawn s = {.timeout_ms = 10000, .cwd = c->os.base_dir};
	int rc;

	push(&own, c->name);
	for (; *argv && is_defaults(*argv); argv++) {
		if (!strcmp(*argv, "--no-defaults"))
			return 0;
		push(&own, *argv);
	}
	push(&own, "--print-defaults");
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		if (invocation_env(c->in, passed[i]))
			push(&env, file_text(c, "%s=%s", passed[i],
					     invocation_env(c->in, passed[i])));
	push(&env, "PATH=/usr/bin:/bin");
	s.argv = own.v;
	s.env = env.v;
	s.program = file_text(c, "/usr/bin/%s", c->name);
	if (access(s.program, X_OK) < 0)
		s.program = c->cmd->program;
	rc = spawn_run(c->ctx, &s, e);
	if (rc < 0)
		return err_wrap(e, "reading its option files");
	if (s.status != 0)
		return err_set(e, ERR_SYNTAX, "its option files");
	split(c, s.output, out);
	return 0;
}

static void
tls_lines(struct mysql_line *l)
{
	static const char *const names[] = {
	    "ssl",     "ssl-ca",  "ssl-capath",	 "ssl-cert",   "ssl-cipher",
	    "ssl-key", "ssl-crl", "ssl-crlpath", "tls-version"};

	l->tls = "";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *v = options_value(&l->opt, names[i]);

		if (v)
			l->tls =
			    file_text(l->c, "%s%s=%s\n", l->tls, names[i], v);
		else if (options_on(&l->opt, names[i]))
			l->tls = file_text(l->c, "%s%s=1\n", l->tls, names[i]);
	}
}

/* On the command line, and only there, a port means TCP and a socket means
 * itself; the last word on it counts. */
static void
protocol(struct mysql_line *l, size_t own)
{
	for (size_t i = 0; i < l->opt.n; i++) {
		const struct option *o = &l->opt.v[i];

		if (!strcmp(o->name, "protocol"))
			l->protocol = o->value;
		else if (o->at >= own && !strcmp(o->name, "port"))
			l->protocol = "tcp";
		else if (o->at >= own && !strcmp(o->name, "socket"))
			l->protocol = "socket";
	}
}

static const char *
value(struct mysql_line *l, const char *option, const char *variable)
{
	const char *v = options_value(&l->opt, option);

	return v ? v : variable ? invocation_env(l->c->in, variable) : NULL;
}

int
mysql_line_read(struct mysql_line *l, const struct option_spec *table,
		struct file_call *c, struct err *e)
{
	const char *const *argv = c->in->argv + 1, *const *rest = argv;
	struct words files = {.ctx = c->ctx}, all = {.ctx = c->ctx};
	struct passwd *pw;
	size_t own;
	int rc;

	l->c = c;
	while (*rest && is_defaults(*rest))
		rest++;
	for (; *rest && rest == argv; rest++)
		if (!strcmp(*rest, "--print-defaults"))
			return err_set(e, ERR_UNKNOWN,
				       "--print-defaults prints passwords");
		else
			break;
	for (const char *const *w = rest; *w && strcmp(*w, "--"); w++)
		if (!strcmp(*w, "--print-defaults") || is_defaults(*w))
			return err_set(e, ERR_UNKNOWN, "%s in this place",
				       text_safe(c->ctx, *w));
	rc = option_files(c, argv, &files, e);
	if (rc < 0)
		return rc;
	push(&all, "");
	all.n = 0;
	all.v[0] = NULL;
	if (files.n)
		add_words(c, table, files.v, &all);
	own = all.n;
	add_words(c, table, rest, &all);
	rc = getopt_read(c->ctx, table, 0, all.v, &l->opt, e);
	if (rc < 0)
		return rc;
	l->only_shows =
	    options_on(&l->opt, "help") || options_on(&l->opt, "version");
	/* mysqldump and mysqladmin do not look at it */
	l->host = value(l, "host",
			!strcmp(c->name, "mysql") || !strcmp(c->name, "mariadb")
			    ? "MYSQL_HOST"
			    : NULL);
	l->port = value(l, "port", "MYSQL_TCP_PORT");
	l->socket = value(l, "socket", "MYSQL_UNIX_PORT");
	protocol(l, own);
	l->pass = value(l, "password", "MYSQL_PWD");
	l->asks = options_on(&l->opt, "password") && !l->pass;
	l->user = value(l, "user", NULL);
	pw = getpwuid(c->in->uid);
	if (!l->user)
		l->user = invocation_env(c->in, "USER");
	if (!l->user && pw)
		l->user = pw->pw_name;
	tls_lines(l);
	return 0;
}

void
mysql_line_target(struct mysql_line *l, const char *database,
		  struct db_target *out)
{
	struct file_call *c = l->c;
	bool local = !l->host || !*l->host || !strcmp(l->host, "localhost");
	bool socket =
	    local && (!l->protocol || strcasecmp(l->protocol, "tcp") != 0);
	const char *port =
	    !socket && l->port && strcmp(l->port, "0") ? l->port : NULL;
	const struct {
		const char *key, *v;
	} lines[] = {{"host", l->host},
		     {"port", port},
		     {"socket", socket ? l->socket : NULL},
		     {"user", l->user},
		     {"pass", l->pass},
		     {"protocol", socket ? "socket" : "tcp"},
		     {"asks", l->asks ? "1" : NULL},
		     {"database", database}};
	char *info = talloc_strdup(c->ctx, l->tls);

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (lines[i].v)
			info = talloc_asprintf_append(info, "%s=%s\n",
						      lines[i].key, lines[i].v);
	if (!info)
		BUG("out of memory");
	*out = (struct db_target){
	    .host = socket  ? (l->socket ? l->socket : "")
		    : local ? "127.0.0.1"
			    : l->host,
	    .port = port,
	    .dbname = database,
	    .user = l->user,
	    .password = l->pass,
	    .conninfo = info,
	    .engine = DATABASE_MYSQL,
	    .fallback_port = "3306",
	};
	out->label = text_safe(
	    c->ctx, file_text(c, "%s%s%s", database ? database : "MySQL",
			      " on ", local ? "this machine" : l->host));
	db_scope_set(c, out, NULL);
	if (socket)
		out->host = NULL;
}
