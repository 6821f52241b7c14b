/* SPDX-License-Identifier: Apache-2.0 */
/* automode status: the gateway, and what happened in the session. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <talloc.h>
#include <unistd.h>

#define DENIALS_SHOWN 5

struct sums {
	size_t allowed, denied, asked, failed;
	size_t kept, undone;
	uint64_t bytes;
	char *denials; /* the last few, a line each */
};

static const char *
member(const cJSON *o, const char *name)
{
	const char *s =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s != NULL ? s : "";
}

/* Of the last denials, newest last. */
static void
note_denial(void *ctx, struct sums *s, const cJSON *o)
{
	char *line = talloc_asprintf(ctx, "  %s: %s\n",
				     text_safe(ctx, member(o, "command")),
				     text_safe(ctx, member(o, "reason")));

	if (s->denied + s->asked > DENIALS_SHOWN) {
		char *second = strchr(s->denials, '\n');

		s->denials = talloc_strdup(ctx, second ? second + 1 : "");
	}
	s->denials = talloc_strdup_append_buffer(s->denials, line);
}

static int
count_records(void *ctx, struct store *st, const char *session, struct sums *s,
	      struct err *e)
{
	struct record *v;
	size_t n;

	if (store_records(ctx, st, session, 0, 0, &v, &n, e) < 0)
		return e->code;
	for (size_t i = 0; i < n; i++) {
		cJSON *o;

		if (strcmp(v[i].kind, "decision") != 0)
			continue;
		o = cJSON_Parse(v[i].text);
		if (strcmp(member(o, "verdict"), "allow") == 0) {
			s->allowed++;
		} else {
			*(strcmp(member(o, "verdict"), "ask") == 0
			      ? &s->asked
			      : &s->denied) += 1;
			note_denial(ctx, s, o);
		}
		cJSON_Delete(o);
	}
	return 0;
}

static int
count_entries(void *ctx, struct store *st, const char *session,
	      const char *project, struct sums *s, struct err *e)
{
	struct entry *v;
	size_t n;

	if (store_entries(ctx, st, session, session != NULL ? NULL : project,
			  &v, &n, e) < 0)
		return e->code;
	for (size_t i = 0; i < n; i++) {
		s->undone += strcmp(v[i].state, "undone") == 0;
		if (strcmp(v[i].state, "kept") == 0 ||
		    strcmp(v[i].state, "open") == 0) {
			s->kept++;
			s->bytes += v[i].bytes;
		}
	}
	return 0;
}

static void
print_gateway(void *ctx, const cJSON *g)
{
	const cJSON *up = cJSON_GetObjectItemCaseSensitive(g, "uptime_s");
	const cJSON *pid = cJSON_GetObjectItemCaseSensitive(g, "pid");

	if (g == NULL) {
		printf("gateway: not running; it starts when it is needed\n");
		return;
	}
	printf("gateway: pid %.0f, started %s, version %s\n",
	       cJSON_GetNumberValue(pid),
	       text_age(ctx, (int64_t)cJSON_GetNumberValue(up)),
	       text_safe(ctx, member(g, "version")));
	if (*member(g, "policy_error") != '\0')
		printf("policy: %s; every command is refused\n",
		       text_safe(ctx, member(g, "policy_error")));
	if (*member(g, "bwrap_text") != '\0')
		printf("bwrap: %s\n", text_safe(ctx, member(g, "bwrap_text")));
}

static void
print_sums(void *ctx, const char *session, const struct sums *s)
{
	if (session != NULL)
		printf("session: %s\n", text_safe(ctx, session));
	printf("%s ran, %zu denied, %zu would have needed a person\n",
	       text_count(ctx, s->allowed, "command"), s->denied, s->asked);
	printf("%s kept (%s), %zu undone%s\n",
	       s->kept == 1 ? "1 entry"
			    : talloc_asprintf(ctx, "%zu entries", s->kept),
	       text_bytes(ctx, s->bytes), s->undone,
	       s->kept > 0 ? "; automode undo --list shows them" : "");
	if (*s->denials != '\0')
		printf("denied last:\n%s", s->denials);
}

static void
print_json(cJSON *gateway, const char *session, const struct sums *s)
{
	cJSON *o = cJSON_CreateObject();
	char *text;

	if (gateway != NULL)
		cJSON_AddItemToObject(o, "gateway", gateway);
	else
		cJSON_AddNullToObject(o, "gateway");
	if (session != NULL)
		cJSON_AddStringToObject(o, "session", session);
	else
		cJSON_AddNullToObject(o, "session");
	cJSON_AddNumberToObject(o, "allowed", (double)s->allowed);
	cJSON_AddNumberToObject(o, "denied", (double)s->denied);
	cJSON_AddNumberToObject(o, "asked", (double)s->asked);
	cJSON_AddNumberToObject(o, "kept", (double)s->kept);
	cJSON_AddNumberToObject(o, "kept_bytes", (double)s->bytes);
	cJSON_AddNumberToObject(o, "undone", (double)s->undone);
	text = cJSON_PrintUnformatted(o);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(o);
}

static int
run(void *ctx, int argc, char **argv)
{
	const char *session = getenv("AUTOMODE_SESSION"), *project, *worktree;
	const char *const words[] = {"status", NULL};
	struct sums sums = {.denials = talloc_strdup(ctx, "")};
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL}};
	struct err e = {0}, ignored = {0};
	cJSON *gateway = NULL;
	struct store *store;
	char *text;
	int status, r;

	r = cli_options(&cli_status, options, 1, &argc, &argv, false);
	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_status, "status takes no operand");
	if (session != NULL && *session == '\0')
		session = NULL;
	if (client_control(ctx, words, NULL, &text, &status, &ignored) == 0 &&
	    status == 0)
		gateway = cJSON_Parse(text);
	(void)cli_project(ctx, &project, &worktree, &ignored);
	r = cli_store(ctx, &store, &e);
	if (r == 0 &&
	    (count_records(ctx, store, session, &sums, &e) < 0 ||
	     count_entries(ctx, store, session, project, &sums, &e) < 0))
		r = e.code;
	if (r < 0 && r != ERR_UNKNOWN) {
		cJSON_Delete(gateway);
		return cli_fail(1, "%s", e.msg);
	}
	if (json) {
		print_json(gateway, session, &sums);
		return 0;
	}
	print_gateway(ctx, gateway);
	print_sums(ctx, session, &sums);
	cJSON_Delete(gateway);
	return 0;
}

const struct cli_command cli_status = {
    .name = "status",
    .usage = "[--json]",
    .what = "Sums up the session: what ran, what was kept, what was denied",
    .help = "Of AUTOMODE_SESSION, or of everything where that is not "
	    "set.\n\n  --json  one object\n",
    .run = run,
};
