/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases whose content a command may destroy: is there one, can it be
 * dumped, and the dump.  Whoever cannot connect now will not destroy
 * anything either.
 */
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/memory.h"
#include "reversal/reversal_work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_MB 1024

struct db_one {
	struct db_place at;
	enum undo undo;
	uint64_t size, id, bytes;
};

struct db_kept {
	struct reversal *r;
	struct db_one *v;
	size_t n;
	char *why; /* it cannot be kept */
};

/* "no password supplied": psql would ask for one, and we cannot. */
static bool
would_ask(const char *errors)
{
	return strstr(errors, "no password supplied") ||
	       strstr(errors, "password authentication failed");
}

static void
look(struct db_kept *k, struct db_one *d)
{
	const char *argv[] = {
	    "psql",
	    "-wXAtq",
	    "-d",
	    d->at.conninfo,
	    "-c",
	    "SELECT pg_catalog.pg_database_size("
	    "pg_catalog.current_database()), pg_catalog.current_setting('"
	    "server_version_num')::int / 10000",
	    NULL};
	struct spawn s = {.argv = argv, .timeout_ms = 20000};
	struct err e = {0};

	d->undo = UNDO_NO;
	if (db_client(k, k->r->in, &d->at, &s, &e) < 0) {
		k->why = have(talloc_asprintf(k, "%s", e.msg));
		return;
	}
	if (s.status == 2 && !would_ask(s.errors ? s.errors : "")) {
		d->undo = UNDO_YES; /* nobody is there */
		return;
	}
	if (s.status != 0) {
		k->why = have(talloc_strdup(
		    k, s.status == 2 ? "its password is asked for on the "
				       "terminal only: set PGPASSWORD or "
				       "~/.pgpass"
				     : "its size cannot be told"));
		return;
	}
	d->size = strtoull(s.output, NULL, 10);
	if (d->size > (uint64_t)SIZE_MAX_MB << 20) {
		k->why =
		    have(talloc_asprintf(k, "%s holds %s, too much to keep",
					 d->at.label, text_bytes(k, d->size)));
		return;
	}
	d->undo = UNDO_SNAPSHOT;
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

			k->v = have(talloc_realloc(k, k->v, struct db_one,
						   (unsigned)k->n + 1));
			k->v[k->n] =
			    (struct db_one){.at = {l->conninfo, l->cluster,
						   l->label, l->dropped}};
			look(k, &k->v[k->n++]);
		}
	}
	return 0;
}

void
db_judge(struct reversal *r)
{
	enum undo worst = UNDO_YES;

	for (size_t i = 0; i < r->db->n; i++)
		if (r->db->v[i].undo > worst)
			worst = r->db->v[i].undo;
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
	for (size_t i = 0; k && i < k->n; i++) {
		struct db_one *d = &k->v[i];
		int rc;

		if (d->undo != UNDO_SNAPSHOT)
			continue;
		rc = db_dump_entry(k, k->r->in, monitor, &d->at,
				   k->r->cmd->summary ? k->r->cmd->summary : "",
				   &d->id, &d->bytes, e);
		if (rc < 0) {
			d->id = 0;
			return err_wrap(e, "%s", d->at.label);
		}
	}
	return 0;
}

void
db_abandon(struct db_kept *k, struct channel *monitor)
{
	struct repository none = {.id = "files", .gitdir = "", .commondir = ""};
	struct vault *vault;

	for (size_t i = 0; k && i < k->n; i++) {
		if (!k->v[i].id ||
		    vault_open_folder(k, &none, false, &vault, NULL) < 0)
			continue;
		vault_drop(vault, k->v[i].id, NULL);
		channel_entry_state(monitor, k->v[i].id, "dropped", "", 0,
				    NULL);
		k->v[i].id = 0;
	}
}

char *
db_leave(void *ctx, struct db_kept *k, struct channel *monitor, struct err *e)
{
	char *text = NULL;

	for (size_t i = 0; k && i < k->n; i++) {
		const struct db_one *d = &k->v[i];

		if (!d->id)
			continue;
		(void)channel_entry_state(monitor, d->id, "kept", d->at.label,
					  d->bytes, e);
		text = have(talloc_asprintf(
		    ctx,
		    "%s%sautomode: kept %s (%s); undo: automode undo %" PRIu64,
		    text ? text : "", text ? "\n" : "", d->at.label,
		    text_bytes(ctx, d->bytes), d->id));
	}
	return text;
}
