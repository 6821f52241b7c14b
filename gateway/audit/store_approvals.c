/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a person, and what a person has answered. */
#include "audit/store_private.h"
#include <talloc.h>
#include <time.h>

static int
prepare(struct store *s, const char *sql, sqlite3_stmt **st, struct err *e)
{
	*st = NULL;
	if (sqlite3_prepare_v2(s->db, sql, -1, st, NULL) != SQLITE_OK)
		return store_fail(s, e, "the approvals");
	return 0;
}

static void
text(sqlite3_stmt *st, int i, const char *value)
{
	sqlite3_bind_text(st, i, value, -1, SQLITE_STATIC);
}

static int
done(struct store *s, sqlite3_stmt *st, int last, struct err *e)
{
	int rc = last == SQLITE_DONE || last == SQLITE_ROW
		     ? 0
		     : store_fail(s, e, "the approvals");

	sqlite3_finalize(st);
	return rc;
}

static int
set_state(struct store *s, uint64_t id, const char *state, struct err *e)
{
	sqlite3_stmt *st;

	if (prepare(s, "UPDATE approval SET state = ?2 WHERE id = ?1", &st, e) <
	    0)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, (int64_t)id);
	text(st, 2, state);
	return done(s, st, sqlite3_step(st), e);
}

/* The one that is there already for this very action. */
static int
find(struct store *s, const struct approval *a, uint64_t *id, char *state,
     size_t size, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	*id = 0;
	if (prepare(s,
		    "SELECT id, state FROM approval WHERE session = ?1 AND"
		    " fingerprint = ?2 AND expires > ?3 AND state IN"
		    " ('waiting', 'approved', 'rejected')"
		    " ORDER BY id DESC LIMIT 1",
		    &st, e) < 0)
		return ERR_SYSTEM;
	text(st, 1, a->session);
	text(st, 2, a->fingerprint);
	sqlite3_bind_int64(st, 3, time(NULL));
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*id = (uint64_t)sqlite3_column_int64(st, 0);
		snprintf(state, size, "%s",
			 (const char *)sqlite3_column_text(st, 1));
	}
	return done(s, st, rc, e);
}

int
store_approval_ask(struct store *s, const struct approval *a, uint64_t *id,
		   char *state, size_t size, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (find(s, a, id, state, size, e) < 0)
		return ERR_SYSTEM;
	if (*id)
		return strcmp(state, "approved") == 0
			   ? set_state(s, *id, "used", e)
			   : 0;
	if (prepare(s,
		    "INSERT INTO approval(uid, session, fingerprint, command,"
		    " cwd, reason, time, expires, state)"
		    " VALUES(?,?,?,?,?,?,?,?,'waiting')",
		    &st, e) < 0)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, a->uid);
	text(st, 2, a->session);
	text(st, 3, a->fingerprint);
	text(st, 4, a->command);
	text(st, 5, a->cwd);
	text(st, 6, a->reason);
	sqlite3_bind_int64(st, 7, time(NULL));
	sqlite3_bind_int64(st, 8, a->expires);
	rc = done(s, st, sqlite3_step(st), e);
	if (rc == 0) {
		*id = (uint64_t)sqlite3_last_insert_rowid(s->db);
		snprintf(state, size, "waiting");
	}
	return rc;
}

int
store_approval_state(struct store *s, uint64_t id, uint32_t uid, char *state,
		     size_t size, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	snprintf(state, size, "gone");
	if (prepare(s,
		    "SELECT state FROM approval WHERE id = ?1 AND uid = ?2 AND"
		    " expires > ?3",
		    &st, e) < 0)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, (int64_t)id);
	sqlite3_bind_int64(st, 2, uid);
	sqlite3_bind_int64(st, 3, time(NULL));
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		snprintf(state, size, "%s",
			 (const char *)sqlite3_column_text(st, 0));
	return done(s, st, rc, e);
}

int
store_approval_decide(struct store *s, uint64_t id, const uint32_t *uid,
		      const char *state, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (prepare(s,
		    "UPDATE approval SET state = ?2 WHERE id = ?1 AND"
		    " state = 'waiting' AND expires > ?3 AND"
		    " (?4 IS NULL OR uid = ?4)",
		    &st, e) < 0)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, (int64_t)id);
	text(st, 2, state);
	sqlite3_bind_int64(st, 3, time(NULL));
	if (uid != NULL)
		sqlite3_bind_int64(st, 4, *uid);
	rc = done(s, st, sqlite3_step(st), e);
	if (rc == 0 && sqlite3_changes(s->db) == 0)
		return err_set(e, ERR_UNKNOWN,
			       "nothing waits under %llu (it was decided, has "
			       "expired, or never was)",
			       (unsigned long long)id);
	return rc;
}

static char *
column(void *ctx, sqlite3_stmt *st, int i)
{
	char *copy =
	    talloc_strdup(ctx, (const char *)sqlite3_column_text(st, i));

	if (copy == NULL)
		BUG("out of memory");
	return copy;
}

int
store_approvals(void *ctx, struct store *s, struct approval **out, size_t *n,
		struct err *e)
{
	struct approval *v = talloc_array(ctx, struct approval, 0);
	sqlite3_stmt *st;
	int rc;

	*n = 0;
	if (prepare(s,
		    "SELECT id, uid, session, fingerprint, command, cwd,"
		    " reason, time, expires, state FROM approval"
		    " WHERE state = 'waiting' AND expires > ?1 ORDER BY id",
		    &st, e) < 0)
		return ERR_SYSTEM;
	sqlite3_bind_int64(st, 1, time(NULL));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		v = talloc_realloc(ctx, v, struct approval, (unsigned)*n + 1);
		if (v == NULL)
			BUG("out of memory");
		v[(*n)++] = (struct approval){
		    .id = (uint64_t)sqlite3_column_int64(st, 0),
		    .uid = (uint32_t)sqlite3_column_int64(st, 1),
		    .session = column(ctx, st, 2),
		    .fingerprint = column(ctx, st, 3),
		    .command = column(ctx, st, 4),
		    .cwd = column(ctx, st, 5),
		    .reason = column(ctx, st, 6),
		    .time = sqlite3_column_int64(st, 7),
		    .expires = sqlite3_column_int64(st, 8),
		};
	}
	*out = v;
	return done(s, st, rc, e);
}

int
store_denials(struct store *s, const char *session, uint32_t row,
	      uint32_t total, struct err *e)
{
	sqlite3_stmt *st;

	if (prepare(s, "INSERT OR REPLACE INTO denials VALUES(?,?,?)", &st, e) <
	    0)
		return ERR_SYSTEM;
	text(st, 1, session);
	sqlite3_bind_int64(st, 2, row);
	sqlite3_bind_int64(st, 3, total);
	return done(s, st, sqlite3_step(st), e);
}

int
store_denials_of(struct store *s, const char *session, uint32_t *row,
		 uint32_t *total, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	*row = *total = 0;
	if (prepare(s, "SELECT in_a_row, total FROM denials WHERE session = ?",
		    &st, e) < 0)
		return ERR_SYSTEM;
	text(st, 1, session);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*row = (uint32_t)sqlite3_column_int64(st, 0);
		*total = (uint32_t)sqlite3_column_int64(st, 1);
	}
	return done(s, st, rc, e);
}
