/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a program for migrations reads: its own configuration with
 * what that imports from here, cut down to the stage that is chosen, and the
 * files with variables (.env).
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/migrate.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define TEXT_MAX (256u << 10)
#define DEPTH	 3

/* --- the line and the stage -------------------------------------------------
 */

const char *
migrate_option(const struct migration *m, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 1; m->argv[i]; i++) {
		if (strncmp(m->argv[i], name, n) != 0)
			continue;
		if (m->argv[i][n] == '=')
			return m->argv[i] + n + 1;
		if (!m->argv[i][n] && m->argv[i + 1])
			return m->argv[i + 1];
	}
	return NULL;
}

/* One word for what has several. */
static const char *
stage_of(const char *name)
{
	if (!strncasecmp(name, "prod", 4) || !strcasecmp(name, "live"))
		return "production";
	if (!strncasecmp(name, "dev", 3) || !strcasecmp(name, "local"))
		return "development";
	return name;
}

static void
set_stage(struct migration *m)
{
	static const char *const options[] = {"--env", "--environment",
					      "-environment", "-e"};
	static const char *const names[] = {"RAILS_ENV", "RACK_ENV", "NODE_ENV",
					    "APP_ENV", "MIX_ENV"};
	const char *v = NULL;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options) && !v; i++)
		if (strcmp(options[i], "-e") != 0 ||
		    !strcmp(m->name, "rails")) {
			v = migrate_option(m, options[i]);
			m->stage_from = options[i];
		}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !v; i++) {
		v = migrate_option(m, names[i]); /* rake RAILS_ENV=test */
		v = v ? v : invocation_env(m->c->in, names[i]);
		m->stage_from = names[i];
	}
	if (v && *v)
		m->stage = stage_of(v);
	else
		m->stage = "development", m->stage_from = NULL;
}

/* --- texts ------------------------------------------------------------------
 */

static bool
word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Is this the name of another stage than the chosen one? */
static bool
other_stage(const struct migration *m, const char *word, size_t n)
{
	static const char *const stages[] = {"development", "dev",   "test",
					     "testing",	    "local", "staging",
					     "production",  "prod",  "ci"};

	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		if (strlen(stages[i]) == n && !strncmp(word, stages[i], n))
			return strcmp(stage_of(stages[i]), m->stage) != 0;
	return false;
}

static void
blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

/* The end of a block that begins here, its braces paired. */
static char *
block_end(char *p)
{
	int depth = 0;

	for (; *p; p++) {
		if (strchr("'\"`", *p)) {
			char *end = strchr(p + 1, *p);

			if (!end || memchr(p, '\n', (size_t)(end - p)))
				continue;
			p = end;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && --depth == 0) {
			return p + 1;
		}
	}
	return p;
}

/* production: { ... } of JavaScript and JSON. */
static void
blank_blocks(const struct migration *m, char *text)
{
	for (char *p = text; *p;) {
		size_t n = 0;
		char *at;

		while (word_char(p[n]))
			n++;
		if (!n) {
			p++;
			continue;
		}
		at = p + n;
		at += *at == '\'' || *at == '"';
		at += strspn(at, " \t");
		if ((*at == ':' || *at == '=') && other_stage(m, p, n)) {
			at += strspn(at, ":=> \t\r\n");
			if (*at == '{' || *at == '[') {
				char *end = block_end(at);

				blank(at, end);
				n = (size_t)(end - p);
			}
		}
		p += n;
	}
}

/* production: and what is indented below it, of YAML; [production], and
 * [environments.production], of others. */
static void
blank_sections(const struct migration *m, char *text)
{
	const char *wanted = m->section;
	bool other = false, ini = false;

	for (char *l = text, *end; *l; l = end) {
		size_t n;

		end = l + strcspn(l, "\n");
		end += *end == '\n';
		if (*l == '[') {
			char *dot = memrchr(l, '.', (size_t)(end - l));
			char *word = dot ? dot + 1 : l + 1;

			n = strcspn(word, "]\n");
			ini = true;
			other = wanted
				    ? strncmp(word, wanted, n) != 0 || wanted[n]
				    : other_stage(m, word, n);
		} else if (!ini && word_char(*l)) {
			for (n = 0; word_char(l[n]);)
				n++;
			other = l[n] == ':' && other_stage(m, l, n);
		}
		if (other)
			blank(l, end);
	}
}

static void
blank_comments(char *text, bool code)
{
	for (char *l = text, *end; *l; l = end) {
		const char *p = l + strspn(l, " \t");

		end = l + strcspn(l, "\n");
		end += *end == '\n';
		if (*p == '#' || (!code && *p == ';') || !strncmp(p, "//", 2) ||
		    !strncmp(p, "--", 2))
			blank(l, end);
	}
}

static bool
has_end(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n > k && !strcmp(name + n - k, end);
}

static void read_text(struct migration *m, const char *name, int depth);

/* The first of those that is there. */
static void
read_one_of(struct migration *m, const char *const *names, int depth)
{
	for (; *names; names++)
		if (db_file_there(m->c, *names)) {
			read_text(m, *names, depth);
			return;
		}
}

/* from .base import *, from shop.base import *, import shop.base */
static void
python_import(struct migration *m, const char *dir, const char *line, int depth)
{
	struct file_call *c = m->c;
	const char *module = !strncmp(line, "from ", 5)	    ? line + 5
			     : !strncmp(line, "import ", 7) ? line + 7
							    : NULL;
	char *path;
	size_t n, dots = 0;

	if (!module)
		return;
	module += strspn(module, " ");
	while (module[dots] == '.')
		dots++;
	module += dots;
	n = strcspn(module, " ,\r\n");
	path = file_text(c, "%.*s", (int)n, module);
	for (char *p = path; *p; p++)
		*p = *p == '.' ? '/' : *p;
	for (size_t i = 1; i < dots; i++)
		dir = path_parent(c->ctx, dir);
	if (dots || !*path) {
		path = path_join(c->ctx, dir, path);
		read_one_of(m,
			    (const char *const[]){
				file_text(c, "%s.py", path),
				file_text(c, "%s/__init__.py", path), NULL},
			    depth);
		return;
	}
	read_one_of(m,
		    (const char *const[]){
			file_text(c, "%s.py", path),
			file_text(c, "%s/__init__.py", path),
			file_text(c, "src/%s.py", path),
			path_join(c->ctx, m->root, file_text(c, "%s.py", path)),
			NULL},
		    depth);
}

/* require('./env'), from './env' */
static void
script_import(struct migration *m, const char *dir, const char *line, int depth)
{
	struct file_call *c = m->c;
	const char *at = strstr(line, "from "), *word;
	char *path;

	if (!at)
		at = strstr(line, "require(");
	if (!at)
		at = strncmp(line, "import ", 7) == 0 ? line : NULL;
	at = at ? strpbrk(at, "'\"\n") : NULL;
	if (!at || at[1] != '.')
		return;
	word = at + 1;
	path =
	    path_join(c->ctx, dir,
		      file_text(c, "%.*s", (int)strcspn(word, "'\"\n"), word));
	read_one_of(m,
		    (const char *const[]){path, file_text(c, "%s.js", path),
					  file_text(c, "%s.ts", path),
					  file_text(c, "%s.json", path),
					  file_text(c, "%s/index.js", path),
					  file_text(c, "%s/index.ts", path),
					  NULL},
		    depth);
}

static void
read_text(struct migration *m, const char *name, int depth)
{
	struct file_call *c = m->c;
	bool python = has_end(name, ".py");
	bool script = has_end(name, "js") || has_end(name, ".ts");
	const char *dir = path_parent(c->ctx, name);
	struct migration_text *t = &m->texts[m->ntexts];
	size_t len;

	for (size_t i = 0; i < m->ntexts; i++)
		if (!strcmp(m->texts[i].name, name))
			return;
	if (m->ntexts == MIGRATION_TEXTS)
		return;
	*t = (struct migration_text){.name = name,
				     .text = db_file(c, name, &len)};
	if (!t->text || len > TEXT_MAX || memchr(t->text, '\0', len))
		return;
	m->ntexts++;
	blank_comments(t->text, python || script);
	if (script || has_end(name, ".json"))
		blank_blocks(m, t->text);
	else if (!python)
		blank_sections(m, t->text);
	for (const char *l = t->text; depth < DEPTH && (python || script) && *l;
	     l += strcspn(l, "\n"), l += *l == '\n') {
		const char *p = l + strspn(l, " \t");

		if (python)
			python_import(m, dir, p, depth + 1);
		else
			script_import(
			    m, dir,
			    file_text(c, "%.*s", (int)strcspn(p, "\n"), p),
			    depth + 1);
	}
}

/* --- which files ------------------------------------------------------------
 */

static const struct {
	const char *tool;
	const char *option[3]; /* says another file */
	const char *variable;  /* likewise */
	const char *files[8];  /* the first that is there */
} known[] = {
    {"alembic", {"-c", "--config"}, "ALEMBIC_CONFIG", {"alembic.ini"}},
    {"prisma",
     {"--config"},
     NULL,
     {"prisma.config.ts", "prisma.config.js", "prisma.config.mjs",
      ".config/prisma.ts"}},
    {"prisma", {"--schema"}, NULL, {"prisma/schema.prisma", "schema.prisma"}},
    {"flyway",
     {"-configFiles", "--configFiles"},
     "FLYWAY_CONFIG_FILES",
     {"flyway.toml", "flyway.conf", "conf/flyway.conf"}},
    {"liquibase",
     {"--defaults-file", "--defaultsFile"},
     "LIQUIBASE_DEFAULTS_FILE",
     {"liquibase.properties"}},
    {"knex",
     {"--knexfile"},
     NULL,
     {"knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs"}},
    {"sequelize", {NULL}, NULL, {".sequelizerc"}},
    {"sequelize",
     {"--config"},
     NULL,
     {"config/config.json", "config/config.js", "config/config.cjs",
      "config/database.js", "config/database.json"}},
    {"typeorm",
     {"-d", "--dataSource", "--config"},
     NULL,
     {"ormconfig.json", "ormconfig.js", "ormconfig.ts"}},
    {"drizzle-kit",
     {"--config"},
     NULL,
     {"drizzle.config.ts", "drizzle.config.js", "drizzle.config.json",
      "drizzle.config.mjs"}},
    {"mikro-orm",
     {"--config"},
     NULL,
     {"mikro-orm.config.ts", "mikro-orm.config.js", "src/mikro-orm.config.ts"}},
    {"rails", {NULL}, NULL, {"config/database.yml"}},
    {"rake", {NULL}, NULL, {"config/database.yml", "db/config.yml"}},
    {"mix", {NULL}, NULL, {"config/config.exs"}},
    {"mix", {NULL}, NULL, {"config/runtime.exs"}},
};

static void
own_files(struct migration *m)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *name = NULL;

		if (strcmp(known[i].tool, m->name) != 0)
			continue;
		for (size_t k = 0; k < 3 && known[i].option[k] && !name; k++)
			name = migrate_option(m, known[i].option[k]);
		if (!name && known[i].variable)
			name = invocation_env(m->c->in, known[i].variable);
		if (name)
			read_text(m, name, 0);
		else
			read_one_of(m, known[i].files, 0);
	}
	if (!strcmp(m->name, "mix"))
		read_text(m,
			  file_text(m->c, "config/%s.exs",
				    !strcmp(m->stage, "development") ? "dev"
				    : !strcmp(m->stage, "production")
					? "prod"
					: m->stage),
			  0);
}

/* What alembic.ini calls script_location has the code that connects. */
static void
alembic_code(struct migration *m)
{
	const char *at =
	    m->ntexts ? strstr(m->texts[0].text, "script_location") : NULL;
	char *dir;

	if (!at)
		return;
	at += strcspn(at, "=\n");
	at += strspn(at, "= \t");
	if (!strncmp(at, "%(here)s/", 9))
		at += 9;
	dir = file_text(m->c, "%.*s", (int)strcspn(at, " \t\r\n"), at);
	read_text(m,
		  path_join(m->c->ctx, path_parent(m->c->ctx, m->texts[0].name),
			    file_text(m->c, "%s/env.py", dir)),
		  0);
}

/* "shop.settings" of the line, the variable, or what manage.py says. */
static void
django_settings(struct migration *m)
{
	struct file_call *c = m->c;
	const char *module = migrate_option(m, "--settings");
	char *path;
	size_t len;

	if (!module)
		module = invocation_env(c->in, "DJANGO_SETTINGS_MODULE");
	if (!module && !strcmp(path_base(m->argv[0]), "manage.py")) {
		char *text = db_file(c, m->argv[0], &len), *at;

		at = text ? strstr(text, "DJANGO_SETTINGS_MODULE") : NULL;
		at = at ? strpbrk(at, ",=") : NULL;
		at = at ? strpbrk(at, "'\"\n") : NULL;
		if (at && *at != '\n')
			module = file_text(
			    c, "%.*s", (int)strcspn(at + 1, "'\"\n"), at + 1);
	}
	if (!module)
		return;
	path = path_join(c->ctx, m->root, module);
	for (char *p = path + strlen(path) - strlen(module); *p; p++)
		*p = *p == '.' ? '/' : *p;
	read_one_of(m,
		    (const char *const[]){file_text(c, "%s.py", path),
					  file_text(c, "%s/__init__.py", path),
					  NULL},
		    0);
}

/* --- variables --------------------------------------------------------------
 */

static void
variables_of(struct migration *m, const char *name)
{
	size_t len;

	if (m->nvariables < MIGRATION_ENVS && db_file_there(m->c, name) &&
	    (m->variables[m->nvariables].text = db_file(m->c, name, &len)))
		m->variables[m->nvariables++].name = name;
}

static void
variable_files(struct migration *m)
{
	static const char *const options[] = {"--env-file", "-env"};
	struct file_call *c = m->c;
	const char *given = NULL, *schema = migrate_option(m, "--schema");
	const char *stage = m->stage_from ? migrate_option(m, "--env") : NULL;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		given = given ? given : migrate_option(m, options[i]);
	/* node --env-file=... before the program */
	for (const char *const *w = c->in->argv; *w && w < m->argv; w++)
		if (!strncmp(*w, "--env-file=", 11))
			given = *w + 11;
	if (given) {
		variables_of(m, given);
		return;
	}
	stage = file_text(c, ".env.%s", stage ? stage : m->stage);
	variables_of(m, file_text(c, "%s.local", stage));
	variables_of(m, ".env.local");
	variables_of(m, stage);
	if (!strcmp(m->name, "artisan") && m->nvariables)
		return;
	variables_of(m, ".env");
	variables_of(m, "prisma/.env");
	if (schema) {
		schema = path_parent(c->ctx, schema);
		variables_of(m, file_text(c, "%s/.env", schema));
		variables_of(
		    m, file_text(c, "%s/.env", path_parent(c->ctx, schema)));
	}
}

void
migrate_read(struct migration *m)
{
	m->root = strchr(m->argv[0], '/') && has_end(m->argv[0], ".py")
		      ? path_parent(m->c->ctx, m->argv[0])
		      : ".";
	set_stage(m);
	if (!strcmp(m->name, "alembic")) {
		m->section = migrate_option(m, "-n");
		m->section =
		    m->section ? m->section : migrate_option(m, "--name");
		m->section = m->section ? m->section : "alembic";
	}
	own_files(m);
	if (!strcmp(m->name, "alembic"))
		alembic_code(m);
	else if (!strcmp(m->name, "django"))
		django_settings(m);
	variable_files(m);
}
