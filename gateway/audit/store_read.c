/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the store: records, the chain, sessions, vault entries. */
#include "audit/store_private.h"
#include <talloc.h>

#define SESSIONS_KEPT 512

static sqlite3_stmt *
prepare(struct store *s, const char *sql, struct err *e)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) {
		store_fail(s, e, "reading the audit");
		return NULL;
	}
	return st;
}

static char *
column(void *ctx, sqlite3_stmt *st, int i)
{
	const char *t = (const char *)sqlite3_column_text(st, i);
	char *copy = talloc_strdup(ctx, t == NULL ? "" : t);

	if (copy == NULL)
		BUG("out of memory");
	return copy;
}

static int
finish(struct store *s, sqlite3_stmt *st, int last, struct err *e)
{
	int r = last == SQLITE_DONE ? 0 : store_fail(s, e, "reading the audit");

	sqlite3_finalize(st);
	return r;
}

/* Room for one more of size bytes in the array *v of n. */
static void *
grow(void *ctx, void *v, size_t size, size_t n, const char *name)
{
	if (n != 0 && (n & (n - 1)) != 0)
		return v;
	v = talloc_realloc_size(ctx, v, size * (n == 0 ? 1 : n * 2));
	if (v == NULL)
		BUG("out of memory");
	talloc_set_name_const(v, name);
	return v;
}

int
store_verify(struct store *s, uint64_t *count, uint64_t *bad, struct err *e)
{
	char previous[CHAIN_HEX], hash[CHAIN_HEX];
	sqlite3_stmt *st =
	    prepare(s,
		    "SELECT seq, time, session, kind, text, previous, hash"
		    " FROM record ORDER BY seq",
		    e);
	int r;

	*count = *bad = 0;
	if (st == NULL)
		return ERR_SYSTEM;
	chain_start(previous);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		const char *t[5];

		for (int i = 0; i < 5; i++) {
			t[i] = (const char *)sqlite3_column_text(st, i + 2);
			if (t[i] == NULL)
				t[i] = "";
		}
		chain_hash(previous, *count + 1, sqlite3_column_int64(st, 1),
			   t[0], t[1], t[2], hash);
		if (sqlite3_column_int64(st, 0) != (int64_t)*count + 1 ||
		    strcmp(t[3], previous) != 0 || strcmp(t[4], hash) != 0) {
			*bad = (uint64_t)sqlite3_column_int64(st, 0);
			if (*bad == 0)
				*bad = *count + 1;
			r = SQLITE_DONE;
			break;
		}
		memcpy(previous, hash, sizeof(hash));
		++*count;
	}
	return finish(s, st, r, e);
}

int
store_records(void *ctx, struct store *s, const char *session, uint64_t after,
	      size_t limit, struct record **out, size_t *n, struct err *e)
{
	sqlite3_stmt *st = prepare(
	    s,
	    session != NULL
		? "SELECT seq, time, session, kind, text, hash FROM record"
		  " WHERE seq > ?1 AND session = ?3 ORDER BY seq DESC LIMIT ?2"
		: "SELECT seq, time, session, kind, text, hash FROM record"
		  " WHERE seq > ?1 ORDER BY seq DESC LIMIT ?2",
	    e);
	struct record *v = NULL;
	int r;

	*out = NULL;
	*n = 0;
	if (st == NULL)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, (int64_t)after);
	sqlite3_bind_int64(st, 2, limit == 0 ? -1 : (int64_t)limit);
	if (session != NULL)
		sqlite3_bind_text(st, 3, session, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		v = grow(ctx, v, sizeof(*v), *n, "struct record");
		v[*n] = (struct record){
		    .seq = (uint64_t)sqlite3_column_int64(st, 0),
		    .time_ms = sqlite3_column_int64(st, 1),
		    .session = column(v, st, 2),
		    .kind = column(v, st, 3),
		    .text = column(v, st, 4),
		    .hash = column(v, st, 5),
		};
		++*n;
	}
	for (size_t i = 0; i < *n / 2; i++) {
		struct record swap = v[i];

		v[i] = v[*n - 1 - i];
		v[*n - 1 - i] = swap;
	}
	*out = v;
	return finish(s, st, r, e);
}

static int
read_words(struct store *s, struct session *to, struct err *e)
{
	sqlite3_stmt *st = prepare(s,
				   "SELECT time, source, text FROM word"
				   " WHERE session = ? ORDER BY rowid",
				   e);
	int r;

	if (st == NULL)
		return ERR_SYSTEM;
	sqlite3_bind_text(st, 1, to->id, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		to->words = grow(to, to->words, sizeof(*to->words), to->nwords,
				 "struct session_word");
		to->words[to->nwords++] = (struct session_word){
		    .time = sqlite3_column_int64(st, 0),
		    .source = column(to, st, 1),
		    .text = column(to, st, 2),
		};
	}
	return finish(s, st, r, e);
}

static int
read_facts(struct store *s, struct session *to, struct err *e)
{
	sqlite3_stmt *st = prepare(s,
				   "SELECT project, text FROM facts"
				   " WHERE session = ? ORDER BY rowid",
				   e);
	int r;

	if (st == NULL)
		return ERR_SYSTEM;
	sqlite3_bind_text(st, 1, to->id, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		to->projects = grow(to, to->projects, sizeof(*to->projects),
				    to->nprojects, "struct project_facts");
		to->projects[to->nprojects++] = (struct project_facts){
		    .project = column(to, st, 0),
		    .text = column(to, st, 1),
		};
	}
	return finish(s, st, r, e);
}

int
store_sessions(void *ctx, struct store *s, struct sessions *out, struct err *e)
{
	sqlite3_stmt *st =
	    prepare(s,
		    "SELECT id, uid, started_ns, dir FROM (SELECT rowid AS r, *"
		    " FROM session WHERE id NOT GLOB 'default-*'"
		    " ORDER BY rowid DESC LIMIT ?) ORDER BY r",
		    e);
	int r;

	out->v = NULL;
	out->n = 0;
	if (st == NULL)
		return ERR_SYSTEM;
	sqlite3_bind_int(st, 1, SESSIONS_KEPT);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		struct session *one = talloc_zero(ctx, struct session);

		one->id = column(one, st, 0);
		one->uid = (uint32_t)sqlite3_column_int64(st, 1);
		one->started_ns = sqlite3_column_int64(st, 2);
		one->start_dir = column(one, st, 3);
		out->v = grow(ctx, out->v, sizeof(*out->v), out->n, "sessions");
		out->v[out->n++] = one;
		if (read_words(s, one, e) < 0 || read_facts(s, one, e) < 0) {
			sqlite3_finalize(st);
			return ERR_SYSTEM;
		}
	}
	return finish(s, st, r, e);
}

int
store_entries(void *ctx, struct store *s, const char *session,
	      const char *project, struct entry **out, size_t *n, struct err *e)
{
	sqlite3_stmt *st =
	    prepare(s,
		    "SELECT id, session, project, vault, summary, kept, state,"
		    " time, bytes FROM entry"
		    " WHERE (?1 IS NULL OR session = ?1)"
		    " AND (?2 IS NULL OR project = ?2) ORDER BY id DESC",
		    e);
	struct entry *v = NULL;
	int r;

	*out = NULL;
	*n = 0;
	if (st == NULL)
		return ERR_SYSTEM;
	if (session != NULL)
		sqlite3_bind_text(st, 1, session, -1, SQLITE_STATIC);
	if (project != NULL)
		sqlite3_bind_text(st, 2, project, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		v = grow(ctx, v, sizeof(*v), *n, "struct entry");
		v[(*n)++] = (struct entry){
		    .id = (uint64_t)sqlite3_column_int64(st, 0),
		    .session = column(v, st, 1),
		    .project = column(v, st, 2),
		    .vault = column(v, st, 3),
		    .summary = column(v, st, 4),
		    .kept = column(v, st, 5),
		    .state = column(v, st, 6),
		    .time = sqlite3_column_int64(st, 7),
		    .bytes = (uint64_t)sqlite3_column_int64(st, 8),
		};
	}
	*out = v;
	return finish(s, st, r, e);
}
