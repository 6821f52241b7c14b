/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sqlite3 shell 3.40: statements and dot-commands from the line, -cmd,
 * -init, the standard input and what those read.  The database is a file:
 * what may be destroyed in it is kept by keeping the file and its journals.
 */
#include "tools/sqlite.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

#define INCLUDES_MAX 25

/* Exact names, with one dash or two, in any place. */
static const struct {
	const char *name;
	unsigned char values;
} options[] = {
    {"append", 0},	{"ascii", 0},	    {"bail", 0},      {"batch", 0},
    {"box", 0},		{"cmd", 1},	    {"column", 0},    {"csv", 0},
    {"deserialize", 0}, {"echo", 0},	    {"eqp", 0},	      {"eqpfull", 0},
    {"header", 0},	{"heap", 1},	    {"help", 0},      {"html", 0},
    {"init", 1},	{"interactive", 0}, {"json", 0},      {"line", 0},
    {"list", 0},	{"lookaside", 2},   {"markdown", 0},  {"maxsize", 1},
    {"memtrace", 0},	{"mmap", 1},	    {"newline", 1},   {"nofollow", 0},
    {"noheader", 0},	{"nonce", 1},	    {"nullvalue", 1}, {"pagecache", 2},
    {"quote", 0},	{"readonly", 0},    {"safe", 0},      {"scanstats", 0},
    {"separator", 1},	{"stats", 0},	    {"table", 0},     {"tabs", 0},
    {"threadsafe", 1},	{"version", 0},	    {"vfs", 1},	      {"zip", 0},
};

struct line {
	const char *file;
	const char *init;
	const char **inputs; /* operands behind the file */
	size_t ninputs;
	const char **cmds;
	size_t ncmds;
	bool readonly, interactive, batch, archive, shows;
};

static char
hex(char c)
{
	return (char)(isdigit((unsigned char)c) ? c - '0'
						: (c | 0x20) - 'a' + 10);
}

/* file:PATH?key=value; NULL: no file. */
static const char *
uri_path(struct file_call *c, const char *uri, bool *readonly, bool *memory)
{
	const char *p = uri + 5, *q;
	char *path;
	size_t n = 0;

	if (!strncmp(p, "//", 2))
		p += 2 + strcspn(p + 2, "/");
	q = p + strcspn(p, "?#");
	path = talloc_zero_size(c->ctx, (size_t)(q - p) + 1);
	for (; path && p < q; p++)
		if (*p == '%' && q - p > 2 && isxdigit((unsigned char)p[1]) &&
		    isxdigit((unsigned char)p[2])) {
			path[n++] = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else {
			path[n++] = *p;
		}
	*memory |=
	    strstr(q, "mode=memory") != NULL || strstr(q, "vfs=memdb") != NULL;
	*readonly |= strstr(q, "mode=ro") && !strstr(q, "mode=rw");
	return path;
}

static struct sqlite_file *
file_of(struct sqlite_call *s, const char *name, bool readonly)
{
	struct file_call *c = s->c;
	struct sqlite_file *f = talloc_zero(c->ctx, struct sqlite_file);
	const char *path = name;

	if (!f)
		BUG("out of memory");
	f->readonly = readonly;
	if (path && !strncmp(path, "file:", 5))
		path = uri_path(c, path, &f->readonly, &f->memory);
	if (f->memory || !path || !*path || !strcmp(path, ":memory:")) {
		f->memory = true;
		return f;
	}
	operand_look(&c->os, path_join(c->ctx, s->dir, path), &f->o);
	f->target.label = text_safe(c->ctx, path);
	db_scope_file(c, &f->target, f->o.target);
	return f;
}

/* --- effects ---------------------------------------------------------------
 */

static struct effect *
add(struct sqlite_call *s, const struct sqlite_file *f, enum effect_kind kind,
    const char *what, unsigned losses)
{
	const struct db_target *t = &f->target;
	struct effect *fx = effects_add(s->c->fx, kind, t->scope, t->label);

	fx->undo = UNDO_NO;
	fx->losses = losses;
	fx->why = t->why && what ? file_text(s->c, "%s; %s", what, t->why)
		  : t->why	 ? t->why
				 : what;
	if (t->scope == SCOPE_PRODUCTION || t->scope == SCOPE_PROTECTED)
		fx->instead = file_text(
		    s->c, "the same on a copy: cp %s copy.db", t->label);
	return fx;
}

/* The database with its logs, as one state. */
static void
rewritten(struct sqlite_call *s, const struct sqlite_file *f)
{
	static const char *const beside[] = {"-wal", "-journal", "-shm"};
	struct operand o;

	file_act(s->c, f->o.leads ? ACT_REWRITE : ACT_MAKE, &f->o, true);
	for (size_t i = 0; f->o.leads && i < 3; i++) {
		operand_at(&s->c->os,
			   file_text(s->c, "%s%s", f->o.target, beside[i]), &o);
		if (o.there)
			file_act(s->c, ACT_REWRITE, &o, false);
	}
}

static bool
at_home(struct sqlite_call *s, const struct sqlite_file *f)
{
	struct path_class k;

	path_classify(&s->c->os, &f->o, f->o.target, &k);
	return k.scope == SCOPE_WORKSPACE || k.scope == SCOPE_SCRATCH;
}

static void
part_effects(struct sqlite_call *s, const struct sqlite_file *f,
	     const struct sql *q)
{
	unsigned k = q->classes;
	bool here = f->target.scope == SCOPE_LOCAL ||
		    f->target.scope == SCOPE_WORKSPACE;
	unsigned lost = here && f->o.leads ? LOSS_FILES : 0;
	bool loses = (k & (SQL_ALTER | SQL_DESTROY | SQL_OPAQUE)) != 0;

	if (f->memory)
		return;
	if (k & SQL_READ || (f->target.scope == SCOPE_PROTECTED && k))
		add(s, f, EFFECT_DB_READ, q->what, 0);
	db_sensitive_effects(s->c, &f->target, q);
	if (f->readonly)
		return;
	if (!f->o.leads) {
		/* nothing is there that could be lost */
		file_act(s->c, ACT_MAKE, &f->o, true);
		if (here)
			return;
	}
	if (k & (SQL_WRITE | SQL_ADMIN))
		add(s, f, EFFECT_DB_WRITE, q->what, 0);
	if (k & SQL_ADD)
		add(s, f, EFFECT_DB_SCHEMA, q->what, 0)->undo =
		    here ? UNDO_YES : UNDO_NO;
	if (k & SQL_ALTER)
		add(s, f, EFFECT_DB_SCHEMA, q->what, lost);
	if (k & (SQL_DESTROY | SQL_OPAQUE))
		add(s, f, EFFECT_DB_DESTROY, q->what, lost);
	if (here && (loses || ((k & (SQL_WRITE | SQL_ADMIN | SQL_ADD)) &&
			       !at_home(s, f))))
		rewritten(s, f);
}

static void
flush(struct sqlite_call *s)
{
	struct sqlite_reader *r = &s->reader;

	for (size_t i = 0; i < r->n; i++)
		if (r->parts[i].data)
			part_effects(s, r->parts[i].data, &r->parts[i].sql);
	if (r->other)
		db_shell(s->c, r->other_what);
	r->other = 0;
	r->other_what = NULL;
	sqlite_close(r);
}

void
sqlite_call_open(struct sqlite_call *s, const char *name, bool readonly,
		 bool anew)
{
	struct sqlite_file *f = file_of(s, name, readonly);

	if (s->reader.db)
		flush(s);
	if (sqlite_open(&s->reader, f->memory || anew ? NULL : f->o.target, f,
			s->e) < 0)
		s->rc = s->e->code;
	if (anew && !f->memory)
		sql_add(&s->reader.parts[0].sql, SQL_DESTROY,
			"the database is made anew");
}

void
sqlite_call_write(struct sqlite_call *s, const char *name)
{
	struct sqlite_file *f = file_of(s, name, false);
	struct sql q;

	sql_init(s->c->ctx, &q);
	sql_add(&q, SQL_DESTROY, "another database is written over it");
	part_effects(s, f, &q);
}

/* --- what is read ----------------------------------------------------------
 */

static const char *
on_attach(struct sqlite_reader *r, const char *name, void **data)
{
	struct sqlite_call *s = r->data;
	struct sqlite_file *f = name ? file_of(s, name, false) : NULL;

	if (!f)
		return NULL;
	*data = f;
	return f->memory ? NULL : f->o.target;
}

static void
on_reads(struct sqlite_reader *r, const char *name)
{
	struct sqlite_call *s = r->data;
	struct operand o;

	operand_look(&s->c->os, path_join(s->c->ctx, s->dir, name), &o);
	if (o.leads)
		file_copied(s->c, &o, NULL);
}

static void
on_vacuum_into(struct sqlite_reader *r, const char *name)
{
	struct sqlite_call *s = r->data;

	if (name)
		file_write_to(s->c, path_join(s->c->ctx, s->dir, name));
	else
		db_shell(s->c, "VACUUM INTO a file that nobody knows");
}

static void
on_sql(struct sqlite_script *script, const char *text)
{
	struct sqlite_call *s = script->data;

	sqlite_read(&s->reader, text);
}

void
sqlite_call_script(struct sqlite_call *s, const char *name)
{
	struct file_call *c = s->c;
	const char *path;
	size_t len;
	char *text;

	if (!strcmp(name, "-") || !strcmp(name, "/dev/stdin")) {
		if (db_stdin(c, &text, &len, s->e) < 0)
			s->rc = s->e->code;
		else if (text)
			sqlite_script_read(&s->script, text, len);
		return;
	}
	path = path_join(c->ctx, s->dir, name);
	if (!db_file_there(c, path))
		return; /* sqlite3 says so */
	text = s->depth < INCLUDES_MAX ? db_file(c, path, &len) : NULL;
	if (!text) {
		sqlite_opaque(&s->reader, "a script that cannot be read");
		db_shell(c, file_text(c, "%s, which cannot be read beforehand",
				      text_safe(c->ctx, name)));
		return;
	}
	file_read_from(c, path);
	s->depth++;
	sqlite_script_read(&s->script, text, len);
	s->depth--;
}

static void
input(struct sqlite_call *s, const char *text)
{
	if (*text == '.')
		sqlite_script_dot(&s->script, text);
	else
		sqlite_read(&s->reader, text);
}

static const char **
append(struct file_call *c, const char **v, size_t *n, const char *word)
{
	v = talloc_realloc(c->ctx, v, const char *, (unsigned)*n + 1);
	if (!v)
		BUG("out of memory");
	v[(*n)++] = word;
	return v;
}

static int
option(struct file_call *c, struct line *l, const char *name, size_t *i,
       struct err *e)
{
	const char *const *argv = c->in->argv;
	size_t k = 0, n = sizeof(options) / sizeof(*options);

	while (k < n && strcmp(options[k].name, name) != 0)
		k++;
	if (k == n)
		return err_set(e, ERR_UNKNOWN,
			       "sqlite3 has no option -%s that is known here",
			       text_safe(c->ctx, name));
	for (unsigned v = 0; v < options[k].values; v++)
		if (!argv[++*i])
			return err_set(e, ERR_SYNTAX, "-%s has no value", name);
	if (!strcmp(name, "cmd"))
		l->cmds = append(c, l->cmds, &l->ncmds, argv[*i]);
	else if (!strcmp(name, "init"))
		l->init = argv[*i];
	l->readonly |= !strcmp(name, "readonly");
	l->batch |= !strcmp(name, "batch");
	l->interactive |= !strcmp(name, "interactive");
	l->shows |= !strcmp(name, "help") || !strcmp(name, "version");
	return 0;
}

static int
read_line(struct file_call *c, struct line *l, struct err *e)
{
	for (size_t i = 1; i < c->in->argc; i++) {
		const char *w = c->in->argv[i];

		if (*w != '-') {
			if (!l->file)
				l->file = w;
			else
				l->inputs =
				    append(c, l->inputs, &l->ninputs, w);
			continue;
		}
		w += w[1] == '-' ? 2 : 1;
		if (*w == 'A') {
			l->archive = true;
			return 0;
		}
		if (option(c, l, w, &i, e) < 0)
			return e->code;
	}
	return 0;
}

/* Nothing says what will be typed: the file is kept. */
static void
interactive(struct sqlite_call *s)
{
	sqlite_opaque(&s->reader, "a session in which anything may be typed");
}

/* The statements of the person's own start file are judged like all others;
 * its programs, and how it shows things, are as trusted as the shell's. */
static void
start_file(struct sqlite_call *s)
{
	const char *home = invocation_home(s->c->in);
	struct effects *fx = s->c->fx;
	size_t n = fx->n;

	if (!home)
		return;
	sqlite_call_script(s, file_text(s->c, "%s/.sqliterc", home));
	for (size_t i = n; i < fx->n; i++)
		if (fx->v[i].kind != EFFECT_EXEC_UNKNOWN)
			fx->v[n++] = fx->v[i];
	fx->n = n;
	s->rc = 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct sqlite_call s = {.c = c, .dir = c->os.base_dir, .e = e};
	struct line l = {0};

	if (read_line(c, &l, e) < 0)
		return e->code;
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	if (l.shows) {
		file_hand_over(c);
		return 0;
	}
	if (l.archive)
		return err_set(e, ERR_UNKNOWN,
			       "-A packs and unpacks files; use tar or zip");
	s.reader = (struct sqlite_reader){.ctx = c->ctx,
					  .data = &s,
					  .attach = on_attach,
					  .reads = on_reads,
					  .vacuum_into = on_vacuum_into};
	s.script = (struct sqlite_script){
	    .ctx = c->ctx, .data = &s, .sql = on_sql, .dot = sqlite_dot};
	sqlite_call_open(&s, l.file, l.readonly, false);
	if (l.init)
		sqlite_call_script(&s, l.init);
	else
		start_file(&s);
	for (size_t i = 0; i < l.ncmds; i++)
		input(&s, l.cmds[i]);
	for (size_t i = 0; i < l.ninputs; i++)
		input(&s, l.inputs[i]);
	if (!l.ninputs) {
		if (c->in->stdio[0] >= 0 && isatty(c->in->stdio[0]))
			interactive(&s);
		else
			sqlite_call_script(&s, "-");
	}
	flush(&s);
	if (s.rc < 0)
		return s.rc;
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("sqlite3", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sqlite3", NULL};

const struct tool tool_sqlite = {
    .name = "sqlite",
    .names = names,
    .understand = understand,
};
