/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a database back as its dump has it.  Everything that is there goes and
 * everything of the dump comes in one transaction: all of it, or nothing.
 * What is there is dumped first, so that this too can be undone.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/memory.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Objects of extensions stay: pg_dump has none of them.  The loops are over
 * names that may have gone by CASCADE already. */
static const char clear[] =
    "SET client_min_messages = error;\n"
    "SET lock_timeout = '10s';\n"
    "DO $clear$ DECLARE r record; BEGIN\n"
    "FOR r IN SELECT pubname AS n FROM pg_publication LOOP\n"
    " EXECUTE format('DROP PUBLICATION IF EXISTS %I CASCADE', r.n);\n"
    "END LOOP;\n"
    "FOR r IN SELECT evtname AS n FROM pg_event_trigger t WHERE NOT EXISTS\n"
    " (SELECT FROM pg_depend WHERE objid = t.oid AND deptype = 'e') LOOP\n"
    " EXECUTE format('DROP EVENT TRIGGER IF EXISTS %I CASCADE', r.n);\n"
    "END LOOP;\n"
    "FOR r IN SELECT nspname AS n FROM pg_namespace s WHERE nspname !~ '^pg_'\n"
    " AND nspname NOT IN ('information_schema', 'public') AND NOT EXISTS\n"
    " (SELECT FROM pg_depend WHERE objid = s.oid AND deptype = 'e') LOOP\n"
    " EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', r.n);\n"
    "END LOOP;\n"
    "FOR r IN SELECT c.relname AS n, CASE c.relkind WHEN 'v' THEN 'VIEW'\n"
    " WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'\n"
    " WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS "
    "k\n"
    " FROM pg_class c WHERE c.relnamespace = to_regnamespace('public')\n"
    " AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')\n"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid\n"
    "  AND classid = 'pg_class'::regclass AND deptype IN ('e', 'i')\n"
    "  AND c.relkind <> 'p' AND c.relkind <> 'r')\n"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid\n"
    "  AND classid = 'pg_class'::regclass AND deptype = 'e')\n"
    " ORDER BY c.relkind = 'S' LOOP\n"
    " IF EXISTS (SELECT FROM pg_class WHERE relname = r.n\n"
    "  AND relnamespace = to_regnamespace('public')) THEN\n"
    "  EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', r.k, r.n);\n"
    " END IF;\n"
    "END LOOP;\n"
    "FOR r IN SELECT p.oid AS o, p.oid::regprocedure::text AS n FROM pg_proc "
    "p\n"
    " WHERE pronamespace = to_regnamespace('public') AND NOT EXISTS\n"
    " (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e') LOOP\n"
    " IF EXISTS (SELECT FROM pg_proc WHERE oid = r.o) THEN\n"
    "  EXECUTE 'DROP ROUTINE IF EXISTS ' || r.n || ' CASCADE';\n"
    " END IF;\n"
    "END LOOP;\n"
    "FOR r IN SELECT t.oid AS o, t.typname AS n FROM pg_type t\n"
    " WHERE typnamespace = to_regnamespace('public')\n"
    " AND typtype IN ('e', 'd', 'r', 'b') AND typelem = 0 AND NOT EXISTS\n"
    " (SELECT FROM pg_depend WHERE objid = t.oid AND deptype IN ('e', 'i')) "
    "LOOP\n"
    " IF EXISTS (SELECT FROM pg_type WHERE oid = r.o) THEN\n"
    "  EXECUTE format('DROP TYPE IF EXISTS public.%I CASCADE', r.n);\n"
    " END IF;\n"
    "END LOOP;\n"
    "PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;\n"
    "IF to_regnamespace('public') IS NULL THEN\n"
    " CREATE SCHEMA public AUTHORIZATION pg_database_owner;\n"
    " GRANT USAGE ON SCHEMA public TO PUBLIC;\n"
    " COMMENT ON SCHEMA public IS 'standard public schema';\n"
    "END IF;\n"
    "FOR r IN SELECT DISTINCT grantee::regrole::text AS n FROM pg_namespace,\n"
    " aclexplode(nspacl) a WHERE nspname = 'public' AND grantee <> 0\n"
    " AND grantee <> nspowner LOOP\n"
    " EXECUTE 'REVOKE ALL ON SCHEMA public FROM ' || r.n || ' CASCADE';\n"
    "END LOOP;\n"
    "END $clear$;\n"
    "SET lock_timeout = 0;\n";

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

	if (file_read(u->ctx, AT_FDCWD, path, 1 << 16, &text, &len, &e) != 0)
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

/* The list of the dump without what nobody but a superuser may say. */
static int
list(struct db_undoing *u, const char *to, struct err *e)
{
	char *dump = have(talloc_asprintf(u->ctx, "%s/dump", u->dir));
	const char *argv[] = {"pg_restore", "-l", dump, NULL};
	struct spawn s = {
	    .argv = argv, .timeout_ms = 60000, .max_output = 64 << 20};
	int rc = db_client(u->ctx, u->in, &u->at, &s, e);
	char *text = have(talloc_strdup(u->ctx, "")), *line, *save = NULL;

	rc = ran(u, &s, rc, "reading the dump", e);
	if (rc < 0)
		return rc;
	for (line = strtok_r(s.output, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strstr(line, " COMMENT - EXTENSION "))
			text = have(talloc_asprintf_append(text, "%s\n", line));
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
		rc = file_write(AT_FDCWD, drop, clear, sizeof(clear) - 1, 0600,
				e);
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

int
db_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	const char *vault_dir, uint64_t id, bool dry_run,
	struct undo_report *out, struct err *e)
{
	struct db_undoing u = {.ctx = ctx, .in = in};
	struct db_place present;
	uint64_t bytes = 0;
	char *kind;
	int rc, there;

	u.dir = have(talloc_asprintf(ctx, "%s/entries/%llu/database", vault_dir,
				     (unsigned long long)id));
	u.at.conninfo = field(&u, "conninfo");
	u.at.cluster = field(&u, "cluster");
	u.at.label = field(&u, "label");
	kind = field(&u, "kind");
	if (!in || !u.at.conninfo || !u.at.label || !kind)
		return err_set(e, ERR_SYNTAX, "the entry is damaged");
	out->lines = have(talloc_asprintf(ctx, "%s\n", u.at.label));
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
		rc = db_dump_entry(ctx, in, monitor, &present, "automode undo",
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
