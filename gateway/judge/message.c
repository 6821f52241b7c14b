/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text into tokens and sentences.  What the sentences say is told by
 * statement.c.
 */
#include "base/text.h"
#include "judge/message_work.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define TEXT_MAX (64 << 10)

static const char opening[] = "\"'`([{<*";
static const char closing[] = "\"'`)]}>*,;:!?.";

struct cutting {
	void *ctx;
	struct message *m;
	struct sentences *s;
	size_t first;	    /* token that begins the sentence */
	const char *begins; /* its text */
	bool comma;
};

static void
end_sentence(struct cutting *c, const char *to, bool question)
{
	struct sentence *s;

	if (c->m->ntokens > c->first) {
		c->s->v = talloc_realloc(c->ctx, c->s->v, struct sentence,
					 (unsigned)c->s->n + 1);
		if (!c->s->v)
			BUG("out of memory");
		s = &c->s->v[c->s->n++];
		*s = (struct sentence){
		    .span = {c->first, c->m->ntokens},
		    .question = question,
		    .quote = text_safe_len(
			c->ctx, c->begins,
			to - c->begins > 200 ? 200 : (size_t)(to - c->begins)),
		};
	}
	c->first = c->m->ntokens;
	c->begins = NULL;
	c->comma = false;
}

static void
add_token(struct cutting *c, const char *text, size_t len, bool quoted)
{
	struct message *m = c->m;
	char *low = talloc_strndup(c->ctx, text, len);
	struct token *t;

	if (m->ntokens % 256 == 0) {
		m->tokens = talloc_realloc(c->ctx, m->tokens, struct token,
					   (unsigned)m->ntokens + 256);
		m->low = talloc_realloc(c->ctx, m->low, const char *,
					(unsigned)m->ntokens + 256);
	}
	if (!low || !m->tokens || !m->low)
		BUG("out of memory");
	t = &m->tokens[m->ntokens];
	*t = (struct token){.raw = talloc_strdup(c->ctx, low),
			    .low = low,
			    .comma = c->comma,
			    .quoted = quoted};
	for (char *p = low; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	m->low[m->ntokens++] = low;
	c->comma = false;
}

/* Typographic apostrophes and dashes as plain ones. */
static char *
plain(void *ctx, const char *text)
{
	size_t n = strlen(text);
	char *copy, *to;

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	copy = to = talloc_strndup(ctx, text, n);
	if (!copy)
		BUG("out of memory");
	for (const char *p = copy; *p; p++) {
		if (!strncmp(p, "\xe2\x80\x99", 3) ||
		    !strncmp(p, "\xe2\x80\x98", 3)) {
			*to++ = '\'';
			p += 2;
		} else if (!strncmp(p, "\xe2\x80\x93", 3) ||
			   !strncmp(p, "\xe2\x80\x94", 3)) {
			*to++ = ',';
			*to++ = ' ';
			p += 2;
		} else if (!strncmp(p, "\xe2\x80\x9c", 3) ||
			   !strncmp(p, "\xe2\x80\x9d", 3)) {
			*to++ = '"';
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return copy;
}

/* One word between blanks: its punctuation goes, and says what it says. */
static void
cut_word(struct cutting *c, const char *word, size_t len)
{
	size_t from = 0, to = len;
	bool quoted = false, ends = false, question = false, comma = false;

	if (!c->begins)
		c->begins = word;
	while (from < to && strchr(opening, word[from])) {
		/* "*.log" is a glob, "*deleted*" is not */
		if (word[from] == '*' &&
		    !memchr(word + from + 1, '*', to - from - 1))
			break;
		quoted |= strchr("\"'`", word[from]) != NULL;
		from++;
	}
	while (to > from && strchr(closing, word[to - 1])) {
		char ch = word[to - 1];

		if (ch == '*' && !(from && word[from - 1] == '*'))
			break;
		/* "stash@{0}", "v[12]" */
		if ((ch == '}' && memchr(word + from, '{', to - from)) ||
		    (ch == ']' && memchr(word + from, '[', to - from)) ||
		    (ch == ')' && memchr(word + from, '(', to - from)))
			break;
		/* "../x/." and "..." in the middle of a name stay */
		if (ch == '.' && to - from == 1)
			break;
		ends |= ch == '.' || ch == '!' || ch == '?' || ch == ';' ||
			ch == ':';
		question |= ch == '?';
		comma |= ch == ',';
		to--;
	}
	if (to - from == 1 && (word[from] == '-' || word[from] == '/'))
		comma = true;
	else if (to > from)
		add_token(c, word + from, to - from, quoted);
	c->comma |= comma;
	if (ends)
		end_sentence(c, word + len, question);
}

void
message_cut(void *ctx, const char *text, struct message *m, struct sentences *s)
{
	struct cutting c = {.ctx = ctx, .m = m, .s = s};
	const char *p = plain(ctx, text);
	size_t len;

	while (*p) {
		if (*p == '\n') {
			/* a line that ends without a mark and goes on in small
			 * letters is one sentence with the next */
			if (p[1] == '\n' || p[1] == '-' || p[1] == '*' ||
			    isupper((unsigned char)p[1]) ||
			    isdigit((unsigned char)p[1]))
				end_sentence(&c, p, false);
			p++;
		} else if (isspace((unsigned char)*p)) {
			p++;
		} else {
			len = strcspn(p, " \t\r\n\v\f");
			cut_word(&c, p, len);
			p += len;
		}
	}
	end_sentence(&c, p, false);
}

bool
token_is_name(const struct token *t)
{
	const char *p;

	if (t->quoted)
		return true;
	for (p = t->raw; *p; p++)
		if (strchr("/._*?[@:#", *p) || isdigit((unsigned char)*p) ||
		    (*p == '-' && p > t->raw && p[1]))
			return true;
	return false;
}
