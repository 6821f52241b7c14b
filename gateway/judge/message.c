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
	bool comma, dash;
	bool bullet;  /* the line is one of a list */
	bool colon;   /* the sentence before ended in one */
	size_t quote; /* of token.quote */
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
		    .context = c->colon && c->s->n > 1
				   ? c->s->v[c->s->n - 2].context
				   : c->first,
		    .question = question,
		    .colon = to > c->begins && to[-1] == ':',
		    .quote = text_safe_len(
			c->ctx, c->begins,
			to - c->begins > 200 ? 200 : (size_t)(to - c->begins)),
		};
	}
	c->colon = to > c->begins && to[-1] == ':';
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
			    .quoted = quoted,
			    .begins = m->ntokens == c->first,
			    .quote = c->quote};
	for (char *p = low; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	m->low[m->ntokens++] = low;
	t->dash = c->dash;
	c->comma = c->dash = false;
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
		} else if (!strncmp(p, "\xe2\x86\x92", 3) ||
			   !strncmp(p, "\xe2\x87\x92", 3)) {
			*to++ = ','; /* arrows */
			*to++ = ' ';
			p += 2;
		} else if (!strncmp(p, "\xe2\x80\x9c", 3) ||
			   !strncmp(p, "\xe2\x80\x9d", 3)) {
			*to++ = '"';
			p += 2;
		} else if (p > copy && !strncmp(p - 1, " .. ", 4)) {
			*to++ = 't'; /* a range */
			*to++ = 'o';
			p++;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return copy;
}

/* "i.e.", "e.g.", "etc." */
static bool
is_short(const char *word, size_t len)
{
	static const char *const words[] = {"i.e.",  "e.g.",  "etc.", "vs.",
					    "incl.", "excl.", "cf."};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == len &&
		    !strncasecmp(word, words[i], len))
			return true;
	return false;
}

/* A quotation of several words begins. */
static void
take_quote(struct cutting *c, const char *word, size_t len)
{
	size_t from = strspn(word, "([");

	if (from < len && strchr("\"`", word[from]) &&
	    !memchr(word + from + 1, word[from], len - from - 1))
		c->quote = c->m->ntokens + 1;
}

/* "git push origin :x" deletes x, "+x" forces it, "a:x" is about x: how much of
 * the word says so. */
static size_t
take_refspec(struct cutting *c, const char *word, size_t len)
{
	const struct message *m = c->m;
	const char *colon = memchr(word, ':', len);
	static const char *const refs[] = {"refs/heads/", "refs/tags/"};
	size_t n = m->ntokens, n_min = n > 5 ? n - 5 : 0, at, others = 0;
	bool push = false;

	for (size_t i = n; !push && i > n_min && i > c->first + 1; i--) {
		push = !strcmp(m->low[i - 1], "push") &&
		       !strcmp(m->low[i - 2], "git");
		others += !push && *m->low[i - 1] != '-';
	}
	/* "git push origin x +y" forces no x */
	if (*word == '+' && others > 1)
		return 0;
	if (!push || len < 2 || memchr(word, '@', len) ||
	    (colon && (colon + 1 == word + len || colon[1] == '/')))
		return 0;
	if (*word == ':')
		add_token(c, "--delete", 8, false);
	else if (*word == '+')
		add_token(c, "--force", 7, false);
	at = colon ? (size_t)(colon + 1 - word) : *word == '+';
	for (size_t i = 0; i < 2; i++)
		if (len - at > strlen(refs[i]) &&
		    !strncmp(word + at, refs[i], strlen(refs[i])))
			at += strlen(refs[i]);
	return at;
}

/* One word between blanks: its punctuation goes, and says what it says. */
static void
cut_word(struct cutting *c, const char *word, size_t len)
{
	size_t from = 0, to = len;
	bool quoted = false, ends = false, question = false, comma = false;
	bool aside = false;

	if (!c->begins)
		c->begins = word;
	while (from < to && strchr(opening, word[from])) {
		/* "*.log" is a glob, "*deleted*" is not */
		if (word[from] == '*' &&
		    !memchr(word + from + 1, '*', to - from - 1))
			break;
		quoted |= strchr("\"'`", word[from]) != NULL;
		/* what stands in brackets stands beside */
		aside |= word[from] == '(';
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
		ends |= (ch == '.' && !is_short(word + from, to - from)) ||
			ch == '!' || ch == '?' || ch == ';' || ch == ':';
		question |= ch == '?';
		comma |= ch == ',';
		to--;
	}
	take_quote(c, word, len);
	/* "(a)", "2)": the next of several */
	if (len <= 4 && word[len - 1] == ')' &&
	    strspn(word, "(0123456789abcdefi") == len - 1) {
		c->comma = true;
		return;
	}
	if (to - from == 2 &&
	    (!strncmp(word + from, "&&", 2) || !strncmp(word + from, "||", 2)))
		ends = true;
	else if (to - from == 1 &&
		 (word[from] == '-' || word[from] == '/' || word[from] == ','))
		comma = c->dash = true;
	else if (to - from == 1 && word[from] == '+')
		add_token(c, "and", 3, false);
	else if (to - from == 2 && !strncmp(word + from, "w/", 2))
		add_token(c, "with", 4, false);
	else if (to - from == 3 && !strncmp(word + from, "w/o", 3))
		add_token(c, "without", 7, false);
	else if (len == 2 &&
		 (!strncmp(word, "->", 2) || !strncmp(word, "=>", 2)))
		comma = true;
	else if (to > from) {
		c->comma |= aside;
		from += take_refspec(c, word + from, to - from);
		add_token(c, word + from, to - from, quoted);
		c->m->tokens[c->m->ntokens - 1].item =
		    aside && token_is_name(&c->m->tokens[c->m->ntokens - 1]);
	}
	if (len > 1 &&
	    (memchr(word + 1, '"', len - 1) || memchr(word + 1, '`', len - 1)))
		c->quote = 0;
	c->comma |= comma;
	if (ends)
		end_sentence(c, word + len, question);
}

/* "501,502,507": up to behind the first comma. */
static size_t
list_item(const char *word, size_t len)
{
	for (size_t i = 1; i + 1 < len; i++) {
		if (strchr("{}[]()=:\"'`", word[i]))
			return len;
		if (word[i] == ',' && isalnum((unsigned char)word[i - 1]) &&
		    isalnum((unsigned char)word[i + 1]))
			return i + 1;
	}
	return len;
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
			    isdigit((unsigned char)p[1]) ||
			    (c.bullet && !isblank((unsigned char)p[1])))
				end_sentence(&c, p, false);
			p++;
			c.bullet = *p && strchr("-*", *p) && p[1] == ' ';
		} else if (isspace((unsigned char)*p)) {
			p++;
		} else {
			len = strcspn(p, " \t\r\n\v\f");
			len = list_item(p, len);
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
	if (!strcmp(t->low, "i.e") || !strcmp(t->low, "e.g"))
		return false;
	for (p = t->raw; *p; p++)
		if (strchr("/._*?[@:#", *p) || isdigit((unsigned char)*p) ||
		    (*p == '-' && p > t->raw && (p[1] || p > t->raw + 1)))
			return true;
	return false;
}

void
message_read(void *ctx, const struct vocabulary *v, const char *text,
	     struct message *out)
{
	struct sentences s = {0};

	*out = (struct message){0};
	message_cut(ctx, text, out, &s);
	message_there(out);
	message_literal(out);
	out->question = s.n && s.v[0].question;
	out->asks = s.n && s.v[s.n - 1].question;
	for (size_t i = 0; i < s.n; i++) {
		size_t first = out->n, end = s.v[i].span.end;

		statements_of(ctx, v, out, &s.v[i]);
		clause_goes_on(ctx, v, out, &s.v[i], first);
		if (i + 1 < s.n && out->n > first &&
		    clause_is_tier(v, out, s.v[i + 1].span)) {
			for (size_t k = first; k < out->n; k++)
				if (out->v[k].object.end == end)
					out->v[k].object.end =
					    s.v[i + 1].span.end;
			end = s.v[++i].span.end;
		}
		if (s.v[i].colon && i + 1 < s.n && s.v[i + 1].question)
			frame_is_asked_about(out, first, out->n);
		if (!s.v[i].colon || out->n == first)
			continue;
		/* "delete these: a, b" */
		while (i + 1 < s.n &&
		       !mark_at(v, MARK_ASSENT,
				out->low + s.v[i + 1].span.first,
				out->ntokens - s.v[i + 1].span.first) &&
		       clause_is_list(v, out, s.v[i + 1].span)) {
			i++;
			out->tokens[s.v[i].span.first].comma = true;
			out->tokens[s.v[i].span.first].item = true;
			for (size_t k = first; k < out->n; k++)
				if (out->v[k].object.end == end)
					out->v[k].object.end = s.v[i].span.end;
			end = s.v[i].span.end;
		}
	}
	message_forces(v, out);
}
