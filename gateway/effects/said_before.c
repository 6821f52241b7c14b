/* SPDX-License-Identifier: Apache-2.0 */
#include "effects/said_before.h"
#include "base/shared.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#define SESSIONS 32
#define ROOM	 8192

struct talk {
	char session[65];
	uint32_t uid;
	uint64_t used; /* 0: free */
	size_t len;
	char text[ROOM];
};

static struct table {
	struct shared shared;
	uint64_t uses;
	struct talk v[SESSIONS];
} * table;

void
said_before_prepare(void)
{
	if (!table)
		table = shared_new(sizeof(*table));
}

static bool
locked(void)
{
	enum shared_state state =
	    table ? shared_lock(&table->shared) : SHARED_BUSY;

	if (state == SHARED_TORN)
		memset(table->v, 0, sizeof(table->v));
	return state != SHARED_BUSY;
}

static struct talk *
find(const struct session *s)
{
	for (size_t i = 0; i < SESSIONS; i++) {
		struct talk *t = &table->v[i];

		if (t->used && t->uid == s->uid && !strcmp(t->session, s->id))
			return t;
	}
	return NULL;
}

/* In the place of the one that was silent for longest. */
static struct talk *
make(const struct session *s)
{
	struct talk *t = &table->v[0];

	for (size_t i = 1; i < SESSIONS; i++)
		if (table->v[i].used < t->used)
			t = &table->v[i];
	memset(t, 0, sizeof(*t));
	memcpy(t->session, s->id, strnlen(s->id, sizeof(t->session) - 1));
	t->uid = s->uid;
	return t;
}

char *
said_before(void *ctx, const struct session *s, size_t *len)
{
	const struct talk *t;
	char *out = NULL;

	*len = 0;
	if (!locked())
		return NULL;
	t = find(s);
	if (t && t->len) {
		out = talloc_memdup(ctx, t->text, t->len);
		*len = t->len;
	}
	shared_unlock(&table->shared);
	return out;
}

/* Where the record ends that begins there. */
static size_t
record_end(const struct talk *t, size_t at)
{
	while (at < t->len && t->text[at])
		at += strnlen(t->text + at, t->len - at) + 1;
	return at < t->len ? at + 1 : t->len;
}

void
said_before_add(const struct session *s, const char *record, size_t len)
{
	struct talk *t;
	size_t from = 0;

	if (!len || len > SAID_LONGEST || !locked())
		return;
	t = find(s);
	t = t ? t : make(s);
	while (t->len - from + len > ROOM)
		from = record_end(t, from);
	memmove(t->text, t->text + from, t->len - from);
	t->len -= from;
	memcpy(t->text + t->len, record, len);
	t->len += len;
	t->used = ++table->uses;
	shared_unlock(&table->shared);
}
