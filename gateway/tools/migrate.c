/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that migrate schemas: which database their arguments, environment
 * and configuration name, and whether the word changes it.  Where there is
 * nothing of the kind, nothing is judged: what they start meets its own shims.
 */
#include "tools/migrate.h"
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
    {"sequelize",
     {"db:migrate:status", "migration:generate", "migration:create",
      "model:generate", "model:create", "seed:generate", "seed:create", "init",
      "init:config", "init:migrations", "init:models", "init:seeders"},
     {"db:migrate", "db:migrate:undo", "db:migrate:undo:all", "db:seed",
      "db:seed:all", "db:seed:undo", "db:seed:undo:all", "db:create", "db:drop",
      "db:migrate:schema:timestamps:add"}},
    {"typeorm",
     {"migration:show", "migration:create", "migration:generate", "schema:log",
      "entity:create", "subscriber:create", "init", "version"},
     {"migration:run", "migration:revert", "schema:sync", "schema:drop",
      "query", "cache:clear"}},
    {"drizzle-kit",
     {"generate", "check", "introspect", "pull", "up", "studio", "export",
      "drop"},
     {"push", "migrate", "push:pg", "push:mysql", "push:sqlite"}},
    {"mikro-orm",
     {"migration:list", "migration:pending", "migration:check",
      "migration:create", "debug", "cache:clear", "cache:generate"},
     {"migration:up", "migration:down", "migration:fresh", "schema:update",
      "schema:create", "schema:drop", "schema:fresh", "seeder:run",
      "database:create"}},
    {"diesel",
     {"list", "pending", "generate", "print-schema", "completions"},
     {"run", "revert", "redo", "reset", "setup", "drop"}},
    {"artisan",
     {"migrate:status", "--pretend"},
     {"migrate", "migrate:fresh", "migrate:refresh", "migrate:reset",
      "migrate:rollback", "migrate:install", "db:seed", "db:wipe", "db"}},
    {"mix",
     {"ecto.migrations", "ecto.gen.migration", "ecto.dump"},
     {"ecto.migrate", "ecto.rollback", "ecto.drop", "ecto.create", "ecto.setup",
      "ecto.reset", "ecto.load"}},
    {"django",
     {"showmigrations", "sqlmigrate", "makemigrations", "check", "test",
      "--plan"},
     {"migrate", "flush", "loaddata", "reset_db", "remove_stale_contenttypes",
      "createsuperuser", "changepassword", "clearsessions", "sqlflush",
      "createcachetable"}},
};

/* What rails and rake only look with. */
static const char *const db_looks[] = {"db:migrate:status", "db:version",
				       "db:schema:dump",
				       "db:abort_if_pending_migrations"};

/* "sqlite:///x", of Prisma and others "file:x". */
static const char *
file_scheme(const struct migration *m, const char *text)
{
	bool files =
	    !strcmp(m->name, "prisma") || !strcmp(m->name, "drizzle-kit");
	const char *const schemes[] = {
	    "sqlite:", "sqlite3:", files ? "file:" : "sqlite:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t n = strlen(schemes[i]);
		const char *p = text;

		for (; (p = strstr(p, schemes[i])); p += n)
			if ((p == text || strchr(" \t\"'=`(", p[-1])) &&
			    !strchr(" \t\r\n\"'{", p[n]))
				return p;
	}
	return NULL;
}

char *
migrate_url(struct migration *m, const char *text)
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
				    m->c->ctx, from,
				    strcspn(from, " \t\r\n\"'`<>"));
		}
	}
	from = file_scheme(m, text);
	return from ? talloc_strndup(m->c->ctx, from,
				     strcspn(from, " \t\r\n\"'`<>)"))
		    : NULL;
}

/* No relay stands between a migration and a server. */
static void
migrates(struct migration *f, struct db_target *t)
{
	t->read_only = NULL;
	db_effects(f->c, t, &f->sql);
}

/* The file with its logs, below that folder. */
static void
keep_file(struct migration *f, const char *dir, const char *path,
	  const char *whence)
{
	static const char *const beside[] = {"", "-wal", "-journal", "-shm"};
	struct file_call *c = f->c;
	struct db_target t = {0};
	struct operand o;

	path = path_join(c->ctx, path_join(c->ctx, c->os.base_dir, dir), path);
	for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
		operand_at(&c->os, file_text(c, "%s%s", path, beside[i]), &o);
		if (o.leads && !o.folder)
			file_act(c, ACT_REWRITE, &o, true);
		else if (i == 0)
			return;
	}
	operand_at(&c->os, path, &o);
	t.label = text_safe(c->ctx, path_base(path));
	db_scope_file(c, &t, o.target);
	if (t.scope == SCOPE_LOCAL || t.scope == SCOPE_WORKSPACE)
		return;
	t.why = file_text(c, "%s (%s)", t.why, whence);
	db_effects(c, &t, &f->sql);
}

/* Relative to what, its program alone knows: each that is there is kept. */
static void
judge_file(struct migration *f, const char *url, const char *whence)
{
	static const char *const folders[] = {
	    "", "prisma", "db", "database", "storage", "instance"};
	const char *path = strchr(url, ':') + 1, *relative;

	path = file_text(f->c, "%.*s", (int)strcspn(path, "?"), path);
	relative = path + strspn(path, "/");
	f->any = true;
	if (!*relative || *relative == ':')
		return; /* in memory */
	if (*path == '/')
		keep_file(f, "/", file_text(f->c, "/%s", relative), whence);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		keep_file(f, folders[i], relative, whence);
	if (strcmp(f->root, ".") != 0)
		keep_file(f, f->root, relative, whence);
	for (size_t i = 0; i < f->ntexts && i < 4; i++) {
		const char *dir = path_parent(f->c->ctx, f->texts[i].name);

		if (strcmp(dir, "") != 0 && strcmp(dir, ".") != 0)
			keep_file(f, dir, relative, whence);
	}
}

/* As mysqldump wants it. */
static void
of_mysql(struct file_call *c, struct db_target *t)
{
	const char *const keys[] = {"host", "port", "user", "pass", "database"};
	const char *const values[] = {t->hostaddr ? t->hostaddr : t->host,
				      t->port, t->user, t->password, t->dbname};
	char *text = file_text(c, "protocol=tcp\n");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (values[i] && *values[i] && !strchr(values[i], '\n'))
			text =
			    file_text(c, "%s%s=%s\n", text, keys[i], values[i]);
	t->engine = DATABASE_MYSQL;
	t->conninfo = text;
}

/* Whose it is, and what a migration may do to it. */
void
migrate_judge(struct migration *f, const char *url, const char *whence)
{
	struct file_call *c = f->c;
	bool mysql = strstr(url, "mysql") == url || strstr(url, "maria") == url;
	struct db_target t;
	struct err e = {0};

	f->any = true;
	if (!strncmp(url, "sqlite", 6) || !strncmp(url, "file:", 5)) {
		judge_file(f, url, whence);
		return;
	}
	if (strchr(url, '$') ||
	    (strstr(url, "://")
		 ? db_target_url(c, url, &t, &e)
		 : db_target_find(c, &(const struct db_words){.dbname = url},
				  &t, &e)) < 0)
		t = (struct db_target){.label = "a database",
				       .scope = SCOPE_FOREIGN,
				       .why = "its address cannot be read"};
	t.why = t.why ? file_text(c, "%s (%s)", t.why, whence)
		      : file_text(c, "%s", whence);
	if (t.scope == SCOPE_LOCAL && mysql && t.dbname && *t.dbname &&
	    path_exists("/usr/bin/mysqldump")) {
		of_mysql(c, &t);
	} else if (t.scope == SCOPE_LOCAL && strstr(url, "://") &&
		   !strstr(url, "postgres")) {
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
		char *url = migrate_url(f, f->argv[i]);

		if (url)
			migrate_judge(f, url, "from the command line");
	}
}

/* The section of production, whatever it says. */
static void
from_stage(struct migration *f)
{
	static const char *const those[] = {
	    "rails", "rake",	    "knex",	 "sequelize", "typeorm",
	    "mix",   "drizzle-kit", "mikro-orm", "artisan"};
	struct effect *fx;
	bool staged = false;

	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		staged |= !strcmp(f->name, those[i]);
	if (!staged || strcmp(f->stage, "production") != 0)
		return;
	f->any = true;
	fx = effects_add(f->c->fx, EFFECT_DB_SCHEMA, SCOPE_PRODUCTION,
			 "the production database");
	fx->undo = UNDO_NO;
	fx->why = file_text(f->c, "%s says so", f->stage_from);
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
	return !strcmp(f->name, "django") || !strcmp(f->name, "artisan") ||
	       !strcmp(f->name, "mix");
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
	else if (strstr(word, "/drizzle-kit/bin"))
		f->name = "drizzle-kit";
	else if (strstr(word, "/typeorm/cli") ||
		 !strncmp(f->name, "typeorm", 7))
		f->name = "typeorm";
	else if (!strncmp(f->name, "sequelize", 9))
		f->name = "sequelize";
	else if (!strcmp(f->name, "manage") || !strcmp(f->name, "django-admin"))
		f->name = "django";
}

/* Those whose variables count before their files. */
static bool
by_variable(const struct migration *f)
{
	static const char *const those[] = {"goose",  "dbmate",	  "sqlx",
					    "diesel", "rails",	  "rake",
					    "flyway", "liquibase"};

	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		if (!strcmp(f->name, those[i]))
			return true;
	return false;
}

/* Its code alone knows. */
static void
unknown(struct migration *f)
{
	struct effect *fx = effects_add(f->c->fx, EFFECT_DB_SCHEMA,
					SCOPE_FOREIGN, "a database");

	fx->undo = UNDO_NO;
	fx->why =
	    f->unclear
		? file_text(f->c, "its address cannot be read (%s)", f->unclear)
		: file_text(f->c, "%s does not say which one it is",
			    text_safe(f->c->ctx, f->texts[0].name));
	fx->instead = "the same with its address in DATABASE_URL";
}

/* What names a database first names all of them. */
static void
look_for(struct migration *f)
{
	migrate_read(f);
	from_words(f);
	if (!f->any && by_variable(f))
		migrate_from_environment(f);
	if (!f->any)
		from_stage(f);
	if (!f->any) {
		migrate_from_texts(f);
		migrate_from_mentioned(f);
	}
	if (!f->any)
		migrate_from_environment(f);
	if (!f->any)
		migrate_from_variables(f);
	if (!f->any)
		migrate_from_hosts(f);
	if (!f->any)
		from_libpq(f);
	if (!f->any && (f->unclear || (f->ntexts && !by_variable(f) &&
				       strcmp(f->name, "prisma") != 0)))
		unknown(f);
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
	file_hand_over_kept(c);
	return 0;
}

int
migrate_understand(void *ctx, const struct tool_context *t, struct command *cmd,
		   struct effects *fx, struct err *e)
{
	return file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {
    "alembic", "prisma", "flyway", "liquibase",	   "knex", "sqlx",   "goose",
    "dbmate",  "rails",	 "rake",   "django-admin", "mix",  "diesel", NULL};

const struct tool tool_migrate = {
    .name = "migrate",
    .names = names,
    .understand = migrate_understand,
};
