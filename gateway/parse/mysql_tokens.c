/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's tokens, as far as a classification needs them. */
#include "base/err.h"
#include "parse/mysql.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct tokens {
	void *ctx;
	struct mysql_token *v;
	size_t n;
	bool executable;  /* in a comment whose content runs */
	const char *last; /* where the one before ended */
};

static void
add(struct tokens *t, char kind, const char *at, const char *from, size_t n)
{
	char *text = talloc_strndup(t->ctx, from, n);

	if ((t->n & (t->n + 1)) == 0)
		t->v = talloc_realloc(t->ctx, t->v, struct mysql_token,
				      (unsigned)t->n * 2 + 3);
	if (!t->v || !text)
		BUG("out of memory");
	t->v[t->n++] = (struct mysql_token){kind, at == t->last, text};
	t->v[t->n] = (struct mysql_token){0};
}

bool
mysql_is(const struct mysql_token *t, const char *word)
{
	return t->kind == 'w' && !strcasecmp(t->text, word);
}

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' ||
	       (unsigned char)c >= 128;
}

/* Behind a string or name; its text without the quotes. */
static const char *
quoted(struct tokens *t, const char *p)
{
	char quote = *p;
	const char *from = p++;
	char *text = talloc_zero_size(t->ctx, strlen(p) + 1);
	size_t n = 0;

	if (!text)
		BUG("out of memory");
	for (; *p; p++) {
		if (*p == '\\' && quote != '`' && p[1]) {
			text[n++] = *++p;
		} else if (*p == quote && p[1] == quote) {
			text[n++] = *p++;
		} else if (*p == quote) {
			p++;
			break;
		} else {
			text[n++] = *p;
		}
	}
	add(t, quote == '`' ? '`' : '\'', from, text, n);
	t->last = p;
	return p;
}

static const char *
comment(struct tokens *t, const char *p)
{
	if (*p == '#' || (p[0] == '-' && p[1] == '-' &&
			  (!p[2] || isspace((unsigned char)p[2]) ||
			   iscntrl((unsigned char)p[2]))))
		return p + strcspn(p, "\n");
	if (t->executable && p[0] == '*' && p[1] == '/') {
		t->executable = false;
		return p + 2;
	}
	if (p[0] != '/' || p[1] != '*')
		return NULL;
	/* no server is as new: how dumps turn on the client's sandbox */
	if (p[2] == 'M' && !strncmp(p + 3, "!999999", 7))
		goto plain;
	if (p[2] == '!' || (p[2] == 'M' && p[3] == '!')) {
		p += p[2] == '!' ? 3 : 4;
		t->executable = true;
		return p + strspn(p, "0123456789");
	}
plain:
	p = strstr(p + 2, "*/");
	return p ? p + 2 : "";
}

struct mysql_token *
mysql_tokens(void *ctx, const char *text, size_t *n)
{
	struct tokens t = {.ctx = ctx};
	const char *p = text, *behind;

	add(&t, 0, NULL, "", 0);
	t.n = 0;
	while (*p) {
		const char *from = p;

		if (isspace((unsigned char)*p)) {
			p++;
		} else if ((behind = comment(&t, p))) {
			p = behind;
		} else if (strchr("'\"`", *p)) {
			p = quoted(&t, p);
		} else if (isdigit((unsigned char)*p) ||
			   (*p == '.' && isdigit((unsigned char)p[1]) &&
			    (!t.n || t.v[t.n - 1].kind != 'w'))) {
			while (is_name(*p) || *p == '.')
				p++;
			add(&t, '0', from, from, (size_t)(p - from));
			t.last = p;
		} else if (is_name(*p)) {
			while (is_name(*p))
				p++;
			add(&t, 'w', from, from, (size_t)(p - from));
			t.last = p;
		} else {
			add(&t, *p, from, p, 1);
			t.last = ++p;
		}
	}
	*n = t.n;
	return t.v;
}
