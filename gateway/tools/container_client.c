/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker exec db psql -c ...: what the statements do is read as anywhere else.
 * Nothing of it can be kept from here.
 */
#include "base/path.h"
#include "base/text.h"
#include "parse/mongo.h"
#include "parse/mysql.h"
#include "parse/psql_script.h"
#include "parse/redis.h"
#include "tools/container.h"
#include <string.h>
#include <talloc.h>

enum client {
	CLIENT_NONE = 0,
	CLIENT_PSQL,
	CLIENT_MYSQL,
	CLIENT_REDIS,
	CLIENT_MONGO,
	CLIENT_DROPS, /* a database goes */
	CLIENT_PUTS,  /* what is read in replaces what is there */
};

static const struct {
	const char *name;
	enum client client;
	const char *values; /* letters that take a value */
	const char *text;   /* flags whose value is statements */
} clients[] = {
    {"psql", CLIENT_PSQL, "cdfFhLopPRTUv", "c command"},
    {"mysql", CLIENT_MYSQL, "DehPSu", "e execute"},
    {"mariadb", CLIENT_MYSQL, "DehPSu", "e execute"},
    {"redis-cli", CLIENT_REDIS, "hpsanuriDdX", ""},
    {"valkey-cli", CLIENT_REDIS, "hpsanuriDdX", ""},
    {"mongosh", CLIENT_MONGO, "up", "eval"},
    {"mongo", CLIENT_MONGO, "up", "eval"},
    {"dropdb", CLIENT_DROPS, "hpUe", ""},
    {"mysqladmin", CLIENT_DROPS, "hPSu", ""},
    {"pg_restore", CLIENT_PUTS, "dhpUjFnt", ""},
    {"mongorestore", CLIENT_PUTS, "dc", ""},
};

struct client_call {
	struct container_call *k;
	enum client client;
	const char *values, *text;
	const char *dbname;
	bool said;		  /* statements stood on the line */
	const char *const *words; /* of redis-cli */
	size_t nwords;
	struct sql sql;
};

static bool
is_in(const char *word, size_t len, const char *list)
{
	size_t n;

	for (; *list; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == len && !strncmp(list, word, n))
			return true;
	}
	return false;
}

static void
psql_text(struct psql_script *p, const char *text, bool opaque)
{
	struct client_call *d = p->data;

	if (opaque)
		sql_add(&d->sql, SQL_OPAQUE, "a statement with a variable");
	else
		sql_read(&d->sql, text);
}

static void
psql_meta(struct psql_script *p, const char *name, const char *args)
{
	struct client_call *d = p->data;

	(void)args;
	if (strchr("i!g", *name) && strcmp(name, "g") != 0)
		sql_add(&d->sql, SQL_OPAQUE, "a script of its own");
}

static void
psql_data(struct psql_script *p)
{
	(void)p;
}

static void
mysql_text(struct mysql_script *s, const char *text)
{
	struct client_call *d = s->data;
	struct mysql_statement m = {.ctx = s->ctx, .sql = &d->sql};

	mysql_read(&m, text);
}

static void
mysql_word(struct mysql_script *s, const char *name, const char *args)
{
	(void)s;
	(void)name;
	(void)args;
}

static void
mongo_use(struct mongo_script *s, const char *database)
{
	struct client_call *d = s->data;

	if (database)
		d->dbname = talloc_strdup(s->ctx, database);
}

static void
read_text(struct client_call *d, const char *text, size_t len)
{
	void *ctx = d->k->c->ctx;
	struct psql_script p = {.ctx = ctx,
				.data = d,
				.sql = psql_text,
				.meta = psql_meta,
				.data_commands = psql_data};
	struct mysql_script m = {
	    .ctx = ctx, .data = d, .sql = mysql_text, .command = mysql_word};
	struct mongo_script o = {
	    .ctx = ctx, .data = d, .sql = &d->sql, .use = mongo_use};

	if (d->client == CLIENT_PSQL)
		psql_script_read(&p, text, len);
	else if (d->client == CLIENT_MYSQL)
		mysql_script_read(&m, text, len);
	else if (d->client == CLIENT_MONGO)
		mongo_read(&o, text);
}

static void
statement(struct client_call *d, const char *text)
{
	d->said = true;
	read_text(d, text, strlen(text));
}

/* One flag; the number of words that it takes beside itself. */
static size_t
read_flag(struct client_call *d, const char *word, const char *next)
{
	const char *equals = strchr(word, '=');
	size_t len;

	if (word[1] == '-') {
		word += 2;
		len = strcspn(word, "=");
		if (is_in(word, len, d->text)) {
			const char *value = equals ? equals + 1 : next;

			if (value)
				statement(d, value);
			return equals ? 0 : 1;
		}
		if (equals && (is_in(word, len, "dbname database")))
			d->dbname = equals + 1;
		return !equals && is_in(word, len,
					"dbname database host username user "
					"port password authenticationDatabase "
					"file");
	}
	for (const char *p = word + 1; *p; p++) {
		if (!strchr(d->values, *p))
			continue;
		if (is_in(p, 1, d->text) && (p[1] || next))
			statement(d, p[1] ? p + 1 : next);
		if (strchr("dD", *p) && (p[1] || next))
			d->dbname = p[1] ? p + 1 : next;
		return p[1] ? 0 : 1;
	}
	return 0;
}

static void
redis_words(struct client_call *d)
{
	struct redis_word w[64];
	const struct redis_command *known;
	size_t n = d->nwords < 64 ? d->nwords : 64;

	for (size_t i = 0; i < n; i++)
		w[i] = (struct redis_word){d->words[i], strlen(d->words[i])};
	if (!n)
		return;
	d->said = true;
	known = redis_command_find(w, n);
	sql_add(&d->sql, known ? known->cls : SQL_OPAQUE,
		text_safe(d->k->c->ctx, d->words[0]));
}

static void
read_line(struct client_call *d, const char *const *argv)
{
	size_t i = 0;

	for (; argv[i]; i++) {
		if (*argv[i] == '-' && argv[i][1]) {
			i += read_flag(d, argv[i], argv[i + 1]);
			if (!argv[i])
				return;
		} else if (d->client == CLIENT_REDIS) {
			d->words = argv + i;
			while (argv[i])
				i++, d->nwords++;
			redis_words(d);
			return;
		} else if (d->client == CLIENT_DROPS &&
			   !strcmp(argv[i], "drop")) {
			d->said = true;
		} else if (!d->dbname) {
			d->dbname = argv[i];
		}
	}
}

static void
tell(struct client_call *d, const char *where)
{
	struct file_call *c = d->k->c;
	size_t first = c->fx->n;
	struct db_target t = {.dbname = d->dbname ? d->dbname : where,
			      .engine = DATABASE_POSTGRESQL};

	if (!d->sql.classes)
		return;
	t.label = text_safe(
	    c->ctx, file_text(c, "%s on container %s", t.dbname, where));
	db_scope_set(c, &t, where);
	db_effects(c, &t, &d->sql);
	/* no connection leads there from here */
	c->cmd->losses = (struct losses){0};
	for (size_t i = first; i < c->fx->n; i++)
		if (c->fx->v[i].losses) {
			c->fx->v[i].losses = 0;
			c->fx->v[i].undo = UNDO_NO;
		}
}

int
container_judge_client(struct container_call *k, const char *where,
		       struct err *e)
{
	const char *const *argv = k->line.operands + 1;
	const char *program = k->line.noperands > 1 ? path_base(*argv) : "";
	struct client_call d = {.k = k};
	char *text = NULL;
	size_t len = 0;

	if (cobra_on(&k->line, "privileged"))
		container_effect(k, EFFECT_PRIVILEGE, "--privileged", NULL);
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
		if (!strcmp(program, clients[i].name)) {
			d.client = clients[i].client;
			d.values = clients[i].values;
			d.text = clients[i].text;
		}
	if (d.client == CLIENT_NONE ||
	    (k->word->cls == CONTAINER_CLIENT &&
	     container_look(k, "container", where) != CONTAINER_OTHERS))
		return 0;
	sql_init(k->c->ctx, &d.sql);
	read_line(&d, argv + 1);
	if (d.client == CLIENT_DROPS && (d.said || !strcmp(program, "dropdb")))
		sql_add(&d.sql, SQL_DESTROY, program);
	if (d.client == CLIENT_PUTS)
		sql_add(&d.sql, SQL_OPAQUE, program);
	if (!d.said && d.client < CLIENT_DROPS &&
	    (cobra_on(&k->line, "interactive") ||
	     k->word->cls == COMPOSE_CLIENT)) {
		if (db_stdin(k->c, &text, &len, e) < 0)
			return e->code;
		if (text && d.client == CLIENT_REDIS)
			sql_add(&d.sql, SQL_OPAQUE, "commands on stdin");
		else if (text)
			read_text(&d, text, len);
	}
	tell(&d, where);
	return 0;
}
