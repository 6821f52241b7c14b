/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that the profile calls sensitive, and whole copies of production: what
 * reads them gives them to whoever reads what the client prints.
 */
#include "base/text.h"
#include "tools/db.h"
#include <string.h>
#include <talloc.h>

void
db_sensitive_add(struct db_target *t, const struct database_rule *r, void *ctx)
{
	size_t n = 0;

	if (!r->nsensitive)
		return;
	while (t->sensitive && t->sensitive[n])
		n++;
	t->sensitive = talloc_realloc(ctx, t->sensitive, const char *,
				      (unsigned)(n + r->nsensitive) + 1);
	if (!t->sensitive)
		BUG("out of memory");
	memcpy(t->sensitive + n, r->sensitive,
	       r->nsensitive * sizeof(*r->sensitive));
	t->sensitive[n + r->nsensitive] = NULL;
	t->sensitive_why = talloc_asprintf(
	    ctx, "%s%s[database \"%s\"]",
	    t->sensitive_why ? t->sensitive_why : "",
	    t->sensitive_why ? " and " : "", text_safe(ctx, r->name));
}

/* object: "app_dev/users", which is how the user's words may name it. */
static void
leaves(struct file_call *c, const struct db_target *t, const char *table,
       const char *why)
{
	const char *name = t->dbname && *t->dbname ? t->dbname : t->label;
	const char *object =
	    table ? text_safe(c->ctx, file_text(c, "%s/%s", name, table))
		  : t->label;
	struct effect *fx;

	for (size_t i = 0; i < c->fx->n; i++)
		if (c->fx->v[i].kind == EFFECT_DB_READ &&
		    c->fx->v[i].scope == SCOPE_SECRET &&
		    !strcmp(c->fx->v[i].object, object))
			return;
	fx = effects_add(c->fx, EFFECT_DB_READ, SCOPE_SECRET, object);
	fx->undo = UNDO_NO;
	fx->why = why;
	fx->instead = "a count, the schema, or tables without such data";
}

void
db_sensitive_effects(struct file_call *c, const struct db_target *t,
		     const struct sql *s)
{
	bool relayed = t->read_only && t->engine == DATABASE_POSTGRESQL;
	bool production = t->scope == SCOPE_PRODUCTION;

	if (s->dumps && production)
		leaves(c, t, NULL,
		       file_text(c, "a copy of production's data leaves; %s",
				 t->why));
	for (size_t i = 0; t->sensitive && t->sensitive[i]; i++) {
		const char *table = sql_table_meets(s, t->sensitive[i]);

		if (!table)
			continue;
		/* a glob, or where names are looked for, is no name */
		if (strchr(table, '*') || table[strlen(table) - 1] == '.')
			table = t->sensitive[i];
		leaves(c, t, table,
		       file_text(c, "its rows leave; %s sensitive = %s",
				 t->sensitive_why,
				 text_safe(c->ctx, t->sensitive[i])));
	}
	if (s->hides && t->sensitive && !relayed)
		db_sensitive_unknown(c, t);
}

void
db_sensitive_unknown(struct file_call *c, const struct db_target *t)
{
	if (t->sensitive)
		leaves(c, t, t->sensitive[0],
		       file_text(c,
				 "what is read there cannot be told "
				 "beforehand; %s sensitive = %s",
				 t->sensitive_why,
				 text_safe(c->ctx, t->sensitive[0])));
}

const char *const *
db_sensitive_left(const struct file_call *c, const struct db_target *t)
{
	for (size_t i = 0; i < c->fx->n; i++)
		if (c->fx->v[i].kind == EFFECT_DB_READ &&
		    c->fx->v[i].scope == SCOPE_SECRET)
			return NULL;
	return (const char *const *)t->sensitive;
}
