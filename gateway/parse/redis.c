/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for redis-cli 7.0, requests of the protocol, names of commands. */
#include "parse/redis.h"
#include "base/err.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define WORDS_MAX 1000000

bool
redis_word_is(const struct redis_word *w, const char *word)
{
	return w->len == strlen(word) && !strncasecmp(w->v, word, w->len);
}

const struct redis_command *
redis_command_find(const struct redis_word *w, size_t n)
{
	const struct redis_command *found = NULL;

	for (const struct redis_command *c = redis_commands; n && c->name;
	     c++) {
		size_t k = strcspn(c->name, " ");

		if (w[0].len != k || strncasecmp(w[0].v, c->name, k))
			continue;
		if (!c->name[k])
			found = c;
		else if (n > 1 && redis_word_is(&w[1], c->name + k + 1))
			return c;
	}
	return found;
}

static char
hex(char c)
{
	return (char)(isdigit((unsigned char)c) ? c - '0'
						: (c | 0x20) - 'a' + 10);
}

/* One character behind a backslash in double quotes. */
static char
escaped(const char **p)
{
	static const char from[] = "nrtba", to[] = "\n\r\t\b\a";
	const char *s = *p, *at;

	if (*s == 'x' && isxdigit((unsigned char)s[1]) &&
	    isxdigit((unsigned char)s[2])) {
		*p = s + 3;
		return (char)(hex(s[1]) * 16 + hex(s[2]));
	}
	*p = s + 1;
	at = strchr(from, *s);
	return at && *at ? to[at - from] : *s;
}

/* NULL: the quotes are open, or something follows them at once. */
static const char *
word(const char *p, char *to, size_t *len)
{
	char quote = 0;

	while (*p && (quote || !isspace((unsigned char)*p))) {
		if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p++;
		} else if (quote && *p == quote) {
			p++;
			if (*p && !isspace((unsigned char)*p))
				return NULL;
			return p;
		} else if (quote == '"' && *p == '\\' && p[1]) {
			p++;
			to[(*len)++] = escaped(&p);
		} else if (quote == '\'' && p[0] == '\\' && p[1] == '\'') {
			to[(*len)++] = '\'';
			p += 2;
		} else {
			to[(*len)++] = *p++;
		}
	}
	return quote ? NULL : p;
}

static struct redis_word *
grow(void *ctx, struct redis_word *v, size_t n)
{
	if (n & (n - 1) && n)
		return v;
	v = talloc_realloc(ctx, v, struct redis_word, n ? (unsigned)n * 2 : 1);
	if (!v)
		BUG("out of memory");
	return v;
}

struct redis_word *
redis_line(void *ctx, const char *line, size_t *n)
{
	struct redis_word *v = grow(ctx, NULL, 0);

	*n = 0;
	for (;;) {
		char *to;
		size_t len = 0;

		while (isspace((unsigned char)*line))
			line++;
		if (!*line)
			return v;
		to = talloc_zero_size(ctx, strlen(line) + 1);
		if (!to)
			BUG("out of memory");
		line = word(line, to, &len);
		if (!line)
			return NULL;
		v = grow(ctx, v, *n);
		v[(*n)++] = (struct redis_word){to, len};
	}
}

/* "*3" or "$12" and its end of line. */
static bool
number(const char **p, const char *end, char mark, size_t *value)
{
	const char *s = *p;

	if (s >= end || *s++ != mark)
		return false;
	*value = 0;
	while (s < end && isdigit((unsigned char)*s) && *value < 1u << 30)
		*value = *value * 10 + (size_t)(*s++ - '0');
	if (s + 2 > end || s[0] != '\r' || s[1] != '\n')
		return false;
	*p = s + 2;
	return true;
}

bool
redis_request(void *ctx, const char **p, const char *end, struct redis_word **w,
	      size_t *n)
{
	const char *nl;
	size_t want, len;
	char *line;

	while (*p < end && (**p == '\r' || **p == '\n'))
		(*p)++;
	*n = 0;
	if (*p >= end)
		return false;
	if (**p != '*') { /* as it may be typed by hand */
		nl = memchr(*p, '\n', (size_t)(end - *p));
		nl = nl ? nl : end;
		line = talloc_strndup(ctx, *p, (size_t)(nl - *p));
		*w = line && !memchr(*p, '\0', (size_t)(nl - *p))
			 ? redis_line(ctx, line, n)
			 : NULL;
		*n = *w ? *n : 0;
		*p = nl;
		return true;
	}
	if (!number(p, end, '*', &want) || want > WORDS_MAX)
		goto unknown;
	*w = NULL;
	while (*n < want) {
		if (!number(p, end, '$', &len) || len > (size_t)(end - *p))
			goto unknown;
		*w = grow(ctx, *w, *n);
		(*w)[(*n)++] = (struct redis_word){*p, len};
		*p += len;
		if (end - *p < 2 || memcmp(*p, "\r\n", 2) != 0)
			goto unknown;
		*p += 2;
	}
	return true;
unknown:
	*n = 0;
	*p = end;
	return true;
}
