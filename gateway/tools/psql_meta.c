/* SPDX-License-Identifier: Apache-2.0 */
/* The backslash commands of psql 15 (and those of 16 to 18 that only show). */
#include "base/path.h"
#include "base/text.h"
#include "tools/psql.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

void
psql_flush(struct psql *p)
{
	db_effects(p->c, &p->target, &p->sql);
	p->classes |= p->sql.classes;
	p->temporary |= p->sql.ntemporary > 0;
	if (p->target.scope == SCOPE_PRODUCTION)
		p->production = p->target.why;
	sql_init(p->c->ctx, &p->sql);
	/* temporary tables go with the connection */
}

static void
psql_unknown(struct psql *p, const char *why)
{
	sql_add(&p->sql, SQL_OPAQUE, why);
	p->sql.hides = true;
}

void
psql_unreadable(struct psql *p, const char *why)
{
	psql_unknown(p, why);
	db_shell(p->c,
		 file_text(p->c, "a script that cannot be followed: %s", why));
	p->c->fx->v[p->c->fx->n - 1].why = "commands may be hidden in it";
}

void
psql_encoding(struct psql *p, const char *name)
{
	static const char *const plain[] = {
	    "UTF", "UNICODE", "LATIN", "SQL_A", "ISO_8859", "WIN12", "auto"};

	name += strspn(name, " ='\"");
	if (!*name)
		return; /* it is shown */
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (!strncasecmp(name, plain[i], strlen(plain[i])))
			return;
	/* second bytes of its characters may be quotes and backslashes */
	psql_unreadable(p, "its encoding");
}

void
psql_output(struct psql *p, const char *name)
{
	if (!name || !*name)
		return;
	if (*name == '|')
		db_shell(p->c, name + 1);
	else
		file_write_to(p->c, name);
}

static bool
same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Another database from here on.  Words that are left out or "-" are as
 * before; what a connection string leaves out is the default, unless it says
 * -reuse-previous=on. */
static void
reconnect(struct psql *p, const char **w, bool unknown)
{
	struct db_words words = {.cluster = p->target.cluster};
	struct db_target was = p->target;
	const char *v[4] = {NULL};
	bool reuse = true, told = false;
	struct err e = {0};

	psql_flush(p);
	if (w[0] && !strncmp(w[0], "-reuse-previous", 15)) {
		reuse = !strchr(w[0], '=') || strcmp(w[0] + 15, "=off") != 0;
		told = true;
		w++;
	}
	for (size_t i = 0; i < 4 && w[i]; i++)
		v[i] = strcmp(w[i], "-") != 0 ? w[i] : NULL;
	if (v[0] && !told && (strchr(v[0], '=') || strstr(v[0], "://")))
		reuse = false;
	words.dbname = v[0] || !reuse ? v[0] : was.dbname;
	words.user = v[1] || !reuse ? v[1] : was.user;
	words.host = v[2] || !reuse ? v[2] : was.host;
	words.port = v[3] || !reuse ? v[3] : v[2] ? NULL : was.port;
	if (db_target_find(p->c, &words, &p->target, &e) < 0)
		unknown = true;
	if (reuse && !v[2] && was.hostaddr && p->target.scope == SCOPE_LOCAL)
		unknown |= was.scope != SCOPE_LOCAL;
	p->elsewhere |= unknown || p->environment || p->script.branches ||
			!same(was.host, p->target.host) ||
			!same(was.hostaddr, p->target.hostaddr) ||
			!same(was.port, p->target.port) ||
			!same(was.user, p->target.user);
	if (unknown || p->environment || p->script.branches) {
		p->target.scope = SCOPE_PRODUCTION;
		p->target.why = "which database \\connect means cannot be told";
	}
}

/* \copy as the COPY that psql makes of it; *file: on this side. */
static void
client_copy(struct psql *p, const char *args)
{
	int depth = 0;
	char quote = 0;
	bool from = false;
	const char *at = args, *word, *rest;
	size_t n = 0;

	for (; *at; at++) {
		if (quote) {
			quote = *at == quote ? 0 : quote;
			continue;
		}
		if (*at == '\'' || *at == '"')
			quote = *at;
		depth += (*at == '(') - (*at == ')');
		if (depth || (at > args && !strchr(" \t)", at[-1])))
			continue;
		from = !strncasecmp(at, "from", 4) && strchr(" \t'", at[4]);
		if (from ||
		    (!strncasecmp(at, "to", 2) && strchr(" \t'", at[2])))
			break;
	}
	if (!*at) {
		sql_add(&p->sql, SQL_OPAQUE, "\\copy");
		return;
	}
	word = at + (from ? 4 : 2);
	word += strspn(word, " \t");
	n = *word == '\'' ? strcspn(word + 1, "'") + 2 : strcspn(word, " \t");
	if (!strncasecmp(word, "program", 7) && n == 7) {
		db_shell(p->c, word + 7 + strspn(word + 7, " \t"));
		n = strlen(word);
	} else if (*word == '\'') {
		char *name =
		    talloc_strndup(p->c->ctx, word + 1, n > 2 ? n - 2 : 0);

		if (from)
			file_read_from(p->c, name);
		else
			psql_output(p, name);
	} else if (strncasecmp(word, "std", 3) != 0 &&
		   strncasecmp(word, "pstd", 4) != 0) {
		char *name = talloc_strndup(p->c->ctx, word, n);

		if (from)
			file_read_from(p->c, name);
		else
			psql_output(p, name);
	}
	rest = word + (n < strlen(word) ? n : strlen(word));
	sql_read(&p->sql,
		 file_text(p->c, "COPY %.*s %s %s", (int)(at - args), args,
			   from ? "FROM STDIN" : "TO STDOUT", rest));
}

/* Those that only show something, or change how it is shown. */
static bool
only_shows(const char *name)
{
	static const char *const shows[] = {"?",
					    "a",
					    "C",
					    "conninfo",
					    "copyright",
					    "echo",
					    "elif",
					    "else",
					    "encoding",
					    "endif",
					    "errverbose",
					    "f",
					    "gdesc",
					    "h",
					    "H",
					    "help",
					    "html",
					    "if",
					    "l",
					    "list",
					    "lo_list",
					    "p",
					    "print",
					    "pset",
					    "q",
					    "qecho",
					    "quit",
					    "r",
					    "reset",
					    "sf",
					    "sf+",
					    "sv",
					    "sv+",
					    "t",
					    "T",
					    "timing",
					    "unset",
					    "warn",
					    "watch",
					    "x",
					    "z",
					    "zS",
					    "crosstabview",
					    "restrict",
					    "unrestrict",
					    "l+",
					    "lo_list+",
					    "bind",
					    "parse",
					    "bind_named",
					    "close_prepared",
					    "gx",
					    "g",
					    "ll",
					    "prompt"};

	if (*name == 'd')
		return true; /* \d... describes */
	for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++)
		if (!strcmp(name, shows[i]))
			return true;
	return false;
}

static bool
is(const char *name, const char *one, const char *other)
{
	return !strcmp(name, one) || (other && !strcmp(name, other));
}

static void
set_variable(struct psql *p, const char **w, bool unknown)
{
	char *value = file_text(p->c, "%s", "");

	for (size_t i = 1; w[0] && w[i]; i++)
		value = talloc_strdup_append(value, w[i]);
	if (w[0])
		psql_set(&p->script, w[0], unknown ? NULL : value);
	if (w[0] && !strcmp(w[0], "SINGLELINE"))
		psql_unreadable(p, "lines that end statements");
}

static void
set_environment(struct psql *p, const char **w)
{
	static const char *const programs[] = {
	    "PAGER", "PSQL_PAGER", "PSQL_EDITOR",      "EDITOR", "VISUAL",
	    "SHELL", "PATH",	   "PSQL_WATCH_PAGER", "COMSPEC"};

	if (!w[0])
		return;
	if (!strncmp(w[0], "PG", 2))
		p->environment = true;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (!strcmp(w[0], programs[i]) && w[1] &&
		    strcmp(w[1], "cat") != 0 && strcmp(w[1], "less") != 0)
			db_shell(p->c, w[1]);
}

void
psql_meta(struct psql_script *s, const char *name, const char *args)
{
	struct psql *p = s->data;
	bool program, unknown;
	const char **w;

	if (is(name, "!", NULL)) {
		db_shell(p->c, *args ? args : "a shell");
		return;
	}
	if (is(name, "copy", NULL)) {
		client_copy(p, args);
		return;
	}
	w = psql_words(s, args, &program, &unknown);
	if (program)
		db_shell(p->c, args);
	if (is(name, "c", "connect"))
		reconnect(p, w, unknown || program);
	else if (is(name, "i", "include") || is(name, "ir", "include_relative"))
		psql_file(p, unknown || !w[0] ? "/dev/unknown" : w[0],
			  name[1] == 'r' || strchr(name, '_'));
	else if (is(name, "o", "out") || is(name, "w", "write") ||
		 is(name, "s", NULL) || (is(name, "g", "gx") && *args != '('))
		psql_output(p, unknown ? "/dev/unknown" : w[0]);
	else if (is(name, "g", "gx"))
		psql_output(p, strrchr(args, ')') && strrchr(args, ')')[1]
				   ? strrchr(args, ')') + 2
				   : NULL);
	else if (is(name, "gexec", NULL))
		psql_unknown(p, "\\gexec: what a query returns");
	else if (is(name, "gset", NULL))
		psql_forget(s);
	else if (is(name, "set", NULL))
		set_variable(p, w, unknown || program);
	else if (is(name, "getenv", "prompt") && w[0])
		psql_set(s, strcmp(name, "prompt") || !w[1] ? w[0] : w[1],
			 NULL);
	else if (is(name, "setenv", NULL))
		set_environment(p, w);
	else if (is(name, "cd", NULL))
		operands_change(&p->c->os, w[0] ? w[0] : p->c->os.home, p->e);
	else if (is(name, "encoding", NULL) && w[0])
		psql_encoding(p, w[0]);
	else if (is(name, "password", NULL))
		sql_add(&p->sql, SQL_ADMIN | SQL_GLOBAL, "\\password");
	else if (is(name, "lo_unlink", NULL))
		sql_add(&p->sql, SQL_DESTROY, "\\lo_unlink");
	else if (is(name, "lo_import", NULL) && w[0]) {
		file_read_from(p->c, w[0]);
		sql_add(&p->sql, SQL_WRITE, "\\lo_import");
	} else if (is(name, "lo_export", NULL) && w[0] && w[1]) {
		sql_add(&p->sql, SQL_READ, "\\lo_export");
		psql_output(p, w[1]);
	} else if (only_shows(name) || !*name)
		sql_add(&p->sql, SQL_COUNT, NULL);
	else {
		/* \e and its like, and what later versions bring */
		sql_add(&p->sql, SQL_OPAQUE, file_text(p->c, "\\%s", name));
		db_shell(p->c, file_text(p->c, "\\%s", name));
	}
}
