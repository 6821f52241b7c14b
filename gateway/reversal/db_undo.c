/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts databases back as their dumps have them.  Everything that is there goes
 * and everything of the dump comes in one transaction: all of it, or nothing;
 * when one of several does not come, those before it go back.  What is there
 * is dumped first, so that this too can be undone.
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
	int kept; /* which of the present's entry it is; -1: it is not there */
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

/* What is there now can be kept; *there: something is. */
static int
look(struct db_undoing *u, bool *there, struct err *e)
{
	uint64_t bytes = 0;
	int rc;

	*there = true;
	if (u->at.engine == DATABASE_MYSQL) {
		/* 1: it is not there, so nothing of it is to be kept */
		rc = db_mysql_look(u->ctx, u->in, &u->at, &bytes, e);
		*there = rc == 0;
		return rc < 0 ? rc : 0;
	}
	if (u->at.engine != DATABASE_POSTGRESQL)
		return 0;
	rc = is_there(u, e);
	if (rc == 0 && !u->at.dropped)
		return err_set(e, ERR_UNKNOWN,
			       "it is not there any more: make it first");
	*there = rc > 0;
	return rc < 0 ? rc : 0;
}

/* The i-th database of the entry; 1: there are no more. */
static int
open_part(struct db_undoing *u, const char *entry, size_t i, struct err *e)
{
	char *part, *kind;

	u->dir = db_part(u->ctx, entry, i);
	if (i && access(u->dir, F_OK) < 0)
		return 1;
	u->at.conninfo = field(u, "conninfo");
	u->at.cluster = field(u, "cluster");
	u->at.label = field(u, "label");
	u->at.engine = db_engine(field(u, "engine"));
	kind = field(u, "kind");
	part = field(u, "part");
	u->at.part = part && *part ? part : NULL;
	if (!u->in || !u->at.conninfo || !u->at.label || !kind)
		return err_set(e, ERR_SYNTAX, "the entry is damaged");
	u->at.dropped = !strcmp(kind, "dropped");
	u->kept = -1;
	return 0;
}

static int
put_one(struct db_undoing *u, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));

	switch (u->at.engine) {
	case DATABASE_MYSQL:
		return db_mysql_restore(u->ctx, u->in, &u->at, dump, e);
	case DATABASE_REDIS:
		return db_redis_restore(u->ctx, &u->at, dump, e);
	default:
		return u->kept < 0 ? make(u, e) : fill(u, e);
	}
}

/* The n-th did not come.  What was there before all of them comes again from
 * the present's own entry; PostgreSQL and Redis took the n-th back by
 * themselves. */
static int
take_back(struct db_undoing *v, size_t n, const char *present, struct err *e)
{
	size_t all = n + (v[n].at.engine == DATABASE_MYSQL);
	const char *half = NULL;

	for (size_t i = 0; i < all; i++) {
		struct db_undoing *u = &v[i];
		struct err again = {0};

		u->dir = u->kept < 0
			     ? NULL
			     : db_part(u->ctx, present, (size_t)u->kept);
		if (!u->dir || put_one(u, &again) < 0)
			half = u->at.label;
	}
	if (half)
		return err_wrap(e, "%s: %s is half put back", v[n].at.label,
				half);
	return err_wrap(e, all ? "%s (it is as it was before undo)" : "%s",
			v[n].at.label);
}

/* All databases of the entry; *n: how many. */
static int
open_all(struct db_undoing *from, const char *entry, struct db_undoing **v,
	 size_t *n, struct err *e)
{
	int rc;

	*v = NULL;
	for (*n = 0;; ++*n) {
		*v = have(talloc_realloc(from->ctx, *v, struct db_undoing,
					 (unsigned)*n + 1));
		(*v)[*n] = *from;
		rc = open_part(&(*v)[*n], entry, *n, e);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
}

/* Can all of them come back?  kept says where what is there will be kept. */
static int
look_all(struct db_undoing *v, size_t n, size_t *present, struct err *e)
{
	bool there;

	for (size_t i = 0; i < n; i++) {
		if (look(&v[i], &there, e) < 0)
			return err_wrap(e, "%s", v[i].at.label);
		v[i].kept = there ? (int)(*present)++ : -1;
	}
	return 0;
}

/* What there is now, as one entry. */
static int
keep_present(struct db_undoing *v, size_t n, size_t present,
	     struct channel *monitor, const char *command,
	     struct undo_report *out, struct err *e)
{
	struct db_place *now = have(
	    talloc_zero_array(v->ctx, struct db_place, (unsigned)present + 1));
	const struct db_place **at = have(talloc_zero_array(
	    v->ctx, const struct db_place *, (unsigned)present + 1));
	uint64_t bytes = 0;
	int rc;

	if (!present)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].kept < 0)
			continue;
		at[v[i].kept] = &now[v[i].kept];
		now[v[i].kept] = v[i].at;
		now[v[i].kept].dropped = false;
	}
	rc = db_dump_entry(v->ctx, v->in, monitor, at, present, command,
			   &out->entry, &bytes, e);
	return rc < 0 ? rc
		      : channel_entry_state(monitor, out->entry, "kept",
					    out->lines, bytes, e);
}

int
db_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	const char *vault_dir, uint64_t id, bool dry_run,
	struct undo_report *out, struct err *e)
{
	unsigned long long number = (unsigned long long)id;
	char *entries = have(talloc_asprintf(ctx, "%s/entries/", vault_dir));
	char *entry = have(talloc_asprintf(ctx, "%s%llu", entries, number));
	struct db_undoing from = {.ctx = ctx, .in = in}, *v;
	size_t n, present = 0;
	char *command;
	int rc = open_all(&from, entry, &v, &n, e);

	if (rc < 0)
		return rc;
	out->lines = have(talloc_strdup(ctx, v[0].at.label));
	for (size_t i = 1; i < n; i++)
		out->lines = have(
		    talloc_asprintf(ctx, "%s, %s", out->lines, v[i].at.label));
	command = field(&v[0], "command");
	command = have(talloc_asprintf(ctx, "undo of %llu: %s", number,
				       command ? command : v[0].at.label));
	rc = look_all(v, n, &present, e);
	if (rc == 0 && !dry_run)
		rc = keep_present(v, n, present, monitor, command, out, e);
	entry = have(talloc_asprintf(ctx, "%s%llu", entries,
				     (unsigned long long)out->entry));
	for (size_t i = 0; i < n && rc == 0 && !dry_run; i++)
		if (put_one(&v[i], e) < 0)
			return take_back(v, i, entry, e);
	out->restored = rc == 0 ? n : 0;
	return rc;
}
