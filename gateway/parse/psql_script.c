/* SPDX-License-Identifier: Apache-2.0 */
/*
 * psql's own lexer (psqlscan.l, psqlscanslash.l of 15), as far as it decides
 * where a statement or a backslash command ends.
 */
#include "parse/psql_script.h"
#include "base/err.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct lexer {
	struct psql_script *p;
	const char *at, *end;
	char *sql; /* the query buffer */
	bool opaque, copying;
	int parens, begins;
	unsigned words; /* identifiers seen in this statement */
	char first[4];	/* first letters of the first four */
	bool routine;	/* CREATE [OR REPLACE] FUNCTION or PROCEDURE */
};

static void
put(struct lexer *l, const char *s, size_t n)
{
	l->sql = talloc_strndup_append_buffer(l->sql, s, n);
	if (!l->sql)
		BUG("out of memory");
}

static bool
is_word(int c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

void
psql_set(struct psql_script *p, const char *name, const char *value)
{
	/* which branch of \if runs nobody knows */
	struct psql_variable v = {
	    talloc_strdup(p->ctx, name),
	    value && !p->branches ? talloc_strdup(p->ctx, value) : NULL};

	for (size_t i = 0; i < p->nvars; i++)
		if (!strcmp(p->vars[i].name, name)) {
			p->vars[i] = v;
			return;
		}
	p->vars = talloc_realloc(p->ctx, p->vars, struct psql_variable,
				 (unsigned)p->nvars + 1);
	if (!p->vars)
		BUG("out of memory");
	p->vars[p->nvars++] = v;
}

void
psql_forget(struct psql_script *p)
{
	p->unknown = true;
	for (size_t i = 0; i < p->nvars; i++)
		p->vars[i].value = NULL;
}

static const struct psql_variable *
variable(const struct psql_script *p, const char *name)
{
	for (size_t i = 0; i < p->nvars; i++)
		if (!strcmp(p->vars[i].name, name))
			return &p->vars[i];
	return NULL;
}

static void
reset(struct lexer *l)
{
	l->sql = talloc_strdup(l->p->ctx, "");
	l->opaque = l->routine = false;
	l->parens = l->begins = 0;
	l->words = 0;
	memset(l->first, 0, sizeof(l->first));
}

static bool
is_blank(const char *s)
{
	return !s[strspn(s, " \t\r\n\f\v")];
}

/* Does the text begin with that word, and hold FROM STDIN? */
static bool
is_copy_in(const char *s)
{
	s += strspn(s, " \t\r\n\f\v");
	if (strncasecmp(s, "copy", 4) != 0 || is_word((unsigned char)s[4]))
		return false;
	for (; (s = strcasestr(s, "from")); s += 4) {
		const char *next = s + 4 + strspn(s + 4, " \t\r\n\f\v");

		if (!strncasecmp(next, "stdin", 5) && next > s + 4)
			return true;
	}
	return false;
}

static void
send(struct lexer *l)
{
	if (!is_blank(l->sql) || l->opaque) {
		l->p->sql(l->p, l->sql, l->opaque);
		l->copying |= is_copy_in(l->sql);
	}
	reset(l);
}

/* Up to and with the closing quote; a doubled one is two quotes in a row. */
static void
quoted(struct lexer *l, char quote, bool escapes)
{
	const char *s = l->at++;

	for (; l->at < l->end; l->at++) {
		if (escapes && *l->at == '\\' && l->at + 1 < l->end)
			l->at++;
		else if (*l->at == quote)
			break;
	}
	if (l->at < l->end)
		l->at++;
	put(l, s, (size_t)(l->at - s));
}

static void
commented(struct lexer *l)
{
	int depth = 0;

	do {
		if (l->at + 1 < l->end && l->at[0] == '/' && l->at[1] == '*') {
			depth++;
			l->at += 2;
		} else if (l->at + 1 < l->end && l->at[0] == '*' &&
			   l->at[1] == '/') {
			depth--;
			l->at += 2;
		} else {
			l->at++;
		}
	} while (depth > 0 && l->at < l->end);
	put(l, " ", 1);
}

/* $tag$ ... $tag$ */
static bool
dollar_quoted(struct lexer *l)
{
	const char *s = l->at, *t = s + 1, *close;

	if (t < l->end && isdigit((unsigned char)*t))
		return false;
	while (t < l->end && is_word((unsigned char)*t))
		t++;
	if (t >= l->end || *t != '$')
		return false;
	t++;
	close = memmem(t, (size_t)(l->end - t), s, (size_t)(t - s));
	l->at = close ? close + (t - s) : l->end;
	put(l, s, (size_t)(l->at - s));
	return true;
}

static void
word(struct lexer *l)
{
	const char *s = l->at;
	size_t n;
	bool escapes;

	while (l->at < l->end &&
	       (is_word((unsigned char)*l->at) || *l->at == '$'))
		l->at++;
	n = (size_t)(l->at - s);
	put(l, s, n);
	escapes = n == 1 && (*s == 'e' || *s == 'E');
	if (escapes && l->at < l->end && *l->at == '\'') {
		quoted(l, '\'', true);
		return;
	}
	if (l->words < 4)
		l->first[l->words] = (char)tolower((unsigned char)*s);
	l->words++;
	l->routine = l->first[0] == 'c' &&
		     (l->first[1] == 'f' || l->first[1] == 'p' ||
		      (l->first[1] == 'o' && l->first[2] == 'r' &&
		       (l->first[3] == 'f' || l->first[3] == 'p')));
	if (!l->routine || l->parens)
		return;
	if (n == 5 && !strncasecmp(s, "begin", 5))
		l->begins++;
	else if (n == 4 && !strncasecmp(s, "case", 4) && l->begins)
		l->begins++;
	else if (n == 3 && !strncasecmp(s, "end", 3) && l->begins)
		l->begins--;
}

/* value with every quote doubled */
static void
put_quoted(struct lexer *l, char quote, const char *value)
{
	put(l, &quote, 1);
	for (; *value; value++) {
		if (*value == quote || (quote == '\'' && *value == '\\'))
			put(l, value, 1);
		put(l, value, 1);
	}
	put(l, &quote, 1);
}

/* :name :'name' :"name" :{?name} */
static bool
interpolated(struct lexer *l)
{
	const char *s = l->at + 1, *from;
	const struct psql_variable *v;
	char quote = 0, *name;

	if (s < l->end && (*s == '\'' || *s == '"'))
		quote = *s++;
	for (from = s; s < l->end && is_word((unsigned char)*s);)
		s++;
	if (s == from || (quote && (s >= l->end || *s != quote)))
		return false;
	name = talloc_strndup(l->p->ctx, from, (size_t)(s - from));
	v = variable(l->p, name);
	if (!v && !l->p->unknown)
		return false;
	l->at = s + (quote ? 1 : 0);
	if (quote)
		put_quoted(l, quote, v && v->value ? v->value : "?");
	else if (v && v->value)
		put(l, v->value, strlen(v->value));
	else
		l->opaque = true;
	return true;
}

/* --- backslash commands ----------------------------------------------------
 */

static bool
takes_line(const char *name)
{
	static const char *const whole[] = {"!",  "copy", "ef",	  "ev",	 "sf",
					    "sv", "h",	  "help", "sf+", "sv+"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (!strcmp(name, whole[i]))
			return true;
	return false;
}

/* Arguments end at the line's end, or at a backslash outside of quotes. */
static const char *
arguments_end(const struct lexer *l, bool line)
{
	const char *s = l->at;
	char quote = 0;

	for (; s < l->end && *s != '\n'; s++) {
		if (line)
			continue;
		if (quote == '\'' && *s == '\\' && s + 1 < l->end)
			s++;
		else if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '\'' || *s == '"' || *s == '`')
			quote = *s;
		else if (*s == '\\')
			break;
	}
	return s;
}

static bool
sends(const char *name)
{
	return *name == 'g' || !strcmp(name, "crosstabview") ||
	       !strcmp(name, "watch");
}

/* What is in the buffer by then may be left, or be sent with what a branch
 * that does not run seems to hold. */
static void
condition(struct lexer *l, const char *name)
{
	bool begins = !strcmp(name, "if"), ends = !strcmp(name, "endif");

	if (!begins && !ends && strcmp(name, "elif") != 0 &&
	    strcmp(name, "else") != 0)
		return;
	if (l->sql[strspn(l->sql, " \t\r\n")])
		l->p->sql(l->p, l->sql, true);
	l->p->branches += begins;
	l->p->branches -= ends && l->p->branches;
}

static void
backslash(struct lexer *l)
{
	const char *s = ++l->at, *stop;
	char *name, *args;
	size_t n;

	if (s < l->end && *s == ';') { /* joins two statements */
		l->at++;
		put(l, ";", 1);
		return;
	}
	if (s < l->end && *s == '\\') { /* \\: only ends arguments */
		l->at++;
		return;
	}
	while (l->at < l->end && !isspace((unsigned char)*l->at) &&
	       *l->at != '\\' && *l->at != '`' && *l->at != '\'' &&
	       *l->at != '"' && *l->at != '|') {
		bool bang = *l->at == '!' && l->at == s;

		l->at++;
		if (bang)
			break;
	}
	name = talloc_strndup(l->p->ctx, s, (size_t)(l->at - s));
	stop = arguments_end(l, takes_line(name));
	s = l->at;
	while (s < stop && isspace((unsigned char)*s))
		s++;
	for (n = (size_t)(stop - s); n && isspace((unsigned char)s[n - 1]);)
		n--;
	args = talloc_strndup(l->p->ctx, s, n);
	l->at = stop;
	if (!strcmp(name, "copy") &&
	    is_copy_in(talloc_asprintf(l->p->ctx, "copy %s", args)))
		l->copying = true;
	condition(l, name);
	if (sends(name) && strcmp(name, "getenv") != 0)
		send(l);
	else if (!strcmp(name, "r") || !strcmp(name, "reset"))
		reset(l);
	l->p->meta(l->p, name, args);
}

/* Rows until "\." alone. */
static void
rows(struct lexer *l)
{
	const char *s = l->at, *last;
	bool commands = false;

	while (l->at < l->end) {
		const char *nl = memchr(l->at, '\n', (size_t)(l->end - l->at));

		last = nl ? nl : l->end;
		if (last - l->at >= 2 && l->at[0] == '\\' && l->at[1] == '.' &&
		    (last - l->at == 2 || l->at[2] == '\r'))
			break;
		l->at = nl ? nl + 1 : l->end;
	}
	for (; s < l->at && !commands; s++) {
		if (*s == ';')
			commands = true;
		if (*s != '\\' || s + 1 >= l->at)
			continue;
		s++;
		commands =
		    !strchr("bfnrtvNx.\\", *s) && !isdigit((unsigned char)*s);
	}
	if (commands)
		l->p->data_commands(l->p);
	l->at = memchr(l->at, '\n', (size_t)(l->end - l->at));
	if (!l->at)
		l->at = l->end;
	l->copying = false;
}

static void
step(struct lexer *l)
{
	char c = *l->at, next = l->at + 1 < l->end ? l->at[1] : '\0';

	if (c == '\'' || c == '"') {
		quoted(l, c, false);
	} else if (c == '-' && next == '-') {
		while (l->at < l->end && *l->at != '\n')
			l->at++;
		put(l, " ", 1);
	} else if (c == '/' && next == '*') {
		commented(l);
	} else if (is_word((unsigned char)c)) {
		word(l);
	} else if (c == '$' && dollar_quoted(l)) {
		return;
	} else if (c == ':' && next == ':') {
		put(l, "::", 2);
		l->at += 2;
	} else if (c == ':' && interpolated(l)) {
		return;
	} else if (c == '\\') {
		backslash(l);
	} else if (c == ';' && l->parens <= 0 && l->begins <= 0) {
		l->at++;
		send(l);
	} else {
		l->parens += (c == '(') - (c == ')');
		put(l, l->at++, 1);
		if (c == '\n' && l->copying)
			rows(l);
	}
}

void
psql_script_read(struct psql_script *p, const char *text, size_t len)
{
	struct lexer l = {.p = p, .at = text, .end = text + len};

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		l.at += 3; /* psql drops a byte order mark */
	/* bytes that end a C string would hide what comes after */
	if (memchr(text, '\0', len)) {
		p->sql(p, "", true);
		return;
	}
	reset(&l);
	while (l.at < l.end)
		step(&l);
	send(&l);
}

const char **
psql_words(struct psql_script *p, const char *args, bool *program,
	   bool *unknown)
{
	const char **out =
	    talloc_zero_array(p->ctx, const char *, (unsigned)strlen(args) + 2);
	size_t n = 0;

	*program = *unknown = false;
	while (*args) {
		char *w = talloc_strdup(p->ctx, "");

		args += strspn(args, " \t\r\n");
		if (!*args)
			break;
		while (*args && !isspace((unsigned char)*args)) {
			char q = *args;

			if (q == '`') {
				*program = true;
				args += strcspn(args + 1, "`") + 1;
				args += *args == '`';
			} else if (q == '\'' || q == '"') {
				size_t len =
				    strcspn(++args, q == '"' ? "\"" : "'");

				if (q == '\'' && memchr(args, '\\', len))
					*unknown = true;
				w = talloc_strndup_append(w, args, len);
				args += len;
				args += *args == q;
			} else if (q == ':' &&
				   is_word((unsigned char)args[1])) {
				size_t len = 1;
				const struct psql_variable *v;

				while (is_word((unsigned char)args[len]))
					len++;
				v = variable(p, talloc_strndup(p->ctx, args + 1,
							       len - 1));
				if (v ? !v->value : p->unknown)
					*unknown = true;
				else
					w = v ? talloc_strdup_append(w,
								     v->value)
					      : talloc_strndup_append(w, args,
								      len);
				args += len;
			} else if (q == ':' &&
				   (args[1] == '\'' || args[1] == '"')) {
				*unknown = true;
				args++;
			} else {
				w = talloc_strndup_append(w, args++, 1);
			}
		}
		out[n++] = w;
	}
	return out;
}
