/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mongosh 1 and 2: which server and database its line names, and what plain
 * statements do there.  Nothing of a Mongo database can be kept.
 */
#include "base/path.h"
#include "base/text.h"
#include "parse/mongo.h"
#include "tools/db.h"
#include <string.h>
#include <talloc.h>
#include <unistd.h>

static const struct option_spec options[] = {
    F('h', "help"),
    A('f', "file"),
    A(0, "host"),
    A(0, "port"),
    A(0, "eval"),
    A('u', "username"),
    A('p', "password"),
    A(0, "authenticationDatabase"),
    A(0, "authenticationMechanism"),
    A(0, "awsIamSessionToken"),
    A(0, "gssapiServiceName"),
    A(0, "sspiHostnameCanonicalization"),
    A(0, "sspiRealmOverride"),
    A(0, "tlsCertificateKeyFile"),
    A(0, "tlsCertificateKeyFilePassword"),
    A(0, "tlsCAFile"),
    A(0, "tlsCertificateSelector"),
    A(0, "tlsCRLFile"),
    A(0, "tlsDisabledProtocols"),
    A(0, "apiVersion"),
    F(0, "apiStrict"),
    F(0, "apiDeprecationErrors"),
    F(0, "build-info"),
    F(0, "buildInfo"),
    O(0, "json"),
    F(0, "nodb"),
    F(0, "norc"),
    F(0, "quiet"),
    O(0, "retryWrites"),
    F(0, "shell"),
    F(0, "tls"),
    F(0, "tlsAllowInvalidCertificates"),
    F(0, "tlsAllowInvalidHostnames"),
    F(0, "tlsFIPSMode"),
    F(0, "tlsUseSystemCA"),
    F(0, "verbose"),
    F(0, "version"),
    END,
};

struct call {
	struct file_call *c;
	const char *host, *port, *user, *database; /* host: with commas */
	struct db_target target;
	struct mongo_script script;
	struct sql sql;
};

static void
set_target(struct call *m)
{
	struct file_call *c = m->c;
	const char *db = m->database && *m->database ? m->database : "test";
	const char *host = m->host ? m->host : "127.0.0.1";

	m->target = (struct db_target){.host = host,
				       .port = m->port,
				       .dbname = db,
				       .user = m->user,
				       .password = file_value(c, "password"),
				       .engine = DATABASE_OTHER,
				       .fallback_port = "27017"};
	m->target.label = text_safe(c->ctx, file_text(c, "%s on %s", db, host));
	m->target.conninfo = m->target.label;
	db_scope_set(c, &m->target, NULL);
}

static void
flush(struct call *m)
{
	if (m->sql.classes & SQL_OPAQUE)
		db_shell(m->c, "JavaScript, which may do anything here");
	db_effects(m->c, &m->target, &m->sql);
	sql_init(m->c->ctx, &m->sql);
}

static void
on_use(struct mongo_script *s, const char *database)
{
	struct call *m = s->data;

	flush(m);
	m->database = database;
	set_target(m);
}

/* a:1,b:2 as hosts "a,b" and ports "1,2" */
static void
hosts(struct call *m, const char *list, size_t n)
{
	struct file_call *c = m->c;
	const char *end = list + n;
	char *h = file_text(c, "%s", ""), *p = file_text(c, "%s", "");

	while (list < end) {
		size_t k = strcspn(list, ",");
		const char *colon;

		k = k < (size_t)(end - list) ? k : (size_t)(end - list);
		colon = memrchr(list, ':', k);
		if (*list == '[' && colon &&
		    colon < (char *)memchr(list, ']', k))
			colon = NULL;
		h = file_text(c, "%s%s%.*s", h, *h ? "," : "",
			      (int)(colon ? (size_t)(colon - list) : k), list);
		p = file_text(c, "%s%s%.*s", p, *p ? "," : "",
			      colon ? (int)(list + k - colon - 1) : 5,
			      colon ? colon + 1 : "27017");
		list += k + (list + k < end);
	}
	if (*h)
		m->host = h;
	if (*p)
		m->port = p;
}

/* mongodb://user:pw@a,b/db?x, host:port/db, host/db, or a database. */
static void
address(struct call *m, const char *text)
{
	const char *p = strstr(text, "://"), *slash, *at;
	struct file_call *c = m->c;

	if (!p && !strchr(text, '/')) {
		/* a name with dots or a port is a host */
		if (strpbrk(text, ".:"))
			hosts(m, text, strlen(text));
		else
			m->database = text;
		return;
	}
	text = p ? p + 3 : text;
	slash = text + strcspn(text, "/?");
	at = memrchr(text, '@', (size_t)(slash - text));
	if (at) {
		m->user = talloc_strndup(c->ctx, text, strcspn(text, ":@"));
		text = at + 1;
	}
	hosts(m, text, (size_t)(slash - text));
	if (*slash == '/')
		m->database =
		    talloc_strndup(c->ctx, slash + 1, strcspn(slash + 1, "?"));
}

static bool
is_script(const char *name)
{
	size_t n = strlen(name);

	return (n > 3 && !strcmp(name + n - 3, ".js")) ||
	       (n > 8 && !strcmp(name + n - 8, ".mongodb"));
}

static void
script(struct call *m, const char *name)
{
	size_t len;
	char *text = db_file(m->c, name, &len);

	if (text) {
		file_read_from(m->c, name);
		db_says(m->c, &m->target, text, len);
		mongo_read(&m->script, text);
	} else if (db_file_there(m->c, name)) {
		sql_add(&m->sql, SQL_OPAQUE, "a script that cannot be read");
	}
}

static int
standard_input(struct call *m, struct err *e)
{
	bool here = m->target.scope == SCOPE_LOCAL ||
		    m->target.scope == SCOPE_WORKSPACE;
	size_t len;
	char *text;

	if (m->c->in->stdio[0] >= 0 && isatty(m->c->in->stdio[0])) {
		sql_add(&m->sql, here ? SQL_OPAQUE : SQL_READ | SQL_WRITE,
			"a session in which anything may be typed");
		return 0;
	}
	if (db_stdin(m->c, &text, &len, e) < 0)
		return e->code;
	if (text) {
		db_says(m->c, &m->target, text, len);
		mongo_read(&m->script, text);
	}
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct call m = {.c = c};
	const struct options *o = &c->opt;
	bool any = false, nodb = file_on(c, "nodb");

	for (size_t i = 0; i < o->noperands; i++)
		if (!is_script(o->operands[i])) {
			if (!nodb)
				address(&m, o->operands[i]);
			break;
		}
	if (file_value(c, "host"))
		hosts(&m, file_value(c, "host"), strlen(file_value(c, "host")));
	if (file_value(c, "port"))
		m.port = file_value(c, "port");
	if (file_value(c, "username"))
		m.user = file_value(c, "username");
	set_target(&m);
	sql_init(c->ctx, &m.sql);
	m.script = (struct mongo_script){
	    .ctx = c->ctx, .data = &m, .sql = &m.sql, .use = on_use};
	for (size_t i = 0; i < options_count(o, "eval"); i++, any = true) {
		const char *text = options_nth(o, "eval", i);

		db_says(c, &m.target, text, strlen(text));
		mongo_read(&m.script, text);
	}
	for (size_t i = 0; i < options_count(o, "file"); i++, any = true)
		script(&m, options_nth(o, "file", i));
	for (size_t i = 0; i < o->noperands; i++)
		if (is_script(o->operands[i])) {
			script(&m, o->operands[i]);
			any = true;
		}
	if ((!any || file_on(c, "shell")) && standard_input(&m, e) < 0)
		return e->code;
	flush(&m);
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	file_hand_over_kept(c);
	return 0;
}

static const struct file_tool tool = {
    .name = "mongosh",
    .options = options,
    .grammar = GETOPT_EXACT,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"mongosh", NULL};

const struct tool tool_mongosh = {
    .name = "mongosh",
    .names = names,
    .understand = understand,
};
