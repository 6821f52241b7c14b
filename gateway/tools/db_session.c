/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session in which anything may be typed, \connect too: which other
 * databases of the same server it reaches.  Those of the same kind are there
 * to be read, for only the one that it began with was kept; others are not.
 */
#include "base/text.h"
#include "tools/db.h"
#include <string.h>
#include <talloc.h>

struct typed {
	struct database_session s;
	struct tool_context t; /* of the rules alone */
	struct db_target target;
};

static bool
same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static int
judge(void *ctx, const struct database_session *of, const char *user,
      const char *database, const char **reads, struct err *e)
{
	const struct typed *s = of->data;
	struct file_call c = {.ctx = ctx, .t = &s->t};
	struct db_target to = s->target;

	if (same(user, to.user) && same(database, to.dbname))
		return 0;
	to.user = user;
	to.dbname = database;
	db_scope_set(&c, &to, NULL);
	if (to.scope != s->target.scope || to.read_only)
		return err_set(e, ERR_UNKNOWN, "%s is not what was judged: %s",
			       text_safe(ctx, database),
			       to.why ? to.why : "it is another kind");
	if (!same(database, s->target.dbname))
		*reads = talloc_asprintf(
		    ctx,
		    "Only %s was kept when this session began.  %s %s, in a "
		    "call of its own, writes there.",
		    text_safe(ctx, s->target.dbname), "psql",
		    text_safe(ctx, database));
	return 0;
}

const struct database_session *
db_session(const struct file_call *c, const struct db_target *t)
{
	struct typed *s = talloc_zero(c->ctx, struct typed);

	if (!s)
		BUG("out of memory");
	s->t.rules = c->t->rules;
	s->target = *t;
	s->s = (struct database_session){
	    .database = t->dbname,
	    .why = talloc_asprintf(
		s,
		"This session is of %s alone.  In a call of its own (psql "
		"-c) it is judged by what it says.",
		text_safe(s, t->dbname)),
	    .judge = judge,
	    .data = s};
	if (!s->s.why)
		BUG("out of memory");
	return &s->s;
}
