/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and delimiters as the client has them.  Where versions differ on
 * whether a word is a command of theirs, it is taken for one: no statement
 * begins with such a word.
 */
#include "base/err.h"
#include "parse/mysql.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const struct {
	const char *name;
	char letter;
} commands[] = {
    {"?", '?'},
    {"clear", 'c'},
    {"connect", 'r'},
    {"delimiter", 'd'},
    {"edit", 'e'},
    {"ego", 'G'},
    {"exit", 'q'},
    {"go", 'g'},
    {"help", 'h'},
    {"nopager", 'n'},
    {"notee", 't'},
    {"pager", 'P'},
    {"print", 'p'},
    {"prompt", 'R'},
    {"quit", 'q'},
    {"rehash", '#'},
    {"source", '.'},
    {"status", 's'},
    {"system", '!'},
    {"tee", 'T'},
    {"use", 'u'},
    {"charset", 'C'},
    {"warnings", 'W'},
    {"nowarning", 'w'},
    {"costs", 'Q'},
    {"nocosts", 'q'},
    {"resetconnection", 'x'},
    {"query_attributes", 0},
    {"ssl_session_data_print", 0},
    {"sandbox", '-'},
};
#define NCOMMANDS (sizeof(commands) / sizeof(*commands))

struct state {
	struct mysql_script *s;
	const char *p, *end;
	char *buf;
	size_t n;
	bool dark; /* the statement has begun */
};

static size_t
delimiter_len(const struct mysql_script *s)
{
	return *s->delimiter ? strlen(s->delimiter) : 1;
}

static bool
at_delimiter(const struct state *t, const char *p)
{
	size_t n = delimiter_len(t->s);
	const char *d = *t->s->delimiter ? t->s->delimiter : ";";

	return (size_t)(t->end - p) >= n && !strncasecmp(p, d, n);
}

static void
put(struct state *t, char c)
{
	t->buf[t->n++] = c;
	t->buf[t->n] = '\0';
	t->dark |= !isspace((unsigned char)c);
}

static void
ends(struct state *t)
{
	if (t->dark)
		t->s->sql(t->s, t->buf);
	t->n = 0;
	t->buf[0] = '\0';
	t->dark = false;
}

/* What follows up to the delimiter or the end of the line; `delimiter` takes
 * one word of it. */
static char *
arguments(struct state *t, bool line)
{
	const char *from = t->p;
	char *a;

	while (t->p < t->end && *t->p != '\n' &&
	       (line || !at_delimiter(t, t->p)))
		t->p++;
	a = talloc_strndup(t->s->ctx, from, (size_t)(t->p - from));
	if (t->p < t->end && *t->p != '\n')
		t->p += delimiter_len(t->s);
	if (!a)
		BUG("out of memory");
	a += strspn(a, " \t\r");
	for (size_t n = strlen(a); n && isspace((unsigned char)a[n - 1]);)
		a[--n] = '\0';
	return a;
}

static void
run(struct state *t, const char *name)
{
	char *a = arguments(t, !strcmp(name, "delimiter"));
	size_t n = strcspn(a, " \t");

	if (!strcmp(name, "delimiter")) {
		if (!n || n >= sizeof(t->s->delimiter))
			return;
		memcpy(t->s->delimiter, a, n);
		t->s->delimiter[n] = '\0';
		return;
	}
	t->s->command(t->s, name, a);
}

/* A command's name where a statement would begin. */
static const char *
named(const struct state *t)
{
	size_t n = 0;

	while (t->p + n < t->end && (isalnum((unsigned char)t->p[n]) ||
				     t->p[n] == '_' || t->p[n] == '?'))
		n++;
	for (size_t i = 0; n && i < NCOMMANDS; i++)
		if (strlen(commands[i].name) == n &&
		    !strncasecmp(commands[i].name, t->p, n))
			return commands[i].name;
	return NULL;
}

/* Strings and names with their quotes, whole. */
static void
quoted(struct state *t)
{
	char quote = *t->p;

	put(t, *t->p++);
	while (t->p < t->end) {
		char c = *t->p;

		put(t, *t->p++);
		if (c == '\\' && quote != '`' && t->p < t->end)
			put(t, *t->p++);
		else if (c == quote)
			return;
	}
}

static bool
comment(struct state *t)
{
	const char *p = t->p;
	size_t left = (size_t)(t->end - p);
	bool line = *p == '#' || (left >= 2 && p[0] == '-' && p[1] == '-' &&
				  (left == 2 || isspace((unsigned char)p[2]) ||
				   iscntrl((unsigned char)p[2])));

	if (line) {
		while (t->p < t->end && *t->p != '\n')
			t->p++;
		return true;
	}
	if (left < 2 || p[0] != '/' || p[1] != '*')
		return false;
	/* executable ones are statements */
	if (left > 2 &&
	    (p[2] == '!' || (left > 3 && p[2] == 'M' && p[3] == '!')))
		return false;
	for (t->p += 2; t->p < t->end; t->p++)
		if (t->p[0] == '*' && t->p + 1 < t->end && t->p[1] == '/') {
			t->p += 2;
			break;
		}
	put(t, ' ');
	return true;
}

static void
backslash(struct state *t)
{
	char c = t->p + 1 < t->end ? t->p[1] : '\0';

	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (!commands[i].letter || commands[i].letter != c)
			continue;
		t->p += 2;
		if (c == 'g' || c == 'G') {
			ends(t);
		} else if (c == 'c') {
			t->n = 0;
			t->buf[0] = '\0';
			t->dark = false;
		} else if (strchr("!.TPeurdC", c)) {
			run(t, commands[i].name);
		}
		return;
	}
	put(t, *t->p++);
	if (t->p < t->end)
		put(t, *t->p++);
}

void
mysql_script_read(struct mysql_script *s, const char *text, size_t len)
{
	struct state t = {.s = s, .p = text, .end = text + len};
	const char *name;

	t.buf = talloc_zero_size(s->ctx, len * 2 + 2);
	if (!t.buf)
		BUG("out of memory");
	while (t.p < t.end) {
		if (!t.dark && !isspace((unsigned char)*t.p) &&
		    (name = named(&t))) {
			t.p += strlen(name);
			run(&t, name);
		} else if (comment(&t)) {
			continue;
		} else if (strchr("'\"`", *t.p) && *t.p) {
			quoted(&t);
		} else if (*t.p == '\\') {
			backslash(&t);
		} else if (at_delimiter(&t, t.p)) {
			t.p += delimiter_len(s);
			ends(&t);
		} else {
			put(&t, *t.p++);
		}
	}
	ends(&t);
}
