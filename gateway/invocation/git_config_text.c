/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A git configuration file read character by character, as git does.
 */
#include "invocation/git_config_text.h"
#include "base/file.h"
#include "base/limits.h"
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct reader {
	const unsigned char *at, *end;
	unsigned line;
	char *out; /* of the length of the text: nothing grows by reading */
	size_t n;
};

/* "\r\n" counts as "\n"; beyond the end there is an endless "\n". */
static int
next(struct reader *r)
{
	int c;

	if (r->at >= r->end)
		return '\n';
	c = *r->at++;
	if (c == '\r' && r->at < r->end && *r->at == '\n')
		c = *r->at++;
	if (c == '\n')
		r->line++;
	return c;
}

/* git's own table (ctype.c): no vertical tab, no form feed. */
static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
put(struct reader *r, int c)
{
	r->out[r->n++] = (char)c;
}

/* After "[".  Leaves "section." or "section.sub." in out. */
static int
read_section(struct reader *r)
{
	int c;

	r->n = 0;
	for (;;) {
		if (r->at >= r->end)
			return -1;
		c = next(r);
		if (c == ']')
			break;
		if (c == ' ' || c == '\t')
			goto extended;
		if (!isalnum(c) && c != '-' && c != '.')
			return -1;
		put(r, tolower(c));
	}
	if (r->n == 0)
		return -1;
	put(r, '.');
	return 0;

extended:
	while (c == ' ' || c == '\t')
		c = next(r);
	if (c != '"')
		return -1;
	put(r, '.');
	while ((c = next(r)) != '"') {
		if (c == '\n' || c == '\0')
			return -1;
		if (c == '\\') {
			c = next(r);
			if (c == '\n')
				return -1;
		}
		put(r, c);
	}
	if (next(r) != ']')
		return -1;
	put(r, '.');
	return 0;
}

static void
skip_comment(struct reader *r)
{
	while (r->at < r->end && next(r) != '\n')
		;
}

/* After "=": the value, to the end of its (continued) line. */
static int
read_value(struct reader *r)
{
	bool quoted = false;
	size_t spaces = 0, start = r->n;
	int c;

	for (;;) {
		c = next(r);
		if (c == '\n') {
			if (quoted)
				return -1;
			return 0;
		}
		if (c == '\0')
			return -1;
		if (!quoted && is_space(c)) {
			if (r->n > start)
				spaces++;
			continue;
		}
		if (!quoted && (c == ';' || c == '#')) {
			skip_comment(r);
			return 0;
		}
		for (; spaces; spaces--)
			put(r, ' ');
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (c == '\\') {
			c = next(r);
			switch (c) {
			case '\n':
				if (r->at >= r->end)
					return 0;
				continue;
			case 't':
				c = '\t';
				break;
			case 'b':
				c = '\b';
				break;
			case 'n':
				c = '\n';
				break;
			case '\\':
			case '"':
				break;
			default:
				return -1;
			}
		}
		put(r, c);
	}
}

/* A variable whose first letter is c; the section's text is in out. */
static int
read_variable(struct reader *r, int c, bool *has_value, size_t *value_at)
{
	if (!isalpha(c))
		return -1;
	do {
		put(r, tolower(c));
		c = next(r);
	} while (isalnum(c) || c == '-');
	put(r, '\0');
	*value_at = r->n;
	while (c == ' ' || c == '\t')
		c = next(r);
	*has_value = c == '=';
	if (c == '\n')
		return 0;
	if (c == ';' || c == '#') {
		/* git refuses a comment right behind a bare variable */
		return -1;
	}
	if (c != '=')
		return -1;
	if (read_value(r))
		return -1;
	put(r, '\0');
	return 0;
}

/* *line: where the variable that is handed out ends. */
static int
read_text(void *ctx, const char *text, size_t len, git_config_each *each,
	  void *data, unsigned *line, struct err *e)
{
	struct reader r = {.at = (const unsigned char *)text,
			   .end = (const unsigned char *)text + len,
			   .line = 1};
	size_t section = 0, value_at;
	bool has_value;
	int c, rc;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	/* A section's text is kept before each variable's; the longest is the
	 * whole file, and the spaces of a value cannot exceed it either. */
	r.out = talloc_size(ctx, 2 * len + 8);
	if (!r.out)
		BUG("out of memory");
	while (r.at < r.end) {
		c = next(&r);
		if (is_space(c))
			continue;
		if (c == '#' || c == ';') {
			skip_comment(&r);
			continue;
		}
		if (c == '[') {
			if (read_section(&r))
				goto bad;
			section = r.n;
			continue;
		}
		r.n = section;
		if (read_variable(&r, c, &has_value, &value_at))
			goto bad;
		/* the newline behind it is read already */
		*line = r.line - (r.at > (const unsigned char *)text &&
				  r.at[-1] == '\n');
		rc = each(data, r.out, has_value ? r.out + value_at : NULL);
		if (rc)
			return rc;
	}
	talloc_free(r.out);
	return 0;
bad:
	talloc_free(r.out);
	return err_set(e, ERR_SYNTAX, "bad config line %u", r.line);
}

int
git_config_text(void *ctx, const char *text, size_t len, git_config_each *each,
		void *data, struct err *e)
{
	unsigned line;

	return read_text(ctx, text, len, each, data, &line, e);
}

struct line_search {
	const char *key, *value;
	unsigned now, found;
};

static int
look_for_line(void *data, const char *key, const char *value)
{
	struct line_search *s = data;

	if (strcmp(key, s->key) == 0 &&
	    (value && s->value ? strcmp(value, s->value) == 0
			       : value == s->value))
		s->found = s->now;
	return 0;
}

unsigned
git_config_line(void *ctx, const char *text, size_t len, const char *key,
		const char *value)
{
	struct line_search s = {.key = key, .value = value};

	(void)read_text(ctx, text, len, look_for_line, &s, &s.now, NULL);
	return s.found;
}

int
git_config_file(void *ctx, const char *path, git_config_each *each, void *data,
		struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	rc = file_read(ctx, AT_FDCWD, path, LIMIT_CONFIG_FILE, &text, &len, e);
	if (rc != 0)
		return rc > 0 ? 0 : rc;
	rc = git_config_text(ctx, text, len, each, data, e);
	talloc_free(text);
	return rc < 0 ? err_wrap(e, "%s", path) : rc;
}

int
git_config_truth(const char *value)
{
	char *end;
	long long n;

	if (!value || !strcasecmp(value, "true") || !strcasecmp(value, "yes") ||
	    !strcasecmp(value, "on"))
		return 1;
	if (!*value || !strcasecmp(value, "false") ||
	    !strcasecmp(value, "no") || !strcasecmp(value, "off"))
		return 0;
	n = strtoll(value, &end, 0);
	if (end == value)
		return -1;
	if (*end && (!strchr("kKmMgG", *end) || end[1]))
		return -1;
	return n != 0;
}
