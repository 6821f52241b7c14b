/* SPDX-License-Identifier: Apache-2.0 */
/* automode log: the record, read. */
#include "base/text.h"
#include "cli/cli.h"
#include "wire/proto.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <talloc.h>
#include <unistd.h>

#define FOLLOW_MS 250

static const char *
member(const cJSON *o, const char *name)
{
	const char *s =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s != NULL ? s : "";
}

static double
number(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

static void
print_json(const struct record *r)
{
	cJSON *o = cJSON_CreateObject(), *data = cJSON_Parse(r->text);
	char *text;

	cJSON_AddNumberToObject(o, "seq", (double)r->seq);
	cJSON_AddNumberToObject(o, "time_ms", (double)r->time_ms);
	cJSON_AddStringToObject(o, "session", r->session);
	cJSON_AddStringToObject(o, "kind", r->kind);
	if (data != NULL)
		cJSON_AddItemToObject(o, "data", data);
	else
		cJSON_AddStringToObject(o, "data", r->text);
	cJSON_AddStringToObject(o, "hash", r->hash);
	text = cJSON_PrintUnformatted(o);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(o);
}

/* What a person wants to know of a record; text_safe() again, since what is
 * in the file was perhaps not written by us. */
static char *
sentence(void *ctx, const struct record *r)
{
	cJSON *o = cJSON_Parse(r->text);
	char *s;

	if (strcmp(r->kind, "decision") == 0)
		s = talloc_asprintf(
		    ctx, "%-5s %s%s%s", member(o, "verdict"),
		    member(o, "command"),
		    strcmp(member(o, "verdict"), "allow") ? ": " : "",
		    strcmp(member(o, "verdict"), "allow") ? member(o, "reason")
							  : "");
	else if (strcmp(member(o, "said"), "handed over") == 0)
		/* how it ended was not seen */
		s = talloc_asprintf(ctx, "of %.0f: handed over",
				    number(o, "decision"));
	else if (strcmp(r->kind, "outcome") == 0)
		s = talloc_asprintf(ctx, "of %.0f: status %.0f%s%s",
				    number(o, "decision"), number(o, "status"),
				    *member(o, "said") ? "; " : "",
				    member(o, "said"));
	else
		s = talloc_strdup(ctx, r->text);
	cJSON_Delete(o);
	return text_safe(ctx, s);
}

static void
print_line(const struct record *r)
{
	void *ctx = talloc_new(NULL);
	const char *session = r->session;

	printf("%6" PRIu64 " %s %-8.8s %-8s %s\n", r->seq,
	       text_time(ctx, r->time_ms / 1000),
	       *session ? text_safe(ctx, session) : "-",
	       text_safe(ctx, r->kind), sentence(ctx, r));
	talloc_free(ctx);
}

static int
print_after(struct store *s, const char *session, uint64_t *after, size_t limit,
	    bool json, struct err *e)
{
	void *ctx = talloc_new(NULL);
	struct record *v;
	size_t n;
	int r = store_records(ctx, s, session, *after, limit, &v, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (json)
			print_json(&v[i]);
		else
			print_line(&v[i]);
		*after = v[i].seq;
	}
	talloc_free(ctx);
	return r;
}

static int
verify(struct store *s, bool json)
{
	uint64_t count, bad;
	struct err e = {0};

	if (store_verify(s, &count, &bad, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (json)
		printf("{\"intact\":%s,\"records\":%" PRIu64 ",\"bad\":%" PRIu64
		       "}\n",
		       bad == 0 ? "true" : "false", count, bad);
	else if (bad == 0)
		printf("%" PRIu64 " records, the chain is whole\n", count);
	else
		return cli_fail(1,
				"record %" PRIu64
				" does not fit the chain: it or one before "
				"it was changed or removed",
				bad);
	return bad == 0 ? 0 : 1;
}

static int
follow(struct store *s, const char *session, uint64_t after, bool json)
{
	struct timespec pause = {.tv_nsec = FOLLOW_MS * 1000000L};
	struct err e = {0};

	for (;;) {
		if (fflush(stdout) != 0)
			return 0;
		nanosleep(&pause, NULL);
		if (print_after(s, session, &after, 0, json, &e) < 0)
			return cli_fail(1, "%s", e.msg);
	}
}

static int
run(void *ctx, int argc, char **argv)
{
	bool json = false, check = false, on = false;
	const char *count = NULL, *session = NULL;
	const struct cli_option options[] = {{"n", NULL, &count},
					     {"f", &on, NULL},
					     {"json", &json, NULL},
					     {"session", NULL, &session},
					     {"verify", &check, NULL}};
	int64_t limit = 20;
	uint64_t after = 0;
	struct err e = {0};
	struct store *s;
	int r = cli_options(&cli_log, options, 5, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_log, "log takes no operand");
	if (count != NULL && text_number(count, 0, 1000000, &limit, &e) < 0)
		return cli_usage(&cli_log, "log: -n: not a number: %s", count);
	if (cli_store(ctx, &s, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (check)
		return verify(s, json);
	if (print_after(s, session, &after, (size_t)limit, json, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	return on ? follow(s, session, after, json) : 0;
}

const struct cli_command cli_log = {
    .name = "log",
    .usage = "[-n N] [-f] [--json] [--session ID] [--verify]",
    .what = "Shows the record of decisions and outcomes",
    .help = "  -n N          the last N (default 20; 0: all)\n"
	    "  -f            goes on as the record grows\n"
	    "  --json        one object a line\n"
	    "  --session ID  of that session only\n"
	    "  --verify      walks the hash chain; fails where it is broken\n",
    .run = run,
};
