/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a script for the sqlite3 shell, as 3.39 to 3.46 split them. */
#include "base/err.h"
#include "parse/sqlite.h"
#include <ctype.h>
#include <sqlite3.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct lines {
	char wait; /* a string, name or comment is open: its last character */
	bool dark; /* there is more than blanks and comments */
	bool semi; /* the last dark character was one */
};

/* Behind an open string or comment; NULL: it stays open. */
static const char *
behind(struct lines *l, const char *p)
{
	for (; *p; p++) {
		if (*p != l->wait)
			continue;
		if (l->wait == '*' && p[1] != '/')
			continue;
		if (l->wait != '*' && l->wait != ']' && p[1] == l->wait) {
			p++;
			continue;
		}
		p += l->wait == '*' ? 2 : 1;
		l->wait = 0;
		return p;
	}
	return NULL;
}

static void
scan(struct lines *l, const char *p)
{
	if (l->wait)
		p = behind(l, p);
	while (p && *p) {
		char c = *p++;

		if (isspace((unsigned char)c))
			continue;
		if (c == '-' && *p == '-') {
			p += strcspn(p, "\n");
			continue;
		}
		if (c == ';') {
			l->semi = true;
			continue;
		}
		if (c == '/' && *p == '*') {
			l->wait = '*';
			p = behind(l, p + 1);
			continue;
		}
		l->dark = true;
		l->semi = false;
		if (strchr("'\"`[", c)) {
			l->wait = c == '[' ? ']' : c;
			p = behind(l, p);
		}
	}
}

static bool
is_terminator(const char *line)
{
	size_t n;

	line += strspn(line, " \t\r\n\v\f");
	n = *line == '/' && line[1] != '*' ? 1 : 0;
	if (!strncasecmp(line, "go", 2))
		n = 2;
	return n && !line[n + strspn(line + n, " \t\r\n\v\f")];
}

static char
escaped(const char **p)
{
	const char *s = *p;
	char c = *s;

	if (c >= '0' && c <= '7') {
		int v = 0;

		for (int i = 0; i < 3 && *s >= '0' && *s <= '7'; i++)
			v = v * 8 + (*s++ - '0');
		*p = s;
		return (char)v;
	}
	*p = s + 1;
	switch (c) {
	case 'a':
		return '\a';
	case 'b':
		return '\b';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'v':
		return '\v';
	case 'f':
		return '\f';
	case 'r':
		return '\r';
	default:
		return c;
	}
}

void
sqlite_script_dot(struct sqlite_script *s, const char *line)
{
	const char *words[64] = {NULL}, *p = line + 1;
	size_t n = 0;

	while (n < 60) {
		char *w, quote = 0;
		size_t k = 0;

		while (isspace((unsigned char)*p))
			p++;
		if (!*p)
			break;
		if (*p == '\'' || *p == '"')
			quote = *p++;
		w = talloc_zero_size(s->ctx, strlen(p) + 1);
		if (!w)
			BUG("out of memory");
		while (*p &&
		       (quote ? *p != quote : !isspace((unsigned char)*p))) {
			if (*p == '\\' && quote != '\'' && p[1]) {
				p++;
				w[k++] = escaped(&p);
			} else {
				w[k++] = *p++;
			}
		}
		p += *p != '\0';
		words[n++] = w;
	}
	if (n)
		s->dot(s, words, n);
}

void
sqlite_script_read(struct sqlite_script *s, const char *text, size_t len)
{
	char *copy = talloc_strndup(s->ctx, text, len), *line, *next;
	char *sql = talloc_strdup(s->ctx, "");
	struct lines l = {0};

	for (line = copy; line && *line; line = next) {
		bool start = !*sql, open = l.wait;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!l.wait && is_terminator(line) && !start)
			line = talloc_strdup(s->ctx, ";");
		scan(&l, line);
		/* inside of a statement it would be an error; an older shell
		 * may take it for a command */
		if (*line == '.' && (start || !open)) {
			sqlite_script_dot(s, line);
			if (start) {
				l = (struct lines){0};
				continue;
			}
		}
		if (start &&
		    (*line == '#' || (!l.dark && !l.semi && !l.wait))) {
			l = (struct lines){0};
			continue;
		}
		sql = talloc_asprintf_append(sql, "%s\n", line);
		if (!sql)
			BUG("out of memory");
		if (l.semi && !l.wait && sqlite3_complete(sql)) {
			s->sql(s, sql);
			talloc_free(sql);
			sql = talloc_strdup(s->ctx, "");
			l = (struct lines){0};
		}
	}
	if (*sql)
		s->sql(s, sql);
}
