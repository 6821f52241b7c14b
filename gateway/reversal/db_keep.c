/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases whose content a command may destroy: is there one, can it be
 * dumped, and the dump.  Whoever cannot connect now will not destroy
 * anything either.
 */
#include "base/memory.h"
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/reversal_work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_MB  1024
#define OTHER_MAX_MB 256

struct db_one {
	struct db_place at;
	enum undo undo;
	uint64_t size;
	const char *beside; /* why more goes than is said; NULL */
	bool abroad;	    /* it has tables whose rows are elsewhere */
};

struct db_kept {
	struct reversal *r;
	struct db_one *v;
	size_t n;
	uint64_t id, bytes; /* of the entry that all of them are in */
	char *why;	    /* it cannot be kept */
};

/* psql would ask for a password, and we cannot.  One that is known and wrong
 * it does not ask for again. */
static bool
would_ask(const struct db_one *d, const char *errors)
{
	return strstr(errors, "no password supplied") ||
	       (d->at.asks && strstr(errors, "password authentication failed"));
}

/* Servers of other kinds: rc and size are as they were found. */
static void
found(struct db_kept *k, struct db_one *d, int rc, const struct err *e)
{
	if (rc > 0) {
		d->undo = UNDO_YES;
	} else if (rc < 0) {
		k->why = have(talloc_strdup(k, e->msg));
	} else if (d->size > (uint64_t)OTHER_MAX_MB << 20) {
		k->why =
		    have(talloc_asprintf(k, "%s holds %s, too much to keep",
					 d->at.label, text_bytes(k, d->size)));
	} else {
		d->undo = UNDO_SNAPSHOT;
	}
}

/* The size of it, and whether it loses anything at all. */
static void
look_there(struct db_kept *k, struct db_one *d)
{
	const char *rows = d->at.touched ? d->at.touched : d->at.rows;
	const char *sql = rows ? db_beside(k, rows) : db_size;
	/* no functions of the database's own; compiling would take seconds */
	const char *argv[] = {"psql", "-wXAtq",
			      "-d",   d->at.conninfo,
			      "-c",   "SET search_path = pg_catalog",
			      "-c",   "SET jit = off",
			      "-c",   sql,
			      NULL};
	struct spawn s = {.argv = argv, .timeout_ms = 20000};
	const char *bar;
	struct err e = {0};

	if (db_client(k, k->r->in, &d->at, &s, &e) < 0) {
		k->why = have(talloc_asprintf(k, "%s", e.msg));
		return;
	}
	if (s.status == 2) {
		/* nobody is there, or lets the client in */
		if (!would_ask(d, s.errors ? s.errors : "") ||
		    (d->at.touched && !strstr(d->at.touched, "(E'd'") &&
		     !strstr(d->at.touched, "(E'o'")))
			d->undo = UNDO_YES;
		else
			k->why = have(talloc_strdup(
			    k, "its password is asked for on the terminal "
			       "only: set PGPASSWORD or ~/.pgpass"));
		d->beside = d->undo == UNDO_NO ? k->why : NULL;
		return;
	}
	bar = s.status == 0 && s.output ? strchr(s.output, '|') : NULL;
	if (d->at.touched && bar && (!bar[1] || bar[1] == '\n')) {
		d->undo = UNDO_YES;
		return;
	}
	d->beside =
	    bar ? have(talloc_strndup(k, bar + 1, strcspn(bar + 1, "\n")))
		: "what it may do beside cannot be told";
	d->beside = text_safe(k, d->beside);
	d->size = bar ? strtoull(s.output, NULL, 10) : 0;
	d->abroad = bar && bar > s.output && bar[-1] == 'f';
	if (bar && bar > s.output && bar[-1] == 'F')
		k->why = have(talloc_strdup(k, d->beside));
	else if (!bar && !d->at.touched)
		k->why = have(talloc_strdup(k, "its size cannot be told"));
	else if (d->size > (uint64_t)SIZE_MAX_MB << 20)
		k->why =
		    have(talloc_asprintf(k, "%s holds %s, too much to keep",
					 d->at.label, text_bytes(k, d->size)));
	else
		d->undo = UNDO_SNAPSHOT;
}

static void
look(struct db_kept *k, struct db_one *d)
{
	struct err e = {0};

	d->undo = UNDO_NO;
	if (d->at.engine == DATABASE_OTHER) {
		k->why = have(talloc_strdup(k, "nothing keeps databases of "
					       "its kind"));
		return;
	}
	if (d->at.engine == DATABASE_REDIS) {
		int rc = d->at.part && !*d->at.part
			     ? 1
			     : db_redis_look(k, &d->at, &d->size, &e);

		found(k, d, rc, &e);
		return;
	}
	if (d->at.engine == DATABASE_MYSQL) {
		int rc = db_mysql_look(k, k->r->in, &d->at, &d->size, &e);

		found(k, d, rc, &e);
		if (d->at.touched && d->undo != UNDO_YES)
			d->beside = rc < 0 ? k->why
					   : "a trigger or a foreign key may "
					     "take more rows";
		return;
	}
	look_there(k, d);
}

static void
add_one(struct db_kept *k, const struct db_place *at)
{
	k->v = have(talloc_realloc(k, k->v, struct db_one, (unsigned)k->n + 1));
	k->v[k->n] = (struct db_one){.at = *at};
	look(k, &k->v[k->n++]);
}

/* Other databases of its server, to which the statements go, too: those of its
 * kind are kept as well. */
static void
look_beyond(struct db_kept *k, struct db_place at)
{
	const struct database_session *s = at.session;
	const char *label = at.label, *conninfo = at.conninfo, *reads;
	char *names = NULL, *name, *save = NULL;
	struct err e = {0};

	if (db_mysql_reached(k, k->r->in, &at, &names, &e) < 0) {
		k->why = have(talloc_strdup(k, e.msg));
		k->v[k->n - 1].undo = UNDO_NO;
		return;
	}
	at.reach = 0;
	for (name = names ? strtok_r(names, "\n", &save) : NULL; name;
	     name = strtok_r(NULL, "\n", &save)) {
		if (s && s->judge(k, s, NULL, name, &reads, &e) < 0) {
			k->why = have(talloc_asprintf(
			    k,
			    "a statement whose text is not here reaches its "
			    "server's other databases: %s",
			    e.msg));
			k->v[k->n - 1].undo = UNDO_NO;
			return;
		}
		at.label = text_safe(
		    k, have(talloc_asprintf(k, "%s beside %s", name, label)));
		at.conninfo =
		    have(talloc_asprintf(k, "%sdatabase=%s\n", conninfo, name));
		add_one(k, &at);
		if (k->v[k->n - 1].undo == UNDO_NO)
			return;
	}
}

int
db_assess(struct reversal *r, struct err *e)
{
	struct db_kept *k = have(talloc_zero(r, struct db_kept));

	(void)e;
	k->r = r;
	r->db = k;
	for (const struct command *c = r->cmd; c; c = c->before) {
		for (size_t i = 0; i < c->losses.ndatabases; i++) {
			const struct database_loss *l = &c->losses.databases[i];

			const struct db_place at = {
			    l->conninfo, l->cluster, l->label,	 l->dropped,
			    l->engine,	 l->part,    l->touched, l->asks,
			    l->rows,	 l->reach,   l->session};

			add_one(k, &at);
			if (at.reach && k->v[k->n - 1].undo != UNDO_NO)
				look_beyond(k, at);
		}
	}
	return 0;
}

/* More than the statements say. */
static void
beside(struct reversal *r, const struct db_one *d)
{
	struct effect *fx =
	    effects_add(r->fx, EFFECT_DB_DESTROY, SCOPE_LOCAL, d->at.label);

	fx->losses = LOSS_DATABASE;
	fx->undo = d->undo;
	fx->why = d->beside;
}

void
db_judge(struct reversal *r)
{
	enum undo worst = UNDO_YES;

	for (size_t i = 0; i < r->db->n; i++) {
		const struct db_one *d = &r->db->v[i];

		if (d->undo > worst)
			worst = d->undo;
		if (d->at.touched && d->beside)
			beside(r, d);
	}
	for (size_t i = 0; i < r->fx->n; i++) {
		struct effect *fx = &r->fx->v[i];

		if (!(fx->losses & LOSS_DATABASE))
			continue;
		fx->undo = worst;
		if (worst == UNDO_NO && r->db->why)
			fx->why = have(
			    talloc_asprintf(r, "%s%s%s", fx->why ? fx->why : "",
					    fx->why ? "; " : "", r->db->why));
	}
}

int
db_keep(struct db_kept *k, struct channel *monitor, struct err *e)
{
	const struct db_place **at;
	size_t n = 0;
	int rc;

	if (!k)
		return 0;
	at = have(
	    talloc_zero_array(k, const struct db_place *, (unsigned)k->n + 1));
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].undo == UNDO_SNAPSHOT)
			at[n++] = &k->v[i].at;
	if (!n)
		return 0;
	rc = db_dump_entry(k, k->r->in, monitor, at, n,
			   k->r->cmd->summary ? k->r->cmd->summary : "", &k->id,
			   &k->bytes, e);
	if (rc < 0)
		k->id = 0;
	return rc;
}

void
db_abandon(struct db_kept *k, struct channel *monitor)
{
	struct repository none = {.id = "files", .gitdir = "", .commondir = ""};
	struct vault *vault;

	if (!k || !k->id ||
	    vault_open_folder(k, &none, false, &vault, NULL) < 0)
		return;
	vault_drop(vault, k->id, NULL);
	channel_entry_state(monitor, k->id, "dropped", "", 0, NULL);
	k->id = 0;
}

char *
db_leave(void *ctx, struct db_kept *k, struct channel *monitor, struct err *e)
{
	char *labels = NULL;
	bool abroad = false;

	if (!k || !k->id)
		return NULL;
	for (size_t i = 0; i < k->n; i++) {
		const struct db_one *d = &k->v[i];

		if (d->undo != UNDO_SNAPSHOT)
			continue;
		abroad |= d->abroad;
		labels =
		    have(talloc_asprintf(ctx, "%s%s%s", labels ? labels : "",
					 labels ? ", " : "", d->at.label));
	}
	(void)channel_entry_state(monitor, k->id, "kept", labels, k->bytes, e);
	return have(talloc_asprintf(
	    ctx, "automode: kept %s (%s%s); undo: automode undo %" PRIu64,
	    labels, text_bytes(ctx, k->bytes),
	    abroad ? ", not the rows of foreign tables" : "", k->id));
}
