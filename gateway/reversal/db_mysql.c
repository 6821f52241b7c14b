/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database of MariaDB or MySQL in the vault: mysqldump of the whole of it.
 * It comes back by dropping the present one and loading the dump, which these
 * servers cannot do in one transaction; what is there is kept before.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "parse/sql.h"
#include "reversal/db.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_MS	    600000
#define DUMP_MAX_MB 2048

struct client {
	void *ctx;
	const char **argv, **env;
	size_t n, nenv;
	char *database;
	bool asks;
};

static void
arg(struct client *m, const char *word)
{
	m->argv = have(
	    talloc_realloc(m->ctx, m->argv, const char *, (unsigned)m->n + 2));
	m->argv[m->n++] = word;
	m->argv[m->n] = NULL;
}

static void
env(struct client *m, const char *entry)
{
	m->env = have(talloc_realloc(m->ctx, m->env, const char *,
				     (unsigned)m->nenv + 2));
	m->env[m->nenv++] = entry;
	m->env[m->nenv] = NULL;
}

/* From the lines of effects/losses.h; the last of a key counts. */
static struct client
client(void *ctx, const struct invocation *in, const char *program,
       const char *conninfo)
{
	struct client m = {.ctx = ctx};
	const char *home = invocation_home(in);
	const char *p = conninfo;

	arg(&m, program);
	arg(&m, "--no-defaults");
	env(&m, "PATH=/usr/bin:/bin");
	env(&m, "LC_ALL=C");
	if (home)
		env(&m, have(talloc_asprintf(ctx, "HOME=%s", home)));
	while (*p) {
		size_t n = strcspn(p, "\n");
		char *line = have(talloc_strndup(ctx, p, n));

		if (!strncmp(line, "pass=", 5))
			env(&m, have(talloc_asprintf(ctx, "MYSQL_PWD=%s",
						     line + 5)));
		else if (!strncmp(line, "database=", 9))
			m.database = line + 9;
		else if (!strncmp(line, "asks=", 5))
			m.asks = true;
		else if (n)
			arg(&m, have(talloc_asprintf(ctx, "--%s", line)));
		p += n + (p[n] == '\n');
	}
	return m;
}

static int
run(struct client *m, struct spawn *s, const char *what, struct err *e)
{
	int rc;

	s->program = have(talloc_asprintf(m->ctx, "/usr/bin/%s", m->argv[0]));
	s->argv = m->argv;
	s->env = m->env;
	rc = spawn_run(m->ctx, s, e);
	if (rc < 0 || s->status == 0)
		return rc;
	return err_set(e, ERR_SYSTEM, "%s: %s", what,
		       text_safe(m->ctx, s->errors ? s->errors : "failed"));
}

/* A name in quotes for SQL. */
static char *
literal(void *ctx, const char *name, char quote)
{
	char *out = have(talloc_asprintf(ctx, "%c", quote));

	for (; *name; name++)
		out = have(talloc_asprintf_append(
		    out, "%s%c",
		    *name == quote ? (quote == '`' ? "`" : "\\")
		    : *name == '\\' && quote == '\'' ? "\\"
						     : "",
		    *name));
	return have(talloc_asprintf_append(out, "%c", quote));
}

/* How much there is that may take more rows than a statement says: triggers
 * (with functions, of which nobody knows who calls them), and foreign keys on
 * the tables where rows go or change. */
static char *
beside(void *ctx, const char *schema, const char *touched)
{
	static const char takes[] = "(%s LIKE '%%delete%%' OR %s LIKE "
				    "'%%update%%' OR %s LIKE '%%replace%%' OR "
				    "%s LIKE '%%call%%')";
	static const char rules[] = "'CASCADE', 'SET NULL', 'SET DEFAULT'";
	const char *t = "lower(action_statement)";
	const char *r = "lower(routine_definition)";
	char *triggers = have(talloc_asprintf(ctx, takes, t, t, t, t));
	char *routines = have(talloc_asprintf(ctx, takes, r, r, r, r));
	char *rows = literal(ctx, touched, '\'');

	return have(talloc_asprintf(
	    ctx,
	    "(SELECT count(*) FROM information_schema.triggers WHERE "
	    "trigger_schema = %s AND (%s OR EXISTS (SELECT 1 FROM "
	    "information_schema.routines WHERE routine_schema = %s AND "
	    "routine_type = 'FUNCTION' AND (routine_definition IS NULL OR "
	    "%s)))) + (SELECT count(*) FROM "
	    "information_schema.referential_constraints WHERE "
	    "constraint_schema = %s AND (%d AND delete_rule IN (%s) OR %d AND "
	    "update_rule IN (%s)) AND (instr(%s, ', E\\'\\', E\\'\\', ') > 0 "
	    "OR "
	    "instr(lower(%s), lower(concat(', E\\'', referenced_table_name, "
	    "'\\', '))) > 0))",
	    schema, triggers, schema, routines, schema,
	    strstr(touched, "(E'd'") != NULL, rules,
	    strstr(touched, "(E'u'") != NULL, rules, rows, rows));
}

/* The client is not let in either. */
static bool
kept_out(const struct spawn *s)
{
	static const char *const errors[] = {"2002", "2003", "2005", "1045",
					     "1698"};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		const char *at = s->status == 1 && s->errors ? s->errors : NULL;

		while (at && (at = strstr(at, "ERROR ")))
			if (!strncmp(at += 6, errors[i], 4))
				return true;
	}
	return false;
}

int
db_mysql_look(void *ctx, const struct invocation *in, const struct db_place *at,
	      uint64_t *size, struct err *e)
{
	struct client m = client(ctx, in, "mysql", at->conninfo);
	struct spawn s = {.timeout_ms = 20000};
	unsigned long long there = 0, bytes = 0, more = 0;
	bool adds = at->touched && !strstr(at->touched, "(E'd'") &&
		    !strstr(at->touched, "(E'u'");
	char *name;

	if (m.asks && adds)
		return 1;
	if (m.asks)
		return err_set(e, ERR_UNKNOWN,
			       "its password is asked for on the terminal "
			       "only: set MYSQL_PWD or ~/.my.cnf");
	if ((!m.database || !*m.database) && at->reach >= SQL_REACH_SERVER)
		return 1; /* those that it reaches count */
	if (!m.database || !*m.database)
		return err_set(e, ERR_UNKNOWN,
			       "no database is chosen: which one is changed "
			       "cannot be told");
	name = literal(ctx, m.database, '\'');
	arg(&m, "--connect-timeout=10");
	arg(&m, "-NBe");
	arg(&m, have(talloc_asprintf(
		    ctx,
		    "SELECT (SELECT count(*) FROM information_schema.schemata "
		    "WHERE schema_name = %s), (SELECT "
		    "coalesce(sum(data_length + index_length), 0) FROM "
		    "information_schema.tables WHERE table_schema = %s), %s",
		    name, name,
		    at->touched ? beside(ctx, name, at->touched) : "1")));
	if (run(&m, &s, "looking at it", e) < 0)
		return kept_out(&s) ? 1 : e->code;
	if (!s.output ||
	    sscanf(s.output, "%llu %llu %llu", &there, &bytes, &more) != 3)
		return err_set(e, ERR_SYSTEM, "its size cannot be told");
	*size = bytes;
	return there && more ? 0 : 1;
}

int
db_mysql_reached(void *ctx, const struct invocation *in,
		 const struct db_place *at, char **names, struct err *e)
{
	static const char own[] =
	    "NOT IN ('mysql', 'information_schema', 'performance_schema', "
	    "'sys')";
	static const char named[] =
	    " AND EXISTS (SELECT 1 FROM information_schema.routines WHERE "
	    "routine_schema %s AND (routine_definition IS NULL OR "
	    "lower(routine_definition) LIKE '%%prepare%%' OR "
	    "lower(routine_definition) LIKE '%%execute%%' OR "
	    "instr(lower(routine_definition), lower(schema_name)) > 0))";
	struct client m = client(ctx, in, "mysql", at->conninfo);
	struct spawn s = {.timeout_ms = 20000};
	char *only = at->reach > SQL_REACH_ROUTINES
			 ? have(talloc_strdup(ctx, ""))
			 : have(talloc_asprintf(ctx, named, own));

	arg(&m, "--connect-timeout=10");
	arg(&m, "-NBe");
	arg(&m,
	    have(talloc_asprintf(
		ctx,
		"SELECT schema_name FROM information_schema.schemata WHERE "
		"schema_name %s AND schema_name <> %s%s",
		own, literal(ctx, m.database ? m.database : "", '\''), only)));
	if (run(&m, &s, "looking at its server", e) < 0)
		return kept_out(&s) ? 0 : e->code;
	*names = s.output;
	return 0;
}

static bool
only_views(const char *errors)
{
	for (; *errors; errors += strcspn(errors, "\n") + 1) {
		const char *at = strstr(errors, "1356");

		if (!at || at > errors + strcspn(errors, "\n"))
			return false;
		if (!errors[strcspn(errors, "\n")])
			break;
	}
	return true;
}

int
db_mysql_dump(void *ctx, const struct invocation *in, const struct db_place *at,
	      const char *file, uint64_t *bytes, struct err *e)
{
	static const char *const options[] = {"--single-transaction",
					      "--routines",
					      "--triggers",
					      "--events",
					      "--hex-blob",
					      "--opt",
					      "--add-drop-database",
					      "--skip-dump-date",
					      "--tz-utc"};
	struct client m = client(ctx, in, "mysqldump", at->conninfo);
	struct spawn s = {.timeout_ms = RUN_MS};
	struct stat st;
	int rc, fd;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		arg(&m, options[i]);
	arg(&m, have(talloc_asprintf(ctx, "--result-file=%s", file)));
	arg(&m, "--databases");
	arg(&m, m.database ? m.database : "");
	rc = run(&m, &s, "mysqldump", e);
	/* a view of what is not there any more can only be left out */
	if (rc < 0 && s.errors && only_views(s.errors)) {
		arg(&m, m.argv[m.n - 1]);
		m.argv[m.n - 2] = m.argv[m.n - 3];
		m.argv[m.n - 3] = "--force";
		rc = run(&m, &s, "mysqldump", e);
		if (rc < 0 && s.errors && only_views(s.errors))
			rc = 0;
	}
	if (rc < 0)
		return rc;
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || fchmod(fd, 0600) < 0 ||
	    fsync(fd) < 0)
		rc = err_sys(e, "the dump");
	else
		*bytes = (uint64_t)st.st_size;
	if (fd >= 0)
		close(fd);
	return rc;
}

int
db_mysql_restore(void *ctx, const struct invocation *in,
		 const struct db_place *at, const char *file, struct err *e)
{
	struct client m = client(ctx, in, "mysql", at->conninfo);
	struct spawn s = {.timeout_ms = RUN_MS};

	char *text;
	size_t len;
	int rc = file_read(ctx, AT_FDCWD, file, (size_t)DUMP_MAX_MB << 20,
			   &text, &len, e);

	if (rc != 0)
		return rc < 0 ? rc : err_set(e, ERR_SYNTAX, "no dump");
	/* no commands of the client's own in it */
	arg(&m, "--binary-mode");
	s.input = text;
	s.input_len = len;
	return run(&m, &s, "putting it back", e);
}
