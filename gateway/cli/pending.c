/* SPDX-License-Identifier: Apache-2.0 */
/* automode pending, approve and reject: what waits for a person. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <talloc.h>
#include <time.h>

static void
print_one(void *ctx, const struct approval *a)
{
	printf("%" PRIu64 "  %s\n    in %s, session %s, asked %s, holds for "
	       "another %" PRId64 " min\n    %s\n",
	       a->id, text_safe(ctx, a->command), text_safe(ctx, a->cwd),
	       text_safe(ctx, a->session),
	       text_age(ctx, (int64_t)time(NULL) - a->time),
	       (a->expires - (int64_t)time(NULL) + 59) / 60,
	       text_safe(ctx, a->reason));
}

static void
print_json(const struct approval *v, size_t n)
{
	cJSON *list = cJSON_CreateArray(), *o;
	char *text;

	for (size_t i = 0; i < n; i++) {
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "id", (double)v[i].id);
		cJSON_AddStringToObject(o, "command", v[i].command);
		cJSON_AddStringToObject(o, "cwd", v[i].cwd);
		cJSON_AddStringToObject(o, "session", v[i].session);
		cJSON_AddStringToObject(o, "reason", v[i].reason);
		cJSON_AddNumberToObject(o, "time", (double)v[i].time);
		cJSON_AddNumberToObject(o, "expires", (double)v[i].expires);
		cJSON_AddItemToArray(list, o);
	}
	text = cJSON_PrintUnformatted(list);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(list);
}

static int
pending(void *ctx, int argc, char **argv)
{
	struct approval *v = NULL;
	struct store *store;
	struct err e = {0};
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL}};
	size_t n = 0;
	int r;

	r = cli_options(&cli_pending, options, 1, &argc, &argv, false);
	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_pending, "pending takes no operand");
	r = cli_store(ctx, &store, &e);
	if (r == 0)
		r = store_approvals(ctx, store, &v, &n, &e);
	if (r < 0 && r != ERR_UNKNOWN)
		return cli_fail(1, "%s", e.msg);
	if (json)
		print_json(v, n);
	else if (n == 0)
		printf("nothing waits for a person\n");
	for (size_t i = 0; i < n && !json; i++)
		print_one(ctx, &v[i]);
	return 0;
}

static int
answer(void *ctx, const struct cli_command *c, int argc, char **argv)
{
	const char *words[3] = {c->name, NULL, NULL};
	struct err e = {0};
	char *output;
	int status, r;

	r = cli_options(c, NULL, 0, &argc, &argv, false);
	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc != 1)
		return cli_usage(c,
				 "%s takes one number; automode pending "
				 "lists them",
				 c->name);
	words[1] = argv[0];
	if (client_control(ctx, words, NULL, &output, &status, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	return status;
}

static int
approve(void *ctx, int argc, char **argv)
{
	return answer(ctx, &cli_approve, argc, argv);
}

static int
reject(void *ctx, int argc, char **argv)
{
	return answer(ctx, &cli_reject, argc, argv);
}

const struct cli_command cli_pending = {
    .name = "pending",
    .usage = "[--json]",
    .what = "Lists the commands that wait for a person",
    .help = "Each with its number, for approve and reject.\n\n"
	    "  --json  a list of objects\n",
    .run = pending,
};

const struct cli_command cli_approve = {
    .name = "approve",
    .usage = "ID",
    .what = "Allows a command that waits, once",
    .help = "The very same action: the same words in the same folder, on "
	    "the same objects, at\nthe same commit.  To be given at a "
	    "terminal that belongs to no session.\n",
    .run = approve,
};

const struct cli_command cli_reject = {
    .name = "reject",
    .usage = "ID",
    .what = "Refuses a command that waits",
    .help = "The agent is told that a person said no.\n",
    .run = reject,
};
