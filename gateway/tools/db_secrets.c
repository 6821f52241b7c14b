/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials that a client of databases would hand to a server of another
 * machine: as who it says it is, and in its statements.  A database's own
 * password is for that database, whoever holds it.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets.h"
#include "tools/db.h"
#include "tools/sender.h"
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* What is read for pieces: a statement, and all of them. */
#define MAX_SAID 512

/* For the session's next commands. */
struct db_talk {
	struct sender s;
	struct sender_host host;
	struct db_target to;
};

/* Does what names it say that it is for databases? */
static bool
of_database(const struct secret_found *f)
{
	static const char *const parts[] = {"pass", "pwd", "db",    "database",
					    "pg",   "sql", "redis", "mongo"};

	if (f->owner->also)
		return false;
	if (!strcmp(f->owner->family, "database") ||
	    !strcmp(f->owner->family, "person"))
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strcasestr(f->what, parts[i]))
			return true;
	return false;
}

/* "a,b": of all of them. */
static bool
belongs(struct file_call *c, const struct secret_found *f, const char *hosts)
{
	bool all = hosts && *hosts;

	while (all && hosts && *hosts) {
		size_t n = strcspn(hosts, ",");

		all = secret_belongs(f, sender_lower(c->ctx, hosts, n));
		hosts += n + (hosts[n] == ',');
	}
	return all;
}

static bool
begin(struct file_call *c)
{
	const char *folder =
	    c->cmd && c->cmd->repo ? c->cmd->repo->worktree : NULL;

	return c->secrets || secrets_begin(c->ctx, c->in, c->t->rules, folder,
					   &c->secrets, NULL) == 0;
}

static void
judge(struct file_call *c, const struct db_target *t,
      const struct secret_found *v, size_t n, bool statement)
{
	for (size_t i = 0; i < n; i++) {
		const char *host = t->host ? t->host : t->hostaddr;
		bool whose = v[i].owner->nhosts > 0 || v[i].owner->also ||
			     *v[i].owner->family;
		struct effect *fx;

		if (of_database(&v[i]) || belongs(c, &v[i], host) ||
		    (!whose && !(statement && t->scope == SCOPE_FOREIGN)))
			continue;
		host = sender_shown(c->ctx, &v[i], host ? host : t->label);
		fx = effects_add(c->fx, EFFECT_SECRET_SEND, SCOPE_SECRET, host);
		fx->undo = UNDO_NO;
		fx->why =
		    file_text(c, "%s (in %s) would go to %s",
			      sender_known_as(c->ctx, &v[i]), v[i].where, host);
		fx->instead = "leave it out";
		c->found_secret = true;
	}
}

static void
says(struct file_call *c, const struct db_target *t, const char *text,
     size_t len, const char *where, bool statement)
{
	struct secret_found v[8];
	size_t n;

	if (!c->fx || !text || len < 8 || t->scope == SCOPE_LOCAL || !begin(c))
		return;
	n = secrets_scan(c->secrets, text, len, where, v, 8);
	judge(c, t, v, n, statement);
}

static void
add_said(struct file_call *c, const struct db_target *t, const char *text,
	 size_t len)
{
	const char *host = t->host ? t->host : t->hostaddr;

	if (!c->talk) {
		c->talk = talloc_zero(c->ctx, struct db_talk);
		if (!c->talk)
			BUG("out of memory");
		c->talk->to = *t;
		c->talk->host = (struct sender_host){
		    .host = host ? host : t->label, .scope = t->scope};
		c->talk->s = (struct sender){.c = c,
					     .secrets = c->secrets,
					     .hosts = &c->talk->host,
					     .nhosts = 1};
	}
	sender_add_said(&c->talk->s, file_text(c, "%.*s", (int)len, text));
}

void
db_said_before(struct file_call *c)
{
	if (!c->talk || c->found_secret)
		return;
	sender_scan_before(&c->talk->s);
	judge(c, &c->talk->to, c->talk->s.found, c->talk->s.nfound, true);
}

/* Half of one in each of two statements, or words. */
static void
says_pieces(struct file_call *c, const struct db_target *t, const char *text,
	    size_t len)
{
	size_t before = c->said ? strlen(c->said) : 0, n, kept = 0;
	struct secret_found v[8];

	if (!c->fx || !text || len > MAX_SAID || before > MAX_SAID ||
	    c->found_secret || t->scope == SCOPE_LOCAL || !begin(c))
		return;
	add_said(c, t, text, len);
	c->said = sender_odd(c->ctx, c->said, text, len);
	n = strlen(c->said);
	if (n == before)
		return;
	n = secrets_scan(c->secrets, c->said, n, "several statements", v, 8);
	for (size_t i = 0; i < n; i++)
		if (!v[i].looks) /* by chance, where words meet */
			v[kept++] = v[i];
	judge(c, t, v, kept, true);
}

void
db_says(struct file_call *c, const struct db_target *t, const char *text,
	size_t len)
{
	says(c, t, text, len, "a statement", true);
	says_pieces(c, t, text, len);
}

/* Whoever answers for its names reads what they are made of. */
static void
host_says(struct file_call *c, const struct db_target *t)
{
	struct secret_found v[1];
	struct effect *fx;

	if (!t->host || strlen(t->host) < 12 ||
	    !secrets_scan(c->secrets, t->host, strlen(t->host), "the host", v,
			  1))
		return;
	fx = effects_add(c->fx, EFFECT_SECRET_SEND, SCOPE_SECRET,
			 sender_shown(c->ctx, &v[0], t->host));
	fx->undo = UNDO_NO;
	fx->why = file_text(c, "%s (in the host) would be asked for by name",
			    v[0].what);
}

/* The lines for that host of a file of passwords that is not the person's own,
 * which a server may ask for as they are. */
static void
passfile_says(struct file_call *c, const struct db_target *t)
{
	const char *home = invocation_home(c->in), *path;
	const char *host = t->host ? t->host : t->hostaddr;
	char *text, *save = NULL;
	struct err e = {0};

	if (!t->passfile || !host)
		return;
	path = path_join(c->ctx, c->in->cwd, t->passfile);
	if (home && !strcmp(path_resolve(c->ctx, "/", path),
			    path_resolve(c->ctx, "/",
					 path_join(c->ctx, home, ".pgpass"))))
		return;
	if (file_read(c->ctx, AT_FDCWD, path, 1 << 16, &text, NULL, &e) != 0)
		return;
	for (char *w = strtok_r(text, "\n", &save); w;
	     w = strtok_r(NULL, "\n", &save)) {
		size_t n = strcspn(w, ":");

		if ((n == 1 && *w == '*') ||
		    (n == strlen(host) && !strncasecmp(w, host, n)))
			says(c, t, w, strlen(w), "the file of passwords",
			     false);
	}
}

void
db_secrets(struct file_call *c, const struct db_target *t)
{
	bool pg = c->fx && t->engine == DATABASE_POSTGRESQL;
	static const char *const settings[] = {"PGTZ", "PGDATESTYLE", "PGGEQO"};
	const char *program = pg ? invocation_env(c->in, "PGAPPNAME") : NULL;
	const char *options = pg ? invocation_env(c->in, "PGOPTIONS") : NULL;
	const struct {
		const char *value, *where;
	} words[] = {
	    {t->dbname, "the database's name"},
	    {t->user, "the user's name"},
	    {t->password, "the password"},
	    {t->options ? t->options : options, "the session's settings"},
	    {program, "the program's name"}};

	/* a relay only asks whose a database is */
	if (!c->fx || t->scope == SCOPE_LOCAL || !begin(c))
		return;
	host_says(c, t);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].value)
			says(c, t, words[i].value, strlen(words[i].value),
			     words[i].where, false);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].value && words[i].value != t->password)
			add_said(c, t, words[i].value, strlen(words[i].value));
	for (size_t i = 0; pg && i < sizeof(settings) / sizeof(*settings);
	     i++) {
		const char *value = invocation_env(c->in, settings[i]);

		if (value)
			says(c, t, value, strlen(value), settings[i], false);
	}
	passfile_says(c, t);
	/* what the client calls itself, and more */
	if (!c->found_secret && pg && t->conninfo)
		says(c, t, t->conninfo, strlen(t->conninfo),
		     "the connection's settings", false);
}
