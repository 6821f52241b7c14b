/* SPDX-License-Identifier: Apache-2.0 */
/*
 * psql of PostgreSQL 15: statements and backslash commands from -c, -f, the
 * standard input and what those include.
 */
#include "tools/psql.h"
#include "base/path.h"
#include "base/text.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define INCLUDES_MAX 16

static const struct option_spec options[] = {
    F('a', "echo-all"),
    F('A', "no-align"),
    F('b', "echo-errors"),
    A('c', "command"),
    F(0, "csv"),
    A('d', "dbname"),
    F('e', "echo-queries"),
    F('E', "echo-hidden"),
    A('f', "file"),
    A('F', "field-separator"),
    F('z', "field-separator-zero"),
    A('h', "host"),
    F('H', "html"),
    F('l', "list"),
    A('L', "log-file"),
    F('n', "no-readline"),
    F('1', "single-transaction"),
    A('o', "output"),
    A('p', "port"),
    A('P', "pset"),
    F('q', "quiet"),
    A('R', "record-separator"),
    F('0', "record-separator-zero"),
    F('s', "single-step"),
    F('S', "single-line"),
    F('t', "tuples-only"),
    A('T', "table-attr"),
    A('U', "username"),
    A('v', "set"),
    AA(0, "variable"),
    F('V', "version"),
    F('w', "no-password"),
    F('W', "password"),
    F('x', "expanded"),
    F('X', "no-psqlrc"),
    O('?', "help"),
    A(0, "cluster"), /* Debian's pg_wrapper */
    END,
};

/* "-c search_path=x" of options; what SET says is read with its statement. */
static void
option_path(struct psql *p, const char *text)
{
	const char *s = text ? strcasestr(text, "search_path") : NULL;

	if (!s)
		return;
	s += strcspn(s, "= ");
	s += strspn(s, "= ");
	sql_path(&p->sql,
		 strpbrk(s, "\\%")
		     ? NULL
		     : file_text(p->c, "%.*s", (int)strcspn(s, " &'"), s));
}

/* Settings that move the ends of strings. */
static void
watch(struct psql *p, const char *text)
{
	const char *s = strcasestr(text, "client_encoding");

	if (strcasestr(text, "conforming_strings") &&
	    !strcasestr(text, "conforming_strings = on"))
		psql_unreadable(p, "how its strings end");
	if (s && (s[15] == ' ' || s[15] == '=')) {
		s += 15 + strspn(s + 15, " =");
		s += strncasecmp(s, "to ", 3) == 0 ? 3 : 0;
		psql_encoding(p, s);
	}
}

static void
on_sql(struct psql_script *s, const char *text, bool opaque)
{
	struct psql *p = s->data;

	db_says(p->c, &p->target, text, strlen(text));
	p->sql.hides |= opaque;
	if (opaque)
		sql_add(&p->sql, SQL_OPAQUE,
			"a statement made of a variable that nobody knows");
	if (*text)
		sql_read(&p->sql, text);
	watch(p, text);
}

static void
on_data(struct psql_script *s)
{
	struct psql *p = s->data;

	sql_add(&p->sql, SQL_OPAQUE,
		"rows that would be commands if COPY failed");
}

/* Nothing says what will be typed: what is there is kept first. */
static void
interactive(struct psql *p)
{
	struct effect *fx;
	bool here = p->target.scope == SCOPE_LOCAL ||
		    p->target.scope == SCOPE_WORKSPACE;

	p->typed = true;
	fx = effects_add(p->c->fx, EFFECT_DB_READ, p->target.scope,
			 p->target.label);
	fx->undo = UNDO_YES;
	if (!p->target.read_only)
		db_sensitive_unknown(p->c, &p->target);
	if (here) {
		if (!p->target.read_only)
			sql_add(&p->sql, SQL_OPAQUE,
				"a session in which anything may be typed");
		return;
	}
	fx->undo = UNDO_NO;
	fx->why = "a session in which anything may be typed";
	if (p->target.scope == SCOPE_FOREIGN)
		fx->kind = EFFECT_DB_WRITE;
}

void
psql_file(struct psql *p, const char *name, bool beside)
{
	const char *dir = p->dir, *path = name;
	size_t len;
	char *text;

	if (!strcmp(name, "-") || !strcmp(name, "/dev/stdin")) {
		if (db_stdin(p->c, &text, &len, p->e) < 0)
			p->rc = p->e->code;
		else if (text)
			psql_script_read(&p->script, text, len);
		else if (p->c->in->stdio[0] >= 0 && isatty(p->c->in->stdio[0]))
			interactive(p);
		return;
	}
	if (beside && *name != '/' && dir)
		path = path_join(p->c->ctx, dir, name);
	path = path_join(p->c->ctx, p->c->os.base_dir, path);
	if (!db_file_there(p->c, path))
		return; /* psql says so */
	text = p->depth < INCLUDES_MAX ? db_file(p->c, path, &len) : NULL;
	if (!text) {
		sql_add(&p->sql, SQL_OPAQUE, "a script that cannot be read");
		db_shell(p->c, file_text(p->c,
					 "%s, which cannot be read "
					 "beforehand",
					 text_safe(p->c->ctx, name)));
		return;
	}
	file_read_from(p->c, path);
	p->depth++;
	p->dir = path_parent(p->c->ctx, path);
	psql_script_read(&p->script, text, len);
	p->dir = dir;
	p->depth--;
}

/* An argument of -c is one backslash command or SQL without variables. */
static void
command(struct psql *p, const char *text)
{
	const char *s = text + strspn(text, " \t\r\n");

	db_says(p->c, &p->target, text, strlen(text));
	if (*s == '\\')
		psql_script_read(&p->script, s, strcspn(s, "\n"));
	else
		sql_read(&p->sql, text);
}

/* Is it there, and of this session? */
static bool
changed_since(const struct session *s, const char *path)
{
	struct stat st;

	return s && stat(path, &st) == 0 &&
	       (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec >
		   s->started_ns;
}

/* That file, and those beside it for one version of psql.  Is one of them of
 * this session? */
static bool
start_files(struct psql *p, const char *name)
{
	const char *path = path_join(p->c->ctx, p->c->os.base_dir, name);
	const char *base = path_base(path);
	const char *parent = path_parent(p->c->ctx, path);
	struct dirent *ent;
	DIR *d = opendir(parent);
	size_t n = strlen(base);
	bool fresh = changed_since(p->c->in->session, path);

	psql_file(p, name, false);
	while (d && (ent = readdir(d))) {
		if (strncmp(ent->d_name, base, n) != 0 || ent->d_name[n] != '-')
			continue;
		path = path_join(p->c->ctx, parent, ent->d_name);
		fresh |= changed_since(p->c->in->session, path);
		psql_file(p, path, false);
	}
	if (d)
		closedir(d);
	return fresh;
}

/* The programs in the person's own start file are as trusted as those in the
 * shell's, unless it is of this session; its statements are judged like all
 * others. */
static void
start_file(struct psql *p)
{
	const char *rc = invocation_env(p->c->in, "PSQLRC");
	const char *home = invocation_env(p->c->in, "HOME");
	const char *own = invocation_home(p->c->in);
	struct effects *fx = p->c->fx;
	size_t was = fx->n, n = fx->n;

	if (file_on(p->c, "no-psqlrc"))
		return;
	if (!home)
		home = own;
	if (rc && *rc) {
		start_files(p, rc);
		return;
	}
	if (!home || start_files(p, file_text(p->c, "%s/.psqlrc", home)) ||
	    !own || strcmp(home, own) != 0)
		return;
	for (size_t i = was; i < fx->n; i++)
		if (fx->v[i].kind != EFFECT_EXEC_UNKNOWN)
			fx->v[n++] = fx->v[i];
	fx->n = n;
}

static void
assignments(struct psql *p)
{
	static const char *const built_in[] = {"DBNAME",
					       "USER",
					       "HOST",
					       "PORT",
					       "ENCODING",
					       "ROW_COUNT",
					       "LASTOID",
					       "ERROR",
					       "SQLSTATE",
					       "VERSION",
					       "SERVER_VERSION_NAME",
					       "LAST_ERROR_MESSAGE"};

	for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++)
		psql_set(&p->script, built_in[i], NULL);
	for (size_t i = 0; i < options_count(&p->c->opt, "set"); i++) {
		const char *v = options_nth(&p->c->opt, "set", i);
		const char *eq = v ? strchr(v, '=') : NULL;

		if (eq)
			psql_set(&p->script,
				 talloc_strndup(p->c->ctx, v, (size_t)(eq - v)),
				 eq + 1);
	}
}

/* Everything that the line says, in its order. */
static void
said(struct psql *p)
{
	const struct options *opt = &p->c->opt;
	bool any = false;

	for (size_t i = 0; i < opt->n; i++) {
		const struct option *o = &opt->v[i];
		bool file = !strcmp(o->name, "file");

		if (!file && strcmp(o->name, "command") != 0)
			continue;
		any = true;
		if (file)
			psql_file(p, o->value, false);
		else
			command(p, o->value);
	}
	if (!any)
		psql_file(p, "-", false);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct psql p = {.c = c, .e = e};
	struct db_words w = db_words_of(c);
	struct db_target begin;
	size_t n = 0;

	w.dbname = file_value(c, "dbname");
	/* psql 15 takes a second operand for the user */
	if (!w.dbname && n < c->opt.noperands)
		w.dbname = c->opt.operands[n++];
	if (!w.user && n < c->opt.noperands)
		w.user = c->opt.operands[n++];
	if (db_target_find(c, &w, &p.target, e) < 0)
		return e->code;
	p.target.asks = file_on(c, "password");
	begin = p.target;
	sql_init(c->ctx, &p.sql);
	p.script = (struct psql_script){.ctx = c->ctx,
					.data = &p,
					.sql = on_sql,
					.meta = psql_meta,
					.data_commands = on_data};
	assignments(&p);
	if (file_on(c, "single-line") && (options_count(&c->opt, "file") ||
					  !options_count(&c->opt, "command")))
		psql_unreadable(&p, "lines that end statements");
	option_path(&p, invocation_env(c->in, "PGOPTIONS"));
	option_path(&p, w.dbname);
	if (invocation_env(c->in, "PGOPTIONS"))
		watch(&p, invocation_env(c->in, "PGOPTIONS"));
	if (invocation_env(c->in, "PGCLIENTENCODING"))
		psql_encoding(&p, invocation_env(c->in, "PGCLIENTENCODING"));
	if (w.dbname)
		watch(&p, w.dbname);
	psql_output(&p, file_value(c, "output"));
	psql_output(&p, file_value(c, "log-file"));
	if (file_on(c, "list"))
		sql_add(&p.sql, SQL_COUNT, "the list of databases");
	else
		start_file(&p);
	if (!file_on(c, "list"))
		said(&p);
	if (p.rc < 0)
		return p.rc;
	psql_flush(&p);
	/* a session that reaches both would be in no box */
	if (p.target.read_only && !begin.read_only)
		return err_set(e, ERR_UNKNOWN,
			       "\\connect to %s, which may only be read: in a "
			       "call of its own",
			       p.target.label);
	/* what somebody allowed is a look at it */
	if (p.typed && begin.scope == SCOPE_PRODUCTION && !begin.read_only)
		begin.read_only = file_text(
		    c,
		    "a session in which anything may be typed only reads: "
		    "%s",
		    begin.why ? begin.why : begin.label);
	else if (p.production && !p.typed && !p.elsewhere)
		db_fence(c, p.classes, p.temporary, p.production, &begin);
	return db_run(c, &begin, p.typed ? DB_RUN_INTERACTIVE : 0, e);
}

static const struct file_tool tool = {
    .name = "psql",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return db_understand(&tool, 1, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"psql", NULL};

const struct tool tool_psql = {
    .name = "psql",
    .names = names,
    .understand = understand,
};
