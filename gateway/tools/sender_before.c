/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential that goes out in pieces, one with each command of a session:
 * what changes from one command to the next is put together.
 */
#include "effects/said_before.h"
#include "tools/sender.h"
#include <string.h>
#include <talloc.h>

#define RECORDS 64
#define WORDS	16
#define LONG	5 /* a piece, not a number that counts them */
#define BEGUN	8 /* bytes that are no chance any more */
#define WHERE	"several commands of this session"

static const struct secret_owner begun = {.family = ""};

struct record {
	const char *word[WORDS];
	size_t n; /* all of them: more than WORDS are cut off */
};

struct talk {
	struct record v[RECORDS];
	size_t n;
};

static const char *
read_record(struct record *r, const char *p, const char *end)
{
	r->n = 0;
	while (p < end && *p) {
		if (r->n < WORDS)
			r->word[r->n] = p;
		r->n++;
		p += strlen(p) + 1;
	}
	return p + 1;
}

static size_t
words_of(const struct record *r)
{
	return r->n < WORDS ? r->n : WORDS;
}

static bool
says(const struct record *r, const char *word)
{
	for (size_t i = 0; i < words_of(r); i++)
		if (!strcmp(r->word[i], word))
			return true;
	return false;
}

static char *
joined(void *ctx, const char **v, size_t n, const char *between, bool back)
{
	char *out = talloc_strdup(ctx, "");

	for (size_t i = 0; i < n; i++)
		out = talloc_asprintf_append_buffer(
		    out, "%s%s", i ? between : "", v[back ? n - 1 - i : i]);
	if (!out)
		BUG("out of memory");
	return out;
}

static void
add_begun(struct sender *s, const char *text, size_t last)
{
	size_t len = strlen(text), room = sizeof(s->found) / sizeof(*s->found);

	for (size_t i = 0; i < s->nhosts && s->nfound < room; i++) {
		size_t n =
		    secrets_begun(s->secrets, text, len, s->hosts[i].host);

		if (n < BEGUN || n <= last)
			continue;
		s->found[s->nfound++] = (struct secret_found){
		    .owner = &begun,
		    .what = "the beginning of a known value",
		    .where = WHERE};
		return;
	}
}

static void
look(struct sender *s, const char **v, size_t n)
{
	char *text;

	if (n < 2)
		return;
	text = joined(s->c->ctx, v, n, "", false);
	sender_add_found(s, text, WHERE);
	add_begun(s, text, strlen(v[n - 1]));
	sender_add_found(s, joined(s->c->ctx, v, n, "", true), WHERE);
	/* numbers, one a byte */
	sender_add_found(s, joined(s->c->ctx, v, n, " ", false), WHERE);
}

/* The same place in commands of the same shape as the last one. */
static void
look_at_place(struct sender *s, const struct talk *t, size_t place)
{
	const struct record *last = &t->v[t->n - 1];
	const char *v[RECORDS];
	bool changes = false;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].n != last->n)
			continue;
		v[n++] = t->v[i].word[place];
		changes |= strcmp(v[0], v[n - 1]) != 0;
	}
	if (changes)
		look(s, v, n);
}

/* Every longer word that the command before it did not say. */
static void
look_at_new(struct sender *s, const struct talk *t)
{
	const char **v = talloc_array(s->c->ctx, const char *, RECORDS *WORDS);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < words_of(&t->v[i]); k++)
			if (strlen(t->v[i].word[k]) >= LONG &&
			    (i == 0 || !says(&t->v[i - 1], t->v[i].word[k])))
				v[n++] = t->v[i].word[k];
	look(s, v, n);
}

static void
look_at(struct sender *s, const struct talk *t)
{
	for (size_t k = 0; k < words_of(&t->v[t->n - 1]); k++)
		look_at_place(s, t, k);
	look_at_new(s, t);
}

static bool
finds(const struct sender *s, const struct talk *t,
      const struct secret_found *f)
{
	struct sender look = {.c = s->c,
			      .secrets = s->secrets,
			      .hosts = s->hosts,
			      .nhosts = s->nhosts};

	look_at(&look, t);
	for (size_t i = 0; i < look.nfound; i++)
		if (look.found[i].owner == f->owner)
			return true;
	return false;
}

/* Does the last one add to what the others hold of it?  Those that hold it by
 * themselves, because they were denied, make way, the oldest first. */
static bool
is_news(struct sender *s, struct talk *t, const struct secret_found *f)
{
	struct record last = t->v[t->n - 1];
	size_t from = 0, n = t->n;
	bool yes = false;

	for (; from + 1 < n; from++) {
		struct talk *some = talloc_zero(s->c->ctx, struct talk);

		if (!some)
			BUG("out of memory");
		some->n = n - 1 - from;
		memcpy(some->v, t->v + from, some->n * sizeof(last));
		if (finds(s, some, f))
			continue;
		some->v[some->n++] = last;
		yes = finds(s, some, f);
		break;
	}
	return yes;
}

static void
drop_old(struct sender *s, struct talk *t)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nfound; i++)
		if (is_news(s, t, &s->found[i]))
			s->found[n++] = s->found[i];
	s->nfound = n;
}

static bool
leaves(const struct sender *s)
{
	for (size_t i = 0; i < s->nhosts; i++)
		if (s->hosts[i].scope != SCOPE_LOCAL)
			return true;
	return false;
}

void
sender_scan_before(struct sender *s)
{
	size_t len, mine = talloc_array_length(s->pieces);
	const struct session *session = s->c->in->session;
	struct talk *t;
	char *before;

	/* what one command says alone is its own matter */
	if (!mine || s->nfound || !session || !leaves(s))
		return;
	before = said_before(s->c->ctx, session, &len);
	s->pieces = talloc_realloc(s->c->ctx, s->pieces, char, mine + 1);
	t = talloc_zero(s->c->ctx, struct talk);
	if (!t || !s->pieces)
		BUG("out of memory");
	s->pieces[mine++] = '\0';
	for (const char *p = before; p && p < before + len;) {
		if (t->n == RECORDS - 1)
			memmove(t->v, t->v + 1, --t->n * sizeof(struct record));
		p = read_record(&t->v[t->n++], p, before + len);
	}
	read_record(&t->v[t->n++], s->pieces, s->pieces + mine);
	if (t->n > 1)
		look_at(s, t);
	if (s->nfound)
		drop_old(s, t);
	if (s->c->in->kind != REQUEST_CHECK)
		said_before_add(session, s->pieces, mine);
}
