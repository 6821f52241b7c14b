/* SPDX-License-Identifier: Apache-2.0 */
/* The dot-commands of the sqlite3 shell 3.40.  Most may be shortened. */
#include "base/path.h"
#include "base/text.h"
#include "tools/sqlite.h"
#include <string.h>
#include <talloc.h>

/* Of several that a short word may mean the last one of these counts. */
enum dot {
	DOT_SHOW,      /* shows something, or changes how it is shown */
	DOT_ROWS,      /* prints what the tables hold */
	DOT_PARAMETER, /* evaluates an expression */
	DOT_OPAQUE,
	DOT_FILE, /* the last word is a file for messages */
	DOT_CD,
	DOT_IMPORT,
	DOT_READ,
	DOT_OUTPUT,
	DOT_BACKUP,
	DOT_RESTORE,
	DOT_OPEN,
	DOT_REFUSED,
	DOT_LOAD,
	DOT_SHELL,
};

static const struct {
	const char *name;
	enum dot dot;
	bool whole; /* is never shortened */
} commands[] = {
    {"archive", DOT_REFUSED, false},	 {"auth", DOT_SHOW, false},
    {"backup", DOT_BACKUP, false},	 {"bail", DOT_SHOW, false},
    {"binary", DOT_SHOW, false},	 {"cd", DOT_CD, true},
    {"changes", DOT_SHOW, false},	 {"check", DOT_SHOW, false},
    {"clone", DOT_BACKUP, false},	 {"connection", DOT_REFUSED, false},
    {"databases", DOT_SHOW, false},	 {"dbconfig", DOT_OPAQUE, false},
    {"dbinfo", DOT_SHOW, false},	 {"dump", DOT_ROWS, false},
    {"echo", DOT_SHOW, false},		 {"eqp", DOT_SHOW, false},
    {"excel", DOT_SHELL, true},		 {"exit", DOT_SHOW, false},
    {"expert", DOT_SHOW, false},	 {"explain", DOT_SHOW, false},
    {"filectrl", DOT_SHOW, false},	 {"fullschema", DOT_SHOW, false},
    {"headers", DOT_SHOW, false},	 {"help", DOT_SHOW, false},
    {"import", DOT_IMPORT, false},	 {"imposter", DOT_OPAQUE, false},
    {"indexes", DOT_SHOW, false},	 {"indices", DOT_SHOW, false},
    {"limit", DOT_SHOW, false},		 {"lint", DOT_SHOW, false},
    {"load", DOT_LOAD, false},		 {"log", DOT_FILE, false},
    {"mode", DOT_SHOW, false},		 {"nonce", DOT_SHOW, true},
    {"nullvalue", DOT_SHOW, false},	 {"once", DOT_OUTPUT, false},
    {"open", DOT_OPEN, false},		 {"output", DOT_OUTPUT, false},
    {"parameter", DOT_PARAMETER, false}, {"print", DOT_SHOW, false},
    {"progress", DOT_SHOW, false},	 {"prompt", DOT_SHOW, false},
    {"quit", DOT_SHOW, false},		 {"read", DOT_READ, false},
    {"recover", DOT_ROWS, false},	 {"restore", DOT_RESTORE, false},
    {"save", DOT_BACKUP, false},	 {"scanstats", DOT_SHOW, false},
    {"schema", DOT_SHOW, false},	 {"selecttrace", DOT_SHOW, false},
    {"selftest", DOT_OPAQUE, false},	 {"separator", DOT_SHOW, false},
    {"session", DOT_REFUSED, false},	 {"sha3sum", DOT_SHOW, false},
    {"shell", DOT_SHELL, false},	 {"show", DOT_SHOW, false},
    {"stats", DOT_SHOW, false},		 {"system", DOT_SHELL, false},
    {"tables", DOT_SHOW, false},	 {"testcase", DOT_REFUSED, false},
    {"testctrl", DOT_OPAQUE, false},	 {"timeout", DOT_SHOW, false},
    {"timer", DOT_SHOW, false},		 {"trace", DOT_FILE, false},
    {"treetrace", DOT_SHOW, false},	 {"unmodule", DOT_SHOW, false},
    {"version", DOT_SHOW, false},	 {"vfsinfo", DOT_SHOW, false},
    {"vfslist", DOT_SHOW, false},	 {"vfsname", DOT_SHOW, false},
    {"wheretrace", DOT_SHOW, false},	 {"width", DOT_SHOW, false},
};

static bool
find(const char *word, enum dot *dot)
{
	size_t n = strlen(word);
	bool found = false;

	*dot = DOT_SHOW;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(commands[i].name, word)) {
			*dot = commands[i].dot;
			return true;
		}
		if (commands[i].whole || strncmp(commands[i].name, word, n))
			continue;
		found = true;
		if (commands[i].dot > *dot)
			*dot = commands[i].dot;
	}
	return found;
}

static const char *
at(struct sqlite_call *s, const char *name)
{
	return path_join(s->c->ctx, s->dir, name);
}

static void
output(struct sqlite_call *s, const char **w, size_t n)
{
	const char *name = NULL;

	for (size_t i = 1; i < n; i++)
		if (*w[i] != '-')
			name = name ? name : w[i];
		else if (w[i][strlen(w[i]) - 1] != 'm') /* --bom, --plain */
			db_shell(s->c, "an editor or spreadsheet");
	if (!name || !strcmp(name, "stdout") || !strcmp(name, "off") ||
	    !strcmp(name, "stderr") || !strcmp(name, "on"))
		return;
	if (*name == '|')
		db_shell(s->c, name + 1);
	else
		file_write_to(s->c, at(s, name));
}

static void
import(struct sqlite_call *s, const char **w, size_t n)
{
	const char *name = NULL;

	for (size_t i = 1; i < n; i++) {
		if (*w[i] != '-') {
			name = name ? name : w[i];
			continue;
		}
		if (strstr(w[i], "schema") || strstr(w[i], "skip"))
			i++;
	}
	sql_add(&s->reader.parts[0].sql, SQL_ADD | SQL_WRITE, "an import");
	if (name && *name == '|')
		db_shell(s->c, name + 1);
	else if (name)
		file_read_from(s->c, at(s, name));
}

static void
reopen(struct sqlite_call *s, const char **w, size_t n)
{
	bool readonly = false, anew = false;
	const char *name = NULL;

	for (size_t i = 1; i < n; i++) {
		if (*w[i] != '-') {
			name = name ? name : w[i];
			continue;
		}
		readonly |= strstr(w[i], "readonly") != NULL;
		anew |= strstr(w[i], "new") != NULL;
		i += strstr(w[i], "maxsize") != NULL;
	}
	sqlite_call_open(s, name, readonly, anew);
}

static void
restore(struct sqlite_call *s, const char **w, size_t n)
{
	const char *part = n > 2 ? w[1] : "main";

	for (size_t i = 0; i < s->reader.n; i++)
		if (!strcmp(s->reader.parts[i].name, part))
			sql_add(&s->reader.parts[i].sql, SQL_DESTROY,
				".restore replaces it");
	/* its schema is another one from here on */
	sqlite_opaque(&s->reader, ".restore replaces it");
	if (n > 1)
		file_read_from(s->c, at(s, w[n - 1]));
}

static void
change_folder(struct sqlite_call *s, const char *name)
{
	s->dir = at(s, name);
}

static void
refuse(struct sqlite_call *s, const char *word, const char *why)
{
	if (s->rc == 0)
		s->rc = err_set(s->e, ERR_UNKNOWN, "the sqlite3 command .%s %s",
				text_safe(s->c->ctx, word), why);
}

void
sqlite_dot(struct sqlite_script *script, const char **w, size_t n)
{
	struct sqlite_call *s = script->data;
	struct sql *q = &s->reader.parts[0].sql;
	enum dot dot;

	if (!find(w[0], &dot)) {
		refuse(s, w[0], "is not known");
		return;
	}
	switch (dot) {
	case DOT_SHOW:
		sql_add(q, SQL_COUNT, NULL);
		break;
	case DOT_ROWS:
		sql_add(q, SQL_READ, "all of its rows");
		sql_table(q, "*");
		q->dumps = true;
		break;
	case DOT_PARAMETER:
		if (n > 3)
			sqlite_read(&s->reader,
				    file_text(s->c, "SELECT %s", w[3]));
		break;
	case DOT_OPAQUE:
		if (n > 1)
			sqlite_opaque(&s->reader,
				      "a setting of the shell's own");
		break;
	case DOT_FILE:
	case DOT_OUTPUT:
		output(s, w, n);
		break;
	case DOT_CD:
		if (n > 1)
			change_folder(s, w[1]);
		break;
	case DOT_IMPORT:
		import(s, w, n);
		break;
	case DOT_READ:
		if (n > 1 && *w[1] == '|')
			db_shell(s->c, w[1] + 1);
		else if (n > 1)
			sqlite_call_script(s, w[1]);
		break;
	case DOT_BACKUP:
		if (n > 1)
			sqlite_call_write(s, w[n - 1]);
		sql_add(&s->reader.parts[0].sql, SQL_READ, "all of its rows");
		sql_table(&s->reader.parts[0].sql, "*");
		s->reader.parts[0].sql.dumps = true;
		break;
	case DOT_RESTORE:
		restore(s, w, n);
		break;
	case DOT_OPEN:
		reopen(s, w, n);
		break;
	case DOT_LOAD:
		db_shell(s->c, ".load, which loads code");
		break;
	case DOT_SHELL:
		db_shell(s->c, n > 1 ? w[1] : w[0]);
		break;
	case DOT_REFUSED:
		refuse(s, w[0], "is not followed");
	}
}
