/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential that goes out in pieces, one with each command of a session:
 * what changes from one command to the next is put together.
 */
#include "effects/said_before.h"
#include "tools/sender.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define RECORDS 64
#define WORDS	(SAID_LONGEST / 2)
#define LONG	5 /* a piece, not a number that counts them */
#define BEGUN	8 /* bytes that are no chance any more */
#define WHERE	"several commands of this session"

static const struct secret_owner begun = {.family = ""};

#define DENIED "!" /* the first word of such a record; no piece is one */

struct record {
	const char *word[WORDS];
	size_t n;
	bool denied;
};

struct talk {
	struct record v[RECORDS];
	size_t n;
};

static const char *
read_record(struct record *r, const char *p, const char *end)
{
	r->n = 0;
	r->denied = !strcmp(p, DENIED);
	if (r->denied)
		p += sizeof(DENIED);
	while (p < end && *p) {
		if (r->n < WORDS)
			r->word[r->n++] = p;
		p += strlen(p) + 1;
	}
	return p + 1;
}

static bool
says(const struct record *r, const char *word)
{
	for (size_t i = 0; i < r->n; i++)
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

static int
kind_of(char c)
{
	return isdigit((unsigned char)c) ? 2 : isupper((unsigned char)c) != 0;
}

/* Numbers that count, a word, one with a number: many a value begins so, and
 * other text. */
static bool
is_plain(const char *text, size_t len)
{
	size_t changes = 0;

	for (size_t i = 1; i < len; i++)
		changes += kind_of(text[i]) != kind_of(text[i - 1]);
	return changes < 2;
}

static void
add_begun(struct sender *s, const char *text, size_t last)
{
	size_t len = strlen(text), room = sizeof(s->found) / sizeof(*s->found);

	for (size_t i = 0; i < s->nhosts && s->nfound < room; i++) {
		size_t n =
		    secrets_begun(s->secrets, text, len, s->hosts[i].host);

		if (n < BEGUN || n <= last || is_plain(text + len - n, n))
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

/* Without what comes again and again, between the pieces. */
static size_t
drop_repeated(const char **v, size_t n)
{
	bool again[RECORDS] = {false};
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			again[i] |= k != i && !strcmp(v[i], v[k]);
	for (size_t i = 0; i < n; i++)
		if (!again[i])
			v[kept++] = v[i];
	return kept;
}

/* The same place in commands of that shape, so many words. */
static void
look_at_place(struct sender *s, const struct talk *t, size_t shape,
	      size_t place)
{
	const char *v[RECORDS];
	bool changes = false;
	size_t n = 0, once;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].n != shape)
			continue;
		v[n] = t->v[i].word[place];
		/* tried again */
		if (n && t->v[i].denied && !strcmp(v[n], v[n - 1]))
			continue;
		changes |= strcmp(v[0], v[n++]) != 0;
	}
	if (!changes)
		return;
	look(s, v, n);
	once = drop_repeated(v, n);
	if (once < n)
		look(s, v, once);
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
		for (size_t k = 0; k < t->v[i].n; k++)
			if (strlen(t->v[i].word[k]) >= LONG &&
			    (i == 0 || !says(&t->v[i - 1], t->v[i].word[k])))
				v[n++] = t->v[i].word[k];
	look(s, v, n);
}

static void
look_at(struct sender *s, const struct talk *t, size_t shape)
{
	for (size_t k = 0; k < shape; k++)
		look_at_place(s, t, shape, k);
	look_at_new(s, t);
}

static bool
finds(const struct sender *s, const struct talk *t, size_t shape,
      const struct secret_found *f)
{
	struct sender look = {.c = s->c,
			      .secrets = s->secrets,
			      .hosts = s->hosts,
			      .nhosts = s->nhosts};

	look_at(&look, t, shape);
	for (size_t i = 0; i < look.nfound; i++)
		if (look.found[i].owner == f->owner)
			return true;
	return false;
}

/* Does the last one add to what the others hold of it?  Those that hold it by
 * themselves, as it was none yet or they were denied, make way, the oldest
 * first. */
static bool
is_news(struct sender *s, struct talk *t, const struct secret_found *f)
{
	struct talk *some = talloc(s->c->ctx, struct talk);
	size_t shape = t->v[t->n - 1].n;

	if (!some)
		BUG("out of memory");
	for (size_t from = 0; from + 1 < t->n; from++) {
		some->n = t->n - 1 - from;
		memcpy(some->v, t->v + from,
		       (some->n + 1) * sizeof(struct record));
		if (finds(s, some, shape, f))
			continue;
		some->n++;
		return finds(s, some, shape, f);
	}
	return false;
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

static void
judge_talk(struct sender *s, struct talk *t)
{
	if (t->n < 2)
		return;
	look_at(s, t, t->v[t->n - 1].n);
	if (s->nfound)
		drop_old(s, t);
}

/* The last one that was denied was not said: the same again is as much as it
 * was then. */
static bool
drop_denied(struct talk *t)
{
	for (size_t i = t->n; i-- > 0;)
		if (t->v[i].denied) {
			memmove(t->v + i, t->v + i + 1,
				(--t->n - i) * sizeof(struct record));
			return true;
		}
	return false;
}

static bool
leaves(const struct sender *s)
{
	for (size_t i = 0; i < s->nhosts; i++)
		if (s->hosts[i].scope != SCOPE_LOCAL)
			return true;
	return false;
}

/* Of a long one, the words that come first and those that come last. */
static size_t
shorten(char *record, size_t len)
{
	const size_t half = (SAID_LONGEST - sizeof(DENIED)) / 2;
	size_t head = half, tail = len - half;

	if (len <= 2 * half)
		return len;
	while (head && record[head - 1])
		head--;
	while (record[tail - 1])
		tail++;
	memmove(record + head, record + tail, len - tail);
	return head + len - tail;
}

static void
remember(struct sender *s, const struct session *session, size_t len)
{
	char *record = talloc_size(s->c->ctx, sizeof(DENIED) + len);
	size_t mark = s->nfound ? sizeof(DENIED) : 0;

	if (!record)
		BUG("out of memory");
	memcpy(record, DENIED, mark);
	memcpy(record + mark, s->pieces, len);
	said_before_add(session, record, mark + len);
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
	t = talloc(s->c->ctx, struct talk);
	if (!t || !s->pieces)
		BUG("out of memory");
	t->n = 0;
	s->pieces[mine++] = '\0';
	mine = shorten(s->pieces, mine);
	for (const char *p = before; p && p < before + len;) {
		if (t->n == RECORDS - 1)
			memmove(t->v, t->v + 1, --t->n * sizeof(struct record));
		p = read_record(&t->v[t->n++], p, before + len);
	}
	read_record(&t->v[t->n++], s->pieces, s->pieces + mine);
	do
		judge_talk(s, t);
	while (!s->nfound && drop_denied(t));
	if (s->c->in->kind != REQUEST_CHECK)
		remember(s, session, mine);
}
