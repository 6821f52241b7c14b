/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration files of gh and glab: YAML, of which they write mappings
 * in mappings with plain, quoted and block values (yaml.v3 of Go).  What is
 * beyond that is an error, not a guess.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "tools/forge.h"
#include <fcntl.h>
#include <string.h>

#define MAX_DEPTH 8

struct yaml {
	void *ctx;
	struct forge_settings *out;
	char *lines; /* what is left */
	size_t number;
	struct {
		size_t indent;
		const char *path;
	} open[MAX_DEPTH];
	size_t nopen;
	struct err *e;
};

static int
bad(struct yaml *y, const char *why)
{
	return err_set(y->e, ERR_SYNTAX, "line %zu: %s", y->number, why);
}

static char *
next_line(struct yaml *y)
{
	char *line = y->lines, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = '\0';
	y->lines = end;
	y->number++;
	if (*line && line[strlen(line) - 1] == '\r')
		line[strlen(line) - 1] = '\0';
	return line;
}

static void
add(struct yaml *y, const char *path, const char *value)
{
	struct forge_settings *s = y->out;

	s->v = talloc_realloc(y->ctx, s->v, struct forge_setting,
			      (unsigned)s->n + 1);
	if (!s->v)
		BUG("out of memory");
	s->v[s->n++] = (struct forge_setting){path, value};
}

/* A quoted word at *at, which then stands behind it; NULL: not closed, or an
 * escape that we do not know. */
static char *
quoted(struct yaml *y, char **at)
{
	char quote = **at, *to, *from = *at + 1, *start;
	static const char escapes[] = "n\nt\tr\r0\0\"\"\\\\//  ";

	start = to = talloc_strdup(y->ctx, from);
	if (!start)
		BUG("out of memory");
	for (; *from; from++) {
		if (*from == quote && quote == '\'' && from[1] == '\'') {
			*to++ = *from++;
		} else if (*from == quote) {
			*to = '\0';
			*at = from + 1;
			return start;
		} else if (*from == '\\' && quote == '"') {
			const char *k = escapes;

			from++;
			while (*k && *k != *from)
				k += 2;
			if (!*k || !*from)
				return NULL;
			*to++ = k[1];
		} else {
			*to++ = *from;
		}
	}
	return NULL;
}

/* The key of a line, which then stands behind its colon. */
static char *
key_of(struct yaml *y, char **at)
{
	char *key, *end;

	if (**at == '"' || **at == '\'') {
		key = quoted(y, at);
		if (!key || **at != ':')
			return NULL;
		++*at;
	} else {
		for (end = *at; *end; end++)
			if (*end == ':' && (!end[1] || end[1] == ' '))
				break;
		if (!*end || end == *at || strchr("-?[{&*!|>%@`", **at))
			return NULL;
		key = talloc_strndup(y->ctx, *at, (size_t)(end - *at));
		*at = end + 1;
	}
	*at += strspn(*at, " ");
	return key;
}

/* Lines that are deeper than indent, put together as "|" and ">" say. */
static char *
block(struct yaml *y, const char *head, size_t indent)
{
	char *text = talloc_strdup(y->ctx, ""), *line;
	size_t deep = 0, n;
	bool folded = *head == '>';

	for (;;) {
		const char *next = y->lines;

		if (!next || !*next)
			break;
		n = strspn(next, " ");
		if (next[n] && next[n] != '\n' && n <= indent)
			break;
		line = next_line(y);
		if (!deep && line[n])
			deep = n;
		line += n < deep ? n : deep;
		text = talloc_asprintf_append(text, "%s%s", line,
					      folded && *line ? " " : "\n");
	}
	n = strlen(text);
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' ') &&
	       head[1] != '+')
		text[--n] = '\0';
	return text;
}

static int
value_of(struct yaml *y, const char *path, char *at, size_t indent)
{
	char *value, *end;

	if (*at == '|' || *at == '>') {
		add(y, path, block(y, at, indent));
		return 0;
	}
	if (*at == '"' || *at == '\'') {
		value = quoted(y, &at);
		at += strspn(at, " ");
		if (!value || (*at && *at != '#'))
			return bad(y, "a quoted value is not closed in its "
				      "line");
		add(y, path, value);
		return 0;
	}
	if (strcmp(at, "{}") == 0 || strcmp(at, "[]") == 0)
		return 0;
	if (strchr("[{&*!%@`", *at))
		return bad(y, "a value of this kind is not read");
	end = strstr(at, " #");
	value =
	    talloc_strndup(y->ctx, at, end ? (size_t)(end - at) : strlen(at));
	for (end = value + strlen(value); end > value && end[-1] == ' ';)
		*--end = '\0';
	add(y, path, value);
	return 0;
}

static int
read_line(struct yaml *y, char *line)
{
	size_t indent = strspn(line, " ");
	char *at = line + indent, *key;
	const char *path;

	if (!*at || *at == '#' || strcmp(line, "---") == 0 ||
	    strncmp(at, "- ", 2) == 0)
		return 0; /* lists hold nothing that is asked for */
	key = key_of(y, &at);
	if (!key)
		return bad(y, "not understood");
	while (y->nopen && y->open[y->nopen - 1].indent >= indent)
		y->nopen--;
	path = y->nopen ? talloc_asprintf(y->ctx, "%s\n%s",
					  y->open[y->nopen - 1].path, key)
			: key;
	if (*at && *at != '#')
		return value_of(y, path, at, indent);
	if (y->nopen == MAX_DEPTH)
		return bad(y, "nested too deeply");
	y->open[y->nopen].indent = indent;
	y->open[y->nopen++].path = path;
	add(y, path, ""); /* a mapping, or an empty value */
	return 0;
}

int
forge_yaml(void *ctx, const char *text, struct forge_settings *out,
	   struct err *e)
{
	struct yaml y = {.ctx = ctx, .out = out, .e = e};
	char *line;
	int rc;

	y.lines = talloc_strdup(ctx, text);
	if (!y.lines)
		BUG("out of memory");
	while ((line = next_line(&y))) {
		rc = read_line(&y, line);
		if (rc < 0)
			return rc;
	}
	return 0;
}

const char *
forge_setting(const struct forge_settings *s, const char *path)
{
	for (size_t i = s->n; i-- > 0;)
		if (strcmp(s->v[i].path, path) == 0)
			return s->v[i].value;
	return NULL;
}

int
forge_config_file(struct forge_call *f, const char *name,
		  struct forge_settings **out, struct err *e)
{
	const char *path = path_join(f->ctx, f->config_dir, name);
	char *text = NULL;
	size_t len;
	int rc;

	if (*out)
		return 0;
	*out = talloc_zero(f->ctx, struct forge_settings);
	if (!*out)
		BUG("out of memory");
	rc = file_read(f->ctx, AT_FDCWD, path, LIMIT_CONFIG_FILE, &text, &len,
		       e);
	if (rc == 0)
		rc = forge_yaml(f->ctx, text, *out, e);
	return rc < 0 ? err_wrap(e, "%s", path) : 0;
}

static char *
quote(struct forge_call *f, const char *s)
{
	char *out = talloc_strdup(f->ctx, "\"");

	for (; *s; s++)
		if (*s == '\n')
			out = talloc_asprintf_append(out, "\\n");
		else
			out = talloc_asprintf_append(
			    out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	return talloc_asprintf_append(out, "\"");
}

char *
forge_dump(struct forge_call *f, const struct forge_settings *s,
	   bool (*keep)(const char *path))
{
	char *text = talloc_strdup(f->ctx, "");

	for (size_t i = 0; i < s->n; i++) {
		const char *path = s->v[i].path, *last = strrchr(path, '\n');
		int depth = 0;

		if (keep && !keep(path))
			continue;
		for (const char *p = path; *p; p++)
			depth += *p == '\n';
		text = talloc_asprintf_append(
		    text, "%*s%s:%s%s\n", 4 * depth, "",
		    quote(f, last ? last + 1 : path), *s->v[i].value ? " " : "",
		    *s->v[i].value ? quote(f, s->v[i].value) : "");
	}
	return text;
}

int
forge_split(void *ctx, const char *text, const char ***words, size_t *n,
	    struct err *e)
{
	const char **v = talloc_array(ctx, const char *, strlen(text) + 2);
	char *to = talloc_strdup(ctx, text), quote = 0;
	bool in = false;

	if (!v || !to)
		BUG("out of memory");
	*n = 0;
	for (;; text++) {
		if (!*text || (!quote && strchr(" \t\r\n", *text))) {
			if (!*text && quote)
				return err_set(e, ERR_SYNTAX,
					       "unclosed quote in an alias");
			if (in)
				*to++ = '\0';
			in = false;
			if (!*text)
				break;
			continue;
		}
		if (!in && *text == '#') { /* to the end of the line */
			text += strcspn(text, "\n");
			text -= !*text;
			continue;
		}
		if (!in)
			v[(*n)++] = to;
		in = true;
		if (*text == quote)
			quote = 0;
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (*text == '\\' && quote != '\'' && text[1])
			*to++ = *++text;
		else
			*to++ = *text;
	}
	v[*n] = NULL;
	*words = v;
	return 0;
}
