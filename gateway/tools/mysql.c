/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mysql and mariadb: statements and the client's own commands from -e, the
 * standard input and what those read.
 */
#include "tools/mysql.h"
#include "base/path.h"
#include "base/text.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

#define INCLUDES_MAX 16

static const struct option_spec options[] = {
    MYSQL_COMMON,
    O(0, "abort-source-on-error"),
    O(0, "auto-rehash"),
    B('A', "no-auto-rehash"),
    O(0, "auto-vertical-output"),
    B('B', "batch"),
    O(0, "binary-as-hex"),
    O(0, "binary-mode"),
    O(0, "column-names"),
    B('N', "skip-column-names"),
    O(0, "column-type-info"),
    B('m', "column-type-info-short"),
    B('c', "comments"),
    O(0, "connect-expired-password"),
    A('D', "database"),
    F('T', NULL),
    A(0, "delimiter"),
    A('e', "execute"),
    B('f', "force"),
    B('H', "html"),
    B('i', "ignore-spaces"),
    A(0, "init-command"),
    O(0, "line-numbers"),
    B('L', "skip-line-numbers"),
    O(0, "local-infile"),
    A(0, "max-allowed-packet"),
    A(0, "max-join-size"),
    B('G', "named-commands"),
    A(0, "net-buffer-length"),
    B('b', "no-beep"),
    B('o', "one-database"),
    O(0, "pager"),
    O(0, "print-query-on-error"),
    O(0, "progress-reports"),
    A(0, "prompt"),
    B('q', "quick"),
    A(0, "quick-max-column-width"),
    B('r', "raw"),
    O(0, "reconnect"),
    B('U', "safe-updates"),
    O(0, "i-am-a-dummy"),
    O(0, "sandbox"),
    O(0, "secure-auth"),
    A(0, "select-limit"),
    A(0, "server-arg"),
    O(0, "show-warnings"),
    O(0, "sigint-ignore"),
    B('s', "silent"),
    B('t', "table"),
    A(0, "tee"),
    B('n', "unbuffered"),
    B('v', "verbose"),
    B('E', "vertical"),
    B('w', "wait"),
    B('X', "xml"),
    END,
};

struct call {
	struct mysql_line line;
	struct mysql_script script;
	struct mysql_statement statement;
	struct db_target target;
	struct sql sql; /* for the present database */
	unsigned depth;
	unsigned classes; /* of all databases */
	bool production;  /* one of them is */
	bool temporary;	  /* tables for this session may be made */
	struct err *e;
	int rc;
};

static void
flush(struct call *m)
{
	bool chosen = m->target.dbname && *m->target.dbname;

	/* without a database the server refuses bare names, and those with
	 * one were said by themselves */
	if (!chosen && m->target.scope == SCOPE_LOCAL &&
	    !(m->sql.classes & (SQL_OPAQUE | SQL_GLOBAL)))
		m->sql.classes &= ~(unsigned)(SQL_DESTROY | SQL_ALTER);
	if (!chosen)
		m->sql.ntouched = 0;
	db_effects(m->line.c, &m->target, &m->sql);
	m->classes |= m->sql.classes;
	m->production |= m->target.scope == SCOPE_PRODUCTION;
	sql_init(m->line.c->ctx, &m->sql);
}

static void
unreadable(struct call *m, const char *why)
{
	sql_add(&m->sql, SQL_OPAQUE, why);
	db_shell(
	    m->line.c,
	    file_text(m->line.c, "a script that cannot be followed: %s", why));
}

/* Another database of this server. */
static void
on_name(struct mysql_statement *s, const char *database, const struct sql *does)
{
	struct call *m = s->data;
	struct db_target to;

	if (m->target.dbname && !strcmp(m->target.dbname, database))
		return;
	mysql_line_target(&m->line, database, &to);
	m->production |= to.scope == SCOPE_PRODUCTION;
	/* what only reads may be an alias */
	if (to.scope == m->target.scope && !(does->classes & SQL_ALTER) &&
	    !(does->classes & (SQL_DESTROY | SQL_OPAQUE)))
		return;
	db_effects(m->line.c, &to, does);
}

static void
on_reads(struct mysql_statement *s, const char *file)
{
	struct call *m = s->data;

	if (file)
		file_read_from(m->line.c, file);
	else
		db_shell(m->line.c, "LOAD DATA LOCAL of an unknown file");
}

/* Second bytes of their characters may be quotes and backslashes. */
static void
watch_charset(struct call *m, const char *text)
{
	static const char *const names[] = {"gbk",   "sjis",	"big5",
					    "cp932", "gb18030", "gb2312"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasestr(text, names[i]))
			unreadable(m, "its character set");
}

static void
on_sql(struct mysql_script *s, const char *text)
{
	struct call *m = s->data;

	db_says(m->line.c, &m->target, text, strlen(text));
	if (strcasestr(text, "names") || strcasestr(text, "char"))
		watch_charset(m, text);

	if (strcasestr(text, "NO_BACKSLASH_ESCAPES") ||
	    strcasestr(text, "ANSI_QUOTES"))
		unreadable(m, "how its strings end");
	m->temporary |= strcasestr(text, "temporary") != NULL;
	if (m->target.scope == SCOPE_PRODUCTION && strcasestr(text, "set") &&
	    (strcasestr(text, "read write") ||
	     strcasestr(text, "n_read_only") ||
	     strcasestr(text, "tx_read_only")))
		sql_add(&m->sql, SQL_OPAQUE, "a transaction that may write");
	mysql_read(&m->statement, text);
}

static void
use(struct call *m, const char *name)
{
	char *db = talloc_strdup(m->line.c->ctx, name);
	size_t n;

	for (n = db ? strlen(db) : 0; n && strchr("; \t", db[n - 1]);)
		db[--n] = '\0';
	if (db && n > 1 && *db == '`') {
		db[n - 1] = '\0';
		db++;
	}
	flush(m);
	mysql_line_target(&m->line, db, &m->target);
	m->line.database = db;
}

static void
read_file(struct call *m, const char *name)
{
	struct file_call *c = m->line.c;
	size_t len;
	char *text;

	if (!db_file_there(c, name))
		return; /* the client says so */
	text = m->depth < INCLUDES_MAX ? db_file(c, name, &len) : NULL;
	if (!text) {
		unreadable(m, "a file that cannot be read beforehand");
		return;
	}
	file_read_from(c, name);
	m->depth++;
	mysql_script_read(&m->script, text, len);
	m->depth--;
}

static void
on_command(struct mysql_script *s, const char *name, const char *args)
{
	struct call *m = s->data;
	struct file_call *c = m->line.c;

	if (!strcmp(name, "use")) {
		use(m, args);
	} else if (!strcmp(name, "charset")) {
		watch_charset(m, args);
	} else if (!strcmp(name, "source")) {
		read_file(m, args);
	} else if (!strcmp(name, "system")) {
		db_shell(c, args);
	} else if (!strcmp(name, "edit")) {
		db_shell(c, "an editor");
	} else if (!strcmp(name, "pager")) {
		if (*args)
			db_shell(c, args);
	} else if (!strcmp(name, "tee")) {
		if (*args)
			file_write_to(c, args);
	} else if (!strcmp(name, "connect")) {
		const char *host = strchr(args, ' ');
		char *db = talloc_strndup(c->ctx, args, strcspn(args, " \t"));

		flush(m);
		if (host)
			m->line.host = host + strspn(host, " \t");
		use(m, db && *db	  ? db
		       : m->line.database ? m->line.database
					  : "");
	}
}

/* Nothing says what will be typed: the databases are kept before. */
static void
interactive(struct call *m)
{
	bool here = m->target.scope == SCOPE_LOCAL ||
		    m->target.scope == SCOPE_WORKSPACE;

	sql_add(&m->sql, here ? SQL_OPAQUE : SQL_READ | SQL_WRITE,
		"a session in which anything may be typed");
	m->sql.reach = SQL_REACH_SERVER;
}

static void
settings(struct call *m)
{
	struct file_call *c = m->line.c;
	const struct options *o = &m->line.opt;
	const char *delimiter = options_value(o, "delimiter");
	const char *tee = options_value(o, "tee");
	const char *init = options_value(o, "init-command");
	bool terminal = c->in->stdio[0] >= 0 && isatty(c->in->stdio[0]);

	if (delimiter && strlen(delimiter) < sizeof(m->script.delimiter))
		memcpy(m->script.delimiter, delimiter, strlen(delimiter) + 1);
	if (tee)
		file_write_to(c, tee);
	if (options_value(o, "default-character-set"))
		watch_charset(m, options_value(o, "default-character-set"));
	if (options_value(o, "pager") && terminal)
		db_shell(c, options_value(o, "pager"));
	if (options_on(o, "plugin-dir"))
		db_shell(c, "--plugin-dir, which loads code");
	if (options_on(o, "named-commands") || options_on(o, "G"))
		unreadable(m, "commands in the middle of statements");
	if (init) {
		mysql_read(&m->statement, init);
		db_says(c, &m->target, init, strlen(init));
	}
}

static int
begin(struct call *m, struct file_call *c, struct err *e)
{
	if (mysql_line_read(&m->line, options, c, e) < 0)
		return e->code;
	m->e = e;
	m->line.database = options_value(&m->line.opt, "database");
	if (m->line.opt.noperands)
		m->line.database = m->line.opt.operands[0];
	if (m->line.opt.noperands > 1)
		return err_set(e, ERR_SYNTAX, "more than one database");
	mysql_line_target(&m->line, m->line.database, &m->target);
	sql_init(c->ctx, &m->sql);
	m->script = (struct mysql_script){
	    .ctx = c->ctx, .data = m, .sql = on_sql, .command = on_command};
	m->statement = (struct mysql_statement){.ctx = c->ctx,
						.sql = &m->sql,
						.data = m,
						.names = on_name,
						.reads = on_reads};
	return 0;
}

/*
 * Production whose statements only read, as far as their text says: the server
 * keeps the session at that, for a view or a function may do more.  Behind what
 * has to come first on the line.
 */
static void
fence(struct call *m)
{
	static const char *const first[] = {"--defaults", "--no-defaults",
					    "--print-defaults", "--login-path"};
	const unsigned reads = SQL_COUNT | SQL_READ | SQL_SESSION;
	struct file_call *c = m->line.c;
	const char **v;
	size_t n = 1;

	if (!m->production || !m->classes || (m->classes & ~reads) ||
	    m->temporary || options_value(&m->line.opt, "init-command"))
		return;
	v = talloc_array(c->ctx, const char *, (unsigned)c->in->argc + 1);
	if (!v)
		BUG("out of memory");
	for (size_t i = 0; i < sizeof(first) / sizeof(*first);)
		if (n < c->in->argc &&
		    !strncmp(c->in->argv[n], first[i], strlen(first[i]))) {
			n++;
			i = 0;
		} else {
			i++;
		}
	memcpy(v, c->in->argv + 1, (n - 1) * sizeof(*v));
	v[n - 1] = "--init-command=SET SESSION TRANSACTION READ ONLY";
	memcpy(v + n, c->in->argv + n, (c->in->argc - n) * sizeof(*v));
	file_argv(c, v, c->in->argc);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct call m = {.rc = 0};
	const char *execute;
	size_t len;
	char *text;

	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	if (begin(&m, c, e) < 0)
		return e->code;
	if (m.line.only_shows) {
		file_hand_over(c);
		return 0;
	}
	settings(&m);
	execute = options_value(&m.line.opt, "execute");
	for (size_t i = 0; i < options_count(&m.line.opt, "execute"); i++) {
		const char *v = options_nth(&m.line.opt, "execute", i);

		mysql_script_read(&m.script, v, strlen(v));
	}
	if (!execute) {
		if (c->in->stdio[0] >= 0 && isatty(c->in->stdio[0]))
			interactive(&m);
		else if (db_stdin(c, &text, &len, e) < 0)
			return e->code;
		else if (text)
			mysql_script_read(&m.script, text, len);
	}
	if (m.rc < 0)
		return m.rc;
	flush(&m);
	fence(&m);
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"mysql", "mariadb", NULL};

const struct tool tool_mysql = {
    .name = "mysql",
    .names = names,
    .understand = understand,
};
