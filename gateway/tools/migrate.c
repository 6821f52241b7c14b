/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that migrate schemas: which database their arguments, environment
 * and configuration name, and whether the word changes it.  Where nothing
 * names one, nothing is judged: what they start meets its own shims.
 */
#include "tools/migrate.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "parse/interpreter.h"
#include <string.h>
#include <talloc.h>

/* The first of these words decides; without one the database is changed.  For
 * rails and rake every word but db:... is another task. */
static const struct {
	const char *tool;
	const char *const looks[16];
	const char *const changes[16];
} tools[] = {
    {"alembic",
     {"current", "history", "heads", "show", "branches", "check", "init",
      "list_templates", "edit", "merge", "revision"},
     {"upgrade", "downgrade", "stamp", "ensure_version"}},
    {"prisma",
     {"status", "diff", "validate", "format", "generate", "init", "version",
      "studio", "pull", "debug", "platform"},
     {"deploy", "dev", "resolve", "reset", "push", "execute", "seed"}},
    {"flyway",
     {"info", "validate", "help", "version"},
     {"migrate", "clean", "baseline", "repair", "undo"}},
    {"liquibase",
     {"status", "update-sql", "rollback-sql", "validate", "history", "diff",
      "diff-changelog", "generate-changelog", "init", "help",
      "future-rollback-sql"},
     {"update", "update-count", "update-to-tag", "rollback", "drop-all",
      "rollback-count", "execute-sql", "changelog-sync", "tag"}},
    {"knex",
     {"migrate:list", "migrate:status", "migrate:make", "init", "seed:make",
      "migrate:currentVersion"},
     {"migrate:latest", "migrate:up", "migrate:down", "migrate:rollback",
      "seed:run"}},
    {"sqlx",
     {"info", "add", "build-script", "prepare", "completions"},
     {"run", "revert", "drop", "create", "reset", "setup"}},
    {"goose",
     {"status", "version", "create", "fix", "validate", "env"},
     {"up", "up-by-one", "up-to", "down", "down-to", "reset", "redo"}},
    {"dbmate",
     {"status", "dump", "new", "n", "wait", "help"},
     {"up", "migrate", "create", "load", "down", "rollback", "drop"}},
    {"django",
     {"showmigrations", "sqlmigrate", "makemigrations", "check", "test",
      "--plan"},
     {"migrate", "flush", "loaddata", "reset_db", "remove_stale_contenttypes",
      "createsuperuser", "changepassword", "clearsessions"}},
};

/* What rails and rake only look with. */
static const char *const db_looks[] = {"db:migrate:status", "db:version",
				       "db:schema:dump",
				       "db:abort_if_pending_migrations"};

static bool
ends(const char *s, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n >= m && !strncmp(s + n - m, end, m);
}

static bool
is_url_name(const char *name, size_t n)
{
	static const char *const ending[] = {
	    "DATABASE_URL", "DB_URL",	  "DIRECT_URL",	 "POSTGRES_URL",
	    "PG_URL",	    "FLYWAY_URL", "COMMAND_URL", "GOOSE_DBSTRING",
	    "DATABASE_URI", "DB_URI",	  "DATABASE_DSN"};

	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (ends(name, n, ending[i]))
			return true;
	return false;
}

/* The first URL of a database server in text; NULL: none. */
static char *
url_in(struct file_call *c, const char *text)
{
	static const char *const schemes[] = {"postgres",  "mysql",
					      "mariadb",   "cockroach",
					      "sqlserver", "mongodb"};
	const char *at = strstr(text, "://"), *from;

	for (; at; at = strstr(at + 3, "://")) {
		for (from = at; from > text && !strchr(" \t\"'=`<(", from[-1]);)
			from--;
		for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes);
		     i++) {
			const char *p = strstr(from, schemes[i]);

			if (p && p < at)
				return talloc_strndup(
				    c->ctx, from,
				    strcspn(from, " \t\r\n\"'`<>)"));
		}
	}
	return NULL;
}

/* No relay stands between a migration and a server. */
static void
migrates(struct migration *f, struct db_target *t)
{
	t->read_only = NULL;
	db_effects(f->c, t, &f->sql);
}

/* Whose it is, and what a migration may do to it. */
void
migrate_judge(struct migration *f, const char *url, const char *whence)
{
	struct file_call *c = f->c;
	struct db_target t;
	struct err e = {0};

	f->any = true;
	if (strchr(url, '$') || db_target_url(c, url, &t, &e) < 0)
		t = (struct db_target){.label = "a database",
				       .scope = SCOPE_FOREIGN,
				       .why = "its address cannot be read"};
	t.why = t.why ? file_text(c, "%s (%s)", t.why, whence)
		      : file_text(c, "%s", whence);
	if (t.scope == SCOPE_LOCAL && !strstr(url, "postgres")) {
		effects_add(c->fx, EFFECT_DB_WRITE, t.scope, t.label)->undo =
		    UNDO_NO;
		return;
	}
	migrates(f, &t);
}

static void
from_words(struct migration *f)
{
	for (size_t i = 1; f->argv[i]; i++) {
		char *url = url_in(f->c, f->argv[i]);

		if (url)
			migrate_judge(f, url, "from the command line");
	}
}

static void
from_environment(struct migration *f)
{
	for (size_t i = 0; i < f->c->in->envc; i++) {
		const char *v = f->c->in->env[i];
		size_t n = strcspn(v, "=");
		char *url =
		    v[n] && is_url_name(v, n) ? url_in(f->c, v + n + 1) : NULL;

		if (url)
			migrate_judge(
			    f, url,
			    text_safe(f->c->ctx,
				      file_text(f->c, "from the variable %.*s",
						(int)n, v)));
	}
}

/* named: only lines that give a name which is_url_name() knows. */
static void
from_file(struct migration *f, const char *name, bool named)
{
	struct file_call *c = f->c;
	char *text, *line, *save = NULL;
	size_t len;

	text = db_file(c, name, &len);
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t n;
		char *url;

		line += strspn(line, " \t");
		if (!strncmp(line, "export ", 7))
			line += 7;
		n = strcspn(line, " \t=");
		if (strchr("#;/", *line) || (named && !is_url_name(line, n)))
			continue;
		url = url_in(c, line + n);
		if (url)
			migrate_judge(
			    f, url,
			    file_text(c, "from %s", text_safe(c->ctx, name)));
	}
}

/* RAILS_ENV=production, --env production: the section of that name. */
static void
from_stage(struct migration *f)
{
	static const char *const names[] = {"RAILS_ENV", "RACK_ENV", "NODE_ENV",
					    "APP_ENV"};
	struct effect *fx;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *v = invocation_env(f->c->in, names[i]);

		if (!v || strncmp(v, "prod", 4) != 0)
			continue;
		f->any = true;
		fx = effects_add(f->c->fx, EFFECT_DB_SCHEMA, SCOPE_PRODUCTION,
				 "the production database");
		fx->undo = UNDO_NO;
		fx->why = file_text(f->c, "%s says so", names[i]);
		return;
	}
}

/* PGHOST and its like, which every client by libpq obeys. */
static void
from_libpq(struct migration *f)
{
	static const char *const names[] = {"PGHOST", "PGSERVICE", "PGHOSTADDR",
					    "PGDATABASE"};
	struct db_words none = {0};
	struct db_target t;
	struct err e = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!f->any && invocation_env(f->c->in, names[i]) &&
		    db_target_find(f->c, &none, &t, &e) == 0) {
			f->any = true;
			migrates(f, &t);
		}
}

static bool
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n && list[i]; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

static bool
task_looks(const char *const *argv)
{
	for (size_t i = 1; argv[i]; i++)
		if (!strncmp(argv[i], "db:", 3) &&
		    !listed(db_looks, sizeof(db_looks) / sizeof(*db_looks),
			    argv[i]))
			return false;
	return true;
}

static bool
only_looks(const struct migration *f)
{
	const char *const *argv = f->argv;

	if (!strcmp(f->name, "rails") || !strcmp(f->name, "rake"))
		return task_looks(argv);
	if (!argv[1])
		return true;
	for (size_t i = 1; argv[i]; i++)
		if (!strcmp(argv[i], "--sql") || !strcmp(argv[i], "--help") ||
		    !strcmp(argv[i], "-h") || !strcmp(argv[i], "--version"))
			return true;
	for (size_t i = 1; argv[i]; i++)
		for (size_t t = 0; t < sizeof(tools) / sizeof(*tools); t++) {
			if (strcmp(tools[t].tool, f->name) != 0)
				continue;
			if (listed(tools[t].looks, 16, argv[i]))
				return true;
			if (listed(tools[t].changes, 16, argv[i]))
				return false;
		}
	/* commands of the project's own */
	return !strcmp(f->name, "django");
}

/* Which of the tools, and where its words begin. */
static void
peel(struct migration *f)
{
	const struct invocation *in = f->c->in;
	size_t at = interpreter_migration(interpreter_of(in->tool), in->argv);
	const char *word = in->argv[at];

	f->argv = in->argv + at;
	f->name = at ? path_base(word) : f->c->name;
	f->name = talloc_strndup(f->c->ctx, f->name, strcspn(f->name, "."));
	if (!f->name)
		BUG("out of memory");
	if (strstr(word, "/prisma/build/"))
		f->name = "prisma";
	else if (strstr(word, "/knex/bin/"))
		f->name = "knex";
	else if (!strcmp(f->name, "manage") || !strcmp(f->name, "django-admin"))
		f->name = "django";
}

/* What names a database first names all of them. */
static void
look_for(struct migration *f)
{
	static const char *const dotenv[] = {".env", ".env.local",
					     "prisma/.env"};
	static const char *const config[] = {
	    "alembic.ini",	"flyway.conf",		"flyway.toml",
	    "knexfile.js",	"liquibase.properties", "prisma/schema.prisma",
	    "prisma.config.ts", "knexfile.ts"};

	from_words(f);
	if (!f->any)
		from_environment(f);
	if (!f->any)
		from_stage(f);
	for (size_t i = 0; i < sizeof(dotenv) / sizeof(*dotenv) && !f->any; i++)
		from_file(f, dotenv[i], true);
	for (size_t i = 0; i < sizeof(config) / sizeof(*config) && !f->any; i++)
		if (!strncmp(path_base(config[i]), f->name, 4) ||
		    (!strncmp(config[i], "prisma", 6) &&
		     !strcmp(f->name, "prisma")))
			from_file(f, config[i], false);
	if (!f->any)
		migrate_from_settings(f);
	if (!f->any)
		migrate_from_host_variables(f);
	if (!f->any)
		from_libpq(f);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct migration f = {.c = c};

	(void)e;
	peel(&f);
	sql_init(c->ctx, &f.sql);
	sql_add(&f.sql, SQL_OPAQUE, "a migration");
	if (!only_looks(&f))
		look_for(&f);
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	db_hand_over(c);
	return 0;
}

int
migrate_understand(void *ctx, const struct tool_context *t, struct command *cmd,
		   struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {
    "alembic", "prisma", "flyway", "liquibase", "knex",		"sqlx",
    "goose",   "dbmate", "rails",  "rake",	"django-admin", NULL};

const struct tool tool_migrate = {
    .name = "migrate",
    .names = names,
    .understand = migrate_understand,
};
