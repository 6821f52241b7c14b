/* SPDX-License-Identifier: Apache-2.0 */
/* curl's patterns in addresses, one result for each text they stand for. */
#include "base/err.h"
#include "tools/curl.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define MAX_URLS 1000

struct globbing {
	void *ctx;
	struct curl_globbed now;
	struct curl_globbed *out;
	size_t n;
};

static char *
joined(struct globbing *g, const char *a, const char *b, size_t len)
{
	char *s = talloc_asprintf(g->ctx, "%s%.*s", a, (int)len, b);

	if (!s)
		BUG("out of memory");
	return s;
}

static int
result(struct globbing *g)
{
	if (g->n >= MAX_URLS)
		return -1;
	g->out = talloc_realloc(g->ctx, g->out, struct curl_globbed,
				(unsigned)g->n + 1);
	if (!g->out)
		BUG("out of memory");
	g->out[g->n++] = g->now;
	return 0;
}

static int walk(struct globbing *g, const char *rest);

/* One text that a pattern stands for, and everything behind it. */
static int
with(struct globbing *g, const char *part, size_t len, const char *rest)
{
	struct curl_globbed was = g->now;
	int rc;

	if (g->now.nparts < 9)
		g->now.parts[g->now.nparts++] = joined(g, "", part, len);
	g->now.text = joined(g, g->now.text, part, len);
	rc = walk(g, rest);
	g->now = was;
	return rc;
}

/* p: behind the brace.  "\," is a comma of the text. */
static int
set(struct globbing *g, const char *p)
{
	const char *close = strpbrk(p, "{}[]\\");

	if (!close || *close != '}' || close == p)
		return -1;
	for (;; p++) {
		size_t len = strcspn(p, ",}");
		int rc = with(g, p, len, close + 1);

		if (rc < 0)
			return rc;
		p += len;
		if (*p == '}')
			return 0;
	}
}

static bool
step_of(const char *p, char **stop, long *step)
{
	*step = 1;
	if (*p == ':' && isdigit((unsigned char)p[1])) {
		*step = strtol(p + 1, stop, 10);
		p = *stop;
	}
	*stop = (char *)(uintptr_t)p;
	return *p == ']' && *step > 0;
}

/* p: behind the bracket */
static int
range(struct globbing *g, const char *p)
{
	size_t width = *p == '0' ? strspn(p, "0123456789") : 0;
	bool letters = isalpha((unsigned char)*p);
	long a, b, step;
	char *stop, text[40];

	if (letters) {
		if (p[1] != '-' || !isalpha((unsigned char)p[2]))
			return -1;
		a = *p;
		b = p[2];
		stop = (char *)(uintptr_t)p + 3;
	} else {
		if (!isdigit((unsigned char)*p))
			return -1;
		a = strtol(p, &stop, 10);
		if (*stop != '-' || !isdigit((unsigned char)stop[1]))
			return -1;
		b = strtol(stop + 1, &stop, 10);
	}
	if (!step_of(stop, &stop, &step) || b < a || b - a > 1000000000 ||
	    width > 20)
		return -1;
	for (; a <= b; a += step) {
		if (letters)
			snprintf(text, sizeof(text), "%c", (int)a);
		else
			snprintf(text, sizeof(text), "%0*ld", (int)width, a);
		if (with(g, text, strlen(text), stop + 1) < 0)
			return -1;
	}
	return 0;
}

/* "[::1]" and "[]" are taken as they stand. */
static size_t
literal_brackets(const char *p)
{
	size_t n = strspn(p + 1, "0123456789abcdefABCDEF:.");

	if (p[1] == ']')
		return 2;
	if (p[1 + n] == '%')
		n += strcspn(p + 1 + n, "]");
	if (p[1 + n] != ']' || !memchr(p, ':', n) ||
	    !memchr(memchr(p, ':', n) + 1, ':', n))
		return 0;
	return n + 2;
}

static int
walk(struct globbing *g, const char *rest)
{
	const char *was = g->now.text;
	int rc;

	for (;;) {
		size_t len = strcspn(rest, "{}[]\\"), skip;

		g->now.text = joined(g, g->now.text, rest, len);
		rest += len;
		if (*rest == '\\' && rest[1] && strchr("{}[]", rest[1])) {
			g->now.text = joined(g, g->now.text, rest + 1, 1);
			rest += 2;
			continue;
		}
		skip = *rest == '[' ? literal_brackets(rest) : *rest == '\\';
		if (skip) {
			g->now.text = joined(g, g->now.text, rest, skip);
			rest += skip;
			continue;
		}
		break;
	}
	if (!*rest)
		rc = result(g);
	else
		rc = *rest == '{'   ? set(g, rest + 1)
		     : *rest == '[' ? range(g, rest + 1)
				    : -1;
	g->now.text = was;
	return rc;
}

int
curl_glob(void *ctx, const char *text, struct curl_globbed **out, size_t *n)
{
	struct globbing g = {.ctx = ctx, .now = {.text = ""}};
	int rc = walk(&g, text);

	*out = g.out;
	*n = g.n;
	return rc;
}

const char *
curl_glob_name(void *ctx, const struct curl_globbed *g, const char *name)
{
	char *out = talloc_strdup(ctx, "");

	while (*name) {
		char *end;
		unsigned long at;

		if (*name != '#' || !isdigit((unsigned char)name[1])) {
			out = talloc_strndup_append(out, name++, 1);
			continue;
		}
		at = strtoul(name + 1, &end, 10);
		if (at >= 1 && at <= g->nparts)
			out = talloc_strdup_append(out, g->parts[at - 1]);
		else
			out = talloc_strndup_append(out, name,
						    (size_t)(end - name));
		name = end;
	}
	if (!out)
		BUG("out of memory");
	return out;
}
