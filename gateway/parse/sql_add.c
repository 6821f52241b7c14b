/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of statements, summed up. */
#include "base/err.h"
#include "base/text.h"
#include "parse/sql.h"
#include <talloc.h>

/* Which of two decides what is said. */
static unsigned
severity(unsigned cls)
{
	static const unsigned order[] = {
	    SQL_DROP_DATABASE, SQL_DESTROY, SQL_EXEC, SQL_FILE,
	    SQL_OPAQUE,	       SQL_ALTER,   SQL_ADD,  SQL_WRITE,
	    SQL_ADMIN,	       SQL_READ,    SQL_COUNT};
	unsigned n = sizeof(order) / sizeof(*order);

	for (unsigned i = 0; i < n; i++)
		if (cls & order[i])
			return n - i;
	return 0;
}

void
sql_add_known(struct sql *s, unsigned cls, const char *what)
{
	s->classes |= cls;
	s->nopaque += (cls & SQL_OPAQUE) != 0;
	if (severity(cls) <= s->worst)
		return;
	s->worst = severity(cls);
	s->what = what ? text_safe(s->ctx, what) : NULL;
}

void
sql_add(struct sql *s, unsigned cls, const char *what)
{
	s->blind |= (cls & ~(unsigned)(SQL_COUNT | SQL_READ | SQL_SESSION |
				       SQL_DROP_DATABASE)) != 0;
	sql_add_known(s, cls, what);
}

void
sql_aim(struct sql *s, unsigned cls, const char *table, bool rows)
{
	s->aims = talloc_realloc(s->ctx, s->aims, struct sql_aim,
				 (unsigned)s->naims + 1);
	if (!s->aims)
		BUG("out of memory");
	s->aims[s->naims++] =
	    (struct sql_aim){cls, rows, text_safe(s->ctx, table)};
}

void
sql_add_aimed(struct sql *s, unsigned cls, const char *what, const char *table,
	      bool rows)
{
	sql_aim(s, cls, table, rows);
	sql_add_known(s, cls, what);
}
