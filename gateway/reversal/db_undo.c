/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a database back as its dump has it.  Everything that is there goes and
 * everything of the dump comes in one transaction: all of it, or nothing.
 * What is there is dumped first, so that this too can be undone.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/db.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct db_undoing {
	void *ctx;
	const struct invocation *in;
	char *dir; /* .../database */
	struct db_place at;
};

static char *
field(struct db_undoing *u, const char *name)
{
	char *path = have(talloc_asprintf(u->ctx, "%s/%s", u->dir, name));
	char *text;
	size_t len;
	struct err e = {0};

	if (file_read(u->ctx, AT_FDCWD, path, 64 << 20, &text, &len, &e) != 0)
		return NULL;
	return text;
}

bool
db_entry_is(const char *dir)
{
	char *path = have(talloc_asprintf(NULL, "%s/database/dump", dir));
	bool is = access(path, R_OK) == 0;

	talloc_free(path);
	return is;
}

static int
ran(struct db_undoing *u, const struct spawn *s, int rc, const char *what,
    struct err *e)
{
	if (rc < 0 || s->status == 0)
		return rc;
	return err_set(e, ERR_SYSTEM, "%s: %s", what,
		       text_safe(u->ctx, s->errors ? s->errors : "failed"));
}

/* The list of the dump without what nobody but a superuser may say; event
 * triggers last, REFRESH would set them off. */
static int
list(struct db_undoing *u, const char *to, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));
	const char *argv[] = {"pg_restore", "-l", dump, NULL};
	struct spawn s = {
	    .argv = argv, .timeout_ms = 60000, .max_output = 64 << 20};
	int rc = db_client(u->ctx, u->in, &u->at, &s, e);
	char *text = have(talloc_strdup(u->ctx, "")), *line, *save = NULL;
	char *last = have(talloc_strdup(u->ctx, ""));

	rc = ran(u, &s, rc, "reading the dump", e);
	if (rc < 0)
		return rc;
	for (line = strtok_r(s.output, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (strstr(line, " EVENT TRIGGER - "))
			last = have(talloc_asprintf_append(last, "%s\n", line));
		else if (!strstr(line, " COMMENT - EXTENSION "))
			text = have(talloc_asprintf_append(text, "%s\n", line));
	text = have(talloc_asprintf_append(text, "%s", last));
	return file_write(AT_FDCWD, to, text, strlen(text), 0600, e);
}

/* The database is not there: made as it was, then filled. */
static int
make(struct db_undoing *u, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));
	char *toc = have(talloc_asprintf(u->ctx, "%s/list", u->dir));
	char *other = have(
	    talloc_asprintf(u->ctx, "%s dbname='postgres'", u->at.conninfo));
	const char *argv[] = {"pg_restore", "-w", "-e",	 "-L", toc,
			      "-C",	    "-d", other, dump, NULL};
	struct spawn s = {.argv = argv, .timeout_ms = 600000};
	int rc = list(u, toc, e);

	if (rc == 0)
		rc = ran(u, &s, db_client(u->ctx, u->in, &u->at, &s, e),
			 "making the database", e);
	unlink(toc);
	return rc;
}

static int
fill(struct db_undoing *u, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));
	char *toc = have(talloc_asprintf(u->ctx, "%s/list", u->dir));
	char *drop = have(talloc_asprintf(u->ctx, "%s/clear.sql", u->dir));
	char *sql = have(talloc_asprintf(u->ctx, "%s/restore.sql", u->dir));
	const char *script[] = {"pg_restore", "-L", toc, "-f", sql, dump, NULL};
	const char *load[] = {"psql",
			      "-wXq",
			      "-v",
			      "ON_ERROR_STOP=1",
			      "-1",
			      "-o",
			      "/dev/null",
			      "-d",
			      u->at.conninfo,
			      "-f",
			      drop,
			      "-f",
			      sql,
			      NULL};
	struct spawn s = {.argv = script, .timeout_ms = 600000};
	int rc = list(u, toc, e);

	if (rc == 0)
		rc = file_write(AT_FDCWD, drop, db_clear, strlen(db_clear),
				0600, e);
	if (rc == 0)
		rc = ran(u, &s, db_client(u->ctx, u->in, &u->at, &s, e),
			 "reading the dump", e);
	s = (struct spawn){.argv = load, .timeout_ms = 600000};
	if (rc == 0)
		rc = ran(u, &s, db_client(u->ctx, u->in, &u->at, &s, e),
			 "putting it back (nothing was changed)", e);
	unlink(toc);
	unlink(drop);
	unlink(sql);
	return rc;
}

/* 1: there, 0: there is none of that name, negative: who knows. */
static int
is_there(struct db_undoing *u, struct err *e)
{
	const char *argv[] = {"psql", "-wXAtq",	  "-d", u->at.conninfo,
			      "-c",   "SELECT 1", NULL};
	struct spawn s = {.argv = argv, .timeout_ms = 20000};
	int rc = db_client(u->ctx, u->in, &u->at, &s, e);

	if (rc < 0 || s.status == 0)
		return rc < 0 ? rc : 1;
	if (s.errors && strstr(s.errors, "database \"") &&
	    strstr(s.errors, "does not exist"))
		return 0;
	return err_set(e, ERR_SYSTEM, "%s",
		       text_safe(u->ctx, s.errors ? s.errors : "no answer"));
}

/* These servers cannot take it back by themselves: what was there before comes
 * again from its own entry. */
static int
take_back(struct db_undoing *u, const char *vault_dir, uint64_t entry,
	  struct err *e)
{
	char *dump =
	    have(talloc_asprintf(u->ctx, "%s/entries/%llu/database/dump",
				 vault_dir, (unsigned long long)entry));
	struct err again = {0};

	if (!entry || db_mysql_restore(u->ctx, u->in, &u->at, dump, &again) < 0)
		return err_wrap(e, "%s is half put back", u->at.label);
	return err_wrap(e, "%s (it is as it was before undo)", u->at.label);
}

/* The other engines: what is there is kept, then all of it replaced. */
static int
put_back(struct db_undoing *u, struct channel *monitor, const char *vault_dir,
	 bool dry_run, struct undo_report *out, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));
	bool mysql = u->at.engine == DATABASE_MYSQL;
	char *part = field(u, "part");
	bool loading;
	uint64_t bytes = 0;
	int rc = 0;

	u->at.part = part && *part ? part : NULL;
	out->restored = 1;
	if (dry_run)
		return 0;
	/* 1: it is not there, so nothing of it is to be kept */
	if (mysql)
		rc = db_mysql_look(u->ctx, u->in, &u->at, &bytes, e);
	if (rc == 0) {
		rc = db_dump_entry(u->ctx, u->in, monitor, &u->at,
				   "automode undo", &out->entry, &bytes, e);
		if (rc == 0)
			rc = channel_entry_state(monitor, out->entry, "kept",
						 u->at.label, bytes, e);
	}
	loading = rc >= 0;
	if (rc >= 0)
		rc = mysql ? db_mysql_restore(u->ctx, u->in, &u->at, dump, e)
			   : db_redis_restore(u->ctx, &u->at, dump, e);
	if (rc < 0 && mysql && loading)
		return take_back(u, vault_dir, out->entry, e);
	return rc < 0 ? err_wrap(e, "%s", u->at.label) : 0;
}

int
db_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	const char *vault_dir, uint64_t id, bool dry_run,
	struct undo_report *out, struct err *e)
{
	struct db_undoing u = {.ctx = ctx, .in = in};
	struct db_place present;
	uint64_t bytes = 0;
	char *kind, *command;
	int rc, there;

	u.dir = have(talloc_asprintf(ctx, "%s/entries/%llu/database", vault_dir,
				     (unsigned long long)id));
	u.at.conninfo = field(&u, "conninfo");
	u.at.cluster = field(&u, "cluster");
	u.at.label = field(&u, "label");
	kind = field(&u, "kind");
	command = field(&u, "command");
	if (!in || !u.at.conninfo || !u.at.label || !kind)
		return err_set(e, ERR_SYNTAX, "the entry is damaged");
	u.at.engine = db_engine(field(&u, "engine"));
	out->lines = have(talloc_asprintf(ctx, "%s\n", u.at.label));
	if (u.at.engine != DATABASE_POSTGRESQL)
		return put_back(&u, monitor, vault_dir, dry_run, out, e);
	there = is_there(&u, e);
	if (there < 0)
		return err_wrap(e, "%s", u.at.label);
	if (there == 0 && strcmp(kind, "dropped") != 0)
		return err_set(e, ERR_UNKNOWN,
			       "%s is not there any more: make it first",
			       u.at.label);
	out->restored = 1;
	if (dry_run)
		return 0;
	present = u.at;
	if (there)
		rc = db_dump_entry(
		    ctx, in, monitor, &present,
		    have(talloc_asprintf(ctx, "undo of %llu: %s",
					 (unsigned long long)id,
					 command ? command : u.at.label)),
		    &out->entry, &bytes, e);
	else
		rc = 0;
	if (rc == 0 && there)
		rc = channel_entry_state(monitor, out->entry, "kept",
					 u.at.label, bytes, e);
	if (rc == 0)
		rc = there ? fill(&u, e) : make(&u, e);
	return rc < 0 ? err_wrap(e, "%s", u.at.label) : 0;
}
