/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQL and scripts for psql are understood as:
 *
 *	sql TEXT -> CLASS CLASS ...
 *	psql TEXT -> CLASS ... \META ...
 *
 * In TEXT "\n" between blanks stands for a new line.  Every class that is
 * named must be there and no other; backslash commands in their order.
 */
#include "base/err.h"
#include "parse/psql_script.h"
#include "parse/sql.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char *const classes[] = {
    "count", "read", "session", "write",  "destroy", "add",   "alter",
    "admin", "exec", "file",	"opaque", "drop",    "global"};

struct state {
	struct sql sql;
	char *metas;
};

static void
on_sql(struct psql_script *p, const char *text, bool opaque)
{
	struct state *s = p->data;

	if (opaque)
		sql_add(&s->sql, SQL_OPAQUE, "");
	if (*text)
		sql_read(&s->sql, text);
}

static void
on_meta(struct psql_script *p, const char *name, const char *args)
{
	struct state *s = p->data;
	bool program, unknown;
	const char **w = psql_words(p, args, &program, &unknown);

	s->metas = talloc_asprintf_append(s->metas, " \\%s%s", name,
					  program ? "`" : "");
	if (!strcmp(name, "set") && w[0])
		psql_set(p, w[0], w[1] ? w[1] : "");
	if (!strcmp(name, "gset"))
		p->unknown = true;
}

static void
on_data(struct psql_script *p)
{
	struct state *s = p->data;

	sql_add(&s->sql, SQL_OPAQUE, "");
}

static char *
answer(void *ctx, char *text)
{
	struct state s = {.metas = talloc_strdup(ctx, "")};
	struct psql_script p = {.ctx = ctx,
				.data = &s,
				.sql = on_sql,
				.meta = on_meta,
				.data_commands = on_data};
	bool script = !strncmp(text, "psql ", 5);
	char *out = talloc_strdup(ctx, ""), *nl;

	text = strchr(text, ' ') + 1;
	while ((nl = strstr(text, " \\n "))) {
		*nl = '\n';
		memmove(nl + 1, nl + 4, strlen(nl + 4) + 1);
	}
	sql_init(ctx, &s.sql);
	if (script)
		psql_script_read(&p, text, strlen(text));
	else
		sql_read(&s.sql, text);
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (s.sql.classes & 1u << i)
			out = talloc_asprintf_append(out, " %s", classes[i]);
	return talloc_asprintf_append(out, "%s", s.metas);
}

int
main(int argc, char **argv)
{
	int count = 0, failures = 0;

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");
		char *line = NULL;
		size_t room = 0;
		ssize_t n;

		while (f && (n = getline(&line, &room, f)) > 0) {
			void *ctx = talloc_new(NULL);
			char *arrow = strstr(line, " ->"), *got, *what;
			bool ok;

			line[n - 1] = '\0';
			if (*line == '#' || !*line) {
				talloc_free(ctx);
				continue;
			}
			if (!arrow) {
				fprintf(stderr, "%s: %s\n", argv[i], line);
				return 1;
			}
			*arrow = '\0';
			what = talloc_strdup(ctx, line);
			got = answer(ctx, line);
			ok = !strcmp(got, arrow + 3);
			printf("%sok %d - %s\n", ok ? "" : "not ", ++count,
			       what);
			if (!ok)
				printf("# wanted:%s\n# got:%s\n", arrow + 3,
				       got);
			failures += !ok;
			talloc_free(ctx);
		}
		free(line);
		if (f)
			fclose(f);
	}
	printf("1..%d\n", count);
	return failures || !count;
}
