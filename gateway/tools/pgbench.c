/* SPDX-License-Identifier: Apache-2.0 */
/* pgbench of PostgreSQL 15. */
#include "tools/db.h"
#include <string.h>

static const struct option_spec options[] = {
    A(0, "aggregate-interval"),
    A('b', "builtin"),
    A('c', "client"),
    F('C', "connect"),
    F('d', "debug"),
    A('D', "define"),
    F(0, "failures-detailed"),
    A('f', "file"),
    A('F', "fillfactor"),
    F(0, "foreign-keys"),
    A('h', "host"),
    A(0, "index-tablespace"),
    A('I', "init-steps"),
    F('i', "initialize"),
    A('j', "jobs"),
    A('L', "latency-limit"),
    F('l', "log"),
    A(0, "log-prefix"),
    A(0, "max-tries"),
    F('n', "no-vacuum"),
    A(0, "partition-method"),
    A(0, "partitions"),
    A('p', "port"),
    A('P', "progress"),
    F(0, "progress-timestamp"),
    A('M', "protocol"),
    F('q', "quiet"),
    A(0, "random-seed"),
    A('R', "rate"),
    F('r', "report-per-command"),
    FA(0, "report-latencies"),
    A(0, "sampling-rate"),
    A('s', "scale"),
    F('S', "select-only"),
    A(0, "show-script"),
    F('N', "skip-some-updates"),
    A(0, "tablespace"),
    A('T', "time"),
    A('t', "transactions"),
    F(0, "unlogged-tables"),
    A('U', "username"),
    F('v', "vacuum-all"),
    F(0, "verbose-errors"),
    A(0, "cluster"), /* Debian's pg_wrapper */
    F('V', "version"),
    F('?', "help"),
    END,
};

static bool
only_selects(const struct file_call *c)
{
	const char *v;

	if (file_on(c, "skip-some-updates") || options_count(&c->opt, "file"))
		return false;
	for (size_t i = 0; i < options_count(&c->opt, "builtin"); i++) {
		v = options_nth(&c->opt, "builtin", i);
		/* any beginning of a name will do */
		if (!v || strncmp(v, "se", 2) != 0)
			return false;
	}
	return file_on(c, "select-only") || options_count(&c->opt, "builtin");
}

static int
mean(struct file_call *c, struct err *e)
{
	struct db_words w = db_words_of(c);
	struct db_target t;
	struct sql s;

	w.dbname = c->opt.noperands ? c->opt.operands[0] : NULL;
	if (db_target_find(c, &w, &t, e) < 0)
		return e->code;
	sql_init(c->ctx, &s);
	for (size_t i = 0; i < options_count(&c->opt, "file"); i++) {
		const char *file = options_nth(&c->opt, "file", i);

		if (file)
			file_read_from(c, file_text(c, "%.*s",
						    (int)strcspn(file, "@"),
						    file));
	}
	if (file_on(c, "initialize"))
		sql_add(&s, SQL_DESTROY,
			"it drops and fills pgbench_accounts and others");
	else if (options_count(&c->opt, "file"))
		sql_add(&s, SQL_OPAQUE, "a script of pgbench");
	else if (only_selects(c))
		sql_add(&s, SQL_READ, "rows of pgbench_accounts");
	else
		sql_add(&s, SQL_WRITE, "it updates pgbench_accounts");
	/* before it begins; a failure of it is no failure of pgbench */
	if (!file_on(c, "no-vacuum") && !t.read_only)
		sql_add(&s, SQL_WRITE, "it empties pgbench_history");
	if (file_on(c, "log"))
		file_here(c);
	db_effects(c, &t, &s);
	if (t.scope == SCOPE_PRODUCTION)
		db_fence(c, s.classes, false, t.why, &t);
	return db_run(c, &t, DB_RUN_BUSY, e);
}

static const struct file_tool tool = {
    .name = "pgbench",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return db_understand(&tool, 1, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"pgbench", NULL};

const struct tool tool_pgbench = {
    .name = "pgbench",
    .names = names,
    .understand = understand,
};
