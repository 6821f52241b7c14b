/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: one SQLite file in WAL mode, opened, migrated and written here.
 * Reading it back whole is store_read.c.
 */
#include "audit/store_private.h"
#include "base/clock.h"
#include "base/own.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE_VERSION 2

static const char schema[] =
    "CREATE TABLE record(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " session TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,"
    " previous TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX record_session ON record(session, seq);"
    "CREATE TRIGGER record_keep BEFORE UPDATE ON record BEGIN"
    " SELECT RAISE(ABORT, 'records are never changed'); END;"
    "CREATE TRIGGER record_stay BEFORE DELETE ON record BEGIN"
    " SELECT RAISE(ABORT, 'records are never deleted'); END;"
    "CREATE TABLE session(id TEXT PRIMARY KEY, uid INTEGER NOT NULL,"
    " started_ns INTEGER NOT NULL, dir TEXT NOT NULL) STRICT;"
    "CREATE TABLE word(session TEXT NOT NULL, time INTEGER NOT NULL,"
    " source TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX word_session ON word(session);"
    "CREATE TABLE facts(session TEXT NOT NULL, project TEXT NOT NULL,"
    " text TEXT NOT NULL, PRIMARY KEY(session, project)) STRICT;"
    "CREATE TABLE entry(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " session TEXT NOT NULL, project TEXT NOT NULL, vault TEXT NOT NULL,"
    " time INTEGER NOT NULL, summary TEXT NOT NULL, kept TEXT NOT NULL,"
    " bytes INTEGER NOT NULL, state TEXT NOT NULL) STRICT;"
    "CREATE INDEX entry_session ON entry(session);"
    "CREATE INDEX entry_project ON entry(project);";

/* Version 1 had none of these. */
static const char schema2[] =
    "CREATE TABLE approval(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " uid INTEGER NOT NULL, session TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, command TEXT NOT NULL, cwd TEXT NOT NULL,"
    " reason TEXT NOT NULL, time INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " state TEXT NOT NULL) STRICT;"
    "CREATE INDEX approval_action ON approval(session, fingerprint);"
    "CREATE TABLE denials(session TEXT PRIMARY KEY,"
    " in_a_row INTEGER NOT NULL, total INTEGER NOT NULL) STRICT;";

static const char *const statement[STMT_COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROLLBACK] = "ROLLBACK",
    [STMT_TAIL] = "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1",
    [STMT_RECORD] = "INSERT INTO record VALUES(?,?,?,?,?,?,?)",
    [STMT_SESSION] = "INSERT INTO session VALUES(?,?,?,?)",
    [STMT_WORD] = "INSERT INTO word VALUES(?,?,?,?)",
    [STMT_FACTS] = "INSERT INTO facts VALUES(?,?,?) ON CONFLICT DO UPDATE"
		   " SET text = excluded.text",
    [STMT_ENTRY] = "INSERT INTO entry(session, project, vault, time, summary,"
		   " kept, bytes, state) VALUES(?,?,?,?,?,'',0,'open')",
    /* what is not shown is not shown when it goes, either */
    [STMT_ENTRY_STATE] = "UPDATE entry SET state = CASE WHEN ?2 = 'expired'"
			 " AND state = 'dropped' THEN state ELSE ?2 END,"
			 " kept = CASE ?3 WHEN '' THEN kept ELSE ?3 END,"
			 " bytes = CASE ?4 WHEN 0 THEN bytes ELSE ?4 END"
			 " WHERE id = ?1 AND (?5 IS NULL"
			 " OR session IN (SELECT id FROM session"
			 " WHERE uid = ?5))",
};

int
store_fail(struct store *s, struct err *e, const char *doing)
{
	return err_set(e, ERR_SYSTEM, "%s: %s", doing, sqlite3_errmsg(s->db));
}

sqlite3_stmt *
store_statement(struct store *s, enum statement which, struct err *e)
{
	sqlite3_stmt **st = &s->kept[which];

	if (getpid() != s->owner)
		BUG("the store was opened by another process");
	if (*st == NULL && sqlite3_prepare_v3(s->db, statement[which], -1,
					      SQLITE_PREPARE_PERSISTENT, st,
					      NULL) != SQLITE_OK) {
		store_fail(s, e, "preparing the audit");
		return NULL;
	}
	return *st;
}

/* Runs a statement that gives no rows; its parameters are let go. */
static int
step(struct store *s, sqlite3_stmt *st, struct err *e, const char *doing)
{
	int r = sqlite3_step(st);

	if (r != SQLITE_DONE) {
		store_fail(s, e, doing);
		r = -1;
	} else {
		r = 0;
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return r == 0 ? 0 : (int)ERR_SYSTEM;
}

static int
run(struct store *s, enum statement which, struct err *e, const char *doing)
{
	sqlite3_stmt *st = store_statement(s, which, e);

	return st == NULL ? (int)ERR_SYSTEM : step(s, st, e, doing);
}

static void
bind_text(sqlite3_stmt *st, int i, const char *s)
{
	sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
}

static int
pages_written(void *data, sqlite3 *db, const char *name, int pages)
{
	struct store *s = data;

	(void)db;
	(void)name;
	s->pages = (unsigned)pages;
	return SQLITE_OK;
}

static int
close_store(struct store *s)
{
	/* In a forked child the handle is the parent's: not a byte of it may
	 * be touched, or the parent's locks are gone. */
	if (s->owner != getpid())
		return 0;
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->kept[i]);
	sqlite3_close(s->db);
	return 0;
}

static int
exec(struct store *s, const char *sql, struct err *e, const char *doing)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, e, doing);
	return 0;
}

static int
read_version(struct store *s, int *version, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		r = store_fail(s, e, "reading the audit's version");
	else
		*version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return r;
}

/* Makes the tables of a new file; two that do so at once wait for each
 * other at BEGIN IMMEDIATE. */
static int
migrate(struct store *s, struct err *e)
{
	char set[64];
	int version;

	if (exec(s, "BEGIN IMMEDIATE", e, "opening the audit") < 0 ||
	    read_version(s, &version, e) < 0)
		return ERR_SYSTEM;
	if (version >= 0 && version < STORE_VERSION) {
		snprintf(set, sizeof(set), "PRAGMA user_version = %d",
			 STORE_VERSION);
		if ((version == 0 &&
		     exec(s, schema, e, "making the audit") < 0) ||
		    exec(s, schema2, e, "making the audit") < 0 ||
		    exec(s, set, e, "making the audit") < 0)
			return ERR_SYSTEM;
		version = STORE_VERSION;
	}
	if (exec(s, "COMMIT", e, "making the audit") < 0)
		return ERR_SYSTEM;
	if (version != STORE_VERSION)
		return err_set(e, ERR_UNKNOWN,
			       "the audit is of version %d; this automode "
			       "knows version %d",
			       version, STORE_VERSION);
	return 0;
}

static int
read_tail(struct store *s, struct err *e)
{
	sqlite3_stmt *st = store_statement(s, STMT_TAIL, e);
	int r;

	if (st == NULL)
		return ERR_SYSTEM;
	chain_start(s->hash);
	s->seq = 0;
	r = sqlite3_step(st);
	if (r == SQLITE_ROW) {
		s->seq = (uint64_t)sqlite3_column_int64(st, 0);
		snprintf(s->hash, sizeof(s->hash), "%s",
			 (const char *)sqlite3_column_text(st, 1));
		r = SQLITE_DONE;
	}
	r = r == SQLITE_DONE ? 0 : store_fail(s, e, "reading the audit");
	sqlite3_reset(st);
	s->kept_seq = s->seq;
	memcpy(s->kept_hash, s->hash, sizeof(s->hash));
	return r;
}

static int
open_writer(struct store *s, struct err *e)
{
	/* FULL: a record has to outlive a power failure before the command
	 * runs.  The checkpoint is ours (store_tidy), so that no commit has
	 * to wait for one. */
	if (exec(s,
		 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		 "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -256;"
		 "PRAGMA journal_size_limit = 4194304;"
		 "PRAGMA trusted_schema = OFF",
		 e, "opening the audit") < 0 ||
	    migrate(s, e) < 0 || read_tail(s, e) < 0)
		return e->code;
	sqlite3_wal_hook(s->db, pages_written, s);
	return 0;
}

int
store_open(void *ctx, const char *state_dir, bool read_only, struct store **out,
	   struct err *e)
{
	struct store *s = talloc_zero(ctx, struct store);
	char *path = talloc_asprintf(s, "%s/audit.db", state_dir);
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	int version, fd;
	struct err scratch;

	*out = NULL;
	if (e == NULL)
		e = &scratch;
	if (!read_only) {
		/* Made here for its mode; SQLite gives the same to -wal. */
		fd =
		    open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0) {
			err_sys(e, "opening the audit %s", path);
			talloc_free(s);
			return ERR_SYSTEM;
		}
		close(fd);
		flags |= SQLITE_OPEN_READWRITE;
	} else {
		flags |= SQLITE_OPEN_READONLY;
	}
	s->owner = getpid();
	if (sqlite3_open_v2(path_resolve(s, "/", path), &s->db, flags, NULL) !=
	    SQLITE_OK) {
		err_set(e, ERR_SYSTEM, "opening the audit %s: %s", path,
			s->db ? sqlite3_errmsg(s->db) : "out of memory");
		sqlite3_close(s->db);
		talloc_free(s);
		return ERR_SYSTEM;
	}
	talloc_set_destructor(s, close_store);
	sqlite3_busy_timeout(s->db, 2000);
	if (read_only && read_version(s, &version, e) == 0 &&
	    version != STORE_VERSION)
		err_set(e, ERR_UNKNOWN, "the audit %s is of version %d", path,
			version);
	else if (read_only && version == STORE_VERSION)
		*out = s;
	else if (!read_only && open_writer(s, e) == 0)
		*out = s;
	if (*out != NULL)
		return 0;
	talloc_free(s);
	return e->code;
}

int
store_begin(struct store *s, struct err *e)
{
	if (s->open)
		BUG("a transaction within a transaction");
	if (run(s, STMT_BEGIN, e, "writing the audit") < 0)
		return ERR_SYSTEM;
	/* Another gateway of the same person (another runtime folder, the
	 * same state) writes to the same chain. */
	if (read_tail(s, e) < 0) {
		run(s, STMT_ROLLBACK, NULL, "");
		return ERR_SYSTEM;
	}
	s->open = true;
	return 0;
}

int
store_commit(struct store *s, struct err *e)
{
	int r = 0;

	if (!s->open)
		BUG("no transaction");
	s->open = false;
	/* A full disk makes SQLite roll back by itself. */
	if (sqlite3_get_autocommit(s->db))
		r = err_set(e, ERR_SYSTEM, "writing the audit: given up");
	else if (run(s, STMT_COMMIT, e, "writing the audit") < 0)
		r = ERR_SYSTEM;
	if (r == 0) {
		s->kept_seq = s->seq;
		memcpy(s->kept_hash, s->hash, sizeof(s->hash));
		return 0;
	}
	if (!sqlite3_get_autocommit(s->db))
		run(s, STMT_ROLLBACK, NULL, "");
	s->seq = s->kept_seq;
	memcpy(s->hash, s->kept_hash, sizeof(s->hash));
	return r;
}

/* Around one write outside of store_begin() and store_commit(). */
static int
enter(struct store *s, bool *own, struct err *e)
{
	*own = !s->open;
	if (*own)
		return store_begin(s, e);
	if (sqlite3_get_autocommit(s->db))
		return err_set(e, ERR_SYSTEM, "writing the audit: given up");
	return 0;
}

static int
leave(struct store *s, bool own, int r, struct err *e)
{
	if (!own)
		return r;
	if (r == 0)
		return store_commit(s, e);
	s->open = false;
	if (!sqlite3_get_autocommit(s->db))
		run(s, STMT_ROLLBACK, NULL, "");
	s->seq = s->kept_seq;
	memcpy(s->hash, s->kept_hash, sizeof(s->hash));
	return r;
}

/* enter(), and the statement to fill in. */
static int
write_one(struct store *s, enum statement which, sqlite3_stmt **st, bool *own,
	  struct err *e)
{
	int r = enter(s, own, e);

	if (r < 0)
		return r;
	*st = store_statement(s, which, e);
	return *st == NULL ? leave(s, *own, ERR_SYSTEM, e) : 0;
}

void
store_tidy(struct store *s)
{
	if (s->open || s->pages == 0)
		return;
	if (sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
				      NULL, NULL) == SQLITE_OK)
		s->pages = 0;
	sqlite3_db_release_memory(s->db);
}

unsigned
store_untidy(const struct store *s)
{
	return s->pages;
}

int
store_record(struct store *s, const char *kind, const char *session,
	     const char *json, uint64_t *seq, struct err *e)
{
	int64_t time = wall_ms();
	char hash[CHAIN_HEX];
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_RECORD, &st, &own, e);

	if (r < 0)
		return r;
	chain_hash(s->hash, s->seq + 1, time, session, kind, json, hash);
	sqlite3_bind_int64(st, 1, (int64_t)s->seq + 1);
	sqlite3_bind_int64(st, 2, time);
	bind_text(st, 3, session);
	bind_text(st, 4, kind);
	bind_text(st, 5, json);
	bind_text(st, 6, s->hash);
	bind_text(st, 7, hash);
	r = step(s, st, e, "writing a record");
	if (r == 0) {
		s->seq++;
		memcpy(s->hash, hash, sizeof(hash));
		*seq = s->seq;
	}
	return leave(s, own, r, e);
}

int
store_session_new(struct store *s, const struct session *session, struct err *e)
{
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_SESSION, &st, &own, e);

	if (r < 0)
		return r;
	bind_text(st, 1, session->id);
	sqlite3_bind_int64(st, 2, session->uid);
	sqlite3_bind_int64(st, 3, session->started_ns);
	bind_text(st, 4, session->start_dir);
	return leave(s, own, step(s, st, e, "writing a session"), e);
}

int
store_word(struct store *s, const char *session, const char *source,
	   const char *text, struct err *e)
{
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_WORD, &st, &own, e);

	if (r < 0)
		return r;
	bind_text(st, 1, session);
	sqlite3_bind_int64(st, 2, wall_ms() / 1000);
	bind_text(st, 3, source);
	bind_text(st, 4, text);
	return leave(s, own, step(s, st, e, "writing the person's words"), e);
}

int
store_facts(struct store *s, const char *session, const char *project,
	    const char *text, struct err *e)
{
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_FACTS, &st, &own, e);

	if (r < 0)
		return r;
	bind_text(st, 1, session);
	bind_text(st, 2, project);
	bind_text(st, 3, text);
	return leave(s, own, step(s, st, e, "writing a project's facts"), e);
}

int
store_entry_new(struct store *s, const char *session, const char *project,
		const char *vault, const char *summary, uint64_t *id,
		struct err *e)
{
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_ENTRY, &st, &own, e);

	if (r < 0)
		return r;
	bind_text(st, 1, session);
	bind_text(st, 2, project);
	bind_text(st, 3, vault);
	sqlite3_bind_int64(st, 4, wall_ms() / 1000);
	bind_text(st, 5, summary);
	r = step(s, st, e, "writing a vault entry");
	if (r == 0)
		*id = (uint64_t)sqlite3_last_insert_rowid(s->db);
	return leave(s, own, r, e);
}

int
store_entry_state(struct store *s, uint64_t id, const uint32_t *uid,
		  const char *state, const char *kept, uint64_t bytes,
		  struct err *e)
{
	sqlite3_stmt *st;
	bool own;
	int r = write_one(s, STMT_ENTRY_STATE, &st, &own, e);

	if (r < 0)
		return r;
	sqlite3_bind_int64(st, 1, (int64_t)id);
	bind_text(st, 2, state);
	bind_text(st, 3, kept == NULL ? "" : kept);
	sqlite3_bind_int64(st, 4, (int64_t)bytes);
	if (uid != NULL)
		sqlite3_bind_int64(st, 5, *uid);
	r = step(s, st, e, "writing a vault entry's state");
	if (r == 0 && sqlite3_changes(s->db) == 0)
		r = err_set(e, ERR_UNKNOWN, "there is no entry %llu",
			    (unsigned long long)id);
	return leave(s, own, r, e);
}
